"""What a dashboard or a report may be asked, all errors at once."""

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, NotFound

from accounts.models import Location
from boutique.api.serializers import (
    BIGGEST_ID,
    FIRST_DAY,
    PLAIN_INTEGER,
    Choice,
    Day,
    HouseSerializer,
    WholeNumber,
)
from reports.services.asking import (
    DAY,
    GROUPS,
    MOST_POINTS,
    USUAL_DAYS,
    Asked,
    AskedByTime,
    AskedForMost,
    latest_today,
    points,
)

MOST_PLACES = 100
MOST_DAYS = 3660
MOST_ROWS = 500
MOST_GROUPED_ROWS = 2000


@extend_schema_field(OpenApiTypes.STR)
class Places(serializers.Field):
    """Ids, separated by commas. A place that the caller does not see is not there: 404."""

    default_error_messages = {
        "invalid": "A place's id, or several separated by commas.",
        "too_many": "At most {most} places; leave it out to ask for all.",
    }

    def to_internal_value(self, text):
        parts = text.split(",")
        if not all(PLAIN_INTEGER.fullmatch(part.strip()) for part in parts):
            self.fail("invalid")
        ids = {int(part) for part in parts}
        if len(ids) > MOST_PLACES:
            self.fail("too_many", most=MOST_PLACES)
        places = seen_by(self.context["request"].user).filter(pk__in=[pk for pk in ids if 0 < pk <= BIGGEST_ID])
        if len(places) < len(ids):
            raise NotFound
        return tuple(places)


def seen_by(user):
    return Location.objects.visible_to(user).only("code", "name", "kind", "timezone").order_by("code")


class QuestionSerializer(HouseSerializer):
    """`after` and `before` are business days, and both count. Without them: the last 30 days, or as many as `days`
    says, until today in the place where today is furthest."""

    location = Places(required=False, help_text="One place, or several ids separated by commas; all, if left out.")
    after = Day(required=False, help_text="On this business day or later.")
    before = Day(required=False, help_text="On this business day or earlier.")
    days = WholeNumber(required=False, min_value=1, max_value=MOST_DAYS, help_text="In place of after: so many days.")

    asked_as = Asked  # and what a subclass asks beside it is a field there

    def validate(self, sent):
        if "days" in sent and "after" in sent:
            raise wrong("days", "Say either how many days, or after which.")
        named = "location" in sent
        places = sent.pop("location", None) or tuple(seen_by(self.context["request"].user))
        before = sent.pop("before", None) or latest_today(places)
        after = sent.pop("after", None) or self.first_day(before, sent.pop("days", None))
        if after > before:
            raise wrong("after", f"The period ends ({before}) before it starts ({after}).")
        return self.checked(self.asked_as(places=places, named=named, after=after, before=before, **sent))

    def first_day(self, before, days):
        return before - DAY * ((days or USUAL_DAYS) - 1)

    def checked(self, asked):
        """What a subclass refuses of it."""
        return asked


class SinceEverSerializer(QuestionSerializer):
    """Without `after` or `days`: since ever."""

    def first_day(self, before, days):
        return super().first_day(before, days) if days else FIRST_DAY


class CurveQuestionSerializer(QuestionSerializer):
    """One point for each day of the period."""

    asked_as = AskedByTime

    def checked(self, asked):
        if len(asked.points) > MOST_POINTS:
            wider = " or ".join(GROUPS[GROUPS.index(asked.group_by) + 1 :])
            advice = f"ask by {wider} (group_by), or for" if wider and "group_by" in self.fields else "ask for"
            raise wrong("after", f"At most {MOST_POINTS} {asked.group_by}s at once: {advice} a shorter period.")
        return asked


class GroupedQuestionSerializer(CurveQuestionSerializer):
    """One row for each `group_by`: day, week (from Monday), or month."""

    group_by = Choice(choices=[(group, group) for group in GROUPS], required=False)


class TopQuestionSerializer(QuestionSerializer):
    """The first `limit`; with `group_by`, of each day, week or month."""

    asked_as = AskedForMost
    limit = WholeNumber(required=False, min_value=1, max_value=MOST_ROWS, help_text="So many rows; 50, if left out.")
    group_by = Choice(choices=[(group, group) for group in GROUPS], required=False)

    def checked(self, asked):
        starts = len(points(asked.after, asked.before, asked.group_by)) if asked.group_by else 1
        if starts * asked.limit > MOST_GROUPED_ROWS:
            message = f"These would be more than {MOST_GROUPED_ROWS} rows: ask for fewer of each, or wider groups."
            raise wrong("limit", message)
        return asked


def wrong(name, message):
    return serializers.ValidationError({name: [ErrorDetail(message, code="invalid")]})
