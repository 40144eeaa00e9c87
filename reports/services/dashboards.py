"""What the shop looks at each morning: what is there, what was sold, what waits; and how that was before.

Money is as paid, with tax: `sales` is what was sold, `returns` what came back (on the day it did), `net` the
difference, `tax` what is in it. Stock, and what waits, is as it is now; everything else is of the days asked for.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, DateField, DateTimeField, Exists, F, Func, OuterRef, Q, Value
from django.db.models.functions import Cast
from django.utils import timezone

from accounts.models import User
from alterations.models import Ticket
from inventory.models import AVAILABLE, Alert, StockRequest, Transfer
from inventory.services import days as stock_days
from orders.models import Order
from orders.money import rounded
from orders.services import days as sales_days
from reports.services.answers import Answer
from reports.services.asking import DAY
from skus.models import Product

ZERO = Decimal(0)
MOST_LOW = 500


# ------------------------------------------------------------------------------------------------ store and house


def overview(asked):
    """All of one place, or of several together."""
    levels = {row["location_id"]: row for row in stock_days.there(places=asked.ids)}
    by_day, by_person = moved(asked)
    sold_by_day, sold_by_person, sold_by_place = sold(asked)
    then, now = apart(by_day, asked.after)
    sold_then, sold_now = apart(sold_by_day, asked.after)
    waiting = counted(asked.ids)
    return {
        "title": "Dashboard",
        "filters": asked.filters,
        "generated_at": timezone.now(),
        "stock_value": total(levels.values(), "value"),
        "units_on_hand": total(levels.values(), "on_hand"),
        "units_reserved": total(levels.values(), "reserved"),
        "movement": movement(now),
        "net_movement": movement(now)["net"],
        "sales": sales(sold_now),
        "previous": {
            "after": asked.after - DAY * asked.days,
            "before": asked.after - DAY,
            "net_movement": movement(then)["net"],
            "sales": sales(sold_then),
        },
        **waiting,
        "overdue_work": waiting["overdue_orders"] + waiting["overdue_alterations"],
        "staff_activity": activity(by_person, sold_by_person),
        "trend": trend(asked, now, sold_now),
        "places": [of_place(place, levels, sold_by_place) for place in asked.places],
    }


def before_and_in(asked):
    """The days that were asked for, and as many before them; `since` tells them apart."""
    return {
        "places": asked.ids,
        "after": asked.after - DAY * asked.days,
        "before": asked.before,
        "since": asked.after,
    }


def moved(asked):
    groups = [("business_date",), ("person_id", "is_now")]
    by_day, by_person = stock_days.added_up([stock_days.MOVEMENTS], *groups, **before_and_in(asked))
    return by_day, [row for row in by_person if row["is_now"]]


def sold(asked):
    groups = [("business_date",), ("person_id", "is_now"), ("location_id", "is_now")]
    by_day, *others = sales_days.paid(*groups, **before_and_in(asked))
    return by_day, *([row for row in rows if row["is_now"]] for rows in others)


def apart(by_day, after):
    return (
        [row for row in by_day if row["business_date"] < after],
        [row for row in by_day if row["business_date"] >= after],
    )


def total(rows, name):
    return sum((row[name] for row in rows), ZERO)


def movement(rows):
    came, went = total(rows, "came_in"), total(rows, "went_out")
    return {"in": came, "out": went, "net": came - went}


def sales(rows):
    count, net, tax = int(total(rows, "sales")), total(rows, "sold") - total(rows, "returned"), total(rows, "tax")
    return {
        "count": count,
        "returns_count": int(total(rows, "returns")),
        "sales": total(rows, "sold"),
        "returns": total(rows, "returned"),
        "net": net,
        "tax": tax,
        "net_without_tax": net - tax,
        "units": total(rows, "units"),
        "average": rounded(total(rows, "sold") / count) if count else ZERO,
    }


def counted(ids):
    """How much waits, each as long as the list of the same name."""
    of_places = {
        "open_orders": Order.objects.custom().open(),
        "overdue_orders": Order.objects.custom().overdue(),
        "open_alterations": Ticket.objects.open(),
        "overdue_alterations": Ticket.objects.overdue(),
        "open_alerts": Alert.objects.open(),
        "low_stock": Alert.objects.of_low_levels(),
        "pending_requests": StockRequest.objects.filter(status=StockRequest.Status.REQUESTED),
    }
    lists = {name: rows.filter(location__in=ids) for name, rows in of_places.items()}
    either_end = Q(source__in=ids) | Q(destination__in=ids)
    lists["pending_transfers"] = Transfer.objects.filter(either_end, status=Transfer.Status.REQUESTED)
    first, *others = (
        rows.order_by().annotate(list_name=Value(name)).values_list("list_name").annotate(rows=Count("pk"))
        for name, rows in lists.items()
    )
    return dict.fromkeys(lists, 0) | dict(first.union(*others, all=True))


def activity(moved, sold):
    """Who did how much, the busiest first."""
    found = defaultdict(lambda: {"sales": 0, "returns": 0, "net": ZERO, "units": ZERO, "movements": 0})
    for row in moved:
        found[row["person_id"]]["movements"] = row["movements"]
    for row in sold:
        found[row["person_id"]] |= {
            "sales": row["sales"],
            "returns": row["returns"],
            "net": row["sold"] - row["returned"],
            "units": row["units"],
        }
    people = User.objects.only("username", "first_name", "last_name").in_bulk([pk for pk in found if pk])
    rows = [{"user": pk, "user_name": people[pk].get_full_name(), **done} for pk, done in found.items() if pk]
    return sorted(rows, key=lambda row: (-row["net"], -row["movements"], row["user"]))


def trend(asked, moved, sold):
    moved = {row["business_date"]: row for row in moved}
    sold = {row["business_date"]: row for row in sold}
    return [
        {
            "day": day,
            "in": moved[day]["came_in"] if day in moved else ZERO,
            "out": moved[day]["went_out"] if day in moved else ZERO,
            "sales": sold[day]["sold"] - sold[day]["returned"] if day in sold else ZERO,
        }
        for day in asked.points
    ]


def of_place(place, levels, sold):
    there = levels.get(place.pk, {"value": ZERO, "on_hand": ZERO})
    return {
        "location": place.pk,
        "location_code": place.code,
        "location_name": place.name,
        "stock_value": there["value"],
        "units_on_hand": there["on_hand"],
        "sales": sales([row for row in sold if row["location_id"] == place.pk]),
    }


# ------------------------------------------------------------------------------------------------ rows


@dataclass(frozen=True, kw_only=True)
class Compared(Answer):
    previous: Mapping


def total_sales(asked):
    """One row for each day, week or month, without a gap; beside their total that of as many days before."""
    groups = [("period", "is_now"), ("is_now",)]
    by_period, of_all = sales_days.paid(*groups, by=asked.group_by, **before_and_in(asked))
    found = {row["period"]: [row] for row in by_period if row["is_now"]}
    return Compared(
        title=f"Sales by {asked.group_by}",
        filters=asked.filters,
        rows=[{"period": start, **sales(found.get(start, []))} for start in asked.points],
        totals=sales([row for row in of_all if row["is_now"]]),
        previous=sales([row for row in of_all if not row["is_now"]]),
    )


def top_products(asked):
    """The styles that brought most; beside each what it brought in as many days before."""
    period = {"places": asked.ids, "after": asked.after, "before": asked.before}
    best = sales_days.best_products(most=asked.limit, by=asked.group_by, **period)
    products = Product.objects.only("code", "name").in_bulk({row["product_id"] for row in best})
    earlier = {"after": asked.after - DAY * asked.days, "before": asked.after - DAY}
    then = {row["product_id"]: row for row in sales_days.of_products(list(products), **period | earlier)}
    rows = [of_product(row, products[row["product_id"]], then.get(row["product_id"])) for row in best]
    names = ("units", "sold", "returned")
    every = {name: best[0][f"all_{name}"] if best else ZERO for name in names}
    return Answer(title="Top products", filters=asked.filters, rows=rows, totals=brought(every))


def of_product(row, product, then):
    return {
        "period": row["period"],
        "product": product.pk,
        "product_code": product.code,
        "product_name": product.name,
        **brought(row),
        "previous_units": then["units"] if then else ZERO,
        "previous_net": then["sold"] - then["returned"] if then else ZERO,
    }


def brought(row):
    return {
        "units": row["units"],
        "sales": row["sold"],
        "returns": row["returned"],
        "net": row["sold"] - row["returned"],
    }


def low_stock(asked, levels):
    """What is at or below its threshold since one of these days, the emptiest first. `levels`: rows as the list of
    stock has them."""
    alerts = Alert.objects.of_low_levels().filter(level=OuterRef("pk"))
    there = Func(F("location__timezone"), F("opened_at"), function="timezone", output_field=DateTimeField())
    since = alerts.alias(opened_on=Cast(there, DateField())).filter(opened_on__range=(asked.after, asked.before))
    low = levels.filter(Exists(since), location__in=asked.ids)
    rows = list(low.order_by(AVAILABLE.asc(), "sku__code", "pk")[:MOST_LOW])
    count = low.order_by().count() if len(rows) == MOST_LOW else len(rows)
    return Answer(title="Low stock", filters=asked.filters, rows=rows, totals={"levels": count, "shown": len(rows)})
