"""Forecasts and suggestions: a page of each, a picture, and accepting one suggestion and many."""

import functools
from datetime import date
from decimal import Decimal

from accounts.roles import Role
from bench import catalogue, shop
from bench.registry import Ask, case
from forecasting.models import Forecast, ForecastRun, ReorderSuggestion
from skus.models import Sku
from suppliers.models import Supplier

ROWS, WEEKS = 5000, 13


@functools.cache
def a_shop():
    """A place with forecasts for all that lies there, and somebody who runs it."""
    catalogue.small()
    catalogue.large()
    place = shop.place()
    by = shop.person(Role.MANAGER, places=[place])
    day = date(2026, 11, 2)
    run = ForecastRun.objects.create(horizon_weeks=WEEKS, start=day, status="cancelled", finished_at=by.created_at)
    numbers = {
        "run": run,
        "start": day,
        "mean": [5.0] * WEEKS,
        "quantiles": {"0.5": [5] * WEEKS, "0.8": [7] * WEEKS, "0.95": [9] * WEEKS},
        "method": "level",
        "demand_class": "smooth",
        "weeks_known": 52,
        "reason": "It sells steadily.",
        "history": [5.0] * 52,
        "days_open": [7] * 52,
        "lead_days": 14,
        "review_days": 7,
        "service_level": Decimal("0.95"),
        "expected": 15,
        "reorder_point": 15,
        "target": 22,
    }
    skus = list(Sku.objects.order_by("pk").values_list("pk", flat=True)[:ROWS])
    Forecast.objects.bulk_create((Forecast(sku_id=sku, location=place, **numbers) for sku in skus), batch_size=1000)
    return place, by, skus


def suggested(place, skus, supplier):
    numbers = {"on_hand": 8, "reserved": 0, "incoming": 0, "drafts": 0, "position": 8}
    return ReorderSuggestion.objects.bulk_create(
        [
            ReorderSuggestion(
                kind="purchase", sku_id=sku, location=place, supplier=supplier, quantity=18, unit_cost=Decimal("12.50"),
                reorder_point=10, target=24, arithmetic="On hand 8 = position 8.", **numbers,
            )
            for sku in skus
        ]
    )  # fmt: skip


@case(queries=4)
def page_of_forecasts(client):
    """GET forecasts/: 25 of 5,000."""
    _place, by, _skus = a_shop()
    token = shop.token(by)
    return lambda: Ask("GET", "forecasts/", token)


@case(queries=3)
def forecast_totals(client):
    """GET forecast-totals/ of 5,000 forecasts, by product."""
    _place, by, _skus = a_shop()
    token = shop.token(by)
    return lambda: Ask("GET", "forecast-totals/?group_by=product", token)


@case(queries=2)
def forecast_chart(client):
    """GET forecasts/{id}/chart.svg."""
    place, by, _skus = a_shop()
    token, pk = shop.token(by), Forecast.objects.filter(location=place).first().pk
    return lambda: Ask("GET", f"forecasts/{pk}/chart.svg", token)


@functools.cache
def open_suggestions():
    place, by, skus = a_shop()
    suggested(place, skus, Supplier.objects.create(name="Weaver"))
    return by


@case(queries=4)
def page_of_suggestions(client):
    """GET reorder-suggestions/: 25 of 5,000."""
    token = shop.token(open_suggestions())
    return lambda: Ask("GET", "reorder-suggestions/", token)


def accepting(many):
    """Each request accepts suggestions of its own, made before the clock starts."""
    _place, _by, skus = a_shop()
    where = shop.place()
    token = shop.token(shop.person(Role.MANAGER, places=[where]))
    supplier = Supplier.objects.create(name=f"Weaver {where.pk}")
    made = [row.pk for row in suggested(where, skus, supplier)]
    parts = iter([made[first : first + many] for first in range(0, len(made) - many + 1, many)])
    return lambda: Ask("POST", "reorder-suggestions/accept/", token, {"ids": next(parts)})


@case(queries=12)
def accept_1(client):
    """POST reorder-suggestions/accept/ with 1 suggestion."""
    return accepting(1)
