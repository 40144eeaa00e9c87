"""What was sold over the counter less what came back, by whatever it is asked by.

A sale counts on its business day, a return on the day it came back, for the person and the product that it came back
from. What goods cost is what the ledger took off the shelf for them.
"""

from django.db.models import TextChoices

from boutique.documents import sql_number
from boutique.errors import Invalid, line_error
from orders.models import Payment
from reports.services.asking import MOST_POINTS
from reports.services.groupings import CATEGORY, PRODUCT, SKU, Grouping
from reports.services.papers import Report, apart, column, key, number, percent, quantity, rows_of
from reports.services.statements import OF_CATEGORY


class SalesGroup(TextChoices):
    DAY = "day", "Day"
    WEEK = "week", "Week"
    MONTH = "month", "Month"
    PRODUCT = "product", "Product"
    SKU = "sku", "SKU"
    CATEGORY = "category", "Category"
    SIZE = "size", "Size"
    COLOUR = "colour", "Colour"
    PERSON = "person", "Person"
    LOCATION = "location", "Place"
    TENDER = "tender", "Means of payment"


GROUPINGS = {
    SalesGroup.DAY: Grouping(by={"day": "facts.day"}, columns=[column("day", "date")], order="day", chart="day"),
    SalesGroup.WEEK: Grouping(
        by={"week": "date_trunc('week', facts.day)::date"},
        columns=[column("week", "date", "Week from")],
        order="week",
        chart="week",
    ),
    SalesGroup.MONTH: Grouping(
        by={"month": "to_char(facts.day, 'YYYY-MM')"}, columns=[column("month")], order="month", chart="month"
    ),
    SalesGroup.PRODUCT: PRODUCT,
    SalesGroup.SKU: SKU,
    SalesGroup.CATEGORY: CATEGORY,
    SalesGroup.SIZE: Grouping(
        by={"size": "sku.size"}, columns=[column("size")], order="min(sku.size_order), size", chart="size"
    ),
    SalesGroup.COLOUR: Grouping(by={"colour": "sku.colour"}, columns=[column("colour")], chart="colour"),
    SalesGroup.PERSON: Grouping(
        by={"person": "facts.person_id", "person_name": "trim(person.first_name || ' ' || person.last_name)"},
        columns=[key("person"), column("person_name", label="Person")],
        chart="person_name",
    ),
    SalesGroup.LOCATION: Grouping(
        by={"location": "facts.location_id", "location_code": "place.code"},
        columns=[key("location"), column("location_code", label="Place")],
        chart="location_code",
    ),
}

SOLD = """
sold AS (
    SELECT id, business_date AS day, location_id, created_by_id AS person_id FROM orders_order
    WHERE channel = 'counter' AND location_id = ANY(%(places)s::bigint[])
        AND business_date BETWEEN %(since)s AND %(until)s
)"""
CAME_BACK = """
came_back AS (
    SELECT back.id, back.business_date AS day, back.location_id, sale.created_by_id AS person_id
    FROM orders_salereturn back JOIN orders_order sale ON sale.id = back.sale_id
    WHERE back.location_id = ANY(%(places)s::bigint[]) AND back.business_date BETWEEN %(since)s AND %(until)s
)"""
FACTS = """
facts AS (
    SELECT sold.day, sold.location_id, sold.person_id, line.sku_id, sold.id AS sale_id, NULL::bigint AS back_id,
        line.quantity AS units, line.net, line.tax, 0.00 AS cost
    FROM sold JOIN orders_orderline line ON line.order_id = sold.id
    UNION ALL
    SELECT came_back.day, came_back.location_id, came_back.person_id, line.sku_id, NULL, came_back.id,
        -back.quantity, -back.net, -back.tax, CASE WHEN back.restock THEN -back.value ELSE 0.00 END
    FROM came_back JOIN orders_salereturnline back ON back.sale_return_id = came_back.id
    JOIN orders_orderline line ON line.id = back.line_id
    {costs}
)"""
COSTS = f"""
    UNION ALL
    SELECT sold.day, sold.location_id, sold.person_id, movement.sku_id, sold.id, NULL, 0.000, 0.00, 0.00,
        -movement.value_change
    FROM sold JOIN inventory_stockmovement movement ON movement.reason = 'sale' AND movement.document
        = {sql_number("SALE", "sold.id")}
"""
STATEMENT = """
WITH {sold}, {came_back}, {facts}
SELECT {shown}, grouping({first}) = 1 AS is_total,
    count(DISTINCT facts.sale_id) AS sales_count, count(DISTINCT facts.back_id) AS returns_count,
    coalesce(sum(facts.units), 0.000) AS units, coalesce(sum(facts.net), 0.00) AS net,
    coalesce(sum(facts.tax), 0.00) AS tax, coalesce(sum(facts.net + facts.tax), 0.00) AS total,
    coalesce(sum(facts.cost), 0.00) AS cost, coalesce(sum(facts.net - facts.cost), 0.00) AS margin
FROM facts LEFT JOIN skus_sku sku ON sku.id = facts.sku_id LEFT JOIN skus_product product ON product.id = sku.product_id
LEFT JOIN skus_category category ON category.id = product.category_id
LEFT JOIN accounts_user person ON person.id = facts.person_id
JOIN accounts_location place ON place.id = facts.location_id
WHERE {of_category}
GROUP BY GROUPING SETS (({keys}), ())
ORDER BY is_total, {order}, {keys}
"""
# What a sale was paid with stands beside it, what was paid back beside its return: so the sums are those of the sales.
BY_TENDER = f"""
WITH {SOLD}, {CAME_BACK},
paid AS (
    SELECT payment.method, sold.id AS sale_id, NULL::bigint AS back_id, payment.amount AS received, 0.00 AS refunded
    FROM sold JOIN orders_payment payment ON payment.order_id = sold.id AND payment.kind = 'payment'
    UNION ALL
    SELECT payment.method, NULL, came_back.id, 0.00, payment.amount
    FROM came_back JOIN orders_payment payment ON payment.sale_return_id = came_back.id
)
SELECT method AS tender, grouping(method) = 1 AS is_total,
    count(DISTINCT sale_id) AS sales_count, count(DISTINCT back_id) AS returns_count,
    coalesce(sum(received), 0.00) AS received, coalesce(sum(refunded), 0.00) AS refunded,
    coalesce(sum(received - refunded), 0.00) AS total
FROM paid GROUP BY GROUPING SETS ((method), ()) ORDER BY is_total, total DESC, method
"""
COUNTS = [number("sales_count", "Sales"), number("returns_count", "Returns")]
FIGURES = [*COUNTS, quantity("units"), quantity("net"), quantity("tax"), quantity("total")]
MARGIN = [quantity("cost"), quantity("margin"), quantity("margin_percent", "Margin %")]
TENDERED = [*COUNTS, quantity("received"), quantity("refunded"), quantity("total")]


def sales(asked):
    group_by = asked.group_by or SalesGroup.DAY
    refuse_too_many_days(asked, group_by)
    if group_by == SalesGroup.TENDER:
        return by_tender(asked)
    grouping = GROUPINGS[group_by]
    rows = rows_of(statement(grouping, asked), asked)
    for row in rows:
        row["margin_percent"] = percent(row["margin"], row["net"])
    figures = FIGURES + (MARGIN if asked.sees_cost else [])
    return report(asked, group_by, grouping.columns, figures, rows, grouping.picture("net"))


def statement(grouping, asked):
    return STATEMENT.format(
        sold=SOLD,
        came_back=CAME_BACK,
        facts=FACTS.format(costs=COSTS if asked.sees_cost else ""),
        order=grouping.order or "net DESC",
        of_category=OF_CATEGORY,
        **grouping.words,
    )


def by_tender(asked):
    if asked.category is not None:
        text = "A payment is for a whole sale, whatever was in it: leave the category out, or group by something else."
        raise Invalid(text, errors=[line_error("category", "invalid", text)])
    rows = rows_of(BY_TENDER, asked)
    for row in rows:
        row["tender_name"] = str(Payment.Method(row["tender"]).label) if row["tender"] else None
    columns = [column("tender"), column("tender_name", label="Paid by")]
    picture = {"kind": "bars", "labels": "tender_name", "values": "total"}
    return report(asked, SalesGroup.TENDER, columns, TENDERED, rows, picture)


def report(asked, group_by, columns, figures, rows, chart):
    rows, totals = apart(rows)
    return Report(
        title=f"Sales by {SalesGroup(group_by).label.lower()}",
        asked=asked,
        is_of_money=True,
        columns=[*columns, *figures],
        rows=rows,
        totals={one.name: totals[one.name] for one in figures},
        chart=chart,
    )


def refuse_too_many_days(asked, group_by):
    if group_by == SalesGroup.DAY and asked.days > MOST_POINTS:
        text = f"At most {MOST_POINTS} days at once: ask by week or month (group_by), or for a shorter period."
        raise Invalid(text, errors=[line_error("after", "invalid", text)])
