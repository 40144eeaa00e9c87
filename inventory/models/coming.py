"""What is on its way to a shelf. Whoever brings goods says so in rows of `sku`, `location` and `coming`."""

from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import OuterRef, Subquery, Sum, Value
from django.db.models.functions import Coalesce
from django.utils.module_loading import import_string

NOTHING = Decimal("0.000")  # as fine as all quantities, so that nothing has to be rounded to be shown


def incoming(*, sku="sku", location="location"):
    """An annotation: ordered and not received. `sku` and `location`: the way to them."""
    return total(settings.INCOMING, sku, location)


def in_transit(*, sku="sku", location="location"):
    """Shipped by another place and not received."""
    return total(["inventory.models.transfers.on_the_road"], sku, location)


def total(paths, sku, location):
    quantity = models.DecimalField(max_digits=12, decimal_places=3)
    added = Value(NOTHING, quantity)
    for path in paths:
        of_shelf = import_string(path)().filter(sku=OuterRef(sku), location=OuterRef(location)).order_by().values("sku")
        quantities = Subquery(of_shelf.annotate(total=Sum("coming")).values("total"), quantity)
        added += Coalesce(quantities, Value(NOTHING, quantity))
    return added
