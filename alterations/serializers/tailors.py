"""Tailors and what they can; the catalogue of services."""

import datetime
from decimal import Decimal

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.models import Location, User
from accounts.serializers import RECORD_FIELDS
from alterations.models import AlterationService, GarmentType, ServicePrice
from alterations.models.tailors import WORKING_WEEK
from alterations.services import planning
from boutique.api.serializers import (
    Choice,
    Day,
    HouseModelSerializer,
    HouseSerializer,
    Label,
    Reference,
    Text,
    WholeNumber,
)
from orders.serializers.orders import MONEY, Money
from skus.models import MOST_MONEY

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
LONGEST_DAY = 24 * 60


# ------------------------------------------------------------------------------------------------ the catalogue


class AlterationServiceSerializer(HouseModelSerializer):
    """No garment types: for all of them. `price_from` and `price_to` are what it usually costs."""

    guarded = dict.fromkeys(("price", "price_from", "price_to"), MONEY)
    garment_types = serializers.ListField(child=Choice(choices=GarmentType.choices), required=False, max_length=15)
    minutes = WholeNumber(min_value=1, max_value=6000)
    price = Money(min_value=0, max_value=MOST_MONEY)
    price_from = Money(required=False, allow_null=True, min_value=0, max_value=MOST_MONEY)
    price_to = Money(required=False, allow_null=True, min_value=0, max_value=MOST_MONEY)
    skill = WholeNumber(required=False, min_value=1, max_value=5)
    min_days = WholeNumber(required=False, min_value=0, max_value=365)
    keywords = serializers.ListField(child=Text(max_length=60), required=False, max_length=50)
    swallows = serializers.ListField(child=Text(max_length=40), required=False, max_length=20)
    created_by_name = Label("created_by.get_full_name")

    class Meta:
        model = AlterationService
        fields = [
            "id", "code", "name", "description", "garment_types", "minutes", "price", "price_from", "price_to", "skill",
            "needs_fitting", "min_days", "keywords", "seam", "direction", "swallows", "is_active", *RECORD_FIELDS,
        ]  # fmt: skip
        read_only_fields = RECORD_FIELDS


class ServiceChangeSerializer(AlterationServiceSerializer):
    code = serializers.CharField(read_only=True)


class ServicePriceSerializer(HouseModelSerializer):
    """What it costs from a day on, everywhere or in one place; on that day and after, it stands for `price`."""

    price = Money(min_value=0, max_value=MOST_MONEY)
    location = Reference(queryset=Location.objects.exclude(kind="transit"), required=False, allow_null=True)
    location_code = Label("location.code")
    by_name = Label("by.get_full_name")

    class Meta:
        model = ServicePrice
        fields = ["id", "service", "price", "starts_on", "location", "location_code", "at", "by", "by_name"]
        read_only_fields = ["service", "at", "by"]


# ------------------------------------------------------------------------------------------------ tailors


class TailorSerializer(HouseModelSerializer):
    """`id` is that of the person. `weekly_minutes` are from Monday to Sunday; no `skills` means all of them."""

    name = serializers.CharField(source="get_full_name", read_only=True)
    locations = serializers.SerializerMethodField()
    location_codes = serializers.SerializerMethodField()
    skills = serializers.SerializerMethodField()
    weekly_minutes = serializers.SerializerMethodField()
    time_off = serializers.SerializerMethodField()
    open_minutes = serializers.IntegerField(read_only=True)
    next_free_day = serializers.SerializerMethodField()
    rework_rate = serializers.SerializerMethodField()

    class Meta:
        model = User
        fields = [
            "id", "username", "name", "locations", "location_codes", "skills", "weekly_minutes", "time_off",
            "open_minutes", "next_free_day", "rework_rate",
        ]  # fmt: skip
        read_only_fields = fields

    def get_locations(self, person) -> list[int]:
        return [place.pk for place in person.locations.all()]

    def get_location_codes(self, person) -> list[str]:
        return [place.code for place in person.locations.all()]

    def get_skills(self, person) -> list[dict]:
        return [{"skill": name, "level": level} for name, level in sorted(planning.skills_of(person).items())]

    def get_weekly_minutes(self, person) -> list[int]:
        bench = getattr(person, "bench", None)
        return list(bench.minutes_by_day) if bench else list(WORKING_WEEK)

    def get_time_off(self, person) -> list[dict]:
        bench = getattr(person, "bench", None)
        days = bench.time_off.all() if bench else ()
        return [{"from": str(off.first_day), "to": str(off.last_day)} for off in days]

    @extend_schema_field(serializers.DateField(allow_null=True))
    def get_next_free_day(self, person):
        places = person.locations.all()
        today = places[0].today if places else datetime.datetime.now(datetime.UTC).date()
        day = planning.next_free_day(person, today)
        return day and day.isoformat()

    @extend_schema_field(serializers.DecimalField(max_digits=6, decimal_places=3, allow_null=True))
    def get_rework_rate(self, person):
        if not person.finished:
            return None
        return str((Decimal(person.sent_back) / person.finished).quantize(Decimal("0.001")))


@extend_schema_field({"type": "array", "items": {"type": "integer"}, "minItems": 7, "maxItems": 7})
class Week(serializers.Field):
    """Minutes from Monday to Sunday; or of a whole week, spread over Monday to Friday; or by the name of the day."""

    default_error_messages = {
        "invalid": "Seven numbers of minutes from Monday, one for the whole week, or {{mon: 480, …}}.",
        "range": "A day has 0 to 1440 minutes.",
    }

    def to_internal_value(self, sent):
        days = self.days_in(sent)
        if days is None or not all(isinstance(day, int) and not isinstance(day, bool) for day in days):
            self.fail("invalid")
        if not all(0 <= day <= LONGEST_DAY for day in days):
            self.fail("range")
        return days

    def days_in(self, sent):
        if isinstance(sent, int) and not isinstance(sent, bool):
            return [sent // 5 + (day < sent % 5) for day in range(5)] + [0, 0]
        if isinstance(sent, dict) and set(sent) <= set(WEEKDAYS):
            return [sent.get(day, 0) for day in WEEKDAYS]
        return sent if isinstance(sent, list) and len(sent) == len(WEEKDAYS) else None


@extend_schema_field({"type": "array", "items": {"type": "string"}})
class Skills(serializers.Field):
    """Garment types or codes of services, plain or as {skill, level}; none of them: everything."""

    default_error_messages = {
        "invalid": "A list of garment types or codes of services, or of {{skill, level}}, the level from 1 to 5.",
        "unknown": "{name} is neither a garment type nor the code of a service.",
    }

    def to_internal_value(self, sent):
        if not isinstance(sent, list) or len(sent) > 200:
            self.fail("invalid")
        found = dict(self.one(entry) for entry in sent)
        known = {*GarmentType.values, *AlterationService.objects.filter(code__in=found).values_list("code", flat=True)}
        for name in sorted(set(found) - known):
            self.fail("unknown", name=name[:60])
        return found

    def one(self, entry):
        if isinstance(entry, str):
            return entry, 5
        if not isinstance(entry, dict) or not set(entry) <= {"skill", "level"}:
            self.fail("invalid")
        name, level = entry.get("skill"), entry.get("level", 5)
        if not isinstance(name, str) or isinstance(level, bool) or not isinstance(level, int) or not 1 <= level <= 5:
            self.fail("invalid")
        return name, level


@extend_schema_field({"type": "array", "items": {"type": "string", "format": "date"}})
class Away(serializers.Field):
    """Days, or {from, to}."""

    default_error_messages = {
        "invalid": "A list of days, or of {{from, to}}.",
        "order": "The last day lies before the first.",
    }

    def to_internal_value(self, sent):
        if not isinstance(sent, list) or len(sent) > 200:
            self.fail("invalid")
        return [self.one(entry) for entry in sent]

    def one(self, entry):
        if isinstance(entry, dict) and set(entry) == {"from", "to"}:
            first, last = (Day().run_validation(entry[end]) for end in ("from", "to"))
        elif isinstance(entry, str):
            first = last = Day().run_validation(entry)
        else:
            self.fail("invalid")
        if last < first:
            self.fail("order")
        return first, last


class TailorChangeSerializer(HouseSerializer):
    weekly_minutes = Week(source="minutes_by_day", required=False)
    skills = Skills(required=False)
    time_off = Away(required=False)
