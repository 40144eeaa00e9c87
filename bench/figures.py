"""From what was seen to what is said: medians of rounds, percentiles, budgets, the table."""

import dataclasses
import math
from statistics import median

ALIKE = 1.2  # two median latencies that differ by less cannot be told apart from outside


@dataclasses.dataclass
class Round:
    """One case, asked by all clients for a moment."""

    seconds: float
    latencies: list  # seconds
    statements: set
    web_cpu: float | None = None  # seconds
    database_cpu: float | None = None

    @property
    def web_ms(self):
        return per_request(self.web_cpu, self.latencies)

    @property
    def database_ms(self):
        return per_request(self.database_cpu, self.latencies)

    @property
    def cpu_ms(self):
        if self.web_ms is None:
            return None
        return self.web_ms + (self.database_ms or 0)


def per_request(seconds, latencies):
    return None if seconds is None else seconds * 1000 / len(latencies)


def percentile(values, share):
    """The smallest value that so large a share of all does not exceed."""
    ordered = sorted(values)
    return ordered[max(math.ceil(share * len(ordered)), 1) - 1]


def middle(values):
    values = [value for value in values if value is not None]
    return median(values) if values else None


def ratios(rounds, floors):
    """Round by round: what disturbs the machine disturbs both of two neighbours."""
    return [
        mine.cpu_ms / floor.cpu_ms for mine, floor in zip(rounds, floors, strict=True) if mine.cpu_ms and floor.cpu_ms
    ]


def figures(rounds):
    latencies = [latency * 1000 for one in rounds for latency in one.latencies]
    statements = set().union(*(one.statements for one in rounds))
    p50, p95, p99 = (percentile(latencies, share) for share in (0.5, 0.95, 0.99))
    return {
        "requests": len(latencies),
        "cpu_ms": middle(one.cpu_ms for one in rounds),
        "web_cpu_ms": middle(one.web_ms for one in rounds),
        "database_cpu_ms": middle(one.database_ms for one in rounds),
        "queries_min": min(statements),
        "queries_max": max(statements),
        "p50_ms": p50,
        "p95_ms": p95,
        "p99_ms": p99,
        "p99_to_p50": p99 / p50,
        "per_second": middle(len(one.latencies) / one.seconds for one in rounds),
    }


def figures_of_case(case, seen):
    """`seen` holds the rounds of the case, of the floor, and of the case it is compared with."""
    found = {"name": case.name, "app": case.app, "what": case.words} | figures(seen[case.name])
    found["ratio"] = middle(ratios(seen[case.name], seen["floor"]))
    found["latency_to_twin"] = case.as_slow_as and middle(
        percentile(mine.latencies, 0.5) / percentile(twin.latencies, 0.5)
        for mine, twin in zip(seen[case.name], seen[case.as_slow_as], strict=True)
    )
    found["growth"] = case.grown_from and middle(ratios(seen[case.name], seen[case.grown_from]))
    found["budget"] = {"queries": case.queries, "ratio": case.ratio, "as_slow_as": case.as_slow_as}
    found["budget"] |= {"growth": case.growth, "grown_from": case.grown_from}
    found["broken"] = list(broken(case, found))
    return found


def broken(case, found):
    """The budgets this case does not keep, as sentences."""
    least, most = found["queries_min"], found["queries_max"]
    if least != most:
        yield f"{least} to {most} queries: the number must not vary"
    if case.queries is not None and most > case.queries:
        yield f"{most} queries, the budget is {case.queries}"
    if case.ratio is not None and (found["ratio"] or 0) > case.ratio:
        yield f"{found['ratio']:.1f} × floor, the budget is {case.ratio:g}"
    if case.growth is not None and (found["growth"] or 0) > case.growth:
        yield f"{found['growth']:.2f} × the CPU of {case.grown_from}, the budget is {case.growth:g}"
    if case.as_slow_as and not 1 / ALIKE < found["latency_to_twin"] < ALIKE:
        yield f"its median latency is {found['latency_to_twin']:.2f} × that of {case.as_slow_as}"


# ------------------------------------------------------------------------------------------------ the table

COLUMNS = [
    ("requests", 8, "{:,.0f}"),
    ("cpu_ms", 8, "{:.2f}"),
    ("database_cpu_ms", 8, "{:.2f}"),
    ("ratio", 8, "{:.1f}"),
    ("queries", 8, "{}"),
    ("p50_ms", 8, "{:.1f}"),
    ("p95_ms", 8, "{:.1f}"),
    ("p99_ms", 8, "{:.1f}"),
    ("per_second", 8, "{:,.0f}"),
]
TITLES = {
    "cpu_ms": "CPU ms",
    "database_cpu_ms": "of PG",
    "ratio": "× floor",
    "p50_ms": "p50 ms",
    "p95_ms": "p95 ms",
    "p99_ms": "p99 ms",
    "per_second": "req/s",
}
NAME = 20


def head():
    return "case".ljust(NAME) + "".join(TITLES.get(name, name).rjust(width + 1) for name, width, _ in COLUMNS)


def line(found):
    least, most = found["queries_min"], found["queries_max"]
    shown = found | {"queries": f"{least}" if least == most else f"{least}-{most}"}
    cells = [cell(shown.get(name), form).rjust(width + 1) for name, width, form in COLUMNS]
    twin = found.get("latency_to_twin")
    note = f"  p50 is {twin:.2f} × {found['budget']['as_slow_as']}" if twin else ""
    if found.get("growth"):
        note = f"  {found['growth']:.2f} × {found['budget']['grown_from']}"
    return found["name"].ljust(NAME) + "".join(cells) + note


def cell(value, form):
    return "–" if value is None else form.format(value)
