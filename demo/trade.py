"""What came and what was sold, day by day: deliveries every four weeks, sales as people buy.

Weekdays, seasons, best sellers, sizes and discounts make the demand; what is not on the shelf is not sold. All of it is
posted in the order in which it happened, in batches as a till sends them.
"""

from bisect import bisect
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from itertools import accumulate
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection

from orders import money
from orders.services import selling
from orders.services.selling import Tender, Wanted
from suppliers.models import PurchaseOrder, SupplierSku
from suppliers.services import ordering, receiving, terms

SALES_A_DAY = {"CENTRE": 15, "HARBOUR": 9}  # with 200 SKUs
SELLERS = {"CENTRE": ("staff", "clara", "manager"), "HARBOUR": ("sven", "helena")}
USUAL_SKUS = 200
FEWEST_A_DAY = 3
WEEKDAYS = (0.7, 0.8, 0.9, 1.0, 1.35, 1.85, 0.4)
MONTHS = (1.0, 0.75, 0.9, 1.0, 1.1, 1.1, 1.05, 0.85, 1.0, 1.05, 1.15, 1.5)
SEASONS = {
    "all": (1,) * 12,
    "summer": (0.4, 0.5, 0.8, 1.1, 1.5, 1.8, 1.9, 1.6, 1.0, 0.7, 0.5, 0.5),
    "winter": (1.5, 1.2, 0.9, 0.7, 0.5, 0.3, 0.3, 0.5, 1.0, 1.4, 1.8, 2.0),
    "wedding": (0.6, 0.7, 0.9, 1.2, 1.6, 1.6, 1.3, 1.2, 1.3, 0.9, 0.7, 1.1),
}
SALE_MONTHS = (1, 7)  # in the first three weeks of which a fifth is off
BLOCK = 28  # days from one delivery to the next
LAST_DELIVERY = 9  # days ago
DELAYS = (-2, -1, 0, 0, 0, 0, 1, 3)  # days: a quarter of what was ordered comes late
OPENS, CLOSES = time(10), time(19)
AT_ONCE, LINES_AT_ONCE = 500, 500
RECENT = timedelta(days=29)  # what is older, a manager brings in
SUPPLIERS = [
    ("Tessitura Lombarda", "Paolo Ricci", 28, "30 days net"),
    ("Jaipur Silk House", "Meera Rathore", 42, "50 % in advance"),
    ("Atelier Nord", "Ingrid Holm", 21, "14 days 2 %, 30 days net"),
    ("Lisboa Camisaria", "Tiago Ferreira", 14, "30 days net"),
    ("Button & Thread", "Sophie Klein", 5, "On delivery"),
    ("Maison Foulard", "Luc Girard", 18, "30 days net"),
]
SALE = "demo-{:07d}"


# ------------------------------------------------------------------------------------------------ suppliers


def find_suppliers(shop):
    """Who brings what, at which price; of some things a second one does, too."""
    for number, (name, contact, days, on_terms) in enumerate(SUPPLIERS):
        shop.suppliers[name] = terms.add(
            name=name,
            contact_name=contact,
            email=f"orders{number + 1}@example.com",
            phone=f"+4940777{number:04d}",
            lead_time_days=days,
            payment_terms=on_terms,
            by=shop.owner,
        )
    terms.archive(supplier=terms.add(name="Old Mill Weavers", by=shop.owner), by=shop.owner)
    prices = [price_at(shop, good, good.design.supplier, good.cost, is_preferred=True) for good in shop.goods]
    for good in shop.goods[::17]:
        other = "Atelier Nord" if good.design.supplier != "Atelier Nord" else "Lisboa Camisaria"
        dearer = (good.cost * Decimal("1.08")).quantize(money.CENT)
        prices.append(price_at(shop, good, other, dearer, is_preferred=False))
    # One by one (terms.add_price), twenty thousand take minutes; in an empty shop none was preferred before.
    SupplierSku.objects.bulk_create(prices, batch_size=1000)


def price_at(shop, good, supplier, cost, *, is_preferred):
    return SupplierSku(
        supplier=shop.suppliers[supplier],
        sku=good.sku,
        supplier_code=f"{supplier[:2].upper()}{good.sku.pk:06d}",
        unit_cost=cost,
        is_preferred=is_preferred,
        created_by=shop.owner,
        updated_by=shop.owner,
    )


# ------------------------------------------------------------------------------------------------ the year


@dataclass
class Store:
    """A store while its year goes by."""

    place: object
    sales_a_day: float
    sellers: list
    stock: Counter

    @property
    def zone(self):
        return ZoneInfo(self.place.timezone)


def pass_days(shop, days, told):
    """From so many days ago until now."""
    scale = (len(shop.goods) / USUAL_SKUS) ** 0.5
    stores = [
        Store(shop.places[code], SALES_A_DAY[code] * scale, [shop.people[name] for name in sellers], Counter())
        for code, sellers in SELLERS.items()
    ]
    fill_warehouse(shop, shop.day(-days))
    names = iter(range(1, 10**7))
    for first, last in blocks(days):
        for store in stores:
            deliver(shop, store, shop.day(first), last - first + 1)
        for store in stores:
            trade(shop, store, first, last, names)
        told(days + last + 1)
        # What the database looks at when a transaction ends is looked at here: not all of a year at once.
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")


def moved(shop, lines):
    """What the database planned for empty tables is slow on full ones: it looks again whenever they have doubled."""
    shop.moved += lines
    if shop.moved > 2 * shop.planned_for:
        shop.planned_for = shop.moved
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")


def blocks(days):
    """(first, last) of each time between two deliveries, in days from today."""
    starts = sorted({-days, *range(-LAST_DELIVERY, -days, -BLOCK)})
    starts = [start for start in starts if start >= -days]
    return [(start, end - 1) for start, end in zip(starts, [*starts[1:], 1], strict=True)]


def moment(shop, store, day, at):
    """Never later than now: today's hours are those that are over. In UTC, where no day has 23 or 25 hours."""
    return min(datetime.combine(day, at, store.zone).astimezone(UTC), shop.now)


# ------------------------------------------------------------------------------------------------ deliveries


def asked_for(good, month):
    return good.pull * SEASONS[good.design.season][month - 1]


def deliver(shop, store, day, days):
    """Up to what will be asked for until the next delivery, and a fifth more; now and then something does not come."""
    month = (day + timedelta(days=days // 2)).month
    weights = [asked_for(good, month) for good in shop.goods]
    lines_in_all = store.sales_a_day * days * 1.45 * MONTHS[month - 1]
    coming = []
    for good, weight in zip(shop.goods, weights, strict=True):
        length = 2.5 if good.is_cloth else 1
        wanted = round((lines_in_all * weight / sum(weights) * 1.2 + shop.rng.choice((2, 2, 3, 4))) * length)
        missing = wanted - store.stock[good.sku.pk]
        if missing > 0 and shop.rng.random() > 0.05:
            coming.append((good, Decimal(missing)))
            store.stock[good.sku.pk] += missing
    buy(shop, store.place, coming, day)


def fill_warehouse(shop, day):
    """What is kept behind the stores: some of what sells best."""
    best = sorted(shop.goods, key=lambda good: -good.pull)[: max(8, len(shop.goods) // 3)]
    buy(shop, shop.warehouse, [(good, Decimal(12)) for good in best], day)


def buy(shop, place, coming, day):
    """One purchase from each supplier, before the doors open."""
    at = min(datetime.combine(day, time(7, 30), ZoneInfo(place.timezone)), shop.now)
    by_supplier = {}
    for good, quantity in coming:
        by_supplier.setdefault(good.design.supplier, []).append(
            ordering.Wanted(sku=good.sku, quantity=quantity, unit_cost=good.cost)
        )
    for name, lines in by_supplier.items():
        for first in range(0, len(lines), LINES_AT_ONCE):
            order = receiving.buy(
                supplier=shop.suppliers[name],
                location=place,
                lines=lines[first : first + LINES_AT_ONCE],
                note="Season delivery",
                occurred_at=at,
                by=shop.manager_of(place),
            )
            was_expected(order, day - timedelta(days=shop.rng.choice(DELAYS)))
            moved(shop, len(lines[first : first + LINES_AT_ONCE]))


def was_expected(order, day):
    """On that day, and sent as long before it as this supplier takes. Nobody may send an order in the past, and so no
    service does."""
    opens = datetime.combine(day, OPENS, ZoneInfo(order.location.timezone))
    sent_at = opens - timedelta(days=order.supplier.lead_time_days)
    PurchaseOrder.objects.filter(pk=order.pk).update(at_once=False, expected_on=day, sent_at=sent_at)


# ------------------------------------------------------------------------------------------------ sales


def trade(shop, store, first, last, names):
    """The sales of these days, under the name of whoever stood at the counter."""
    waiting, seller = [], None
    for offset in range(first, last + 1):
        day = shop.day(offset)
        on_duty = shop.manager_of(store.place)
        if timedelta(days=-offset) < RECENT:
            on_duty = store.sellers[offset % len(store.sellers)]
        if on_duty != seller or len(waiting) > AT_ONCE - 100:
            post(shop, waiting, seller)
            waiting, seller = [], on_duty
        waiting += sales_of(shop, store, day, names)
    post(shop, waiting, seller)


def post(shop, sales, by):
    for first in range(0, len(sales), AT_ONCE):
        for outcome in selling.sell_all(sales[first : first + AT_ONCE], by=by):
            if outcome.error:
                raise outcome.error
    moved(shop, len(sales))


def sales_of(shop, store, day, names):
    """What people buy on one day, in the order in which they come."""
    weights = list(accumulate(asked_for(good, day.month) for good in shop.goods))
    usual = store.sales_a_day * WEEKDAYS[day.weekday()] * MONTHS[day.month - 1]
    many = max(FEWEST_A_DAY, round(shop.rng.gauss(usual, usual**0.5)))
    opens = moment(shop, store, day, OPENS)
    if day == shop.today and opens == shop.now:  # the doors are still closed: who came, came early
        opens = moment(shop, store, day, time(0))
    open_for = moment(shop, store, day, CLOSES) - opens
    found = []
    for at in sorted(opens + open_for * shop.rng.random() for _ in range(many)):
        chosen = lines_of(shop, store, weights)
        if chosen:
            found.append(sale(shop, store, [words(shop, good, much, day) for good, much in chosen], at, next(names)))
    return found


def lines_of(shop, store, weights):
    """One, two or three things that are there."""
    chosen = {}
    for _ in range(shop.rng.choices((1, 2, 3), (68, 24, 8))[0]):
        good = shop.goods[bisect(weights, shop.rng.random() * weights[-1])]
        much = shop.rng.choice((1, 2, 2, 3, 4)) if good.is_cloth else 1 + (shop.rng.random() < 0.04)
        if good.sku.pk not in chosen and store.stock[good.sku.pk] >= much:
            store.stock[good.sku.pk] -= much
            chosen[good.sku.pk] = (good, Decimal(much))
    return list(chosen.values())


def words(shop, good, much, day):
    price = much * good.sku.effective_price
    share = Decimal(0)
    if day.month in SALE_MONTHS and day.day <= 21 and shop.rng.random() < 0.5:
        share = Decimal(20)
    elif shop.rng.random() < 0.05:
        share = Decimal(10)
    share = min(share, settings.BOUTIQUE_DISCOUNT_LIMIT)  # staff give it
    discount = (price * share / 100).quantize(money.CENT, "ROUND_DOWN")
    return {"sku": good.sku, "quantity": much, "discount": discount}


def sale(shop, store, lines, at, number):
    (whole,) = shop.paid(lines, method="cash")
    return Wanted(
        location=store.place,
        lines=lines,
        payments=tenders(shop, whole.amount, number),
        customer=shop.rng.choice(shop.customers) if shop.rng.random() < 0.3 else None,
        client_id=SALE.format(number),
        occurred_at=at,
    )


def tenders(shop, total, number):
    if total > 80 and shop.rng.random() < 0.04:  # a part of it in cash
        return [Tender(method="cash", amount=Decimal(50)), Tender(method="card", amount=total - 50)]
    (method,) = shop.rng.choices(("card", "cash", "transfer", "other"), (62, 31, 3, 4))
    reference = f"SLIP-{number:07d}" if method in ("card", "transfer") else ""
    return [Tender(method=method, amount=total, reference=reference)]
