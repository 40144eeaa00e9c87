"""Whose shop it is not to be loaded into."""

import pytest
from django.core.management import CommandError, call_command

from accounts.models import User
from accounts.services import opening
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
