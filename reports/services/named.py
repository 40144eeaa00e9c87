"""The reports by their names, for whoever does not ask for one by its address."""

from reports.models.subscriptions import Subscription
from reports.services.alterations import WorkGroup, alterations
from reports.services.movements import stock_movements
from reports.services.sales import SalesGroup, sales
from reports.services.sellthrough import CurveGroup, ThroughGroup, sell_through, size_curves
from reports.services.valuation import inventory_valuation

PERMISSION = "reports.view_report"
Name = Subscription.Report
MADE_BY = {
    Name.STOCK_MOVEMENTS: stock_movements,
    Name.INVENTORY_VALUATION: inventory_valuation,
    Name.SALES: sales,
    Name.SELL_THROUGH: sell_through,
    Name.SIZE_CURVES: size_curves,
    Name.ALTERATIONS: alterations,
}
GROUPS = {
    Name.SALES: SalesGroup.values,
    Name.SELL_THROUGH: ThroughGroup.values,
    Name.SIZE_CURVES: CurveGroup.values,
    Name.ALTERATIONS: WorkGroup.values,
}


def made(name, asked):
    return MADE_BY[name](asked)
