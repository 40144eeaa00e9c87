"""What the stock was worth when a day ended: what the ledger's rows up to then add up to, to the cent."""

from dataclasses import replace

from reports.services.papers import NO_MONEY, NO_PIECES, Report, column, key, quantity, rows_of, summed
from reports.services.statements import GOODS, HORIZON, OF_CATEGORY, PLACES, SHELVES

STATEMENT = f"""
WITH {PLACES}, {HORIZON}, {SHELVES}
SELECT sku.id AS sku, sku.code AS sku_code, product.name AS product_name, category.name AS category_name,
    shelves.location_id AS location, shelves.location_code, shelves.on_hand,
    round(shelves.value / nullif(shelves.on_hand, 0), 4) AS average_cost, shelves.value
FROM shelves {GOODS.format(sku="shelves.sku_id")}
LEFT JOIN skus_category category ON category.id = product.category_id
WHERE (shelves.on_hand <> 0 OR shelves.value <> 0) AND {OF_CATEGORY}
ORDER BY sku.code, sku.id, shelves.location_code
"""


def inventory_valuation(asked):
    asked = replace(asked, after=asked.before)
    rows = rows_of(STATEMENT, asked)
    costs = [quantity("average_cost"), quantity("value")] if asked.sees_cost else []
    return Report(
        title="Inventory valuation",
        asked=asked,
        filters={"as_of": asked.before},
        is_of_money=bool(costs),
        columns=[
            key("sku"),
            column("sku_code", label="SKU"),
            column("product_name", label="Product"),
            column("category_name", label="Category"),
            key("location"),
            column("location_code", label="Place"),
            quantity("on_hand"),
            *costs,
        ],
        rows=rows,
        totals=summed(rows, {"on_hand": NO_PIECES} | ({"value": NO_MONEY} if costs else {})),
        chart={"kind": "bars", "labels": "category_name", "values": "value" if costs else "on_hand"},
    )
