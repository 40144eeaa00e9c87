"""How far demand strays from its mean: variance over mean, from past errors, shrunk to that of items of like level."""

import numpy as np

from forecasting.methods.levels import HALF_LIFE

# Observations that the curve of all items is worth beside an item's own.
POOLED = 4.0
# The total's may exceed the single period's by so much: overlapping sums are few, and say the same thing over again.
MOST_OF_TOTAL = 1.5
LEAST = 0.05


def of_periods(sold, known, factors, level_then, level, lag):
    """Variance over mean of one period, `lag` periods ahead. `level_then`: periods × series."""
    periods = known.shape[1]
    if periods <= lag:
        return np.ones(len(level))
    told = level_then[:-lag] * factors[:, lag:periods].T
    judged = known[:, lag:].T & (np.cumsum(known, axis=1)[:, :-lag].T > 0)
    return _shrunk(sold[:, lag:].T, told, judged, level, 1.0)


def of_totals(sold, known, factors, level_then, level, length):
    """Variance over mean of the sum of `length` periods, from all such sums of the past, overlapping as they are."""
    periods = known.shape[1]
    if periods < length + 2:
        return None
    came, due, seen = (_sums(part, length)[:, 1:].T for part in (sold * known, factors[:, :periods], known))
    judged = (seen == length) & (np.cumsum(known, axis=1)[:, :-length].T > 0)
    return _shrunk(came, level_then[: periods - length] * due, judged, level, length / 1.5)


def _sums(values, length):
    sums = np.concatenate([np.zeros((len(values), 1)), np.cumsum(values, axis=1)], axis=1)
    return sums[:, length:] - sums[:, :-length]


def _shrunk(came, told, judged, level, overlap):
    recent = judged * 0.5 ** (np.arange(len(came))[::-1, None] / HALF_LIFE)
    error, mean, count = ((recent * part).sum(axis=0) for part in ((came - told) ** 2, told, np.ones_like(told)))
    own = np.log(np.maximum((error + 1e-9) / (mean + 1e-9), LEAST))
    count = np.where(mean > 0, count / overlap, 0.0)
    pooled = _curve(level, error, mean, count)
    return np.exp((count * own + POOLED * pooled) / (count + POOLED))


def _curve(level, error, mean, count):
    """What is usual at each level: log of variance over mean, from equal parts of all series."""
    judged = np.flatnonzero((count > 3) & (mean > 0))
    if judged.size < 20:
        # Nobody to ask: Poisson, with the weight of four periods.
        weight = POOLED * mean.sum() / max(count.sum(), 1.0)
        everybody = (error.sum() + weight) / (mean.sum() + weight) if weight > 0 else 1.0
        return np.full(len(level), np.log(max(everybody, LEAST)))
    size = np.log(np.maximum(level, 1e-3))
    parts = np.array_split(judged[np.argsort(size[judged], kind="stable")], int(np.clip(judged.size // 30, 3, 20)))
    centres = np.array([size[part].mean() for part in parts])
    heights = np.array([np.log(max(error[part].sum() / mean[part].sum(), LEAST)) for part in parts])
    if len(parts) > 4:
        heights = np.convolve(np.pad(heights, 1, mode="edge"), [0.25, 0.5, 0.25], "valid")
    return np.interp(size, centres, heights)
