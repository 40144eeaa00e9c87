"""Suppliers, their prices, and how they deliver."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
import time_machine

from inventory.tests.factories import received
from skus.tests.factories import ProductFactory, SkuFactory
from suppliers.models import Supplier, SupplierSku
from suppliers.services import costing, ordering, receiving
from suppliers.services.receiving import SentBack
from suppliers.tests.factories import SupplierFactory, SupplierSkuFactory, buyer, came, codes_of, drafted, ordered, said

pytestmark = pytest.mark.django_db

TERMS = {
    "name": "Mill of Avoca",
    "contact_name": "Ada Byrne",
    "email": "Ada@Mill.example",
    "phone": "+353 86 123 4567",
    "address": "1 Mill Road\nAvoca",
    "lead_time_days": 14,
    "payment_terms": "30 days",
}


# ------------------------------------------------------------------------------------------------ suppliers


def test_a_supplier_is_kept_with_terms_and_found_again(manager, as_):
    client = as_(manager)

    made = said(client.post("suppliers/", TERMS), 201)

    assert {name: made[name] for name in TERMS} == TERMS | {"email": "ada@mill.example", "phone": "+353861234567"}
    assert (made["is_active"], made["open_orders"], made["spend"], made["on_time_rate"]) == (True, 0, "0.00", None)
    SupplierFactory(name="Weaver")
    for words in ("avoca", "mill avo", "byrne", "ada@mill"):
        assert [row["id"] for row in client.get("suppliers/", {"search": words}).json()["results"]] == [made["id"]]
    assert said(client.patch(f"suppliers/{made['id']}/", {"lead_time_days": 7}))["lead_time_days"] == 7
    assert said(client.put(f"suppliers/{made['id']}/", {"name": "Mill"}))["name"] == "Mill"


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"name": "\u200b"},
        {"name": None},
        {"email": "no address"},
        {"phone": "call me"},
        {"lead_time_days": -1},
        {"lead_time_days": "soon"},
        {"lead_time_days": 1001},
        {"is_active": False},
        {"spend": "5.00"},
        {"colour": "blue"},
    ],
)
def test_a_foolish_supplier_is_refused(wrong, manager, as_):
    answer = as_(manager).post("suppliers/", {"name": "Mill"} | wrong)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, next(iter(wrong)))
    assert not Supplier.objects.exists()


def test_sales_staff_see_who_delivers_but_not_how_to_reach_them_or_for_how_much(mill, store, manager, clerk, as_):
    came(ordered(mill, store, (SkuFactory(), 3, "77.77")), 3)

    (row,) = as_(clerk).get("suppliers/").json()["results"]

    hidden = {"contact_name", "email", "phone", "address", "payment_terms", "spend"}
    assert not hidden & row.keys()
    assert row["name"] == "Mill of Avoca"
    assert as_(clerk).get("suppliers/", {"search": "byrne"}).json()["count"] == 0
    assert "233.31" in as_(manager).get(f"suppliers/{mill.pk}/").text
    for path in ("", "figures/"):
        assert "233.31" not in as_(clerk).get(f"suppliers/{mill.pk}/{path}").text


def test_a_supplier_with_orders_is_archived_not_deleted(mill, store, owner, kurta, as_):
    drafted(mill, store, (kurta, 1, "1.00"))
    SupplierSkuFactory(supplier=mill, sku=kurta)
    unused = SupplierSkuFactory().supplier
    client = as_(owner)

    answer = client.delete(f"suppliers/{mill.pk}/")

    assert (answer.status_code, answer.json()["code"]) == (409, "in_use")
    assert client.delete(f"suppliers/{unused.pk}/").status_code == 204
    assert list(Supplier.objects.all()) == [mill]
    assert said(client.post(f"suppliers/{mill.pk}/archive/", {}))["is_active"] is False
    assert client.get("suppliers/", {"is_active": "true"}).json()["count"] == 0
    assert said(client.post(f"suppliers/{mill.pk}/restore/", {}))["is_active"] is True


# ------------------------------------------------------------------------------------------------ prices


def price(mill, sku, **more):
    return {
        "supplier": mill.pk,
        "sku": sku.pk,
        "supplier_code": "KR-7",
        "unit_cost": "12.50",
        "pack_size": "6",
        "minimum_order": "12",
        "lead_time_days": 9,
        "is_preferred": True,
    } | more


def test_a_supplier_has_a_sku_once_with_code_cost_and_pack(mill, kurta, manager, clerk, as_):
    client = as_(manager)

    made = said(client.post("supplier-skus/", price(mill, kurta)), 201)

    assert {name: made[name] for name in ("supplier_code", "unit_cost", "pack_size", "minimum_order")} == {
        "supplier_code": "KR-7",
        "unit_cost": "12.50",
        "pack_size": "6.000",
        "minimum_order": "12.000",
    }
    again = client.post("supplier-skus/", price(mill, kurta))
    assert (again.status_code, again.json()["code"]) == (409, "duplicate")
    assert "unit_cost" not in as_(clerk).get("supplier-skus/").json()["results"][0]
    assert said(client.patch(f"supplier-skus/{made['id']}/", {"unit_cost": "13.00"}))["unit_cost"] == "13.00"
    assert client.patch(f"supplier-skus/{made['id']}/", {"sku": SkuFactory().pk}).status_code == 400
    assert client.delete(f"supplier-skus/{made['id']}/").status_code == 204


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"pack_size": "0"}, "min_value"),
        ({"pack_size": "-6"}, "min_value"),
        ({"pack_size": "2.5"}, "fraction"),
        ({"minimum_order": "-1"}, "min_value"),
        ({"minimum_order": "0.5"}, "fraction"),
        ({"unit_cost": "-1"}, "min_value"),
        ({"unit_cost": "free"}, "invalid"),
        ({"sku": 999_999_999}, "not_found"),
        ({"supplier": 999_999_999}, "not_found"),
        ({"is_preferred": "perhaps"}, "invalid"),
    ],
)
def test_a_foolish_price_is_refused(wrong, code, mill, kurta, manager, as_):
    answer = as_(manager).post("supplier-skus/", price(mill, kurta) | wrong)
    assert (answer.status_code, codes_of(answer)) == (400, [(next(iter(wrong)), code)])
    assert not SupplierSku.objects.exists()


def test_cloth_comes_in_packs_of_half_a_metre(mill, manager, as_):
    silk = SkuFactory(product=ProductFactory(unit="metre"))
    assert said(as_(manager).post("supplier-skus/", price(mill, silk, pack_size="0.5")), 201)["pack_size"] == "0.500"


def test_the_preferred_supplier_of_before_steps_back(mill, kurta, manager, as_):
    before, other = SupplierSkuFactory(sku=kurta, is_preferred=True), SupplierSkuFactory(is_preferred=True)

    said(as_(manager).post("supplier-skus/", price(mill, kurta)), 201)

    before.refresh_from_db()
    other.refresh_from_db()
    assert (before.is_preferred, other.is_preferred) == (False, True)
    assert said(as_(manager).patch(f"supplier-skus/{before.pk}/", {"is_preferred": True}))["is_preferred"] is True
    assert SupplierSku.objects.filter(sku=kurta, is_preferred=True).count() == 1


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"search": "kr-7"}, ["kurta"]),
        ({"supplier_code": "kr-7"}, ["kurta"]),
        ({"search": "silk sari"}, ["silk"]),
        ({"is_preferred": "true"}, ["kurta"]),
        ({"sku": "silk"}, ["silk"]),
        ({"product": "silk"}, ["silk"]),
        ({"supplier": "mill"}, ["kurta", "silk"]),
        ({"ordering": "-sku__code"}, ["silk", "kurta"]),
    ],
)
def test_prices_are_found_by(asked, found, mill, kurta, manager, as_):
    silk = SkuFactory(code="SILK", product=ProductFactory(name="Silk sari"))
    prices = {
        "kurta": SupplierSkuFactory(supplier=mill, sku=kurta, supplier_code="KR-7", is_preferred=True),
        "silk": SupplierSkuFactory(supplier=mill, sku=silk),
    }
    names = {"mill": mill.pk, "silk": silk.product_id if "product" in asked else silk.pk}
    asked = {"ordering": "id"} | {key: names.get(value, value) for key, value in asked.items()}

    shown = as_(manager).get("supplier-skus/", asked).json()["results"]

    assert [row["id"] for row in shown] == [prices[name].pk for name in found]


@pytest.mark.parametrize("path", ["suppliers/", "supplier-skus/?expand=supplier,sku"])
def test_a_page_costs_as_much_for_one_row_as_for_twenty_five(path, store, manager, as_, django_assert_num_queries):
    client = as_(manager)
    SupplierSkuFactory()
    with django_assert_num_queries(3):
        client.get(path)
    for _ in range(24):
        sku = SupplierSkuFactory().sku
        came(ordered(SupplierSkuFactory(sku=sku).supplier, store, (sku, 1, "1.00")), 1)
    with django_assert_num_queries(3):
        assert len(client.get(path).json()["results"]) == 25


# ------------------------------------------------------------------------------------------------ figures


def on(day, hour=12):
    return time_machine.travel(datetime(2026, 3, day, hour, tzinfo=UTC), tick=False)


@pytest.fixture
def march(mill, store, other_store, kurta):
    """What was ordered from the mill in March: one on time, one late and short, one open and late, one elsewhere."""
    by = buyer()
    expected = date(2026, 3, 12)
    with on(2):
        on_time, late, waiting = (
            ordered(mill, store, (kurta, 10, "5.00"), expected_on=expected, by=by) for _ in range(3)
        )
        elsewhere = ordered(mill, other_store, (kurta, 4, "5.00"), expected_on=expected, by=by)
    with on(6):
        came(on_time, 6, by=by)
    with on(12):
        came(on_time, 4, by=by)
        came(elsewhere, 4, by=by)
    with on(17):
        came(late, 7, rejected=Decimal(1), by=by)
        ordering.close(order=late, by=by)
    with on(20):
        back = [SentBack(line=late.lines.get(), quantity=Decimal(2))]
        receiving.give_back(order=late, lines=back, reason="Seams", by=by)
        costing.add_cost(order=on_time, amount=Decimal("9.00"), note="Freight", by=by)
        wanted = ordering.Wanted(sku=kurta, quantity=Decimal(1), unit_cost=Decimal(30))
        receiving.buy(supplier=mill, location=store, lines=[wanted], by=by)
    drafted(mill, store, (kurta, 100, "5.00"), by=by)
    return waiting


def figures(client, mill, **asked):
    shown = said(client.get(f"suppliers/{mill.pk}/figures/", asked))
    return [shown[name] for name in ("open_orders", "spend", "on_time_rate", "fill_rate", "lead_time_days_taken")]


def test_figures_say_how_a_supplier_delivers(march, mill, manager, as_):
    """Spend: 50 + 35 − 10 + 9 + 30. On time: 1 of 3. Filled: 17 of 20. Days: 4, 10 and 15."""
    expected = [1, "114.00", "0.333", "0.850", "9.7"]
    client = as_(manager)

    assert figures(client, mill) == expected
    listed = client.get("suppliers/").json()["results"][0]
    assert [listed[name] for name in ("open_orders", "spend", "on_time_rate", "fill_rate")] == expected[:4]
    assert listed["lead_time_days_taken"] == "9.7"


def test_figures_of_some_days_speak_of_what_happened_on_them(march, mill, manager, as_):
    client = as_(manager)
    assert figures(client, mill, after="2026-03-06", before="2026-03-06") == [1, "30.00", None, None, "4.0"]
    assert figures(client, mill, after="2026-03-13", before="2026-03-19") == [1, "35.00", "0.000", "0.700", "15.0"]
    assert figures(client, mill, before="2026-03-12") == [1, "50.00", "0.500", "1.000", "7.0"]
    assert client.get(f"suppliers/{mill.pk}/figures/", {"after": "soon"}).status_code == 400
    assert client.get(f"suppliers/{mill.pk}/figures/", {"since": "2026-03-01"}).status_code == 400


def test_an_owner_sees_the_figures_of_all_places(march, mill, owner, as_):
    """With the order of the other store: 20 more, one more on time, four more filled, ten days."""
    assert figures(as_(owner), mill) == [1, "134.00", "0.500", "0.875", "9.8"]


def test_figures_of_a_supplier_that_never_delivered_say_nothing(mill, kurta, store, manager, as_):
    received(kurta, store, 1)
    assert figures(as_(manager), mill) == [0, "0.00", None, None, None]


def test_a_delivery_booked_by_mistake_is_in_no_figure(mill, kurta, store, manager, as_):
    came(ordered(mill, store, (kurta, 10, "5.00")), 10)
    (movement,) = as_(manager).get("movements/").json()["results"]
    said(as_(manager).post(f"movements/{movement['id']}/reverse/", {}))
    assert figures(as_(manager), mill)[:2] == [1, "0.00"]
