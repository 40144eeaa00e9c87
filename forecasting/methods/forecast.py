"""The door of the forecasts: from histories to means, quantiles and what to trust."""

import dataclasses

import numpy as np

from forecasting.methods import backtest, classes, counts, families, levels, seasons, spread, stockouts, trends
from forecasting.methods.backtest import Accuracy
from forecasting.methods.totals import Total, window

QUANTILES = (0.5, 0.75, 0.9, 0.95, 0.975)
# What sold longer ago says nothing of the coming months: five years of weeks, or five seasons.
REMEMBERED = 260
SEASONS_REMEMBERED = 5
# A swing of the shop smaller than this (as a logarithm) bends no history shorter than levels.SHORT.
SMALL_SWING = 0.25
# What a slope keeps from each period to the next.
DAMPING = 0.85


@dataclasses.dataclass(frozen=True)
class Forecast:
    """What will sell, one row for each series of the history.

    `mean` series × horizon; `quantiles` series × horizon × levels; `total_mean` and `total_quantiles` the same over the
    protection interval, which has a spread of its own. `level` is the demand of a usual period now. `demand_class` is
    smooth, intermittent, erratic, lumpy, new or dead; `method` names the level that weighs most in the mean.
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
    total_length: int
    drift: np.ndarray
    quantum: np.ndarray | float

    def over(self, periods, variance=0.0):
        """Demand over the next `periods` (one number, or one a series; parts of a period count by their share).

        `variance` is the variance of that length, where a lead time is not the same each time:
        Var = E[P] Var(d) + E[d]² Var(P).
        """
        periods = np.broadcast_to(np.asarray(periods, float), self.level.shape)
        mean = window(self.path, periods)
        grown = np.log(np.maximum(periods, 1.0)) / np.log(max(self.total_length, 2))
        ratio = self.ratio * (self.total_ratio / self.ratio) ** np.clip(grown, 0.0, 1.5)
        unsure = window(np.sqrt(self.drift) * self.path, periods) ** 2 / np.maximum(mean, 1e-9)
        each = mean / np.maximum(periods, 1e-9)
        return Total(mean, ratio + unsure + each * variance / np.maximum(periods, 1e-9), self.quantum)


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
    origins=2,
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
    origins       how many past origins the back-test judges; 0 leaves it out.
    """
    if horizon < 1:
        raise ValueError("A forecast looks at least one period ahead.")
    sold, known = _read(history, known, season_length)
    protection = np.broadcast_to(np.asarray(protection, float), len(sold))
    length = max(1, round(float(np.median(protection)))) if len(sold) else 1
    ahead = max(horizon, int(np.ceil(protection.max(initial=1.0))))
    if censored is not None:
        censored = np.atleast_2d(np.asarray(censored, bool))[:, -sold.shape[1] :]
        sold = stockouts.fill_in(sold, known, censored, groups, season_length)
    model = _fit(sold, known, groups, season_length, ahead, length, horizon)
    mean = model.path[:, :horizon]
    part = Forecast(
        mean=mean,
        quantiles=_limits(model, horizon, quantiles, quantum),
        total_mean=window(model.path, protection),
        total_quantiles=np.zeros((len(sold), len(quantiles))),
        accuracy=_accuracy(sold, known, groups, season_length, horizon, quantiles, quantum, origins),
        total_length=length,
        quantum=quantum,
        **dataclasses.asdict(model),
    )
    return dataclasses.replace(part, total_quantiles=part.over(protection).quantiles(quantiles))


def _read(history, known, season_length):
    """Amounts and what is known, without what is too long ago. More returned than sold is no demand."""
    history = np.atleast_2d(np.asarray(history, float))
    if not history.shape[1]:
        history = np.full((len(history), 1), np.nan)
    is_known = np.isfinite(history)
    if known is not None:
        is_known &= np.atleast_2d(np.asarray(known, bool))
    kept = max(REMEMBERED, SEASONS_REMEMBERED * season_length)
    return np.where(is_known, np.maximum(history, 0.0), 0.0)[:, -kept:], is_known[:, -kept:]


@dataclasses.dataclass
class _Model:
    level: np.ndarray
    path: np.ndarray
    ratio: np.ndarray
    total_ratio: np.ndarray
    drift: np.ndarray
    demand_class: np.ndarray
    method: np.ndarray


def _fit(sold, known, groups, season_length, ahead, length, horizon):
    lumps = seasons.lumpiness(sold, known)
    factors, drift = seasons.seasons(sold, known, lumps, groups, season_length, ahead)
    factors = _unbent(factors, known)
    followed = levels.follow(sold, known, factors, lumps)
    weights = levels.weigh(sold, known, factors, followed)
    level_then = np.einsum("kn,ktn->tn", weights, followed)
    level = families.borrow(level_then[-1], known, groups)
    missed = levels.missed_sales(sold, known)
    level = levels.fade(level, missed)
    growth = trends.slopes(sold, known, factors, lumps)[:, None] * _damped(factors.shape[1] - known.shape[1])
    path = level[:, None] * factors[:, known.shape[1] :] * np.exp(growth)
    usual = path.mean(axis=1)
    lag = max(1, min(4, horizon // 3))
    ratio = spread.of_periods(sold, known, factors, level_then, usual, lag)
    total_ratio = spread.of_totals(sold, known, factors, level_then, usual, length)
    total_ratio = ratio if total_ratio is None else np.minimum(total_ratio, spread.MOST_OF_TOTAL * ratio)
    seasonal = seasons.has_season(known.shape[1], season_length)
    return _Model(
        level=level,
        path=path,
        ratio=ratio,
        total_ratio=total_ratio,
        drift=drift,
        demand_class=classes.demand_class(sold, known, missed),
        method=_methods(weights, seasonal),
    )


def _damped(ahead):
    """How far a slope has carried by each coming period: less and less further on."""
    return trends.BEHIND + np.cumsum(DAMPING ** np.arange(ahead))


def _unbent(factors, known):
    """A short history is not bent by small swings of the shop: its average stays its average."""
    periods = known.shape[1]
    short = known.sum(axis=1) < levels.SHORT
    before = np.where(known.any(axis=1), seasons.average(factors[:, :periods], known), 1.0)
    swing = np.abs(np.log(np.maximum(factors[:, periods:], 1e-3) / np.maximum(before, 1e-3)[:, None])).max(axis=1)
    return np.where((short & (swing < SMALL_SWING))[:, None], 1.0, factors)


def _methods(weights, seasonal):
    names = levels.NAMES[weights.argmax(axis=0)]
    return np.char.add(names, " with season") if seasonal else names


def _limits(model, horizon, quantiles, quantum):
    mean = model.path[:, :horizon]
    ratio = model.ratio[:, None] + model.drift[:, :horizon] * mean
    return counts.quantiles(mean, ratio, quantiles, _each(quantum))


def _each(quantum):
    return np.asarray(quantum, float)[..., None] if np.ndim(quantum) else quantum


def _accuracy(sold, known, groups, season_length, horizon, quantiles, quantum, count):
    past, judged = backtest.origins(sold.shape[1], horizon, count)
    made = []
    for origin in past:
        model = _fit(sold[:, :origin], known[:, :origin], groups, season_length, judged, 1, judged)
        limits, most = (_limits(model, judged, levels_, quantum) for levels_ in (quantiles, (backtest.COVERED,)))
        made.append((origin, model.path[:, :judged], limits, most[..., 0]))
    return backtest.judge(sold, known, made, quantiles)
