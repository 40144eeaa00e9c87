"""Items that rise or fall on their own, where rises and falls of this shop have gone on before."""

import numpy as np

# Periods a slope is read from, and later ones that show whether it went on.
SEEN, SHOWN = 26, 8
# A level looks back about so far, so a slope has that to make good too.
BEHIND = 3.0
STEEPEST = 0.05  # a period
# Expected pieces times squared change that is worth no evidence.
DOUBT = 20.0


def slopes(sold, known, factors, lumps):
    """Growth of each series by period (as a logarithm), as far as such growth went on before in this shop."""
    periods = known.shape[1]
    if periods < SEEN + SHOWN + 8:
        return np.zeros(len(sold))
    origin = periods - SHOWN
    went_on = _went_on(sold, known, factors, _slope(sold, known, factors, lumps, origin), origin)
    return went_on * _slope(sold, known, factors, lumps, periods)


def _slope(sold, known, factors, lumps, origin):
    """The slope of the last SEEN periods, shrunk by what could be chance."""
    seen = slice(origin - SEEN, origin)
    open_ = known[:, seen]
    due = factors[:, seen] * open_ * _level(sold, known, factors, seen)[:, None]
    pieces = np.maximum(due.sum(axis=1), 1e-9)
    at = np.arange(SEEN) - (due @ np.arange(SEEN) / pieces)[:, None]
    weight = np.maximum((due * at * at).sum(axis=1), 1e-9)
    slope = ((sold[:, seen] * open_ - due) * at).sum(axis=1) / weight
    believed = slope**2 / np.maximum(slope**2 + lumps / weight, 1e-12)
    return np.clip(slope * believed, -STEEPEST, STEEPEST)


def _went_on(sold, known, factors, slope, origin):
    """How much of what the slopes foretold came true in the periods after them, from 0 to 1.

    Beside the mean of the periods the slope was read from: chance that made the slope steeper left that alone.
    """
    seen, after = slice(origin - SEEN, origin), slice(origin, origin + SHOWN)
    due = _level(sold, known, factors, seen) * (factors[:, after] * known[:, after]).sum(axis=1)
    came = (sold[:, after] * known[:, after]).sum(axis=1)
    told = slope * (SEEN + SHOWN) / 2
    kept = (told * (came - due)).sum()
    return float(np.clip(kept / ((told * told * due).sum() + DOUBT), 0.0, 1.0))


def _level(sold, known, factors, when):
    pieces = (sold[:, when] * known[:, when]).sum(axis=1)
    return pieces / np.maximum((factors[:, when] * known[:, when]).sum(axis=1), 1e-9)
