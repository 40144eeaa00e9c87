from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.models import Location


class SubscriptionQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Each their own."""
        return self.filter(user=user)

    def due(self, today):
        """Those of which a day, week or month has ended that was not sent yet."""
        ended = Q()
        for frequency in self.model.Frequency:
            ended |= Q(frequency=frequency, sent_until__lt=last_ended(frequency, today)[1])
        return self.filter(ended, is_active=True)


class Subscription(models.Model):
    """Somebody gets a report by e-mail, each time a day, a week or a month is over."""

    class Report(models.TextChoices):
        STOCK_MOVEMENTS = "stock_movements", "Stock movements"
        INVENTORY_VALUATION = "inventory_valuation", "Inventory valuation"
        SALES = "sales", "Sales"
        SELL_THROUGH = "sell_through", "Sell-through"
        SIZE_CURVES = "size_curves", "Size curves"
        ALTERATIONS = "alterations", "Alterations"

    class Frequency(models.TextChoices):
        DAILY = "daily", "Daily"
        WEEKLY = "weekly", "Weekly"
        MONTHLY = "monthly", "Monthly"

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="report_subscriptions")
    report = models.CharField(max_length=30, choices=Report)
    group_by = models.CharField(max_length=20, blank=True)  # the report's usual one, if none is said
    frequency = models.CharField(max_length=10, choices=Frequency)
    locations = models.ManyToManyField(Location, related_name="+", blank=True)  # none: all that they see by then
    is_active = models.BooleanField(default=True)
    sent_until = models.DateField(editable=False)  # the last day of what was sent last
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = SubscriptionQuerySet.as_manager()

    must_be_unchanged = False

    class Meta:
        ordering = ["-id"]
        verbose_name = "report by e-mail"
        verbose_name_plural = "reports by e-mail"
        constraints = [
            models.CheckConstraint(
                condition=Q(frequency__in=["daily", "weekly", "monthly"]), name="subscription_frequency_known"
            ),
            models.CheckConstraint(
                condition=Q(
                    report__in=[
                        "stock_movements",
                        "inventory_valuation",
                        "sales",
                        "sell_through",
                        "size_curves",
                        "alterations",
                    ]
                ),
                name="subscription_report_known",
            ),
        ]

    def __str__(self):
        return f"{self.get_report_display()}, {self.get_frequency_display().lower()}"


def days_of(frequency, day):
    """The first and the last day of the day, week or month that this one lies in."""
    if frequency == Subscription.Frequency.WEEKLY:
        first = day - timedelta(days=day.weekday())
        return first, first + timedelta(days=6)
    if frequency == Subscription.Frequency.MONTHLY:
        first = day.replace(day=1)
        return first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    return day, day


def last_ended(frequency, today):
    """The same of the day, week or month that was over when today began."""
    return days_of(frequency, days_of(frequency, today)[0] - timedelta(days=1))


def periods_since(sent_until, frequency, today):
    """All that have ended since, in their order."""
    found = []
    since, until = last_ended(frequency, today)
    while until > sent_until:
        found.append((since, until))
        since, until = last_ended(frequency, since)
    return found[::-1]
