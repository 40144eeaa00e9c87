"""Filters that answer a typo with 400 instead of with everything."""

import re
from dataclasses import dataclass
from datetime import UTC

import django_filters
from django import forms
from django.db.models import F
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework.exceptions import ErrorDetail, PermissionDenied, ValidationError
from rest_framework.filters import BaseFilterBackend, SearchFilter

from boutique.api.pagination import KeysetPagination, parameter, refuse
from boutique.api.serializers import BIGGEST_ID, PLAIN_INTEGER

ANYWHERE = {"search", "ordering", "expand", "format", *KeysetPagination.reserved}
MAX_SEARCH, MAX_TERMS = 100, 5
GROUPS = re.compile("(?<=[0-9]) +(?=[0-9])")


class IdField(forms.IntegerField):
    def to_python(self, value):
        if value and not PLAIN_INTEGER.fullmatch(value):
            raise forms.ValidationError("A whole number.", code="invalid")
        return super().to_python(value)


class IdFilter(django_filters.NumberFilter):
    field_class = IdField

    def __init__(self, **options):
        super().__init__(min_value=1, max_value=BIGGEST_ID, **options)

    def get_max_validator(self):
        return None


class TruthField(forms.NullBooleanField):
    """true or false. Django's own field takes everything else for "either"."""

    widget = forms.TextInput
    values = {"true": True, "1": True, "false": False, "0": False, "": None}

    def to_python(self, value):
        try:
            return self.values[(value or "").lower()]
        except KeyError:
            raise forms.ValidationError("true or false.", code="invalid") from None


class TruthFilter(django_filters.BooleanFilter):
    field_class = TruthField


class DayFilter(django_filters.DateFilter):
    """YYYY-MM-DD, and not the days of America that Django takes too."""

    def __init__(self, **options):
        super().__init__(input_formats=["%Y-%m-%d"], **options)


class MomentField(django_filters.fields.IsoDateTimeField):
    def to_python(self, value):
        """In UTC: PostgreSQL stumbles over offsets that Python takes, such as +17:47."""
        moment = super().to_python(value)
        try:
            return moment and moment.astimezone(UTC)
        except OverflowError:
            raise forms.ValidationError("Enter a valid date/time.", code="invalid") from None


class MomentFilter(django_filters.IsoDateTimeFilter):
    field_class = MomentField


class HouseFilterSet(django_filters.FilterSet):
    """Filters every list of records has."""

    created_after = MomentFilter(field_name="created_at", lookup_expr="gt")
    created_before = MomentFilter(field_name="created_at", lookup_expr="lt")


class EventFilter(HouseFilterSet):
    """What happened between two moments, and what kind of thing it was."""

    created_after = MomentFilter(field_name="at", lookup_expr="gt")
    created_before = MomentFilter(field_name="at", lookup_expr="lt")
    kind = django_filters.CharFilter()


class StrictFilter(DjangoFilterBackend):
    def filter_queryset(self, request, queryset, view):
        filterset = self.get_filterset(request, queryset, view)
        known = set(filterset.filters) if filterset else set()
        problems = {}
        for name, values in request.query_params.lists():
            if name not in known | ANYWHERE:
                offer = ", ".join(sorted(known | ANYWHERE - {"cursor"}))
                problems[name] = [ErrorDetail(f"There is no such filter. There are: {offer}.", code="unknown_filter")]
            elif len(values) > 1:
                problems[name] = [ErrorDetail("Given twice. Separate several values by commas.", code="invalid")]
            elif not values[0] and name in known:
                problems[name] = [ErrorDetail("Is empty. Leave it out to see all.", code="invalid")]
            elif "\x00" in values[0]:
                problems[name] = [ErrorDetail("Holds a character that cannot be stored (NUL).", code="invalid")]
        if filterset and not filterset.is_valid():
            problems |= {
                name: [ErrorDetail(" ".join(error.messages), code="invalid") for error in found]
                for name, found in filterset.errors.as_data().items()
            }
        if problems:
            raise ValidationError(problems)
        refuse_guarded(view, request, request.query_params.keys())
        return filterset.qs if filterset else queryset


def refuse_guarded(view, request, names):
    """Who does not see a price cannot find it out by asking what costs less than ten either."""
    guarded = getattr(view, "guarded", {})
    if wrong := sorted(name for name in names if name in guarded and not request.user.has_perm(guarded[name])):
        raise PermissionDenied(f"Your role does not let you filter or order by {', '.join(wrong)}.")


class StrictSearch(SearchFilter):
    """By a view's `search_fields`; or, where rows have an index of their words, by their queryset's `found_by`."""

    def filter_queryset(self, request, queryset, view):
        text = request.query_params.get("search", "")
        has_words = hasattr(queryset, "found_by")
        if text and not (has_words or getattr(view, "search_fields", None)):
            refuse("search", "This list has no search.")
        # A telephone number in groups is one word where it has been kept as one.
        terms = GROUPS.sub("", text).split() if has_words else self.get_search_terms(request)
        if len(text) > MAX_SEARCH or len(terms) > MAX_TERMS:
            refuse("search", f"At most {MAX_TERMS} words and {MAX_SEARCH} characters.")
        if text and has_words:
            return queryset.found_by(text)
        return super().filter_queryset(request, queryset, view)

    def get_schema_operation_parameters(self, view):
        if not (hasattr(view.queryset, "found_by") or getattr(view, "search_fields", None)):
            return []
        return [
            parameter("search", f"At most {MAX_TERMS} words, or their beginnings: all must fit.", {"type": "string"})
        ]


@dataclass(frozen=True)
class Key:
    """One column that a list is ordered by."""

    name: str
    expression: object
    descending: bool


class StrictOrdering(BaseFilterBackend):
    """`?ordering=-price,name`. A view's `orderings` map public names to expressions that are never null.

    Every ordering ends with id, in the direction of the last key, so that one index can serve all of it.
    """

    def filter_queryset(self, request, queryset, view):
        text = request.query_params.get("ordering") or view.default_ordering
        orderings = getattr(view, "orderings", {})
        keys = []
        for part in text.split(","):
            name, descending = part.strip().removeprefix("-"), part.strip().startswith("-")
            if name in {key.name for key in keys}:
                refuse("ordering", f"{name} is named twice.")
            if name not in orderings and name != "id":
                refuse("ordering", f"{name!r:.60} is not an ordering of this list. There are: {self.offer(orderings)}.")
            keys.append(Key(name, as_expression(orderings.get(name, "id")), descending))
        refuse_guarded(view, request, [key.name for key in keys])
        if keys[-1].name != "id":
            keys.append(Key("id", F("pk"), keys[-1].descending))
        view.ordering_keys = keys
        return queryset

    def offer(self, orderings):
        return ", ".join(sorted(orderings)) or "id"

    def get_schema_operation_parameters(self, view):
        names = [sign + name for name in getattr(view, "orderings", {}) for sign in ("", "-")] or ["id", "-id"]
        text = (
            f"One or more of {', '.join(names)}, separated by commas; - is descending. Default {view.default_ordering}."
        )
        return [parameter("ordering", text, {"type": "string"})]


def as_expression(what):
    return F(what) if isinstance(what, str) else what
