"""Letters about alerts, and what comes round by the clock."""

from datetime import timedelta

from django_tasks import task

from boutique.tasks import Periodic, exactly_once

# Whoever sells imports this file, and need not load what letters are made of.


@task
@exactly_once
def tell(alerts):
    from inventory.services import news

    news.tell(alerts)


@task
def judge_all():
    from inventory.services import alerts

    alerts.judge_all()


@task
@exactly_once
def send_digest():
    from inventory.services import news

    news.send_digest()


@task
def settle_days():
    from inventory.services import days

    days.settle_movements()


SCHEDULE = [
    Periodic(name="inventory.settle_days", task=settle_days, every=timedelta(minutes=10)),
    Periodic(name="inventory.judge_all", task=judge_all, daily_at=5),
    Periodic(name="inventory.send_digest", task=send_digest, daily_at=7),
]
