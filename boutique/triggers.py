"""Triggers that several apps' tables share. They refuse, and never compute."""

import pgtrigger
from django.db import connection

# A session's temporary tables come before all others, so a trigger would judge by a copy that the session itself made.
LOOKING_ELSEWHERE = """
SELECT format('ALTER FUNCTION %s SET search_path = %I, pg_temp', oid::regprocedure, current_schema) FROM pg_proc
WHERE prorettype = 'trigger'::regtype AND pronamespace = current_schema::regnamespace AND proconfig IS NULL
AND pg_has_role(proowner, 'USAGE')"""


def look_only_at_the_shops_tables():
    """Whatever a session calls a table of its own, and wherever it looks for names: a trigger reads the shop's."""
    with connection.cursor() as cursor:
        cursor.execute(LOOKING_ELSEWHERE)
        if found := cursor.fetchall():
            cursor.execute("; ".join(words for (words,) in found))


def append_only(name):
    """Rows are added and stay: no update, no delete, no truncate, whoever asks."""
    return [
        pgtrigger.Protect(name=f"{name}_is_append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        not_emptied(name),
    ]


def not_emptied(name):
    return pgtrigger.Trigger(
        name=f"{name}_is_not_emptied",
        level=pgtrigger.Statement,
        when=pgtrigger.Before,
        operation=pgtrigger.Truncate,
        func="RAISE EXCEPTION 'the rows of % stay', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';",
    )
