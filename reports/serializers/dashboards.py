"""What the dashboards answer. Stock values vanish for whoever may not see costs."""

from rest_framework import serializers

from boutique.api.serializers import HouseSerializer
from inventory.serializers.stock import COST, Cost, Quantity, StockSerializer
from reports.serializers.answers import AnswerSerializer, CurveFiltersSerializer, FiltersSerializer


class Sum(Quantity):
    """Many quantities, added up."""

    def __init__(self):
        super().__init__(read_only=True, max_digits=20)


class Money(Cost):
    def __init__(self, **options):
        super().__init__(read_only=True, max_digits=20, **options)


class SalesSerializer(HouseSerializer):
    """`net` is what was sold less what came back in the same days, with tax; `tax` is what is in it."""

    count = serializers.IntegerField(read_only=True)
    returns_count = serializers.IntegerField(read_only=True)
    sales = Money()
    returns = Money()
    net = Money(help_text="Sales less returns, as paid: with tax. `net` of reports/sales/ is without.")
    tax = Money(help_text="What is in net.")
    net_without_tax = Money(help_text="net less tax: what reports/sales/ calls net.")
    units = Sum()
    average = Money(help_text="Of one sale.")


class MovementTotalsSerializer(HouseSerializer):
    def get_fields(self):
        # `in` is a word of Python and cannot be declared above.
        return {"in": Sum(), "out": Sum(), "net": Sum()}


class BeforeSerializer(HouseSerializer):
    """As many days, just before."""

    after = serializers.DateField(read_only=True)
    before = serializers.DateField(read_only=True)
    net_movement = Sum()
    sales = SalesSerializer(read_only=True)


class ActivitySerializer(HouseSerializer):
    """What somebody did in these places: sales and returns they made, movements of stock they recorded."""

    user = serializers.IntegerField(read_only=True)
    user_name = serializers.CharField(read_only=True)
    sales = serializers.IntegerField(read_only=True)
    returns = serializers.IntegerField(read_only=True)
    net = Money()
    units = Sum()
    movements = serializers.IntegerField(read_only=True)


class TrendSerializer(HouseSerializer):
    """Goods that came and went on a day, and what was sold less what came back."""

    day = serializers.DateField(read_only=True)
    sales = Money()

    def get_fields(self):
        fields = super().get_fields()
        return {"day": fields["day"], "in": Sum(), "out": Sum(), "sales": fields["sales"]}


class PlaceFiguresSerializer(HouseSerializer):
    guarded = {"stock_value": COST}
    location = serializers.IntegerField(read_only=True)
    location_code = serializers.CharField(read_only=True)
    location_name = serializers.CharField(read_only=True)
    stock_value = Money()
    units_on_hand = Sum()
    sales = SalesSerializer(read_only=True)


class DashboardSerializer(HouseSerializer):
    """Stock, and what waits, is as it is now; everything else is of the days that were asked for."""

    guarded = {"stock_value": COST}
    title = serializers.CharField(read_only=True)
    filters = CurveFiltersSerializer(read_only=True)
    generated_at = serializers.DateTimeField(read_only=True)
    stock_value = Money()
    units_on_hand = Sum()
    units_reserved = Sum()
    movement = MovementTotalsSerializer(read_only=True)
    net_movement = Sum()
    sales = SalesSerializer(read_only=True)
    previous = BeforeSerializer(read_only=True)
    open_orders = serializers.IntegerField(read_only=True)
    overdue_orders = serializers.IntegerField(read_only=True)
    open_alterations = serializers.IntegerField(read_only=True)
    overdue_alterations = serializers.IntegerField(read_only=True)
    overdue_work = serializers.IntegerField(read_only=True, help_text="Orders and alterations together.")
    open_alerts = serializers.IntegerField(read_only=True)
    low_stock = serializers.IntegerField(read_only=True, help_text="Shelves at or below their threshold.")
    pending_requests = serializers.IntegerField(read_only=True)
    pending_transfers = serializers.IntegerField(read_only=True)
    staff_activity = ActivitySerializer(many=True, read_only=True)
    trend = TrendSerializer(many=True, read_only=True)
    places = PlaceFiguresSerializer(many=True, read_only=True)


# ------------------------------------------------------------------------------------------------ rows


class SalesRowSerializer(SalesSerializer):
    """`period`: the first day of the day, week (Monday) or month."""

    period = serializers.DateField(read_only=True)

    def get_fields(self):
        fields = super().get_fields()
        return {"period": fields.pop("period"), **fields}


class TotalSalesSerializer(AnswerSerializer):
    """`previous`: the total of as many days just before."""

    filters = CurveFiltersSerializer(read_only=True)
    rows = SalesRowSerializer(many=True, read_only=True)
    totals = SalesSerializer(read_only=True)
    previous = SalesSerializer(read_only=True)


class BroughtSerializer(HouseSerializer):
    units = Sum()
    sales = Money()
    returns = Money()
    net = Money()


class ProductRowSerializer(HouseSerializer):
    """`previous_…`: what it brought in as many days before."""

    period = serializers.DateField(read_only=True, allow_null=True)
    product = serializers.IntegerField(read_only=True)
    product_code = serializers.CharField(read_only=True)
    product_name = serializers.CharField(read_only=True)
    units = Sum()
    sales = Money()
    returns = Money()
    net = Money()
    previous_units = Sum()
    previous_net = Money()


class TopFiltersSerializer(FiltersSerializer):
    group_by = serializers.CharField(read_only=True, allow_null=True)
    limit = serializers.IntegerField(read_only=True)


class TopProductsSerializer(AnswerSerializer):
    """`totals` are of all products, not of those alone that are shown."""

    filters = TopFiltersSerializer(read_only=True)
    rows = ProductRowSerializer(many=True, read_only=True)
    totals = BroughtSerializer(read_only=True)


class LevelsSerializer(HouseSerializer):
    levels = serializers.IntegerField(read_only=True)
    shown = serializers.IntegerField(read_only=True)


class LowStockSerializer(AnswerSerializer):
    """At most 500 rows, the emptiest first; `stock/?low_stock=true` lists all of them."""

    rows = StockSerializer(many=True, read_only=True)
    totals = LevelsSerializer(read_only=True)
