from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from accounts.models import User
from boutique.models import Record

WORKING_WEEK = [480, 480, 480, 480, 480, 0, 0]  # from Monday: of whoever has said nothing else


def working_week():
    return list(WORKING_WEEK)


class Bench(Record):
    """What a tailor can sew, and when they are there."""

    person = models.OneToOneField(User, models.PROTECT, primary_key=True, related_name="bench")
    minutes_by_day = ArrayField(models.PositiveSmallIntegerField(), size=7, default=working_week)  # from Monday
    # {garment type or code of a service: level}; empty: everything.
    skills = models.JSONField(default=dict, blank=True)

    class Meta:
        verbose_name = "tailor"
        constraints = [
            models.CheckConstraint(condition=Q(minutes_by_day__len=7), name="bench_has_a_week"),
        ]

    def __str__(self):
        return str(self.person)


class TimeOff(models.Model):
    """Days on which a tailor is not there; both belong to it."""

    bench = models.ForeignKey(Bench, models.CASCADE, related_name="time_off", db_index=False)
    first_day = models.DateField()
    last_day = models.DateField()

    class Meta:
        ordering = ["first_day", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(last_day__gte=F("first_day")), name="time_off_in_order"),
        ]
        indexes = [models.Index(fields=["bench", "first_day"], name="time_off_by_tailor")]

    def __str__(self):
        return f"{self.first_day} to {self.last_day}"
