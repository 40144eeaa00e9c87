"""What comes round by the clock for people."""

from django_tasks import task

from accounts.services import sessions
from boutique.tasks import Periodic


@task
def forget_old_sign_ins():
    sessions.forget_old()


SCHEDULE = [Periodic(name="accounts.forget_old_sign_ins", task=forget_old_sign_ins, daily_at=3)]
