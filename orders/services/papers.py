"""What orders know of a customer: see CUSTOMER_PAPERS and what follows it in the settings."""

from collections import defaultdict
from decimal import Decimal

from django.db.models import Prefetch, Q, Sum
from django.utils import timezone

from boutique import idempotency, images
from boutique.models import DocumentEvent
from orders.models import Basket, BasketLine, Order, OrderLine, Sale, SaleReturn, StyleImage
from orders.models.orders import PLAIN_WORK
from orders.services.customers import Paper, Papers

MOST_PAPERS = 50
MONEY = "orders.view_payment"
EVENT = ("at", "kind", "before", "after", "note", "changes")


def ordered(customer, person):
    """Their custom orders in this person's places, the newest first, and what they paid for all of them."""
    return history("orders", Order.objects.custom(), customer, person)


def bought(customer, person):
    """What they bought over the counter, and what they paid for it, less what was paid back."""
    return history("sales", Sale.objects.all(), customer, person)


def history(name, papers, customer, person):
    seen = papers.filter(customer=customer).visible_to(person)
    spend = seen.aggregate(paid=Sum("paid"))["paid"] or Decimal("0.00")
    newest = seen.select_related("location").order_by("-pk")[:MOST_PAPERS]
    papers = [
        Paper(
            id=order.pk,
            number=order.number,
            date=order.business_date or order.created_at.date(),
            location=order.location_id,
            location_code=order.location.code,
            status=order.status,
            total=order.total,
        )
        for order in newest
    ]
    return Papers(name=name, papers=papers, spend=spend)


def open_work(customer):
    """What is not done yet: orders that are open, and closed ones that somebody still owes money for."""
    return [order.number for order in Order.objects.unsettled().filter(customer=customer).order_by("pk")]


def export(customer):
    orders = Order.objects.filter(customer=customer).prefetch_related("payments", "images", "lines", "returns__lines")
    orders = list(orders.order_by("pk"))
    told = defaultdict(list)
    events = DocumentEvent.objects.filter(document__in=[order.number for order in orders]).order_by("pk")
    for number, *event in events.values_list("document", *EVENT):
        told[number].append(dict(zip(EVENT, event, strict=True)))
    return {
        "orders": [in_full(order) | {"timeline": told[order.number]} for order in orders],
        "baskets": [put_aside(basket) for basket in baskets_of(customer)],
    }


def baskets_of(customer):
    lines = Prefetch("lines", BasketLine.objects.select_related("sku"))
    return Basket.objects.filter(customer=customer).prefetch_related(lines).order_by("pk")


def put_aside(basket):
    return {
        "number": basket.number,
        "location": basket.location_id,
        "created_at": basket.created_at,
        "status": basket.status,
        "label": basket.label,
        "note": basket.note,
        "lines": [{"sku": line.sku.code, "quantity": str(line.quantity)} for line in basket.lines.all()],
    }


def in_full(order):
    return {
        "number": order.number,
        "location": order.location_id,
        "created_at": order.created_at,
        "status": order.status,
        "delivery_date": order.delivery_date,
        "business_date": order.business_date,
        "note": order.note,
        "measurements": order.cut_to,
        "subtotal": str(order.subtotal),
        "discount": str(order.discount),
        "tax": str(order.tax),
        "total": str(order.total),
        "paid": str(order.paid),
        "lines": [
            {
                "description": line.description,
                "size": line.size,
                "quantity": str(line.quantity),
                "unit_price": str(line.unit_price),
                "discount": str(line.discount),
                "total": str(line.total),
            }
            for line in order.lines.all()
        ],
        "returns": [
            {
                "number": back.number,
                "at": back.occurred_at,
                "total": str(back.total),
                "reason": back.reason,
                "lines": [{"line": line.line_id, "quantity": str(line.quantity)} for line in back.lines.all()],
            }
            for back in order.returns.all()
        ],
        "payments": [
            {
                "at": one.at,
                "kind": one.kind,
                "method": one.method,
                "amount": str(one.amount),
                "reference": one.reference,
            }
            for one in order.payments.all()
        ],
        "style_images": [
            {"description": one.description, "put_up_at": one.created_at, "deleted_at": one.deleted_at}
            for one in order.images.all()
        ],
    }


def forget(customer, by):
    """Notes, words of plain work, measurements and pictures go. Goods, prices and the money stay, as the law wants."""
    now = timezone.now()
    orders = Order.objects.filter(customer=customer)
    orders.update(note="", cut_to={}, updated_by=by, updated_at=now)
    Basket.objects.filter(customer=customer).update(label="", note="", customer=None, updated_by=by, updated_at=now)
    OrderLine.objects.filter(order__customer=customer, sku=None).update(description=PLAIN_WORK)
    SaleReturn.objects.filter(sale__customer=customer).update(reason="", updated_by=by, updated_at=now)
    forget_answers(orders)
    pictures = StyleImage.objects.select_for_update(no_key=True).filter(order__customer=customer).order_by("pk")
    for picture in pictures.exclude(image=""):
        images.discard(picture.image)
        picture.image = picture.description = ""
        picture.deleted_at, picture.deleted_by = picture.deleted_at or now, picture.deleted_by or by
        picture.updated_by = by
        picture.save()


def forget_answers(orders):
    """Those about payments, pictures and returns; those about the orders themselves name the customer."""
    if numbers := "|".join(str(pk) for pk in orders.values_list("pk", flat=True)):
        paid = Q(route__regex=r"/(payments|style-images)/", body__regex=rf'"order":({numbers}),')
        back = Q(route__regex=r"/(returns|exchange)/", body__regex=rf'"sale":({numbers}),')
        idempotency.blank_answers(paid | back)
