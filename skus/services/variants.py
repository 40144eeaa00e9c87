"""SKUs: one by one, or a whole product's at once."""

from dataclasses import dataclass, field
from itertools import product as combinations

from django.db import transaction
from django.db.models.expressions import RawSQL
from django.utils import timezone

from boutique.errors import InUse, Invalid, line_error
from skus import naming, sizes
from skus.axes import AXES, PLURALS
from skus.models import CatalogueEvent, Product, ProductImage, Sku
from skus.services import barcodes, search
from skus.services.catalogue import (
    WAIT,
    changed,
    free_names,
    have_history,
    log,
    plain,
    refuse_if_used,
    tidy,
    unrepeated,
)

MOST_AT_ONCE = 500
WORDS = {"code", *AXES}
Kind = CatalogueEvent.Kind


# ------------------------------------------------------------------------------------------------ one


@transaction.atomic
def add_sku(*, product, by, barcode=None, **fields):
    """`barcode` is a number that the goods already carry; without one they get a number of the house's own."""
    product = locked_product(product)
    refuse_archived(product)
    variant = {axis: fields.get(axis, "") for axis in AXES}
    extend_axes(product, variant, by)
    code = fields.pop("code", "") or Codes(product).made_for(**variant)
    sku = new_sku(product, by, code=code, **fields)
    sku.save()
    barcodes.give([sku], {sku.code: barcode} if barcode else {}, by=by)
    search.refresh_skus([sku.pk])
    return sku


@transaction.atomic
def change_sku(*, sku, by, barcode=None, **fields):
    product = locked_product(sku.product)
    sku = sku.as_locked(Sku.objects.select_for_update(no_key=True).get(pk=sku.pk))
    sku.product = product
    if fields.get("code") == "":
        del fields["code"]
    if fields.get("code", sku.code) != sku.code:
        refuse_if_used(sku.code, [sku], "code")
    if "size" in fields:
        sku.size_order = sizes.worn_order(fields["size"])
    if WORDS & fields.keys():
        extend_axes(product, {axis: fields.get(axis, getattr(sku, axis)) for axis in AXES}, by)
    sku = changed(sku, by, fields)
    if barcode:
        barcodes.put_first(sku, barcode, by=by)
    if barcode or WORDS & fields.keys():
        search.refresh_skus([sku.pk])
    return sku


def archive_sku(*, sku, by):
    return set_active(sku, by, is_active=False)


def restore_sku(*, sku, by):
    return set_active(sku, by, is_active=True)


@transaction.atomic
def set_active(sku, by, *, is_active):
    product = locked_product(sku.product)
    locked = sku.as_locked(Sku.objects.select_for_update(no_key=True).get(pk=sku.pk))
    if is_active:
        refuse_archived(product)
    if locked.is_active != is_active or locked.archived_with_product:
        locked.is_active, locked.archived_with_product, locked.updated_by = is_active, False, by
        locked.save()
        log(locked, Kind.RESTORED if is_active else Kind.ARCHIVED, by)
    return locked


@transaction.atomic
def delete_sku(*, sku, by):
    """For a SKU that was never stocked or sold: it goes with its barcodes."""
    locked = sku.as_locked(Sku.objects.select_for_update().get(pk=sku.pk))
    if have_history([locked]):
        raise InUse(f"{sku.code} has a history. Archive it instead (archive/).")
    # Pictures of the product they remain.
    ProductImage.objects.filter(sku=locked).update(sku=None, updated_by=by, updated_at=timezone.now())
    was = {name: [plain(getattr(locked, name)), None] for name in (*AXES, "price")}
    locked.delete()
    log(sku, Kind.DELETED, by, was)


# ------------------------------------------------------------------------------------------------ all of a product


@dataclass
class Matrix:
    """What was asked for, and what became of it."""

    asked: int
    excluded: int
    created: list = field(default_factory=list)
    unchanged: list = field(default_factory=list)

    def in_figures(self):
        for sku in self.created:
            sku.is_new = True
        skus = sorted([*self.created, *self.unchanged], key=lambda sku: (sku.colour, sku.style, sku.size_order))
        return {
            "asked": self.asked,
            "excluded": self.excluded,
            "created": len(self.created),
            "unchanged": len(self.unchanged),
            "skus": skus,
        }


@transaction.atomic
def generate(*, product, by, exclude=(), price=None, preview=False):
    """A SKU for every size, colour and style that has none yet. What is there stays as it is, to the barcode."""
    product = locked_product(product)
    refuse_archived(product)
    asked, wanted = wanted_variants(product, exclude)
    there = {variant_of(sku): sku for sku in product.skus.with_barcode()}
    codes = Codes(product, there.values())
    new = [variant for variant in wanted if folded(variant) not in there]
    made = codes.made_for_all(new)
    matrix = Matrix(asked, asked - len(wanted))
    matrix.unchanged = [there[folded(variant)] for variant in wanted if folded(variant) in there]
    matrix.created = [
        new_sku(product, by, code=code, size=size, colour=colour, style=style, price=price)
        for (size, colour, style), code in zip(new, made, strict=True)
    ]
    if matrix.created and not preview:
        Sku.objects.bulk_create(matrix.created)
        barcodes.give(matrix.created, {}, by=by)
        search.refresh_skus([sku.pk for sku in matrix.created])
    return matrix


def wanted_variants(product, exclude):
    axes = [getattr(product, plural) or [""] for plural in PLURALS]
    asked = len(axes[0]) * len(axes[1]) * len(axes[2])
    refuse_unknown(product, exclude)
    if asked > 40 * MOST_AT_ONCE:  # not worth counting what is left out
        raise too_many(asked)
    left_out = Holes(exclude)
    wanted = [variant for variant in combinations(*axes) if variant not in left_out]
    if len(wanted) > MOST_AT_ONCE:
        raise too_many(len(wanted))
    return asked, wanted


def too_many(number):
    text = (
        f"These are {number} combinations, at most {MOST_AT_ONCE} are made at once. Exclude some, or make two products."
    )
    return Invalid(text, errors=[line_error("exclude", "too_many", text, combinations=number, most=MOST_AT_ONCE)])


class Holes:
    """What a hole does not name, it leaves open: {"size": "XL"} leaves out every XL.

    Kept by which axes they name, so that 500 of them cost no more than a few.
    """

    def __init__(self, exclude):
        self.by_axes = {}
        for hole in exclude:
            values = [hole.get(axis) for axis in AXES]
            axes = tuple(place for place, value in enumerate(values) if value is not None)
            self.by_axes.setdefault(axes, set()).add(folded(values[place] for place in axes))

    def __contains__(self, variant):
        values = folded(variant)
        return any(tuple(values[place] for place in axes) in named for axes, named in self.by_axes.items())


def refuse_unknown(product, exclude):
    """A typo would leave nothing out, and nobody would notice."""
    problems = []
    for index, hole in enumerate(exclude):
        for axis, plural in AXES.items():
            known, wanted = getattr(product, plural), hole.get(axis)
            if wanted is not None and wanted.upper() not in {value.upper() for value in known or [""]}:
                text = f"The product has no {axis} {wanted!r}. It has: {', '.join(known) or 'none'}."
                problems.append(line_error(f"exclude.{index}.{axis}", "invalid", text))
    if problems:
        raise Invalid(problems[0]["message"], errors=problems)


# ------------------------------------------------------------------------------------------------ parts


def locked_product(product):
    """Codes are made under this lock, so that two never make the same.

    And under one for the beginning of the product's code: KRT in BLU, and a product KRT-BLU, come to the same codes.
    """
    waited = RawSQL(f"{WAIT}::text", [f"codes {product.code.partition('-')[0]}"])  # noqa: S611 (a constant of ours)
    return Product.objects.annotate(waited=waited).select_for_update(no_key=True).get(pk=product.pk)


def refuse_archived(product):
    if not product.is_active:
        raise InUse(f"{product.code} is archived. Restore the product first (restore/).")


def new_sku(product, by, *, code, size="", colour="", style="", price=None):
    return Sku(
        product=product,
        code=code,
        size=size,
        colour=colour,
        style=style,
        price=price,
        size_order=sizes.worn_order(size),
        created_by=by,
        updated_by=by,
    )


def folded(variant):
    return tuple(part.upper() for part in variant)


def variant_of(sku):
    return folded((sku.size, sku.colour, sku.style))


def axes_of(product, skus):
    """The sizes, colours and styles that a product and its SKUs have between them, in the order they are shown."""
    return tidy(
        {plural: [*getattr(product, plural), *(getattr(sku, axis) for sku in skus)] for axis, plural in AXES.items()}
    )


def extend_axes(product, variant, by):
    """A size that nobody had thought of comes in: from now on the product has it."""
    before = {plural: list(getattr(product, plural)) for plural in PLURALS}
    if added := widened(product, variant):
        product.updated_by = by
        product.save(update_fields=[*added, "updated_by", "updated_at"])
        log(product, Kind.CHANGED, by, {plural: [before[plural], getattr(product, plural)] for plural in added})


def widened(product, variant):
    """Puts the size, colour and style among the product's own. Names what had to be added to; saves nothing."""
    added = {
        AXES[axis]: [*getattr(product, AXES[axis]), value]
        for axis, value in variant.items()
        if value and value.upper() not in {known.upper() for known in getattr(product, AXES[axis])}
    }
    for plural, values in tidy(added).items():
        setattr(product, plural, values)
    return list(added)


class Codes:
    """Makes KRT-BLU-M: the product's code, its colours and styles each by one short name, the size as it is.

    Those that SKUs have already are named first, so that Blue stays BLU in whatever order they are listed later.
    """

    def __init__(self, product, siblings=None):
        siblings = sorted(product.skus.all() if siblings is None else siblings, key=lambda sku: sku.pk)
        self.product = product
        self.siblings = {sku.code for sku in siblings}
        self.colours = self.called([*(sku.colour for sku in siblings), *product.colours], "C")
        self.styles = self.called([*(sku.style for sku in siblings), *product.styles], "T")

    def called(self, texts, letter):
        """Blue and blue are one colour."""
        return {text.upper(): part for text, part in naming.parts_of(unrepeated(texts), letter).items()}

    def made_for(self, size, colour, style):
        return self.made_for_all([(size, colour, style)])[0]

    def made_for_all(self, variants):
        plain = [self.plain(*variant) for variant in variants]
        return free_names(Sku, "code", plain, "-", taken=self.siblings)

    def plain(self, size, colour, style):
        parts = [
            self.product.code,
            self.colours.get(colour.upper(), "") if colour else "",
            self.styles.get(style.upper(), "") if style else "",
            naming.size_part(size),
        ]
        return "-".join(part for part in parts if part)[:55]
