"""What the database holds true whoever writes, past every service."""

import pytest
from django.db import IntegrityError, InternalError, transaction
from django.db.utils import DatabaseError

from skus import gtin
from skus.models import Barcode, CatalogueEvent, Category, OutfitType, Product, Sku
from skus.tests.factories import BarcodeFactory, CategoryFactory, OutfitTypeFactory, ProductFactory, SkuFactory

pytestmark = pytest.mark.django_db


def refused(write, constraint):
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        write()


@pytest.mark.parametrize(
    ("make", "fields", "constraint"),
    [
        (ProductFactory, {"code": "krt"}, "product_code_in_capitals"),
        (ProductFactory, {"code": ""}, "product_code_in_capitals"),
        (ProductFactory, {"base_price": -1}, "product_price_possible"),
        (ProductFactory, {"base_price": 1_000_001}, "product_price_possible"),
        (ProductFactory, {"tax_rate": 101}, "product_tax_possible"),
        (SkuFactory, {"code": "krt-m"}, "sku_code_in_capitals"),
        (SkuFactory, {"price": -1}, "sku_price_possible"),
        (SkuFactory, {"price": 1_000_001}, "sku_price_possible"),
        (BarcodeFactory, {"value": "abc"}, "barcode_value_in_capitals"),
        (BarcodeFactory, {"value": ""}, "barcode_value_in_capitals"),
        (OutfitTypeFactory, {"code": "gown"}, "outfit_type_code_in_capitals"),
        (CategoryFactory, {"slug": ""}, "category_has_slug"),
    ],
)
def test_what_cannot_be_is_not_kept(make, fields, constraint):
    refused(lambda: make(**fields), constraint)


def test_codes_slugs_and_barcodes_are_there_once():
    for make, field, value, constraint in (
        (ProductFactory, "code", "KRT", "product_code_once"),
        (SkuFactory, "code", "KRT-M", "sku_code_once"),
        (BarcodeFactory, "value", "ABC", "barcode_value_once"),
        (OutfitTypeFactory, "code", "GOWN", "outfit_type_code_once"),
        (CategoryFactory, "slug", "gowns", "category_slug_once"),
    ):
        make(**{field: value})
        refused(lambda make=make, field=field, value=value: make(**{field: value}), constraint)


def test_a_variant_is_there_once_in_whatever_case():
    sku = SkuFactory(size="M", colour="Blue")

    refused(lambda: SkuFactory(product=sku.product, size="m", colour="BLUE"), "sku_variant_once")
    SkuFactory(product=sku.product, size="m", colour="BLUE", style="Long")
    SkuFactory(size="m", colour="BLUE")


def test_a_sku_has_one_primary_barcode():
    first = BarcodeFactory(is_primary=True)

    refused(lambda: BarcodeFactory(sku=first.sku, is_primary=True), "barcode_one_primary")
    BarcodeFactory(sku=first.sku)


def test_names_are_there_once_on_their_shelf():
    women = CategoryFactory(name="Women")

    refused(lambda: CategoryFactory(name="WOMEN"), "category_name_once_per_parent")
    below = CategoryFactory(name="Women", parent=women)
    refused(lambda: CategoryFactory(name="women", parent=women), "category_name_once_per_parent")
    refused(lambda: Category.objects.filter(pk=below.pk).update(parent=below), "category_not_its_own_parent")
    OutfitTypeFactory(name="Gown")
    refused(lambda: OutfitTypeFactory(name="gown"), "outfit_type_name_once")


def test_the_log_is_append_only(owner):
    event = CatalogueEvent.objects.create(product_id=1, code="KRT", kind="changed", by=owner)

    for write in (
        lambda: CatalogueEvent.objects.update(code="X"),
        lambda: event.delete(),
        lambda: CatalogueEvent.objects.filter(pk=event.pk).delete(),
    ):
        with pytest.raises((InternalError, DatabaseError), match="Cannot update or delete"), transaction.atomic():
            write()
    assert CatalogueEvent.objects.get().code == "KRT"


def test_a_sku_costs_what_it_says_or_what_its_product_costs():
    product = ProductFactory(base_price=79)

    assert SkuFactory(product=product).effective_price == 79
    assert SkuFactory(product=product, price=0).effective_price == 0


def test_a_products_price_range_and_count_leave_out_what_is_archived():
    product = ProductFactory(base_price=79)
    for price, is_active in ((None, True), (60, True), (99, True), (1, False)):
        SkuFactory(product=product, price=price, is_active=is_active)

    counted = Product.objects.with_counts().get()
    assert (counted.sku_count, counted.price_from, counted.price_to) == (3, 60, 99)


def test_a_product_without_skus_costs_its_base_price():
    ProductFactory(base_price=79)

    counted = Product.objects.with_counts().get()
    assert (counted.sku_count, counted.price_from, counted.price_to) == (0, 79, 79)


@pytest.mark.parametrize("form", ["036000291452", "0036000291452", " 0-36000-29145-2 ", "０３６０００２９１４５２"])
def test_a_barcode_is_found_in_whatever_form_it_comes(form):
    barcode = BarcodeFactory(value="00036000291452")

    assert Barcode.objects.get(value=gtin.normal_form(form)) == barcode


def test_words_for_people():
    sku = SkuFactory(code="KRT-BLU-M", size="M", colour="Blue", style="")

    assert (str(sku), sku.variant, str(sku.product)) == ("KRT-BLU-M", "M, Blue", sku.product.name)
    assert str(BarcodeFactory(value="04006381333931")) == "4006381333931"
    assert {model._meta.verbose_name for model in (Sku, OutfitType)} == {"SKU", "outfit type"}
