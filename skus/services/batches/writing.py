"""The last step of a batch: what its good rows say becomes shelves, products, SKUs, barcodes and lines of the log."""

from collections import defaultdict

from django.utils import timezone

from skus import naming, sizes
from skus.models import CatalogueEvent, Product, Sku
from skus.rows import OF_PRODUCT, good, said, tidied
from skus.services import barcodes, catalogue, search, variants

Kind = CatalogueEvent.Kind
PRODUCT_FIELDS = {column: column for column in OF_PRODUCT} | {"product_name": "name"}


def write(rows, found, by):
    if rows := good(rows):
        Writing(rows, found, by).write()


class Writing:
    def __init__(self, rows, found, by):
        self.rows, self.found, self.by, self.now = rows, found, by, timezone.now()
        self.events = []

    def write(self):
        self.write_shelves()
        self.write_products()
        new = self.write_new_skus([row for row in self.rows if row.sku is None])
        changed = self.write_changed_skus([row for row in self.rows if not row.is_new])
        CatalogueEvent.objects.bulk_create(self.events)
        if new or changed:
            search.refresh_skus([*new, *changed])

    # -------------------------------------------------------------------------------------------- shelves, products

    def write_shelves(self):
        """Those that are there are looked up first: beside a new one, a name alone might mean either."""
        shelves = self.found.shelves
        self.categories = {steps: shelves.find(steps) for steps in said(self.rows, "category")}
        if missing := [steps for steps, category in self.categories.items() if category is None]:
            shelves.make(missing, self.by)
            self.categories |= {steps: shelves.find(steps) for steps in missing}

    def write_products(self):
        changes, widened = defaultdict(dict), set()
        for row in self.rows:
            for name, value in self.product_fields(row).items():
                before = getattr(row.product, name)
                if not same(before, value):
                    setattr(row.product, name, value)
                    if row.product.pk:
                        changes[row.product.pk][name] = [catalogue.plain(before), catalogue.plain(value)]
                        row.is_changed = True
            if added := variants.widened(row.product, row.variant):
                widened.update((row.product.pk, plural) for plural in added)
        new = list({id(row.product): row.product for row in self.rows if row.product.pk is None}.values())
        self.name(new)
        Product.objects.bulk_create(new)
        self.update_products(changes, {(pk, plural) for pk, plural in widened if pk})
        renamed = [pk for pk, fields in changes.items() if fields.keys() & search.PRODUCT_WORDS]
        if new or renamed:
            search.refresh_products([*(product.pk for product in new), *renamed])

    def product_fields(self, row):
        fields = {PRODUCT_FIELDS[column]: value for column, value in row.says(*OF_PRODUCT).items()}
        if "category" in fields:
            fields["category"] = self.categories.get(fields["category"])
        if "outfit_type" in fields:
            fields["outfit_type"] = self.found.outfit_types.get(fields["outfit_type"])
        return fields

    def name(self, new):
        nameless = [product for product in new if not product.code]
        stems = [naming.product_stem(product.name, product.kind) for product in nameless]
        taken = {product.code for product in new}
        for product, code in zip(nameless, catalogue.free_names(Product, "code", stems, taken=taken), strict=True):
            product.code = code

    def update_products(self, changes, widened):
        products = [self.found.products[pk] for pk in {*changes, *(pk for pk, _ in widened)}]
        for product in products:
            product.updated_at = self.now
            if product.pk in changes:
                product.updated_by = self.by
                self.events.append(catalogue.event(product, Kind.CHANGED, self.by, changes[product.pk]))
        fields = {name for found in changes.values() for name in found} | {plural for _, plural in widened}
        if products:
            Product.objects.bulk_update(products, [*sorted(fields), "updated_at", "updated_by"])

    # -------------------------------------------------------------------------------------------- SKUs

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
                if row.barcode in self.found.barcodes:
                    known.append(self.found.barcodes[row.barcode])
                else:
                    new.append(barcodes.new_barcode(row.sku, row.barcode, self.by))
        if known or new:
            barcodes.put_first_of_all(known, new, by=self.by)
        return [barcode.sku_id for barcode in [*known, *new]]


def same(before, after):
    return tidied(before) == after if isinstance(before, str) else before == after
