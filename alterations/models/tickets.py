import secrets

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Q, Value, When

from accounts.models import Location, User
from alterations.models.catalogue import AlterationService, GarmentType
from boutique.documents import Document, known, numbered, pk_in, stepwise
from inventory.models import PaperQuerySet, amount, pieces
from orders.models import Customer, Order
from orders.models.orders import PAID, at_the_end, zero_amount
from skus.models import MOST_MONEY, Sku, money

# Which states of a garment may follow which.
STEPS = {
    "received": ["pinned", "assigned", "on_hold", "cancelled"],
    "pinned": ["assigned", "on_hold", "cancelled"],
    "assigned": ["in_progress", "received", "pinned", "on_hold", "cancelled"],
    "in_progress": ["quality_check", "on_hold", "cancelled"],
    "quality_check": ["ready", "in_progress", "on_hold", "cancelled"],
    "ready": ["collected", "in_progress", "on_hold", "cancelled"],
    "on_hold": ["received", "pinned", "assigned", "in_progress", "quality_check", "ready", "cancelled"],
}
OPEN = list(STEPS)
TO_DO = ["received", "pinned", "assigned", "in_progress", "on_hold"]  # still on the bench, or before it
AT_WORK = ["assigned", "in_progress", "on_hold", "quality_check"]  # its tailor needs what it is sewn to
LATE = ["open", "partly_ready"]  # a ticket in these states is late once its day is over
LETTERS = "ABCDEFGHJKMNPQRSTVWXYZ23456789"  # none that is taken for another


def tag_code():
    return "G" + unguessable()


def claim_code():
    return "C" + unguessable()


def unguessable():
    return "".join(secrets.choice(LETTERS) for _ in range(11))


class Fabric(models.TextChoices):
    LINED = "lined", "Lined"
    SILK = "silk", "Silk, satin, chiffon"
    LACE = "lace", "Lace, tulle, layers"
    BEADS = "beads", "Beads, sequins, embroidery"
    VELVET = "velvet", "Velvet, corduroy"
    LEATHER = "leather", "Leather, suede, coated"
    KNIT = "knit", "Knit, jersey"
    HEAVY_DENIM = "heavy_denim", "Denim over 12 oz"
    CHECKS = "checks", "Checks, stripes to match"
    VINTAGE = "vintage", "Vintage or weak cloth"


class Cause(models.TextChoices):
    """Why a garment is worked on again."""

    MEASUREMENT_ERROR = "measurement_error", "Measured wrongly"
    PINNING_ERROR = "pinning_error", "Pinned wrongly"
    SEWING_ERROR = "sewing_error", "Sewn wrongly"
    DESIGN_ERROR = "design_error", "Designed wrongly"
    TRANSPORT = "transport", "Damaged on the way"
    CLOTH_BEHAVIOUR = "cloth_behaviour", "The cloth gave way"
    CUSTOMER_CHANGED_MIND = "customer_changed_mind", "The customer wants it otherwise"
    BODY_CHANGED = "body_changed", "The body has changed"


SHOP_CAUSES = [
    Cause.MEASUREMENT_ERROR,
    Cause.PINNING_ERROR,
    Cause.SEWING_ERROR,
    Cause.DESIGN_ERROR,
    Cause.TRANSPORT,
]


# ------------------------------------------------------------------------------------------------ who sees what


def sees_own_work_only(user):
    return not user.has_perm("alterations.add_ticket")


class TicketQuerySet(PaperQuerySet):
    def visible_to(self, user):
        """The shop sees those of its places, a tailor those with a garment of theirs."""
        if sees_own_work_only(user):
            return self.filter(Exists(Garment.objects.filter(ticket=OuterRef("pk"), tailor=user.pk)))
        return super().visible_to(user)

    def named(self):
        rows = self.select_related("location", "customer", "order", "created_by")
        return rows.defer("customer__search", "customer__search_by_name", "order__cut_to")

    def open(self):
        return self.filter(status__in=["open", "partly_ready", "ready"])

    def unsettled(self):
        """Open, or closed while money is due: to the house, or back to the customer."""
        return self.filter(Q(status__in=["open", "partly_ready", "ready"]) | ~Q(balance=0))

    def overdue(self, now=None):
        """Not ready, though the promised day is over in its place."""
        return self.filter(status__in=LATE).past("promised_on", now)

    def found_by(self, text):
        """By its number, or the customer's name."""
        customers = Customer.objects.all()
        customers.by_name_only = True
        named = customers.found_by(text).order_by().values("pk")
        return self.filter(Q(pk=pk_in(Ticket.PREFIX, text)) | Q(customer__in=named))


class GarmentQuerySet(PaperQuerySet):
    place = "ticket__location"

    def visible_to(self, user):
        """The shop sees those of its places, a tailor their own."""
        if sees_own_work_only(user):
            return self.filter(tailor=user.pk)
        return super().visible_to(user)

    def named(self):
        rows = self.select_related(
            "ticket__location", "ticket__customer", "tailor__bench", "sku", "warranty_of", "created_by"
        )
        return rows.defer("ticket__customer__search", "ticket__customer__search_by_name", "sku__search")

    def to_do(self):
        return self.filter(status__in=TO_DO)

    def found_by(self, text):
        """By its number or its ticket's, its tag, or words of its description."""
        words = Q()
        for word in text.split():
            words &= Q(description__icontains=word)
        code = text.strip().upper()
        found = words | Q(tag_code=code) | Q(pk=pk_in(self.model.PREFIX, text))
        if code.startswith(f"{Ticket.PREFIX}-"):
            found |= Q(ticket=pk_in(Ticket.PREFIX, text))
        return self.filter(found)


# ------------------------------------------------------------------------------------------------ tickets

TOTAL = F("subtotal") + F("rush_fee")

# What the garments make of their ticket: its state, and what it comes to.
MADE_OF = """
SELECT coalesce(sum(CASE WHEN garment.status = 'cancelled' THEN garment.cancel_fee ELSE work.total END), 0) AS subtotal,
    CASE
        WHEN count(*) = count(*) FILTER (WHERE garment.status = 'cancelled') AND count(*) > 0 THEN 'cancelled'
        WHEN count(*) = count(*) FILTER (WHERE garment.status IN ('collected', 'cancelled')) AND count(*) > 0
            THEN 'closed'
        WHEN count(*) = count(*) FILTER (WHERE garment.status IN ('ready', 'collected', 'cancelled')) AND count(*) > 0
            THEN 'ready'
        WHEN count(*) FILTER (WHERE garment.status IN ('ready', 'collected')) > 0 THEN 'partly_ready'
        ELSE 'open'
    END AS status
FROM alterations_garment garment
LEFT JOIN LATERAL (
    SELECT coalesce(sum(line.total), 0) AS total FROM alterations_garmentservice line WHERE line.garment_id = garment.id
) work ON true
WHERE garment.ticket_id = ticket.id
"""
ADDS_UP = """
PERFORM 1 FROM alterations_ticket ticket CROSS JOIN LATERAL ({made_of}) made
WHERE ticket.id = {ticket} AND (ticket.status <> made.status OR ticket.subtotal <> made.subtotal);
IF FOUND THEN
    RAISE EXCEPTION 'ticket % is not what its garments make it', {ticket} USING ERRCODE = 'restrict_violation';
END IF;
RETURN NULL;
"""
LINES_ADD_UP = """
PERFORM 1 FROM alterations_ticket ticket
JOIN alterations_garment mine ON mine.ticket_id = ticket.id CROSS JOIN LATERAL ({made_of}) made
WHERE mine.id = coalesce(NEW.garment_id, OLD.garment_id) AND ticket.subtotal <> made.subtotal;
IF FOUND THEN
    RAISE EXCEPTION 'the ticket of this garment is not the sum of its lines' USING ERRCODE = 'restrict_violation';
END IF;
RETURN NULL;
"""
PAYMENTS_ADD_UP = """
PERFORM 1 FROM alterations_ticket ticket LEFT JOIN LATERAL (
    SELECT sum(amount) FILTER (WHERE kind = 'payment') AS received,
        sum(amount) FILTER (WHERE kind = 'refund') AS refunded
    FROM alterations_ticketpayment WHERE ticket_id = ticket.id
) payments ON true
WHERE ticket.id = {ticket} AND (
    ticket.received <> coalesce(payments.received, 0) OR ticket.refunded <> coalesce(payments.refunded, 0)
);
IF FOUND THEN
    RAISE EXCEPTION 'ticket % is not the sum of its payments', {ticket} USING ERRCODE = 'restrict_violation';
END IF;
RETURN NULL;
"""


class Ticket(Document):
    """What a customer brought to be altered: one or more garments, the day that was promised, and the money."""

    class Status(models.TextChoices):
        OPEN = "open", "Open"
        PARTLY_READY = "partly_ready", "Partly ready"
        READY = "ready", "Ready"
        CLOSED = "closed", "Closed"
        CANCELLED = "cancelled", "Cancelled"

    PREFIX = "ALT"

    customer = models.ForeignKey(Customer, models.PROTECT, related_name="tickets", db_index=False)
    location = models.ForeignKey(Location, models.PROTECT, related_name="tickets", db_index=False)
    order = models.ForeignKey(Order, models.PROTECT, null=True, related_name="tickets")
    status = models.CharField(max_length=20, choices=Status, default=Status.OPEN)  # what its garments make it
    promised_on = models.DateField(null=True)
    is_rush = models.BooleanField(default=False)
    note = models.TextField(blank=True, max_length=5000)
    claim_code = models.CharField(max_length=12, default=claim_code, editable=False)
    estimate = zero_amount()  # what it came to when it was taken in
    subtotal = zero_amount()
    rush_fee = zero_amount()
    received = zero_amount()
    refunded = zero_amount()
    total = models.GeneratedField(expression=TOTAL, output_field=amount(), db_persist=True)
    paid = models.GeneratedField(expression=PAID, output_field=amount(), db_persist=True)
    balance = models.GeneratedField(expression=TOTAL - PAID, output_field=amount(), db_persist=True)
    payment_status = models.GeneratedField(
        expression=Case(
            When(refunded__gt=0, received=F("refunded"), then=Value("refunded")),
            When(received__gt=TOTAL + F("refunded"), then=Value("overpaid")),
            When(received=TOTAL + F("refunded"), then=Value("paid")),
            When(received__gt=F("refunded"), then=Value("partly_paid")),
            default=Value("unpaid"),
            output_field=models.CharField(max_length=20),
        ),
        output_field=models.CharField(max_length=20, choices=Order.PaymentStatus),
        db_persist=True,
    )

    objects = TicketQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["claim_code"], name="ticket_claim_code_once"),
            models.CheckConstraint(
                condition=Q(status__in=["open", "partly_ready", "ready", "closed", "cancelled"]),
                name="ticket_status_known",
            ),
            models.CheckConstraint(condition=Q(subtotal__gte=0, rush_fee__gte=0), name="ticket_amounts_possible"),
            models.CheckConstraint(condition=Q(is_rush=True) | Q(rush_fee=0), name="ticket_rush_costs_once_rushed"),
            models.CheckConstraint(
                condition=Q(refunded__gte=0, refunded__lte=F("received")), name="ticket_refunds_what_was_paid"
            ),
        ]
        indexes = [
            models.Index(fields=["customer", "id"], name="ticket_by_customer"),
            models.Index(fields=["location", "id"], name="ticket_by_place"),
            models.Index(fields=["status", "id"], name="ticket_by_status"),
            models.Index(
                fields=["promised_on", "id"],
                name="ticket_open_by_day",
                condition=Q(status__in=["open", "partly_ready", "ready"]),
            ),
        ]
        triggers = [
            at_the_end(
                "ticket_is_what_its_garments_make_it",
                pgtrigger.Insert | pgtrigger.UpdateOf("status", "subtotal"),
                ADDS_UP.format(ticket="NEW.id", made_of=MADE_OF),
            ),
            at_the_end(
                "ticket_is_the_sum_of_its_payments",
                pgtrigger.Insert | pgtrigger.UpdateOf("received", "refunded"),
                PAYMENTS_ADD_UP.format(ticket="NEW.id"),
            ),
            # It may be paid too much once it shrinks, never by paying.
            pgtrigger.Protect(
                name="ticket_is_not_paid_too_much",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    "NEW.received > OLD.received AND NEW.received - NEW.refunded > NEW.subtotal + NEW.rush_fee"
                ),
            ),
            pgtrigger.ReadOnly(
                name="ticket_stays_whose_it_is", fields=["customer", "location", "claim_code", "created_by"]
            ),
            pgtrigger.Protect(name="ticket_is_not_deleted", operation=pgtrigger.Delete),
        ]

    @property
    def is_open(self):
        return self.status in (self.Status.OPEN, self.Status.PARTLY_READY, self.Status.READY)

    @property
    def is_overdue(self):
        return self.status in LATE and self.promised_on is not None and self.promised_on < self.location.today


# ------------------------------------------------------------------------------------------------ garments


class Garment(Document):
    """One piece that was handed in: what is to be done to it, by whom, and where that stands."""

    class Status(models.TextChoices):
        RECEIVED = "received", "Received"
        PINNED = "pinned", "Pinned"
        ASSIGNED = "assigned", "Assigned"
        IN_PROGRESS = "in_progress", "In progress"
        ON_HOLD = "on_hold", "On hold"
        QUALITY_CHECK = "quality_check", "Quality check"
        READY = "ready", "Ready"
        COLLECTED = "collected", "Collected"
        CANCELLED = "cancelled", "Cancelled"

    PREFIX = "GAR"

    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="garments", db_index=False)
    garment_type = models.CharField(max_length=3, choices=GarmentType)
    description = models.CharField(max_length=500, blank=True)
    colour = models.CharField(max_length=60, blank=True)
    fabrics = ArrayField(models.CharField(max_length=20, choices=Fabric), default=list, blank=True)
    issue = models.TextField(blank=True, max_length=5000)
    sku = models.ForeignKey(Sku, models.PROTECT, null=True, related_name="+")
    tag_code = models.CharField(max_length=12, default=tag_code, editable=False)
    status = models.CharField(max_length=20, choices=Status, default=Status.RECEIVED)
    # Where it goes back to: from a hold, or from a tailor who declines.
    held_from = models.CharField(max_length=20, blank=True)
    waited_in = models.CharField(max_length=20, default="received", editable=False)
    tailor = models.ForeignKey(User, models.PROTECT, null=True, related_name="garments", db_index=False)
    started_at = models.DateTimeField(null=True, editable=False)
    finished_at = models.DateTimeField(null=True, editable=False)
    collected_at = models.DateTimeField(null=True, editable=False)
    minutes_taken = models.PositiveIntegerField(null=True)
    reworks = models.PositiveSmallIntegerField(default=0)
    shop_reworks = models.PositiveSmallIntegerField(default=0)  # those that were the house's fault
    cancel_fee = zero_amount()
    warranty_of = models.ForeignKey("self", models.PROTECT, null=True, related_name="warranties", db_index=False)
    cause = models.CharField(max_length=30, choices=Cause, blank=True)

    objects = GarmentQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        permissions = [
            ("assign_garment", "Can give garments to tailors"),
            ("pin_garment", "Can pin garments"),
            ("work_garment", "Can start, hold, resume, finish and decline the work on garments"),
            ("check_garment", "Can pass garments, or send them back to the bench"),
            ("collect_garment", "Can hand garments over"),
            ("cancel_garment", "Can give garments back unaltered"),
            ("cancel_begun_garment", "Can give garments back that are being worked on"),
            ("issue_material", "Can take buttons, zips and cloth from the shelf for a garment"),
        ]
        constraints = [
            known(STEPS, "garment_status_known"),
            models.UniqueConstraint(fields=["tag_code"], name="garment_tag_once"),
            models.CheckConstraint(
                condition=Q(status="on_hold", held_from__in=[state for state in OPEN if state != "on_hold"])
                | (~Q(status="on_hold") & Q(held_from="")),
                name="garment_held_from_somewhere",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["assigned", "in_progress", "quality_check"]) | Q(tailor__isnull=False),
                name="garment_at_work_has_a_tailor",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["received", "pinned"]) | Q(tailor=None), name="garment_waiting_has_no_tailor"
            ),
            models.CheckConstraint(
                condition=Q(status="collected", collected_at__isnull=False)
                | (~Q(status="collected") & Q(collected_at=None)),
                name="garment_collected_at_a_moment",
            ),
            models.CheckConstraint(
                condition=Q(cancel_fee=0) | Q(status="cancelled", cancel_fee__gt=0), name="garment_fee_once_cancelled"
            ),
            models.CheckConstraint(
                condition=Q(warranty_of=None, cause="") | (Q(warranty_of__isnull=False) & ~Q(cause="")),
                name="garment_warranty_has_a_cause",
            ),
            models.CheckConstraint(condition=Q(shop_reworks__lte=F("reworks")), name="garment_reworks_possible"),
            models.UniqueConstraint(
                fields=["warranty_of"],
                condition=~Q(status__in=["collected", "cancelled"]),
                name="garment_one_warranty_at_a_time",
            ),
        ]
        indexes = [
            models.Index(fields=["ticket", "id"], name="garment_by_ticket"),
            models.Index(fields=["tailor", "status", "id"], name="garment_by_tailor"),
            models.Index(fields=["status", "id"], name="garment_to_do", condition=Q(status__in=TO_DO)),
            models.Index(fields=["warranty_of"], name="garment_warranties", condition=Q(warranty_of__isnull=False)),
        ]
        triggers = [
            *stepwise("alterations_garment", "GAR", STEPS),
            at_the_end(
                "garments_make_their_ticket",
                pgtrigger.Insert | pgtrigger.UpdateOf("status", "cancel_fee"),
                ADDS_UP.format(ticket="NEW.ticket_id", made_of=MADE_OF),
            ),
            pgtrigger.ReadOnly(
                name="garment_stays_what_it_is", fields=["ticket", "tag_code", "warranty_of", "cause", "created_by"]
            ),
            pgtrigger.Protect(name="garment_is_not_deleted", operation=pgtrigger.Delete),
        ]

    @property
    def number(self):
        return numbered(self.PREFIX, self.pk)

    @property
    def is_open(self):
        return self.status in OPEN

    @property
    def is_overdue(self):
        return self.status in [*TO_DO, "quality_check"] and self.ticket.is_overdue


class GarmentService(models.Model):
    """A piece of work on a garment, as the catalogue had it when it was agreed."""

    garment = models.ForeignKey(Garment, models.PROTECT, related_name="services", db_index=False)
    service = models.ForeignKey(AlterationService, models.PROTECT, related_name="+")
    code = models.CharField(max_length=40)
    name = models.CharField(max_length=200)
    skill = models.PositiveSmallIntegerField()
    needs_fitting = models.BooleanField()
    min_days = models.PositiveSmallIntegerField(default=0)
    quantity = pieces(default=1)
    unit_price = money()
    factor = models.DecimalField(max_digits=4, decimal_places=2, default=1)  # of the cloth, on price and minutes
    minutes = models.PositiveIntegerField()  # all of them, cloth and seams counted in
    total = amount()
    is_own_price = models.BooleanField(default=False)  # a manager named it; it is what the customer pays
    is_free = models.BooleanField(default=False)  # under warranty
    note = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gt=0), name="garment_service_of_something"),
            models.CheckConstraint(
                condition=Q(unit_price__gte=0, unit_price__lte=MOST_MONEY, total__gte=0), name="garment_service_price"
            ),
            models.CheckConstraint(condition=Q(factor__gte=1, factor__lte="2.50"), name="garment_service_factor"),
            models.CheckConstraint(condition=Q(is_free=False) | Q(total=0), name="garment_service_free_is_free"),
        ]
        indexes = [models.Index(fields=["garment", "id"], name="garment_service_in_order")]
        triggers = [
            at_the_end(
                "garment_lines_add_up",
                pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
                LINES_ADD_UP.format(made_of=MADE_OF),
            )
        ]

    def __str__(self):
        return self.name


class Notice(models.Model):
    """The customer was told how their ticket stands: when, by whom, and whether the letter went out."""

    class Outcome(models.TextChoices):
        QUEUED = "queued", "On its way"
        SENT = "sent", "Sent"
        FAILED = "failed", "Not sent"

    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="notices")
    at = models.DateTimeField(auto_now_add=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    outcome = models.CharField(max_length=10, choices=Outcome, default=Outcome.QUEUED)
    settled_at = models.DateTimeField(null=True)
    problem = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome="queued", settled_at=None) | (~Q(outcome="queued") & Q(settled_at__isnull=False)),
                name="notice_settled_at_a_moment",
            )
        ]

    def __str__(self):
        return f"{self.ticket_id}: {self.get_outcome_display()}"
