"""What to buy, to move and to mark down: suggested by each run, decided by people.

A run renews the open suggestions of its places. It locks them before it reads what is there, so that what somebody
accepts at the same moment is either seen in the drafts, or waits until the suggestion is renewed. Of a place, one run
is open at a time.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from functools import partial
from itertools import groupby

from django.db import transaction
from django.utils import timezone

from accounts.models import Location
from boutique.documents import locked_again
from boutique.errors import IllegalTransition, RuleError, line_error
from boutique.models import rewrite
from forecasting.models import Forecast, ReorderSuggestion
from forecasting.services import standing, supplying
from forecasting.services.standing import ZERO
from inventory.services import transferring
from inventory.services.ledger import plain, rounded
from inventory.services.lines import Goods
from suppliers.models import SupplierSku
from suppliers.services import ordering
from suppliers.services.ordering import Wanted

Kind, Status = ReorderSuggestion.Kind, ReorderSuggestion.Status
WHOLE, MILLIMETRE = Decimal(1), Decimal("0.001")
# Of what lasts longer than that, too much lies there; and a store that has less than that would sell it sooner.
SLOW_WEEKS, SOON_WEEKS = 26, 13
LONG_COVER_WEEKS = 13
KNOWN_WEEKS = 12  # before that, nobody can call it slow
DISMISSED_FOR = timedelta(weeks=4)
MOST_LINES = 500
RENEWED = [
    "kind", "supplier_id", "source_id", "quantity", "unit_cost", "on_hand", "reserved", "incoming", "drafts",
    "position", "reorder_point", "target", "arithmetic",
]  # fmt: skip


class NotOpen(RuleError):
    """Somebody has decided it already, or it is no longer needed."""

    code = IllegalTransition.code
    title = "No longer open"


class NoSupplier(RuleError):
    code = "no_supplier"
    title = "Nobody to buy it from"


# ------------------------------------------------------------------------------------------------ what is needed


@dataclass(kw_only=True)
class Shelf:
    """A SKU in a place, with all that decides whether there is enough of it."""

    sku: int
    location: int
    unit: Decimal  # the smallest quantity there is of it
    kind: str  # of the place
    now: standing.Standing
    point: Decimal
    target: Decimal
    whence: str  # the two numbers in words
    weekly: float
    weeks_known: int
    supply: supplying.Supply
    need: Decimal = ZERO  # up to the target, once no more is left than the reorder point
    packed: Decimal = ZERO  # that, as its supplier sends it
    given: Decimal = ZERO  # to other places, by suggestions made before

    @property
    def key(self):
        return self.sku, self.location

    @property
    def surplus(self):
        """What it could give away and still have its target."""
        return self.downwards(min(self.now.free, self.now.position - max(self.target, self.point)) - self.given)

    @property
    def slow(self):
        """What would lie there for half a year and more."""
        if self.kind != Location.Kind.STORE or self.weeks_known < KNOWN_WEEKS:
            return ZERO
        return min(self.surplus, self.downwards(self.now.free - self.given - self.sold_in(SLOW_WEEKS)))

    def sold_in(self, weeks):
        return Decimal(str(round(self.weekly * weeks, 3)))

    def downwards(self, quantity):
        return max(quantity // self.unit * self.unit, ZERO)


def weigh(shelves):
    """What each of them needs."""
    from forecasting import reordering

    supplies = [shelf.supply for shelf in shelves]
    *_same, short, quantity = reordering.order(
        position=[float(shelf.now.position) for shelf in shelves],
        point=[float(shelf.point) for shelf in shelves],
        target=[float(shelf.target) for shelf in shelves],
        pack=[float(supply.pack_size) for supply in supplies],
        minimum=[float(supply.minimum_order) for supply in supplies],
    )
    for shelf, need, packed in zip(shelves, short.tolist(), quantity.tolist(), strict=True):
        shelf.need, shelf.packed = decimal(need), decimal(packed)


def suggested(shelves, names):
    """{(sku, location): unsaved suggestion} for these shelves, those of one SKU behind each other.

    Bringing goods from another place comes before buying, and before marking them down there.
    """
    found = {}
    for _sku, group in groupby(shelves, key=lambda shelf: shelf.sku):
        places = list(group)
        for shelf in places:
            if shelf.need > 0:
                found[shelf.key] = brought(shelf, places, names) or bought(shelf)
        for shelf in places:
            if shelf.slow > 0 and shelf.key not in found:
                found.update(pushed(shelf, places, found, names))
        for shelf in places:
            if shelf.slow > 0 and shelf.key not in found:
                found[shelf.key] = marked_down(shelf)
    return found


def brought(shelf, places, names):
    """From a place that has enough to spare to bring it above the reorder point: a warehouse first, then whoever has
    most."""
    others = [other for other in places if other is not shelf and other.surplus > 0]
    enough = [other for other in others if shelf.now.position + min(shelf.need, other.surplus) > shelf.point]
    if not enough:
        return None
    giver = max(enough, key=lambda other: (other.kind == Location.Kind.WAREHOUSE, other.surplus, -other.location))
    quantity = min(shelf.need, giver.surplus)
    # How much lies there exactly is not for everybody who reads this.
    words = f"{names[giver.location]} has more than it needs: bring {plain(quantity)} from there."
    giver.given += quantity
    return suggestion(shelf, Kind.TRANSFER, quantity, [*needed(shelf), words], source_id=giver.location)


def bought(shelf):
    supply, quantity = shelf.supply, shelf.packed
    who = f"From {supply.name}" if supply.supplier else "Nobody is known who has it"
    words = f"{who}: {packing(shelf)}{plain(quantity)}."
    cost = supply.unit_cost
    if cost is None and shelf.now.average_cost:
        cost = rounded(shelf.now.average_cost)
    return suggestion(
        shelf, Kind.PURCHASE, quantity, [*needed(shelf), words], supplier_id=supply.supplier, unit_cost=cost
    )


def packing(shelf):
    """Why it is more than what is missing."""
    supply, words = shelf.supply, ""
    if supply.minimum_order > shelf.need:
        words = f"at least {plain(supply.minimum_order)}"
        if shelf.weekly and (weeks := float(shelf.now.position + shelf.packed) / shelf.weekly) > LONG_COVER_WEEKS:
            words += f" (that lasts {weeks:.0f} weeks)"
        words += ", "
    return words + (f"in packs of {plain(supply.pack_size)}: " if supply.pack_size != 1 else "")


def pushed(shelf, places, found, names):
    """What lies here too long goes where it sells sooner."""
    others = [
        other
        for other in places
        if other is not shelf
        and other.kind == Location.Kind.STORE
        and other.key not in found
        and other.weekly > 2 * shelf.weekly
        and other.sold_in(SOON_WEEKS) > other.now.position
    ]
    for other in sorted(others, key=lambda other: -other.weekly):
        quantity = min(shelf.slow, other.downwards(other.sold_in(SLOW_WEEKS) - other.now.position))
        if quantity > 0:
            why = f"{names[shelf.location]} has more than it sells in {SLOW_WEEKS} weeks, and here it sells sooner"
            words = [there(other), f"{why}, {other.weekly:.2f} a week: bring {plain(quantity)} from there."]
            shelf.given += quantity
            yield other.key, suggestion(other, Kind.TRANSFER, quantity, words, source_id=shelf.location)


def marked_down(shelf):
    later = f"{shelf.weekly:.2f} a week will sell, {plain(shelf.sold_in(SLOW_WEEKS))} in {SLOW_WEEKS} weeks"
    words = f"{later}. No other place needs it: mark {plain(shelf.slow)} down."
    return suggestion(shelf, Kind.MARKDOWN, shelf.slow, [there(shelf), words])


def there(shelf):
    """How much there is to reckon with."""
    now = shelf.now
    drafts = ""
    if now.drafted or now.asked_for:
        drafts += f" + in drafts and requests {plain(now.drafted + now.asked_for)}"
    if now.asked_from:
        drafts += f" - asked for elsewhere {plain(now.asked_from)}"
    return (
        f"On hand {plain(now.on_hand)} - reserved {plain(now.reserved)} + incoming {plain(now.incoming)}{drafts}"
        f" = position {plain(now.position)}."
    )


def needed(shelf):
    position, point, target = plain(shelf.now.position), plain(shelf.point), plain(shelf.target)
    missing = f"{target} - {position} = {plain(shelf.need)} are missing"
    return [
        there(shelf),
        f"{shelf.whence} The position of {position} is not above the reorder point of {point}: {missing}.",
    ]


def suggestion(shelf, kind, quantity, words, **more):
    now = shelf.now
    return ReorderSuggestion(
        kind=kind,
        sku_id=shelf.sku,
        location_id=shelf.location,
        quantity=quantity,
        on_hand=now.on_hand,
        reserved=now.reserved,
        incoming=now.incoming,
        drafts=now.drafts,
        position=now.position,
        reorder_point=shelf.point,
        target=shelf.target,
        arithmetic="\n".join(words),
        **more,
    )


# ------------------------------------------------------------------------------------------------ by a run


def renew(series, places, supplies):
    """Suggests anew for these series, all of places of one run; what is no longer needed lapses.

    `series`: the rows of the history that was read. `supplies`: who brings which SKU.
    """
    skus = sorted({one.sku for one in series})
    theirs = {(one.sku, one.location) for one in series}
    open_ones = ReorderSuggestion.objects.open().filter(sku__in=skus, location__in=places)
    standing_now = {row.pk: row for row in open_ones.select_for_update(no_key=True).order_by("pk")}
    here = {(row.sku_id, row.location_id): row for row in standing_now.values()}
    shelves = shelves_of(series, skus, supplies)
    weigh(shelves)
    found = suggested(shelves, dict(Location.objects.values_list("pk", "code")))
    dismissed = dismissed_lately(skus, places)
    wanted = {key: new for key, new in found.items() if key in theirs and not still_dismissed(new, dismissed.get(key))}
    write(wanted, here)


def shelves_of(series, skus, supplies):
    """The shelves of these SKUs in all places."""
    units = {one.sku: WHOLE if one.is_by_the_piece else MILLIMETRE for one in series}
    kinds, now = standing.kinds_of_places(), standing.standing_of(skus)
    forecasts = {
        (row["sku"], row["location"]): row
        for row in Forecast.objects.filter(sku__in=skus).values(
            "sku", "location", "mean", "weeks_known", "reorder_point", "target", "expected", "lead_days", "review_days",
            "service_level",
        )
    }  # fmt: skip
    keys = sorted(key for key in now.keys() | forecasts.keys() if key[1] in kinds)
    own = standing.own_numbers(keys)
    return [
        shelf_of(
            forecasts.get(key),
            own.get(key, (None, None, None)),
            sku=key[0],
            location=key[1],
            unit=units[key[0]],
            kind=kinds[key[1]],
            now=now[key],
            supply=supplies.get(key[0]) or supplying.unknown(),
        )
        for key in keys
        if key in forecasts or key in own or kinds[key[1]] == Location.Kind.WAREHOUSE
    ]


def shelf_of(forecast, own, **known):
    weekly = sum(forecast["mean"]) / len(forecast["mean"]) if forecast else 0.0
    point, target = numbers_of(forecast, own, weekly, known["unit"])
    return Shelf(
        **known,
        point=point,
        target=target,
        whence=whence(forecast, own, point, target, known["supply"].lead_because),
        weekly=weekly,
        weeks_known=forecast["weeks_known"] if forecast else 0,
    )


def numbers_of(forecast, own, weekly, unit):
    """Reorder point and target: the shop's own, or else the forecast's. A threshold is a reorder point, too: what is
    filled up has more than that, for as long as it takes until somebody looks again."""
    threshold, own_point, own_target = own
    forecast_point, target = (decimal(forecast[name]) if forecast else ZERO for name in ("reorder_point", "target"))
    point = max(forecast_point, threshold or ZERO) if own_point is None else own_point
    if own_target is not None:
        return point, own_target
    if point > forecast_point:
        sold = decimal(weekly * (forecast["review_days"] if forecast else 7) / 7)
        target = max(target, point + max(sold // unit * unit, unit if unit == WHOLE else ZERO))
    return point, max(target, point)


def whence(forecast, own, point, target, lead_because):
    """Where reorder point and target come from."""
    threshold, own_point, own_target = own
    by_shop = [
        f"reorder point {plain(point)}" if own_point is not None else "",
        f"target {plain(target)}" if own_target is not None else "",
    ]
    said = " and ".join(filter(None, by_shop))
    words = f"Set by the shop: {said}." if said else ""
    if forecast and (own_point is None or own_target is None):
        lead, review = forecast["lead_days"], forecast["review_days"]
        words = (
            f"Lead time {lead} days ({lead_because}) + review every {review} days = {lead + review} days, in which"
            f" {forecast['expected']:.1f} will sell; to have enough in {forecast['service_level']:.1%} of cases:"
            f" reorder point {plain(point)}, target {plain(target)}. {words}"
        ).strip()
    if threshold is not None and own_point is None and point == threshold:
        words += f" Low stock begins at {plain(threshold)}."
    return words


def decimal(number):
    return Decimal(str(round(number, 3)))


def dismissed_lately(skus, places):
    rows = ReorderSuggestion.objects.filter(
        status=Status.DISMISSED, sku__in=skus, location__in=places, decided_at__gt=timezone.now() - DISMISSED_FOR
    )
    return {(row.sku_id, row.location_id): row for row in rows.order_by("decided_at")}


def still_dismissed(new, old):
    """Somebody said no, and it is not more urgent now."""
    return old is not None and old.kind == new.kind and new.position >= old.position


def write(wanted, here):
    now, changed = timezone.now(), []
    for key, old in here.items():
        new = wanted.get(key)
        names = [name for name in RENEWED if new and getattr(old, name) != getattr(new, name)]
        for name in names:
            setattr(old, name, getattr(new, name))
        if names:
            old.updated_at = now
            changed.append(old)
    rewrite(changed, [*(name.removesuffix("_id") for name in RENEWED), "updated_at"])
    gone = [row.pk for key, row in here.items() if key not in wanted]
    ReorderSuggestion.objects.filter(pk__in=gone).update(status=Status.LAPSED, updated_at=now)
    ReorderSuggestion.objects.bulk_create(new for key, new in wanted.items() if key not in here)


# ------------------------------------------------------------------------------------------------ by people


@transaction.atomic
def accept(*, suggestions, by):
    """Makes draft orders of what is to be bought, one for each supplier and place, and asks for what is to be brought.
    What is marked down is now somebody's to do: prices are not changed here."""
    rows = locked(suggestions)
    refuse_without_supplier(rows)
    made = {"purchase_orders": [], "transfers": [], "markdowns": []}
    for paper, kind, giver, make in (
        ("purchase_orders", Kind.PURCHASE, "supplier", drafted),
        ("transfers", Kind.TRANSFER, "source", asked),
    ):
        for (giver_of_it, place), part in grouped(rows, kind, giver, "location"):
            document = named(part, rows, partial(make, giver_of_it, place, part, by))
            made[paper].append(document.pk)
            decide(part, Status.ACCEPTED, by, document.number)
    downs = [row for row in rows if row.kind == Kind.MARKDOWN]
    decide(downs, Status.ACCEPTED, by)
    made["markdowns"] = [row.sku_id for row in downs]
    return made


def locked(suggestions):
    """In the order they were named, locked in the one order."""
    ids = [suggestion.pk for suggestion in suggestions]
    rows = ReorderSuggestion.objects.with_labels().select_for_update(no_key=True, of=("self",)).filter(pk__in=ids)
    found = {row.pk: row for row in rows.order_by("pk")}
    closed = [
        line_error(f"ids.{index}", "not_open", f"This one is {found[pk].get_status_display().lower()}.", id=pk)
        for index, pk in enumerate(ids)
        if found[pk].status != Status.OPEN
    ]
    if closed:
        raise NotOpen(f"{len(closed)} of these suggestions are no longer open.", errors=closed)
    return [found[pk] for pk in ids]


def refuse_without_supplier(rows):
    errors = [
        line_error(f"ids.{index}", NoSupplier.code, f"Say who has {row.sku} first (supplier-skus/).", sku=row.sku_id)
        for index, row in enumerate(rows)
        if row.kind == Kind.PURCHASE and row.supplier_id is None
    ]
    if errors:
        raise NoSupplier(f"{len(errors)} of these have no supplier.", errors=errors)


def grouped(rows, kind, *names):
    """Those that belong on one paper, as many as it takes."""
    groups = defaultdict(list)
    for row in rows:
        if row.kind == kind:
            groups[tuple(getattr(row, name) for name in names)].append(row)
    for key, group in groups.items():
        for first in range(0, len(group), MOST_LINES):
            yield key, group[first : first + MOST_LINES]


def drafted(supplier, place, rows, by):
    # What the supplier takes today is looked up by the draft; the suggestion's own cost stands in where none is known.
    known = set(
        SupplierSku.objects.filter(
            supplier=supplier, sku__in=[row.sku_id for row in rows], unit_cost__isnull=False
        ).values_list("sku", flat=True)
    )
    lines = [
        Wanted(sku=row.sku, quantity=row.quantity, unit_cost=None if row.sku_id in known else row.unit_cost)
        for row in rows
    ]
    return ordering.draft(supplier=supplier, location=place, lines=lines, by=by)


def asked(source, place, rows, by):
    lines = [Goods(sku=row.sku, quantity=row.quantity) for row in rows]
    return transferring.ask(source=source, destination=place, lines=lines, by=by, note="Suggested by the forecast.")


def named(part, rows, make):
    """What is refused of a line is told of the suggestion it comes from."""
    try:
        return make()
    except RuleError as refusal:
        for error in refusal.errors:
            _lines, _dot, rest = error["field"].partition("lines.")
            number = rest.partition(".")[0]
            if number.isdigit():
                error["field"] = f"ids.{rows.index(part[int(number)])}"
        raise


def decide(rows, status, by, document=""):
    now = timezone.now()
    for row in rows:
        row.status, row.document, row.decided_by, row.decided_at = status, document, by, now
        row.updated_by, row.updated_at = by, now
    rewrite(rows, ["status", "document", "decided_by", "decided_at", "updated_by", "updated_at"])


@transaction.atomic
def dismiss(*, suggestion, by):
    """Not now: it comes back after four weeks, or when still less is left."""
    suggestion = locked_again(suggestion)
    if suggestion.status != Status.OPEN:
        raise IllegalTransition("The suggestion", suggestion.get_status_display().lower(), [])
    decide([suggestion], Status.DISMISSED, by)
    return suggestion
