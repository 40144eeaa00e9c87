"""Sales over the counter: one request, one sale. And sales of a till that was offline, many at once.

What it costs is judged first and the shelves are asked last: they are what other tills wait for.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from django.conf import settings
from django.db import DataError, IntegrityError, connection, transaction
from django.utils import timezone

from accounts.models import Location
from boutique.errors import Duplicate, Forbidden, Invalid, RuleError, line_error
from boutique.models import DocumentEvent
from inventory.services import ledger
from inventory.services.lines import Goods, twice
from orders import money
from orders.models import Basket, Customer, Order, OrderLine, Payment, TillSession
from orders.services import agreeing, baskets, customers, paying, tills
from orders.services.ordering import closed

OVERRIDE_STOCK = "inventory.override_stock"
IMPORT = "orders.import_history"
PAST, HISTORY = timedelta(days=30), timedelta(days=5 * 366)


class PaymentsDoNotAddUp(Invalid):
    title = "Not what it costs"


@dataclass(frozen=True, kw_only=True)
class Tender:
    method: str
    amount: Decimal
    reference: str = ""


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """A sale as the till tells it. Lines are the words of each: sku, quantity, unit_price, discount."""

    location: Location
    lines: list
    payments: list[Tender] = field(default_factory=list)
    customer: Customer | None = None
    client_id: str | None = None
    occurred_at: datetime | None = None
    discount: Decimal = money.ZERO
    found: bool = False
    till_session: TillSession | None = None
    note: str = ""
    basket: Basket | None = None  # that was put aside, and is this sale


@dataclass(frozen=True, kw_only=True)
class Unreadable:
    """A sale of a batch that is none."""

    client_id: str | None
    error: Exception


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A sale that adds up, before any shelf is asked."""

    sale: Order
    lines: list
    payments: list
    wanted: Wanted


# ------------------------------------------------------------------------------------------------ one sale


@transaction.atomic(savepoint=False)  # nothing is tried here that could be taken back alone
def sell(wanted, *, by):
    """Goods leave, money comes in, and a receipt has its number: all of it or nothing.

    The sale has its lines and payments beside it, as they were written: nobody needs to read them again.
    """
    if wanted.found and not by.has_perm(OVERRIDE_STOCK):
        raise Forbidden("Your role does not allow you to sell goods that the book does not know.")
    refuse_known(wanted.client_id, by)
    basket = wanted.basket and taken_up(wanted, by)
    draft = drafted(wanted, by)
    write([draft], by)
    hand_out(draft, by)
    if basket:
        baskets.became(basket, draft.sale, by)
    take_money([draft], by)
    return beside(draft.sale, lines=draft.lines, payments=draft.payments, returns=[])


def beside(sale, **rows):
    """The sale with these rows as if they had been fetched with it (`prefetch_related`)."""
    sale._prefetched_objects_cache = {}
    for name, known in rows.items():
        fetched = getattr(sale, name).all()
        fetched._result_cache, fetched._prefetch_done = known, True
        sale._prefetched_objects_cache[name] = fetched
    return sale


@transaction.atomic(savepoint=False)
def sell_basket(*, basket, by, **said):
    """What was put aside is sold as it lies there, at the prices of now. Of two who sell it, one does."""
    refuse_known(said.get("client_id"), by)
    basket = baskets.taken(basket, by)
    wanted = Wanted(
        location=basket.location,
        customer=basket.customer,
        lines=list(baskets.words_of(basket)),
        discount=basket.discount,
        basket=basket,
        **said,
    )
    return sell(wanted, by=by)


def taken_up(wanted, by):
    if wanted.basket.location_id != wanted.location.pk:
        text = f"{wanted.basket.number} lies in another place."
        ledger.refuse([line_error("basket", "invalid", text)])
    return baskets.taken(wanted.basket, by)


def refuse_known(client_id, by):
    """A till that sends a sale again, because it did not hear the answer, is told which one it was."""
    first = client_id and Order.objects.filter(client_id=client_id).only("channel").first()
    if first:
        seen = Order.objects.visible_to(by).filter(pk=first.pk).exists()
        told = {"sale": first.pk, "number": first.number} if seen else {}
        text = "This sale is there already."
        raise Duplicate(text, errors=[line_error("client_id", Duplicate.code, text, **told)], **told)


def drafted(wanted, by, path="lines", credit=money.ZERO):
    """The sale as it will stand. `credit`: what comes back in exchange pays as much of it."""
    now = timezone.now()
    moment = wanted.occurred_at or now
    if wanted.customer is not None:
        customers.refuse_gone(wanted.customer)
    ledger.refuse(
        [
            *closed(wanted.location),
            *wrong_time(wanted.occurred_at, now, by),
            *slips_twice(wanted.payments),
            *tills.of_another_place(wanted.till_session, wanted.location),
            *moved(twice([Goods(sku=line["sku"], quantity=line["quantity"]) for line in wanted.lines]), path),
        ]
    )
    sale = Order(
        channel=Order.Channel.COUNTER,
        status=Order.Status.COMPLETED,
        customer=wanted.customer,
        location=wanted.location,
        client_id=wanted.client_id or None,
        occurred_at=moment,
        business_date=ledger.business_date(moment, wanted.location),
        discount=wanted.discount,
        note=wanted.note,
        prices_include_tax=settings.BOUTIQUE_PRICES_INCLUDE_TAX,
        created_by=by,
        updated_by=by,
    )
    try:
        lines = agreeing.drafted(wanted.lines, {}, wanted.location)
        agreeing.add_up(sale, lines)
        agreeing.refuse_bargains(sale, lines, by)
    except RuleError as refusal:
        refusal.errors = list(moved(refusal.errors, path))
        raise
    refuse_other_sums(sale, wanted.payments, credit)
    payments = [
        Payment(order=sale, method=one.method, amount=one.amount, reference=one.reference, at=moment, by=by)
        for one in wanted.payments
    ]
    return Draft(sale=sale, lines=lines, payments=payments, wanted=wanted)


def wrong_time(moment, now, by):
    if moment is None:
        return
    if moment > now:
        yield line_error("occurred_at", "future", "This lies in the future.")
    elif moment < now - HISTORY:
        yield line_error("occurred_at", "past", "Sales of the last five years can be brought in.")
    elif moment < now - PAST and not by.has_perm(IMPORT):
        yield line_error("occurred_at", "past", "Older than 30 days: a manager brings in old sales.")


def slips_twice(payments):
    """The same slip, typed in twice. Only cards and banks give numbers that are nobody else's."""
    seen = set()
    for index, one in enumerate(payments):
        slip = one.method, one.reference
        if one.reference and one.method in (Payment.Method.CARD, Payment.Method.TRANSFER) and slip in seen:
            text = f"{one.reference} stands here twice."
            yield line_error(f"payments.{index}.reference", "duplicate", text)
        seen.add(slip)


def moved(errors, path):
    """The lines of an exchange stand under another name."""
    for error in errors:
        if path != "lines" and error["field"].startswith("lines."):
            error = error | {"field": f"{path}.{error['field'].removeprefix('lines.')}"}
        yield error


def refuse_other_sums(sale, payments, credit):
    given, due = sum((one.amount for one in payments), money.ZERO), sale.total - credit
    if given != due:
        text = f"The payments come to {given}; {due} are to be paid."
        error = line_error("payments", "wrong_sum", text, total=str(sale.total), due=str(due), given=str(given))
        raise PaymentsDoNotAddUp(text, errors=[error])


# ------------------------------------------------------------------------------------------------ writing it down


def write(drafts, by):
    """Sales, lines, payments and timelines, in as many statements for five hundred as for one."""
    customers.seen_together({(draft.sale.customer, draft.sale.location) for draft in drafts if draft.sale.customer_id})
    for draft in drafts:
        draft.sale.received = sum((one.amount for one in draft.payments), money.ZERO)
    Order.objects.bulk_create(draft.sale for draft in drafts)
    for draft in drafts:
        for line in draft.lines:
            line.order = draft.sale
    OrderLine.objects.bulk_create(line for draft in drafts for line in draft.lines)
    Payment.objects.bulk_create(payment for draft in drafts for payment in draft.payments)
    DocumentEvent.objects.bulk_create(
        DocumentEvent(
            document=draft.sale.number,
            by=by,
            kind="created",
            after=draft.sale.status,
            changes={"total": str(draft.sale.total)},
        )
        for draft in drafts
    )


def for_the_ledger(lines, path="lines"):
    return [
        ledger.Line(sku=line.sku, quantity=line.quantity, path=f"{path}.{index}.quantity")
        for index, line in enumerate(lines)
    ]


def hand_out(draft, by, path="lines"):
    wanted = draft.wanted
    ledger.sell(
        location=wanted.location,
        lines=for_the_ledger(draft.lines, path),
        document=draft.sale.number,
        by=by,
        found=wanted.found,
        occurred_at=draft.sale.occurred_at,  # on the same side of midnight
    )


def take_money(drafts, by):
    """Into the tills it went through: the last lock of all."""
    tills.record(
        (paying.taking(payment, draft.wanted.till_session) for draft in drafts for payment in draft.payments), by=by
    )


# ------------------------------------------------------------------------------------------------ many at once


@dataclass
class Outcome:
    """What became of one sale of a batch."""

    client_id: str | None
    result: str
    sale: Order | None = None
    error: Exception | None = None


@transaction.atomic(savepoint=False)
def sell_all(asked, *, by, read_again=None):
    """Sales that a till made while it was offline. `asked`: of each what is wanted, or why it cannot be read.

    They have happened, so none is refused for stock: what the book lacks is found, and is to be counted. A bad one is
    told and hinders no other. `read_again` tells the same anew, should the shop change between judging and writing.
    """
    outcomes, drafts = judged_each(asked, by)
    try:
        carry_out(drafts, by)
    except REFUSALS:
        # People are locked before papers. Shelves and tills are when their turn comes, as by every other sale.
        customers.held({draft.sale.customer_id for draft in drafts} - {None})
        outcomes, drafts = judged_each(read_again() if read_again else asked, by)
        refused = []
        carry_out_apart(drafts, by, refused)
        refuse(outcomes, refused, by)
    return outcomes


def judged_each(asked, by):
    """The outcome of each, as it will be, and the drafts of those that are to be written."""
    known, hidden = first_of([one.client_id for one in asked if isinstance(one, Wanted)], by)
    outcomes, drafts = [], []
    for one in asked:
        if isinstance(one, Unreadable):
            outcomes.append(Outcome(one.client_id, "rejected", error=one.error))
        elif one.client_id in known:
            outcomes.append(there_already(one.client_id, known[one.client_id], is_hidden=one.client_id in hidden))
        else:
            outcome, draft = judged(one, by)
            outcomes.append(outcome)
            if draft:
                drafts.append(draft)
                known[one.client_id] = draft.sale
    return outcomes, drafts


# What a sale can be refused for once it is written; whatever else goes wrong is not about one of them.
REFUSALS = (RuleError, IntegrityError, DataError)
MOST_APART = 10  # each is found by some ten attempts


@transaction.atomic  # a savepoint: what is refused here is taken back, and nothing else
def carry_out(drafts, by):
    """All of them or none, in as many statements for five hundred as for one."""
    if not drafts:
        return
    write(drafts, by)
    ledger.sell_each(
        [
            (draft.sale.location, for_the_ledger(draft.lines), draft.sale.number, draft.sale.occurred_at)
            for draft in drafts
        ],
        by=by,
    )
    take_money(drafts, by)
    look_now()


def look_now():
    """What the database looks at when a transaction ends, it looks at now: then it would refuse all that was sent."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")


def carry_out_apart(drafts, by, refused):
    """As many of them at once as can be. Those that cannot go to `refused`, each with what refuses it."""
    try:
        carry_out(drafts, by)
    except REFUSALS as refusal:
        if len(drafts) == 1:
            refused.append((drafts[0].sale, refusal))
        # So many were right when they were judged: it is the shop that something is wrong with, and the batch may wait.
        if len(refused) > MOST_APART:
            raise
        if len(drafts) > 1:
            half = len(drafts) // 2
            carry_out_apart(drafts[:half], by, refused)
            carry_out_apart(drafts[half:], by, refused)


def refuse(outcomes, refused, by):
    """These were to be written, and were not: another till may have been quicker with one of the same name."""
    known, hidden = first_of([sale.client_id for sale, _refusal in refused], by) if refused else ({}, ())
    refusals = {id(sale): refusal for sale, refusal in refused}
    for index, outcome in enumerate(outcomes):
        name = outcome.client_id
        if id(outcome.sale) not in refusals:
            continue
        if name in known:
            outcomes[index] = there_already(name, known[name], is_hidden=name in hidden)
        else:
            outcomes[index] = Outcome(name, "rejected", error=refusals[id(outcome.sale)])


def there_already(name, sale, *, is_hidden):
    """Of another place it is another sale: whoever took it for this one would throw this one away."""
    if not is_hidden:
        return Outcome(name, "already_there", sale=sale)
    text = "Another place has a sale of this name. Give this one another."
    error = Duplicate(text, errors=[line_error("client_id", Duplicate.code, text)])
    return Outcome(name, "rejected", error=error)


def first_of(client_ids, by):
    """The sales that have these names already, and which of the names are those of other people's places."""
    sales = Order.objects.filter(client_id__in=client_ids)
    known = {sale.client_id: sale for sale in sales.only("client_id", "channel")}
    seen = set(sales.visible_to(by).values_list("client_id", flat=True)) if known else set()
    return known, known.keys() - seen


def judged(wanted, by):
    try:
        draft = drafted(wanted, by)
        if wanted.till_session and not wanted.till_session.is_open:
            raise tills.is_closed(wanted.till_session)
    except RuleError as refusal:
        return Outcome(wanted.client_id, "rejected", error=refusal), None
    return Outcome(wanted.client_id, "created", sale=draft.sale), draft


def counts_of(outcomes):
    found = Counter(outcome.result for outcome in outcomes)
    return {result: found[result] for result in ("created", "already_there", "rejected")}
