"""What a till prints of a sale or of what came back of it: all that the paper says, as the API tells it."""

from collections import defaultdict
from zoneinfo import ZoneInfo

from django.conf import settings

from orders import money
from orders.models import Payment


def of_sale(sale, *, gift=False):
    """The receipt of a sale, with what came back since. A gift's says no prices."""
    lines, payments = list(sale.lines.all()), payments_of(sale)
    told = heading(sale) | {
        "kind": "gift" if gift else "sale",
        "sale": sale.number,
        "register": register_of(payments),
        "reason": "",
        "lines": [described(line) | {"quantity": line.quantity} for line in lines],
    }
    if gift:
        return told
    for line, shown in zip(lines, told["lines"], strict=True):
        full = money.rounded(line.quantity * line.unit_price)
        shown |= {"discount": line.discount, "amount": full - line.discount}
    return told | {
        "currency": settings.BOUTIQUE_CURRENCY,
        "prices_include_tax": sale.prices_include_tax,
        "subtotal": sale.subtotal,
        "discount": sale.discount,
        "tax": sale.tax,
        "total": sale.total,
        "taxes": by_rate((line.tax_rate, line.net, line.tax) for line in lines),
        "tenders": [tender_of(one) for one in payments],
        "returns": [in_short(returned) for returned in sale.returns.all()],
        "refunded": sale.refunded,
    }


def of_return(returned):
    """The receipt of what came back: each piece at what was paid for it."""
    lines, refunds = list(returned.lines.all()), by_age(returned.refunds.all())
    return heading(returned) | {
        "kind": "return",
        "sale": returned.sale.number,
        "register": register_of(refunds),
        "reason": returned.reason,
        "currency": settings.BOUTIQUE_CURRENCY,
        "lines": [
            described(back.line) | {"quantity": back.quantity, "discount": money.ZERO, "amount": back.total}
            for back in lines
        ],
        "prices_include_tax": True,  # what is paid back has its tax in it, however it was agreed
        "subtotal": returned.total,
        "discount": money.ZERO,
        "tax": returned.tax,
        "total": returned.total,
        "taxes": by_rate((back.line.tax_rate, back.net, back.tax) for back in lines),
        "tenders": [tender_of(one) for one in refunds],
        "returns": [],
        "refunded": returned.total,
    }


def heading(paper):
    """Where and when, as the clock and the calendar of the place showed it."""
    place = paper.location
    return {
        "shop": settings.BOUTIQUE_NAME,
        "place": place,
        "number": paper.number,
        "barcode": paper.number,
        "business_date": paper.business_date,
        "local_time": paper.occurred_at.astimezone(ZoneInfo(place.timezone)).isoformat(timespec="seconds"),
        "served_by": paper.created_by.get_short_name(),
    }


def described(line):
    return {
        "sku_code": line.sku.code,
        "description": line.description,
        "size": line.size,
        "unit": line.sku.product.unit,
        "unit_price": line.unit_price,
        "tax_rate": line.tax_rate,
    }


def payments_of(sale):
    return by_age(one for one in sale.payments.all() if one.kind == Payment.Kind.PAYMENT)


def by_age(payments):
    return sorted(payments, key=lambda one: one.pk)


def register_of(payments):
    """The register the money went through, if it went through one."""
    return next((one.till_entry.session.register for one in payments if hasattr(one, "till_entry")), None)


def by_rate(amounts):
    found = defaultdict(lambda: [money.ZERO, money.ZERO])
    for rate, net, tax in amounts:
        found[rate][0] += net
        found[rate][1] += tax
    return [{"rate": rate, "net": net, "tax": tax, "total": net + tax} for rate, (net, tax) in sorted(found.items())]


def tender_of(payment):
    return {"method": payment.method, "amount": payment.amount, "reference": payment.reference}


def in_short(returned):
    return {
        "number": returned.number,
        "business_date": returned.business_date,
        "total": returned.total,
        "tenders": [tender_of(one) for one in by_age(returned.refunds.all())],
    }
