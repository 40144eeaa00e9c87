"""What lay in each place at the beginning, what came, what went, and what lay there at the end."""

from reports.services.papers import NO_PIECES, Report, column, key, quantity, rows_of, summed
from reports.services.statements import GOODS, HORIZON, OF_CATEGORY, PLACES, SHELVES, WRITTEN

# The opening is reckoned back from the closing: that the ledger's rows follow one another the database has checked.
STATEMENT = f"""
WITH {PLACES}, {HORIZON}, {WRITTEN}, {SHELVES},
moved AS (
    SELECT sku_id, location_id, sum(greatest(on_hand_change, 0)) AS came, sum(greatest(-on_hand_change, 0)) AS went
    FROM written WHERE on_hand_change <> 0 GROUP BY sku_id, location_id
)
SELECT sku.id AS sku, sku.code AS sku_code, product.name AS product_name,
    shelves.location_id AS location, shelves.location_code,
    shelves.on_hand - coalesce(came, 0) + coalesce(went, 0) AS opening,
    coalesce(came, 0.000) AS in, coalesce(went, 0.000) AS out, shelves.on_hand AS closing
FROM shelves {GOODS.format(sku="shelves.sku_id")}
LEFT JOIN moved ON moved.sku_id = shelves.sku_id AND moved.location_id = shelves.location_id
WHERE (shelves.on_hand <> 0 OR moved.sku_id IS NOT NULL) AND {OF_CATEGORY}
ORDER BY sku.code, sku.id, shelves.location_code
"""
FIGURES = ["opening", "in", "out", "closing"]


def stock_movements(asked):
    rows = rows_of(STATEMENT, asked)
    return Report(
        title="Stock movements",
        asked=asked,
        columns=[
            key("sku"),
            column("sku_code", label="SKU"),
            column("product_name", label="Product"),
            key("location"),
            column("location_code", label="Place"),
            *(quantity(name) for name in FIGURES),
        ],
        rows=rows,
        totals=summed(rows, dict.fromkeys(FIGURES, NO_PIECES)),
        chart={"kind": "bars", "labels": "product_name", "values": "out"},
    )
