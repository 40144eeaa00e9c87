"""Some hundred rows of an import at once: found, checked and written in a number of statements that is always the same.

First everything is looked up and locked, then every row is judged, then the good ones are written.
"""

from collections import defaultdict
from dataclasses import dataclass, field

from django.db import DataError, IntegrityError, connection, transaction
from django.db.models import Q
from django.utils import timezone

from boutique.errors import Duplicate
from skus import naming, sizes
from skus.models import MOST_VALUES, Barcode, CatalogueEvent, OutfitType, Product, Sku
from skus.rows import AXES, OF_PRODUCT, BadCell, WrongDigit, category_text, tidied
from skus.services import barcodes, catalogue, search, variants
from skus.services.shelves import Shelves

Kind = CatalogueEvent.Kind
PRODUCT_FIELDS = {column: column for column in OF_PRODUCT} | {"product_name": "name"}
NOTED = ("price", "is_active", *AXES)
VARIANTS = """
    SELECT wanted.place, sku.id
    FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[])
        WITH ORDINALITY AS wanted (product, size, colour, style, place)
    JOIN skus_sku sku ON sku.product_id = wanted.product AND upper(sku.size) = upper(wanted.size)
        AND upper(sku.colour) = upper(wanted.colour) AND upper(sku.style) = upper(wanted.style)"""


@dataclass
class Tally:
    """What became of the rows so far."""

    most_errors: int
    rows_done: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    rejected: int = 0
    errors: list = field(default_factory=list)

    def add(self, rows):
        for row in rows:
            self.rows_done += 1
            self.rejected += bool(row.errors)
            self.created += row.is_new and not row.errors
            self.updated += row.is_changed and not row.is_new and not row.errors
            self.errors += row.errors[: self.most_errors - len(self.errors)]
        self.unchanged = self.rows_done - self.rejected - self.created - self.updated


def settle(rows, firsts, by):
    """Writes the good ones of these rows and says of the others what is wrong with them.

    What only the database finds (somebody was quicker, two letters it takes for one) is hunted down by halving.
    """
    for row in rows:
        row.afresh()
    try:
        with transaction.atomic():
            Batch(rows, firsts, by).settle()
    except (IntegrityError, DataError, Duplicate):
        if len(rows) > 1:
            middle = len(rows) // 2
            settle(rows[:middle], firsts, by)
            settle(rows[middle:], firsts, by)
            return
        rows[0].afresh()
        rows[0].wrong("", "refused", "Something else in the catalogue stands against this row. Look it up there.")


class Batch:
    def __init__(self, rows, firsts, by):
        self.rows, self.firsts, self.by, self.now = rows, firsts, by, timezone.now()
        self.may_price = by.has_perm("skus.change_price")
        self.may_shelve = by.has_perm("skus.add_category")
        self.new_products, self.events, self.notes = {}, [], []

    @property
    def good(self):
        return [row for row in self.rows if not row.errors]

    def said(self, column):
        return {row.said[column] for row in self.good if row.said.get(column)}

    def settle(self):
        lock_imports()
        self.refuse_repeated("code", "sku", lambda row: row.said.get("code"))
        self.find_products()
        self.find_skus()
        self.find_variants()
        self.check_shelves()
        self.check_barcodes()
        self.check_axes()
        self.check_prices()
        self.check_products()
        if self.good:
            self.write()
        self.firsts.note(self.notes)

    # -------------------------------------------------------------------------------------------- finding

    def find_products(self):
        skus = dict(Sku.objects.filter(code__in=self.said("code")).values_list("code", "product_id"))
        strays = [row for row in self.good if row.said.get("code") not in skus]
        names = {row.said.get("product_name") for row in strays if not row.said.get("product_code")} - {None}
        named = defaultdict(list)
        for name, pk in Product.objects.filter(name__in=names).values_list("name", "pk"):
            named[name].append(pk)
        ids = {*skus.values(), *(pks[0] for pks in named.values())}
        wanted = Q(pk__in=ids) | Q(code__in=self.said("product_code"))
        products = Product.objects.filter(wanted).select_related("category", "outfit_type").defer("search")
        locked = products.select_for_update(no_key=True, of=("self",)).order_by("pk")
        self.products = {product.pk: product for product in locked}
        by_code = {product.code: product for product in self.products.values()}
        for row in self.good:
            if pk := skus.get(row.said.get("code")):
                row.product = self.products.get(pk)
                if row.product is None:
                    row.wrong("code", "refused", "Somebody has deleted this just now.")
            else:
                self.choose_product(row, by_code, named)

    def choose_product(self, row, by_code, named):
        code, name = row.said.get("product_code"), row.said.get("product_name")
        if code:
            row.product = by_code.get(code) or self.new_product(code=code)
        elif len(named[name]) > 1:
            many = len(named[name])
            row.wrong("product_name", "ambiguous", f"There are {many} products of this name. Give the product_code.")
        elif name:
            row.product = self.products.get(named[name][0]) if named[name] else self.new_product(name=name)
        else:
            row.wrong("product_code", "required", "Say whose SKU this is: product_code, or product_name for a new one.")

    def new_product(self, **known):
        key = tuple(known.items())
        if key not in self.new_products:
            self.new_products[key] = Product(created_by=self.by, updated_by=self.by, **known)
        return self.new_products[key]

    def find_skus(self):
        """Under the lock of their products, so that no variant changes while we look."""
        wanted = Q(code__in=self.said("code"), product__in=self.products)
        by_code = {sku.code: sku for sku in self.locked_skus(wanted)}
        for row in self.good:
            row.sku = by_code.get(row.said.get("code"))
            if row.sku is not None:
                row.product = self.products[row.sku.product_id]
                self.refuse_other_product(row)

    def refuse_other_product(self, row):
        if row.said.get("product_code") not in (None, row.product.code):
            text = f"{row.sku.code} belongs to {row.product.code}. A SKU stays with its product."
            row.wrong("product_code", "invalid", text)

    def locked_skus(self, wanted):
        skus = Sku.objects.with_barcode().select_for_update(no_key=True).filter(wanted).defer("search").order_by("pk")
        for sku in skus:
            sku.product = self.products[sku.product_id]
            yield sku

    def find_variants(self):
        asked = []
        for row in self.good:
            there = {axis: getattr(row.sku, axis) if row.sku else "" for axis in AXES}
            row.variant = {axis: row.said.get(axis, there[axis]) for axis in AXES}
            if row.product.pk and (row.sku is None or folded(row.variant) != folded(there)):
                asked.append(row)
        found = self.skus_of([(row.product.pk, *row.variant.values()) for row in asked])
        for place, sku in found.items():
            self.meet(asked[place], sku)
        self.refuse_repeated("code", "sku", lambda row: row.sku and row.sku.code)
        self.refuse_repeated_variants()

    def skus_of(self, wanted):
        if not wanted:
            return {}
        with connection.cursor() as cursor:
            cursor.execute(VARIANTS, [list(part) for part in zip(*wanted, strict=True)])
            places = {place - 1: pk for place, pk in cursor.fetchall()}
        skus = {sku.pk: sku for sku in self.locked_skus(Q(pk__in=places.values()))}
        return {place: skus[pk] for place, pk in places.items()}

    def meet(self, row, sku):
        """Its product has a SKU of this size, colour and style already."""
        if row.sku is None and not row.said.get("code"):
            row.sku = sku
            row.variant = {axis: getattr(sku, axis) for axis in AXES}
        elif row.sku != sku:
            text = f"{row.product.code} has this size, colour and style already: {sku.code}. Use that code, or none."
            row.wrong("code" if row.sku is None else "size", "duplicate", text)

    # -------------------------------------------------------------------------------------------- judging

    def refuse_repeated(self, column, what, key_of):
        """The same SKU or barcode in two rows: one of them is a slip."""
        keys = {row.number: f"{what} {key}" for row in self.rows if (key := key_of(row))}
        before = self.firsts.of(set(keys.values()))
        for row in self.rows:
            if key := keys.get(row.number):
                first, _ = before.setdefault(key, (row.number, ""))
                if first != row.number and not row.errors:
                    row.wrong(
                        column, "repeated", f"Row {first} is about the same {what.upper() if what == 'sku' else what}."
                    )
        self.firsts.note((key, number, "") for number, key in keys.items())

    def refuse_repeated_variants(self):
        first = {}
        for row in self.good:
            number = first.setdefault((id(row.product), folded(row.variant)), row.number)
            if number != row.number:
                row.wrong("size", "repeated", f"Row {number} is about the same size, colour and style of this product.")

    def check_shelves(self):
        self.shelves = Shelves() if self.said("category") else None
        codes = self.said("outfit_type")
        self.outfit_types = {kind.code: kind for kind in OutfitType.objects.filter(code__in=codes)} if codes else {}
        for row in self.good:
            if (code := row.said.get("outfit_type")) and code not in self.outfit_types:
                row.wrong("outfit_type", "not_found", f"There is no outfit type {code}. Make it first.")
            try:
                self.check_category(row)
            except BadCell as error:
                row.wrong("category", error.code, str(error))

    def check_category(self, row):
        steps = row.said.get("category")
        if steps and not self.may_shelve and self.shelves.find(steps) is None:
            raise BadCell("There is no such category, and you may not make one.", "not_found")
        if steps:
            self.shelves.find(steps)

    def check_barcodes(self):
        wanted = {value for row in self.good for value in row.said.get("barcode", ())}
        there = Barcode.objects.filter(value__in=wanted).select_related("sku").defer("sku__search") if wanted else ()
        self.barcodes = {barcode.value: barcode for barcode in there}
        for row in self.good:
            if forms := row.said.get("barcode"):
                row.barcode = next((form for form in forms if form in self.barcodes), forms[0])
                owner = self.barcodes.get(row.barcode)
                if owner is None and isinstance(forms, WrongDigit):
                    row.wrong("barcode", "check_digit", forms.message)
                elif owner and owner.sku != row.sku:
                    row.wrong("barcode", "duplicate", f"{owner} is already a barcode of {owner.sku.code}.")
        self.refuse_repeated("barcode", "barcode", lambda row: row.barcode)

    def check_axes(self):
        known = {}
        for row in self.good:
            for axis, plural in zip(AXES, catalogue.AXES, strict=True):
                key = (id(row.product), axis)
                if key not in known:
                    known[key] = {value.upper() for value in getattr(row.product, plural)}
                value = row.variant[axis].upper()
                if value and value not in known[key] and len(known[key]) >= MOST_VALUES:
                    row.wrong(axis, "too_many", f"A product has at most {MOST_VALUES} {plural}.")
                elif value:
                    known[key].add(value)

    def check_prices(self):
        """Whoever makes something sets its first price; changing one later is for whoever runs the store."""
        for row in [] if self.may_price else self.good:
            differs = {
                "price": row.sku and "price" in row.said and row.said["price"] != row.sku.price,
                **{
                    name: row.product.pk and row.said.get(name) not in (None, getattr(row.product, name))
                    for name in ("base_price", "tax_rate")
                },
            }
            for column in [name for name, is_so in differs.items() if is_so]:
                row.wrong(column, "permission_denied", "Prices and taxes are changed by whoever runs the store.")

    def check_products(self):
        """Rows of one product say the same of it; the first row of a new one says what it needs."""
        known = {f"{row.product.code} {column}" for row in self.good if row.product.pk for column in OF_PRODUCT}
        before, here, complete = self.firsts.of(known), {}, set()
        for row in self.good:
            if row.product.pk is None and id(row.product) not in complete:
                for column in ("product_name", "base_price"):
                    if column not in row.said:
                        row.wrong(column, "required", f"The first row of a new product needs a {column}.")
            said = {column: as_text(row.said[column]) for column in OF_PRODUCT if column in row.said}
            for column, text in said.items():
                earlier = here.get((id(row.product), column)) or before.get(f"{row.product.code} {column}")
                if earlier and earlier[1] != text:
                    text = f"Row {earlier[0]} says {earlier[1] or 'none'!r}. Say the same in every row of a product."
                    row.wrong(column, "conflict", text)
            if not row.errors:
                complete.add(id(row.product))
                for column, text in said.items():
                    here.setdefault((id(row.product), column), (row.number, text))
        self.said_of_products = here

    # -------------------------------------------------------------------------------------------- writing

    def write(self):
        good = self.good
        if self.shelves:
            wanted = [row.said["category"] for row in good if row.said.get("category")]
            self.shelves.make([steps for steps in wanted if self.shelves.find(steps) is None], self.by)
        self.write_products(good)
        new = self.write_new_skus([row for row in good if row.sku is None])
        changed = self.write_changed_skus([row for row in good if row.sku is not None and not row.is_new])
        CatalogueEvent.objects.bulk_create(self.events)
        if new or changed:
            search.refresh_skus([*new, *changed])
        for row in good:
            self.notes.append((f"sku {row.sku.code}", row.number, ""))
        codes = {id(row.product): row.product.code for row in good}
        for (product, column), (number, text) in self.said_of_products.items():
            if product in codes:
                self.notes.append((f"{codes[product]} {column}", number, text))

    def write_products(self, good):
        changes, widened = defaultdict(dict), set()
        for row in good:
            for name, value in self.product_fields(row).items():
                before = getattr(row.product, name)
                if not same(before, value):
                    setattr(row.product, name, value)
                    if row.product.pk:
                        changes[row.product.pk][name] = [catalogue.plain(before), catalogue.plain(value)]
                        row.is_changed = True
            if added := variants.widened(row.product, row.variant):
                widened.update((row.product.pk, plural) for plural in added)
        new = list({id(row.product): row.product for row in good if row.product.pk is None}.values())
        self.name(new)
        Product.objects.bulk_create(new)
        self.update_products(changes, {(pk, plural) for pk, plural in widened if pk})
        renamed = [pk for pk, fields in changes.items() if fields.keys() & search.PRODUCT_WORDS]
        if new or renamed:
            search.refresh_products([*(product.pk for product in new), *renamed])

    def product_fields(self, row):
        fields = {PRODUCT_FIELDS[column]: value for column, value in row.says(*OF_PRODUCT).items()}
        if fields.get("category"):
            fields["category"] = self.shelves.find(fields["category"])
        elif "category" in fields:
            fields["category"] = None
        if "outfit_type" in fields:
            fields["outfit_type"] = self.outfit_types.get(fields["outfit_type"])
        return fields

    def name(self, new):
        nameless = [product for product in new if not product.code]
        stems = [naming.product_stem(product.name, product.kind) for product in nameless]
        taken = {product.code for product in new}
        for product, code in zip(nameless, catalogue.free_names(Product, "code", stems, taken=taken), strict=True):
            product.code = code

    def update_products(self, changes, widened):
        products = [self.products[pk] for pk in {*changes, *(pk for pk, _ in widened)}]
        for product in products:
            product.updated_at = self.now
            if product.pk in changes:
                product.updated_by = self.by
                self.events.append(catalogue.event(product, Kind.CHANGED, self.by, changes[product.pk]))
        fields = {name for found in changes.values() for name in found} | {plural for _, plural in widened}
        if products:
            Product.objects.bulk_update(products, [*sorted(fields), "updated_at", "updated_by"])

    def write_new_skus(self, rows):
        codes = self.made_codes([row for row in rows if not row.said.get("code")])
        for row in rows:
            row.sku = variants.new_sku(
                row.product,
                self.by,
                code=row.said.get("code") or codes[row.number],
                price=row.said.get("price"),
                **row.variant,
            )
            row.sku.is_active = row.said.get("is_active", True)
            row.is_new = True
        skus = [row.sku for row in rows]
        if skus:
            Sku.objects.bulk_create(skus)
            barcodes.give(skus, {row.sku.code: row.barcode for row in rows if row.barcode}, by=self.by)
        return [sku.pk for sku in skus]

    def made_codes(self, rows):
        products = {row.product.pk: row.product for row in rows}
        siblings = defaultdict(list)
        if rows:
            for sku in Sku.objects.filter(product__in=products).only("product_id", "code", "colour", "style"):
                siblings[sku.product_id].append(sku)
        codes = {pk: variants.Codes(product, siblings[pk]) for pk, product in products.items()}
        plain = [codes[row.product.pk].plain(**row.variant) for row in rows]
        taken = {row.said["code"] for row in self.rows if row.said.get("code")}
        made = catalogue.free_names(Sku, "code", plain, "-", taken=taken)
        return {row.number: code for row, code in zip(rows, made, strict=True)}

    def write_changed_skus(self, rows):
        changed, worded, fields = [], [], set()
        for row in rows:
            wanted = {**row.variant, **row.says("price", "is_active")}
            new = {name: value for name, value in wanted.items() if not same(getattr(row.sku, name), value)}
            if new:
                self.change(row.sku, new)
                row.is_changed = True
                changed.append(row.sku)
                fields |= new.keys()
                worded += [row.sku.pk] if new.keys() & variants.WORDS else []
        if changed:
            fields |= {"size_order", "archived_with_product", "updated_at", "updated_by"}
            Sku.objects.bulk_update(changed, sorted(fields))
        return worded + self.put_barcodes_first(rows)

    def change(self, sku, new):
        before = {name: catalogue.plain(getattr(sku, name)) for name in new}
        for name, value in new.items():
            setattr(sku, name, value)
        sku.size_order, sku.updated_at, sku.updated_by = sizes.worn_order(sku.size), self.now, self.by
        changes = {name: [before[name], catalogue.plain(new[name])] for name in new if name != "is_active"}
        if changes:
            self.events.append(catalogue.event(sku, Kind.CHANGED, self.by, changes))
        if "is_active" in new:
            sku.archived_with_product = False
            kind = Kind.RESTORED if sku.is_active else Kind.ARCHIVED
            self.events.append(catalogue.event(sku, kind, self.by))

    def put_barcodes_first(self, rows):
        known, new = [], []
        for row in rows:
            if row.barcode and row.barcode != row.sku.primary_value:
                row.is_changed = True
                if row.barcode in self.barcodes:
                    known.append(self.barcodes[row.barcode])
                else:
                    new.append(barcodes.new_barcode(row.sku, row.barcode, self.by))
        if known or new:
            barcodes.put_first_of_all(known, new, by=self.by)
        return [barcode.sku_id for barcode in [*known, *new]]


def lock_imports():
    """One batch at a time, in the whole house: two imports of the same file neither repeat nor block each other."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('skus.imports', 0))")


def folded(variant):
    return variants.folded(variant.values())


def same(before, after):
    return tidied(before) == after if isinstance(before, str) else before == after


def as_text(value):
    return category_text(value) if isinstance(value, tuple) else str(value)
