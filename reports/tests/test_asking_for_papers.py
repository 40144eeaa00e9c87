"""Who may ask for which report, of which places; and what is refused."""

import pytest
from django.db import connection

from accounts.roles import PERMISSIONS, Role
from reports.services import papers, seats
from reports.tests.conftest import lines_of
from reports.views import papers as views
from tests.threads import at_once

pytestmark = pytest.mark.django_db

EACH = ["stock-movements", "inventory-valuation", "sales", "sell-through", "size-curves", "alterations"]
MARCH = {"after": "2026-03-01", "before": "2026-03-31"}
OF_MARCH = {
    "stock-movements": {"period": "monthly", "date": "2026-03-15"},
    "inventory-valuation": {"as_of": "2026-03-31"},
    "sales": {"group_by": "sku", **MARCH},
    "sell-through": {"group_by": "sku", **MARCH},
    "size-curves": MARCH,
    "alterations": MARCH,
}


def cells_of(book):
    return [list(sheet.values) for sheet in book]


def test_a_manager_is_told_of_their_own_places_in_every_form(week, manager, owner, store, other_store, in_every_form):
    for report in ("stock-movements", "inventory-valuation"):
        own = in_every_form(manager, report, **OF_MARCH[report])
        whole = in_every_form(owner, report, **OF_MARCH[report])
        there = in_every_form(owner, report, location=str(other_store.pk), **OF_MARCH[report])

        assert {row["location_code"] for row in own.shown["rows"]} == {"CENTRE"}
        assert {row["location_code"] for row in whole.shown["rows"]} == {"CENTRE", "HARBOUR"}
        assert {row["location_code"] for row in there.shown["rows"]} == {"HARBOUR"}
        assert "HARBOUR" in str([whole.csv, whole.paper])
        assert "HARBOUR" not in str(
            [own.csv, own.paper, list(own.book["Rows"].values), list(own.book["Summary"].values)]
        )
        assert (len(own.csv), len(whole.csv)) == (3, 4)
    sales = in_every_form(manager, "sales", **OF_MARCH["sales"])
    assert sales.shown["totals"]["units"] == "2.000"  # of three: one was sold elsewhere


def test_another_place_and_none_at_all_are_not_there(manager, store, other_store, ask):
    for report in EACH:
        answers = [
            ask(manager, report, location=text) for text in (other_store.pk, 10**9, f"{store.pk},{other_store.pk}")
        ]

        assert [(one.status_code, one.json()["code"]) for one in answers] == [(404, "not_found")] * 3, report
        assert ask(manager, report, location=store.pk).status_code == 200


def test_costs_and_margins_vanish_for_whoever_may_not_see_them(week, manager, in_every_form, monkeypatch):
    asked = {report: OF_MARCH[report] for report in ("inventory-valuation", "sales")}
    shown = [in_every_form(manager, report, **how) for report, how in asked.items()]
    without = PERMISSIONS[Role.MANAGER] - {"inventory.view_cost"}
    monkeypatch.setitem(PERMISSIONS, Role.MANAGER, without)

    for before, (report, how) in zip(shown, asked.items(), strict=True):
        after = in_every_form(manager, report, **how)
        secret = {"average_cost", "value", "cost", "margin", "margin_percent"}
        assert secret & before.shown["rows"][0].keys()
        assert not secret & after.shown["rows"][0].keys()
        assert not secret & after.shown["totals"].keys()
        assert not secret & set(after.csv[0])
        assert "40.01" in str([before.csv, before.paper, before.shown])
        for said in (after.csv, after.paper, after.shown, cells_of(after.book)):
            assert "40.01" not in str(said)
            assert "359.99" not in str(said)


def test_only_whoever_runs_a_shop_takes_reports(owner, manager, clerk, viewer, ask):
    for report in EACH:
        assert [ask(person, report).status_code for person in (owner, manager, clerk, viewer)] == [200, 200, 403, 403]
    assert ask(clerk, "sales", format="pdf").status_code == 403


@pytest.mark.parametrize(
    ("report", "asked", "field"),
    [
        ("stock-movements", {"period": "yearly"}, "period"),
        ("stock-movements", {"date": "yesterday"}, "date"),
        ("stock-movements", {"date": "1999-12-31"}, "date"),
        ("stock-movements", {"after": "2026-03-02", "before": "2026-03-01"}, "after"),
        ("stock-movements", {"after": "2001-01-01", "before": "2026-03-01"}, "after"),
        ("stock-movements", {"after": "2026-03-01", "period": "daily"}, "period"),
        ("inventory-valuation", {"as_of": "2026-02-30"}, "as_of"),
        ("inventory-valuation", {"as_of": "9999-12-31"}, "as_of"),
        ("inventory-valuation", {"after": "2026-03-02", "before": "2026-03-01"}, "after"),
        ("inventory-valuation", {"after": "2026-03-02", "as_of": "2026-03-01"}, "after"),
        ("sales", {"after": "2026-03-02", "before": "2026-03-01"}, "after"),
        ("sales", {"after": "2016-03-01", "before": "2026-02-01"}, "after"),  # ten years by day
        ("sales", {"after": "2001-03-01", "before": "2026-02-01", "group_by": "month"}, "after"),
        ("sales", {"group_by": "weather"}, "group_by"),
        ("sales", {"group_by": ""}, "group_by"),
        ("sales", {"location": "all"}, "location"),
        ("sales", {"category": "dresses"}, "category"),
        ("sales", {"category": "999999999"}, "category"),
        ("sales", {"colour": "red"}, "colour"),
        ("sell-through", {"group_by": "person"}, "group_by"),
        ("size-curves", {"group_by": "sku"}, "group_by"),
        ("alterations", {"group_by": "product"}, "group_by"),
        ("alterations", {"category": "1"}, "category"),
    ],
)
def test_a_wrong_question_is_told_what_is_wrong(owner, ask, report, asked, field):
    for form in ("json", "pdf"):
        refused = ask(owner, report, format=form, **asked)

        assert refused.status_code == 400, refused.content
        assert refused.headers["Content-Type"].startswith("application/problem+json")
        assert [error["field"] for error in refused.json()["errors"]] == [field]


def test_an_unknown_form_is_refused(owner, ask):
    refused = ask(owner, "sales", format="docx")

    assert (refused.status_code, refused.headers["Content-Type"]) == (406, "application/problem+json")


def test_ten_years_by_month_are_no_trouble(week, owner, ask):
    shown = ask(owner, "sales", after="2017-01-01", before="2026-12-31", group_by="month").json()

    assert [row["month"] for row in shown["rows"]] == ["2026-03"]


def test_a_report_says_what_it_is_of_and_who_made_it(week, manager, store, in_every_form):
    report = in_every_form(manager, "sales", group_by="day", location=str(store.pk), **MARCH)

    assert report.shown["filters"] == {
        "location": [store.pk], "location_codes": ["CENTRE"], "after": "2026-03-01", "before": "2026-03-31",
        "category": None, "group_by": "day", "period": None, "as_of": None,
    }  # fmt: skip
    (page,) = report.paper
    lines = lines_of([page])
    assert lines[:2] == ["Boutique", "Sales by day"]
    assert "Days: 2026-03-01 to 2026-03-31" in lines[2]
    assert f"Places: {store}" in lines[2]
    assert "Amounts in: EUR" in lines[2]
    assert f"by {manager}" in page
    assert "Page 1 of 1" in page


def test_more_rows_than_a_report_holds_are_refused_in_every_form(week, owner, ask, monkeypatch):
    monkeypatch.setattr(papers, "MOST_ROWS", 1)
    monkeypatch.setattr(papers, "MOST_SHEET_ROWS", 2)
    for form in ("json", "csv", "xlsx", "pdf"):
        refused = ask(owner, "inventory-valuation", as_of="2026-03-31", format=form)

        assert (refused.status_code, refused.json()["code"]) == (400, "too_many_rows")
        assert "fewer places" in refused.json()["detail"]


def test_a_report_asks_as_often_for_many_rows_as_for_few(week, owner, as_, django_assert_num_queries):
    client = as_(owner)
    for report in EACH:
        with django_assert_num_queries(3):  # the session, the places, the report
            assert client.get(f"reports/{report}/", OF_MARCH[report]).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_one_person_has_two_papers_made_at_once(owner, manager, ask):
    try:
        assert [seats.is_free(owner, seat) for seat in range(seats.SEATS)] == [True, True]
        (refused, other), *_ = at_once(lambda: [ask(person, "sales", format="pdf") for person in (owner, manager)])
    finally:
        for seat in range(seats.SEATS):
            seats.give_back(owner, seat)

    assert (refused.status_code, refused.json()["code"], refused.headers["Retry-After"]) == (429, "throttled", "2")
    assert other.status_code == 200
    (after, *_), *_ = at_once(lambda: [ask(owner, "sales", format="pdf")])
    assert after.status_code == 200


@pytest.mark.django_db(transaction=True)
def test_no_transaction_waits_while_a_paper_is_drawn(owner, ask, monkeypatch):
    draw, open_while = views.as_file, []

    def drawn(*what):
        open_while.append(connection.in_atomic_block)
        return draw(*what)

    monkeypatch.setattr(views, "as_file", drawn)

    assert ask(owner, "sales", format="pdf").status_code == 200
    assert open_while == [False]
