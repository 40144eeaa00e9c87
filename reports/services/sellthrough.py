"""How much of what there was to sell has sold, and in which sizes."""

from django.db.models import TextChoices

from reports.services.groupings import CATEGORY, PRODUCT, SKU, Grouping
from reports.services.papers import NO_PIECES, Report, apart, column, percent, quantity, rows_of, summed
from reports.services.statements import GOODS, HORIZON, OF_CATEGORY, PLACES, SHELVES, WRITTEN

# Sold: to customers, less what they brought back. Received: bought, or brought from elsewhere. The rest was put right.
MOVED = """
moved AS (
    SELECT sku_id, location_id, sum(on_hand_change) AS change,
        -coalesce(sum(on_hand_change) FILTER (WHERE reason IN ('sale', 'order', 'customer_return')), 0.000) AS sold,
        coalesce(sum(on_hand_change) FILTER (
            WHERE reason IN ('opening', 'purchase', 'supplier_return', 'transfer_in', 'transfer_out')
        ), 0.000) AS received
    FROM written WHERE on_hand_change <> 0 GROUP BY sku_id, location_id
)"""
THROUGH = f"""
WITH {PLACES}, {HORIZON}, {WRITTEN}, {SHELVES}, {MOVED}
SELECT {{shown}}, grouping({{first}}) = 1 AS is_total,
    coalesce(sum(shelves.on_hand - coalesce(moved.change, 0)), 0.000) AS opening,
    coalesce(sum(moved.received), 0.000) AS received, coalesce(sum(moved.sold), 0.000) AS sold,
    coalesce(sum(moved.change - moved.received + moved.sold), 0.000) AS adjusted,
    coalesce(sum(shelves.on_hand), 0.000) AS closing
FROM shelves {GOODS.format(sku="shelves.sku_id")}
LEFT JOIN moved ON moved.sku_id = shelves.sku_id AND moved.location_id = shelves.location_id
LEFT JOIN skus_category category ON category.id = product.category_id
WHERE (shelves.on_hand <> 0 OR moved.sku_id IS NOT NULL) AND {OF_CATEGORY}
GROUP BY GROUPING SETS (({{keys}}), ())
ORDER BY is_total, sold DESC, {{keys}}
"""
CURVES = f"""
WITH {PLACES}, {HORIZON}, {WRITTEN}, {SHELVES}, {MOVED},
sizes AS (
    SELECT {{shown}}, sku.size, min(sku.size_order) AS size_order,
        coalesce(sum(moved.sold), 0.000) AS sold, sum(shelves.on_hand) AS on_hand
    FROM shelves {GOODS.format(sku="shelves.sku_id")}
    LEFT JOIN moved ON moved.sku_id = shelves.sku_id AND moved.location_id = shelves.location_id
    LEFT JOIN skus_category category ON category.id = product.category_id
    WHERE (shelves.on_hand <> 0 OR moved.sku_id IS NOT NULL) AND sku.size <> '' AND {OF_CATEGORY}
    GROUP BY {{keys}}, sku.size
)
SELECT sizes.*, sum(sold) OVER one AS all_sold, sum(on_hand) OVER one AS all_on_hand
FROM sizes WINDOW one AS (PARTITION BY {{name}}) ORDER BY {{names}}, size_order, size
"""
FIGURES = ["opening", "received", "sold", "adjusted", "closing"]


class ThroughGroup(TextChoices):
    PRODUCT = "product", "Product"
    SKU = "sku", "SKU"
    CATEGORY = "category", "Category"
    BRAND = "brand", "Brand"
    COLLECTION = "collection", "Collection"


class CurveGroup(TextChoices):
    CATEGORY = "category", "Category"
    PRODUCT = "product", "Product"


GROUPINGS = {
    ThroughGroup.PRODUCT: PRODUCT,
    ThroughGroup.SKU: SKU,
    ThroughGroup.CATEGORY: CATEGORY,
    ThroughGroup.BRAND: Grouping(by={"brand": "product.brand"}, columns=[column("brand")], chart="brand"),
    ThroughGroup.COLLECTION: Grouping(
        by={"collection": "product.collection"}, columns=[column("collection")], chart="collection"
    ),
}


def sell_through(asked):
    grouping = GROUPINGS[asked.group_by or ThroughGroup.PRODUCT]
    statement = THROUGH.format(**grouping.words)
    rows = rows_of(statement, asked)
    for row in rows:
        row["sell_through"] = percent(row["sold"], row["opening"] + row["received"])
    rows, totals = apart(rows)
    return Report(
        title="Sell-through",
        asked=asked,
        columns=[*grouping.columns, *(quantity(name) for name in FIGURES), quantity("sell_through", "Sell-through %")],
        rows=rows,
        totals={name: totals[name] for name in [*FIGURES, "sell_through"]},
        chart=grouping.picture("sold"),
    )


def size_curves(asked):
    """What share of its pieces each size sold, beside what share of what is left it has."""
    grouping = GROUPINGS[asked.group_by or CurveGroup.CATEGORY]
    name, names = next(iter(grouping.by)), ", ".join(reversed(grouping.by))  # in order of what people read first
    rows = rows_of(CURVES.format(name=name, names=names, **grouping.words), asked)
    for row in rows:
        row["share"] = percent(row["sold"], row["all_sold"])
        row["on_hand_share"] = percent(row["on_hand"], row["all_on_hand"])
    return Report(
        title="Size curves",
        asked=asked,
        columns=[
            *grouping.columns,
            column("size"),
            quantity("sold"),
            quantity("share", "Of sales %"),
            quantity("on_hand"),
            quantity("on_hand_share", "Of stock %"),
        ],
        rows=rows,
        totals=summed(rows, {"sold": NO_PIECES, "on_hand": NO_PIECES}),
        chart={"kind": "columns", "labels": "size", "values": "sold"},
    )
