import pytest
from django.db import connection

from inventory.services import checking
from skus.tests.factories import ProductFactory, SkuFactory
from suppliers.tests.factories import SupplierFactory


@pytest.fixture
def mill(db):
    return SupplierFactory(name="Mill of Avoca", contact_name="Ada Byrne", email="ada@mill.example")


@pytest.fixture
def kurta(db):
    return SkuFactory(code="KRT-BLU-M")


@pytest.fixture
def sari(db):
    return SkuFactory(code="SARI")


@pytest.fixture
def cloth(db):
    return SkuFactory(code="SILK", product=ProductFactory(name="Silk", unit="metre"))


@pytest.fixture
def adds_up(db):
    """Whatever the test did, the ledger and the shelves say the same."""
    yield
    assert list(checking.differences()) == []
    connection.check_constraints()
