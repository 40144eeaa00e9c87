"""What alterations ask for by the clock, and the letters they send."""

from datetime import timedelta

from django_tasks import task

from boutique.tasks import Periodic


@task(takes_context=True)
def deliver_notice(context, notice):
    from alterations.services import telling

    telling.deliver(notice, number=context.task_result.id)


@task
def alert_overdue_tickets():
    from alterations.services import ticketing

    ticketing.alert_overdue()


@task
def forget_old_words():
    from alterations.services import advising

    advising.forget_old_words()


# Each hour, as a day is over in one place after the other.
SCHEDULE = [
    Periodic(name="alterations.alert_overdue_tickets", task=alert_overdue_tickets, every=timedelta(hours=1)),
    Periodic(name="alterations.forget_old_words", task=forget_old_words, daily_at=4),
]
