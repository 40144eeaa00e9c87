"""Whose shop it is not to be loaded into."""

import pytest
from django.core.management import CommandError, call_command

from accounts.models import User
from accounts.services import opening
from boutique import run
from demo import loading
from orders.models import Order
from skus.models import Product
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


def test_only_the_empty_shop_of_the_demo_people_is_filled_at_a_start(db):
    assert not loading.may_be_loaded()

    opening.open_shop(demo=True)
    assert loading.may_be_loaded()

    Supplier.objects.create(name="Our own mill")
    assert not loading.may_be_loaded()


@pytest.mark.parametrize(
    ("said", "is_server", "loads"),
    [(None, False, True), ("1", False, True), ("0", False, False), (None, True, False), ("1", True, True)],
)
def test_a_start_loads_it_unless_told_otherwise_and_a_real_server_only_if_told(
    said, is_server, loads, settings, monkeypatch
):
    called = []
    monkeypatch.setattr("django.core.management.call_command", lambda name, **options: called.append(name))
    monkeypatch.delenv("BOUTIQUE_DEMO", raising=False)
    if said is not None:
        monkeypatch.setenv("BOUTIQUE_DEMO", said)
    settings.IS_SERVER = is_server

    run.prepare()

    assert called == ["migrate", "open_shop", *(["load_demo"] if loads else [])]
