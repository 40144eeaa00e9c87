"""What happened on a day, added up: whatever cannot change any more. See services.days."""

from django.conf import settings
from django.db import models

from accounts.models import Location


class Settled(models.Model):
    """Up to which id the rows of a book are in the totals of their days; what came later is added up when asked."""

    book = models.CharField(max_length=30, primary_key=True)
    upto = models.BigIntegerField(default=0)

    def __str__(self):
        return f"{self.book} up to {self.upto}"


def total(**options):
    return models.DecimalField(max_digits=20, default=0, **options)


class StockTotal(models.Model):
    """What all settled movements of a place add up to."""

    location = models.OneToOneField(Location, models.PROTECT, primary_key=True, related_name="+")
    on_hand = total(decimal_places=3)
    reserved = total(decimal_places=3)
    value = total(decimal_places=2)

    def __str__(self):
        return f"{self.location}: {self.on_hand}"


class DayOfPlace(models.Model):
    """A business day of a place."""

    location = models.ForeignKey(Location, models.PROTECT, related_name="+", db_index=False)
    business_date = models.DateField()

    class Meta:
        abstract = True

    def __str__(self):
        return f"{self.location}, {self.business_date}"


class StockDay(DayOfPlace):
    """How many goods somebody brought into a place and took out of it on one day."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False)
    movements = models.PositiveIntegerField(default=0)
    came_in = total(decimal_places=3)
    went_out = total(decimal_places=3)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["location", "business_date", "person"], nulls_distinct=False, name="stock_day_once"
            )
        ]
