"""Sales over the counter: goods leave, money comes in, and the receipt has its number; all of it or nothing."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Location
from accounts.roles import Role
from accounts.tests.factories import LocationFactory, UserFactory
from boutique.errors import Invalid
from boutique.models import DocumentEvent
from conftest import ApiClient
from inventory.models import StockLevel, StockMovement
from orders.models import Customer, Order, Payment, TillEntry
from orders.services import customers
from orders.tests.conftest import line_of
from orders.tests.factories import CustomerFactory, goods, on_shelf, opened_till, sold
from skus.models import Product, Sku
from skus.tests.factories import BarcodeFactory

pytestmark = pytest.mark.django_db


def told(answer):
    """Its status, and which fields are wrong in which way."""
    return answer.status_code, [(error["field"], error["code"]) for error in answer.json().get("errors", [])]


def on_hand(sku):
    return int(StockLevel.objects.get(sku=sku).on_hand)


def figures(sale, *names):
    return [sale[name] for name in names]


# ------------------------------------------------------------------------------------------------ what a sale is


def test_a_sale_takes_goods_and_money_at_once(sell, dress, scarf, store, clerk, as_, books_add_up):
    answer = sell((dress, 2), (scarf, 1), cash="3600.00", discount="400.00", note="Gift")

    assert answer.status_code == 201, answer.content
    sale = answer.json()
    assert sale["number"] == f"SALE-{sale['id']:06d}"
    assert answer["Location"].endswith(f"/api/v1/sales/{sale['id']}/")
    assert figures(sale, "subtotal", "discount", "tax", "total", "refunded", "status", "note") == [
        "4000.00", "400.00", "0.00", "3600.00", "0.00", "completed", "Gift",
    ]  # fmt: skip
    assert figures(sale, "location", "sold_by", "customer", "client_id", "returns") == [
        store.pk, clerk.pk, None, None, [],
    ]  # fmt: skip
    assert [figures(line, "sku", "quantity", "unit_price", "total", "returned") for line in sale["lines"]] == [
        [dress.pk, "2.000", "1500.00", "2700.00", "0.000"],
        [scarf.pk, "1.000", "1000.00", "900.00", "0.000"],
    ]
    assert [figures(one, "method", "amount") for one in sale["payments"]] == [["cash", "3600.00"]]
    assert (on_hand(dress), on_hand(scarf)) == (8, 9)
    moved = StockMovement.objects.filter(document=sale["number"])
    assert {(one.sku_id, one.reason, one.on_hand_change) for one in moved} == {
        (dress.pk, "sale", -2), (scarf.pk, "sale", -1),
    }  # fmt: skip
    # The answer shows the sale as it was written: whoever looks later sees the same.
    assert as_(clerk).get(f"sales/{sale['id']}/").json() == sale
    (event,) = as_(clerk).get(f"sales/{sale['id']}/timeline/").json()["results"]
    assert figures(event, "kind", "by", "to") == ["created", clerk.pk, "completed"]
    assert books_add_up()


def test_in_kolkata_the_day_ends_five_and_a_half_hours_before_that_of_greenwich():
    with time_machine.travel(datetime(2027, 3, 31, 12, tzinfo=UTC), tick=False) as clock:
        place = LocationFactory(code="KOLKATA", timezone="Asia/Kolkata")
        seller = UserFactory(role=Role.STAFF, places=[place])
        saree = on_shelf(place, price="10.00", by=seller)
        till = opened_till(place, seller)
        body = {"location": place.pk, "lines": [line_of(saree)], "payments": [{"method": "cash", "amount": "10.00"}]}
        for hour, minute, second in ((18, 29, 59), (18, 30, 0), (20, 0, 0)):
            clock.move_to(datetime(2027, 3, 31, hour, minute, second, tzinfo=UTC))
            answer = ApiClient(seller).post("sales/", body | {"client_id": f"{hour}:{minute}"})
            assert answer.status_code == 201, answer.content
        client, first, second = ApiClient(seller), "2027-03-31", "2027-04-01"

        def ids(question):
            return [sale["client_id"] for sale in client.get(f"sales/?{question}").json()["results"]]

        assert ids(f"business_date={first}") == ["18:29"]
        assert ids(f"business_date={second}") == ["20:0", "18:30"]
        assert (ids(f"before={first}"), ids(f"after={second}")) == (["18:29"], ["20:0", "18:30"])
    for days in (
        Order.objects.order_by("pk").values_list("business_date", flat=True),
        StockMovement.objects.filter(reason="sale").order_by("pk").values_list("business_date", flat=True),
        TillEntry.objects.filter(session=till).order_by("pk").values_list("business_date", flat=True),
    ):
        assert [str(day) for day in days] == [first, second, second]


def test_what_a_line_comes_to(sell, store, owner, clerk, settings):
    """Rate in percent, whether the price has the tax in it, discounts; then net, tax, total of the line."""
    cases = [
        ("18.00", True, {}, "84.75", "15.25", "100.00"),
        ("18.00", False, {}, "100.00", "18.00", "118.00"),
        ("18.00", True, {"discount": "10.00"}, "76.27", "13.73", "90.00"),
        ("18.00", False, {"discount": "10.00"}, "90.00", "16.20", "106.20"),
        ("0.00", True, {}, "100.00", "0.00", "100.00"),
    ]
    for rate, is_included, words, net, tax, total in cases:
        settings.BOUTIQUE_PRICES_INCLUDE_TAX = is_included
        shirt = on_shelf(store, price="100.00", by=owner, tax_rate=Decimal(rate))
        answer = sell((shirt, 1, words), cash=total)
        assert answer.status_code == 201, (rate, answer.content)
        sale = answer.json()
        assert figures(sale["lines"][0], "tax_rate", "net", "tax", "total") == [rate, net, tax, total]
        assert figures(sale, "prices_include_tax", "tax", "total") == [is_included, tax, total]


def test_goods_are_named_by_any_of_their_barcodes(sell, post, store, dress, scarf):
    code = BarcodeFactory(sku=dress).value
    body = {"location": store.pk, "payments": [{"method": "card", "amount": "2500.00"}]}
    lines = [{"barcode": code, "quantity": "1"}, line_of(scarf)]

    answer = post("sales/", body | {"lines": lines})

    assert answer.status_code == 201, answer.content
    assert [line["sku"] for line in answer.json()["lines"]] == [dress.pk, scarf.pk]
    for line, wrong in (
        ({"barcode": "0000"}, ("lines.0.barcode", "not_found")),
        ({"barcode": code, "sku": dress.pk}, ("lines.0.sku", "invalid")),
        ({}, ("lines.0.sku", "invalid")),
    ):
        assert told(post("sales/", body | {"lines": [line | {"quantity": "1"}]})) == (400, [wrong])
    twice = [{"barcode": code, "quantity": "1"}, line_of(dress)]
    assert told(post("sales/", body | {"lines": twice})) == (400, [("lines.1.sku", "duplicate")])


def test_several_tenders_pay_one_sale(sell, dress, clerk, store):
    till = opened_till(store, clerk)
    payments = [
        {"method": "card", "amount": "1000.00", "reference": "4711"},
        {"method": "cash", "amount": "400.00"},
        {"method": "other", "amount": "100.00", "reference": "Voucher 12"},
    ]

    sale = sell((dress, 1), payments=payments, till_session=till.pk).json()

    assert [figures(one, "method", "amount", "reference") for one in sale["payments"]] == [
        ["card", "1000.00", "4711"], ["cash", "400.00", ""], ["other", "100.00", "Voucher 12"],
    ]  # fmt: skip
    assert sorted(str(one.amount) for one in till.entries.all()) == ["100.00", "1000.00", "400.00"]


def test_a_sale_may_cost_nothing(sell, dress, manager, books_add_up):
    given = sell((dress, 1), by=manager, discount="1500.00")

    assert given.status_code == 201, given.content
    assert figures(given.json(), "total", "payments") == ["0.00", []]
    assert on_hand(dress) == 9
    assert books_add_up()


def test_whoever_buys_is_known_in_the_place_from_then_on(sell, dress, other_store, clerk, owner, as_):
    amina = CustomerFactory(name="Amina", places=[])
    assert as_(clerk).get(f"customers/{amina.pk}/").status_code == 404

    sale = sell((dress, 1), by=owner, cash="1500.00", customer=amina.pk).json()

    assert figures(sale, "customer", "customer_name") == [amina.pk, "Amina"]
    assert as_(clerk).get(f"customers/{amina.pk}/").status_code == 200


def test_cloth_is_sold_by_the_millimetre(sell, store, owner):
    silk = on_shelf(store, price="20.00", by=owner, unit=Product.Unit.METRE)

    sale = sell((silk, "1.255"), cash="25.10").json()

    assert figures(sale["lines"][0], "quantity", "total") == ["1.255", "25.10"]
    assert StockLevel.objects.get(sku=silk).on_hand == Decimal("8.745")


# ------------------------------------------------------------------------------------------------ sent again


def test_a_sale_is_named_by_a_key_or_by_the_till(sell, dress):
    for words in ({}, {"client_id": None}):
        answer = sell((dress, 1), cash="1500.00", key=None, **words)
        assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_required")
    assert told(sell((dress, 1), cash="1500.00", key=None, client_id=" "))[0] == 400
    assert not Order.objects.exists()
    assert sell((dress, 1), cash="1500.00", key=None, client_id="till-1").status_code == 201


def test_a_key_sent_again_gets_the_first_answer_byte_for_byte(sell, dress):
    first = sell((dress, 1), cash="1500.00", key="slow line")
    again = sell((dress, 1), cash="1500.00", key="slow line")
    other = sell((dress, 2), cash="3000.00", key="slow line")

    assert (again.status_code, again.content) == (201, first.content)
    assert (again["ETag"], again["Location"]) == (first["ETag"], first["Location"])
    assert other.status_code in (409, 422)
    assert (Order.objects.count(), on_hand(dress)) == (1, 9)


def test_a_sale_that_was_refused_may_be_sent_again_under_its_key(sell, dress):
    assert sell((dress, 1), cash="1.00", key="typo").status_code == 400
    assert sell((dress, 1), cash="1500.00", key="typo").status_code == 201


def test_a_client_id_is_one_sale_for_ever(sell, dress, other_store, clerk):
    first = sell((dress, 1), cash="1500.00", key=None, client_id="till-7-1").json()

    again = sell((dress, 1), cash="1500.00", key=None, client_id="till-7-1")
    with_other_goods = sell((dress, 3), cash="4500.00", client_id="till-7-1")
    stranger = UserFactory(role=Role.STAFF, places=[other_store])
    elsewhere = sell((dress, 1), by=stranger, cash="1500.00", client_id="till-7-1", location=other_store.pk)

    for answer in (again, with_other_goods):
        assert (answer.status_code, answer.json()["code"]) == (409, "duplicate")
        assert figures(answer.json(), "sale", "number") == [first["id"], first["number"]]
        assert answer.json()["errors"][0]["params"] == {"sale": first["id"], "number": first["number"]}
    # Whoever may not see the sale is not told which it is.
    assert (told(elsewhere), "sale" in elsewhere.json()) == ((409, [("client_id", "duplicate")]), False)
    assert (Order.objects.count(), on_hand(dress)) == (1, 9)


# ------------------------------------------------------------------------------------------------ refusals


def test_what_cannot_be_a_sale_is_refused_and_changes_nothing(
    sell, post, store, other_store, clerk, owner, dress, scarf, books_add_up
):
    """What is sent beside one dress for 1,500.00, and the answer."""
    gone, elsewhere = CustomerFactory(places=[store], is_active=False), opened_till(other_store, owner)
    archived = on_shelf(store, by=owner)
    Sku.objects.filter(pk=archived.pk).update(is_active=False)
    now = timezone.now()
    half = {"lines": [line_of(dress, "0.5")]}
    slips = [{"method": "card", "amount": "750.00", "reference": "1"}] * 2
    cases = [
        ({"payments": []}, 400, [("payments", "wrong_sum")]),
        ({"payments": [{"method": "cash", "amount": "1499.99"}]}, 400, [("payments", "wrong_sum")]),
        ({"payments": [{"method": "cash", "amount": "1500.01"}]}, 400, [("payments", "wrong_sum")]),
        ({"payments": [{"method": "cash", "amount": "0.00"}]}, 400, [("payments.0.amount", "min_value")]),
        ({"payments": [{"method": "shells", "amount": "1500.00"}]}, 400, [("payments.0.method", "invalid_choice")]),
        ({"payments": slips}, 400, [("payments.1.reference", "duplicate")]),
        ({"lines": []}, 400, [("lines", "empty")]),
        ({"lines": [line_of(dress, 0)]}, 400, [("lines.0.quantity", "min_value")]),
        ({"lines": [line_of(dress, -1)]}, 400, [("lines.0.quantity", "min_value")]),
        (half, 400, [("lines.0.quantity", "fraction")]),
        ({"lines": [line_of(dress), line_of(scarf), line_of(dress)]}, 400, [("lines.2.sku", "duplicate")]),
        ({"lines": [line_of(dress)] * 501}, 400, [("lines", "max_length")]),
        ({"lines": [line_of(archived)]}, 400, [("lines.0.sku", "inactive")]),
        ({"lines": [{"sku": 10**9, "quantity": "1"}]}, 400, [("lines.0.sku", "not_found")]),
        ({"lines": [line_of(dress, 1, {"discount": "1500.01"})]}, 400, [("lines.0.discount", "max_value")]),
        ({"lines": [line_of(dress, 1, {"discount": "-1.00"})]}, 400, [("lines.0.discount", "min_value")]),
        ({"discount": "1500.01"}, 400, [("discount", "max_value")]),
        ({"customer": gone.pk}, 400, [("customer", "archived")]),
        ({"customer": 10**9}, 400, [("customer", "not_found")]),
        ({"occurred_at": (now + timedelta(minutes=5)).isoformat()}, 400, [("occurred_at", "future")]),
        ({"occurred_at": (now - timedelta(days=31)).isoformat()}, 400, [("occurred_at", "past")]),
        ({"till_session": elsewhere.pk}, 400, [("till_session", "not_found")]),
        ({"client_id": "x" * 101}, 400, [("client_id", "max_length")]),
        ({"total": "1.00"}, 400, [("total", "read_only")]),
        ({"location": other_store.pk}, 404, []),
        ({"found": True}, 403, []),
        ({"lines": [line_of(dress, 1, {"unit_price": "1499.99"})]}, 403, [("lines.0.unit_price", "permission_denied")]),
        ({"lines": [line_of(dress, 1, {"unit_price": "1500.01"})]}, 403, [("lines.0.unit_price", "permission_denied")]),
        ({"lines": [line_of(dress, 1, {"discount": "300.01"})]}, 403, None),
        ({"discount": "300.01"}, 403, [("discount", "permission_denied")]),
    ]
    before = StockMovement.objects.count()
    body = {"location": store.pk, "lines": [line_of(dress)], "payments": [{"method": "cash", "amount": "1500.00"}]}
    for said, status, errors in cases:
        answer = post("sales/", body | said)
        assert answer.status_code == status, (said, answer.content)
        assert errors is None or told(answer)[1] == errors, (str(said)[:200], answer.content)
    assert (Order.objects.count(), Payment.objects.count(), StockMovement.objects.count()) == (0, 0, before)
    assert not DocumentEvent.objects.filter(document__startswith="SALE").exists()
    assert not TillEntry.objects.exists()
    assert books_add_up()


def test_all_that_is_wrong_is_told_at_once(post, store, dress):
    sent = {
        "location": store.pk,
        "lines": [{"quantity": "0"}, line_of(dress, "x")],
        "payments": [{"method": "?", "amount": "-1"}],
        "occurred_at": "yesterday",
        "colour": "red",
    }

    status, errors = told(post("sales/", sent))

    assert status == 400
    assert {field for field, _code in errors} == {
        "lines.0.quantity", "lines.1.quantity", "payments.0.method", "payments.0.amount", "occurred_at", "colour",
    }  # fmt: skip


def test_a_wrong_sum_names_the_right_one(sell, dress):
    (error,) = sell((dress, 2), cash="2000.00").json()["errors"]
    assert (error["params"]["total"], error["params"]["given"]) == ("3000.00", "2000.00")


def test_a_closed_place_sells_nothing(sell, dress, store):
    Location.objects.filter(pk=store.pk).update(is_active=False)
    status, errors = told(sell((dress, 1), cash="1500.00"))
    assert (status, errors[0]) == (400, ("location", "inactive"))
    assert not Order.objects.exists()


def test_a_closed_till_takes_nothing(sell, post, dress, store, clerk):
    till = opened_till(store, clerk)
    assert post(f"till-sessions/{till.pk}/close/", {"counted": "100.00"}).status_code == 200

    answer = sell((dress, 1), cash="1500.00", till_session=till.pk)

    assert (answer.status_code, answer.json()["code"]) == (409, "till_closed")
    assert (Order.objects.count(), on_hand(dress)) == (0, 10)


def test_a_manager_sells_at_other_prices_and_gives_larger_discounts(sell, dress, scarf, manager, clerk):
    answers = [
        sell((dress, 1, {"unit_price": "1200.00"}), (scarf, 1, {"unit_price": "1100.00"}), by=manager, cash="2300.00"),
        sell((dress, 1, {"discount": "1499.00"}), by=manager, cash="1.00"),
        sell((dress, 1), by=manager, cash="1100.00", discount="400.00"),
        # What a clerk may: the catalogue's price, said or not, and a discount up to the limit of 20 %.
        sell((dress, 1, {"unit_price": "1500.00", "discount": "300.00"}), by=clerk, cash="1200.00"),
    ]
    assert [answer.status_code for answer in answers] == [201] * 4, [answer.content for answer in answers]


def test_old_sales_are_brought_in_by_whoever_may(sell, dress, clerk, manager):
    now = timezone.now()
    cases = [
        (clerk, timedelta(days=29), 201),
        (clerk, timedelta(days=31), 400),
        (manager, timedelta(days=31), 201),
        (manager, timedelta(days=5 * 366 + 1), 400),
    ]
    for number, (person, age, status) in enumerate(cases):
        moment = now - age
        answer = sell((dress, 1), by=person, cash="1500.00", client_id=f"n{number}", occurred_at=moment.isoformat())
        assert answer.status_code == status, (age, answer.content)
        if status == 201:
            assert answer.json()["business_date"] == str(moment.date())
            assert answer.json()["payments"][0]["at"] == answer.json()["occurred_at"]


def test_what_is_not_there_cannot_be_sold(sell, dress, scarf, store, other_store, owner, manager, books_add_up):
    answer = sell((scarf, 1), (dress, 11), cash="17500.00")

    assert (answer.status_code, answer.json()["code"]) == (409, "insufficient_stock")
    (error,) = answer.json()["errors"]
    assert error["field"] == "lines.1.quantity"
    wanted = {"sku": dress.pk, "sku_code": dress.code, "requested": "11", "on_hand": "10", "available": "10"}
    assert wanted.items() <= error["params"].items()
    assert (on_hand(dress), on_hand(scarf), Order.objects.count()) == (10, 10, 0)
    assert sell((dress, 11), cash="16500.00", found=True).status_code == 403

    found = sell((dress, 11), by=manager, cash="16500.00", found=True)

    assert found.status_code == 201, found.content
    moved = StockMovement.objects.filter(document=found.json()["number"]).order_by("sequence")
    assert [(one.reason, int(one.on_hand_change)) for one in moved] == [("found", 1), ("sale", -11)]
    assert on_hand(dress) == 0
    assert books_add_up()


# ------------------------------------------------------------------------------------------------ the list


def test_sales_are_found_by_what_one_asks_for(sell, post, dress, scarf, store, other_store, owner, clerk, as_):
    amina = CustomerFactory(places=[store])
    of_amina = sell((dress, 2), cash="3000.00", customer=amina.pk, client_id="a-1").json()["id"]
    by_card = sell((scarf, 1), by=owner, payments=[{"method": "card", "amount": "1000.00"}]).json()["id"]
    far = sold(other_store, {"sku": a_fresh(on_shelf(other_store, by=owner)), "quantity": Decimal(1)}, by=owner).pk
    line = Order.objects.get(pk=by_card).lines.get().pk
    assert post(f"sales/{by_card}/returns/", {"lines": [{"line": line, "quantity": "1"}]}).status_code == 201
    client, today = as_(owner), Order.objects.get(pk=far).business_date
    cases = {
        "": [far, by_card, of_amina],
        f"location={store.pk}": [by_card, of_amina],
        f"location={store.pk},{other_store.pk}": [far, by_card, of_amina],
        f"customer={amina.pk}": [of_amina],
        f"sold_by={clerk.pk}": [of_amina],
        f"sku={scarf.pk}": [by_card],
        "method=card": [by_card],
        "client_id=a-1": [of_amina],
        "status=returned": [by_card],
        "status=completed,returned": [far, by_card, of_amina],
        f"business_date={today}": [far, by_card, of_amina],
        f"after={today + timedelta(days=1)}": [],
        f"before={today - timedelta(days=1)}": [],
        "ordering=total": [far, by_card, of_amina],
        "ordering=-total": [of_amina, by_card, far],
        "ordering=occurred_at": [of_amina, by_card, far],
        "ordering=-business_date": [far, by_card, of_amina],
    }
    for question, ids in cases.items():
        answer = client.get(f"sales/?{question}")
        assert answer.status_code == 200, (question, answer.content)
        assert [sale["id"] for sale in answer.json()["results"]] == ids, question
    for question in ("status=pending", "business_date=32", "ordering=note", "location=x", "colour=red"):
        assert client.get(f"sales/?{question}").status_code == 400, question
    assert [sale["id"] for sale in as_(clerk).get("sales/").json()["results"]] == [by_card, of_amina]
    assert as_(clerk).get(f"sales/{far}/").status_code == 404
    assert as_(clerk).get(f"sales/{far}/timeline/").status_code == 404
    order = client.get("orders/").json()
    assert order["results"] == []  # a sale is no order


def a_fresh(sku):
    return Sku.objects.select_related("product").get(pk=sku.pk)


def test_a_list_of_25_asks_no_more_than_a_list_of_one(store, clerk, owner, as_):
    shirt = a_fresh(on_shelf(store, price="10.00", quantity=100, by=owner))
    client, line = as_(clerk), {"sku": shirt, "quantity": Decimal(1)}

    def statements():
        with CaptureQueriesContext(connection) as seen:
            assert client.get("sales/?expand=customer,location").status_code == 200
        return len(seen)

    sold(store, line, by=clerk, customer=CustomerFactory(places=[store]))
    one = statements()
    for _ in range(24):
        sold(store, line, by=clerk, customer=CustomerFactory(places=[store]))

    assert statements() == one


def test_a_sale_asks_the_database_the_same_for_any_number_of_lines(sell, store, owner):
    skus, seen = [on_shelf(store, price="10.00", by=owner) for _ in range(50)], {}
    sell((skus[0], 1), cash="10.00")  # what a process does only once
    for many in (1, 3, 50):
        with CaptureQueriesContext(connection) as statements:
            answer = sell(*((sku, 1) for sku in skus[:many]), cash=f"{10 * many}.00")
        assert answer.status_code == 201, answer.content
        seen[many] = [statement["sql"].split("(")[0].strip()[:60] for statement in statements]
        seen[many] = [text for text in seen[many] if "SAVEPOINT" not in text]

    assert seen[1] == seen[3] == seen[50]
    assert len(seen[3]) <= 14


def test_a_customer_who_was_deleted_meanwhile_is_named(store, dress, owner, clerk):
    customer = CustomerFactory(places=[store])
    customers.delete(customer=Customer.objects.get(), by=owner)

    with pytest.raises(Invalid) as refusal, transaction.atomic():
        sold(store, goods(dress), by=clerk, customer=customer)

    assert [(error["field"], error["code"]) for error in refusal.value.errors] == [("customer", "not_found")]
    assert not Order.objects.exists()
