"""Triggers that several apps' tables share. They refuse, and never compute."""

import pgtrigger

# The test suite empties all tables between tests; its connections say so. Nobody else's do.
NO_TRUNCATE = """
IF current_setting('boutique.may_truncate', true) IS DISTINCT FROM 'on' THEN
    RAISE EXCEPTION 'the rows of % stay', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END IF;
RETURN NULL;
"""


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
        func=NO_TRUNCATE,
    )
