"""Webhooks in the background: what happened becomes deliveries, and deliveries are sent."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django_tasks import task
from django_tasks_db.models import DBTaskResult

from boutique.tasks import Periodic

NOTES_KEPT_FOR = timedelta(days=1)


@task
def carry_news():
    """Reads what happened, and has it sent: one pass for each webhook that something is due for."""
    from webhooks.services import reading, sending

    reading.read()
    with transaction.atomic():
        for pk in sending.taken(queued=queued()):
            send_due.enqueue(pk)


def queued():
    """The webhooks whose pass waits for a worker, or has one."""
    passes = DBTaskResult.objects.filter(task_path=send_due.module_path, status__in=["READY", "RUNNING"])
    return {args_kwargs["args"][0] for args_kwargs in passes.values_list("args_kwargs", flat=True)}


@task
def send_due(pk):
    from webhooks.services import sending

    return sending.send_due(pk)


def is_work():
    """Is there anything to read or to send? Where nobody listens, it is one question that finds nothing."""
    from webhooks.models import Webhook
    from webhooks.services import reading, sending

    return Webhook.objects.active().exists() and (sending.waiting().exists() or reading.is_news())


@task
def forget_old():
    """The log after a month; the notes of tasks that come every other second, after a day."""
    from webhooks.services import sending

    sending.forget_old()
    ours = DBTaskResult.objects.finished().filter(task_path__in=[carry_news.module_path, send_due.module_path])
    ours.filter(finished_at__lt=timezone.now() - NOTES_KEPT_FOR).delete()


SCHEDULE = [
    Periodic(name="webhooks.carry_news", task=carry_news, every=timedelta(seconds=2), wanted=is_work),
    Periodic(name="webhooks.forget_old", task=forget_old, daily_at=3),
]
