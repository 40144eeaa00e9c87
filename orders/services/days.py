"""The totals of days of what was sold over the counter, and of what came back: see inventory.services.days.

A return counts on the day it came back. Amounts are as paid, with tax; `tax` is what is in them, less that of returns.
"""

from dataclasses import replace
from datetime import timedelta

from inventory.services import days
from inventory.services.days import Book, added_up

DAY = timedelta(days=1)
SALES = Book(
    name="sales",
    origin="orders_order",
    recorded="created_at",
    totals="orders_salesday",
    keys=["location_id", "business_date", "person_id"],
    rows="""SELECT id, location_id, business_date, created_by_id AS person_id, 1 AS sales, 0 AS returns,
        total AS sold, 0 AS returned, tax,
        (SELECT coalesce(sum(quantity), 0) FROM orders_orderline WHERE order_id = document.id) AS units
        FROM orders_order document WHERE channel = 'counter'""",
    adds=["sales", "returns", "sold", "returned", "tax", "units"],
)
RETURNS = replace(
    SALES,
    name="returns",
    origin="orders_salereturn",
    rows="""SELECT id, location_id, business_date, created_by_id AS person_id, 0 AS sales, 1 AS returns,
        0 AS sold, total AS returned, -tax AS tax,
        -(SELECT coalesce(sum(quantity), 0) FROM orders_salereturnline WHERE sale_return_id = document.id) AS units
        FROM orders_salereturn document""",
)
PRODUCTS_SOLD = Book(
    name="products_sold",
    origin="orders_order",
    recorded="created_at",
    totals="orders_productday",
    keys=["location_id", "business_date", "product_id"],
    rows="""SELECT document.id, location_id, business_date, product_id, line.total AS sold, 0 AS returned,
        quantity AS units
        FROM orders_order document JOIN orders_orderline line ON line.order_id = document.id
        LEFT JOIN skus_sku sku ON sku.id = line.sku_id WHERE channel = 'counter'""",
    adds=["sold", "returned", "units"],
)
PRODUCTS_BACK = replace(
    PRODUCTS_SOLD,
    name="products_back",
    origin="orders_salereturn",
    rows="""SELECT document.id, location_id, business_date, product_id, 0 AS sold, back.net + back.tax AS returned,
        -back.quantity AS units
        FROM orders_salereturn document JOIN orders_salereturnline back ON back.sale_return_id = document.id
        JOIN orders_orderline line ON line.id = back.line_id LEFT JOIN skus_sku sku ON sku.id = line.sku_id""",
)


def by_week(book):
    """The same, with all days of a week under its Monday."""
    return replace(
        book,
        name=f"{book.name}_by_week",
        totals="orders_productweek",
        rows=f"""SELECT id, location_id, date_trunc('week', business_date)::date AS business_date, product_id,
            sold, returned, units FROM ({book.rows}) listed""",  # noqa: S608 (constants of ours)
    )


PAID_BOOKS, PRODUCT_BOOKS = [SALES, RETURNS], [PRODUCTS_SOLD, PRODUCTS_BACK]
WEEK_BOOKS = [by_week(book) for book in PRODUCT_BOOKS]


def settle_sales():
    for book in (*PAID_BOOKS, *PRODUCT_BOOKS, *WEEK_BOOKS):
        days.settle(book)


def differences():
    """See settings.BOOKS."""
    yield from days.compared(PAID_BOOKS)
    yield from days.compared(PRODUCT_BOOKS)
    yield from days.compared(WEEK_BOOKS)


def paid(*groups, **period):
    """Sales, returns and what was paid, for each of these groups."""
    return added_up(PAID_BOOKS, *groups, **period)


def best_products(*, most, by=None, **period):
    """The styles that brought most, the best first; of each week or month, if `by` says so. Beside each stands what all
    of them brought."""
    each, rows = ("period", days.days_of(PRODUCT_BOOKS)) if by else ("NULL::date", WHOLE)
    query = f"""
        SELECT * FROM (
            SELECT product_id, {each} AS period, {SUMS},
                sum(sum(units)) OVER () AS all_units, sum(sum(sold)) OVER () AS all_sold,
                sum(sum(returned)) OVER () AS all_returned,
                row_number() OVER (PARTITION BY {each} ORDER BY sum(sold) - sum(returned) DESC, product_id) AS place
            FROM ({rows}) listed GROUP BY product_id, 2
        ) ranked WHERE place <= %(most)s ORDER BY period, place"""  # noqa: S608 (constants of ours)
    return of_period(query, most=most, by=by or "day", **period)


def of_products(products, **period):
    """What each of these brought."""
    query = f"SELECT product_id, {SUMS} FROM ({WHOLE}) listed WHERE product_id = ANY(%(products)s) GROUP BY 1"  # noqa: S608
    return of_period(query, products=products, **period)


SUMS = "sum(units) AS units, sum(sold) AS sold, sum(returned) AS returned"
# Of a period, the weeks that lie in it, and the days around them: a fourth of the rows that its days have.
WHOLE = " UNION ALL ".join(
    [
        days.totals_of(PRODUCT_BOOKS, "after", "last_before"),
        days.totals_of(WEEK_BOOKS, "monday", "sunday"),
        days.totals_of(PRODUCT_BOOKS, "first_behind", "before"),
    ]
)


def of_period(query, *, after, before, **words):
    monday = after + DAY * (-after.weekday() % 7)
    sunday = before - DAY * ((before.weekday() + 1) % 7)
    if sunday < monday:  # no whole week: all of its days come before
        monday, sunday = before + DAY, before
    around = {"last_before": monday - DAY, "monday": monday, "sunday": sunday, "first_behind": sunday + DAY}
    return days.asked(query, [*PRODUCT_BOOKS, *WEEK_BOOKS], after=after, before=before, **around, **words)
