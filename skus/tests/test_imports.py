"""Whole catalogues in and out: what each row becomes, what is refused and in which words, and that it stays fast."""

import csv
import io
import threading
import time
import tracemalloc
import zipfile
from contextlib import ExitStack, contextmanager
from decimal import Decimal

import pytest
from django.apps import apps
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

from boutique.api import renderers
from boutique.models import IdempotencyKey
from boutique.tasks import Worker
from boutique.texts import is_invisible
from skus import gtin, rows
from skus.models import Barcode, CatalogueEvent, Category, Product, Sku, SkuImport
from skus.services import barcodes, batches, catalogue, imports, variants
from skus.services.batches import finding
from skus.tests.factories import CategoryFactory, OutfitTypeFactory, ProductFactory, SkuFactory
from tests.threads import at_once, errors_of

pytestmark = pytest.mark.django_db

KURTA = {"product_code": "KRT", "product_name": "Kurta", "base_price": "79.00", "size": "M", "colour": "Blue"}


def as_csv(*records, delimiter=",", encoding="utf-8"):
    columns = list(dict.fromkeys(name for record in records for name in record))
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, restval="", delimiter=delimiter)
    writer.writeheader()
    writer.writerows(records)
    return text.getvalue().encode(encoding)


def as_xlsx(*lines):
    book, buffer = Workbook(), io.BytesIO()
    for line in lines:
        book.active.append(line)
    book.save(buffer)
    return buffer.getvalue()


def send(client, content, mode="partial", name="skus.csv", **extra):
    return client.post(
        "skus/import/", {"file": SimpleUploadedFile(name, content), "mode": mode}, format="multipart", **extra
    )


def figures(answer):
    told = answer.json()
    return {name: told[name] for name in ("created", "updated", "unchanged", "rejected") if told[name]}


def complaints(answer):
    return [(error["row"], error["column"], error["code"]) for error in answer.json()["errors"]]


def everything():
    return {model: list(model.objects.order_by("pk").values()) for model in apps.get_models() if model._meta.managed}


@pytest.fixture
def client(manager, as_):
    return as_(manager)


# ------------------------------------------------------------------------------------------------ what rows become


def test_a_style_comes_in_with_its_sizes_barcodes_and_shelf(client):
    OutfitTypeFactory(code="KURTA")
    shelf = {"category": "Women > Kurtas", "outfit_type": "kurta", "unit": "Piece", "tax_rate": "5"}
    answer = send(client, as_csv(
        KURTA | shelf | {"barcode": "4006381333931"},
        KURTA | shelf | {"size": "L", "price": "85.00", "is_active": "no"},
    ))  # fmt: skip

    assert (answer.status_code, figures(answer), answer.json()["errors"]) == (200, {"created": 2}, [])
    medium, large = Sku.objects.with_barcode().order_by("size_order")
    product = Product.objects.get()
    assert (medium.code, medium.price, medium.primary_value) == ("KRT-BLU-M", None, "04006381333931")
    assert (large.code, large.price, large.is_active, large.primary_value[:4]) == (
        "KRT-BLU-L",
        Decimal(85),
        False,
        "0200",
    )
    assert (product.name, product.sizes, product.colours, product.tax_rate) == ("Kurta", ["M", "L"], ["Blue"], 5)
    assert (product.category.name, product.category.parent.name) == ("Kurtas", "Women")
    assert product.outfit_type.code == "KURTA"
    assert client.get("skus/", {"search": "kurta blue 4006381333931"}).json()["count"] == 1
    assert client.get("products/", {"search": "kurt"}).json()["count"] == 1


def test_what_is_not_in_the_file_stays_and_an_empty_cell_means_none(client):
    product = ProductFactory(code="KRT", name="Kurta", category=CategoryFactory(name="Women"), brand="Asha")
    sku = SkuFactory(product=product, code="KRT-M", price="85.00", colour="Blue")

    send(client, as_csv({"code": "krt-m", "size": "L"}))
    sku.refresh_from_db()
    assert (sku.size, sku.colour, sku.price) == ("L", "Blue", 85)

    answer = send(client, as_csv({"code": "KRT-M", "price": "", "category": "", "product_name": "", "base_price": ""}))
    sku.refresh_from_db()
    product.refresh_from_db()
    assert figures(answer) == {"updated": 1}
    assert (sku.price, product.category, product.name, product.base_price, product.brand) == (
        None, None, "Kurta", 79, "Asha",
    )  # fmt: skip


def test_a_row_without_a_code_is_found_by_its_product_size_and_colour(client):
    send(client, as_csv(KURTA))
    answer = send(client, as_csv({"product_code": "krt", "size": "m", "colour": "BLUE", "price": "70"}))

    assert figures(answer) == {"updated": 1}
    assert Sku.objects.values_list("size", "colour", "price").get() == ("M", "Blue", 70)


def test_a_product_without_a_code_is_found_by_its_name_and_made_once(client):
    kurta = {"product_name": "Silk Kurta", "base_price": "79", "colour": "Blue"}
    first = send(client, as_csv(kurta | {"size": "M"}, kurta | {"size": "L"}))
    again = send(client, as_csv(kurta | {"size": "M"}, kurta | {"size": "XL"}))

    assert (figures(first), figures(again)) == ({"created": 2}, {"created": 1, "unchanged": 1})
    assert Product.objects.get().code == "SKRT"
    ProductFactory(name="Silk Kurta")
    assert complaints(send(client, as_csv(kurta))) == [(1, "product_name", "ambiguous")]


def test_changes_are_noted_in_the_log_with_who_made_them(client, manager):
    send(client, as_csv(KURTA))
    answer = send(client, as_csv(KURTA | {"base_price": "89", "price": "70", "is_active": "false"}))

    noted = [(event.sku_id is None, event.kind, event.changes, event.by) for event in CatalogueEvent.objects.all()]
    assert figures(answer) == {"updated": 1}
    assert sorted(noted, key=str) == sorted([
        (True, "changed", {"base_price": ["79.00", "89.00"]}, manager),
        (False, "changed", {"price": [None, "70.00"]}, manager),
        (False, "archived", {}, manager),
    ], key=str)  # fmt: skip


def test_a_barcode_that_comes_in_stands_first_and_the_one_before_stays_known(client):
    send(client, as_csv(KURTA))
    own = Barcode.objects.get().value
    for value in ("4006381333931", own):
        answer = send(client, as_csv({"code": "KRT-BLU-M", "barcode": value}))
        assert figures(answer) == {"updated": 1}
        assert Barcode.objects.get(is_primary=True).value == value.zfill(14)
    assert Barcode.objects.count() == 2
    assert client.get("skus/", {"search": "4006381333931"}).json()["count"] == 1


@pytest.mark.parametrize("text", ["Women > Dresses", "women>dresses", "dresses", "Dresses", "the-dresses"])
def test_a_shelf_is_found_by_its_way_its_name_or_its_slug(text, client):
    women = CategoryFactory(name="Women", slug="women")
    dresses = CategoryFactory(name="Dresses", slug="the-dresses", parent=women)

    assert figures(send(client, as_csv(KURTA | {"category": text}))) == {"created": 1}
    assert Product.objects.get().category == dresses
    assert Category.objects.count() == 2


def test_a_name_that_two_shelves_have_is_asked_back(client):
    for name in ("Women", "Girls"):
        CategoryFactory(name="Dresses", parent=CategoryFactory(name=name))
    answer = send(client, as_csv(KURTA | {"category": "dresses"}))

    assert complaints(answer) == [(1, "category", "ambiguous")]
    assert "Girls > Dresses, Women > Dresses" in answer.json()["errors"][0]["message"]


def test_whoever_may_not_make_shelves_or_change_prices_does_neither_by_spreadsheet(manager, client, monkeypatch):
    send(client, as_csv(KURTA | {"price": "70"}))
    may = type(manager).has_perm
    withheld = {"skus.add_category", "skus.change_price"}
    monkeypatch.setattr(type(manager), "has_perm", lambda self, name: name not in withheld and may(self, name))

    answer = send(client, as_csv(KURTA | {"category": "New", "price": "70"}, KURTA | {"size": "L"}))
    assert complaints(answer) == [(1, "category", "not_found")]
    answer = send(client, as_csv(KURTA | {"base_price": "1", "price": "2", "tax_rate": "3"}))
    assert {error[1:] for error in complaints(answer)} == {
        (name, "permission_denied") for name in ("base_price", "price", "tax_rate")
    }


# ------------------------------------------------------------------------------------------------ what is refused


@pytest.mark.parametrize(
    ("cells", "column", "message"),
    [
        ({"base_price": "79,0O"}, "base_price", "Not an amount. Write it as 79.00."),
        ({"base_price": "€ 79"}, "base_price", "Not an amount. Write it as 79.00."),
        ({"base_price": "USD 79"}, "base_price", "Not an amount. Write it as 79.00."),
        ({"base_price": "1 234,50"}, "base_price", "Not an amount. Write it as 1234.50."),
        ({"base_price": "1E5"}, "base_price", "Write digits and a point for the cents, for example 79.00."),
        ({"base_price": "1O5"}, "base_price", "Write digits and a point for the cents, for example 79.00."),
        ({"base_price": "7|5"}, "base_price", "Write digits and a point for the cents, for example 79.00."),
        ({"size": "\u200b"}, "size", "Nothing can be seen of this."),
        ({"product_name": "\u200b\u2060"}, "product_name", "Nothing can be seen of this."),
        ({"category": "Women > \u200b"}, "category", "A category is a name, or a way to it"),
        ({"base_price": "abc"}, "base_price", "Write digits and a point for the cents, for example 79.00."),
        ({"base_price": "1.234"}, "base_price",
         "1.234 may mean 1234.00 or 1.23: write all digits and a point for the cents."),
        ({"base_price": "€ 1,234"}, "base_price",
         "1,234 may mean 1234.00 or 1.23: write all digits and a point for the cents."),
        ({"base_price": "-5"}, "base_price", "Not less than 0."),
        ({"price": "€ −5.00"}, "price", "Not less than 0."),
        ({"base_price": "2000000"}, "base_price", "At most 1000000."),
        ({"price": "1e3"}, "price", "Write digits and a point for the cents, for example 79.00."),
        ({"tax_rate": "101"}, "tax_rate", "Not a percentage from 0 to 100."),
        ({"code": "KRT BLAU"}, "code", "A code has letters"),
        ({"product_name": "x" * 201}, "product_name", "At most 200 characters; these are 201."),
        ({"kind": "trousers"}, "kind", "Not one of: garment, fabric, trim, accessory."),
        ({"is_active": "perhaps"}, "is_active", "Write true or false."),
        ({"category": "Women >"}, "category", "A category is a name, or a way to it"),
        ({"outfit_type": "NONE"}, "outfit_type", "There is no outfit type NONE. Make it first."),
        ({"barcode": "4006381333932"}, "barcode", "it ends in 2, expected 1."),
        ({"barcode": "36000291453"}, "", ""),
        ({"barcode": "4.00638E+12"}, "barcode", "The spreadsheet has rounded this number."),
        ({"barcode": "ümlaut"}, "barcode", "letters A to Z"),
        ({"size": "x" * 5001}, "size", "At most 5000 characters."),
    ],
)  # fmt: skip
def test_an_error_names_its_row_column_and_value_and_says_what_to_do(cells, column, message, client):
    answer = send(client, as_csv(KURTA | {"size": "S"}, KURTA | cells | {"style": "A"}), mode="dry_run")
    told = answer.json()["errors"]

    assert answer.status_code == 200
    assert [(error["row"], error["column"]) for error in told] == ([(2, column)] if column else [])
    if column:
        assert message in told[0]["message"]
        assert told[0]["value"] == cells[column][:100]


@pytest.mark.parametrize(
    ("text", "amount"),
    [("79", "79"), ("79.5", "79.5"), ("79,00", "79"), ("1.234,50", "1234.5"), ("1,234.50", "1234.5"), ("0", "0")],
)
def test_amounts_are_read_as_people_write_them(text, amount):
    assert rows.amount(text) == Decimal(amount)


@pytest.mark.parametrize(
    ("text", "forms"),
    [
        ("4006381333931", ("04006381333931",)),
        ("4.006381333931E12", ("04006381333931",)),
        ("4,006381333931E+12", ("04006381333931",)),
        ("36000291452", ("00036000291452", "36000291452")),  # Excel took the zero for nothing
        ("036000291452", ("00036000291452",)),
        ("12345678901", ("12345678901",)),
        ("kb-17", ("KB-17",)),
    ],
)
def test_a_barcode_is_recognised_however_a_spreadsheet_has_bent_it(text, forms):
    assert rows.barcode(text) == forms


def test_a_code_of_ours_that_looks_like_a_short_upc_stays_what_it_is(client):
    send(client, as_csv(KURTA))
    barcodes.add(sku=Sku.objects.get(), value="36000291452", kind="internal", is_primary=True, by=None)

    assert figures(send(client, as_csv({"code": "KRT-BLU-M", "barcode": "36000291452"}))) == {"unchanged": 1}


def test_a_taken_barcode_names_its_owner(client):
    send(client, as_csv(KURTA | {"barcode": "4006381333931"}))
    answer = send(client, as_csv(KURTA | {"size": "L", "barcode": "4006381333931"}))

    assert complaints(answer) == [(1, "barcode", "duplicate")]
    assert answer.json()["errors"][0]["message"] == "4006381333931 is already a barcode of KRT-BLU-M."


def test_the_same_sku_or_barcode_twice_names_the_first_row(client):
    mark = {"barcode": "4006381333931"}
    answer = send(client, as_csv(
        KURTA | {"code": "A"},
        KURTA | {"code": "a", "size": "L"},
        KURTA | {"code": "C", "colour": "Red"} | mark,
        KURTA | {"code": "D", "colour": "Green"} | mark,
        KURTA | {"code": "E", "colour": "RED"},
    ))  # fmt: skip

    assert complaints(answer) == [(2, "code", "repeated"), (4, "barcode", "repeated"), (5, "size", "repeated")]
    assert [error["message"] for error in answer.json()["errors"]][:2] == [
        "Row 1 is about the same SKU.",
        "Row 3 is about the same barcode.",
    ]


def test_the_same_sku_twice_is_found_across_batches(client, monkeypatch):
    monkeypatch.setattr(imports, "BATCH", 2)
    by_variant = {"product_code": "KRT", "size": "M", "colour": "Blue"}
    answer = send(client, as_csv(KURTA, KURTA | {"size": "L"}, KURTA | {"size": "S"}, by_variant))

    assert complaints(answer) == [(4, "size", "repeated")]
    assert answer.json()["errors"][0]["message"] == "Row 1 is about the same SKU."


@pytest.mark.parametrize("size", [1, 500])
def test_a_rejected_row_stands_in_no_good_rows_way(size, client, monkeypatch):
    monkeypatch.setattr(imports, "BATCH", size)
    ProductFactory(code="SRI", base_price="50")
    mark = {"barcode": "4006381333931"}
    answer = send(client, as_csv(
        KURTA | {"code": "A", "price": "x", "product_name": "Kurti"} | mark,
        KURTA | {"code": "A", "outfit_type": "NONE", "base_price": "1"} | mark,
        KURTA | {"code": "A"} | mark,
        {"product_code": "SRI", "base_price": "60", "outfit_type": "NONE"},
        {"product_code": "SRI", "base_price": "70"},
    ))  # fmt: skip

    assert complaints(answer) == [(1, "price", "invalid"), (2, "outfit_type", "not_found"),
                                  (4, "outfit_type", "not_found")]  # fmt: skip
    assert figures(answer) == {"created": 2, "rejected": 3}
    assert Barcode.objects.get(value="04006381333931").sku.code == "A"
    assert Product.objects.values_list("code", "name", "base_price").order_by("code")[0] == ("KRT", "Kurta", 79)


def test_a_row_only_the_database_refuses_stands_in_no_good_rows_way(client, monkeypatch):
    send(client, as_csv(KURTA | {"code": "TAKEN"}))
    monkeypatch.setattr(finding, "skus_of", lambda wanted, found: {})  # as if somebody had been quicker
    answer = send(client, as_csv(KURTA | {"code": "NEW"}, KURTA | {"code": "NEW", "size": "L"}))

    assert complaints(answer) == [(1, "", "refused")]
    assert figures(answer) == {"created": 1, "rejected": 1}


def test_a_code_that_nobody_has_is_blamed_itself_and_not_a_column_that_is_not_there(client):
    answer = send(client, as_csv({"code": "NOPE-1", "price": "5"}))

    error = answer.json()["errors"][0]
    assert (error["column"], error["code"], error["value"]) == ("code", "not_found", "NOPE-1")
    assert error["message"] == "There is no SKU NOPE-1. To make it, add product_code or product_name."
    assert complaints(send(client, as_csv({"code": "", "price": "5"}))) == [(1, "code", "required")]


def test_an_import_does_not_go_round_the_archive(client, owner):
    product = ProductFactory(code="LIN", name="Linen", sizes=["S", "M"])
    for size in ("S", "M"):
        variants.add_sku(product=product, size=size, by=owner)
    catalogue.archive_product(product=product, by=owner)
    before = everything()

    answer = send(client, as_csv(
        {"product_code": "LIN", "size": "L"},
        {"product_code": "LIN", "size": "XL", "is_active": "no"},
        {"code": "LIN-S", "is_active": "yes"},
    ))  # fmt: skip

    assert complaints(answer) == [(1, "product_code", "in_use"), (2, "product_code", "in_use"),
                                  (3, "is_active", "in_use")]  # fmt: skip
    assert {error["message"] for error in answer.json()["errors"]} == {
        "LIN is archived. Restore the product first (restore/)."
    }
    assert complaints(send(client, as_csv({"product_name": "Linen", "size": "L"}))) == [(1, "product_name", "in_use")]
    assert figures(send(client, exported(client))) == {"unchanged": 2}
    after = everything()
    assert {model for model in before if before[model] != after[model]} == {SkuImport}

    answer = send(client, as_csv({"code": "LIN-S", "price": "5", "is_active": "no"}))  # but its price is put right
    catalogue.restore_product(product=product, by=owner)
    assert figures(answer) == {"updated": 1}
    assert Sku.objects.filter(is_active=True).count() == 2


def test_a_shelf_that_one_row_makes_does_not_confuse_the_next(client):
    dresses = CategoryFactory(name="Dresses", slug="the-dresses", parent=CategoryFactory(name="Women"))
    answer = send(client, as_csv(
        KURTA | {"category": "dresses"},
        KURTA | {"product_code": "SRI", "category": "Girls > Dresses"},
    ))  # fmt: skip

    assert figures(answer) == {"created": 2}
    assert Product.objects.get(code="KRT").category == dresses


@pytest.mark.parametrize("size", [1, 500])
def test_rows_of_one_product_must_say_the_same_of_it(size, client, monkeypatch):
    monkeypatch.setattr(imports, "BATCH", size)
    answer = send(client, as_csv(KURTA, KURTA | {"size": "L", "base_price": "69"}, KURTA | {"size": "S"}))

    assert complaints(answer) == [(2, "base_price", "conflict")]
    assert answer.json()["errors"][0]["message"].startswith("Row 1 says '79.00'.")
    assert figures(answer) == {"created": 2, "rejected": 1}


def test_a_sku_stays_with_its_product_and_a_variant_has_one_code(client):
    ProductFactory(code="SRI")
    send(client, as_csv(KURTA, KURTA | {"size": "L"}))
    answer = send(client, as_csv(
        {"code": "KRT-BLU-M", "product_code": "SRI", "size": "M", "colour": "Blue"},
        {"code": "NEW", "product_code": "KRT", "size": "M", "colour": "Blue"},
        {"code": "KRT-BLU-L", "size": "M", "colour": "Blue"},
        {"code": "", "size": "M"},
        {"code": "", "product_code": "WHAT"},
    ))  # fmt: skip

    assert complaints(answer) == [
        (1, "product_code", "invalid"),
        (2, "code", "duplicate"),
        (3, "size", "duplicate"),
        (4, "product_code", "required"),
        (5, "product_name", "required"),
        (5, "base_price", "required"),
    ]
    assert answer.json()["rejected"] == 5


def test_a_product_has_at_most_500_colours(client):
    product = ProductFactory(code="KRT", colours=[f"Colour {number}" for number in range(500)])
    answer = send(client, as_csv({"product_code": "KRT", "colour": "One more"}))

    assert complaints(answer) == [(1, "colour", "too_many")]
    assert Sku.objects.filter(product=product).count() == 0


def test_58_bad_rows_are_58_errors_and_only_the_good_ones_are_written(client):
    sent = [KURTA | {"size": str(n), "price": "x" if n < 58 else "1"} for n in range(100)]
    answer = send(client, as_csv(*sent))

    assert figures(answer) == {"created": 42, "rejected": 58}
    assert [error["row"] for error in answer.json()["errors"]] == list(range(1, 59))
    assert sorted(Sku.objects.values_list("size", flat=True)) == [str(n) for n in range(58, 100)]


def test_no_more_errors_are_kept_than_a_person_reads_but_all_are_counted(client, monkeypatch):
    monkeypatch.setattr(imports, "MOST_ERRORS", 5)
    answer = send(client, as_csv(*[KURTA | {"size": str(n), "price": "x"} for n in range(9)]))

    assert (len(answer.json()["errors"]), answer.json()["rejected"]) == (5, 9)


def test_all_or_nothing_is_nothing_with_a_problem_that_has_every_error(client):
    before = everything()
    answer = send(client, as_csv(KURTA, KURTA | {"size": "L", "price": "x"}), mode="atomic")
    told = answer.json()

    assert (answer.status_code, answer["Content-Type"]) == (422, "application/problem+json")
    assert (told["code"], told["mode"], told["rejected"]) == ("import_rejected", "atomic", 1)
    assert (told["created"], told["updated"], told["unchanged"]) == (0, 0, 0)
    assert told["errors"] == [{
        "row": 2, "column": "price", "value": "x", "code": "invalid", "field": "rows.2.price",
        "message": "Not an amount. Write digits and a point for the cents, for example 79.00.",
    }]  # fmt: skip
    assert everything() == before


def test_a_dry_run_says_what_would_happen_and_writes_nothing_at_all(client):
    send(client, as_csv(KURTA, KURTA | {"size": "L"}))
    before = everything()
    sent = as_csv(KURTA | {"category": "New"}, KURTA | {"size": "XL"}, KURTA | {"size": "S", "price": "x"})
    answer = send(client, sent, mode="dry_run")

    assert (answer.status_code, answer.json()["id"]) == (200, None)
    assert figures(answer) == {"rejected": 1, "created": 1, "updated": 1} or complaints(answer)
    assert everything() == before
    assert not default_storage.exists("imports")


def test_a_row_only_the_database_refuses_is_found_among_the_others(client, monkeypatch):
    send(client, as_csv(KURTA | {"code": "TAKEN", "style": "Old"}))
    monkeypatch.setattr(finding, "skus_of", lambda wanted, found: {})  # as if somebody had been quicker

    sent = [KURTA | {"size": str(n), "style": "New"} for n in range(20)]
    answer = send(client, as_csv(*sent, {"product_code": "KRT", "size": "M", "colour": "Blue", "style": "Old"}))

    assert figures(answer) == {"created": 20, "rejected": 1}
    assert complaints(answer) == [(21, "", "refused")]


# ------------------------------------------------------------------------------------------------ files


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_text_is_read_in_whatever_letters_and_with_whatever_between_the_cells(encoding, delimiter, client):
    sent = as_csv(KURTA | {"product_name": "Küче"[:2] + "rta, blau; neu"}, delimiter=delimiter, encoding=encoding)

    assert figures(send(client, sent)) == {"created": 1}
    assert Product.objects.get().name == "Kürta, blau; neu"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"code\n", "a header and no rows"),
        (b"\n", "The first row is empty"),
        (b"code,color\nA,B\n", "There is no column 'color'. Is colour meant?"),
        (b"code,code\nA,B\n", "The column code is there twice."),
        (b"code,,size\nA,B,C\n", "Column 2 has no name."),
        (b"price\n1\n", "No column says which SKUs these are."),
        (b"code,size\nA,\0\n", "NUL"),
        (b'code,size\nA,"B\nC,D\n', "Row 1 cannot be read"),
        (b'code,size\nA,"B"C\n', "Is a quotation mark missing"),
        (b"code,size\nA," + b"x" * 1_000_000, "cannot be read"),
        (b"code\n" + b"\n" * 10_002 + b"A\n", "empty rows"),
        (b"%PDF-1.7", "This is no spreadsheet. Send a CSV or XLSX file."),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old Excel file"),
        (b"PK\x03\x04 broken", "damaged"),
        (b"\xff\xfec\x00o\x00d\x00\x00\xd8", "letters cannot be read"),
        (b"\x81\x8d\xff", "letters cannot be read"),
    ],
)
def test_a_file_that_is_no_spreadsheet_of_skus_is_refused_with_what_to_do(content, message, client):
    before = everything()
    answer = send(client, content)

    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert message in answer.json()["detail"]
    assert answer.json()["errors"][0]["field"] == "file"
    assert everything() == before


def zipped(**parts):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name.replace("__", "/"), content)
    return buffer.getvalue()


def with_part(name, content):
    """A whole workbook with one part replaced."""
    whole, buffer = zipfile.ZipFile(io.BytesIO(as_xlsx(["code"], ["A"]))), io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for part in {name, *whole.namelist()}:
            archive.writestr(part, content if part == name else whole.read(part))
    return buffer.getvalue()


ROWS = (
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{}</sheetData></worksheet>'
)
SHEET = "xl/worksheets/sheet1.xml"


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: zipped(mimetype="application/vnd.oasis.opendocument.spreadsheet"), "OpenDocument"),
        (lambda: zipped(readme="hello"), "no XLSX file"),
        (lambda: with_part("xl/styles.xml", b" " * 5_000_000), "more than 4 MB"),
        (lambda: with_part("xl/sharedStrings.xml", b" " * 26_000_000), "more than 25 MB"),
        (lambda: with_part(SHEET, b" " * 201_000_000), "more than 200 MB"),
        (lambda: with_part(SHEET, ROWS.format("<row>" + "<c/>" * 10_000_000 + "</row>")), "thousands of cells"),
        (lambda: with_part(SHEET, ROWS.format("<row><c t='inlineStr'><is><t>code</t></is></c></row>"
                                              + "<row><c s='1'/></row>" * 20_000)), "empty rows"),
        (lambda: with_part(SHEET, "<worksheet"), "damaged"),
    ],
)  # fmt: skip
def test_a_bomb_or_a_foreign_archive_is_refused_before_it_is_unpacked(build, message, client):
    content = build()
    tracemalloc.start()
    answer = send(client, content, name="skus.xlsx")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert answer.status_code == 400
    assert message in answer.json()["detail"]
    assert peak < 30_000_000


def test_an_empty_upload_no_upload_and_no_mode_are_400(client):
    assert send(client, b"").json()["errors"][0]["field"] == "file"
    answer = client.post("skus/import/", {}, format="multipart")
    assert {error["field"] for error in answer.json()["errors"]} == {"file", "mode"}
    assert send(client, as_csv(KURTA), mode="all").json()["errors"][0]["field"] == "mode"


def test_a_row_with_more_cells_than_the_header_is_told_about_the_comma(client):
    answer = send(client, b"product_code,product_name,base_price\nKRT,Kurta,79,00\n")

    assert complaints(answer) == [(1, "", "too_many_cells")]


def test_rows_are_numbered_as_the_spreadsheet_shows_them_and_empty_ones_left_out(client):
    answer = send(client, b"code,size\n\n,\nA,B\n")

    assert (complaints(answer)[0][0], answer.json()["rows"]) == (3, 1)


def test_cells_of_a_workbook_are_read_as_they_were_meant(client):
    book, buffer = Workbook(write_only=True), io.BytesIO()
    sheet = book.create_sheet()
    percent = WriteOnlyCell(sheet, 0.19)
    percent.number_format = "0%"
    sheet.append(["Product code", "product_name", "BASE_PRICE", "size", "barcode", "tax_rate", "is_active"])
    sheet.append(["KRT", "Kurta", 0.1 + 0.2, 36, 4006381333931, percent, True])
    sheet.append(["KRT", None, None, 38.0, 36000291452, 19, False])
    book.save(buffer)

    answer = send(client, buffer.getvalue(), name="anything.txt")

    assert figures(answer) == {"created": 2}, answer.content
    assert list(Sku.objects.with_barcode().order_by("size").values_list("size", "primary_value", "is_active")) == [
        ("36", "04006381333931", True),
        ("38", "00036000291452", False),
    ]
    assert (Product.objects.get().base_price, Product.objects.get().tax_rate) == (Decimal("0.30"), 19)


def test_what_a_spreadsheet_has_spoilt_is_said_and_not_guessed(client):
    from datetime import date

    answer = send(client, as_xlsx(
        ["product_code", "product_name", "base_price", "size", "barcode"],
        ["KRT", "Kurta", 79, date(2026, 10, 12), None],
        ["KRT", "Kurta", 79, "M", 12345678901234567890],
        ["KRT", "#N/A", 79, "L", None],
    ))  # fmt: skip

    assert complaints(answer) == [(1, "size", "invalid"), (2, "barcode", "invalid"), (3, "product_name", "invalid")]
    assert "has made a date of this" in answer.json()["errors"][0]["message"]


def test_a_size_that_lies_about_the_sheet_hides_no_rows(client):
    whole = zipfile.ZipFile(io.BytesIO(as_xlsx(*[["code", "size"]] + [[f"A{n}", n] for n in range(5)])))
    lying = whole.read(SHEET).replace(b'ref="A1:B6"', b'ref="A1"')
    assert b'ref="A1"' in lying
    parts = {name: whole.read(name) for name in whole.namelist()} | {SHEET: lying}

    assert send(client, zipped(**parts), mode="dry_run").json()["rows"] == 5


# ------------------------------------------------------------------------------------------------ again, and at once


def test_a_key_makes_it_happen_once(client):
    first = send(client, as_csv(KURTA), HTTP_IDEMPOTENCY_KEY="monday")
    again = send(client, as_csv(KURTA), HTTP_IDEMPOTENCY_KEY="monday")

    assert (again.json(), again["Idempotent-Replayed"]) == (first.json(), "true")
    assert (SkuImport.objects.count(), IdempotencyKey.objects.count()) == (1, 1)


def many(count):
    return [KURTA | {"product_code": f"P{n // 20}", "size": str(n % 20)} for n in range(count)]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("mode", ["partial", "atomic", "dry_run"])
def test_a_long_file_is_put_into_a_workers_hands(mode, client):
    answer = send(client, as_csv(*many(1001)), mode=mode)

    assert (answer.status_code, answer.json()["status"], Sku.objects.count()) == (202, "queued", 0)
    assert Worker().run_due() == 1
    told = client.get(answer["Location"].partition("/api/v1/")[2]).json()
    assert (told["status"], told["rows"], told["rows_done"], told["created"]) == ("done", 1001, 1001, 1001)
    assert Sku.objects.count() == (0 if mode == "dry_run" else 1001)
    assert default_storage.listdir("imports")[1] == []
    assert "errors" not in client.get("sku-imports/", {"status": "done"}).json()["results"][0]


@pytest.mark.django_db(transaction=True)
def test_a_long_file_with_a_bad_row_is_all_refused_or_all_but_that_row(client):
    sent = as_csv(*many(1001), KURTA | {"price": "x"})
    for mode, status, written in (("atomic", "failed", 0), ("partial", "done", 1001)):
        answer = send(client, sent, mode=mode)
        Worker().run_due()
        told = client.get(f"sku-imports/{answer.json()['id']}/").json()
        assert (told["status"], told["rejected"], told["created"]) == (status, 1, written)
        assert [error["row"] for error in told["errors"]] == [1002]
        assert Sku.objects.count() == written


@pytest.mark.django_db(transaction=True)
def test_an_import_that_is_killed_in_the_middle_is_run_again_and_nothing_is_there_twice(client, monkeypatch):
    answer = send(client, as_csv(*many(1200)))
    job, settle = SkuImport.objects.get(), batches.settle
    seen = []

    def die_at_the_third(batch, firsts, by):
        if batch[0].number > 1000:
            seen.append(SkuImport.objects.values_list("status", "rows_done").get())
            raise KeyboardInterrupt
        settle(batch, firsts, by)

    monkeypatch.setattr(batches, "settle", die_at_the_third)
    with pytest.raises(KeyboardInterrupt):
        imports.carry_out_job(pk=job.pk)
    assert (seen, Sku.objects.count()) == ([("running", 1000)], 1000)
    Product.objects.filter(code="P0").update(base_price=99)  # somebody goes on working meanwhile
    Sku.objects.filter(code="P1-BLU-3").update(price=98)

    monkeypatch.setattr(batches, "settle", settle)
    Worker().run_due()
    imports.carry_out_job(pk=job.pk)  # and once too often
    told = client.get(f"sku-imports/{answer.json()['id']}/").json()
    assert (told["status"], told["created"], told["unchanged"], told["rows_done"]) == ("done", 1200, 0, 1200)
    assert (Sku.objects.count(), Barcode.objects.count()) == (1200, 1200)
    assert (Product.objects.get(code="P0").base_price, Sku.objects.get(code="P1-BLU-3").price) == (99, 98)


@pytest.mark.django_db(transaction=True)
def test_an_import_that_goes_on_remembers_what_the_rows_before_have_said(client, monkeypatch):
    mark = {"barcode": "4006381333931"}
    bad = KURTA | {"price": "x"} | mark
    send(client, as_csv(bad, *many(1000), KURTA | {"size": "L"} | mark, many(1)[0], KURTA | {"base_price": "1"}))
    monkeypatch.setattr(batches, "settle", only_up_to(1000, batches.settle))
    with pytest.raises(KeyboardInterrupt):
        imports.carry_out_job(pk=SkuImport.objects.get().pk)
    monkeypatch.undo()
    Worker().run_due()

    job = SkuImport.objects.get()
    assert [(error["row"], error["column"], error["code"]) for error in job.errors] == [
        (1, "price", "invalid"), (1003, "size", "repeated"), (1004, "base_price", "conflict"),
    ]  # fmt: skip
    assert (job.created, job.unchanged, job.rejected, job.rows_done) == (1001, 0, 3, 1004)


def only_up_to(row, settle):
    def settle_or_die(batch, firsts, by):
        if batch[0].number > row:
            raise KeyboardInterrupt
        settle(batch, firsts, by)

    return settle_or_die


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_was_taken_for_dead_writes_no_row_that_another_has_counted(client, monkeypatch):
    send(client, as_csv(*many(1001)))
    job, settle = SkuImport.objects.get(), batches.settle

    def overtake(batch, firsts, by):
        if batch[0].number > 500:
            SkuImport.objects.update(rows_done=1000)
        settle(batch, firsts, by)

    monkeypatch.setattr(batches, "settle", overtake)
    with pytest.raises(imports.Overtaken):
        imports.carry_out_job(pk=job.pk)
    assert Sku.objects.count() == 500


@contextmanager
def another_session():
    session = connection.copy()
    try:
        with session.cursor() as cursor:
            yield cursor
    finally:
        session.close()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("mode", ["partial", "atomic", "dry_run"])
def test_others_see_how_far_it_is_while_a_batch_is_held(mode, client, monkeypatch):
    send(client, as_csv(*many(1001), KURTA | {"price": "x"}), mode=mode)
    settle, seen = batches.settle, []

    def look(batch, firsts, by):
        settle(batch, firsts, by)
        with another_session() as cursor:
            cursor.execute("SELECT status, rows, rows_done, created, jsonb_array_length(errors) FROM skus_skuimport")
            seen.append(cursor.fetchone())

    monkeypatch.setattr(batches, "settle", look)
    Worker().run_due()

    assert seen == [("running", 1002, done, done, 0) for done in (0, 500, 1000)]
    job = SkuImport.objects.get()
    assert (job.rows_done, job.rejected, len(job.errors)) == (1002, 1, 1)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("mode", ["dry_run", "atomic"])
def test_an_import_does_not_fail_because_its_progress_cannot_be_written(mode, client, monkeypatch):
    send(client, as_csv(*many(1001)), mode=mode)
    settle, seen = batches.settle, []
    with ExitStack() as held:

        def hold(batch, firsts, by):
            if batch[0].number == 1:
                cursor = held.enter_context(another_session())
                cursor.execute("BEGIN; SELECT FROM skus_skuimport FOR UPDATE")  # nobody else may write there
            else:
                held.close()
                seen.append(SkuImport.objects.get().rows_done)
            settle(batch, firsts, by)

        monkeypatch.setattr(batches, "settle", hold)
        Worker().run_due()

    written = 0 if mode == "dry_run" else 1001
    assert (seen[0], SkuImport.objects.get().status, Sku.objects.count()) == (0, "done", written)


@pytest.mark.django_db(transaction=True)
def test_whoever_was_dismissed_meanwhile_imports_nothing(client, manager):
    send(client, as_csv(*many(1001)))
    type(manager).objects.update(status="dismissed")
    Worker().run_due()

    assert SkuImport.objects.values_list("status", "failure").get() == (
        "failed",
        "Whoever sent this may no longer import.",
    )
    assert Sku.objects.count() == 0


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("mode", ["partial", "atomic"])
def test_two_who_import_the_same_file_at_once_get_each_row_once(mode, manager, as_):
    sent = as_csv(
        *[record | {"product_code": "", "product_name": f"Kurta {n % 9}"} for n, record in enumerate(many(90))]
    )
    backwards = as_csv(
        *[record | {"product_code": "", "product_name": f"Kurta {n % 9}"} for n, record in enumerate(many(90))][::-1]
    )
    one, two = as_(manager), as_(manager)

    outcomes = at_once(lambda: send(one, sent, mode), lambda: send(two, backwards, mode))

    assert errors_of(outcomes) == []
    assert [answer.status_code for answer in outcomes] == [200, 200]
    assert sorted(answer.json()["created"] for answer in outcomes) == [0, 90]
    assert (Sku.objects.count(), Product.objects.count()) == (90, 9)


@pytest.mark.django_db(transaction=True)
def test_an_import_and_people_at_the_counter_do_not_block_each_other(manager, owner, as_):
    products = [ProductFactory(code=f"P{n}", sizes=["S", "M"], colours=["Blue"]) for n in range(6)]
    sent = as_csv(*[{"product_code": f"P{n % 6}", "size": str(n), "price": "5"} for n in range(300)][::-1])
    client = as_(manager)
    acts = [lambda product=product: variants.generate(product=product, by=owner) for product in products]

    outcomes = at_once(lambda: send(client, sent), *acts)

    assert errors_of(outcomes) == []
    assert figures(outcomes[0]) == {"created": 300}
    assert Sku.objects.count() == 312


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("mode", ["dry_run", "atomic"])
def test_nobody_waits_for_an_import_that_is_only_judged(mode, client, monkeypatch):
    """In the middle of a batch, and between two: people change its products, and make what it would make too."""
    monkeypatch.setattr(imports, "BATCH", 30)
    send(client, as_csv(KURTA, KURTA | {"size": "L"}))
    product, sku = Product.objects.get(), Sku.objects.first()
    before, sale = numbers_drawn(), KURTA | {"base_price": "20", "category": "New"}
    brought = [sale | {"size": str(n), "style": "New"} for n in range(58)]
    sent = as_csv(sale, sale | {"size": "L", "barcode": "2001234567893"}, *brought, sale | {"size": "XL", "price": "x"})
    other = as_csv(KURTA | {"product_code": "SRI"})
    seen = []

    def people():
        another = {"product": product.pk, "size": f"O{len(seen)}"}
        outcomes = at_once(lambda: [
            client.patch(f"products/{product.pk}/", {"brand": f"Asha {len(seen)}"}).status_code,
            client.patch(f"skus/{sku.pk}/", {"price": "77.00"}).status_code,
            client.post("skus/", {"product": product.pk, "size": str(len(seen)), "style": "New"}).status_code,
            client.post("skus/", another | {"barcode": gtin.own_ean13(900 + len(seen))}).status_code,
            send(client, other, mode="dry_run").status_code,
            send(client, other, mode="partial").status_code,
        ])  # fmt: skip
        seen.append(outcomes[0])

    settle, write = batches.settle, batches.write

    def look_between(batch, firsts, by):
        settle(batch, firsts, by)
        if threading.current_thread() is threading.main_thread():
            people()

    def look_inside(found_rows, found, by):
        write(found_rows, found, by)
        if threading.current_thread() is threading.main_thread():
            people()

    monkeypatch.setattr(batches, "settle", look_between)
    monkeypatch.setattr(batches, "write", look_inside)
    answer = send(client, sent, mode=mode)

    assert seen == [[200, 200, 201, 201, 200, 200]] * 6
    if mode == "dry_run":
        assert figures(answer) == {"created": 58, "updated": 2, "rejected": 1}
    product.refresh_from_db()
    assert (product.base_price, product.brand) == (79, "Asha 5")
    assert numbers_drawn() == before + 6 + 1  # each by somebody who has it


def numbers_drawn():
    with connection.cursor() as cursor:
        cursor.execute("SELECT last_value FROM skus_own_number")
        return cursor.fetchone()[0]


@pytest.mark.parametrize("size", [1, 4, 500])
def test_a_dry_run_says_the_same_as_the_import_itself_however_it_is_cut(size, client, monkeypatch):
    """What a batch would make, find or change is there for the next."""
    send(client, as_csv(KURTA, KURTA | {"size": "L"}, KURTA | {"product_code": "KRT-GRE", "product_name": "Green"}))
    send(client, as_csv({"code": "KRT-GRE-BLU-M", "colour": ""}, {"code": "KRT-BLU-L", "barcode": "5901234123457"}))
    CategoryFactory(name="Dresses", parent=CategoryFactory(name="Girls"))
    Sku.objects.filter(code="KRT-GRE-BLU-M").update(code="KRT-GRE-M")
    sari = {"product_name": "Silk Sari", "base_price": "50"}
    sent = as_csv(
        {"code": "KRT-BLU-M", "product_name": "Kurti", "size": "S", "colour": "Blue", "barcode": "4006381333931"},
        {"product_code": "KRT", "size": "M", "colour": "Blue"},  # free since the row before
        {"product_name": "Kurti", "size": "L", "colour": "blue", "price": "5"},
        {"product_name": "Kurti", "colour": "Green", "size": "M"},  # its code is another's, whom no row has named yet
        {"code": "KRT-GRE-M", "price": "4", "size": "M"},
        sari | {"size": "1"},
        sari | {"size": "2", "price": "5"},
        {"product_code": "SSRI", "size": "4"},
        {"code": "SSRI-1", "size": "5"},
        {"product_code": "SSRI", "size": "1"},
        {"product_code": "SSRI", "size": "9", "barcode": "4006381333931"},
        {"product_code": "SSRI", "size": "9", "barcode": "5901234123457"},
        {"product_code": "SSRI", "size": "8", "base_price": "51"},
        {"product_name": "Other", "size": "8"},
        {"product_name": "Skirt", "base_price": "9", "category": "Women > Dresses"},
        {"product_name": "Top", "base_price": "9", "category": "Dresses"},
        {"product_name": "Kurti", "size": "L", "barcode": "36000291452"},
    )  # fmt: skip
    monkeypatch.setattr(imports, "BATCH", size)
    before = everything()
    rehearsed = send(client, sent, mode="dry_run")
    assert everything() == before
    written = send(client, sent)

    assert figures(rehearsed) == figures(written)
    assert rehearsed.json()["errors"] == written.json()["errors"]
    assert figures(written)["created"] >= 4


@pytest.mark.django_db(transaction=True)
def test_a_worker_waits_for_another_import_and_a_request_does_not(client, owner, monkeypatch):
    send(client, as_csv(*many(1001)))
    with another_session() as cursor:
        cursor.execute("BEGIN; SELECT pg_advisory_xact_lock(hashtextextended('skus.imports', 0))")
        answer = send(client, as_csv(KURTA))
        assert (answer.status_code, answer.json()["code"]) == (503, "busy")
        assert send(client, as_csv(KURTA), mode="dry_run").status_code == 200

        def let_go():
            time.sleep(4)
            cursor.execute("ROLLBACK")

        outcomes = at_once(let_go, lambda: imports.carry_out_job(pk=SkuImport.objects.get().pk))
    assert errors_of(outcomes) == []
    assert SkuImport.objects.get().created == 1001


# ------------------------------------------------------------------------------------------------ speed


def statements_of(work):
    with CaptureQueriesContext(connection) as asked:
        work()
    return len(asked)


def test_a_batch_costs_the_same_statements_whatever_is_in_it(owner):
    def bring(count, **cells):
        sent = [KURTA | {"product_code": f"Q{count}-{n // 5}", "size": str(n % 5), "category": "Women"} | cells
                for n in range(count)]  # fmt: skip
        file = io.BytesIO(as_csv(*sent))
        return statements_of(lambda: imports.carry_out(imports.opened(file), "partial", by=owner, patiently=False))

    bring(5)
    new = bring(50), bring(500)
    same = bring(50), bring(500)
    changed = bring(50, price="1", base_price="2", colour="Blue"), bring(500, price="1", base_price="2", colour="Blue")
    assert new[0] == new[1] <= 40
    assert same[0] == same[1] <= 20
    assert changed[0] == changed[1] <= 25


def test_memory_does_not_grow_with_the_file(owner, tmp_path):
    def peak(count):
        path = tmp_path / f"{count}.csv"
        with path.open("w") as file:
            file.write("code,product_code,product_name,base_price,size\n")
            file.writelines(f"C{n},P{n // 100},Kurta {n // 100},79,{n % 100}\n" for n in range(count))
        with path.open("rb") as file:
            sheet = imports.opened(file)
            tracemalloc.start()
            for batch, firsts in imports.batched(sheet):
                firsts.note((f"sku {row.said['code']}", row.number, "") for row in batch)
            found = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
        return found

    peak(100)
    assert peak(20_000) < 1.1 * peak(2_000)


# ------------------------------------------------------------------------------------------------ out again


def exported(client, kind="csv", **asked):
    answer = client.get("skus/export/", {"format": kind} | asked)
    assert answer.status_code == 200, answer.content
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


ODD = st.text(
    st.one_of(
        st.sampled_from(list("=+-@'\"\t ,;\n\r\\>😀éß\u202e\u00a0０")), st.characters(exclude_categories=["Cs", "Cc"])
    ),
    min_size=1, max_size=20,
).filter(lambda text: not is_invisible(text))  # fmt: skip


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_what_goes_out_comes_back_in_unchanged(kind, client):
    category = CategoryFactory(name="A > B\\", parent=CategoryFactory(name="=Women"))
    CategoryFactory(name="x", slug="a-b")
    for number, name in enumerate(
        ["=1+1", "+X", "'=1", "''@", '😀 emoji, comma; "quote"', "two\nlines", "#N/A", "007"]
    ):
        product = ProductFactory(code=f"P{number}", name=name, category=category, tax_rate="5.50")
        variants.add_sku(
            product=product, size="-", colour="36,5", style="'+", price="12.50" if number % 2 else None, by=None
        )
    variants.archive_sku(sku=Sku.objects.first(), by=product.created_by)
    barcodes.add(sku=Sku.objects.last(), value="12345678", kind="internal", is_primary=True, by=None)
    before = everything()

    answer = send(client, exported(client, kind))

    assert answer.json()["errors"] == []
    assert figures(answer) == {"unchanged": 8}
    after = everything()
    assert {model for model in before if before[model] != after[model]} == {SkuImport}


@effort(max_examples=40)
@given(name=ODD, colour=ODD, size=ODD)
def test_names_of_any_letters_come_back_unchanged(client, name, colour, size):
    Sku.objects.all().delete()
    Product.objects.all().delete()
    product = catalogue.add_product(name=name, base_price="1", by=None)
    variants.add_sku(product=product, size=size[:40], colour=colour[:40], by=None)
    for kind in ("csv", "xlsx"):
        answer = send(client, exported(client, kind), mode="dry_run")
        assert (answer.json()["errors"], figures(answer)) == ([], {"unchanged": 1})


def test_an_export_has_the_lists_filters_search_and_order(client):
    for code in ("B", "A", "C"):
        SkuFactory(code=code, colour="Blue" if code != "C" else "Red")

    lines = exported(client, colour="blue", ordering="-code").decode("utf-8-sig").splitlines()

    assert lines[0] == ",".join(f'"{name}"' for name in rows.COLUMNS)
    assert [line.split(",")[0] for line in lines[1:]] == ['"B"', '"A"']
    assert client.get("skus/export/", {"color": "blue"}).json()["errors"][0]["field"] == "color"
    assert client.get("skus/export/", {"page": "2"}).status_code == 400
    assert client.get("skus/export/", {"format": "pdf"}).status_code == 406


def test_an_export_goes_out_in_pieces_of_one_statement_each(client, monkeypatch):
    product = ProductFactory()
    Sku.objects.bulk_create(
        variants.new_sku(product, None, code=f"S{number:04}", size=str(number)) for number in range(4500)
    )
    with CaptureQueriesContext(connection) as asked:
        lines = exported(client, ordering="price,-code").decode("utf-8-sig").splitlines()

    assert [line.split(",")[0] for line in lines[1:]] == [f'"S{number:04}"' for number in reversed(range(4500))]
    assert len([query for query in asked if "skus_sku" in query["sql"]]) == 3


def test_a_workbook_ends_where_a_request_would_take_too_long(client, monkeypatch):
    SkuFactory(), SkuFactory()
    monkeypatch.setattr(renderers, "MOST_SHEET_ROWS", 1)
    answer = client.get("skus/export/", {"format": "xlsx"})

    assert (answer.status_code, answer.json()["code"]) == (400, "too_many_rows")


def test_an_export_ends_its_names_like_files_of_their_kind(client):
    for kind, media_type in (("csv", "text/csv"), ("xlsx", "spreadsheetml")):
        answer = client.get("skus/export/", {"format": kind})
        assert media_type in answer["Content-Type"]
        assert f'.{kind}"' in answer["Content-Disposition"]


# ------------------------------------------------------------------------------------------------ the command


@pytest.fixture
def file(tmp_path):
    def write(*records):
        path = tmp_path / "skus.csv"
        path.write_bytes(as_csv(*records))
        return str(path)

    return write


def test_the_command_prints_each_error_and_ends_with_1(file, owner, capsys):
    with pytest.raises(SystemExit) as ended:
        call_command("import_skus", file(KURTA, KURTA | {"size": "L", "base_price": "79,0O"}), mode="partial")

    assert ended.value.code == 1
    assert capsys.readouterr().out.splitlines() == [
        'row 2, column base_price, value "79,0O": Not an amount. Write it as 79.00.',
        "1 created, 0 updated, 0 unchanged, 1 rejected.",
    ]
    assert Sku.objects.get().created_by == owner


def test_the_command_shows_how_far_it_is_on_a_terminal(file, manager, monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    monkeypatch.setattr(imports, "BATCH", 10)
    screen = Terminal()
    call_command("import_skus", file(*many(40)), mode="dry_run", by="manager", stderr=screen)

    assert f"[{'#' * 10}{' ' * 30}] 10 of 40  rows" in screen.getvalue()
    assert Sku.objects.count() == 0


def test_the_command_says_what_is_wrong_with_a_file_or_a_person(file, owner, clerk, tmp_path):
    with pytest.raises(CommandError, match="may not import"):
        call_command("import_skus", file(KURTA), by="clerk")
    with pytest.raises(CommandError, match="No such file"):
        call_command("import_skus", str(tmp_path / "none.csv"))
    with pytest.raises(CommandError, match="no column 'colr'"):
        call_command("import_skus", file({"code": "A", "colr": "x"}))
