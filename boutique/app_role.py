"""The database role that the shop works as: it owns nothing, so it can neither rewrite a ledger nor switch a rule off.

Triggers stop mistakes. Whoever owns a table can drop its triggers, so what is to stop malice too is that web and worker
sign in as a role that owns none: it reads all tables, adds to all but the list of migrations, and changes rows only
where rows may change. It may make temporary tables, which an import is rehearsed on; every trigger looks past them, at
the shop's own (boutique/triggers.py). docs/deployment.md tells how the two roles are made.
"""

import pgtrigger
from django.apps import apps
from django.db import connection, transaction

from boutique import triggers
from boutique.errors import RuleError

WHO = """
SELECT rolsuper OR pg_has_role(rolname, current_user, 'MEMBER') FROM pg_roles WHERE rolname = %s
"""
# pgtrigger lets any session name triggers that are not to fire. The shop's code never does; only the owner may.
NOBODY_ELSE_IGNORES = """
CREATE OR REPLACE FUNCTION {schema}._pgtrigger_should_ignore(trigger_name name) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    ignored text := current_setting('pgtrigger.ignore', true);
BEGIN
    IF coalesce(ignored, '') = '' THEN
        RETURN false;
    END IF;
    RETURN trigger_name = ANY (ignored::text[]) AND pg_has_role(current_user, {owner}, 'MEMBER');
END $$
"""


class NoSuchRole(RuleError):
    code = "no_such_role"


class OwnsTheTables(RuleError):
    code = "owns_the_tables"


@transaction.atomic
def grant(role):
    """Gives this role what the shop's daily work needs, and takes whatever else it had."""
    with connection.cursor() as cursor:
        cursor.execute(WHO, [role])
        found = cursor.fetchone()
        if found is None:
            raise NoSuchRole(f"There is no role {role}. Make it first: CREATE ROLE {quoted(role)} LOGIN PASSWORD '…'")
        if found[0]:
            raise OwnsTheTables(f"Nothing can be kept from {role}: it owns the tables, or is a superuser.")
        cursor.execute("SELECT current_schema(), quote_literal(current_user)")
        schema, owner = cursor.fetchone()
        for words in statements(role, quoted(schema), existing_tables(cursor)):
            cursor.execute(words)
        cursor.execute(NOBODY_ELSE_IGNORES.format(schema=quoted(schema), owner=owner))
    triggers.look_only_at_the_shops_tables()


def statements(role, schema, existing):
    role = quoted(role)
    yield f"GRANT USAGE ON SCHEMA {schema} TO {role}"
    yield f"REVOKE CREATE ON SCHEMA {schema} FROM PUBLIC, {role}"
    for kind in ("TABLES", "SEQUENCES"):
        yield f"REVOKE ALL ON ALL {kind} IN SCHEMA {schema} FROM PUBLIC, {role}"
        yield f"GRANT SELECT ON ALL {kind} IN SCHEMA {schema} TO {role}"
    yield f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA {schema} TO {role}"
    for model in apps.get_models(include_auto_created=True):
        if model._meta.managed and not model._meta.proxy and model._meta.db_table in existing:
            yield f"GRANT {', '.join(rights_in(model))} ON {quoted(model._meta.db_table)} TO {role}"


def rights_in(model):
    """Rows that stay are added and read. What a trigger forbids without condition is not even allowed."""
    forbidden = set()
    for trigger in getattr(model._meta, "triggers", []):
        if type(trigger) is pgtrigger.Protect and trigger.condition is None:
            forbidden.update(str(operation) for operation in trigger.operation)
    return [right for right in ("INSERT", "UPDATE", "DELETE") if right not in forbidden]


def existing_tables(cursor):
    return set(connection.introspection.table_names(cursor))


def quoted(name):
    return connection.ops.quote_name(name)
