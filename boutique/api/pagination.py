"""Lists of any length at the same cost per page: `next` and `previous` go on from a row, not from a number."""

import base64
import json
from urllib.parse import unquote

from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.db.models import BooleanField, F, Func, Q, Value
from rest_framework import pagination, serializers
from rest_framework.exceptions import NotFound
from rest_framework.response import Response
from rest_framework.utils.urls import remove_query_param, replace_query_param

COUNTED = 10_000  # exact up to here; beyond it the planner's estimate is good enough for a person
MAX_PAGE_SIZE = 100
FORWARD, BACK = "n", "p"


class RowCompare(Func):
    """(a, b) > (x, y), which one index on (a, b) answers however deep the page lies."""

    conditional = True
    output_field = BooleanField()

    def __init__(self, left, right, sign):
        self.size, self.sign = len(left), sign
        super().__init__(*left, *right)

    def as_sql(self, compiler, connection):
        parts, params = [], []
        for expression in self.source_expressions:
            sql, values = compiler.compile(expression)
            parts.append(sql)
            params.extend(values)
        left, right = ", ".join(parts[: self.size]), ", ".join(parts[self.size :])
        return f"({left}) {self.sign} ({right})", params


class KeysetPagination(pagination.BasePagination):
    """`page_size`, `cursor` (made by us), and `page=N` for people who jump."""

    reserved = ("page_size", "cursor", "page")
    counted = True  # a view may say otherwise

    def paginate_queryset(self, queryset, request, view=None):
        self.request, self.counted = request, getattr(view, "counted", True)
        self.keys = list(view.ordering_keys)
        self.names = [f"_key{index}" for index in range(len(self.keys))]
        self.size = self.page_size()
        if self.counted:
            self.count, self.count_exact = count_rows(queryset)
        keyed = queryset.annotate(**{name: key.expression for name, key in zip(self.names, self.keys, strict=True)})
        cursor = request.query_params.get("cursor")
        if cursor is not None:
            return self.beside(keyed, cursor)
        return self.numbered(keyed)

    def page_size(self):
        asked = positive(self.request, "page_size", 25)
        return min(asked, MAX_PAGE_SIZE)

    def numbered(self, queryset):
        start = (positive(self.request, "page", 1) - 1) * self.size
        if start >= COUNTED:
            refuse("page", f"Pages by number reach the first {COUNTED} rows. Follow next, or filter the list.")
        rows = list(self.sorted(queryset)[start : start + self.size + 1])
        if start and not rows:
            raise NotFound
        self.next = self.link(FORWARD, rows[self.size - 1]) if len(rows) > self.size else None
        self.previous = self.link(BACK, rows[0]) if start else None
        return rows[: self.size]

    def beside(self, queryset, cursor):
        """The rows after (or before) the one that the cursor names."""
        way, values = self.read_cursor(queryset, cursor)
        rows = list(self.sorted(queryset.filter(self.beyond(values, way)), way)[: self.size + 1])
        more, rows = len(rows) > self.size, rows[: self.size]
        if way == BACK:
            rows.reverse()
        self.next = self.link(FORWARD, rows[-1]) if rows and (more or way == BACK) else None
        self.previous = self.link(BACK, rows[0]) if rows and (more or way == FORWARD) else None
        return rows

    def sorted(self, queryset, way=FORWARD):
        downs = [key.descending != (way == BACK) for key in self.keys]
        return queryset.order_by(
            *(F(name).desc() if down else F(name).asc() for name, down in zip(self.names, downs, strict=True))
        )

    def beyond(self, values, way):
        downs = [key.descending != (way == BACK) for key in self.keys]
        if len(set(downs)) == 1:
            sign = "<" if downs[0] else ">"
            row = RowCompare([F(name) for name in self.names], values, sign)
            if len(values) == 1:
                return row
            # Said once more of the first key alone: where the keys are columns of two tables, no index knows the pair.
            first = Q(**{f"{self.names[0]}__{'lte' if downs[0] else 'gte'}": values[0]})
            return first & Q(row)
        condition, equal = Q(), Q()
        for name, value, down in zip(self.names, values, downs, strict=True):
            condition |= equal & Q(**{f"{name}__{'lt' if down else 'gt'}": value})
            equal &= Q(**{name: value})
        return condition

    def batches(self, queryset, keys, size):
        """All rows of a list in its order, so many at a time, however long it is: for exports."""
        self.keys, self.names = list(keys), [f"_key{index}" for index in range(len(keys))]
        keyed = queryset.annotate(**{name: key.expression for name, key in zip(self.names, keys, strict=True)})
        fields = [keyed.query.annotations[name].output_field for name in self.names]
        rows = list(self.sorted(keyed)[:size])
        while rows:
            yield rows
            values = [Value(getattr(rows[-1], name), field) for name, field in zip(self.names, fields, strict=True)]
            rows = list(self.sorted(keyed.filter(self.beyond(values, FORWARD)))[:size]) if len(rows) == size else []

    def link(self, way, row):
        values = [getattr(row, name) for name in self.names]
        if None in values:
            raise ImproperlyConfigured(f"Order by something that is never null: {self.request.path}")
        packed = json.dumps(
            [way, self.signature, [value if isinstance(value, int) else str(value) for value in values]]
        )
        cursor = base64.urlsafe_b64encode(packed.encode()).decode().rstrip("=")
        url = remove_query_param(self.request.build_absolute_uri(), "page")
        return replace_query_param(url, "cursor", cursor)

    @property
    def signature(self):
        return ",".join(("-" if key.descending else "") + key.name for key in self.keys)

    def read_cursor(self, queryset, cursor):
        try:
            padded = unquote(cursor) + "=" * (-len(cursor) % 4)
            way, signature, raw = json.loads(base64.urlsafe_b64decode(padded.encode("ascii")))
            fields = [queryset.query.annotations[name].output_field for name in self.names]
            values = [Value(field.to_python(text), field) for field, text in zip(fields, raw, strict=True)]
        except (ValueError, TypeError, ValidationError, RecursionError, OverflowError):
            refuse("cursor", "This is not a cursor of ours. Start again without it.")
        if way not in (FORWARD, BACK) or signature != self.signature or any(too_wide(value.value) for value in values):
            refuse("cursor", "This cursor belongs to another ordering. Start again without it.")
        return way, values

    def get_paginated_response(self, data):
        counts = {"count": self.count, "count_exact": self.count_exact} if self.counted else {}
        return Response({**counts, "next": self.next, "previous": self.previous, "results": data})

    def get_paginated_response_schema(self, schema):
        link = {"type": ["string", "null"], "format": "uri"}
        counts = {
            "count": {"type": "integer", "examples": [123]},
            "count_exact": {"type": "boolean", "description": f"false: more than {COUNTED} rows, count is an estimate"},
        }
        counts = counts if self.counted else {}
        return {
            "type": "object",
            "required": [*counts, "next", "previous", "results"],
            "properties": {**counts, "next": link, "previous": link, "results": schema},
        }

    def get_schema_operation_parameters(self, view):
        whole = {"type": "integer", "minimum": 1}
        return [
            parameter("page_size", f"Rows per page, at most {MAX_PAGE_SIZE}.", {**whole, "default": 25}),
            parameter("page", f"Jump to a page within the first {COUNTED} rows.", whole),
            parameter("cursor", "Made by us: follow `next` and `previous` instead of writing it.", {"type": "string"}),
        ]


def parameter(name, description, schema):
    return {"name": name, "in": "query", "required": False, "description": description, "schema": schema}


def positive(request, name, default):
    text = request.query_params.get(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdigit() and 0 < len(text) <= 9 and int(text)):
        refuse(name, "A whole number from 1.")
    return int(text)


def too_wide(value):
    return (isinstance(value, str) and "\x00" in value) or (isinstance(value, int) and abs(value) > 2**63 - 1)


def refuse(field, message):
    raise serializers.ValidationError({field: [serializers.ErrorDetail(message, code="invalid")]})


def count_rows(queryset):
    if (rough := getattr(queryset, "rough_count", None)) and rough > COUNTED:
        return rough, False
    bare = queryset.order_by().values("pk")  # without what is shown beside each row
    exact = bare[: COUNTED + 1].count()
    if exact <= COUNTED:
        return exact, True
    plan = json.loads(bare.explain(format="json"))
    return max(int(plan[0]["Plan"]["Plan Rows"]), COUNTED), False
