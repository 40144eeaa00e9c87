"""What the parts of the demo shop tell one another: who works where, what there is, who buys."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import F

from accounts.models import Location, User
from inventory.models import StockLevel
from orders import money
from orders.services.selling import Tender


@dataclass
class Shop:
    """The house while it is being filled."""

    places: dict[str, Location]
    people: dict[str, User]
    rng: Random
    now: datetime
    goods: list = field(default_factory=list)
    suppliers: dict = field(default_factory=dict)
    customers: list = field(default_factory=list)
    # So many lines were bought or sold, and so many when the database last looked at its tables.
    moved: int = 0
    planned_for: int = 250

    @property
    def owner(self):
        return self.people["owner"]

    @property
    def manager(self):
        return self.people["manager"]

    @property
    def centre(self):
        return self.places["CENTRE"]

    @property
    def harbour(self):
        return self.places["HARBOUR"]

    @property
    def warehouse(self):
        return self.places["WAREHOUSE"]

    @property
    def today(self) -> date:
        return self.now.astimezone(ZoneInfo(self.centre.timezone)).date()

    def day(self, offset):
        """So many days from today."""
        return self.today + timedelta(days=offset)

    def manager_of(self, place):
        return self.people["helena"] if place == self.harbour else self.manager

    def plenty(self, place, many, *, least=2, cloth=False):
        """So many SKUs there is most of in this place: first pieces, or cloth by the metre."""
        unit = "metre" if cloth else "piece"
        rows = StockLevel.objects.filter(location=place, sku__product__unit=unit)
        rows = rows.annotate(free=F("on_hand") - F("reserved")).filter(free__gte=least)
        ids = list(rows.order_by("-free", "sku").values_list("sku", flat=True)[:many])
        by_id = {good.sku.pk: good.sku for good in self.goods}
        return [by_id[pk] for pk in ids]

    def paid(self, lines, *, method):
        """The whole price of these lines, by one tender."""
        prices = [
            money.Price(
                quantity=line["quantity"],
                unit_price=line["sku"].effective_price,
                discount=line.get("discount", money.ZERO),
                tax_rate=line["sku"].product.tax_rate,
            )
            for line in lines
        ]
        found = money.amounts(prices, includes_tax=settings.BOUTIQUE_PRICES_INCLUDE_TAX)
        return [Tender(method=method, amount=money.totals(prices, found).total)]
