"""What will sell, as a picture for each SKU and place; and how seldom goods of a category may run out."""

import base64

from django import forms
from django.contrib import admin
from django.utils.html import format_html
from unfold.decorators import display
from unfold.widgets import UnfoldAdminDecimalFieldWidget, UnfoldAdminIntegerFieldWidget

from boutique.admin import HouseAdmin, HouseForm, to
from forecasting import charts
from forecasting.admin.runs import number
from forecasting.models import Forecast, ServiceLevel
from forecasting.services import levels
from inventory.admin.stock import CategoryOfStockFilter, OfStock, PlaceFilter, unbroken


def picture(forecast):
    drawn = base64.b64encode(charts.svg(forecast, colours=charts.ON_LIGHT)).decode()
    return format_html(
        '<img class="bg-white max-w-full p-1 rounded-default" src="data:image/svg+xml;base64,{}" alt="{}">',
        drawn,
        charts.told(forecast),
    )


@admin.register(Forecast)
class ForecastAdmin(OfStock):
    shelf, title, icon, noun = "Purchases", "Forecasts", "trending_up", "forecast"
    list_display = ["code", "product", "place_code", "weekly", "point", "up_to", "kind", "method", "loss", "from_run"]
    list_filter = [PlaceFilter, CategoryOfStockFilter, "demand_class"]
    list_select_related = ["sku__product", "location", "run"]
    search_fields = ["sku__code"]  # asks by the words of found_by
    search_help_text = "Words of the SKU or of its product"
    ordering = ["-pk"]
    fields = [
        "chart", "code", "product", "place", "weekly", "reason", "kind", "method", "buying", "point", "up_to", "loss",
        "naive", "from_run",
    ]  # fmt: skip

    def get_queryset(self, request):
        return super().get_queryset(request).with_labels().select_related("run")

    @display(description="picture")
    def chart(self, forecast):
        return picture(forecast)

    @display(description="SKU", ordering="sku__code")
    def code(self, forecast):
        return unbroken(forecast.sku.code)

    @display(description="product", ordering="sku__product__name")
    def product(self, forecast):
        return forecast.sku.product.name

    @display(description="a week")
    def weekly(self, forecast):
        return f"{sum(forecast.mean) / len(forecast.mean):.2f}"

    @display(description="demand", ordering="demand_class")
    def kind(self, forecast):
        return forecast.demand_class.replace("_", " ")

    @display(description="reckoned with")
    def buying(self, forecast):
        return (
            f"Lead time {forecast.lead_days} days, review every {forecast.review_days} days,"
            f" enough in {forecast.service_level:.1%} of cases: {forecast.expected:.1f} will sell until then"
        )

    @display(description="reorder point", ordering="reorder_point")
    def point(self, forecast):
        return f"{forecast.reorder_point:g}"

    @display(description="target", ordering="target")
    def up_to(self, forecast):
        return f"{forecast.target:g}"

    @display(description="quantile loss")
    def loss(self, forecast):
        return number(forecast.accuracy.get("wql"))

    @display(description="of the naive forecast")
    def naive(self, forecast):
        return number(forecast.accuracy.get("naive_wql"))

    @display(description="run")
    def from_run(self, forecast):
        return to(forecast.run)


class ServiceLevelForm(HouseForm):
    level = forms.DecimalField(
        max_digits=4,
        decimal_places=3,
        min_value=0.5,
        max_value=0.995,
        widget=UnfoldAdminDecimalFieldWidget,
        help_text="0.95: in 95 of 100 cases there is enough until the next delivery.",
    )
    review_days = forms.IntegerField(
        min_value=1,
        max_value=365,
        required=False,
        widget=UnfoldAdminIntegerFieldWidget,
        label="Days between two orders",
        help_text="Left empty, as for everything else.",
    )


@admin.register(ServiceLevel)
class ServiceLevelAdmin(HouseAdmin):
    shelf, title, icon, noun = "Purchases", "Service levels", "percent", "rule"
    form = ServiceLevelForm
    list_display = ["of", "level_shown", "review_days"]
    list_select_related = ["category"]
    ordering = ["pk"]
    fields = ["category", "level", "review_days"]

    def visible(self, rows, by):
        return rows  # the whole house's

    def make(self, *, by, **sent):
        return levels.add(by=by, **sent)

    def change(self, rule, *, by, **sent):
        return levels.change(rule=rule, by=by, **sent)

    def remove(self, rule, *, by):
        levels.remove(rule=rule, by=by)

    @display(description="category", ordering="category__name")
    def of(self, level):
        return str(level)

    @display(description="service level", ordering="level")
    def level_shown(self, level):
        return f"{level.level:.1%}"
