import pytest

pytestmark = pytest.mark.django_db


def test_smoke(owner, store, as_):
    for path in ("admin", "store", "low-stock", "total-sales", "top-products"):
        answer = as_(owner).get(f"dashboard/{path}/")
        assert answer.status_code == 200, answer.content
        print(answer.json())
