"""Messages to a real server that listens, refuses, hangs, talks for ever, or has died."""

import json
import time
from datetime import timedelta

import pytest
import time_machine
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from accounts.models import User
from accounts.tests.factories import UserFactory
from boutique import mail, outgoing
from boutique.tasks import Worker
from inventory.tests.factories import received
from orders.tests.factories import on_shelf, sold
from skus.tests.factories import SkuFactory
from webhooks import tasks
from webhooks.models import Event, Webhook, WebhookDelivery
from webhooks.services import sending, subscribing
from webhooks.tests.factories import WebhookDeliveryFactory
from webhooks.tests.receiver import says, talks_for_ever

pytestmark = pytest.mark.django_db
Status = WebhookDelivery.Status


def as_documented():
    """What docs/webhooks.md gives integrators in Python."""
    text = (settings.BASE_DIR / "docs" / "webhooks.md").read_text()
    known = {}
    exec(text.partition("```python\n")[2].partition("```")[0], known)  # noqa: S102 (it is ours)
    return known["is_from_boutique"]


verified = as_documented()


@pytest.fixture
def ping(listening, owner):
    """A delivery that is due, and the webhook it goes to."""
    return subscribing.test(webhook=listening(Event.SALE_COMPLETED), by=owner)


def send(delivery):
    """One more attempt, whenever it would be due."""
    WebhookDelivery.objects.filter(pk=delivery.pk, status=Status.PENDING).update(next_attempt_at=timezone.now())
    Webhook.objects.filter(pk=delivery.webhook_id).update(rests_until=None)
    sending.send_due(delivery.webhook_id)
    delivery.refresh_from_db()
    return delivery


def test_a_message_is_signed_with_the_secret_that_was_shown(receiver, owner, as_, store):
    made = as_(owner).post("webhooks/", {"url": receiver.url, "events": ["sale.completed"], "note": "Ünïcode"}).json()
    sale = sold(store, on_shelf(store, by=owner), by=owner)
    tasks.carry_news.call()
    sending.send_due(made["id"])

    ((path, headers, body),) = receiver.received
    delivery = WebhookDelivery.objects.get()
    message = json.loads(body)
    assert path == "/hooks?shop=7"
    assert headers["Content-Type"] == "application/json"
    assert (headers["Boutique-Event"], headers["Boutique-Delivery"]) == ("sale.completed", str(delivery.pk))
    assert (message["id"], message["event"]) == (str(delivery.event_id), "sale.completed")
    assert message["created_at"].endswith("Z")
    assert message["data"] == delivery.data
    assert message["data"]["number"] == sale.number
    assert verified(made["secret"], headers["Boutique-Signature"], body)
    with time_machine.travel(timezone.now() + timedelta(minutes=6)):
        assert not verified(made["secret"], headers["Boutique-Signature"], body)
    assert not verified("whsec_another", headers["Boutique-Signature"], body)
    assert not verified(made["secret"], headers["Boutique-Signature"], body.replace(b"SALE", b"SALT"))
    assert (delivery.status, delivery.attempts, delivery.response_status) == (Status.DELIVERED, 1, 204)


def test_after_a_new_secret_the_old_one_signs_nothing(receiver, owner, as_, ping):
    webhook = ping.webhook
    old = webhook.secret
    new = as_(owner).post(f"webhooks/{webhook.pk}/rotate/").json()["secret"]

    send(ping)

    ((_path, headers, body),) = receiver.received
    assert [verified(secret, headers["Boutique-Signature"], body) for secret in (old, new)] == [False, True]


def test_what_is_refused_is_tried_again_later_and_later_and_then_given_up(receiver, ping):
    receiver.answer = says(500, b"Out of thread")
    waits = []
    for attempt in range(sending.MOST_ATTEMPTS):
        began = timezone.now()
        send(ping)
        assert ping.attempts == attempt + 1
        if ping.status == Status.PENDING:
            waits.append((ping.next_attempt_at - began) / sending.RETRY_AFTER[attempt])

    assert (ping.status, ping.next_attempt_at) == (Status.FAILED, None)
    assert (ping.response_status, ping.response, ping.error) == (500, "Out of thread", "answered 500")
    assert all(0.9 <= wait <= 1.2 for wait in waits)
    assert len({round(wait, 4) for wait in waits}) > 1  # a thousand retries do not come at one moment
    assert timedelta(hours=20) < sum(sending.RETRY_AFTER, timedelta()) < timedelta(hours=26)
    assert len({headers["Boutique-Delivery"] for _path, headers, _body in receiver.received}) == 1
    assert len({body for _path, _headers, body in receiver.received}) == 1
    assert sending.send_due(ping.webhook_id) == 0


def test_one_that_recovers_is_told_what_it_missed(receiver, ping):
    receiver.answer = says(503)
    send(ping)
    webhook = Webhook.objects.get()
    assert (webhook.failures, webhook.failing_since is not None) == (1, True)

    receiver.answer = says(200, b"ok")
    send(ping)

    webhook.refresh_from_db()
    assert (ping.status, ping.attempts, ping.response) == (Status.DELIVERED, 2, "ok")
    assert (webhook.failures, webhook.failing_since, webhook.rests_until) == (0, None, None)


def test_an_event_that_it_cannot_take_does_not_keep_the_others_from_it(receiver, ping):
    other = WebhookDeliveryFactory(webhook=ping.webhook)
    receiver.answer = lambda handler: says(422 if len(receiver.received) == 1 else 200)(handler)

    assert sending.send_due(ping.webhook_id) == 2

    assert [row.status for row in WebhookDelivery.objects.order_by("pk")] == [Status.PENDING, Status.DELIVERED]
    assert other.pk > ping.pk


def test_nobody_is_followed_to_where_they_point(receiver, ping):
    receiver.answer = says(307, headers=[("Location", receiver.url)])

    send(ping)

    assert (len(receiver.received), ping.response_status, ping.status) == (1, 307, Status.PENDING)


def test_of_a_huge_answer_the_beginning_is_kept(receiver, ping):
    receiver.answer = talks_for_ever

    send(ping)

    assert (ping.status, ping.response) == (Status.DELIVERED, "x" * sending.KEPT_CHARACTERS)


def test_whoever_said_yes_has_taken_it_whatever_becomes_of_the_rest(receiver, ping, monkeypatch):
    monkeypatch.setattr(outgoing, "BODY_SECONDS", 0.1)

    def begins(*headers, body, then=lambda handler: None):
        def answer(handler):
            handler.wfile.write("\r\n".join(("HTTP/1.1 200 OK", *headers, "", body)).encode())
            then(handler)
            handler.close_connection = True

        return answer

    for answer in (
        begins("Content-Length: 100", body="cut"),
        begins("Transfer-Encoding: chunked", body="3\r\ncut\r\n"),
        begins("Transfer-Encoding: chunked", body="no chunk"),
        begins("Connection: keep-alive", body="left open", then=receiver.hang),
        begins("Content-Length: 100", body="slow", then=receiver.hang),
    ):
        began = time.monotonic()
        receiver.answer = answer
        delivery = send(WebhookDeliveryFactory(webhook=ping.webhook))
        assert (delivery.status, delivery.response_status, delivery.error) == (Status.DELIVERED, 200, "")
        assert time.monotonic() - began < 2
    assert delivery.response == "slow"

    monkeypatch.setattr(sending, "SECONDS", 0.2)  # nor does it matter when the time is over
    monkeypatch.setattr(outgoing, "BODY_SECONDS", 10)
    assert send(WebhookDeliveryFactory(webhook=ping.webhook)).status == Status.DELIVERED


def test_who_answers_slowly_waits_for_the_others_longer_each_time(receiver, ping, monkeypatch):
    def slowly(handler):
        time.sleep(0.06)
        says(200)(handler)

    def passed():
        WebhookDeliveryFactory(webhook=ping.webhook)
        Webhook.objects.update(rests_until=None)
        assert sending.send_due(ping.webhook_id) == 1
        webhook = Webhook.objects.get()
        return webhook.rests_until and webhook.rests_until - timezone.now()

    send(ping)
    monkeypatch.setattr(sending, "PASS_SECONDS", 0.05)
    receiver.answer = slowly
    first, second = passed(), passed()
    assert timedelta(seconds=8) < first < second / 2
    WebhookDeliveryFactory(webhook=ping.webhook)
    assert not sending.waiting().exists()
    assert sending.send_due(ping.webhook_id) == 0

    WebhookDelivery.objects.update(status=Status.DELIVERED, next_attempt_at=None)
    monkeypatch.setattr(sending, "PASS_SECONDS", 5)
    assert passed() is None
    assert Webhook.objects.get().slow_passes == 0


def test_one_that_was_switched_off_while_it_was_told_is_not_told_again(receiver, ping, owner):
    receiver.answer = says(500)
    delivery = sending.claimed(ping.webhook_id)
    subscribing.change(webhook=ping.webhook, is_active=False, by=owner)

    sending.note(delivery, sending.attempt(delivery))

    ping.refresh_from_db()
    assert (ping.status, ping.next_attempt_at) == (Status.FAILED, None)


def test_an_answer_that_no_column_takes_does_no_harm(receiver, ping):
    receiver.answer = says(200, b"\x00\xff\xfe fine")

    send(ping)

    assert ping.status == Status.DELIVERED
    assert ping.response.endswith("fine")


def test_who_hangs_holds_a_worker_no_longer_than_the_deadline_and_is_left_in_peace(receiver, ping, monkeypatch):
    monkeypatch.setattr(sending, "SECONDS", 0.3)
    receiver.answer = receiver.hang
    WebhookDeliveryFactory(webhook=ping.webhook)
    began = time.monotonic()

    assert sending.send_due(ping.webhook_id) == 1  # the second one is not even tried

    assert time.monotonic() - began < 1
    ping.refresh_from_db()
    assert (ping.error, ping.attempts, ping.status) == ("timeout", 1, Status.PENDING)
    webhook = Webhook.objects.get()
    first_rest = webhook.rests_until - timezone.now()
    assert sending.send_due(ping.webhook_id) == 0
    assert not sending.waiting().exists()
    send(ping)
    webhook.refresh_from_db()
    assert webhook.rests_until - timezone.now() > first_rest * 2


def test_nobody_there_is_as_good_as_no_answer(receiver, ping):
    receiver.stop()

    send(ping)

    assert (ping.error, ping.status) == ("unreachable: ConnectionRefusedError", Status.PENDING)
    assert Webhook.objects.get().rests_until is not None


@pytest.mark.django_db(transaction=True)
def test_no_transaction_is_open_while_it_is_told_and_who_dies_meanwhile_tells_it_once_more(receiver, ping, monkeypatch):
    post, seen = sending.post, []

    def dying(*args, **more):
        seen.append((connection.in_atomic_block, WebhookDelivery.objects.get().attempts))
        post(*args, **more)
        raise KeyboardInterrupt  # the machine goes off after the message, before the note

    monkeypatch.setattr(sending, "post", dying)
    with pytest.raises(KeyboardInterrupt):
        sending.send_due(ping.webhook_id)
    assert seen == [(False, 1)]

    monkeypatch.setattr(sending, "post", post)
    assert sending.send_due(ping.webhook_id) == 0  # somebody may still be at it
    later = timezone.now() + sending.TAKEN_FOR + timedelta(seconds=1)
    monkeypatch.setattr(sending.timezone, "now", lambda: later)
    assert sending.send_due(ping.webhook_id) == 1
    assert sending.send_due(ping.webhook_id) == 0

    deliveries = [headers["Boutique-Delivery"] for _path, headers, _body in receiver.received]
    assert deliveries == [str(ping.pk)] * 2
    assert WebhookDelivery.objects.get().status == Status.DELIVERED


@pytest.mark.django_db(transaction=True)
def test_a_worker_does_all_of_it(receiver, listening, store):
    webhook = listening(Event.STOCK_CHANGED)
    with transaction.atomic():
        received(SkuFactory(), store, 5)
    tasks.carry_news.enqueue()

    Worker().run_due()

    assert [headers["Boutique-Event"] for _path, headers, _body in receiver.received] == ["stock.changed"]
    webhook.refresh_from_db()
    assert webhook.sending_until is None
    Worker().run_due()
    assert len(receiver.received) == 1


def test_a_pass_is_begun_once_until_it_ends_or_its_worker_died(ping):
    assert sending.taken() == [ping.webhook_id]
    assert sending.taken() == []

    Webhook.objects.update(sending_until=timezone.now() - timedelta(seconds=1))
    assert sending.taken() == [ping.webhook_id]


def test_a_pass_that_still_waits_for_a_worker_is_not_enqueued_again(ping):
    passes = DBTaskResult.objects.filter(task_path=tasks.send_due.module_path)
    for status in ("READY", "RUNNING"):
        tasks.carry_news.call()
        Webhook.objects.update(sending_until=timezone.now() - timedelta(seconds=1))  # the round takes long
        passes.update(status=status)
        assert passes.count() == 1

    tasks.carry_news.call()
    assert passes.count() == 1
    passes.update(status="SUCCESSFUL", finished_at=timezone.now())
    tasks.carry_news.call()
    assert passes.count() == 2


# ------------------------------------------------------------------------------------------------ given up


def letters():
    """As they would go out."""
    rows = DBTaskResult.objects.filter(task_path=mail.deliver.module_path)
    return [mail.written(*row.args_kwargs["args"], number=row.pk) for row in rows]


def failing_since(days, ping):
    began = timezone.now() - timedelta(days=days)
    Webhook.objects.update(failures=sending.MOST_ATTEMPTS, failing_since=began)
    return ping


def test_one_that_takes_nothing_for_three_days_is_switched_off_and_its_maker_told(receiver, ping, owner):
    receiver.answer = says(404)
    send(failing_since(2, ping))
    assert Webhook.objects.get().is_active

    send(failing_since(4, ping))

    webhook = Webhook.objects.get()
    assert (webhook.is_active, webhook.switched_off_at is not None) == (False, True)
    assert (ping.status, ping.error) == (Status.FAILED, sending.OFF)
    (letter,) = letters()
    assert letter.to == [owner.email]
    assert letter.subject == f"Webhook {webhook.pk} was switched off"
    assert receiver.url in letter.body
    assert webhook.secret not in letter.body

    # Switched on again, it begins anew.
    webhook = subscribing.change(webhook=webhook, is_active=True, by=owner)
    assert (webhook.failures, webhook.failing_since, webhook.switched_off_at) == (0, None, None)


def test_where_the_maker_is_gone_all_owners_are_told(receiver, ping, owner):
    heir = UserFactory(role="admin")
    User.objects.filter(pk=owner.pk).update(status=User.Status.DISMISSED)
    receiver.answer = says(404)

    send(failing_since(4, ping))

    assert [letter.to for letter in letters()] == [[heir.email]]


def test_the_log_is_kept_for_thirty_days_and_the_notes_of_tasks_for_one(ping):
    old = WebhookDeliveryFactory(webhook=ping.webhook)
    WebhookDelivery.objects.filter(pk=old.pk).update(created_at=timezone.now() - timedelta(days=31))
    done_before = [timedelta(hours=1), timedelta(days=2)]
    notes = [tasks.carry_news.enqueue().id for _turn in done_before]
    for pk, ago in zip(notes, done_before, strict=True):
        DBTaskResult.objects.filter(pk=pk).update(status="SUCCESSFUL", finished_at=timezone.now() - ago)

    tasks.forget_old.call()

    assert list(WebhookDelivery.objects.all()) == [ping]
    assert [str(row.pk) for row in DBTaskResult.objects.all()] == notes[:1]
