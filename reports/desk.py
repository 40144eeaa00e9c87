"""The owner's desk: what the admin shows first, and the way to the scan page.

Its figures are those of the dashboards of the API. Each leads to the list whose rows it counts: what was sold is all
that is in the list of sales, and beside it stands what came back.
"""

import json
from decimal import Decimal

from django.db.models import Sum
from django.urls import reverse

from boutique import admin
from forecasting.models import Forecast
from forecasting.services.history import monday_of
from inventory.services.ledger import plain
from orders.models import Order, OrderLine
from reports.serializers.questions import seen_by
from reports.services import dashboards
from reports.services.asking import DAY, AskedByTime, latest_today
from skus.admin.shown import amount

DAYS = 28  # four of each weekday
TINT = "rgb(150 60 90 / .15)"  # below the curve, on light and on dark paper
TODAY_ALONE = Decimal(1) / 7  # of a week, where nothing tells the days of the week apart


def navigation(request):
    """UNFOLD's sidebar: the house's own, and below its start page the scanner."""
    first, *shelves = admin.navigation(request)
    address = reverse("desk-scan")
    scan = admin.link("Scan", address, "barcode_scanner") | {"active": request.path == address}
    return [first | {"items": [*first["items"], scan]}, *shelves]


def start(request, context):
    """UNFOLD's start page: the dashboard of the caller's places above what each page of the admin has to say."""
    context = admin.desk(request, context)
    places = tuple(seen_by(request.user))
    if not places or not request.user.has_perm("reports.view_dashboard"):
        return context
    today = latest_today(places)
    asked = AskedByTime(places=places, after=today - DAY * (DAYS - 1), before=today)
    found, days = dashboards.overview(asked), days_until(today, places)
    return context | {
        "above": "reports/desk.html",
        "main": [*sold(days, places), four_weeks(found), stock(found, request.user)],
        "waiting": list(waiting(found)),
        "charts": list(charts(found["trend"])),
        "places": list(by_place(found)) if len(places) > 1 else [],
        "sees_cost": request.user.has_perm("inventory.view_cost"),
        "days": DAYS,
    }


def page(name, query=""):
    return reverse(f"admin:{name}_changelist") + (f"?{query}" if query else "")


def on(first, last):
    return f"business_date__gte={first}&business_date__lt={last + DAY}"


def tile(title, number, address, icon, note="", colour=""):
    return admin.figure(title, number, address, icon) | {"note": note, "colour": colour}


# ------------------------------------------------------------------------------------------------ today


def days_until(today, places):
    """What was sold on each of the last days, today being the last: one more than four weeks of them."""
    asked = AskedByTime(places=places, after=today - DAY * DAYS, before=today)
    return dashboards.total_sales(asked).rows


def sold(days, places):
    """Today beside the same weekday of last week, and beside what the forecast expects of such a day."""
    today, then = days[-1], days[-8]
    day = today["period"]
    note = beside_returns(today, compared(today["sales"], then["sales"], f"last {day:%A}"))
    yield tile(
        "Sold today", amount(today["sales"]), page("orders_sale", on(day, day)), "payments", note, way(today, then)
    )
    expected = Forecast.objects.filter(location__in=places).expected_in(monday_of(day))
    told = "No forecast yet" if expected is None else f"{expected * float(share(days)):.1f} expected by the forecast"
    pieces = pieces_of(places, day, then["period"])
    address = page("inventory_stockmovement", f"reason=sale&{on(day, day)}")
    note = f"{counted(today['count'], 'sale')}; {plain(pieces[then['period']])} last {day:%A}; {told}"
    yield tile("Pieces sold today", plain(pieces[day]), address, "shopping_bag", note)


def pieces_of(places, *days):
    """How many pieces were sold on each of these days, whatever came back later."""
    lines = OrderLine.objects.filter(
        order__channel=Order.Channel.COUNTER, order__location__in=places, order__business_date__in=days
    )
    sold = lines.values_list("order__business_date").annotate(pieces=Sum("quantity"))
    return dict.fromkeys(days, Decimal(0)) | dict(sold)


def beside_returns(row, note):
    return f"{note}; {amount(row['returns'])} came back" if row["returns"] else note


def share(days):
    """How much of a week's pieces is sold on such a weekday, as the four weeks before tell."""
    past = [max(row["units"], Decimal(0)) for row in days[:-1]]
    return sum(past[::7]) / sum(past) if sum(past) else TODAY_ALONE


def counted(number, noun):
    return f"{number} {noun}{'' if number == 1 else 's'}"


def compared(now, then, when):
    """+12 % against 90.00 EUR last Monday"""
    if then <= 0:
        return f"{amount(then)} {when}"
    more = f"{(now - then) / then:+.0%}".replace("-", "\u2212").replace("%", "\u00a0%")
    return f"{more} against {amount(then)} {when}"


def way(now, then):
    if now["sales"] == then["sales"]:
        return ""
    return "text-green-700 dark:text-green-400" if now["sales"] > then["sales"] else "text-red-700 dark:text-red-400"


# ------------------------------------------------------------------------------------------------ four weeks, and now


def four_weeks(found):
    now, then, asked = found["sales"], found["previous"]["sales"], found["filters"]
    note = beside_returns(now, compared(now["sales"], then["sales"], f"in the {DAYS} days before"))
    address = page("orders_sale", on(asked["after"], asked["before"]))
    return tile(f"Sold in {DAYS} days", amount(now["sales"]), address, "calendar_month", note, way(now, then))


def stock(found, person):
    pieces, address = plain(found["units_on_hand"]), page("inventory_stocklevel", "stock=there")
    promised = f"{plain(found['units_reserved'])} promised"
    if not person.has_perm("inventory.view_cost"):
        return tile("Pieces in stock", pieces, address, "inventory_2", promised)
    return tile("Stock value", amount(found["stock_value"]), address, "inventory_2", f"{pieces} pieces, {promised}")


LISTS = {
    "open_orders": ("Open orders", "orders_order", "open=yes", "shopping_bag"),
    "overdue_orders": ("Overdue orders", "orders_order", "overdue=yes", "alarm"),
    "open_alterations": ("Open alterations", "alterations_ticket", "open=yes", "content_cut"),
    "overdue_alterations": ("Overdue alterations", "alterations_ticket", "overdue=yes", "alarm"),
    "open_alerts": ("Open alerts", "inventory_alert", "state=open", "notifications"),
    "pending_requests": ("Pending requests", "inventory_stockrequest", "status__exact=requested", "move_item"),
}
LATE = {"overdue_orders", "overdue_alterations"}


def waiting(found):
    for name, (title, model, query, icon) in LISTS.items():
        colour = "text-red-700 dark:text-red-400" if name in LATE and found[name] else ""
        yield tile(title, found[name], page(model, query), icon, colour=colour)


# ------------------------------------------------------------------------------------------------ charts and places


def charts(trend):
    days = [f"{point['day'].day} {point['day']:%b}" for point in trend]
    curve = line("Sold", trend, "sales", "--color-primary-500") | {"fill": True, "backgroundColor": TINT}
    moves = [line("In", trend, "in", "--color-green-500"), line("Out", trend, "out", "--color-primary-500")]
    yield drawn("line", "Sold each day, less returns", days, [curve])
    yield drawn("bar", "Pieces in (green) and out (red)", days, moves)


def line(title, trend, name, colour):
    return {
        "label": title,
        "data": [float(point[name]) for point in trend],
        "borderColor": f"var({colour})",
        "backgroundColor": f"var({colour})",
        "displayYAxis": True,
        "maxTicksXLimit": 8,
    }


def drawn(kind, title, days, lines):
    data = json.dumps({"labels": days, "datasets": lines})
    return {"kind": kind, "title": title, "data": data, "lines": lines}


def by_place(found):
    first, last = found["filters"]["after"], found["filters"]["before"]
    for row in found["places"]:
        here = f"location={row['location']}"
        yield {
            "name": row["location_name"],
            "address": reverse("admin:accounts_location_change", args=[row["location"]]),
            "sales_address": page("orders_sale", f"{here}&{on(first, last)}"),
            "stock_address": page("inventory_stocklevel", f"{here}&stock=there"),
            "paid": amount(row["sales"]["sales"]),
            "pieces": plain(row["units_on_hand"]),
            "value": amount(row["stock_value"]),
        }
