"""Giving SKUs their barcodes: those the goods came with, and numbers of the house's own."""

from django.db import connection, transaction
from django.utils import timezone

from boutique.errors import Duplicate, InUse, Invalid, line_error
from skus import gtin
from skus.models import Barcode, Sku
from skus.services import search

Kind = Barcode.Kind


@transaction.atomic
def add(*, sku, value, by, kind="", is_primary=False):
    """One more code for the same SKU."""
    Sku.objects.select_for_update(no_key=True).get(pk=sku.pk)
    barcode = new_barcode(sku, value, by, kind=kind)
    refuse_taken([barcode])
    if is_primary:
        demote_primaries([sku], by)
        barcode.is_primary = True
    barcode.save()
    search.refresh_skus([sku.pk])
    return barcode


@transaction.atomic
def make_primary(*, barcode, by):
    """The one that is printed on labels."""
    Sku.objects.select_for_update(no_key=True).get(pk=barcode.sku_id)
    barcode = barcode.as_locked(Barcode.objects.select_for_update().get(pk=barcode.pk))
    if not barcode.is_primary:
        demote_primaries([barcode.sku], by)
        barcode.is_primary, barcode.updated_by = True, by
        barcode.save()
    return barcode


@transaction.atomic
def remove(*, barcode, by):
    sku = Sku.objects.select_for_update(no_key=True).get(pk=barcode.sku_id)
    barcode = barcode.as_locked(Barcode.objects.select_for_update().get(pk=barcode.pk))
    if barcode.is_primary:
        raise InUse(f"{barcode} is the primary barcode of {sku}. Make another one primary first.")
    barcode.delete()
    search.refresh_skus([sku.pk])


def put_first(sku, value, *, by):
    """The SKU is known by this code from now on; the one before stays known too."""
    there = sku.barcodes.filter(value=normal(value, "")[0]).first()
    if there:
        make_primary(barcode=there, by=by)
    else:
        add(sku=sku, value=value, is_primary=True, by=by)


def put_first_of_all(known, new, *, by):
    """The same for many SKUs at once: barcodes they have already, and new ones that nobody has."""
    demote_primaries({barcode.sku_id for barcode in [*known, *new]}, by)
    ids = [barcode.pk for barcode in known]
    Barcode.objects.filter(pk__in=ids).update(is_primary=True, updated_by=by, updated_at=timezone.now())
    for barcode in new:
        barcode.is_primary = True
    Barcode.objects.bulk_create(new)


def demote_primaries(skus, by):
    primary = Barcode.objects.filter(sku__in=skus, is_primary=True)
    primary.update(is_primary=False, updated_by=by, updated_at=timezone.now())


# ------------------------------------------------------------------------------------------------ many at once


def give(skus, brought, *, by):
    """Each new SKU its primary barcode: the one it brought (by SKU code), or else a number of our own."""
    own = iter(own_numbers(sum(sku.code not in brought for sku in skus)))
    made = []
    for sku in skus:
        if sku.code in brought:
            made.append(new_barcode(sku, brought[sku.code], by, field="barcode"))
        else:
            made.append(Barcode(sku=sku, value=next(own), kind=Kind.INTERNAL, created_by=by, updated_by=by))
        made[-1].is_primary = True
        sku.primary_value = made[-1].value
    refuse_taken([barcode for barcode in made if barcode.sku.code in brought], field="barcode")
    Barcode.objects.bulk_create(made)


def own_numbers(many):
    """Numbers nobody has: the sequence never gives one out twice, and what somebody typed in by hand is passed over."""
    found = []
    while len(found) < many:
        with connection.cursor() as cursor:
            cursor.execute("SELECT nextval('skus_own_number') FROM generate_series(1, %s)", [many - len(found)])
            drawn = [gtin.own_ean13(number) for (number,) in cursor.fetchall()]
        taken = set(Barcode.objects.filter(value__in=drawn).values_list("value", flat=True))
        found += [value for value in drawn if value not in taken]
    return found


def new_barcode(sku, value, by, *, kind="", field="value"):
    normal_value, kind = normal(value, kind, field)
    return Barcode(sku=sku, value=normal_value, kind=kind, created_by=by, updated_by=by)


def normal(value, kind, field="value"):
    """The form a code is kept in, and its kind where nobody named one."""
    looks_like_gtin = bool(gtin.digits_of(gtin.folded(value)))
    try:
        if kind == Kind.GTIN or (not kind and looks_like_gtin):
            found = gtin.gtin(value)
            return found, kind or (Kind.INTERNAL if gtin.is_own(found) else Kind.GTIN)
        return gtin.plain(value), kind or Kind.INTERNAL
    except gtin.BadCode as error:
        params = {"expected": error.expected} if isinstance(error, gtin.WrongCheckDigit) else {}
        code = "check_digit" if params else "invalid"
        raise Invalid(str(error), errors=[line_error(field, code, str(error), **params)]) from None


def refuse_taken(barcodes, field="value"):
    """Names the owner. The unique constraint has the last word, should somebody be quicker."""
    if not barcodes:
        return
    owners = dict(Barcode.objects.filter(value__in=[one.value for one in barcodes]).values_list("value", "sku__code"))
    for one in barcodes:
        if owner := owners.get(one.value):
            text = f"{one.printed} is already a barcode of {owner}."
            raise Duplicate(text, errors=[line_error(field, "duplicate", text, owner=owner)])
