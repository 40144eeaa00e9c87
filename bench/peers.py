"""What statsforecast says of a set: run by the Python of .venv/peers, knows nothing of the shop.

`python bench/peers.py IN.npz OUT.npz`: IN holds history (series × periods, NaN before a series began), horizon, total,
season and levels; OUT the quantiles of each model, series × (1 + horizon) × levels, step 0 the total, and its CPU.
"""

import sys
import time
import warnings
from statistics import NormalDist

import numpy as np
from statsforecast.models import ADIDA, TSB, AutoETS, AutoTheta, CrostonSBA, SeasonalNaive
from statsforecast.models import SimpleExponentialSmoothingOptimized as Ses
from statsforecast.utils import ConformalIntervals


def models(season, horizon, length):
    """A fresh model of each kind that this history is long enough for."""
    has_intervals = length > 2 * horizon + 2
    conformal = {"prediction_intervals": ConformalIntervals(h=horizon, n_windows=2)} if has_intervals else {}
    found = {
        "AutoETS": AutoETS(season_length=season if season <= 24 else 1),
        "AutoTheta": AutoTheta(season_length=1),
        "SES": Ses(**conformal),
        "TSB": TSB(0.2, 0.2, **conformal),
        "ADIDA": ADIDA(**conformal),
        "CrostonSBA": CrostonSBA(**conformal),
    }
    if length >= 2 * season:
        found["AutoTheta, season"] = AutoTheta(season_length=season)
    if length > season:
        found["SeasonalNaive"] = SeasonalNaive(season)
    return found


def said(model, history, horizon, total, levels):
    """Quantiles of the total and of each step; a model without intervals says its mean at every level."""
    widths = [round(200 * level - 100) for level in levels if level > 0.5]
    intervals = getattr(model, "prediction_intervals", None)
    takes_levels = intervals is not None or type(model).__name__ in {"AutoETS", "AutoTheta", "SeasonalNaive"}
    made = model.forecast(history, h=horizon, **({"level": widths} if takes_levels else {}))
    mean = np.asarray(made["mean"])
    upper = [np.asarray(made[f"hi-{width}"]) if takes_levels else mean for width in widths]
    steps = np.column_stack([mean, *upper])
    # The spread of each step, read off the 90 % interval; the total takes their squares together.
    sigma = np.maximum(steps[:total, -2] - mean[:total], 0) / NormalDist().inv_cdf(levels[-2])
    spread = np.sqrt((sigma**2).sum())
    whole = mean[:total].sum() + spread * np.array([NormalDist().inv_cdf(level) for level in levels])
    return np.maximum(np.nan_to_num(np.vstack([whole, steps])), 0)


def main():
    warnings.filterwarnings("ignore")
    asked = np.load(sys.argv[1])
    horizon, total, season = (int(asked[name]) for name in ("horizon", "total", "season"))
    levels, out, spent = asked["levels"].tolist(), {}, {}
    for row, padded in enumerate(asked["history"]):
        history = padded[np.isfinite(padded)]
        for name, model in models(season, horizon, len(history)).items():
            began = time.process_time()
            try:
                steps = said(model, history, horizon, total, levels)
            except Exception:
                steps = np.full((horizon + 1, len(levels)), history.mean())
                steps[0] *= total
            spent[name] = spent.get(name, 0.0) + time.process_time() - began
            out.setdefault(name, np.full((len(asked["history"]), *steps.shape), np.nan))[row] = steps
    np.savez(sys.argv[2], **out, cpu=np.array([spent[name] for name in out]))


if __name__ == "__main__":
    main()
