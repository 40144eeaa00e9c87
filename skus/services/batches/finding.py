"""The first step of a batch: what there is already of all that its rows name, locked, each kind by one statement.

A row learns which product and SKU it is about. One that is about none, or about several, is refused here.
"""

from collections import defaultdict
from dataclasses import dataclass, field

from django.db import connection
from django.db.models import Q

from skus.axes import AXES
from skus.models import Barcode, OutfitType, Product, Sku
from skus.rows import good, said
from skus.services import variants
from skus.services.shelves import Shelves

VARIANTS = """
    SELECT wanted.place, sku.id
    FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[])
        WITH ORDINALITY AS wanted (product, size, colour, style, place)
    JOIN skus_sku sku ON sku.product_id = wanted.product AND upper(sku.size) = upper(wanted.size)
        AND upper(sku.colour) = upper(wanted.colour) AND upper(sku.style) = upper(wanted.style)"""


@dataclass
class Found:
    """What the catalogue holds of it all."""

    products: dict = field(default_factory=dict)  # by id; the new ones are only with their rows
    shelves: Shelves | None = None  # None where no row names one
    outfit_types: dict = field(default_factory=dict)  # by code
    barcodes: dict = field(default_factory=dict)  # by value


def find(rows, by):
    found = Found()
    find_products(rows, found, by)
    # Under the lock of their products, so that no SKU changes while we look.
    find_skus_by_code(rows, found)
    find_skus_by_variant(rows, found)
    find_shelves(rows, found)
    find_barcodes(rows, found)
    return found


# ------------------------------------------------------------------------------------------------ products


def find_products(rows, found, by):
    owners = dict(Sku.objects.filter(code__in=said(rows, "code")).values_list("code", "product_id"))
    named = products_by_name(row for row in good(rows) if row.said.get("code") not in owners)
    ids = {*owners.values(), *(pks[0] for pks in named.values())}
    wanted = Q(pk__in=ids) | Q(code__in=said(rows, "product_code"))
    products = Product.objects.filter(wanted).select_related("category", "outfit_type").defer("search")
    locked = products.select_for_update(no_key=True, of=("self",)).order_by("pk")
    found.products = {product.pk: product for product in locked}
    by_code = {product.code: product for product in found.products.values()}
    new = NewProducts(by)
    for row in good(rows):
        if pk := owners.get(row.said.get("code")):
            row.product = found.products.get(pk)
            if row.product is None:
                row.wrong("code", "refused", "Somebody has deleted this just now.")
        elif code := row.said.get("product_code"):
            row.product = by_code.get(code) or new.product(code=code)
        elif name := row.said.get("product_name"):
            row.product = product_named(row, name, named[name], found, new)
        else:
            refuse_without_product(row)


def products_by_name(rows):
    """Ids of those of each name."""
    names = {row.said.get("product_name") for row in rows if not row.said.get("product_code")} - {None}
    named = defaultdict(list)
    for name, pk in Product.objects.filter(name__in=names).values_list("name", "pk"):
        named[name].append(pk)
    return named


def product_named(row, name, ids, found, new):
    if len(ids) > 1:
        text = f"There are {len(ids)} products of this name. Give the product_code."
        row.wrong("product_name", "ambiguous", text)
        return None
    there = found.products.get(ids[0]) if ids else None
    return there or new.product(name=name)


def refuse_without_product(row):
    if code := row.said.get("code"):
        row.wrong("code", "not_found", f"There is no SKU {code}. To make it, add product_code or product_name.")
    else:
        column = row.column("product_code", "product_name", "code")
        row.wrong(column, "required", "Say whose SKU this is: product_code, or product_name for a new one.")


class NewProducts:
    """One for all rows that name it alike."""

    def __init__(self, by):
        self.by, self.made = by, {}

    def product(self, **known):
        key = tuple(known.items())
        if key not in self.made:
            self.made[key] = Product(created_by=self.by, updated_by=self.by, **known)
        return self.made[key]


# ------------------------------------------------------------------------------------------------ SKUs


def find_skus_by_code(rows, found):
    by_code = {sku.code: sku for sku in locked_skus(Q(code__in=said(rows, "code"), product__in=found.products), found)}
    for row in good(rows):
        row.sku = by_code.get(row.said.get("code"))
        if row.sku is not None:
            row.product = row.sku.product
            if row.said.get("product_code") not in (None, row.product.code):
                text = f"{row.sku.code} belongs to {row.product.code}. A SKU stays with its product."
                row.wrong("product_code", "invalid", text)


def find_skus_by_variant(rows, found):
    asked = []
    for row in good(rows):
        there = {axis: getattr(row.sku, axis) if row.sku else "" for axis in AXES}
        row.variant = {axis: row.said.get(axis, there[axis]) for axis in AXES}
        if row.product.pk and (row.sku is None or folded(row.variant) != folded(there)):
            asked.append(row)
    skus = skus_of([(row.product.pk, *row.variant.values()) for row in asked], found)
    for place, sku in skus.items():
        meet(asked[place], sku)


def skus_of(wanted, found):
    """By the place among `wanted` of their (product, size, colour, style)."""
    if not wanted:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(VARIANTS, [list(part) for part in zip(*wanted, strict=True)])
        places = {place - 1: pk for place, pk in cursor.fetchall()}
    skus = {sku.pk: sku for sku in locked_skus(Q(pk__in=places.values()), found)}
    return {place: skus[pk] for place, pk in places.items()}


def meet(row, sku):
    """Its product has a SKU of this size, colour and style already."""
    if row.sku is None and not row.said.get("code"):
        row.sku = sku
        row.variant = {axis: getattr(sku, axis) for axis in AXES}
    elif row.sku != sku:
        text = f"{row.product.code} has this size, colour and style already: {sku.code}. Use that code, or none."
        row.wrong("code" if row.sku is None else "size", "duplicate", text)


def locked_skus(wanted, found):
    skus = Sku.objects.with_barcode().select_for_update(no_key=True).filter(wanted).defer("search").order_by("pk")
    for sku in skus:
        sku.product = found.products[sku.product_id]
        yield sku


def folded(variant):
    return variants.folded(variant.values())


# ------------------------------------------------------------------------------------------------ the rest


def find_shelves(rows, found):
    if said(rows, "category"):
        found.shelves = Shelves()
    if codes := said(rows, "outfit_type"):
        found.outfit_types = {kind.code: kind for kind in OutfitType.objects.filter(code__in=codes)}


def find_barcodes(rows, found):
    """Where a spreadsheet may have dropped zeros: the form that is there, or else the likelier one."""
    if wanted := {form for forms in said(rows, "barcode") for form in forms}:
        there = Barcode.objects.filter(value__in=wanted).select_related("sku").defer("sku__search")
        found.barcodes = {barcode.value: barcode for barcode in there}
    for row in good(rows):
        if forms := row.said.get("barcode"):
            row.barcode = next((form for form in forms if form in found.barcodes), forms[0])
