"""What is made to measure and what is altered: orders and tickets in every state, some due today, some late."""

from decimal import Decimal

from django.conf import settings

from alterations.models import AlterationService, Garment, Ticket
from alterations.services import advising, catalogue, materials, ticketing, working
from alterations.services import paying as ticket_money
from demo import people
from inventory.services.lines import Goods
from orders.models import Order
from orders.services import ordering, paying

HALF = Decimal("0.5")
# Where each of them stands, and in how many days it is due. What is late was due, and is made so at the end.
ORDERS = [
    ("pending", 12), ("pending", 20), ("confirmed", 0), ("confirmed", 4), ("confirmed", 9), ("in_progress", -3),
    ("in_progress", 1), ("in_progress", 3), ("in_progress", 14), ("fitting", 0), ("fitting", 2), ("fitting", 6),
    ("ready", -1), ("ready", 0), ("ready", 5), ("completed", 0), ("completed", 1), ("completed", 2), ("cancelled", 8),
    ("cancelled", 30),
]  # fmt: skip
WAYS = {
    "pending": (),
    "confirmed": ("confirmed",),
    "in_progress": ("confirmed", "in_progress"),
    "fitting": ("confirmed", "in_progress", "fitting"),
    "ready": ("confirmed", "in_progress", "fitting", "ready"),
    "completed": ("in_progress", "ready", "completed"),
    "cancelled": ("confirmed", "cancelled"),
}
WORK = [
    ("Bespoke three-piece suit, making", "890.00"),
    ("Evening gown to measure, making", "640.00"),
    ("Silk blouse to measure, making", "180.00"),
    ("Wedding lehenga, embroidery and making", "1250.00"),
    ("Trousers to measure, making", "210.00"),
]


# ------------------------------------------------------------------------------------------------ made to measure


def take_orders(shop, measured):
    """Cloth is promised to them, half is paid once they are confirmed, and all of it before they are handed over."""
    late = []
    for number, (status, due) in enumerate(ORDERS):
        place = shop.harbour if number % 4 == 3 else shop.centre
        by = shop.manager_of(place)
        known = people.orderers(shop, place)
        customer = known[number % len(known)]
        what, price = WORK[number % len(WORK)]
        lines = [{"description": what, "quantity": Decimal(1), "unit_price": Decimal(price)}]
        if cloth := shop.plenty(place, 3, least=1 if status == "pending" else 4, cloth=True):
            lines.append({"sku": cloth[number % len(cloth)], "quantity": Decimal("3.200"), "backorder": True})
        taken = measured.get(customer.pk) if number % 3 else None
        order = ordering.make(
            customer=customer,
            location=place,
            delivery_date=shop.day(max(due, 1)),  # today may be over before the load is
            lines=lines,
            measurement=taken,
            note="Fitting in the evening, please." if number % 5 == 0 else "",
            by=by,
        )
        go_on(order, number, WAYS[status], by)
        if due < 1:
            late.append((order, shop.day(due)))
    for order, day in late:
        was_due(Order, order, delivery_date=day)
    ordering.alert_overdue()


def go_on(order, number, way, by):
    for status in way:
        if status == "in_progress" and settings.BOUTIQUE_ENFORCE_DEPOSIT:
            pay_deposit(order, by)
        if status == "completed":
            settle_order(order, by)
        order = ordering.move(order=order, status=status, by=by)
        if status == "confirmed" and number % 4:
            amount = (order.total * HALF).quantize(Decimal("0.01"))
            paying.pay(order=order, method=("card", "cash")[number % 2], amount=amount, by=by)
    if order.status == "cancelled" and (paid := Order.objects.get(pk=order.pk).paid):
        paying.refund(order=order, method="card", amount=paid, by=by)


def pay_deposit(order, by):
    """What is still missing of it, in a house that does not begin without."""
    if missing := ordering.deposit_missing(Order.objects.get(pk=order.pk)):
        paying.pay(order=order, method="card", amount=missing, by=by)


def settle_order(order, by):
    balance = Order.objects.get(pk=order.pk).balance
    if balance > 0:
        paying.pay(order=order, method="card", amount=balance, by=by)


def was_due(model, row, **days):
    """A promise that lies behind us. Nobody may promise a day that is over, and so no service does."""
    model.objects.filter(pk=row.pk).update(**days)


# ------------------------------------------------------------------------------------------------ altered

SAID = {
    "trs": ("Charcoal suit trousers", "The trousers are too long, please shorten the hem.", "trs_hem"),
    "drs": ("Navy wrap dress", "Too wide at the sides, take it in a little.", "drs_sides_in"),
    "jkt": ("Navy blazer", "The sleeves are too long.", "jkt_slv_cuff"),
    "gwn": ("Midnight evening gown", "Please shorten the gown, it has three layers.", "gwn_hem"),
    "jns": ("Blue jeans", "Shorten, but keep the original hem.", "jns_hem_orig"),
    "skt": ("Camel pleated skirt", "The zip is broken.", "zip_fly"),
    "sht": ("White shirt", "The sleeves are too long at the cuff.", "sht_slv"),
    "cot": ("Camel wool coat", "The lining is torn.", "lin_repair"),
}
# Of each ticket its garments, how far each has come, and in how many days it is promised.
TICKETS = [
    ([("trs", "received")], 4), ([("drs", "received"), ("skt", "received")], 6), ([("jkt", "pinned")], 5),
    ([("gwn", "pinned")], 9), ([("jns", "assigned")], 3), ([("sht", "assigned")], 0), ([("drs", "in_progress")], 1),
    ([("jkt", "in_progress")], -2), ([("cot", "on_hold")], 7), ([("trs", "quality_check")], 0),
    ([("skt", "quality_check")], -1), ([("gwn", "ready")], 0), ([("trs", "ready"), ("jkt", "in_progress")], 2),
    ([("sht", "ready")], 1), ([("trs", "collected")], 0), ([("drs", "collected")], 0), ([("jns", "collected")], 0),
    ([("skt", "cancelled")], 3), ([("jkt", "rework")], 2),
]  # fmt: skip
STAGES = {
    "received": (),
    "pinned": ("pin",),
    "assigned": ("pin", "assign"),
    "in_progress": ("pin", "assign", "start"),
    "on_hold": ("pin", "assign", "start", "hold"),
    "quality_check": ("pin", "assign", "start", "finish"),
    "ready": ("pin", "assign", "start", "finish", "pass"),
    "rework": ("pin", "assign", "start", "finish", "rework"),
    "collected": ("pin", "assign", "start", "finish", "pass", "collect"),
    "cancelled": ("pin", "cancel"),
}


def take_alterations(shop):
    """Garments that were brought in, advice that was taken, and one that came back under warranty."""
    catalogue.load(by=shop.owner)
    services = {service.code: service for service in AlterationService.objects.all()}
    known, late, collected = people.orderers(shop, shop.centre), [], []
    for number, (garments, due) in enumerate(TICKETS):
        sent = [garment_of(kind, services, advised=number % 3 == 0 and len(garments) == 1) for kind, _stage in garments]
        ticket = ticketing.take_in(
            customer=known[number % len(known)],
            location=shop.centre,
            garments=sent,
            promised_on=shop.day(max(due, 1)),
            is_rush=number % 6 == 5,
            by=shop.people["staff"],
        )
        for (kind, stage), garment in zip(garments, ticket.garments.order_by("pk"), strict=True):
            is_advised = number % 3 == 0 and len(garments) == 1
            work_on(shop, garment, kind, STAGES[stage], is_advised=is_advised, needs_buttons=number % 2)
            if stage == "collected":
                collected.append(garment)
        if due < 1:
            late.append((ticket, shop.day(due)))
    come_back(shop, collected[0])
    for ticket, day in late:
        was_due(Ticket, ticket, promised_on=day)
    ticketing.alert_overdue()
    advising.recommend(
        text="It smells of smoke, can you help?", garment_type="cot", asks_model=False, by=shop.people["staff"]
    )


def garment_of(kind, services, *, advised):
    description, issue, code = SAID[kind]
    lines = [] if advised else [{"service": services[code]}]
    return {"garment_type": kind, "description": description, "issue": issue, "services": lines}


def work_on(shop, garment, kind, stages, *, is_advised, needs_buttons):
    if is_advised:
        take_advice(shop, garment, kind)
    tailor = shop.people["amara" if kind in people.SKILLS["amara"] and kind != "trs" else "tailor"]
    clerk, manager = shop.people["staff"], shop.manager
    steps = {
        "pin": lambda: working.pin(garment=garment, by=clerk, note="Pinned at the mirror."),
        "assign": lambda: assign(garment, tailor, clerk, manager),
        "start": lambda: working.start(garment=Garment.objects.get(pk=garment.pk), by=tailor),
        "hold": lambda: working.hold(garment=garment, by=tailor, reason="Waits for lining in this colour."),
        "finish": lambda: working.finish(garment=garment, by=tailor, minutes=35),
        "pass": lambda: working.pass_on(garment=garment, by=manager),
        "rework": lambda: working.rework(garment=garment, by=manager, cause="sewing_error", note="The hem is uneven."),
        "collect": lambda: hand_over(garment, clerk),
        "cancel": lambda: working.cancel(garment=garment, by=manager, reason="The customer changed their mind."),
    }
    for stage in stages:
        steps[stage]()
        if stage == "start" and needs_buttons:
            use_buttons(shop, garment)


def assign(garment, tailor, clerk, manager):
    ticket = Ticket.objects.get(pk=garment.ticket_id)
    if settings.BOUTIQUE_ENFORCE_DEPOSIT and (missing := ordering.deposit_missing(ticket)):
        ticket_money.pay(ticket=ticket, method="card", amount=missing, by=clerk)
    working.assign(garment=Garment.objects.get(pk=garment.pk), tailor=tailor, by=manager)


def take_advice(shop, garment, kind):
    """What was suggested is put down; a word of the customer's own says what they wish."""
    _description, issue, code = SAID[kind]
    advice = advising.recommend(
        text=issue,
        garment_type=kind,
        fabric="wool",
        ticket=garment.ticket,
        asks_model=False,  # which takes its time, and the load is one transaction
        by=shop.people["staff"],
    )
    ids = [item["service"] for item in advice.answer["items"] if item["selected"]]
    chosen = list(AlterationService.objects.filter(pk__in=ids)) or [AlterationService.objects.get(code=code)]
    advising.accept(recommendation=advice, garment=garment, services=chosen, by=shop.people["staff"])


def use_buttons(shop, garment):
    trims = [good.sku for good in shop.goods if good.design.kind == "trim"]
    there = [sku for sku in shop.plenty(shop.centre, len(shop.goods), least=3) if sku in trims]
    if there:
        materials.use(garment=garment, lines=[Goods(sku=there[0], quantity=Decimal(2))], by=shop.manager)


def hand_over(garment, clerk):
    ticket = Ticket.objects.get(pk=garment.ticket_id)
    if ticket.balance > 0:
        ticket_money.pay(ticket=ticket, method="card", amount=ticket.balance, by=clerk)
    working.collect(garment=garment, by=clerk)


def come_back(shop, garment):
    """The house's own mistake is put right for nothing."""
    old = Garment.objects.select_related("ticket__customer").get(pk=garment.pk)
    line = old.services.first()
    ticketing.take_in(
        customer=old.ticket.customer,
        location=shop.centre,
        garments=[
            {
                "garment_type": old.garment_type,
                "description": old.description,
                "issue": "One leg is longer than the other.",
                "warranty_of": old,
                "cause": "sewing_error",
                "services": [{"service": line.service}],
            }
        ],
        promised_on=shop.day(1),
        by=shop.people["staff"],
    )
