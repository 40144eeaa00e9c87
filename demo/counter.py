"""Today at the counter: tills, returns and exchanges, baskets that were put aside."""

from datetime import timedelta
from decimal import Decimal

from django.db.models import Count, Exists, F, OuterRef

from orders.models import Basket, Order, OrderLine, TillSession
from orders.services import baskets, returning, selling, tills
from orders.services.returning import Back
from orders.services.selling import Wanted

ONE, FLOAT = Decimal(1), Decimal(150)
LONG_AGO = timedelta(days=30)


def open_tills(shop):
    """A day at each till: one that came out right, one that did not, and two that are open."""
    clerk, sven, manager = shop.people["staff"], shop.people["sven"], shop.manager
    early = tills.open_till(location=shop.centre, opening_cash=FLOAT, note="Early shift", by=clerk)
    sell(shop, shop.centre, 4, early, clerk)
    tills.cash_in(session=early, amount=Decimal(20), reason="Change from the bank", by=clerk)
    tills.cash_out(session=early, amount=Decimal(5), reason="Stamps", by=clerk)
    tills.close(session=early, counted=TillSession.objects.with_figures().get(pk=early.pk).cash(), by=clerk)
    second = tills.open_till(location=shop.centre, opening_cash=FLOAT, register="2", by=manager)
    sell(shop, shop.centre, 2, second, manager)
    there = TillSession.objects.with_figures().get(pk=second.pk).cash()
    tills.close(session=second, counted=there - 2, note="Two euros short, looked for twice.", by=manager)
    sell(shop, shop.centre, 3, tills.open_till(location=shop.centre, opening_cash=FLOAT, by=clerk), clerk)
    sell(shop, shop.harbour, 3, tills.open_till(location=shop.harbour, opening_cash=FLOAT, by=sven), sven)


def sell(shop, place, many, till, by):
    for number, sku in enumerate(shop.plenty(place, many)):
        lines = [{"sku": sku, "quantity": ONE}]
        method = ("cash", "card")[number % 2]
        wanted = Wanted(location=place, lines=lines, payments=shop.paid(lines, method=method), till_session=till)
        selling.sell(wanted, by=by)


# ------------------------------------------------------------------------------------------------ what comes back


def take_back(shop):
    """Returns of a part, returns of all, and exchanges for another thing."""
    of_one, of_more = sold_lately(shop, lines=1), sold_lately(shop, lines__gt=1)
    for number, sale in enumerate(of_more[:5]):
        line = sale.lines.filter(quantity=ONE).order_by("pk").first()
        back = [Back(line=line.pk, quantity=ONE, restock=number != 1)]
        reason = ("Too small", "A stain", "A gift")[number % 3]
        returning.take_back(sale=sale, lines=back, reason=reason, by=shop.manager)
    for sale in of_one[:3]:
        all_of_it = [Back(line=line.pk, quantity=line.quantity) for line in sale.lines.order_by("pk")]
        returning.take_back(sale=sale, lines=all_of_it, reason="Does not suit", by=shop.manager)
    for sale in of_one[3:6]:
        exchange(shop, sale)


def sold_lately(shop, **many):
    """Sales of pieces in the Centre, the newest first, of so many lines."""
    sales = Order.objects.sales().filter(location=shop.centre, status="completed", total__gt=40)
    sales = sales.filter(occurred_at__lt=shop.now - timedelta(hours=1)).order_by("-occurred_at")
    counted = Order.objects.annotate(many=Count("lines")).filter(pk=OuterRef("pk"))
    wanted = {name.replace("lines", "many"): value for name, value in many.items()}
    whole = OrderLine.objects.filter(order=OuterRef("pk"), quantity=ONE, sku__product__unit="piece")
    return list(sales.filter(Exists(whole), Exists(counted.filter(**wanted)))[:12])


def exchange(shop, sale):
    """For something dearer: the difference is paid."""
    line = sale.lines.filter(quantity=ONE).order_by("pk").first()
    credit = line.total
    for sku in shop.plenty(shop.centre, 40):
        lines = [{"sku": sku, "quantity": ONE}]
        (due,) = shop.paid(lines, method="card")
        if due.amount > credit and sku.pk != line.sku_id:
            difference = [selling.Tender(method="card", amount=due.amount - credit)]
            wanted = Wanted(location=shop.centre, lines=lines, payments=difference)
            back = [Back(line=line.pk, quantity=ONE)]
            returning.exchange(sale=sale, lines=back, wanted=wanted, reason="Another size", by=shop.manager)
            return


# ------------------------------------------------------------------------------------------------ put aside


def put_aside(shop):
    """Baskets: one waits, one became a sale, one was discarded, one was forgotten."""
    clerk, goods = shop.people["staff"], shop.plenty(shop.centre, 4)
    held = [
        baskets.hold(
            location=shop.centre,
            lines=[{"sku": sku, "quantity": ONE}],
            label=label,
            customer=shop.customers[number],
            by=clerk,
        )
        for number, (sku, label) in enumerate(
            zip(goods, ("Fitting room 2", "Back at five", "Phone call", "Tuesday"), strict=False)
        )
    ]
    payments = shop.paid([{"sku": goods[1], "quantity": ONE}], method="card")
    baskets.discard(basket=held[2], by=clerk)
    Basket.objects.filter(pk=held[3].pk).update(updated_at=F("updated_at") - LONG_AGO)
    baskets.expire_old()
    selling.sell_basket(basket=held[1], payments=payments, by=clerk)
