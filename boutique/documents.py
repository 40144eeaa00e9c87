"""Papers that go from state to state: transfers, counts, purchase orders, orders.

The class of a document says what is true of it: its number, its states. The table `MOVES` of its service says what may
happen:

    MOVES = {
        "approve": Move(of=[Status.REQUESTED], needs="inventory.decide_transfer", rule=by_somebody_else),
    }

    @transaction.atomic
    def approve(*, transfer, by, note=""):
        transfer = begin(transfer, "approve", by, MOVES)
        move_on(transfer, Status.APPROVED, by, kind="approved", note=note)
        return transfer

The same table tells the API and the admin which verbs are possible now. Each move adds a line to the timeline, in the
same transaction; the database refuses a state that the timeline does not know of, and a step that the model does not
list (`stepwise`).
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass

import pgtrigger
from django.db import models

from boutique.errors import IllegalTransition, OwnRequest, RuleError
from boutique.models import DocumentEvent, Record


def numbered(prefix, pk):
    """TRF-000042. Derived, never kept."""
    return f"{prefix}-{pk:06d}"


def sql_number(prefix, pk):
    """The same, as a statement makes it of the id."""
    return f"'{prefix}-' || lpad({pk}::text, greatest(6, length({pk}::text)), '0')"


def pk_in(prefix, text):
    """The id in TRF-000042, or in 42; None if that is no number of these documents."""
    digits = text.strip().upper().removeprefix(f"{prefix}-")
    is_id = digits.isascii() and digits.isdigit() and len(digits) <= 18
    return int(digits) if is_id else None


class DocumentQuerySet(models.QuerySet):
    def found_by(self, text):
        """By its number, or by all of these words in its note."""
        in_note = models.Q()
        for word in text.split():
            in_note &= models.Q(note__icontains=word)
        return self.filter(in_note | models.Q(pk=pk_in(self.model.PREFIX, text)))


class Document(Record):
    """A paper with a number, and a note."""

    PREFIX = ""

    class Meta:
        abstract = True

    def __str__(self):
        return self.number

    @property
    def number(self):
        return numbered(self.PREFIX, self.pk)


# ------------------------------------------------------------------------------------------------ what may happen


def anybody(document, by):
    """Whoever has the permission."""


@dataclass(frozen=True, kw_only=True)
class Move:
    """A verb: the states it leads on from, the permission it needs, and a `rule` that raises if it is not theirs."""

    of: Collection[str]
    needs: str
    rule: Callable = anybody


def by_somebody_else(document, by):
    if document.created_by_id == by.pk:
        raise OwnRequest("You asked for this yourself. Somebody else must decide.")


def allowed_actions(document, by, moves):
    """The verbs this caller may use on the document now."""
    return [verb for verb, move in moves.items() if document.status in move.of and is_theirs(document, by, move)]


def is_theirs(document, by, move):
    if not by.has_perm(move.needs):
        return False
    try:
        move.rule(document, by)
    except RuleError:
        return False
    return True


def begin(document, verb, by, moves):
    """The document, locked and read again, if the verb leads on from its state and is this person's to do."""
    locked = locked_again(document)
    move = moves[verb]
    if locked.status not in move.of:
        raise IllegalTransition(locked.number, locked.get_status_display().lower(), allowed_actions(locked, by, moves))
    move.rule(locked, by)
    return locked


def locked_again(document):
    rows = type(document).objects.select_for_update(no_key=True, of=("self",))
    return document.as_locked(rows.get(pk=document.pk))


# ------------------------------------------------------------------------------------------------ what happened


def opened(document, by, *, note="", changes=None):
    """The first line of a new document's timeline."""
    return note_down(document, by, kind="created", after=document.status, note=note, changes=changes)


def move_on(document, status, by, *, kind, note="", changes=None):
    before, document.status, document.updated_by = document.status, status, by
    document.save()
    note_down(document, by, kind=kind, before=before, after=status, note=note, changes=changes)


def note_down(document, by, *, kind, before="", after="", note="", changes=None):
    return DocumentEvent.objects.create(
        document=document.number,
        by=by,
        kind=kind,
        before=before,
        after=after,
        note=note,
        changes=changes or {},
    )


# ------------------------------------------------------------------------------------------------ the floor

# Looked at when the transaction ends, so that state and timeline may be written in either order.
IN_TIMELINE = """
PERFORM 1 FROM {table} document WHERE document.id = NEW.id AND document.status IS DISTINCT FROM (
    SELECT after FROM boutique_documentevent
    WHERE document = {prefix} || lpad(NEW.id::text, greatest(6, length(NEW.id::text)), '0') AND after <> ''
    ORDER BY id DESC LIMIT 1
);
IF FOUND THEN
    RAISE EXCEPTION 'the timeline of {table} % does not know its state', NEW.id USING ERRCODE = 'restrict_violation';
END IF;
RETURN NULL;
"""


def stepwise(table, prefix, steps):
    """Triggers: the status goes only along these steps, and every step stands in the timeline, whoever takes it.

    `prefix`: TRF, or SQL that tells it from the row NEW. `steps`: the states, and of each those that may follow.
    """
    name, pairs = table.partition("_")[2], [(state, after) for state, others in steps.items() for after in others]
    return [
        pgtrigger.FSM(name=f"{name}_goes_step_by_step", field="status", transitions=pairs),
        pgtrigger.Trigger(
            name=f"{name}_has_a_timeline",
            when=pgtrigger.After,
            operation=pgtrigger.Insert | pgtrigger.UpdateOf("status"),
            timing=pgtrigger.Deferred,
            func=IN_TIMELINE.format(table=table, prefix=f"'{prefix}-'" if prefix.isalpha() else f"({prefix}) || '-'"),
        ),
    ]


def apart_from_timeline(table, number):
    """The question whose answers are documents in another state than their timeline knows: see settings.BOOKS."""
    return f"""
        SELECT {number}, 'timeline', document.status, event.after FROM {table} document
        LEFT JOIN LATERAL (
            SELECT after FROM boutique_documentevent line
            WHERE line.document = {number} AND after <> '' ORDER BY line.id DESC LIMIT 1
        ) event ON true
        WHERE event.after IS DISTINCT FROM document.status"""  # noqa: S608 (constants of ours)


def known(steps, name):
    """The status is one of those that `stepwise` is told."""
    states = sorted({*steps, *(after for others in steps.values() for after in others)})
    return models.CheckConstraint(condition=models.Q(status__in=states), name=name)
