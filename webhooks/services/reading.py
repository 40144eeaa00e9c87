"""From what the house writes anyway to what webhooks are told.

Nothing is published: movements, timelines and alerts are written in the transaction of their cause, and a worker
reads them a moment later. So a cause costs no statement more, what is rolled back is never told, and what is committed
always is. All that has to be remembered is how far each book has been read (`Bookmark`), which moves on in the
transaction that writes the deliveries: whoever dies in the middle leaves nothing behind, and the next one does the same
work again.

The trap are ids. They are given before the commit, so a row may turn up below others that were read long ago. Hence a
row counts only once nobody can bring an older one. Whoever inserts holds a lock on the table (ROW EXCLUSIVE, taken
before the id, kept to the end of the transaction), and `pg_locks` shows who that is: the newest row is noted first,
then who is writing; once all of them are gone, everything up to that row is there for good. Transactions on other
tables, a backup or an import of products, hold nothing up.
"""

import time
import uuid

from django.db import connection, transaction
from django.db.models import Max
from django.utils.crypto import salted_hmac

from boutique.models import DocumentEvent
from inventory.models import Alert, StockMovement
from webhooks.models import Bookmark, Webhook, WebhookDelivery
from webhooks.services import telling

BATCH = 500
SECONDS = 10  # of reading in one go
EVENTS = uuid.UUID("6f1c7c1e-6a3f-4d0a-9a53-0f2f3d1f2b57")  # what the ids of events are made of

WRITERS = """
SELECT virtualtransaction FROM pg_locks
WHERE relation = %s::regclass AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND mode = 'RowExclusiveLock' AND granted AND pid IS DISTINCT FROM pg_backend_pid()
"""

# Each book: its rows, and what turns them into news.
BOOKS = {
    "alerts": (Alert, telling.of_alerts),
    "movements": (StockMovement, telling.of_movements),
    "timelines": (DocumentEvent, telling.of_timelines),
}


@transaction.atomic
def begin():
    """Somebody listens who did not before. If nobody did, the books are opened at their present ends."""
    Bookmark.objects.bulk_create((Bookmark(book=book) for book in BOOKS), ignore_conflicts=True)
    marks = list(Bookmark.objects.select_for_update().order_by("book"))
    if Webhook.objects.active().count() > 1:
        return
    for mark in marks:
        # What is being written now was begun before anybody listened.
        mark.position, mark.ceiling, mark.writers = newest(BOOKS[mark.book][0]), None, []
        mark.save()


def newest(model):
    return model.objects.aggregate(newest=Max("pk"))["newest"] or 0


def is_news():
    """Has anything been written since? Asked often, and cheaply."""
    return any(newest(BOOKS[mark.book][0]) > mark.position for mark in Bookmark.objects.all())


def read():
    """Reads all books as far as they can be read now. How many deliveries came of it."""
    ends_at, made = time.monotonic() + SECONDS, 0
    for book in BOOKS:
        while time.monotonic() < ends_at:
            told, is_more = read_on(book)
            made += told
            if not is_more:
                break
    return made


@transaction.atomic
def read_on(book):
    """The next rows of one book: how many deliveries they made, and whether there are more of them."""
    mark = Bookmark.objects.select_for_update(skip_locked=True).filter(book=book).first()
    if mark is None:
        return 0, False  # nobody listens, or somebody else is reading it
    model, news_of = BOOKS[book]
    look(mark, model)
    settled = mark.position if mark.ceiling is None or mark.writers else mark.ceiling
    webhooks = listening()
    wanted = {event for webhook in webhooks for event in webhook.events}
    rows = model.objects.filter(pk__gt=mark.position, pk__lte=settled).order_by("pk")
    read_to, is_more, news = news_of(rows, wanted, BATCH)
    made = deliver(news, webhooks)
    mark.position = read_to if is_more else settled
    mark.save()
    return made, is_more


def listening():
    """Held until their deliveries are committed: nobody removes or switches off one of them in between."""
    held = Webhook.objects.active().select_for_update(no_key=True, of=("self",)).order_by("pk")
    return list(held.prefetch_related("locations"))


def look(mark, model):
    """Who of those that might still bring an older row is there yet. Where none is waited for, a new end is set."""
    if mark.ceiling is not None and mark.ceiling > mark.position:
        mark.writers = sorted(set(mark.writers) & writers(model))
        return
    # In this order: whoever has an id below the newest holds the lock already.
    mark.ceiling = newest(model)
    mark.writers = sorted(writers(model))


def writers(model):
    with connection.cursor() as cursor:
        cursor.execute(WRITERS, [model._meta.db_table])
        return {virtual for (virtual,) in cursor.fetchall()}


def deliver(news, webhooks):
    deliveries = [
        WebhookDelivery(
            webhook=webhook,
            event_id=id_of(piece),
            event=piece.event,
            happened_at=piece.at,
            data=piece.data,
        )
        for piece in news
        for webhook in webhooks
        if concerns(webhook, piece)
    ]
    # A delivery that is there already was made by somebody who had a Bookmark put back by hand.
    WebhookDelivery.objects.bulk_create(deliveries, ignore_conflicts=True)
    return len(deliveries)


def id_of(piece):
    """Of the row's moment, too, as after a restore its number is given a second time; and of the house, as others have
    rows of that number."""
    house = salted_hmac("boutique events", "", algorithm="sha256").hexdigest()
    return uuid.uuid5(EVENTS, f"{piece.event} {piece.source} {piece.at.isoformat()} {house}")


def concerns(webhook, piece):
    if piece.event not in webhook.events or piece.at < webhook.active_since:
        return False
    places = webhook.locations.all()
    return not places or any(place.pk in piece.places for place in places)
