"""The catalogue as the spreadsheet that an import takes back: the same columns, and nothing changes."""

from boutique.tables.table import Column, Table
from skus import rows, sheets
from skus.services.shelves import Shelves

TYPES = {"base_price": "decimal", "price": "decimal", "tax_rate": "decimal", "is_active": "boolean"}


def table(skus):
    """`skus` as they come, with their products, outfit types and primary barcodes."""
    columns = [Column(name, type=TYPES.get(name, "")) for name in rows.COLUMNS]
    return Table("SKUs", columns, exported(skus))


def exported(skus):
    shelves = Shelves()
    for sku in skus:
        product = sku.product
        row = {
            "code": sku.code,
            "product_code": product.code,
            "product_name": product.name,
            "category": shelves.text(product.category_id),
            "outfit_type": product.outfit_type.code if product.outfit_type else "",
            "kind": product.kind,
            "unit": product.unit,
            "size": sku.size,
            "colour": sku.colour,
            "style": sku.style,
            "base_price": product.base_price,
            "price": sku.price,
            "tax_rate": product.tax_rate,
            "barcode": sku.printed_barcode or "",
            "is_active": sku.is_active,
        }
        yield {name: sheets.quoted(value) if isinstance(value, str) else value for name, value in row.items()}
