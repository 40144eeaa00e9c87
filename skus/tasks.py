"""What of the catalogue is done in the background."""

from django_tasks import task

from boutique.tasks import RETRY_AFTER, GiveUp
from skus.services import imports


@task(takes_context=True)
def carry_out_import(context, pk):
    try:
        imports.carry_out_job(pk=pk)
    except Exception as error:
        if context.attempt <= len(RETRY_AFTER):
            raise
        imports.give_up(pk=pk)
        raise GiveUp from error
