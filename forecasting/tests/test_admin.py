"""Forecasts and suggestions in the admin: what a page shows, and what its buttons do."""

import pytest
from django.urls import reverse

from accounts.tests.desk import list_of, messages_on, page_of, press, typed
from accounts.tests.factories import LocationFactory
from forecasting.models import Forecast, ForecastRun, ReorderSuggestion, ServiceLevel
from forecasting.tests.factories import (
    FinishedRunFactory,
    ForecastFactory,
    ForecastRunFactory,
    ReorderSuggestionFactory,
    ServiceLevelFactory,
)
from skus.tests.factories import CategoryFactory, ProductFactory, SkuFactory
from suppliers.models import PurchaseOrder
from suppliers.tests.factories import SupplierFactory

pytestmark = pytest.mark.django_db

TRAP = "<script>alert(1)</script>"
PAGES = (Forecast, ForecastRun, ReorderSuggestion, ServiceLevel)


@pytest.fixture
def desk(at_desk, manager):
    return at_desk(manager)


@pytest.fixture
def to_buy(store):
    return ReorderSuggestionFactory(
        location=store, supplier=SupplierFactory(name="Mill"), unit_cost="12.50", sku=SkuFactory(code="DRS-RED-M")
    )


def verbs_on(answer):
    return [button["title"] for button in answer.context["actions_detail"]]


def start(desk, **sent):
    return desk.post(reverse("admin:forecasting_forecastrun_start"), sent, follow=True)


# ------------------------------------------------------------------------------------------------ runs


def test_a_run_is_started_above_the_list_and_cancelled_on_its_page(desk, store, manager):
    answer = start(desk, horizon_weeks="6")
    run = ForecastRun.objects.get()

    assert messages_on(answer) == [f"{run} has begun."]
    assert (run.horizon_weeks, run.created_by, list(run.locations.all())) == (6, manager, [store])
    assert verbs_on(desk.get(page_of(run))) == ["Cancel"]

    again = start(desk)
    assert f"Forecast run {run.pk} is busy with CENTRE." in again.content.decode()

    press(desk, run, "cancel")
    run.refresh_from_db()
    assert run.status == "cancelled"
    assert verbs_on(desk.get(page_of(run))) == []


def test_what_cannot_be_started_stands_on_the_page(desk, store, other_store):
    for sent in ({"horizon_weeks": "0"}, {"horizon_weeks": "1000"}, {"locations": [other_store.pk]}):
        answer = desk.post(reverse("admin:forecasting_forecastrun_start"), sent)
        assert answer.context["form"].errors, sent
    assert not ForecastRun.objects.exists()


def test_a_run_says_how_far_and_how_good_it_is(desk, store):
    run = FinishedRunFactory(
        places=[store], series=12, accuracy={"wql": 0.412, "naive_wql": 0.7, "mase": 0.81, "coverage_95": 0.94}
    )
    ForecastRunFactory(places=[store], status="failed", failure=TRAP, finished_at=run.finished_at)

    page = desk.get(page_of(run)).content.decode()
    rows = desk.get(list_of(ForecastRun)).content.decode()

    for text in ("100% of 12 series", "0.412", "0.700", "0.810", "94%", "CENTRE"):
        assert text in page, text
    assert "0.412" in rows
    assert TRAP not in desk.get(page_of(ForecastRun.objects.get(status="failed"))).content.decode()


# ------------------------------------------------------------------------------------------------ forecasts


def test_a_forecast_has_a_picture_that_says_in_words_what_it_shows(desk, store):
    forecast = ForecastFactory(location=store, reason=TRAP, sku=SkuFactory(product=ProductFactory(name=TRAP)))

    page = desk.get(page_of(forecast)).content.decode()

    assert 'src="data:image/svg+xml;base64,' in page
    assert "Sold in 7 weeks with stock: 35." in page
    assert TRAP not in page
    assert "5.25" in desk.get(list_of(Forecast)).content.decode()


def test_forecasts_are_found_by_words_and_place(at_desk, owner, store, other_store):
    mine, other = ForecastFactory(location=store), ForecastFactory(location=other_store)
    desk = at_desk(owner)

    found = desk.get(f"{list_of(Forecast)}?location={store.pk}").context["cl"].queryset

    assert list(found) == [mine]
    assert other not in desk.get(f"{list_of(Forecast)}?q={mine.sku.code}").context["cl"].queryset


# ------------------------------------------------------------------------------------------------ suggestions


def test_a_suggestion_is_accepted_on_its_page(desk, to_buy, manager):
    page = desk.get(page_of(to_buy))
    assert "= position 8" in page.content.decode()
    assert verbs_on(page) == ["Accept", "Dismiss"]

    answer = press(desk, to_buy, "accept")

    order = PurchaseOrder.objects.get()
    to_buy.refresh_from_db()
    assert (to_buy.status, to_buy.document, to_buy.decided_by) == ("accepted", order.number, manager)
    assert messages_on(answer) == [f"{to_buy}: accepted: {order.number}."]
    assert verbs_on(desk.get(page_of(to_buy))) == []


def test_one_that_nobody_supplies_says_so(desk, store):
    row = ReorderSuggestionFactory(location=store)

    answer = press(desk, row, "accept")

    assert "have no supplier" in answer.content.decode()
    assert not PurchaseOrder.objects.exists()


def test_ticked_ones_become_one_draft(desk, to_buy):
    more = ReorderSuggestionFactory(location=to_buy.location, supplier=to_buy.supplier, unit_cost="5.00")
    done = ReorderSuggestionFactory(location=to_buy.location, supplier=to_buy.supplier, status="lapsed")
    ticked = {"action": "accept_ticked", "_selected_action": [to_buy.pk, more.pk, done.pk]}

    asked = desk.post(list_of(ReorderSuggestion), ticked)
    assert "2 suggestions" in asked.content.decode()
    desk.post(list_of(ReorderSuggestion), ticked | {"answered": "1"}, follow=True)

    assert PurchaseOrder.objects.get().lines.count() == 2
    nothing = desk.post(list_of(ReorderSuggestion), ticked, follow=True)
    assert messages_on(nothing) == ["There is nothing left to accept."]


def test_a_suggestion_is_dismissed_on_its_page(desk, to_buy):
    press(desk, to_buy, "dismiss")

    to_buy.refresh_from_db()
    assert to_buy.status == "dismissed"


def test_the_start_page_says_what_is_to_be_bought(desk, to_buy, other_store):
    ReorderSuggestionFactory(location=other_store)

    page = desk.get(reverse("admin:index"))

    panels = {panel["title"]: panel["table"]["rows"] for panel in page.context["panels"]}
    assert [row[1:] for row in panels["To buy"]] == [["CENTRE", "18", "Mill"]]


# ------------------------------------------------------------------------------------------------ service levels


def test_a_service_level_is_made_changed_and_deleted(desk, manager):
    category = CategoryFactory()

    desk.post(reverse("admin:forecasting_servicelevel_add"), {"category": category.pk, "level": "0.97", "seen": ""})
    kept = ServiceLevel.objects.get()
    assert (kept.category, str(kept.level), kept.created_by) == (category, "0.970", manager)

    desk.post(page_of(kept), typed(desk, kept, level="0.9", review_days="14"))
    kept.refresh_from_db()
    assert (str(kept.level), kept.review_days) == ("0.900", 14)

    refused = desk.post(page_of(kept), typed(desk, kept, level="1.0"))
    assert "level" in refused.context["adminform"].form.errors

    desk.post(page_of(kept, "delete"), {})
    assert not ServiceLevel.objects.exists()


# ------------------------------------------------------------------------------------------------ all pages


def test_another_places_rows_are_not_there(desk, other_store):
    for row in (
        ForecastFactory(location=other_store),
        ReorderSuggestionFactory(location=other_store),
        ForecastRunFactory(places=[other_store]),
    ):
        assert list(desk.get(list_of(type(row))).context["cl"].queryset) == []
        assert desk.get(page_of(row)).status_code == 302


def test_lists_cost_as_many_queries_for_one_row_as_for_many(at_desk, owner, store, django_assert_max_num_queries):
    desk = at_desk(owner)
    queries = {model: [] for model in PAGES}
    for rows in (1, 4):
        for _row in range(rows):
            ForecastFactory(location=store)
            ReorderSuggestionFactory(location=store, supplier=SupplierFactory())
            FinishedRunFactory(places=[store, LocationFactory()])
            ServiceLevelFactory()
        for model, numbers in queries.items():
            with django_assert_max_num_queries(20) as counted:
                assert desk.get(list_of(model)).status_code == 200
            numbers.append(len(counted))

    for numbers in queries.values():
        assert numbers[0] == numbers[1]


def test_suggestions_leave_as_a_sheet_with_the_columns_of_the_api(desk, to_buy):
    sheet = desk.get(reverse("admin:forecasting_reordersuggestion_csv")).getvalue().decode()

    assert "DRS-RED-M" in sheet
    assert "arithmetic" in sheet
