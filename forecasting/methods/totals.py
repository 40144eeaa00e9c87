"""The demand of a whole window, such as the days until the next delivery can be on the shelf."""

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
        quantum = self.quantum
        return counts.expected_fill(self.mean / quantum, self.ratio / quantum, np.asarray(stock, float) / quantum)
