from datetime import datetime, timedelta
from decimal import Decimal

import pgtrigger
from django.conf import settings
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import F, Func, OuterRef, Q, Subquery, Sum, Value
from django.db.models.expressions import RawSQL
from django.db.models.functions import Cast, Coalesce
from django.utils import timezone

from accounts.models import Location
from boutique.documents import Document, DocumentQuerySet
from boutique.triggers import append_only, not_emptied
from inventory.models import coming, lookups
from skus.models import Sku

MOST_PIECES = 1_000_000  # in one line
# Ids rise with the moment of recording, but for those of people who record at the same time: none of them is
# so long on the way from the clock to the ledger.
NEVER_LONGER = timedelta(hours=1)
FURTHEST_EAST = timedelta(hours=14)


def pieces(**options):
    """A quantity: pieces, or metres to the millimetre."""
    return models.DecimalField(max_digits=12, decimal_places=3, **options)


def amount(**options):
    return models.DecimalField(max_digits=18, decimal_places=2, **options)


AVAILABLE = models.ExpressionWrapper(F("on_hand") - F("reserved"), pieces())


class Reason(models.TextChoices):
    """Why goods moved, or were promised."""

    OPENING = "opening", "Opening stock"
    PURCHASE = "purchase", "Purchase"
    SUPPLIER_RETURN = "supplier_return", "Back to the supplier"
    SALE = "sale", "Sale"
    CUSTOMER_RETURN = "customer_return", "Customer's return"
    ORDER = "order", "Order"
    ALTERATION = "alteration", "Alteration"
    REQUEST = "request", "Stock request"
    TRANSFER_OUT = "transfer_out", "Transfer out"
    TRANSFER_IN = "transfer_in", "Transfer in"
    COUNT = "count", "Count"
    DAMAGE = "damage", "Damage"
    LOSS = "loss", "Loss"
    FOUND = "found", "Found"
    RESERVATION = "reservation", "Reservation"
    RELEASE = "release", "Release"
    REVERSAL = "reversal", "Reversal"
    CORRECTION = "correction", "Correction"


class OfPlaces(models.QuerySet):
    """Rows that belong to a place: people see those of the places they work in."""

    place = "location"  # the way there from a row

    def visible_to(self, user):
        if user.has_perm("accounts.see_all_places"):
            return self
        return self.filter(**{f"{self.place}__in": user.location_ids})

    def past(self, day, now=None):
        """Those whose `day` is over in their place."""
        now = now or timezone.now()
        clock, moment = F(f"{self.place}__timezone"), Value(now, models.DateTimeField())
        there = Func(clock, moment, function="timezone", output_field=models.DateTimeField())
        # Nowhere on earth is it later than that: the index on the day is asked first.
        somewhere = (now + FURTHEST_EAST).date()
        return self.filter(**{f"{day}__lt": somewhere}).filter(**{f"{day}__lt": Cast(there, models.DateField())})


class PaperQuerySet(OfPlaces, DocumentQuerySet):
    """Documents of one place."""


class StockLevelQuerySet(OfPlaces):
    def as_of(self, day):
        """With what the book said when that day ended in each place; without levels it did not know yet."""
        midnight = RawSQL("(%s::date + 1)::timestamp", [day])
        ended = Func(F("location__timezone"), midnight, function="timezone", output_field=models.DateTimeField())
        # Everywhere on earth the day has ended by then. Going back from there, not from today, spares a best seller's
        # shelf a walk through all that happened since.
        over = RawSQL("(%s::date + 2)::timestamp AT TIME ZONE 'UTC'", [day], models.DateTimeField())
        # The place is compared so that no index serves it: not knowing which SKU sells best, the planner would rather
        # read and sort all the history of a shelf than go back along the SKU's.
        before = (
            StockMovement.objects.recorded_before(over)
            .annotate(place=F("location_id") + 0)
            .filter(sku=OuterRef("sku"), place=OuterRef("location"), recorded_at__lt=OuterRef("ended"))
            .order_by("-pk")
        )
        return (
            self.alias(ended=ended)  # not selected: the last day ends in a year that Python has not
            .filter(created_at__lt=F("ended"))
            .annotate(
                then_on_hand=Coalesce(Subquery(before.values("on_hand_after")[:1]), Value(Decimal(0), pieces())),
                then_reserved=Coalesce(Subquery(before.values("reserved_after")[:1]), Value(Decimal(0), pieces())),
                then_available=F("then_on_hand") - F("then_reserved"),
                then_value=Coalesce(Subquery(before.values("value_after")[:1]), Value(Decimal(0), amount())),
            )
        )

    def with_threshold(self):
        """From which quantity down each is low; null where nobody said."""
        return self.annotate(threshold=lookups.narrowest(sku="sku", product="sku__product", location="location"))

    def to_be_judged(self):
        """With what decides which alerts are to be open, and those that are."""
        return self.with_threshold().annotate(open_alerts=lookups.open_alerts(level="pk"))

    def on_shelves(self):
        """What is on the road lies nowhere."""
        return self.exclude(location__kind=Location.Kind.TRANSIT)

    def with_coming(self):
        """What is ordered for each and not received, and what is on the road to it."""
        return self.annotate(incoming=coming.incoming(), in_transit=coming.in_transit())

    def summed(self, of, places=None):
        """Annotations for SKUs (of="sku") or products (of="sku__product"): what of them lies in these places."""
        levels = self.on_shelves().filter(**{of: OuterRef("pk")})
        if places is not None:
            levels = levels.filter(location__in=places)
        sums = levels.order_by().values(of)
        none = Value(Decimal(0), pieces())
        return {
            "on_hand": Coalesce(Subquery(sums.annotate(total=Sum("on_hand")).values("total")), none),
            "available": Coalesce(Subquery(sums.annotate(total=Sum(AVAILABLE)).values("total")), none),
        }

    def found_by(self, text):
        return self.filter(sku__in=Sku.objects.found_by(text))


# The level must be what its last movement says, whoever changed it. Looked at when the transaction ends, so that level
# and movement may be written in any order.
BACKED = """
-- The row may have moved on since this change of it: only its last state counts.
PERFORM 1 FROM inventory_stocklevel level
LEFT JOIN inventory_stockmovement last ON last.sku_id = level.sku_id AND last.location_id = level.location_id
    AND last.sequence = level.version
WHERE level.id = NEW.id
    AND level.on_hand = coalesce(last.on_hand_after, 0)
    AND level.reserved = coalesce(last.reserved_after, 0)
    AND level.value = coalesce(last.value_after, 0)
    AND (level.version = 0 OR last.id IS NOT NULL)
    AND (level.on_hand = 0 OR abs(level.average_cost - level.value / nullif(level.on_hand, 0)) <= 0.0001)
    AND NOT EXISTS (
        SELECT FROM inventory_stockmovement later WHERE later.sku_id = level.sku_id
        AND later.location_id = level.location_id AND later.sequence > level.version
    );
IF NOT FOUND THEN
    RAISE EXCEPTION 'stock level % differs from its ledger', NEW.id USING ERRCODE = 'restrict_violation';
END IF;
RETURN NULL;
"""

# Every new movement follows the one before it, and its level has taken it in. The levels are updated first, so that all
# new rows are judged at once.
CHAINED = """
PERFORM 1 FROM new_rows movement
LEFT JOIN inventory_stockmovement before ON before.sku_id = movement.sku_id
    AND before.location_id = movement.location_id AND before.sequence = movement.sequence - 1
LEFT JOIN inventory_stocklevel level ON level.sku_id = movement.sku_id AND level.location_id = movement.location_id
LEFT JOIN inventory_stockmovement original ON original.id = movement.reverses_id
WHERE (movement.sequence > 1 AND before.id IS NULL)
    OR movement.on_hand_after <> coalesce(before.on_hand_after, 0) + movement.on_hand_change
    OR movement.reserved_after <> coalesce(before.reserved_after, 0) + movement.reserved_change
    OR movement.value_after <> coalesce(before.value_after, 0) + movement.value_change
    OR level.id IS NULL OR level.version < movement.sequence
    OR (movement.reverses_id IS NOT NULL AND (original.sku_id <> movement.sku_id
        OR original.location_id <> movement.location_id OR original.on_hand_change <> -movement.on_hand_change))
LIMIT 1;
IF FOUND THEN
    RAISE EXCEPTION 'a movement does not follow the one before it' USING ERRCODE = 'restrict_violation';
END IF;
RETURN NULL;
"""


class StockLevel(models.Model):
    """How much of one SKU a place has: the running total of its movements."""

    sku = models.ForeignKey(Sku, models.PROTECT, related_name="levels", db_index=False)
    location = models.ForeignKey(Location, models.PROTECT, related_name="levels")
    on_hand = pieces(default=0)
    reserved = pieces(default=0)
    value = amount(default=0)
    # Of what is there; once nothing is, of what was there last, so that goods that turn up again have a cost.
    average_cost = models.DecimalField(max_digits=16, decimal_places=4, default=0)
    version = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)

    is_unsure = False  # of this level, goods were sold that the book does not know: see services.alerts

    objects = StockLevelQuerySet.as_manager()

    class Meta:
        verbose_name = "stock level"
        permissions = [
            ("view_cost", "Sees costs, margins and stock values"),
            ("adjust_stock", "Can adjust stock and assign first stock"),
            ("override_stock", "Can sell goods that the book does not know"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["sku", "location"], name="stock_level_once"),
            models.CheckConstraint(condition=Q(on_hand__gte=0), name="stock_level_not_negative"),
            models.CheckConstraint(condition=Q(reserved__gte=0), name="stock_level_reserved_not_negative"),
            models.CheckConstraint(condition=Q(value__gte=0), name="stock_level_value_not_negative"),
            models.CheckConstraint(condition=Q(average_cost__gte=0), name="stock_level_cost_not_negative"),
            models.CheckConstraint(condition=~Q(on_hand=0) | Q(value=0), name="stock_level_empty_is_worth_nothing"),
        ]
        indexes = [models.Index(fields=["updated_at", "id"], name="stock_level_by_change")]
        triggers = [
            pgtrigger.Trigger(
                name="stock_level_is_backed",
                when=pgtrigger.After,
                operation=pgtrigger.Insert | pgtrigger.Update,
                timing=pgtrigger.Deferred,
                func=BACKED,
            ),
            pgtrigger.Protect(
                name="stock_level_stays_where_it_is",
                operation=pgtrigger.Update,
                condition=pgtrigger.AnyChange("sku", "location"),
            ),
            pgtrigger.Protect(name="stock_level_is_not_deleted", operation=pgtrigger.Delete),
            not_emptied("stock_level"),
        ]

    def __str__(self):
        return f"{self.sku}, {self.location}"

    @property
    def available(self):
        return self.on_hand - self.reserved

    @property
    def is_low(self):
        """Of a row that came `with_threshold`. The road is no shelf that anybody fills."""
        return self.threshold is not None and self.available <= self.threshold and not self.location.is_road

    def as_it_was(self):
        """A row of `as_of`, speaking of that day. What was on its way then, nobody remembers."""
        self.incoming = self.in_transit = None
        self.on_hand, self.reserved, self.value = self.then_on_hand, self.then_reserved, self.then_value
        self.average_cost = self.value / self.on_hand if self.on_hand else Decimal(0)
        return self


class StockMovementQuerySet(OfPlaces):
    def recorded_before(self, moment):
        """By their ids too, so that the newest of them are found without a walk through all that came later."""
        return self.filter(recorded_at__lt=moment, pk__lt=first_since(moment, plus=NEVER_LONGER))

    def recorded_after(self, moment):
        return self.filter(recorded_at__gt=moment, pk__gte=first_since(moment, plus=-NEVER_LONGER))

    def held(self, document):
        """What a document still holds: its reservations less what it released or issued."""
        sums = self.filter(document=document).exclude(reserved_change=0).order_by()
        return sums.values("sku", "location").annotate(held=Sum("reserved_change")).filter(held__gt=0)

    def held_by_each(self, documents):
        """The same of many documents at once: rows of document, SKU and quantity."""
        sums = self.filter(document__in=documents).exclude(reserved_change=0).order_by().values("document", "sku")
        return sums.annotate(held=Sum("reserved_change")).filter(held__gt=0).values_list("document", "sku", "held")


def first_since(moment, *, plus):
    """The id of the first movement recorded then or later; one that none will ever have, if there is none."""
    if isinstance(moment, datetime):
        moment = Value(moment, models.DateTimeField())
    since = models.ExpressionWrapper(moment + Value(plus), models.DateTimeField())  # added where year 9999 has a next
    later = StockMovement.objects.filter(recorded_at__gte=since).order_by("recorded_at")
    return Coalesce(Subquery(later.values("pk")[:1]), models.BigIntegerField.MAX_BIGINT)


class StockMovement(models.Model):
    """One row of the ledger: what happened to one SKU in one place, and what was there afterwards."""

    sku = models.ForeignKey(Sku, models.PROTECT, related_name="movements", db_index=False)
    location = models.ForeignKey(Location, models.PROTECT, related_name="movements", db_index=False)
    sequence = models.PositiveIntegerField()
    reason = models.CharField(max_length=20, choices=Reason)
    on_hand_change = pieces(default=0)
    reserved_change = pieces(default=0)
    on_hand_after = pieces()
    reserved_after = pieces()
    unit_cost = amount(null=True)
    value_change = amount(default=0)
    value_after = amount()
    document = models.CharField(max_length=40)
    note = models.CharField(max_length=1000, blank=True)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    occurred_at = models.DateTimeField()
    business_date = models.DateField()
    recorded_at = models.DateTimeField()
    reverses = models.ForeignKey("self", models.PROTECT, null=True, related_name="reversed_by", db_index=False)

    objects = StockMovementQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = "movement"
        permissions = [("reverse_stockmovement", "Can reverse adjustments and receipts")]
        constraints = [
            models.UniqueConstraint(fields=["sku", "location", "sequence"], name="movement_sequence_once"),
            # Nothing is written into it for the many that reverse nothing.
            models.UniqueConstraint(
                fields=["reverses"], condition=Q(reverses__isnull=False), name="movement_reversed_once"
            ),
            models.CheckConstraint(condition=Q(sequence__gte=1), name="movement_sequence_from_one"),
            models.CheckConstraint(
                condition=~Q(on_hand_change=0, reserved_change=0, value_change=0), name="movement_moves_something"
            ),
            models.CheckConstraint(condition=Q(reason__in=Reason.values), name="movement_has_reason"),
            models.CheckConstraint(condition=~Q(document=""), name="movement_has_document"),
            models.CheckConstraint(
                condition=Q(reason=Reason.REVERSAL, reverses__isnull=False)
                | (~Q(reason=Reason.REVERSAL) & Q(reverses=None)),
                name="movement_reversal_names_what_it_reverses",
            ),
            models.CheckConstraint(condition=Q(recorded_at__gte=F("occurred_at")), name="movement_not_of_the_future"),
        ]
        indexes = [
            models.Index(fields=["sku", "id"], name="movement_by_sku"),
            models.Index(fields=["location", "id"], name="movement_by_place"),
            models.Index(fields=["document"], name="movement_by_document"),
            models.Index(fields=["recorded_by", "id"], name="movement_by_person"),
            models.Index(fields=["business_date", "id"], name="movement_by_day"),
            # The common reasons are found soon enough by going back through the ledger.
            models.Index(
                fields=["reason", "id"],
                condition=~Q(reason__in=["sale", "reservation", "order", "purchase"]),
                name="movement_by_rare_reason",
            ),
            models.Index(fields=["recorded_at"], name="movement_by_recording"),
            BrinIndex(fields=["occurred_at"], name="movement_by_moment"),
        ]
        triggers = [
            *append_only("ledger"),
            pgtrigger.Trigger(
                name="movement_follows_the_one_before",
                level=pgtrigger.Statement,
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                referencing=pgtrigger.Referencing(new="new_rows"),
                func=CHAINED,
            ),
        ]

    def __str__(self):
        return f"{self.document} {self.sequence}"

    @property
    def updated_at(self):
        """It never changes again."""
        return self.recorded_at


class StockAdjustment(Document):
    """Somebody put the book right: goods were damaged, lost, found, or simply there from the beginning."""

    class Reason(models.TextChoices):
        OPENING = "opening", "Opening stock"
        DAMAGE = "damage", "Damage"
        LOSS = "loss", "Loss"
        FOUND = "found", "Found"
        CORRECTION = "correction", "Correction"

    PREFIX = "ADJ"

    location = models.ForeignKey(Location, models.PROTECT, related_name="adjustments")
    reason = models.CharField(max_length=10, choices=Reason)
    note = models.CharField(max_length=1000, blank=True)

    objects = PaperQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = "adjustment"
