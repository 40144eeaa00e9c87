"""Giving SKUs their barcodes: those the goods came with, and numbers of the house's own."""

from django.db import DataError, connection, transaction
from django.utils import timezone

from boutique.errors import Duplicate, InUse, Invalid, line_error
from boutique.transactions import sqlstate
from skus import gtin
from skus.models import Barcode, CatalogueEvent, Product, Sku
from skus.services import catalogue, rehearsal, search

Kind = Barcode.Kind
NUMBERS_USED_UP = "2200H"


@transaction.atomic
def add(*, sku, value, by, kind="", is_primary=False):
    """One more code for the same SKU. Whoever makes it the primary one changes the SKU."""
    sku = locked(sku, by if is_primary else None)
    barcode = new_barcode(sku, value, by, kind=kind)
    refuse_taken([barcode])
    if is_primary:
        demote_primaries([sku], by)
        barcode.is_primary = True
    barcode.save()
    noted(sku, by, [None, barcode.printed])
    search.refresh_skus([sku.pk])
    return barcode


@transaction.atomic
def make_primary(*, barcode, by):
    """The one that is printed on labels."""
    sku = locked(barcode.sku, by)
    barcode = barcode.as_locked(Barcode.objects.select_for_update().get(pk=barcode.pk))
    if not barcode.is_primary:
        demote_primaries([sku], by)
        barcode.is_primary, barcode.updated_by = True, by
        barcode.save()
        noted(sku, by, [sku.printed_barcode, barcode.printed])
    return barcode


@transaction.atomic
def remove(*, barcode, by):
    sku = locked(barcode.sku)
    barcode = barcode.as_locked(Barcode.objects.select_for_update().get(pk=barcode.pk))
    if barcode.is_primary:
        raise InUse(f"{barcode} is the primary barcode of {sku}. Make another one primary first.")
    noted(sku, by, [barcode.printed, None])
    barcode.delete()
    search.refresh_skus([sku.pk])


def locked(sku, by=None):
    """Its product first, as everywhere: whoever renames that writes the words of this SKU anew, barcodes and all.

    With `by`: if they may change it; otherwise it is not there for them.
    """
    Product.objects.select_for_update(no_key=True).get(pk=sku.product_id)
    skus = Sku.objects.editable_by(by) if by else Sku.objects
    return skus.select_for_update(no_key=True).with_barcode().get(pk=sku.pk)


def noted(sku, by, change):
    """The SKU has changed, for its log and for whoever has read it."""
    sku.updated_by = by
    sku.save(update_fields=["updated_by", "updated_at"])
    catalogue.log(sku, CatalogueEvent.Kind.CHANGED, by, {"barcode": change})


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


# Whoever types in a number of this range takes the lock alone: nobody draws the same one at that moment. It is the lock
# of the very sequence that is drawn from: a rehearsal has its own.
OWN_NUMBER = "hashtextextended('skus.own_number', 'skus_own_number'::regclass::oid::bigint)"
DRAW = f"""
    WITH locked AS MATERIALIZED (SELECT pg_advisory_xact_lock_shared({OWN_NUMBER}))
    SELECT nextval('skus_own_number') FROM locked, generate_series(1, %s)"""  # noqa: S608 (a constant of ours)


def own_numbers(many):
    """Numbers nobody has: the sequence never gives one out twice, and what somebody typed in by hand is passed over."""
    found = []
    while len(found) < many:
        drawn = [gtin.own_ean13(number) for number in drawn_numbers(many - len(found))]
        taken = set(Barcode.objects.filter(value__in=drawn).values_list("value", flat=True))
        taken |= rehearsal.taken_in_earnest(Barcode, "value", drawn)
        found += [value for value in drawn if value not in taken]
    return found


def drawn_numbers(many):
    try:
        with connection.cursor() as cursor:
            cursor.execute(DRAW, [many])
            return [number for (number,) in cursor.fetchall()]
    except DataError as error:
        if sqlstate(error) != NUMBERS_USED_UP:
            raise
        raise InUse("All barcode numbers of the house's own range are used up. Give a barcode with the SKU.") from error


def keep_to_ourselves(value):
    if gtin.is_own(value):
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT pg_advisory_xact_lock({OWN_NUMBER})")


def new_barcode(sku, value, by, *, kind="", field="value"):
    normal_value, kind = normal(value, kind, field)
    keep_to_ourselves(normal_value)
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
    values = [one.value for one in barcodes]
    owners = dict(Barcode.objects.filter(value__in=values).values_list("value", "sku__code"))
    # A SKU is looked up by its code too: a scan must not find another.
    others = Sku.objects.filter(code__in=values).exclude(pk__in=[one.sku_id for one in barcodes if one.sku_id])
    owners |= {code: code for code in others.values_list("code", flat=True)}
    for one in barcodes:
        if owner := owners.get(one.value):
            text = f"{one.printed} already stands for {owner}."
            raise Duplicate(text, errors=[line_error(field, "duplicate", text, owner=owner)])
