"""The one door: all stock changes here, and nowhere else.

Each verb is something that happens to goods in one place. It takes many lines at once, and costs as many statements for
five hundred as for one: lock the levels, update them, write their movements. Call it in the transaction of the document
that is the cause.
"""

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from itertools import islice
from zoneinfo import ZoneInfo

from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from accounts.models import Location
from boutique.errors import Forbidden, Invalid, RuleError, line_error
from inventory.models import MOST_PIECES, Reason, StockLevel, StockMovement, lookups
from inventory.services import alerts
from skus.models import Product, Sku

CENT, MILLIMETRE, FINE = Decimal("0.01"), Decimal("0.001"), Decimal("0.0001")
ZERO = Decimal(0)
DELIVERED = {Reason.OPENING, Reason.PURCHASE}
# What still happens to what is no longer sold, or in a place that has closed.
WINDING_UP = {Reason.CUSTOMER_RETURN, Reason.TRANSFER_IN, Reason.COUNT}


class NotEnoughStock(RuleError):
    code = "insufficient_stock"
    title = "Not enough stock"


class NotHeld(RuleError):
    code = "not_held"
    title = "Not reserved"


class WorthLess(RuleError):
    code = "worth_less"
    title = "Not worth so much"


@dataclass(frozen=True, kw_only=True)
class Line:
    """So much of one SKU. `path` is where the caller's sender wrote it, so that a refusal names their line."""

    sku: Sku
    quantity: Decimal
    unit_cost: Decimal | None = None  # what a piece cost; without it, what those on the shelf cost
    value: Decimal | None = None  # what all of it is worth, to the cent, where it brings that along
    path: str = ""


@dataclass(frozen=True, kw_only=True)
class Change:
    """What one line does to one level."""

    line: Line
    location: Location
    reason: str
    on_hand: Decimal = ZERO
    reserved: Decimal = ZERO
    revalued: Decimal = ZERO  # what it adds to the value of pieces that stay where they are
    needs: str = "available"  # what there must be enough of: available, on_hand, or held by the document
    may_be_found: bool = False
    is_arrival: bool = False  # of goods that were on the road before their SKU was archived, or their place closed
    reverses: StockMovement | None = None
    paper: "Paper | None" = None  # where not all have the same
    is_past: bool = False  # it has happened, whatever the book says: what it lacked is to be counted

    @property
    def key(self):
        return self.line.sku.pk, self.location.pk

    @property
    def path(self):
        return self.line.path


@dataclass(frozen=True, kw_only=True)
class Paper:
    """The document behind the movements, who recorded them, and when they happened."""

    document: str
    by: object
    note: str = ""
    occurred_at: datetime | None = None


# ------------------------------------------------------------------------------------------------ verbs


def receive(*, location, lines, document, by, reason=Reason.PURCHASE, note="", occurred_at=None, is_arrival=False):
    """Goods come in. A line's unit cost moves the average. `is_arrival`: beside what was on the road already."""
    return _post(
        [
            Change(line=line, location=location, reason=reason, on_hand=line.quantity, is_arrival=is_arrival)
            for line in positive(lines)
        ],
        Paper(document=document, by=by, note=note, occurred_at=occurred_at),
    )


def sell(*, location, lines, document, by, found=False, reason=Reason.SALE, note="", occurred_at=None):
    """Goods leave that nobody was promised. With `found`, what the book lacks is found first: the goods are there."""
    if found and not by.has_perm("inventory.override_stock"):
        raise Forbidden("Your role does not allow you to sell goods that the book does not know.")
    return _post(
        [
            Change(line=line, location=location, reason=reason, on_hand=-line.quantity, may_be_found=found)
            for line in positive(lines)
        ],
        Paper(document=document, by=by, note=note, occurred_at=occurred_at),
    )


def sell_each(sales, *, by):
    """Many sales that have happened. What the book lacks is found, and somebody is told to count it.

    `sales`: of each its place, its lines, its document, and when it was.
    """
    return _post(
        [
            Change(
                line=line,
                location=location,
                reason=Reason.SALE,
                on_hand=-line.quantity,
                may_be_found=True,
                is_past=True,
                paper=paper,
            )
            for location, lines, document, occurred_at in sales
            for paper in [Paper(document=document, by=by, occurred_at=occurred_at)]
            for line in positive(lines)
        ],
        Paper(document="", by=by),
    )


def take_back(*, location, lines, document, by, reason=Reason.CUSTOMER_RETURN, note="", occurred_at=None):
    """Goods come back, at the cost they left with."""
    return receive(
        location=location, lines=lines, document=document, by=by, reason=reason, note=note, occurred_at=occurred_at
    )


def reserve(*, location, lines, document, by, note=""):
    """Promises goods to a document. They stay where they are, and nobody else may have them."""
    return _post(
        [
            Change(line=line, location=location, reason=Reason.RESERVATION, reserved=line.quantity)
            for line in positive(lines)
        ],
        Paper(document=document, by=by, note=note),
    )


def release(*, location, lines, document, by, note=""):
    """Takes a promise back."""
    return _post(
        [
            Change(line=line, location=location, reason=Reason.RELEASE, reserved=-line.quantity, needs="held")
            for line in positive(lines)
        ],
        Paper(document=document, by=by, note=note),
    )


def issue(*, location, lines, document, by, reason=Reason.ORDER, note="", occurred_at=None):
    """Goods that were promised to the document leave."""
    return _post(
        [
            Change(
                line=line,
                location=location,
                reason=reason,
                on_hand=-line.quantity,
                reserved=-line.quantity,
                needs="held",
            )
            for line in positive(lines)
        ],
        Paper(document=document, by=by, note=note, occurred_at=occurred_at),
    )


def adjust(*, location, lines, reason, document, by, note="", occurred_at=None, is_arrival=False):
    """The book is put right: each line's quantity is the difference. What is promised does not hinder it."""
    return _post(
        [
            Change(
                line=line,
                location=location,
                reason=reason,
                on_hand=line.quantity,
                needs="on_hand",
                is_arrival=is_arrival,
            )
            for line in lines
        ],
        Paper(document=document, by=by, note=note, occurred_at=occurred_at),
    )


def count(*, location, lines, document, by, note="", occurred_at=None):
    """What a stock count found to differ."""
    return adjust(
        location=location,
        lines=lines,
        reason=Reason.COUNT,
        document=document,
        by=by,
        note=note,
        occurred_at=occurred_at,
    )


def revalue(*, location, lines, document, by, reason=Reason.CORRECTION, note=""):
    """What lies there is worth more, or less, by each line's `value`: freight was billed later, or a price put right.

    No piece moves. What an empty shelf was worth is gone with its goods, and no shelf is worth less than nothing.
    """
    return _post(
        [Change(line=line, location=location, reason=reason, revalued=line.value) for line in lines if line.value],
        Paper(document=document, by=by, note=note),
    )


def ship(*, source, lines, document, by, note="", occurred_at=None):
    """Goods leave a place for the road, and take their cost along."""
    return _post(
        carried(positive(lines), source, road()),
        Paper(document=document, by=by, note=note, occurred_at=occurred_at),
    )


def arrive(*, destination, lines, document, by, note="", occurred_at=None):
    """Goods leave the road and are in their new place. A line's `value` says what these very goods are worth."""
    return _post(
        carried(positive(lines), road(), destination),
        Paper(document=document, by=by, note=note, occurred_at=occurred_at),
    )


def expect(*, location, skus):
    """Makes empty shelves for goods on their way to a place that never had them, so that its list shows what comes."""
    known = StockLevel.objects.filter(location=location, sku__in=skus).values_list("sku", flat=True)
    if missing := sorted({sku.pk for sku in skus} - set(known)):
        StockLevel.objects.bulk_create(
            (StockLevel(sku_id=sku, location=location) for sku in missing), ignore_conflicts=True
        )
        alerts.judge(alerts.locked(StockLevel.objects.filter(location=location, sku__in=missing)))


def reverse(*, movement, document, by, path="", note=""):
    """The opposite of one movement, linked to it. It takes out what that brought in, as far as the shelf holds as much.

    What a delivery brought may have been promised since; what somebody saw, or wrote wrongly, is so all the same.
    """
    line = Line(sku=movement.sku, quantity=-movement.on_hand_change, value=abs(movement.value_change), path=path)
    change = Change(
        line=line,
        location=movement.location,
        reason=Reason.REVERSAL,
        on_hand=line.quantity,
        needs="available" if movement.reason in DELIVERED else "on_hand",
        reverses=movement,
    )
    (posted,) = _post([change], Paper(document=document, by=by, note=note))
    return posted


def road():
    return Location.objects.get(kind=Location.Kind.TRANSIT)


def carried(lines, source, destination):
    """Each line's two ends, one behind the other: the second brings what the first took along."""
    for line in lines:
        yield Change(line=line, location=source, reason=Reason.TRANSFER_OUT, on_hand=-line.quantity)
        yield Change(line=line, location=destination, reason=Reason.TRANSFER_IN, on_hand=line.quantity)


def positive(lines):
    lines = list(lines)
    refuse(line_error(line.path, "min_value", "More than nothing.") for line in lines if line.quantity <= 0)
    return lines


# ------------------------------------------------------------------------------------------------ the door


def _post(changes, paper):
    """The only code that changes stock: lock all levels, check all lines, move the totals, write the ledger, and say
    what runs low.

    Outside a transaction it fails at the lock: stock never moves without its document.
    """
    changes = list(changes)
    if not changes:
        return []
    levels = lock_levels({change.key for change in changes})
    refuse_unfit(changes, levels)
    recorded_at = timezone.now()
    if paper.occurred_at and paper.occurred_at > recorded_at:
        refuse([line_error("occurred_at", "future", "This lies in the future.")])
    shelves = {key: Shelf(level) for key, level in levels.items()}
    movements, short = taken(changes, shelves, paper)
    if short:
        raise refusal(short, len({id(change.line) for change in changes}), paper.by)
    for movement in movements:
        stamp(movement, movement.paper or paper, recorded_at, levels[movement.sku_id, movement.location_id].location)
    update_levels([shelf for shelf in shelves.values() if shelf.steps], recorded_at)
    posted = StockMovement.objects.bulk_create(movements)
    alerts.judge([shelf.left() for shelf in shelves.values() if not shelf.level.location.is_road], at=recorded_at)
    return posted


def taken(changes, shelves, paper):
    """The movements of all lines, one after the other, and those for which there is too little."""
    held = held_by(paper.document) if any(change.needs == "held" for change in changes) else {}
    movements, short = [], []
    for change in changes:
        shelf = shelves[change.key]
        if change.may_be_found and (missing := change.line.quantity - max(shelf.available, ZERO)) > 0:
            movements.append(shelf.take(replace(change, reason=Reason.FOUND, on_hand=missing)))
            shelf.level.is_unsure = change.is_past
            change = replace(change, needs="on_hand")
        if lacking := shelf.lacks(change, held):
            short.append(lacking)
        else:
            movements.append(shelf.take(change, brought=movements[-1] if movements else None))
    return movements, short


def lock_levels(keys):
    """All levels at once and always in one order, so that two baskets with the same things never wait crosswise."""
    levels = locked(keys)
    if missing := sorted(keys - levels.keys()):
        # Also in one order. Whoever is quicker makes the row, and we wait for them.
        StockLevel.objects.bulk_create(
            (StockLevel(sku_id=sku, location_id=location) for sku, location in missing), ignore_conflicts=True
        )
        levels |= locked(missing)
    return levels


def seen(model, names):
    """These columns of a model, in the order in which it takes them from a row."""
    return model, [field.attname for field in model._meta.concrete_fields if field.attname in names.split()]


# What the door looks at: of five thousand lines, the rest of their SKUs would be half of the work.
DOOR = {
    "level": seen(StockLevel, "id sku_id location_id on_hand reserved value average_cost version created_at"),
    "sku": seen(Sku, "id product_id code is_active"),
    "product": seen(Product, "id unit is_active name"),
    "place": seen(Location, "id code name kind timezone is_active"),
}
# Written out: to have Django compose these two for every sale cost more than all that the database does for them.
LOCK = """
SELECT level.id FROM inventory_stocklevel level
JOIN unnest(%s::bigint[], %s::bigint[]) AS wanted (sku_id, location_id) USING (sku_id, location_id)
ORDER BY level.id FOR NO KEY UPDATE OF level
"""
READ = f"""
SELECT {", ".join(f"{table}.{name}" for table, (_model, names) in DOOR.items() for name in names)},
    {lookups.NARROWEST.format(sku="level.sku_id", product="sku.product_id", location="level.location_id")},
    {lookups.OPEN_ALERTS.format(level="level.id")}
FROM inventory_stocklevel level JOIN skus_sku sku ON sku.id = level.sku_id
JOIN skus_product product ON product.id = sku.product_id JOIN accounts_location place ON place.id = level.location_id
WHERE level.id = ANY(%s)
"""  # noqa: S608 (names of our own columns)


def locked(keys):
    keys = list(keys)
    with connection.cursor() as cursor:
        refuse_without_transaction()
        cursor.execute(LOCK, [[sku for sku, _place in keys], [place for _sku, place in keys]])
        ids = [pk for (pk,) in cursor.fetchall()]
        if not ids:
            return {}
        # Read once the locks are had: a SKU may have been archived, or a place closed, while we waited.
        cursor.execute(READ, [ids])
        levels = [level_of(row) for row in cursor.fetchall()]
    return {(level.sku_id, level.location_id): level for level in levels}


def refuse_without_transaction():
    """A lock that is lost at once is none."""
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("Stock moves in the transaction of its document.")


def level_of(row):
    """A level of `to_be_judged`, with its SKU, product and place."""
    columns = iter(row)
    level, sku, product, place = (
        model.from_db(connection.alias, names, list(islice(columns, len(names)))) for model, names in DOOR.values()
    )
    sku.product, level.sku, level.location = product, sku, place
    level.threshold, level.open_alerts = columns
    return level


def held_by(document):
    return {(row["sku"], row["location"]): row["held"] for row in StockMovement.objects.held(document)}


class Shelf:
    """One locked level while its lines are taken one after the other."""

    def __init__(self, level):
        self.level = level
        self.on_hand, self.reserved, self.value = level.on_hand, level.reserved, level.value
        self.average_cost, self.steps = level.average_cost, 0

    @property
    def available(self):
        return self.on_hand - self.reserved

    def lacks(self, change, held):
        """Which of the things the change needs there is too little of; None if there is enough."""
        if change.revalued and (self.on_hand == 0 or self.value + change.revalued < 0):
            return Lack(change, self.level.sku.code, self.on_hand, self.reserved, self.value, "value")
        leaving = max(-change.on_hand, change.reserved if change.needs == "available" else ZERO)
        if change.needs == "held":
            still_held = held.get(change.key, ZERO)
            if -change.reserved > still_held:
                return Lack(change, self.level.sku.code, self.on_hand, self.reserved, still_held, "held")
            held[change.key] = still_held + change.reserved
        there = self.available if change.needs == "available" else self.on_hand
        if leaving > 0 and leaving > there:
            needs = "available" if change.needs == "available" else "on_hand"
            return Lack(change, self.level.sku.code, self.on_hand, self.reserved, there, needs)
        return None

    def take(self, change, brought=None):
        worth = self.worth(change, brought)
        self.on_hand += change.on_hand
        self.reserved += change.reserved
        self.value += worth
        self.steps += 1
        if self.on_hand:
            self.average_cost = rounded(self.value / self.on_hand, FINE)
        movement = StockMovement(
            sku=self.level.sku,
            location=self.level.location,
            sequence=self.level.version + self.steps,
            reason=change.reason,
            on_hand_change=change.on_hand,
            reserved_change=change.reserved,
            on_hand_after=self.on_hand,
            reserved_after=self.reserved,
            unit_cost=self.unit_cost(change, worth),
            value_change=worth,
            value_after=self.value,
            reverses=change.reverses,
        )
        movement.paper = change.paper
        return movement

    def left(self):
        """The level as the lines have left it."""
        self.level.on_hand, self.level.reserved = self.on_hand, self.reserved
        return self.level

    def worth(self, change, brought):
        """What the change adds to the value of the shelf. The last piece takes all that is left, to the cent."""
        line, quantity = change.line, change.on_hand
        if quantity == 0:
            return change.revalued
        if quantity < 0:
            if -quantity == self.on_hand:
                return -self.value
            share = line.value if line.value is not None else rounded(self.value * -quantity / self.on_hand)
            return -min(share, self.value)
        if change.reason == Reason.TRANSFER_IN:
            return -brought.value_change if brought else ZERO  # nothing came: the line is refused anyway
        if line.value is not None:
            return line.value
        return rounded(quantity * (self.average_cost if line.unit_cost is None else line.unit_cost))

    def unit_cost(self, change, worth):
        if change.on_hand == 0:
            return None
        if change.on_hand > 0 and change.line.unit_cost is not None:
            return change.line.unit_cost
        return rounded(abs(worth / change.on_hand))


def rounded(number, step=CENT):
    return number.quantize(step, ROUND_HALF_UP)


def stamp(movement, paper, recorded_at, location):
    movement.document, movement.note, movement.recorded_by = paper.document, paper.note, paper.by
    movement.recorded_at = recorded_at
    movement.occurred_at = paper.occurred_at or recorded_at
    movement.business_date = business_date(movement.occurred_at, location)


UPDATE = """
UPDATE inventory_stocklevel level SET
    -- Relative, so that the checks still refuse should a lock ever be forgotten.
    on_hand = level.on_hand + new.on_hand, reserved = level.reserved + new.reserved, value = level.value + new.value,
    average_cost = new.average_cost, version = level.version + new.steps, updated_at = %s
FROM unnest(%s::bigint[], %s::numeric[], %s::numeric[], %s::numeric[], %s::numeric[], %s::int[])
    AS new(id, on_hand, reserved, value, average_cost, steps)
WHERE level.id = new.id
"""


def update_levels(shelves, at):
    columns = [
        (
            shelf.level.pk,
            shelf.on_hand - shelf.level.on_hand,
            shelf.reserved - shelf.level.reserved,
            shelf.value - shelf.level.value,
            shelf.average_cost,
            shelf.steps,
        )
        for shelf in shelves
    ]
    with connection.cursor() as cursor:
        cursor.execute(UPDATE, [at, *(list(column) for column in zip(*columns, strict=True))])


def reconcile(sku, location, *, document, by):
    """Makes a level and its ledger agree again, after somebody got round the door. None if nothing had to be posted.

    What lies there and what it is worth is believed of the shelf, and posted as a correction. What is promised is
    believed of the ledger, which knows to whom.
    """
    level = lock_levels({(sku, location)})[sku, location]
    chain = StockMovement.objects.filter(sku=sku, location=location).order_by("sequence")
    first, last = chain.first(), chain.last()
    if last and level.version == 0:
        put_back(level, first, last)
        return None
    sequence, reserved = (last.sequence, last.reserved_after) if last else (0, ZERO)
    movement = correction(level, last, sequence + 1)
    if movement.on_hand_change or movement.value_change:
        stamp(movement, Paper(document=document, by=by), timezone.now(), level.location)
        sequence += 1
    else:
        movement = None  # nothing has to be posted for the rest
    average = rounded(level.value / level.on_hand, FINE) if level.on_hand else level.average_cost
    known_since = first.recorded_at if first else level.created_at
    StockLevel.objects.filter(pk=level.pk).update(
        version=sequence, reserved=reserved, average_cost=average, created_at=min(level.created_at, known_since)
    )
    if movement:
        movement.save(force_insert=True)
    return movement


def put_back(level, first, last):
    """The level was lost, and there is no shelf to believe: it is made again as its last movement left it."""
    average = rounded(last.value_after / last.on_hand_after, FINE) if last.on_hand_after else last.unit_cost or ZERO
    StockLevel.objects.filter(pk=level.pk).update(
        version=last.sequence,
        on_hand=last.on_hand_after,
        reserved=last.reserved_after,
        value=last.value_after,
        average_cost=average,
        created_at=first.recorded_at,
    )


def correction(level, last, sequence):
    return StockMovement(
        sku_id=level.sku_id,
        location_id=level.location_id,
        sequence=sequence,
        reason=Reason.CORRECTION,
        on_hand_change=level.on_hand - (last.on_hand_after if last else 0),
        value_change=level.value - (last.value_after if last else 0),
        on_hand_after=level.on_hand,
        reserved_after=last.reserved_after if last else ZERO,
        value_after=level.value,
    )


# ------------------------------------------------------------------------------------------------ refusals


@dataclass
class Lack:
    """A line that cannot be supplied, and what was there when its turn came."""

    change: Change
    code: str
    on_hand: Decimal
    reserved: Decimal
    there: Decimal
    needs: str


def refuse(errors):
    if errors := list(errors):
        raise Invalid(errors[0]["message"], errors=errors)


def refuse_unfit(changes, levels):
    """What no shelf could take: half a piece, a SKU or a place that is no longer there for it."""
    found = {}
    for change in changes:
        level = levels.get(change.key)
        error = unfit(change, level.sku, level.location) if level else deleted(change)
        if error:
            found.setdefault((error["field"], error["code"]), error)
    refuse(found.values())


def deleted(change):
    """While it was looked for: something that never had a history may be."""
    return line_error(beside(change.path, "sku"), "not_found", f"{change.line.sku} is no longer in the catalogue.")


def unfit(change, sku, location):
    if error := wrong_quantity(change.line.quantity, sku, change.path):
        return error
    if (value := change.line.value) is not None and (value != rounded(value) or (value < 0 and not change.revalued)):
        return line_error(change.path, "invalid", "A value is an amount of money, not below nothing.")
    is_promised = change.needs == "held"
    is_taken_out = change.reason == Reason.REVERSAL and change.on_hand < 0
    is_over = change.reason in WINDING_UP or change.is_arrival or change.revalued or location.is_road
    if is_over or is_promised or is_taken_out:
        return None
    return out_of_use(sku, location, change.path)


def wrong_quantity(quantity, sku, path):
    if sku.product.unit == Product.Unit.PIECE and quantity % 1:
        return line_error(path, "fraction", f"{sku} is sold by the piece: no fractions.")
    if abs(quantity) > MOST_PIECES or quantity != quantity.quantize(MILLIMETRE):
        return line_error(path, "invalid", f"At most {MOST_PIECES}, and no finer than a thousandth.")
    return None


def out_of_use(sku, location, path):
    if not (sku.is_active and sku.product.is_active):
        text = f"{sku} is archived. Restore it first (restore/)."
        return line_error(beside(path, "sku"), "inactive", text, sku=sku.pk)
    if not location.is_active:
        return line_error("location", "inactive", f"{location} has closed.", location=location.pk)
    return None


def beside(path, name):
    """lines.3.quantity → lines.3.sku"""
    return ".".join([*path.split(".")[:-1], name])


def refusal(short, asked, by):
    if any(lack.needs == "value" for lack in short):
        errors = [
            line_error(lack.change.path, WorthLess.code, f"All that lies there is worth {lack.there}.")
            for lack in short
        ]
        return WorthLess("A shelf is never worth less than nothing.", errors=errors)
    if any(lack.needs == "held" for lack in short):
        errors = [
            line_error(lack.change.path, "not_held", f"{plain(lack.there)} reserved, {plain(wanted(lack))} asked.")
            if lack.needs == "held"
            else shortage(lack, [])
            for lack in short
        ]
        return NotHeld("The document does not hold so much.", errors=errors)
    elsewhere = where_else(short, by)
    errors = [shortage(lack, elsewhere[lack.change.line.sku.pk]) for lack in short]
    lines = "line" if asked == 1 else "lines"
    return NotEnoughStock(f"{len(short)} of {asked} {lines} cannot be supplied.", errors=errors)


def wanted(lack):
    return abs(lack.change.line.quantity)


def shortage(lack, elsewhere):
    what = "available" if lack.needs == "available" else "on hand"
    return line_error(
        lack.change.path,
        "insufficient_stock",
        f"{plain(lack.there)} {what}, {plain(wanted(lack))} asked.",
        sku=lack.change.line.sku.pk,
        sku_code=lack.code,
        location=lack.change.location.pk,
        requested=plain(wanted(lack)),
        on_hand=plain(lack.on_hand),
        reserved=plain(lack.reserved),
        available=plain(lack.on_hand - lack.reserved),
        elsewhere=elsewhere,
    )


def where_else(short, by):
    """In which other places that the person can see there is some to be had."""
    found = defaultdict(list)
    skus = {lack.change.line.sku.pk for lack in short}
    here = {lack.change.location.pk for lack in short}
    rows = (
        StockLevel.objects.visible_to(by)
        .filter(sku__in=skus, location__is_active=True, on_hand__gt=F("reserved"))
        .exclude(location__in=here)
        .exclude(location__kind=Location.Kind.TRANSIT)
        .order_by("location_id")
    )
    for sku, location, on_hand, reserved in rows.values_list("sku", "location", "on_hand", "reserved"):
        found[sku].append({"location": location, "available": plain(on_hand - reserved)})
    return found


def plain(quantity):
    """5.000 → 5, 2.500 → 2.5"""
    text = format(quantity, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def business_date(moment, location):
    return moment.astimezone(ZoneInfo(location.timezone)).date()
