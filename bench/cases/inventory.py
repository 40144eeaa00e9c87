"""Stock and its ledger: pages, the past, putting the book right; in a large house, beside it in one of 10,000 levels.

`--skus 250000 --movements 10000000` makes it as large as the contract's: 1,000,000 levels.
"""

import base64
import dataclasses
import functools
import itertools
import json
import random
from datetime import timedelta
from decimal import Decimal
from urllib.parse import urlsplit

from django.db import connection
from django.utils import timezone

from accounts.roles import Role
from bench import catalogue, ledger, shop
from bench.registry import Ask, case
from inventory.services import counting, transferring
from inventory.services.lines import Goods
from skus.models import Sku

MOST_GROWTH = 1.5
MOST_ADJUSTED = 100_000  # SKUs that are adjusted in turns
ENOUGH = 1000  # movements for one client to reverse, one after the other
shares = itertools.count()


@dataclasses.dataclass(frozen=True)
class House:
    """One of the two: the header that names it, its schema, how many SKUs it has, and its places."""

    headers: dict
    schema: str
    skus: int
    places: list

    @property
    def place(self):
        return self.places[0].pk

    @property
    def token(self):
        return shop.token(shop.person(Role.MANAGER, places=self.places))

    def get(self, path):
        token = self.token
        return lambda: Ask("GET", path, token, headers=self.headers)

    def walk(self, path):
        """Page after page, along `next`."""
        token, here = self.token, [path]

        def go_on(answer):
            link = urlsplit(answer["next"] or "")
            here[0] = f"{link.path}?{link.query}" if answer["next"] else path

        return lambda: Ask("GET", here[0], token, headers=self.headers, then=go_on)

    def adjust(self, lines):
        token, skus = self.token, self.well_stocked()

        def ask():
            # Any goods: two clients that want the same would measure how long they wait for each other.
            found = [{"sku": sku, "change": "1"} for sku in random.sample(skus, lines)]
            body = {"location": self.place, "reason": "found", "lines": found}
            return Ask("POST", "stock/adjust/", token, body, headers=self.headers)

        return ask

    def ask(self, query, *words):
        with connection.cursor() as cursor:
            cursor.execute(query.format(self.schema), words)
            return [value for (value,) in cursor.fetchall()]

    def well_stocked(self):
        """SKUs that have a threshold and are above it here. One more of them changes no alert, as in most sales."""
        query = (
            "SELECT sku_id FROM {0}.inventory_stocklevel level WHERE location_id = %s AND sku_id %% 2 = 0"
            " AND NOT EXISTS (SELECT FROM {0}.inventory_alert WHERE level_id = level.id)"
            " ORDER BY hashint8(sku_id) LIMIT %s"
        )
        return self.ask(query, self.place, MOST_ADJUSTED)

    def middle(self, path):
        """The same list of stock, from the SKU in the middle of the catalogue on."""
        (code,) = self.ask(
            "SELECT code FROM {}.skus_sku WHERE id <= %s ORDER BY code OFFSET %s LIMIT 1", self.skus, self.skus // 2
        )
        return f"{path}&cursor={cursor_at('sku__code,id', code, 1)}"

    def long_ago(self, path):
        """The same list of movements, from the middle of the ledger on."""
        (newest,) = self.ask("SELECT max(id) FROM {}.inventory_stockmovement")
        return f"{path}&cursor={cursor_at('-id', newest // 2)}"

    def an_order(self):
        """The number of one that was promised goods, in the middle of the ledger."""
        (newest,) = self.ask("SELECT max(id) FROM {}.inventory_stockmovement")
        query = "SELECT document FROM {}.inventory_stockmovement WHERE reason = 'order' AND id > %s ORDER BY id LIMIT 1"
        return self.ask(query, newest // 2)[0]


def cursor_at(ordering, *values):
    """As boutique.api.pagination packs it."""
    return base64.urlsafe_b64encode(json.dumps(["n", ordering, values]).encode()).decode().rstrip("=")


@functools.cache
def small():
    return House(catalogue.SMALL, "small", ledger.FEW_SKUS, ledger.small())


@functools.cache
def large():
    small()
    return House(catalogue.LARGE, "public", catalogue.many(), ledger.large())


def page_of(house):
    return f"stock/?page_size=50&location={house.place}"


def month_ago():
    return (timezone.now() - timedelta(days=30)).date()


# ------------------------------------------------------------------------------------------------ levels


@case(queries=4, ratio=14)
def few_levels(client):
    """GET stock/?location= of 2,500 levels: a page of 50."""
    return small().get(page_of(small()))


@case(queries=4, ratio=14, grown_from="few-levels", growth=MOST_GROWTH)
def page_of_levels(client):
    """GET stock/?location= of many: a page of 50."""
    return large().get(page_of(large()))


@case(queries=4, ratio=14)
def few_levels_deep(client):
    """GET stock/?location= of 2,500, from the middle on along next."""
    return small().walk(small().middle(page_of(small())))


@case(queries=4, ratio=14, grown_from="few-levels-deep", growth=MOST_GROWTH)
def levels_deep(client):
    """GET stock/?location= of many, from the middle on along next."""
    return large().walk(large().middle(page_of(large())))


@case(queries=4)
def few_levels_then(client):
    """GET stock/?as_of= a month ago, of 2,500 levels: a page of 50."""
    return small().get(f"{page_of(small())}&as_of={month_ago()}")


@case(queries=4, grown_from="few-levels-then", growth=MOST_GROWTH)
def levels_then(client):
    """GET stock/?as_of= a month ago, of many: a page of 50."""
    return large().get(f"{page_of(large())}&as_of={month_ago()}")


@case(queries=4)
def few_low_levels(client):
    """GET stock/?low_stock=true of 10,000 levels: a page of 50."""
    return small().get("stock/?page_size=50&low_stock=true")


@case(queries=4)
def low_levels(client):
    """GET stock/?low_stock=true of many: a page of 50, and the first 10,000 counted."""
    return large().get("stock/?page_size=50&low_stock=true")


# ------------------------------------------------------------------------------------------------ alerts


@case(queries=2)
def few_alerts(client):
    """GET alerts/?open=true in a house of 10,000 levels: the newest 50."""
    return small().get("alerts/?page_size=50&open=true")


@case(queries=2, grown_from="few-alerts", growth=MOST_GROWTH)
def page_of_alerts(client):
    """GET alerts/?open=true in a large house: the newest 50."""
    return large().get("alerts/?page_size=50&open=true")


# ------------------------------------------------------------------------------------------------ movements


@case(queries=2)
def few_movements(client):
    """GET movements/ of 100,000: the newest 50."""
    return small().get("movements/?page_size=50")


@case(queries=2, grown_from="few-movements", growth=MOST_GROWTH)
def page_of_movements(client):
    """GET movements/ of many: the newest 50."""
    return large().get("movements/?page_size=50")


@case(queries=2)
def few_moves_deep(client):
    """GET movements/ of 100,000, from the middle on along next."""
    return small().walk(small().long_ago("movements/?page_size=50"))


@case(queries=2, grown_from="few-moves-deep", growth=MOST_GROWTH)
def movements_deep(client):
    """GET movements/ of many, from the middle on along next."""
    return large().walk(large().long_ago("movements/?page_size=50"))


@case(queries=2)
def few_moves_of_sku(client):
    """GET movements/?sku= of the best seller of 2,500."""
    return small().get("movements/?page_size=50&sku=1")


@case(queries=2, grown_from="few-moves-of-sku", growth=MOST_GROWTH)
def movements_of_sku(client):
    """GET movements/?sku= of the best seller of many."""
    return large().get("movements/?page_size=50&sku=1")


@case(queries=2)
def few_moves_of_order(client):
    """GET movements/?document= of an order, in a ledger of 100,000."""
    return small().get(f"movements/?document={small().an_order()}")


@case(queries=2, grown_from="few-moves-of-order", growth=MOST_GROWTH)
def movements_of_order(client):
    """GET movements/?document= of an order, in a large ledger."""
    return large().get(f"movements/?document={large().an_order()}")


# ------------------------------------------------------------------------------------------------ putting it right


@case(queries=10)
def few_adjust_3(client):
    """POST stock/adjust/ with 3 lines, in a house of 10,000 levels."""
    return small().adjust(3)


@case(queries=10)
def adjust_1(client):
    """POST stock/adjust/ with 1 line, in a large house."""
    return large().adjust(1)


@case(queries=10, grown_from="few-adjust-3", growth=MOST_GROWTH)
def adjust_3(client):
    """POST stock/adjust/ with 3 lines, in a large house."""
    return large().adjust(3)


@case(queries=10)
def adjust_50(client):
    """POST stock/adjust/ with 50 lines, in a large house."""
    return large().adjust(50)


@case(queries=12)
def reverse(client):
    """POST movements/{id}/reverse/: a damage that was none, in a large house."""
    house = large()
    query = (
        "SELECT id FROM {}.inventory_stockmovement WHERE reason = 'damage' AND sku_id %% 2 = 1"  # no alert resolves
        " ORDER BY id LIMIT %s OFFSET %s"
    )
    mine, token = iter(house.ask(query, ENOUGH, next(shares) * ENOUGH)), house.token
    return lambda: Ask("POST", f"movements/{next(mine)}/reverse/", token, {}, headers=house.headers)


# ------------------------------------------------------------------------------------------------ documents


@functools.cache
def transfers():
    """A page full of them, of 20 lines each."""
    by, (source, destination) = shop.person(Role.ADMIN), large().places[:2]
    skus = list(Sku.objects.select_related("product").order_by("pk")[:20])
    for _ in range(25):
        goods = [Goods(sku=sku, quantity=Decimal(1)) for sku in skus]
        transferring.ask(source=source, destination=destination, lines=goods, by=by)


@case(queries=4)
def page_of_transfers(client):
    """GET transfers/: 25 of 20 lines each."""
    transfers()
    return large().get(f"transfers/?location={large().place}")


@case(queries=16)
def count_lines_1(client):
    """POST stock-counts/{id}/lines/ with 1 line."""
    return counted(1)


@case(queries=16)
def count_lines_500(client):
    """POST stock-counts/{id}/lines/ with 500 lines."""
    return counted(500)


def counted(lines):
    """Each client has a count and shelves of its own."""
    house, first = large(), next(shares) % (large().skus // 500) * 500
    count = counting.start(location=house.places[0], by=shop.person(Role.ADMIN))
    body = {"lines": [{"sku": first + number, "counted": "5"} for number in range(1, lines + 1)]}
    token = house.token
    return lambda: Ask("POST", f"stock-counts/{count.pk}/lines/", token, body, headers=house.headers)
