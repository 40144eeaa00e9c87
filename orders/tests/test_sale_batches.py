"""Sales that a till made while it was offline: they have happened, and are judged one by one."""

import json
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from inventory.models import Alert, StockLevel, StockMovement
from orders.models import Order, TillEntry
from orders.services import customers, selling, tills
from orders.tests.conftest import line_of
from orders.tests.factories import CustomerFactory, goods, on_shelf, opened_till, sold
from skus.models import Sku
from skus.services import variants
from skus.tests.factories import BarcodeFactory, SkuFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def offline(store):
    """`offline("c-1", (dress, 1), cash="1500.00")`: a sale as a till keeps it until it is online again."""

    def make(client_id, *lines, cash="1500.00", **more):
        return {
            "location": store.pk,
            "client_id": client_id,
            "occurred_at": (timezone.now() - timedelta(hours=1)).isoformat(),
            "lines": [line_of(*line) for line in lines],
            "payments": [{"method": "cash", "amount": cash}],
        } | more

    return make


@pytest.fixture
def send(post):
    def batch(*sales, **more):
        return post("sales/batch/", {"sales": list(sales)}, **more)

    return batch


def results(answer):
    assert answer.status_code == 200, answer.content
    return [row["result"] for row in answer.json()["results"]]


def test_a_batch_of_many_asks_the_database_no_more_than_one_of_few(send, offline, store, owner, clerk, books_add_up):
    """With customers, barcodes, a till, and goods that are not there."""
    till = opened_till(store, clerk)
    skus = [on_shelf(store, price="10.00", quantity=3, by=owner) for _ in range(6)]
    code, customers = BarcodeFactory(sku=skus[0]).value, [CustomerFactory(places=[store]) for _ in range(3)]

    def sales(name, many):
        for number in range(many):
            of_code = {"barcode": code, "quantity": "1"}
            sale = offline(f"{name}-{number}", (skus[1 + number % 5], 1), cash="20.00", till_session=till.pk)
            yield sale | {"lines": [of_code, *sale["lines"]], "customer": customers[number % 3].pk}

    send(*sales("first", 3))  # what happens only once: what is short is found, and an alert opens
    found = {}
    for many in (3, 40):
        with CaptureQueriesContext(connection) as statements:
            answer = send(*sales(f"of-{many}", many))
        assert results(answer) == ["created"] * many
        found[many] = len(statements)

    assert found[40] <= found[3] + 2  # the first alert that opens
    assert found[40] <= 30
    assert (Order.objects.count(), TillEntry.objects.count()) == (46, 46)
    assert books_add_up()


def test_a_bad_sale_hinders_no_other(send, offline, dress, scarf, store, other_store, owner, clerk, books_add_up):
    """What is sent, and the code and the field of its rejection."""
    elsewhere, closed = opened_till(other_store, owner), opened_till(store, clerk)
    tills.close(session=closed, counted=Decimal("100.00"), by=clerk)
    future = (timezone.now() + timedelta(hours=1)).isoformat()
    good, slips = offline("good", (dress, 1)), [{"method": "card", "amount": "750.00", "reference": "1"}] * 2
    bad = [
        (good | {"client_id": None}, "invalid", "client_id"),
        ({name: value for name, value in good.items() if name != "client_id"}, "invalid", "client_id"),
        (offline("b1", (dress, 1)) | {"lines": [{"sku": 10**9, "quantity": "1"}]}, "invalid", "lines.0.sku"),
        (offline("b2", (dress, 1, {"unit_price": "1.00"}), cash="1.00"), "permission_denied", "lines.0.unit_price"),
        (offline("b3", (dress, 1), cash="1499.00"), "invalid", "payments"),
        (offline("b4", (dress, 1), location=other_store.pk), "not_found", None),
        ("not a sale", "invalid", "lines"),
        ([], "invalid", "lines"),
        (None, "invalid", "lines"),
        (offline("b5", (dress, 1), occurred_at=future), "invalid", "occurred_at"),
        (offline("b6", (dress, "0.5")), "invalid", "lines.0.quantity"),
        (offline("b7", (dress, 1), (dress, 1), cash="3000.00"), "invalid", "lines.1.sku"),
        (offline("b8", (dress, 1), till_session=elsewhere.pk), "invalid", "till_session"),
        (offline("b9", (dress, 1), till_session=closed.pk), "till_closed", "till_session"),
        (offline("b10", (dress, 1), payments=slips), "invalid", "payments.1.reference"),
        (offline("b11", (dress, 1), colour="red"), "invalid", "colour"),
        (offline("b12", (dress, 1), lines="all of it"), "invalid", "lines"),
        (offline("b13", (dress, 1), customer=10**9), "invalid", "customer"),
        (offline("b14", (dress, 1), lines=[{"barcode": "0000", "quantity": "1"}]), "invalid", "lines.0.barcode"),
        (offline({"a": 1}, (dress, 1)), "invalid", "client_id"),
    ]

    answer = send(good, *(sale for sale, _code, _field in bad), offline("last", (scarf, 1), cash="1000.00"))

    assert results(answer) == ["created", *["rejected"] * len(bad), "created"]
    told = answer.json()
    assert [told[name] for name in ("created", "already_there", "rejected")] == [2, 0, len(bad)]
    assert [row["index"] for row in told["results"]] == list(range(len(bad) + 2))
    for row, (sale, code, field) in zip(told["results"][1:-1], bad, strict=True):
        fields = {error["field"] for error in row["error"]["errors"]}
        assert row["error"]["code"] == code, (sale, row)
        assert field is None or field in fields, (sale, row)
        assert "sale" not in row
    first = told["results"][0]
    assert (first["client_id"], first["number"]) == ("good", Order.objects.get(pk=first["sale"]).number)
    assert Order.objects.count() == 2
    assert books_add_up()


def test_a_sale_that_is_there_already_is_named_and_not_made_again(
    send, sell, offline, dress, other_store, owner, books_add_up
):
    online = sell((dress, 1), cash="1500.00", client_id="online").json()["id"]
    strange = {"sku": Sku.objects.select_related("product").get(pk=dress.pk), "quantity": Decimal(1)}
    on_other_shelf = on_shelf(other_store, by=owner)
    strange["sku"] = Sku.objects.select_related("product").get(pk=on_other_shelf.pk)
    sold(other_store, strange, by=owner, client_id="far")
    sales = [offline(name, (dress, 1)) for name in ("a", "a", "online", "far")]

    first, later = send(*sales).json(), send(*sales).json()

    # "far" is another sale of another place: a till that took it for its own would throw its own away.
    assert [row["result"] for row in first["results"]] == ["created", *["already_there"] * 2, "rejected"]
    assert [row["result"] for row in later["results"]] == [*["already_there"] * 3, "rejected"]
    assert first["results"][3]["error"]["code"] == "duplicate"
    made = first["results"][0]["sale"]
    assert [row.get("sale") for row in first["results"]] == [made, made, online, None]
    assert [row.get("sale") for row in later["results"]] == [made, made, online, None]
    assert Order.objects.count() == 3
    assert sell((dress, 1), cash="1500.00", client_id="a").json()["sale"] == made
    assert books_add_up()


def test_a_batch_under_the_same_key_gets_the_first_answer(send, offline, dress):
    sales = [offline("a", (dress, 1)), offline("b", (dress, 1), cash="1.00")]
    first, again = send(*sales, key="batch"), send(*sales, key="batch")
    assert (first.status_code, again.content) == (200, first.content)
    assert results(again) == ["created", "rejected"]
    assert Order.objects.count() == 1


def test_when_they_happened_is_when_they_were_made(send, offline, dress):
    moment = timezone.now() - timedelta(days=3)
    send(offline("a", (dress, 1), occurred_at=moment.isoformat()))
    sale, moved = Order.objects.get(), StockMovement.objects.get(reason="sale")
    assert sale.occurred_at == moved.occurred_at == sale.payments.get().at == moment
    assert sale.business_date == moved.business_date == moment.date()


def test_what_the_book_lacked_is_found_and_is_to_be_counted(
    send, post, offline, store, owner, clerk, manager, books_add_up
):
    def recounts():
        return set(Alert.objects.filter(kind="recount", resolved_at=None).values_list("level__sku", flat=True))

    counted, adjusted, enough = (on_shelf(store, price="10.00", quantity=2, by=owner) for _ in range(3))

    answer = send(
        offline("a", (counted, 1), (enough, 1), cash="20.00"),
        offline("b", (counted, 3), cash="30.00"),
        offline("c", (adjusted, 5), cash="50.00"),
    )

    assert results(answer) == ["created"] * 3
    moved = StockMovement.objects.filter(sku=counted).order_by("sequence")
    assert [(one.reason, int(one.on_hand_change)) for one in moved][1:] == [("sale", -1), ("found", 2), ("sale", -3)]
    assert [int(StockLevel.objects.get(sku=sku).on_hand) for sku in (counted, adjusted, enough)] == [0, 0, 1]
    assert recounts() == {counted.pk, adjusted.pk}
    # Nobody has looked yet: goods that come change nothing about that.
    delivered = {"location": store.pk, "reason": "found", "lines": [{"sku": adjusted.pk, "change": "1"}]}
    assert post("stock/adjust/", delivered, by=manager).status_code in (200, 201)
    assert adjusted.pk in recounts()

    counting = post("stock-counts/", {"location": store.pk}, by=manager).json()
    lines = {"lines": [{"sku": counted.pk, "counted": "4"}]}
    noted = post(f"stock-counts/{counting['id']}/lines/", lines, by=manager)
    assert noted.status_code in (200, 201), noted.content
    assert post(f"stock-counts/{counting['id']}/post/", {}, by=manager).status_code == 200
    assert recounts() == {adjusted.pk}
    seen = {
        "location": store.pk,
        "reason": "correction",
        "lines": [{"sku": adjusted.pk, "counted": "2", "expected": "1"}],
    }
    assert post("stock/adjust/", seen, by=manager).status_code in (200, 201)
    assert recounts() == set()
    assert books_add_up()


def test_what_cannot_be_a_batch_is_refused(send, post, offline, dress, viewer):
    sale = offline("a", (dress, 1))
    too_many = [offline(f"n{number}", (dress, 1)) for number in range(501)]
    for sent in ({}, {"sales": []}, {"sales": too_many}, {"sales": {}}, {"sales": "x"}, {"sales": [sale], "x": 1}):
        answer = post("sales/batch/", sent)
        assert answer.status_code == 400, answer.content
    assert send(sale, key=None).json()["code"] == "idempotency_key_required"
    assert send(sale, by=viewer).status_code == 403
    assert not Order.objects.exists()


def test_numbers_and_scanners_of_a_till_spoil_no_batch(send, offline, dress, books_add_up):
    barcode = dress.barcodes.create(value="04006381333931", kind="gtin").value
    halves = [{"method": "cash", "amount": 750.5}, {"method": "card", "amount": "749.5"}]
    good, scanned = offline("good", (dress, 1)), offline("scanned", (dress, 1))
    scanned["lines"] = [{"barcode": f" {barcode}\n", "quantity": "1"}]

    told = send(good, offline("halves", (dress, 1)) | {"payments": halves}, scanned, 1.5).json()

    assert [row["result"] for row in told["results"]][0::2] == ["created", "created"]
    assert told["results"][3]["result"] == "rejected"
    assert books_add_up()


def test_a_sale_of_a_batch_says_when_it_was(send, offline, dress):
    untimed = offline("now", (dress, 1))
    del untimed["occurred_at"]

    told = send(untimed).json()["results"][0]

    assert (told["result"], told["error"]["errors"][0]["field"]) == ("rejected", "occurred_at")


# ------------------------------------------------------------------------------------------------ junk

NINES = "9" * 40
# Of any field whatever: as it is written in JSON.
NO_VALUE = [
    "true", "[]", "{}", "[[]]", '{"a": {"b": [1]}}', '"a\\u0000b"', '"\\ud800"', '"\\udc00\\ud800"', "NaN", "Infinity",
    "-Infinity", "1e400", "-1E5", f"{NINES}0", f"-{NINES}", f"{NINES}.5", f'"{"x" * 5000}"', '"\\u202e\\u0007"',
    '"1_000"', '"\\u0661"', f"{'[' * 40}{']' * 40}", '{"a": 1, "a": 2}', "9.99", '"-0x1"',
    json.dumps({f"n{number}": 1 for number in range(1001)}), f"[{'1,' * 5001}1]", f'{{"{"k" * 101}": 1}}',
]  # fmt: skip
NO_ID = [*NO_VALUE, "0", "-1", str(2**63), str(2**31), NINES, f'"{NINES}"', '"x"', "1.5", '""']
NO_AMOUNT = [*NO_VALUE, "-1", '"-0.01"', NINES, f'"{NINES}"', '"1e3"', '"NaN"', '"1,50"', '"0.0001"', "null", '""']
NO_MOMENT = [
    *NO_VALUE, "7", "null", '""', '"yesterday"', '"0000-00-00T00:00:00Z"', '"0001-01-01T00:00:00+23:59"',
    '"1999-12-31"', '"9999-12-31T23:59:59-23:59"', '"2026-02-30T10:00:00Z"', '"2026-01-01T25:61:00Z"',
    '"2001-01-01T00:00:00Z"',
]  # fmt: skip
NO_TEXT = [*(word for word in NO_VALUE if word not in ('"1_000"', '"\\u0661"', '"-0x1"')), "7", "null"]
JUNK = {
    "location": [*NO_ID, "null"],
    "customer": [word for word in NO_ID if word != '""'],
    "till_session": [word for word in NO_ID if word != '""'],
    "client_id": [*NO_TEXT, '""'],
    "occurred_at": NO_MOMENT,
    "discount": NO_AMOUNT,
    "found": [word for word in NO_VALUE if word != "true"] + ["0", '"yes"'],
    "note": NO_TEXT,
    "lines": [*NO_VALUE, "null", "7", '"x"', "[null]", "[7]", '["x"]', "[{}]", f"[{'{},' * 500}{{}}]"],
    "payments": [*NO_VALUE, "null", "7", '"x"', "[null]", "[7]", "[{}]", f"[{'{},' * 20}{{}}]"],
    "colour": ["1"],
    "id": ["1"],
    "lines.sku": [*NO_ID, "null"],
    "lines.barcode": [*NO_VALUE, "null", '""'],
    "lines.quantity": [*NO_AMOUNT, "0", "1000001", '"0.5"'],
    "lines.unit_price": [word for word in NO_AMOUNT if word not in ("null", '""')] + ["1000001"],
    "lines.discount": NO_AMOUNT,
    "lines.colour": ["1"],
    "payments.method": [*NO_VALUE, "null", "7", '"gold"', '""'],
    "payments.amount": [*NO_AMOUNT, "0", "999999999999999999"],
    "payments.reference": NO_TEXT,
}


def spoilt(sale, field, word):
    """The text of this sale with this word in one of its fields, or in the same of its first line or payment."""
    name, _dot, inner = field.partition(".")
    if not inner:
        rest = {other: value for other, value in sale.items() if other != field}
        return f'{json.dumps(rest)[:-1]}, "{field}": {word}}}'
    rest = {other: value for other, value in sale[name][0].items() if other != inner}
    return spoilt(sale, name, f'[{json.dumps(rest)[:-1]}{", " * bool(rest)}"{inner}": {word}}}]')


@pytest.fixture
def send_text(as_, clerk):
    def batch(*texts, key):
        body = f'{{"sales": [{", ".join(texts)}]}}'.encode("utf-8", "surrogateescape")
        return as_(clerk).raw("POST", "sales/batch/", body, "application/json", HTTP_IDEMPOTENCY_KEY=key)

    return batch


def test_whatever_junk_is_in_a_sale_it_spoils_that_sale_alone(send_text, offline, dress, books_add_up):
    junk = [(field, word) for field, words in JUNK.items() for word in words]
    for first in range(0, len(junk), 300):
        some = junk[first : first + 300]
        texts = [spoilt(offline(f"j{first + n}", (dress, 1)), *one) for n, one in enumerate(some)]
        good = [json.dumps(offline(f"{name}-{first}", (dress, 1))) for name in ("first", "last")]

        answer = send_text(good[0], *texts, good[1], key=f"k{first}")
        again, later = (send_text(good[0], *texts, good[1], key=key) for key in (f"k{first}", f"later{first}"))

        taken = [one for one, result in zip(some, results(answer)[1:-1], strict=True) if result != "rejected"]
        assert taken == []
        assert (results(answer)[0], results(answer)[-1]) == ("created", "created")
        for one, row in zip(some, answer.json()["results"][1:-1], strict=True):
            assert row["error"]["code"] in ("invalid", "not_found", "permission_denied"), (one, row)
            assert row["error"]["detail"], (one, row)
            assert row["client_id"] is None or row["client_id"].startswith("j") or one[0] == "client_id", (one, row)
        assert again.content == answer.content
        assert results(later) == ["already_there", *["rejected"] * len(some), "already_there"]
        assert later.json()["results"][1:-1] == answer.json()["results"][1:-1]
    assert Order.objects.count() == 2 * len(range(0, len(junk), 300))
    assert books_add_up()


def test_a_sale_nested_without_end_or_no_utf8_spoils_itself_alone(send_text, offline, dress):
    deep = spoilt(offline("deep", (dress, 1)), "note", "[" * 20_000 + '"]"' + "]" * 20_000)
    latin = spoilt(offline("latin", (dress, 1)), "note", '"Caf\udce9"')
    good = [json.dumps(offline(name, (dress, 1), note='[{"\\"] äöü 😀')) for name in ("first", "last")]

    answer = send_text(good[0], deep, latin, good[1], key="deep")

    assert results(answer) == ["created", "rejected", "rejected", "created"]
    assert {sale.note for sale in Order.objects.all()} == {'[{"\\"] äöü 😀'}
    assert answer.json()["results"][2]["error"]["errors"][0]["field"] == "note"
    for text in ("[" * 20_000, "\udce9", '"sales": [' + "[" * 900 + '"\\"' * 900, '{"sales": [NaN'):
        assert send_text(text, key="no json").status_code == 400


# ------------------------------------------------------------------------------------------------ in between


def test_what_changes_after_they_were_judged_hits_the_sales_it_concerns(
    send, offline, dress, store, owner, clerk, monkeypatch, books_add_up
):
    gone = CustomerFactory(places=[store]), CustomerFactory(places=[store])
    tills_there = opened_till(store, clerk), opened_till(store, owner, register="2")
    archived, deleted = on_shelf(store, price="10.00", by=owner), SkuFactory(product=dress.product)
    scanned, moved_to = BarcodeFactory(sku=on_shelf(store, price="20.00", by=owner)), on_shelf(store, by=owner)

    def change():
        customers.archive(customer=gone[0], by=owner)
        customers.delete(customer=gone[1], by=owner)
        tills.close(session=tills_there[0], counted=Decimal("100.00"), by=clerk)
        variants.archive_sku(sku=archived, by=owner)
        variants.delete_sku(sku=deleted, by=owner)
        scanned.sku = moved_to
        scanned.save()
        sold(store, goods(dress), by=clerk, client_id="quicker")

    at_once, changes = selling.carry_out, [change]

    def after_the_change(drafts, by):
        while changes:
            changes.pop()()
        at_once(drafts, by)

    monkeypatch.setattr(selling, "carry_out", after_the_change)
    of_code = {"lines": [{"barcode": scanned.value, "quantity": "1"}]}
    sales = {
        "first": {},
        "archived customer": {"customer": gone[0].pk},
        "deleted customer": {"customer": gone[1].pk},
        "closed till": {"till_session": tills_there[0].pk},
        "open till": {"till_session": tills_there[1].pk},
        "archived sku": {"lines": [line_of(archived)], "payments": [{"method": "cash", "amount": "10.00"}]},
        "deleted sku": {"lines": [line_of(deleted)]},
        "moved barcode": of_code | {"payments": [{"method": "cash", "amount": "20.00"}]},
        "quicker": {},
        "last": {},
    }

    answer = send(*(offline(name, (dress, 1)) | words for name, words in sales.items()))

    told = {row["client_id"]: row for row in answer.json()["results"]}
    assert {name: row["result"] for name, row in told.items() if row["result"] != "rejected"} == {
        "first": "created", "open till": "created", "quicker": "already_there", "last": "created",
    }  # fmt: skip
    assert {name: row["error"]["errors"][0]["field"] for name, row in told.items() if "error" in row} == {
        "archived customer": "customer",
        "deleted customer": "customer",
        "closed till": "till_session",
        "archived sku": "lines.0.sku",
        "deleted sku": "lines.0.sku",
        "moved barcode": "payments",
    }
    assert Order.objects.count() == 4
    assert books_add_up()


@pytest.fixture
def the_impossible(monkeypatch):
    """Sales with this note are refused by the database, which nobody foresaw."""
    written = selling.write

    def write(drafts, by):
        written(drafts, by)
        for draft in drafts:
            if draft.sale.note == "impossible":
                Order.objects.filter(pk=draft.sale.pk).update(received=0)  # looked at when all is done

    monkeypatch.setattr(selling, "write", write)


@pytest.mark.usefixtures("the_impossible")
def test_what_only_the_writing_refuses_is_refused_alone_and_of_each_name(send, offline, dress):
    bad = offline("bad", (dress, 1), note="impossible")

    answer = send(*(offline(f"good {n}", (dress, 1)) for n in range(5)), bad, offline("last", (dress, 1)), bad)

    assert results(answer) == ["created"] * 5 + ["rejected", "created", "rejected"]
    assert Order.objects.count() == 6


@pytest.mark.usefixtures("the_impossible")
def test_where_many_are_refused_in_the_writing_the_whole_batch_waits(send, offline, dress):
    bad = [offline(f"bad {n}", (dress, 1), note="impossible") for n in range(selling.MOST_APART + 1)]

    answer = send(offline("good", (dress, 1)), *bad)

    assert (answer.status_code, Order.objects.count()) == (409, 0)
    assert results(send(offline("good", (dress, 1)), *bad[1:])) == ["created"] + ["rejected"] * selling.MOST_APART


def test_one_that_another_till_was_quicker_with_at_the_last_moment_is_there(
    send, offline, dress, store, owner, clerk, monkeypatch, books_add_up
):
    cap = on_shelf(store, price="10.00", by=owner)
    at_once = selling.carry_out
    changes = [
        lambda: sold(store, goods(dress), by=clerk, client_id="quicker"),
        lambda: variants.archive_sku(sku=cap, by=owner),
    ]

    def after_a_change(drafts, by):
        if changes:
            changes.pop()()
        at_once(drafts, by)

    monkeypatch.setattr(selling, "carry_out", after_a_change)
    of_caps = {"lines": [line_of(cap)], "payments": [{"method": "cash", "amount": "10.00"}]}

    answer = send(
        offline("cap", (dress, 1)) | of_caps, *(offline(name, (dress, 1)) for name in ("first", "quicker", "last"))
    )

    assert results(answer) == ["rejected", "created", "already_there", "created"]
    assert Order.objects.filter(client_id="quicker").count() == 1
