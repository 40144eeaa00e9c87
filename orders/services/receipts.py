"""What a till prints of a sale: all of it, as the API tells it and the paper says it."""

from collections import defaultdict
from zoneinfo import ZoneInfo

from django.conf import settings

from inventory.services.ledger import business_date
from orders import money


def of_sale(sale, *, gift=False):
    """The receipt of a sale, with what came back since. A gift's says no prices."""
    told = heading(sale, sale.occurred_at, sale.location, sale.created_by) | {
        "kind": "gift" if gift else "sale",
        "sale": sale.number,
        "register": register_of(sale),
        "reason": "",
        "lines": [line_of(line, line.quantity) for line in sale.lines.all()],
    }
    if gift:
        return told
    payments = [one for one in sale.payments.all() if one.kind == one.Kind.PAYMENT]
    return told | {
        "currency": settings.BOUTIQUE_CURRENCY,
        "prices_include_tax": sale.prices_include_tax,
        "subtotal": sale.subtotal,
        "discount": sale.discount,
        "tax": sale.tax,
        "total": sale.total,
        "taxes": by_rate((line.tax_rate, line.net, line.tax) for line in sale.lines.all()),
        "tenders": [tender_of(one) for one in sorted(payments, key=lambda one: one.pk)],
        "returns": [short_of(back, sale) for back in sale.returns.all()],
        "refunded": sale.refunded,
    }


def heading(paper, moment, place, person):
    return {
        "shop": settings.BOUTIQUE_NAME,
        "place": place,
        "number": paper.number,
        "barcode": paper.number,
        "business_date": business_date(moment, place),
        "local_time": moment.astimezone(ZoneInfo(place.timezone)).isoformat(timespec="seconds"),
        "served_by": person.get_short_name(),
    }


def line_of(line, quantity):
    return {
        "sku_code": line.sku.code,
        "description": line.description,
        "size": line.size,
        "quantity": quantity,
        "unit": line.sku.product.unit,
        "unit_price": line.unit_price,
        "discount": line.discount + line.share,
        "tax_rate": line.tax_rate,
        "total": line.total,
    }


def by_rate(amounts):
    found = defaultdict(lambda: [money.ZERO, money.ZERO])
    for rate, net, tax in amounts:
        found[rate][0] += net
        found[rate][1] += tax
    return [{"rate": rate, "net": net, "tax": tax, "total": net + tax} for rate, (net, tax) in sorted(found.items())]


def tender_of(payment):
    return {"method": payment.method, "amount": payment.amount, "reference": payment.reference}
