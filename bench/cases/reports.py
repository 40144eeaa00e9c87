"""Reports: what a month of movements costs as JSON, and what 5,000 rows on paper take."""

import dataclasses
import json
import subprocess
import sys
from datetime import date, timedelta

from bench.cases.inventory import large, small
from bench.registry import Found, case, study
from boutique.postgres import BASE_DIR

ROWS = 2500  # of a report, about
BELOW = range(11, 111)  # the categories that products lie in
PAPER_ROWS, MOST_SECONDS, MOST_MB = 5000, 5, 300


@case(queries=3)
def few_moved(client):
    """GET reports/stock-movements/ of a month and 2,500 SKUs, of 100,000 movements."""
    return small().get(month_of(small()))


@case(queries=4, grown_from="few-moved", growth=3)
def moved(client):
    """GET reports/stock-movements/ of a month and about 2,500 SKUs of many, with ten times as many movements there."""
    categories = list(BELOW)[: max(ROWS * len(BELOW) // large().skus, 1)]
    return large().get(f"{month_of(large())}&category={','.join(map(str, categories))}")


@case(queries=3)
def few_valued(client):
    """GET reports/inventory-valuation/ a month ago, of 2,500 SKUs."""
    return small().get(f"reports/inventory-valuation/?location={small().place}&as_of={month_ago()}")


def month_of(house):
    return f"reports/stock-movements/?location={house.place}&period=monthly&date={month_ago()}"


def month_ago():
    return date.today() - timedelta(days=30)  # noqa: DTZ011


@dataclasses.dataclass
class Paper:
    rows: int
    pages: int
    seconds: float
    megabytes: float
    kilobytes: float


@study
def paper_of_5000_rows():
    """A report of 5,000 rows as PDF, with its picture: seconds of CPU, and the memory of a process of its own."""
    command = [sys.executable, "-m", "bench.papers", str(PAPER_ROWS)]
    made = subprocess.run(command, cwd=BASE_DIR, capture_output=True, text=True, check=True)
    paper = Paper(**json.loads(made.stdout))
    yield (
        f"{paper.rows} rows on {paper.pages} pages: {paper.seconds:.1f} s of CPU, {paper.megabytes:.0f} MB,"
        f" {paper.kilobytes:.0f} kB of PDF"
    )
    broken = []
    if paper.seconds > MOST_SECONDS:
        broken.append(f"a paper of {PAPER_ROWS} rows took {paper.seconds:.1f} s, over {MOST_SECONDS}")
    if paper.megabytes > MOST_MB:
        broken.append(f"a paper of {PAPER_ROWS} rows took {paper.megabytes:.0f} MB, over {MOST_MB}")
    yield Found([dataclasses.asdict(paper)], broken)
