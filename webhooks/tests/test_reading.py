"""What happens in the shop becomes deliveries: each event once, none that was rolled back, none left out."""

import contextlib
import threading
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import OperationalError, connection, connections, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.tests.factories import LocationFactory
from alterations.tests import factories as alterations
from inventory.models import Alert, StockMovement
from inventory.services import counting, ledger, requesting, transferring
from inventory.services.lines import Goods
from inventory.tests.factories import LowStockThresholdFactory, line, received
from orders.services import ordering
from orders.tests.factories import brought_back, on_shelf, ordered, sold
from skus.tests.factories import SkuFactory
from suppliers.tests import factories as purchases
from webhooks import tasks
from webhooks.models import Bookmark, Event, Webhook, WebhookDelivery
from webhooks.services import reading, subscribing
from webhooks.services.telling import News

pytestmark = pytest.mark.django_db


def told(webhook=None):
    """What was made of what happened, the oldest first."""
    reading.read()
    rows = WebhookDelivery.objects.order_by("pk")
    return list(rows.filter(webhook=webhook) if webhook else rows)


def test_each_book_is_told_in_ids_codes_states_and_quantities(listening, store, owner):
    listening()
    dress = on_shelf(store, quantity=10, by=owner)
    LowStockThresholdFactory(sku=dress, location=store, threshold=Decimal(9))
    sale = sold(store, dress, by=owner)
    brought_back(sale, by=owner)
    order = ordered(store, by=owner)
    ordering.move(order=order, status="confirmed", by=owner)
    purchase = purchases.ordered(purchases.SupplierFactory(), store, (dress, 5, "40.00"))
    asked = requesting.ask(location=store, lines=[Goods(sku=dress, quantity=Decimal(1))], by=owner)
    count = counting.start(location=store, by=owner)
    transfer = transferring.ask(
        source=store, destination=LocationFactory(), lines=[Goods(sku=dress, quantity=Decimal(1))], by=owner
    )
    ticket = alterations.taken_in(store, by=owner)

    by_event = {}
    for delivery in told():
        by_event.setdefault(delivery.event, []).append(delivery.data)

    came, left, *_rest = by_event[Event.STOCK_CHANGED]
    assert came == {
        "movement": came["movement"], "sku": dress.pk, "sku_code": dress.code, "location": store.pk,
        "location_code": "CENTRE", "sequence": 1, "reason": came["reason"], "document": came["document"],
        "on_hand_change": "10.000", "reserved_change": "0.000", "on_hand": "10.000", "reserved": "0.000",
        "available": "10.000", "occurred_at": came["occurred_at"],
    }  # fmt: skip
    assert (left["document"], left["on_hand"]) == (sale.number, "9.000")
    goods = [{"sku": dress.pk, "sku_code": dress.code, "quantity": "1.000"}]
    sale_named = {"id": sale.pk, "number": sale.number, "location": store.pk}
    assert by_event[Event.SALE_COMPLETED] == [sale_named | {"from": None, "to": "completed", "lines": goods}]
    (back,) = by_event[Event.SALE_RETURNED]
    assert back == sale_named | {
        "from": "completed", "to": "returned", "lines": goods, "return": back["return"],
        "return_number": f"RET-{back['return']:06d}",
    }  # fmt: skip
    steps = [(data["from"], data["to"]) for data in by_event[Event.ORDER_STATUS_CHANGED]]
    assert steps == [(None, "pending"), ("pending", "confirmed")]
    assert by_event[Event.ORDER_STATUS_CHANGED][0]["number"] == order.number
    assert [data["to"] for data in by_event[Event.PURCHASE_ORDER_STATUS_CHANGED]] == ["draft", "sent"]
    assert by_event[Event.PURCHASE_ORDER_STATUS_CHANGED][0]["supplier"] == purchase.supplier_id
    assert by_event[Event.STOCK_REQUEST_STATUS_CHANGED][0]["number"] == asked.number
    assert by_event[Event.STOCK_COUNT_STATUS_CHANGED][0]["number"] == count.number
    moved = by_event[Event.TRANSFER_STATUS_CHANGED][0]
    assert (moved["source"], moved["destination"]) == (store.pk, transfer.destination_id)
    assert by_event[Event.ALTERATION_STATUS_CHANGED][0]["number"] == ticket.number
    (garment,) = by_event[Event.GARMENT_STATUS_CHANGED]
    assert (garment["ticket"], garment["location"], garment["to"]) == (ticket.pk, store.pk, "received")
    alert = by_event[Event.ALERT_OPENED][0]
    assert (alert["kind"], alert["sku_code"], alert["threshold"]) == ("low_stock", dress.code, "9")
    assert Event.ALTERATION_READY not in by_event
    said = {name for pieces in by_event.values() for data in pieces for name in data}
    assert said == {
        "id", "number", "from", "to", "location", "location_code", "source", "destination", "supplier", "ticket",
        "movement", "sku", "sku_code", "sequence", "reason", "document", "occurred_at", "kind", "threshold", "orders",
        "on_hand_change", "reserved_change", "on_hand", "reserved", "available", "lines", "return", "return_number",
    }  # fmt: skip


def test_a_ticket_whose_last_garment_is_ready_is_ready(listening, store, owner):
    listening(Event.ALTERATION_READY)
    tailor = alterations.tailor_in(store)
    ticket = alterations.taken_in(store, by=owner)
    alterations.moved(ticket.garments.get(), "ready", by=owner, tailor=tailor)

    (ready,) = told()

    assert ready.data == {
        "id": ticket.pk, "number": ticket.number, "location": store.pk, "from": "open", "to": "ready",
    }  # fmt: skip


def test_who_names_places_is_told_of_these_alone(listening, store, other_store, owner):
    everywhere = listening(Event.STOCK_CHANGED, Event.TRANSFER_STATUS_CHANGED)
    centre = listening(Event.STOCK_CHANGED, Event.TRANSFER_STATUS_CHANGED, locations=[store])
    dress = SkuFactory()
    received(dress, other_store, 5)
    goods = [Goods(sku=dress, quantity=Decimal(1))]
    transferring.ask(source=other_store, destination=store, lines=goods, by=owner)

    assert {delivery.event for delivery in told(everywhere)} == {"stock.changed", "transfer.status_changed"}
    assert {delivery.event for delivery in told(centre)} == {"transfer.status_changed"}  # which has two ends


def test_one_event_has_one_id_for_everybody_and_is_told_each_once(listening, store):
    listening(Event.STOCK_CHANGED)
    listening(Event.STOCK_CHANGED)
    received(SkuFactory(), store, 5)

    first, second = told()
    Bookmark.objects.update(position=0, ceiling=None, writers=[])  # as if the work were done a second time

    assert first.event_id == second.event_id
    assert len(told()) == 2


def test_a_row_that_takes_an_old_number_after_a_restore_or_in_another_house_is_another_event(settings):
    def of(moment):
        return reading.id_of(News(event=Event.STOCK_CHANGED, source="movement 123", at=moment, places=set(), data={}))

    now = timezone.now()
    ours = of(now)
    assert ours == of(now)
    assert ours != of(now + timedelta(microseconds=1))
    settings.SECRET_KEY = "another" * 10
    assert ours != of(now)


def test_who_begins_to_listen_hears_nothing_of_the_past(listening, store):
    received(SkuFactory(), store, 5)
    webhook = listening(Event.STOCK_CHANGED)
    assert told() == []

    received(SkuFactory(), store, 5)
    later = listening(Event.STOCK_CHANGED)

    assert [delivery.webhook for delivery in told()] == [webhook]  # though it was read only now
    received(SkuFactory(), store, 5)
    assert [delivery.data["on_hand"] for delivery in told(later)] == ["5.000"]
    assert len(told(webhook)) == 2


def test_what_happened_while_it_was_off_stays_untold(listening, store, owner):
    webhook = listening(Event.STOCK_CHANGED)
    webhook = subscribing.change(webhook=webhook, is_active=False, by=owner)
    received(SkuFactory(), store, 5)
    subscribing.change(webhook=webhook, is_active=True, by=owner)
    received(SkuFactory(), store, 7)

    assert [delivery.data["on_hand"] for delivery in told()] == ["7.000"]


def test_goods_on_the_road_and_goods_that_are_only_worth_more_have_not_changed_the_stock(listening, store, owner):
    dress = SkuFactory()
    received(dress, store, 5)
    listening(Event.STOCK_CHANGED)
    ledger.revalue(location=store, lines=[line(dress, 0, value=Decimal("7.00"))], document="PO-000001", by=owner)
    ledger.ship(source=store, lines=[line(dress, 2)], document="TRF-000001", by=owner)

    assert [delivery.data["reason"] for delivery in told()] == ["transfer_out"]
    assert StockMovement.objects.count() == 4


def test_a_page_of_many_costs_as_many_statements_as_one_of_few(listening, store, owner, monkeypatch):
    listening()
    dress = on_shelf(store, quantity=50, by=owner)
    told()

    def statements_of(sales):
        for _sale in range(sales):
            brought_back(sold(store, dress, by=owner), by=owner)
        with CaptureQueriesContext(connection) as asked:
            reading.read()
        return len(asked)

    assert statements_of(1) == statements_of(4)

    # And what does not fit into one page comes in the next.
    monkeypatch.setattr(reading, "BATCH", 3)
    before = WebhookDelivery.objects.count()
    for _sale in range(4):
        sold(store, dress, by=owner)
    told()
    assert WebhookDelivery.objects.count() == before + 8
    assert not reading.is_news()


def test_a_sale_costs_no_statement_more_while_somebody_listens(listening, store, owner):
    def statements_of_a_sale():
        with CaptureQueriesContext(connection) as asked:
            sold(store, dress, by=owner)
        return len(asked)

    dress = on_shelf(store, quantity=50, by=owner)
    statements_of_a_sale()
    unheard = statements_of_a_sale()
    listening()

    assert statements_of_a_sale() == unheard


def test_where_nobody_listens_the_worker_asks_one_question_and_enqueues_nothing(listening, store, owner):
    received(SkuFactory(), store, 5)
    with CaptureQueriesContext(connection) as asked:
        assert not tasks.is_work()
    assert len(asked) == 1

    webhook = listening(Event.STOCK_CHANGED)
    assert not tasks.is_work()
    received(SkuFactory(), store, 5)
    assert tasks.is_work()
    told()
    assert tasks.is_work()  # now there is something to send
    Webhook.objects.filter(pk=webhook.pk).update(sending_until=timezone.now() + timedelta(minutes=1))
    assert not tasks.is_work()  # somebody is at it


# ------------------------------------------------------------------------------------------------ real commits


@contextlib.contextmanager
def in_a_transaction(work):
    """Somebody does this and has not committed yet: `end(commits)` ends it; if nobody does, it is rolled back."""
    is_done, may_end, answers = threading.Event(), threading.Event(), []

    def run():
        try:
            with transaction.atomic():
                work()
                is_done.set()
                may_end.wait(20)
                transaction.set_rollback(True not in answers)
        finally:
            is_done.set()
            connections.close_all()

    thread = threading.Thread(target=run)

    def end(commits):
        answers.append(commits)
        may_end.set()
        thread.join(20)

    thread.start()
    try:
        assert is_done.wait(20)
        yield end
    finally:
        end(commits=False)


@transaction.atomic
def came(sku, place, quantity, by):
    received(sku, place, quantity, by=by)


@pytest.mark.django_db(transaction=True)
def test_a_row_with_an_older_id_that_commits_later_is_not_left_out(listening, store, owner):
    listening(Event.STOCK_CHANGED)
    dress, shirt, coat = SkuFactory(), SkuFactory(), SkuFactory()
    with in_a_transaction(lambda: received(dress, store, 1, by=owner)) as end_first:
        came(shirt, store, 2, owner)  # a younger id, and committed
        assert told() == []  # it waits: somebody may still bring an older one
        mark = Bookmark.objects.get(book="movements")
        end_first(commits=True)
        # Somebody who begins only now holds nothing up that was there before them.
        with in_a_transaction(lambda: received(coat, store, 3, by=owner)) as end_second:
            assert [delivery.data["on_hand"] for delivery in told()] == ["1.000", "2.000"]
            oldest, youngest = StockMovement.objects.order_by("pk").values_list("pk", flat=True)
            assert (mark.position < oldest, mark.ceiling) == (True, youngest)
            assert Bookmark.objects.get(book="movements").position == youngest
            end_second(commits=False)

    assert len(told()) == 2  # what was rolled back is never told
    came(coat, store, 4, owner)
    assert [delivery.data["on_hand"] for delivery in told()] == ["1.000", "2.000", "4.000"]


@pytest.mark.django_db(transaction=True)
def test_whoever_writes_elsewhere_holds_nothing_up(listening, store, owner):
    listening(Event.STOCK_CHANGED)
    with in_a_transaction(LocationFactory):
        came(SkuFactory(), store, 2, owner)

        assert len(told()) == 1


@pytest.mark.django_db(transaction=True)
def test_who_dies_while_reading_leaves_nothing_behind_and_two_never_read_one_book(listening, store, owner):
    listening(Event.STOCK_CHANGED)
    came(SkuFactory(), store, 2, owner)
    with in_a_transaction(lambda: reading.read_on("movements")) as end:
        assert reading.read_on("movements") == (0, False)
        end(commits=False)
    assert WebhookDelivery.objects.count() == 0

    with in_a_transaction(lambda: reading.read_on("movements")) as end:
        assert reading.read_on("movements") == (0, False)
        end(commits=True)

    assert len(told()) == 1


@pytest.mark.django_db(transaction=True)
def test_a_webhook_is_not_removed_while_its_deliveries_are_written(listening, store, owner):
    webhook = listening(Event.STOCK_CHANGED)
    came(SkuFactory(), store, 2, owner)
    with in_a_transaction(lambda: reading.read_on("movements")) as end:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '50ms'")
            with pytest.raises(OperationalError):  # it would have to wait
                subscribing.remove(webhook=webhook, by=owner)
        end(commits=True)
    assert [delivery.webhook for delivery in told()] == [webhook]

    came(SkuFactory(), store, 2, owner)
    subscribing.remove(webhook=webhook, by=owner)
    assert told() == []


def test_an_alert_is_told_when_it_opens_and_not_when_it_is_done(listening, store, owner):
    dress = on_shelf(store, quantity=1, by=owner)
    LowStockThresholdFactory(sku=dress, location=store, threshold=Decimal(0))
    listening(Event.ALERT_OPENED)
    sold(store, dress, by=owner)
    received(dress, store, 5)

    (opened,) = told()

    assert (opened.data["kind"], Alert.objects.open().count()) == ("out_of_stock", 0)
