"""What happens on the shelves beside selling: requests, transfers, counts, corrections, thresholds and their alerts."""

from decimal import Decimal

from django.db.models import Q

from inventory.models import Alert, AlertKind, LowStockThreshold, StockLevel, StockMovement
from inventory.services import adjusting, alerts, counting, requesting, thresholds, transferring
from inventory.services.adjusting import Correction
from inventory.services.counting import Counted
from inventory.services.lines import Goods
from inventory.services.transferring import Arrived
from orders.services import selling

ONE, TWO = Decimal(1), Decimal(2)


def set_thresholds(shop):
    """The last of a size is too few; of cloth and buttons, five are. The warehouse has its own for what sells best."""
    kinds = {good.sku.product_id: good.design.kind for good in shop.goods}
    limits = []
    for product, kind in kinds.items():
        few = Decimal(5) if kind in ("fabric", "trim") else ONE
        amounts = {"threshold": few, "reorder_point": few + 1, "target": few * 4}
        limits.append(LowStockThreshold(product_id=product, created_by=shop.owner, updated_by=shop.owner, **amounts))
    # One by one (thresholds.add), four thousand take minutes.
    LowStockThreshold.objects.bulk_create(limits, batch_size=500)
    for first in range(0, len(limits), 500):
        some = [limit.product_id for limit in limits[first : first + 500]]
        thresholds.judge(Q(sku__product__in=some))
    for sku in shop.plenty(shop.warehouse, 3):
        thresholds.add(sku=sku, location=shop.warehouse, threshold=Decimal(6), target=Decimal(20), by=shop.manager)


def ask(shop):
    """Requests for goods, one in each state."""
    viewer, asked = shop.people["viewer"], []
    for sku, note in zip(
        shop.plenty(shop.centre, 5), ("Window", "Photo shoot", "Fair", "Gift", "Sample"), strict=False
    ):
        lines = [Goods(sku=sku, quantity=ONE)]
        asked.append(requesting.ask(location=shop.centre, lines=lines, note=note, by=viewer))
    requesting.approve(asked=asked[0], by=shop.manager, note="Take it.")
    requesting.reject(asked=asked[1], by=shop.manager, note="It is the last one.")
    requesting.cancel(asked=asked[2], by=viewer)


def move(shop):
    """Transfers, one in each state."""
    manager, owner = shop.manager, shop.owner
    goods = shop.plenty(shop.warehouse, 2, least=4)

    def asked(note, destination=shop.centre):
        lines = [Goods(sku=sku, quantity=TWO) for sku in goods]
        return transferring.ask(source=shop.warehouse, destination=destination, lines=lines, note=note, by=manager)

    def shipped(note, destination=shop.centre):
        approved = transferring.approve(transfer=asked(note, destination), by=owner)
        return transferring.ship(transfer=approved, by=manager)

    asked("For the window")
    transferring.approve(transfer=asked("Refill"), by=owner)
    shipped("Sizes for Harbour", shop.harbour)
    transferring.reject(transfer=asked("For the sale"), by=owner, note="Keep it for December.")
    transferring.cancel(transfer=asked("Refill again"), by=manager)
    receive(shipped("Weekly refill"), TWO, manager)
    receive(shipped("Weekend"), ONE, manager)
    part = receive(shipped("Rail"), ONE, manager)
    transferring.close(transfer=part, reason="One fell off the van.", by=manager)


def receive(transfer, many, by):
    arrived = [Arrived(sku=line.sku, received=many) for line in transfer.lines.select_related("sku__product")]
    return transferring.receive(transfer=transfer, lines=arrived, by=by)


def correct(shop):
    """What was damaged, lost and found; and one slip that was taken back."""
    goods = shop.plenty(shop.harbour, 4)
    by = shop.manager_of(shop.harbour)
    for reason, sku, change in zip(("damage", "loss", "found"), goods, (-ONE, -ONE, ONE), strict=False):
        adjusting.adjust(
            location=shop.harbour,
            reason=reason,
            lines=[Correction(sku=sku, change=change)],
            note="Closing round",
            by=by,
        )
    slip, _movements = adjusting.adjust(
        location=shop.harbour, reason="damage", lines=[Correction(sku=goods[0], change=-ONE)], by=by
    )
    movement = StockMovement.objects.get(document=slip.number)
    adjusting.reverse(movement=movement, note="It was only the tag.", by=by)
    trims = [good for good in shop.goods if good.design.kind in ("trim", "fabric")][:3]
    lines = [Correction(sku=good.sku, change=Decimal(40), unit_cost=good.cost) for good in trims]
    adjusting.assign(location=shop.places["WORKSHOP"], lines=lines, note="First stock of the workshop", by=shop.manager)


def count(shop):
    """A count that goes on, one that was posted, one that was given up."""
    by, goods = shop.manager, shop.plenty(shop.centre, 8)
    posted = counting.start(location=shop.centre, scope={"skus": goods[:3]}, note="Shoplifting suspected", by=by)
    counting.add_lines(count=posted, lines=counted(shop, goods[:3], less=goods[0]), by=by)
    counting.post(count=posted, by=by)
    given_up = counting.start(location=shop.centre, scope={"product": goods[3].product}, by=by)
    counting.cancel(count=given_up, by=by, note="Customers came in.")
    open_ = counting.start(location=shop.centre, scope={"skus": goods[3:8]}, blind=True, note="Weekly count", by=by)
    counting.add_lines(count=open_, lines=counted(shop, goods[3:5]), by=shop.people["clara"])


def counted(shop, skus, less=None):
    there = dict(StockLevel.objects.filter(location=shop.centre, sku__in=skus).values_list("sku", "on_hand"))
    return [Counted(sku=sku, counted=there[sku.pk] - (sku == less)) for sku in skus]


def alarm(shop):
    """Alerts of every kind: promised and then damaged, sold though the book did not know of it; some seen to."""
    by = shop.manager
    promised = shop.plenty(shop.centre, 12)[-1]
    there = StockLevel.objects.get(location=shop.centre, sku=promised)
    requesting.ask(location=shop.centre, lines=[Goods(sku=promised, quantity=there.available)], note="Styling", by=by)
    adjusting.adjust(
        location=shop.centre,
        reason="damage",
        lines=[Correction(sku=promised, change=-ONE)],
        note="Torn at the seam",
        by=by,
    )
    sell_unknown(shop, shop.plenty(shop.centre, 14)[-2:])
    for alert in Alert.objects.filter(resolved_at=None, kind=AlertKind.LOW_STOCK).order_by("pk")[:3]:
        alerts.acknowledge(alert=alert, note="Is ordered.", by=by)


def sell_unknown(shop, skus):
    """The till was offline, and sold one more than the book knew; one of the two was counted since."""
    for number, sku in enumerate(skus):
        level = StockLevel.objects.get(location=shop.centre, sku=sku)
        lines = [{"sku": sku, "quantity": level.available + 1}]
        wanted = selling.Wanted(
            location=shop.centre,
            lines=lines,
            payments=shop.paid(lines, method="card"),
            client_id=f"demo-offline-{number}",
            occurred_at=shop.now,
        )
        (outcome,) = selling.sell_all([wanted], by=shop.people["clara"])
        if outcome.error:
            raise outcome.error
    by = shop.manager
    again = counting.start(location=shop.centre, scope={"skus": skus[:1]}, note="Recount", by=by)
    counting.add_lines(count=again, lines=counted(shop, skus[:1]), by=by)
    counting.post(count=again, by=by)
