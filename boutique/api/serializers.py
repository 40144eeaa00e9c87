"""Fields and serializers that take exactly what the contract names, and nothing that merely resembles it."""

import datetime
import re
import unicodedata
from decimal import Decimal
from functools import partial
from operator import attrgetter, methodcaller
from types import MappingProxyType

from django.core.exceptions import ObjectDoesNotExist
from django.db import models
from django.utils import timezone
from django.utils.functional import cached_property
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail
from rest_framework.relations import MANY_RELATION_KWARGS, PKOnlyObject
from rest_framework.validators import UniqueValidator

from boutique.models import DocumentEvent
from boutique.texts import is_invisible

BIGGEST_ID = 2**63 - 1
MOST_REFERENCES = 500
MOST_UNKNOWN = 20
PLAIN_INTEGER = re.compile(r"-?[0-9]{1,19}", re.ASCII)
PLAIN_DECIMAL = re.compile(r"-?[0-9]+(\.[0-9]+)?", re.ASCII)
SPACES = re.compile(" {2,}")
FIRST_DAY = datetime.date(2000, 1, 1)


class Text(serializers.CharField):
    """A text as people write it: NFC, no control characters; new lines and rows of spaces only in notes."""

    default_error_messages = {"control": "Holds control characters."}

    def __init__(self, *, notes=False, **options):
        self.notes = notes
        super().__init__(**options)

    def to_internal_value(self, data):
        if not isinstance(data, str):
            self.fail("invalid")
        text = unicodedata.normalize("NFC", super().to_internal_value(data))
        if not self.notes:
            text = SPACES.sub(" ", text)
        if is_invisible(text):
            self.fail("blank")
        allowed = "\n\r\t" if self.notes else ""
        if any(unicodedata.category(character) == "Cc" and character not in allowed for character in text):
            self.fail("control")
        return text


class WholeNumber(serializers.IntegerField):
    def to_internal_value(self, data):
        if isinstance(data, bool) or not isinstance(data, int | str) or not PLAIN_INTEGER.fullmatch(str(data)):
            self.fail("invalid")
        return int(data)


class Amount(serializers.DecimalField):
    """Money or a quantity: a decimal string such as "12.50"; no exponent, no NaN, no minus zero."""

    def to_internal_value(self, data):
        if isinstance(data, bool | float) or not isinstance(data, int | str | Decimal):
            self.fail("invalid")
        if not PLAIN_DECIMAL.fullmatch(str(data)):
            self.fail("invalid")
        return super().to_internal_value(str(data)) + 0  # minus zero becomes zero

    def to_representation(self, value):
        # As the database gives it: there is nothing to round, and rounding is a fifth of what a list of stock costs.
        if type(value) is Decimal and value.as_tuple().exponent == -self.decimal_places:
            return format(value, "f")
        return super().to_representation(value)


class Truth(serializers.BooleanField):
    """true or false; forms, which know only texts, may write them as such."""

    def to_internal_value(self, data):
        if not isinstance(data, bool) and data not in ("true", "false"):
            self.fail("invalid", input=data)
        return super().to_internal_value(data)


class Day(serializers.DateField):
    default_error_messages = {"range": "Lies before 2000 or more than five years ahead."}

    def to_internal_value(self, value):
        day = super().to_internal_value(value)
        if not FIRST_DAY <= day <= timezone.localdate() + datetime.timedelta(days=5 * 366):
            self.fail("range")
        return day


class Moment(serializers.DateTimeField):
    default_error_messages = {"range": Day.default_error_messages["range"]}

    def to_internal_value(self, value):
        try:
            moment = super().to_internal_value(value)
        except OverflowError:
            self.fail("range")
        if not FIRST_DAY <= moment.date() <= timezone.localdate() + datetime.timedelta(days=5 * 366):
            self.fail("range")
        return moment


class Choice(serializers.ChoiceField):
    def __init__(self, choices, **options):
        super().__init__(choices, **options)
        offer = ", ".join(str(choice) for choice in self.choices)
        self.error_messages["invalid_choice"] = f"{{input!r:.60}} is not one of: {offer}."


class Reference(serializers.PrimaryKeyRelatedField):
    """An id of a row the caller can see. Another's row and no row at all get the same answer."""

    default_error_messages = {"does_not_exist": "There is nothing with the id {pk_value} that you can see."}
    fetched = MappingProxyType({})  # by the list this stands in, see Lines

    def get_queryset(self):
        queryset = super().get_queryset()
        if queryset is not None and hasattr(queryset, "visible_to"):
            return queryset.visible_to(self.context["request"].user)
        return queryset

    @classmethod
    def many_init(cls, *args, **options):
        of_list = {name: value for name, value in options.items() if name in MANY_RELATION_KWARGS}
        of_each = {name: value for name, value in options.items() if name not in ("required", "allow_empty")}
        return References(child_relation=cls(*args, **of_each), **of_list)

    def to_internal_value(self, data):
        pk = self.checked_id(data)
        if pk in self.fetched:
            return self.fetched[pk]
        return super().to_internal_value(pk)

    def checked_id(self, data):
        if isinstance(data, bool) or not isinstance(data, int | str) or not PLAIN_INTEGER.fullmatch(str(data)):
            self.fail("incorrect_type", data_type=type(data).__name__)
        if not 0 < int(data) <= BIGGEST_ID:
            self.fail("does_not_exist", pk_value=data)
        return int(data)


class References(serializers.ManyRelatedField):
    """A list of ids, looked up in one query however long it is."""

    default_error_messages = {"too_many": "At most {most} entries."}

    def to_internal_value(self, data):
        if not isinstance(data, list):
            self.fail("not_a_list", input_type=type(data).__name__)
        if len(data) > MOST_REFERENCES:
            self.fail("too_many", most=MOST_REFERENCES)
        if not (data or self.allow_empty):
            self.fail("empty")
        problems, ids = {}, {}
        for index, raw in enumerate(data):
            try:
                ids[index] = self.child_relation.checked_id(raw)
            except serializers.ValidationError as error:
                problems[index] = error.detail
        rows = self.child_relation.get_queryset().in_bulk(set(ids.values()))
        for index in ids:
            if ids[index] not in rows:
                message = self.child_relation.error_messages["does_not_exist"].format(pk_value=ids[index])
                problems[index] = [ErrorDetail(message, code="does_not_exist")]
        if problems:
            raise serializers.ValidationError(problems)
        return [rows[pk] for pk in dict.fromkeys(ids.values())]


class Label(serializers.CharField):
    """Words beside an id: the name of who made it, the code of its place. Null where there is none."""

    def __init__(self, source):
        super().__init__(source=source, read_only=True, default=None, allow_null=True)


class Strict:
    """Refuses what it does not know, and what is not the client's to say, together with all other errors."""

    def to_internal_value(self, data):
        problems = self.unwanted(data) if hasattr(data, "keys") else {}
        try:
            value = super().to_internal_value(data)
        except serializers.ValidationError as error:
            raise serializers.ValidationError(error.detail | problems) from None
        if problems:
            raise serializers.ValidationError(problems)
        return value

    @cached_property
    def writable(self):
        return {name for name, field in self.fields.items() if not field.read_only}

    def unwanted(self, data):
        wrong = sorted(data.keys() - self.writable)[:MOST_UNKNOWN]
        if not wrong:
            return {}
        ours = self.fields.keys() | self.context.get("read_only_names", ())
        not_yours = ErrorDetail("This is not yours to set.", code="read_only")
        unknown = ErrorDetail(
            f"Not known here. Known: {', '.join(sorted(self.writable)) or 'nothing'}.", code="unknown_field"
        )
        return {name: [not_yours if name in ours else unknown] for name in wrong}


class Expandable:
    """`?expand=location` puts the object where its id stands. `expandable` names the serializer of each."""

    expandable = {}

    def get_fields(self):
        fields = super().get_fields()
        asked = getattr(self.context.get("view"), "expanded", ())
        if self.parent is None or getattr(self.parent, "parent", None) is None:
            for name in self.expandable.keys() & set(asked):
                many = isinstance(fields[name], serializers.ManyRelatedField)
                fields[name] = self.expandable[name](read_only=True, many=many)
        return fields


class Guarded:
    """Fields that vanish for people without a permission: `guarded = {"price": "skus.view_price"}`."""

    guarded = {}

    def get_fields(self):
        fields = super().get_fields()
        request = self.context.get("request")
        if request is not None and self.guarded:
            for name, permission in self.guarded.items():
                if not request.user.has_perm(permission):
                    fields[name].write_only = True  # not shown; whether they may set it the service knows
        return fields


class Lines(serializers.ListSerializer):
    """Many lines at once: the rows they name are fetched in one query, not line by line."""

    def to_internal_value(self, data):
        if isinstance(data, list):
            for name, field in self.child.fields.items():
                if isinstance(field, Reference) and not field.read_only:
                    field.fetched = self.rows_named(field, [line.get(name) for line in data if hasattr(line, "get")])
        return super().to_internal_value(data)

    def rows_named(self, field, raw):
        if (rows := self.context.get("fetched", {}).get(field.field_name)) is not None:
            return rows  # by whoever reads many such documents at once
        # Too many lines are refused anyway: they need not be looked up first.
        ids = {int(pk) for pk in raw[: self.max_length] if PLAIN_INTEGER.fullmatch(str(pk)) and pk is not True}
        return field.get_queryset().order_by().in_bulk([pk for pk in ids if 0 < pk <= BIGGEST_ID])


class HouseSerializer(Strict, Guarded, Expandable, serializers.Serializer):
    """For input that is not one row, and answers that are no row at all."""

    class Meta:
        list_serializer_class = Lines


class Quick:
    """Shows rows as DRF does, but asks each field only once how: row by row, that is most of what a list costs."""

    @cached_property
    def ways(self):
        return [(field.field_name, *way_of(field)) for field in self._readable_fields]

    def to_representation(self, row):
        shown = {}
        for name, value_in, as_shown in self.ways:
            try:
                value = value_in(row)
            except serializers.SkipField:
                continue
            shown[name] = value if value is None else as_shown(value)
        return shown


def way_of(field):
    """How a field finds its value in a row, and how it shows it."""
    kind, path = type(field), field.source_attrs
    if isinstance(field, Reference) and len(path) == 1:
        return methodcaller("serializable_value", path[0]), int
    is_plain = kind.get_attribute is serializers.Field.get_attribute and path
    if not is_plain or isinstance(field, serializers.BaseSerializer):
        return partial(attribute_in, field), field.to_representation
    return partial(value_at, field, attrgetter(".".join(path))), SHOWN_BY.get(
        kind.to_representation, field.to_representation
    )


def attribute_in(field, row):
    value = field.get_attribute(row)
    return None if isinstance(value, PKOnlyObject) and value.pk is None else value


def value_at(field, getter, row):
    try:
        value = getter(row)
    except (AttributeError, ObjectDoesNotExist):
        return field.get_attribute(row)  # by a method on the way, or nothing there: DRF knows
    return value() if callable(value) else value


def moment_shown(value):
    return value.astimezone(datetime.UTC).isoformat().removesuffix("+00:00") + "Z"


# What these fields would do with each value, without the questions they ask first.
SHOWN_BY = {
    serializers.CharField.to_representation: str,
    serializers.IntegerField.to_representation: int,
    serializers.DateTimeField.to_representation: moment_shown,
}


class HouseModelSerializer(Quick, Strict, Guarded, Expandable, serializers.ModelSerializer):
    serializer_field_mapping = serializers.ModelSerializer.serializer_field_mapping | {
        models.CharField: Text,
        models.TextField: Text,
        models.SlugField: Text,
        models.IntegerField: WholeNumber,
        models.PositiveIntegerField: WholeNumber,
        models.PositiveSmallIntegerField: WholeNumber,
        models.SmallIntegerField: WholeNumber,
        models.BigIntegerField: WholeNumber,
        models.DecimalField: Amount,
        models.BooleanField: Truth,
        models.DateField: Day,
        models.DateTimeField: Moment,
    }
    serializer_related_field = Reference
    serializer_choice_field = Choice

    def build_standard_field(self, field_name, model_field):
        field_class, options = super().build_standard_field(field_name, model_field)
        if isinstance(model_field, models.TextField) and issubclass(field_class, Text):
            options = {"notes": True, "max_length": 5000} | options
        # A taken value is 409 and the database says so (boutique.api.problems.duplicate), not a 400 that may be outrun.
        if others := [check for check in options.pop("validators", ()) if not isinstance(check, UniqueValidator)]:
            options["validators"] = others
        return field_class, options

    def get_validators(self):
        return []


class EventSerializer(HouseModelSerializer):
    """One line of a log: `from` and `to` are states, `changes` says of each field what it was and what it is."""

    by_name = Label("by.get_full_name")
    changes = serializers.DictField(read_only=True)

    class Meta:
        model = DocumentEvent
        fields = ["id", "at", "by", "by_name", "kind", "note", "changes"]

    def get_fields(self):
        # `from` is a word of Python and cannot be declared above.
        ends = {"from": serializers.CharField(source="before"), "to": serializers.CharField(source="after")}
        return super().get_fields() | ends


class Nothing(HouseSerializer):
    """A verb that needs no further words."""


class Note(HouseSerializer):
    note = Text(notes=True, max_length=1000, required=False, allow_blank=True, default="")


class Because(Note):
    """Why not. `reason` is another word for `note`; who sends both has both kept."""

    reason = Text(notes=True, max_length=1000, required=False, allow_blank=True)

    def validate(self, sent):
        said = dict.fromkeys(word for word in (sent["note"], sent.get("reason")) if word)
        return {"note": "\n".join(said)[:1000]}


class Reason(HouseSerializer):
    reason = Text(notes=True, max_length=1000)
