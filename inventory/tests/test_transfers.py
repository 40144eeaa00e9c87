"""Goods from place to place: who asks, who decides, what stands on the road, and that no piece is ever lost."""

from decimal import Decimal
from functools import partial

import pytest
from django.db import IntegrityError, InternalError, connection, transaction
from django.db.models import Sum
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.roles import Role
from accounts.tests.factories import LocationFactory, UserFactory
from boutique.errors import IllegalTransition
from boutique.models import DocumentEvent
from inventory.models import StockLevel, StockMovement, Transfer, TransferLine
from inventory.services import checking, ledger, transferring
from inventory.services.lines import Goods
from inventory.tests.factories import fields_of, line, received
from skus.models import Sku
from skus.tests.factories import SkuFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def warehouse(other_store):
    return other_store


@pytest.fixture
def keeper(warehouse):
    """Works at the other end."""
    return UserFactory(username="keeper", role=Role.STAFF, places=[warehouse])


@pytest.fixture
def dress(store):
    dress = SkuFactory(code="DRESS")
    received(dress, store, 10, "40.00")
    return dress


def asked(by, source, destination, *goods, **more):
    lines = [{"sku": sku.pk, "quantity": str(quantity)} for sku, quantity in goods]
    return {"source": source.pk, "destination": destination.pk, "lines": lines} | more


@pytest.fixture
def transfer(as_, manager, store, warehouse, dress):
    """The manager asks for seven dresses in the warehouse."""
    answer = as_(manager).post("transfers/", asked(manager, store, warehouse, (dress, 7)))
    assert answer.status_code == 201, answer.content
    return Transfer.objects.get(pk=answer.json()["id"])


def shipped(transfer, owner):
    return transferring.approve(transfer=transfer, by=owner, ship=True)


def shelves(sku):
    levels = StockLevel.objects.filter(sku=sku).order_by("location__code")
    return {level.location.code: int(level.on_hand) for level in levels.select_related("location")}


def worth():
    return StockLevel.objects.aggregate(total=Sum("value"))["total"]


# ------------------------------------------------------------------------------------------------ the way of it


def test_goods_are_asked_for_approved_shipped_and_received(
    as_, transfer, owner, clerk, keeper, dress, store, warehouse
):
    assert (transfer.number, transfer.status) == (f"TRF-{transfer.pk:06d}", "requested")
    approved = as_(owner).post(f"transfers/{transfer.pk}/approve/", {"note": "Good."}).json()
    assert (approved["status"], approved["decided_by"]) == ("approved", owner.pk)

    sent = as_(clerk).post(f"transfers/{transfer.pk}/ship/", {}).json()
    assert (sent["status"], sent["lines"][0]["outstanding"]) == ("shipped", "7.000")
    assert shelves(dress) == {"CENTRE": 3, "HARBOUR": 0, "TRANSIT": 7}
    (coming,) = as_(keeper).get("stock/", {"sku": dress.pk}).json()["results"]
    assert (coming["on_hand"], coming["in_transit"], coming["incoming"]) == ("0.000", "7.000", "0.000")

    came = as_(keeper).post(f"transfers/{transfer.pk}/receive/", {"lines": [{"sku": dress.pk, "received": "7"}]}).json()
    assert (came["status"], came["lines"][0]["received"], came["allowed_actions"]) == ("received", "7.000", [])
    assert shelves(dress) == {"CENTRE": 3, "HARBOUR": 7, "TRANSIT": 0}
    assert worth() == Decimal("400.00")
    kinds = [event["kind"] for event in as_(keeper).get(f"transfers/{transfer.pk}/timeline/").json()["results"]]
    assert kinds == ["received", "shipped", "approved", "created"]
    documents = StockMovement.objects.filter(document=transfer.number).values_list("reason", flat=True).order_by("id")
    assert list(documents) == ["transfer_out", "transfer_in", "transfer_out", "transfer_in"]


def test_approving_may_send_the_goods_at_once(as_, transfer, owner, dress):
    answer = as_(owner).post(f"transfers/{transfer.pk}/approve/", {"ship": True})

    assert (answer.status_code, answer.json()["status"]) == (200, "shipped")
    assert shelves(dress) == {"CENTRE": 3, "HARBOUR": 0, "TRANSIT": 7}


def test_an_owners_own_transfer_is_approved_by_being_made(as_, owner, store, warehouse, dress):
    made = as_(owner).post("transfers/", asked(owner, store, warehouse, (dress, 2))).json()

    assert (made["status"], made["decided_by"]) == ("approved", owner.pk)
    assert set(made["allowed_actions"]) == {"ship", "cancel"}


def test_a_delivery_comes_in_parts_with_damaged_pieces(as_, transfer, owner, keeper, dress):
    shipped(transfer, owner)
    client = as_(keeper)

    first = client.post(
        f"transfers/{transfer.pk}/receive/",
        {"lines": [{"sku": dress.pk, "received": "3", "damaged": "1"}], "note": "One torn."},
    ).json()
    assert (first["status"], first["lines"][0]["outstanding"]) == ("partly_received", "3.000")
    assert shelves(dress) == {"CENTRE": 3, "HARBOUR": 3, "TRANSIT": 3}
    torn = StockMovement.objects.get(reason="damage")
    assert (torn.on_hand_change, torn.unit_cost, torn.note) == (-1, Decimal("40.00"), "One torn.")

    last = client.post(f"transfers/{transfer.pk}/receive/", {"lines": [{"sku": dress.pk, "received": "3"}]}).json()
    assert (last["status"], last["lines"][0]["received"], last["lines"][0]["damaged"]) == ("received", "6.000", "1.000")
    assert shelves(dress) == {"CENTRE": 3, "HARBOUR": 6, "TRANSIT": 0}


def test_more_than_was_sent_needs_the_word_extra(as_, transfer, owner, keeper, dress):
    shipped(transfer, owner)
    address = f"transfers/{transfer.pk}/receive/"

    refused = as_(keeper).post(address, {"lines": [{"sku": dress.pk, "received": "9"}]})
    assert (refused.status_code, refused.json()["code"]) == (409, "over_receipt")
    assert fields_of(refused) == ["lines.0.received"]
    assert refused.json()["errors"][0]["params"] == {"sku": dress.pk, "outstanding": "7", "received": "9"}
    assert shelves(dress) == {"CENTRE": 3, "HARBOUR": 0, "TRANSIT": 7}

    taken = as_(keeper).post(address, {"lines": [{"sku": dress.pk, "received": "9", "extra": True}]}).json()
    assert (taken["status"], taken["lines"][0]["received"], taken["lines"][0]["extra"]) == (
        "received",
        "9.000",
        "2.000",
    )
    assert shelves(dress) == {"CENTRE": 3, "HARBOUR": 9, "TRANSIT": 0}
    assert StockMovement.objects.get(reason="found").on_hand_change == 2


@pytest.mark.parametrize(("to_source", "left", "written"), [(False, 3, "loss"), (True, 5, "transfer_in")])
def test_what_does_not_arrive_is_lost_or_lies_at_the_source(to_source, left, written, transfer, owner, as_, dress):
    shipped(transfer, owner)
    client = as_(owner)
    client.post(f"transfers/{transfer.pk}/receive/", {"lines": [{"sku": dress.pk, "received": "5"}]})

    closed = client.post(f"transfers/{transfer.pk}/close/", {"reason": "Box open.", "to_source": to_source}).json()

    assert (closed["status"], closed["lines"][0]["closed"], closed["lines"][0]["outstanding"]) == (
        "closed",
        "2.000",
        "0.000",
    )
    assert shelves(dress) == {"CENTRE": left, "HARBOUR": 5, "TRANSIT": 0}
    last = StockMovement.objects.filter(document=transfer.number).first()
    assert (last.reason, last.note, abs(last.value_change)) == (written, "Box open.", Decimal("80.00"))


def test_less_may_be_shipped_than_was_asked_for(as_, transfer, owner, clerk, keeper, dress):
    transferring.approve(transfer=transfer, by=owner)

    sent = as_(clerk).post(f"transfers/{transfer.pk}/ship/", {"lines": [{"sku": dress.pk, "shipped": "4"}]}).json()

    assert (sent["lines"][0]["quantity"], sent["lines"][0]["shipped"]) == ("7.000", "4.000")
    transferring.receive(transfer=transfer, lines=[transferring.Arrived(sku=dress, received=Decimal(4))], by=keeper)
    assert Transfer.objects.get().status == "received"


def test_each_part_of_a_delivery_brings_its_share_of_the_value_and_the_last_the_rest(owner, store, warehouse):
    ring = SkuFactory()
    received(ring, store, 3, "33.33")
    transfer = transferring.ask(
        source=store, destination=warehouse, lines=[Goods(sku=ring, quantity=Decimal(3))], by=owner
    )
    transferring.ship(transfer=transfer, by=owner)
    for _ in range(3):
        transferring.receive(transfer=transfer, lines=[transferring.Arrived(sku=ring, received=Decimal(1))], by=owner)

    mine = TransferLine.objects.get()
    assert (mine.shipped_value, mine.arrived_value) == (Decimal("99.99"), Decimal("99.99"))
    assert StockLevel.objects.get(sku=ring, location=warehouse).value == Decimal("99.99")


def sent_and_received(owner, store, warehouse, sku, pieces, parts):
    """The values that arrive, part by part."""
    transfer = transferring.ask(
        source=store, destination=warehouse, lines=[Goods(sku=sku, quantity=Decimal(pieces))], by=owner
    )
    transferring.ship(transfer=transfer, by=owner)
    return transfer, [
        partial(
            transferring.receive,
            transfer=transfer,
            lines=[transferring.Arrived(sku=sku, received=Decimal(part))],
            by=owner,
        )
        for part in parts
    ]


def test_two_transfers_of_one_sku_bring_each_their_own_value_to_the_cent(owner, store, warehouse):
    """On the road they lie together, 10.00 for three and 90.00 for three."""
    ring = SkuFactory()
    far = LocationFactory()
    ledger.receive(location=store, lines=[line(ring, 3, value=Decimal("10.00"))], document="PO-1", by=owner)
    ledger.receive(location=far, lines=[line(ring, 3, value=Decimal("90.00"))], document="PO-2", by=owner)
    cheap, parts = sent_and_received(owner, store, warehouse, ring, 3, [1, 1, 1])
    _dear, others = sent_and_received(owner, far, warehouse, ring, 3, [2, 1])

    for act in (parts[0], others[0], parts[1], others[1], parts[2]):
        act()

    assert TransferLine.objects.get(transfer=cheap).arrived_value == Decimal("10.00")
    brought = StockMovement.objects.filter(document=cheap.number, location=warehouse).order_by("id")
    assert [movement.value_change for movement in brought] == [Decimal("3.33"), Decimal("3.33"), Decimal("3.34")]
    assert StockLevel.objects.get(sku=ring, location=warehouse).value == Decimal("100.00")


def test_damaged_pieces_are_written_off_at_what_they_brought(owner, store, warehouse):
    ring = SkuFactory()
    received(ring, warehouse, 1, "100.00")
    received(ring, store, 1, "10.00")
    transfer, _parts = sent_and_received(owner, store, warehouse, ring, 1, [])
    torn = transferring.Arrived(sku=ring, received=Decimal(0), damaged=Decimal(1))

    transferring.receive(transfer=transfer, lines=[torn], by=owner)

    assert StockLevel.objects.get(sku=ring, location=warehouse).value == Decimal("100.00")
    assert StockMovement.objects.get(reason="damage").value_change == Decimal("-10.00")


def test_what_is_on_the_road_arrives_though_its_sku_is_archived_and_its_place_closed(transfer, owner, dress, warehouse):
    shipped(transfer, owner)
    Sku.objects.filter(pk=dress.pk).update(is_active=False)
    type(warehouse).objects.filter(pk=warehouse.pk).update(is_active=False)
    came = transferring.Arrived(sku=dress, received=Decimal(7), damaged=Decimal(1), extra=True)

    transferring.receive(transfer=transfer, lines=[came], by=owner)

    assert shelves(dress) == {"CENTRE": 3, "HARBOUR": 7, "TRANSIT": 0}


# ------------------------------------------------------------------------------------------------ who may


def test_nobody_decides_what_they_asked_for_themselves(as_, owner, store, warehouse, dress):
    asker = UserFactory(role=Role.MANAGER, places=[store])
    transfer = transferring.ask(
        source=store, destination=warehouse, lines=[Goods(sku=dress, quantity=Decimal(1))], by=asker
    )
    asker.role = Role.ADMIN
    asker.save()

    for verb in ("approve", "reject"):
        answer = as_(asker).post(f"transfers/{transfer.pk}/{verb}/", {})
        assert (answer.status_code, answer.json()["code"]) == (409, "own_request")
    assert Transfer.objects.get().status == "requested"


def test_a_transfer_between_places_of_others_is_not_there(as_, manager, warehouse, dress, store):
    elsewhere = LocationFactory()
    transfer = transferring.ask(
        source=elsewhere,
        destination=warehouse,
        lines=[Goods(sku=dress, quantity=Decimal(1))],
        by=UserFactory(role=Role.ADMIN),
    )

    assert as_(manager).post("transfers/", asked(manager, elsewhere, warehouse, (dress, 1))).status_code == 404
    assert as_(manager).get(f"transfers/{transfer.pk}/").status_code == 404
    assert as_(manager).get(f"transfers/{transfer.pk}/timeline/").status_code == 404
    assert as_(manager).get("transfers/").json()["count"] == 0
    assert Transfer.objects.count() == 1


def test_a_manager_may_ask_for_goods_of_a_place_they_do_not_work_in(as_, manager, store, warehouse, dress):
    received(dress, warehouse, 5)

    answer = as_(manager).post("transfers/", asked(manager, warehouse, store, (dress, 5)))

    assert (answer.status_code, answer.json()["source_code"]) == (201, "HARBOUR")


def test_goods_are_shipped_at_the_source_and_received_at_the_destination(as_, transfer, owner, clerk, keeper, dress):
    transferring.approve(transfer=transfer, by=owner)
    too_far = as_(keeper).post(f"transfers/{transfer.pk}/ship/", {})
    assert (too_far.status_code, too_far.json()["code"]) == (403, "permission_denied")
    transferring.ship(transfer=transfer, by=clerk)

    lines = {"lines": [{"sku": dress.pk, "received": "7"}]}
    assert as_(clerk).post(f"transfers/{transfer.pk}/receive/", lines).status_code == 403
    assert as_(clerk).get(f"transfers/{transfer.pk}/").json()["allowed_actions"] == []
    assert as_(keeper).get(f"transfers/{transfer.pk}/").json()["allowed_actions"] == ["receive"]


def test_only_the_destination_closes_and_only_the_source_takes_the_rest_back(as_, transfer, owner, manager, warehouse):
    shipped(transfer, owner)
    chief = UserFactory(role=Role.MANAGER, places=[warehouse])
    address = f"transfers/{transfer.pk}/close/"
    assert as_(manager).post(address, {"reason": "Lost."}).status_code == 403
    assert as_(chief).post(address, {"reason": "Lost.", "to_source": True}).status_code == 403
    assert as_(chief).post(address, {"reason": "Lost."}).status_code == 200


def test_only_who_asked_or_the_owner_cancels(as_, transfer, store, owner):
    colleague = UserFactory(role=Role.MANAGER, places=[store])
    assert as_(colleague).post(f"transfers/{transfer.pk}/cancel/", {}).status_code == 403
    cancelled = as_(owner).post(f"transfers/{transfer.pk}/cancel/", {"reason": "Too late."})
    assert (cancelled.status_code, cancelled.json()["status"]) == (200, "cancelled")


# ------------------------------------------------------------------------------------------------ what is refused


@pytest.mark.parametrize(
    ("lines", "fields"),
    [
        ([], ["lines"]),
        ([("dress", "0")], ["lines.0.quantity"]),
        ([("dress", "-1")], ["lines.0.quantity"]),
        ([("dress", "1.5")], ["lines.0.quantity"]),
        ([("dress", "1"), ("dress", "2")], ["lines.1.sku"]),
        ([("old", "1")], ["lines.0.sku"]),
        ([("nothing", "1")], ["lines.0.sku"]),
    ],
)
def test_foolish_lines_are_refused_together(lines, fields, as_, manager, store, warehouse, dress):
    skus = {"dress": dress.pk, "old": SkuFactory(is_active=False).pk, "nothing": 999_999_999}
    body = {"source": store.pk, "destination": warehouse.pk}
    body["lines"] = [{"sku": skus[name], "quantity": quantity} for name, quantity in lines]

    answer = as_(manager).post("transfers/", body)

    assert (answer.status_code, fields_of(answer)) == (400, fields)
    assert not Transfer.objects.exists()


def test_places_that_make_no_sense_are_refused(as_, owner, store, warehouse, dress):
    closed = LocationFactory(is_active=False)
    road = ledger.road()
    for source, destination, field in (
        (store, store, "destination"),
        (store, closed, "destination"),
        (road, store, "source"),
    ):
        answer = as_(owner).post("transfers/", asked(owner, source, destination, (dress, 1)))
        assert (answer.status_code, fields_of(answer)) == (400, [field])


def test_more_than_there_is_cannot_be_shipped(as_, transfer, owner, clerk, dress, store):
    ledger.reserve(location=store, lines=[ledger.Line(sku=dress, quantity=Decimal(5))], document="ORD-1", by=owner)
    transferring.approve(transfer=transfer, by=owner)

    answer = as_(clerk).post(f"transfers/{transfer.pk}/ship/", {})

    assert (answer.status_code, answer.json()["code"], fields_of(answer)) == (
        409,
        "insufficient_stock",
        ["lines.0.shipped"],
    )
    assert answer.json()["errors"][0]["params"]["available"] == "5"
    assert Transfer.objects.get().status == "approved"


def test_shipping_what_was_not_asked_for_is_refused(as_, transfer, owner, clerk, dress, store):
    hat = SkuFactory()
    received(hat, store, 5)
    transferring.approve(transfer=transfer, by=owner)
    address = f"transfers/{transfer.pk}/ship/"

    many = as_(clerk).post(address, {"lines": [{"sku": dress.pk, "shipped": "8"}, {"sku": hat.pk, "shipped": "1"}]})
    nothing = as_(clerk).post(address, {"lines": [{"sku": dress.pk, "shipped": "0"}]})

    assert (many.status_code, sorted(fields_of(many))) == (400, ["lines.0.shipped", "lines.1.sku"])
    assert (nothing.status_code, fields_of(nothing)) == (400, ["lines"])
    assert shelves(hat) == {"CENTRE": 5}


def test_foolish_deliveries_are_refused(as_, transfer, owner, keeper, dress):
    shipped(transfer, owner)
    hat = SkuFactory()
    for lines, fields in (
        ([{"sku": hat.pk, "received": "1"}], ["lines.0.sku"]),
        ([{"sku": dress.pk, "received": "0"}], ["lines.0.received"]),
        ([{"sku": dress.pk, "received": "1.5"}], ["lines.0.received"]),
        ([{"sku": dress.pk, "received": "1", "damaged": "-1"}], ["lines.0.damaged"]),
        ([{"sku": dress.pk, "received": "1"}, {"sku": dress.pk, "received": "1"}], ["lines.1.sku"]),
        ([{"sku": dress.pk, "received": "1", "lost": "1"}], ["lines.0.lost"]),
    ):
        answer = as_(keeper).post(f"transfers/{transfer.pk}/receive/", {"lines": lines})
        assert (answer.status_code, fields_of(answer)) == (400, fields), lines
    assert shelves(dress) == {"CENTRE": 3, "HARBOUR": 0, "TRANSIT": 7}


LATER = {
    "requested": {"approve", "reject", "cancel"},
    "approved": {"ship", "cancel"},
    "shipped": {"receive", "close"},
    "partly_received": {"receive", "close"},
    "received": set(),
    "closed": set(),
    "rejected": set(),
    "cancelled": set(),
}


def in_state(state, transfer, owner, dress):
    part = [transferring.Arrived(sku=dress, received=Decimal(2))]
    whole = [transferring.Arrived(sku=dress, received=Decimal(7))]
    ways = {
        "requested": [],
        "approved": [transferring.approve],
        "shipped": [partial(transferring.approve, ship=True)],
        "partly_received": [partial(transferring.approve, ship=True), partial(transferring.receive, lines=part)],
        "received": [partial(transferring.approve, ship=True), partial(transferring.receive, lines=whole)],
        "closed": [partial(transferring.approve, ship=True), partial(transferring.close, reason="Lost.")],
        "rejected": [transferring.reject],
        "cancelled": [transferring.cancel],
    }
    for verb in ways[state]:
        verb(transfer=transfer, by=owner)


@pytest.mark.parametrize("state", LATER)
def test_verbs_lead_on_from_their_states_only(state, as_, transfer, owner, dress):
    in_state(state, transfer, owner, dress)
    client = as_(owner)
    assert set(client.get(f"transfers/{transfer.pk}/").json()["allowed_actions"]) == LATER[state]
    before = StockMovement.objects.count()
    bodies = {
        "receive": {"lines": [{"sku": dress.pk, "received": "1"}]},
        "close": {"reason": "Lost."},
    }
    for verb in transferring.MOVES.keys() - LATER[state]:
        answer = client.post(f"transfers/{transfer.pk}/{verb}/", bodies.get(verb, {}))
        assert (answer.status_code, answer.json()["code"]) == (409, "illegal_transition"), verb
        assert set(answer.json()["allowed"]) == LATER[state]
    assert (Transfer.objects.get().status, StockMovement.objects.count()) == (state, before)


def test_the_database_itself_refuses_a_leap_and_a_state_without_its_story(transfer):
    with pytest.raises(InternalError, match="Invalid transition"), transaction.atomic():
        Transfer.objects.filter(pk=transfer.pk).update(status="received")
    point = transaction.savepoint()
    Transfer.objects.filter(pk=transfer.pk).update(status="cancelled")
    with pytest.raises(IntegrityError, match="timeline"):
        connection.check_constraints()
    transaction.savepoint_rollback(point)
    for change, name in (
        ({"received": 1}, "transfer_line_all_accounted_for"),
        ({"shipped": 8}, "transfer_line_shipped_as_asked"),
        ({"shipped": 1, "extra": 1, "closed": 2}, "transfer_line_extra_has_arrived"),
        ({"damaged": -1, "received": 1}, "transfer_line_not_negative"),
    ):
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            TransferLine.objects.update(**change)


def test_the_database_itself_knows_who_decides(transfer, manager):
    rows = Transfer.objects.filter(pk=transfer.pk)
    for change, name in (
        ({"status": "approved"}, "transfer_decided_by_somebody"),
        ({"decided_at": timezone.now()}, "transfer_decider_and_time"),
        ({"decided_by": manager, "decided_at": timezone.now()}, "transfer_decided_by_another"),
        ({"destination": transfer.source}, "transfer_goes_somewhere"),
    ):
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            rows.update(**change)


def test_a_stale_page_is_told_so(as_, transfer, owner):
    etag = as_(owner).get(f"transfers/{transfer.pk}/")["ETag"]
    transferring.reject(transfer=transfer, by=owner)
    answer = as_(owner).post(f"transfers/{transfer.pk}/approve/", {}, HTTP_IF_MATCH=etag)
    assert answer.status_code == 412


# ------------------------------------------------------------------------------------------------ lists and costs


def test_transfers_are_found_by(as_, owner, store, warehouse, dress, manager):
    transferring.ask(
        source=store, destination=warehouse, lines=[Goods(sku=dress, quantity=Decimal(1))], by=manager, note="Ball"
    )
    hat = SkuFactory()
    other = transferring.ask(source=warehouse, destination=store, lines=[Goods(sku=hat, quantity=Decimal(1))], by=owner)
    client = as_(owner)
    for asked_for, found in (
        ({"source": store.pk}, 1),
        ({"destination": store.pk}, 1),
        ({"location": store.pk}, 2),
        ({"status": "approved"}, 1),
        ({"sku": hat.pk}, 1),
        ({"created_by": manager.pk}, 1),
        ({"search": other.number}, 1),
        ({"search": "ball"}, 1),
        ({"search": "nothing"}, 0),
    ):
        assert client.get("transfers/", asked_for).json()["count"] == found, asked_for
    assert client.get("transfers/", {"status": "gone"}).status_code == 400
    wide = client.get("transfers/", {"expand": "source,destination"}).json()["results"][0]
    assert wide["source"]["code"] == "HARBOUR"


def test_a_scanned_number_names_its_transfer(as_, transfer, manager, viewer):
    found = as_(manager).get(f"barcodes/{transfer.number.lower()}/").json()
    assert (found["kind"], found["object"]["id"], found["sku"]) == ("transfer", transfer.pk, None)
    assert as_(viewer).get(f"barcodes/{transfer.number}/").status_code == 404


def test_a_page_of_transfers_costs_as_much_for_one_as_for_many(
    as_, manager, store, warehouse, dress, django_assert_num_queries
):
    def make():
        lines = [Goods(sku=sku, quantity=Decimal(1)) for sku in (dress, SkuFactory())]
        transferring.ask(source=store, destination=warehouse, lines=lines, by=manager)

    client = as_(manager)
    make()
    with django_assert_num_queries(4):
        client.get("transfers/")
    for _ in range(5):
        make()
    with django_assert_num_queries(4):
        assert len(client.get("transfers/").json()["results"]) == 6


def statements_for(lines, owner, store, warehouse):
    skus = [SkuFactory() for _ in range(lines)]
    for sku in skus:
        received(sku, store, 5)
        received(sku, warehouse, 1)
    transfer = transferring.ask(
        source=store, destination=warehouse, lines=[Goods(sku=sku, quantity=Decimal(3)) for sku in skus], by=owner
    )
    counted = []
    came = [transferring.Arrived(sku=sku, received=Decimal(2), damaged=Decimal(1)) for sku in skus]
    for act in (transferring.ship, partial(transferring.receive, lines=came)):
        with CaptureQueriesContext(
            connection,
        ) as seen:
            act(transfer=transfer, by=owner)
        counted.append(len(seen))
    return counted


def test_a_long_transfer_takes_as_many_statements_as_a_short_one(owner, store, warehouse):
    statements_for(1, owner, store, warehouse)  # the first time the road has no shelf for anything
    assert statements_for(2, owner, store, warehouse) == statements_for(40, owner, store, warehouse)


# ------------------------------------------------------------------------------------------------ nothing is lost


ACTS = ["approve", "ship", "receive", "damage", "extra", "close", "back", "cancel"]


@settings(max_examples=40)
@given(steps=st.lists(st.tuples(st.sampled_from(ACTS), st.integers(1, 6)), max_size=12))
def test_every_piece_is_somewhere_whatever_is_done(steps, owner, store, warehouse, manager):
    """Over all places, the road included, there is what there was, less what was written off, and what was found."""
    point = transaction.savepoint()
    cloth = SkuFactory()
    received(cloth, store, 6, "7.77")
    transfer = transferring.ask(
        source=store, destination=warehouse, lines=[Goods(sku=cloth, quantity=Decimal(6))], by=manager
    )
    acts = {
        "approve": lambda n: transferring.approve(transfer=transfer, by=owner),
        "ship": lambda n: transferring.ship(
            transfer=transfer, by=owner, lines=[transferring.Shipped(sku=cloth, shipped=Decimal(n))]
        ),
        "receive": lambda n: came(n, 0, extra=False),
        "damage": lambda n: came(0, n, extra=False),
        "extra": lambda n: came(n, 1, extra=True),
        "close": lambda n: transferring.close(transfer=transfer, reason="x", by=owner),
        "back": lambda n: transferring.close(transfer=transfer, reason="x", by=owner, to_source=True),
        "cancel": lambda n: transferring.cancel(transfer=transfer, by=owner),
    }

    def came(good, torn, *, extra):
        line = transferring.Arrived(sku=cloth, received=Decimal(good), damaged=Decimal(torn), extra=extra)
        transferring.receive(transfer=transfer, lines=[line], by=owner)

    for name, number in steps:
        try:
            with transaction.atomic():
                acts[name](number)
        except (IllegalTransition, transferring.OverReceipt):
            pass
        mine = TransferLine.objects.get(transfer=transfer)
        there = StockLevel.objects.filter(sku=cloth).aggregate(total=Sum("on_hand"), value=Sum("value"))
        lost = sum(-m.on_hand_change for m in StockMovement.objects.filter(sku=cloth, reason__in=["damage", "loss"]))
        found = sum(m.on_hand_change for m in StockMovement.objects.filter(sku=cloth, reason="found"))
        assert there["total"] == 6 - lost + found
        assert (mine.extra, mine.damaged + (mine.closed if transfer_lost(transfer) else 0)) == (found, lost)
        on_the_road = StockLevel.objects.filter(sku=cloth, location=ledger.road()).first()
        assert (on_the_road.on_hand if on_the_road else 0) == mine.outstanding
    connection.check_constraints()
    assert list(checking.differences()) == []
    transaction.savepoint_rollback(point)


def transfer_lost(transfer):
    closed = DocumentEvent.objects.filter(document=transfer.number, kind="closed").first()
    return closed is not None and not closed.changes["to_source"]
