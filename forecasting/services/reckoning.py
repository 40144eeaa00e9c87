"""One piece of a run: histories from the ledger, forecasts from `forecasting.methods`, rows for the shop.

numpy is imported in the functions: only workers and commands have it in memory.
"""

import json
from dataclasses import dataclass

from django.db import connection
from django.utils import timezone

from forecasting.models import Forecast
from forecasting.services import history, suggesting, supplying
from forecasting.services.levels import Levels

QUANTILES = {"0.5": 0.5, "0.8": 0.8, "0.95": 0.95}
WEEKS_SHOWN = 52
CLOTH = 0.1  # the least of what is cut that anybody buys
WRITTEN = [
    "run_id", "period", "start", "mean", "quantiles", "method", "demand_class", "weeks_known", "accuracy", "reason",
    "history", "days_open", "lead_days", "review_days", "service_level", "expected", "reorder_point", "target",
    "updated_at",
]  # fmt: skip
# As one text: for a thousand rows of arrays, bulk_create takes ten times as long.
PUT = f"""
INSERT INTO forecasting_forecast (sku_id, location_id, created_at, {", ".join(WRITTEN)})
SELECT sku_id, location_id, updated_at, {", ".join(WRITTEN)}
FROM json_populate_recordset(NULL::forecasting_forecast, %s::json)
ON CONFLICT (sku_id, location_id) DO UPDATE SET {", ".join(f"{name} = EXCLUDED.{name}" for name in WRITTEN)}
"""  # noqa: S608 (put together from what stands above)
PATTERNS = {
    "smooth": "It sells steadily",
    "erratic": "It sells in most weeks, now few and now many",
    "intermittent": "It sells in some weeks",
    "lumpy": "It sells in some weeks, now few and now many",
    "new": "It is new, and borrows from what is like it",
    "dead": "It has not sold for long",
}


@dataclass(frozen=True)
class Reckoned:
    """Each a row for each shelf, in their order."""

    shelves: list
    told: history.Histories
    forecast: object
    supplies: dict
    buying: list  # (lead days, review days, service level)
    expected: object
    points: object
    targets: object


def reckon(chunk, closed):
    """What will sell of these products, and what buying them needs to know. `closed`: days by place."""
    import numpy as np

    from forecasting import methods

    run = chunk.run
    shelves = history.shelves_of(closed, chunk.first_product, chunk.last_product)
    told = history.read(shelves, run.start, run.parameters["history_weeks"], closed)
    supplies = supplying.supplies_of({shelf.sku for shelf in shelves})
    levels = Levels()
    delivered = [supplies.get(shelf.sku) or supplying.unknown() for shelf in shelves]
    buying = [
        (supply.lead_days, *reversed(levels.of(shelf.category)))
        for supply, shelf in zip(delivered, shelves, strict=True)
    ]
    lead, review = (np.array([row[index] for row in buying], dtype=float) / 7 for index in (0, 1))
    variance = np.array([supply.lead_variance for supply in delivered], dtype=float) / 49
    forecast = methods.forecast(
        told.wanted,
        censored=(told.days_open > 0) & (told.days_open < 7),
        groups=[codes(shelf.product for shelf in shelves), codes(shelf.category for shelf in shelves)],
        horizon=run.horizon_weeks,
        protection=lead + review,
        quantiles=tuple(QUANTILES.values()),
        quantum=least_of(shelves),
    )
    service = np.array([float(row[2]) for row in buying])
    until_next = forecast.over(lead + review, variance)
    points = forecast.over(lead, variance).quantile(service)
    return Reckoned(
        shelves=shelves,
        told=told,
        forecast=forecast,
        supplies=supplies,
        buying=buying,
        expected=until_next.mean,
        points=points,
        targets=np.maximum(until_next.quantile(service), points),
    )


def least_of(shelves):
    """The least that can be sold: one number where all are sold by the piece."""
    import numpy as np

    if all(shelf.is_by_the_piece for shelf in shelves):
        return 1.0
    return np.array([1.0 if shelf.is_by_the_piece else CLOTH for shelf in shelves])


def codes(names):
    """A number for each different name; less than nothing where there is none."""
    import numpy as np

    return np.array([-1 if name is None else name for name in names], dtype=np.int64)


def write(chunk, reckoned):
    """Each forecast takes the place of the one before it. Says how good they were."""
    with connection.cursor() as cursor:
        cursor.execute(PUT, [json.dumps(rows_of(chunk.run, reckoned))])
    places = {place.location_id for place in chunk.run.places.all()}
    suggesting.renew(reckoned.shelves, places, reckoned.supplies)
    return sums_of(reckoned)


def rows_of(run, reckoned):
    import numpy as np

    forecast, told, now = reckoned.forecast, reckoned.told, timezone.now().isoformat()
    mean, spread = np.round(forecast.mean, 3).tolist(), np.round(forecast.quantiles, 3)
    spread = {name: spread[:, :, index].tolist() for index, name in enumerate(QUANTILES)}
    began = np.maximum(told.began, told.wanted.shape[1] - WEEKS_SHOWN).tolist()
    sold = [row[first:] for row, first in zip(np.round(told.wanted, 3).tolist(), began, strict=True)]
    days_open = [row[first:] for row, first in zip(told.days_open.tolist(), began, strict=True)]
    known = np.isfinite(told.wanted).sum(axis=1).tolist()
    buying = (reckoned.expected, reckoned.points, reckoned.targets)
    expected, points, targets = (np.round(part, 3).tolist() for part in buying)
    accuracy = accuracies(forecast.accuracy, len(reckoned.shelves))
    return [
        {
            "sku_id": shelf.sku,
            "location_id": shelf.location,
            "run_id": run.pk,
            "period": Forecast.Period.WEEK,
            "start": str(run.start),
            "mean": mean[row],
            "quantiles": {name: part[row] for name, part in spread.items()},
            "method": str(forecast.method[row]),
            "demand_class": str(forecast.demand_class[row]),
            "weeks_known": known[row],
            "accuracy": accuracy[row],
            "reason": reason(str(forecast.demand_class[row]), forecast.level[row], known[row], days_open[row]),
            "history": [None if number != number else number for number in sold[row]],
            "days_open": days_open[row],
            "lead_days": lead_days,
            "review_days": review_days,
            "service_level": str(service_level),
            "expected": expected[row],
            "reorder_point": points[row],
            "target": targets[row],
            "updated_at": now,
        }
        for row, (shelf, (lead_days, review_days, service_level)) in enumerate(
            zip(reckoned.shelves, reckoned.buying, strict=True)
        )
    ]


def reason(demand_class, level, weeks, days_open):
    """Why, in words."""
    pattern = PATTERNS.get(demand_class, "It sells")
    without = sum(days == 0 for days in days_open)
    known = "1 week is known" if weeks == 1 else f"{weeks} weeks are known"
    missing = f", in {without} of the last {len(days_open)} there was nothing to sell" if without and weeks else ""
    return f"{pattern}: {level:.2f} a week now; {known}{missing}."


MEASURES = {
    "wql": "wql", "naive_wql": "naive_wql", "mase": "mase", "bias": "bias", "coverage_95": "coverage",
}  # fmt: skip


def accuracies(accuracy, rows):
    """For each series, what is known of it."""
    import numpy as np

    columns = {name: np.round(getattr(accuracy, attribute), 4).tolist() for name, attribute in MEASURES.items()}
    return [{name: column[row] for name, column in columns.items() if np.isfinite(column[row])} for row in range(rows)]


def sums_of(reckoned):
    """What the accuracy of the whole run is added up from: losses weighed by how much sells, the others by series."""
    import numpy as np

    accuracy, level = reckoned.forecast.accuracy, reckoned.forecast.level
    tried = np.isfinite(accuracy.wql) & np.isfinite(accuracy.naive_wql)
    sums = {"series": int(tried.sum()), "weight": float(level[tried].sum())}
    for name in ("wql", "naive_wql"):
        sums[name] = float((getattr(accuracy, name)[tried] * level[tried]).sum())
    for name in ("mase", "coverage_95"):
        values = getattr(accuracy, MEASURES[name])
        found = np.isfinite(values)
        sums |= {name: float(values[found].sum()), f"{name}_of": int(found.sum())}
    return sums


def added_up(parts):
    """The accuracy of a run from those of its pieces; None where nothing could be tried."""
    parts = [part for part in parts if part]

    def total(name):
        return sum(part[name] for part in parts)

    def share(name, of):
        return round(total(name) / total(of), 4) if parts and total(of) else None

    return {
        "series": total("series"),
        "wql": share("wql", "weight"),
        "naive_wql": share("naive_wql", "weight"),
        "mase": share("mase", "mase_of"),
        "coverage_95": share("coverage_95", "coverage_95_of"),
    }
