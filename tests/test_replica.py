"""Lists are read from a copy of the database; who is asking, and what they have just written, never is."""

import pytest
from django.db import OperationalError, connection, connections
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import SignIn
from accounts.services import people
from boutique import replica
from skus.models import Category

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def copy(transactional_db, settings):
    """A second connection to the same database, which writes nothing: a copy that is never behind."""
    entry = connection.settings_dict
    options = {"options": f"{entry['OPTIONS']['options']} -c default_transaction_read_only=on"}
    connections.databases["replica"] = entry | {"OPTIONS": entry["OPTIONS"] | options}
    settings.DATABASE_ROUTERS = ["boutique.replica.Router"]
    replica.Away.until = 0.0
    copy = connections["replica"]
    copy.connect()  # a test's other connections must be there before they are asked for
    yield copy
    copy.close()
    del connections["replica"]
    connections.databases.pop("replica", None)
    replica.Away.until = 0.0


def asked(database, send):
    """What the request asked this database, and its answer."""
    with CaptureQueriesContext(database) as captured:
        answer = send()
    return [query["sql"] for query in captured.captured_queries], answer


def test_a_list_is_read_from_the_copy_and_who_asks_from_the_primary(copy, as_, manager):
    client = as_(manager)
    with CaptureQueriesContext(connection) as primary:
        from_copy, answer = asked(copy, lambda: client.get("locations/"))

    assert answer.status_code == 200
    assert any("accounts_location" in sql for sql in from_copy)
    assert not any("accounts_signin" in sql for sql in from_copy)
    assert [("accounts_signin" in query["sql"]) for query in primary.captured_queries] == [True]


def test_one_row_and_every_write_stay_on_the_primary(copy, as_, owner, store):
    client = as_(owner)

    one, shown = asked(copy, lambda: client.get(f"locations/{store.pk}/"))
    written, made = asked(copy, lambda: client.post("categories/", {"name": "Gowns"}))

    assert (shown.status_code, made.status_code) == (200, 201), made.content
    assert one == written == []


def test_whoever_wrote_reads_on_the_primary_for_a_while_and_nobody_else_does(copy, as_, owner, manager, settings):
    writer, reader = as_(owner), as_(manager)
    writer.post("categories/", {"name": "Gowns"})

    theirs, answer = asked(copy, lambda: writer.get("categories/"))
    others, _ = asked(copy, lambda: reader.get("categories/"))
    SignIn.objects.filter(pk=writer.sign_in.pk).update(wrote_at=timezone.now() - settings.REPLICA_LAG)
    later, _ = asked(copy, lambda: writer.get("categories/"))

    assert theirs == []
    assert "Gowns" in answer.content.decode()
    assert others
    assert later


def test_a_refused_write_and_one_without_a_copy_note_nothing(copy, as_, owner):
    client = as_(owner)
    assert client.post("categories/", {"name": ""}).status_code == 400
    del connections.databases["replica"]
    assert client.post("categories/", {"name": "Gowns"}).status_code == 201

    assert SignIn.objects.get(pk=client.sign_in.pk).wrote_at is None


def test_a_write_that_is_done_is_answered_so_even_if_it_cannot_be_noted(copy, as_, owner):
    client = as_(owner)

    def lost(execute, sql, params, many, context):
        if sql.startswith("UPDATE") and "wrote_at" in sql.split("WHERE")[0]:
            raise OperationalError("server closed the connection unexpectedly")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(lost):
        answer = client.post("categories/", {"name": "Gowns"})

    assert answer.status_code == 201, answer.content
    assert SignIn.objects.get(pk=client.sign_in.pk).wrote_at is None
    assert Category.objects.filter(name="Gowns").exists()


def test_a_dismissed_persons_next_request_shows_it(copy, as_, owner, clerk):
    client = as_(clerk)
    assert client.get("locations/").status_code == 200

    people.dismiss(person=clerk, reason="Left us", by=owner)

    from_copy, answer = asked(copy, lambda: client.get("locations/"))
    assert (answer.status_code, from_copy) == (401, [])


def test_a_copy_that_is_away_is_done_without(copy, as_, manager, monkeypatch):
    def away():
        raise OperationalError("no route to host")

    monkeypatch.setattr(copy, "ensure_connection", away)

    for _ in range(2):
        assert as_(manager).get("locations/").status_code == 200

    assert replica.Away.until > 0


def test_what_one_request_chose_is_not_the_next_ones(copy, as_, manager):
    as_(manager).get("locations/")

    assert replica.reads_there.get() is False
    assert replica.Router().db_for_read(SignIn) == "default"
