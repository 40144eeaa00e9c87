"""What was sold on a day, added up: see inventory.services.days."""

from django.conf import settings
from django.db import models

from inventory.models.days import DayOfPlace, total
from skus.models import Product


class SalesDay(DayOfPlace):
    """What somebody sold in a place on one day, and took back."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False)
    sales = models.PositiveIntegerField(default=0)
    returns = models.PositiveIntegerField(default=0)
    sold = total(decimal_places=2)
    returned = total(decimal_places=2)
    tax = total(decimal_places=2)
    units = total(decimal_places=3)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["location", "business_date", "person"], nulls_distinct=False, name="sales_day_once"
            )
        ]


class OfProduct(DayOfPlace):
    product = models.ForeignKey(Product, models.PROTECT, null=True, related_name="+", db_index=False)
    sold = total(decimal_places=2)
    returned = total(decimal_places=2)
    units = total(decimal_places=3)

    class Meta:
        abstract = True


class ProductDay(OfProduct):
    """How much of one style was sold in a place on one day, less what came back."""

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["location", "business_date", "product"], nulls_distinct=False, name="product_day_once"
            )
        ]


class ProductWeek(OfProduct):
    """The same of a week, under its Monday."""

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["location", "business_date", "product"], nulls_distinct=False, name="product_week_once"
            )
        ]
