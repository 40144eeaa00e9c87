"""What reports ask for by the clock."""

from django_tasks import task

from boutique.tasks import Periodic, exactly_once


@task
@exactly_once
def send_due_reports():
    from reports.services import subscriptions

    subscriptions.send_due()


SCHEDULE = [Periodic(name="reports.send_due", task=send_due_reports, daily_at=6)]
