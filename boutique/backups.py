"""The whole shop in one file: every row and every picture, to be put back on any PostgreSQL that Boutique runs on.

Rows travel by COPY through our own connection, not by pg_dump: that refuses a server newer than itself, writes words
that an older one does not know, and is missing on many a host. The file is a zip archive that says what it holds
(`shop.json`): tables with their rows counted and hashed in the order of their keys, so that what was put back can be
compared, row by row, with what was taken; and files with their hashes.

A restore that breaks off leaves the old shop whole or the new one: the new files are laid beside those that are there,
for a name is never given twice, and then the rows commit. What only the old shop named, the sweeper finds later.
"""

import hashlib
import json
import os
import secrets
import zipfile
import zlib
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.exceptions import SuspiciousFileOperation
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.core.files.utils import validate_file_name
from django.core.management import call_command
from django.db import Error, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from boutique import media, postgres
from boutique.errors import RuleError

CONTENTS = "shop.json"
TOLD = {"migrations", "tables", "sequences", "files", "missing"}
CHUNK = 1024 * 1024
PATIENCE = """
SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0; SET LOCAL lock_timeout = '10s'"""
SNAPSHOT = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"
COLUMNS = """
SELECT attname FROM pg_attribute
WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = '' ORDER BY attnum"""
HAS_COLLATION = "SELECT attcollation <> 0 FROM pg_attribute WHERE attrelid = %s::regclass AND attname = %s"
SEQUENCES = "SELECT relname FROM pg_class WHERE relkind = 'S' AND relnamespace = current_schema::regnamespace"
REFERENCES = """
SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
WHERE contype = 'f' AND connamespace = current_schema::regnamespace AND conparentid = 0 ORDER BY 1, 2"""


NO_BACKUP = "This archive is no backup of Boutique."
IS_THERE = "{path} is there already. A backup is never written over another."


class NotABackup(RuleError):
    code = "not_a_backup"


class OfAnotherVersion(RuleError):
    code = "of_another_version"


class NotEmpty(RuleError):
    code = "not_empty"


class Damaged(RuleError):
    code = "damaged"


@dataclass
class Kept:
    """What a backup holds, to be told to whoever made it or put it back."""

    tables: int = 0
    rows: int = 0
    files: int = 0
    missing: list = field(default_factory=list)


def nobody_looks(done, total, what):
    pass


# ------------------------------------------------------------------------------------------------ making one


def back_up(*, path, progress=nobody_looks):
    """Writes the shop as it is at this moment; work goes on meanwhile. The file has its name only once it is whole."""
    path = Path(path)
    if path.exists():
        raise NotABackup(IS_THERE.format(path=path))
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}.unfinished")  # another one may be made at the same time
    try:
        with open(draft, "xb", opener=postgres.private) as file:
            with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as archive, snapshot() as cursor:
                kept = write(archive, cursor, progress)
            file.flush()
            os.fsync(file.fileno())
        give_name(draft, path)
    finally:
        draft.unlink(missing_ok=True)
    return kept


def give_name(draft, path):
    try:
        os.link(draft, path)
    except FileExistsError:
        raise NotABackup(IS_THERE.format(path=path)) from None
    except OSError:
        draft.rename(path)  # a file system that knows no second name for a file


@contextmanager
def snapshot():
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute(SNAPSHOT)
        cursor.execute(PATIENCE)
        yield cursor


def write(archive, cursor, progress):
    contents = {"boutique": settings.API_VERSION, "made_at": timezone.now().isoformat(), "tables": {}}
    contents["migrations"] = sorted(applied_migrations())
    tables, names = tables_with_keys(), list(named_files())
    steps = len(tables) + len(names)
    for done, (table, key) in enumerate(tables.items()):
        progress(done, steps, table)
        with archive.open(f"tables/{table}.copy", "w", force_zip64=True) as member:
            contents["tables"][table] = copy_out(cursor, table, key, columns_of(cursor, table), member)
    # Read after the rows: no row that was taken has a number that the sequence would give again.
    contents["sequences"] = {name: position(cursor, name) for name in sequences(cursor)}
    contents["files"], contents["missing"] = {}, []
    for done, name in enumerate(names, len(tables)):
        progress(done, steps, name)
        if written := write_file(archive, name):
            contents["files"][name] = written
        else:
            contents["missing"].append(name)
    archive.writestr(CONTENTS, json.dumps(contents, indent=1))
    return kept_in(contents, files=len(names))


def kept_in(contents, *, files):
    rows = sum(table["rows"] for table in contents["tables"].values())
    missing = contents["missing"]
    return Kept(tables=len(contents["tables"]), rows=rows, files=files - len(missing), missing=missing)


def tables_with_keys():
    models = [model for model in apps.get_models(include_auto_created=True) if not model._meta.proxy]
    return {model._meta.db_table: model._meta.pk.column for model in models if model._meta.managed}


def copy_out(cursor, table, key, columns, into=None):
    through = Counted(into)
    rows = f"SELECT {listed(columns)} FROM {quoted(table)} ORDER BY {order_of(cursor, table, key)}"  # noqa: S608 (quoted)
    cursor.copy_expert(f"COPY ({rows}) TO STDOUT", through)
    return {"key": key, "columns": columns, "rows": through.rows, "sha256": through.hash.hexdigest()}


def order_of(cursor, table, key):
    """The same on every PostgreSQL: how words are sorted is each database's own choice."""
    cursor.execute(HAS_COLLATION, [quoted(table), key])
    (is_text,) = cursor.fetchone()
    return f'{quoted(key)} COLLATE "C"' if is_text else quoted(key)


class Counted:
    """Where PostgreSQL writes rows to: it counts and hashes them, and hands them on."""

    def __init__(self, into):
        self.into = into
        self.rows = 0
        self.hash = hashlib.sha256()

    def write(self, text):
        self.rows += text.count(b"\n")  # within a value it is written as two characters
        self.hash.update(text)
        if self.into:
            self.into.write(text)


def columns_of(cursor, table):
    cursor.execute(COLUMNS, [quoted(table)])
    return [name for (name,) in cursor.fetchall()]


def sequences(cursor):
    cursor.execute(SEQUENCES)
    return [name for (name,) in cursor.fetchall()]


def position(cursor, sequence):
    cursor.execute(f"SELECT last_value, is_called FROM {quoted(sequence)}")  # noqa: S608
    return list(cursor.fetchone())


def named_files():
    """Each file that a row names, with the small copy of a picture."""
    names = set()
    for column in media.naming_columns():
        names.update(media.rows_of(column).values_list(column.attname, flat=True))
    for name in sorted(names):
        yield name
        if name.endswith(media.PICTURE):
            yield media.thumbnail_name(name)


def write_file(archive, name):
    """The hash of what was written; nothing where there is no such file."""
    try:
        stored = default_storage.open(name, "rb")
    except FileNotFoundError:
        return None
    member = zipfile.ZipInfo(f"media/{name}")  # pictures do not get smaller
    found = hashlib.sha256()
    with stored, archive.open(member, "w", force_zip64=True) as into:
        for chunk in stored.chunks():
            found.update(chunk)
            into.write(chunk)
    return found.hexdigest()


# ------------------------------------------------------------------------------------------------ putting one back


def restore(*, path, replace=False, progress=nobody_looks):
    """Puts a backup into an empty database, or with `replace` in the place of what is there. All of it or nothing."""
    with opened(path) as archive:
        contents = read_contents(archive)
        refuse_another_shop(replace)
        files, tables = contents["files"], len(contents["tables"])
        steps = 2 * len(files) + 2 * tables

        def after(before):
            return lambda done, what: progress(before + done, steps, what)

        check_files(archive, files, after(0))
        lay_out({tuple(name) for name in contents["migrations"]})
        with transaction.atomic(durable=True), connection.cursor() as cursor:
            cursor.execute(PATIENCE)
            with nothing_watching(cursor, contents["tables"]):
                put_rows(archive, cursor, contents, after(len(files)))
            compare(cursor, contents, after(len(files) + tables))
            others = lay_beside(archive, files, after(len(files) + 2 * tables))
        for name in others:
            default_storage.delete(name)
            put_file(archive, name)
    # A backup of an older version is brought up to this one; new tables are opened to the shop's own role.
    call_command("migrate", interactive=False, verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return kept_in(contents, files=len(files) + len(contents["missing"]))


@contextmanager
def opened(path):
    try:
        archive = zipfile.ZipFile(path)
    except (OSError, zipfile.BadZipFile) as error:
        raise NotABackup(f"{path} cannot be read as a backup: {error}.") from error
    with archive:
        try:
            yield archive
        except (zipfile.BadZipFile, zlib.error, EOFError) as error:
            raise Damaged(f"{path} is damaged, nothing was restored: {error}.") from error


def read_contents(archive):
    try:
        contents = json.loads(archive.read(CONTENTS))
    except (KeyError, ValueError):
        raise NotABackup(NO_BACKUP) from None
    if not isinstance(contents, dict) or not contents.keys() >= TOLD:
        raise NotABackup(NO_BACKUP)
    return contents


def check_files(archive, told, progress):
    """Before anything is replaced: no file more, none less, none another, and none for a place that is not ours."""
    if {name for name in archive.namelist() if name.startswith("media/")} != {f"media/{name}" for name in told}:
        raise Damaged("The files are not those that were backed up, so nothing was restored.")
    for done, (name, sha256) in enumerate(told.items()):
        progress(done, name)
        try:
            validate_file_name(name, allow_relative_path=True)
        except SuspiciousFileOperation:
            raise Damaged(f"{name} lies outside the shop's folder, so nothing was restored.") from None
        with archive.open(f"media/{name}") as stored:
            if hash_of(stored) != sha256:
                raise Damaged(f"{name} would not be what was backed up, so nothing was restored.")


def hash_of(stored):
    found = hashlib.sha256()
    while chunk := stored.read(CHUNK):
        found.update(chunk)
    return found.hexdigest()


def refuse_another_shop(replace):
    people = get_user_model()
    there = people._meta.db_table in connection.introspection.table_names()
    if there and not replace and people._base_manager.exists():
        raise NotEmpty("There is a shop in this database. With --replace it is lost, and the backup takes its place.")


def applied_migrations():
    return set(MigrationExecutor(connection).loader.applied_migrations)


def lay_out(wanted):
    """The tables as they were when the backup was made."""
    executor = MigrationExecutor(connection)
    graph, applied = executor.loader.graph, set(executor.loader.applied_migrations)
    if unknown := sorted(wanted - set(graph.nodes)):
        raise OfAnotherVersion(f"The backup is of a newer Boutique ({'.'.join(unknown[0])}). Update this one first.")
    if applied and applied != wanted:
        raise OfAnotherVersion(
            "The backup is of another version than these tables. Restore it into a new, empty database."
        )
    if not applied:
        executor.migrate([node for node in wanted if not followed(graph.node_map[node], wanted)])


def followed(node, wanted):
    return any(child.key in wanted and child.key[0] == node.key[0] for child in node.children)


def lay_beside(archive, told, progress):
    """Puts down each file that is missing. Of those that are there: which somebody has changed since the backup."""
    others = []
    for done, (name, sha256) in enumerate(told.items()):
        progress(done, name)
        if not default_storage.exists(name):
            put_file(archive, name)
        elif not is_same(name, sha256):
            others.append(name)
    return others


def is_same(name, sha256):
    with default_storage.open(name, "rb") as stored:
        return hash_of(stored) == sha256


def put_file(archive, name):
    with archive.open(f"media/{name}") as stored:
        default_storage.save(name, File(stored, name=name))


@contextmanager
def nothing_watching(cursor, tables):
    """The rows were judged when they were first written. References are taken off and put back, which checks them all
    at once; every trigger stands again before the transaction ends."""
    cursor.execute(REFERENCES)
    references = cursor.fetchall()
    for table, name, _definition in references:
        cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {quoted(name)}")
    for table in tables:
        cursor.execute(f"ALTER TABLE {quoted(table)} DISABLE TRIGGER USER")
    yield
    for table, name, definition in references:
        cursor.execute(f"ALTER TABLE {table} ADD CONSTRAINT {quoted(name)} {definition}")
    for table in tables:
        cursor.execute(f"ALTER TABLE {quoted(table)} ENABLE TRIGGER USER")


def put_rows(archive, cursor, contents, progress):
    cursor.execute(f"TRUNCATE {listed(contents['tables'])}")
    for done, (table, told) in enumerate(contents["tables"].items()):
        progress(done, table)
        with archive.open(f"tables/{table}.copy") as member:
            try:
                with connection.wrap_database_errors:
                    cursor.copy_expert(f"COPY {quoted(table)} ({listed(told['columns'])}) FROM STDIN", member)
            except Error as error:
                raise Damaged(f"{table} cannot be put back, so nothing was restored: {error}") from error
    for name, (last_value, is_called) in contents["sequences"].items():
        cursor.execute("SELECT setval(%s, %s, %s)", [quoted(name), last_value, is_called])


def compare(cursor, contents, progress):
    """Reads back what was written: no row more, none less, none another."""
    for done, (table, told) in enumerate(contents["tables"].items()):
        progress(done, table)
        found = copy_out(cursor, table, told["key"], told["columns"])
        if found != told:
            rows = f"{found['rows']} rows of {told['rows']}"
            raise Damaged(f"{table} would not be what was backed up ({rows}), so nothing was restored.")


def listed(names):
    return ", ".join(quoted(name) for name in names)


def quoted(name):
    return connection.ops.quote_name(name)
