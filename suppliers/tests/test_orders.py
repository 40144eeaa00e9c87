"""What is ordered: drafts, sending, calling off; who sees and does what."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.utils import timezone

from boutique.models import DocumentEvent
from inventory.models import StockLevel
from skus.tests.factories import SkuFactory
from suppliers.models import PurchaseOrder, outstanding
from suppliers.tests.factories import SupplierFactory, SupplierSkuFactory, came, codes_of, drafted, ordered, said

pytestmark = pytest.mark.django_db


def order(mill, store, *lines, **more):
    """What is sent for a new order of (SKU, quantity, unit cost)."""
    wanted = [{"sku": sku.pk, "quantity": quantity, "unit_cost": cost} for sku, quantity, cost in lines]
    return {"supplier": mill.pk, "location": store.pk, "lines": wanted} | more


def kinds(number):
    return list(DocumentEvent.objects.filter(document=number).order_by("id").values_list("kind", flat=True))


# ------------------------------------------------------------------------------------------------ drafts


def test_a_draft_promises_nothing(mill, store, manager, kurta, cloth, as_):
    answer = as_(manager).post(
        "purchase-orders/",
        order(mill, store, (kurta, "10", "500.00"), (cloth, "2.345", "7.77"), note="Spring", expected_on="2026-12-24"),
    )

    made = said(answer, 201)
    assert answer.headers["Location"].endswith(f"/purchase-orders/{made['id']}/")
    assert made["number"] == f"PO-{made['id']:06d}"
    assert (made["status"], made["total"], made["supplier_name"], made["location_code"]) == (
        "draft",
        "5018.22",
        "Mill of Avoca",
        "CENTRE",
    )
    first, second = made["lines"]
    assert (first["sku_code"], first["quantity"], first["ordered"], first["outstanding"], first["total"]) == (
        "KRT-BLU-M",
        "10.000",
        "10.000",
        "10.000",
        "5000.00",
    )
    assert (second["unit"], second["total"]) == ("metre", "18.22")
    assert made["allowed_actions"] == ["send", "cancel", "change", "delete"]
    assert not StockLevel.objects.exists()
    assert list(outstanding()) == []


def test_what_the_supplier_takes_for_it_is_the_price_unless_another_is_said(mill, store, manager, kurta, cloth, as_):
    SupplierSkuFactory(supplier=mill, sku=kurta, unit_cost="12.50")
    SupplierSkuFactory(sku=cloth, unit_cost="3.00")  # of somebody else
    client = as_(manager)
    asked = order(mill, store, (kurta, "10", None), (cloth, "1", "4.00"))
    del asked["lines"][0]["unit_cost"]

    assert [line["unit_cost"] for line in said(client.post("purchase-orders/", asked), 201)["lines"]] == [
        "12.50",
        "4.00",
    ]
    del asked["lines"][1]["unit_cost"]
    refused = client.post("purchase-orders/", asked)
    assert (refused.status_code, codes_of(refused)) == (400, [("lines.1.unit_cost", "required")])


@pytest.mark.parametrize(
    ("line", "field"),
    [
        ({"quantity": "10.5"}, "lines.0.quantity"),
        ({"quantity": "0"}, "lines.0.quantity"),
        ({"quantity": "-1"}, "lines.0.quantity"),
        ({"quantity": "1000001"}, "lines.0.quantity"),
        ({"quantity": "NaN"}, "lines.0.quantity"),
        ({"unit_cost": "-1"}, "lines.0.unit_cost"),
        ({"unit_cost": "1.005"}, "lines.0.unit_cost"),
        ({"sku": 999_999_999}, "lines.0.sku"),
        ({"colour": "Blue"}, "lines.0.colour"),
        ({"received": "1"}, "lines.0.received"),
    ],
)
def test_a_foolish_line_is_refused(line, field, mill, store, manager, kurta, as_):
    asked = order(mill, store, (kurta, "10", "5.00"))
    asked["lines"][0] |= line

    answer = as_(manager).post("purchase-orders/", asked)

    assert answer.status_code == 400
    assert field in dict(codes_of(answer))
    assert not PurchaseOrder.objects.exists()


def test_all_that_is_wrong_is_said_at_once(mill, store, manager, kurta, as_):
    archived = SkuFactory(is_active=False)

    answer = as_(manager).post(
        "purchase-orders/", order(mill, store, (kurta, "1", "1.00"), (kurta, "2", "1.00"), (archived, "1", "1.00"))
    )

    assert answer.status_code == 400
    assert codes_of(answer) == [("lines.1.sku", "duplicate"), ("lines.2.sku", "inactive")]


def test_nothing_is_ordered_from_an_archived_supplier_or_for_a_closed_place(mill, store, manager, kurta, as_):
    client = as_(manager)
    draft = said(client.post("purchase-orders/", order(mill, store, (kurta, "1", "1.00"))), 201)
    mill.is_active = False
    mill.save()

    refused = client.post("purchase-orders/", order(mill, store, (kurta, "1", "1.00")))
    late = client.post(f"purchase-orders/{draft['id']}/send/", {})
    store.is_active = False
    store.save()
    closed = client.post("purchase-orders/", order(SupplierFactory(), store, (kurta, "1", "1.00")))

    assert [(answer.status_code, codes_of(answer)) for answer in (refused, late, closed)] == [
        (400, [("supplier", "inactive")]),
        (400, [("supplier", "inactive")]),
        (400, [("location", "inactive")]),
    ]


def test_somebody_elses_place_is_not_there(mill, other_store, manager, kurta, as_):
    assert as_(manager).post("purchase-orders/", order(mill, other_store, (kurta, "1", "1.00"))).status_code == 404
    assert as_(manager).post("purchases/", order(mill, other_store, (kurta, "1", "1.00"))).status_code == 404


def test_a_draft_is_changed_in_all_its_parts(mill, store, manager, kurta, cloth, as_):
    shirt, client = SkuFactory(), as_(manager)
    draft = drafted(mill, store, (kurta, 10, "5.00"), (cloth, 3, "7.00"))
    stays = draft.lines.get(sku=kurta)

    made = said(
        client.patch(
            f"purchase-orders/{draft.pk}/",
            {
                "note": "Autumn",
                "lines": [{"id": stays.pk, "quantity": "12"}, {"sku": shirt.pk, "quantity": "4", "unit_cost": "9.00"}],
            },
        )
    )

    assert [(line["id"] == stays.pk, line["sku"], line["quantity"], line["unit_cost"]) for line in made["lines"]] == [
        (True, kurta.pk, "12.000", "5.00"),
        (False, shirt.pk, "4.000", "9.00"),
    ]
    assert (made["note"], made["total"]) == ("Autumn", "96.00")
    (event,) = client.get(f"purchase-orders/{draft.pk}/timeline/").json()["results"][:1]
    assert (event["kind"], event["changes"]) == ("changed", {"note": ["", "Autumn"], "lines": [2, 2]})


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        ({"id": 999_999_999, "quantity": "1"}, ("lines.1.id", "not_found")),
        ({"id": "own line", "quantity": "1"}, ("lines.1.id", "duplicate")),
        ({"sku": "own sku", "quantity": "1", "unit_cost": "1"}, ("lines.1.sku", "duplicate")),
        ({"quantity": "1", "unit_cost": "1"}, ("lines.1.sku", "required")),
        ({"sku": "other", "unit_cost": "1"}, ("lines.1.quantity", "required")),
    ],
)
def test_a_draft_keeps_its_lines_when_the_new_ones_are_wrong(line, wrong, mill, store, manager, kurta, cloth, as_):
    draft = drafted(mill, store, (kurta, 10, "5.00"))
    own = draft.lines.get()
    ids = {"own line": own.pk, "own sku": kurta.pk, "other": cloth.pk}
    line = {name: ids.get(value, value) for name, value in line.items()}

    answer = as_(manager).patch(
        f"purchase-orders/{draft.pk}/", {"lines": [{"id": own.pk, "quantity": "3"}, line], "note": "Not kept"}
    )

    assert (answer.status_code, codes_of(answer)) == (400, [wrong])
    assert list(draft.lines.values_list("ordered", flat=True)) == [10]
    draft.refresh_from_db()
    assert draft.note == ""


def test_a_line_that_stays_keeps_its_sku(mill, store, manager, kurta, cloth, as_):
    draft = drafted(mill, store, (kurta, 10, "5.00"))
    lines = [{"id": draft.lines.get().pk, "sku": cloth.pk, "quantity": "3"}]

    answer = as_(manager).patch(f"purchase-orders/{draft.pk}/", {"lines": lines})

    assert (answer.status_code, codes_of(answer)) == (400, [("lines.0.sku", "invalid")])


def test_once_it_is_sent_only_the_day_and_the_note_are_changed(mill, store, manager, kurta, as_):
    sent, client = ordered(mill, store, (kurta, 10, "5.00")), as_(manager)
    address = f"purchase-orders/{sent.pk}/"

    assert said(client.patch(address, {"expected_on": "2026-12-24"}))["expected_on"] == "2026-12-24"
    for change in ({"lines": [{"sku": kurta.pk, "quantity": "1"}]}, {"supplier": SupplierFactory().pk}):
        refused = client.patch(address, change)
        assert (refused.status_code, refused.json()["code"]) == (409, "illegal_transition")
    assert said(client.get(address))["lines"][0]["quantity"] == "10.000"
    came(sent, 10)
    assert client.patch(address, {"note": "Too late"}).status_code == 409


def test_a_draft_is_deleted_and_what_was_sent_is_not(mill, store, manager, kurta, as_):
    draft, sent = drafted(mill, store, (kurta, 1, "5.00")), ordered(mill, store, (kurta, 1, "5.00"))

    assert as_(manager).delete(f"purchase-orders/{draft.pk}/").status_code == 204
    refused = as_(manager).delete(f"purchase-orders/{sent.pk}/")

    assert (refused.status_code, refused.json()["code"]) == (409, "illegal_transition")
    assert list(PurchaseOrder.objects.all()) == [sent]
    assert kinds(draft.number) == ["created", "deleted"]


def test_a_stale_change_is_refused(mill, store, manager, kurta, as_):
    draft, client = drafted(mill, store, (kurta, 1, "5.00")), as_(manager)
    seen = client.get(f"purchase-orders/{draft.pk}/").headers["ETag"]
    client.patch(f"purchase-orders/{draft.pk}/", {"note": "Mine"})

    answer = client.patch(f"purchase-orders/{draft.pk}/", {"note": "Too late"}, HTTP_IF_MATCH=seen)

    assert answer.status_code == 412


# ------------------------------------------------------------------------------------------------ sending, calling off


def test_what_is_sent_is_awaited_on_a_shelf_that_never_was(mill, store, manager, kurta, cloth, as_):
    draft = drafted(mill, store, (kurta, 10, "5.00"), (cloth, "2.5", "7.00"))

    made = said(as_(manager).post(f"purchase-orders/{draft.pk}/send/", {"note": "By mail"}))

    assert (made["status"], made["sent_at"] is not None) == ("sent", True)
    assert made["allowed_actions"] == ["receive", "cancel", "change"]
    assert {(level.sku_id, level.location_id, level.on_hand) for level in StockLevel.objects.all()} == {
        (kurta.pk, store.pk, 0),
        (cloth.pk, store.pk, 0),
    }
    awaited = [(row["sku"], row["location"], str(row["coming"])) for row in outstanding().order_by("sku")]
    assert awaited == [(kurta.pk, store.pk, "10.000"), (cloth.pk, store.pk, "2.500")]


def test_the_day_it_is_expected_on_follows_from_the_longest_lead_time(mill, store, kurta, cloth):
    mill.lead_time_days = 14
    mill.save()
    SupplierSkuFactory(supplier=mill, sku=kurta, lead_time_days=3)
    today = timezone.localdate()

    quick = ordered(mill, store, (kurta, 1, "1.00"))
    usual = ordered(mill, store, (kurta, 1, "1.00"), (cloth, 1, "1.00"))
    agreed = ordered(mill, store, (kurta, 1, "1.00"), expected_on=date(2027, 1, 31))
    unknown = ordered(SupplierFactory(), store, (kurta, 1, "1.00"))

    assert quick.expected_on == today + timedelta(days=3)
    assert usual.expected_on == today + timedelta(days=14)
    assert agreed.expected_on == date(2027, 1, 31)
    assert unknown.expected_on is None


def test_what_is_no_longer_sold_is_not_sent_for(mill, store, manager, kurta, as_):
    draft = drafted(mill, store, (SkuFactory(), 1, "5.00"), (kurta, 1, "5.00"))
    kurta.is_active = False
    kurta.save()

    answer = as_(manager).post(f"purchase-orders/{draft.pk}/send/", {})

    assert (answer.status_code, codes_of(answer)) == (400, [("lines.1.sku", "inactive")])
    draft.refresh_from_db()
    assert draft.status == "draft"


def test_a_cancelled_order_is_awaited_no_longer(mill, store, manager, kurta, as_):
    sent, client = ordered(mill, store, (kurta, 10, "5.00")), as_(manager)

    made = said(client.post(f"purchase-orders/{sent.pk}/cancel/", {"note": "Found cheaper"}))

    assert (made["status"], made["lines"][0]["outstanding"], made["allowed_actions"]) == ("cancelled", "0.000", [])
    assert list(outstanding()) == []
    for verb in ("send", "cancel", "close"):
        answer = client.post(f"purchase-orders/{sent.pk}/{verb}/", {})
        assert (answer.status_code, answer.json()["code"]) == (409, "illegal_transition")


def test_after_a_delivery_the_rest_is_closed_not_cancelled(mill, store, manager, kurta, as_):
    sent, client = ordered(mill, store, (kurta, 10, "5.00")), as_(manager)
    refused = client.post(f"purchase-orders/{sent.pk}/close/", {})
    assert (refused.status_code, refused.json()["allowed"]) == (409, ["receive", "cancel", "change"])
    came(sent, 4)

    assert client.post(f"purchase-orders/{sent.pk}/cancel/", {}).json()["code"] == "illegal_transition"
    made = said(client.post(f"purchase-orders/{sent.pk}/close/", {"reason": "Sold out there"}))

    assert (made["status"], made["lines"][0]["received"], made["lines"][0]["closed"]) == ("closed", "4.000", "6.000")
    assert made["lines"][0]["outstanding"] == "0.000"
    assert list(outstanding()) == []
    assert kinds(sent.number) == ["created", "sent", "received", "closed"]


# ------------------------------------------------------------------------------------------------ who sees what


def test_sales_staff_see_orders_without_what_they_cost(mill, store, manager, clerk, kurta, as_):
    sent = ordered(mill, store, (kurta, 10, "77.77"))
    came(sent, 5)

    for path in ("purchase-orders/", f"purchase-orders/{sent.pk}/", f"purchase-orders/{sent.pk}/receipts/"):
        assert "77.77" in as_(manager).get(path).text or "388.85" in as_(manager).get(path).text
        shown = as_(clerk).get(path)
        assert shown.status_code == 200
        for secret in ("77.77", "777.70", "388.85"):
            assert secret not in shown.text
    (row,) = as_(clerk).get("purchase-orders/").json()["results"]
    assert not {"total"} & row.keys()
    assert not {"unit_cost", "total"} & row["lines"][0].keys()
    assert row["allowed_actions"] == ["receive"]


def test_each_sees_the_orders_of_their_own_places(mill, store, other_store, manager, owner, kurta, as_):
    mine, hidden = (ordered(mill, place, (kurta, 1, "1.00")) for place in (store, other_store))
    client = as_(manager)

    assert [row["id"] for row in client.get("purchase-orders/").json()["results"]] == [mine.pk]
    assert len(as_(owner).get("purchase-orders/").json()["results"]) == 2
    for path in ("", "timeline/", "receipts/", "returns/", "costs/", "pdf/"):
        assert client.get(f"purchase-orders/{hidden.pk}/{path}").status_code == 404
    line = hidden.lines.get().pk
    foreign = client.post(f"purchase-orders/{mine.pk}/receive/", {"lines": [{"line": line, "quantity": "1"}]})
    assert (foreign.status_code, codes_of(foreign)) == (400, [("lines.0.line", "not_found")])


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"status": "sent"}, ["late", "soon"]),
        ({"status": "draft"}, ["draft"]),
        ({"overdue": "true"}, ["late"]),
        ({"overdue": "false"}, ["soon", "draft"]),
        ({"expected_before": "2026-01-31"}, ["late"]),
        ({"expected_after": "2026-02-01"}, ["soon"]),
        ({"search": "avoca"}, ["late", "draft"]),
        ({"search": "spring window"}, ["soon"]),
        ({"search": "nothing of it"}, []),
        ({"supplier": "mill"}, ["late", "draft"]),
        ({"sku": "cloth"}, ["soon"]),
        ({"location": "store"}, ["late", "soon", "draft"]),
        ({"ordering": "-created_at"}, ["draft", "soon", "late"]),
    ],
)
def test_orders_are_found_by(asked, found, mill, store, owner, kurta, cloth, as_):
    weaver = SupplierFactory(name="Weaver")
    orders = {
        "late": ordered(mill, store, (kurta, 1, "1.00"), expected_on=date(2026, 1, 15)),
        "soon": ordered(weaver, store, (cloth, 1, "1.00"), expected_on=date(2099, 1, 1), note="Spring window"),
        "draft": drafted(mill, store, (kurta, 1, "1.00")),
    }
    names = {"mill": mill.pk, "cloth": cloth.pk, "store": store.pk}
    asked = {"ordering": "id"} | {key: names.get(value, value) for key, value in asked.items()}

    shown = as_(owner).get("purchase-orders/", asked).json()["results"]

    assert [row["number"] for row in shown] == [orders[name].number for name in found]


def test_an_order_is_found_by_its_number_typed_or_scanned(mill, store, other_store, manager, viewer, kurta, as_):
    sent, hidden = (ordered(mill, place, (kurta, 1, "1.00")) for place in (store, other_store))
    for text in (sent.number, sent.number.lower(), str(sent.pk)):
        shown = as_(manager).get("purchase-orders/", {"search": text}).json()["results"]
        assert [row["id"] for row in shown] == [sent.pk]

    found = said(as_(manager).get(f"barcodes/{sent.number}/"))
    assert (found["kind"], found["object"]["id"], found["object"]["supplier_name"]) == (
        "purchase_order",
        sent.pk,
        "Mill of Avoca",
    )
    assert as_(manager).get(f"barcodes/{hidden.number}/").status_code == 404
    assert as_(viewer).get(f"barcodes/{sent.number}/").status_code == 404


@pytest.mark.parametrize(
    "asked", [{"status": "lost"}, {"overdue": "perhaps"}, {"expected_before": "soon"}, {"total": "1"}]
)
def test_a_foolish_question_is_refused(asked, owner, as_):
    assert as_(owner).get("purchase-orders/", asked).status_code == 400


def test_suppliers_and_places_stand_where_their_ids_do_if_asked(mill, store, manager, kurta, as_):
    sent = ordered(mill, store, (kurta, 1, "1.00"))

    shown = as_(manager).get(f"purchase-orders/{sent.pk}/", {"expand": "supplier,location"}).json()

    assert (shown["supplier"]["name"], shown["location"]["code"]) == ("Mill of Avoca", "CENTRE")


def test_a_page_of_orders_costs_as_much_for_one_as_for_twenty_five(
    mill, store, manager, as_, django_assert_num_queries
):
    client = as_(manager)
    ordered(mill, store, (SkuFactory(), 1, "1.00"))
    asked = {"expand": "supplier,location"}
    with django_assert_num_queries(4):  # who asks, how many, the orders, their lines
        client.get("purchase-orders/", asked)
    for number in range(24):
        ordered(SupplierFactory(), store, *((SkuFactory(), 2, "1.00") for _ in range(1 + number % 4)))
    with django_assert_num_queries(4):
        page = client.get("purchase-orders/", asked).json()
    assert len(page["results"]) == 25


def test_only_the_awaited_are_overdue(mill, store, kurta):
    today = timezone.localdate()
    yesterday = today - timedelta(days=1)
    late = ordered(mill, store, (kurta, 1, "1.00"), expected_on=yesterday)
    ordered(mill, store, (kurta, 1, "1.00"), expected_on=today)
    drafted(mill, store, (kurta, 1, "1.00"), expected_on=yesterday)
    came(ordered(mill, store, (kurta, 1, "1.00"), expected_on=yesterday), 1)

    assert list(PurchaseOrder.objects.overdue(today)) == [late]
    assert late.is_overdue


def test_what_is_awaited_of_a_sku_is_read_off_an_index(mill, store, kurta):
    with connection.cursor() as cursor:
        # In tables without rows all ways cost the same. Those that a full table would not be read by are closed here;
        # what is tried is that the question can be answered by the index of what is outstanding.
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("DROP INDEX purchase_line_by_sku")
        cursor.execute("ALTER TABLE suppliers_purchaseline DROP CONSTRAINT purchase_line_sku_once")

    plan = outstanding().filter(sku=kurta.pk, location=store.pk).explain()

    assert "purchase_line_outstanding" in plan


def test_the_stock_list_says_what_is_to_come(mill, store, manager, kurta, as_):
    client, draft = as_(manager), drafted(mill, store, (kurta, 10, "5.00"))

    def incoming():
        rows = client.get("stock/", {"sku": kurta.pk, "location": store.pk}).json()["results"]
        return [(row["on_hand"], row["incoming"]) for row in rows]

    assert incoming() == []
    client.post(f"purchase-orders/{draft.pk}/send/", {})
    assert incoming() == [("0.000", "10.000")]
    came(draft, 6)
    assert incoming() == [("6.000", "4.000")]
    client.post(f"purchase-orders/{draft.pk}/close/", {})
    assert incoming() == [("6.000", "0.000")]
