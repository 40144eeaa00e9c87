"""Two houses of the same 10,000 shelves in 4 places: a young one with 100,000 movements, and an old one with as many as
`--movements` says. One movement in four is a sale of one line, one sale in twenty came back.

Both lie in schemas of their own, above the small catalogue. All but the last hour is in the totals of its days, as if
the worker had been there.
"""

import functools

from django.db import connection

from bench import catalogue, ledger
from bench.run import show_progress
from inventory.services import days as stock_days
from orders.services import days as sales_days

KEPT = (
    "inventory_stockday",
    "inventory_stocktotal",
    "inventory_settled",
    "orders_salesday",
    "orders_productday",
    "orders_productweek",
)
SOLD = ("orders_order", "orders_orderline", "orders_salereturn", "orders_salereturnline")


@functools.cache
def young():
    return house("young", ledger.FEW_MOVEMENTS)


@functools.cache
def old():
    return house("old", ledger.many())


def house(name, movements):
    """Its places."""
    catalogue.small()
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE SCHEMA {name}")
        whole = (*ledger.TABLES, *ledger.WATCHED, *KEPT)
        copies = [statement for table in whole for statement in ledger.copying(cursor, table, name)]
        cursor.execute(f"SET search_path TO {name}, small, public")
        for statement in copies:
            cursor.execute(statement)
        for table in SOLD:
            cursor.execute(f"CREATE TABLE {name}.{table} (LIKE public.{table} INCLUDING ALL EXCLUDING INDEXES)")
    places = ledger.fill(ledger.FEW_SKUS, movements, f"{name} house")
    show_progress(f"{name} house: sales and totals")
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        words = {"sales": movements // 4, "places": [place.pk for place in places]}
        for statement in (SALES, LINES, RETURNS, RETURNED):
            cursor.execute(statement, words)
        for table in SOLD:
            cursor.execute("SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename = %s", [table])
            for (definition,) in cursor.fetchall():
                cursor.execute(definition.replace(f" ON public.{table} ", f" ON {name}.{table} "))
        stock_days.settle_movements()
        sales_days.settle_sales()
        for table in (*SOLD, *KEPT):
            cursor.execute(f"VACUUM ANALYZE {table}")
        cursor.execute("RESET statement_timeout")
        cursor.execute("RESET search_path")
    show_progress("")
    return places


# Whoever works in a place sells there; each sale of one piece for 118, of which 18 are tax.
SALES = """
    INSERT INTO orders_order (id, channel, location_id, status, note, cut_to, occurred_at, business_date,
        prices_include_tax, subtotal, discount, tax, total, received, refunded, created_at, created_by_id, updated_at)
    SELECT n, 'counter', place.id, 'completed', '', '{}', made_at, (made_at AT TIME ZONE place.timezone)::date,
        true, 118, 0, 18, 118, 118, 0, made_at,
        (SELECT user_id FROM accounts_assignment WHERE location_id = place.id ORDER BY user_id OFFSET n %% 20 LIMIT 1),
        made_at
    FROM generate_series(1, %(sales)s) n
    CROSS JOIN LATERAL (SELECT now() - interval '1 year' * (%(sales)s - n) / %(sales)s AS made_at) moment
    JOIN accounts_location place ON place.id = (%(places)s)[n %% 4 + 1]"""
LINES = """
    INSERT INTO orders_orderline (id, order_id, position, sku_id, description, size, quantity, unit_price, discount,
        share, tax_rate, net, tax, total, backorder, returned)
    SELECT n, n, 1, n::bigint * 7919 %% 2500 + 1, 'Kurta', '', 1, 118, 0, 0, 18, 100, 18, 118, false, 0
    FROM generate_series(1, %(sales)s) n"""
RETURNS = """
    INSERT INTO orders_salereturn (id, sale_id, location_id, occurred_at, business_date, tax, total, reason, created_at,
        created_by_id, updated_at)
    SELECT id / 20, id, location_id, occurred_at, business_date, tax, total, '', created_at, created_by_id, updated_at
    FROM orders_order WHERE id %% 20 = 0"""
RETURNED = """
    INSERT INTO orders_salereturnline (id, sale_return_id, line_id, quantity, restock, net, tax, value)
    SELECT id, id, sale_id, 1, true, 100, 18, 40 FROM orders_salereturn"""
