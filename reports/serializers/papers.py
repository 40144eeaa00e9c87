"""What a report may be asked, and how it answers."""

from rest_framework import serializers

from boutique.api.serializers import BIGGEST_ID, PLAIN_INTEGER, Choice, Day, HouseSerializer, Text
from reports.models.subscriptions import Subscription, days_of
from reports.serializers.answers import ColumnSerializer, FiltersSerializer
from reports.serializers.questions import MOST_DAYS, Places, QuestionSerializer, seen_by, wrong
from reports.services.alterations import WorkGroup
from reports.services.asking import latest_today
from reports.services.papers import AskedOnPaper
from reports.services.sales import SalesGroup
from reports.services.sellthrough import CurveGroup, ThroughGroup
from skus.models import Category

MOST_CATEGORIES = 20


class Categories(Text):
    """Ids, separated by commas: those categories, and all below them."""

    default_error_messages = {"not_found": "There is no such category."}

    def __init__(self, **options):
        super().__init__(required=False, max_length=400, help_text="One category, or several ids by commas.", **options)

    def to_internal_value(self, data):
        parts = [part.strip() for part in super().to_internal_value(data).split(",")]
        if not all(PLAIN_INTEGER.fullmatch(part) for part in parts) or len(parts) > MOST_CATEGORIES:
            raise serializers.ValidationError(f"At most {MOST_CATEGORIES} ids, separated by commas.", code="invalid")
        ids = {int(part) for part in parts}
        known = [pk for pk in ids if 0 < pk <= BIGGEST_ID]
        found = tuple(Category.objects.within(*known).order_by("pk").values_list("pk", flat=True))
        if not ids <= set(found):
            self.fail("not_found")
        return found


class PaperQuestionSerializer(QuestionSerializer):
    category = Categories()

    asked_as = AskedOnPaper

    def checked(self, asked):
        if asked.days > MOST_DAYS:
            raise wrong("after", f"At most {MOST_DAYS} days at once.")
        return asked.on_behalf_of(self.context["request"].user)


class OfOneDay(HouseSerializer):
    """A question that names its days in a word of its own."""

    location = Places(required=False, help_text="One place, or several ids separated by commas; all, if left out.")
    category = Categories()

    def asked(self, sent, days, **more):
        user, named = self.context["request"].user, "location" in sent
        places = sent["location"] if named else tuple(seen_by(user))
        after, before = days(latest_today(places))
        return AskedOnPaper(
            by=user, places=places, named=named, after=after, before=before, category=sent.get("category"), **more
        )


class ValuationQuestionSerializer(OfOneDay):
    """A valuation has no beginning: `after` is only checked."""

    as_of = Day(required=False, help_text="At the end of this day; of today, as far as it has come, if left out.")
    after = Day(required=False, help_text="Changes nothing, as every report may be asked it; no later than the day.")
    before = Day(required=False, help_text="The same as as_of, which comes first.")

    def validate(self, sent):
        asked = self.asked(sent, lambda today: [sent.get("as_of", sent.get("before", today))] * 2)
        if sent.get("after", asked.before) > asked.before:
            raise wrong("after", f"The period ends ({asked.before}) before it starts ({sent['after']}).")
        return asked


class MovementsQuestionSerializer(OfOneDay):
    """A day, week (from Monday) or month, and a `date` in it; or instead of both `after` and `before`."""

    period = Choice(Subscription.Frequency.choices, required=False, help_text="daily, if left out.")
    date = Day(required=False, help_text="A day of the period; today, if left out.")
    after = Day(required=False, help_text="In place of a period: from this day on.")
    before = Day(required=False, help_text="In place of a period: up to this day.")

    def validate(self, sent):
        if not sent.keys() & {"after", "before"}:
            period = sent.get("period", Subscription.Frequency.DAILY)
            return self.asked(sent, lambda today: days_of(period, sent.get("date", today)), period=period)
        if both := sorted(sent.keys() & {"period", "date"}):
            raise wrong(both[0], "Say either a period and a date in it, or after and before.")
        return self.checked(self.asked(sent, lambda today: self.days(sent, today)))

    def days(self, sent, today):
        before = sent.get("before", today)
        return sent.get("after", before), before

    def checked(self, asked):
        if asked.after > asked.before:
            raise wrong("after", f"The period ends ({asked.before}) before it starts ({asked.after}).")
        if asked.days > MOST_DAYS:
            raise wrong("after", f"At most {MOST_DAYS} days at once.")
        return asked


class SalesQuestionSerializer(PaperQuestionSerializer):
    group_by = Choice(SalesGroup.choices, required=False, default=SalesGroup.DAY)


class SellThroughQuestionSerializer(PaperQuestionSerializer):
    group_by = Choice(ThroughGroup.choices, required=False, default=ThroughGroup.PRODUCT)


class SizeCurvesQuestionSerializer(PaperQuestionSerializer):
    group_by = Choice(CurveGroup.choices, required=False, default=CurveGroup.CATEGORY)


class AlterationsQuestionSerializer(PaperQuestionSerializer):
    category = None
    group_by = Choice(WorkGroup.choices, required=False, default=WorkGroup.TAILOR)


class ReportFiltersSerializer(FiltersSerializer):
    category = serializers.ListField(
        child=serializers.IntegerField(), read_only=True, allow_null=True, help_text="With all below them."
    )
    group_by = serializers.CharField(read_only=True, allow_null=True)
    period = serializers.CharField(read_only=True, allow_null=True)
    as_of = serializers.DateField(read_only=True, allow_null=True)


class PictureSerializer(HouseSerializer):
    """Which columns a picture of it shows: bars, the longest first, or columns in their order."""

    kind = serializers.CharField(read_only=True)
    labels = serializers.CharField(read_only=True)
    values = serializers.CharField(read_only=True)


class ReportSerializer(HouseSerializer):
    """`columns` says what a row holds; decimals are texts. `totals` are what the figures come to."""

    title = serializers.CharField(read_only=True)
    filters = ReportFiltersSerializer(read_only=True)
    columns = ColumnSerializer(many=True, read_only=True)
    rows = serializers.ListField(child=serializers.DictField(), read_only=True)
    totals = serializers.DictField(read_only=True)
    chart = PictureSerializer(read_only=True, allow_null=True)
    generated_at = serializers.DateTimeField(read_only=True)
    generated_by = serializers.CharField(read_only=True)
