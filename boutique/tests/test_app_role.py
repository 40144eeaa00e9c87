"""The shop's own database role: it sells a dress, and can do nothing to what is written."""

import contextlib

import psycopg2
import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from accounts.models import User
from boutique import app_role
from boutique.app_role import quoted
from orders.tests.conftest import line_of
from orders.tests.factories import on_shelf

pytestmark = pytest.mark.django_db

LEDGERS = [
    "inventory_stockmovement", "orders_payment", "orders_tillentry", "boutique_documentevent", "accounts_accountevent",
]  # fmt: skip


@pytest.fixture
def role(db):
    """A role of this test's own. Only a superuser makes one; ours is no superuser, as on a real server."""
    entry = connection.settings_dict
    name = f"app of {entry['NAME']}"
    where = {"host": entry["HOST"], "port": entry["PORT"] or None, "user": "postgres", "dbname": "postgres"}
    with contextlib.closing(psycopg2.connect(**where)) as superuser, superuser.cursor() as cursor:
        superuser.autocommit = True
        cursor.execute(f'DROP ROLE IF EXISTS "{name}"; CREATE ROLE "{name}" LOGIN; GRANT "{name}" TO "{entry["USER"]}"')
        yield name
        cursor.execute(f'DROP OWNED BY "{name}"; DROP ROLE "{name}"')


@pytest.fixture
def as_the_app(role):
    """What its transaction does from here on, it does as this role."""
    with transaction.atomic():
        call_command("grant_app_role", role)
        raw(f'SET ROLE "{role}"')
        yield
        raw("RESET ROLE")
        transaction.set_rollback(True)


def raw(words):
    with connection.cursor() as cursor:
        cursor.execute(words)
        return cursor.fetchall() if cursor.description else []


def refused(words, because="permission denied|must be owner"):
    with pytest.raises(DatabaseError, match=because), transaction.atomic():
        raw(words)


def test_a_dress_is_sold_as_this_role(store, owner, clerk, as_, as_the_app):
    dress = on_shelf(store, price="1500.00", by=owner)
    body = {"location": store.pk, "lines": [line_of(dress)], "payments": [{"method": "cash", "amount": "1500.00"}]}

    answer = as_(clerk).post("sales/", body, HTTP_IDEMPOTENCY_KEY="a dress")

    assert answer.status_code == 201, answer.content
    connection.check_constraints()
    assert as_(clerk).get(f"stock/?sku={dress.pk}").json()["results"][0]["on_hand"] == "9.000"


def test_nothing_written_is_changed_emptied_or_unguarded(store, owner, as_the_app):
    on_shelf(store, price="1500.00", by=owner)
    for table in LEDGERS:
        refused(f"UPDATE {table} SET id = id")  # noqa: S608 (names of our own)
        refused(f"DELETE FROM {table}")  # noqa: S608
        refused(f"TRUNCATE {table} CASCADE")
        refused(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        refused(f"DROP TABLE {table} CASCADE")
    refused("SET session_replication_role = replica")
    refused("DELETE FROM inventory_stocklevel")
    refused("INSERT INTO django_migrations (app, name, applied) VALUES ('inventory', '9999', now())")
    refused("CREATE TABLE inventory_shadow (id int)")
    refused("DROP FUNCTION _pgtrigger_should_ignore CASCADE")
    refused("SELECT setval('skus_own_number', 1)")


def test_no_trigger_is_switched_off_by_a_word(store, owner, as_the_app):
    on_shelf(store, price="1500.00", by=owner)
    names = ", ".join(name for (name,) in raw("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"))
    raw(f"SET LOCAL pgtrigger.ignore = '{{{names}}}'")

    refused(
        "UPDATE inventory_stocklevel SET on_hand = on_hand + 1; SET CONSTRAINTS ALL IMMEDIATE",
        "differs from its ledger",
    )


def test_no_rule_is_deceived_by_a_copy_of_a_table(store, owner, as_the_app):
    on_shelf(store, price="1500.00", by=owner)
    refused(
        "CREATE TEMP TABLE inventory_stocklevel AS SELECT * FROM public.inventory_stocklevel;"
        "UPDATE public.inventory_stocklevel SET on_hand = on_hand + 90, value = value * 10;"
        "SET CONSTRAINTS ALL IMMEDIATE",
        "differs from its ledger",
    )
    # Nor by where else the session looks for names.
    refused(
        "CREATE TEMP TABLE inventory_stockmovement AS SELECT * FROM public.inventory_stockmovement;"
        "UPDATE inventory_stockmovement SET on_hand_after = on_hand_after + 90; SET search_path = pg_temp, public;"
        "UPDATE public.inventory_stocklevel SET on_hand = on_hand + 90; SET CONSTRAINTS ALL IMMEDIATE",
        "differs from its ledger",
    )


def test_every_trigger_reads_the_shops_tables_after_each_migrate(db):
    asked = "SELECT proname, proconfig FROM pg_proc WHERE prorettype = 'trigger'::regtype AND proname ~ '^pgtrigger_'"
    ((name, _path), *_others) = raw(asked)
    raw(f"ALTER FUNCTION {quoted(name)} RESET ALL")

    call_command("migrate", verbosity=0)

    assert {tuple(path or ()) for _name, path in raw(asked)} == {("search_path=public, pg_temp",)}


def test_a_role_that_owns_the_tables_or_is_not_there_is_told(role):
    with pytest.raises(CommandError, match="Make it first: CREATE ROLE"):
        call_command("grant_app_role", "nobody of this name")
    with pytest.raises(CommandError, match="it owns the tables"):
        call_command("grant_app_role", connection.settings_dict["USER"])


def test_each_migrate_lets_the_role_in_again(role, settings):
    settings.APP_ROLE = role
    raw(f'REVOKE ALL ON ALL TABLES IN SCHEMA public FROM "{role}"')

    call_command("migrate", verbosity=0)

    asked = f"SELECT has_table_privilege('{role}', '{User._meta.db_table}', 'UPDATE')"
    assert raw(asked) == [(True,)]
    assert app_role.rights_in(User) == ["INSERT", "UPDATE", "DELETE"]
