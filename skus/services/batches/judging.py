"""The second step of a batch: is each row good, by itself and beside those before it? Asks the database nothing.

Only a good row has said anything: its SKU, its barcode and what it says of its product are taken from then on, and a
rejected one stands in nobody's way.
"""

from typing import NamedTuple

from boutique.errors import InUse
from skus.axes import AXES
from skus.models import MOST_VALUES
from skus.rows import OF_PRODUCT, BadCell, WrongDigit, category_text, good
from skus.services import variants
from skus.services.batches.finding import folded


def judge(rows, found, firsts, by):
    whats = {saying.what for row in good(rows) for saying in sayings(row) if isinstance(saying.what, str)}
    judged = Judged(found, firsts.of(whats), by)
    for row in good(rows):
        judged.judge(row)


def said_by(rows):
    """For `firsts`: what these rows have said, once they are written and everything in them has its code."""
    for row in good(rows):
        for saying in sayings(row):
            if isinstance(saying.what, str):
                yield saying.what, row.number, saying.value


class Saying(NamedTuple):
    """What no later row may say again, or, of a product, may not say otherwise."""

    what: str | tuple  # a text can be kept beyond this batch
    column: str
    about: str = ""
    value: str = ""


def sayings(row):
    if code := row.sku.code if row.sku else row.said.get("code"):
        column = "code" if row.said.get("code") else row.column(*AXES)
        yield Saying(f"sku {code}", column, "the same SKU")
    variant = ("variant", id(row.product), folded(row.variant))
    yield Saying(variant, row.column(*AXES), "the same size, colour and style of this product")
    if row.barcode:
        yield Saying(f"barcode {row.barcode}", "barcode", "the same barcode")
    for column in OF_PRODUCT:
        if column in row.said:
            what = f"{row.product.code} {column}" if row.product.pk else (id(row.product), column)
            yield Saying(what, column, value=as_text(row.said[column]))


def as_text(value):
    return category_text(value) if isinstance(value, tuple) else str(value)


class Judged:
    def __init__(self, found, said, by):
        self.found = found
        self.said = said  # what → the first row that said it, and how
        self.values = {}  # a product's sizes, colours and styles so far
        self.complete = set()  # new products that have all they need
        self.may_price = by.has_perm("skus.change_price")
        self.may_shelve = by.has_perm("skus.add_category")
        self.checks = (
            self.check_archived,
            self.check_shelf,
            self.check_barcode,
            self.check_axes,
            self.check_prices,
            self.check_new_product,
            self.check_repeated,
        )

    def judge(self, row):
        for check in self.checks:
            check(row)
            if row.errors:
                return
        self.take(row)

    def take(self, row):
        self.complete.add(id(row.product))
        for axis, values in self.values_of(row.product).items():
            values.add(row.variant[axis].upper())
        for saying in sayings(row):
            self.said.setdefault(saying.what, (row.number, saying.value))

    # -------------------------------------------------------------------------------------------- by itself

    def check_archived(self, row):
        """An archived product gets no SKU and no SKU of it comes back, until it comes back itself."""
        comes_back = row.sku is not None and row.said.get("is_active") and not row.sku.is_active
        if row.product.pk and (row.sku is None or comes_back):
            try:
                variants.refuse_archived(row.product)
            except InUse as error:
                column = "is_active" if comes_back else row.column("product_code", "product_name", "code")
                row.wrong(column, error.code, error.detail)

    def check_shelf(self, row):
        if (code := row.said.get("outfit_type")) and code not in self.found.outfit_types:
            row.wrong("outfit_type", "not_found", f"There is no outfit type {code}. Make it first.")
        if steps := row.said.get("category"):
            try:
                if self.found.shelves.find(steps) is None and not self.may_shelve:
                    row.wrong("category", "not_found", "There is no such category, and you may not make one.")
            except BadCell as error:
                row.wrong("category", error.code, str(error))

    def check_barcode(self, row):
        owner = self.found.barcodes.get(row.barcode)
        if owner is None and isinstance(row.said.get("barcode"), WrongDigit):
            row.wrong("barcode", "check_digit", row.said["barcode"].message)
        elif owner and owner.sku != row.sku:
            row.wrong("barcode", "duplicate", f"{owner} is already a barcode of {owner.sku.code}.")

    def check_axes(self, row):
        for axis, values in self.values_of(row.product).items():
            if row.variant[axis].upper() not in values and len(values) > MOST_VALUES:
                row.wrong(axis, "too_many", f"A product has at most {MOST_VALUES} {AXES[axis]}.")

    def values_of(self, product):
        """Of each axis, in capitals, and "" for none."""
        if id(product) not in self.values:
            self.values[id(product)] = {
                axis: {"", *(value.upper() for value in getattr(product, plural))} for axis, plural in AXES.items()
            }
        return self.values[id(product)]

    def check_prices(self, row):
        """Whoever makes something sets its first price; changing one later is for whoever runs the store."""
        if self.may_price:
            return
        of_product = ("base_price", "tax_rate") if row.product.pk else ()
        changed = [name for name in of_product if row.said.get(name) not in (None, getattr(row.product, name))]
        if row.sku and "price" in row.said and row.said["price"] != row.sku.price:
            changed.insert(0, "price")
        for column in changed:
            row.wrong(column, "permission_denied", "Prices and taxes are changed by whoever runs the store.")

    # -------------------------------------------------------------------------------------------- beside the others

    def check_new_product(self, row):
        if row.product.pk is None and id(row.product) not in self.complete:
            for column in ("product_name", "base_price"):
                if column not in row.said:
                    row.wrong(column, "required", f"The first row of a new product needs a {column}.")

    def check_repeated(self, row):
        """The same SKU or barcode in two rows, or a product that costs two prices: one of them is a slip."""
        for saying in sayings(row):
            first, before = self.said.get(saying.what, (row.number, saying.value))
            if first == row.number:
                continue
            if saying.about:
                row.wrong(saying.column, "repeated", f"Row {first} is about {saying.about}.")
                return
            if before != saying.value:
                text = f"Row {first} says {before or 'none'!r}. Say the same in every row of a product."
                row.wrong(saying.column, "conflict", text)
