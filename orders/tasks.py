"""What orders ask for by the clock."""

from datetime import timedelta

from django_tasks import task

from boutique.tasks import Periodic


@task
def alert_overdue_orders():
    from orders.services import ordering

    ordering.alert_overdue()


@task
def expire_old_baskets():
    from orders.services import baskets

    baskets.expire_old()


@task
def settle_days():
    from orders.services import days

    days.settle_sales()


# Each hour, as a day is over in one place after the other.
SCHEDULE = [
    Periodic(name="orders.alert_overdue_orders", task=alert_overdue_orders, every=timedelta(hours=1)),
    Periodic(name="orders.expire_old_baskets", task=expire_old_baskets, every=timedelta(hours=1)),
    Periodic(name="orders.settle_days", task=settle_days, every=timedelta(minutes=10)),
]
