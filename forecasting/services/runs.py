"""Forecast runs: starting, doing them piece by piece, finishing, cancelling.

A piece (a chunk) is claimed with SKIP LOCKED, reckoned and written in one transaction. So any number of workers on any
number of machines share a run, and what a worker that dies had begun is as if it had never been: another claims it.
"""

from contextlib import contextmanager
from datetime import timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Exists, Max, OuterRef
from django.db.models.functions import Coalesce, Greatest
from django.utils import timezone

from accounts.models import Location
from boutique.documents import locked_again
from boutique.errors import Forbidden, IllegalTransition, Invalid, RuleError, line_error
from forecasting.models import Forecast, ForecastChunk, ForecastRun, ReorderSuggestion, RunPlace
from forecasting.services import history, reckoning
from forecasting.tasks import carry_out
from inventory.models import StockMovement

Status = ForecastRun.Status
LONGEST_HORIZON = 52
# What a piece may hold at most: its arrays stay below some ten megabytes, however long the history.
MOST_SERIES, MOST_CELLS = 2000, 210_000
MOST_HELPERS = 15
# So long without a finished piece, and nobody is at work on it any more.
LEFT_LYING = timedelta(minutes=15)
KEPT_FOR = timedelta(days=90)
DECIDED_KEPT_FOR = timedelta(days=365)


class AlreadyRunning(RuleError):
    code = "already_running"
    title = "A forecast is running"


# ------------------------------------------------------------------------------------------------ asked for


@transaction.atomic
def start(*, by, locations=None, horizon_weeks=None):
    """Has the forecasts of these places made anew, of all of one's own if none are named. `by` is nobody: the clock."""
    weeks = settings.BOUTIQUE_FORECAST_WEEKS if horizon_weeks is None else horizon_weeks
    refuse_horizon(weeks)
    places = asked_places(by, locations)
    run = ForecastRun.objects.create(
        horizon_weeks=weeks,
        start=history.monday_of(timezone.localdate(timezone=ZoneInfo(settings.BOUTIQUE_TIME_ZONE))),
        created_by=by,
        updated_by=by,
    )
    take_places(run, places)
    carry_out.enqueue(run.pk)
    return run


def asked_places(by, locations):
    places = list(locations) if locations else own_places(by)
    refuse_places(places)
    return places


def unfinished(places):
    """The open run of exactly these places."""
    ids = {place.pk for place in places}
    row = RunPlace.objects.filter(is_open=True, location__in=ids).select_related("run").first()
    same = row and set(row.run.places.values_list("location", flat=True)) == ids
    return row.run if same else None


def own_places(by):
    places = Location.objects.filter(is_active=True).exclude(kind=Location.Kind.TRANSIT)
    return list(places if by is None else places.visible_to(by))


def refuse_horizon(weeks):
    if not 1 <= weeks <= LONGEST_HORIZON:
        text = f"Between 1 and {LONGEST_HORIZON} weeks."
        raise Invalid(text, errors=[line_error("horizon_weeks", "invalid", text)])


def refuse_places(places):
    if not places:
        text = "There is no place to forecast for."
        raise Invalid(text, errors=[line_error("locations", "required", text)])
    closed = [place for place in places if not place.is_active]
    if closed:
        text = f"{closed[0]} has closed."
        raise Invalid(text, errors=[line_error("locations", "inactive", text)])


def take_places(run, places):
    """Whoever is second waits here for the first, and is then told of them."""
    ids = sorted(place.pk for place in places)
    RunPlace.objects.bulk_create((RunPlace(run=run, location_id=pk) for pk in ids), ignore_conflicts=True)
    if run.places.count() == len(ids):
        return
    other = RunPlace.objects.filter(is_open=True, location__in=ids).exclude(run=run).select_related("run", "location")
    busy = other.order_by("run").first()
    if busy is None:
        raise AlreadyRunning("A forecast for one of these places has just ended. Start again.")
    where = ", ".join(row.location.code for row in other.filter(run=busy.run_id).order_by("location__code"))
    raise AlreadyRunning(
        f"Forecast run {busy.run_id} is busy with {where}. Wait until it is done, or cancel it.", run=busy.run_id
    )


@transaction.atomic
def cancel(*, run, by):
    """What is reckoned so far stays; the rest keeps its older forecasts."""
    run = locked_again(run)
    if not run.is_open:
        raise IllegalTransition(str(run), run.get_status_display().lower(), [])
    if not may_stop(run, by):
        raise Forbidden("It is about places you do not work in, too. Whoever works in all of them cancels it.")
    run.updated_by = by
    end(run, Status.CANCELLED)
    return run


def may_stop(run, by):
    if by.has_perm("accounts.see_all_places"):
        return True
    return not run.places.exclude(location__in=by.location_ids).exists()


def end(run, status):
    run.status, run.finished_at = status, timezone.now()
    run.save()
    run.places.update(is_open=False)


# ------------------------------------------------------------------------------------------------ at work

# Pieces of one run share it; who ends the run waits for them.
STILL_RUNS = "SELECT 1 FROM forecasting_forecastrun WHERE id = %s AND status = 'running' FOR SHARE"


@contextmanager
def at_length():
    """A transaction that may take its time: a piece is reckoned in seconds, but not on every machine."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(
                "SET LOCAL statement_timeout = '10min'; SET LOCAL idle_in_transaction_session_timeout = '10min';"
                " SET LOCAL lock_timeout = '1min'"
            )
        yield


def work(pk, told=lambda: None):
    """Does what is left of a run, piece by piece, as long as there is a piece that nobody else is busy with."""
    plan(pk)
    while do_next(pk):
        told()
    finish(pk)


def plan(pk):
    """Cuts a run into pieces, once: whoever comes second finds it cut."""
    with at_length():
        run = ForecastRun.objects.select_for_update(no_key=True).get(pk=pk)
        if run.status != Status.QUEUED:
            return
        places = list(run.places.values_list("location", flat=True))
        weeks = weeks_known(places, run.start)
        for place in run.places.all():
            place.closed_days = history.closed_days(place.location_id, run.start, weeks)
            place.save(update_fields=["closed_days"])
        chunks = [
            ForecastChunk(run=run, number=number, first_product=first, last_product=last, series=series)
            for number, (first, last, series) in enumerate(pieces(places, weeks), start=1)
        ]
        ForecastChunk.objects.bulk_create(chunks, batch_size=1000)
        run.status, run.started_at = Status.RUNNING, timezone.now()
        run.series = sum(chunk.series for chunk in chunks)
        run.parameters = {
            "history_weeks": weeks,
            "service_level": str(settings.BOUTIQUE_SERVICE_LEVEL),
            "review_days": settings.BOUTIQUE_REVIEW_DAYS,
            "lead_time_days": settings.BOUTIQUE_LEAD_TIME_DAYS,
        }
        run.save()
        for _helper in range(min(len(chunks) - 1, MOST_HELPERS)):
            carry_out.enqueue(run.pk)


def weeks_known(places, start):
    """From the first movement in one of the places on, at most five years."""
    moved = StockMovement.objects.filter(location__in=places, business_date__lt=start).order_by("business_date", "id")
    first = moved.values_list("business_date", flat=True).first()
    weeks = -((start - first).days // -7) if first else 1
    return min(weeks, history.MOST_WEEKS)


COUNTED = f"""
SELECT sku.product_id, count(*) FROM ({history.SHELVES}) shelf
JOIN skus_sku sku ON sku.id = shelf.sku_id AND sku.is_active
JOIN skus_product product ON product.id = sku.product_id AND product.is_active
GROUP BY sku.product_id ORDER BY sku.product_id
"""  # noqa: S608 (put together from what stands in the house's own files)


def pieces(places, weeks):
    """Products with all their sizes and colours stay together, as they learn from each other."""
    most = max(1, min(MOST_SERIES, MOST_CELLS // weeks))
    with connection.cursor() as cursor:
        cursor.execute(COUNTED, {"places": places})
        products = cursor.fetchall()
    first, last, held = None, None, 0
    for product, series in products:
        if held and held + series > most:
            yield first, last, held
            first, held = None, 0
        first, last, held = first or product, product, held + series
    if held:
        yield first, last, held


def do_next(pk):
    """Claims a piece, reckons it, writes it. False if there is none left that nobody is busy with."""
    with at_length():
        waiting = ForecastChunk.objects.filter(run=pk, run__status=Status.RUNNING, done_at=None)
        chunk = (
            waiting.select_related("run").select_for_update(skip_locked=True, of=("self",)).order_by("number").first()
        )
        if chunk is None:
            return False
        closed = {place.location_id: place.closed_days for place in chunk.run.places.all()}
        reckoned = reckoning.reckon(chunk, closed)
        if not still_runs(pk):
            return False
        chunk.accuracy = reckoning.write(chunk, reckoned)
        chunk.done_at = timezone.now()
        chunk.save(update_fields=["done_at", "accuracy"])
        return True


def still_runs(pk):
    """Somebody may have cancelled it meanwhile; then nothing more is written. Whoever does so now waits for what is."""
    with connection.cursor() as cursor:
        cursor.execute(STILL_RUNS, [pk])
        return cursor.fetchone() is not None


@transaction.atomic
def finish(pk):
    """Once its last piece is done: how good it was, and away with what is no longer sold in its places."""
    run = ForecastRun.objects.select_for_update(no_key=True).get(pk=pk)
    if run.status != Status.RUNNING or run.chunks.filter(done_at=None).exists():
        return
    places = run.places.values("location")
    Forecast.objects.filter(location__in=places).exclude(run=run).delete()
    forecast = Forecast.objects.filter(sku=OuterRef("sku"), location=OuterRef("location"))
    gone = ReorderSuggestion.objects.open().filter(~Exists(forecast), location__in=places)
    gone.update(status=ReorderSuggestion.Status.LAPSED, updated_at=timezone.now())
    run.accuracy = reckoning.added_up(run.chunks.values_list("accuracy", flat=True))
    end(run, Status.DONE)


@transaction.atomic
def give_up(pk, text):
    """It failed again and again. What is reckoned so far stays."""
    run = ForecastRun.objects.select_for_update(no_key=True).get(pk=pk)
    if run.is_open:
        run.failure = text[:2000]
        run.started_at = run.started_at or timezone.now()
        end(run, Status.FAILED)


# ------------------------------------------------------------------------------------------------ by the clock


def take_up():
    """Runs that nobody is at work on any more: their command was stopped, or their task was lost."""
    life = Greatest("updated_at", Coalesce(Max("chunks__done_at"), "updated_at"))
    idle = ForecastRun.objects.open().annotate(life=life).filter(life__lt=timezone.now() - LEFT_LYING)
    for pk in idle.values_list("pk", flat=True):
        carry_out.enqueue(pk)


@transaction.atomic
def start_weekly():
    """All places that had no run this week, and have none now."""
    monday = history.monday_of(timezone.localdate(timezone=ZoneInfo(settings.BOUTIQUE_TIME_ZONE)))
    of_this_week = RunPlace.objects.filter(run__start=monday, run__status__in=[*ForecastRun.OPEN, Status.DONE])
    taken = RunPlace.objects.filter(is_open=True) | of_this_week
    places = [place for place in own_places(None) if place.pk not in set(taken.values_list("location", flat=True))]
    return start(by=None, locations=places) if places else None


@transaction.atomic
def forget_old():
    """Runs that no forecast comes from any more, and suggestions that were decided a year ago."""
    old = ForecastRun.objects.filter(finished_at__lt=timezone.now() - KEPT_FOR)
    old.filter(~Exists(Forecast.objects.filter(run=OuterRef("pk")))).delete()
    decided = ReorderSuggestion.objects.exclude(status=ReorderSuggestion.Status.OPEN)
    decided.filter(updated_at__lt=timezone.now() - DECIDED_KEPT_FOR).delete()
