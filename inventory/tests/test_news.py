"""Letters about alerts: to whom, once, whatever happens to the worker."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from io import StringIO

import pytest
import time_machine
from django.core.management import call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from accounts.models import User
from accounts.roles import Role
from accounts.tests.factories import LocationFactory, UserFactory
from boutique.tasks import Worker, enqueue_if_due
from inventory.models import Alert
from inventory.services import adjusting, alerts, ledger, news, thresholds
from inventory.tasks import SCHEDULE
from inventory.tests.factories import line, received
from skus.services import variants
from skus.tests.factories import ProductFactory, SkuFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def store():
    return LocationFactory(code="CENTRE")


@pytest.fixture
def owner():
    return UserFactory(username="owner", role=Role.ADMIN)


@pytest.fixture
def manager(store):
    return UserFactory(username="manager", role=Role.MANAGER, places=[store])


@pytest.fixture
def dress(store, owner):
    """Ten of them, and five are too few."""
    dress = SkuFactory(code="DRS-RED-M", product=ProductFactory(name="Dress"))
    with transaction.atomic():
        received(dress, store, 10)
    thresholds.add(sku=dress, location=store, threshold=Decimal(5), by=owner)
    return dress


def sell(sku, place, quantity, by):
    with transaction.atomic():
        ledger.sell(location=place, lines=[line(sku, quantity)], document="SALE-000001", by=by)


def recipients(mailoutbox):
    return sorted(address for letter in mailoutbox for address in letter.to)


def day_of(name):
    (job,) = [job for job in SCHEDULE if job.name == name]
    return job


# ------------------------------------------------------------------------------------------------ to whom


def test_the_managers_of_the_place_are_told(dress, store, manager, owner, mailoutbox):
    UserFactory(role=Role.STAFF, places=[store])
    UserFactory(role=Role.VIEWER, places=[store])
    UserFactory(role=Role.MANAGER, places=[store], status=User.Status.DISMISSED)
    UserFactory(role=Role.MANAGER, places=[LocationFactory()])

    sell(dress, store, 6, manager)
    Worker().run_due()

    (letter,) = mailoutbox
    assert letter.to == [manager.email]
    assert letter.subject == "1 new stock alert"
    assert "- Low stock: DRS-RED-M Dress, CENTRE Place CENTRE (4 available, threshold 5)" in letter.body


def test_where_nobody_receives_alerts_the_owners_are_told(dress, store, owner, mailoutbox):
    clerk = UserFactory(role=Role.STAFF, places=[store])
    partner = UserFactory(role=Role.ADMIN)
    sell(dress, store, 6, clerk)
    Worker().run_due()
    assert recipients(mailoutbox) == sorted([owner.email, partner.email])


def test_one_letter_tells_of_all_that_one_sale_opened_the_urgent_first(dress, store, manager, owner, mailoutbox):
    tie = SkuFactory(code="TIE", product=ProductFactory(name="Tie"))
    with transaction.atomic():
        received(tie, store, 3)
        thresholds.add(sku=tie, threshold=Decimal(1), by=owner)
    with transaction.atomic():
        lines = [line(dress, 6), line(tie, 3)]
        ledger.sell(location=store, lines=lines, document="SALE-000001", by=manager)
    Worker().run_due()

    (letter,) = mailoutbox
    assert letter.subject == "2 new stock alerts"
    assert letter.body.index("Out of stock: TIE") < letter.body.index("Low stock: DRS-RED-M")


def test_a_shortage_and_a_late_document_are_told_by_their_numbers(dress, store, manager, mailoutbox):
    with transaction.atomic():
        ledger.reserve(location=store, lines=[line(dress, 4)], document="ORD-000007", by=manager)
        lines = [adjusting.Correction(sku=dress, change=Decimal(-8))]
        adjusting.adjust(location=store, reason="loss", lines=lines, by=manager)
    alerts.overdue(document="ORD-000042", location=store)
    Worker().run_due()

    shortage, late = mailoutbox
    assert "Shortage: DRS-RED-M Dress, CENTRE Place CENTRE (-2 available)\n  Promised to: ORD-000007\n" in shortage.body
    assert "- Overdue: ORD-000042, CENTRE Place CENTRE\n" in late.body


def test_what_is_well_again_or_seen_to_before_the_letter_is_written_is_not_told(dress, store, manager, mailoutbox):
    sell(dress, store, 6, manager)
    with transaction.atomic():
        received(dress, store, 6)
    sell(dress, store, 6, manager)
    alerts.acknowledge(alert=Alert.objects.get(resolved_at=None), by=manager)
    Worker().run_due()
    assert mailoutbox == []


@pytest.mark.parametrize(("setting", "at_once", "daily"), [("now", 1, 1), ("daily", 0, 1), ("off", 0, 0)])
def test_the_shop_says_which_letters_it_wants(setting, at_once, daily, dress, store, manager, mailoutbox, settings):
    settings.BOUTIQUE_ALERT_MAIL = setting
    sell(dress, store, 6, manager)
    Worker().run_due()
    assert recipients(mailoutbox).count(manager.email) == at_once

    news.send_digest()
    Worker().run_due()
    assert recipients(mailoutbox).count(manager.email) == at_once + daily


def test_a_sale_that_is_rolled_back_tells_nobody(dress, store, manager, mailoutbox):
    with transaction.atomic():
        ledger.sell(location=store, lines=[line(dress, 6)], document="SALE-000001", by=manager)
        transaction.set_rollback(True)
    Worker().run_due()
    assert mailoutbox == []
    assert not Alert.objects.exists()


# ------------------------------------------------------------------------------------------------ once


class Killed(BaseException):
    pass


def die(*_args, **_changes):
    raise Killed


def run_again():
    """What a living worker does with the tasks of a dead one."""
    DBTaskResult.objects.filter(status=TaskResultStatus.RUNNING).update(status=TaskResultStatus.READY)
    Worker().run_due()


@pytest.mark.parametrize("moment", ["inventory.services.news.tell", "boutique.tasks.settle", "boutique.mail.written"])
def test_a_worker_killed_between_the_sale_and_the_letter_sends_it_once_after_all(
    moment, dress, store, manager, owner, mailoutbox, monkeypatch
):
    """Before it looks for the people; when the letters are noted but not the task; when one is about to be sent."""
    partner = UserFactory(role=Role.MANAGER, places=[store])
    sell(dress, store, 6, manager)
    with monkeypatch.context() as patch:
        patch.setattr(moment, die)
        with pytest.raises(Killed):
            Worker().run_due()
    assert mailoutbox == []

    run_again()
    run_again()

    assert recipients(mailoutbox) == sorted([manager.email, partner.email])


def test_a_finished_task_that_runs_again_sends_nothing_more(dress, store, manager, mailoutbox):
    sell(dress, store, 6, manager)
    Worker().run_due()
    DBTaskResult.objects.update(status=TaskResultStatus.READY)
    Worker().run_due()
    assert len(mailoutbox) == 1


# ------------------------------------------------------------------------------------------------ every morning


def test_the_digest_tells_each_of_what_is_open_in_their_places(dress, store, manager, owner, mailoutbox, settings):
    settings.BOUTIQUE_ALERT_MAIL = "daily"
    harbour = LocationFactory(code="HARBOUR")
    theirs = UserFactory(role=Role.MANAGER, places=[harbour])
    idle = UserFactory(role=Role.MANAGER, places=[LocationFactory()])
    sell(dress, store, 6, manager)
    alerts.overdue(document="ORD-000042", location=harbour)

    assert news.send_digest() == 3
    Worker().run_due()

    letters = {letter.to[0]: letter for letter in mailoutbox}
    assert letters.keys() == {manager.email, theirs.email, owner.email}
    assert idle.email not in letters
    assert letters[owner.email].subject == "2 open stock alerts"
    assert "DRS-RED-M" in letters[manager.email].body
    assert "ORD-000042" not in letters[manager.email].body


def test_the_digest_is_silent_about_what_is_seen_to_resolved_or_no_longer_sold(
    dress, store, manager, owner, mailoutbox, settings
):
    settings.BOUTIQUE_ALERT_MAIL = "daily"
    sell(dress, store, 6, manager)
    variants.archive_sku(sku=dress, by=owner)
    assert news.send_digest() == 0
    variants.restore_sku(sku=dress, by=owner)
    alerts.acknowledge(alert=Alert.objects.get(), by=manager)
    alerts.overdue(document="ORD-000042", location=store)
    alerts.no_longer_overdue(document="ORD-000042")

    assert news.send_digest() == 0


def test_there_is_one_digest_for_each_person_and_day(dress, store, manager, mailoutbox, settings):
    settings.BOUTIQUE_ALERT_MAIL, settings.BOUTIQUE_TIME_ZONE = "daily", "Asia/Kolkata"
    sell(dress, store, 6, manager)
    for moment, letters in (
        (datetime(2031, 3, 31, 18, 29, tzinfo=UTC), 1),
        (datetime(2031, 3, 31, 18, 29, 59, tzinfo=UTC), 1),
        (datetime(2031, 3, 31, 18, 30, tzinfo=UTC), 2),  # a new day over there
    ):
        with time_machine.travel(moment, tick=False):
            news.send_digest()
            Worker().run_due()
        assert recipients(mailoutbox).count(manager.email) == letters


def test_a_long_digest_ends_with_a_number(store, manager, owner, mailoutbox, monkeypatch):
    monkeypatch.setattr(news, "MOST_LINES", 2)
    for number in range(5):
        alerts.overdue(document=f"ORD-{number:06d}", location=store)
    DBTaskResult.objects.all().delete()
    news.send_digest()
    Worker().run_due()
    body = next(letter.body for letter in mailoutbox if letter.to == [manager.email])
    assert body.count("- Overdue") == 2
    assert "... and 3 more." in body


def test_a_digest_costs_as_many_statements_for_many_alerts_as_for_one(store, manager, owner, settings):
    settings.BOUTIQUE_ALERT_MAIL = "daily"

    def asked():
        with transaction.atomic(), CaptureQueriesContext(connection) as seen:
            assert news.send_digest() == 2
        DBTaskResult.objects.all().delete()
        return len(seen)

    alerts.overdue(document="ORD-000001", location=store)
    for_one = asked()
    for number in range(2, 30):
        alerts.overdue(document=f"ORD-{number:06d}", location=store)
    assert asked() == for_one


def test_the_worker_sends_the_digest_at_seven_and_looks_at_all_shelves_before(dress, store, manager, mailoutbox):
    sell(dress, store, 6, manager)
    Alert.objects.all().delete()  # as if somebody had got round the door
    DBTaskResult.objects.all().delete()
    now = timezone.now().replace(hour=6, minute=59)
    for job in SCHEDULE:
        enqueue_if_due(job, now)  # seen for the first time: it waits for its turn
    for moment in (now, now + timedelta(minutes=1), now + timedelta(minutes=2)):
        enqueue_if_due(day_of("inventory.send_digest"), moment)
    enqueue_if_due(day_of("inventory.judge_all"), now + timedelta(days=1))
    assert DBTaskResult.objects.count() == 2

    Worker().run_due()

    assert Alert.objects.get().kind == "low_stock"
    assert recipients(mailoutbox).count(manager.email) == 1


def test_the_command_sends_todays_digest_once(dress, store, manager, owner, mailoutbox):
    sell(dress, store, 6, manager)
    Alert.objects.all().delete()
    DBTaskResult.objects.all().delete()
    said = []
    for _time in range(2):
        out = StringIO()
        call_command("send_alerts", stdout=out)
        said.append(out.getvalue())
        Worker().run_due()

    assert said == [
        "1 shelves were judged wrongly; 2 people have open alerts in today's digest.\n",
        "0 shelves were judged wrongly; 2 people have open alerts in today's digest.\n",
    ]
    digests = [letter for letter in mailoutbox if letter.subject == "1 open stock alert"]
    assert recipients(digests) == sorted([manager.email, owner.email])


def test_who_may_is_asked_of_the_roles():
    people = {role: UserFactory(role=role) for role in Role}
    UserFactory(role=Role.ADMIN, status=User.Status.DISMISSED)
    found = User.objects.may("inventory.receive_alerts")
    assert set(found) == {people[Role.ADMIN], people[Role.MANAGER]}
    assert not User.objects.may("inventory.no_such_thing").exists()
