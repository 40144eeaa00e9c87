"""The list of cases. A case is a function in bench/cases/: it prepares, and returns the function that says what to ask.

It is called once for each client, before the clock starts. The function it returns is called before each request.
A study asks nothing of the server: it yields the lines to print while it measures, and at last what it Found.
"""

import dataclasses
from collections.abc import Callable

CASES, STUDIES = {}, {}


@dataclasses.dataclass(frozen=True)
class Ask:
    """One request, and the status that answers it. `then` is given what the answer says."""

    method: str
    path: str
    token: str = ""
    body: dict | None = None
    headers: dict = dataclasses.field(default_factory=dict)
    expects: int = 200
    then: Callable | None = None


@dataclasses.dataclass(frozen=True)
class Case:
    name: str
    app: str
    prepare: Callable
    queries: int | None
    ratio: float | None
    as_slow_as: str | None
    grown_from: str | None = None
    growth: float | None = None

    @property
    def twin(self):
        """The case it is asked in turns with."""
        return self.as_slow_as or self.grown_from

    @property
    def words(self):
        return " ".join((self.prepare.__doc__ or "").split())


def case(*, queries=None, ratio=None, as_slow_as=None, grown_from=None, growth=None):
    """`queries`: at most so many statements. `ratio`: at most so many times the CPU of the floor.

    `as_slow_as` names another case: the two are asked in turns, and their median latencies may not tell them apart.
    `grown_from` names one that does the same with fewer rows: this may cost at most `growth` times its CPU.
    """

    def register(prepare):
        name = prepare.__name__.replace("_", "-")
        app = prepare.__module__.rpartition(".")[2]
        CASES[name] = Case(name, app, prepare, queries, ratio, as_slow_as, grown_from, growth)
        return prepare

    return register


@dataclasses.dataclass(frozen=True)
class Study:
    name: str
    app: str
    measure: Callable

    @property
    def words(self):
        return " ".join((self.measure.__doc__ or "").split())


@dataclasses.dataclass(frozen=True)
class Found:
    """What a study ends with: its figures, and which budgets are broken."""

    figures: list
    broken: list


def study(measure):
    name = measure.__name__.replace("_", "-")
    STUDIES[name] = Study(name, measure.__module__.rpartition(".")[2], measure)
    return measure


def chosen(words):
    """The cases and studies of these names or apps; without words, all."""
    found = [one for one in (CASES | STUDIES).values() if not words or {one.name, one.app} & set(words)]
    names = {name for one in found for name in (one.name, one.app)}
    if unknown := [word for word in words or () if word not in names]:
        raise SystemExit(f"There is no case {', '.join(unknown)}. There are: {', '.join(CASES | STUDIES)}.")
    return found


def listing():
    return "\n".join(f"{found.app:<12}{found.name:<22}{found.words}" for found in (CASES | STUDIES).values())
