"""Forecasts in the background: runs that were asked for, and those that come round by the clock."""

from datetime import timedelta

from django.conf import settings
from django_tasks import task

from boutique.tasks import RETRY_AFTER, GiveUp, Periodic


@task(takes_context=True)
def carry_out(context, pk):
    """Does what is left of a run. Any number of workers may do so at once."""
    from forecasting.services import runs

    try:
        runs.work(pk)
    except Exception as error:
        if context.attempt <= len(RETRY_AFTER):
            raise
        # What exactly stands in the log of the worker: its words may name tables and rows.
        runs.give_up(pk, f"It failed {context.attempt} times ({type(error).__name__}). The log of the worker says why.")
        raise GiveUp from error


@task
def start_weekly_run():
    from forecasting.services import runs

    if settings.BOUTIQUE_FORECAST_WEEKLY:
        runs.start_weekly()


@task
def take_up_runs():
    from forecasting.services import runs

    runs.take_up()


@task
def forget_old_runs():
    from forecasting.services import runs

    runs.forget_old()


# Asked each night, the weekly run begins on Monday, or as soon as a worker is back.
SCHEDULE = [
    Periodic(name="forecasting.start_weekly_run", task=start_weekly_run, daily_at=2),
    Periodic(name="forecasting.take_up_runs", task=take_up_runs, every=timedelta(minutes=15)),
    Periodic(name="forecasting.forget_old_runs", task=forget_old_runs, daily_at=3),
]
