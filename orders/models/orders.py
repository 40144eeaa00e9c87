from types import MappingProxyType

import pgtrigger
from django.db import models
from django.db.models import Case, F, OuterRef, Q, Subquery, Value, When

from accounts.models import Location
from boutique.documents import Document, known, numbered, pk_in, stepwise
from inventory.models import PaperQuerySet, amount, pieces
from orders.models.customers import CONTACT, Customer
from orders.models.measurements import MeasurementSet
from skus.models import MOST_MONEY, Sku, money

# Which states may follow which.
STEPS = {
    "pending": ["confirmed", "in_progress", "cancelled"],
    "confirmed": ["in_progress", "cancelled"],
    "in_progress": ["fitting", "ready", "completed", "cancelled"],
    "fitting": ["in_progress", "ready", "cancelled"],
    "ready": ["fitting", "completed", "cancelled"],
}
OPEN = list(STEPS)
SOLD = ["completed", "partly_returned", "returned"]
# A sale is completed at once; what comes back of it moves it on.
STEPS_OF_SALES = {"completed": ["partly_returned", "returned"], "partly_returned": ["returned"]}
EDITABLE = ["pending", "confirmed"]  # while it is, its lines and prices change
PREFIXES = {"custom": "ORD", "counter": "SALE"}
PLAIN_WORK = "Work"  # what is left of the words of a line, once its customer is forgotten


def zero_amount():
    return amount(default=0)


class OrderQuerySet(PaperQuerySet):
    without_notes = False  # whoever may not read a note does not find an order by it either

    def _clone(self):
        clone = super()._clone()
        clone.without_notes = self.without_notes
        return clone

    def visible_to(self, user):
        rows = super().visible_to(user).all()
        rows.without_notes = not user.has_perm(CONTACT)
        return rows

    def custom(self):
        return self.filter(channel=Order.Channel.CUSTOM)

    def named(self):
        """With the rows that its labels need, but not the words that customers are found by."""
        rows = self.select_related("location", "customer", "measurement", "created_by")
        return rows.defer("customer__search", "customer__search_by_name")

    def sales(self):
        return self.filter(channel=Order.Channel.COUNTER)

    def open(self):
        return self.filter(status__in=OPEN)

    def unsettled(self):
        """Open, or closed while money is due: to the house, or back to the customer."""
        to_house, back = Q(status="completed", balance__gt=0), Q(status="cancelled", paid__gt=0)
        return self.custom().filter(Q(status__in=OPEN) | to_house | back)

    def overdue(self, now=None):
        """Open, though its day is over in its place."""
        return self.open().past("delivery_date", now)

    def found_by(self, text):
        """By its number, the customer's name, or all of these words in its note."""
        customers = Customer.objects.all()
        customers.by_name_only = True
        found = numbered_as(text) | Q(customer__in=customers.found_by(text).order_by().values("pk"))
        if not self.without_notes:
            in_note = Q()
            for word in text.split():
                in_note &= Q(note__icontains=word)
            found |= in_note
        return self.filter(found)

    def with_first_image(self):
        images = self.model._meta.get_field("images").related_model.objects.current().filter(order=OuterRef("pk"))
        return self.annotate(first_image=Subquery(images.order_by("id").values("image")[:1]))


def numbered_as(text):
    """The one with this number: ORD-000042 or SALE-000042, or either of them for 42."""
    found = Q()
    for channel, prefix in PREFIXES.items():
        found |= Q(channel=channel, pk=pk_in(prefix, text))
    return found


PAID = F("received") - F("refunded")

# The document must say what its lines add up to, and each of them what was agreed for it. Looked at when the
# transaction ends, so that lines and document may be written in any order.
ADDS_UP = """
PERFORM 1 FROM orders_order document LEFT JOIN LATERAL (
    SELECT
        sum(round(quantity * unit_price, 2) - line.discount) AS subtotal, sum(share) AS share,
        sum(line.tax) AS tax, sum(line.total) AS total,
        bool_and(
            CASE WHEN document.prices_include_tax THEN line.total ELSE net END
                = round(quantity * unit_price, 2) - line.discount - share
            -- Half up to the cent, without a division that would have to be rounded itself.
            AND base.paid * tax_rate >= (line.tax - 0.005) * base.percent
            AND base.paid * tax_rate < (line.tax + 0.005) * base.percent
        ) AS is_right
    FROM orders_orderline line CROSS JOIN LATERAL (
        SELECT CASE WHEN document.prices_include_tax THEN line.total ELSE line.net END AS paid,
            CASE WHEN document.prices_include_tax THEN 100 + tax_rate ELSE 100 END AS percent
    ) base
    WHERE line.order_id = document.id
) lines ON true
WHERE document.id = {order} AND (
    document.subtotal <> coalesce(lines.subtotal, 0) OR document.discount <> coalesce(lines.share, 0)
    OR document.tax <> coalesce(lines.tax, 0) OR document.total <> coalesce(lines.total, 0)
    OR NOT coalesce(lines.is_right, true)
);
IF FOUND THEN
    RAISE EXCEPTION 'order % is not the sum of its lines', {order} USING ERRCODE = 'restrict_violation';
END IF;
RETURN NULL;
"""

PAYMENTS_ADD_UP = """
PERFORM 1 FROM orders_order document LEFT JOIN LATERAL (
    SELECT sum(amount) FILTER (WHERE kind = 'payment') AS received,
        sum(amount) FILTER (WHERE kind = 'refund') AS refunded
    FROM orders_payment WHERE order_id = document.id
) payments ON true
WHERE document.id = {order} AND (
    document.received <> coalesce(payments.received, 0) OR document.refunded <> coalesce(payments.refunded, 0)
);
IF FOUND THEN
    RAISE EXCEPTION 'order % is not the sum of its payments', {order} USING ERRCODE = 'restrict_violation';
END IF;
RETURN NULL;
"""

# What a line counts as returned is what its returns say.
RETURNED_ADDS_UP = """
PERFORM 1 FROM orders_orderline line LEFT JOIN LATERAL (
    SELECT sum(quantity) AS quantity FROM orders_salereturnline WHERE line_id = line.id
) back ON true
WHERE line.id = {line} AND line.returned <> coalesce(back.quantity, 0);
IF FOUND THEN
    RAISE EXCEPTION 'line % counts other returns than there are', {line} USING ERRCODE = 'restrict_violation';
END IF;
RETURN NULL;
"""

# A return is the sum of its lines, and exactly so much was paid back for it. Looked at when the transaction ends.
RETURN_ADDS_UP = """
PERFORM 1 FROM orders_salereturn document
LEFT JOIN LATERAL (
    SELECT sum(net + tax) AS total, sum(tax) AS tax FROM orders_salereturnline WHERE sale_return_id = document.id
) lines ON true
LEFT JOIN LATERAL (SELECT sum(amount) AS total FROM orders_payment WHERE sale_return_id = document.id) refunds ON true
WHERE document.id = {sale_return} AND (
    document.total <> coalesce(lines.total, 0) OR document.tax <> coalesce(lines.tax, 0)
    OR document.total <> coalesce(refunds.total, 0)
);
IF FOUND THEN
    RAISE EXCEPTION 'return % is not the sum of its lines and refunds', {sale_return}
        USING ERRCODE = 'restrict_violation';
END IF;
RETURN NULL;
"""

HOLDS_NOTHING = """
PERFORM 1 FROM orders_order document JOIN inventory_stockmovement movement ON movement.document = (
    CASE document.channel WHEN 'counter' THEN 'SALE' ELSE 'ORD' END || '-'
    || lpad(document.id::text, greatest(6, length(document.id::text)), '0')
)
WHERE document.id = NEW.id AND document.status IN ('completed', 'cancelled')
GROUP BY movement.sku_id, movement.location_id HAVING sum(movement.reserved_change) <> 0 LIMIT 1;
IF FOUND THEN
    RAISE EXCEPTION 'order % is closed and still holds goods', NEW.id USING ERRCODE = 'restrict_violation';
END IF;
RETURN NULL;
"""

AGREED = f"""
PERFORM 1 FROM orders_order document
WHERE document.id = coalesce(NEW.order_id, OLD.order_id) AND (
    CASE document.channel WHEN 'counter' THEN TG_OP <> 'INSERT' ELSE document.status NOT IN ('pending', 'confirmed') END
);
IF FOUND AND NOT (
    -- Whoever is forgotten may be named there.
    TG_OP = 'UPDATE' AND NEW.sku_id IS NULL AND NEW.description = '{PLAIN_WORK}'
    AND to_jsonb(NEW) - 'description' = to_jsonb(OLD) - 'description'
) THEN
    RAISE EXCEPTION 'the lines of this order are agreed' USING ERRCODE = 'restrict_violation';
END IF;
IF TG_OP = 'DELETE' THEN
    RETURN OLD;
END IF;
RETURN NEW;
"""


def at_the_end(name, operation, func):
    return pgtrigger.Trigger(name=name, when=pgtrigger.After, operation=operation, timing=pgtrigger.Deferred, func=func)


class Order(Document):
    """What a customer ordered, or bought over the counter: its lines, what they cost, and what was paid."""

    class Channel(models.TextChoices):
        CUSTOM = "custom", "Custom order"
        COUNTER = "counter", "Sale over the counter"

    class Status(models.TextChoices):
        PENDING = "pending", "Pending"
        CONFIRMED = "confirmed", "Confirmed"
        IN_PROGRESS = "in_progress", "In progress"
        FITTING = "fitting", "Fitting"
        READY = "ready", "Ready"
        COMPLETED = "completed", "Completed"
        CANCELLED = "cancelled", "Cancelled"
        PARTLY_RETURNED = "partly_returned", "Partly returned"
        RETURNED = "returned", "Returned"

    class PaymentStatus(models.TextChoices):
        UNPAID = "unpaid", "Unpaid"
        PARTLY_PAID = "partly_paid", "Partly paid"
        PAID = "paid", "Paid"
        OVERPAID = "overpaid", "Overpaid"
        REFUNDED = "refunded", "Refunded"

    PREFIX = PREFIXES["custom"]

    channel = models.CharField(max_length=10, choices=Channel, default=Channel.CUSTOM)
    # At the till somebody may stay unknown.
    customer = models.ForeignKey(Customer, models.PROTECT, null=True, related_name="orders", db_index=False)
    location = models.ForeignKey(Location, models.PROTECT, related_name="orders", db_index=False)
    status = models.CharField(max_length=20, choices=Status, default=Status.PENDING)
    delivery_date = models.DateField(null=True)
    note = models.TextField(blank=True, max_length=5000)
    # Of a sale: the till's own name for it, when it was made, and on which day of its place.
    client_id = models.CharField(max_length=100, null=True, blank=True)  # noqa: DJ001 (unique where there is one)
    occurred_at = models.DateTimeField(null=True)
    business_date = models.DateField(null=True)
    measurement = models.ForeignKey(MeasurementSet, models.PROTECT, null=True, related_name="orders")
    cut_to = models.JSONField(
        default=dict, blank=True
    )  # the measurements, as they were: services.measurements.snapshot
    fitted_at = models.DateTimeField(null=True, editable=False)
    prices_include_tax = models.BooleanField()  # as the house had it when the order was made
    subtotal = zero_amount()
    discount = zero_amount()
    tax = zero_amount()
    total = zero_amount()
    received = zero_amount()
    refunded = zero_amount()
    paid = models.GeneratedField(expression=PAID, output_field=amount(), db_persist=True)
    balance = models.GeneratedField(expression=F("total") - PAID, output_field=amount(), db_persist=True)
    payment_status = models.GeneratedField(
        expression=Case(
            When(refunded__gt=0, received=F("refunded"), then=Value(PaymentStatus.REFUNDED)),
            When(total__lt=PAID, then=Value(PaymentStatus.OVERPAID)),
            When(total=PAID, then=Value(PaymentStatus.PAID)),
            When(received__gt=F("refunded"), then=Value(PaymentStatus.PARTLY_PAID)),
            default=Value(PaymentStatus.UNPAID),
            output_field=models.CharField(max_length=20),
        ),
        output_field=models.CharField(max_length=20, choices=PaymentStatus),
        db_persist=True,
    )

    objects = OrderQuerySet.as_manager()

    held = MappingProxyType({})  # by the ids of its SKUs, what the shelves hold for it: see services.holding.with_held

    class Meta:
        ordering = ["-id"]
        permissions = [
            ("import_history", "Can bring in sales of the last five years"),
            ("move_order", "Can move orders on"),
            ("cancel_order", "Can cancel orders"),
            ("cancel_paid_order", "Can cancel orders that were paid for, in part or whole"),
            ("release_unpaid", "Can hand over what is not paid yet"),
            ("override_price", "Can sell at other prices than the catalogue's, and give large discounts"),
        ]
        constraints = [
            known(STEPS | STEPS_OF_SALES, "order_status_known"),
            models.CheckConstraint(
                condition=Q(channel="counter", status__in=SOLD, occurred_at__isnull=False, business_date__isnull=False)
                | Q(
                    channel="custom",
                    customer__isnull=False,
                    delivery_date__isnull=False,
                    client_id=None,
                    occurred_at=None,
                    business_date=None,
                )
                & ~Q(status__in=["partly_returned", "returned"]),
                name="order_of_its_channel",
            ),
            # A till that does not know whether it was heard sends it again: for ever the same sale.
            models.UniqueConstraint(
                fields=["client_id"],
                name="order_client_id_once",
                violation_error_message="This sale is there already.",
            ),
            models.CheckConstraint(
                condition=Q(subtotal__gte=0, discount__gte=0, tax__gte=0, total__gte=0)
                & Q(discount__lte=F("subtotal")),
                name="order_amounts_possible",
            ),
            models.CheckConstraint(
                condition=Q(prices_include_tax=True, total=F("subtotal") - F("discount"))
                | Q(prices_include_tax=False, total=F("subtotal") - F("discount") + F("tax")),
                name="order_total_adds_up",
            ),
            models.CheckConstraint(
                condition=Q(refunded__gte=0, refunded__lte=F("received")), name="order_refunds_what_was_paid"
            ),
        ]
        indexes = [
            models.Index(fields=["channel", "id"], name="order_by_channel"),
            models.Index(fields=["customer", "id"], name="order_by_customer"),
            *(
                models.Index(fields=[field, "id"], name=f"order_by_{name}", condition=Q(channel="custom"))
                for field, name in (
                    ("location", "place"),
                    ("status", "status"),
                    ("payment_status", "payment"),
                    ("delivery_date", "delivery"),
                    ("total", "total"),
                    ("created_at", "age"),
                )
            ),
            *(
                models.Index(fields=fields, name=f"sale_by_{name}", condition=Q(channel="counter"))
                for fields, name in (
                    (["location", "business_date", "id"], "place_and_day"),
                    (["business_date", "id"], "day"),
                    (["occurred_at", "id"], "moment"),
                    (["total", "id"], "total"),
                    (["created_by", "id"], "person"),
                )
            ),
            # The few that are open among all that ever were.
            models.Index(fields=["delivery_date", "id"], name="order_open_by_delivery", condition=Q(status__in=OPEN)),
        ]
        triggers = [
            *stepwise(
                "orders_order", "CASE NEW.channel WHEN 'counter' THEN 'SALE' ELSE 'ORD' END", STEPS | STEPS_OF_SALES
            ),
            at_the_end(
                "order_is_the_sum_of_its_lines",
                pgtrigger.Insert | pgtrigger.UpdateOf("subtotal", "discount", "tax", "total", "prices_include_tax"),
                ADDS_UP.format(order="NEW.id"),
            ),
            at_the_end(
                "order_is_the_sum_of_its_payments",
                pgtrigger.Insert | pgtrigger.UpdateOf("received", "refunded"),
                PAYMENTS_ADD_UP.format(order="NEW.id"),
            ),
            at_the_end("order_closed_holds_nothing", pgtrigger.UpdateOf("status"), HOLDS_NOTHING),
            # It may be paid too much once it shrinks, never by paying.
            pgtrigger.Protect(
                name="order_is_not_paid_too_much",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    "NEW.received > OLD.received AND NEW.received - NEW.refunded > NEW.total"
                ),
            ),
            pgtrigger.Protect(
                name="order_is_not_paid_too_much_at_once",
                operation=pgtrigger.Insert,
                condition=pgtrigger.Condition("NEW.received - NEW.refunded > NEW.total"),
            ),
            pgtrigger.Protect(
                name="order_once_begun_is_agreed",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    "OLD.status NOT IN ('pending', 'confirmed')"
                    " AND (NEW.subtotal, NEW.discount, NEW.tax, NEW.total)"
                    " IS DISTINCT FROM (OLD.subtotal, OLD.discount, OLD.tax, OLD.total)"
                ),
            ),
            pgtrigger.ReadOnly(
                name="order_stays_whose_it_is",
                fields=[
                    "channel",
                    "customer",
                    "location",
                    "prices_include_tax",
                    "created_by",
                    "client_id",
                    "occurred_at",
                    "business_date",
                ],
            ),
            pgtrigger.Protect(name="order_is_not_deleted", operation=pgtrigger.Delete),
        ]

    @property
    def number(self):
        return numbered(PREFIXES[self.channel], self.pk)

    @property
    def is_open(self):
        return self.status in OPEN

    @property
    def is_editable(self):
        return self.status in EDITABLE

    @property
    def is_overdue(self):
        return self.is_open and self.delivery_date < self.location.today


SOLD_STATUSES = [(status.value, status.label) for status in Order.Status if status in SOLD]


class OrderLine(models.Model):
    """One thing of an order: goods from the shelf, cloth by the metre, or plain work; at the price that was agreed."""

    order = models.ForeignKey(Order, models.PROTECT, related_name="lines", db_index=False)
    position = models.PositiveSmallIntegerField()
    sku = models.ForeignKey(Sku, models.PROTECT, null=True, related_name="order_lines")
    description = models.CharField(max_length=500)
    size = models.CharField(max_length=40, blank=True)
    quantity = pieces()
    unit_price = money()
    discount = zero_amount()
    share = zero_amount()  # of the order's discount
    tax_rate = models.DecimalField(max_digits=5, decimal_places=2, default=0)
    net = amount()
    tax = amount()
    total = amount()
    backorder = models.BooleanField(default=False)  # may wait for goods that are not there yet
    returned = pieces(default=0)

    was = None  # as it was before it was written down anew, see services.agreeing

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gt=0), name="order_line_of_something"),
            models.CheckConstraint(condition=~Q(description=""), name="order_line_says_what"),
            models.CheckConstraint(
                condition=Q(unit_price__gte=0, discount__gte=0, share__gte=0, net__gte=0, tax__gte=0),
                name="order_line_not_negative",
            ),
            models.CheckConstraint(condition=Q(unit_price__lte=MOST_MONEY), name="order_line_price_possible"),
            models.CheckConstraint(condition=Q(tax_rate__gte=0, tax_rate__lte=100), name="order_line_tax_possible"),
            models.CheckConstraint(condition=Q(total=F("net") + F("tax")), name="order_line_adds_up"),
            models.CheckConstraint(
                condition=Q(backorder=False) | Q(sku__isnull=False), name="order_line_waits_for_goods"
            ),
            models.CheckConstraint(
                condition=Q(returned__gte=0, returned__lte=F("quantity")), name="order_line_returned_of_sold"
            ),
        ]
        indexes = [models.Index(fields=["order", "position", "id"], name="order_line_in_order")]
        triggers = [
            pgtrigger.Trigger(
                name="order_lines_once_begun_are_agreed",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert
                | pgtrigger.Delete
                | pgtrigger.UpdateOf(
                    "order_id",
                    "position",
                    "sku_id",
                    "description",
                    "size",
                    "quantity",
                    "unit_price",
                    "discount",
                    "share",
                    "tax_rate",
                    "net",
                    "tax",
                    "total",
                    "backorder",
                ),
                func=AGREED,
            ),
            at_the_end(
                "order_lines_add_up",
                pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
                ADDS_UP.format(order="coalesce(NEW.order_id, OLD.order_id)"),
            ),
            at_the_end("line_returned_adds_up", pgtrigger.UpdateOf("returned"), RETURNED_ADDS_UP.format(line="NEW.id")),
        ]

    def __str__(self):
        return self.description
