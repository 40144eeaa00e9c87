"""Custom orders over HTTP: taken down, changed, moved on; what they hold, what they cost, and who may."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.roles import Role
from accounts.tests.factories import LocationFactory, UserFactory
from boutique.errors import Invalid
from boutique.models import DocumentEvent
from boutique.tasks import Worker
from inventory.models import Alert, StockLevel, StockMovement
from inventory.tests.factories import received
from orders.models import Order, OrderLine, StyleImage
from orders.services import customers, ordering
from orders.tests.factories import CustomerFactory, MeasurementSetFactory, goods, ordered, paid, shelf, work
from skus.tests.factories import SkuFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def amina(store):
    amina = CustomerFactory(name="Amina Rahman", email="amina@example.com", places=[store])
    customers.put_words(amina)
    amina.save()
    return amina


@pytest.fixture
def dress(store):
    """Ten of them, at 79.00."""
    dress = SkuFactory(code="DRESS")
    received(dress, store, 10)
    return dress


def day(offset=14):
    return str(timezone.localdate() + timedelta(days=offset))


def asked(customer, place, *lines, **more):
    return {
        "customer": customer.pk,
        "location": place.pk,
        "delivery_date": day(),
        "lines": list(lines) or [plain()],
    } | more


def plain(price="100.00", quantity="1", **more):
    return {"description": "Made to measure", "quantity": quantity, "unit_price": price} | more


def of(sku, quantity="1", **more):
    return {"sku": sku.pk, "quantity": str(quantity)} | more


def fields_of(answer):
    return [error["field"] for error in answer.json()["errors"]]


def story_of(order):
    """The kinds of its timeline, the eldest first."""
    return list(DocumentEvent.objects.filter(document=order.number).order_by("id").values_list("kind", flat=True))


# ------------------------------------------------------------------------------------------------ taking down


def test_an_order_is_numbered_priced_and_holds_its_goods(as_, clerk, amina, store, dress):
    answer = as_(clerk).post("orders/", asked(amina, store, of(dress, 2), plain("45.00"), note="Blue lining."))

    made = answer.json()
    assert answer.status_code == 201, made
    assert answer["Location"].endswith(f"/orders/{made['id']}/")
    assert (made["number"], made["status"]) == (f"ORD-{made['id']:06d}", "pending")
    assert [(line["unit_price"], line["total"], line["reserved"]) for line in made["lines"]] == [
        ("79.00", "158.00", "2.000"),
        ("45.00", "45.00", "0.000"),
    ]
    assert made["lines"][0]["description"] == dress.product.name
    assert (made["total"], made["paid"], made["balance"]) == ("203.00", "0.00", "203.00")
    assert (made["payment_status"], made["customer_name"], made["note"]) == ("unpaid", "Amina Rahman", "Blue lining.")
    assert set(made["allowed_actions"]) == {"confirmed", "in_progress", "cancelled"}
    assert shelf(dress) == (10, 2)
    assert StockMovement.objects.get(reason="reservation").document == made["number"]


@pytest.mark.parametrize(("includes", "net", "total"), [(True, "100.00", "119.00"), (False, "119.00", "141.61")])
def test_tax_is_in_the_price_or_comes_on_top(includes, net, total, settings, as_, clerk, amina, store):
    settings.BOUTIQUE_PRICES_INCLUDE_TAX = includes
    suit = SkuFactory(product__base_price="119.00", product__tax_rate="19.00")

    made = as_(clerk).post("orders/", asked(amina, store, of(suit, backorder=True))).json()

    line = made["lines"][0]
    assert (line["net"], line["total"], made["total"]) == (net, total, total)
    assert made["prices_include_tax"] is includes


def test_the_prices_of_an_order_stay_in_the_way_they_were_agreed(settings, as_, owner, amina, store):
    suit = SkuFactory(product__base_price="119.00", product__tax_rate="19.00")
    made = as_(owner).post("orders/", asked(amina, store, of(suit, backorder=True))).json()
    settings.BOUTIQUE_PRICES_INCLUDE_TAX = False

    changed = as_(owner).patch(f"orders/{made['id']}/", {"discount": "19.00"}).json()

    assert (changed["subtotal"], changed["discount"], changed["tax"], changed["total"]) == (
        "119.00",
        "19.00",
        "15.97",
        "100.00",
    )


def test_a_discount_of_the_order_is_spread_over_its_lines(as_, owner, amina, store):
    made = (
        as_(owner)
        .post("orders/", asked(amina, store, plain("1500.00", "2"), plain("1000.00"), discount="400.00"))
        .json()
    )

    assert [line["total"] for line in made["lines"]] == ["2700.00", "900.00"]
    assert (made["subtotal"], made["discount"], made["total"]) == ("4000.00", "400.00", "3600.00")


def test_what_is_short_is_named_line_by_line_and_nothing_is_held(as_, clerk, owner, amina, store, other_store, dress):
    shirt = SkuFactory(code="SHIRT")
    received(shirt, store, 1)
    received(shirt, other_store, 3)

    answer = as_(owner).post("orders/", asked(amina, store, plain(), of(dress, 11), of(shirt, 2)))

    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (409, "insufficient_stock")
    assert fields_of(answer) == ["lines.1.quantity", "lines.2.quantity"]
    assert problem["errors"][1]["params"] == {
        "sku": shirt.pk,
        "sku_code": "SHIRT",
        "location": store.pk,
        "requested": "2",
        "on_hand": "1",
        "reserved": "0",
        "available": "1",
        "elsewhere": [{"location": other_store.pk, "available": "3"}],
    }
    assert not Order.objects.exists()
    assert shelf(dress) == (10, 0)


def test_two_lines_of_one_thing_ask_for_both_together(as_, clerk, amina, store, dress):
    answer = as_(clerk).post("orders/", asked(amina, store, of(dress, 6), of(dress, 5)))

    assert (answer.status_code, fields_of(answer)) == (409, ["lines.1.quantity"])
    assert shelf(dress) == (10, 0)


def test_a_line_that_may_wait_holds_what_there_is(as_, clerk, amina, store, dress):
    made = as_(clerk).post("orders/", asked(amina, store, of(dress, 12, backorder=True), of(dress, 3))).json()

    assert [(line["reserved"], line["backorder"]) for line in made["lines"]] == [("7.000", True), ("3.000", False)]
    assert shelf(dress) == (10, 10)


def test_goods_that_have_come_in_are_held_when_somebody_asks(as_, clerk, amina, store, dress):
    order = ordered(store, goods(dress, 12, backorder=True), by=clerk)
    address = f"orders/{order.pk}/reserve/"

    refused = as_(clerk).post(address, {})
    assert (refused.status_code, refused.json()["code"], fields_of(refused)) == (
        409,
        "insufficient_stock",
        ["lines.0.quantity"],
    )
    received(dress, store, 1)
    assert as_(clerk).post(address, {}).json()["lines"][0]["reserved"] == "11.000"
    received(dress, store, 5)
    assert as_(clerk).post(address, {}).json()["lines"][0]["reserved"] == "12.000"
    assert as_(clerk).post(address, {}).status_code == 200  # nothing lacks
    assert shelf(dress) == (16, 12)
    assert story_of(order) == ["created", "reserved", "reserved"]


BAD = [
    ({"lines": []}, ["lines"]),
    ({"lines": [plain(quantity="0")]}, ["lines.0.quantity"]),
    ({"lines": [plain("1.001"), plain("-1.00"), plain(quantity="1.0001")]}, 3),
    ({"lines": [{"quantity": "1", "unit_price": "5.00"}]}, ["lines.0.description"]),
    ({"lines": [{"description": "Hem", "quantity": "1"}]}, ["lines.0.unit_price"]),
    ({"lines": [{"description": "Hem", "unit_price": "5.00"}]}, ["lines.0.quantity"]),
    ({"lines": [plain(discount="100.01")]}, ["lines.0.discount"]),
    ({"lines": [plain(backorder=True)]}, ["lines.0.backorder"]),
    ({"lines": [plain(id=1)]}, ["lines.0.id"]),
    ({"lines": [plain(total="1.00")]}, ["lines.0.total"]),
    ({"discount": "100.01"}, ["discount"]),
    ({"delivery_date": day(-1)}, ["delivery_date"]),
    ({"delivery_date": "soon"}, ["delivery_date"]),
    ({"customer": 10**9}, ["customer"]),
    ({"location": 10**9}, ["location"]),
    ({"status": "completed", "total": "1.00", "shoe": 1}, ["shoe", "status", "total"]),
]


@pytest.mark.parametrize(("wrong", "fields"), BAD, ids=[str(wrong)[:40] for wrong, _ in BAD])
def test_what_cannot_be_right_is_refused_by_field(wrong, fields, as_, owner, amina, store):
    answer = as_(owner).post("orders/", asked(amina, store) | wrong)

    assert answer.status_code == 400, answer.json()
    if isinstance(fields, int):
        assert len(answer.json()["errors"]) == fields
    else:
        assert sorted(fields_of(answer)) == fields
    assert not Order.objects.exists()


def test_whole_pieces_are_not_cut_and_cloth_is(as_, owner, amina, store, dress):
    cloth = SkuFactory(product__unit="metre")
    received(cloth, store, 10)
    client = as_(owner)

    halves = client.post("orders/", asked(amina, store, of(dress, "1.5"), of(dress, "0.5", backorder=True)))
    assert (halves.status_code, fields_of(halves)) == (400, ["lines.0.quantity", "lines.1.quantity"])
    assert client.post("orders/", asked(amina, store, of(cloth, "3.250"))).status_code == 201
    assert StockLevel.objects.get(sku=cloth).reserved == Decimal("3.250")


def test_the_day_is_judged_by_the_clock_of_the_place(monkeypatch, owner, amina):
    """It is still the 31st in Honolulu, and the 1st in Auckland."""
    behind, ahead = LocationFactory(timezone="Pacific/Honolulu"), LocationFactory(timezone="Pacific/Auckland")
    monkeypatch.setattr(timezone, "now", lambda: datetime(2027, 4, 1, 0, 30, tzinfo=UTC))

    ordered(behind, by=owner, customer=amina, delivery_date=date(2027, 3, 31))
    with pytest.raises(Invalid) as refusal:
        ordered(ahead, by=owner, customer=amina, delivery_date=date(2027, 3, 31))

    assert [error["field"] for error in refusal.value.errors] == ["delivery_date"]
    assert Order.objects.count() == 1


def test_an_order_in_somebody_elses_place_is_404_and_for_a_strange_customer_400(
    as_, clerk, amina, store, other_store, dress
):
    stranger = CustomerFactory(places=[other_store])

    assert as_(clerk).post("orders/", asked(amina, other_store)).status_code == 404
    answer = as_(clerk).post("orders/", asked(stranger, store))
    assert (answer.status_code, fields_of(answer)) == (400, ["customer"])
    assert not Order.objects.exists()


def test_an_archived_customer_a_closed_place_and_an_archived_sku_get_no_orders(as_, owner, amina, store, dress):
    client = as_(owner)
    gone = CustomerFactory(is_active=False, places=[store])
    shut = LocationFactory(is_active=False)
    old = SkuFactory(is_active=False)

    assert fields_of(client.post("orders/", asked(gone, store))) == ["customer"]
    assert fields_of(client.post("orders/", asked(amina, shut))) == ["location"]
    assert fields_of(client.post("orders/", asked(amina, store, of(old, backorder=True)))) == ["lines.0.sku"]
    assert not Order.objects.exists()


def test_an_order_makes_its_customer_known_in_its_place(as_, owner, amina, other_store):
    keeper = UserFactory(role=Role.STAFF, places=[other_store])
    assert as_(keeper).get(f"customers/{amina.pk}/").status_code == 404

    as_(owner).post("orders/", asked(amina, other_store))

    assert as_(keeper).get(f"customers/{amina.pk}/").status_code == 200


@pytest.mark.parametrize("lines", [1, 3, 20])
def test_an_order_takes_the_same_statements_however_many_lines(lines, owner, store, amina):
    skus = [SkuFactory() for _ in range(lines)]
    for sku in skus:
        received(sku, store, 5)

    wanted = [goods(sku, 2) for sku in skus]

    with CaptureQueriesContext(connection) as caught:
        ordered(store, *wanted, by=owner, customer=amina)

    assert len(caught) == 13, [query["sql"][:90] for query in caught]


@pytest.mark.parametrize("lines", [1, 3, 20])
def test_changing_all_lines_takes_the_same_statements_however_many(lines, owner, store, amina):
    skus = [SkuFactory() for _ in range(lines)]
    for sku in skus:
        received(sku, store, 9)
    order = ordered(store, *(goods(sku, 2) for sku in skus), work(), by=owner, customer=amina)
    plain_work, *others = order.lines.order_by("-position")
    more = [{"id": line.pk, "quantity": Decimal(3)} for line in others[1:]]
    last = others[0]
    new = goods(last.sku, 4)

    with CaptureQueriesContext(connection) as caught:
        ordering.change(order=order, lines=[*more, new, {"id": plain_work.pk}], by=owner)

    assert len(caught) <= 16, [query["sql"][:90] for query in caught]


# ------------------------------------------------------------------------------------------------ changing


def kept(line, **more):
    return {"id": line.pk} | more


def test_lines_that_stay_keep_their_price_and_the_shelf_is_asked_for_the_difference(as_, clerk, manager, store, dress):
    order = ordered(store, goods(dress, 5), by=clerk)
    dress.product.base_price = Decimal("99.00")
    dress.product.save()
    line = order.lines.get()

    fewer = as_(clerk).patch(f"orders/{order.pk}/", {"lines": [kept(line, quantity="2")]}).json()
    assert (fewer["lines"][0]["unit_price"], fewer["total"], shelf(dress)) == ("79.00", "158.00", (10, 2))
    more = as_(manager).patch(f"orders/{order.pk}/", {"lines": [kept(line, quantity="9"), of(dress)]}).json()
    assert [line["unit_price"] for line in more["lines"]] == ["79.00", "99.00"]
    assert shelf(dress) == (10, 10)
    changes = list(StockMovement.objects.filter(document=order.number).values_list("reserved_change", flat=True))
    assert sorted(changes) == [-3, 1, 5, 7]


def test_a_line_that_is_not_sent_goes_and_lets_its_goods_go(as_, clerk, store, dress):
    shirt = SkuFactory()
    received(shirt, store, 5)
    order = ordered(store, goods(dress, 1), goods(shirt, 2), by=clerk)
    first = order.lines.first()

    changed = as_(clerk).patch(f"orders/{order.pk}/", {"lines": [kept(first)]}).json()

    assert [line["sku"] for line in changed["lines"]] == [dress.pk]
    assert (changed["total"], shelf(dress), shelf(shirt)) == ("79.00", (10, 1), (5, 0))


def test_lines_come_in_the_order_they_were_sent(as_, clerk, store):
    order = ordered(store, work("1.00"), work("2.00"), by=clerk)
    one, two = order.lines.all()

    changed = as_(clerk).patch(f"orders/{order.pk}/", {"lines": [kept(two), plain("3.00"), kept(one)]}).json()

    assert [line["unit_price"] for line in changed["lines"]] == ["2.00", "3.00", "1.00"]


def test_a_change_that_cannot_be_supplied_changes_nothing(as_, clerk, store, dress):
    order = ordered(store, goods(dress, 3), by=clerk)
    line = order.lines.get()

    answer = as_(clerk).patch(f"orders/{order.pk}/", {"lines": [kept(line, quantity="11"), plain()], "note": "x"})

    assert (answer.status_code, fields_of(answer)) == (409, ["lines.0.quantity"])
    order.refresh_from_db()
    assert (order.note, order.total, order.lines.get().quantity, shelf(dress)) == ("", Decimal("237.00"), 3, (10, 3))
    assert story_of(order) == ["created"]


def test_lines_of_another_order_are_strangers(as_, clerk, store):
    order, other = ordered(store, by=clerk), ordered(store, by=clerk)
    line = order.lines.get()

    answer = as_(clerk).patch(f"orders/{order.pk}/", {"lines": [kept(line), kept(other.lines.get()), kept(line)]})

    assert (answer.status_code, fields_of(answer)) == (400, ["lines.1.id", "lines.2.id"])
    assert OrderLine.objects.count() == 2


def test_another_sku_on_a_line_brings_its_own_price_tax_and_name(as_, clerk, store, dress):
    coat = SkuFactory(product__name="Coat", product__base_price="300.00", product__tax_rate="7.00")
    received(coat, store, 2)
    order = ordered(store, goods(dress, 1), by=clerk)

    line = as_(clerk).patch(f"orders/{order.pk}/", {"lines": [kept(order.lines.get(), sku=coat.pk)]}).json()["lines"][0]

    assert (line["description"], line["unit_price"], line["tax_rate"]) == ("Coat", "300.00", "7.00")
    assert (shelf(dress), shelf(coat)) == ((10, 0), (2, 1))


@pytest.mark.parametrize("status", ["in_progress", "fitting", "ready"])
def test_what_was_agreed_stays_once_work_has_begun(status, as_, owner, store, dress):
    order = ordered(store, goods(dress), by=owner)
    for step in {"in_progress": ["in_progress"], "fitting": ["in_progress", "fitting"]}.get(
        status, ["in_progress", "ready"]
    ):
        ordering.move(order=order, status=step, by=owner)

    client = as_(owner)
    for change in ({"lines": [plain()]}, {"discount": "1.00"}):
        answer = client.patch(f"orders/{order.pk}/", change)
        assert (answer.status_code, answer.json()["code"]) == (409, "illegal_transition")
    assert client.patch(f"orders/{order.pk}/", {"delivery_date": day(30), "note": "Later."}).status_code == 200
    assert shelf(dress) == (10, 1)


def test_a_closed_order_is_not_changed(as_, owner, store):
    order = ordered(store, by=owner)
    ordering.cancel(order=order, reason="x", by=owner)

    answer = as_(owner).patch(f"orders/{order.pk}/", {"note": "y"})

    assert (answer.status_code, answer.json()["code"]) == (409, "illegal_transition")


def test_nothing_new_leaves_no_trace(as_, clerk, store):
    order = ordered(store, by=clerk, note="As it was.")
    line = order.lines.get()
    before = Order.objects.get().updated_at

    same = {"note": "As it was.", "delivery_date": str(order.delivery_date), "lines": [kept(line, quantity="1.000")]}
    assert as_(clerk).patch(f"orders/{order.pk}/", same).status_code == 200

    assert story_of(order) == ["created"]
    assert Order.objects.get().updated_at == before


def test_other_places_of_the_lines_are_told(as_, clerk, store):
    order = ordered(store, work("1.00"), work("2.00"), by=clerk)
    one, two = order.lines.all()
    before = Order.objects.get().updated_at

    as_(clerk).patch(f"orders/{order.pk}/", {"lines": [kept(two), kept(one)]})

    told = DocumentEvent.objects.filter(document=order.number).latest("pk")
    assert (told.kind, told.changes) == ("changed", {"rearranged": [two.pk, one.pk]})
    assert Order.objects.get().updated_at > before


def test_goods_that_are_held_by_the_way_are_told(as_, clerk, store, dress):
    order = ordered(store, goods(dress, 12, backorder=True), by=clerk)
    received(dress, store, 5)
    same, before = {"lines": [kept(order.lines.get())]}, Order.objects.get().updated_at

    as_(clerk).patch(f"orders/{order.pk}/", same)

    assert (story_of(order), shelf(dress)) == (["created", "reserved"], (15, 12))
    after = Order.objects.get().updated_at
    assert after > before
    as_(clerk).patch(f"orders/{order.pk}/", same)
    assert (story_of(order), Order.objects.get().updated_at) == (["created", "reserved"], after)


def test_the_status_is_not_changed_by_the_way(as_, owner, store):
    order = ordered(store, by=owner)

    answer = as_(owner).patch(f"orders/{order.pk}/", {"status": "completed", "customer": 1})

    assert (answer.status_code, sorted(fields_of(answer))) == (400, ["customer", "status"])


# ------------------------------------------------------------------------------------------------ prices and discounts


def test_staff_sell_at_the_catalogues_price(as_, clerk, manager, amina, store, dress):
    cheap = asked(amina, store, of(dress, unit_price="70.00"))

    refused = as_(clerk).post("orders/", cheap)
    assert (refused.status_code, fields_of(refused)) == (403, ["lines.0.unit_price"])
    assert as_(clerk).post("orders/", asked(amina, store, of(dress, unit_price="79.00"))).status_code == 201
    assert as_(manager).post("orders/", cheap).status_code == 201


def test_staff_keep_a_price_that_a_manager_gave(as_, clerk, manager, store, dress):
    order = ordered(store, goods(dress, 2, unit_price=Decimal("70.00")), by=manager)
    line, client = order.lines.get(), as_(clerk)

    same = client.patch(f"orders/{order.pk}/", {"lines": [kept(line, quantity="1", unit_price="70.00")]})
    other = client.patch(f"orders/{order.pk}/", {"lines": [kept(line, unit_price="60.00")]})

    assert (same.status_code, same.json()["total"]) == (200, "70.00")
    assert other.status_code == 403


def test_staff_give_discounts_up_to_a_limit(as_, clerk, manager, amina, store):
    client = as_(clerk)

    assert client.post("orders/", asked(amina, store, discount="20.00")).status_code == 201
    assert client.post("orders/", asked(amina, store, plain(discount="20.00"))).status_code == 201
    refused = client.post("orders/", asked(amina, store, plain(discount="20.00"), discount="0.01"))
    assert (refused.status_code, fields_of(refused)) == (403, ["discount"])
    assert as_(manager).post("orders/", asked(amina, store, discount="100.00")).json()["total"] == "0.00"


def test_other_lines_do_not_make_the_discount_of_a_line_smaller(as_, clerk, amina, store, dress):
    free = asked(amina, store, of(dress, discount="79.00"), plain("316.00"))

    refused = as_(clerk).post("orders/", free)

    assert (refused.status_code, fields_of(refused)) == (403, ["lines.0.discount"])
    assert not Order.objects.exists()


def test_a_discount_does_not_outlive_what_it_was_given_for(as_, clerk, manager, store, dress):
    order = ordered(store, goods(dress), work("316.00"), by=clerk, discount=Decimal("79.00"))
    line, _padding = order.lines.all()

    refused = as_(clerk).patch(f"orders/{order.pk}/", {"lines": [kept(line)]})

    assert (refused.status_code, fields_of(refused)) == (403, ["discount"])
    assert order.lines.count() == 2
    assert as_(manager).patch(f"orders/{order.pk}/", {"lines": [kept(line)]}).json()["total"] == "0.00"
    as_it_is = as_(clerk).patch(f"orders/{order.pk}/", {"lines": [kept(line, description="Blue")]})
    assert as_it_is.status_code == 200


def test_the_discount_of_a_line_does_not_outlive_its_pieces(as_, clerk, manager, store, dress):
    order = ordered(store, goods(dress, 2, discount=Decimal("79.00")), work("999.00"), by=manager)
    line, other = order.lines.all()

    fewer = as_(clerk).patch(f"orders/{order.pk}/", {"lines": [kept(line, quantity="1"), kept(other)]})

    assert (fewer.status_code, fields_of(fewer)) == (403, ["lines.0.discount"])
    assert order.lines.first().quantity == 2


def test_more_pieces_at_a_managers_price_need_a_manager(as_, clerk, manager, store, dress):
    order = ordered(store, goods(dress, 1, unit_price=Decimal("1.00")), by=manager)
    more = {"lines": [kept(order.lines.get(), quantity="5")]}

    refused = as_(clerk).patch(f"orders/{order.pk}/", more)

    assert (refused.status_code, fields_of(refused), shelf(dress)) == (403, ["lines.0.unit_price"], (10, 1))
    assert as_(manager).patch(f"orders/{order.pk}/", more).json()["total"] == "5.00"


# ------------------------------------------------------------------------------------------------ states


def test_an_order_goes_its_way_and_its_goods_leave(as_, clerk, store, dress):
    order = ordered(store, goods(dress, 3), by=clerk)
    paid(order, "237.00", clerk)
    client, address = as_(clerk), f"orders/{order.pk}/status/"

    for step in ("confirmed", "in_progress", "fitting", "in_progress", "ready", "fitting", "ready", "completed"):
        answer = client.patch(address, {"status": step, "note": f"Now {step}."})
        assert (answer.status_code, answer.json()["status"]) == (200, step), answer.json()

    assert answer.json()["allowed_actions"] == []
    assert shelf(dress) == (7, 0)
    assert StockMovement.objects.filter(document=order.number, reason="order").get().on_hand_change == -3
    events = client.get(f"orders/{order.pk}/timeline/").json()["results"]
    assert (events[0]["from"], events[0]["to"], events[0]["note"], events[0]["by"]) == (
        "ready",
        "completed",
        "Now completed.",
        clerk.pk,
    )
    assert len(events) == 10


@pytest.mark.parametrize("before", ["pending", "confirmed", "in_progress", "ready", "completed", "cancelled"])
def test_an_illegal_move_names_the_legal_ones(before, as_, owner, store):
    order = ordered(store, by=owner)
    ways = {"confirmed": ["confirmed"], "in_progress": ["in_progress"], "ready": ["in_progress", "ready"]}
    ways |= {"completed": ["in_progress", "completed"], "cancelled": ["cancelled"]}
    for step in ways.get(before, []):
        ordering.move(order=order, status=step, by=owner)
    client, legal = as_(owner), ordering.STEPS.get(before, [])

    assert client.get(f"orders/{order.pk}/").json()["allowed_actions"] == [
        status for status in Order.Status.values if status in legal
    ]
    for status in set(Order.Status.values) - set(legal):
        answer = client.patch(f"orders/{order.pk}/status/", {"status": status})
        assert (answer.status_code, answer.json()["code"]) == (409, "illegal_transition"), status
        assert sorted(answer.json()["allowed"]) == sorted(legal)
    assert Order.objects.get().status == before


@pytest.mark.parametrize("sent", [{"status": "sewn"}, {}, {"status": None}])
def test_an_unknown_state_is_400(sent, as_, owner, store):
    order = ordered(store, by=owner)

    answer = as_(owner).patch(f"orders/{order.pk}/status/", sent)

    assert (answer.status_code, fields_of(answer)) == (400, ["status"])


def test_what_is_not_paid_is_handed_over_by_a_manager_only(as_, clerk, manager, store, dress):
    order = ordered(store, goods(dress, 2), by=clerk)
    paid(order, "100.00", clerk)
    ordering.move(order=order, status="in_progress", by=clerk)

    refused = as_(clerk).patch(f"orders/{order.pk}/status/", {"status": "completed"})
    assert (refused.status_code, refused.json()["code"], refused.json()["balance"]) == (409, "balance_due", "58.00")
    assert "completed" not in as_(clerk).get(f"orders/{order.pk}/").json()["allowed_actions"]
    assert shelf(dress) == (10, 2)

    done = as_(manager).patch(f"orders/{order.pk}/status/", {"status": "completed"})
    assert (done.status_code, done.json()["balance"]) == (200, "58.00")
    assert DocumentEvent.objects.get(kind="completed").changes == {"released_unpaid": "58.00"}


def test_goods_that_are_still_awaited_keep_an_order_from_its_end(as_, owner, store, dress):
    order = ordered(store, goods(dress, 12, backorder=True), by=owner)
    ordering.move(order=order, status="in_progress", by=owner)
    address = f"orders/{order.pk}/status/"

    refused = as_(owner).patch(address, {"status": "completed"})
    assert (refused.status_code, refused.json()["code"], fields_of(refused)) == (
        409,
        "insufficient_stock",
        ["lines.0.quantity"],
    )
    assert (Order.objects.get().status, shelf(dress)) == ("in_progress", (10, 10))

    received(dress, store, 4)
    assert as_(owner).patch(address, {"status": "completed"}).status_code == 200
    assert shelf(dress) == (2, 0)


@pytest.mark.parametrize(
    "steps", [[], ["confirmed"], ["in_progress"], ["in_progress", "fitting"], ["in_progress", "ready"]]
)
def test_calling_off_lets_the_goods_go(steps, as_, clerk, store, dress):
    order = ordered(store, goods(dress, 4), goods(SkuFactory(), 1, backorder=True), by=clerk)
    for step in steps:
        ordering.move(order=order, status=step, by=clerk)

    answer = as_(clerk).post(f"orders/{order.pk}/cancel/", {"reason": "The wedding is off."})

    assert (answer.status_code, answer.json()["status"], shelf(dress)) == (200, "cancelled", (10, 0))
    again = as_(clerk).post(f"orders/{order.pk}/cancel/", {"reason": "x"})
    assert (again.status_code, again.json()["code"]) == (409, "illegal_transition")


def test_what_was_paid_for_is_called_off_by_a_manager(as_, clerk, manager, store):
    order = ordered(store, by=clerk)
    paid(order, "10.00", clerk)

    refused = as_(clerk).post(f"orders/{order.pk}/cancel/", {"reason": "x"})
    by_status = as_(clerk).patch(f"orders/{order.pk}/status/", {"status": "cancelled"})

    assert (refused.status_code, by_status.status_code) == (403, 403)
    assert Order.objects.get().status == "pending"
    assert as_(manager).post(f"orders/{order.pk}/cancel/", {"reason": "x"}).status_code == 200


def test_a_reason_is_needed_to_call_off(as_, clerk, store):
    order = ordered(store, by=clerk)

    assert fields_of(as_(clerk).post(f"orders/{order.pk}/cancel/", {})) == ["reason"]


def test_a_missing_deposit_warns_and_stops_nobody_unless_the_shop_says_so(settings, as_, owner, store):
    order = ordered(store, by=owner)
    paid(order, "49.99", owner)
    client = as_(owner)

    shown = client.get(f"orders/{order.pk}/").json()
    assert [(w["code"], w["params"]) for w in shown["warnings"]] == [("deposit_due", {"missing": "0.01"})]
    settings.BOUTIQUE_ENFORCE_DEPOSIT = True
    assert client.patch(f"orders/{order.pk}/status/", {"status": "in_progress"}).json()["code"] == "deposit_due"
    paid(order, "0.01", owner)
    begun = client.patch(f"orders/{order.pk}/status/", {"status": "in_progress"})
    assert (begun.status_code, begun.json()["warnings"]) == (200, [])


def test_small_orders_need_no_deposit(as_, owner, store):
    order = ordered(store, work("19.99"), by=owner)

    assert as_(owner).get(f"orders/{order.pk}/").json()["warnings"] == []


# ------------------------------------------------------------------------------------------------ measurements


def test_an_order_shows_what_it_was_cut_to_after_later_versions(as_, clerk, amina, store):
    first = MeasurementSetFactory(customer=amina, sizes={"waist_girth": "74.00"}, version=1)
    order = ordered(store, by=clerk, customer=amina, measurement=first)
    for version, waist in ((2, "75.00"), (3, "76.00"), (4, "77.00")):
        MeasurementSetFactory(customer=amina, sizes={"waist_girth": waist}, version=version)

    shown = as_(clerk).get(f"orders/{order.pk}/").json()

    assert (shown["measurement"], shown["measurement_version"]) == (first.pk, 1)
    assert shown["measurements"]["values_cm"] == {"waist_girth": "74.00"}


def test_each_look_at_the_measurements_of_an_order_is_written_down(as_, owner, clerk, amina, store):
    order = ordered(store, by=clerk, customer=amina, measurement=MeasurementSetFactory(customer=amina))

    as_(clerk).get("orders/")
    assert as_(owner).get("body-data-reads/").json()["results"] == []
    as_(clerk).get(f"orders/{order.pk}/")

    (read,) = as_(owner).get("body-data-reads/").json()["results"]
    assert (read["by"], read["customers"], read["route"]) == (clerk.pk, [amina.pk], f"GET /api/v1/orders/{order.pk}/")


def test_who_takes_an_order_down_sees_its_measurements_and_that_is_written_down(as_, owner, clerk, amina, store):
    taken = MeasurementSetFactory(customer=amina)

    made = as_(clerk).post("orders/", asked(amina, store, measurement=taken.pk))

    assert made.json()["measurements"]["values_cm"]
    (read,) = as_(owner).get("body-data-reads/").json()["results"]
    assert (read["by"], read["customers"], read["route"]) == (clerk.pk, [amina.pk], "POST /api/v1/orders/")


def test_the_measurements_of_another_are_refused(as_, clerk, amina, store):
    strange = MeasurementSetFactory(customer=CustomerFactory(places=[store]))
    order = ordered(store, by=clerk, customer=amina)

    made = as_(clerk).post("orders/", asked(amina, store, measurement=strange.pk))
    changed = as_(clerk).patch(f"orders/{order.pk}/", {"measurement": strange.pk})

    assert (made.status_code, fields_of(made)) == (400, ["measurement"])
    assert (changed.status_code, fields_of(changed)) == (400, ["measurement"])


def test_a_junior_measures_for_an_order_and_it_is_cut_to_that(as_, junior, owner, amina, store):
    order = ordered(store, by=owner, customer=amina)
    other = ordered(store, by=owner)
    sent = {"customer": amina.pk, "type": "shirt", "values": {"chest_girth": "92.5"}}

    refused = as_(junior).post("measurements/", sent | {"order": other.pk})
    assert (refused.status_code, fields_of(refused)) == (400, ["order"])
    taken = as_(junior).post("measurements/", sent | {"order": order.pk})
    assert taken.status_code == 201, taken.json()

    shown = as_(owner).get(f"orders/{order.pk}/").json()
    assert (shown["measurement"], shown["measurements"]["values"]) == (taken.json()["id"], {"chest_girth": "92.5"})
    assert story_of(order) == ["created", "changed"]


def test_what_was_cut_and_never_tried_on_warns(as_, owner, amina, store):
    order = ordered(store, by=owner, customer=amina, measurement=MeasurementSetFactory(customer=amina))
    paid(order, "100.00", owner)
    for step in ("in_progress", "ready"):
        ordering.move(order=order, status=step, by=owner)

    assert [w["code"] for w in as_(owner).get(f"orders/{order.pk}/").json()["warnings"]] == ["not_fitted"]
    for step in ("fitting", "ready"):
        ordering.move(order=order, status=step, by=owner)
    assert as_(owner).get(f"orders/{order.pk}/").json()["warnings"] == []


# ------------------------------------------------------------------------------------------------ letters


@pytest.fixture
def letters(settings):
    def sent():
        Worker().run_due()
        return [(letter.subject, letter.to, letter.body) for letter in mail.outbox]

    return sent


@pytest.mark.django_db(transaction=True)
def test_the_customer_hears_that_it_is_confirmed_and_that_it_is_ready(letters, owner, amina, store):
    order = ordered(store, by=owner, customer=amina)
    for step in ("confirmed", "in_progress", "ready"):
        ordering.move(order=order, status=step, by=owner)

    (confirmed, ready) = letters()
    assert confirmed[:2] == (f"Your order {order.number}", ["amina@example.com"])
    assert "Hello Amina Rahman" in confirmed[2]
    assert str(order.delivery_date) in confirmed[2]
    assert ready[0] == f"{order.number} is ready"
    assert "100.00 EUR" in ready[2]
    told = DocumentEvent.objects.filter(document=order.number, changes__has_key="mail").order_by("id")
    assert [event.changes["mail"] for event in told] == ["confirmed", "ready"]


@pytest.mark.django_db(transaction=True)
def test_no_letter_goes_out_when_the_shop_says_so_or_there_is_no_address(settings, letters, owner, amina, store):
    nobody = CustomerFactory(places=[store])
    ordering.move(order=ordered(store, by=owner, customer=nobody), status="confirmed", by=owner)
    settings.BOUTIQUE_CUSTOMER_MAIL = False
    ordering.move(order=ordered(store, by=owner, customer=amina), status="confirmed", by=owner)

    assert letters() == []
    assert not DocumentEvent.objects.filter(changes__has_key="mail").exists()


# ------------------------------------------------------------------------------------------------ lists


def numbers(answer):
    assert answer.status_code == 200, answer.json()
    return [row["number"] for row in answer.json()["results"]]


def test_orders_are_filtered_searched_and_sorted(as_, owner, amina, store, other_store, dress):
    client = as_(owner)
    one = ordered(store, goods(dress), by=owner, customer=amina, note="Blue lining, for a wedding")
    two = ordered(other_store, work("500.00"), by=owner, delivery_date=timezone.localdate() + timedelta(days=3))
    ordering.move(order=two, status="confirmed", by=owner)
    paid(two, "20.00", owner)

    for question, found in {
        f"customer={amina.pk}": [one],
        f"location={other_store.pk}": [two],
        f"location={other_store.pk},{store.pk}": [two, one],
        "status=confirmed": [two],
        "status=pending,confirmed": [two, one],
        "payment_status=partly_paid": [two],
        "payment_status=unpaid,paid": [one],
        f"delivery_after={day(4)}": [one],
        f"delivery_before={day(3)}": [two],
        f"sku={dress.pk}": [one],
        "overdue=true": [],
        "overdue=false": [two, one],
        f"search={one.number}": [one],
        f"search={one.pk}": [one],
        f"search=SALE-{one.pk:06d}": [],
        "search=amina": [one],
        "search=wedding blue": [one],
        "search=wedding red": [],
        "ordering=delivery_date": [two, one],
        "ordering=-total": [two, one],
        "ordering=total": [one, two],
    }.items():
        assert numbers(client.get(f"orders/?{question}")) == [order.number for order in found], question


@pytest.mark.parametrize(
    "question",
    ["status=sewn", "status=,", "status=pending,", "payment_status=broke", "location=x", "colour=red", "ordering=note"],
)
def test_a_question_that_makes_no_sense_is_400(question, as_, owner):
    assert as_(owner).get(f"orders/?{question}").status_code == 400


def test_a_page_of_orders_costs_the_same_queries_however_many(as_, owner, store, dress):
    for _ in range(3):
        ordered(store, goods(dress, 1), work(), by=owner)
    client = as_(owner)

    with CaptureQueriesContext(connection) as few:
        client.get("orders/?page_size=1")
    with CaptureQueriesContext(connection) as many:
        assert len(numbers(client.get("orders/?page_size=50&expand=customer,location"))) == 3

    assert len(few) == len(many) <= 6, [query["sql"][:90] for query in many]


def test_an_order_is_overdue_once_its_day_is_over_in_its_place(monkeypatch, owner, amina):
    behind, ahead = LocationFactory(timezone="Pacific/Honolulu"), LocationFactory(timezone="Pacific/Auckland")
    monkeypatch.setattr(timezone, "now", lambda: datetime(2027, 3, 1, 12, tzinfo=UTC))
    last = date(2027, 3, 31)
    early, late = (ordered(place, by=owner, customer=amina, delivery_date=last) for place in (behind, ahead))
    off = ordered(ahead, by=owner, customer=amina, delivery_date=last)
    ordering.cancel(order=off, reason="x", by=owner)

    monkeypatch.setattr(timezone, "now", lambda: datetime(2027, 4, 1, 0, 30, tzinfo=UTC))

    assert list(Order.objects.overdue()) == [late]
    shown = {order.pk: order.is_overdue for order in Order.objects.named()}
    assert shown == {early.pk: False, late.pk: True, off.pk: False}


def test_the_list_shows_what_is_overdue(as_, clerk, store):
    late, early = ordered(store, by=clerk), ordered(store, by=clerk)
    Order.objects.filter(pk=late.pk).update(delivery_date=timezone.localdate() - timedelta(days=1))

    assert numbers(as_(clerk).get("orders/?overdue=true")) == [late.number]
    assert numbers(as_(clerk).get("orders/?overdue=false")) == [early.number]
    assert as_(clerk).get(f"orders/{late.pk}/").json()["overdue"] is True


def test_an_overdue_order_has_an_alert_until_it_is_done_or_has_another_day(owner, store):
    done, moved, open_one = (ordered(store, by=owner) for _ in range(3))
    late = timezone.localdate() - timedelta(days=1)
    Order.objects.exclude(pk=open_one.pk).update(delivery_date=late)

    for _ in range(2):
        ordering.alert_overdue()
    alerts = Alert.objects.filter(kind="overdue", resolved_at=None)
    assert sorted(alerts.values_list("document", flat=True)) == [done.number, moved.number]

    ordering.cancel(order=done, reason="x", by=owner)
    ordering.change(order=moved, delivery_date=timezone.localdate(), by=owner)
    assert not alerts.exists()


def test_the_calendar_shows_what_is_due_day_by_day(as_, clerk, store, other_store, owner, amina):
    order = ordered(store, by=owner, customer=amina)
    ordering.cancel(order=ordered(store, by=owner), reason="x", by=owner)
    ordered(other_store, by=owner)

    shown = as_(clerk).get(f"orders/calendar/?after={day(13)}&before={day(15)}").json()

    assert [entry["date"] for entry in shown["days"]] == [day(13), day(14), day(15)]
    due = shown["days"][1]
    assert due["counts"] == {"pending": 1}
    assert [(row["number"], row["customer_name"], row["status"]) for row in due["orders"]] == [
        (order.number, "Amina Rahman", "pending")
    ]
    everywhere = as_(owner).get(f"orders/calendar/?after={day(14)}&before={day(14)}").json()["days"][0]
    assert everywhere["counts"] == {"pending": 2}
    there = as_(owner).get(f"orders/calendar/?after={day(14)}&before={day(14)}&location={other_store.pk}").json()
    assert there["days"][0]["counts"] == {"pending": 1}


@pytest.mark.parametrize(
    ("question", "field"),
    [
        (f"after={day(0)}&before={day(92)}", "before"),
        (f"after={day(1)}&before={day(0)}", "before"),
        ("after=soon", "after"),
        ("location=x", "location"),
        ("week=1", "week"),
    ],
)
def test_a_calendar_of_a_year_is_too_much(question, field, as_, owner):
    answer = as_(owner).get(f"orders/calendar/?{question}")

    assert (answer.status_code, fields_of(answer)) == (400, [field])


def test_a_scanned_order_is_found_where_it_may_be_seen(as_, clerk, viewer, owner, store, other_store, amina):
    here, there = ordered(store, by=owner, customer=amina), ordered(other_store, by=owner)

    found = as_(clerk).get(f"barcodes/{here.number}/").json()
    assert (found["kind"], found["object"]["customer_name"]) == ("order", "Amina Rahman")
    assert as_(clerk).get(f"barcodes/{there.number}/").status_code == 404
    assert as_(viewer).get(f"barcodes/{here.number}/").status_code == 404


# ------------------------------------------------------------------------------------------------ who sees what

PRICES = {
    "unit_price", "discount", "tax_rate", "net", "tax", "total", "subtotal", "paid", "refunded", "balance",
    "payment_status", "warnings", "note",
}  # fmt: skip


def keys_in(value):
    if isinstance(value, dict):
        for name, inner in value.items():
            yield name
            yield from keys_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from keys_in(inner)


def test_juniors_see_no_price_no_note_and_no_contact(as_, junior, owner, store, amina, dress):
    order = ordered(store, goods(dress), by=owner, customer=amina, note="Call her sister")
    client = as_(junior)

    for address in (f"orders/{order.pk}/", "orders/", f"orders/{order.pk}/?expand=customer,location"):
        shown = client.get(address).json()
        assert not PRICES & set(keys_in(shown)), address
        assert "sister" not in str(shown)
        assert "amina@example.com" not in str(shown)
        assert "Amina Rahman" in str(shown)
    for hidden in ("orders/?payment_status=unpaid", "orders/?ordering=total", f"orders/{order.pk}/timeline/"):
        assert client.get(hidden).status_code == 403
    assert numbers(client.get("orders/?search=sister")) == []
    assert numbers(client.get("orders/?search=amina")) == [order.number]
    assert client.get(f"orders/{order.pk}/").json()["allowed_actions"] == []


def test_orders_of_other_places_are_not_there(as_, clerk, owner, other_store):
    order = ordered(other_store, by=owner)
    client = as_(clerk)

    assert numbers(client.get("orders/")) == []
    for method, address, sent in [
        ("get", f"orders/{order.pk}/", None),
        ("patch", f"orders/{order.pk}/", {"note": "x"}),
        ("patch", f"orders/{order.pk}/status/", {"status": "confirmed"}),
        ("post", f"orders/{order.pk}/cancel/", {"reason": "x"}),
        ("get", f"orders/{order.pk}/payments/", None),
        ("get", f"orders/{order.pk}/timeline/", None),
    ]:
        assert getattr(client, method)(address, sent).status_code == 404, address


def test_a_stale_change_is_412(as_, clerk, store):
    order = ordered(store, by=clerk)
    client = as_(clerk)
    tag = client.get(f"orders/{order.pk}/")["ETag"]

    assert client.patch(f"orders/{order.pk}/", {"note": "one"}, HTTP_IF_MATCH=tag).status_code == 200
    assert client.patch(f"orders/{order.pk}/", {"note": "two"}, HTTP_IF_MATCH=tag).status_code == 412
    assert client.patch(f"orders/{order.pk}/status/", {"status": "confirmed"}, HTTP_IF_MATCH=tag).status_code == 412
    assert Order.objects.get().note == "one"


# ------------------------------------------------------------------------------------------------ customers


def test_a_customers_history_shows_orders_and_what_they_paid(as_, clerk, owner, amina, store, other_store):
    one = ordered(store, by=clerk, customer=amina)
    paid(one, "40.00", clerk)
    elsewhere = ordered(other_store, by=owner, customer=amina)
    paid(elsewhere, "5.00", owner)

    seen = as_(clerk).get(f"customers/{amina.pk}/history/").json()

    assert ([row["number"] for row in seen["orders"]], seen["spend"]) == ([one.number], "40.00")
    assert as_(owner).get(f"customers/{amina.pk}/history/").json()["spend"] == "45.00"


def test_a_customer_with_open_orders_is_not_erased(as_, owner, amina, store):
    order = ordered(store, by=owner, customer=amina)

    answer = as_(owner).post(f"customers/{amina.pk}/erase/", {})

    assert (answer.status_code, answer.json()["code"]) == (409, "in_use")
    assert order.number in str(answer.json())


def test_erasing_takes_every_word_and_leaves_money_and_stock(as_, owner, amina, store, dress):
    taken = MeasurementSetFactory(customer=amina, wearer="Leila", sizes={"waist_girth": "74.00"})
    order = ordered(store, goods(dress), by=owner, customer=amina, measurement=taken, note="Leila's wedding")
    picture = StyleImage.objects.create(order=order, image="styles/x.webp", description="Leila", created_by=owner)
    paid(order, "79.00", owner)
    for step in ("in_progress", "completed"):
        ordering.move(order=order, status=step, by=owner)
    client = as_(owner)

    held = client.get(f"customers/{amina.pk}/export/").json()["orders"][0]
    assert (held["number"], held["note"], held["total"]) == (order.number, "Leila's wedding", "79.00")
    assert held["measurements"]["values_cm"] == {"waist_girth": "74.00"}
    movements = StockMovement.objects.count()
    for _ in range(2):
        assert client.post(f"customers/{amina.pk}/erase/", {}).status_code == 200
        shown = client.get(f"orders/{order.pk}/").json()
        assert (shown["note"], shown["measurements"], shown["total"], shown["paid"]) == ("", None, "79.00", "79.00")
        assert "Leila" not in str(shown)
        assert "Amina" not in str(shown)
    picture.refresh_from_db()
    assert (picture.image, picture.description, picture.deleted_by) == ("", "", owner)
    assert StockMovement.objects.count() == movements
    assert client.get(f"orders/{order.pk}/payments/").json()["count"] == 1
