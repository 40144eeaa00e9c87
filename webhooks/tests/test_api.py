"""The routes and the pages of webhooks."""

from datetime import timedelta
from io import StringIO
from types import SimpleNamespace

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.tests.factories import LocationFactory
from boutique import backups
from boutique.idempotency import IdempotencyKey
from webhooks.models import Event, Webhook, WebhookDelivery
from webhooks.services import sending, subscribing
from webhooks.tests.factories import WebhookDeliveryFactory, WebhookFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def wanted(receiver, store):
    return {"url": receiver.url, "events": ["sale.returned", "sale.completed"], "locations": [store.pk], "note": "Till"}


def test_a_webhook_is_made_shown_changed_and_removed(as_, owner, wanted, store):
    client = as_(owner)
    answer = client.post("webhooks/", wanted)
    made = answer.json()
    assert answer.status_code == 201
    assert made["secret"].startswith("whsec_")
    assert made["events"] == ["sale.completed", "sale.returned"]
    assert (made["locations"], made["is_active"], made["created_by"]) == ([store.pk], True, owner.pk)
    address = f"webhooks/{made['id']}/"
    assert answer["Location"].endswith(address)

    shown = client.get(f"{address}?expand=locations").json()
    assert "secret" not in shown
    assert shown["locations"][0]["code"] == "CENTRE"
    (listed,) = client.get("webhooks/?is_active=true&search=till").json()["results"]
    assert "secret" not in listed

    changed = client.patch(address, {"events": ["stock.changed"], "locations": [], "is_active": False}).json()
    assert (changed["events"], changed["locations"], changed["is_active"]) == (["stock.changed"], [], False)
    assert (changed["url"], "secret" in changed) == (wanted["url"], False)

    Webhook.objects.update(failures=9, failing_since=timezone.now(), rests_until=timezone.now())
    moved = client.patch(address, {"url": wanted["url"] + "&moved"}).json()  # another server begins anew
    assert (moved["failures"], moved["failing_since"], moved["rests_until"]) == (0, None, None)

    WebhookDeliveryFactory(webhook=Webhook.objects.get())
    assert client.delete(address).status_code == 204
    assert not Webhook.objects.exists()
    assert not WebhookDelivery.objects.exists()


def test_what_cannot_be_is_refused_with_all_reasons_and_nothing_is_made(as_, owner, wanted, settings):
    client = as_(owner)
    for wrong, fields in (
        ({}, {"url", "events"}),
        (wanted | {"events": []}, {"events"}),
        (wanted | {"events": ["sale.completed", "ping"]}, {"events.1"}),
        (wanted | {"events": "sale.completed"}, {"events"}),
        (wanted | {"events": ["sale.completed"] * 50}, {"events"}),
        (wanted | {"url": 7, "locations": [999999]}, {"url", "locations.0"}),
        (wanted | {"url": "https://a.example/" + "x" * 500}, {"url"}),
        (wanted | {"secret": "mine", "failures": 3}, {"secret", "failures"}),
        (wanted | {"url": "https://ada:pins@shop.example/"}, {"url"}),
    ):
        answer = client.post("webhooks/", wrong)
        assert answer.status_code == 400, wrong
        assert {error["field"] for error in answer.json()["errors"]} == fields, wrong

    settings.WEBHOOK_NETWORKS = []
    answer = client.post("webhooks/", wanted)
    (error,) = answer.json()["errors"]
    assert (answer.status_code, error["field"], error["code"]) == (400, "url", "own_network")
    assert not Webhook.objects.exists()

    webhook = WebhookFactory()
    answer = client.patch(f"webhooks/{webhook.pk}/", {"url": wanted["url"]})
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, "own_network")
    webhook.refresh_from_db()
    assert webhook.url != wanted["url"]


def test_a_repeat_makes_one_webhook_and_a_secret_is_shown_once_and_kept_nowhere(as_, owner, wanted):
    first, second = (as_(owner).post("webhooks/", wanted, HTTP_IDEMPOTENCY_KEY="once").json() for _turn in "ab")

    assert first["secret"] == Webhook.objects.get().secret
    assert second == first | {"secret": None}

    address = f"webhooks/{first['id']}/rotate/"
    first, second = (as_(owner).post(address, HTTP_IDEMPOTENCY_KEY="new").json() for _turn in "ab")
    assert first["secret"] == Webhook.objects.get().secret
    assert second == first | {"secret": None}
    assert not IdempotencyKey.objects.filter(body__contains="whsec_").exists()
    assert (Webhook.objects.count(), IdempotencyKey.objects.count()) == (1, 2)


def test_a_name_is_looked_up_before_anything_is_locked(owner, wanted, monkeypatch):
    webhook, written = WebhookFactory(), []

    def judged(url):
        written.append([said["sql"] for said in asked if not said["sql"].startswith("SELECT 1 AS")])
        return url

    monkeypatch.setattr(subscribing.addresses, "judged", judged)
    with CaptureQueriesContext(connection) as asked:
        subscribing.change(webhook=webhook, url=wanted["url"], by=owner)
    with CaptureQueriesContext(connection) as asked:
        subscribing.add(url=wanted["url"], events=["sale.completed"], by=owner)

    assert written == [[], []]


def test_what_waits_for_one_that_is_switched_off_does_not_go_out_later(as_, owner):
    webhook, other = WebhookFactory(), WebhookDeliveryFactory()
    waiting = WebhookDeliveryFactory(webhook=webhook)
    client = as_(owner)

    client.patch(f"webhooks/{webhook.pk}/", {"is_active": False})
    client.patch(f"webhooks/{webhook.pk}/", {"is_active": True})

    waiting.refresh_from_db()
    other.refresh_from_db()
    assert (waiting.status, waiting.next_attempt_at, waiting.error) == ("failed", None, sending.OFF)
    assert other.status == "pending"


def test_after_a_restore_nobody_is_told_anything_until_somebody_switches_it_on(as_, owner, monkeypatch, tmp_path):
    waiting, off = WebhookDeliveryFactory(), WebhookFactory(is_active=False)
    kept = SimpleNamespace(rows=1, tables=1, files=0, missing=[])
    monkeypatch.setattr(backups, "restore", lambda **asked: kept)
    said = StringIO()

    call_command("restore", tmp_path / "shop.zip", stdout=said)

    assert "1 webhooks are switched off and 1 messages dropped" in said.getvalue()
    waiting.refresh_from_db()
    off.refresh_from_db()
    assert (waiting.status, waiting.error) == ("failed", sending.RESTORED)
    assert off.switched_off_at is None
    address = f"webhooks/{waiting.webhook_id}/"
    shown = as_(owner).get(address).json()
    assert (shown["is_active"], shown["switched_off_because"]) == (False, sending.RESTORED)
    shown = as_(owner).patch(address, {"is_active": True}).json()
    assert (shown["is_active"], shown["switched_off_at"], shown["switched_off_because"]) == (True, None, "")


def test_a_test_is_a_ping_on_its_way_and_a_retry_sends_once_more(as_, owner):
    webhook, client = WebhookFactory(rests_until=timezone.now() + timedelta(hours=1)), as_(owner)
    answer = client.post(f"webhooks/{webhook.pk}/test/")
    told = answer.json()
    assert (answer.status_code, told["event"], told["status"], told["attempts"]) == (202, "ping", "pending", 0)

    for status in ("delivered", "failed"):
        WebhookDelivery.objects.update(status=status, next_attempt_at=None, attempts=8)
        again = client.post(f"webhook-deliveries/{told['id']}/retry/").json()
        assert (again["status"], again["event_id"], again["attempts"]) == ("pending", told["event_id"], 8)
    webhook.refresh_from_db()
    assert webhook.rests_until is None

    # Where it is switched off, nothing is sent and nothing promised.
    Webhook.objects.update(is_active=False)
    WebhookDelivery.objects.update(status="failed", next_attempt_at=None)
    for path in (f"webhooks/{webhook.pk}/test/", f"webhook-deliveries/{told['id']}/retry/"):
        answer = client.post(path)
        assert (answer.status_code, answer.json()["code"]) == (409, "switched_off")
    assert [row.status for row in WebhookDelivery.objects.all()] == ["failed"]


def test_the_log_is_filtered_and_costs_the_same_whatever_its_length(as_, owner):
    webhook, other = WebhookFactory(), WebhookFactory()
    ping = WebhookDeliveryFactory(webhook=webhook)
    sale = WebhookDeliveryFactory(
        webhook=other, event=Event.SALE_COMPLETED, status="failed", next_attempt_at=None, response_status=500
    )
    client = as_(owner)

    def listed(query):
        return [row["id"] for row in client.get(f"webhook-deliveries/?{query}").json()["results"]]

    assert listed("") == [sale.pk, ping.pk]
    assert listed(f"webhook={webhook.pk}") == [ping.pk]
    assert listed("status=failed") == listed("event=sale.completed") == [sale.pk]
    assert client.get("webhook-deliveries/?status=lost").status_code == 400

    for path in ("webhook-deliveries/", "webhooks/"):
        with CaptureQueriesContext(connection) as few:
            client.get(path)
        WebhookDeliveryFactory.create_batch(3)
        with CaptureQueriesContext(connection) as many:
            client.get(path)
        assert len(few) == len(many), path


def test_a_place_that_a_webhook_is_told_of_is_not_deleted(as_, owner, wanted):
    """It would be told of all places from then on."""
    place = LocationFactory()
    as_(owner).post("webhooks/", wanted | {"locations": [place.pk]})

    assert as_(owner).delete(f"locations/{place.pk}/").status_code == 409
    assert list(Webhook.objects.get().locations.all()) == [place]


def test_the_database_refuses_what_cannot_be():
    for wrong in (
        {"events": []},
        {"events": ["sale.completed", "ping"]},
        {"failures": 1},
        {"failing_since": timezone.now()},
        {"switched_off_at": timezone.now()},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            WebhookFactory(**wrong)
    told = WebhookDeliveryFactory()
    for wrong in (
        {"webhook": told.webhook, "event_id": told.event_id},
        {"next_attempt_at": None},
        {"status": "failed"},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            WebhookDeliveryFactory(**wrong)


def test_a_copy_of_the_database_alone_signs_nothing(settings):
    webhook = WebhookFactory()
    known = webhook.secret
    settings.SECRET_KEY = "another" * 10

    assert webhook.secret != known
    assert WebhookFactory().secret != WebhookFactory().secret


# ------------------------------------------------------------------------------------------------ the desk


def test_the_owner_does_all_of_it_at_the_desk(at_desk, owner, receiver, store, settings):
    desk, pages = at_desk(owner), "/admin/webhooks/webhook/"
    sent = {"url": receiver.url, "note": "Till", "events": ["stock.changed"], "places": [store.pk], "is_active": "on"}
    made = desk.post(f"{pages}add/", sent | {"seen": ""}, follow=True)
    webhook = Webhook.objects.get()
    assert webhook.secret in made.content.decode()
    assert (webhook.events, list(webhook.locations.all()), webhook.created_by) == (["stock.changed"], [store], owner)

    page = desk.get(f"{pages}{webhook.pk}/change/").content.decode()
    assert webhook.secret not in page
    assert desk.get(pages).status_code == 200
    desk.post(f"{pages}{webhook.pk}/test/", {"answered": "1"})
    ping = WebhookDelivery.objects.get()
    log = "/admin/webhooks/webhookdelivery/"
    assert all(desk.get(path).status_code == 200 for path in (log, f"{log}{ping.pk}/change/"))
    WebhookDelivery.objects.update(status="failed", next_attempt_at=None)
    desk.post(f"{log}{ping.pk}/retry/", {"answered": "1"})
    ping.refresh_from_db()
    assert ping.status == "pending"

    known = webhook.secret
    told = desk.post(f"{pages}{webhook.pk}/rotate/", {"answered": "1"}, follow=True).content.decode()
    webhook.refresh_from_db()
    assert webhook.secret != known
    assert webhook.secret in told

    settings.WEBHOOK_NETWORKS = []
    refused = desk.post(f"{pages}add/", sent | {"seen": ""}).content.decode()
    assert "lies in the network of this server" in refused
    seen = webhook.updated_at.isoformat()
    desk.post(f"{pages}{webhook.pk}/change/", {"url": webhook.url, "events": ["alert.opened"], "seen": seen})
    webhook.refresh_from_db()
    assert (webhook.events, webhook.is_active, webhook.locations.count()) == (["alert.opened"], False, 0)
    desk.post(f"{pages}{webhook.pk}/delete/", {"answered": "1"})
    assert not Webhook.objects.exists()


def test_nobody_else_finds_them_at_the_desk(at_desk, manager):
    webhook = WebhookFactory()
    desk = at_desk(manager)

    for path in ("webhook/", f"webhook/{webhook.pk}/change/", "webhook/add/", "webhookdelivery/"):
        assert desk.get(f"/admin/webhooks/{path}").status_code == 403
    assert "/admin/webhooks/" not in desk.get("/admin/").content.decode()


def test_lists_at_the_desk_cost_the_same_whatever_their_length(at_desk, owner):
    desk = at_desk(owner)
    for path in ("webhook/", "webhookdelivery/"):
        WebhookDeliveryFactory()
        with CaptureQueriesContext(connection) as few:
            desk.get(f"/admin/webhooks/{path}")
        WebhookDeliveryFactory.create_batch(3)
        with CaptureQueriesContext(connection) as many:
            desk.get(f"/admin/webhooks/{path}")
        assert len(few) == len(many), path
