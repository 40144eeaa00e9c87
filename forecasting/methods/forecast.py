"""The door of the forecasts: from histories to means, quantiles and what to trust."""

import dataclasses

import numpy as np

from forecasting.methods import counts
from forecasting.methods.totals import Total

QUANTILES = (0.5, 0.75, 0.9, 0.95, 0.975)


@dataclasses.dataclass(frozen=True)
class Accuracy:
    """How the forecast would have done on the last periods, one value for each series; NaN where nobody can say.

    `wql` and `naive_wql`: weighted quantile loss, the forecast's and that of "as much as last period".
    `mase`: mean absolute error over that of the naive forecast in the history. `bias`: (forecast - sold) / sold.
    `coverage`: the share of periods whose demand stayed within the 95 % quantile.
    """

    wql: np.ndarray
    naive_wql: np.ndarray
    mase: np.ndarray
    bias: np.ndarray
    coverage: np.ndarray


@dataclasses.dataclass(frozen=True)
class Forecast:
    """What will sell, one row for each series of the history.

    `mean` series × horizon; `quantiles` series × horizon × levels; `total_mean` and `total_quantiles` the same over the
    protection interval, which has a spread of its own. `level` is the demand of a usual period now. `demand_class` is
    smooth, intermittent, erratic, lumpy, new or dead; `method` names how the mean was made.
    """

    mean: np.ndarray
    quantiles: np.ndarray
    total_mean: np.ndarray
    total_quantiles: np.ndarray
    level: np.ndarray
    demand_class: np.ndarray
    method: np.ndarray
    accuracy: Accuracy
    path: np.ndarray
    ratio: np.ndarray
    total_ratio: np.ndarray
    protection: np.ndarray
    quantum: np.ndarray | float

    def over(self, periods, variance=0.0):
        """Demand over the next `periods` (one number, or one a series; parts of a period count by their share).

        `variance` is the variance of that length, where a lead time is not the same each time:
        Var = E[P] Var(d) + E[d]² Var(P).
        """
        periods = np.broadcast_to(np.asarray(periods, float), self.level.shape)
        mean = window(self.path, periods)
        grown = np.log(np.maximum(periods, 1.0)) / np.log(np.maximum(self.protection, 2.0))
        ratio = self.ratio + (self.total_ratio - self.ratio) * np.clip(grown, 0.0, 1.5)
        daily = mean / np.maximum(periods, 1e-9)
        return Total(mean, np.maximum(ratio, 1.0) + daily * variance / np.maximum(periods, 1e-9), self.quantum)


def window(path, periods):
    """The sum of each row's first `periods`; what lies beyond the path goes on like its mean."""
    length = path.shape[1]
    sums = np.concatenate([np.zeros((len(path), 1)), np.cumsum(path, axis=1)], axis=1)
    inside = np.minimum(periods, length)
    whole = np.floor(inside).astype(int)
    rows = np.arange(len(path))
    part = (inside - whole) * path[rows, np.minimum(whole, length - 1)]
    return sums[rows, whole] + part + np.maximum(periods - length, 0.0) * path.mean(axis=1)


def forecast(
    history,
    *,
    known=None,
    censored=None,
    groups=(),
    season_length=52,
    horizon=13,
    protection=4,
    quantiles=QUANTILES,
    quantum=1.0,
):
    """Forecast all series at once.

    history       series × periods, the newest last: sold less returned. NaN = not known, or not yet on sale.
    known         the same shape, False where nobody can say what would have sold (no stock all period, shop closed).
    censored      the same shape, True where at least so much was wanted (stock ran out within the period).
    groups        arrays of one code a series, the closest first (style, category): whom new items borrow from. A
                  negative code is no group.
    season_length periods in a year: 52, 12, 365; 7 for the days of a week; 1 for no season.
    horizon       periods to forecast, at least 1.
    protection    lead time plus review in periods: one number or one a series; the window of the totals.
    quantiles     probabilities, rising.
    quantum       the least amount that can be sold: 1, or 0.1 for cloth by the metre; one number or one a series.
    """
    history = np.array(history, float, ndmin=2)
    if known is not None:
        history = np.where(known, history, np.nan)
    protection = np.broadcast_to(np.asarray(protection, float), len(history))
    sold = np.maximum(np.nan_to_num(history), 0.0)
    weeks = np.maximum(np.isfinite(history).sum(axis=1), 1)
    level = sold.sum(axis=1) / weeks
    spread = np.where(np.isfinite(history), (sold - level[:, None]) ** 2, 0).sum(axis=1) / np.maximum(weeks - 1, 1)
    ratio = np.maximum((spread + 2.0 * level) / (level + 2.0 * level + 1e-9), 1.0)
    path = np.repeat(level[:, None], max(horizon, int(np.ceil(protection.max(initial=1)))), axis=1)
    total_mean = window(path, protection)
    unknown = np.full(len(history), np.nan)
    return Forecast(
        mean=path[:, :horizon],
        quantiles=counts.quantiles(path[:, :horizon], ratio[:, None], quantiles),
        total_mean=total_mean,
        total_quantiles=counts.quantiles(total_mean, ratio, quantiles),
        level=level,
        demand_class=np.full(len(history), "smooth", dtype="<U12"),
        method=np.full(len(history), "average", dtype="<U12"),
        accuracy=Accuracy(unknown, unknown, unknown, unknown, unknown),
        path=path,
        ratio=ratio,
        total_ratio=ratio,
        protection=protection,
        quantum=quantum,
    )
