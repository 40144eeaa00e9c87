"""Rows as runs leave them, and shops with a history to forecast."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import factory
from django.utils import timezone

from accounts.roles import Role
from accounts.tests.factories import LocationFactory, UserFactory
from forecasting.models import Forecast, ForecastRun, ReorderSuggestion, RunPlace, ServiceLevel
from forecasting.services.history import monday_of
from inventory.services import ledger
from skus.tests.factories import CategoryFactory, SkuFactory


class ForecastRunFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = ForecastRun
        skip_postgeneration_save = True

    horizon_weeks = 4
    start = date(2026, 11, 2)
    created_by = factory.SubFactory(UserFactory)

    @factory.post_generation
    def places(self, create, places, **_more):
        RunPlace.objects.bulk_create(RunPlace(run=self, location=place, is_open=self.is_open) for place in places or ())


class FinishedRunFactory(ForecastRunFactory):
    status = ForecastRun.Status.DONE
    started_at = factory.LazyFunction(timezone.now)
    finished_at = factory.LazyFunction(timezone.now)


class ForecastFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Forecast

    sku = factory.SubFactory(SkuFactory)
    location = factory.SubFactory(LocationFactory)
    run = factory.SubFactory(FinishedRunFactory)
    start = date(2026, 11, 2)
    mean = factory.LazyFunction(lambda: [5.0, 5.0, 5.5, 5.5])
    quantiles = factory.LazyFunction(lambda: {"0.5": [5, 5, 5, 5], "0.8": [7, 7, 7, 8], "0.95": [9, 9, 10, 10]})
    method = "levels"
    demand_class = "smooth"
    weeks_known = 8
    reason = "It sells every week."
    history = factory.LazyFunction(lambda: [4.0, 6.0, None, 7.0, 3.0, 5.0, 6.0, 4.0])
    days_open = factory.LazyFunction(lambda: [7, 7, 0, 3, 7, 7, 7, 7])
    lead_days = 14
    review_days = 7
    service_level = Decimal("0.950")
    expected = 15.0
    reorder_point = 15.0
    target = 22.0


class ReorderSuggestionFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = ReorderSuggestion

    kind = ReorderSuggestion.Kind.PURCHASE
    sku = factory.SubFactory(SkuFactory)
    location = factory.SubFactory(LocationFactory)
    quantity = Decimal(18)
    on_hand = Decimal(4)
    reserved = Decimal(1)
    incoming = Decimal(5)
    drafts = Decimal(0)
    position = Decimal(8)
    reorder_point = Decimal(10)
    target = Decimal(24)
    arithmetic = "On hand 4 - reserved 1 + incoming 5 = position 8."


class ServiceLevelFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = ServiceLevel

    category = factory.SubFactory(CategoryFactory)
    level = Decimal("0.970")
    created_by = factory.SubFactory(UserFactory)


# ------------------------------------------------------------------------------------------------ a shop's past


def this_monday():
    return monday_of(timezone.localdate())


def weeks_ago(weeks, day=2):
    """Noon of a Wednesday, so many weeks before this one."""
    return datetime.combine(this_monday() - timedelta(weeks=weeks) + timedelta(days=day), time(12), tzinfo=UTC)


def goods_in(sku, place, quantity, weeks, by, *, day=0, cost="40.00"):
    line = ledger.Line(sku=sku, quantity=Decimal(quantity), unit_cost=Decimal(cost))
    ledger.receive(location=place, lines=[line], document="PO-000001", by=by, occurred_at=weeks_ago(weeks, day))


def goods_sold(sku, place, quantity, weeks, by, *, day=2):
    line = ledger.Line(sku=sku, quantity=Decimal(quantity))
    ledger.sell(location=place, lines=[line], document="SALE-000001", by=by, occurred_at=weeks_ago(weeks, day))


def goods_back(sku, place, quantity, weeks, by, *, day=2):
    line = ledger.Line(sku=sku, quantity=Decimal(quantity))
    ledger.take_back(location=place, lines=[line], document="SALE-000001", by=by, occurred_at=weeks_ago(weeks, day))


def sold_weekly(sku, place, weeks, by=None, *, left=100):
    """Enough comes before the first of these weeks; the last of them is the one before this."""
    by = by or UserFactory(role=Role.ADMIN)
    goods_in(sku, place, sum(max(number, 0) for number in weeks) + left, len(weeks), by)
    for number, sold in enumerate(weeks):
        if sold > 0:
            goods_sold(sku, place, sold, len(weeks) - number, by)
        elif sold < 0:
            goods_back(sku, place, -sold, len(weeks) - number, by)
