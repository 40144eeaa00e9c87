"""Who is told of what happens in the shop, what they were told, and how far the books have been read for it."""

import secrets
import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.crypto import salted_hmac

from accounts.models import Location
from boutique.models import Record


class Event(models.TextChoices):
    """What a webhook may be told of."""

    STOCK_CHANGED = "stock.changed", "Stock changed"
    ORDER_STATUS_CHANGED = "order.status_changed", "Order made or moved on"
    SALE_COMPLETED = "sale.completed", "Sale completed"
    SALE_RETURNED = "sale.returned", "Sale returned, in part or whole"
    PURCHASE_ORDER_STATUS_CHANGED = "purchase_order.status_changed", "Purchase order made or moved on"
    TRANSFER_STATUS_CHANGED = "transfer.status_changed", "Transfer asked for or moved on"
    STOCK_REQUEST_STATUS_CHANGED = "stock_request.status_changed", "Stock request made or decided"
    STOCK_COUNT_STATUS_CHANGED = "stock_count.status_changed", "Count begun or finished"
    ALTERATION_STATUS_CHANGED = "alteration.status_changed", "Alteration ticket taken in or moved on"
    ALTERATION_READY = "alteration.ready", "Alteration ticket ready to be collected"
    GARMENT_STATUS_CHANGED = "garment.status_changed", "Garment of a ticket moved on"
    ALERT_OPENED = "alert.opened", "Alert opened"


PING = "ping"  # what a test sends; nobody chooses it


class OwnersOnly(models.QuerySet):
    """What leaves the house is a matter of whoever sees all of it."""

    def visible_to(self, user):
        return self if user.has_perm("accounts.see_all_places") else self.none()


class WebhookQuerySet(OwnersOnly):
    def active(self):
        return self.filter(is_active=True)


def new_seed():
    return secrets.token_hex(16)


class Webhook(Record):
    """An address of somebody else's program that is told when certain things happen."""

    url = models.CharField(max_length=500)
    note = models.CharField(max_length=200, blank=True)
    events = ArrayField(models.CharField(max_length=40, choices=Event))
    locations = models.ManyToManyField(Location, through="WebhookPlace", blank=True, related_name="+")  # none: all
    is_active = models.BooleanField(default=True)
    active_since = models.DateTimeField(default=timezone.now, editable=False)
    seed = models.CharField(max_length=32, default=new_seed, editable=False)
    # How it went lately: so many attempts in a row failed, since when, and until when it is left in peace.
    failures = models.PositiveIntegerField(default=0, editable=False)
    failing_since = models.DateTimeField(null=True, editable=False)
    rests_until = models.DateTimeField(null=True, editable=False)
    sending_until = models.DateTimeField(null=True, editable=False)  # a worker is at it, unless it died
    slow_passes = models.PositiveIntegerField(default=0, editable=False)  # in a row
    switched_off_at = models.DateTimeField(null=True, editable=False)  # by the house: nobody answered, or a restore
    switched_off_because = models.CharField(max_length=100, blank=True, editable=False)

    objects = WebhookQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=~Q(events=[]), name="webhook_of_something"),
            models.CheckConstraint(condition=Q(events__contained_by=Event.values), name="webhook_events_known"),
            models.CheckConstraint(condition=Q(is_active=False) | Q(switched_off_at=None), name="webhook_off_or_on"),
            models.CheckConstraint(
                condition=Q(failures=0, failing_since=None) | Q(failures__gt=0, failing_since__isnull=False),
                name="webhook_failing_since_then",
            ),
        ]

    def __str__(self):
        return self.note or self.url

    @property
    def secret(self):
        """Made of the house's own secret, so that a copy of the database alone signs nothing."""
        return "whsec_" + salted_hmac("boutique webhooks", f"{self.pk} {self.seed}", algorithm="sha256").hexdigest()


class WebhookPlace(models.Model):
    """A place that a webhook is told of. It is not deleted: without it, the webhook would be told of all places."""

    webhook = models.ForeignKey(Webhook, models.CASCADE, related_name="+", db_index=False)
    location = models.ForeignKey(Location, models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["webhook", "location"], name="webhook_place_once")]

    def __str__(self):
        return f"{self.webhook}, {self.location}"


class DeliveryQuerySet(OwnersOnly):
    def waiting(self):
        return self.filter(status=WebhookDelivery.Status.PENDING, webhook__is_active=True)

    def due(self, now):
        rested = Q(webhook__rests_until=None) | Q(webhook__rests_until__lte=now)
        return self.waiting().filter(rested, next_attempt_at__lte=now)


class WebhookDelivery(models.Model):
    """One event on its way to one webhook: what it says, how often it was tried, and what was answered."""

    class Status(models.TextChoices):
        PENDING = "pending", "Pending"
        DELIVERED = "delivered", "Delivered"
        FAILED = "failed", "Failed"

    webhook = models.ForeignKey(Webhook, models.CASCADE, related_name="deliveries", db_index=False)
    event_id = models.UUIDField(default=uuid.uuid4)  # the same for every webhook that is told of it
    event = models.CharField(max_length=40, choices=[*Event.choices, (PING, "Ping")])
    happened_at = models.DateTimeField(default=timezone.now)
    data = models.JSONField(default=dict)
    status = models.CharField(max_length=10, choices=Status, default=Status.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(null=True, default=timezone.now)
    last_attempt_at = models.DateTimeField(null=True)
    milliseconds = models.PositiveIntegerField(null=True)
    response_status = models.PositiveSmallIntegerField(null=True)
    response = models.TextField(blank=True)  # the beginning of it
    error = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = "delivery"
        verbose_name_plural = "deliveries"
        constraints = [
            models.UniqueConstraint(fields=["webhook", "event_id"], name="delivery_once_per_event"),
            models.CheckConstraint(
                condition=Q(status="pending", next_attempt_at__isnull=False)
                | Q(status__in=["delivered", "failed"], next_attempt_at=None),
                name="delivery_pending_has_a_time",
            ),
        ]
        indexes = [
            models.Index(fields=["webhook", "id"], name="delivery_by_webhook"),
            models.Index(fields=["webhook", "next_attempt_at"], condition=Q(status="pending"), name="delivery_pending"),
        ]

    def __str__(self):
        return f"{self.event} {self.pk}"


class Bookmark(models.Model):
    """How far one of the house's books has been read for news. See services.reading."""

    book = models.CharField(max_length=20, primary_key=True)
    position = models.BigIntegerField(default=0)  # everything up to here has been told
    # What was the newest row at an earlier look, and which transactions might still bring an older one.
    ceiling = models.BigIntegerField(null=True)
    writers = ArrayField(models.CharField(max_length=40), default=list)

    def __str__(self):
        return f"{self.book}: {self.position}"
