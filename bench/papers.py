"""A process that draws one report on paper and says what that took: `python -m bench.papers 5000`."""

import json
import resource
import sys
import time
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

from boutique.tables.paper import paper
from boutique.tables.table import Column, Table

WORDS = ["Silk evening dress", "Linen summer dress", "Embroidered kurta", "Wool coat, double-breasted", "Cotton shirt"]
FIGURES = ("opening", "in", "out", "closing")


def rows(count):
    """As those of a report of stock movements."""
    for number in range(count):
        opening, came, went = number % 40, number % 7, number % 11
        figures = zip(FIGURES, (opening, came, went, opening + came - went), strict=True)
        yield {
            "sku_code": f"KRT-BLU-{number:05}",
            "product_name": WORDS[number % len(WORDS)],
            "location_code": "CENTRE",
            **{name: Decimal(f"{figure}.000") for name, figure in figures},
        }


def peak():
    """In megabytes. What getrusage says may be the peak of the process that started this one."""
    status = Path("/proc/self/status")
    if status.exists():
        return next(int(line.split()[1]) for line in status.read_text().splitlines() if line.startswith("VmHWM")) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024**2 if sys.platform == "darwin" else 1024)


def main(count):
    table = Table(
        title="Stock movements",
        columns=[
            Column("sku_code", "SKU"),
            Column("product_name", "Product"),
            Column("location_code", "Place"),
            *(Column(name, type="decimal") for name in FIGURES),
        ],
        rows=list(rows(count)),
        filters={"Days": date(2026, 11, 1), "Places": "CENTRE Boutique Centre"},
        totals=dict.fromkeys(FIGURES, Decimal("12345.000")),
        is_report=True,
        generated_at=datetime.now(UTC),
        house="Boutique",
        printed_by="Ada Lovelace",
        chart={"kind": "bars", "labels": "product_name", "values": "out"},
    )
    before = time.process_time()
    made = paper(table)
    seconds = time.process_time() - before
    found = {"rows": count, "pages": made.count(b"/Type /Page\n"), "seconds": seconds, "megabytes": peak()}
    print(json.dumps(found | {"kilobytes": len(made) / 1024}))


if __name__ == "__main__":
    main(int(sys.argv[1]))
