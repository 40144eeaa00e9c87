"""How much to order: pure arithmetic over arrays, one row for each SKU and place. Numbers in, numbers out; no ORM.

The reorder point is `Forecast.over(lead, variance).quantile(service)`, the target that of lead time plus review.
"""

import numpy as np


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
