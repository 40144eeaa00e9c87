"""Histories and forecasts as files: one row a series, one column a period. Nothing here knows a database."""

import contextlib
import csv
import datetime
import gzip
import io
import os
import statistics
import zlib
from collections import deque
from concurrent.futures import ProcessPoolExecutor
from itertools import islice, pairwise
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from forecasting.methods import QUANTILES, forecast

COLUMNS = ["series_id", "step", "mean", *(f"q{str(level)[2:].ljust(2, '0')}" for level in QUANTILES)]
# Numbers that are in work at once: enough series to learn from each other, few enough for any machine.
CELLS = 1_500_000
FEWEST, MOST = 500, 5_000
BLANK = {"", "na", "nan", "null"}
GZIP = b"\x1f\x8b"
# Days between two columns, at most, and how many such periods a year has; days have their week.
SEASONS = ((1.5, 7), (8, 52), (16, 26), (32, 12), (95, 4))
WEEKLY = 52
DECIMALS = 3


class BadFile(Exception):
    """Says what is wrong with a file, and where."""


class Wide:
    """A file of histories that is read once, from the first row to the last."""

    def __init__(self, path):
        self.path = Path(path)
        self.lines = 0
        self.seen = {}

    def __enter__(self):
        self.raw = self.path.open("rb")
        zipped = self.raw.peek(2)[:2] == GZIP
        plain = gzip.GzipFile(fileobj=self.raw) if zipped else self.raw
        self.text = io.TextIOWrapper(plain, encoding="utf-8-sig", newline="")
        try:
            self.read_header()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_failure):
        self.text.close()
        self.raw.close()

    @property
    def share(self):
        """How much of the file has been read, from 0 to 1."""
        return self.raw.tell() / max(self.path.stat().st_size, 1)

    def read_header(self):
        with self.named():
            first = self.text.readline()
            separator = max(",;\t", key=first.count)
            header = next(csv.reader([first], delimiter=separator), [])
        if len(header) < 2 or not all(name.strip() for name in header):
            raise BadFile("The first line names the columns: series_id, then one for each period.")
        self.periods = [name.strip() for name in header[1:]]
        self.rows = csv.reader(self.text, delimiter=separator)

    @contextlib.contextmanager
    def named(self):
        """What the machine says about a broken file, as a sentence."""
        try:
            yield
        except UnicodeDecodeError:
            raise BadFile(f"After line {self.lines + 1} there are letters that are not UTF-8.") from None
        except (gzip.BadGzipFile, zlib.error, EOFError):
            raise BadFile(f"The gzip file is broken after line {self.lines + 1}.") from None
        except csv.Error as error:
            raise BadFile(f"Line {self.lines + 2}: {error}.") from None

    def __iter__(self):
        """(series_id, amounts) of each row."""
        while True:
            with self.named():
                row = next(self.rows, None)
            if row is None:
                return
            self.lines = self.rows.line_num
            if any(cell.strip() for cell in row):
                yield self.named_once(row[0].strip()), self.amounts(row)

    def named_once(self, name):
        if not name:
            raise BadFile(f"Line {self.lines + 1}: there is no series_id in the first column.")
        if name in self.seen:
            raise BadFile(f"Line {self.lines + 1}: {name} stands in line {self.seen[name]} already.")
        self.seen[name] = self.lines + 1
        return name

    def amounts(self, row):
        if len(row) != len(self.periods) + 1:
            raise BadFile(
                f"Line {self.lines + 1}: {len(row) - 1} periods, where the first line names {len(self.periods)}."
            )
        try:
            amounts = np.array([cell or "nan" for cell in row[1:]], float)
        except ValueError:
            amounts = np.array([self.amount(*cell) for cell in zip(self.periods, row[1:], strict=True)], float)
        if np.isinf(amounts).any():
            raise BadFile(f"Line {self.lines + 1}, column {self.periods[np.isinf(amounts).argmax()]}: no number.")
        return amounts

    def amount(self, period, cell):
        if cell.strip().lower() in BLANK:
            return np.nan
        try:
            return float(cell)
        except ValueError:
            raise BadFile(f'Line {self.lines + 1}, column {period}: "{cell[:40]}" is no number.') from None

    @property
    def season_length(self):
        """Periods in a season, by the dates of the header; weeks where it has none."""
        days = [_day(name) for name in self.periods]
        if len(days) < 3 or None in days:
            return WEEKLY
        between = statistics.median(late - early for early, late in pairwise(days))
        return next((length for most, length in SEASONS if between <= most), 1)


def _day(name):
    """A date, or the first of a month like 2024-03, as the number of its day; None for anything else."""
    for text in (name[:10], f"{name}-01"):
        with contextlib.suppress(ValueError):
            return datetime.date.fromisoformat(text).toordinal()
    return None


def forecast_file(source, target, *, horizon, total, period=None, jobs=1, told=None):
    """Forecast every series of `source` into `target`; answers how many there were. `told` hears after each
    batch how many are done, and what share of the file is read.

    A file that could not be finished leaves no target: the old one, if any, stays as it was.
    """
    if Path(target).exists() and Path(source).exists() and Path(target).samefile(source):
        raise BadFile("The forecasts would be written over the histories. Name another file.")
    draft = Path(f"{target}.{os.getpid()}.part")
    with Wide(source) as wide:
        options = {"horizon": horizon, "protection": total, "season_length": period or wide.season_length}
        size = int(np.clip(CELLS // (len(wide.periods) + horizon), FEWEST, MOST))
        done = 0
        try:
            with (gzip.open if str(target).endswith(".gz") else open)(draft, "wt", encoding="utf-8", newline="") as out:
                written = csv.writer(out, lineterminator="\n")
                written.writerow(COLUMNS)
                for names, rows in _worked(_batches(iter(wide), size), options, jobs):
                    _write(written, names, rows)
                    done += len(names)
                    if told:
                        told(done, wide.share)
            if not done:
                raise BadFile("There is no series below the first line.")
            draft.replace(target)
        finally:
            draft.unlink(missing_ok=True)
    return done


def _batches(rows, size):
    while batch := list(islice(rows, size)):
        yield batch


def _worked(batches, options, jobs):
    if jobs == 1:
        for batch in batches:
            yield _names(batch), forecast_rows(_matrix(batch), options)
        return
    # Spawned, not forked: a child that knows nothing of the parent's threads cannot wait for their locks.
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as workers:
        waiting = deque()
        for batch in batches:
            waiting.append((_names(batch), workers.submit(forecast_rows, _matrix(batch), options)))
            if len(waiting) > jobs:
                yield _first(waiting)
        while waiting:
            yield _first(waiting)


def _first(waiting):
    names, promised = waiting.popleft()
    return names, promised.result()


def _names(batch):
    return [name for name, _amounts in batch]


def _matrix(batch):
    return np.stack([amounts for _name, amounts in batch])


def forecast_rows(history, options):
    """series × (1 + horizon) × (mean and quantiles); the first step is the total."""
    made = forecast(history, quantum=quanta(history), origins=0, **options)
    total = np.concatenate([made.total_mean[:, None], made.total_quantiles], axis=1)
    steps = np.concatenate([made.mean[..., None], made.quantiles], axis=2)
    return np.concatenate([total[:, None], steps], axis=1)


def quanta(history):
    """The least amount each series is counted in: 1, or as many decimals as its numbers have (three at most)."""
    amounts = np.nan_to_num(history)
    quantum = np.ones(len(amounts))
    for decimals in range(DECIMALS):
        finer = np.any(np.abs(amounts - np.round(amounts, decimals)) > 1e-9, axis=1)
        quantum[finer] = 10.0 ** -(decimals + 1)
    return quantum


def _write(written, names, rows):
    for name, steps in zip(names, rows.tolist(), strict=True):
        written.writerows(
            [name, step, round(mean, 4), *map(_short, limits)] for step, (mean, *limits) in enumerate(steps)
        )


def _short(amount):
    return int(amount) if amount == int(amount) else amount
