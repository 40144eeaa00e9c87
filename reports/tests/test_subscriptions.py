"""Reports by e-mail: once for each day, week or month; and only what their reader may see when it is sent."""

import re
from datetime import date
from types import SimpleNamespace

import pytest
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from accounts.services import people
from accounts.tests.factories import LocationFactory
from boutique import mail
from boutique.tasks import Worker
from reports.models import Subscription
from reports.models.subscriptions import last_ended
from reports.services import papers, subscriptions
from reports.tasks import SCHEDULE
from reports.tests.conftest import on, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def sales_each_day(store, manager):
    with on(2):
        return subscriptions.subscribe(report="sales", group_by="sku", frequency="daily", locations=[store], by=manager)


def send(day, hour=6):
    """The clock has come to this hour: how many were due."""
    with on(day, hour):
        sent = subscriptions.send_due()
        post_letters()
    return sent


def post_letters():
    """What a worker does with those that wait, without one: a worker needs a database that is really committed to."""
    for row in DBTaskResult.objects.filter(status=TaskResultStatus.READY):
        context = SimpleNamespace(task_result=SimpleNamespace(db_result=row))
        mail.deliver.func(context, *row.args_kwargs["args"], **row.args_kwargs["kwargs"])
        DBTaskResult.objects.filter(pk=row.pk).update(status=TaskResultStatus.SUCCESSFUL)


def only_paper(mailoutbox):
    (name, content, kind) = [file for letter in mailoutbox for file in letter.attachments][-1]
    return name, "\n".join(text_of(content)), kind


def test_yesterdays_sales_come_each_morning_as_pdf(week, sales_each_day, manager, mailoutbox):
    assert send(3) == 1

    (letter,) = mailoutbox
    assert letter.to == [manager.email]
    assert letter.subject == "Boutique: the report you asked for"
    assert "2026-03-02" in letter.body
    name, paper, kind = only_paper(mailoutbox)
    assert (name, kind) == ("sales-by-sku-2026-03-03.pdf", "application/pdf")
    assert "Days: 2026-03-02" in paper
    assert week.dress.code in paper
    assert "CENTRE" in paper


def test_a_task_that_runs_twice_sends_once(sales_each_day, mailoutbox):
    assert [send(3), send(3, hour=7)] == [1, 0]
    assert len(mailoutbox) == 1
    Subscription.objects.update(sent_until=date(2026, 3, 1))  # as if the worker had died before it noted that

    send(3, hour=8)

    assert len(mailoutbox) == 1
    assert send(4) == 1
    assert len(mailoutbox) == 2


@pytest.mark.django_db(transaction=True)
def test_a_worker_sends_what_the_clock_asks_for(sales_each_day, mailoutbox):
    (job,) = SCHEDULE
    with on(3):
        job.task.enqueue()
        Worker().run_due()
        Worker().run_due()

    assert [letter.attachments[0][0] for letter in mailoutbox] == ["sales-by-sku-2026-03-03.pdf"]


@pytest.mark.parametrize(
    ("frequency", "today", "days"),
    [
        ("daily", date(2026, 3, 1), (date(2026, 2, 28), date(2026, 2, 28))),
        ("weekly", date(2026, 3, 9), (date(2026, 3, 2), date(2026, 3, 8))),
        ("weekly", date(2026, 3, 8), (date(2026, 2, 23), date(2026, 3, 1))),
        ("monthly", date(2026, 3, 31), (date(2026, 2, 1), date(2026, 2, 28))),
        ("monthly", date(2026, 1, 1), (date(2025, 12, 1), date(2025, 12, 31))),
    ],
)
def test_what_has_ended(frequency, today, days):
    assert last_ended(frequency, today) == days


def test_a_week_that_was_missed_is_made_up_for_and_a_new_reader_gets_no_old_ones(manager, mailoutbox):
    with on(4):
        subscriptions.subscribe(report="stock_movements", frequency="weekly", by=manager)

    assert [send(5), send(8)] == [0, 0]
    assert [send(11), send(12), send(16)] == [1, 0, 1]
    assert "from 2026-03-09 to 2026-03-15" in mailoutbox[-1].body


def test_the_day_is_over_when_the_night_is_over_in_all_of_its_places(owner, mailoutbox):
    kolkata, honolulu = LocationFactory(timezone="Asia/Kolkata"), LocationFactory(timezone="Pacific/Honolulu")
    with on(2, hour=17):
        for places in ([kolkata], [kolkata, honolulu]):
            subscriptions.subscribe(report="sales", frequency="daily", locations=places, by=owner)

    assert [send(3, hour=hour) for hour in (0, 1)] == [0, 1]  # half past six in Kolkata
    assert [send(3, hour=hour) for hour in (15, 16)] == [0, 1]  # six in Honolulu


def test_each_day_that_was_missed_is_made_up_for_in_order_and_of_many_the_last_seven(sales_each_day, mailoutbox):
    assert send(5) == 3
    assert [re.findall(r"to (2026-03-..)", letter.body) for letter in mailoutbox] == [
        ["2026-03-02"], ["2026-03-03"], ["2026-03-04"],
    ]  # fmt: skip

    assert send(25) == subscriptions.MADE_UP_FOR == 7
    assert "from 2026-03-18" in mailoutbox[3].body
    assert send(25, hour=7) == 0


def test_an_edit_that_leaves_the_rhythm_alone_loses_no_letter(sales_each_day, manager):
    with on(4):
        same = subscriptions.change(
            subscription=sales_each_day, by=manager, frequency="daily", is_active=True, group_by="product"
        )
        kept = same.sent_until
        paused = subscriptions.change(subscription=same, by=manager, is_active=False)

    assert (kept, paused.sent_until) == (date(2026, 3, 1), date(2026, 3, 3))


def test_a_report_that_is_too_long_for_paper_comes_as_a_letter_that_says_so(
    week, sales_each_day, mailoutbox, monkeypatch
):
    monkeypatch.setattr(papers, "MOST_ROWS", 1)

    send(3)

    (letter,) = mailoutbox
    assert letter.attachments == []
    assert "more than 1 rows" in letter.body
    assert "choose fewer places" in letter.body
    assert "/api/v1/reports/sales/?after=2026-03-02&before=2026-03-02&format=xlsx" in letter.body


def dismissed(manager, owner, other_store):
    people.dismiss(person=manager, reason="Left", by=owner)


def moved_away(manager, owner, other_store):
    people.change(person=manager, locations=[other_store], by=owner)


def demoted(manager, owner, other_store):
    people.demote(person=manager, role="staff", by=owner)


@pytest.mark.parametrize("what_happens", [dismissed, moved_away, demoted])
def test_whoever_may_no_longer_see_it_gets_nothing(
    week, sales_each_day, manager, owner, other_store, mailoutbox, what_happens
):
    with on(3, hour=6):
        subscriptions.send_due()  # the letter waits for a worker
        what_happens(manager, owner, other_store)
        waiting = DBTaskResult.objects.filter(args_kwargs__args__0="reports/report").count()
        post_letters()

    assert waiting == 1
    assert not [letter for letter in mailoutbox if letter.attachments]


def test_without_chosen_places_it_is_of_all_that_are_theirs_by_then(week, manager, owner, other_store, mailoutbox):
    with on(2):
        subscriptions.subscribe(report="inventory_valuation", frequency="daily", by=manager)
    people.change(person=manager, locations=[other_store], by=owner)

    send(5)

    _name, paper, _kind = only_paper(mailoutbox)
    assert "HARBOUR" in paper
    assert "CENTRE" not in paper


def test_everybody_keeps_their_own(as_, manager, owner, store, other_store):
    mine, others = as_(manager), as_(owner)
    body = {"report": "sales", "frequency": "weekly", "group_by": "product", "locations": [store.pk]}

    made = mine.post("report-subscriptions/", body)
    address = f"report-subscriptions/{made.json()['id']}/"

    assert (made.status_code, made.json()["locations"]) == (201, [store.pk])
    assert others.get(address).status_code == 404
    assert others.get("report-subscriptions/").json()["results"] == []
    changed = mine.patch(address, {"frequency": "monthly", "locations": []})
    assert (changed.json()["frequency"], changed.json()["locations"]) == ("monthly", [])
    stale = mine.patch(address, {"is_active": False}, HTTP_IF_MATCH=made.headers["ETag"])
    assert (stale.status_code, stale.json()["code"]) == (412, "stale")
    assert mine.delete(address).status_code == 204
    assert Subscription.objects.count() == 0


def test_what_cannot_be_sent_is_not_taken(as_, manager, other_store, monkeypatch):
    client = as_(manager)
    for body, field in (
        ({"report": "gossip"}, "report"),
        ({"frequency": "hourly"}, "frequency"),
        ({"group_by": "weather"}, "group_by"),
        ({"report": "stock_movements", "group_by": "day"}, "group_by"),
        ({"locations": [other_store.pk]}, "locations.0"),
        ({"sent_until": "2026-01-01"}, "sent_until"),
        ({"user": 1}, "user"),
    ):
        refused = client.post("report-subscriptions/", {"report": "sales", "frequency": "daily"} | body)
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (400, field), refused.content
    monkeypatch.setattr(subscriptions, "MOST", 0)
    refused = client.post("report-subscriptions/", {"report": "sales", "frequency": "daily"})
    assert (refused.status_code, refused.json()["code"]) == (409, "too_many")
    assert Subscription.objects.count() == 0


def test_a_report_is_ordered_changed_and_given_up_at_the_desk(at_desk, manager, store):
    desk = at_desk(manager)
    page = "/admin/reports/subscription/"
    words = {
        "report": "sales",
        "group_by": "product",
        "frequency": "weekly",
        "locations": [store.pk],
        "is_active": "on",
    }

    made = desk.post(f"{page}add/", words | {"seen": ""})
    subscription = Subscription.objects.get()
    kept = subscription.user, list(subscription.locations.all())
    listed = desk.get(page)
    wrong = desk.post(f"{page}add/", words | {"group_by": "weather", "seen": ""})
    gone = desk.post(f"{page}{subscription.pk}/delete/", {"post": "yes"})

    assert made.status_code == 302
    assert kept == (manager, [store])
    assert b"CENTRE" in listed.content
    assert b"This report can be asked by" in wrong.content
    assert gone.status_code == 302
    assert Subscription.objects.count() == 0
