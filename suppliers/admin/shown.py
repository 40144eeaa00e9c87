"""Orders, days and rates as the pages of purchases show them."""

from django.db.models import OuterRef, Subquery, Sum
from django.db.models.functions import Coalesce

from boutique.admin import label, to
from inventory.models import amount as money
from inventory.models import pieces
from inventory.services.ledger import plain
from skus.admin.shown import amount
from suppliers.models import PurchaseLine

COLOURS = {
    "draft": "",
    "sent": "info",
    "partly_received": "primary",
    "received": "success",
    "closed": "",
    "cancelled": "danger",
}


def state_of(order):
    return label(order.get_status_display(), COLOURS[order.status])


def day_of(order):
    if order.expected_on is None:
        return "-"
    text = f"{order.expected_on:%d\u00a0%b\u00a0%Y}"
    return label(text, "danger") if order.is_overdue else text


def to_come(order):
    """A draft is awaited by nobody."""
    return "-" if order.status == "draft" else plain(order.to_come)


def in_percent(rate):
    return "-" if rate is None else f"{rate:.0%}"


def with_sums(orders):
    """What of each is to come, and what all of it costs."""
    lines = PurchaseLine.objects.filter(order=OuterRef("pk")).order_by().values("order")
    to_come, total = (Subquery(lines.annotate(sum=Sum(name)).values("sum")) for name in ("outstanding", "total"))
    return orders.annotate(
        to_come=Coalesce(to_come, 0, output_field=pieces()), total=Coalesce(total, 0, output_field=money())
    )


def rows_of_orders(orders, *, costs):
    """(headers, rows) of a panel."""
    headers = ["order", "state", "place", "expected", "to come", *(["total"] if costs else [])]
    rows = [
        [
            to(order, order.number),
            state_of(order),
            str(order.location),
            day_of(order),
            to_come(order),
            *([amount(order.total)] if costs else []),
        ]
        for order in orders
    ]
    return headers, rows
