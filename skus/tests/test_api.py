"""The catalogue over HTTP."""

import pytest

from skus.models import Sku
from skus.tests.factories import ProductFactory, SkuFactory

pytestmark = pytest.mark.django_db


def kurta(client, **fields):
    sent = {"name": "Kurta", "base_price": "79.00", "sizes": ["L", "S", "M"], "colours": ["Blue", "Ivory"]} | fields
    answer = client.post("products/", sent)
    assert answer.status_code == 201, answer.content
    return answer.json()


def test_a_style_entered_once_is_there_in_every_size_and_colour(owner, as_):
    client = as_(owner)
    product = kurta(client)

    made = client.post(f"products/{product['id']}/generate-skus/").json()

    assert (product["code"], product["sizes"]) == ("KRT", ["S", "M", "L"])
    assert {name: made[name] for name in ("asked", "excluded", "created", "unchanged")} == {
        "asked": 6,
        "excluded": 0,
        "created": 6,
        "unchanged": 0,
    }
    assert [sku["code"] for sku in made["skus"]][:3] == ["KRT-BLU-S", "KRT-BLU-M", "KRT-BLU-L"]
    assert len({sku["barcode"] for sku in made["skus"]}) == 6
    assert Sku.objects.count() == 6


@pytest.mark.parametrize("text", ["kur", "KRT-BLU", "blue m", "asha", "krt blu m", "WINTER"])
def test_found_by_the_beginnings_of_its_words(text, owner, as_):
    client = as_(owner)
    product = kurta(client, brand="Ásha", collection="Winter 2026")
    client.post(f"products/{product['id']}/generate-skus/")
    kurta(client, name="Sari")

    assert [row["code"] for row in client.get("products/", {"search": text}).json()["results"]] == ["KRT"]
    assert "KRT-BLU-M" in [row["code"] for row in client.get("skus/", {"search": text}).json()["results"]]


def test_one_query_more_for_no_row(owner, as_, django_assert_num_queries):
    for _ in range(3):
        SkuFactory()
    ProductFactory()
    client = as_(owner)
    with django_assert_num_queries(3):
        assert len(client.get("skus/").json()["results"]) == 3
    with django_assert_num_queries(3):
        assert len(client.get("products/").json()["results"]) == 4
