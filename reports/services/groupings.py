"""By what the rows of a report of goods are told apart."""

from dataclasses import dataclass

from reports.services.papers import column, key


@dataclass(frozen=True, kw_only=True)
class Grouping:
    """By which expressions rows are told apart, which columns show them, and in which order they come."""

    by: dict
    columns: list
    chart: str
    order: str = ""  # where it is not the largest first

    @property
    def words(self):
        """What its statement is filled in with."""
        return {
            "shown": ", ".join(f"{what} AS {name}" for name, what in self.by.items()),
            "keys": ", ".join(self.by.values()),
            "first": next(iter(self.by.values())),
        }

    def picture(self, values):
        return {"kind": "columns" if self.order else "bars", "labels": self.chart, "values": values}


PRODUCT = Grouping(
    by={"product": "product.id", "product_code": "product.code", "product_name": "product.name"},
    columns=[key("product"), column("product_code", label="Code"), column("product_name", label="Product")],
    chart="product_name",
)
SKU = Grouping(
    by={"sku": "sku.id", "sku_code": "sku.code", "product_name": "product.name"},
    columns=[key("sku"), column("sku_code", label="SKU"), column("product_name", label="Product")],
    chart="sku_code",
)
CATEGORY = Grouping(
    by={"category": "category.id", "category_name": "category.name"},
    columns=[key("category"), column("category_name", label="Category")],
    chart="category_name",
)
