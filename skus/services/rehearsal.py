"""An import played through on copies: judged to the last row, and nobody waits for it.

In a rehearsal the names of the catalogue's tables, and of the sequence of our own numbers, mean temporary ones of this
session: PostgreSQL looks there first. Beneath them lies what the rows are about, copied without a lock. So the services
find, judge and write as they always do; what they lock, write and draw nobody sees, and it ends with the transaction.
"""

from contextlib import contextmanager
from contextvars import ContextVar

from django.db import connection

from skus.models import Barcode, CatalogueEvent, Category, Product, Sku
from skus.rows import said

MODELS = (Category, Product, Sku, Barcode, CatalogueEvent)
FIRST_ID = 2**62  # no copied row has an id like those that are made here
NAMES = """
    SELECT format('%%I.%%I', nspname, relname) FROM unnest(%s::text[]) WITH ORDINALITY AS asked (name, place)
    JOIN pg_class ON pg_class.oid = name::regclass JOIN pg_namespace ON pg_namespace.oid = relnamespace
    ORDER BY place"""
COPY = """
    CREATE TEMPORARY TABLE {name} (LIKE {real} INCLUDING ALL EXCLUDING STATISTICS EXCLUDING COMMENTS) ON COMMIT DROP;
    ALTER TABLE {name} ALTER COLUMN id RESTART WITH {first};"""
NUMBERS = """
    CREATE TEMPORARY SEQUENCE skus_own_number MAXVALUE 999999999;
    SELECT setval('pg_temp.skus_own_number', last_value, is_called) FROM {numbers};
    INSERT INTO skus_category SELECT * FROM {category};"""
PRODUCTS = """
    INSERT INTO skus_product SELECT * FROM {product} WHERE id IN (
        SELECT product_id FROM {sku} WHERE code = ANY(%(codes)s)
        UNION SELECT id FROM {product} WHERE code = ANY(%(product_codes)s)
        UNION SELECT id FROM {product} WHERE name = ANY(%(names)s)
    ) ON CONFLICT DO NOTHING RETURNING id"""
SKUS = """
    INSERT INTO skus_sku SELECT * FROM {sku} WHERE id IN (
        SELECT id FROM {sku} WHERE product_id = ANY(%(products)s)
        UNION SELECT id FROM {sku} WHERE code = ANY(%(barcodes)s)
        UNION SELECT sku_id FROM {barcode} WHERE value = ANY(%(barcodes)s)
    ) ON CONFLICT DO NOTHING"""
BARCODES = """
    INSERT INTO skus_barcode SELECT * FROM {barcode} WHERE id IN (
        SELECT one.id FROM {barcode} one JOIN {sku} sku ON sku.id = one.sku_id WHERE product_id = ANY(%(products)s)
        UNION SELECT id FROM {barcode} WHERE value = ANY(%(barcodes)s)
    ) ON CONFLICT DO NOTHING"""
real_names = ContextVar("real_names", default=None)


@contextmanager
def rehearsed():
    """Within a transaction that is to be rolled back. Gives what each batch is to be brought by."""
    tables = [model._meta.db_table for model in MODELS]
    with connection.cursor() as cursor:
        cursor.execute(NAMES, [[*tables, "skus_own_number"]])
        names = [name for (name,) in cursor.fetchall()]
        real = {model._meta.model_name: name for model, name in zip(MODELS, names, strict=False)}
        for table, name in zip(tables, names, strict=False):
            cursor.execute(COPY.format(name=table, real=name, first=FIRST_ID))
        cursor.execute(NUMBERS.format(numbers=names[-1], **real))
    token = real_names.set(real)
    try:
        yield bring
    finally:
        real_names.reset(token)


def bring(rows):
    """Copies what these rows are about, each product once and whole: what rows before them have changed stays so."""
    asked = {
        "codes": said(rows, "code"),
        "product_codes": said(rows, "product_code"),
        "names": said(rows, "product_name"),
        "barcodes": [form for forms in said(rows, "barcode") for form in forms],
    }
    real = real_names.get()
    with connection.cursor() as cursor:
        cursor.execute(PRODUCTS.format(**real), asked)
        asked["products"] = [pk for (pk,) in cursor.fetchall()]
        cursor.execute(SKUS.format(**real), asked)
        cursor.execute(BARCODES.format(**real), asked)


def taken_in_earnest(model, field, values):
    """Those of these that somebody has, though a rehearsal may not have copied them. Nothing where there is none."""
    real = real_names.get()
    if real is None:
        return set()
    with connection.cursor() as cursor:
        name = connection.ops.quote_name(model._meta.get_field(field).column)
        asked = f"SELECT {name} FROM {real[model._meta.model_name]} WHERE {name} = ANY(%s)"  # noqa: S608 (our own names)
        cursor.execute(asked, [list(values)])
        return {value for (value,) in cursor.fetchall()}
