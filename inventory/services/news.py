"""Who gets which letter about alerts: whoever works in the place and receives them; where nobody does, the owners."""

from collections import defaultdict
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone

from accounts.models import User
from boutique import mail
from inventory.models import Alert, AlertKind
from inventory.services.ledger import plain

MOST_LINES = 100  # in one letter; the rest is a number
URGENT_FIRST = [AlertKind.SHORTAGE, AlertKind.OUT_OF_STOCK, AlertKind.OVERDUE, AlertKind.RECOUNT, AlertKind.LOW_STOCK]


def tell(opened):
    """A letter about each of these that still waits for somebody. Whatever runs it again, each person gets it once."""
    own = defaultdict(list)
    colleagues, owners = receivers()
    for alert in waiting().filter(pk__in=opened):
        for person in colleagues.get(alert.location_id) or owners:
            own[person].append(alert)
    for person, alerts in own.items():
        write("inventory/alerts", person, alerts, key=f"alerts {person.pk} {opened}")


def send_digest():
    """All that is open and that nobody has acknowledged, once a day; how many people get a letter."""
    if settings.BOUTIQUE_ALERT_MAIL == "off":
        return 0
    own = defaultdict(list)
    colleagues, owners = receivers()
    for alert in waiting():
        for person in {*colleagues.get(alert.location_id, ()), *owners}:
            own[person].append(alert)
    today = timezone.localdate(timezone=ZoneInfo(settings.BOUTIQUE_TIME_ZONE))
    for person, alerts in own.items():
        write("inventory/digest", person, alerts, key=f"digest {person.pk} {today}")
    return len(own)


def waiting():
    return Alert.objects.with_labels().open().unacknowledged().order_by("pk")


def receivers():
    """Those of each place, and the owners, who see all places."""
    colleagues, owners = defaultdict(list), []
    for person in User.objects.may("inventory.receive_alerts").prefetch_related("assignments").order_by("pk"):
        if person.has_perm("accounts.see_all_places"):
            owners.append(person)
        for assignment in person.assignments.all():
            colleagues[assignment.location_id].append(person)
    return colleagues, owners


def write(template, person, alerts, *, key):
    alerts = sorted(alerts, key=lambda alert: (URGENT_FIRST.index(alert.kind), alert.location.code, alert.pk))
    words = {
        "name": person.get_short_name(),
        "number": len(alerts),
        "alerts": [shown(alert) for alert in alerts[:MOST_LINES]],
        "more": max(len(alerts) - MOST_LINES, 0),
    }
    mail.send(template, person.email, words, key=key)


def shown(alert):
    words = {"kind": alert.get_kind_display(), "place": str(alert.location)}
    if alert.kind == AlertKind.OVERDUE:
        return words | {"what": alert.document}
    level = alert.level
    return words | {
        "what": f"{level.sku.code} {level.sku.product.name}",
        "available": plain(level.available),
        "threshold": plain(alert.threshold) if alert.threshold is not None else "",
        "orders": ", ".join(alert.orders),
    }
