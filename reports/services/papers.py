"""What every report is: a heading, columns, rows, totals.

The same one becomes JSON, CSV, XLSX and PDF, so that no two of them can differ.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal

from django.conf import settings
from django.db import connection
from django.utils import timezone

from accounts.models import User
from boutique.errors import Invalid
from boutique.tables.table import Column, Table
from reports.services.asking import Asked
from skus.models import Category

MOST_ROWS, MOST_SHEET_ROWS = 10_000, 50_000
MOST_NAMED = 12  # places or categories in the heading; more are a number
COST = "inventory.view_cost"
ONE_DECIMAL, NO_PIECES, NO_MONEY = Decimal("0.1"), Decimal("0.000"), Decimal("0.00")


class TooLong(Invalid):
    code = "too_many_rows"


@dataclass(frozen=True, kw_only=True)
class AskedOnPaper(Asked):
    """And who asks, of which goods, and by what."""

    by: User | None = None
    category: tuple | None = None  # ids: those that were named, and all below them
    group_by: str = ""
    period: str = ""
    is_for_sheets: bool = False

    def on_behalf_of(self, person):
        return replace(self, by=person)

    def for_sheets(self):
        return replace(self, is_for_sheets=True)

    @property
    def most(self):
        """A spreadsheet holds more rows than people want on paper, or a program at once."""
        return MOST_SHEET_ROWS if self.is_for_sheets else MOST_ROWS

    @property
    def sees_cost(self):
        return self.by.has_perm(COST)

    @property
    def params(self):
        """What the statements are filled in with."""
        category = None if self.category is None else list(self.category)
        return {"places": self.ids, "since": self.after, "until": self.before, "categories": category}

    @property
    def filters(self):
        return super().filters | {
            "category": None if self.category is None else list(self.category),
            "group_by": str(self.group_by) or None,
            "period": str(self.period) or None,
            "as_of": None,
        }


@dataclass(kw_only=True)
class Report:
    title: str
    asked: AskedOnPaper
    columns: list[Column]
    rows: list[Mapping]
    totals: Mapping = field(default_factory=dict)
    filters: Mapping = field(default_factory=dict)  # beside those of the question
    is_of_money: bool = False
    chart: Mapping | None = None  # which column its picture names, and which it measures
    generated_at: datetime = field(default_factory=timezone.now)

    def answer(self):
        return {
            "title": self.title,
            "filters": {**self.asked.filters, **self.filters},
            "columns": [{"name": one.name, "label": one.label, "type": one.type or "text"} for one in self.columns],
            "rows": [{one.name: on_the_wire(row[one.name]) for one in self.columns} for row in self.rows],
            "totals": {name: on_the_wire(total) for name, total in self.totals.items()},
            "chart": self.chart,
            "generated_at": self.generated_at,
            "generated_by": str(self.asked.by),
        }

    def said(self):
        """What was asked, for people."""
        asked = self.asked
        days = str(asked.after) if asked.after == asked.before else f"{asked.after} to {asked.before}"
        money = {"Amounts in": settings.BOUTIQUE_CURRENCY} if self.is_of_money else {}
        goods = {"Categories": categories(asked.category)} if asked.category is not None else {}
        return {"Days": days, "Places": named(asked.places)} | goods | money

    def table(self):
        """For spreadsheets and paper."""
        return Table(
            title=self.title,
            columns=self.columns,
            rows=self.rows,
            filters=self.said(),
            totals=self.totals,
            generated_at=self.generated_at,
            is_report=True,
            house=settings.BOUTIQUE_NAME,
            printed_by=str(self.asked.by),
            chart=self.chart,
        )


def on_the_wire(value):
    """No program is to round what is exact."""
    return format(value, "f") if isinstance(value, Decimal) else value


def named(places):
    return listed([f"{place.code} {place.name}" for place in places])


def categories(ids):
    """The highest of them stand for all below."""
    highest = Category.objects.filter(pk__in=ids).exclude(parent__in=ids).order_by("name", "pk")
    return listed(highest.values_list("name", flat=True))


def listed(names):
    said = ", ".join(names[:MOST_NAMED])
    return said if len(names) <= MOST_NAMED else f"{said} and {len(names) - MOST_NAMED} more"


def rows_of(statement, asked):
    """What one statement answers, as mappings; no more than fits a report."""
    with connection.cursor() as cursor:
        cursor.execute(statement, asked.params)
        names = [column.name for column in cursor.description]
        found = cursor.fetchmany(asked.most + 1)
    if len(found) > asked.most:
        advice = "Ask for fewer places (location), fewer days, or a category"
        more = f"; as csv or xlsx up to {MOST_SHEET_ROWS}" if asked.most < MOST_SHEET_ROWS else ""
        raise TooLong(f"This would be more than {asked.most} rows. {advice}{more}.")
    return [dict(zip(names, row, strict=True)) for row in found]


def apart(rows):
    """Rows of a statement with grouping sets: those of the report, and the one that is all of them together."""
    totals = next(row for row in rows if row["is_total"])
    return [row for row in rows if not row["is_total"]], totals


def summed(rows, nothing):
    """Of these columns; `nothing` is what each comes to without rows."""
    return {name: sum((row[name] for row in rows), none) for name, none in nothing.items()}


def percent(part, whole):
    """To one decimal; of nothing there is no part."""
    return (Decimal(100) * part / whole).quantize(ONE_DECIMAL, ROUND_HALF_UP) if whole and whole > 0 else None


def column(name, kind="", label="", **more):
    return Column(name, label, kind, **more)


def quantity(name, label=""):
    return column(name, "decimal", label)


def number(name, label=""):
    return column(name, "integer", label)


def key(name):
    """An id: for programs, not for people."""
    return column(name, "integer", on_paper=False)
