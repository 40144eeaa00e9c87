"""Stock and ledger over HTTP."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.utils import timezone

from accounts.models import Location
from accounts.tests.factories import LocationFactory, UserFactory
from inventory.models import StockLevel, StockMovement
from inventory.services import ledger
from inventory.tests.factories import fields_of, line, received
from skus.services import variants
from skus.tests.factories import CategoryFactory, ProductFactory, SkuFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def dress(store, manager):
    dress = SkuFactory(code="DRS-RED-M", colour="Red", product__name="Dress", product__base_price="120.00")
    received(dress, store, 10, "40.00", by=manager)
    return dress


def adjust(client, place, reason, *lines, **more):
    return client.post("stock/adjust/", {"location": place.pk, "reason": reason, "lines": list(lines)} | more)


def rows(client, path, **asked):
    answer = client.get(path, asked)
    assert answer.status_code == 200, answer.content
    return answer.json()["results"]


# ------------------------------------------------------------------------------------------------ levels


def test_a_level_says_what_lies_there_and_what_it_is_worth(dress, store, manager, as_):
    (level,) = rows(as_(manager), "stock/")
    assert {name: level[name] for name in ("sku", "location", "on_hand", "reserved", "available", "value")} == {
        "sku": dress.pk,
        "location": store.pk,
        "on_hand": "10.000",
        "reserved": "0.000",
        "available": "10.000",
        "value": "400.00",
    }
    assert (level["average_cost"], level["sku_code"], level["product_name"]) == ("40.00", "DRS-RED-M", "Dress")


def test_costs_vanish_for_those_who_do_not_see_them(dress, clerk, viewer, as_):
    for person in (clerk, viewer):
        (level,) = rows(as_(person), "stock/")
        (movement,) = rows(as_(person), "movements/")
        assert not {"average_cost", "value"} & level.keys()
        assert not {"unit_cost", "value_change", "value_after"} & movement.keys()


def test_each_sees_the_shelves_and_the_ledger_of_their_own_places(dress, store, other_store, manager, owner, as_):
    received(dress, other_store, 3)
    assert [row["location"] for row in rows(as_(manager), "stock/")] == [store.pk]
    assert [row["location"] for row in rows(as_(manager), "movements/")] == [store.pk]
    assert [row["location"] for row in rows(as_(manager), f"skus/{dress.pk}/movements/")] == [store.pk]
    assert len(rows(as_(owner), "stock/")) == 2
    hidden = StockMovement.objects.get(location=other_store)
    assert as_(manager).get(f"movements/{hidden.pk}/").status_code == 404
    assert as_(manager).post(f"movements/{hidden.pk}/reverse/", {}).status_code == 404


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"search": "drs red"}, ["DRS-RED-M"]),
        ({"search": "shi"}, ["SHIRT"]),
        ({"on_hand_min": "5"}, ["DRS-RED-M"]),
        ({"on_hand_max": "4"}, ["SHIRT"]),
        ({"price_min": "100"}, ["DRS-RED-M"]),
        ({"price_max": "100"}, ["SHIRT"]),
        ({"kind": "garment"}, ["DRS-RED-M", "SHIRT"]),
        ({"is_active": "false"}, []),
        ({"ordering": "-on_hand"}, ["DRS-RED-M", "SHIRT"]),
        ({"ordering": "available"}, ["SHIRT", "DRS-RED-M"]),
        ({"ordering": "-price,name"}, ["DRS-RED-M", "SHIRT"]),
        ({"ordering": "-sku__code"}, ["SHIRT", "DRS-RED-M"]),
    ],
)
def test_levels_are_found_by(asked, found, dress, store, owner, as_):
    from skus.services import search

    shirt = SkuFactory(code="SHIRT", product__name="Shirt", product__base_price="50.00")
    received(shirt, store, 2)
    search.refresh_skus([dress.pk, shirt.pk])
    assert [row["sku_code"] for row in rows(as_(owner), "stock/", **asked)] == found


def test_levels_are_found_by_shelf_product_sku_and_places(dress, store, other_store, owner, as_):
    women = CategoryFactory()
    dress.product.category = CategoryFactory(parent=women)
    dress.product.save()
    received(dress, other_store, 1)
    received(SkuFactory(), store, 1)
    client = as_(owner)
    assert len(rows(client, "stock/", category=women.pk)) == 2
    assert len(rows(client, "stock/", product=dress.product_id)) == 2
    assert len(rows(client, "stock/", sku=dress.pk, location=store.pk)) == 1
    assert len(rows(client, "stock/", sku=dress.pk, location=f"{store.pk},{other_store.pk}")) == 2


def test_a_page_of_levels_costs_as_much_for_one_row_as_for_fifty(dress, store, manager, as_, django_assert_num_queries):
    client = as_(manager)
    with django_assert_num_queries(3):
        rows(client, "stock/", location=store.pk, page_size=50, expand="sku,location")
    for _ in range(50):
        received(SkuFactory(), store, 1)
    with django_assert_num_queries(3):
        assert len(rows(client, "stock/", location=store.pk, page_size=50, expand="sku,location")) == 50
    with django_assert_num_queries(2):
        assert len(rows(client, "movements/", location=store.pk, page_size=50)) == 50


@pytest.mark.parametrize("ordering", ["sku__code", "-name", "on_hand", "-available", "price", "updated_at"])
def test_every_ordering_of_levels_pages_to_its_end(ordering, store, manager, as_):
    product = ProductFactory()
    for number in range(7):
        received(SkuFactory(product=product), store, 1 + number % 2)
    client = as_(manager)
    seen, page = [], client.get("stock/", {"ordering": ordering, "page_size": 3}).json()
    while True:
        seen += [row["id"] for row in page["results"]]
        if not page["next"]:
            break
        page = client.get(page["next"].partition("testserver")[2]).json()
    assert sorted(seen) == sorted(StockLevel.objects.values_list("pk", flat=True))
    assert len(seen) == 7


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_levels_leave_as_a_sheet_that_holds_all_of_them(form, store, manager, as_):
    for _ in range(30):
        received(SkuFactory(), store, 1)
    answer = as_(manager).get("stock/", {"format": form})
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    if form == "csv":
        assert len(content.decode("utf-8-sig").strip().splitlines()) == 31
    else:
        import io

        import openpyxl

        assert openpyxl.load_workbook(io.BytesIO(content)).active.max_row == 31


# ------------------------------------------------------------------------------------------------ past days


def test_a_past_day_shows_what_the_book_said_when_it_ended_there(manager, as_):
    kolkata = LocationFactory(timezone="Asia/Kolkata")
    manager.assignments.create(location=kolkata)
    dress, client = SkuFactory(), None
    # Half past midnight on 1 April over there; still 31 March in Greenwich.
    for moment, quantity in (
        (datetime(2026, 3, 31, 18, 29, 59, tzinfo=UTC), 5),
        (datetime(2026, 3, 31, 18, 30, tzinfo=UTC), 2),
    ):
        with time_machine.travel(moment, tick=False):
            received(dress, kolkata, quantity, "10.00")
    client = as_(manager)

    def then(day, **asked):
        return [
            (row["on_hand"], row["available"], row["value"])
            for row in rows(client, "stock/", as_of=day, location=kolkata.pk, **asked)
        ]

    assert then("2026-03-30") == []
    assert then("2026-03-31") == [("5.000", "5.000", "50.00")]
    assert then("2026-04-01") == [("7.000", "7.000", "70.00")]
    assert then("2026-03-31", on_hand_min="6") == []
    assert then("2026-03-31", ordering="on_hand") == then("2026-03-31")
    assert [str(row["business_date"]) for row in rows(client, "movements/")] == ["2026-04-01", "2026-03-31"]
    assert client.get("stock/", {"as_of": "yesterday"}).status_code == 400


def test_the_ends_of_time_are_days_like_others(dress, as_, owner):
    client = as_(owner)

    assert len(rows(client, "stock/", as_of="9999-12-31")) == 1
    assert rows(client, "stock/", as_of="0001-01-01") == []
    assert len(rows(client, "movements/", created_before="9999-12-31T23:59:59Z")) == 1
    assert len(rows(client, "movements/", created_after="0001-01-01T00:00:00Z")) == 1
    assert rows(client, "movements/", created_after="9999-12-31T23:59:59Z") == []
    assert client.get("movements/", {"created_after": "2026-01-01T00:00:00+17:47"}).status_code == 200


# ------------------------------------------------------------------------------------------------ the ledger


def test_the_ledger_is_found_by(dress, store, other_store, manager, owner, as_):
    ledger.sell(location=store, lines=[line(dress, 2)], document="SALE-000042", by=owner)
    received(SkuFactory(), other_store, 1)
    client = as_(owner)

    def reasons(**asked):
        return [row["reason"] for row in rows(client, "movements/", sku=dress.pk, **asked)]

    assert reasons() == ["sale", "purchase"]
    assert reasons(document="SALE-000042") == ["sale"]
    assert reasons(reason="purchase") == ["purchase"]
    assert reasons(recorded_by=owner.pk) == ["sale"]
    assert reasons(product=dress.product_id, location=store.pk) == ["sale", "purchase"]
    hour = timedelta(hours=1)
    assert reasons(occurred_after=(timezone.now() + hour).isoformat()) == []
    assert reasons(occurred_before=(timezone.now() + hour).isoformat(), created_after="2020-01-01T00:00:00Z") == [
        "sale",
        "purchase",
    ]
    assert reasons(business_date="2001-01-01") == []
    assert "count" not in client.get("movements/").json()


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_nobody_writes_the_ledger_by_hand(method, dress, owner, as_):
    movement = StockMovement.objects.get()
    answer = getattr(as_(owner), method)(f"movements/{movement.pk}/", {"note": "x"})
    assert answer.status_code == 405
    assert as_(owner).post("movements/", {}).status_code == 405


def test_a_receipt_is_reversed_by_a_linked_row(dress, store, manager, as_):
    first = StockMovement.objects.get()
    answer = as_(manager).post(f"movements/{first.pk}/reverse/", {"note": "counted twice"})
    assert answer.status_code == 200
    body = answer.json()
    assert (body["reverses"], body["on_hand_change"], body["note"]) == (first.pk, "-10.000", "counted twice")
    again = as_(manager).post(f"movements/{first.pk}/reverse/", {})
    assert (again.status_code, again.json()["code"]) == (409, "duplicate")
    back = as_(manager).post(f"movements/{body['id']}/reverse/", {})
    assert (back.status_code, back.json()["code"]) == (409, "not_reversible")


def test_a_reversal_takes_back_what_the_receipt_was_worth(dress, store, manager, as_):
    second = received(dress, store, 10, "60.00")
    as_(manager).post(f"movements/{second.pk}/reverse/", {})
    level = StockLevel.objects.get()
    assert (level.on_hand, level.value, level.average_cost) == (10, 400, 40)


def test_what_was_sold_is_not_reversed_by_hand(dress, store, manager, as_):
    (sold,) = ledger.sell(location=store, lines=[line(dress, 2)], document="SALE-000042", by=manager)
    answer = as_(manager).post(f"movements/{sold.pk}/reverse/", {})
    assert (answer.status_code, answer.json()["code"]) == (409, "not_reversible")
    assert "SALE-000042" in answer.json()["detail"]
    first = StockMovement.objects.get(sequence=1)
    gone = as_(manager).post(f"movements/{first.pk}/reverse/", {})
    assert (gone.status_code, gone.json()["code"]) == (409, "insufficient_stock")


# ------------------------------------------------------------------------------------------------ adjusting


def test_an_adjustment_is_a_document_with_its_movements(dress, store, manager, as_):
    answer = adjust(as_(manager), store, "damage", {"sku": dress.pk, "change": "-2"}, note="moths")
    body = answer.json()
    assert answer.status_code == 200
    assert body["number"].startswith("ADJ-")
    (movement,) = body["movements"]
    assert (movement["document"], movement["note"], movement["on_hand_after"]) == (body["number"], "moths", "8.000")
    assert (movement["unit_cost"], movement["value_change"]) == ("40.00", "-80.00")


def test_a_shortage_says_what_there_is_and_where_else_it_lies(dress, store, other_store, manager, owner, as_):
    received(dress, other_store, 4)
    ledger.reserve(location=other_store, lines=[line(dress, 1)], document="ORD-1", by=owner)
    gone = {"sku": dress.pk, "change": "-11"}

    problem = adjust(as_(owner), store, "loss", gone).json()

    assert (problem["code"], problem["detail"]) == ("insufficient_stock", "1 of 1 line cannot be supplied.")
    assert problem["errors"] == [
        {
            "field": "lines.0.change",
            "code": "insufficient_stock",
            "message": "10 on hand, 11 asked.",
            "params": {
                "sku": dress.pk,
                "sku_code": "DRS-RED-M",
                "location": store.pk,
                "requested": "11",
                "on_hand": "10",
                "reserved": "0",
                "available": "10",
                "elsewhere": [{"location": other_store.pk, "available": "3"}],
            },
        }
    ]
    # The manager of one store does not learn what lies in another.
    assert adjust(as_(manager), store, "loss", gone).json()["errors"][0]["params"]["elsewhere"] == []


def test_a_loss_may_leave_a_promise_short(dress, store, manager, as_):
    ledger.reserve(location=store, lines=[line(dress, 8)], document="ORD-1", by=manager)
    assert adjust(as_(manager), store, "loss", {"sku": dress.pk, "change": "-5"}).status_code == 200
    (level,) = rows(as_(manager), "stock/")
    assert (level["on_hand"], level["reserved"], level["available"]) == ("5.000", "8.000", "-3.000")


@pytest.mark.parametrize(
    ("reason", "sent", "field"),
    [
        ("damage", {"change": "2"}, "lines.0.change"),
        ("loss", {"change": "1"}, "lines.0.change"),
        ("found", {"change": "-1"}, "lines.0.change"),
        ("opening", {"change": "-1"}, "lines.0.change"),
        ("correction", {"change": "0"}, "lines.0.change"),
        ("correction", {"change": "1.5"}, "lines.0.change"),
        ("correction", {"change": "0.0001"}, "lines.0.change"),
        ("correction", {"change": "1000001"}, "lines.0.change"),
        ("correction", {"change": "1", "unit_cost": "-1"}, "lines.0.unit_cost"),
        ("correction", {"change": "1", "unit_cost": "1.005"}, "lines.0.unit_cost"),
        ("correction", {"counted": "8"}, "lines.0.expected"),
        ("correction", {"counted": "-1", "expected": "10"}, "lines.0.counted"),
        ("correction", {"change": "1", "counted": "11", "expected": "10"}, "lines.0.change"),
        ("correction", {"change": "1", "expected": "10"}, "lines.0.expected"),
        ("correction", {}, "lines.0.change"),
        ("found", {"counted": "8", "expected": "10"}, "lines.0.counted"),
        ("sale", {"change": "-1"}, "reason"),
        ("", {"change": "-1"}, "reason"),
    ],
)
def test_what_an_adjustment_refuses(reason, sent, field, dress, store, manager, as_):
    answer = adjust(as_(manager), store, reason, {"sku": dress.pk} | sent)
    assert answer.status_code == 400, answer.content
    assert fields_of(answer) == [field]
    assert StockMovement.objects.count() == 1


def test_one_sku_stands_on_one_line(dress, store, manager, as_):
    twice = [{"sku": dress.pk, "change": "-1"}, {"sku": dress.pk, "change": "-2"}]
    answer = adjust(as_(manager), store, "loss", *twice)
    assert (answer.status_code, fields_of(answer)) == (400, ["lines.1.sku"])
    assert "line 1 already" in answer.json()["detail"]


def test_all_wrong_lines_are_named_at_once(dress, store, manager, as_):
    other = SkuFactory()
    lines = [{"sku": dress.pk, "change": "0.5"}, {"sku": 999_999, "change": "1"}, {"sku": other.pk, "change": "x"}]
    assert fields_of(adjust(as_(manager), store, "correction", *lines)) == ["lines.1.sku", "lines.2.change"]
    halves = [{"sku": sku.pk, "change": "0.5"} for sku in (dress, other)]
    assert fields_of(adjust(as_(manager), store, "correction", *halves)) == ["lines.0.change", "lines.1.change"]


def test_what_is_archived_or_closed_takes_nothing_in(dress, store, manager, as_):
    client, found = as_(manager), {"sku": dress.pk, "change": "1"}
    variants.archive_sku(sku=dress, by=manager)
    answer = adjust(client, store, "found", found)
    assert (answer.status_code, fields_of(answer), answer.json()["errors"][0]["code"]) == (
        400,
        ["lines.0.sku"],
        "inactive",
    )
    variants.restore_sku(sku=dress, by=manager)
    Location.objects.filter(pk=store.pk).update(is_active=False)
    assert fields_of(adjust(client, store, "found", found)) == ["location"]


def test_another_store_is_not_there(dress, other_store, manager, as_):
    line_sent = {"sku": dress.pk, "change": "1"}
    assert adjust(as_(manager), other_store, "found", line_sent).status_code == 404
    assert adjust(as_(manager), Location(pk=999_999), "found", line_sent).status_code == 404
    assert adjust(as_(manager), ledger.road(), "found", line_sent).status_code == 404


def test_five_hundred_lines_cost_as_many_statements_as_one(store, manager, as_, django_assert_num_queries):
    product = ProductFactory()
    skus = [SkuFactory(product=product) for _ in range(500)]
    client = as_(manager)
    lines = [{"sku": sku.pk, "change": "3", "unit_cost": "2.00"} for sku in skus]
    with django_assert_num_queries(14):
        assert adjust(client, store, "opening", lines[0]).status_code == 200
    with django_assert_num_queries(14):
        assert adjust(client, store, "opening", *lines[1:]).status_code == 200
    assert StockMovement.objects.count() == 500
    assert adjust(client, store, "opening", *lines, lines[0]).status_code == 400


def test_what_was_counted_becomes_the_book_unless_it_moved_meanwhile(dress, store, manager, as_):
    client = as_(manager)
    counted = {"sku": dress.pk, "counted": "8", "expected": "10"}
    answer = adjust(client, store, "correction", counted)
    assert answer.json()["movements"][0]["on_hand_change"] == "-2.000"

    moved = adjust(client, store, "correction", counted)

    assert (moved.status_code, moved.json()["code"]) == (409, "book_moved")
    assert moved.json()["errors"][0]["params"] == {"on_hand": "8", "expected": "10"}
    agreed = adjust(client, store, "correction", {"sku": dress.pk, "counted": "8", "expected": "8"})
    assert (agreed.status_code, agreed.json()["movements"]) == (200, [])


def test_first_stock_is_assigned_once(store, manager, as_):
    shirt, tie = SkuFactory(), SkuFactory()
    client = as_(manager)

    def assign(sku, quantity="6", **more):
        sent = {"location": store.pk, "lines": [{"sku": sku.pk, "quantity": quantity, "unit_cost": "5.00"} | more]}
        return client.post("stock/assign/", sent)

    assert assign(shirt).json()["movements"][0]["reason"] == "opening"
    again = assign(shirt)
    assert (again.status_code, again.json()["code"], fields_of(again)) == (409, "duplicate", ["lines.0.sku"])
    for quantity in ("0", "-1", "1.5"):
        assert assign(tie, quantity).status_code == 400
    assert assign(tie, unit_cost="-1").status_code == 400
    assert StockMovement.objects.count() == 1


# ------------------------------------------------------------------------------------------------ products and SKUs


def test_a_sku_comes_with_its_opening_stock(store, other_store, owner, clerk, as_):
    product = ProductFactory()
    sent = {
        "product": product.pk,
        "size": "M",
        "opening_stock": [
            {"location": store.pk, "quantity": "4", "unit_cost": "10.00"},
            {"location": other_store.pk, "quantity": "2", "unit_cost": "12.00"},
        ],
    }
    sku = as_(owner).post("skus/", sent).json()
    assert (sku["on_hand"], sku["available"]) == ("6.000", "6.000")
    assert set(StockMovement.objects.values_list("reason", "on_hand_after")) == {("opening", 4), ("opening", 2)}

    refused = as_(clerk).post("skus/", {"product": product.pk, "size": "L", "opening_stock": sent["opening_stock"][:1]})
    assert refused.status_code == 403
    assert product.skus.count() == 1
    wrong = sent | {"size": "L", "opening_stock": [{"location": store.pk, "quantity": "0.5", "unit_cost": "1.00"}]}
    answer = as_(owner).post("skus/", wrong)
    assert (answer.status_code, fields_of(answer)) == (400, ["opening_stock.0.quantity"])
    assert product.skus.count() == 1


def test_products_skus_and_matrix_add_up_ones_own_places(dress, store, other_store, manager, owner, as_):
    received(dress, other_store, 5)
    ledger.reserve(location=store, lines=[line(dress, 3)], document="ORD-1", by=owner)
    ledger.ship(source=store, lines=[line(dress, 1)], document="TRF-1", by=owner)
    for person, asked, on_hand, available in (
        (manager, {}, "9.000", "6.000"),
        (owner, {}, "14.000", "11.000"),
        (owner, {"location": other_store.pk}, "5.000", "5.000"),
        (manager, {"location": other_store.pk}, "0.000", "0.000"),
    ):
        client, expected = as_(person), (on_hand, available)
        (product,) = rows(client, "products/", **asked)
        (sku,) = rows(client, "skus/", **asked)
        (cell,) = client.get(f"products/{dress.product_id}/matrix/", asked).json()["cells"]
        assert [(row["on_hand"], row["available"]) for row in (product, sku, cell)] == [expected] * 3


def test_skus_are_found_and_ordered_by_what_lies_there(dress, store, owner, as_):
    empty = SkuFactory(code="EMPTY")
    client = as_(owner)
    assert [row["code"] for row in rows(client, "skus/", ordering="on_hand")] == ["EMPTY", "DRS-RED-M"]
    assert [row["code"] for row in rows(client, "skus/", on_hand_min="1")] == ["DRS-RED-M"]
    assert [row["code"] for row in rows(client, "skus/", on_hand_max="0")] == [empty.code]
    assert [row["code"] for row in rows(client, "products/", on_hand_min="1")] == [dress.product.code]
    assert client.get("skus/", {"location": "here"}).status_code == 400
    assert client.get(f"products/{dress.product_id}/matrix/", {"location": "here"}).status_code == 400


def test_what_has_a_history_is_archived_and_not_deleted(dress, store, owner, as_):
    client = as_(owner)
    for path in (f"skus/{dress.pk}/", f"products/{dress.product_id}/", f"locations/{store.pk}/"):
        answer = client.delete(path)
        assert (answer.status_code, answer.json()["code"]) == (409, "in_use"), path
    frozen = client.patch(f"skus/{dress.pk}/", {"code": "OTHER"})
    assert (frozen.status_code, fields_of(frozen)) == (409, ["code"])


def test_a_product_is_not_sold_by_another_unit_once_it_moved(dress, owner, as_):
    assert Decimal(1) == dress.levels.get().version
    answer = as_(owner).patch(f"products/{dress.product_id}/", {"unit": "metre"})
    assert (answer.status_code, fields_of(answer)) == (409, ["unit"])


def test_a_scanned_code_says_how_much_lies_where(dress, store, other_store, manager, owner, as_):
    received(dress, other_store, 2)
    ledger.reserve(location=store, lines=[line(dress, 3)], document="ORD-1", by=owner)
    found = as_(manager).get("barcodes/drs-red-m/").json()
    assert (found["kind"], found["sku"]) == ("sku", dress.pk)
    assert found["stock"] == [{"location": store.pk, "on_hand": "10", "available": "7"}]
    assert len(as_(owner).get("barcodes/DRS-RED-M/").json()["stock"]) == 2


def test_only_those_who_see_stock_see_it_beside_the_catalogue(dress, store, as_):
    tailor = as_(UserFactory(role="tailor", places=[store]))
    for path in (f"skus/{dress.pk}/", f"products/{dress.product_id}/"):
        assert not {"on_hand", "available"} & tailor.get(path).json().keys()
    (cell,) = tailor.get(f"products/{dress.product_id}/matrix/").json()["cells"]
    assert "on_hand" not in cell
    for asked in ({"on_hand_min": "1"}, {"ordering": "on_hand"}, {"location": store.pk}):
        assert tailor.get("skus/", asked).status_code == 403


def test_a_receipt_whose_goods_were_promised_is_not_reversed(dress, store, manager, as_):
    ledger.reserve(location=store, lines=[line(dress, 8)], document="ORD-1", by=manager)
    answer = as_(manager).post(f"movements/{StockMovement.objects.get(sequence=1).pk}/reverse/", {})
    assert (answer.status_code, answer.json()["code"]) == (409, "insufficient_stock")


def test_what_a_sale_found_is_not_reversed_by_itself(dress, store, manager, as_):
    found, _sold = ledger.sell(location=store, lines=[line(dress, 12)], document="SALE-1", found=True, by=manager)
    assert as_(manager).post(f"movements/{found.pk}/reverse/", {}).json()["code"] == "not_reversible"


def test_an_agreeing_count_of_nothing_leaves_nothing_behind(store, manager, as_):
    shirt = SkuFactory()
    answer = adjust(as_(manager), store, "correction", {"sku": shirt.pk, "counted": "0", "expected": "0"})
    assert answer.status_code == 200
    assert not StockLevel.objects.exists()


def test_what_leaves_has_no_cost_to_be_named(dress, store, manager, as_):
    answer = adjust(as_(manager), store, "loss", {"sku": dress.pk, "change": "-1", "unit_cost": "1.00"})
    assert (answer.status_code, fields_of(answer)) == (400, ["lines.0.unit_cost"])


@pytest.mark.parametrize("places", ["1,", ",", "1,,2"])
@pytest.mark.parametrize("path", ["stock/", "movements/", "skus/", "products/"])
def test_a_list_of_places_with_a_hole_is_refused(path, places, owner, as_):
    assert as_(owner).get(path, {"location": places}).status_code == 400
