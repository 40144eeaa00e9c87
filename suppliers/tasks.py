"""What purchases ask for by the clock."""

from datetime import timedelta

from django_tasks import task

from boutique.tasks import Periodic


@task
def alert_overdue_deliveries():
    from suppliers.services import ordering

    ordering.alert_overdue()


# Each hour, as a day is over in one place after the other.
SCHEDULE = [
    Periodic(name="suppliers.alert_overdue_deliveries", task=alert_overdue_deliveries, every=timedelta(hours=1))
]
