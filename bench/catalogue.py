"""Catalogues of any size, made by the database itself: a large one, and beside it a small one to compare it with.

The small one lies in a schema of its own; a request that names it (`SMALL`) sees its tables in place of the others
(bench.middleware). So both are asked in turns in one run, by the same processes, on the same data otherwise.
"""

import functools
import itertools
import os

from django.db import connection, transaction

from bench import shop
from demo.catalogue import LETTERS
from skus import gtin
from skus.models import Product, Sku
from skus.services import search
from skus.sizes import worn_order

FEW = 10_000
SMALL, LARGE = {"X-Shop": "small"}, {"X-Shop": "large"}
TABLES = ("category", "outfittype", "product", "sku", "barcode", "productimage")
PER_PRODUCT = 10  # 2 colours in 5 sizes
SIZES = LETTERS  # those of the demo shop
CHILDREN = 10  # of each of 10 categories
numbers = itertools.count(1)


def many():
    return int(os.environ["BENCH_SKUS"])


@functools.cache
def large():
    fill(many())


@functools.cache
def small():
    with connection.cursor() as cursor:
        cursor.execute("CREATE SCHEMA small")
        for table in TABLES:
            cursor.execute(f"CREATE TABLE small.skus_{table} (LIKE public.skus_{table} INCLUDING ALL)")
        cursor.execute("SET search_path TO small, public")
    fill(FEW)
    with connection.cursor() as cursor:
        cursor.execute("RESET search_path")


def fill(skus):
    """Half of everything is a kurta, one in 20 of silk; zari17 is one product, and the only one of its name."""
    by, products = shop.person().pk, skus // PER_PRODUCT
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        for statement in (CATEGORIES, PRODUCTS, BARCODES, SKUS):
            cursor.execute(statement, {"by": by, "products": products, "skus": skus})
        # The identities go on behind what was put in with its ids.
        for table in ("category", "product", "sku"):
            cursor.execute(
                f"SELECT setval(pg_get_serial_sequence('skus_{table}', 'id'), (SELECT max(id) FROM skus_{table}))"  # noqa: S608
            )
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        for table in TABLES:
            cursor.execute(f"VACUUM ANALYZE skus_{table}")
        cursor.execute("RESET statement_timeout")


def skus(many):
    """The ids of so many, of the large one."""
    return list(Sku.objects.order_by("pk").values_list("pk", flat=True)[:many])


def barcode_of(sku, schema="public"):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT value FROM {schema}.skus_barcode WHERE sku_id = %s", [sku])  # noqa: S608
        return gtin.printed(cursor.fetchone()[0])


def wide_products(many):
    """So many without a SKU, each with 25 sizes in 20 colours."""
    sizes, colours = [f"{size}" for size in range(30, 55)], [f"Colour {number}" for number in range(20)]
    made = Product.objects.bulk_create(
        Product(name="Gown", code=f"W{next(numbers)}", base_price=1, sizes=sizes, colours=colours) for _ in range(many)
    )
    return [product.pk for product in made]


RECORD = "created_at, updated_at, created_by_id, updated_by_id"
STAMPS = "now(), now(), %(by)s, %(by)s"
CATEGORIES = f"""
    INSERT INTO skus_category (id, name, slug, parent_id, {RECORD})
    SELECT n, 'Shelf ' || n, 'shelf-' || n, CASE WHEN n > 10 THEN (n - 11) / {CHILDREN} + 1 END, {STAMPS}
    FROM generate_series(1, 10 * {CHILDREN} + 10) n"""  # noqa: S608 (constants of ours)

MADE_PRODUCTS = f"""
    SELECT n AS id, 'K' || n AS code,
        (ARRAY['Kurta', 'Sari', 'Kurta', 'Gown', 'Kurta', 'Suit', 'Kurta', 'Lehenga'])[n %% 8 + 1] || ' '
            || CASE WHEN n %% 20 = 0 THEN 'Silk' ELSE 'Cotton' END || ' Zari' || n AS name,
        'Brand ' || n %% 300 AS brand, 'Winter ' || 2020 + n %% 7 AS collection,
        11 + n %% (10 * {CHILDREN}) AS category_id,
        20 + n %% 480 AS base_price
    FROM generate_series(1, %(products)s) n"""  # noqa: S608
PRODUCTS = f"""
    INSERT INTO skus_product (id, code, name, description, category_id, kind, brand, collection, unit, base_price,
        tax_rate, sizes, colours, styles, is_active, search, {RECORD})
    SELECT id, code, name, '', category_id, 'garment', brand, collection, 'piece', base_price,
        19, '{{{",".join(SIZES)}}}', '{{Blue,Ivory}}', '{{}}', true, to_tsvector('simple', {search.PRODUCT}), {STAMPS}
    FROM ({MADE_PRODUCTS}) made"""  # noqa: S608

# The EAN-13 of a running number, as skus.gtin.own_ean13 makes it: weights 3 and 1 from the right.
WEIGHED = " + ".join(f"number / {10**place} %% 10 * {(3, 1)[place % 2]}" for place in range(9))
BARCODES = f"""
    INSERT INTO skus_barcode (sku_id, value, kind, is_primary, {RECORD})
    SELECT id, '0200' || lpad(number::text, 9, '0') || (10 - (2 + {WEIGHED}) %% 10) %% 10, 'internal', true, {STAMPS}
    FROM (SELECT id, nextval('skus_own_number') AS number FROM generate_series(1, %(skus)s) id) made"""  # noqa: S608

SKUS = f"""
    INSERT INTO skus_sku (id, product_id, code, size, colour, style, size_order, price, is_active,
        archived_with_product, search, {RECORD})
    SELECT skus_sku.id, product.id, skus_sku.code, size, colour, style, size_order, price, true, false,
        to_tsvector('simple', {search.SKU}), {STAMPS}
    FROM (
        SELECT n AS id, (n - 1) / {PER_PRODUCT} + 1 AS product_id, '' AS style,
            'K' || (n - 1) / {PER_PRODUCT} + 1 || (ARRAY['-BLU', '-IVO'])[n %% 2 + 1]
                || (ARRAY['-{"', '-".join(SIZES)}'])[n / 2 %% 5 + 1] AS code,
            (ARRAY['{"', '".join(SIZES)}'])[n / 2 %% 5 + 1] AS size,
            (ARRAY['Blue', 'Ivory'])[n %% 2 + 1] AS colour,
            (ARRAY[{", ".join(str(worn_order(size)) for size in SIZES)}])[n / 2 %% 5 + 1] AS size_order,
            CASE WHEN n %% 7 = 0 THEN 10 + n %% 300 END AS price
        FROM generate_series(1, %(skus)s) n
    ) skus_sku JOIN skus_product product ON product.id = skus_sku.product_id"""  # noqa: S608
