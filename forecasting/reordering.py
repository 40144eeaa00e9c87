"""How much to order: pure arithmetic over arrays, one row for each SKU and place. Numbers in, numbers out; no ORM.

    lead_time(receipts, usual, spread)             the mean and variance of the days until goods arrive
    suggest(lead_demand=, protected_demand=, …)    quantities, and every number behind them

`lead_demand` is `Forecast.over(lead, variance)`, `protected_demand` is `Forecast.over(lead + review, variance)`.
"""

import dataclasses

import numpy as np

# With fewer deliveries than this the supplier's own word counts.
ENOUGH_RECEIPTS = 3


def lead_time(receipts, usual, spread=0.0):
    """The mean and variance of a supplier's lead time, from the days its past deliveries took."""
    taken = np.asarray(receipts, float)
    if taken.size < ENOUGH_RECEIPTS:
        return float(usual), float(spread) ** 2
    return float(taken.mean()), float(taken.var(ddof=1))


def critical_ratio(price, cost, holding=0.0, salvage=None):
    """The service level that earns most: a piece too few loses price - cost, one too many costs its keep.

    `holding` is what a piece costs to keep over the protection time; one-off season buys give `salvage` instead, what
    the last ones fetch in the sale.
    """
    margin = np.maximum(np.asarray(price, float) - cost, 0.0)
    lost = np.asarray(holding, float) if salvage is None else np.maximum(np.asarray(cost, float) - salvage, 0.0)
    return np.where(margin + lost > 0, margin / np.maximum(margin + lost, 1e-9), 0.5)


@dataclasses.dataclass(frozen=True)
class Suggestion:
    """What to order, and every number a buyer needs to follow it; one row for each SKU and place.

    `position` what is there or coming, `reorder_point`, `target`, `short` (target less position when at or below the
    point, else 0), `quantity` (that in packs, at least the minimum), `below_minimum` (the need is under the minimum
    order, and the minimum would last longer than `longest_cover` periods: nothing is ordered, the row says so), `cover`
    (periods that position and quantity will last), `expected_fill` (share of demand served with the target) and
    `safety_stock` (target less mean demand).
    """

    position: np.ndarray
    reorder_point: np.ndarray
    target: np.ndarray
    short: np.ndarray
    quantity: np.ndarray
    below_minimum: np.ndarray
    cover: np.ndarray
    expected_fill: np.ndarray
    safety_stock: np.ndarray


def suggest(*, lead_demand, protected_demand, service, position, per_period, pack=1.0, minimum=0.0, longest_cover=13.0):
    """Suggest quantities from the demand over the lead time and over lead time plus review."""
    point = lead_demand.quantile(service)
    target = np.maximum(protected_demand.quantile(service), point)
    rows = order(position=position, point=point, target=target, pack=pack, minimum=minimum)
    return _judged(*rows, protected_demand, per_period, minimum, longest_cover)


def order(*, position, point, target, pack=1.0, minimum=0.0):
    """Position, point, target, what is short, and the quantity in whole packs and at least the minimum.

    At or below the point the position is filled up to the target: 8 with point 10, target 24, packs of 6 orders 18.
    """
    position, point, target, pack, minimum = np.broadcast_arrays(
        *(np.asarray(part, float) for part in (position, point, target, pack, minimum))
    )
    short = np.where((position <= point) & (position < target), target - position, 0.0)
    wanted = np.where(short > 0, np.maximum(short, minimum), 0.0)
    return position, point, target, short, in_packs(wanted, pack)


def in_packs(wanted, pack):
    """The least whole number of packs that holds `wanted`."""
    pack = np.where(np.asarray(pack, float) > 0, pack, 1.0)
    # Three decimals are what the ledger counts: 0.30000000000000004 m of cloth is three tenths.
    return np.round(np.ceil(np.round(np.asarray(wanted, float) / pack, 6)) * pack, 3)


def _judged(position, point, target, short, quantity, demand, per_period, minimum, longest_cover):
    per_period = np.broadcast_to(np.asarray(per_period, float), position.shape)
    with np.errstate(divide="ignore", invalid="ignore"):
        cover = np.where(per_period > 0, (np.maximum(position, 0) + quantity) / per_period, np.inf)
    too_much = (quantity > 0) & (short < minimum) & (cover > longest_cover)
    return Suggestion(
        position=position,
        reorder_point=point,
        target=target,
        short=short,
        quantity=np.where(too_much, 0.0, quantity),
        below_minimum=too_much,
        cover=cover,
        expected_fill=demand.expected_fill(target),
        safety_stock=target - demand.mean,
    )
