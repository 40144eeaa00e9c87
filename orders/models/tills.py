from decimal import Decimal

import pgtrigger
from django.db import models
from django.db.models import F, OuterRef, Q, Subquery, Sum, Value
from django.db.models.functions import Coalesce, Lower
from django.utils import timezone

from accounts.models import Location, User
from boutique.documents import Document, known, stepwise
from boutique.models import somebody
from boutique.triggers import append_only
from inventory.models import OfPlaces, PaperQuerySet, amount
from orders.models.payments import Payment

ZERO = Decimal("0.00")
# What stands in the drawer: the float, and each row of cash with this sign.
CASH_SIGN = """CASE WHEN method <> 'cash' THEN 0 WHEN kind IN ('cash_in', 'payment') THEN amount ELSE -amount END"""

COUNTED_AGAINST_ITS_ROWS = f"""
IF NEW.expected IS DISTINCT FROM NEW.opening_cash + (
    SELECT coalesce(sum({CASH_SIGN}), 0) FROM orders_tillentry WHERE session_id = NEW.id
) THEN
    RAISE EXCEPTION 'till session % expects something else than its rows', NEW.id USING ERRCODE = 'restrict_violation';
END IF;
RETURN NEW;
"""  # noqa: S608 (constants of ours)

# Takes the lock that closing waits for: no row comes in beside a count.
INTO_AN_OPEN_TILL = """
PERFORM 1 FROM orders_tillsession WHERE id = NEW.session_id AND status = 'open' FOR SHARE;
IF NOT FOUND THEN
    RAISE EXCEPTION 'till session % is closed', NEW.session_id USING ERRCODE = 'restrict_violation';
END IF;
RETURN NEW;
"""


class TillSessionQuerySet(PaperQuerySet):
    def open(self):
        return self.filter(status=TillSession.Status.OPEN)

    def named(self):
        return self.select_related("location", "created_by", "closed_by")

    def with_figures(self):
        """Each with what came into its drawer and went out of it, by kind."""
        return self.annotate(**{kind.value: cash_of(kind) for kind in TillEntry.Kind})


def cash_of(kind):
    rows = TillEntry.objects.filter(session=OuterRef("pk"), kind=kind, method=Payment.Method.CASH)
    total = rows.order_by().values("session").annotate(total=Sum("amount")).values("total")
    return Coalesce(Subquery(total), Value(ZERO), output_field=amount())


class TillSession(Document):
    """One till from the moment its float is counted in until its drawer is counted out."""

    class Status(models.TextChoices):
        OPEN = "open", "Open"
        CLOSED = "closed", "Closed"

    PREFIX = "TILL"

    location = models.ForeignKey(Location, models.PROTECT, related_name="till_sessions", db_index=False)
    register = models.CharField(max_length=20, default="1")
    status = models.CharField(max_length=10, choices=Status, default=Status.OPEN)
    opened_at = models.DateTimeField(default=timezone.now, editable=False)
    business_date = models.DateField(editable=False)  # the day of the place on which it was opened
    opening_cash = amount()  # the float
    closed_at = models.DateTimeField(null=True, editable=False)
    closed_by = somebody()
    expected = amount(null=True)
    counted = amount(null=True)
    variance = models.GeneratedField(expression=F("counted") - F("expected"), output_field=amount(), db_persist=True)
    denominations = models.JSONField(default=list, blank=True)  # what it was counted in: [{"value", "count"}]
    note = models.TextField(blank=True, max_length=1000)

    objects = TillSessionQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = "till session"
        permissions = [
            ("open_tillsession", "Can open a till"),
            ("close_tillsession", "Can close their own till"),
            ("manage_tillsession", "Can see what is expected before the count, and act on the tills of others"),
        ]
        constraints = [
            known({"open": ["closed"]}, "till_session_status_known"),
            models.UniqueConstraint(
                "location",
                Lower("register"),
                condition=Q(status="open"),
                name="till_session_one_open",
                violation_error_message="This till is open already. Close it first, or name another register.",
            ),
            models.CheckConstraint(
                condition=Q(status="open", closed_at=None, closed_by=None, expected=None, counted=None)
                | Q(
                    status="closed",
                    closed_at__isnull=False,
                    closed_by__isnull=False,
                    expected__isnull=False,
                    counted__isnull=False,
                ),
                name="till_session_closed_is_counted",
            ),
            models.CheckConstraint(
                condition=Q(counted=None) | Q(counted=F("expected")) | ~Q(note=""), name="till_session_variance_is_told"
            ),
            models.CheckConstraint(
                condition=Q(opening_cash__gte=0) & (Q(counted=None) | Q(counted__gte=0)),
                name="till_session_not_negative",
            ),
            models.CheckConstraint(condition=~Q(register=""), name="till_session_has_a_register"),
        ]
        indexes = [
            models.Index(fields=["location", "id"], name="till_session_by_place"),
            models.Index(fields=["location"], name="till_session_open", condition=Q(status="open")),
        ]
        triggers = [
            *stepwise("orders_tillsession", "TILL", {"open": ["closed"]}),
            pgtrigger.Trigger(
                name="till_session_expects_its_rows",
                when=pgtrigger.Before,
                operation=pgtrigger.UpdateOf("status", "expected"),
                condition=pgtrigger.Condition("NEW.status = 'closed'"),
                func=COUNTED_AGAINST_ITS_ROWS,
            ),
            pgtrigger.Protect(
                name="till_session_once_closed_stays",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition("OLD.status = 'closed'"),
            ),
            pgtrigger.ReadOnly(
                name="till_session_stays_where_it_is",
                fields=["location", "register", "opened_at", "business_date", "opening_cash", "created_by"],
            ),
            pgtrigger.Protect(name="till_session_is_not_deleted", operation=pgtrigger.Delete),
        ]

    @property
    def is_open(self):
        return self.status == self.Status.OPEN

    def cash(self):
        """What should be in the drawer. Wants `with_figures`."""
        return self.opening_cash + self.cash_in - self.cash_out + self.payment - self.refund


class TillEntryQuerySet(OfPlaces):
    place = "session__location"


class TillEntry(models.Model):
    """Money that went through a till: taken, paid back, put in or taken out. Never edited."""

    class Kind(models.TextChoices):
        PAYMENT = "payment", "Payment"
        REFUND = "refund", "Refund"
        CASH_IN = "cash_in", "Cash in"
        CASH_OUT = "cash_out", "Cash out"

    session = models.ForeignKey(TillSession, models.PROTECT, related_name="entries", db_index=False)
    kind = models.CharField(max_length=10, choices=Kind)
    method = models.CharField(max_length=10, choices=Payment.Method, default=Payment.Method.CASH)
    amount = amount()
    reason = models.CharField(max_length=200, blank=True)
    document = models.CharField(max_length=40, blank=True)  # by its number: upper apps take money too
    payment = models.OneToOneField(Payment, models.PROTECT, null=True, related_name="till_entry")
    at = models.DateTimeField(default=timezone.now)
    business_date = models.DateField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)

    objects = TillEntryQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = "row of a till"
        verbose_name_plural = "rows of tills"
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="till_entry_of_something"),
            models.CheckConstraint(
                condition=(
                    Q(kind__in=["cash_in", "cash_out"], method="cash", document="", payment=None) & ~Q(reason="")
                )
                | (Q(kind__in=["payment", "refund"], reason="") & ~Q(document="")),
                name="till_entry_of_its_kind",
            ),
        ]
        indexes = [
            models.Index(fields=["session", "id"], name="till_entry_by_session"),
            models.Index(fields=["by", "id"], name="till_entry_by_person"),
        ]
        triggers = [
            *append_only("till_entries"),
            pgtrigger.Trigger(
                name="till_entry_into_an_open_till",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func=INTO_AN_OPEN_TILL,
            ),
        ]

    def __str__(self):
        return f"{self.get_kind_display()} of {self.amount}"

    @property
    def updated_at(self):
        """It never changes again."""
        return self.at
