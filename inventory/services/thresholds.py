"""From which quantity down there is too little: set for a SKU or a product, everywhere or in one place.

A new threshold may make shelves low, or enough again. They are judged in the same transaction, under their locks, so
that a sale at the same moment sees the threshold or is seen by it.
"""

from django.db import transaction
from django.db.models import Q

from boutique.documents import locked_again
from boutique.errors import Forbidden, Invalid, line_error
from inventory.models import LowStockThreshold, StockLevel
from inventory.services import alerts
from skus.models import Product

QUANTITIES = ("threshold", "reorder_point", "target")


@transaction.atomic
def add(*, by, **fields):
    """`threshold`, and `sku` or `product`; without `location` it holds everywhere."""
    limit = LowStockThreshold(created_by=by, updated_by=by, **fields)
    refuse_everywhere(limit, by)
    refuse_unfit(limit)
    limit.save()
    judge(within(limit))
    return limit


@transaction.atomic
def change(*, limit, by, **fields):
    limit = locked_again(limit)
    refuse_everywhere(limit, by)
    before = within(limit)
    for name, value in fields.items():
        setattr(limit, name, value)
    limit.updated_by = by
    refuse_everywhere(limit, by)
    refuse_unfit(limit)
    limit.save()
    judge(before | within(limit))
    return limit


@transaction.atomic
def remove(*, limit, by):
    """What was low by it alone is low no longer."""
    limit = locked_again(limit)
    refuse_everywhere(limit, by)
    before = within(limit)
    limit.delete()
    judge(before)


def within(limit):
    """The shelves it speaks of, though a narrower one may hold for them."""
    of = Q(sku=limit.sku_id) if limit.sku_id else Q(sku__product=limit.product_id)
    return of & Q(location=limit.location_id) if limit.location_id else of


def judge(which):
    alerts.judge(alerts.locked(StockLevel.objects.on_shelves().filter(which)), thresholds_moved=True)


def refuse_everywhere(limit, by):
    if limit.location_id is None and not by.has_perm("accounts.see_all_places"):
        raise Forbidden("What holds in all places is the owner's to say. Name the place it is to hold in.")


def refuse_unfit(limit):
    if errors := list(unfit(limit)):
        raise Invalid(errors[0]["message"], errors=errors)


def unfit(limit):
    if (limit.sku_id is None) == (limit.product_id is None):
        yield line_error("sku", "invalid", "Name either a SKU or a product.")
        return
    if limit.target is not None and limit.target < limit.threshold:
        yield line_error("target", "invalid", "What is to be there cannot be less than what is too little.")
    product = limit.of_product
    if product.unit == Product.Unit.PIECE:
        for name in QUANTITIES:
            if (getattr(limit, name) or 0) % 1:
                yield line_error(name, "fraction", f"{product} is sold by the piece: no fractions.")
