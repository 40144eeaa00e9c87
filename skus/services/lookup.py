"""What is this? One code, as it was scanned or typed, and whatever in the house answers to it."""

from django.conf import settings
from django.db.models import F, OuterRef, Q, Subquery
from django.utils.module_loading import import_string

from boutique.errors import RuleError
from skus import gtin
from skus.models import Barcode, ProductImage, Sku

LONGEST = 60  # of the codes that are looked up; nothing here has a longer one


class UnknownCode(RuleError):
    status = 404
    code = "not_found"
    title = "Not found"


def find(code, *, by):
    """Asks each of settings.LOOK_UPS in turn: `(code, person)` → what it is, or None."""
    if is_possible(code):
        for path in settings.LOOK_UPS:
            if found := import_string(path)(code, by):
                return {"kind": found.pop("kind"), "code": code, "normalised": gtin.normal_form(code), **found}
    raise UnknownCode(why_unknown(code), normalised=gtin.normal_form(code)[:LONGEST])


def is_possible(code):
    return len(code) <= LONGEST and code.isprintable()


def why_unknown(code):
    digits = gtin.digits_of(gtin.folded(code))
    if digits.strip("0") and not gtin.is_gtin(digits):
        return f"{gtin.WrongCheckDigit(digits, gtin.check_digit(digits[:-1]))} Scan it again."
    return "Nothing in the house has this code."


# ------------------------------------------------------------------------------------------------ of the catalogue


def sku(code, person):
    """By one of its barcodes, or else by its own code."""
    rows = Sku.objects.visible_to(person).select_related("product").with_barcode()
    rows = rows.annotate(picture=Subquery(best_pictures().values("image")[:1]))
    # Two questions that an index each answers; both in one would read the whole table.
    found = rows.filter(barcodes__value__in=forms(code)).first() or rows.filter(code=gtin.folded(code)).first()
    return found and {"kind": "sku", "sku": found.pk, "object": described(found, person)}


def forms(code):
    """What may be kept of it. Scanners send the short UPC-E as it is printed: eight digits that look like an EAN-8."""
    digits = gtin.digits_of(gtin.folded(code))
    return {gtin.normal_form(code), *([gtin.normal_form(gtin.expanded_upce(digits))] if gtin.is_upce(digits) else [])}


def best_pictures():
    """Its own before those of the whole product."""
    own_or_common = Q(sku=OuterRef("pk")) | Q(sku=None)
    pictures = ProductImage.objects.filter(own_or_common, product=OuterRef("product_id"))
    return pictures.order_by(F("sku").asc(nulls_last=True), "position", "id")


def described(row, person):
    shown = {
        "id": row.pk,
        "code": row.code,
        "product": row.product_id,
        "product_code": row.product.code,
        "product_name": row.product.name,
        "size": row.size,
        "colour": row.colour,
        "style": row.style,
        "unit": row.product.unit,
        "barcode": row.printed_barcode,
        "is_active": row.is_active,
    }
    if person.has_perm("skus.view_price"):
        shown["price"] = f"{row.effective_price:.2f}"
    if person.has_perm("skus.view_productimage"):
        shown["image"] = row.picture
    return shown


def owners(values):
    """SKU ids by code, for what a photo shows: one of their barcodes, or the SKU's own code."""
    normal = {value: gtin.normal_form(value) for value in values if is_possible(value)}
    known = dict(Sku.objects.filter(code__in=normal.values()).values_list("code", "pk"))
    known |= dict(Barcode.objects.filter(value__in=normal.values()).values_list("value", "sku"))
    return {value: known.get(normal.get(value)) for value in values}
