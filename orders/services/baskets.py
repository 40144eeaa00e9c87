"""Baskets put aside at the counter: taken up again, changed, discarded, or turned into a sale. They reserve nothing.

What was put aside is what somebody typed: prices and stock are judged when it is sold, at the rules of that moment.
"""

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from boutique.documents import Move, allowed_actions, begin, move_on, note_down, opened
from boutique.errors import line_error
from inventory.services import ledger
from orders import money
from orders.models import Basket, BasketLine
from orders.services import customers
from orders.services.ordering import closed
from skus.models import Sku
from skus.services import lookup

Status = Basket.Status
MOVES = {
    "change": Move(of=[Status.HELD], needs="orders.change_basket"),
    "discard": Move(of=[Status.HELD], needs="orders.delete_basket"),
    "sell": Move(of=[Status.HELD], needs="orders.add_sale"),
}
SAID = ("customer", "label", "note", "discount")
MOST_AT_ONCE = 500


def allowed(basket, by):
    return allowed_actions(basket, by, MOVES)


@transaction.atomic
def hold(*, location, lines, by, customer=None, discount=money.ZERO, label="", note=""):
    """Puts a basket aside. Nothing is reserved: what is in it can be sold to somebody else."""
    lines = known(lines)
    ledger.refuse([*closed(location), *impossible(lines, location)])
    if customer is not None:
        customers.seen_in(customer=customer, location=location)
    basket = Basket.objects.create(
        location=location,
        customer=customer,
        discount=discount,
        label=label,
        note=note,
        created_by=by,
        updated_by=by,
    )
    put_in(basket, lines)
    opened(basket, by)
    return basket


def known(lines, by_barcode=None):
    """Each line with its SKU, where a barcode was sent in its stead."""
    if by_barcode is None:
        by_barcode = skus_of({line["barcode"] for line in lines if "barcode" in line})
    ledger.refuse(
        line_error(f"lines.{index}.barcode", "not_found", lookup.why_unknown(line["barcode"]))
        for index, line in enumerate(lines)
        if "barcode" in line and line["barcode"] not in by_barcode
    )
    return [line if "sku" in line else line | {"sku": by_barcode[line["barcode"]]} for line in lines]


def skus_of(barcodes):
    owners = lookup.owners(barcodes) if barcodes else {}
    skus = Sku.objects.to_be_sold().in_bulk({pk for pk in owners.values() if pk})
    return {barcode: skus[pk] for barcode, pk in owners.items() if pk in skus}


def impossible(lines, location):
    """What could never be sold, whatever comes in."""
    seen = set()
    for index, line in enumerate(lines):
        path, sku = f"lines.{index}.quantity", line["sku"]
        if sku.pk in seen:
            yield line_error(f"lines.{index}.sku", "duplicate", f"{sku} stands here twice.", sku=sku.pk)
        seen.add(sku.pk)
        yield from filter(None, [ledger.wrong_quantity(line["quantity"], sku, path)])
        yield from filter(None, [ledger.out_of_use(sku, location, path)])


def put_in(basket, lines):
    BasketLine.objects.bulk_create(
        BasketLine(
            basket=basket,
            position=position,
            sku=line["sku"],
            quantity=line["quantity"],
            unit_price=line.get("unit_price"),
            discount=line.get("discount") or money.ZERO,
        )
        for position, line in enumerate(lines)
    )


@transaction.atomic
def change(*, basket, by, lines=None, **said):
    """Other words, another customer, or other goods: `lines` is the whole list."""
    if said.get("customer") is not None:
        customers.seen_in(customer=said["customer"], location=basket.location)
    basket = begin(basket, "change", by, MOVES)
    changed = [name for name in SAID if name in said and said[name] != getattr(basket, name)]
    for name in changed:
        setattr(basket, name, said[name])
    if lines is not None:
        lines = known(lines)
        ledger.refuse(impossible(lines, basket.location))
        basket.lines.all().delete()
        put_in(basket, lines)
        changed.append("lines")
    if changed:
        basket.updated_by = by
        basket.save()
        note_down(basket, by, kind="changed", changes=dict.fromkeys(changed))
    return basket


def taken(basket, by):
    """The basket, locked: whoever else sells it waits, and finds it gone. Its customer's lock comes first."""
    if basket.customer_id:
        customers.seen_in(customer=basket.customer, location=basket.location)
    return begin(basket, "sell", by, MOVES)


def words_of(basket):
    """Its lines, as a sale is told of them."""
    rows = basket.lines.select_related("sku__product").defer("sku__search", "sku__product__search")
    for line in rows:
        price = {} if line.unit_price is None else {"unit_price": line.unit_price}
        yield {"sku": line.sku, "quantity": line.quantity, "discount": line.discount} | price


def became(basket, sale, by):
    """It was sold: this is the sale."""
    basket.sale = sale
    move_on(basket, Status.SOLD, by, kind="sold", changes={"sale": sale.number})


@transaction.atomic
def discard(*, basket, by):
    """Nobody wants it any more. It stays in the book, and is sold no more."""
    basket = begin(basket, "discard", by, MOVES)
    move_on(basket, Status.DISCARDED, by, kind="discarded")
    return basket


def expire_old():
    """Those that nobody touched for so many days."""
    before = timezone.now() - timedelta(days=settings.BOUTIQUE_BASKET_DAYS)
    while found := expire_some(before):
        if found < MOST_AT_ONCE:
            return


@transaction.atomic
def expire_some(before):
    # One that is just being sold is none of ours.
    locked = Basket.objects.select_for_update(no_key=True, skip_locked=True, of=("self",))
    old = list(locked.held().filter(updated_at__lt=before).order_by("pk")[:MOST_AT_ONCE])
    for basket in old:
        move_on(basket, Status.EXPIRED, None, kind="expired")
    return len(old)
