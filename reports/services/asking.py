"""What every dashboard and every report is asked: of which places, and of which days."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from django.utils import timezone

from accounts.models import Location

DAY = timedelta(days=1)
USUAL_DAYS = 30
MOST_POINTS = 400  # of a curve, or rows by time
GROUPS = ("day", "week", "month")


@dataclass(frozen=True, kw_only=True)
class Asked:
    """The places, all of which the caller sees, and the business days, both of which count."""

    places: tuple[Location, ...]
    after: date
    before: date
    named: bool = field(default=False)  # the caller said which places

    @property
    def ids(self):
        return [place.pk for place in self.places]

    @property
    def days(self):
        return (self.before - self.after) // DAY + 1

    @property
    def filters(self):
        """As the answer repeats it; without places it was asked of all that the caller sees."""
        said = [place for place in self.places if self.named]
        return {
            "location": [place.pk for place in said],
            "location_codes": [place.code for place in said],
            "after": self.after,
            "before": self.before,
        }


@dataclass(frozen=True, kw_only=True)
class AskedByTime(Asked):
    """The same, as a curve: one point for each day, week or month."""

    group_by: str = "day"

    @property
    def filters(self):
        return super().filters | {"group_by": self.group_by}

    @property
    def points(self):
        """The first day of each."""
        return points(self.after, self.before, self.group_by)


@dataclass(frozen=True, kw_only=True)
class AskedForMost(Asked):
    """The same, for the first few; of each week or month, if it says so."""

    limit: int = 50
    group_by: str | None = None

    @property
    def filters(self):
        return super().filters | {"group_by": self.group_by, "limit": self.limit}


def begun(day, group_by):
    """The first day of the week (Monday) or month in which this day lies."""
    if group_by == "week":
        return day - DAY * day.weekday()
    return day.replace(day=1) if group_by == "month" else day


def points(after, before, group_by):
    found, start = [], begun(after, group_by)
    while start <= before:
        found.append(start)
        start = begun(start + DAY * {"day": 1, "week": 7, "month": 31}[group_by], group_by)
    return found


def latest_today(places):
    """The furthest of the days that it is in these places now: nothing sold today is left out anywhere."""
    zones = {place.timezone for place in places}
    return max((timezone.localdate(timezone=ZoneInfo(zone)) for zone in zones), default=timezone.localdate())
