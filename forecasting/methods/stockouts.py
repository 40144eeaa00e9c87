"""What would have sold when the shelf ran empty."""

import numpy as np

from forecasting.methods import counts, levels, seasons


def fill_in(sold, known, censored, groups, season_length):
    """Where stock ran out within a period, at least so much was wanted: E[D | D >= sold], by what was usual before.

    Full periods alone say too little: they are those in which few came. So what is usual is found anew with each
    filling in.
    """
    censored = censored & known
    if not censored.any():
        return sold
    row, period = np.nonzero(censored)
    open_ = known & ~censored
    # Items that never had a full period speak through what they sold.
    believed = np.where(open_.any(axis=1, keepdims=True), open_, known)
    filled = sold.copy()
    for _ in range(ROUNDS):
        lumps = seasons.lumpiness(filled, believed)
        factors, _drift = seasons.seasons(filled, believed, lumps, groups, season_length, 1)
        usual = levels.follow(filled, believed, factors, lumps)[LEVEL]
        before = np.vstack([usual[:1], usual[:-1]]).T * factors[:, :-1]
        wanted = at_least(before[row, period], np.maximum(lumps[row], 1.0), sold[row, period])
        filled[row, period] = np.maximum(wanted, sold[row, period])
        believed = known
    return filled


# The level that neither jumps at one week nor sleeps through a month.
LEVEL = 2
ROUNDS = 4


def at_least(mean, ratio, sold):
    """E[D | D >= sold] of the negative binomial."""
    low = np.ceil(sold)
    beyond = counts.shortfall(mean, ratio, low)
    # P(D >= low) = E[(D - low + 1)+] - E[(D - low)+]
    reach = np.where(low > 0, counts.shortfall(mean, ratio, np.maximum(low - 1, 0.0)) - beyond, 1.0)
    return np.where(reach > 1e-4, low + beyond / np.maximum(reach, 1e-4), sold)
