"""Suppliers and what they sell: adding, changing, archiving, deleting."""

from django.db import transaction

from boutique.documents import locked_again
from boutique.errors import InUse, line_error
from boutique.models import is_referred_to
from inventory.services import ledger
from skus.models import Sku
from suppliers.models import Supplier, SupplierSku

# ------------------------------------------------------------------------------------------------ suppliers


def add(*, by, **fields):
    return Supplier.objects.create(created_by=by, updated_by=by, **fields)


@transaction.atomic
def change(*, supplier, by, **fields):
    return put(locked_again(supplier), by, fields)


def archive(*, supplier, by):
    """Nothing more is ordered there; what was ordered may still come."""
    return change(supplier=supplier, by=by, is_active=False)


def restore(*, supplier, by):
    return change(supplier=supplier, by=by, is_active=True)


@transaction.atomic
def delete(*, supplier, by):
    """For one that nothing was ever ordered from: it goes with its prices."""
    supplier = supplier.as_locked(Supplier.objects.select_for_update().get(pk=supplier.pk))
    if is_referred_to([supplier]):
        raise InUse(f"There are orders from {supplier}. Archive it instead (archive/).")
    supplier.delete()


def put(row, by, fields):
    for name, value in fields.items():
        setattr(row, name, value)
    row.updated_by = by
    row.save()
    return row


# ------------------------------------------------------------------------------------------------ prices


@transaction.atomic
def add_price(*, supplier, sku, by, **fields):
    """The supplier has this SKU. Preferred is one supplier of each SKU: the one before steps back."""
    return put_price(SupplierSku(supplier=supplier, sku=sku, created_by=by), by, fields)


@transaction.atomic
def change_price(*, price, by, **fields):
    one_at_a_time(price.sku_id)
    return put_price(locked_again(price), by, fields)


@transaction.atomic
def delete_price(*, price, by):
    locked_again(price).delete()


def put_price(price, by, fields):
    one_at_a_time(price.sku_id)
    ledger.refuse(
        error
        for name in ("pack_size", "minimum_order")
        if name in fields and (error := ledger.wrong_quantity(fields[name], price.sku, name))
    )
    if fields.get("is_preferred"):
        others = SupplierSku.objects.filter(sku=price.sku_id, is_preferred=True).exclude(pk=price.pk)
        for other in others:
            put(other, by, {"is_preferred": False})
    return put(price, by, fields)


def one_at_a_time(sku):
    """Two who make different suppliers of one SKU the preferred one wait for each other."""
    Sku.objects.select_for_update(no_key=True).only("pk").get(pk=sku)


def refuse_archived(supplier):
    if not supplier.is_active:
        text = f"{supplier} is archived. Restore it first (restore/)."
        ledger.refuse([line_error("supplier", "inactive", text)])
