"""What may happen in the catalogue, and what is refused."""

from decimal import Decimal

import pytest
from django.apps import apps
from django.db import connection, models, transaction

from boutique.errors import Duplicate, Forbidden, InUse, Invalid, Stale
from skus import gtin
from skus.models import Barcode, CatalogueEvent, Category, OutfitType, Product, ProductImage, Sku
from skus.services import barcodes, catalogue, pictures, search, variants
from skus.tests.factories import (
    BarcodeFactory,
    CategoryFactory,
    OutfitTypeFactory,
    ProductFactory,
    ProductImageFactory,
    SkuFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def kurta(owner):
    return ProductFactory(name="Kurta", code="KRT", sizes=["S", "M", "L"], colours=["Blue", "Ivory"], created_by=owner)


@pytest.fixture
def stocked(db):
    """A SKU that something refers to which may not be deleted, as the stock ledger will."""

    class Stocked(models.Model):
        sku = models.ForeignKey(Sku, models.PROTECT, related_name="+")

        class Meta:
            app_label = "skus"

        def __str__(self):
            return f"{self.sku_id}"

    with connection.schema_editor() as schema:
        schema.create_model(Stocked)
    sku = SkuFactory(code="SOLD-M")
    Stocked.objects.create(sku=sku)
    yield sku
    del apps.all_models["skus"]["stocked"]
    apps.clear_cache()


def identity(product):
    """All that must stay once a SKU is there."""
    skus = product.skus.with_barcode().order_by("pk")
    return {(sku.pk, sku.code, sku.size, sku.colour, sku.primary_value, sku.updated_at) for sku in skus}


# ------------------------------------------------------------------------------------------------ all of a product


def test_a_matrix_made_twice_makes_nothing_and_changes_nothing(kurta, owner):
    first = variants.generate(product=kurta, by=owner)
    before = identity(kurta)

    again = variants.generate(product=kurta, by=owner)

    assert (len(first.created), len(again.created), len(again.unchanged)) == (6, 0, 6)
    assert identity(kurta) == before


def test_a_size_more_makes_only_what_is_missing(kurta, owner):
    variants.generate(product=kurta, by=owner)
    before = identity(kurta)
    catalogue.change_product(product=kurta, by=owner, sizes=["XS", "S", "M", "L"], colours=["Ivory", "Blue"])

    made = variants.generate(product=kurta, by=owner)

    assert {sku.code for sku in made.created} == {"KRT-BLU-XS", "KRT-IVO-XS"}
    assert before < identity(kurta)


@pytest.mark.parametrize(
    ("exclude", "made"),
    [
        ([{"size": "M", "colour": "Blue"}], 5),
        ([{"size": "M"}], 4),
        ([{"colour": "Blue"}], 3),
        ([{"size": "m", "colour": "BLUE"}, {"colour": "ivory"}], 2),
        ([{"style": ""}], 0),
        ([{"size": None, "colour": "Blue", "style": None}], 3),
        ([], 6),
    ],
)
def test_what_an_exclusion_does_not_name_it_leaves_open(exclude, made, kurta, owner):
    matrix = variants.generate(product=kurta, exclude=exclude, by=owner)

    assert (len(matrix.created), matrix.excluded, matrix.asked) == (made, 6 - made, 6)
    assert kurta.skus.count() == made


def test_a_typo_in_an_exclusion_is_refused_with_what_there_is(kurta, owner):
    with pytest.raises(Invalid) as refusal:
        variants.generate(product=kurta, exclude=[{"size": "S"}, {"size": "XXL", "style": "Long"}], by=owner)

    fields = {error["field"]: error["message"] for error in refusal.value.errors}
    assert set(fields) == {"exclude.1.size", "exclude.1.style"}
    assert "S, M, L" in fields["exclude.1.size"]
    assert "none" in fields["exclude.1.style"]
    assert not kurta.skus.exists()


def test_too_many_combinations_are_refused_with_their_number(owner):
    product = ProductFactory(sizes=[f"{n}" for n in range(91)], colours=[f"Colour {n}" for n in range(11)])

    with pytest.raises(Invalid) as refusal:
        variants.generate(product=product, by=owner)

    assert refusal.value.errors[0]["params"] == {"combinations": 1001, "most": 500}
    assert "1001" in refusal.value.detail
    assert not Sku.objects.exists()
    assert not Barcode.objects.exists()


def test_as_many_as_are_left_count_not_as_many_as_were_asked(owner):
    product = ProductFactory(sizes=[f"{n}" for n in range(50)], colours=[f"Colour {n}" for n in range(11)])

    made = variants.generate(product=product, exclude=[{"colour": "colour 10"}], by=owner)

    assert (made.asked, made.excluded, len(made.created)) == (550, 50, 500)


def test_five_hundred_exclusions_of_twenty_thousand_take_no_time(owner):
    names = [f"{n}" for n in range(27)]
    product = ProductFactory(sizes=names, colours=names, styles=names)
    holes = [{"size": "0", "colour": f"{n % 27}", "style": f"{n // 27}"} for n in range(500)]

    with pytest.raises(Invalid, match="19183 combinations"):
        variants.generate(product=product, exclude=holes, by=owner)


def test_a_preview_writes_nothing(kurta, owner):
    shown = variants.generate(product=kurta, price="5.00", preview=True, by=owner)

    assert len(shown.created) == 6
    assert all(sku.pk is None and sku.code for sku in shown.created)
    assert not Sku.objects.exists()
    assert not Barcode.objects.exists()


def test_a_price_of_its_own_goes_to_the_new_ones_only(kurta, owner):
    variants.generate(product=kurta, exclude=[{"size": "L"}], by=owner)

    variants.generate(product=kurta, price="5.00", by=owner)

    assert set(kurta.skus.values_list("size", "price")) == {("S", None), ("M", None), ("L", 5)}


def test_small_and_capital_letters_are_one_size_and_one_colour(kurta, owner):
    sku = variants.add_sku(product=kurta, size="m", colour="blue", by=owner)

    made = variants.generate(product=kurta, by=owner)

    kurta.refresh_from_db()
    assert (len(made.created), len(made.unchanged)) == (5, 1)
    assert (kurta.sizes, kurta.colours) == (["S", "M", "L"], ["Blue", "Ivory"])
    assert sku.code == "KRT-BLU-M"


def test_sizes_without_latin_letters_get_codes_in_a_constant_number_of_questions(owner, django_assert_max_num_queries):
    product = ProductFactory(code="KIM", sizes=[chr(0x4E00 + n) for n in range(250)], colours=["Blue", "赤"])
    SkuFactory(code="KIM-BLU-3")  # another product's

    with django_assert_max_num_queries(13):
        made = variants.generate(product=product, by=owner)

    codes = [sku.code for sku in made.created]
    assert len(set(codes)) == 500
    assert codes[:2] == ["KIM-BLU", "KIM-C2"]
    assert "KIM-BLU-2" in codes
    assert "KIM-BLU-3" not in codes


def test_the_codes_of_a_product_do_not_depend_on_when_they_were_made(kurta, owner):
    one_by_one = {
        variants.add_sku(product=kurta, size=size, colour=colour, by=owner).code
        for colour in kurta.colours
        for size in kurta.sizes
    }

    assert one_by_one == {f"KRT-{colour}-{size}" for colour in ("BLU", "IVO") for size in "SML"}


def test_a_code_that_another_product_took_is_passed_over(kurta, owner):
    SkuFactory(code="KRT-BLU-M")

    assert variants.add_sku(product=kurta, size="M", colour="Blue", by=owner).code == "KRT-BLU-M-2"


def test_products_of_one_name_get_numbered_codes(owner):
    made = [catalogue.add_product(name="Silk Kurta", base_price=1, by=owner).code for _ in range(12)]

    assert made == ["SKRT", *(f"SKRT{number}" for number in range(2, 13))]


def test_the_five_hundredth_product_of_a_name_costs_few_questions(owner, django_assert_max_num_queries):
    Product.objects.bulk_create(
        Product(name="Kurta", code=code, base_price=1) for code in ["KRT", *(f"KRT{n}" for n in range(2, 500))]
    )

    with django_assert_max_num_queries(12):
        assert catalogue.add_product(name="Kurta", base_price=1, by=owner).code == "KRT500"


# ------------------------------------------------------------------------------------------------ one SKU


def test_a_new_size_belongs_to_the_product_from_now_on(kurta, owner):
    variants.add_sku(product=kurta, size="XS", colour="Teal", by=owner)

    kurta.refresh_from_db()
    assert (kurta.sizes, kurta.colours) == (["XS", "S", "M", "L"], ["Blue", "Ivory", "Teal"])


def test_the_code_of_a_stocked_sku_stays(stocked, owner):
    assert catalogue.have_history([stocked])
    with pytest.raises(InUse) as refusal:
        variants.change_sku(sku=stocked, code="NEW", by=owner)

    assert refusal.value.errors[0]["field"] == "code"
    assert Sku.objects.get().code == "SOLD-M"
    assert variants.change_sku(sku=stocked, code="SOLD-M", size="L", by=owner).size == "L"


def test_a_stocked_sku_is_archived_and_not_deleted(stocked, owner):
    picture = ProductImageFactory(product=stocked.product, sku=stocked)
    BarcodeFactory(sku=stocked)

    for delete in (
        lambda: variants.delete_sku(sku=stocked, by=owner),
        lambda: catalogue.delete_product(product=stocked.product, by=owner),
    ):
        with pytest.raises(InUse, match="Archive"):
            delete()

    picture.refresh_from_db()
    assert picture.sku == stocked
    assert Barcode.objects.count() == Product.objects.count() == 1
    assert not CatalogueEvent.objects.exists()
    assert not variants.archive_sku(sku=stocked, by=owner).is_active


def test_a_picture_and_barcodes_are_no_history(owner):
    sku = SkuFactory()
    ProductImageFactory(product=sku.product, sku=sku)
    BarcodeFactory(sku=sku)

    assert not catalogue.have_history([sku])
    assert variants.change_sku(sku=sku, code="NEW", by=owner).code == "NEW"


def test_a_deleted_sku_takes_its_barcodes_along_and_leaves_its_picture(owner):
    sku = SkuFactory()
    BarcodeFactory(sku=sku)
    picture = ProductImageFactory(product=sku.product, sku=sku)

    variants.delete_sku(sku=sku, by=owner)

    picture.refresh_from_db()
    assert picture.sku is None
    assert not Barcode.objects.exists()
    event = CatalogueEvent.objects.get()
    assert (event.kind, event.code, event.by) == ("deleted", sku.code, owner)


def test_a_deleted_product_takes_everything_along_but_its_log(kurta, owner):
    variants.generate(product=kurta, by=owner)
    ProductImageFactory(product=kurta, sku=kurta.skus.first())

    catalogue.delete_product(product=kurta, by=owner)

    for model in (Product, Sku, Barcode, ProductImage):
        assert not model.objects.exists()
    assert CatalogueEvent.objects.get().kind == "deleted"


# ------------------------------------------------------------------------------------------------ barcodes


def test_every_new_sku_has_one_primary_barcode_of_the_house(kurta, owner):
    made = variants.generate(product=kurta, by=owner).created

    values = list(Barcode.objects.filter(is_primary=True, kind="internal").values_list("value", flat=True))
    assert len(set(values)) == len(made) == 6
    assert all(gtin.is_own(value) and gtin.gtin(value) == value for value in values)


def test_a_number_typed_in_by_hand_is_passed_over(kurta, owner):
    (drawn,) = barcodes.own_numbers(1)
    following = gtin.own_ean13(int(drawn[4:13]) + 1)
    BarcodeFactory(value=following)

    sku = variants.add_sku(product=kurta, size="M", by=owner)

    assert sku.barcodes.get().value == gtin.own_ean13(int(drawn[4:13]) + 2)


def test_a_taken_barcode_names_its_owner(owner):
    theirs = BarcodeFactory(value="00036000291452", sku__code="THEIRS")
    mine = SkuFactory()

    for form in ("036000291452", "0036000291452", "0-36000-29145-2"):
        with pytest.raises(Duplicate) as refusal:
            barcodes.add(sku=mine, value=form, by=owner)
        assert refusal.value.errors[0]["params"] == {"owner": "THEIRS"}
        assert "THEIRS" in refusal.value.detail
    with pytest.raises(Duplicate):
        variants.add_sku(product=mine.product, size="XS", barcode="036000291452", by=owner)

    assert list(Barcode.objects.all()) == [theirs]
    assert list(Sku.objects.exclude(pk=theirs.sku_id)) == [mine]


@pytest.mark.parametrize("kind", ["", "gtin"])
def test_a_wrong_check_digit_says_the_right_one(kind, owner):
    with pytest.raises(Invalid, match="expected 1") as refusal:
        barcodes.add(sku=SkuFactory(), value="4006381333932", kind=kind, by=owner)

    assert refusal.value.errors[0] | {"message": ""} == {
        "field": "value", "code": "check_digit", "message": "", "params": {"expected": "1"},
    }  # fmt: skip
    assert not Barcode.objects.exists()


@pytest.mark.parametrize(
    ("value", "kind", "kept", "kept_kind"),
    [
        ("4006381333931", "", "04006381333931", "gtin"),
        ("2000000000008", "", "02000000000008", "internal"),
        ("abc-1", "", "ABC-1", "internal"),
        ("abc-1", "supplier", "ABC-1", "supplier"),
        ("4006381333931", "supplier", "04006381333931", "supplier"),
        ("4006381333932", "supplier", "4006381333932", "supplier"),
    ],
)
def test_a_code_without_a_kind_gets_the_one_it_looks_like(value, kind, kept, kept_kind, owner):
    made = barcodes.add(sku=SkuFactory(), value=value, kind=kind, by=owner)

    assert (made.value, made.kind) == (kept, kept_kind)


def test_there_is_one_primary_barcode_whatever_happens(kurta, owner):
    sku = variants.add_sku(product=kurta, size="M", by=owner)
    first = sku.barcodes.get()

    second = barcodes.add(sku=sku, value="4006381333931", is_primary=True, by=owner)
    third = barcodes.add(sku=sku, value="96385074", by=owner)
    assert list(sku.barcodes.filter(is_primary=True)) == [second]
    barcodes.make_primary(barcode=third, by=owner)
    assert list(sku.barcodes.filter(is_primary=True)) == [third]
    variants.change_sku(sku=sku, barcode=first.printed, by=owner)
    assert list(sku.barcodes.filter(is_primary=True)) == [first]
    variants.change_sku(sku=sku, barcode="036000291452", by=owner)
    assert sku.barcodes.get(is_primary=True).value == "00036000291452"
    assert sku.barcodes.count() == 4


def test_the_primary_barcode_is_not_removed_the_others_are(kurta, owner):
    sku = variants.add_sku(product=kurta, size="M", by=owner)
    other = barcodes.add(sku=sku, value="4006381333931", by=owner)

    with pytest.raises(InUse, match="primary"):
        barcodes.remove(barcode=sku.barcodes.get(is_primary=True), by=owner)
    barcodes.remove(barcode=other, by=owner)

    assert sku.barcodes.count() == 1
    assert not Sku.objects.found_by("4006381333931").exists()


def test_who_loses_the_first_place_is_changed_too(kurta, owner):
    sku = variants.add_sku(product=kurta, size="M", by=owner)
    before = sku.barcodes.get()

    barcodes.add(sku=sku, value="4006381333931", is_primary=True, by=owner)

    assert sku.barcodes.get(pk=before.pk).updated_at > before.updated_at


# ------------------------------------------------------------------------------------------------ categories


def test_a_category_never_lies_in_itself_by_any_detour(owner):
    women = CategoryFactory(name="Women")
    dresses = CategoryFactory(name="Dresses", parent=women)
    evening = CategoryFactory(name="Evening", parent=dresses)

    for below in (women, dresses, evening):
        with pytest.raises(Invalid) as refusal:
            catalogue.change_category(category=women, parent=below, by=owner)
        assert refusal.value.errors[0]["field"] == "parent"
    assert Category.objects.get(pk=women.pk).parent is None
    assert set(Category.objects.within(women.pk)) == {women, dresses, evening}


def test_a_category_that_holds_something_is_not_deleted(owner):
    holds_product, holds_category, empty = CategoryFactory(), CategoryFactory(), CategoryFactory()
    ProductFactory(category=holds_product)
    CategoryFactory(parent=holds_category)

    for full in (holds_product, holds_category):
        with pytest.raises(InUse, match="Move those first"):
            catalogue.delete_category(category=full, by=owner)
    catalogue.delete_category(category=empty, by=owner)

    assert Category.objects.count() == 3


def test_an_outfit_type_in_use_is_not_deleted(owner):
    worn = OutfitTypeFactory()
    ProductFactory(outfit_type=worn)

    with pytest.raises(InUse, match="Give them another"):
        catalogue.delete_outfit_type(outfit_type=worn, by=owner)
    assert OutfitType.objects.exists()


@pytest.mark.parametrize("make", [CategoryFactory, OutfitTypeFactory])
def test_a_change_starts_from_the_row_as_it_is_now_not_as_it_was_read(make, owner):
    row = make(name="Dresses")
    change = catalogue.change_category if make is CategoryFactory else catalogue.change_outfit_type
    argument = "category" if make is CategoryFactory else "outfit_type"
    type(row).objects.filter(pk=row.pk).update(name="Gowns")

    field = "slug" if make is CategoryFactory else "code"
    change(**{argument: row, field: "new" if field == "slug" else "NEW"}, by=owner)

    assert type(row).objects.get(pk=row.pk).name == "Gowns"


@pytest.mark.parametrize("make", [CategoryFactory, OutfitTypeFactory, ProductFactory, SkuFactory])
def test_what_changed_while_we_waited_is_not_overwritten_where_that_was_asked_for(make, owner):
    row = make()
    row.must_be_unchanged = True
    type(row).objects.get(pk=row.pk).save()  # somebody else, in the meantime
    change = {
        CategoryFactory: lambda: catalogue.change_category(category=row, name="New", by=owner),
        OutfitTypeFactory: lambda: catalogue.change_outfit_type(outfit_type=row, name="New", by=owner),
        ProductFactory: lambda: catalogue.change_product(product=row, name="New", by=owner),
        SkuFactory: lambda: variants.change_sku(sku=row, size="XXL", by=owner),
    }[make]

    with pytest.raises(Stale):
        change()


# ------------------------------------------------------------------------------------------------ prices and the log


@pytest.mark.parametrize("field", ["base_price", "tax_rate"])
def test_sales_staff_do_not_change_the_prices_even_of_their_own(field, clerk):
    product = ProductFactory(created_by=clerk)

    with pytest.raises(Forbidden) as refusal:
        catalogue.change_product(product=product, name="New", **{field: 5}, by=clerk)

    assert refusal.value.errors[0]["field"] == field
    assert Product.objects.get().name == product.name
    same = Product.objects.get()
    catalogue.change_product(product=same, name="New", **{field: getattr(same, field)}, by=clerk)  # says what is


def test_the_log_says_who_changed_what_from_what_to_what(kurta, owner, manager):
    sku = variants.add_sku(product=kurta, size="M", by=owner)

    catalogue.change_product(product=kurta, base_price=Decimal("69.00"), name="Kurta", by=manager)
    variants.change_sku(sku=sku, price=Decimal("65.00"), by=owner)
    catalogue.archive_product(product=kurta, by=owner)
    catalogue.archive_product(product=kurta, by=owner)
    catalogue.restore_product(product=kurta, by=owner)
    catalogue.change_product(product=kurta, name="Kurta", by=owner)

    lines = [
        (line.by, line.code, line.sku_id, line.kind, line.changes) for line in CatalogueEvent.objects.order_by("id")
    ]
    assert lines == [
        (manager, "KRT", None, "changed", {"base_price": ["79.00", "69.00"]}),
        (owner, sku.code, sku.pk, "changed", {"price": [None, "65.00"]}),
        (owner, "KRT", None, "archived", {}),
        (owner, "KRT", None, "restored", {}),
    ]


def test_a_category_that_moves_is_noted_by_its_number(kurta, owner):
    shelf = CategoryFactory()

    catalogue.change_product(product=kurta, category=shelf, sizes=["M"], by=owner)

    assert CatalogueEvent.objects.get().changes == {"category": [None, shelf.pk], "sizes": [["S", "M", "L"], ["M"]]}


# ------------------------------------------------------------------------------------------------ words


def test_a_products_new_name_finds_its_skus_and_the_old_one_no_longer(kurta, owner):
    sku = variants.add_sku(product=kurta, size="M", by=owner)
    assert list(Sku.objects.found_by("kurta m")) == [sku]

    catalogue.change_product(product=kurta, name="Sherwani", brand="Asha", by=owner)

    assert not Sku.objects.found_by("kurta").exists()
    assert list(Sku.objects.found_by("asha sher")) == [sku]


def test_only_words_ask_for_a_new_document(kurta, owner, monkeypatch):
    asked = []
    monkeypatch.setattr(search, "refresh_products", asked.append)

    catalogue.change_product(product=kurta, base_price=5, by=owner)
    assert asked == []
    catalogue.change_product(product=kurta, collection="Winter", by=owner)
    assert asked == [[kurta.pk]]


# ------------------------------------------------------------------------------------------------ pictures


def test_twenty_pictures_are_enough(kurta, owner):
    ProductImageFactory.create_batch(pictures.MOST_PICTURES, product=kurta)

    with pytest.raises(pictures.EnoughPictures, match="20 pictures"):
        pictures.add(product=kurta, image=None, by=owner)
    assert ProductImage.objects.count() == 20


def test_a_picture_shows_no_sku_of_another_product(kurta, owner):
    stranger, picture = SkuFactory(code="OTHER"), ProductImageFactory(product=kurta)

    for act in (
        lambda: pictures.add(product=kurta, sku=stranger, image=None, by=owner),
        lambda: pictures.change(picture=picture, sku=stranger, by=owner),
    ):
        with pytest.raises(Invalid, match="OTHER is no SKU of Kurta") as refusal:
            act()
        assert refusal.value.errors[0]["field"] == "sku"
    assert ProductImage.objects.get().sku is None


def test_a_product_goes_to_the_archive_with_its_skus_and_comes_back_with_those(owner):
    product = catalogue.add_product(name="Kurta", base_price="79.00", sizes=["S", "M", "L"], by=owner)
    small, medium, large = variants.generate(product=product, by=owner).created
    variants.archive_sku(sku=small, by=owner)

    catalogue.archive_product(product=product, by=owner)
    assert not product.skus.filter(is_active=True).exists()
    for refused in (
        lambda: variants.restore_sku(sku=medium, by=owner),
        lambda: variants.generate(product=product, by=owner),
        lambda: variants.add_sku(product=product, size="XL", by=owner),
    ):
        with pytest.raises(InUse, match="Restore the product first"):
            refused()

    catalogue.restore_product(product=product, by=owner)
    assert set(product.skus.filter(is_active=True)) == {medium, large}


def test_colours_keep_their_short_names_when_they_are_listed_in_another_order(owner):
    product = catalogue.add_product(name="Kurta", base_price=1, sizes=["M"], colours=["Blue", "Blush"], by=owner)
    variants.generate(product=product, by=owner)
    catalogue.change_product(product=product, sizes=["M", "L"], colours=["Blush", "Blue"], by=owner)
    variants.generate(product=product, by=owner)

    codes = {(sku.colour, sku.size): sku.code for sku in Sku.objects.all()}
    assert codes["Blue", "L"] == codes["Blue", "M"].replace("-M", "-L")
    assert codes["Blush", "L"] == codes["Blush", "M"].replace("-M", "-L")


def test_a_barcode_is_not_the_code_of_another_sku(owner):
    SkuFactory(code="ABC-1")
    with pytest.raises(Duplicate, match="stands for ABC-1"):
        barcodes.add(sku=SkuFactory(), value="abc-1", by=owner)
    own = SkuFactory(code="XYZ")
    assert barcodes.add(sku=own, value="xyz", by=owner).value == "XYZ"


def test_when_the_own_numbers_are_used_up_it_says_so(owner):
    with connection.cursor() as cursor:
        cursor.execute("SELECT setval('skus_own_number', 999999999)")
        try:
            with pytest.raises(InUse, match="used up"), transaction.atomic():
                variants.add_sku(product=ProductFactory(), size="M", by=owner)
        finally:
            cursor.execute("SELECT setval('skus_own_number', 1000)")


def test_categories_lie_at_most_ten_deep(owner):
    parent = None
    for number in range(10):
        parent = catalogue.add_category(name=f"Level {number}", parent=parent, by=owner)
    with pytest.raises(Invalid, match="10 deep"):
        catalogue.add_category(name="Level 10", parent=parent, by=owner)
    tree = catalogue.add_category(name="Tree", by=owner)
    catalogue.add_category(name="Branch", parent=tree, by=owner)
    with pytest.raises(Invalid, match="10 deep"):
        catalogue.change_category(category=tree, parent=parent.parent, by=owner)


def test_changes_of_barcodes_and_axes_stand_in_the_log_and_on_the_sku(owner):
    product = catalogue.add_product(name="Kurta", base_price=1, by=owner)
    sku = variants.add_sku(product=product, size="M", by=owner)
    before = Sku.objects.get().updated_at
    barcodes.add(sku=sku, value="4006381333931", is_primary=True, by=owner)

    changes = list(CatalogueEvent.objects.order_by("pk").values_list("changes", flat=True))
    assert changes == [{"sizes": [[], ["M"]]}, {"barcode": [None, "4006381333931"]}]
    assert Sku.objects.get().updated_at > before
    variants.delete_sku(sku=sku, by=owner)
    assert CatalogueEvent.objects.first().changes["size"] == ["M", None]
