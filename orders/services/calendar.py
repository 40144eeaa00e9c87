"""What is due on which day."""

import datetime
from collections import Counter

from boutique.errors import Invalid, line_error
from orders.models import Order

MOST_DUE = 5000


def due(*, after, before, by, places=None):
    """Each day from `after` to `before`: its orders, and how many of them are in which state. Not those called off."""
    orders = Order.objects.custom().visible_to(by).exclude(status=Order.Status.CANCELLED)
    orders = orders.filter(delivery_date__range=(after, before))
    if places is not None:
        orders = orders.filter(location__in=places)
    rows = list(orders.named().defer("cut_to").order_by("delivery_date", "pk")[: MOST_DUE + 1])
    if len(rows) > MOST_DUE:
        text = f"More than {MOST_DUE} orders are due in these days. Ask for fewer days, or for one place."
        raise Invalid(text, errors=[line_error("before", "too_many", text)])
    by_day = {after + datetime.timedelta(days=number): [] for number in range((before - after).days + 1)}
    for order in rows:
        by_day[order.delivery_date].append(order)
    return [
        {"date": day, "counts": Counter(order.status for order in orders), "orders": orders}
        for day, orders in by_day.items()
    ]
