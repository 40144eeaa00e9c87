"""Counting a place while it goes on selling."""

from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import roles
from accounts.roles import Role
from accounts.tests.factories import UserFactory
from boutique.errors import Invalid
from inventory.models import CountLine, StockCount, StockLevel, StockMovement
from inventory.services import adjusting, counting, ledger
from inventory.services.counting import Counted
from inventory.tests.factories import fields_of, line, received
from skus.models import Sku
from skus.tests.factories import BarcodeFactory, CategoryFactory, ProductFactory, SkuFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def dress(store):
    dress = SkuFactory(code="DRESS")
    received(dress, store, 10)
    return dress


@pytest.fixture
def count(store, clerk):
    return counting.start(location=store, by=clerk)


def counted(count, by, *figures):
    lines = [Counted(sku=sku, counted=Decimal(number)) for sku, number in figures]
    return counting.add_lines(count=count, lines=lines, by=by)


def sold(sku, store, quantity, by):
    ledger.sell(location=store, lines=[line(sku, quantity)], document="SALE-1", by=by)


def on_hand(sku):
    return int(StockLevel.objects.get(sku=sku).on_hand)


# ------------------------------------------------------------------------------------------------ the way of it


def test_a_place_is_opened_counted_looked_at_and_posted(as_, clerk, manager, store, dress):
    hat = SkuFactory()
    received(hat, store, 3)
    made = as_(clerk).post("stock-counts/", {"location": store.pk, "note": "After the sale."})
    assert made.status_code == 201, made.content
    address = made.headers["Location"].partition("/api/v1/")[2]
    assert (made.json()["status"], made.json()["allowed_actions"]) == ("open", ["lines"])

    noted = as_(clerk).post(f"{address}lines/", {"lines": [{"sku": dress.pk, "counted": "8"}]})
    assert (noted.status_code, noted.json()["counted"]) == (200, 1)

    seen = as_(manager).get(f"{address}variance/").json()
    (row,) = seen["lines"]
    assert (row["counted"], row["expected"], row["variance"], row["value"]) == ("8.000", "10.000", "-2.000", "-80.00")
    assert (row["sku_code"], row["counted_by"]) == ("DRESS", clerk.pk)
    assert (seen["counted"], seen["differing"], seen["uncounted"]) == (1, 1, 1)

    posted = as_(manager).post(f"{address}post/", {"note": "Counted twice."}).json()
    assert (posted["status"], posted["allowed_actions"]) == ("posted", [])
    assert on_hand(dress) == 8
    movement = StockMovement.objects.first()
    assert (movement.reason, movement.document, movement.note) == ("count", posted["number"], "Counted twice.")
    kinds = [event["kind"] for event in as_(clerk).get(f"{address}timeline/").json()["results"]]
    assert kinds == ["posted", "counted", "created"]


def test_what_is_sold_before_and_after_the_counting_is_not_counted_twice(count, clerk, manager, store, dress):
    sold(dress, store, 1, clerk)
    counted(count, clerk, (dress, 8))  # the book says 9
    sold(dress, store, 3, clerk)

    counting.post(count=count, by=manager)

    assert StockMovement.objects.first().on_hand_change == -1
    assert on_hand(dress) == 5  # eight were there, three were sold since


def test_a_figure_may_name_the_moment_it_was_taken(count, clerk, manager, store, dress):
    before = timezone.now()
    sold(dress, store, 4, clerk)
    lines = [Counted(sku=dress, counted=Decimal(10), counted_at=before)]

    counting.add_lines(count=count, lines=lines, by=clerk)

    assert CountLine.objects.get().variance == 0
    counting.post(count=count, by=manager)
    assert on_hand(dress) == 6


def test_counting_again_replaces_the_figure_and_an_older_one_comes_too_late(count, clerk, dress):
    early = timezone.now()
    counted(count, clerk, (dress, 8))
    counted(count, clerk, (dress, 9))
    assert (CountLine.objects.get().counted, CountLine.objects.get().variance) == (9, -1)

    counting.add_lines(count=count, lines=[Counted(sku=dress, counted=Decimal(7), counted_at=early)], by=clerk)

    assert CountLine.objects.get().counted == 9


def test_goods_are_counted_by_barcode_or_by_code(as_, count, clerk, dress):
    hat = SkuFactory()
    ean = BarcodeFactory(sku=dress, value="04006381333931")

    answer = as_(clerk).post(
        f"stock-counts/{count.pk}/lines/",
        {"lines": [{"barcode": "4006381333931", "counted": "10"}, {"barcode": hat.code.lower(), "counted": "1"}]},
    )

    assert answer.status_code == 200, answer.content
    assert {found.sku_id: int(found.variance) for found in CountLine.objects.all()} == {ean.sku_id: 0, hat.pk: 1}


def test_what_was_found_on_a_shelf_the_book_does_not_know_is_posted(count, clerk, manager):
    hat = SkuFactory()
    counted(count, clerk, (hat, 2))
    counting.post(count=count, by=manager)
    assert on_hand(hat) == 2


def test_a_count_that_finds_nothing_wrong_moves_nothing(count, clerk, manager, dress):
    counted(count, clerk, (dress, 10))
    counting.post(count=count, by=manager)
    assert (StockMovement.objects.count(), StockCount.objects.get().status) == (1, "posted")


def test_a_count_below_what_is_promised_is_posted_all_the_same(count, clerk, manager, store, dress):
    ledger.reserve(location=store, lines=[line(dress, 6)], document="ORD-000001", by=clerk)
    counted(count, clerk, (dress, 4))
    counting.post(count=count, by=manager)
    level = StockLevel.objects.get(sku=dress)
    assert (level.on_hand, level.reserved, level.available) == (4, 6, -2)


# ------------------------------------------------------------------------------------------------ blind


def test_a_blind_count_says_nothing_of_the_book(as_, store, clerk, manager, dress):
    blind = counting.start(location=store, blind=True, by=clerk)
    answer = as_(clerk).post(f"stock-counts/{blind.pk}/lines/", {"lines": [{"sku": dress.pk, "counted": "8"}]})
    (row,) = as_(clerk).get(f"stock-counts/{blind.pk}/lines/").json()["results"]

    assert (row["counted"], row["expected"], row["variance"]) == ("8.000", None, None)
    assert "10.000" not in answer.text + as_(clerk).get(f"stock-counts/{blind.pk}/").text
    assert as_(clerk).get(f"stock-counts/{blind.pk}/variance/").status_code == 403
    assert as_(manager).get(f"stock-counts/{blind.pk}/variance/").json()["lines"][0]["expected"] == "10.000"


def test_an_open_count_shows_its_figures_to_those_who_count(as_, count, clerk, dress):
    counted(count, clerk, (dress, 8))
    (row,) = as_(clerk).get(f"stock-counts/{count.pk}/lines/", {"sku": dress.pk}).json()["results"]
    assert (row["expected"], row["variance"]) == ("10.000", "-2.000")


# ------------------------------------------------------------------------------------------------ scope


def test_a_count_is_about_its_scope_only(as_, store, clerk, dress):
    women = CategoryFactory()
    inside = SkuFactory(product=ProductFactory(category=CategoryFactory(parent=women)))
    for scope, other in (
        ({"category": women.pk}, dress),
        ({"product": inside.product_id}, dress),
        ({"skus": [inside.pk]}, dress),
        ({"category": women.pk, "skus": sorted([inside.pk, dress.pk])}, dress),
    ):
        made = as_(clerk).post("stock-counts/", {"location": store.pk, "scope": scope}).json()
        made["scope"]["skus"].sort()
        assert {name: value for name, value in made["scope"].items() if value} == scope
        address = f"stock-counts/{made['id']}/"
        answer = as_(clerk).post(
            f"{address}lines/", {"lines": [{"sku": inside.pk, "counted": "1"}, {"sku": other.pk, "counted": "1"}]}
        )
        assert (answer.status_code, fields_of(answer)) == (400, ["lines.1.sku"])
        assert answer.json()["errors"][0]["code"] == "out_of_scope"
        assert as_(clerk).post(f"{address}lines/", {"lines": [{"sku": inside.pk, "counted": "1"}]}).status_code == 200
        counting.cancel(count=StockCount.objects.get(pk=made["id"]), by=UserFactory(role=Role.ADMIN))
    assert as_(clerk).post("stock-counts/", {"location": store.pk, "scope": {"shop": 1}}).status_code == 400


# ------------------------------------------------------------------------------------------------ what is refused


def test_all_that_is_wrong_is_said_at_once(as_, count, clerk, dress):
    old = SkuFactory(is_active=False)
    soon, long_ago = timezone.now() + timedelta(hours=1), count.created_at - timedelta(hours=1)
    lines = [
        {"sku": dress.pk, "counted": "1"},
        {"sku": dress.pk, "counted": "1"},
        {"barcode": "4006381333932", "counted": "1"},
        {"sku": old.pk, "counted": "1"},
        {"sku": SkuFactory().pk, "counted": "1.5"},
        {"sku": SkuFactory().pk, "counted": "1", "counted_at": soon.isoformat()},
        {"sku": SkuFactory().pk, "counted": "1", "counted_at": long_ago.isoformat()},
        {"barcode": "nothing", "counted": "1"},
    ]

    answer = as_(clerk).post(f"stock-counts/{count.pk}/lines/", {"lines": lines})

    assert answer.status_code == 400
    assert [(error["field"], error["code"]) for error in answer.json()["errors"]] == [
        ("lines.1.sku", "duplicate"),
        ("lines.2.barcode", "not_found"),
        ("lines.3.sku", "inactive"),
        ("lines.4.counted", "fraction"),
        ("lines.5.counted_at", "invalid"),
        ("lines.6.counted_at", "invalid"),
        ("lines.7.barcode", "not_found"),
    ]
    assert not CountLine.objects.exists()


@pytest.mark.parametrize(
    ("row", "fields"),
    [
        ({"counted": "1"}, ["lines.0.sku"]),
        ({"sku": 0, "barcode": "1", "counted": "1"}, ["lines.0.sku"]),
        ({"sku": 0, "counted": "-1"}, ["lines.0.counted"]),
        ({"sku": 0}, ["lines.0.counted"]),
        ({"sku": 0, "counted": "1", "counted_at": "yesterday"}, ["lines.0.counted_at"]),
    ],
)
def test_foolish_lines_are_refused(row, fields, as_, count, clerk, dress):
    row = row | ({"sku": dress.pk} if "sku" in row else {})
    answer = as_(clerk).post(f"stock-counts/{count.pk}/lines/", {"lines": [row]})
    assert (answer.status_code, fields_of(answer)) == (400, fields)


def test_five_thousand_lines_are_taken_and_one_more_is_not(as_, count, clerk):
    lines = [{"barcode": f"N{number}", "counted": "1"} for number in range(5001)]
    client = as_(clerk)
    unknown = client.post(f"stock-counts/{count.pk}/lines/", {"lines": lines[:5000]})
    assert (unknown.status_code, len(unknown.json()["errors"])) == (400, 5000)
    assert client.post(f"stock-counts/{count.pk}/lines/", {"lines": lines}).status_code == 400


def test_a_count_is_posted_once(as_, count, clerk, manager, dress):
    empty = as_(manager).post(f"stock-counts/{count.pk}/post/", {})
    assert (empty.status_code, empty.json()["code"]) == (409, "nothing_counted")
    counted(count, clerk, (dress, 8))
    assert as_(manager).post(f"stock-counts/{count.pk}/post/", {}).status_code == 200

    for path, body in (("post/", {}), ("cancel/", {}), ("lines/", {"lines": [{"sku": dress.pk, "counted": "1"}]})):
        answer = as_(manager).post(f"stock-counts/{count.pk}/{path}", body)
        assert (answer.status_code, answer.json()["code"]) == (409, "illegal_transition")
    assert on_hand(dress) == 8


def test_one_shelf_is_not_on_two_open_counts(as_, count, store, clerk, manager, dress):
    counted(count, clerk, (dress, 8))
    other = counting.start(location=store, by=clerk)

    refused = as_(clerk).post(f"stock-counts/{other.pk}/lines/", {"lines": [{"sku": dress.pk, "counted": "8"}]})

    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (400, "duplicate")
    assert count.number in refused.json()["detail"]
    counting.post(count=count, by=manager)
    counted(other, clerk, (dress, 8))
    assert CountLine.objects.get(count=other).variance == 0


def test_a_figure_from_before_another_count_was_posted_comes_too_late(store, count, clerk, manager, dress):
    later = counting.start(location=store, by=clerk)
    seen_at = timezone.now()
    counted(count, clerk, (dress, 8))
    counting.post(count=count, by=manager)

    with pytest.raises(Invalid, match="counted and posted since"):
        counting.add_lines(count=later, lines=[Counted(sku=dress, counted=Decimal(8), counted_at=seen_at)], by=clerk)
    assert on_hand(dress) == 8


def test_a_difference_that_the_shelf_no_longer_holds_is_not_posted(as_, count, clerk, manager, store, dress):
    counted(count, clerk, (dress, 2))
    adjusting.adjust(
        location=store, reason="loss", lines=[adjusting.Correction(sku=dress, change=Decimal(-8))], by=manager
    )

    answer = as_(manager).post(f"stock-counts/{count.pk}/post/", {})

    assert (answer.status_code, answer.json()["code"]) == (409, "insufficient_stock")
    assert (StockCount.objects.get().status, on_hand(dress)) == ("open", 2)


def test_a_cancelled_count_changes_nothing_and_lets_go_of_its_shelves(count, store, clerk, manager, dress):
    counted(count, clerk, (dress, 8))
    counting.cancel(count=count, by=manager)
    counted(counting.start(location=store, by=clerk), clerk, (dress, 9))
    assert on_hand(dress) == 10


def test_counts_of_other_places_are_not_there(as_, count, other_store):
    stranger = UserFactory(role=Role.MANAGER, places=[other_store])
    assert as_(stranger).get("stock-counts/").json()["count"] == 0
    for path in ("", "lines/", "variance/", "timeline/"):
        assert as_(stranger).get(f"stock-counts/{count.pk}/{path}").status_code == 404
    assert as_(stranger).post(f"stock-counts/{count.pk}/lines/", {"lines": []}).status_code == 404
    assert as_(stranger).post(f"stock-counts/{count.pk}/post/", {}).status_code == 404


def test_counting_from_the_past_of_a_shelf_reads_its_ledger(store, clerk, dress):
    with time_machine.travel(timezone.now() - timedelta(days=1), tick=True):
        count = counting.start(location=store, by=clerk)
    moment = timezone.now()
    early = [Counted(sku=dress, counted=Decimal(0), counted_at=moment - timedelta(hours=2))]
    counting.add_lines(count=count, lines=early, by=clerk)
    assert CountLine.objects.get().expected == 0  # the dresses came later


# ------------------------------------------------------------------------------------------------ costs


def statements(act, **words):
    with CaptureQueriesContext(connection) as seen:
        act(**words)
    return len(seen)


def test_many_lines_take_as_many_statements_as_few(store, clerk, manager):
    found = set()
    for many in (1, 30):
        skus = [SkuFactory() for _ in range(many)]
        for sku in skus:
            received(sku, store, 5)
        count = counting.start(location=store, by=clerk)
        lines = [Counted(sku=sku, counted=Decimal(4)) for sku in skus]
        adding = statements(counting.add_lines, count=count, lines=lines, by=clerk)
        found.add((adding, statements(counting.post, count=count, by=manager)))
    assert len(found) == 1


def test_a_page_of_counts_costs_as_much_for_one_as_for_many(as_, clerk, store, dress, django_assert_num_queries):
    client = as_(clerk)
    for many in (1, 4):
        for _ in range(many):
            counting.start(location=store, scope={"skus": [dress]}, by=clerk)
        with django_assert_num_queries(4):
            client.get("stock-counts/", {"expand": "location"})


# ------------------------------------------------------------------------------------------------ put right meanwhile


def put_right(dress, store, manager, change, reason):
    lines = [adjusting.Correction(sku=dress, change=Decimal(change))]
    return adjusting.adjust(location=store, reason=reason, lines=lines, by=manager)[1][0]


def test_a_shelf_that_was_put_right_since_is_not_put_right_twice(as_, count, clerk, manager, store, dress):
    counted(count, clerk, (dress, 8))
    put_right(dress, store, manager, -2, "correction")

    refused = as_(manager).post(f"stock-counts/{count.pk}/post/", {})

    assert (refused.status_code, refused.json()["code"]) == (409, "book_moved")
    assert "DRESS" in refused.json()["errors"][0]["message"]
    assert on_hand(dress) == 8
    counted(count, clerk, (dress, 8))
    counting.post(count=count, by=manager)
    assert on_hand(dress) == 8


def test_a_reversal_since_is_such_a_correction_too_and_damage_is_not(count, clerk, manager, store, dress):
    lost = put_right(dress, store, manager, -2, "loss")
    counted(count, clerk, (dress, 10))
    adjusting.reverse(movement=lost, by=manager)
    with pytest.raises(counting.PutRightSince):
        counting.post(count=count, by=manager)

    counted(count, clerk, (dress, 9))
    put_right(dress, store, manager, -1, "damage")
    counting.post(count=count, by=manager)
    assert on_hand(dress) == 8


def test_what_is_archived_or_closed_after_it_was_counted_is_posted(count, clerk, manager, store, dress):
    counted(count, clerk, (dress, 8))
    Sku.objects.filter(pk=dress.pk).update(is_active=False)
    type(store).objects.filter(pk=store.pk).update(is_active=False)
    counting.post(count=count, by=manager)
    assert on_hand(dress) == 8


def test_a_sku_that_a_count_is_about_is_not_deleted_from_under_it(as_, store, owner):
    hat = SkuFactory()
    counting.start(location=store, scope={"skus": [hat]}, by=owner)
    assert as_(owner).delete(f"skus/{hat.pk}/").status_code == 409


def test_no_count_is_opened_where_the_place_has_closed(as_, owner, other_store):
    type(other_store).objects.filter(pk=other_store.pk).update(is_active=False)
    answer = as_(owner).post("stock-counts/", {"location": other_store.pk})
    assert (answer.status_code, fields_of(answer)) == (400, ["location"])


def test_each_place_has_its_own_history(store, other_store, count, clerk, owner, dress):
    received(dress, other_store, 7)
    seen_at = timezone.now()
    elsewhere = counting.start(location=other_store, by=owner)
    counted(elsewhere, owner, (dress, 5))
    counting.post(count=elsewhere, by=owner)

    lines = [Counted(sku=dress, counted=Decimal(9), counted_at=max(seen_at, count.created_at))]
    counting.add_lines(count=count, lines=lines, by=clerk)

    assert (CountLine.objects.get(count=count).expected, counting.uncounted(count).count()) == (10, 0)


def test_a_poster_who_has_not_seen_all_lines_is_told_so(as_, count, clerk, manager, dress):
    etag = as_(manager).get(f"stock-counts/{count.pk}/")["ETag"]
    counted(count, clerk, (dress, 8))
    answer = as_(manager).post(f"stock-counts/{count.pk}/post/", {}, HTTP_IF_MATCH=etag)
    assert (answer.status_code, on_hand(dress)) == (412, 10)


def test_what_a_difference_is_worth_is_for_those_who_see_costs(as_, count, clerk, manager, dress, monkeypatch):
    counted(count, clerk, (dress, 8))
    address = f"stock-counts/{count.pk}/variance/"
    assert "value" in as_(manager).get(address).json()["lines"][0]
    monkeypatch.setitem(roles.PERMISSIONS, Role.MANAGER, roles.PERMISSIONS[Role.MANAGER] - {"inventory.view_cost"})
    assert "value" not in as_(manager).get(address).json()["lines"][0]


@pytest.mark.parametrize(
    ("change", "said"),
    [({"status": "posted"}, "timeline"), ({"status": "lost"}, "Invalid transition|stock_count_status_known")],
)
def test_the_database_itself_holds_the_states_of_counts(change, said, count):
    with pytest.raises(DatabaseError, match=said), transaction.atomic():
        moved(StockCount, count, change)


def moved(model, document, change):
    model.objects.filter(pk=document.pk).update(**change)
    connection.check_constraints()


def test_nothing_is_counted_below_nothing(count, clerk, dress):
    counted(count, clerk, (dress, 8))
    with pytest.raises(IntegrityError, match="count_line_not_negative"), transaction.atomic():
        CountLine.objects.update(counted=-1)
