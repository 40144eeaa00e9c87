"""Files that belong to rows: kept privately, shown through links that expire, swept when no row names them any more."""

import errno
import logging
import os
import time
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import islice
from pathlib import Path, PurePosixPath

from django.apps import apps
from django.core.exceptions import SuspiciousFileOperation
from django.core.files.storage import FileSystemStorage, default_storage
from django.core.signing import Signer
from django.db import models
from django.http import FileResponse, Http404, HttpResponseNotModified
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.http import http_date
from django.views.decorators.http import require_safe
from django.views.static import was_modified_since

from boutique.errors import StorageFull

logger = logging.getLogger("boutique.media")

HOUR = 3600
PICTURE, THUMBNAIL = ".webp", ".thumb.webp"
KINDS = {
    PICTURE: "image/webp",
    ".pdf": "application/pdf",
    ".csv": "text/csv; charset=utf-8",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".json": "application/json",
}


class StoredName(models.CharField):
    """The storage name of a file of this row. The sweeper removes from `folder` what no column names."""

    def __init__(self, *args, folder, **options):
        self.folder = folder
        super().__init__(*args, **({"max_length": 200, "blank": True, "editable": False} | options))

    def deconstruct(self):
        name, path, args, options = super().deconstruct()
        return name, path, args, options | {"folder": self.folder}


class SignedFileStorage(FileSystemStorage):
    """On this machine's disk, readable by the shop's own processes alone."""

    def __init__(self, **options):
        super().__init__(**({"file_permissions_mode": 0o600, "directory_permissions_mode": 0o700} | options))

    def url(self, name):
        return f"{super().url(name)}?key={key_for(name)}"

    def _save(self, name, content):
        try:
            saved = super()._save(name, content)
            with Path(self.path(saved)).open("rb") as file:
                os.fsync(file.fileno())  # the row that names it will survive a power cut; so must the file
        except OSError as error:
            if error.errno not in (errno.ENOSPC, errno.EDQUOT):
                raise
            Path(self.path(name)).unlink(missing_ok=True)
            raise StorageFull("There is no room left for files. Tell whoever runs the server.") from error
        return saved


# ------------------------------------------------------------------------------------------------ links


def key_for(name):
    """The same all hour, so that a browser can keep what it fetched; valid for one to two hours."""
    expires = (int(time.time()) // HOUR + 2) * HOUR
    return f"{expires}.{signature(name, expires)}"


def signature(name, expires):
    return Signer(salt="boutique.media").signature(f"{expires}.{name}")


def opens(key, name):
    expires, _, signed = key.partition(".")
    return constant_time_compare(signed, signature(name, expires)) and int(expires) > time.time()


@require_safe
def serve(request, name):
    """Whoever has the link may look, until it expires. Anything else is not there."""
    suffix = PurePosixPath(name).suffix
    if suffix not in KINDS or not opens(request.GET.get("key", ""), name):
        raise Http404
    try:
        path = Path(SignedFileStorage().path(name))
        file = path.open("rb")
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError, SuspiciousFileOperation):
        raise Http404 from None
    changed = os.fstat(file.fileno()).st_mtime
    if was_modified_since(request.headers.get("If-Modified-Since"), changed):
        answer = FileResponse(file, content_type=KINDS[suffix], as_attachment=suffix != PICTURE, filename=path.name)
    else:
        file.close()
        answer = HttpResponseNotModified()
    answer["Last-Modified"] = http_date(changed)
    answer["Cache-Control"] = f"private, max-age={HOUR}"
    answer["Content-Security-Policy"] = "default-src 'none'; frame-ancestors 'none'; sandbox"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


# ------------------------------------------------------------------------------------------------ sweeping

BATCH = 2000


@dataclass
class Swept:
    removed: list = field(default_factory=list)
    missing: list = field(default_factory=list)
    strangers: list = field(default_factory=list)
    kept: int = 0


def thumbnail_name(name):
    return name.removesuffix(PICTURE) + THUMBNAIL


def owner_of(name):
    """The name that a row knows the file by: a thumbnail goes with its picture."""
    return name.removesuffix(THUMBNAIL) + PICTURE if name.endswith(THUMBNAIL) else name


def sweep(older_than=timedelta(days=1), *, dry_run=False):
    """Removes files that no row names. Younger ones may belong to a row that is still being written."""
    before, columns, swept = timezone.now() - older_than, list(naming_columns()), Swept()
    ours = {column.folder for column in columns if isinstance(column, StoredName)}
    folders, files = listed("")
    swept.strangers = sorted([*files, *(folder for folder in folders if folder not in ours)])
    for folder in ours.intersection(folders):
        old = (name for name in files_below(folder) if is_older(name, before))
        while batch := list(islice(old, BATCH)):
            named = still_named({owner_of(name) for name in batch}, columns)
            unnamed = [name for name in batch if owner_of(name) not in named]
            swept.kept += len(batch) - len(unnamed)
            swept.removed += unnamed
            for name in [] if dry_run else unnamed:
                default_storage.delete(name)
    for column in columns:
        swept.missing += rows_without_file(column)
    if swept.missing or swept.strangers:
        logger.warning("files missing: %d, not ours: %d", len(swept.missing), len(swept.strangers))
    return swept


def naming_columns():
    for model in apps.get_models():
        if not model._meta.proxy:
            yield from (
                column for column in model._meta.local_fields if isinstance(column, StoredName | models.FileField)
            )


def rows_of(column):
    """All of them: a default manager may hide what is archived."""
    return column.model._base_manager.filter(**{f"{column.attname}__gt": ""})


def still_named(names, columns):
    found = set()
    for column in columns:
        found.update(rows_of(column).filter(**{f"{column.attname}__in": names}).values_list(column.attname, flat=True))
    return found


def rows_without_file(column):
    rows = rows_of(column).values_list("pk", column.attname)
    suspects = {(pk, name) for pk, name in rows.iterator(BATCH) if not is_whole(name)}
    # Once more: a row may have been given another picture while we looked.
    sure = suspects.intersection(rows.filter(pk__in=[pk for pk, _ in suspects])) if suspects else ()
    return [f"{column.model._meta.label} {pk}: {name}" for pk, name in sorted(sure)]


def is_whole(name):
    files = [name, thumbnail_name(name)] if name.endswith(PICTURE) else [name]
    return all(default_storage.exists(file) for file in files)


def is_older(name, moment):
    try:
        return default_storage.get_modified_time(name) < moment
    except FileNotFoundError:
        return False  # discarded while we looked


def files_below(folder):
    folders, files = listed(folder)
    yield from (f"{folder}/{file}" for file in files)
    for inner in folders:
        yield from files_below(f"{folder}/{inner}")


def listed(folder):
    try:
        return default_storage.listdir(folder)
    except FileNotFoundError:
        return [], []  # nothing was ever stored
