from functools import reduce
from operator import or_

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.core.validators import MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Exists, F, OuterRef, Prefetch, Q
from django.db.models.functions import Upper
from django.utils import timezone
from django.utils.module_loading import import_string

from accounts.models import User
from boutique.models import Record
from boutique.triggers import append_only
from orders.models.customers import Customer, CustomerPlace

dimension_code = RegexValidator(r"\A[a-z][a-z0-9]*(_[a-z0-9]+)*\Z", "Small letters, digits and single _ only.")


class Family(models.TextChoices):
    """Kinds of garment, by what must be measured for them."""

    TROUSERS = "trousers", "Trousers"
    SKIRT = "skirt", "Skirt"
    SHIRT = "shirt", "Shirt"
    BLOUSE = "blouse", "Blouse"
    DRESS = "dress", "Dress"
    JACKET = "jacket", "Jacket"
    COAT = "coat", "Coat"
    JUMPSUIT = "jumpsuit", "Jumpsuit"
    LEHENGA = "lehenga", "Lehenga"
    KURTA = "kurta", "Kurta"
    SAREE_BLOUSE = "saree_blouse", "Saree blouse"
    FULL = "full", "The whole body"


class Basis(models.TextChoices):
    """What the tape was laid on."""

    BODY = "body", "Body"
    GARMENT = "garment", "Garment"


class Unit(models.TextChoices):
    CM = "cm", "Centimetres"
    IN = "in", "Inches"


def size(**options):
    return models.DecimalField(max_digits=6, decimal_places=2, **options)


def bound():
    return size(validators=[MinValueValidator(0)])


class MeasurementDefinitionQuerySet(models.QuerySet):
    def active(self):
        return self.filter(is_active=True)


class MeasurementDefinition(Record):
    """One dimension of the vocabulary: what it is called, and between which bounds it can be believed."""

    class Side(models.TextChoices):
        NONE = "none", "One value"
        PAIR = "pair", "Left and right"

    class Scale(models.TextChoices):
        CM = "cm", "Centimetres"
        KG = "kg", "Kilograms"
        DEG = "deg", "Degrees"

    code = models.CharField(max_length=40, validators=[dimension_code])
    name = models.CharField(max_length=80)
    description = models.CharField(max_length=200, blank=True)
    kind = models.CharField(max_length=7, choices=Basis, default=Basis.BODY)
    side = models.CharField(max_length=4, choices=Side, default=Side.NONE)
    unit = models.CharField(max_length=3, choices=Scale, default=Scale.CM)
    garments = ArrayField(models.CharField(max_length=12, choices=Family), default=list, blank=True, size=len(Family))
    warn_min, warn_max, reject_min, reject_max = bound(), bound(), bound(), bound()
    position = models.PositiveSmallIntegerField(default=0)  # from head to foot
    is_active = models.BooleanField(default=True)

    objects = MeasurementDefinitionQuerySet.as_manager()

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["code"], name="definition_code_once"),
            models.CheckConstraint(
                condition=Q(
                    reject_min__gte=0,
                    warn_min__gte=F("reject_min"),
                    warn_max__gt=F("warn_min"),
                    reject_max__gte=F("warn_max"),
                ),
                name="definition_bounds_in_order",
                violation_error_message="The bounds must rise: reject_min, warn_min, warn_max, reject_max.",
            ),
        ]
        indexes = [models.Index(fields=["position", "id"], name="definition_in_order")]

    def __str__(self):
        return self.name

    @property
    def is_pair(self):
        return self.side == self.Side.PAIR


class MeasurementSetQuerySet(models.QuerySet):
    def current(self):
        """Without those that somebody has taken out again."""
        return self.filter(deleted_at=None)

    def visible_to(self, user):
        """Who measures sees the customers of their places; a tailor sees whom they sew for."""
        if not user.has_perm("orders.add_measurementset"):
            return self.of_own_jobs(user)
        if user.has_perm("accounts.see_all_places"):
            return self
        there = CustomerPlace.objects.filter(customer=OuterRef("customer"), location__in=user.location_ids)
        return self.filter(Exists(there))

    def of_own_jobs(self, user):
        """Those that somebody's own work needs; the apps that know of work say which (settings.BODIES_AT_WORK)."""
        needed = [import_string(name)(user) for name in settings.BODIES_AT_WORK]
        return self.filter(reduce(or_, needed)) if needed else self.none()

    def deletable_by(self, user):
        """Juniors take out what they took themselves."""
        return self if user.has_perm("orders.delete_any_measurementset") else self.filter(created_by=user)

    def with_values(self):
        values = MeasurementValue.objects.select_related("definition").order_by("definition__position", "id")
        return self.prefetch_related(Prefetch("values", values))

    def newest(self):
        """Of each customer, wearer and kind of garment the last one taken."""
        later = MeasurementSet.objects.current().filter(
            customer=OuterRef("customer"), type=OuterRef("type"), version__gt=OuterRef("version")
        )
        same_wearer = later.alias(folded=Upper("wearer")).filter(folded=Upper(OuterRef("wearer")))
        return self.filter(~Exists(same_wearer))

    def versions_of(self, taken):
        """All of the same customer, wearer and kind of garment, the newest first."""
        return self.filter(customer=taken.customer_id, wearer__iexact=taken.wearer, type=taken.type).order_by(
            "-version"
        )


class MeasurementSet(Record):
    """What was measured on one person for one kind of garment: a version, which is never changed."""

    # The unique version has the index.
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="measurement_sets", db_index=False)
    wearer = models.CharField(max_length=100, blank=True)  # empty: the customer
    basis = models.CharField(max_length=7, choices=Basis, default=Basis.BODY)
    type = models.CharField(max_length=12, choices=Family)
    unit = models.CharField(max_length=2, choices=Unit, default=Unit.CM)
    version = models.PositiveIntegerField()
    note = models.TextField(blank=True, max_length=2000)
    was_confirmed = models.BooleanField(default=False)  # somebody looked again at what was out of the ordinary
    warnings = models.JSONField(default=list, blank=True)  # as they were told to whoever measured
    deleted_at = models.DateTimeField(null=True, editable=False)
    deleted_by = models.ForeignKey(User, models.PROTECT, null=True, editable=False, related_name="+")

    objects = MeasurementSetQuerySet.as_manager()

    class Meta:
        verbose_name = "measurements"
        verbose_name_plural = "measurements"
        ordering = ["-id"]
        permissions = [
            ("view_body", "Sees body measurements"),
            ("delete_any_measurementset", "Can take out measurements that others took, or that are older than today"),
        ]
        constraints = [
            models.UniqueConstraint("customer", Upper("wearer"), "type", "version", name="measurement_version_once"),
            models.CheckConstraint(condition=Q(version__gte=1), name="measurement_version_from_one"),
            models.CheckConstraint(
                condition=Q(deleted_at=None, deleted_by=None) | Q(deleted_at__isnull=False, deleted_by__isnull=False),
                name="measurement_deleted_by_somebody",
            ),
        ]
        indexes = [models.Index(fields=["created_at", "id"], name="measurement_set_by_age")]
        triggers = [
            pgtrigger.ReadOnly(
                name="measurement_version_stays", fields=["customer", "basis", "type", "unit", "version", "created_by"]
            )
        ]

    def __str__(self):
        return f"{self.get_type_display()} of {self.wearer or self.customer}, version {self.version}"


class MeasurementValue(models.Model):
    """One number of a set: in centimetres (kilograms, degrees), and as it was typed."""

    class Side(models.TextChoices):
        NONE = "none", "One value"
        LEFT = "left", "Left"
        RIGHT = "right", "Right"
        BOTH = "both", "Both alike"

    taken = models.ForeignKey(MeasurementSet, models.CASCADE, related_name="values", db_index=False)
    definition = models.ForeignKey(MeasurementDefinition, models.PROTECT, related_name="values")
    side = models.CharField(max_length=5, choices=Side, default=Side.NONE)
    size = size()
    entered = models.CharField(max_length=20)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["taken", "definition", "side"], name="measurement_value_once"),
            models.CheckConstraint(condition=Q(size__gte=0), name="measurement_value_not_negative"),
        ]
        triggers = [pgtrigger.Protect(name="measurement_value_is_not_rewritten", operation=pgtrigger.Update)]

    def __str__(self):
        return f"{self.definition.code} {self.entered}"


class BodyDataRead(models.Model):
    """Somebody looked at the measurements of these customers: who, whose, when, and on which page."""

    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    customers = ArrayField(models.BigIntegerField())  # by their ids: one row for each request, however many it showed
    route = models.CharField(max_length=200)

    class Meta:
        ordering = ["-id"]
        verbose_name = "reading of body data"
        verbose_name_plural = "readings of body data"
        indexes = [
            models.Index(fields=["by", "id"], name="body_data_read_by_person"),
            models.Index(fields=["at", "id"], name="body_data_read_by_moment"),
            GinIndex(fields=["customers"], name="body_data_read_by_customer"),
        ]
        triggers = append_only("body_data_reads")

    def __str__(self):
        return f"{self.by} at {self.at:%Y-%m-%d %H:%M}"
