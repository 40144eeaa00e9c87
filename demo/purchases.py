"""Purchase orders of these weeks: one in each state, one of them late."""

from decimal import Decimal

from demo.trade import was_expected
from suppliers.services import costing, ordering, receiving
from suppliers.services.ordering import Wanted
from suppliers.services.receiving import Came, SentBack


def order(shop):
    by, centre = shop.manager, shop.centre
    sent = sent_by(shop)
    draft(shop, "Summer colours")
    sent("Refill")
    sent("Should be here by now", expected_on=shop.day(-4))
    receive(sent("Repeat order", expected_on=shop.day(3)), Decimal(3), by)
    came = receive(sent("Window pieces", expected_on=shop.day(0)), Decimal(6), by)
    costing.add_cost(order=came, amount=Decimal("38.50"), note="Freight", by=by)
    first = came.lines.order_by("pk").first()
    receiving.give_back(
        order=came, lines=[SentBack(line=first, quantity=Decimal(1))], reason="Flaw in the weave", by=by
    )
    part = receive(sent("Late season", expected_on=shop.day(-2)), Decimal(4), by)
    ordering.close(order=part, by=by, note="The mill has no more of it.")
    ordering.cancel(order=sent("Ordered twice"), by=by)
    ordering.cancel(order=draft(shop, "Second thoughts"), by=by)
    receiving.buy(
        supplier=shop.suppliers["Button & Thread"],
        location=centre,
        lines=[Wanted(sku=shop.goods[0].sku, quantity=Decimal(2), unit_cost=shop.goods[0].cost)],
        note="Bought over the counter",
        by=by,
    )
    ordering.alert_overdue()


def draft(shop, note, **more):
    """Of what one supplier has, six each."""
    supplier = shop.rng.choice(shop.goods).design.supplier
    goods = [good for good in shop.goods if good.design.supplier == supplier][:3]
    lines = [Wanted(sku=good.sku, quantity=Decimal(6)) for good in goods]
    return ordering.draft(
        supplier=shop.suppliers[supplier], location=shop.centre, lines=lines, note=note, by=shop.manager, **more
    )


def sent_by(shop):
    def sent(note, **more):
        order = ordering.send(order=draft(shop, note, **more), by=shop.manager)
        if "expected_on" in more:
            was_expected(order, order.expected_on)
            order.refresh_from_db()
        return order

    return sent


def receive(order, many, by):
    lines = [Came(line=line, quantity=many) for line in order.lines.order_by("pk")]
    return receiving.receive(order=order, lines=lines, note="Delivery note 4711", by=by)
