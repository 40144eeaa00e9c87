"""An answer as a table whose cells know what they are.

A view answers with what it would answer as JSON: a list, a page of one, or a report
`{title, filters, columns, rows, totals, generated_at}` whose columns are names or `{name, label, type}`, with the types
of `TYPES`. A number must be known to be one (by its own type, its column's, or its serializer field's), because a text
that merely looks like a formula is defused and a number is not.
"""

import json
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from decimal import Decimal

from django.utils import timezone
from django.utils.text import slugify
from rest_framework import serializers

from boutique.errors import Invalid

# What no XML, and so no spreadsheet, can hold; paper does not need it either.
UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")

PLAIN_NUMBER = re.compile(r"-?[0-9]{1,40}(\.[0-9]{1,40})?", re.ASCII)


def number(text):
    return Decimal(text) if PLAIN_NUMBER.fullmatch(text) else text


TYPES = {
    "": str,
    "text": str,
    "boolean": str,
    "integer": number,
    "decimal": number,
    "date": date.fromisoformat,
    "datetime": datetime.fromisoformat,
}
FIELD_TYPES = [
    (serializers.DecimalField, "decimal"),
    (serializers.IntegerField, "integer"),
    (serializers.DateTimeField, "datetime"),
    (serializers.DateField, "date"),
    (serializers.BooleanField, "boolean"),
]


class TooManyRows(Invalid):
    code = "too_many_rows"

    def __init__(self, limit):
        super().__init__(f"This would be more than {limit}. Filter the list, or take it as CSV.")


@dataclass
class Column:
    name: str
    label: str = ""
    type: str = ""
    on_paper: bool = True  # ids are for programs

    def __post_init__(self):
        self.label = self.label or self.name.replace("_", " ").replace(".", " ").capitalize()

    @property
    def is_number(self):
        return self.type in ("integer", "decimal")


@dataclass
class Table:
    title: str
    columns: list
    rows: Iterable  # of mappings from column name to value
    filters: Mapping = field(default_factory=dict)
    totals: Mapping = field(default_factory=dict)
    generated_at: datetime = field(default_factory=timezone.now)
    is_report: bool = False
    house: str = ""
    printed_by: str = ""
    chart: Mapping | None = None  # its `kind`, and which column gives it `labels` and which `values`

    def cells(self):
        for row in self.rows:
            yield [typed(row.get(column.name), column.type) for column in self.columns]

    def total_cells(self):
        return [typed(self.totals.get(column.name), column.type) for column in self.columns]

    def on_paper(self):
        """The same without what is for programs only."""
        return replace(self, columns=[column for column in self.columns if column.on_paper])

    @property
    def file_name(self):
        return f"{slugify(self.title) or 'export'}-{self.generated_at:%Y-%m-%d}"


# ------------------------------------------------------------------------------------------------ from answer to table


def tabulated(answer, view=None):
    if isinstance(answer, Mapping) and "columns" in answer:
        return report(answer)
    listed = answer["results"] if isinstance(answer, Mapping) else answer
    rows = [dict(flattened(row)) for row in listed]
    names = dict.fromkeys(name for row in rows for name in row)
    types = serializer_types(getattr(listed, "serializer", None))
    # A nested object that is null in some rows has its parts in the others.
    parents = {name.rpartition(".")[0] for name in names}
    columns = [
        Column(name, type=types.get(name) or guessed(rows, name)) for name in names or types if name not in parents
    ]
    return Table(title_of(view), columns, rows)


def listed(serializer, rows, title):
    """Rows as this serializer shows them, which may come as they are read."""
    columns = [Column(name, type=kind) for name, kind in serializer_types(serializer).items()]
    return Table(title, columns, (dict(flattened(row)) for row in rows))


def report(answer):
    rows = [dict(flattened(row)) for row in answer["rows"]]
    columns = [
        Column(**known(column)) if isinstance(column, Mapping) else Column(column) for column in answer["columns"]
    ]
    for column in columns:
        column.type = column.type or guessed(rows, column.name)
    return Table(
        title=answer.get("title") or "Report",
        columns=columns,
        rows=rows,
        filters=answer.get("filters") or {},
        totals=answer.get("totals") or {},
        generated_at=typed(answer.get("generated_at"), "datetime") or timezone.now(),
        is_report=True,
    )


def known(column):
    return {key: column[key] for key in ("name", "label", "type") if column.get(key)}


def guessed(rows, name):
    found = [row[name] for row in rows if row.get(name) is not None]
    return "decimal" if found and all(is_number(value) for value in found) else ""


def title_of(view):
    model = getattr(getattr(view, "queryset", None), "model", None)
    return str(model._meta.verbose_name_plural) if model else "export"


def flattened(row):
    for name, value in row.items():
        if isinstance(value, Mapping):
            yield from ((f"{name}.{inner}", deeper) for inner, deeper in value.items())
        else:
            yield name, value


def serializer_types(serializer):
    fields = getattr(getattr(serializer, "child", serializer), "fields", {})
    found = {}
    for name, kind in fields.items():
        if kind.write_only:
            continue
        if isinstance(kind, serializers.Serializer):
            found |= {f"{name}.{inner}": type_name for inner, type_name in serializer_types(kind).items()}
        else:
            found[name] = next((type_name for base, type_name in FIELD_TYPES if isinstance(kind, base)), "")
    return found


def typed(value, type_name):
    """A text that stands for a number, day or moment becomes one, if its column says so; anything else stays."""
    if isinstance(value, str):
        try:
            return TYPES[type_name](value)
        except (ValueError, OverflowError):
            return value
    if isinstance(value, Mapping):
        return json.dumps(value, default=str, ensure_ascii=False)
    if isinstance(value, list | tuple | set):
        return ", ".join(plain(inner) for inner in value)
    return value


def plain(value):
    """As JSON would write it, without the quotes."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime):
        return in_utc(value).isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return json.dumps(value, default=str, ensure_ascii=False)
    return UNPRINTABLE.sub("", str(value))


def in_utc(moment):
    return moment.astimezone(UTC) if timezone.is_aware(moment) else moment


def is_number(value):
    if isinstance(value, float | Decimal):
        return math.isfinite(value)
    return isinstance(value, int) and not isinstance(value, bool)
