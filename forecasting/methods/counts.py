"""Demand as a distribution: the negative binomial, for many series at once.

It is given by its mean and its ratio of variance to mean: 1 is Poisson, more is lumpier, less is steadier (a binomial).
Numbers in, numbers out.
"""

import numpy as np

# Demand far above this is counted by the dozen: the shape stays, the loop stays short.
FINE = 80.0
# Where the spread is small beside the mean, a normal curve with the right skewness is exact enough.
NARROW = 60.0
# A binomial with fewer tries than this is taken for Poisson.
LEAST_TRIES = 6.0
# No quantile lies further out than this many lattice steps: a guard, reached by no demand of a shop.
FAR = 20_000


def quantiles(mean, ratio, levels, quantum=1.0):
    """The least amount that demand stays within, for each level: whole multiples of `quantum`, rising, never negative.

    `mean` and `ratio` have the same shape; `levels` are probabilities, one row for all or one for each mean. The
    answer has one more axis than `mean`.
    """
    mean = np.maximum(np.asarray(mean, float), 0.0)
    ratio, quantum = (np.broadcast_to(np.asarray(part, float), mean.shape) for part in (ratio, quantum))
    levels = np.broadcast_to(np.asarray(levels, float), (*mean.shape, np.shape(levels)[-1]))
    rows, wide = mean.size, levels.shape[-1]
    mean_, ratio_ = (mean / quantum).reshape(rows), (ratio / quantum).reshape(rows)
    found = _quantiles(mean_, possible(mean_, ratio_), levels.reshape(rows, wide)).reshape(*mean.shape, wide)
    # Ten times a tenth is one, not 1.0000000000000002.
    return np.round(found * quantum[..., None], 6)


def possible(mean, ratio):
    """The ratio, where such a distribution exists: one steadier than Poisson (a binomial) needs a mean of some size."""
    return np.maximum(ratio, np.maximum(1.0 - mean / LEAST_TRIES, 0.02))


def _quantiles(mean, ratio, levels):
    found = np.zeros(levels.shape)
    narrow = mean > NARROW * ratio
    if narrow.any():
        found[narrow] = _bent_normal(mean[narrow], ratio[narrow], levels[narrow])
    step = np.maximum(mean / FINE, 1.0)
    walked = np.flatnonzero(~narrow & (mean > 0))
    if walked.size:
        share = step[walked]
        steady = np.where(share > 1, np.maximum(ratio[walked] / share, 1.0), ratio[walked])
        found[walked] = _walk(mean[walked] / share, steady, levels[walked], share)
    return found


def _walk(mean, ratio, levels, step):
    """Add up the probabilities of 0, 1, 2, … until each level is reached; rows that are done are left behind."""
    found = np.zeros(levels.shape)
    row = np.arange(mean.size)
    chance = np.exp(-mean * _log_ratio(ratio))
    below, upto = np.zeros_like(mean), chance.copy()
    coarse = step > 1.0
    for count in range(FAR):
        hit = (upto[:, None] >= levels) & (below[:, None] < levels)
        if hit.any():
            at, which = np.nonzero(hit)
            # On a coarse lattice the amounts between two steps are as likely as their neighbours.
            part = (levels[at, which] - below[at]) / np.maximum(chance[at], 1e-300)
            inside = np.ceil((count - 1 + np.clip(part, 0, 1)) * step[at] + step[at] / 2)
            found[row[at], which] = np.where(coarse[at], np.maximum(inside, 0), count)
            left = upto < levels[:, -1]
            if not left.any():
                break
            if left.sum() < 0.7 * left.size:
                row, mean, ratio, step, coarse = row[left], mean[left], ratio[left], step[left], coarse[left]
                levels, chance, upto = levels[left], chance[left], upto[left]
        chance = chance * np.maximum(count * (ratio - 1) + mean, 0.0) / (ratio * (count + 1))
        below, upto = upto, np.minimum(upto + chance, 1.0)
    return found


def _bent_normal(mean, ratio, levels):
    z = normal_quantile(levels)
    spread = np.sqrt(mean * ratio)[:, None]
    skewness = ((2 * ratio - 1) / np.sqrt(mean * ratio))[:, None]
    return np.ceil(np.maximum(mean[:, None] + spread * (z + skewness * (z * z - 1) / 6) - 0.5, 0.0))


def _log_ratio(ratio):
    """log(ratio) / (ratio - 1), which is 1 for Poisson."""
    over = ratio - 1.0
    safe = np.where(np.abs(over) > 1e-9, over, 1.0)
    return np.where(np.abs(over) > 1e-9, np.log1p(safe) / safe, 1.0)


def normal_quantile(level):
    """The quantile of the normal curve (Acklam's rational approximation, good to nine digits)."""
    level = np.clip(np.asarray(level, float), 1e-12, 1 - 1e-12)
    tail = np.sqrt(-2 * np.log(np.minimum(level, 1 - level)))
    outer = np.polyval(_TAIL[0], tail) / np.polyval(_TAIL[1], tail)
    middle = level - 0.5
    square = middle * middle
    inner = np.polyval(_MIDDLE[0], square) * middle / np.polyval(_MIDDLE[1], square)
    return np.where(np.abs(middle) <= 0.47575, inner, np.where(middle < 0, outer, -outer))


_TAIL = (
    (-7.784894002430293e-03, -3.223964580411365e-01, -2.400758277161838, -2.549732539343734, 4.374664141464968,
     2.938163982698783),
    (7.784695709041462e-03, 3.224671290700398e-01, 2.445134137142996, 3.754408661907416, 1.0),
)  # fmt: skip
_MIDDLE = (
    (-3.969683028665376e01, 2.209460984245205e02, -2.759285104469687e02, 1.383577518672690e02, -3.066479806614716e01,
     2.506628277459239),
    (-5.447609879822406e01, 1.615858368580409e02, -1.556989798598866e02, 6.680131188771972e01, -1.328068155288572e01,
     1.0),
)  # fmt: skip


def shortfall(mean, ratio, stock):
    """What customers will want beyond `stock`, on average: E[(D - S)+], exact for whole numbers up to FINE."""
    mean, ratio, stock = (
        np.array(part, float) for part in np.broadcast_arrays(np.maximum(mean, 0.0), ratio, np.maximum(stock, 0.0))
    )
    step = np.maximum(mean / FINE, 1.0)
    mean, stock = mean / step, stock / step
    ratio = possible(mean, np.where(step > 1, np.maximum(ratio / step, 1.0), ratio))
    chance = np.exp(-mean * _log_ratio(ratio))
    upto, short = chance.copy(), mean.copy()
    for count in range(int(np.ceil(stock.max(initial=0.0)))):
        short = short - np.clip(stock - count, 0.0, 1.0) * (1.0 - upto)
        chance = chance * np.maximum(count * (ratio - 1) + mean, 0.0) / (ratio * (count + 1))
        upto = np.minimum(upto + chance, 1.0)
    return np.maximum(short, 0.0) * step


def expected_fill(mean, ratio, stock):
    """The share of demand that `stock` serves at once; 1 where nobody will ask."""
    mean = np.asarray(mean, float)
    return np.where(mean > 0, 1.0 - shortfall(mean, ratio, stock) / np.maximum(mean, 1e-300), 1.0)
