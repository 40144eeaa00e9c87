"""When work will be done: minutes, a queue and a calendar in, a day and its arithmetic out.

The workroom takes things in turn. A day has the minutes of whoever is there, less what never goes as planned, less what
is kept for haste. The same question has the same answer.
"""

import datetime
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_FLOOR, Decimal

HORIZON = 730  # days: who is not done by then is not asked again


@dataclass(frozen=True, kw_only=True)
class Worker:
    """Somebody on the bench: minutes of each weekday from Monday, and when they are away (first day, last day)."""

    week: Sequence[int]
    away: Collection[tuple[datetime.date, datetime.date]] = ()

    def minutes_on(self, day):
        is_away = any(first <= day <= last for first, last in self.away)
        return 0 if is_away else self.week[day.weekday()]


@dataclass(frozen=True, kw_only=True)
class Room:
    """The workroom: who is there, and which part of their time can be promised, in percent."""

    workers: Sequence[Worker]
    utilisation: Decimal = Decimal(80)
    reserve: Decimal = Decimal(15)  # of all minutes, for what is in a hurry

    def minutes_on(self, day, *, rush):
        share = self.utilisation - (0 if rush else self.reserve)
        whole = sum(worker.minutes_on(day) for worker in self.workers)
        return int((whole * max(share, Decimal(0)) / 100).to_integral_value(ROUND_FLOOR))


@dataclass(frozen=True, kw_only=True)
class Promise:
    """`promised_on` is None where the work is not done within two years."""

    promised_on: datetime.date | None
    minutes: int
    queue_minutes: int
    basis: list = field(default_factory=list)


def promise(*, room, minutes, queue, today, rush=False, min_days=0, fitting=False):
    """The first day on which work of so many minutes, behind a queue of so many, is sewn, checked and pressed."""
    needed, share = queue + minutes, room.utilisation - (0 if rush else room.reserve)
    basis = [f"{queue} minutes wait before it, {minutes} are its own: {needed} in all."]
    sewn, done = sewn_on(room, needed, today, rush=rush)
    people = len(room.workers)
    who = "1 tailor" if people == 1 else f"{people} tailors"
    basis.append(f"{who}, {share:f} % of their minutes: {done} minutes free from tomorrow until {sewn or 'for ever'}.")
    if sewn is None:
        return Promise(promised_on=None, minutes=minutes, queue_minutes=queue, basis=basis)
    if (least := today + datetime.timedelta(days=min_days)) > sewn:
        basis.append(f"This work takes {min_days} days at least: not before {least}.")
        sewn = least
    for needs, what in ((fitting, "a fitting"), (True, "checking and pressing")):
        if needs and (following := next_working_day(room, sewn)):
            sewn = following
            basis.append(f"A working day for {what}: {sewn}.")
    return Promise(promised_on=sewn, minutes=minutes, queue_minutes=queue, basis=basis)


def sewn_on(room, needed, today, *, rush):
    """(the day on which so many minutes have been free since tomorrow, how many there were by then)."""
    free = 0
    for number in range(1, HORIZON + 1):
        day = today + datetime.timedelta(days=number)
        there = room.minutes_on(day, rush=rush)
        free += there
        if there and free >= needed:
            return day, free
    return None, free


def next_working_day(room, day):
    for number in range(1, HORIZON + 1):
        following = day + datetime.timedelta(days=number)
        if any(worker.minutes_on(following) for worker in room.workers):
            return following
    return None
