"""Orders in the admin: taken down, moved on, paid for, and looked at."""

import io
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from accounts import roles
from accounts.roles import Role
from accounts.tests.desk import list_of, messages_on, page_of, press
from inventory.tests.factories import received
from orders.models import Order, StyleImage
from orders.services import ordering
from orders.tests.factories import CustomerFactory, goods, ordered, paid, shelf, work
from skus.tests.factories import SkuFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def dress(store):
    dress = SkuFactory(code="DRESS")
    received(dress, store, 10)
    return dress


def take(desk, customer, place, **more):
    sent = {
        "customer": customer.pk,
        "location": place.pk,
        "delivery_date": str(timezone.localdate() + timedelta(days=7)),
        "goods": "DRESS 2",
        "work": "45.00 Blue lining, sewn in",
        "discount": "",
        "note": "",
    } | more
    return desk.post(reverse("admin:orders_order_take"), sent, follow=True)


def test_an_order_is_taken_down_with_goods_and_work(desk, store, dress):
    answer = take(desk, CustomerFactory(places=[store]), store, discount="3.00")

    order = Order.objects.get()
    assert messages_on(answer) == [f"{order} is taken down."]
    assert [(line.description, line.quantity) for line in order.lines.all()] == [
        (dress.product.name, 2),
        ("Blue lining, sewn in", 1),
    ]
    assert (order.total, shelf(dress)) == (Decimal("200.00"), (10, 2))


@pytest.mark.parametrize(
    ("sent", "field", "why"),
    [
        ({"goods": "DRESS 11"}, "goods", "10 available, 11 asked."),
        ({"goods": "NOTHING 1"}, "goods", "Row 1"),
        ({"goods": "", "work": ""}, "goods", "An order is of something"),
        ({"work": "Blue lining"}, "work", "does not begin with a price"),
        ({"delivery_date": "2020-01-01"}, "delivery_date", "This day is over."),
        ({"discount": "1000.00"}, "discount", "more than the order"),
    ],
)
def test_what_is_refused_stands_beside_its_field(sent, field, why, desk, store, dress):
    answer = take(desk, CustomerFactory(places=[store]), store, **sent)

    assert why in str(answer.context["form"].errors[field])
    assert not Order.objects.exists()
    assert shelf(dress) == (10, 0)


def test_an_order_goes_its_way_at_the_desk(desk, manager, store, dress):
    order = ordered(store, goods(dress, 2), by=manager)

    press(desk, order, "confirmed", note="Cloth chosen.")
    press(desk, order, "pay", amount="100.00", method="card", reference="4711")
    press(desk, order, "refund", amount="10.00", method="cash", reference="")
    press(desk, order, "in_progress", note="")
    press(desk, order, "completed", note="")

    order.refresh_from_db()
    assert (order.status, order.paid, shelf(dress)) == ("completed", Decimal("90.00"), (8, 0))
    page = desk.get(page_of(order)).content.decode()
    assert "Cloth chosen." in page
    assert "4711" in page


def test_lines_are_typed_over_taken_out_and_added(desk, manager, store, dress):
    order = ordered(store, goods(dress, 2), work("30.00"), by=manager)
    first, second = order.lines.all()
    sent = {
        f"quantity_{first.pk}": "5", f"unit_price_{first.pk}": "70.00", f"discount_{first.pk}": "0.00",
        f"quantity_{second.pk}": "0", f"unit_price_{second.pk}": "30.00", f"discount_{second.pk}": "0.00",
        "goods": "", "work": "12.50 Hem",
    }  # fmt: skip

    press(desk, order, "agree", **sent)

    order.refresh_from_db()
    assert [(line.description, line.total) for line in order.lines.all()] == [
        (dress.product.name, Decimal("350.00")),
        ("Hem", Decimal("12.50")),
    ]
    assert shelf(dress) == (10, 5)

    hem = order.lines.last()
    more = {f"quantity_{hem.pk}": "1", f"unit_price_{hem.pk}": "12.50", f"discount_{hem.pk}": "0.00", "work": ""}
    refused = press(desk, order, "agree", **(sent | more | {f"quantity_{first.pk}": "11"}))
    assert "6 asked" in str(refused.context["form"].errors[f"quantity_{first.pk}"])
    assert shelf(dress) == (10, 5)


def test_day_and_note_are_changed(desk, manager, store):
    order = ordered(store, by=manager)
    day = timezone.localdate() + timedelta(days=40)

    press(desk, order, "details", delivery_date=str(day), note="Later.")

    order.refresh_from_db()
    assert (order.delivery_date, order.note) == (day, "Later.")


def test_an_order_is_called_off_with_a_reason(desk, manager, store, dress):
    order = ordered(store, goods(dress, 2), by=manager)

    press(desk, order, "cancelled", reason="The wedding is off.")

    order.refresh_from_db()
    assert (order.status, shelf(dress)) == ("cancelled", (10, 0))


def test_a_picture_is_put_up_taken_down_and_put_back(desk, manager, store):
    order = ordered(store, by=manager)
    buffer = io.BytesIO()
    Image.new("RGB", (40, 30)).save(buffer, "PNG")
    photo = SimpleUploadedFile("collar.png", buffer.getvalue(), "image/png")

    press(desk, order, "add_image", image=photo, description="Collar")

    picture = StyleImage.objects.get()
    assert "Collar" in desk.get(page_of(order)).content.decode()
    press(desk, picture, "remove")
    picture.refresh_from_db()
    assert picture.deleted_by == manager
    press(desk, picture, "restore")
    picture.refresh_from_db()
    assert picture.deleted_at is None


def test_only_what_is_possible_now_is_offered(desk, manager, store):
    order = ordered(store, by=manager)
    assert "agree/" in desk.get(page_of(order)).content.decode()
    ordering.move(order=order, status="in_progress", by=manager)

    assert "agree/" not in desk.get(page_of(order)).content.decode()
    refused = press(desk, order, "confirmed", note="")
    assert "not possible" in messages_on(refused)[0]


def test_the_list_costs_the_same_however_long_and_shows_what_is_late(desk, manager, store, dress):
    orders = [ordered(store, goods(dress, 1), by=manager) for _ in range(2)]
    Order.objects.filter(pk=orders[0].pk).update(delivery_date=timezone.localdate() - timedelta(days=1))
    with CaptureQueriesContext(connection) as few:
        desk.get(list_of(Order))
    for _ in range(3):
        ordered(store, goods(dress, 1), by=manager)

    with CaptureQueriesContext(connection) as many:
        answer = desk.get(list_of(Order))

    assert len(answer.context["cl"].result_list) == 5
    assert len(many) == len(few)
    assert list(desk.get(f"{list_of(Order)}?overdue=yes").context["cl"].result_list) == [orders[0]]
    start = desk.get(reverse("admin:index")).content.decode()
    assert "Overdue orders" in start
    assert "Open orders" in start


def test_orders_of_other_places_are_not_on_the_desk(desk, owner, other_store):
    order = ordered(other_store, by=owner)

    assert list(desk.get(list_of(Order)).context["cl"].result_list) == []
    assert desk.get(page_of(order), follow=True).redirect_chain


def test_prices_and_notes_vanish_without_the_permission(monkeypatch, desk, manager, owner, store, dress):
    order = ordered(store, goods(dress, 1), by=owner, note="Call 0171 555")
    paid(order, "12.34", owner)
    hidden = {"orders.view_payment", "orders.view_contact"}
    monkeypatch.setitem(roles.PERMISSIONS, Role.MANAGER, roles.PERMISSIONS[Role.MANAGER] - hidden)

    for page in (page_of(order), list_of(Order)):
        shown = desk.get(page).content.decode()
        assert order.number in shown
        for secret in ("79.00", "12.34", "66.66", "0171"):
            assert secret not in shown, (page, secret)
