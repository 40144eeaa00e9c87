from django.conf import settings
from django.db import models
from django.db.models import F, Q

from accounts.models import Location
from boutique.documents import Document, DocumentQuerySet, known, stepwise
from inventory.models.stock import amount, pieces
from skus.models import Sku

# Which states may follow which.
STEPS = {
    "requested": ["approved", "rejected", "cancelled"],
    "approved": ["shipped", "cancelled"],
    "shipped": ["partly_received", "received", "closed"],
    "partly_received": ["received", "closed"],
}


class TransferQuerySet(DocumentQuerySet):
    def visible_to(self, user):
        """People see what leaves the places they work in, and what comes there."""
        if user.has_perm("accounts.see_all_places"):
            return self
        return self.filter(Q(source__in=user.location_ids) | Q(destination__in=user.location_ids))

    def named(self):
        return self.select_related("source", "destination", "decided_by", "created_by")


class Transfer(Document):
    """Goods go from one place to another: asked for, approved, on the road, there."""

    PREFIX = "TRF"

    class Status(models.TextChoices):
        REQUESTED = "requested", "Requested"
        APPROVED = "approved", "Approved"
        SHIPPED = "shipped", "On the road"
        PARTLY_RECEIVED = "partly_received", "Partly received"
        RECEIVED = "received", "Received"
        CLOSED = "closed", "Closed short"
        REJECTED = "rejected", "Rejected"
        CANCELLED = "cancelled", "Cancelled"

    source = models.ForeignKey(Location, models.PROTECT, related_name="transfers_out", db_index=False)
    destination = models.ForeignKey(Location, models.PROTECT, related_name="transfers_in", db_index=False)
    note = models.CharField(max_length=1000, blank=True)
    status = models.CharField(max_length=20, choices=Status, default=Status.REQUESTED)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    # An owner who asks has nobody to ask: it is approved by being made.
    approved_when_made = models.BooleanField(default=False, editable=False)

    objects = TransferQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        permissions = [
            ("decide_transfer", "Can approve and reject transfers"),
            ("ship_transfer", "Can send goods on their way"),
            ("receive_transfer", "Can receive goods from other places"),
            ("close_transfer", "Can close what did not arrive"),
            ("cancel_transfer", "Can cancel a transfer"),
        ]
        constraints = [
            known(STEPS, "transfer_status_known"),
            models.CheckConstraint(condition=~Q(source=F("destination")), name="transfer_goes_somewhere"),
            models.CheckConstraint(
                condition=Q(decided_by=None, decided_at=None) | Q(decided_by__isnull=False, decided_at__isnull=False),
                name="transfer_decider_and_time",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["requested", "cancelled"]) | Q(decided_by__isnull=False),
                name="transfer_decided_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=F("created_by")) | Q(approved_when_made=True),
                name="transfer_decided_by_another",
            ),
        ]
        indexes = [
            models.Index(fields=["source", "id"], name="transfer_by_source"),
            models.Index(fields=["destination", "id"], name="transfer_by_destination"),
            models.Index(fields=["status", "id"], name="transfer_by_status"),
        ]
        triggers = stepwise("inventory_transfer", "TRF", STEPS)


class TransferLine(models.Model):
    """So much of one SKU: what was asked for, and what became of it."""

    transfer = models.ForeignKey(Transfer, models.CASCADE, related_name="lines", db_index=False)
    sku = models.ForeignKey(Sku, models.PROTECT, related_name="transfer_lines", db_index=False)
    quantity = pieces()
    shipped = pieces(default=0)
    received = pieces(default=0)  # with what was in the box beside what was shipped
    damaged = pieces(default=0)
    extra = pieces(default=0)  # of what arrived: found in the box, though nobody had shipped it
    closed = pieces(default=0)  # will not arrive: lost, or never left
    shipped_value = amount(default=0)
    arrived_value = amount(default=0)
    outstanding = models.GeneratedField(
        expression=F("shipped") - F("received") - F("damaged") + F("extra") - F("closed"),
        output_field=pieces(),
        db_persist=True,
    )

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["transfer", "sku"], name="transfer_line_sku_once"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="transfer_line_of_something"),
            models.CheckConstraint(
                condition=Q(received__gte=0, damaged__gte=0, extra__gte=0, closed__gte=0),
                name="transfer_line_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(shipped__gte=0, shipped__lte=F("quantity")), name="transfer_line_shipped_as_asked"
            ),
            models.CheckConstraint(condition=Q(outstanding__gte=0), name="transfer_line_all_accounted_for"),
            models.CheckConstraint(
                condition=Q(extra__lte=F("received") + F("damaged")), name="transfer_line_extra_has_arrived"
            ),
        ]
        indexes = [models.Index(fields=["sku"], condition=Q(outstanding__gt=0), name="transfer_line_on_the_road")]

    def __str__(self):
        return f"{self.quantity} {self.sku}"


def on_the_road():
    """What is on its way where: rows of `sku`, `location` and `coming`."""
    under_way = TransferLine.objects.filter(outstanding__gt=0).order_by()
    return under_way.annotate(location=F("transfer__destination"), coming=F("outstanding")).values(
        "sku", "location", "coming"
    )
