"""What a report may be asked, and how it answers."""

import datetime

from rest_framework import serializers
from rest_framework.exceptions import NotFound

from accounts.models import Location
from boutique.api.serializers import BIGGEST_ID, PLAIN_INTEGER, Choice, Day, HouseSerializer, Text
from reports.services.alterations import WorkGroup
from reports.services.movements import Period, days_of
from reports.services.papers import MOST_YEARS, Asked
from reports.services.sales import SalesGroup
from reports.services.sellthrough import CurveGroup, ThroughGroup
from reports.services.subscriptions import today
from skus.models import Category

USUAL_DAYS = 30


def refused(field, message, code="invalid"):
    return serializers.ValidationError({field: [serializers.ErrorDetail(message, code=code)]})


def ids_in(text):
    words = [word.strip() for word in text.split(",")]
    if not all(PLAIN_INTEGER.fullmatch(word) and 0 < int(word) <= BIGGEST_ID for word in words):
        raise serializers.ValidationError("An id, or several separated by commas.", code="invalid")
    return {int(word) for word in words}


class PlacesAsk(HouseSerializer):
    """Of which places (all one sees, if none is said), and of which goods."""

    location = Text(required=False, max_length=500, help_text="One place, or several separated by commas.")
    category = Text(required=False, max_length=500, help_text="One category with those below it, or several.")

    def validate_location(self, text):
        """A place that is not there for them is no wrong word: it does not exist (404)."""
        asked = ids_in(text)
        found = list(self.seen().filter(pk__in=asked))
        if len(found) < len(asked):
            raise NotFound
        return found

    def validate_category(self, text):
        within = Category.objects.none()
        for pk in ids_in(text):
            within |= Category.objects.within(pk)
        found = list(within.values_list("pk", flat=True))
        if not found:
            raise serializers.ValidationError("There is no such category.", code="not_found")
        return found

    def seen(self):
        return Location.objects.visible_to(self.person).order_by("code")

    @property
    def person(self):
        return self.context["request"].user

    def asked(self, said, since, until):
        places = said["location"] if "location" in said else list(self.seen())
        return Asked(by=self.person, places=places, since=since, until=until, categories=said.get("category"))


class DaysAsk(PlacesAsk):
    """From `after` to `before`, both days included; the last thirty if nothing is said."""

    after = Day(required=False, help_text="The first day.")
    before = Day(required=False, help_text="The last day.")

    def validate(self, said):
        until = said.get("before") or today()
        since = said.get("after") or until - datetime.timedelta(days=USUAL_DAYS - 1)
        refuse_wrong_days(since, until)
        return {"asked": self.asked(said, since, until)} | {
            name: said[name] for name in said.keys() - {"after", "before", "location", "category"}
        }


def refuse_wrong_days(since, until):
    if until < since:
        raise refused("before", f"Lies before the first day, {since}.")
    if (until - since).days > MOST_YEARS * 366:
        raise refused("after", f"At most {MOST_YEARS} years at once.", "too_long")


class MovementsAsk(PlacesAsk):
    """The day, week (from Monday) or month in which `date` lies, today if none is said; or from `after` to `before`."""

    period = Choice(Period.choices, required=False)
    date = Day(required=False)
    after = Day(required=False, help_text="The first day, instead of a period.")
    before = Day(required=False, help_text="The last day, instead of a period.")

    def validate(self, said):
        if not said.keys() & {"after", "before"}:
            period = said.get("period", Period.DAILY)
            since, until = days_of(period, said.get("date") or today())
            return {"asked": self.asked(said, since, until), "period": period}
        if both := said.keys() & {"period", "date"}:
            raise refused(min(both), "Ask for a period and its date, or for after and before: not for both.")
        until = said.get("before") or today()
        since = said.get("after") or until
        refuse_wrong_days(since, until)
        return {"asked": self.asked(said, since, until)}


class ValuationAsk(PlacesAsk):
    """At the end of which day; of today, as far as it has come, if none is said."""

    as_of = Day(required=False)

    def validate(self, said):
        day = said.get("as_of") or today()
        return {"asked": self.asked(said, day, day)}


class SalesAsk(DaysAsk):
    group_by = Choice(SalesGroup.choices, required=False, default=SalesGroup.DAY)


class SellThroughAsk(DaysAsk):
    group_by = Choice(ThroughGroup.choices, required=False, default=ThroughGroup.PRODUCT)


class SizeCurvesAsk(DaysAsk):
    group_by = Choice(CurveGroup.choices, required=False, default=CurveGroup.CATEGORY)


class AlterationsAsk(DaysAsk):
    category = None
    group_by = Choice(WorkGroup.choices, required=False, default=WorkGroup.TAILOR)


class ColumnSerializer(HouseSerializer):
    name = serializers.CharField(read_only=True)
    label = serializers.CharField(read_only=True)
    type = serializers.CharField(read_only=True)


class ReportSerializer(HouseSerializer):
    """`columns` says what each row holds, and `totals` what the figures come to. `chart` says which columns a picture
    of it shows."""

    title = serializers.CharField(read_only=True)
    filters = serializers.DictField(read_only=True)
    columns = ColumnSerializer(many=True, read_only=True)
    rows = serializers.ListField(child=serializers.DictField(), read_only=True)
    totals = serializers.DictField(read_only=True)
    chart = serializers.DictField(read_only=True, allow_null=True)
    generated_at = serializers.DateTimeField(read_only=True)
    generated_by = serializers.CharField(read_only=True)
