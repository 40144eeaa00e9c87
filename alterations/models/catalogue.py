import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from accounts.models import Location
from boutique.models import Record
from boutique.triggers import append_only
from skus.models import MOST_MONEY, money

MOST_MINUTES = 6000
short_word = RegexValidator(r"\A[a-z0-9][a-z0-9_]*\Z", "Small letters, digits and _ only.")


class GarmentType(models.TextChoices):
    TROUSERS = "trs", "Trousers"
    JEANS = "jns", "Jeans"
    SKIRT = "skt", "Skirt"
    SHIRT = "sht", "Shirt"
    BLOUSE = "bls", "Blouse, top"
    DRESS = "drs", "Dress"
    GOWN = "gwn", "Evening gown"
    BRIDAL = "brd", "Bridal gown"
    JACKET = "jkt", "Jacket"
    WAISTCOAT = "wst", "Waistcoat"
    COAT = "cot", "Coat"
    KNITWEAR = "knt", "Knitwear"
    LEHENGA = "lhg", "Lehenga"
    SAREE = "sre", "Saree"
    KURTA = "krt", "Kurta, sherwani"


class AlterationServiceQuerySet(models.QuerySet):
    def priced(self, location, day):
        """With `price_now`: what each costs in this place on this day."""
        begun = ServicePrice.objects.filter(service=OuterRef("pk"), starts_on__lte=day).order_by("-starts_on", "-pk")
        there, anywhere = (begun.filter(location=place).values("price")[:1] for place in (location, None))
        return self.annotate(price_now=Coalesce(Subquery(there), Subquery(anywhere), F("price")))


class AlterationService(Record):
    """Something the workroom does: how long it takes on the bench, what it costs, what it needs."""

    code = models.CharField(max_length=40, validators=[short_word])
    name = models.CharField(max_length=200)
    description = models.TextField(blank=True, max_length=2000)
    # None: any garment.
    garment_types = ArrayField(models.CharField(max_length=3, choices=GarmentType), default=list, blank=True)
    minutes = models.PositiveSmallIntegerField()
    price = money()
    price_from = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)  # the usual range
    price_to = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    skill = models.PositiveSmallIntegerField(default=1)
    needs_fitting = models.BooleanField(default=False)
    min_days = models.PositiveSmallIntegerField(default=0)  # glue dries and beads are sewn on, whatever the minutes
    keywords = ArrayField(models.CharField(max_length=60), default=list, blank=True)
    # Two services on one seam share its opening; in opposite directions nobody sews both.
    seam = models.CharField(max_length=30, blank=True, validators=[short_word])
    direction = models.CharField(max_length=30, blank=True, validators=[short_word])
    swallows = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    is_active = models.BooleanField(default=True)

    objects = AlterationServiceQuerySet.as_manager()

    class Meta:
        ordering = ["code"]
        verbose_name = "service"
        constraints = [
            models.UniqueConstraint(fields=["code"], name="alteration_service_code_once"),
            models.CheckConstraint(condition=Q(minutes__gte=1, minutes__lte=MOST_MINUTES), name="service_takes_time"),
            models.CheckConstraint(condition=Q(price__gte=0, price__lte=MOST_MONEY), name="service_price_possible"),
            models.CheckConstraint(condition=Q(skill__gte=1, skill__lte=5), name="service_skill_one_to_five"),
            models.CheckConstraint(condition=Q(min_days__lte=365), name="service_days_possible"),
        ]
        triggers = [pgtrigger.ReadOnly(name="service_code_stays", fields=["code"])]

    def __str__(self):
        return self.name

    def fits(self, garment_type):
        return not self.garment_types or garment_type in self.garment_types

    @property
    def number(self):
        """How its log of changes is found."""
        return f"SERVICE-{self.pk:06d}"


class ServicePrice(models.Model):
    """What a service costs from a day on, everywhere or in one place."""

    service = models.ForeignKey(AlterationService, models.CASCADE, related_name="prices", db_index=False)
    location = models.ForeignKey(Location, models.PROTECT, null=True, related_name="+")
    price = money()
    starts_on = models.DateField()
    at = models.DateTimeField(auto_now_add=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)

    class Meta:
        ordering = ["-starts_on", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["service", "location", "starts_on"], nulls_distinct=False, name="service_price_once_a_day"
            ),
            models.CheckConstraint(condition=Q(price__gte=0, price__lte=MOST_MONEY), name="dated_price_possible"),
        ]
        triggers = append_only("service_prices")

    def __str__(self):
        return f"{self.price} from {self.starts_on}"
