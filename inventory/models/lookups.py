"""What the database finds for each row of levels, along one index each; written as SQL, as they stand in every sale."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Func

# The narrowest wins: of the SKU here, of the SKU, of the product here, of the product. Both look-ups go along an index
# in its own order, which has the places before "everywhere".
NARROWEST = """coalesce(
    (SELECT narrow.threshold FROM inventory_lowstockthreshold narrow WHERE narrow.sku_id = {sku}
        AND (narrow.location_id = {location} OR narrow.location_id IS NULL) ORDER BY narrow.location_id LIMIT 1),
    (SELECT wide.threshold FROM inventory_lowstockthreshold wide WHERE wide.product_id = {product}
        AND (wide.location_id = {location} OR wide.location_id IS NULL) ORDER BY wide.location_id LIMIT 1)
)"""
OPEN_ALERTS = """(
    SELECT array_agg(alert.kind) FROM inventory_alert alert WHERE alert.level_id = {level} AND alert.resolved_at IS NULL
)"""


class LookUp(Func):
    def __init__(self, sql, output_field, **columns):
        self.sql, self.names = sql, list(columns)
        super().__init__(*columns.values(), output_field=output_field)

    def as_sql(self, compiler, connection):
        columns = [compiler.compile(column)[0] for column in self.source_expressions]
        return self.sql.format(**dict(zip(self.names, columns, strict=True))), []


def narrowest(**columns):
    """The threshold that holds for a `sku`, with its `product`, in a `location`; null if there is none."""
    return LookUp(NARROWEST, models.DecimalField(max_digits=12, decimal_places=3), **columns)


def open_alerts(**columns):
    """The kinds of the open alerts of a `level`; null if there are none."""
    return LookUp(OPEN_ALERTS, ArrayField(models.CharField()), **columns)
