"""Several people in the catalogue at the same moment: over HTTP, with real threads and locks."""

import pytest
from django.db import connection

from accounts.roles import Role
from accounts.tests.factories import UserFactory
from conftest import ApiClient
from skus import gtin
from skus.models import Barcode, Category, Product, Sku
from skus.services import barcodes, catalogue, variants
from skus.tests.factories import CategoryFactory, ProductFactory, SkuFactory
from tests.threads import at_once, errors_of, while_waiting

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def owners():
    return [UserFactory(role=Role.ADMIN) for _ in range(8)]


@pytest.fixture
def owner(owners):
    return owners[0]


@pytest.fixture
def devices(owners):
    return [ApiClient(owner) for owner in owners]


def codes_of(answers):
    return sorted(answer.status_code for answer in answers)


def test_eight_who_make_skus_at_once_never_share_a_code_or_a_barcode(devices):
    kurta, sari = ProductFactory(code="KRT"), ProductFactory(code="SRI")

    def make(device, number):
        answers = []
        for turn in range(4):
            product = (kurta, sari)[(number + turn) % 2]
            # Sizes that look alike in plain letters: their codes must be told apart.
            answers.append(device.post("skus/", {"product": product.pk, "size": chr(0x4E00 + 4 * number + turn)}))
        return answers

    outcomes = at_once(*(lambda d=device, n=number: make(d, n) for number, device in enumerate(devices)))

    assert errors_of(outcomes) == []
    answers = [answer for made in outcomes for answer in made]
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["code"] for answer in answers}) == 32
    assert len({answer.json()["barcode"] for answer in answers}) == 32
    assert Sku.objects.count() == Barcode.objects.filter(is_primary=True).count() == 32


def test_eight_who_add_products_of_one_name_get_eight_codes(devices):
    answers = at_once(
        *(lambda d=device: d.post("products/", {"name": "Kurta", "base_price": "1"}) for device in devices)
    )

    assert codes_of(answers) == [201] * 8
    assert {answer.json()["code"] for answer in answers} == {"KRT", *(f"KRT{number}" for number in range(2, 9))}


def test_eight_who_add_categories_of_one_name_on_different_shelves_get_eight_slugs(devices):
    shelves = [CategoryFactory() for _ in devices]

    answers = at_once(
        *(
            lambda d=device, s=shelf: d.post("categories/", {"name": "Gowns", "parent": s.pk})
            for device, shelf in zip(devices, shelves, strict=True)
        )
    )

    assert codes_of(answers) == [201] * 8
    assert len({answer.json()["slug"] for answer in answers}) == 8


def test_two_who_make_one_matrix_at_once_make_it_once(devices):
    product = ProductFactory(sizes=["S", "M", "L"], colours=["Blue", "Ivory"])

    answers = at_once(*(lambda d=device: d.post(f"products/{product.pk}/generate-skus/") for device in devices[:2]))

    assert codes_of(answers) == [200, 200]
    assert sorted(answer.json()["created"] for answer in answers) == [0, 6]
    assert Sku.objects.count() == Barcode.objects.count() == 6


def test_the_second_to_make_a_matrix_waits_and_sees_what_the_first_made(owners, devices):
    product = ProductFactory(sizes=["S", "M", "L"])

    answer = while_waiting(
        lambda: ApiClient(owners[0]).post(f"products/{product.pk}/generate-skus/"),
        lambda: devices[1].post(f"products/{product.pk}/generate-skus/"),
    )

    assert (answer.status_code, answer.json()["created"], answer.json()["unchanged"]) == (200, 0, 3)


def test_a_barcode_given_to_two_skus_at_once_belongs_to_one(devices):
    for _round in range(3):
        skus = [SkuFactory() for _ in range(4)]
        Barcode.objects.all().delete()
        answers = at_once(
            *(
                lambda d=device, s=sku: d.post(f"skus/{s.pk}/barcodes/", {"value": "4006381333931"})
                for device, sku in zip(devices, skus, strict=False)
            )
        )

        assert codes_of(answers) == [201, 409, 409, 409]
        assert {answer.json()["code"] for answer in answers if answer.status_code == 409} == {"duplicate"}
        assert Barcode.objects.count() == 1


def test_who_is_too_late_for_a_barcode_hears_that_it_is_taken(owners, devices):
    first, second = SkuFactory(), SkuFactory()

    answer = while_waiting(
        lambda: barcodes.add(sku=first, value="4006381333931", by=owners[0]),
        lambda: devices[1].post(f"skus/{second.pk}/barcodes/", {"value": "4006381333931"}),
    )

    assert (answer.status_code, answer.json()["code"]) == (409, "duplicate")
    assert answer.json()["errors"][0]["field"] == "value"


def test_a_sku_has_one_primary_barcode_whoever_hurries(devices):
    sku = SkuFactory()
    codes = [f"CODE-{number}" for number in range(8)]

    answers = at_once(
        *(
            lambda d=device, c=code: d.post(f"skus/{sku.pk}/barcodes/", {"value": c, "is_primary": True})
            for device, code in zip(devices, codes, strict=True)
        )
    )

    assert codes_of(answers) == [201] * 8
    assert sku.barcodes.filter(is_primary=True).count() == 1


def test_two_moves_at_once_never_close_a_circle(owners, devices):
    women, men = CategoryFactory(name="Women"), CategoryFactory(name="Men")

    answer = while_waiting(
        lambda: catalogue.change_category(category=women, parent=men, by=owners[0]),
        lambda: devices[1].patch(f"categories/{men.pk}/", {"parent": women.pk}),
    )

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == "parent"
    assert Category.objects.get(pk=men.pk).parent is None


def test_many_moves_at_once_leave_a_tree(devices):
    shelves = [CategoryFactory() for _ in devices]

    answers = at_once(
        *(
            lambda d=device, s=shelf, p=parent: d.patch(f"categories/{s.pk}/", {"parent": p.pk})
            for device, shelf, parent in zip(devices, shelves, shelves[1:] + shelves[:1], strict=True)
        )
    )

    assert set(codes_of(answers)) == {200, 400}
    for shelf in shelves:
        above = Category.objects.get(pk=shelf.pk)
        for _step in range(9):
            above = above.parent
            if above is None:
                break
        assert above is None


def test_two_changes_of_one_product_at_once_keep_both(owners, devices):
    product = ProductFactory(brand="Old", collection="Old")

    answer = while_waiting(
        lambda: catalogue.change_product(product=product, brand="New", by=owners[0]),
        lambda: devices[1].patch(f"products/{product.pk}/", {"collection": "New"}),
    )

    assert answer.status_code == 200
    product = Product.objects.get()
    assert (product.brand, product.collection) == ("New", "New")


def test_if_match_is_judged_again_once_the_row_is_ours(owners, devices):
    for path, row, change in (
        (
            "categories",
            CategoryFactory(),
            lambda row: catalogue.change_category(category=row, name="New", by=owners[0]),
        ),
        ("products", ProductFactory(), lambda row: catalogue.change_product(product=row, name="New", by=owners[0])),
    ):
        tag = devices[1].get(f"{path}/{row.pk}/")["ETag"]

        answer = while_waiting(
            lambda c=change, r=row: c(r),
            lambda p=path, r=row, t=tag: devices[1].patch(f"{p}/{r.pk}/", {"name": "Mine"}, headers={"If-Match": t}),
        )

        assert answer.status_code == 412
        assert type(row).objects.get(pk=row.pk).name == "New"


def test_a_rename_that_waits_for_a_new_barcode_keeps_it_findable(owner):
    product = catalogue.add_product(name="Kurta", base_price=1, by=owner)
    sku = variants.add_sku(product=product, size="M", by=owner)
    while_waiting(
        lambda: barcodes.add(sku=sku, value="4006381333931", by=owner),
        lambda: catalogue.change_product(product=product, name="Sari", by=owner),
    )
    assert [list(Sku.objects.found_by(word)) for word in ("Sari", "4006381333931")] == [[sku], [sku]]


def test_two_products_that_come_to_the_same_codes_wait_for_one_another(owner):
    short = ProductFactory(code="KRT", sizes=["M"], colours=["Blu"])
    longer = ProductFactory(code="KRT-BLU", sizes=["M"])
    while_waiting(
        lambda: variants.generate(product=short, by=owner), lambda: variants.generate(product=longer, by=owner)
    )
    assert set(Sku.objects.values_list("code", flat=True)) == {"KRT-BLU-M", "KRT-BLU-M-2"}


def test_a_number_of_ours_that_is_being_typed_in_is_not_given_to_another(owner):
    typed, product = variants.add_sku(product=ProductFactory(), size="M", by=owner), ProductFactory()
    with connection.cursor() as cursor:
        cursor.execute("SELECT last_value FROM skus_own_number")
        (last,) = cursor.fetchone()
    made = while_waiting(
        lambda: barcodes.add(sku=typed, value=gtin.own_ean13(last + 1), by=owner),
        lambda: variants.add_sku(product=product, size="M", by=owner),
    )
    assert made.barcodes.get().value == gtin.own_ean13(last + 2)


def test_a_product_is_deleted_though_a_barcode_was_just_added(owner):
    product = catalogue.add_product(name="Kurta", base_price=1, by=owner)
    sku = variants.add_sku(product=product, size="M", by=owner)
    while_waiting(
        lambda: barcodes.add(sku=sku, value="4006381333931", by=owner),
        lambda: catalogue.delete_product(product=product, by=owner),
    )
    assert not Sku.objects.exists()
