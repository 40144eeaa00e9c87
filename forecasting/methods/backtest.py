"""How the forecast would have done: made again at past origins, judged by what came, beside the naive one."""

import dataclasses

import numpy as np

# Periods that each origin is judged by, and that must lie before it.
JUDGED, NEEDED = 8, 8
# The quantile whose promise is looked at.
COVERED = 0.95


@dataclasses.dataclass(frozen=True)
class Accuracy:
    """How the forecast would have done on the last periods, one value for each series; NaN where nobody can say.

    `wql` and `naive_wql`: weighted quantile loss, the forecast's and that of "as much as last period".
    `mase`: mean absolute error over that of the naive forecast in the history. `bias`: (forecast - sold) / sold.
    `coverage`: the share of periods whose demand stayed within the 95 % quantile. `loss`, `naive_loss` and `sold` are
    the sums behind the two, so that whole runs can be judged: wql = loss / sold.
    """

    wql: np.ndarray
    naive_wql: np.ndarray
    mase: np.ndarray
    bias: np.ndarray
    coverage: np.ndarray
    loss: np.ndarray
    naive_loss: np.ndarray
    sold: np.ndarray


def origins(periods, horizon, count):
    """Past origins, the latest first, and the periods each is judged by."""
    judged = min(horizon, JUDGED)
    return list(range(periods - judged, NEEDED - 1, -judged))[:count], judged


def judge(sold, known, forecasts, levels):
    """Sum up what forecasts at past origins (origin, mean, quantiles, the 95 % limit) would have cost."""
    series = len(sold)
    loss, naive, total, error, signed, within, count = np.zeros((7, series))
    for origin, mean, quantiles, limit in forecasts:
        judged = known[:, origin : origin + mean.shape[1]] & known[:, :origin].any(axis=1, keepdims=True)
        came = sold[:, origin : origin + mean.shape[1]]
        last = _last(sold, known, origin)[:, None]
        loss += (pinball(came, quantiles, levels) * judged).sum(axis=1)
        naive += (pinball(came, np.repeat(last[..., None], len(levels), axis=-1), levels) * judged).sum(axis=1)
        total += (came * judged).sum(axis=1)
        error += (np.abs(came - mean) * judged).sum(axis=1)
        signed += ((mean - came) * judged).sum(axis=1)
        within += ((came <= limit) & judged).sum(axis=1)
        count += judged.sum(axis=1)
    step = _step(sold, known)
    with np.errstate(divide="ignore", invalid="ignore"):
        return Accuracy(
            wql=np.where(total > 0, loss / total, np.nan),
            naive_wql=np.where(total > 0, naive / total, np.nan),
            mase=np.where((count > 0) & (step > 0), error / count / step, np.nan),
            bias=np.where(total > 0, signed / total, np.nan),
            coverage=np.where(count > 0, within / count, np.nan),
            loss=loss,
            naive_loss=naive,
            sold=total,
        )


def pinball(came, quantiles, levels):
    """Twice the pinball loss, averaged over the levels: what wQL adds up."""
    levels = np.asarray(levels, float)
    error = came[..., None] - quantiles
    return 2 * np.maximum(levels * error, (levels - 1) * error).mean(axis=-1)


def _last(sold, known, origin):
    """What sold in the last known period before the origin."""
    past = known[:, :origin]
    at = origin - 1 - past[:, ::-1].argmax(axis=1)
    return np.where(past.any(axis=1), sold[np.arange(len(sold)), at], 0.0)


def _step(sold, known):
    pairs = known[:, 1:] & known[:, :-1]
    return (np.abs(np.diff(sold, axis=1)) * pairs).sum(axis=1) / np.maximum(pairs.sum(axis=1), 1)
