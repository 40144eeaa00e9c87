"""Keeping what things are found by: each product and SKU carries its words as one indexed document."""

from django.db import connection

from skus.words import folded_sql

PRODUCT_WORDS = {"name", "code", "brand", "collection"}
# Every form a number may be typed in: all 14 digits, as an EAN-13, UPC-A or EAN-8, and without any zeros before it.
NUMBERS = """SELECT string_agg(concat_ws(' ', value, ltrim(value, '0'),
    CASE WHEN value LIKE '00%%' THEN substr(value, 2) || ' ' || substr(value, 3) END,
    CASE WHEN value LIKE '000000%%' THEN substr(value, 7) END), ' ') FROM skus_barcode WHERE sku_id = skus_sku.id"""
PRODUCT = folded_sql("concat_ws(' ', name, code, brand, collection)")
SKU = folded_sql(
    "concat_ws(' ', product.name, product.code, product.brand, product.collection,"
    f" skus_sku.code, size, colour, style, ({NUMBERS}))"
)
OF_PRODUCTS = f"UPDATE skus_product SET search = to_tsvector('simple', {PRODUCT})"  # noqa: S608 (constants of ours)
OF_SKUS = f"""
    UPDATE skus_sku SET search = to_tsvector('simple', {SKU})
    FROM skus_product product WHERE product.id = skus_sku.product_id"""  # noqa: S608


def refresh_products(ids):
    """After a change of a product's own words, which are also those of its SKUs."""
    with connection.cursor() as cursor:
        cursor.execute(f"{OF_PRODUCTS} WHERE id = ANY(%s)", [ids])
        cursor.execute(f"{OF_SKUS} AND product.id = ANY(%s)", [ids])


def refresh_skus(ids):
    """After SKUs were made, or their own words or barcodes changed."""
    with connection.cursor() as cursor:
        cursor.execute(f"{OF_SKUS} AND skus_sku.id = ANY(%s)", [ids])
