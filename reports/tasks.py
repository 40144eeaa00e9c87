"""What reports ask for by the clock."""

from datetime import timedelta

from django_tasks import task

from boutique.tasks import Periodic, exactly_once


@task
@exactly_once
def send_due_reports():
    from reports.services import subscriptions

    subscriptions.send_due()


# Each hour it is morning somewhere.
SCHEDULE = [Periodic(name="reports.send_due", task=send_due_reports, every=timedelta(hours=1))]
