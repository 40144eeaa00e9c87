"""How good the forecasts are, and how fast, beside the best model of statsforecast on the same series.

The sets are the wide files of the folder BENCH_DATA, else those of ../shared/data, else a shop made up here.
"""

import dataclasses
import os
import subprocess
import tempfile
import time
from pathlib import Path

import numpy as np

from bench import replay
from boutique import postgres
from forecasting import histories
from forecasting.methods import QUANTILES, backtest

HORIZON, TOTAL = 8, 4
SHIFTS = (0, 26)  # weeks from the last cut-off back
SAMPLE = 1_000  # series that the others are asked about: they need a hundred times as long
PERIODS = 40  # a file with fewer columns is no set of histories
BUDGET, WORST, COVERAGE, SPEED = 0.93, 1.0, (0.88, 0.98), 1_000
FILL, COVER, SERVICE = 0.94, 4.3, 0.95


@dataclasses.dataclass(frozen=True)
class Cut:
    """A set of histories up to one period, and what came after."""

    name: str
    history: np.ndarray
    came: np.ndarray
    season: int


@dataclasses.dataclass(frozen=True)
class Judged:
    """One set: our loss, theirs on the same series, and what else there is to say."""

    name: str
    series: int
    wql: float
    total: float
    best: str
    ratio: float
    total_ratio: float
    mase: float
    coverage: float
    per_second: float
    others_per_second: float


def folder():
    for place in (os.environ.get("BENCH_DATA"), postgres.BASE_DIR.parent / "shared" / "data"):
        if place and Path(place).is_dir():
            return Path(place)
    return None


def sets():
    """(name, history, season) of each file; a made-up shop where there is none."""
    found = []
    for path in sorted(folder().glob("*.csv*")) if folder() else ():
        try:
            with histories.Wide(path) as wide:
                if len(wide.periods) >= PERIODS:
                    history = np.stack([amounts for _name, amounts in wide])
                    found.append((path.name.partition(".")[0], history, wide.season_length))
        except histories.BadFile:
            continue
    return found or [("made-up-shop", made_up_shop(), 52)]


def made_up_shop(series=600, weeks=112, seed=8):
    """A shop with a Christmas, items that come and go, rare ones, lumpy ones, and ones that rise or fall."""
    random = np.random.default_rng(seed)
    week = np.arange(weeks)
    christmas = 1 + 1.2 * np.exp(-((((week + 30) % 52) - 48) ** 2) / 8)
    drift = np.cumsum(random.normal(0, 0.06, (series, weeks)), axis=1)
    mean = np.exp(random.normal(0.3, 1.1, (series, 1)) + drift) * christmas ** random.uniform(0, 1.6, (series, 1))
    lumps = 1.05 + random.exponential(0.8, (series, 1))
    sold = random.negative_binomial(mean / (lumps - 1), 1 / lumps).astype(float)
    began = np.where(random.random(series) < 0.4, random.integers(0, weeks - 30, series), 0)
    return np.where(week >= began[:, None], sold, np.nan)


def cuts():
    for name, history, season in sets():
        for shift in SHIFTS:
            at = history.shape[1] - HORIZON - shift
            if at >= PERIODS - HORIZON:
                past, came = history[:, :at], history[:, at : at + HORIZON]
                chosen = worth_judging(past) & np.isfinite(came).all(axis=1)
                yield Cut(f"{name}-{shift}", past[chosen], came[chosen], season)


def worth_judging(past):
    """At least 8 periods old, with two sales, one of them in the last 26 periods."""
    sales = np.nan_to_num(past) > 0
    return (np.isfinite(past).sum(axis=1) >= 8) & (sales.sum(axis=1) >= 2) & sales[:, -26:].any(axis=1)


def judged(cut):
    began = time.process_time()
    options = {"horizon": HORIZON, "protection": TOTAL, "season_length": cut.season}
    ours = histories.forecast_rows(cut.history, options)
    spent = time.process_time() - began
    picked = np.linspace(0, len(cut.history) - 1, min(SAMPLE, len(cut.history))).astype(int)
    theirs, their_cpu = others(dataclasses.replace(cut, history=cut.history[picked], came=cut.came[picked]))
    mine = losses(ours[picked][..., 1:], cut.came[picked])
    best = {name: losses(steps, cut.came[picked]) for name, steps in theirs.items()}
    name = min(best, key=lambda model: best[model][0], default="")
    all_of_it = losses(ours[..., 1:], cut.came)
    return Judged(
        name=cut.name,
        series=len(cut.history),
        wql=all_of_it[0],
        total=all_of_it[1],
        best=name,
        ratio=mine[0] / best[name][0] if best else np.nan,
        total_ratio=mine[1] / min(total for _steps, total in best.values()) if best else np.nan,
        mase=mase(cut, ours[:, 1:, 0]),
        coverage=float((cut.came <= ours[:, 1:, 1 + QUANTILES.index(0.95)]).mean()),
        per_second=len(cut.history) / max(spent, 1e-9),
        others_per_second=len(picked) / their_cpu[name] if best else np.nan,
    )


def losses(steps, came):
    """wQL of the steps, and of the total."""
    total = came[:, :TOTAL].sum(axis=1)
    return tuple(
        float(backtest.pinball(real, quantiles, QUANTILES).sum() / real.sum())
        for real, quantiles in ((came, steps[:, 1:]), (total, steps[:, 0]))
    )


def mase(cut, mean):
    """The mean absolute error by that of the naive forecast in the history, averaged where it ever moved."""
    steps = np.nanmean(np.abs(np.diff(cut.history, axis=1)), axis=1)
    errors = np.abs(cut.came - mean).mean(axis=1)
    return float((errors[steps > 0] / steps[steps > 0]).mean())


def others(cut):
    """Quantiles by statsforecast's models, and what each cost; empty where it is not installed."""
    python = postgres.BASE_DIR / ".venv" / "peers" / "bin" / "python"
    if not python.exists():
        return {}, {}
    with tempfile.TemporaryDirectory() as place:
        asked, answer = (Path(place) / name for name in ("asked.npz", "answer.npz"))
        np.savez(
            asked, history=cut.history, horizon=HORIZON, total=TOTAL, season=cut.season, levels=np.array(QUANTILES)
        )
        subprocess.run([python, Path(__file__).with_name("peers.py"), asked, answer], check=True)
        with np.load(answer) as found:
            names = [name for name in found.files if name != "cpu"]
            # A model that some histories are too short for says nothing of the set.
            steps = {name: found[name] for name in names if np.isfinite(found[name]).all()}
            return steps, dict(zip(names, found["cpu"].tolist(), strict=True))


def replayed():
    """(name, fill, weeks of cover) of each set of weeks, for the half year that ends where its first year does."""
    for name, history, season in sets():
        weeks = history[:, : season + 1]
        if season == 52 and weeks.shape[1] > season:
            chosen = worth_judging(weeks[:, : -replay.WEEKS])
            yield name, *replay.replay(weeks[chosen], service=SERVICE)
