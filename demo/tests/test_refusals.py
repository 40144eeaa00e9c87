"""Whose shop it is not to be loaded into."""

import io
from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from random import Random

import pytest
from django.contrib.postgres.search import SearchQuery
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.db.migrations.recorder import MigrationRecorder
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from accounts.models import Location, User
from accounts.roles import Role
from accounts.services import opening
from alterations.models import Garment
from boutique import mail, run
from demo import catalogue, loading, purchases, trade, workroom
from demo.shop import Shop
from orders.models import Order
from orders.services import ordering
from skus.models import OutfitType, Product, Sku
from suppliers.models import Supplier


def test_it_refuses_a_shop_that_other_people_keep(db):
    opening.open_shop(demo=False, owner_password="Seven-brass-buttons-42")

    with pytest.raises(CommandError, match="Other people work here"):
        call_command("load_demo", skus=20, days=1)

    assert User.objects.count() == 1
    assert not Product.objects.exists()


def test_it_refuses_a_shop_with_something_in_it_and_at_a_start_leaves_it_alone(db, capsys):
    opening.open_shop(demo=True)
    mill = Supplier.objects.create(name="Our own mill")

    call_command("load_demo", if_empty=True)
    with pytest.raises(CommandError, match="suppliers here already"):
        call_command("load_demo", skus=20, days=1)

    assert capsys.readouterr().out == ""
    assert Supplier.objects.get() == mill
    assert not Order.objects.exists()


def test_a_shop_that_people_have_begun_to_furnish_is_theirs(db):
    opening.open_shop(demo=True)
    for change in (
        lambda: OutfitType.objects.create(code="DRESS", name="Dress"),
        lambda: Location.objects.filter(code="HARBOUR").update(is_active=False),
        lambda: Location.objects.filter(code="HARBOUR").update(code="QUAY"),
        lambda: User.objects.filter(username="staff").update(role=Role.VIEWER),
    ):
        with transaction.atomic():
            change()
            assert not loading.may_be_loaded()
            with pytest.raises(CommandError, match="empty database"):
                call_command("load_demo", skus=20, days=1)
            transaction.set_rollback(True)
    assert loading.may_be_loaded()


def test_a_server_gets_people_whose_password_everybody_knows_only_if_told(db, settings):
    settings.IS_SERVER, settings.BOUTIQUE_DEMO = True, False

    with pytest.raises(CommandError, match="BOUTIQUE_DEMO=1"):
        call_command("load_demo", skus=20, days=1)

    assert not User.objects.exists()


def test_a_database_without_tables_is_sent_to_migrate(db):
    MigrationRecorder.Migration.objects.filter(app="webhooks").delete()

    with pytest.raises(CommandError, match="manage migrate"):
        call_command("load_demo", skus=20, days=1)


def test_a_start_opens_the_doors_though_the_demo_cannot_be_loaded(db, settings, monkeypatch, capsys):
    def called(name, **options):
        if name == "load_demo":
            raise KeyError("HARBOUR")

    monkeypatch.setattr("django.core.management.call_command", called)
    settings.BOUTIQUE_DEMO = True

    run.prepare()

    said = capsys.readouterr().out
    assert "could not be filled" in said
    assert "KeyError: 'HARBOUR'" in said
    assert said.count("\n") == 1


def test_a_load_that_is_interrupted_leaves_nothing_behind(transactional_db, settings, monkeypatch):
    """In a strict house, whose deposits are paid before the work begins; and nothing is promised for today."""
    settings.BOUTIQUE_ENFORCE_DEPOSIT = True
    make, promised = ordering.make, []

    def making(**words):
        promised.append(words["delivery_date"])
        return make(**words)

    def struck(shop):
        assert set(Order.objects.values_list("status", flat=True)) >= {"in_progress", "fitting", "ready", "completed"}
        assert set(Garment.objects.values_list("status", flat=True)) == set(Garment.Status.values)
        assert min(promised) > shop.today
        raise KeyboardInterrupt

    monkeypatch.setattr(workroom.ordering, "make", making)
    monkeypatch.setattr(purchases, "order", struck)

    with pytest.raises(KeyboardInterrupt):
        call_command("load_demo", skus=20, days=1)

    assert not User.objects.exists()
    assert not any(model.objects.exists() for model in loading.papers())
    assert not DBTaskResult.objects.exists()


def test_nobody_gives_more_discount_than_staff_may(settings):
    settings.BOUTIQUE_DISCOUNT_LIMIT = Decimal(5)
    good = catalogue.Good(sku=Sku(price=Decimal("100.00")), design=catalogue.DESIGNS[0], pull=1, cost=Decimal(40))
    shop = Shop(places={}, people={}, rng=Random(1), now=timezone.now())  # noqa: S311

    given = {trade.words(shop, good, Decimal(2), date(2027, 1, 5))["discount"] for _customer in range(20)}

    assert given == {Decimal(0), Decimal(10)}


def test_whoever_watches_sees_how_far_it_is(db, monkeypatch):
    class Screen(io.StringIO):
        def isatty(self):
            return True

    def loads(*, told, **sizes):
        told(0.5, "sales")
        return True

    monkeypatch.setattr(loading, "load", loads)
    screen = Screen()

    call_command("load_demo", skus=20, days=1, stdout=screen, stderr=screen)

    bar = f"\r\033[K[{'#' * 20}{' ' * 20}] sales"
    assert screen.getvalue().startswith(f"{bar}\r\033[KThe demo shop is open: 20 SKUs, 1 days of sales, in ")


def test_a_large_catalogue_is_hung_up_in_batches(db):
    opening.open_shop(demo=True)
    told = []

    with CaptureQueriesContext(connection) as asked:
        goods = catalogue.put_in(600, User.objects.get(username="owner"), told.append)

    assert len(goods) == 600
    assert told == [500, 600]
    assert len(asked) < 120  # one by one, 118 products took 20 statements each
    suit = next(good.sku.product for good in goods if good.sku.product.name == "Two-piece suit Milano Belvedere")
    assert (suit.collection, suit.sizes, suit.colours) == ("Belvedere", list(catalogue.SUITS), ["Charcoal"])
    assert suit.description == "Two-piece suit Milano, suits of the Belvedere collection."
    assert Product.objects.filter(search=SearchQuery("belvedere", config="simple")).exists()


def test_the_database_looks_again_whenever_what_was_moved_has_doubled(db):
    shop = Shop(places={}, people={}, rng=Random(1), now=timezone.now())  # noqa: S311

    looks = []
    for lines in (300, 250, 500, 100):
        with CaptureQueriesContext(connection) as asked:
            trade.moved(shop, lines)
        looks.append([query["sql"] for query in asked])

    assert looks == [[], ["ANALYZE"], [], ["ANALYZE"]]


def test_only_the_letters_of_the_load_stay_unsent(db):
    mail.send("accounts/approved", "ada@example.org", {"name": "Ada"})
    began = timezone.now()
    mail.send("accounts/approved", "maria@example.com", {"name": "Maria"})

    loading.leave_letters_unsent(since=began)

    (kept,) = DBTaskResult.objects.filter(task_path=mail.deliver.module_path)
    assert "ada@example.org" in str(kept.args_kwargs)


def test_before_the_doors_open_on_the_day_the_clocks_go_back_nothing_is_sold_later_than_now():
    centre = Location(code="CENTRE", timezone="Europe/Berlin")
    now = datetime(2026, 10, 25, 8, 30, tzinfo=UTC)  # half past nine; the day began ten and a half hours ago
    shop = Shop(places={"CENTRE": centre}, people={}, rng=Random(1), now=now)  # noqa: S311

    opens, closes = (
        trade.moment(shop, trade.Store(centre, 1, [], Counter()), shop.today, at) for at in (time(0), trade.CLOSES)
    )

    assert opens + (closes - opens) == now
    assert now - opens == timedelta(hours=10, minutes=30)


def test_only_the_empty_shop_of_the_demo_people_is_filled_at_a_start(db):
    assert not loading.may_be_loaded()

    opening.open_shop(demo=True)
    assert loading.may_be_loaded()

    Supplier.objects.create(name="Our own mill")
    assert not loading.may_be_loaded()


def test_a_start_loads_it_if_it_is_wanted(settings, monkeypatch):
    for is_wanted, loaded in ((True, ["load_demo"]), (False, [])):
        called = []
        monkeypatch.setattr("django.core.management.call_command", lambda name, to=called, **options: to.append(name))
        settings.BOUTIQUE_DEMO = is_wanted

        run.prepare()

        assert called == ["migrate", "open_shop", *loaded]
