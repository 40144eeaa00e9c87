"""What a test that really commits leaves behind is cleared away.

Django's own way empties all tables and lets every app lay out permissions, roles and vocabularies anew: a second each
time, a quarter of the whole suite. Here only what is there is deleted, and only what a test has changed is put back.
"""

from django.db import connection, transaction
from django.test import TransactionTestCase

SHELF = "as_laid_out"  # a schema with a copy of every table that is not empty in a new database


class Shelf:
    def __init__(self):
        with connection.cursor() as cursor:
            self.tables = connection.introspection.django_table_names(only_existing=True, include_views=False)
            self.copied = filled(cursor, self.tables)
            self.columns = {table: written_columns(cursor, table) for table in self.copied}
            cursor.execute(f"DROP SCHEMA IF EXISTS {SHELF} CASCADE; CREATE SCHEMA {SHELF}")  # a kept database has one
            for table in self.copied:
                cursor.execute(f'CREATE TABLE {SHELF}."{table}" AS TABLE "{table}"')
            self.laid_out = fingerprints(cursor, self.copied)

    def clear(self):
        with transaction.atomic(), connection.cursor() as cursor:
            now = fingerprints(cursor, self.copied)
            changed = [table for table in self.copied if now[table] != self.laid_out[table]]
            used = [*filled(cursor, [table for table in self.tables if table not in self.copied]), *changed]
            if not used:
                return
            # The ledger and the logs let nobody delete; between tests somebody must.
            each(cursor, 'ALTER TABLE "{}" DISABLE TRIGGER USER', used)
            each(cursor, 'DELETE FROM "{}"', used)
            for table in changed:
                cursor.execute(
                    f'INSERT INTO "{table}" ({self.columns[table]}) SELECT {self.columns[table]} FROM {SHELF}."{table}"'
                )
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            each(cursor, 'ALTER TABLE "{}" ENABLE TRIGGER USER', used)


def each(cursor, statement, tables):
    cursor.execute("; ".join(statement.format(table) for table in tables))


def filled(cursor, tables):
    cursor.execute(" UNION ALL ".join(f"SELECT '{table}' WHERE EXISTS (SELECT FROM \"{table}\")" for table in tables))
    return [table for (table,) in cursor]


def fingerprints(cursor, tables):
    """The same for the same rows, in whatever order."""
    one = "SELECT '{0}', count(*), sum(hashtextextended(rows::text, 0)) FROM \"{0}\" AS rows"
    cursor.execute(" UNION ALL ".join(one.format(table) for table in tables))
    return {table: found for table, *found in cursor}


def written_columns(cursor, table):
    cursor.execute(
        "SELECT string_agg(quote_ident(column_name), ', ') FROM information_schema.columns"
        " WHERE table_schema = 'public' AND table_name = %s AND is_generated = 'NEVER'",
        [table],
    )
    return cursor.fetchone()[0]


def instead_of_flushing():
    shelf = Shelf()
    TransactionTestCase._fixture_teardown = lambda self: shelf.clear()
