"""Transfers, stock requests and counts in the admin: each page shows lines and story, and what is possible now."""

from decimal import Decimal

import pytest
from django.urls import reverse

from accounts.roles import Role
from accounts.tests.desk import list_of, messages_on, page_of, panels_on, press
from accounts.tests.factories import UserFactory
from inventory.models import CountLine, StockCount, StockLevel, StockRequest, Transfer
from inventory.services import counting, ledger, requesting, transferring
from inventory.services.lines import Goods
from inventory.tests.factories import line, received
from skus.tests.factories import BarcodeFactory, SkuFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def dress(store):
    dress = SkuFactory(code="DRS-RED-M", product__name="Dress")
    BarcodeFactory(sku=dress, value="04006381333931")
    received(dress, store, 10)
    return dress


@pytest.fixture
def transfer(manager, store, other_store, dress):
    goods = [Goods(sku=dress, quantity=Decimal(4))]
    return transferring.ask(source=store, destination=other_store, lines=goods, by=manager, note="For the ball.")


def verbs_on(answer):
    return [button["title"] for button in answer.context["actions_detail"]]


def ask_page(model, name):
    return reverse(f"admin:inventory_{model._meta.model_name}_{name}")


def shelves(sku):
    return {str(level.location.code): int(level.on_hand) for level in StockLevel.objects.filter(sku=sku)}


# ------------------------------------------------------------------------------------------------ transfers


def test_a_transfer_is_asked_for_with_a_hand_scanner(at_desk, manager, store, other_store, dress):
    desk = at_desk(manager)
    page = ask_page(Transfer, "ask")
    assert desk.get(page).status_code == 200

    typed = {"source": store.pk, "destination": other_store.pk, "lines": "4006381333931\n4006381333931\ndrs-red-m 2"}
    answer = desk.post(page, typed, follow=True)

    made = Transfer.objects.get()
    assert messages_on(answer) == [f"{made} is requested."]
    assert (made.lines.get().sku, made.lines.get().quantity) == (dress, 4)


def test_what_is_wrong_with_the_goods_stands_beside_them(at_desk, manager, store, other_store, dress):
    typed = {"source": store.pk, "destination": other_store.pk, "lines": "nothing 1\nDRS-RED-M many\nDRS-RED-M NaN"}
    form = at_desk(manager).post(ask_page(Transfer, "ask"), typed).context["form"]
    assert form.errors["lines"] == [
        "Row 1: Nothing in the house has this code.",
        "Row 2: how many is no number.",
        "Row 3: how many is no number.",
    ]

    form = at_desk(manager).post(ask_page(Transfer, "ask"), typed | {"lines": "DRS-RED-M 1.5"}).context["form"]
    assert "no fractions" in form.errors["lines"][0]
    form = at_desk(manager).post(ask_page(Transfer, "ask"), typed | {"lines": "DRS-RED-M 0"}).context["form"]
    assert form.errors["lines"] == ["More than nothing."]
    assert not Transfer.objects.exists()


def test_a_transfers_page_shows_lines_and_story_and_what_is_possible_now(at_desk, owner, manager, transfer):
    answer = at_desk(owner).get(page_of(transfer))
    assert verbs_on(answer) == ["Approve", "Reject", "Cancel"]
    panels = panels_on(answer)
    assert [row[1:3] for row in panels["Lines"]] == [["4", "0"]]
    assert [line["what"] for line in panels["Timeline"]] == ["Created"]
    assert "For the ball." in answer.text

    assert verbs_on(at_desk(manager).get(page_of(transfer))) == ["Cancel"]
    press(at_desk(owner), transfer, "approve", note="Go.", ship="on")
    shown = at_desk(owner).get(page_of(transfer))
    assert verbs_on(shown) == ["Receive", "Close short"]
    story = [(line["what"], line["from"], line["to"]) for line in panels_on(shown)["Timeline"]]
    assert story == [
        ("Shipped", "approved", "shipped"),
        ("Approved", "requested", "approved"),
        ("Created", "", "requested"),
    ]
    assert len(panels_on(shown)["What it moved"]) == 2


def test_goods_are_shipped_and_received_on_the_desk(at_desk, owner, transfer, dress):
    desk = at_desk(owner)
    transferring.approve(transfer=transfer, by=owner)
    line = transfer.lines.get()
    assert desk.get(page_of(transfer, "ship")).context["form"][f"shipped_{line.pk}"].value() == "4"

    press(desk, transfer, "ship", **{f"shipped_{line.pk}": "3"})
    assert shelves(dress) == {"CENTRE": 7, "HARBOUR": 0, "TRANSIT": 3}

    too_many = press(desk, transfer, "receive", **{f"received_{line.pk}": "5"})
    assert "3 are on the road, 5 came" in too_many.context["form"].errors[f"received_{line.pk}"][0]
    nothing = press(desk, transfer, "receive", **{f"received_{line.pk}": ""})
    assert nothing.context["form"].errors
    press(desk, transfer, "receive", **{f"received_{line.pk}": "2", f"damaged_{line.pk}": "1"})
    assert shelves(dress) == {"CENTRE": 7, "TRANSIT": 0, "HARBOUR": 2}
    assert Transfer.objects.get().status == "received"


def test_what_did_not_arrive_is_closed_on_the_desk(at_desk, owner, transfer, dress):
    transferring.approve(transfer=transfer, by=owner, ship=True)
    press(at_desk(owner), transfer, "close", reason="Never loaded.", to_source="on")
    assert (Transfer.objects.get().status, shelves(dress)) == ("closed", {"CENTRE": 10, "HARBOUR": 0, "TRANSIT": 0})


def test_transfers_of_others_are_not_on_the_desk(at_desk, transfer):
    stranger = UserFactory(role=Role.MANAGER)
    desk = at_desk(stranger)
    assert list(desk.get(list_of(Transfer)).context["cl"].result_list) == []
    assert desk.get(page_of(transfer)).status_code == 302
    assert press(desk, transfer, "cancel").redirect_chain
    assert Transfer.objects.get().status == "requested"


def test_lists_of_papers_are_found_by_number_and_note_in_few_queries(
    at_desk, owner, manager, store, other_store, dress, transfer, django_assert_max_num_queries
):
    desk = at_desk(owner)
    for words, found in ((transfer.number, 1), ("ball", 1), ("nothing", 0)):
        assert len(desk.get(list_of(Transfer), {"q": words}).context["cl"].result_list) == found
    assert len(desk.get(list_of(Transfer), {"location": store.pk}).context["cl"].result_list) == 1
    for _ in range(5):
        transferring.ask(
            source=store, destination=other_store, lines=[Goods(sku=dress, quantity=Decimal(1))], by=manager
        )
        counting.start(location=store, scope={"skus": [dress]}, by=manager)
        requesting.ask(location=store, lines=[Goods(sku=dress, quantity=Decimal(1))], by=manager)
    for model in (Transfer, StockRequest, StockCount):
        with django_assert_max_num_queries(25):
            desk.get(list_of(model))


# ------------------------------------------------------------------------------------------------ requests


def test_goods_are_asked_for_and_let_go_on_the_desk(at_desk, owner, manager, store, dress):
    at_desk(manager).post(ask_page(StockRequest, "ask"), {"location": store.pk, "lines": "DRS-RED-M 3"})
    asked = StockRequest.objects.get()
    assert StockLevel.objects.get().reserved == 3
    assert verbs_on(at_desk(manager).get(page_of(asked))) == ["Take back"]

    shown = at_desk(owner).get(page_of(asked))
    assert verbs_on(shown) == ["Approve", "Reject"]
    assert "Requests to decide" in at_desk(owner).get("/admin/").text
    press(at_desk(owner), asked, "approve")
    assert (StockLevel.objects.get().on_hand, StockRequest.objects.get().status) == (7, "approved")


def test_more_than_there_is_is_refused_beside_the_goods(at_desk, manager, store, dress):
    sent = {"location": store.pk, "lines": "DRS-RED-M 11"}
    form = at_desk(manager).post(ask_page(StockRequest, "ask"), sent).context["form"]
    assert form.errors["lines"] == ["DRS-RED-M: 10 available, 11 asked."]
    assert not StockRequest.objects.exists()


# ------------------------------------------------------------------------------------------------ counts


def test_a_count_is_opened_noted_and_posted_on_the_desk(at_desk, manager, store, dress):
    desk = at_desk(manager)
    desk.post(ask_page(StockCount, "open"), {"location": store.pk, "note": "Night."})
    count = StockCount.objects.get()
    assert verbs_on(desk.get(page_of(count))) == ["Note what is there", "Post", "Cancel"]

    press(desk, count, "lines", lines="4006381333931 8")
    shown = desk.get(page_of(count))
    (row,) = panels_on(shown)["Counted (1), 0 to go"]
    assert (row[1], row[2]) == ("8", "10")
    assert CountLine.objects.get().variance == -2

    press(desk, count, "post", note="Done.")
    assert (StockLevel.objects.get().on_hand, StockCount.objects.get().status) == (8, "posted")
    assert verbs_on(desk.get(page_of(count))) == []


def test_a_count_out_of_its_scope_is_refused_on_the_desk(at_desk, manager, store, dress):
    hat = SkuFactory()
    count = counting.start(location=store, scope={"skus": [hat]}, by=manager)
    form = press(at_desk(manager), count, "lines", lines="DRS-RED-M 8").context["form"]
    assert form.errors["lines"] == ["DRS-RED-M is not part of this count."]


def test_a_transfer_between_places_of_others_is_refused_on_the_desk(at_desk, store, other_store, dress):
    stranger = UserFactory(role=Role.MANAGER)
    typed = {"source": store.pk, "destination": other_store.pk, "lines": "DRS-RED-M 1"}
    form = at_desk(stranger).post(ask_page(Transfer, "ask"), typed).context["form"]
    assert form.non_field_errors() == ["One of the two must be yours."]
    assert not Transfer.objects.exists()


def test_what_cannot_be_sent_is_named_on_the_desk(at_desk, owner, transfer, dress, store):
    ledger.reserve(location=store, lines=[line(dress, 8)], document="ORD-1", by=owner)
    form = press(at_desk(owner), transfer, "approve", ship="on").context["form"]
    assert "DRS-RED-M: 2 available, 4 asked." in form.non_field_errors()


def test_the_number_of_transfers_on_the_road_leads_to_them(at_desk, owner, transfer, dress):
    transferring.approve(transfer=transfer, by=owner, ship=True)
    transferring.receive(transfer=transfer, lines=[transferring.Arrived(sku=dress, received=Decimal(1))], by=owner)
    desk = at_desk(owner)
    (number,) = [one for one in desk.get("/admin/").context["figures"] if one["title"] == "Transfers on the road"]
    assert number["number"] == 1
    assert list(desk.get(number["link"]).context["cl"].result_list) == [transfer]


@pytest.mark.parametrize("typed", ["1_000", "１２", "1e2", "-1"])
def test_what_is_no_plain_number_is_no_quantity(typed, at_desk, manager, store, dress):
    sent = {"location": store.pk, "lines": f"DRS-RED-M {typed}"}
    form = at_desk(manager).post(ask_page(StockRequest, "ask"), sent).context["form"]
    assert form.errors["lines"] == ["Row 1: how many is no number."]
