"""What is said of each thing that happened: ids, codes, states and quantities. Who wants to know more asks the API.

Never in it: costs and prices, people and how they are reached, bodies, and what somebody wrote into a note.
"""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import F

from alterations.models import Garment, Ticket
from boutique.documents import numbered, pk_in
from inventory.models import StockCount, StockRequest, Transfer
from inventory.services.ledger import plain
from orders.models import Order, OrderLine, SaleReturn, SaleReturnLine
from suppliers.models import PurchaseOrder
from webhooks.models import Event


@dataclass(frozen=True, kw_only=True)
class News:
    """One event. `source` is the row it comes of: with the event's name it is what the event is known by for ever."""

    event: str
    source: str
    at: datetime
    places: set
    data: dict


def page_of(rows, batch):
    """The next rows, the last of them, and whether there are more."""
    found = list(rows[: batch + 1])
    return found[:batch], (found[batch - 1].pk if len(found) > batch else None)


# ------------------------------------------------------------------------------------------------ stock


def of_movements(rows, wanted, batch):
    """What was only worth more or less has not changed the stock; the road is no place that anybody takes from."""
    if Event.STOCK_CHANGED not in wanted:
        return None, False, []
    rows = rows.select_related("sku", "location").only(
        "sku__code", "location__code", "location__kind", "sequence", "reason", "on_hand_change", "reserved_change",
        "on_hand_after", "reserved_after", "document", "occurred_at", "recorded_at",
    )  # fmt: skip
    found, last = page_of(rows, batch)
    return last, last is not None, [of_movement(row) for row in found if has_changed_stock(row)]


def has_changed_stock(movement):
    return bool(movement.on_hand_change or movement.reserved_change) and not movement.location.is_road


def of_movement(movement):
    return News(
        event=Event.STOCK_CHANGED,
        source=f"movement {movement.pk}",
        at=movement.recorded_at,
        places={movement.location_id},
        data={
            "movement": movement.pk,
            "sku": movement.sku_id,
            "sku_code": movement.sku.code,
            "location": movement.location_id,
            "location_code": movement.location.code,
            "sequence": movement.sequence,
            "reason": movement.reason,
            "document": movement.document,
            "on_hand_change": str(movement.on_hand_change),
            "reserved_change": str(movement.reserved_change),
            "on_hand": str(movement.on_hand_after),
            "reserved": str(movement.reserved_after),
            "available": str(movement.on_hand_after - movement.reserved_after),
            "occurred_at": told(movement.occurred_at),
        },
    )


def told(moment):
    return moment.isoformat().replace("+00:00", "Z")


def of_alerts(rows, wanted, batch):
    if Event.ALERT_OPENED not in wanted:
        return None, False, []
    found, last = page_of(rows.select_related("level__sku"), batch)
    return last, last is not None, [of_alert(row) for row in found]


def of_alert(alert):
    return News(
        event=Event.ALERT_OPENED,
        source=f"alert {alert.pk}",
        at=alert.opened_at,
        places={alert.location_id},
        data={
            "id": alert.pk,
            "kind": alert.kind,
            "location": alert.location_id,
            "sku": alert.sku and alert.sku.pk,
            "sku_code": alert.sku and alert.sku.code,
            "document": alert.document or None,
            "threshold": None if alert.threshold is None else plain(alert.threshold),
            "orders": alert.orders,
        },
    )


# ------------------------------------------------------------------------------------------------ documents


def moved_on(event, *, places=("location",), more=()):
    """A paper whose state changed, or that was made."""

    def tell(line, paper):
        if line.before != line.after:
            yield event, {name: paper[name] for name in (*places, *more)}

    return tell


def altered(line, ticket):
    yield from moved_on(Event.ALTERATION_STATUS_CHANGED)(line, ticket)
    if line.after == Ticket.Status.READY != line.before:
        yield Event.ALTERATION_READY, {"location": ticket["location"]}


def sold(line, sale):
    """A sale is made once, and moves on each time that something of it comes back."""
    if not line.before:
        yield Event.SALE_COMPLETED, {"location": sale["location"], "lines": sale["lines"]}
    elif line.kind == "returned":
        back = sale["returns"].get(return_of(line), {"id": None, "lines": []})
        told = {"location": sale["location"], "return": back["id"], "return_number": return_of(line)}
        yield Event.SALE_RETURNED, told | {"lines": back["lines"]}


def return_of(line):
    return line.changes.get("return")


@dataclass(frozen=True, kw_only=True)
class Paper:
    """A kind of document: where it lies, and what is told when it moves on. `tell` gives pairs of event and data."""

    model: type
    events: set
    tell: Callable
    places: tuple = ("location",)
    more: dict = field(default_factory=dict)  # name: from where
    add: Callable | None = None  # what belongs to it and lies in other tables


# Each of the following costs one statement for all papers of a page.


def with_goods(sales, lines):
    """What was sold, and what came back of it."""
    for sale in sales.values():
        sale["lines"], sale["returns"] = [], {}
    for row in goods_of(OrderLine.objects.filter(order__in=sales), paper="order_id", sku="sku"):
        sales[row.pop("paper")]["lines"].append(row)
    numbers = {return_of(line) for line in lines if return_of(line)}
    returns = {pk_in(SaleReturn.PREFIX, number) for number in numbers}
    back = defaultdict(list)
    if returns:
        came = SaleReturnLine.objects.filter(sale_return__in=returns)
        for row in goods_of(came, paper="sale_return_id", sku="line__sku"):
            back[row.pop("paper")].append(row)
    told_of = {numbered(SaleReturn.PREFIX, pk): {"id": pk, "lines": back[pk]} for pk in returns}
    for sale in sales.values():
        sale["returns"] = told_of


def goods_of(rows, *, paper, sku):
    named = rows.order_by("pk").annotate(paper=F(paper), sku_pk=F(f"{sku}_id"), sku_code=F(f"{sku}__code"))
    for row in named.values("paper", "sku_pk", "sku_code", "quantity"):
        yield {
            "paper": row["paper"],
            "sku": row["sku_pk"],  # null: plain work
            "sku_code": row["sku_code"],
            "quantity": str(row["quantity"]),
        }


def paper(model, event, **more):
    names = (*more.get("places", ("location",)),)
    tell = moved_on(event, places=names, more=tuple(more.get("more", ())))
    return Paper(model=model, events={event}, tell=tell, **more)


PAPERS = {
    "ORD": paper(Order, Event.ORDER_STATUS_CHANGED),
    "SALE": Paper(model=Order, events={Event.SALE_COMPLETED, Event.SALE_RETURNED}, tell=sold, add=with_goods),
    "PO": paper(PurchaseOrder, Event.PURCHASE_ORDER_STATUS_CHANGED, more={"supplier": "supplier_id"}),
    "TRF": paper(Transfer, Event.TRANSFER_STATUS_CHANGED, places=("source", "destination")),
    "REQ": paper(StockRequest, Event.STOCK_REQUEST_STATUS_CHANGED),
    "CNT": paper(StockCount, Event.STOCK_COUNT_STATUS_CHANGED),
    "ALT": Paper(model=Ticket, events={Event.ALTERATION_STATUS_CHANGED, Event.ALTERATION_READY}, tell=altered),
    "GAR": paper(
        Garment,
        Event.GARMENT_STATUS_CHANGED,
        more={"ticket": "ticket_id", "location": "ticket__location_id"},
        places=(),
    ),
}


def of_timelines(rows, wanted, batch):
    """Of lines that say where a paper went. One that was deleted meanwhile was a draft that nobody saw."""
    kinds = {prefix for prefix, kind in PAPERS.items() if not kind.events.isdisjoint(wanted)}
    if not kinds:
        return None, False, []
    found, last = page_of(rows.exclude(after="").only("document", "at", "kind", "before", "after", "changes"), batch)
    by_kind = defaultdict(list)
    for line in found:
        prefix = line.document.partition("-")[0]
        if prefix in kinds:
            by_kind[prefix].append(line)
    news = [piece for prefix, lines in by_kind.items() for piece in of_papers(prefix, lines)]
    return last, last is not None, sorted(news, key=lambda piece: (piece.at, piece.source))


def of_papers(prefix, lines):
    kind = PAPERS[prefix]
    papers = named_by(prefix, kind, lines)
    for line in lines:
        pk = pk_in(prefix, line.document)
        if pk not in papers:
            continue
        for event, data in kind.tell(line, papers[pk]):
            yield News(
                event=event,
                source=f"timeline {line.pk}",
                at=line.at,
                places={papers[pk][name] for name in ("location", *kind.places) if name in papers[pk]},
                data={"id": pk, "number": line.document, "from": line.before or None, "to": line.after} | data,
            )


def named_by(prefix, kind, lines):
    wanted = {name: F(where) for name, where in kind.more.items()} | {name: F(f"{name}_id") for name in kind.places}
    columns = {f"told_{name}": where for name, where in wanted.items()}
    rows = kind.model.objects.filter(pk__in={pk_in(prefix, line.document) for line in lines}).order_by()
    papers = {
        row["pk"]: {name: row[f"told_{name}"] for name in wanted}
        for row in rows.annotate(**columns).values("pk", *columns)
    }
    if kind.add:
        kind.add(papers, lines)
    return papers
