import csv
import io
import json
import re
from decimal import Decimal

import pytest
from django.contrib import admin
from django.urls import reverse
from openpyxl import load_workbook

from accounts import roles
from accounts.models import Location, User
from accounts.tests.desk import list_of, listed, messages_on, page_of, panels_on, press
from accounts.tests.factories import LocationFactory, UserFactory
from boutique.admin import CappedPaginator
from inventory.admin.stock import LedgerPaginator
from inventory.models import StockAdjustment, StockLevel, StockMovement
from inventory.services import adjusting, ledger
from inventory.tests.factories import line, received
from skus.models import Product, Sku
from skus.services import search
from skus.tests.factories import CategoryFactory, ProductFactory, SkuFactory

pytestmark = pytest.mark.django_db

TRAP = "<script>alert(1)</script>"
FIRST_STOCK = "admin:inventory_stocklevel_first_stock"


@pytest.fixture
def desk(at_desk, manager):
    return at_desk(manager)


@pytest.fixture
def dress(store, manager):
    """Ten in the manager's own store."""
    dress = SkuFactory(code="DRS-RED-M", colour="Red", product=ProductFactory(name="Dress"))
    search.refresh_skus([dress.pk])
    received(dress, store, 10, "40.00", by=manager)
    return dress


@pytest.fixture
def shirt(store, manager):
    shirt = SkuFactory(code="SHIRT-M", colour="White", product=ProductFactory(name="Shirt"))
    search.refresh_skus([shirt.pk])
    received(shirt, store, 4, "15.00", by=manager)
    return shirt


@pytest.fixture
def hidden(dress, other_store, owner):
    """The dress's level in a place the manager does not work in."""
    received(dress, other_store, 7, "41.00", by=owner)
    return StockLevel.objects.get(sku=dress, location=other_store)


def level_of(sku, place):
    return StockLevel.objects.get(sku=sku, location=place)


def codes(answer):
    return [row.sku.code for row in listed(answer)]


def stock():
    return sorted(StockLevel.objects.values_list("pk", "on_hand", "reserved"))


def tick(desk, levels, **sent):
    ticked = {"action": "adjust_stock", "_selected_action": [level.pk for level in levels], "select_across": "0"}
    return desk.post(list_of(StockLevel), ticked | sent, follow=True)


def answered(levels, reason="loss", note="", **typed):
    """What the browser sends back from the page between: `change_1="-2"` is for the first of the levels."""
    sent = {"answered": "1", "reason": reason, "note": note}
    for number, level in enumerate(levels, 1):
        sent[f"seen_{level.pk}"] = level.on_hand
        for name in ("change", "counted"):
            sent[f"{name}_{level.pk}"] = typed.get(f"{name}_{number}", "")
    return sent


# ------------------------------------------------------------------------------------------------ levels


def test_a_level_shows_what_lies_there_and_its_last_movements(desk, dress, store, manager):
    ledger.reserve(location=store, lines=[line(dress, 3)], document="ORD-000001", by=manager)
    level = level_of(dress, store)

    answer = desk.get(page_of(level))

    assert "DRS-RED-M, CENTRE" in answer.text
    assert f'href="{page_of(dress)}"' in answer.text
    rows = panels_on(answer)["Last movements"]
    assert [(row[1], row[3], row[4], row[5]) for row in rows] == [
        ("ORD-000001", "", "+3", "10"),
        ("PO-000001", "+10", "", "10"),
    ]
    [panel] = answer.context["panels"]
    assert [row.document for row in listed(desk.get(panel["more"]))] == ["ORD-000001", "PO-000001"]


def test_levels_are_found_by_the_words_of_their_sku(desk, dress, shirt):
    for words in ("dress", "drs-red", "red dre"):
        assert codes(desk.get(list_of(StockLevel), {"q": words})) == ["DRS-RED-M"]
    assert codes(desk.get(list_of(StockLevel), {"q": "nothing like it"})) == []


def test_levels_are_narrowed_by_place_shelf_category_and_kind(at_desk, owner, dress, shirt, store, hidden, manager):
    desk = at_desk(owner)
    women = CategoryFactory(name="Women")
    Product.objects.filter(pk=dress.product_id).update(category=CategoryFactory(name="Dresses", parent=women))
    Product.objects.filter(pk=shirt.product_id).update(kind=Product.Kind.FABRIC)
    ledger.reserve(location=store, lines=[line(dress, 10)], document="ORD-000001", by=manager)
    adjusting.adjust(
        location=store,
        reason="loss",
        lines=[
            adjusting.Correction(sku=dress, change=Decimal(-1)),
            adjusting.Correction(sku=shirt, change=Decimal(-4)),
        ],
        by=manager,
    )

    def found(**asked):
        return [(level.sku.code, level.location.code) for level in listed(desk.get(list_of(StockLevel), asked))]

    here, there, shirts = ("DRS-RED-M", "CENTRE"), ("DRS-RED-M", "HARBOUR"), ("SHIRT-M", "CENTRE")
    assert found(location=store.pk) == [here, shirts]
    assert sorted(found(category=women.pk)) == [here, there]
    assert found(kind="fabric") == [shirts]
    assert found(stock="empty") == [shirts]
    assert sorted(found(stock="there")) == [here, there]
    assert found(stock="promised") == [here]
    assert found(stock="short") == [here]
    assert len(found(stock="nonsense")) == 3


def test_levels_are_ordered_by_what_their_columns_say(desk, dress, shirt):
    columns = desk.get(list_of(StockLevel)).context["cl"].list_display

    def ordered(name, sign=""):
        return codes(desk.get(list_of(StockLevel), {"o": f"{sign}{columns.index(name)}"}))

    assert ordered("available_shown") == ["SHIRT-M", "DRS-RED-M"]
    assert ordered("available_shown", "-") == ["DRS-RED-M", "SHIRT-M"]
    assert ordered("worth") == ["SHIRT-M", "DRS-RED-M"]


# ------------------------------------------------------------------------------------------------ ledger


def test_the_ledger_is_newest_first_and_narrowed_by_place_reason_and_day(desk, dress, shirt, store):
    day = StockMovement.objects.first().business_date

    def found(**asked):
        return codes(desk.get(list_of(StockMovement), asked))

    assert found() == ["SHIRT-M", "DRS-RED-M"]
    assert found(reason="purchase", location=store.pk) == ["SHIRT-M", "DRS-RED-M"]
    assert found(reason="sale") == []
    assert len(found(business_date__gte=day, business_date__lt="2999-01-01")) == 2
    assert found(business_date__lt=day) == []
    assert found(sku=dress.pk) == ["DRS-RED-M"]


def test_the_ledger_is_searched_by_document_or_by_words_of_the_sku(desk, dress, shirt, store, manager):
    ledger.sell(location=store, lines=[line(dress, 1)], document="SAL-000007", by=manager)

    def found(words):
        return [row.document for row in listed(desk.get(list_of(StockMovement), {"q": words}))]

    assert found("sal-000007") == ["SAL-000007"]
    assert found("dress") == ["SAL-000007", "PO-000001"]
    assert found("shirt") == ["PO-000001"]
    assert found("SAL-0") == []


def test_a_movement_is_reversed_once_with_a_note(desk, dress, store, manager):
    done, [loss] = adjusting.adjust(
        location=store, reason="loss", lines=[adjusting.Correction(sku=dress, change=Decimal(-2))], by=manager
    )
    assert "Reverse" in desk.get(page_of(loss)).text
    assert f'href="{page_of(done)}"' in desk.get(page_of(loss)).text

    answer = press(desk, loss, "reverse", note="It was in the window.")

    assert "10 on hand now" in messages_on(answer)[0]
    opposite = StockMovement.objects.get(reverses=loss)
    assert (opposite.on_hand_change, opposite.note, opposite.recorded_by) == (2, "It was in the window.", manager)
    assert page_of(opposite) in desk.get(page_of(loss)).text
    assert page_of(loss) in desk.get(page_of(opposite)).text
    assert "not possible" in messages_on(press(desk, loss, "reverse", note=""))[0]
    assert StockMovement.objects.filter(reverses=loss).count() == 1


def test_what_a_document_did_is_not_reversed_by_hand(desk, dress, store, manager):
    [sold] = ledger.sell(location=store, lines=[line(dress, 1)], document="SAL-000007", by=manager)

    assert page_of(sold, "reverse") not in desk.get(page_of(sold)).text
    assert "not possible" in messages_on(press(desk, sold, "reverse", note=""))[0]
    assert level_of(dress, store).on_hand == 9


def test_a_reversal_that_would_leave_less_than_nothing_is_told(desk, dress, store, manager):
    receipt = StockMovement.objects.get(sku=dress)
    ledger.sell(location=store, lines=[line(dress, 1)], document="SAL-000007", by=manager)

    answer = press(desk, receipt, "reverse", note="")

    assert "1 of 1 line cannot be supplied" in answer.text
    assert level_of(dress, store).on_hand == 9


# ------------------------------------------------------------------------------------------------ adjusting


def test_ticked_levels_are_adjusted_by_differences_and_by_counts(desk, dress, shirt, store, manager):
    levels = [level_of(dress, store), level_of(shirt, store)]

    asked = tick(desk, levels)
    assert asked.context["form"].errors == {}
    assert [row["known"][2] for row in asked.context["form"].table()] == ["10", "4"]
    assert StockAdjustment.objects.count() == 0

    answer = tick(desk, levels, **answered(levels, note="Moths.", change_1="-2", counted_2="3"))

    adjustment = StockAdjustment.objects.get()
    assert messages_on(answer) == [f"2 levels: adjusted by {adjustment.number}."]
    assert (adjustment.reason, adjustment.note, adjustment.created_by) == ("loss", "Moths.", manager)
    assert (level_of(dress, store).on_hand, level_of(shirt, store).on_hand) == (8, 3)


def test_rows_left_empty_stay_as_they_are(desk, dress, shirt, store):
    levels = [level_of(dress, store), level_of(shirt, store)]

    tick(desk, levels, **answered(levels, change_2="-1"))

    assert (level_of(dress, store).on_hand, level_of(shirt, store).on_hand) == (10, 3)
    assert StockMovement.objects.filter(document__startswith="ADJ-").count() == 1


def test_every_place_has_an_adjustment_of_its_own_and_all_or_none_is_written(at_desk, owner, dress, store, hidden):
    desk, levels = at_desk(owner), [level_of(dress, store), hidden]

    refused = tick(desk, levels, **answered(levels, change_1="-1", change_2="-8"))
    assert list(refused.context["form"].errors) == [f"change_{hidden.pk}"]
    assert "7 on hand, 8 asked" in refused.text
    assert not StockAdjustment.objects.exists()
    assert level_of(dress, store).on_hand == 10

    tick(desk, levels, **answered(levels, change_1="-1", change_2="-7"))
    assert [(one.location, one.reason) for one in StockAdjustment.objects.order_by("location")] == [
        (store, "loss"),
        (hidden.location, "loss"),
    ]
    assert (level_of(dress, store).on_hand, level_of(dress, hidden.location).on_hand) == (9, 0)


@pytest.mark.parametrize(
    ("reason", "typed", "field", "told"),
    [
        ("loss", {"change_2": "-5"}, "change", "4 on hand, 5 asked"),
        ("loss", {"change_2": "2"}, "change", "makes it less, not more"),
        ("found", {"change_1": "1", "change_2": "-2"}, "change", "more than before, not less"),
        ("loss", {"counted_2": "9"}, "counted", "makes it less, not more"),
        ("loss", {"change_2": "0"}, "change", "A change of nothing"),
        ("loss", {"change_2": "-0.5"}, "change", "no fractions"),
        ("loss", {"change_2": "NaN"}, "change", "Enter a number"),
        ("loss", {"change_2": "-1000001"}, "change", "greater than or equal"),
        ("loss", {"counted_2": "-1"}, "counted", "greater than or equal to 0"),
        ("loss", {"change_2": "-1", "counted_2": "3"}, "counted", "not both"),
        ("sale", {"change_2": "-1"}, "reason", "Select a valid choice"),
    ],
)
def test_a_refusal_stands_on_its_row_and_changes_nothing(reason, typed, field, told, desk, dress, shirt, store):
    levels, before = [level_of(dress, store), level_of(shirt, store)], stock()

    answer = tick(desk, levels, **answered(levels, reason=reason, **typed))

    errors = answer.context["form"].errors
    assert list(errors) == [field if field == "reason" else f"{field}_{levels[1].pk}"]
    assert told in str(errors)
    assert "_selected_action" in answer.text
    assert stock() == before
    assert not StockAdjustment.objects.exists()


def test_an_answer_without_any_number_is_asked_again(desk, dress, store):
    answer = tick(desk, [level_of(dress, store)], **answered([level_of(dress, store)]))

    assert "Say of one row at least" in answer.text
    assert not StockAdjustment.objects.exists()


@pytest.mark.parametrize("typed", [{"change_1": "-2"}, {"counted_1": "8"}])
def test_the_same_page_sent_twice_adjusts_once(typed, desk, dress, store):
    levels = [level_of(dress, store)]
    sent = answered(levels, **typed)

    tick(desk, levels, **sent)
    again = tick(desk, levels, **sent)

    assert "The book says 8 by now, not 10" in again.text
    assert level_of(dress, store).on_hand == 8
    assert StockAdjustment.objects.count() == 1
    form = again.context["form"]
    assert form[f"seen_{levels[0].pk}"].value() == "8"  # whoever means it sends it once more
    assert {form[f"{name}_{levels[0].pk}"].value() for name in ("change", "counted")} == {""}


def test_one_level_is_adjusted_from_its_own_page(desk, dress, store):
    level = level_of(dress, store)
    assert page_of(level, "adjust") in desk.get(page_of(level)).text
    sent = answered([level], reason="found", change_1="2")
    del sent["answered"]

    answer = press(desk, level, "adjust", **sent)

    assert messages_on(answer) == [f"{level}: adjusted by {StockAdjustment.objects.get().number}."]
    assert level_of(dress, store).on_hand == 12


def test_whoever_lost_sight_of_a_ticked_row_by_a_filter_still_adjusts_it(desk, dress, store, manager):
    level = level_of(dress, store)
    ledger.reserve(location=store, lines=[line(dress, 1)], document="ORD-000001", by=manager)
    address = f"{list_of(StockLevel)}?stock=promised"
    ticked = {"action": "adjust_stock", "_selected_action": [level.pk], "select_across": "0"}
    assert desk.post(address, ticked).status_code == 200
    ledger.release(location=store, lines=[line(dress, 1)], document="ORD-000001", by=manager)

    desk.post(address, ticked | answered([level], change_1="-1"))

    assert level_of(dress, store).on_hand == 9


def test_another_places_level_is_not_adjusted_by_its_number(desk, dress, store, hidden):
    mine, before = level_of(dress, store), stock()

    answer = tick(desk, [hidden], **answered([hidden], change_1="-1"))
    assert messages_on(answer) == ["There is nothing to adjust."]
    assert desk.post(page_of(hidden, "adjust"), answered([hidden], change_1="-1")).status_code == 302
    assert stock() == before

    tick(desk, [mine, hidden], **answered([mine, hidden], change_1="-1", change_2="-1"))
    assert level_of(dress, store).on_hand == 9
    assert level_of(dress, hidden.location).on_hand == hidden.on_hand


def test_more_levels_than_a_page_holds_are_not_adjusted_at_once(desk, dress, shirt, store, monkeypatch):
    monkeypatch.setattr("inventory.admin.stock.MOST_ADJUSTED", 1)

    answer = tick(desk, [level_of(dress, store)], select_across="1")

    assert messages_on(answer) == ["At most 1 levels are adjusted at once."]


def test_all_rows_of_a_list_can_be_ticked(desk, dress, shirt, store):
    levels = [level_of(dress, store), level_of(shirt, store)]

    asked = tick(desk, levels[:1], select_across="1")

    assert asked.context["form"].lines == levels
    kept = dict.fromkeys(value for name, value in asked.context["kept"] if name == "_selected_action")
    assert list(kept) == [level.pk for level in levels]


def test_what_is_on_its_way_is_not_adjusted(at_desk, owner, dress, store, other_store):
    Location.objects.filter(kind="transit").exists() or LocationFactory(code="ROAD", kind="transit")
    ledger.ship(source=store, lines=[line(dress, 2)], document="TRF-000001", by=owner)
    on_road, desk = StockLevel.objects.get(location__kind="transit"), at_desk(owner)

    assert messages_on(tick(desk, [on_road])) == ["There is nothing to adjust."]
    assert "not possible" in messages_on(press(desk, on_road, "adjust", reason="loss"))[0]


def test_an_adjustment_shows_its_lines(desk, dress, store):
    level = level_of(dress, store)
    tick(desk, [level], **answered([level], note="Moths.", change_1="-2"))
    adjustment = StockAdjustment.objects.get()

    [row] = panels_on(desk.get(page_of(adjustment)))["Lines"]
    assert (row[1], row[4], row[6]) == ("DRS-RED-M", "\u22122", "8")
    for words in (adjustment.number, str(adjustment.pk), "moths"):
        assert listed(desk.get(list_of(StockAdjustment), {"q": words})) == [adjustment]
    assert listed(desk.get(list_of(StockAdjustment), {"q": "ADJ-999999"})) == []
    assert listed(desk.get(list_of(StockAdjustment), {"reason": "found"})) == []


# ------------------------------------------------------------------------------------------------ first stock


def test_first_stock_is_assigned_once(desk, dress, store, manager):
    coat = SkuFactory(code="COAT-M")
    assert reverse(FIRST_STOCK) in desk.get(list_of(StockLevel)).text
    assert desk.get(reverse(FIRST_STOCK)).status_code == 200
    sent = {"location": store.pk, "sku": coat.pk, "quantity": "3", "unit_cost": "55.00", "note": "From the attic."}

    answer = desk.post(reverse(FIRST_STOCK), sent, follow=True)

    adjustment = StockAdjustment.objects.get()
    assert messages_on(answer) == [f"COAT-M has its first stock in {store}: {adjustment.number}."]
    assert (level_of(coat, store).on_hand, level_of(coat, store).value) == (3, 165)
    assert (adjustment.reason, adjustment.created_by) == ("opening", manager)

    again = desk.post(reverse(FIRST_STOCK), sent)
    assert list(again.context["form"].errors) == ["sku"]
    assert level_of(coat, store).on_hand == 3


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"quantity": "0"}, "quantity"),
        ({"quantity": "1.5"}, "quantity"),
        ({"quantity": "-1"}, "quantity"),
        ({"unit_cost": ""}, "unit_cost"),
        ({"unit_cost": "-1"}, "unit_cost"),
        ({"sku": "abc"}, "sku"),
        ({"sku": "9" * 40}, "sku"),
        ({"location": "9" * 40}, "location"),
        ({"location": "hidden"}, "location"),
        ({"note": "bell\x07"}, "note"),
    ],
)
def test_first_stock_asked_for_wrongly_is_told_beside_its_field(wrong, field, desk, store, other_store):
    wrong = {name: other_store.pk if value == "hidden" else value for name, value in wrong.items()}
    sent = {"location": store.pk, "sku": SkuFactory().pk, "quantity": "3", "unit_cost": "55.00", "note": ""}

    answer = desk.post(reverse(FIRST_STOCK), sent | wrong)

    assert list(answer.context["form"].errors) == [field]
    assert not StockLevel.objects.exists()
    assert not StockAdjustment.objects.exists()


# ------------------------------------------------------------------------------------------------ files


def as_rows(answer):
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def file_button(desk, model, title, **asked):
    """The address of the list's button: it carries the list's own filters along."""
    shown = desk.get(list_of(model), asked).context["actions_list"]
    return next(button["path"] for button in shown if button["title"] == title)


@pytest.mark.parametrize("model", [StockLevel, StockMovement])
def test_a_file_holds_the_rows_of_the_list_in_its_order(model, desk, dress, shirt, hidden):
    for asked in ({}, {"q": "dress"}, {"o": "-1"}, {"o": "1"}):
        shown = listed(desk.get(list_of(model), asked))
        rows = as_rows(desk.get(file_button(desk, model, "CSV", **asked)))
        assert [int(row["id"]) for row in rows] == [row.pk for row in shown], asked
    assert {row["location_code"] for row in rows} == {"CENTRE"}


def test_a_file_holds_the_filtered_list_and_not_only_its_page(desk, dress, shirt, store, monkeypatch):
    for model in (StockLevel, StockMovement):
        monkeypatch.setattr(admin.site._registry[model], "list_per_page", 1)
    assert len(as_rows(desk.get(file_button(desk, StockLevel, "CSV", p="2")))) == 2

    rows = as_rows(desk.get(file_button(desk, StockLevel, "CSV", q="shirt", location=store.pk)))
    assert [(row["sku_code"], row["on_hand"], row["value"]) for row in rows] == [("SHIRT-M", "4.000", "60.00")]


@pytest.mark.parametrize("model", [StockLevel, StockMovement])
def test_a_spreadsheet_holds_what_the_csv_holds(model, desk, dress, shirt):
    answer = desk.get(file_button(desk, model, "XLSX"))

    header, *rows = load_workbook(io.BytesIO(answer.content))["Rows"].iter_rows(values_only=True)
    written = as_rows(desk.get(file_button(desk, model, "CSV")))
    assert list(header) == list(written[0])
    assert [str(row[0]) for row in rows] == [row["id"] for row in written]


def test_more_rows_than_a_spreadsheet_takes_are_told(desk, dress, shirt, monkeypatch):
    monkeypatch.setattr("boutique.api.renderers.MOST_SHEET_ROWS", 1)

    answer = desk.get(file_button(desk, StockLevel, "XLSX"), follow=True)

    assert "take it as CSV" in messages_on(answer)[0]


@pytest.mark.parametrize("query", ["p=9999", "sku=x", "business_date__gte=x", "o=99", "location=x", "e=1", "q=%27"])
def test_a_file_asked_for_wrongly_is_no_bug(query, desk, dress):
    for model in (StockLevel, StockMovement):
        name = f"admin:inventory_{model._meta.model_name}_csv"
        assert desk.get(f"{reverse(name)}?{query}").status_code in (200, 302, 400)


# ------------------------------------------------------------------------------------------------ who sees what


def test_a_manager_sees_nothing_of_other_places(desk, dress, store, other_store, hidden, owner):
    adjusting.adjust(
        location=other_store,
        reason="loss",
        lines=[adjusting.Correction(sku=dress, change=Decimal(-1))],
        by=owner,
    )
    for model in (StockLevel, StockMovement, StockAdjustment):
        elsewhere = model.objects.filter(location=other_store).last()
        name = f"admin:inventory_{model._meta.model_name}_changelist"
        for asked in ({}, {"q": "dress"}, {"location": other_store.pk}, {"q": "PO-000001"}):
            answer = desk.get(reverse(name), asked)
            assert {row.location for row in listed(answer)} <= {store}, (model, asked)
            assert "HARBOUR" not in answer.text
        assert desk.get(page_of(elsewhere)).status_code == 302, model
    assert desk.get(page_of(StockMovement.objects.filter(location=other_store).last(), "reverse")).status_code == 302


def test_rows_are_offered_by_number_only_where_the_caller_sees_them(desk, dress, store, hidden):
    asked = {"app_label": "inventory", "model_name": "stockmovement", "field_name": "reverses", "term": ""}

    offered = json.loads(desk.get(reverse("admin:autocomplete"), asked).content)["results"]

    mine = StockMovement.objects.filter(location=store).values_list("pk", flat=True)
    assert [int(one["id"]) for one in offered] == list(mine)


def test_the_owner_sees_all_places(at_desk, owner, dress, store, hidden):
    desk = at_desk(owner)

    assert {row.location_id for row in listed(desk.get(list_of(StockLevel)))} == {store.pk, hidden.location_id}
    assert len(as_rows(desk.get(file_button(desk, StockMovement, "CSV")))) == 2


@pytest.fixture
def without_cost(monkeypatch):
    """A house in which managers do not see costs."""
    monkeypatch.setitem(roles.PERMISSIONS, roles.Role.MANAGER, roles.PERMISSIONS["manager"] - {"inventory.view_cost"})


def test_costs_are_shown_to_those_alone_who_may_know_them(desk, dress, store, request):
    pages = [list_of(StockLevel), page_of(level_of(dress, store)), list_of(StockMovement)]
    pages.append(page_of(StockMovement.objects.get()))
    assert all("40.00" in desk.get(page).text for page in pages)

    request.getfixturevalue("without_cost")

    for page in pages:
        answer = desk.get(page)
        assert "DRS-RED-M" in answer.text
        assert not re.search(r"40\.00|400\.00", answer.text), page
    for model in (StockLevel, StockMovement):
        [row] = as_rows(desk.get(file_button(desk, model, "CSV")))
        assert {"average_cost", "value", "unit_cost", "value_change", "value_after"}.isdisjoint(row)


@pytest.mark.parametrize("model", [StockLevel, StockMovement, StockAdjustment])
def test_stock_is_only_looked_at_whatever_the_roles_say(model, at_desk, owner, dress, store, monkeypatch):
    adjusting.adjust(
        location=store, reason="loss", lines=[adjusting.Correction(sku=dress, change=Decimal(-1))], by=owner
    )
    monkeypatch.setattr(User, "has_perm", lambda *_asked: True)
    desk, before, row = at_desk(owner), list(model.objects.values()), model.objects.first()

    assert desk.get(page_of(row)).status_code == 200
    assert desk.post(page_of(row), {"on_hand": "99", "note": "rewritten"}).status_code == 403
    assert desk.post(page_of(row, "delete"), {"post": "yes"}).status_code == 403
    assert desk.post(reverse(f"admin:inventory_{model._meta.model_name}_add"), {}).status_code == 403
    desk.post(list_of(model), {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"})
    assert list(model.objects.values()) == before


def test_whoever_may_not_adjust_or_reverse_is_not_offered_it_and_refused(desk, dress, store, monkeypatch):
    kept = roles.PERMISSIONS["manager"] - {"inventory.adjust_stock", "inventory.reverse_stockmovement"}
    monkeypatch.setitem(roles.PERMISSIONS, roles.Role.MANAGER, kept)
    level, before = level_of(dress, store), stock()

    shown = desk.get(list_of(StockLevel))
    assert reverse(FIRST_STOCK) not in shown.text
    assert "adjust_stock" not in shown.text
    tick(desk, [level], **answered([level], change_1="-1"))
    assert desk.post(page_of(level, "adjust"), answered([level], change_1="-1")).status_code == 403
    assert desk.post(reverse(FIRST_STOCK), {}).status_code == 403
    assert desk.post(page_of(StockMovement.objects.get(), "reverse"), {"note": ""}).status_code == 403
    assert stock() == before


@pytest.mark.parametrize("who", ["clerk", "viewer", None])
def test_nobody_else_gets_in(who, request, client, dress, store):
    if who:
        client.force_login(request.getfixturevalue(who))
    level = level_of(dress, store)
    files = [reverse(f"admin:inventory_stocklevel_{kind}") for kind in ("csv", "xlsx")]
    for address in (list_of(StockLevel), page_of(level), page_of(level, "adjust"), reverse(FIRST_STOCK), *files):
        assert "/admin/login/" in client.get(address).url
    client.post(list_of(StockLevel), {"action": "adjust_stock"} | answered([level], change_1="-1"))
    assert level_of(dress, store).on_hand == 10


# ------------------------------------------------------------------------------------------------ cost and breakage


@pytest.mark.parametrize("model", [StockLevel, StockMovement, StockAdjustment])
def test_a_list_costs_the_same_however_long_it_is(model, desk, store, manager, django_assert_max_num_queries):
    def more(number):
        for _ in range(number):
            adjusting.assign(
                location=store,
                lines=[adjusting.Correction(sku=SkuFactory(), change=Decimal(2), unit_cost=Decimal(3))],
                by=UserFactory(),
            )

    desk.get(list_of(model))  # Django remembers some things from its first page on
    queries = []
    for number in (3, 47):
        more(number)
        with django_assert_max_num_queries(14) as counted:
            assert len(listed(desk.get(list_of(model)))) in (3, 50)
        queries.append(len(counted))
    assert queries[0] == queries[1]


def test_adjusting_costs_the_same_however_many_levels_are_ticked(desk, store, manager, django_assert_max_num_queries):
    queries = []
    for number in (2, 30):
        skus = [SkuFactory() for _ in range(number)]
        for sku in skus:
            received(sku, store, 5, by=manager)
        levels = [level_of(sku, store) for sku in skus]
        sent = answered(levels, **{f"change_{place}": "-1" for place in range(1, number + 1)})
        ticked = {"action": "adjust_stock", "_selected_action": [level.pk for level in levels], "select_across": "0"}
        with django_assert_max_num_queries(30) as counted:
            desk.post(list_of(StockLevel), ticked | sent)
        queries.append(len(counted))
    assert StockAdjustment.objects.count() == 2
    assert queries[0] == queries[1]


@pytest.mark.parametrize(("model", "paginator"), [(StockLevel, CappedPaginator), (StockMovement, LedgerPaginator)])
def test_a_long_list_is_counted_as_far_as_people_turn_pages(
    model, paginator, desk, store, manager, monkeypatch, django_assert_max_num_queries
):
    for _ in range(5):
        received(SkuFactory(), store, 1, by=manager)
    monkeypatch.setattr(paginator, "most", 3)
    monkeypatch.setattr(admin.site._registry[model], "list_per_page", 2)
    desk.get(list_of(model))

    with django_assert_max_num_queries(14) as counted:
        answer = desk.get(list_of(model))

    assert "more than 3" in answer.text
    assert "3 results" not in answer.text
    counts = [
        query["sql"]
        for query in counted
        if "COUNT(" in query["sql"] and f'FROM "{model._meta.db_table}"' in query["sql"]
    ]
    assert len(counts) == 1
    assert "LIMIT 4" in counts[0]
    assert desk.get(list_of(model), {"p": 9}).status_code == 302


QUERIES = [
    "q=Ad", "q=..", "q=%27%26%7C!%3A*()", "q=" + "a%20" * 90, "o=-1.2", "o=9", "o=-99", "p=x", "p=9999", "all=", "e=1",
    "location=x", "location=" + "9" * 40, "category=x", "kind=x", "stock=x", "reason=x", "sku=x", "sku=" + "9" * 40,
    "business_date__gte=x", "business_date__gte=2026-01-01", "created_at__gte=x", "recorded_by=1",
    "average_cost__gte=1", "value__gte=1", "sku__product__base_price=1", "document=ADJ-000001", "_popup=1",
    "_to_field=", "%00=1",
]  # fmt: skip


@pytest.mark.usefixtures("bare_desk")
@pytest.mark.parametrize("who", ["owner", "manager"])
@pytest.mark.parametrize("model", [StockLevel, StockMovement, StockAdjustment])
def test_no_page_of_stock_breaks(who, model, request, at_desk, store, manager):
    trap = SkuFactory(colour=TRAP[:40], product=ProductFactory(name=TRAP))
    adjusting.assign(
        location=store,
        lines=[adjusting.Correction(sku=trap, change=Decimal(2), unit_cost=Decimal(3))],
        note=TRAP,
        by=manager,
    )
    desk, row = at_desk(request.getfixturevalue(who)), model.objects.get()
    pages = [list_of(model), page_of(row)]
    pages += [page_of(row, name) for name in admin.site._registry[model].verbs]
    for address in pages:
        answer = desk.get(address)
        assert answer.status_code == 200, address
        assert TRAP not in answer.text
    assert TRAP not in tick(desk, [StockLevel.objects.get()]).text
    for query in QUERIES:
        assert desk.get(f"{list_of(model)}?{query}").status_code < 500, query


@pytest.mark.parametrize("pk", ["abc", "-1", "0", "9" * 40, "1.5", "²", ""])
def test_ticks_that_are_no_rows_are_no_bug(pk, desk, dress, store):
    level, before = level_of(dress, store), stock()
    ticked = {"action": "adjust_stock", "_selected_action": pk}

    for more in ({}, {"select_across": "x"}, {"index": "x"}, {"answered": "1", "select_across": "1"}, {"action": ""}):
        assert desk.post(list_of(StockLevel), ticked | answered([level], change_1="") | more).status_code < 500
    assert stock() == before


@pytest.mark.parametrize("seen", ["", "abc", "-1", "9" * 40])
def test_a_page_that_was_tampered_with_changes_nothing(seen, desk, dress, store):
    level, before = level_of(dress, store), stock()

    answer = tick(desk, [level], **answered([level], change_1="-1") | {f"seen_{level.pk}": seen})

    assert answer.status_code == 200
    assert answer.context["form"].errors
    assert stock() == before


# ------------------------------------------------------------------------------------------------ start page, sidebar


def test_the_start_page_counts_empty_shelves_and_short_promises_of_the_callers_places(
    desk, dress, shirt, store, hidden, owner, manager, monkeypatch
):
    def figures():
        shown = desk.get(reverse("admin:index")).context["figures"]
        return {figure["title"]: figure for figure in shown}

    assert "Empty shelves" not in figures()
    ledger.reserve(location=store, lines=[line(dress, 10)], document="ORD-000001", by=manager)
    adjusting.adjust(
        location=store,
        reason="loss",
        lines=[
            adjusting.Correction(sku=dress, change=Decimal(-1)),
            adjusting.Correction(sku=shirt, change=Decimal(-4)),
        ],
        by=manager,
    )
    ledger.sell(location=hidden.location, lines=[line(dress, 7)], document="SAL-000001", by=owner)

    assert figures()["Empty shelves"]["number"] == 1
    assert figures()["Short promises"]["number"] == 1
    assert codes(desk.get(figures()["Empty shelves"]["link"])) == ["SHIRT-M"]
    assert codes(desk.get(figures()["Short promises"]["link"])) == ["DRS-RED-M"]
    Sku.objects.filter(pk=shirt.pk).update(is_active=False)
    assert "Empty shelves" not in figures()
    monkeypatch.setattr("inventory.admin.stock.MOST_COUNTED", 0)
    assert figures()["Short promises"]["number"] == "0+"


def test_stock_has_a_shelf_of_its_own_between_the_catalogue_and_the_books(desk):
    shelves = {
        shelf["title"]: shelf["items"] for shelf in desk.get(reverse("admin:index")).context["sidebar_navigation"]
    }

    titles = [title for title in shelves if title]
    assert titles.index("Catalogue") + 1 == titles.index("Stock") < titles.index("Books")
    assert [item["title"] for item in shelves["Stock"]][:3] == ["Levels", "Ledger", "Adjustments"]
