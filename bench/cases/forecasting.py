"""What the forecasts are worth: no requests, so these are studies."""

import dataclasses
import subprocess

import numpy as np

from bench import forecasts
from bench.registry import Found, study
from boutique import postgres

HEAD = (
    f"{'set, weeks back':<24}{'series':>7}{'wQL':>8}{'total':>8}{'best other':>20}{'ratio':>7}{'total':>7}"
    f"{'MASE':>6}{'95 %':>6}{'series/CPU s':>14}{'theirs':>8}"
)


@study
def forecast_accuracy():
    """wQL, MASE and coverage of the forecasts and their speed, beside statsforecast's best model of each set."""
    subprocess.run([postgres.BASE_DIR / "run", "peers"], check=False)
    yield HEAD
    sets = []
    for cut in forecasts.cuts():
        found = forecasts.judged(cut)
        sets.append(found)
        yield (
            f"{found.name:<24}{found.series:>7}{found.wql:>8.3f}{found.total:>8.3f}{found.best:>20}{found.ratio:>7.2f}"
            f"{found.total_ratio:>7.2f}{found.mase:>6.2f}{found.coverage:>6.0%}{found.per_second:>14,.0f}"
            f"{found.others_per_second:>8,.0f}"
        )
    ratio, total = (
        float(np.exp(np.mean([np.log(getattr(found, name)) for found in sets]))) for name in ("ratio", "total_ratio")
    )
    if not np.isnan(ratio):
        yield f"Beside the best of statsforecast: {ratio:.3f} of its loss, {total:.3f} for the total."
    yield Found([dataclasses.asdict(found) for found in sets], list(broken(sets, ratio, total)))


def broken(sets, ratio, total):
    if ratio > forecasts.BUDGET:
        yield f"the loss is {ratio:.3f} of the best other's, over {forecasts.BUDGET}"
    if total > forecasts.WORST:
        yield f"the loss of the total is {total:.3f} of the best other's, over {forecasts.WORST}"
    least, most = forecasts.COVERAGE
    for found in sets:
        if found.ratio > forecasts.WORST:
            yield f"{found.name}: {found.best} is better"
        if not least <= found.coverage <= most:
            yield f"{found.name}: {found.coverage:.1%} within the 95 % quantile"
        if found.per_second < forecasts.SPEED:
            yield f"{found.name}: {found.per_second:,.0f} series per CPU second, under {forecasts.SPEED:,}"


@study
def stock_replay():
    """Half a year once more, ordered by the forecasts: pieces served at once, and the weeks of stock that took."""
    found, bad = [], []
    for name, fill, cover in forecasts.replayed():
        found.append({"name": name, "fill": fill, "cover_weeks": cover})
        yield f"{name:<24} {fill:.1%} served at once with {cover:.1f} weeks of stock"
        if "units" not in name and (fill < forecasts.FILL or cover > forecasts.COVER):
            bad.append(f"{name}: {fill:.1%} at {cover:.1f} weeks; {forecasts.FILL:.0%} at {forecasts.COVER} is due")
    yield Found(found, bad)
