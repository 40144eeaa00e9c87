import base64
import io
import re

import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from accounts.models import User
from accounts.tests.desk import list_of, messages_on, page_of, press, typed
from skus import labels, symbols
from skus.models import (
    Barcode,
    CatalogueEvent,
    Category,
    OutfitType,
    Product,
    ProductImage,
    Sku,
    SkuImport,
)
from skus.services import barcodes, catalogue, imports, pictures, variants
from skus.tests.factories import BarcodeFactory, CategoryFactory, ProductFactory, ProductImageFactory, SkuFactory

pytestmark = pytest.mark.django_db

TRAP = "<script>alert(1)</script>"
NEW = {
    "name": "Silk Kurta", "code": "", "description": "", "category": "", "outfit_type": "", "kind": "garment",
    "brand": "Asha", "collection": "", "base_price": "79.00", "tax_rate": "19", "unit": "piece",
    "sizes": "L, S , M", "colours": "Blue, Ivory", "styles": "",
}  # fmt: skip


@pytest.fixture
def desk(at_desk, manager):
    return at_desk(manager)


@pytest.fixture
def kurta(manager):
    """In S, M and L, blue and ivory; the ivory L is not made."""
    kurta = catalogue.add_product(
        name="Silk Kurta", brand="Asha", base_price="79.00", sizes=["S", "M", "L"], colours=["Blue", "Ivory"],
        by=manager,
    )  # fmt: skip
    variants.generate(product=kurta, exclude=[{"size": "L", "colour": "Ivory"}], by=manager)
    return kurta


def sku_of(product, size, colour):
    return product.skus.get(size=size, colour=colour)


def photo(kind="JPEG"):
    file = io.BytesIO()
    Image.new("RGB", (60, 80), "navy").save(file, kind)
    file.seek(0)
    file.name = "front.jpg"
    return file


def panels_on(answer):
    return {panel["title"]: panel["table"]["rows"] for panel in answer.context["panels"]}


def listed(answer):
    return list(answer.context["cl"].result_list)


# ------------------------------------------------------------------------------------------------ products


def test_a_product_is_made_from_what_is_typed_between_commas(desk, manager):
    answer = desk.post(reverse("admin:skus_product_add"), NEW, follow=True)

    kurta = Product.objects.get()
    assert "was added successfully" in messages_on(answer)[0]
    assert (kurta.code, kurta.sizes, kurta.colours, kurta.created_by) == (
        "SKRT", ["S", "M", "L"], ["Blue", "Ivory"], manager,
    )  # fmt: skip
    assert Product.objects.found_by("silk asha").exists()  # the service did it
    assert not LogEntry.objects.exists()


def test_a_new_product_opens_on_its_own_page_and_a_new_shelf_on_the_list(desk):
    made = desk.post(reverse("admin:skus_product_add"), NEW)
    shelf = desk.post(reverse("admin:skus_category_add"), {"name": "Dresses", "parent": "", "slug": ""})

    assert made.url == page_of(Product.objects.get())
    assert shelf.url == list_of(Category)


def test_before_a_product_goes_it_is_told_what_goes_with_it(desk, kurta):
    ProductImageFactory(product=kurta)

    assert "with its 5 SKUs, their barcodes and 1 picture" in desk.get(page_of(kurta, "delete")).text
    assert "with its barcodes" in desk.get(page_of(kurta.skus.first(), "delete")).text


def test_the_history_of_a_row_is_the_houses_log_on_its_page(desk, at_desk, owner, kurta):
    assert desk.get(page_of(kurta, "history")).url == page_of(kurta)
    kurta.pk = 10**12
    assert desk.get(page_of(kurta, "history")).url == reverse("admin:index")


def test_a_change_goes_through_the_service_and_into_the_log(desk, kurta, manager):
    desk.post(page_of(kurta), typed(desk, kurta, base_price="69.00", code="kurta", sizes='S, M, L, "36,5"'))

    kurta.refresh_from_db()
    assert (str(kurta.base_price), kurta.code, kurta.sizes[-1], kurta.updated_by) == (
        "69.00", "KURTA", "36,5", manager,
    )  # fmt: skip
    changes = CatalogueEvent.objects.get(product=kurta).changes
    assert changes["base_price"] == ["79.00", "69.00"]
    assert set(changes) == {"base_price", "code", "sizes"}


def test_sizes_that_hold_a_comma_survive_the_form_untouched(desk, kurta, manager):
    catalogue.change_product(product=kurta, sizes=["36,5", '38 "long"'], by=manager)

    desk.post(page_of(kurta), typed(desk, kurta, brand="Ash"))

    kurta.refresh_from_db()
    assert (kurta.sizes, kurta.brand) == (["36,5", '38 "long"'], "Ash")
    assert set(CatalogueEvent.objects.filter(product=kurta).first().changes) == {"brand"}


@pytest.mark.parametrize(
    ("field", "typed_in", "told"),
    [
        ("code", "a b", "Capital letters"),
        ("base_price", "-1", "greater than or equal to 0"),
        ("base_price", "NaN", "Enter a number"),
        ("tax_rate", "101", "less than or equal to 100"),
        ("sizes", "x" * 41, "no more than 40"),
        ("sizes", ", ".join(str(number) for number in range(501)), "At most 500"),
        ("colours", "bell\x07", "control characters"),
        ("styles", '"' + "y" * 200_000, "At most 500"),
        ("category", "99999999999999999999", "Select a valid choice"),
    ],
)
def test_what_cannot_be_is_told_beside_its_field_and_changes_nothing(field, typed_in, told, desk, kurta):
    answer = desk.post(page_of(kurta), typed(desk, kurta, **{field: typed_in}))

    assert told in str(answer.context["adminform"].form.errors[field])
    assert not CatalogueEvent.objects.exists()


def test_a_taken_code_is_told_beside_its_field(desk, kurta):
    other = ProductFactory()

    answer = desk.post(page_of(kurta), typed(desk, kurta, code=other.code.lower()))

    assert list(answer.context["adminform"].form.errors) == ["code"]


def test_the_page_of_a_product_shows_its_matrix_pictures_barcodes_and_log(desk, kurta, manager):
    catalogue.change_product(product=kurta, base_price="69.00", by=manager)
    archived = sku_of(kurta, "M", "Blue")
    variants.archive_sku(sku=archived, by=manager)
    first = ProductImageFactory(product=kurta, position=2, alt="From behind", image="products/ab/two.webp")
    ProductImageFactory(product=kurta, position=1, alt="From the front", image="products/ab/one.webp")

    answer = desk.get(page_of(kurta))
    page, panels = answer.text, panels_on(answer)

    assert list(panels) == ["Sizes and colours", "Pictures", "Barcodes", "What happened"]
    [matrix] = panels["Sizes and colours"]
    assert matrix["colours"] == ["Blue", "Ivory"]
    assert [row["size"] for row in matrix["rows"]] == ["S", "M", "L"]
    assert [cell and cell.code for cell in matrix["rows"][2]["cells"]] == ["SKRT-BLU-L", None]
    assert page.count(">–<") == 1
    assert page_of(archived) in page
    assert page.count(">Archived<") == 1
    assert [row[1] for row in panels["Pictures"]] == ["From the front", "From behind"]
    assert "/media/products/ab/one.thumb.webp?key=" in page
    assert page_of(first, "delete") in page
    assert len(panels["Barcodes"]) == 5
    assert Barcode.objects.first().printed in page
    assert "base price: 79.00 → 69.00" in page


def test_styles_are_sections_of_the_matrix_and_a_product_without_axes_has_one_cell(desk, manager):
    shirt = catalogue.add_product(name="Shirt", base_price="49.00", sizes=["40"], styles=["Slim", "Wide"], by=manager)
    scarf = catalogue.add_product(name="Scarf", base_price="19.00", by=manager)
    for product in (shirt, scarf):
        variants.generate(product=product, by=manager)

    in_styles = panels_on(desk.get(page_of(shirt)))["Sizes and colours"]
    [single] = panels_on(desk.get(page_of(scarf)))["Sizes and colours"]

    assert [table["style"] for table in in_styles] == ["Slim", "Wide"]
    assert [cell.code for row in single["rows"] for cell in row["cells"]] == ["SCR"]


def test_the_symbol_on_the_page_is_one_that_the_admins_policy_lets_through(desk, kurta):
    answer = desk.get(page_of(kurta))

    shown = re.findall(r'src="data:image/svg\+xml;base64,([^"]+)"', answer.text)
    values = Sku.objects.with_barcode().values_list("primary_value", flat=True)
    assert {base64.b64decode(one) for one in shown} == {symbols.svg(value) for value in values}
    assert "img-src 'self' data:" in answer["Content-Security-Policy"]


def test_generating_is_previewed_and_then_done(desk, kurta, manager):
    catalogue.change_product(product=kurta, sizes=["S", "M", "L", "XL"], by=manager)
    choice = {"price": "85.00", "sizes": ["S"], "holes": "xl, ivory\n"}

    at_first = desk.get(page_of(kurta, "generate"))
    preview = press(desk, kurta, "generate", preview="1", **choice)
    assert at_first.context["preview"].startswith("3 of 8 combinations would be made, 5 are there already")
    assert preview.context["preview"].startswith("2 of 8 combinations would be made, 3 are there already, 3 are left")
    assert kurta.skus.count() == 5

    made = press(desk, kurta, "generate", **choice)
    assert messages_on(made)[0].startswith("Silk Kurta: 2 of 8 combinations were made")
    assert str(sku_of(kurta, "XL", "Blue").price) == "85.00"
    assert kurta.skus.count() == 7


def test_what_the_product_does_not_come_in_cannot_be_left_out(desk, kurta):
    answer = press(desk, kurta, "generate", sizes=["XXL"], holes="Green")

    assert set(answer.context["form"].errors) == {"sizes", "holes"}
    assert kurta.skus.count() == 5


def test_too_many_combinations_are_refused_with_their_number(desk, manager):
    wide = catalogue.add_product(
        name="Wide", base_price="1", by=manager,
        sizes=[str(size) for size in range(100)], colours=[f"No {number}" for number in range(7)],
    )  # fmt: skip

    assert "700 combinations" in desk.get(page_of(wide, "generate")).text
    answer = press(desk, wide, "generate")

    assert "These are 700 combinations" in str(answer.context["form"].non_field_errors())
    assert not wide.skus.exists()


def test_a_picture_is_added_changed_and_deleted(desk, kurta, manager):
    ivory = sku_of(kurta, "S", "Ivory")
    answer = press(desk, kurta, "add_picture", image=photo(), alt="From the front", sku=ivory.pk)
    assert messages_on(answer) == ["Silk Kurta: The picture is added."]
    picture = ProductImage.objects.get()
    assert (picture.product, picture.sku, picture.alt, picture.created_by) == (kurta, ivory, "From the front", manager)

    changed = desk.post(page_of(picture), typed(desk, picture, alt="In front", position=3))
    picture.refresh_from_db()
    assert (picture.alt, picture.position, changed.url) == ("In front", 3, page_of(kurta))

    assert press(desk, picture, "delete").redirect_chain == [(page_of(kurta), 302)]
    assert not ProductImage.objects.exists()


def test_what_is_no_picture_is_refused_beside_its_field(desk, kurta):
    text = io.BytesIO(b"GIF89a no picture of ours")
    text.name = "x.jpg"

    answer = press(desk, kurta, "add_picture", image=text)
    nothing = press(desk, kurta, "add_picture")
    huge = io.BytesIO(b"\xff\xd8\xff" + b"\0" * (10 * 1024 * 1024))
    huge.name = "huge.jpg"
    too_large = press(desk, kurta, "add_picture", image=huge)

    assert "not a picture we can read" in str(answer.context["form"].errors["image"])
    assert list(nothing.context["form"].errors) == ["image"]
    assert "larger than 10 MB" in str(too_large.context["form"].errors["image"])
    assert not ProductImage.objects.exists()


def test_a_picture_shows_only_skus_of_its_own_product(desk, kurta):
    stranger = SkuFactory()
    picture = ProductImageFactory(product=kurta)

    added = press(desk, kurta, "add_picture", image=photo(), sku=stranger.pk)
    changed = desk.post(page_of(picture), typed(desk, picture, sku=stranger.pk))

    assert list(added.context["form"].errors) == ["sku"]
    assert list(changed.context["adminform"].form.errors) == ["sku"]


def test_the_twenty_first_picture_is_refused(desk, kurta, monkeypatch):
    monkeypatch.setattr(pictures, "MOST_PICTURES", 1)
    press(desk, kurta, "add_picture", image=photo())

    answer = press(desk, kurta, "add_picture", image=photo())

    assert "1 pictures already" in str(answer.context["form"].non_field_errors())


def test_a_product_is_archived_restored_and_deleted(desk, kurta):
    press(desk, kurta, "archive")
    kurta.refresh_from_db()
    assert not kurta.is_active
    assert "not possible" in messages_on(press(desk, kurta, "archive"))[0]

    press(desk, kurta, "restore")
    kurta.refresh_from_db()
    assert kurta.is_active

    press(desk, kurta, "delete")
    assert not Product.objects.exists()
    assert list(CatalogueEvent.objects.values_list("kind", flat=True)) == ["deleted", "restored", "archived"]


# ------------------------------------------------------------------------------------------------ SKUs and barcodes


def test_a_sku_is_added_by_hand_with_the_number_it_carries(desk, kurta):
    new = {"product": kurta.pk, "code": "", "size": "XL", "colour": "Blue", "style": "", "price": "85"}

    answer = desk.post(reverse("admin:skus_sku_add"), new | {"barcode": "4006381333931"}, follow=True)

    made = sku_of(kurta, "XL", "Blue")
    assert made.code in messages_on(answer)[0]
    assert made.barcodes.get().printed == "4006381333931"
    assert "XL" in Product.objects.get().sizes


@pytest.mark.parametrize(
    ("wrong", "field", "told"),
    [
        ({"barcode": "4006381333930"}, "barcode", "expected 1"),
        ({"size": "S"}, None, "already has a SKU"),
        ({"product": "a"}, "product", "Select a valid choice"),
    ],
)
def test_what_the_service_refuses_is_told_on_the_form_of_a_sku(wrong, field, told, desk, kurta):
    new = {"product": kurta.pk, "code": "", "size": "XL", "colour": "Blue", "style": "", "price": ""}

    answer = desk.post(reverse("admin:skus_sku_add"), new | wrong)

    errors = answer.context["adminform"].form.errors
    assert told in str(errors[field] if field else errors)
    assert kurta.skus.count() == 5


def test_a_sku_gets_a_price_of_its_own_and_stays_with_its_product(desk, kurta):
    sku = sku_of(kurta, "S", "Blue")

    desk.post(page_of(sku), typed(desk, sku, price="59.00") | {"product": ProductFactory().pk})

    sku.refresh_from_db()
    assert (str(sku.price), sku.product) == ("59.00", kurta)
    assert CatalogueEvent.objects.get(sku=sku).changes == {"price": [None, "59.00"]}
    assert "price: none → 59.00" in desk.get(page_of(sku)).text


def test_barcodes_are_added_made_primary_and_removed(desk, kurta):
    sku = sku_of(kurta, "S", "Blue")
    own = sku.barcodes.get()

    answer = press(desk, sku, "add_barcode", value="4006381333931")
    brought = sku.barcodes.exclude(pk=own.pk).get()
    assert messages_on(answer) == [f"{sku}: 4006381333931 is a barcode of it now."]
    assert not brought.is_primary

    assert press(desk, brought, "make_primary").redirect_chain == [(page_of(sku), 302)]
    assert [row[1] for row in panels_on(desk.get(page_of(sku)))["Barcodes"]] == [brought.printed, own.printed]
    assert press(desk, own, "delete").redirect_chain == [(page_of(sku), 302)]
    assert list(sku.barcodes.values_list("value", "is_primary")) == [(brought.value, True)]


def test_barcodes_are_refused_with_their_reason(desk, kurta):
    sku, other = sku_of(kurta, "S", "Blue"), sku_of(kurta, "M", "Blue")
    taken = other.barcodes.get()

    wrong = press(desk, sku, "add_barcode", value="4006381333930")
    twice = press(desk, sku, "add_barcode", value=taken.printed)
    primary = press(desk, taken, "delete")

    assert "expected 1" in str(wrong.context["form"].errors["value"])
    assert other.code in str(twice.context["form"].errors["value"])
    assert "Make another one primary first" in primary.text
    assert Barcode.objects.count() == 5


def test_a_sku_is_archived_restored_and_deleted(desk, kurta):
    sku = sku_of(kurta, "S", "Blue")

    press(desk, sku, "archive")
    sku.refresh_from_db()
    assert not sku.is_active
    press(desk, sku, "restore")
    press(desk, sku, "delete")

    assert kurta.skus.count() == 4


# ------------------------------------------------------------------------------------------------ lists


def test_lists_are_searched_by_the_words_of_the_api(desk, kurta):
    other = SkuFactory()
    number = sku_of(kurta, "M", "Blue").barcodes.get().printed

    def found(model, text):
        return listed(desk.get(list_of(model), {"q": text}))

    assert found(Product, "asha sil") == [kurta]
    assert found(Product, number) == [kurta]
    assert found(Sku, f"{number}") == [sku_of(kurta, "M", "Blue")]
    assert len(found(Sku, "kurta ivo")) == 2
    assert found(Sku, "ilk") == []
    assert found(Sku, "...") == []
    assert other in found(Sku, "")


def test_products_are_offered_by_the_same_words(desk, kurta):
    ProductFactory()
    asked = {"app_label": "skus", "model_name": "sku", "field_name": "product", "term": "asha"}

    offered = desk.get(reverse("admin:autocomplete"), asked).json()["results"]

    assert [row["id"] for row in offered] == [str(kurta.pk)]


def test_lists_are_narrowed_by_category_with_its_children_kind_brand_and_state(desk, kurta, manager):
    women = CategoryFactory(name="Women")
    dresses = CategoryFactory(name="Dresses", parent=women)
    catalogue.change_product(product=kurta, category=dresses, by=manager)
    cloth = ProductFactory(kind="fabric", brand="Weaver", is_active=False)
    of_cloth = SkuFactory(product=cloth, is_active=False)

    def products(**query):
        return listed(desk.get(list_of(Product), query))

    def skus(**query):
        return listed(desk.get(list_of(Sku), query))

    assert products(category=women.pk) == products(brand="Asha") == products(is_active="1") == [kurta]
    assert products(kind__exact="fabric") == products(is_active="0") == [cloth]
    assert skus(kind="fabric") == skus(is_active="0") == [of_cloth]
    assert len(skus(category=women.pk)) == len(skus(is_active="1")) == 5
    assert set(products(brand="nobody", category="x", is_active="x", skus="x")) == {cloth, kurta}


def test_the_skus_of_one_product_are_listed_as_worn(desk, kurta):
    sizes = [sku.size for sku in listed(desk.get(list_of(Sku), {"product": kurta.pk}))]

    assert sizes == ["S", "M", "L", "S", "M"]


@pytest.mark.parametrize("model", [Sku, CatalogueEvent])
def test_a_list_of_one_product_says_whose_it_is(model, desk, kurta):
    def told(**query):
        return f'href="{page_of(kurta)}">Silk Kurta</a> (SKRT)' in desk.get(list_of(model), query).text

    assert told(product=kurta.pk)
    assert not told()
    assert not told(product=kurta.pk + 1)


def test_labels_of_fields_are_those_people_use(desk, kurta):
    barcode, picture = Barcode.objects.first(), ProductImageFactory(product=kurta)

    pages = [desk.get(page_of(barcode)).text, desk.get(page_of(picture)).text]
    pages += [desk.get(list_of(model)).text for model in (Barcode, ProductImage, CatalogueEvent)]

    for wrong in (">Sku<", ">Alt<", ">Is primary<", "Product images", "log of the catalogue"):
        assert not any(wrong in re.sub(r"\s*([<>])\s*", r"\1", page) for page in pages), wrong


@pytest.mark.parametrize("model", [Product, Sku, Category, Barcode, ProductImage, CatalogueEvent])
def test_a_list_costs_the_same_however_long_it_is(model, desk, manager, django_assert_max_num_queries):
    def more(number):
        for _ in range(number):
            category = CategoryFactory(parent=CategoryFactory())
            sku = SkuFactory(product=ProductFactory(category=category))
            BarcodeFactory(sku=sku, is_primary=True)
            ProductImageFactory(product=sku.product, sku=sku)
            catalogue.change_product(product=sku.product, brand="Asha", by=manager)

    desk.get(list_of(model))  # Django remembers some things from its first page on
    queries = []
    for number in (3, 47):
        more(number)
        with django_assert_max_num_queries(16) as counted:
            desk.get(list_of(model))
        queries.append(len(counted))
    assert queries[0] == queries[1]


def test_the_page_of_a_product_costs_the_same_however_many_skus_it_has(
    desk, kurta, manager, django_assert_max_num_queries
):
    desk.get(page_of(kurta))  # Django remembers some things from its first page on
    queries = []
    for last in (40, 70):
        sizes = [str(size) for size in range(34, last)]
        catalogue.change_product(product=kurta, sizes=sizes, by=manager)
        variants.generate(product=kurta, by=manager)
        ProductImageFactory(product=kurta, sku=kurta.skus.first())
        with django_assert_max_num_queries(30) as counted:
            desk.get(page_of(kurta))
        queries.append(len(counted))
    assert queries[0] == queries[1]


def test_categories_stand_below_what_they_lie_in(desk):
    women, men = CategoryFactory(name="Women"), CategoryFactory(name="Men")
    evening = CategoryFactory(name="Evening", parent=CategoryFactory(name="Dresses", parent=women))

    paths = [category.path for category in listed(desk.get(list_of(Category)))]

    assert paths == [["Men"], ["Women"], ["Women", "Dresses"], ["Women", "Dresses", "Evening"]]
    assert "Women › Dresses › Evening" in desk.get(reverse("admin:skus_product_add")).text
    answer = desk.post(page_of(women), typed(desk, women, parent=evening.pk))
    assert "which lies in it" in str(answer.context["adminform"].form.errors["parent"])
    desk.post(page_of(women), typed(desk, women, parent=men.pk, slug=""))
    women.refresh_from_db()
    assert (women.parent, bool(women.slug)) == (men, True)


def test_shelves_and_outfit_types_are_kept_through_their_services(desk, at_desk, owner, manager):
    desk.post(reverse("admin:skus_category_add"), {"name": "Été d'or", "parent": "", "slug": ""})
    desk.post(reverse("admin:skus_outfittype_add"), {"name": "Evening gown", "code": "gown"})
    shelf, gown = Category.objects.get(), OutfitType.objects.get()
    assert (shelf.slug, shelf.created_by, gown.code) == ("ete-d-or", manager, "GOWN")
    ProductFactory(category=shelf)

    assert press(desk, shelf, "delete").status_code == 403  # the owner's
    assert "still holds products" in press(at_desk(owner), shelf, "delete").text
    press(at_desk(owner), gown, "delete")
    assert not OutfitType.objects.exists()


# ------------------------------------------------------------------------------------------------ labels


def tick(desk, rows, **sent):
    model = type(rows[0])
    ticked = {"action": "print_labels", "_selected_action": [row.pk for row in rows], "select_across": "0"}
    return desk.post(list_of(model), ticked | sent)


class Printed(list):
    """Sheets as (labels, layout), and beside them with which label each started."""


@pytest.fixture
def printed(monkeypatch):
    """What was sent to the printer."""
    sheets, starts = Printed(), []
    sheets.starts = starts
    drawn = labels.sheet

    def remember(items, layout, start=1):
        sheets.append(([(sku.code, copies, bool(sku.primary_value)) for sku, copies in items], layout))
        starts.append(start)
        return drawn(items, layout, start)

    monkeypatch.setattr(labels, "sheet", remember)
    return sheets


@pytest.mark.parametrize("layout", ["a4_3x8", "a4_5x13", "roll_62mm"])
def test_labels_are_printed_for_the_skus_that_are_ticked(layout, desk, kurta, printed):
    ticked = [sku_of(kurta, "M", "Blue"), sku_of(kurta, "S", "Blue")]

    asked = tick(desk, ticked)
    assert asked.status_code == 200
    assert "Print labels: 2 SKUs" in asked.text
    assert asked.context["form"].errors == {}
    assert all(f'name="{name}"' in asked.text for name in ("action", "answered", "_selected_action"))

    answer = tick(desk, ticked, answered="1", copies="2", layout=layout)
    assert answer["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF")
    assert printed == [([("SKRT-BLU-S", 2, True), ("SKRT-BLU-M", 2, True)], layout)]


def test_labels_are_printed_for_the_active_skus_of_the_products_that_are_ticked(desk, kurta, manager, printed):
    variants.archive_sku(sku=sku_of(kurta, "M", "Blue"), by=manager)
    ProductFactory()

    answer = tick(desk, [kurta], answered="1", copies="1", layout="a4_5x13")

    assert answer.content.startswith(b"%PDF")
    [(items, _layout)] = printed
    assert [code for code, _copies, _has in items] == ["SKRT-BLU-S", "SKRT-BLU-L", "SKRT-IVO-S", "SKRT-IVO-M"]


def test_a_sheet_that_was_begun_is_printed_from_its_first_free_label(desk, kurta, printed):
    answer = press(desk, kurta, "print_labels", copies="1", layout="a4_3x8", start="24")
    too_far = press(desk, kurta, "print_labels", copies="1", layout="a4_3x8", start="25")
    press(desk, kurta, "print_labels", copies="1", layout="a4_3x8", start="")

    assert answer.content.startswith(b"%PDF")
    assert "number 24" in str(too_far.context["form"].errors["start"])
    assert printed.starts == [24, 1]


def test_pieces_of_an_archived_product_still_get_labels_but_no_new_skus(desk, kurta, manager, printed):
    variants.archive_sku(sku=sku_of(kurta, "M", "Blue"), by=manager)
    catalogue.archive_product(product=kurta, by=manager)

    buttons = [button["title"] for button in desk.get(page_of(kurta)).context["actions_detail"]]
    assert buttons == ["Add picture", "Print labels", "Restore"]
    press(desk, kurta, "print_labels", copies="1", layout="a4_3x8")
    tick(desk, [kurta], answered="1", copies="1", layout="a4_3x8")

    for items, _layout in printed:
        assert [code for code, *_ in items] == ["SKRT-BLU-S", "SKRT-BLU-L", "SKRT-IVO-S", "SKRT-IVO-M"]
    assert len(printed) == 2


def test_one_is_not_spoken_of_as_several(desk, kurta):
    assert tick(desk, [kurta]).context["title"] == "Print labels: 1 product"


def test_labels_are_printed_from_the_page_of_a_product_or_a_sku(desk, kurta):
    for row in (kurta, kurta.skus.first()):
        answer = press(desk, row, "print_labels", copies="1", layout="roll_62mm")
        assert answer["Content-Type"] == "application/pdf"


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"copies": "0", "layout": "a4_3x8"}, "copies"),
        ({"copies": "many", "layout": "a4_3x8"}, "copies"),
        ({"copies": "1", "layout": "a5"}, "layout"),
        ({}, "copies"),
    ],
)
def test_labels_asked_for_wrongly_are_refused_on_the_page_between(asked, field, desk, kurta, printed):
    answer = tick(desk, [kurta], answered="1", **asked)

    assert field in answer.context["form"].errors
    assert printed == []


def test_more_labels_than_can_be_made_at_once_are_refused(desk, kurta, monkeypatch, printed):
    monkeypatch.setattr(labels, "MOST_LABELS", 9)

    answer = tick(desk, [kurta], answered="1", copies="2", layout="a4_3x8")

    assert "Choose fewer SKUs or fewer copies" in answer.text
    assert printed == []


def test_a_product_without_skus_has_no_labels(desk):
    bare = ProductFactory()

    assert "no active SKU" in tick(desk, [bare], answered="1", copies="1", layout="a4_3x8").text
    assert "not possible" in messages_on(press(desk, bare, "print_labels", copies="1", layout="a4_3x8"))[0]


@pytest.mark.parametrize("pk", ["abc", "-1", "0", "9" * 18, "9" * 40, "1.5", "²", ""])
@pytest.mark.parametrize("model", [Product, Sku])
def test_ticks_that_are_no_rows_are_no_bug(pk, model, desk, kurta):
    ticked = {"action": "print_labels", "_selected_action": pk, "answered": "1", "copies": "1", "layout": "a4_3x8"}

    for more in ({}, {"select_across": "x"}, {"index": "x"}, {"action": "delete_selected"}, {"action": ""}):
        assert desk.post(list_of(model), ticked | more).status_code < 500
    assert Product.objects.count() == 1


def test_only_what_a_page_names_is_done_to_many_rows(desk, kurta, monkeypatch):
    offered = desk.get(list_of(Product)).context["action_form"].fields["action"].choices
    assert [name for name, _title in offered if name] == ["print_labels"]

    def all_but_labels(person, name, *_row):
        return name != "skus.print_label"

    monkeypatch.setattr(User, "has_perm", all_but_labels)
    answer = tick(desk, [kurta], answered="1", copies="1", layout="a4_3x8")

    assert answer.get("Content-Type") != "application/pdf"
    assert press(desk, kurta, "print_labels", copies="1", layout="a4_3x8").status_code == 403


# ------------------------------------------------------------------------------------------------ every page


@pytest.fixture
def full_shop(kurta, manager):
    """One row or more of everything, and names that are traps."""
    gown = OutfitType.objects.create(name=TRAP, code="GOWN")
    shelf = CategoryFactory(name=TRAP)
    catalogue.change_product(
        product=kurta, name=TRAP, brand=TRAP, category=shelf, outfit_type=gown, styles=[TRAP[:40]], by=manager
    )
    sku = variants.add_sku(product=kurta, size=TRAP[:40], colour=TRAP[:40], style="", by=manager)
    barcodes.add(sku=sku, value="SUP-1", by=manager)
    ProductImageFactory(product=kurta, sku=sku, alt=TRAP)
    wrong = {"row": 3, "column": "price", "value": TRAP, "code": "invalid", "message": f"No price: {TRAP}"}
    SkuImport.objects.create(
        mode="atomic", status="done", file="imports/none.csv", file_name=TRAP, rows=4, rejected=1,
        errors=[wrong], failure=TRAP, created_by=manager,
    )  # fmt: skip


MODELS = [Product, Sku, Barcode, ProductImage, Category, OutfitType, CatalogueEvent, SkuImport]
QUERIES = [
    "q=Ad", "q=..", "q=%27%26%7C!%3A*()", "q=" + "a%20" * 90, "o=-1.2", "o=9", "p=x", "p=9999", "all=", "e=1",
    "is_active=x", "category=x", "category=" + "9" * 40, "brand=x", "kind=x", "kind__exact=x", "product=x",
    "product=" + "9" * 40, "sku=x", "product__base_price=1", "outfit_type=1", "status__exact=x", "parent=1",
    "product=0&q=a&o=3", "_popup=1", "_to_field=", "%00=1", "brand=%00",
]  # fmt: skip


@pytest.mark.usefixtures("bare_desk")
@pytest.mark.parametrize("who", ["owner", "manager"])
@pytest.mark.parametrize("model", MODELS)
def test_no_page_of_the_catalogue_breaks(who, model, request, at_desk, full_shop):
    desk = at_desk(request.getfixturevalue(who))
    shown = [page_of(row) for row in model.objects.order_by("-pk")[:1]]
    for address in [list_of(model), *shown]:
        answer = desk.get(address)
        assert answer.status_code == 200, address
        assert TRAP not in answer.text
    for query in QUERIES:
        assert desk.get(f"{list_of(model)}?{query}").status_code < 500, query
    name = f"skus_{model._meta.model_name}"
    for query in ("", "?product=x", "?product=%00", "?category=[]", "?parent=1,2", "?sizes=a,b", "?base_price=x"):
        assert desk.get(reverse(f"admin:{name}_add") + query).status_code in (200, 400, 403), query
        assert desk.post(reverse(f"admin:{name}_add"), {"product": "a", "parent": "b"}).status_code in (200, 403)


@pytest.mark.parametrize("model", MODELS)
def test_every_verb_asks_first_and_survives_an_empty_answer(model, at_desk, owner, full_shop):
    desk, row = at_desk(owner), model.objects.order_by("-pk").first()
    for name in [*admin.site._registry[model].verbs, "delete"]:
        assert desk.get(page_of(row, name)).status_code in (200, 302, 403), name
        assert press(desk, row, name, preview="1", price="x", copies="", value="").status_code in (200, 403), name
    assert desk.get(page_of(row)).status_code in (200, 302)


@pytest.mark.parametrize("model", [CatalogueEvent, SkuImport])
def test_logs_of_the_catalogue_are_only_looked_at_whatever_the_roles_say(model, at_desk, owner, full_shop, monkeypatch):
    monkeypatch.setattr(User, "has_perm", lambda *_asked: True)
    desk, before, row = at_desk(owner), list(model.objects.values()), model.objects.first()

    assert desk.post(page_of(row), {"kind": "deleted"}).status_code == 403
    assert desk.post(page_of(row, "delete"), {"post": "yes"}).status_code == 403
    assert desk.post(reverse(f"admin:skus_{model._meta.model_name}_add"), {}).status_code == 403
    desk.post(list_of(model), {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"})
    assert list(model.objects.values()) == before


def test_an_import_shows_what_was_wrong_with_which_row(desk, full_shop):
    panels = panels_on(desk.get(page_of(SkuImport.objects.get())))

    [row] = panels["Rows that were refused"]
    assert row[:2] == ["3", "price"]


def bring(desk, content, mode, name="mix.csv"):
    file = SimpleUploadedFile(name, content)
    return desk.post(reverse("admin:skus_skuimport_send"), {"file": file, "mode": mode}, follow=True)


GOOD_AND_BAD = b"product_name,base_price,size\nShirt,49.00,40\nShirt,49.00,41\nShirt,many," + TRAP.encode() + b"\n"


def test_a_spreadsheet_is_imported_from_the_list_of_imports(desk, manager):
    assert "Import a spreadsheet" in desk.get(list_of(SkuImport)).text
    answer = bring(desk, GOOD_AND_BAD, "partial")

    job = SkuImport.objects.get()
    assert answer.redirect_chain == [(page_of(job), 302)]
    assert messages_on(answer) == ["3 rows: 2 created, 0 updated, 0 unchanged, 1 rejected."]
    [row] = panels_on(answer)["Rows that were refused"]
    assert row[:3] == ["3", "base_price", "many"]
    assert (job.created_by, Sku.objects.count()) == (manager, 2)
    assert "Import of mix.csv" in answer.text
    assert "Mix.csv" not in answer.text


def test_a_dry_run_shows_what_would_happen_and_leaves_nothing(desk):
    answer = bring(desk, GOOD_AND_BAD, "dry_run")

    assert messages_on(answer) == [
        "3 rows: 2 would be created, 0 would be updated, 0 would be unchanged, 1 would be rejected."
    ]
    assert len(panels_on(answer)["Rows that were refused"]) == 1
    assert TRAP not in answer.text
    assert not Sku.objects.exists()
    assert not SkuImport.objects.exists()


def test_all_or_none_is_refused_with_every_bad_row_in_a_table(desk):
    answer = bring(desk, GOOD_AND_BAD, "atomic")

    assert "nothing was written" in str(answer.context["form"].non_field_errors())
    assert [row[:3] for row in panels_on(answer)["Rows that were refused"]] == [["3", "base_price", "many"]]
    assert not Sku.objects.exists()


@pytest.mark.parametrize(
    ("content", "told"), [(b"%PDF-1.7", "no spreadsheet"), (b"", "empty"), (b"a,b\n1,2\n", "column")]
)
def test_what_is_no_spreadsheet_is_told_beside_the_file(content, told, desk):
    assert told in str(bring(desk, content, "partial").context["form"].errors["file"])


def test_a_file_that_is_missing_or_never_got_through_is_asked_for(desk):
    assert desk.get(reverse("admin:skus_skuimport_send")).status_code == 200
    huge = bring(desk, b"a" * (14 * 1024 * 1024), "partial")

    assert huge.context["form"].errors["file"] == ["Choose a file of at most 12 MB."]


def test_a_long_spreadsheet_is_left_to_a_worker(desk, monkeypatch):
    monkeypatch.setattr(imports, "MOST_AT_ONCE", 1)

    answer = bring(desk, GOOD_AND_BAD, "partial")

    assert "A worker does it" in messages_on(answer)[0]
    assert answer.redirect_chain == [(page_of(SkuImport.objects.get(status="queued")), 302)]


def test_a_long_dry_run_is_listed_as_what_would_have_happened(desk, manager):
    SkuImport.objects.create(
        mode="dry_run", status="done", file="", file_name="mix.csv", rows=1500, created=1500, created_by=manager
    )

    page = desk.get(list_of(SkuImport)).text

    assert "would create 1500" in page
    assert "Tried, nothing written" in page


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_the_skus_of_a_filtered_list_are_exported_and_come_back_unchanged(kind, desk, kurta):
    SkuFactory()
    ticked = {"action": "export", "_selected_action": [kurta.skus.first().pk], "select_across": "1"}

    asked = desk.post(f"{list_of(Sku)}?product={kurta.pk}", ticked)
    answer = desk.post(f"{list_of(Sku)}?product={kurta.pk}", ticked | {"answered": "1", "kind": kind})

    assert "Export: 5 SKUs" in asked.text
    assert f".{kind}" in answer["Content-Disposition"]
    content = answer.getvalue()
    again = bring(desk, content, "dry_run", f"again.{kind}")
    assert messages_on(again)[0].startswith("5 rows: 0 would be created, 0 would be updated, 5 would be unchanged")


def test_importing_and_exporting_need_their_own_right(desk, kurta, monkeypatch):
    usual = User.has_perm
    monkeypatch.setattr(User, "has_perm", lambda who, name, *row: name != "skus.import_sku" and usual(who, name, *row))

    assert bring(desk, GOOD_AND_BAD, "partial").status_code == 403
    assert "Import a spreadsheet" not in desk.get(list_of(SkuImport)).text
    ticked = {"action": "export", "_selected_action": [kurta.skus.first().pk], "answered": "1", "kind": "csv"}
    assert "Content-Disposition" not in desk.post(list_of(Sku), ticked)
    assert Sku.objects.count() == 5


def test_the_log_outlives_its_product(desk, kurta, manager):
    catalogue.delete_product(product=kurta, by=manager)

    assert "SKRT" in desk.get(list_of(CatalogueEvent)).text
    assert desk.get(page_of(CatalogueEvent.objects.get())).status_code == 200


@pytest.mark.parametrize("who", ["clerk", "viewer", None])
def test_nobody_else_gets_in(who, request, client, kurta):
    if who:
        client.force_login(request.getfixturevalue(who))
    for address in (list_of(Product), page_of(kurta), page_of(kurta, "print_labels"), list_of(Sku)):
        assert client.get(address).status_code == 302
        assert "/admin/login/" in client.get(address).url
    tick(client, [kurta], answered="1", copies="1", layout="a4_3x8")
    client.post(page_of(kurta, "archive"))
    assert Product.objects.get().is_active


def test_what_somebody_else_changed_meanwhile_is_not_overwritten(desk, kurta, manager):
    page = typed(desk, kurta, name="Cotton Kurta")
    catalogue.change_product(product=kurta, brand="Other", by=manager)

    answer = desk.post(page_of(kurta), page)

    assert "Somebody else changed this" in answer.text
    kurta.refresh_from_db()
    assert kurta.name == "Silk Kurta"


def test_the_start_page_counts_products_that_nobody_can_sell_yet(desk, kurta):
    def figures():
        return {figure["title"]: figure["number"] for figure in desk.get(reverse("admin:index")).context["figures"]}

    assert "Products without SKUs" not in figures()
    bare = ProductFactory()
    assert figures()["Products without SKUs"] == 1
    assert listed(desk.get(list_of(Product), {"skus": "none"})) == [bare]
