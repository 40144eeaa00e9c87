"""`Idempotency-Key`: a POST that is sent again does its work once and gets the first answer back.

The key is claimed in the transaction that does the work. A rival with the same key waits on that row: after
the commit it reads the stored answer, after a rollback it does the work itself. A refusal stores nothing.
"""

import hashlib
import json
from datetime import timedelta

from django.core.files.uploadedfile import UploadedFile
from django.db import OperationalError, connection
from django.http import HttpResponse
from django.utils import timezone
from rest_framework.renderers import JSONRenderer

from boutique import errors
from boutique.models import IdempotencyKey
from boutique.transactions import sqlstate

KEPT = timedelta(days=7)  # an offline till comes back within a week
HEADERS = ("ETag", "Location")
LOCK_NOT_AVAILABLE = "55P03"


class KeyRequired(errors.Invalid):
    code = "idempotency_key_required"
    title = "Idempotency-Key is missing"


class KeyReused(errors.RuleError):
    status = 422
    code = "idempotency_key_reused"
    title = "Key already used"


class InProgress(errors.RuleError):
    code = "in_progress"
    title = "Still being done"
    retry_after = 1


def key_of(request, *, required):
    """The request's key, or None where it may be left out."""
    key = request.headers.get("Idempotency-Key")
    if key is None:
        if required:
            raise KeyRequired("Send an Idempotency-Key header, a new one for each new act: then a repeat does no harm.")
        return None
    if not (1 <= len(key) <= 255 and key.isascii() and key.isprintable()):
        raise errors.Invalid("An Idempotency-Key is 1 to 255 printable ASCII characters.")
    return key


def answer_once(request, key, work, *, unkept=frozenset()):
    """Runs `work` unless this key has already had its answer. Must be called inside a transaction.

    `unkept`: fields that are shown once. They are null in what is kept, and so in the answer to a repeat.
    """
    fingerprint = fingerprint_of(request)
    row, is_new = claim(request.user, f"{request.method} {request.path}"[:300], key, fingerprint)
    if not is_new:
        if row.fingerprint != fingerprint:
            raise KeyReused("This key was used for another request. Use a new key for a new act.")
        return replay(row)
    response = work()
    if not hasattr(response, "data"):  # a file: nothing was made that could be made twice
        row.delete()
        return response
    row.status = response.status_code
    row.body = written(blanked(response.data, unkept))
    row.headers = {name: response[name] for name in HEADERS if name in response}
    row.save(update_fields=["status", "body", "headers"])
    if unkept:
        row.body = written(response.data)  # in full, this once
    return stored(row)


def blanked(data, unkept):
    return {**data, **dict.fromkeys(unkept & data.keys())} if unkept and data else data


def written(data):
    return JSONRenderer().render(data).decode() if data is not None else ""


def claim(user, route, key, fingerprint):
    """The row of this key, and whether it is ours to answer."""
    insert = """
        INSERT INTO boutique_idempotencykey (user_id, route, key, fingerprint, body, headers, created_at)
        VALUES (%s, %s, %s, %s, '', '{}', now()) ON CONFLICT DO NOTHING RETURNING id
    """
    try:
        with connection.cursor() as cursor:
            cursor.execute(insert, [user.pk, route, key, fingerprint])
            if made := cursor.fetchone():
                return IdempotencyKey(pk=made[0], user=user, route=route, key=key, fingerprint=fingerprint), True
        return IdempotencyKey.objects.get(user=user, route=route, key=key), False
    except OperationalError as error:
        if sqlstate(error) == LOCK_NOT_AVAILABLE:
            raise InProgress("The first request with this key is still being worked on. Ask again.") from error
        raise


def replay(row):
    response = stored(row)
    response["Idempotent-Replayed"] = "true"
    return response


def stored(row):
    response = HttpResponse(row.body, status=row.status, headers=row.headers, content_type="application/json")
    if not row.body:
        del response["Content-Type"]
    return response


def fingerprint_of(request):
    """The same for the same request, however its JSON was spaced or its multipart boundary was named."""
    digest = hashlib.sha256()
    parts = request.data.lists() if hasattr(request.data, "lists") else [("", [request.data])]
    for name, values in sorted(parts):
        digest.update(name.encode())
        for value in values:
            digest.update(digest_of(value))
    return digest.hexdigest()


def digest_of(value):
    if not isinstance(value, UploadedFile):
        return hashlib.sha256(json.dumps(value, sort_keys=True, default=str).encode()).digest()
    digest = hashlib.sha256()
    for chunk in value.chunks():
        digest.update(chunk)
    value.seek(0)
    return digest.digest()


def blank_answers(about):
    """Somebody is to be forgotten: a repeat does no harm still, but is told nothing."""
    return IdempotencyKey.objects.filter(about).update(body="{}")


def forget_old_keys():
    return IdempotencyKey.objects.filter(created_at__lt=timezone.now() - KEPT).delete()[0]
