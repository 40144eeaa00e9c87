"""The catalogue over HTTP."""

import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from drf_spectacular.generators import SchemaGenerator
from PIL import Image

from accounts.roles import Role
from accounts.tests.factories import UserFactory
from boutique.api import pagination
from skus import finding
from skus.models import Product, Sku
from skus.services import barcodes, catalogue, search, variants
from skus.tests.factories import (
    BarcodeFactory,
    CategoryFactory,
    OutfitTypeFactory,
    ProductFactory,
    ProductImageFactory,
    SkuFactory,
)

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


# ------------------------------------------------------------------------------------------------ the matrix


def test_a_matrix_of_1001_is_refused_with_the_number(owner, as_):
    product = kurta(as_(owner), sizes=[f"{n}" for n in range(91)], colours=[f"C{n}" for n in range(11)])

    answer = as_(owner).post(f"products/{product['id']}/generate-skus/")

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["params"]["combinations"] == 1001
    assert not Sku.objects.exists()


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"exclude": [{"size": "XXL"}]}, "exclude.0.size"),
        ({"exclude": [{}]}, "exclude.0"),
        ({"exclude": [{"sise": "S"}]}, "exclude.0.sise"),
        ({"exclude": {"size": "S"}}, "exclude"),
        ({"exclude": [{"size": "S"}] * 501}, "exclude"),
        ({"preview": "yes"}, "preview"),
        ({"price": "-1"}, "price"),
        ({"price": "1000000.01"}, "price"),
        ({"sizes": ["S"]}, "sizes"),
    ],
)
def test_what_is_wrong_in_a_matrix_is_named_and_nothing_is_made(sent, field, owner, as_):
    product = kurta(as_(owner))

    answer = as_(owner).post(f"products/{product['id']}/generate-skus/", sent)

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == field
    assert not Sku.objects.exists()


def test_a_matrix_shows_sizes_as_worn_and_what_there_is(owner, as_):
    client = as_(owner)
    product = kurta(client)
    client.post(f"products/{product['id']}/generate-skus/", {"exclude": [{"size": "L"}], "price": "5.00"})

    shown = client.get(f"products/{product['id']}/matrix/").json()

    assert (shown["sizes"], shown["colours"], shown["styles"]) == (["S", "M", "L"], ["Blue", "Ivory"], [])
    assert [(cell["size"], cell["colour"]) for cell in shown["cells"]] == [
        ("S", "Blue"), ("S", "Ivory"), ("M", "Blue"), ("M", "Ivory"),
    ]  # fmt: skip
    assert {cell["price"] for cell in shown["cells"]} == {"5.00"}


def test_a_preview_has_no_ids_and_no_barcodes(owner, as_):
    product = kurta(as_(owner))

    shown = as_(owner).post(f"products/{product['id']}/generate-skus/", {"preview": True}).json()

    assert shown["created"] == 6
    assert {(sku["id"], sku["barcode"], sku["is_new"]) for sku in shown["skus"]} == {(None, None, True)}
    assert shown["skus"][0]["price"] == "79.00"
    assert not Sku.objects.exists()


# ------------------------------------------------------------------------------------------------ who may do what


def test_sales_staff_change_their_own_and_others_are_not_there_to_be_changed(clerk, owner, as_):
    client = as_(clerk)
    mine, theirs = kurta(client), kurta(as_(owner))
    my_sku = client.post("skus/", {"product": mine["id"], "size": "M"}).json()
    their_sku = as_(owner).post("skus/", {"product": theirs["id"], "size": "M"}).json()

    assert client.patch(f"products/{mine['id']}/", {"name": "New"}).status_code == 200
    assert client.patch(f"skus/{my_sku['id']}/", {"colour": "Red"}).status_code == 200
    for path in (f"products/{theirs['id']}/", f"skus/{their_sku['id']}/"):
        assert client.get(path).status_code == 200
        assert client.patch(path, {"code": "NEW"}).status_code == 404
        assert client.delete(path).status_code == 404
        assert client.post(f"{path}archive/").status_code == 404
    assert client.delete(f"products/{mine['id']}/").status_code == 204


def test_prices_are_changed_by_whoever_runs_the_store(clerk, manager, as_):
    client = as_(clerk)
    product = kurta(client)
    sku = client.post("skus/", {"product": product["id"], "size": "M", "price": "85.00"}).json()

    for path, sent in (
        (f"products/{product['id']}/", {"base_price": "1.00"}),
        (f"skus/{sku['id']}/", {"price": "1.00"}),
    ):
        answer = client.patch(path, sent)
        assert (answer.status_code, answer.json()["code"]) == (403, "permission_denied")
        assert as_(manager).patch(path, sent).status_code == 200
    lines = as_(manager).get(f"products/{product['id']}/events/").json()["results"]
    assert [line["changes"] for line in lines] == [{"price": ["85.00", "1.00"]}, {"base_price": ["79.00", "1.00"]}]
    assert {line["by_name"] for line in lines} == {"Ada Manager"}


@pytest.mark.parametrize("role", ["viewer", "tailor", "junior_designer"])
def test_who_does_not_sell_sees_no_price_and_cannot_find_it_out(role, owner, as_):
    product = kurta(as_(owner))
    as_(owner).post(f"products/{product['id']}/generate-skus/", {"price": "85.00"})
    sku, client = Sku.objects.first(), as_(UserFactory(role=role))

    for path in (
        "products/",
        f"products/{product['id']}/",
        f"products/{product['id']}/matrix/",
        "skus/",
        f"skus/{sku.pk}/",
        "skus/?expand=product",
    ):
        answer = client.get(path)
        assert answer.status_code == 200
        assert not set(names_in(answer.json())) & {"price", "base_price", "effective_price", "tax_rate", "price_range"}
        assert "85.00" not in answer.content.decode()
        assert "79.00" not in answer.content.decode()
    for path, question in (
        ("products/", "price_min=1"),
        ("products/", "price_max=1"),
        ("products/", "ordering=-base_price"),
        ("skus/", "price_min=1"),
        ("skus/", "price_max=1"),
        ("skus/", "ordering=price"),
        ("skus/", "ordering=code,-price"),
    ):
        assert client.get(f"{path}?{question}").status_code == 403
        assert as_(owner).get(f"{path}?{question}").status_code == 200
    assert client.post(f"products/{product['id']}/generate-skus/", {"preview": True}).status_code == 403


def names_in(answer):
    if isinstance(answer, list):
        return [name for part in answer for name in names_in(part)]
    if isinstance(answer, dict):
        return [*answer, *(name for part in answer.values() for name in names_in(part))]
    return []


# ------------------------------------------------------------------------------------------------ one at a time


@pytest.mark.parametrize("path", ["products", "skus", "categories", "outfit-types"])
def test_a_change_of_what_has_changed_since_is_refused(path, owner, as_):
    client = as_(owner)
    make = {"products": ProductFactory, "skus": SkuFactory, "categories": CategoryFactory}.get(path, OutfitTypeFactory)
    row, field = make(), "size" if path == "skus" else "name"
    tag = client.get(f"{path}/{row.pk}/")["ETag"]
    assert client.patch(f"{path}/{row.pk}/", {field: "One"}, headers={"If-Match": tag}).status_code == 200

    answer = client.patch(f"{path}/{row.pk}/", {field: "Two"}, headers={"If-Match": tag})

    assert (answer.status_code, answer.json()["code"]) == (412, "stale")
    assert client.get(f"{path}/{row.pk}/").json()[field] == "One"


def test_what_is_archived_is_found_among_the_archived_and_comes_back(owner, as_):
    client, sku = as_(owner), SkuFactory()

    assert client.post(f"skus/{sku.pk}/archive/").json()["is_active"] is False
    assert [row["id"] for row in client.get("skus/?is_active=false").json()["results"]] == [sku.pk]
    assert client.get("skus/?is_active=true").json()["results"] == []
    assert client.post(f"skus/{sku.pk}/restore/").json()["is_active"] is True
    assert client.post(f"products/{sku.product_id}/archive/").json()["is_active"] is False
    assert client.post(f"products/{sku.product_id}/restore/").json()["is_active"] is True


def test_a_sku_comes_with_its_barcode_or_gets_one(owner, as_):
    client, product = as_(owner), ProductFactory(code="KRT")

    brought = client.post("skus/", {"product": product.pk, "size": "M", "barcode": "0-36000-29145-2"})
    given = client.post("skus/", {"product": product.pk, "size": "L"})
    taken = client.post("skus/", {"product": product.pk, "size": "XL", "barcode": "036000291452"})
    wrong = client.post("skus/", {"product": product.pk, "size": "XL", "barcode": "036000291453"})
    again = client.post("skus/", {"product": product.pk, "size": "m"})

    assert (brought.status_code, brought.json()["barcode"]) == (201, "036000291452")
    assert given.json()["barcode"].startswith("200")
    assert (taken.status_code, taken.json()["errors"][0]["params"]) == (409, {"owner": "KRT-M"})
    assert (wrong.status_code, wrong.json()["errors"][0]["params"]) == (400, {"expected": "2"})
    assert (wrong.json()["errors"][0]["field"], taken.json()["errors"][0]["field"]) == ("barcode", "barcode")
    assert (again.status_code, again.json()["code"]) == (409, "duplicate")
    assert Sku.objects.count() == 2


@pytest.mark.parametrize(
    ("path", "sent", "field"),
    [
        ("products/", {"name": "K", "base_price": "-1"}, "base_price"),
        ("products/", {"name": "K", "base_price": "1e3"}, "base_price"),
        ("products/", {"name": "K", "base_price": "1.001"}, "base_price"),
        ("products/", {"name": "K" * 201, "base_price": "1"}, "name"),
        ("products/", {"name": " \u200b", "base_price": "1"}, "name"),
        ("products/", {"name": "K", "base_price": "1", "tax_rate": "101"}, "tax_rate"),
        ("products/", {"name": "K", "base_price": "1", "code": "no good"}, "code"),
        ("products/", {"name": "K", "base_price": "1", "sizes": "S"}, "sizes"),
        ("products/", {"name": "K", "base_price": "1", "sizes": [""]}, "sizes.0"),
        ("products/", {"name": "K", "base_price": "1", "sizes": ["S"] * 501}, "sizes"),
        ("products/", {"name": "K", "base_price": "1", "category": 0}, "category"),
        ("products/", {"name": "K", "base_price": "1", "is_active": False}, "is_active"),
        ("products/", {"name": "K", "base_price": "1", "sku_count": 7}, "sku_count"),
        ("skus/", {"product": 1, "size": "x" * 41}, "size"),
        ("skus/", {"size": "M"}, "product"),
        ("categories/", {"name": "W", "slug": "No Good"}, "slug"),
        ("outfit-types/", {"name": "G", "code": "Ä"}, "code"),
    ],
)
def test_what_cannot_be_is_named_by_its_field(path, sent, field, owner, as_):
    if path == "skus/" and "product" in sent:
        sent = sent | {"product": ProductFactory().pk}

    answer = as_(owner).post(path, sent)

    assert answer.status_code == 400
    assert [error["field"] for error in answer.json()["errors"]] == [field]


# ------------------------------------------------------------------------------------------------ filters


@pytest.fixture
def shelf(owner):
    women = CategoryFactory(name="Women")
    dresses = CategoryFactory(name="Dresses", parent=women)
    worn = OutfitTypeFactory()
    product = ProductFactory(
        category=dresses, outfit_type=worn, kind="fabric", unit="metre", brand="Asha", collection="Winter",
        base_price="50.00", created_by=owner,
    )  # fmt: skip
    sku = SkuFactory(product=product, size="M", colour="Blue", style="Long", price="60.00", created_by=owner)
    SkuFactory(size="L", colour="Red", product__base_price="5.00")
    return {
        "women": women.pk,
        "dresses": dresses.pk,
        "worn": worn.pk,
        "owner": owner.pk,
        "product": product,
        "sku": sku,
    }


BOTH = [
    "category={women}", "category={dresses}", "outfit_type={worn}", "kind=fabric", "unit=metre", "brand=ASHA",
    "collection=winter", "created_by={owner}", "price_min=50", "price_min=6&price_max=60.00",
]  # fmt: skip
OF_SKUS = [
    "product={product.pk}",
    "size=m",
    "colour=BLUE",
    "style=long",
    "price_min=60",
    "price_max=60&price_min=59.99",
]


@pytest.mark.parametrize("question", BOTH)
def test_filters_find_products(question, shelf, owner, as_):
    found = as_(owner).get(f"products/?{question.format(**shelf)}").json()

    assert [row["id"] for row in found["results"]] == [shelf["product"].pk]


@pytest.mark.parametrize("question", [*BOTH, *OF_SKUS])
def test_filters_find_skus(question, shelf, owner, as_):
    found = as_(owner).get(f"skus/?{question.format(**shelf)}").json()

    assert [row["id"] for row in found["results"]] == [shelf["sku"].pk]


@pytest.mark.parametrize("path", ["products/", "skus/"])
@pytest.mark.parametrize(
    ("question", "status"),
    [
        ("category=999999", 200), ("category=x", 400), ("category=0", 400), ("category=9223372036854775808", 400),
        ("category=", 400), ("outfit_type=1.5", 400), ("kind=shoes", 400), ("unit=mile", 400), ("brand=%00", 400),
        ("price_min=x", 400), ("price_min=-1", 400), ("price_max=NaN", 400), ("price_max=Infinity", 400),
        ("price_max=1e5", 200), ("price_max=1e400000", 400), ("price_min=0.00000000001", 200), ("is_active=maybe", 400),
        ("is_active=1&is_active=0", 400), ("colours=Blue", 400), ("ordering=colour", 400), ("ordering=code,code", 400),
        ("search=" + "x" * 101, 400), ("search=a b c d e f", 400), ("search=%00", 400), ("created_after=now", 400),
        ("created_after=2026-01-01T00:00:00Z", 200), ("expand=nobody", 400), ("cursor=x", 400), ("page=0", 400),
        ("brand=%F0%9F%A7%B5", 200), ("brand=%27%22%5C%25_", 200),
    ],
)  # fmt: skip
def test_filters_say_what_is_wrong_with_them(path, question, status, shelf, owner, as_):
    answer = as_(owner).get(f"{path}?{question}")

    assert answer.status_code == status, answer.content
    if status == 400:
        assert answer.json()["code"] == "invalid"


@pytest.mark.parametrize("path", ["skus", "products"])
@pytest.mark.parametrize("search", ["", "blue", "kurta"])
def test_a_list_is_walked_to_its_end_and_back_in_any_order(path, search, owner, as_, monkeypatch):
    monkeypatch.setattr(finding, "MANY", 3)  # the way for common words, too
    product, client = kurta(as_(owner), sizes=[f"{n}" for n in range(4)]), as_(owner)
    client.post(f"products/{product['id']}/generate-skus/")
    kurta(client)
    orderings = ["code", "name", "-created_at", "size,-code", "-price"] if path == "skus" else ["name", "-base_price"]
    for ordering in orderings:
        whole = client.get(f"{path}/", {"ordering": ordering, "search": search, "page_size": 100}).json()["results"]
        seen, following = [], client.get(f"{path}/", {"ordering": ordering, "search": search, "page_size": 3}).json()
        while True:
            seen += [row["id"] for row in following["results"]]
            if following["next"] is None:
                break
            following = client.get(following["next"].partition("/api/v1/")[2]).json()
        assert seen == [row["id"] for row in whole]
        assert (
            len(seen)
            == {"skus": {"": 8, "blue": 4, "kurta": 8}, "products": {"": 2, "blue": 1, "kurta": 2}}[path][search]
        )


def test_common_and_rare_words_find_the_same_whatever_the_way(owner, as_, monkeypatch):
    client = as_(owner)
    product = kurta(client, sizes=[f"{n}" for n in range(20)])
    client.post(f"products/{product['id']}/generate-skus/")
    ProductFactory(name="Kurta", search=None)
    ways = []
    for often, many in ((10**6, 10**6), (1, 10**6), (1, 0)):
        monkeypatch.setattr(finding, "OFTEN", often)
        monkeypatch.setattr(finding, "MANY", many)
        ways.append([[row.pk for row in model.objects.found_by("blu kurt")] for model in (Sku, Product)])

    assert [len(found) for found in ways[0]] == [20, 1]
    assert ways[0] == ways[1] == ways[2]


def test_what_is_too_common_to_be_counted_is_estimated_unless_a_filter_narrows_it_down(owner, as_, monkeypatch):
    client = as_(owner)
    product = kurta(client, sizes=[f"{n}" for n in range(10)])
    client.post(f"products/{product['id']}/generate-skus/")
    monkeypatch.setattr(finding, "MANY", 8)
    monkeypatch.setattr(pagination, "COUNTED", 19)

    def counted(question):
        answer = client.get(f"skus/?{question}").json()
        return answer["count"], answer["count_exact"]

    assert counted("search=kurta") == (20, False)
    assert counted("search=kurta&colour=blue") == (10, True)
    assert counted("search=kurta+5") == (2, True)


# ------------------------------------------------------------------------------------------------ pictures


def photo():
    buffer = io.BytesIO()
    Image.new("RGB", (900, 600), "red").save(buffer, "JPEG")
    return SimpleUploadedFile("dress.jpg", buffer.getvalue(), "image/jpeg")


def test_a_picture_has_a_thumbnail_stands_first_and_is_gone_when_it_is_deleted(
    owner, as_, settings, django_capture_on_commit_callbacks
):
    client, sku = as_(owner), SkuFactory()

    made = client.post(
        "product-images/", {"product": sku.product_id, "sku": sku.pk, "image": photo()}, format="multipart"
    )

    assert made.status_code == 201, made.content
    picture = made.json()
    assert picture["image"]["url"] != picture["image"]["thumbnail"]
    assert client.get(f"products/{sku.product_id}/").json()["image"] is not None
    assert len(files(settings)) == 2
    with django_capture_on_commit_callbacks(execute=True):
        assert client.delete(f"product-images/{picture['id']}/").status_code == 204
    assert files(settings) == []
    assert client.get(f"products/{sku.product_id}/").json()["image"] is None


def files(settings):
    return [path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()]


def test_the_pictures_of_a_deleted_product_are_gone_with_it(owner, as_, settings, django_capture_on_commit_callbacks):
    client, product = as_(owner), ProductFactory()
    client.post("product-images/", {"product": product.pk, "image": photo()}, format="multipart")
    assert len(files(settings)) == 2

    with django_capture_on_commit_callbacks(execute=True):
        assert client.delete(f"products/{product.pk}/").status_code == 204

    assert files(settings) == []


def test_the_twenty_first_picture_and_one_of_a_strange_sku_are_refused(owner, as_):
    client, product = as_(owner), ProductFactory()
    ProductImageFactory.create_batch(20, product=product)

    full = client.post("product-images/", {"product": product.pk, "image": photo()}, format="multipart")
    strange = client.post(
        "product-images/",
        {"product": ProductFactory().pk, "sku": SkuFactory().pk, "image": photo()},
        format="multipart",
    )

    assert (full.status_code, full.json()["code"]) == (409, "too_many_pictures")
    assert (strange.status_code, strange.json()["errors"][0]["field"]) == (400, "sku")


def test_the_last_place_holds_more_than_one(owner, as_):
    client, product = as_(owner), ProductFactory()
    ProductImageFactory(product=product, position=32_767)

    made = client.post("product-images/", {"product": product.pk, "image": photo()}, format="multipart")

    assert (made.status_code, made.json()["position"]) == (201, 32_767)


# ------------------------------------------------------------------------------------------------ what it costs


def many(number, owner):
    women = CategoryFactory()
    for _ in range(number):
        product = ProductFactory(category=women, name="Kurta", brand="Asha", created_by=owner)
        BarcodeFactory(sku=SkuFactory(product=product, created_by=owner), is_primary=True, created_by=owner)
        ProductImageFactory(product=product, created_by=owner)
    search.refresh_products(list(Product.objects.values_list("pk", flat=True)))
    return women.pk


@pytest.mark.parametrize("path", ["skus/", "products/"])
@pytest.mark.parametrize(
    "question",
    ["", "category={}", "brand=asha", "price_min=1", "is_active=true", "search=kurta", "search=kurta asha",
     "expand={expand}", "ordering=-created_at", "category={}&search=kurta&expand={expand}&price_max=1000&brand=asha"],
)  # fmt: skip
def test_a_page_of_50_takes_as_many_questions_as_a_page_of_one(path, question, owner, as_):
    client, counts = as_(owner), []
    expand = "product" if path == "skus/" else "category,outfit_type"
    for number in (1, 49):
        shelf = many(number, owner)
        Product.objects.update(category=shelf)
        asked = question.replace("{expand}", expand).format(shelf)
        with CaptureQueriesContext(connection) as seen:
            answer = client.get(f"{path}?page_size=50&{asked}")
        assert answer.status_code == 200, answer.content
        assert len(answer.json()["results"]) == (1 if number == 1 else 50)
        counts.append(len(seen))

    assert counts[0] == counts[1] <= 6, counts


def test_five_hundred_skus_cost_as_many_questions_as_five(owner, as_):
    client, counts = as_(owner), []
    for sizes, colours in ((5, 1), (25, 20)):
        product = ProductFactory(sizes=[f"{n}" for n in range(sizes)], colours=[f"Colour {n}" for n in range(colours)])
        with CaptureQueriesContext(connection) as seen:
            answer = client.post(f"products/{product.pk}/generate-skus/", headers={"Idempotency-Key": f"{sizes}"})
        assert answer.json()["created"] == sizes * colours
        counts.append(len([one for one in seen if "SAVEPOINT" not in one["sql"]]))

    assert counts[0] == counts[1] <= 12, counts


# ------------------------------------------------------------------------------------------------ what others made


def test_sales_staff_leave_alone_what_others_made(clerk, owner, as_):
    client = as_(clerk)
    theirs = variants.add_sku(product=ProductFactory(created_by=owner), size="M", by=owner)
    spare = barcodes.add(sku=theirs, value="4006381333931", by=owner)
    taken_over = client.post(f"skus/{theirs.pk}/barcodes/", {"value": "96385074", "is_primary": True})
    assert taken_over.status_code == 404
    assert client.patch(f"skus/{theirs.pk}/barcodes/{spare.pk}/", {"is_primary": True}).status_code == 404
    assert client.post(f"skus/{theirs.pk}/barcodes/", {"value": "96385074"}).status_code == 201
    pictured = {"product": theirs.product_id, "image": photo()}
    assert client.post("product-images/", pictured, format="multipart").status_code == 404

    mine = catalogue.add_product(name="Kurta", base_price=1, by=clerk)
    variants.add_sku(product=mine, size="M", by=owner)
    for refused in (client.delete(f"products/{mine.pk}/"), client.post(f"products/{mine.pk}/archive/")):
        assert (refused.status_code, refused.json()["code"]) == (409, "in_use")
    assert Sku.objects.filter(product=mine, is_active=True).exists()


def test_pictures_and_barcodes_are_seen_by_those_who_may_see_them(store, owner, as_):
    sku = variants.add_sku(product=ProductFactory(), size="M", by=owner)
    ProductImageFactory(product=sku.product)
    tailor = as_(UserFactory(role=Role.TAILOR, places=[store]))
    junior = as_(UserFactory(role=Role.JUNIOR_DESIGNER, places=[store]))
    for client in (tailor, junior):
        assert "image" not in client.get(f"products/{sku.product_id}/").json()
    assert "image" not in tailor.get(f"barcodes/{sku.code}/").json()["object"]
    assert "barcode" not in junior.get(f"skus/{sku.pk}/").json()
    assert as_(owner).get(f"products/{sku.product_id}/").json()["image"]


def test_what_is_taken_names_the_field_that_a_person_would_change(owner, as_):
    client = as_(owner)
    client.post("categories/", {"name": "Dresses"})
    assert client.post("categories/", {"name": "dresses"}).json()["errors"][0]["field"] == "name"
    product = ProductFactory()
    client.post("skus/", {"product": product.pk, "size": "M"})
    assert client.post("skus/", {"product": product.pk, "size": "m"}).json()["errors"][0]["field"] == "size"


def test_the_log_of_a_deleted_product_stays_readable(owner, as_):
    product = catalogue.add_product(name="Kurta", base_price=1, by=owner)
    catalogue.delete_product(product=product, by=owner)
    (event,) = as_(owner).get(f"products/{product.pk}/events/").json()["results"]
    assert (event["kind"], event["code"]) == ("deleted", product.code)
    assert as_(owner).get("products/999999/events/").status_code == 404


def test_rows_of_spaces_are_one_space(owner, as_):
    assert as_(owner).post("categories/", {"name": "Evening   wear"}).json()["name"] == "Evening wear"


def test_a_hole_without_a_size_on_a_product_with_sizes_is_refused(owner, as_):
    product = ProductFactory(sizes=["S"])
    answer = as_(owner).post(f"products/{product.pk}/generate-skus/", {"exclude": [{"size": ""}]})
    assert answer.status_code == 400


def test_a_choice_that_is_none_says_which_there_are(owner, as_):
    answer = as_(owner).post("products/", {"name": "K", "base_price": "1", "kind": "shoe"})
    assert answer.json()["detail"] == "'shoe' is not one of: garment, fabric, trim, accessory."


def test_a_number_is_found_as_it_is_printed(owner, as_):
    sku = variants.add_sku(product=ProductFactory(), size="M", barcode="9783161484100", by=owner)
    (found,) = as_(owner).get("skus/", {"search": "978-3-16-148410-0"}).json()["results"]
    assert found["id"] == sku.pk


@pytest.mark.parametrize("rate", ["150", "-5", "NaN", "much"])
def test_a_tax_rate_that_is_none_ends_the_start(rate):
    words = [sys.executable, "-c", "import boutique.settings"]
    ended = subprocess.run(words, env=os.environ | {"BOUTIQUE_TAX_RATE": rate}, capture_output=True, text=True)  # noqa: S603
    assert ended.returncode == 1
    assert f"BOUTIQUE_TAX_RATE={rate} is not a percentage" in ended.stderr


# ------------------------------------------------------------------------------------------------ the document


@pytest.fixture(scope="module")
def document():
    return SchemaGenerator().get_schema(request=None, public=True)


def test_every_act_is_described_in_its_own_words(document):
    paths = document["paths"]
    of_lists = {acts["get"]["description"] for acts in paths.values() if "description" in acts.get("get", {})}
    ours = [path for path in paths if re.search("/(categories|outfit-types|products|skus|product-images|users)/", path)]

    wrong = [
        (verb, path)
        for path in ours
        for verb in {"post", "put", "patch", "delete"} & paths[path].keys()
        if paths[path][verb].get("description") in {None, *of_lists}
    ]
    assert len(ours) > 20
    assert wrong == []


def test_the_document_holds_no_notes_to_developers(document):
    text = json.dumps(document)

    assert "For input that is not one row" not in text
    assert "For the documents" not in text
    assert (
        "made from the name" in document["components"]["schemas"]["ProductRequest"]["properties"]["code"]["description"]
    )


def test_outfit_types_are_found_by_when_they_were_made(as_, clerk):
    OutfitTypeFactory()

    assert as_(clerk).get("outfit-types/?created_after=2000-01-01T00:00:00Z").json()["count"] == 1
    assert as_(clerk).get("outfit-types/?created_before=2000-01-01T00:00:00Z").json()["count"] == 0
