"""What the API says of forecasts: shapes, scopes, and what it refuses."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.tests.factories import LocationFactory
from forecasting.models import ForecastRun, ReorderSuggestion, RunPlace
from forecasting.services import runs
from forecasting.tests.factories import (
    FinishedRunFactory,
    ForecastFactory,
    ForecastRunFactory,
    ReorderSuggestionFactory,
    ServiceLevelFactory,
    sold_weekly,
)
from forecasting.tests.test_suggestions import as_set
from inventory.services import ledger
from inventory.tests.factories import line
from skus.tests.factories import CategoryFactory, ProductFactory, SkuFactory
from suppliers.models import PurchaseOrder
from suppliers.tests.factories import SupplierFactory, SupplierSkuFactory, ordered

pytestmark = pytest.mark.django_db


def work_off():
    """What the workers would do."""
    for run in ForecastRun.objects.open():
        runs.work(run.pk)


def codes_of(answer):
    return {error["field"]: error["code"] for error in answer.json()["errors"]}


# ------------------------------------------------------------------------------------------------ from start to draft


def test_a_buyer_starts_a_run_looks_at_the_forecast_and_accepts_the_reorder(store, manager, as_):
    dress, mill = SkuFactory(), SupplierFactory()
    sold_weekly(dress, store, [4, 6, 5, 7, 3, 5, 6, 4], manager, left=4)
    ledger.reserve(location=store, lines=[line(dress, 1)], document="ORD-000001", by=manager)
    ordered(mill, store, (dress, 5, "12.50"))
    as_set(dress, store)
    SupplierSkuFactory(sku=dress, supplier=mill, pack_size=6, unit_cost="12.50")
    client = as_(manager)

    begun = client.post("forecast-runs/", {"locations": [store.pk], "horizon_weeks": 6})
    assert begun.status_code == 202
    assert begun.headers["Location"].endswith(f"/api/v1/forecast-runs/{begun.json()['id']}/")
    assert begun.json() | {"status": "queued", "progress": 0.0, "seconds": None} == begun.json()
    assert begun.json()["allowed_actions"] == ["cancel"]

    again = client.post("forecast-runs/", {})
    assert (again.status_code, again.json()["code"]) == (409, "already_running")
    assert again.json()["run"] == begun.json()["id"]
    assert f"run {begun.json()['id']}" in again.json()["detail"]

    work_off()
    done = client.get(begun.headers["Location"]).json()
    assert done | {"status": "done", "progress": 1.0, "series": 1, "locations": [store.pk]} == done
    assert done["seconds"] >= 0
    assert done["accuracy"].keys() == {"series", "wql", "naive_wql", "mase", "coverage_95"}

    (told,) = client.get(f"forecasts/?sku={dress.pk}&location={store.pk}").json()["results"]
    assert told | {"sku": dress.pk, "location": store.pk, "period": "week", "product": dress.product_id} == told
    assert len(told["mean"]) == 6
    assert set(told["quantiles"]) == {"0.5", "0.8", "0.95"}
    assert {len(weeks) for weeks in told["quantiles"].values()} == {6}
    assert told["mean"][0] == pytest.approx(5, abs=0.5)

    (suggested,) = client.get("reorder-suggestions/").json()["results"]
    assert suggested | {
        "kind": "purchase", "sku": dress.pk, "location": store.pk, "supplier": mill.pk, "supplier_name": mill.name,
        "position": "8.000", "reorder_point": "10.000", "target": "24.000", "quantity": "18.000",
        "unit_cost": "12.50", "total_cost": "225.00", "allowed_actions": ["accept", "dismiss"],
    } == suggested  # fmt: skip
    assert "= position 8" in suggested["arithmetic"]

    accepted = client.post("reorder-suggestions/accept/", {"ids": [suggested["id"]]})
    assert accepted.status_code == 200
    (order,) = accepted.json()["purchase_orders"]
    assert client.get(f"purchase-orders/{order}/").json()["status"] == "draft"
    assert client.get("reorder-suggestions/").json()["results"] == []
    assert client.get("reorder-suggestions/?status=accepted").json()["results"][0]["document"] == f"PO-{order:06d}"

    assert client.post("forecast-runs/", {"locations": [store.pk]}).status_code == 202
    work_off()
    assert client.get("reorder-suggestions/").json()["results"] == []
    twice = client.post("reorder-suggestions/accept/", {"ids": [suggested["id"]]})
    assert (twice.status_code, twice.json()["code"]) == (409, "illegal_transition")
    assert PurchaseOrder.objects.count() == 2


# ------------------------------------------------------------------------------------------------ runs


def test_what_a_run_cannot_be_about(store, other_store, manager, owner, as_):
    client = as_(manager)

    for weeks in (0, -1, 53, 1000, "many", 1.5, None, True, 10**30):
        assert client.post("forecast-runs/", {"horizon_weeks": weeks}).status_code == 400, weeks
    for places in ([], [0], ["here"], "all", [[store.pk]], {"id": store.pk}):
        assert client.post("forecast-runs/", {"locations": places}).status_code in (400, 404), places
    assert client.post("forecast-runs/", {"locations": [other_store.pk]}).status_code == 404
    assert client.post("forecast-runs/", {"locations": [store.pk, 10**12]}).status_code == 404
    assert client.post("forecast-runs/", {"status": "done", "weeks": 3}).status_code == 400
    missing = as_(owner).post("forecast-runs/", {"locations": [store.pk, 10**12]})
    assert (missing.status_code, codes_of(missing)) == (400, {"locations.1": "not_found"})
    closed = LocationFactory(is_active=False)
    assert codes_of(as_(owner).post("forecast-runs/", {"locations": [closed.pk]})) == {"locations": "inactive"}
    assert not ForecastRun.objects.exists()


def test_a_run_is_cancelled_once(store, manager, as_):
    client = as_(manager)
    run = client.post("forecast-runs/", {}).json()["id"]

    cancelled = client.post(f"forecast-runs/{run}/cancel/")
    again = client.post(f"forecast-runs/{run}/cancel/")

    assert (cancelled.status_code, cancelled.json()["status"]) == (200, "cancelled")
    assert (again.status_code, again.json()["code"]) == (409, "illegal_transition")
    assert not RunPlace.objects.filter(is_open=True).exists()


def test_a_run_that_is_about_other_places_too_is_not_a_managers_to_cancel(store, other_store, manager, owner, as_):
    run = as_(owner).post("forecast-runs/", {}).json()["id"]

    shown = as_(manager).get(f"forecast-runs/{run}/").json()
    refused = as_(manager).post(f"forecast-runs/{run}/cancel/")

    assert shown["allowed_actions"] == []
    assert refused.status_code == 403


def test_runs_are_listed_by_status_and_place(store, other_store, manager, owner, as_):
    mine, others = FinishedRunFactory(places=[store]), ForecastRunFactory(places=[other_store])

    assert [row["id"] for row in as_(manager).get("forecast-runs/").json()["results"]] == [mine.pk]
    assert [row["id"] for row in as_(owner).get("forecast-runs/?status=queued").json()["results"]] == [others.pk]
    assert [row["id"] for row in as_(owner).get(f"forecast-runs/?location={store.pk}").json()["results"]] == [mine.pk]
    assert as_(owner).get("forecast-runs/?status=asleep").status_code == 400


# ------------------------------------------------------------------------------------------------ forecasts


def test_forecasts_are_those_of_ones_own_places(store, other_store, manager, owner, as_):
    mine, others = ForecastFactory(location=store), ForecastFactory(location=other_store)

    assert [row["id"] for row in as_(manager).get("forecasts/").json()["results"]] == [mine.pk]
    assert as_(manager).get(f"forecasts/{others.pk}/").status_code == 404
    assert as_(manager).get(f"forecasts/{others.pk}/chart.svg").status_code == 404
    assert as_(manager).get(f"forecasts/?location={other_store.pk}").json()["results"] == []
    narrowed = as_(owner).get(f"forecasts/?product={others.sku.product_id}&location={other_store.pk},{store.pk}")
    assert [row["id"] for row in narrowed.json()["results"]] == [others.pk]


def test_totals_are_what_their_parts_say(store, other_store, manager, owner, as_):
    dresses = CategoryFactory(name="Dresses")
    product = ProductFactory(category=dresses)
    for place, mean in ((store, [1.0, 2.0]), (store, [3.0, 4.5]), (other_store, [10.0, 10.0])):
        ForecastFactory(location=place, sku=SkuFactory(product=product), mean=mean, expected=sum(mean))
    ForecastFactory(location=store, mean=[0.5, 0.5], expected=1)

    by_place = as_(owner).get("forecast-totals/").json()
    by_category = as_(owner).get("forecast-totals/?group_by=category").json()["results"]
    by_product = as_(manager).get(f"forecast-totals/?group_by=product&category={dresses.pk}").json()["results"]

    assert [(row["id"], row["mean"]) for row in by_place["results"]] == [
        (other_store.pk, [10, 10]),
        (store.pk, [4.5, 7.0]),
    ]
    assert (by_place["group_by"], by_place["more"]) == ("location", False)
    assert [(row["id"], row["name"], row["series"], row["mean"]) for row in by_category] == [
        (dresses.pk, "Dresses", 3, [14, 16.5]),
        (None, "", 1, [0.5, 0.5]),
    ]
    assert [(row["id"], row["series"], row["mean"]) for row in by_product] == [(product.pk, 2, [4, 6.5])]
    for asked in ("group_by=colour", "location=here", "weeks=3", "product=0"):
        assert as_(owner).get(f"forecast-totals/?{asked}").status_code == 400
    assert as_(manager).get(f"forecast-totals/?location={other_store.pk}").json()["results"] == []


def test_lists_ask_the_same_number_of_questions_however_long_they_are(store, owner, as_):
    client, mill = as_(owner), SupplierFactory()
    paths = ["forecasts/?expand=sku,location", "reorder-suggestions/?expand=sku,supplier,source", "forecast-runs/"]

    def questions():
        numbers = []
        for path in paths:
            with CaptureQueriesContext(
                connection,
            ) as asked:
                assert client.get(path).status_code == 200
            numbers.append(len(asked))
        return numbers

    def more():
        ForecastFactory(location=store)
        ReorderSuggestionFactory(location=store, supplier=mill)
        FinishedRunFactory(places=[store, LocationFactory()])

    more()
    few = questions()
    for _row in range(4):
        more()

    assert questions() == few
    assert max(few) <= 5


# ------------------------------------------------------------------------------------------------ suggestions


def test_costs_are_not_shown_to_whoever_may_not_know_them(store, clerk, manager, as_):
    row = ReorderSuggestionFactory(location=store, supplier=SupplierFactory(), unit_cost="12.50")

    seen = as_(clerk).get(f"reorder-suggestions/{row.pk}/").json()
    assert not {"unit_cost", "total_cost"} & seen.keys()
    assert "12.5" not in as_(clerk).get("reorder-suggestions/?format=csv").getvalue().decode()
    assert as_(manager).get(f"reorder-suggestions/{row.pk}/").json()["total_cost"] == "225.00"
    assert seen["allowed_actions"] == []


def test_what_cannot_be_accepted(store, other_store, manager, clerk, as_):
    hidden = ReorderSuggestionFactory(location=other_store, supplier=SupplierFactory(), unit_cost="1.00")
    nobody = ReorderSuggestionFactory(location=store)
    client = as_(manager)

    for ids in ([], "all", [0], [True], None, [hidden.pk], [nobody.pk, 10**12]):
        assert client.post("reorder-suggestions/accept/", {"ids": ids}).status_code == 400, ids
    assert client.post("reorder-suggestions/accept/", {}).status_code == 400
    refused = client.post("reorder-suggestions/accept/", {"ids": [nobody.pk]})
    assert (refused.status_code, refused.json()["code"], codes_of(refused)) == (
        409, "no_supplier", {"ids.0": "no_supplier"},
    )  # fmt: skip
    assert as_(clerk).post("reorder-suggestions/accept/", {"ids": [nobody.pk]}).status_code == 403
    assert ReorderSuggestion.objects.open().count() == 2


def test_a_suggestion_is_dismissed_once(store, manager, as_):
    row = ReorderSuggestionFactory(location=store)

    gone = as_(manager).post(f"reorder-suggestions/{row.pk}/dismiss/")
    again = as_(manager).post(f"reorder-suggestions/{row.pk}/dismiss/")

    assert (gone.status_code, gone.json()["status"], gone.json()["decided_by"]) == (200, "dismissed", manager.pk)
    assert (again.status_code, again.json()["code"]) == (409, "illegal_transition")


def test_suggestions_are_narrowed_down(store, manager, as_):
    category = CategoryFactory()
    sku = SkuFactory(product=ProductFactory(category=category))
    row = ReorderSuggestionFactory(location=store, sku=sku, kind="markdown")
    ReorderSuggestionFactory(location=store)

    for asked in (f"sku={sku.pk}", f"product={sku.product_id}", f"category={category.pk}", "kind=markdown"):
        assert [one["id"] for one in as_(manager).get(f"reorder-suggestions/?{asked}").json()["results"]] == [row.pk]
    assert as_(manager).get("reorder-suggestions/?kind=gift").status_code == 400


# ------------------------------------------------------------------------------------------------ service levels


def test_service_levels_by_category(store, manager, as_):
    client, category = as_(manager), CategoryFactory()

    made = client.post("service-levels/", {"category": category.pk, "level": "0.97", "review_days": 14})
    assert made.status_code == 201
    path = f"service-levels/{made.json()['id']}/"
    assert client.patch(path, {"level": "0.9"}).json()["level"] == "0.900"
    assert client.post("service-levels/", {"category": category.pk, "level": "0.97"}).status_code == 409
    assert client.post("service-levels/", {"category": None, "level": "0.97"}).status_code == 201
    assert client.post("service-levels/", {"level": "0.96"}).status_code == 409
    for sent in ({"level": "1"}, {"level": "0.4"}, {"level": "0.9", "review_days": 0}, {"level": "high"}, {}):
        assert client.post("service-levels/", {"category": CategoryFactory().pk} | sent).status_code == 400
    assert client.delete(path).status_code == 204
    assert client.get("service-levels/?everything=true").json()["count"] == 1


def test_levels_of_one_category_only(store, manager, as_):
    mine = ServiceLevelFactory()
    ServiceLevelFactory()

    found = as_(manager).get(f"service-levels/?category={mine.category_id}").json()["results"]

    assert [row["id"] for row in found] == [mine.pk]
    assert Decimal(found[0]["level"]) == mine.level
