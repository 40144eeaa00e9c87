from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Avg, Case, Count, DurationField, ExpressionWrapper, F, OuterRef, Q, Subquery, Sum, When
from django.db.models.functions import Cast, Coalesce, Extract, Least, Now
from phonenumber_field.modelfields import PhoneNumberField

from boutique.models import Record
from inventory.models import amount, pieces
from skus.models import MOST_MONEY, Sku, money

LONGEST_LEAD_TIME = 1000  # days


def days(**options):
    return models.PositiveSmallIntegerField(
        null=True, blank=True, validators=[MaxValueValidator(LONGEST_LEAD_TIME)], **options
    )


def rate():
    return models.DecimalField(max_digits=4, decimal_places=3)


class HouseWide(models.QuerySet):
    """Suppliers are the whole house's: everybody who is let in sees all of them."""

    def visible_to(self, user):
        return self


class SupplierQuerySet(HouseWide):
    def with_figures(self, by, after=None, before=None):
        """How they deliver, in the places this person sees: `spend`, `open_orders`, `on_time_rate`, `fill_rate`,
        `lead_time_days_taken`. `after`, `before`: of what happened on these days."""
        return self.annotate(**{name: figure(by, after, before) for name, figure in FIGURES.items()})


class Supplier(Record):
    """Somebody the shop buys from, and on which terms."""

    name = models.CharField(max_length=200)
    contact_name = models.CharField(max_length=120, blank=True)
    email = models.EmailField(max_length=254, blank=True)
    phone = PhoneNumberField(blank=True)
    address = models.TextField(blank=True, max_length=500)
    lead_time_days = days()
    payment_terms = models.CharField(max_length=200, blank=True)
    is_active = models.BooleanField(default=True)

    objects = SupplierQuerySet.as_manager()

    class Meta:
        ordering = ["name", "id"]
        permissions = [("view_contact", "Sees how suppliers are reached, and on which terms they sell")]
        constraints = [
            models.CheckConstraint(condition=~Q(name=""), name="supplier_has_name"),
            models.CheckConstraint(
                condition=Q(lead_time_days=None) | Q(lead_time_days__lte=LONGEST_LEAD_TIME),
                name="supplier_lead_time_possible",
            ),
        ]
        indexes = [models.Index(fields=["name", "id"], name="supplier_by_name")]

    def __str__(self):
        return self.name


class SupplierSku(Record):
    """What a supplier calls one of our SKUs, and what it costs there."""

    supplier = models.ForeignKey(Supplier, models.CASCADE, related_name="prices", db_index=False)
    sku = models.ForeignKey(Sku, models.CASCADE, related_name="suppliers")
    supplier_code = models.CharField(max_length=60, blank=True)
    unit_cost = money(null=True, blank=True)
    pack_size = pieces(default=1)
    minimum_order = pieces(default=0)
    lead_time_days = days(help_text="Empty: as long as the supplier needs for everything else.")
    is_preferred = models.BooleanField(default=False)

    objects = HouseWide.as_manager()

    class Meta:
        ordering = ["id"]
        verbose_name = "supplier's price"
        constraints = [
            models.UniqueConstraint(
                fields=["supplier", "sku"],
                name="supplier_sku_once",
                violation_error_message="This supplier has this SKU already. Change what is there.",
            ),
            models.UniqueConstraint(fields=["sku"], condition=Q(is_preferred=True), name="supplier_sku_one_preferred"),
            models.CheckConstraint(
                condition=Q(unit_cost=None) | Q(unit_cost__gte=0, unit_cost__lte=MOST_MONEY),
                name="supplier_sku_cost_possible",
            ),
            models.CheckConstraint(condition=Q(pack_size__gt=0), name="supplier_sku_pack_of_something"),
            models.CheckConstraint(condition=Q(minimum_order__gte=0), name="supplier_sku_minimum_possible"),
            models.CheckConstraint(
                condition=Q(lead_time_days=None) | Q(lead_time_days__lte=LONGEST_LEAD_TIME),
                name="supplier_sku_lead_time_possible",
            ),
        ]

    def __str__(self):
        return f"{self.sku} of {self.supplier}"


# ------------------------------------------------------------------------------------------------ figures


def of_supplier(model, way, by):
    """Rows of what was bought: those of one supplier, in the places that the person sees. `way` leads to the order."""
    from django.apps import apps

    rows = apps.get_model("suppliers", model)._base_manager.filter(**{f"{way}supplier": OuterRef("pk")})
    if not by.has_perm("accounts.see_all_places"):
        rows = rows.filter(**{f"{way}location__in": by.location_ids})
    return rows.order_by()


def between(rows, day, after, before):
    if after:
        rows = rows.filter(**{f"{day}__gte": after})
    return rows.filter(**{f"{day}__lte": before}) if before else rows


def added(rows, way, what, **kind):
    return Subquery(rows.values(f"{way}supplier").annotate(found=what).values("found"), **kind)


def spend(by, after, before):
    """What was received, less what went back, with what came on top."""

    def all_of(model, field):
        rows = between(of_supplier(model, "order__", by), "business_date", after, before)
        return Coalesce(added(rows, "order__", Sum(field)), 0, output_field=amount())

    came, went, on_top = (
        all_of(*pair) for pair in (("Receipt", "value"), ("SupplierReturn", "value"), ("PurchaseCost", "amount"))
    )
    return came - went + on_top


def open_orders(by, after, before):
    waiting = of_supplier("PurchaseOrder", "", by).filter(status__in=["sent", "partly_received"])
    return Coalesce(added(waiting, "", Count("pk")), 0)


def on_time_rate(by, after, before):
    """Of the orders that had a day: how many were there, all of it, by that day. One still awaited then is late."""
    dated = of_supplier("PurchaseOrder", "", by).filter(
        Q(status__in=["received", "closed"])
        | Q(status__in=["sent", "partly_received"], expected_on__lt=Cast(Now(), models.DateField())),
        expected_on__isnull=False,
    )
    dated = between(dated.alias(day=Coalesce("finished_on", "expected_on")), "day", after, before)
    on_time = Case(When(status="received", finished_on__lte=F("expected_on"), then=1.0), default=0.0)
    return added(dated, "", Cast(Avg(on_time), rate()), output_field=rate())


def fill_rate(by, after, before):
    """Of all that was ordered, in orders that are done: how much came and was good."""
    done = of_supplier("PurchaseLine", "order__", by).filter(
        order__status__in=["received", "closed"], order__at_once=False
    )
    done = between(done, "order__finished_on", after, before)
    share = Cast(Sum(Least("received", "ordered")) / Sum("ordered"), rate())
    return added(done, "order__", share, output_field=rate())


def lead_time_days_taken(by, after, before):
    """From the day it was sent to each delivery, on average."""
    came = of_supplier("Receipt", "order__", by).filter(is_reversal=False, order__at_once=False)
    came = came.exclude(lines__reversed_by__isnull=False)  # booked by mistake: nothing came
    came = between(came, "business_date", after, before)
    took = Avg(ExpressionWrapper(F("at") - F("order__sent_at"), output_field=DurationField()))
    shown = models.DecimalField(max_digits=8, decimal_places=1)
    return added(came, "order__", Cast(Extract(took, "epoch") / 86400.0, shown), output_field=shown)


FIGURES = {
    "open_orders": open_orders,
    "spend": spend,
    "on_time_rate": on_time_rate,
    "fill_rate": fill_rate,
    "lead_time_days_taken": lead_time_days_taken,
}
