from django.conf import settings
from django.db import models
from django.utils import timezone

from boutique.errors import Stale
from boutique.triggers import append_only


class IdempotencyKey(models.Model):
    """One POST that a client may repeat: who sent it where, what was in it, and the answer it got."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    route = models.CharField(max_length=300)
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64)
    # Null only inside the transaction that does the work: what commits carries its answer.
    status = models.PositiveSmallIntegerField(null=True)
    body = models.TextField(blank=True)
    headers = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "route", "key"], name="idempotency_key_once")]

    def __str__(self):
        return f"{self.route} {self.key}"


class Attempts(models.Model):
    """Failed or costly attempts of one kind by one subject: an account seen from an address, say."""

    kind = models.CharField(max_length=30)
    subject = models.CharField(max_length=400)
    count = models.PositiveIntegerField(default=0)
    window_began_at = models.DateTimeField()
    blocked_until = models.DateTimeField(null=True, blank=True)
    blocks = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name_plural = "attempts"
        constraints = [models.UniqueConstraint(fields=["kind", "subject"], name="attempts_once_per_subject")]

    def __str__(self):
        return f"{self.kind} {self.subject}: {self.count}"


class Scheduled(models.Model):
    """When a periodic job last ran, so that any number of workers run it once per period."""

    name = models.CharField(max_length=100, primary_key=True)
    last_run_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "scheduled"

    def __str__(self):
        return self.name


def somebody():
    return models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+")


class Record(models.Model):
    """What every catalogue row and document carries: when it came to be and last changed, and by whom."""

    created_at = models.DateTimeField(auto_now_add=True)
    created_by = somebody()
    updated_at = models.DateTimeField(auto_now=True)
    updated_by = somebody()

    # Set where the caller said (If-Match) that the row must still be as they read it.
    must_be_unchanged = False

    class Meta:
        abstract = True

    def as_locked(self, locked):
        """The same row, read again under a lock by the service that is about to change it."""
        if self.must_be_unchanged and locked.updated_at != self.updated_at:
            raise Stale("Somebody changed this since you read it. Read it again, then repeat your change.")
        return locked


class DocumentEvent(models.Model):
    """One line of the timeline of a document: who did what to it, and from which state to which."""

    document = models.CharField(max_length=40)  # by its number: the papers of all apps have their timelines here
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False)
    kind = models.CharField(max_length=30)
    before = models.CharField(max_length=40, blank=True)
    after = models.CharField(max_length=40, blank=True)
    note = models.TextField(blank=True)
    changes = models.JSONField(default=dict)

    class Meta:
        ordering = ["-id"]
        verbose_name = "line of the timeline"
        verbose_name_plural = "timelines"
        indexes = [
            models.Index(fields=["document", "id"], name="document_event_by_document"),
            models.Index(fields=["by", "id"], name="document_event_by_person"),
        ]
        triggers = append_only("timeline")

    def __str__(self):
        return f"{self.document}: {self.kind}"

    @property
    def updated_at(self):
        """It never changes again."""
        return self.at


def rewrite(rows, columns):
    """Writes these columns of rows that are there, and locked. For 500 rows, bulk_update takes ten times as long."""
    if rows := list(rows):
        rows[0]._meta.base_manager.bulk_create(rows, update_conflicts=True, unique_fields=["pk"], update_fields=columns)


def is_referred_to(rows, *, but=()):
    """Does anything refer to one of these rows that must not lose it? `but`: models that may.

    Asked of each table, and answered by its first row. Django's own deleting reads all rows that refer, and of a place
    or a person that may be the whole ledger.
    """
    relations = (
        field
        for field in rows[0]._meta.get_fields(include_hidden=True)
        if (field.one_to_many or field.one_to_one) and field.auto_created and not field.concrete
    )
    return any(
        relation.related_model._base_manager.filter(**{f"{relation.field.name}__in": rows}).exists()
        for relation in relations
        if relation.on_delete is models.PROTECT and relation.related_model not in but
    )
