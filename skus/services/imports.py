"""Bringing a whole catalogue in: one spreadsheet, row by row, however long it is.

Rows go through in batches, so that memory does not grow with the file. A dry run is the same work on copies of what
the rows are about (`rehearsal`): it locks nothing that others need.
"""

import json
import uuid
from contextlib import contextmanager
from functools import partial
from itertools import islice

import structlog
from django.core.files.storage import default_storage
from django.db import Error, connection, transaction
from django.utils import timezone

from boutique.errors import Invalid, RuleError, line_error
from boutique.transactions import in_one_transaction
from skus import rows, sheets
from skus.models import SkuImport
from skus.services import batches, rehearsal
from skus.services.firsts import Firsts

BATCH = 500
MOST_AT_ONCE = 1000  # beyond it a worker does it
MOST_ERRORS = 5000
Mode, Status = SkuImport.Mode, SkuImport.Status
FIGURES = ("rows_done", "created", "updated", "unchanged", "rejected", "errors")
SHOWN = ("status", "rows", *FIGURES)
PROGRESS = f"UPDATE skus_skuimport SET {', '.join(f'{name} = %s' for name in SHOWN)}, updated_at = %s WHERE id = %s"  # noqa: S608
log = structlog.get_logger(__name__)


class ImportRejected(RuleError):
    """All or nothing was asked for, and it is nothing."""

    status = 422
    code = "import_rejected"
    title = "Nothing was imported"


class Overtaken(Exception):
    """This worker was taken for dead, and another has gone on in its place."""


class BadSheet(Invalid):
    title = "Not a spreadsheet we can read"

    def __init__(self, text):
        super().__init__(text, errors=[line_error("file", "invalid", text)])


# ------------------------------------------------------------------------------------------------ asked for


def send(*, file, name, mode, by):
    """Imports a short file at once and puts a long one into a worker's hands. Nothing is kept of a short dry run."""
    sheet = opened(file)
    job = SkuImport(mode=mode, file_name=name[:200], created_by=by, updated_by=by)
    if sheet.may_be_long or counted(sheet, MOST_AT_ONCE) > MOST_AT_ONCE:
        return handed_over(job, file, sheet.suffix)
    job.rows = counted(sheet)
    finish(job, carry_out(sheet, mode, by=by, patiently=False))
    if job.status == Status.FAILED:
        raise rejected(job)
    if mode != Mode.DRY_RUN:
        job.save()
    return job


def handed_over(job, file, suffix):
    # Here and only here: the task's own file imports this one, to call what does the work.
    from skus.tasks import carry_out_import

    file.seek(0)
    with transaction.atomic():
        job.file = default_storage.save(f"imports/{uuid.uuid4().hex}{suffix}", file)
        job.save()
        carry_out_import.enqueue(job.pk)
    return job


def rejected(job):
    errors = [{**error, "field": f"rows.{error['row']}.{error['column']}".rstrip(".")} for error in job.errors]
    figures = {name: getattr(job, name) for name in ("mode", "created", "updated", "unchanged", "rejected")}
    return ImportRejected(job.failure, errors=errors, **figures)


# ------------------------------------------------------------------------------------------------ in the worker


def carry_out_job(*, pk):
    """May be run again: it goes on behind what an earlier run has written and counted, and touches none of that."""
    job = SkuImport.objects.select_related("created_by").get(pk=pk)
    if job.status in (Status.DONE, Status.FAILED):
        return
    try:
        if not job.created_by.has_perm("skus.import_sku"):
            raise Invalid("Whoever sent this may no longer import.")
        with default_storage.open(job.file, "rb") as file:
            sheet = opened(file)
            job.rows, job.status = counted(sheet), Status.RUNNING
            SkuImport.objects.filter(pk=pk).update(rows=job.rows, status=job.status, updated_at=timezone.now())
            finish(job, carried_out(job, sheet))
    except FileNotFoundError:
        fail(job, "The file is gone. Send it again.")
    except RuleError as error:
        fail(job, error.detail)
    put_away(job)


def carried_out(job, sheet):
    if job.mode != Mode.PARTIAL:
        return carry_out(sheet, job.mode, by=job.created_by, told=lambda tally: progress(job, tally))
    so_far = batches.Tally(MOST_ERRORS, **{name: getattr(job, name) for name in FIGURES})
    return batch_by_batch(
        sheet, job.created_by, lambda tally: note(job, tally), so_far=so_far, keep=lambda *tallies: keep(job, *tallies)
    )


def keep(job, before, tally):
    """With the rows themselves: the figures are theirs, and whoever goes on knows where."""
    figures = {name: getattr(tally, name) for name in FIGURES}
    where_we_were = SkuImport.objects.filter(pk=job.pk, status=Status.RUNNING, rows_done=before.rows_done)
    if not where_we_were.update(**figures, updated_at=timezone.now()):
        raise Overtaken(f"Another worker carries out import {job.pk}.")


def progress(job, tally):
    """For whoever asks meanwhile. An import does not fail because nobody could be told how far it is."""
    note(job, tally)
    try:
        with seen_at_once() as session, session.cursor() as cursor:
            cursor.execute(PROGRESS, [*shown(job), timezone.now(), job.pk])
    except Error as error:
        log.warning("import_progress_not_written", job=job.pk, error=str(error).strip())


@contextmanager
def seen_at_once():
    """A connection of which others see what it writes: another one while ours is in the middle of a transaction."""
    if not connection.in_atomic_block:
        yield connection
        return
    session = connection.copy()
    try:
        yield session
    finally:
        session.close()


def shown(job):
    values = (getattr(job, name) for name in SHOWN)
    return [json.dumps(value) if isinstance(value, list) else value for value in values]


def fail(job, text):
    job.status, job.failure = Status.FAILED, text


def give_up(*, pk):
    """For a task that failed too often. What was written batch by batch stays."""
    job = SkuImport.objects.get(pk=pk)
    if job.status not in (Status.DONE, Status.FAILED):
        fail(job, "This went wrong on our side, several times. Send the file again, or tell whoever runs the server.")
        put_away(job)


def put_away(job):
    """Its result stays, its file does not."""
    name, job.file = job.file, ""
    with transaction.atomic():
        job.save()
        transaction.on_commit(lambda: default_storage.delete(name), robust=True)


def finish(job, tally):
    note(job, tally)
    job.status = Status.DONE
    if job.mode == Mode.ATOMIC and tally.rejected:
        many = "1 row has" if tally.rejected == 1 else f"{tally.rejected} rows have"
        fail(job, f"{many} errors, so nothing was written. Put them right and send all rows again.")
        job.created = job.updated = 0


def note(job, tally):
    for name in FIGURES:
        setattr(job, name, getattr(tally, name))


# ------------------------------------------------------------------------------------------------ the work


def opened(file):
    try:
        sheet = sheets.opened(file, set(rows.COLUMNS))
        rows.checked_header(sheet.header)
    except sheets.BadFile as error:
        raise BadSheet(str(error)) from None
    return sheet


def counted(sheet, enough=sheets.MOST_ROWS):
    """How many rows there are, at most one more than is enough. Reads all of a file before anything is written."""
    try:
        found = sum(1 for _ in islice(sheet.rows(), enough + 1))
    except sheets.BadFile as error:
        raise BadSheet(str(error)) from None
    if found == 0:
        raise BadSheet("This file has a header and no rows below it.")
    if found > sheets.MOST_ROWS:
        raise BadSheet(f"This file has more than {sheets.MOST_ROWS} rows. Send it in parts.")
    return found


def carry_out(sheet, mode, *, by, told=lambda tally: None, patiently=True):
    """`told` hears after each batch how far it is: in `partial` of what is written, else of what is being judged.

    Patiently, it waits for other imports as long as those take; a request gives up soon, and is told to come again.
    """
    if mode == Mode.PARTIAL:
        return batch_by_batch(sheet, by, told, patiently=patiently)
    tally = rehearse(sheet, by, told)
    if mode == Mode.DRY_RUN or tally.rejected:
        return tally
    return all_or_nothing(sheet, by, patiently)


def rehearse(sheet, by, told):
    def work():
        tally = batches.Tally(MOST_ERRORS)
        with rehearsal.rehearsed() as bring:
            for batch, firsts in batched(sheet):
                bring(batch)
                batches.settle(batch, firsts, by)
                tally = tally.add(batch)
                told(tally)
        transaction.set_rollback(True)
        return tally

    return in_one_transaction(work)


def all_or_nothing(sheet, by, patiently):
    """Of rows that were good a moment ago. They are judged again, now that nobody else can change what they name."""

    def work():
        tally = batches.Tally(MOST_ERRORS)
        batches.lock_imports(patiently=patiently)
        for batch, firsts in batched(sheet):
            batches.settle(batch, firsts, by)
            tally = tally.add(batch)
        if tally.rejected:
            transaction.set_rollback(True)
        return tally

    return in_one_transaction(work)


def batch_by_batch(sheet, by, told, *, so_far=None, keep=lambda before, tally: None, patiently=True):
    """Begins behind the rows that are counted in `so_far`; `keep` writes each tally in the transaction of its rows."""
    tally = so_far or batches.Tally(MOST_ERRORS)
    read, done, refused = 0, tally.rows_done, {error["row"] for error in tally.errors}
    for batch, firsts in batched(sheet):
        known, new = batch[: max(0, done - read)], batch[max(0, done - read) :]
        read += len(batch)
        if known:
            taken = [row for row in known if row.number not in refused]
            in_one_transaction(partial(batches.recall, taken, firsts, by))
        if new:
            tally = in_one_transaction(partial(settled, new, firsts, by, tally, keep, patiently))
            told(tally)
    return tally


def settled(batch, firsts, by, before, keep, patiently):
    batches.lock_imports(patiently=patiently)
    batches.settle(batch, firsts, by)
    tally = before.add(batch)
    keep(before, tally)
    return tally


def batched(sheet):
    firsts = Firsts()
    try:
        read = (rows.read(number, sheet.header, cells) for number, cells in sheet.rows())
        while batch := list(islice(read, BATCH)):
            yield batch, firsts
    except sheets.BadFile as error:
        raise BadSheet(str(error)) from None
    finally:
        firsts.close()
