"""Suppliers and purchase orders in the admin: what a page shows, and what its buttons do."""

from datetime import date, timedelta
from decimal import Decimal

import pypdfium2
import pytest
from django.urls import reverse
from django.utils import timezone

from accounts import roles
from accounts.tests.desk import list_of, messages_on, page_of, press, typed
from inventory.models import StockLevel, StockMovement
from skus.tests.factories import BarcodeFactory, SkuFactory
from suppliers.models import PurchaseOrder, Supplier, SupplierSku
from suppliers.tests.factories import SupplierFactory, SupplierSkuFactory, came, drafted, ordered

pytestmark = pytest.mark.django_db

TRAP = "<script>alert(1)</script>"


@pytest.fixture
def dress():
    dress = SkuFactory(code="DRS-RED-M", product__name="Dress")
    BarcodeFactory(sku=dress, value="04006381333931")
    return dress


@pytest.fixture
def shirt():
    return SkuFactory(code="SHIRT-M", product__name="Shirt")


@pytest.fixture
def desk(at_desk, manager):
    return at_desk(manager)


@pytest.fixture
def order(mill, store, dress, shirt):
    return ordered(mill, store, (dress, 10, "40.00"), (shirt, 4, "77.77"), note="For the ball.")


def panels_on(answer):
    return {panel["title"]: panel["table"]["rows"] for panel in answer.context["panels"]}


def verbs_on(answer):
    buttons = answer.context["actions_detail"]
    return [each["title"] for button in buttons for each in button.get("items", [button])]  # what "More" holds, too


def above_the_list(name):
    return reverse(f"admin:suppliers_purchaseorder_{name}")


def fields(order, **columns):
    """What the browser sends back of each line: `quantity=["6", ""]`."""
    lines = order.lines.order_by("pk")
    return {
        f"{name}_{line.pk}": text for name, texts in columns.items() for line, text in zip(lines, texts, strict=False)
    }


def state(order):
    order.refresh_from_db()
    return order.status


# ------------------------------------------------------------------------------------------------ suppliers


def test_a_supplier_is_added_and_changed(desk):
    page = reverse("admin:suppliers_supplier_add")
    assert desk.get(page).status_code == 200
    sent = {"name": "Mill", "email": "Ada@Mill.example", "phone": "+353861234567", "lead_time_days": "14"}

    answer = desk.post(page, sent, follow=True)
    mill = Supplier.objects.get()
    desk.post(page_of(mill), typed(desk, mill, payment_terms="30 days"))

    assert answer.status_code == 200
    mill.refresh_from_db()
    assert (mill.email, mill.lead_time_days, mill.payment_terms) == ("ada@mill.example", 14, "30 days")
    assert desk.post(page, sent | {"lead_time_days": "-1"}).context["errors"]


def test_the_suppliers_page_shows_open_orders_and_prices(desk, mill, store, other_store, dress, order):
    SupplierSkuFactory(supplier=mill, sku=dress, supplier_code="AV-7", unit_cost="39.50", is_preferred=True)
    came(order, 6)
    came(ordered(mill, store, (dress, 1, "1.00")), 1)
    ordered(mill, other_store, (dress, 1, "1.00"))

    answer = desk.get(page_of(mill))

    panels = panels_on(answer)
    [row] = panels["Open orders"]
    assert order.number in row[0]
    assert "Partly received" in row[1]
    assert row[4:] == ["8", "711.08\u00a0EUR"]
    [price] = panels["Prices"]
    assert "DRS-RED-M" in price[0]
    assert price[1:5] == ["AV-7", "39.50\u00a0EUR", "1", "0"]
    assert "Preferred" in price[-1]
    assert verbs_on(answer) == ["Order", "Bought at once", "Archive"]


def test_what_a_supplier_has_is_ordered_from_their_page(desk, mill, store, dress, shirt):
    first, second = (
        SupplierSkuFactory(supplier=mill, sku=sku, unit_cost="12.50", supplier_code="AV") for sku in (dress, shirt)
    )
    page = page_of(mill, "order")
    form = desk.get(page).context["form"]
    assert form[f"unit_cost_{first.pk}"].value() == Decimal("12.50")
    sent = {"location": store.pk, f"quantity_{first.pk}": "6", f"unit_cost_{first.pk}": "11.00", "note": "Spring"}

    answer = desk.post(page, sent, follow=True)

    made = PurchaseOrder.objects.get()
    assert messages_on(answer) == [f"{mill}: {made} is a draft."]
    assert [(line.sku, line.ordered, line.unit_cost) for line in made.lines.all()] == [(dress, 6, Decimal("11.00"))]
    nothing = desk.post(page, {"location": store.pk}).context["form"]
    assert nothing.non_field_errors() == ["Say of one row at least how many."]
    half = desk.post(page, sent | {f"quantity_{first.pk}": "", f"quantity_{second.pk}": "1.5"}).context["form"]
    assert "no fractions" in half.errors[f"quantity_{second.pk}"][0]
    assert PurchaseOrder.objects.count() == 1


def test_what_was_bought_at_once_is_stock(desk, mill, store, dress):
    price = SupplierSkuFactory(supplier=mill, sku=dress)
    press(desk, mill, "buy", location=store.pk, **{f"quantity_{price.pk}": "3", f"unit_cost_{price.pk}": "10.00"})
    assert StockLevel.objects.get(sku=dress).value == 30


def test_a_supplier_is_archived_deleted_and_says_why_not(at_desk, owner, mill, store, dress):
    desk = at_desk(owner)
    drafted(mill, store, (dress, 1, "1.00"))
    assert messages_on(press(desk, mill, "archive")) == ["Mill of Avoca: Archived."]
    assert verbs_on(desk.get(page_of(mill))) == ["Restore"]
    refused = desk.post(page_of(mill, "delete"))
    assert "There are orders from Mill of Avoca" in refused.text
    unused = SupplierFactory()
    desk.post(page_of(unused, "delete"))
    assert list(Supplier.objects.all()) == [mill]


def test_a_price_is_added_and_the_preferred_one_steps_back(desk, mill, dress):
    before = SupplierSkuFactory(sku=dress, is_preferred=True)
    page = reverse("admin:suppliers_suppliersku_add")
    sent = {
        "supplier": mill.pk, "sku": dress.pk, "unit_cost": "9.00", "pack_size": "6", "minimum_order": "0",
        "is_preferred": "on",
    }  # fmt: skip

    refused = desk.post(page, sent | {"pack_size": "0"})
    desk.post(page, sent)
    twice = desk.post(page, sent)

    assert refused.context["errors"]
    made = SupplierSku.objects.get(supplier=mill)
    before.refresh_from_db()
    assert (made.is_preferred, made.pack_size, before.is_preferred) == (True, 6, False)
    assert "This supplier has this SKU already" in twice.text
    assert desk.get(list_of(SupplierSku), {"supplier": mill.pk}).context["cl"].result_count == 1


# ------------------------------------------------------------------------------------------------ orders


def test_an_order_is_typed_or_scanned(desk, mill, store, dress, shirt):
    SupplierSkuFactory(supplier=mill, sku=dress, unit_cost="12.50")
    page = above_the_list("order")
    assert desk.get(page).status_code == 200
    sent = {"supplier": mill.pk, "location": store.pk, "lines": "4006381333931 10\nshirt-m 4 77.77", "note": "Spring"}

    answer = desk.post(page, sent, follow=True)

    made = PurchaseOrder.objects.get()
    assert messages_on(answer) == [f"{made} is a draft."]
    assert [(line.sku, line.ordered, line.unit_cost) for line in made.lines.order_by("pk")] == [
        (dress, 10, Decimal("12.50")),
        (shirt, 4, Decimal("77.77")),
    ]


@pytest.mark.parametrize(
    ("rows", "wrong"),
    [
        ("nothing 1 1.00", "Row 1: Nothing in the house has this code."),
        ("DRS-RED-M many", "Row 1: a code, how many, and what one costs, with spaces between them."),
        ("DRS-RED-M 1 2 3", "Row 1: a code, how many, and what one costs, with spaces between them."),
        ("DRS-RED-M NaN 1", "Row 1: a code, how many, and what one costs, with spaces between them."),
        ("DRS-RED-M 1 1.005", "Row 1: a code, how many, and what one costs, with spaces between them."),
        ("DRS-RED-M 1 -1", "Row 1: a code, how many, and what one costs, with spaces between them."),
        ("DRS-RED-M 1.5 1.00", "DRS-RED-M is sold by the piece: no fractions."),
        ("DRS-RED-M 0 1.00", "More than nothing."),
        ("DRS-RED-M 1", "Say what a piece costs: this supplier's price for it is not known."),
        ("DRS-RED-M 1 1.00\nDRS-RED-M 2 1.00", "DRS-RED-M stands on line 1 already. Put it on one line."),
    ],
)
def test_what_is_wrong_with_the_goods_stands_beside_them(rows, wrong, desk, mill, store, dress):
    sent = {"supplier": mill.pk, "location": store.pk, "lines": rows}
    form = desk.post(above_the_list("order"), sent).context["form"]
    assert form.errors["lines"] == [wrong]
    assert not PurchaseOrder.objects.exists()


def test_it_is_received_in_parts_from_its_page(desk, order, store, dress, shirt):
    assert verbs_on(desk.get(page_of(order))) == ["Receive", "Change day or note", "Print", "Cancel"]
    form = desk.get(page_of(order, "receive")).context["form"]
    assert [form[name].value() for name in fields(order, quantity=["", ""])] == ["10", "4"]

    first = press(
        desk,
        order,
        "receive",
        note="First van",
        **fields(order, quantity=["6", ""], rejected=["1", ""], replace=["on"]),
    )
    assert messages_on(first) == [f"{order}: partly received."]
    assert verbs_on(desk.get(page_of(order))) == [
        "Receive", "Change day or note", "Print", "Send goods back", "Add freight or credit", "Close short",
    ]  # fmt: skip
    second = press(desk, order, "receive", **fields(order, quantity=["4", "4"], unit_cost=["41.00", ""]))

    assert messages_on(second) == [f"{order}: received."]
    assert {level.sku: level.value for level in StockLevel.objects.all()} == {dress: 404, shirt: Decimal("311.08")}
    panels = panels_on(desk.get(page_of(order)))
    assert [row[2:8] for row in panels["Lines"]] == [
        ["10", "10", "1", "0", "0", "40.00\u00a0EUR"],
        ["4", "4", "0", "0", "0", "77.77\u00a0EUR"],
    ]
    assert [(row[0], row[3], row[5]) for row in panels["Deliveries"]] == [
        ("2", "4 DRS-RED-M, 4 SHIRT-M", "-"),
        ("1", "6 DRS-RED-M (1 rejected)", "First van"),
    ]
    assert len(panels["What it moved"]) == 3
    assert [row["what"] for row in panels["Timeline"]] == ["Received", "Received", "Sent", "Created"]


def test_too_much_is_refused_beside_its_row(desk, order, dress):
    answer = press(desk, order, "receive", **fields(order, quantity=["12", "4"]))

    name = next(iter(fields(order, quantity=["", ""])))
    assert answer.context["form"].errors[name] == ["12 came, 10 of 10 are still to come."]
    assert not StockMovement.objects.exists()
    nothing = press(desk, order, "receive", **fields(order, quantity=["", ""]))
    assert nothing.context["form"].non_field_errors() == ["Say of one row at least what came."]


def test_a_draft_is_changed_sent_and_printed(desk, mill, store, dress, shirt):
    draft = drafted(mill, store, (dress, 10, "40.00"), (shirt, 4, "5.00"))
    scarf = SkuFactory(code="SCARF")
    sent = fields(draft, quantity=["12", ""], unit_cost=["40.00", "5.00"])

    answer = press(desk, draft, "edit", more="SCARF 3 9.00", note="Autumn", expected_on="2026-12-24", **sent)
    assert messages_on(answer) == [f"{draft}: Changed."]
    assert [(line.sku, line.ordered) for line in draft.lines.order_by("pk")] == [(dress, 12), (scarf, 3)]
    wrong = press(desk, draft, "edit", more="SCARF 1 9.00", **fields(draft, quantity=["1", "1"])).context["form"]
    assert wrong.errors["more"] == ["SCARF stands on line 2 already. Put it on one line."]
    empty = press(desk, draft, "edit", **fields(draft, quantity=["", ""])).context["form"]
    assert empty.non_field_errors() == ["Leave one row at least, or delete the draft."]

    assert messages_on(press(desk, draft, "send", note="By mail")) == [f"{draft}: sent."]
    draft.refresh_from_db()
    assert (draft.expected_on, draft.note) == (date(2026, 12, 24), "Autumn")
    press(desk, draft, "redate", expected_on="2027-01-10", note="Later")
    draft.refresh_from_db()
    assert (draft.expected_on, draft.note) == (date(2027, 1, 10), "Later")
    printed = desk.post(page_of(draft, "print"))
    assert printed.headers["Content-Type"] == "application/pdf"
    assert draft.number in pypdfium2.PdfDocument(printed.content)[0].get_textpage().get_text_range()


def test_goods_go_back_freight_is_added_and_the_rest_closed(desk, order, dress):
    came(order, 6)
    assert messages_on(press(desk, order, "return", reason="Seams", **fields(order, quantity=["2"]))) == [
        f"{order}: sent back."
    ]
    too_many = press(desk, order, "return", reason="Seams", **fields(order, quantity=["5"])).context["form"]
    assert "4 came and did not go back" in next(iter(too_many.errors.values()))[0]
    assert messages_on(press(desk, order, "costs", amount="8.00", note="Freight")) == [f"{order}: booked."]
    zero = press(desk, order, "costs", amount="0").context["form"]
    assert zero.errors["amount"]
    assert messages_on(press(desk, order, "close", note="Sold out")) == [f"{order}: closed."]

    assert StockLevel.objects.get(sku=dress).value == 168
    panels = panels_on(desk.get(page_of(order)))
    assert [row[2:] for row in panels["Went back"]] == [["2 DRS-RED-M", "80.00\u00a0EUR", "Seams"]]
    assert [row[2:] for row in panels["Billed later"]] == [
        ["8.00\u00a0EUR", "8.00\u00a0EUR", "0.00\u00a0EUR", "Freight"]
    ]
    assert verbs_on(desk.get(page_of(order))) == ["Print", "Send goods back", "Add freight or credit"]


def test_a_draft_is_deleted_and_what_was_sent_cancelled(desk, mill, store, dress, order):
    draft = drafted(mill, store, (dress, 1, "1.00"))
    assert desk.get(page_of(order, "delete")).status_code == 403
    desk.post(page_of(draft, "delete"))
    press(desk, order, "cancel", note="Too dear")
    assert list(PurchaseOrder.objects.all()) == [order]
    assert state(order) == "cancelled"


def test_orders_are_found_by_state_supplier_and_words(desk, mill, store, dress, order):
    yesterday = timezone.localdate() - timedelta(days=1)
    late = ordered(SupplierFactory(name="Weaver"), store, (dress, 1, "1.00"), expected_on=yesterday)
    draft = drafted(mill, store, (dress, 1, "1.00"))

    def found(**asked):
        return set(desk.get(list_of(PurchaseOrder), asked).context["cl"].result_list)

    assert found() == {order, late, draft}
    assert found(waiting="awaited") == {order, late}
    assert found(waiting="late") == {late}
    assert found(status__exact="draft") == {draft}
    assert found(supplier=mill.pk) == {order, draft}
    assert found(q="weav") == {late}
    assert found(q="ball") == {order}
    assert found(q=late.number) == {late}
    assert [(one["title"], one["number"]) for one in desk.get("/admin/").context["figures"]][-2:] == [
        ("Orders to come", 2),
        ("Late orders", 1),
    ]


def test_somebody_elses_orders_are_not_there(desk, mill, other_store, dress):
    hidden = ordered(mill, other_store, (dress, 1, "1.00"))
    assert desk.get(list_of(PurchaseOrder)).context["cl"].result_count == 0
    assert desk.get(page_of(hidden)).status_code == 302
    press(desk, hidden, "cancel")
    assert state(hidden) == "sent"


def test_costs_and_contacts_vanish_on_the_desk_too(desk, mill, order, dress, monkeypatch):
    came(order, 6, 4)
    SupplierSkuFactory(supplier=mill, sku=dress, unit_cost="38.88")
    hidden = {"inventory.view_cost", "suppliers.view_contact"}
    pages = [page_of(order), page_of(order, "receive"), list_of(PurchaseOrder), page_of(mill), list_of(Supplier)]
    pages += [list_of(SupplierSku), page_of(mill, "order")]
    shown = "".join(desk.get(page).text for page in pages)
    secrets = ["77.77", "711.08", "551.08", "38.88", "ada@mill.example", "Ada Byrne"]
    assert [secret for secret in secrets if secret in shown] == secrets
    seen = roles.PERMISSIONS | {roles.Role.MANAGER: roles.PERMISSIONS[roles.Role.MANAGER] - hidden}
    monkeypatch.setattr("accounts.models.PERMISSIONS", seen)

    shown = "".join(desk.get(page).text for page in pages)

    assert [secret for secret in secrets if secret in shown] == []


def test_nobodys_words_become_markup(desk, store, dress):
    trap = SupplierFactory(name=TRAP, contact_name=TRAP)
    order = ordered(trap, store, (dress, 1, "1.00"), note=TRAP)
    came(order, 1)
    for page in (page_of(order), page_of(trap), list_of(PurchaseOrder), list_of(Supplier), page_of(order, "return")):
        assert TRAP not in desk.get(page).text


def test_lists_and_pages_cost_as_much_for_many_rows(desk, mill, store):
    order = ordered(mill, store, (SkuFactory(), 1, "1.00"))
    pages = [list_of(PurchaseOrder), list_of(Supplier), list_of(SupplierSku), page_of(order), page_of(mill)]
    for page in pages:
        desk.get(page)  # what Django looks up once and remembers
    costs = [queries_of(desk, page) for page in pages]
    for _ in range(10):
        sku = SupplierSkuFactory(supplier=mill).sku
        came(ordered(SupplierFactory(), store, (sku, 1, "1.00")), 1)
        ordered(mill, store, *((SkuFactory(), 1, "1.00") for _ in range(3)))

    assert [queries_of(desk, page) for page in pages] == costs


def queries_of(desk, page):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as found:
        assert desk.get(page).status_code == 200
    return len(found)
