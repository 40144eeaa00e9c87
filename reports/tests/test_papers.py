"""Reports say the same as JSON, as spreadsheet and on paper, and what the ledger says."""

from decimal import Decimal

import pytest

from accounts.tests.factories import LocationFactory
from inventory.models import StockMovement
from inventory.tests.factories import received
from orders.tests.factories import goods, on_shelf, sold
from reports.tests.conftest import lines_of, on
from skus.models import Category, Sku
from skus.sizes import worn_order
from skus.tests.factories import SkuFactory

pytestmark = pytest.mark.django_db


def figures(rows, *names):
    return [tuple(row[name] for name in names) for row in rows]


# ------------------------------------------------------------------------------------------------ stock


def test_opening_and_what_came_less_what_went_is_closing_in_every_form(week, manager, in_every_form):
    report = in_every_form(manager, "stock-movements", period="daily", date="2026-03-03")

    shown = report.shown
    dress, scarf = week.dress.code, week.scarf.code
    wanted = {
        dress: ["8.000", "1.000", "1.000", "8.000"],
        scarf: ["4.000", "0.000", "0.000", "4.000"],
    }
    names = ["opening", "in", "out", "closing"]
    assert {row["sku_code"]: [row[name] for name in names] for row in shown["rows"]} == wanted
    assert list(shown["totals"].values()) == ["12.000", "1.000", "1.000", "12.000"]
    assert [shown["title"], shown["filters"]["after"], shown["filters"]["before"]] == [
        "Stock movements", "2026-03-03", "2026-03-03",
    ]  # fmt: skip
    header, *cells = report.csv
    of_csv = [dict(zip(header, row, strict=True)) for row in cells]
    assert {row["sku_code"]: [row[name] for name in names] for row in of_csv} == wanted
    header, *cells = report.book["Rows"].iter_rows(values_only=True)
    of_sheet = [dict(zip(header, row, strict=True)) for row in cells]
    as_numbers = {code: [Decimal(text) for text in texts] for code, texts in wanted.items()}
    assert {row["sku_code"]: [Decimal(str(row[name])) for name in names] for row in of_sheet} == as_numbers
    on_paper = [line.split() for line in lines_of(report.paper)]
    printed = {words[0]: words[-4:] for words in on_paper if words and words[0] in wanted}
    assert printed == wanted
    assert ["Total", *shown["totals"].values()] in on_paper
    for opening, came, went, closing in as_numbers.values():
        assert opening + came - went == closing


def test_a_week_begins_on_monday_and_a_month_on_its_first(week, manager, ask):
    def whole(**asked):
        shown = ask(manager, "stock-movements", **asked).json()
        return shown["filters"]["after"], shown["filters"]["before"], *shown["totals"].values()

    assert whole(period="weekly", date="2026-03-08") == (
        "2026-03-02", "2026-03-08", "15.000", "1.000", "4.000", "12.000",
    )  # fmt: skip
    assert whole(period="monthly", date="2026-03-15") == (
        "2026-03-01", "2026-03-31", "0.000", "16.000", "4.000", "12.000",
    )  # fmt: skip
    assert whole(after="2026-03-02", before="2026-03-02")[2:] == ("15.000", "0.000", "3.000", "12.000")
    assert whole(period="monthly", date="2026-02-11")[1:] == ("2026-02-28", "0.000", "0.000", "0.000", "0.000")


def test_a_day_ends_by_the_clock_of_each_place(week, owner, ask):
    kolkata = LocationFactory(timezone="Asia/Kolkata")
    with on(10, hour=19):  # half past midnight there
        received(week.dress, kolkata, 3, by=owner)

    def came(day):
        return ask(owner, "stock-movements", date=day, location=kolkata.pk).json()["totals"]["in"]

    assert [Decimal(came(day)) for day in ("2026-03-10", "2026-03-11")] == [0, 3]


def test_the_value_of_any_day_is_what_the_ledger_adds_up_to(week, owner, in_every_form, ask):
    for day in (1, 2, 3, 4, 20):
        report = ask(owner, "inventory-valuation", as_of=f"2026-03-{day:02}").json()
        until = StockMovement.objects.filter(recorded_at__date__lte=f"2026-03-{day:02}")
        booked = sum(value for (value,) in until.values_list("value_change"))
        pieces = sum(value for (value,) in until.values_list("on_hand_change"))
        assert Decimal(report["totals"]["value"]) == booked == sum(Decimal(row["value"]) for row in report["rows"])
        assert Decimal(report["totals"]["on_hand"]) == pieces

    report = in_every_form(owner, "inventory-valuation", as_of="2026-03-04")
    total = report.shown["totals"]["value"]
    assert total == "483.04"  # 8 dresses at 40.01 and 3 at 41.00, 4 scarves at 9.99
    header, *cells = report.csv
    assert sum(Decimal(row[header.index("value")]) for row in cells) == Decimal(total)
    header, *cells = report.book["Rows"].iter_rows(values_only=True)
    assert round(sum(row[header.index("value")] for row in cells), 2) == float(total)
    assert any(line.split()[:1] == ["Total"] and line.split()[-1] == total for line in lines_of(report.paper))


def test_a_category_narrows_down_what_is_reported(week, owner, ask):
    for report, asked in (
        ("stock-movements", {"period": "monthly", "date": "2026-03-01"}),
        ("inventory-valuation", {"as_of": "2026-03-09"}),
        ("sales", {"after": "2026-03-01", "before": "2026-03-09", "group_by": "sku"}),
        ("sell-through", {"after": "2026-03-01", "before": "2026-03-09", "group_by": "sku"}),
    ):
        shown = ask(owner, report, category=week.evening.pk, **asked).json()
        assert {row["sku_code"] for row in shown["rows"]} == {week.dress.code}
    above = week.evening.parent = Category.objects.create(name="Women", slug="women")
    week.evening.save()
    shown = ask(owner, "inventory-valuation", category=f"{above.pk},{week.evening.pk}").json()
    assert shown["filters"]["category"] == sorted([above.pk, week.evening.pk])
    assert {row["sku_code"] for row in shown["rows"]} == {week.dress.code}


def test_a_report_of_a_category_says_so_on_paper_and_in_its_summary(week, owner, in_every_form):
    Category.objects.create(name="Gowns", slug="gowns", parent=week.evening)

    report = in_every_form(owner, "inventory-valuation", as_of="2026-03-09", category=week.evening.pk)

    assert any("Categories: Evening" in line and "Gowns" not in line for line in lines_of(report.paper))
    assert "Categories" in str(list(report.book["Summary"].values))
    assert not any("Categories" in line for line in lines_of(in_every_form(owner, "sales").paper))


def test_a_valuation_is_asked_as_every_report_is(week, owner, ask):
    by_before = ask(owner, "inventory-valuation", after="2026-03-01", before="2026-03-03").json()

    assert by_before["totals"] == ask(owner, "inventory-valuation", as_of="2026-03-03").json()["totals"]
    assert by_before["filters"]["as_of"] == "2026-03-03"
    both = ask(owner, "inventory-valuation", before="2026-03-04", as_of="2026-03-03").json()
    assert both["totals"] == by_before["totals"]


def test_the_clock_of_a_place_stays_once_it_says_when_something_happened(week, owner, store, as_):
    client, settled = as_(owner), store.timezone
    new = LocationFactory()

    refused = client.patch(f"locations/{store.pk}/", {"timezone": "Asia/Kolkata"})
    same = client.patch(f"locations/{store.pk}/", {"timezone": settled, "name": "The Centre"})
    free = client.patch(f"locations/{new.pk}/", {"timezone": "Asia/Kolkata"})

    assert (refused.status_code, refused.json()["code"]) == (409, "in_use")
    assert refused.json()["errors"][0]["field"] == "timezone"
    assert (same.status_code, free.status_code) == (200, 200)
    store.refresh_from_db()
    assert store.timezone == settled


# ------------------------------------------------------------------------------------------------ sales

MARCH = {"after": "2026-03-01", "before": "2026-03-31"}
FIGURES = ("sales_count", "returns_count", "units", "net", "tax", "total", "cost", "margin")


def test_sales_less_returns_come_to_the_same_however_they_are_asked_for(week, owner, ask):
    by = {}
    for group in ("day", "week", "month", "product", "sku", "category", "size", "colour", "person", "location"):
        by[group] = ask(owner, "sales", group_by=group, **MARCH).json()
        totals = figures([by[group]["totals"]], *FIGURES)
        assert totals == [(3, 1, "3.000", "230.00", "40.00", "270.00", "91.00", "139.00")], group
        for name in FIGURES[2:]:
            assert sum(Decimal(row[name]) for row in by[group]["rows"]) == Decimal(by[group]["totals"][name])

    assert figures(by["day"]["rows"], "day", *FIGURES) == [
        ("2026-03-02", 2, 0, "3.000", "230.00", "40.00", "270.00", "90.01", "139.99"),
        ("2026-03-03", 0, 1, "-1.000", "-100.00", "-20.00", "-120.00", "-40.01", "-59.99"),
        ("2026-03-04", 1, 0, "1.000", "100.00", "20.00", "120.00", "41.00", "59.00"),
    ]
    assert figures(by["product"]["rows"], "product_name", "units", "net", "margin_percent") == [
        ("Silk dress", "2.000", "200.00", "59.5"), ("=Scarf", "1.000", "30.00", "66.7"),
    ]  # fmt: skip
    # What comes back counts against whoever sold it.
    people_of = {row["person_name"]: row["units"] for row in by["person"]["rows"]}
    assert sorted(people_of.values()) == ["1.000", "1.000", "1.000"]
    assert figures(by["month"]["rows"], "month") == [("2026-03",)]
    assert figures(by["week"]["rows"], "week") == [("2026-03-02",)]


def test_what_was_paid_with_what(week, owner, ask, in_every_form):
    report = in_every_form(owner, "sales", group_by="tender", **MARCH)

    shown = {row["tender"]: (row["received"], row["refunded"], row["total"]) for row in report.shown["rows"]}
    assert shown == {"cash": ("250.00", "0.00", "250.00"), "card": ("140.00", "120.00", "20.00")}
    assert report.shown["totals"]["total"] == ask(owner, "sales", **MARCH).json()["totals"]["total"] == "270.00"
    assert any(line.split() == ["Total", "3", "1", "390.00", "120.00", "270.00"] for line in lines_of(report.paper))
    assert ask(owner, "sales", group_by="tender", category=week.evening.pk).status_code == 400


def test_a_name_that_would_compute_is_harmless_in_a_spreadsheet(week, manager, in_every_form):
    report = in_every_form(manager, "sales", group_by="product", **MARCH)

    header, *cells = report.csv
    assert {row[header.index("product_name")] for row in cells} == {"Silk dress", "'=Scarf"}
    header, *cells = report.book["Rows"].iter_rows()
    names = {one.value: one for row in cells for one in row if one.value in ("=Scarf", "Silk dress")}
    assert names["=Scarf"].data_type == "s"
    assert any("=Scarf" in line for line in lines_of(report.paper))


def test_what_came_and_what_sold_of_it(week, owner, ask):
    by_sku = ask(owner, "sell-through", group_by="sku", **MARCH).json()
    names = ("sku_code", "opening", "received", "sold", "adjusted", "closing", "sell_through")
    assert figures(by_sku["rows"], *names) == [
        (week.dress.code, "0.000", "14.000", "2.000", "-1.000", "11.000", "14.3"),
        (week.scarf.code, "0.000", "5.000", "1.000", "0.000", "4.000", "20.0"),
    ]
    for group in ("product", "category", "brand", "collection"):
        shown = ask(owner, "sell-through", group_by=group, **MARCH).json()
        assert shown["totals"] == by_sku["totals"]


def test_sizes_stand_in_the_order_in_which_they_are_worn(store, owner, ask):
    large = on_shelf(store, price="100.00", by=owner)
    Sku.objects.filter(pk=large.pk).update(size="L", size_order=worn_order("L"))
    small = SkuFactory(product=large.product, size="S", size_order=worn_order("S"))
    received(small, store, 10, by=owner)
    sold(store, goods(small, 3), by=owner)

    shown = ask(owner, "size-curves", group_by="product").json()

    assert figures(shown["rows"], "size", "sold", "share", "on_hand", "on_hand_share") == [
        ("S", "3.000", "100.0", "7.000", "41.2"), ("L", "0.000", "0.0", "10.000", "58.8"),
    ]  # fmt: skip
