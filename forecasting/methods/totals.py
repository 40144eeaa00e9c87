"""The demand of a whole window, such as the days until the next delivery can be on the shelf, and of whole families."""

import dataclasses

import numpy as np

from forecasting.methods import counts


@dataclasses.dataclass(frozen=True)
class Total:
    """Demand summed over a window, one row for each series: its mean and its ratio of variance to mean."""

    mean: np.ndarray
    ratio: np.ndarray
    quantum: np.ndarray | float = 1.0

    def quantiles(self, levels):
        """The least amounts that serve everybody with these probabilities: series × levels."""
        return counts.quantiles(self.mean, self.ratio, levels, self.quantum)

    def quantile(self, level):
        """The same for one level, or for one level a series."""
        levels = np.broadcast_to(np.asarray(level, float), np.shape(self.mean))
        return self.quantiles(levels[..., None])[..., 0]

    def expected_fill(self, stock):
        """The share of demand that `stock` serves at once."""
        quantum = np.asarray(self.quantum, float)
        return counts.expected_fill(self.mean / quantum, self.ratio / quantum, np.asarray(stock, float) / quantum)


def window(path, periods):
    """The sum of each row's first `periods`; what lies beyond the path goes on like its mean."""
    length = path.shape[1]
    sums = np.concatenate([np.zeros((len(path), 1)), np.cumsum(path, axis=1)], axis=1)
    inside = np.minimum(periods, length)
    whole = np.floor(inside).astype(int)
    rows = np.arange(len(path))
    part = (inside - whole) * path[rows, np.minimum(whole, length - 1)]
    return sums[rows, whole] + part + np.maximum(periods - length, 0.0) * path.mean(axis=1)


def together(mean, ratio, codes):
    """Families as the sum of their members: codes, mean, and variance over mean.

    `mean` and `ratio` are series × periods (or series alone); SKUs add up to their style and places to their town by
    construction. The members' surprises are taken as each one's own.
    """
    families, family = np.unique(np.asarray(codes), return_inverse=True)
    mean, variance = np.asarray(mean, float), np.asarray(mean, float) * ratio
    sums = [np.zeros((len(families), *mean.shape[1:])) for _ in range(2)]
    for total, part in zip(sums, (mean, variance), strict=True):
        np.add.at(total, family, part)
    return families, sums[0], np.where(sums[0] > 0, sums[1] / np.maximum(sums[0], 1e-9), 1.0)
