from django.conf import settings
from django.db import models
from django.db.models import F, Q

from accounts.models import Location
from boutique.documents import Document, known, stepwise
from inventory.models.stock import PaperQuerySet, pieces
from skus.models import Sku

# Which states may follow which.
STEPS = {"requested": ["approved", "rejected", "cancelled"]}


class StockRequestQuerySet(PaperQuerySet):
    def visible_to(self, user):
        """Who decides sees all that is asked for in their places; who asks, what they asked for."""
        seen = super().visible_to(user)
        return seen if user.has_perm("inventory.decide_stockrequest") else seen.filter(created_by=user)

    def named(self):
        return self.select_related("location", "decided_by", "created_by")


class StockRequest(Document):
    """Somebody asks a place for goods. They are held for them until somebody else decides."""

    PREFIX = "REQ"

    class Status(models.TextChoices):
        REQUESTED = "requested", "Requested"
        APPROVED = "approved", "Approved: the goods left"
        REJECTED = "rejected", "Rejected"
        CANCELLED = "cancelled", "Cancelled"

    location = models.ForeignKey(Location, models.PROTECT, related_name="stock_requests", db_index=False)
    note = models.CharField(max_length=1000, blank=True)
    status = models.CharField(max_length=20, choices=Status, default=Status.REQUESTED)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)

    objects = StockRequestQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        permissions = [
            ("decide_stockrequest", "Can approve and reject stock requests"),
            ("cancel_stockrequest", "Can take back what they asked for"),
        ]
        constraints = [
            known(STEPS, "stock_request_status_known"),
            models.CheckConstraint(
                condition=Q(status__in=["requested", "cancelled"], decided_by=None, decided_at=None)
                | Q(status__in=["approved", "rejected"], decided_by__isnull=False, decided_at__isnull=False),
                name="stock_request_decided_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=F("created_by")), name="stock_request_decided_by_another"
            ),
        ]
        indexes = [
            models.Index(fields=["location", "id"], name="stock_request_by_place"),
            models.Index(fields=["status", "id"], name="stock_request_by_status"),
        ]
        triggers = stepwise("inventory_stockrequest", "REQ", STEPS)


class StockRequestLine(models.Model):
    """So much of one SKU."""

    request = models.ForeignKey(StockRequest, models.CASCADE, related_name="lines", db_index=False)
    sku = models.ForeignKey(Sku, models.PROTECT, related_name="request_lines")
    quantity = pieces()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["request", "sku"], name="stock_request_line_sku_once"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="stock_request_line_of_something"),
        ]

    def __str__(self):
        return f"{self.quantity} {self.sku}"
