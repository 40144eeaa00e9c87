"""Label sheets: every symbol is scanned from the printed page, and every name fits."""

from decimal import Decimal
from io import BytesIO
from types import SimpleNamespace

import pypdfium2
import pytest
import zxingcpp
from PIL import ImageChops, ImageOps

from skus import gtin, labels, lettering, symbols
from skus.models import Barcode, Sku
from skus.tests.factories import BarcodeFactory, ProductFactory, SkuFactory

MM = 25.4
OWN, EAN8, UPC = gtin.own_ean13(4711), gtin.gtin("96385074"), gtin.gtin("036000291452")
EVERY_LAYOUT = pytest.mark.parametrize("layout", labels.LAYOUTS)
# The longest code of letters that still fits on each.
LONGEST = {"a4_3x8": "ABCDEFGHIJKLMNOPQR", "a4_5x13": "ABCDEFG", "roll_62mm": "ABCDEFGHIJKLMNO"}
NAMES = {
    "short": "Kurta",
    "emoji": "👗 Sari ✨ with 👩‍👩‍👧 and ❤️",
    "hebrew": "שמלת ערב (משי) 2026",
    "arabic": "قميص حريري أزرق للاحتفالات",
    "no letter of ours": "कुर्ता 中文 👗",
    "long": "Evening gown " * 23 + "!",
    "one word": "X" * 300,
    "markup": "<b>&amp; </b> \\n %s {0}",
}


def a_sku(value=OWN, name="Kurta", **fields):
    """As the database would give it; the sheet asks it nothing more."""
    price = fields.pop("price", "79.00")
    product = SimpleNamespace(name=name, unit=fields.pop("unit", "piece"))
    given = {"pk": 1, "code": "KRT-BLU-M", "size": "M", "colour": "Blue", "style": ""} | fields
    return SimpleNamespace(product=product, primary_value=value, effective_price=Decimal(price), **given)


def pages(pdf, dpi):
    document = pypdfium2.PdfDocument(pdf)
    for number in range(len(document)):
        yield document[number].render(scale=dpi / 72, grayscale=True).to_pil()


def cut(pdf, layout, dpi):
    """The labels as they are peeled off the sheet."""
    shape = labels.LAYOUTS[layout]
    for page in pages(pdf, dpi):
        for place in range(shape.per_page):
            row, column = divmod(place, shape.columns)
            x = (shape.first[0] + column * shape.step[0]) / MM * dpi
            y = (shape.first[1] + row * shape.step[1]) / MM * dpi
            yield page.crop(
                (round(x), round(y), round(x + shape.label[0] / MM * dpi), round(y + shape.label[1] / MM * dpi))
            )


def read(label):
    return [gtin.normal_form(one.text) for one in zxingcpp.read_barcodes(label)]


def has_ink(image):
    return ImageChops.invert(image).getbbox() is not None


def text_of(pdf):
    return "\n".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(pdf))


@EVERY_LAYOUT
@pytest.mark.parametrize("dpi", [203, 300, 600])
def test_every_symbol_is_scanned_from_the_printed_label(layout, dpi):
    values = [OWN, gtin.gtin("4006381333931"), EAN8, UPC, "A", "KRT-B7", LONGEST[layout]]

    pdf = labels.sheet([(a_sku(value), 1) for value in values], layout)

    assert [read(label) for label in cut(pdf, layout, dpi)][: len(values)] == [[value] for value in values]


@EVERY_LAYOUT
@pytest.mark.parametrize("name", NAMES)
def test_whatever_the_name_the_label_is_scanned_and_nothing_leaves_it(layout, name):
    size = {"size": "3–4 years", "colour": "Midnight navy with a very long name!", "style": "كلاسيكي"}
    sku = a_sku(OWN, NAMES[name][:300], price="1000000.00", unit="metre", **size)
    shape = labels.LAYOUTS[layout]

    pdf = labels.sheet([(sku, 1)], layout, start=1)

    label, *others = cut(pdf, layout, 300)
    assert read(label) == [OWN]
    assert not any(has_ink(other) for other in others)
    left, top, right, bottom = ImageOps.invert(label).getbbox()
    margin = 1 / MM * 300
    assert left >= margin
    assert top >= margin
    assert right <= label.width - margin
    assert bottom <= label.height - margin
    assert len(list(pages(pdf, 20))) == 1
    assert shape.per_page == 1 + len(others)


@EVERY_LAYOUT
def test_a_label_says_name_size_colour_style_and_price(layout, settings):
    settings.BOUTIQUE_CURRENCY = "INR"

    said = text_of(labels.sheet([(a_sku(name="Silk kurta", style="Slim", price="1450.00"), 1)], layout))

    assert "Silk kurta" in said
    assert "M · Blue · Slim" in said
    assert "1,450.00 INR" in said
    assert "2" in said.split()


def test_what_is_sold_by_the_metre_says_so():
    assert "12.50 EUR / m" in text_of(labels.sheet([(a_sku(price="12.50", unit="metre"), 1)], "a4_3x8"))


def test_a_name_without_a_letter_that_we_can_print_gives_way_to_the_code():
    assert "KRT-BLU-M" in text_of(labels.sheet([(a_sku(name=NAMES["no letter of ours"]), 1)], "a4_3x8"))


def test_a_long_name_ends_in_dots():
    said = text_of(labels.sheet([(a_sku(name=NAMES["long"]), 1)], "a4_5x13"))

    assert said.count("Evening gown") >= 2
    assert "…" in said


@EVERY_LAYOUT
def test_copies_fill_the_sheets_from_the_first_free_label(layout):
    shape = labels.LAYOUTS[layout]
    start = min(3, shape.per_page)

    pdf = labels.sheet([(a_sku(OWN), shape.per_page), (a_sku(UPC), 1)], layout, start=start)

    seen = [read(label) for label in cut(pdf, layout, 300)]
    printed = [[OWN]] * shape.per_page + [[UPC]]
    assert seen[: start - 1] == [[]] * (start - 1)
    assert seen[start - 1 :][: len(printed)] == printed
    assert len(seen) == 2 * shape.per_page


@EVERY_LAYOUT
def test_no_module_is_narrower_than_a_scanner_sees(layout):
    for value, least in ((OWN, 0.264), (UPC, 0.264), (EAN8, 0.264), (LONGEST[layout], 0.25)):
        drawn = symbols.symbol(value)
        module = labels.LAYOUTS[layout].module_for(drawn)
        assert module >= least
        assert drawn.room * module <= labels.LAYOUTS[layout].label[0] - 2  # with its quiet zones, inside the label


@EVERY_LAYOUT
def test_what_could_not_be_scanned_is_refused_and_says_where_it_would_fit(layout):
    fitting, longer = a_sku(LONGEST[layout]), a_sku(LONGEST[layout] + "X", code="TOO-LONG", pk=7)

    with pytest.raises(labels.LabelTooSmall) as refused:
        labels.sheet([(fitting, 1), (longer, 1)], layout)

    (error,) = refused.value.errors
    assert (error["field"], error["params"]["sku"]) == ("items.1.sku", 7)
    others = error["params"]["layouts"]
    assert "TOO-LONG" in refused.value.detail
    assert all(other in refused.value.detail for other in others)
    for other in others:
        assert [LONGEST[layout] + "X"] in [read(label) for label in cut(labels.sheet([(longer, 1)], other), other, 300)]
    assert others == {"a4_3x8": [], "a4_5x13": ["a4_3x8", "roll_62mm"], "roll_62mm": ["a4_3x8"]}[layout]


def test_the_same_labels_are_the_same_bytes():
    assert labels.sheet([(a_sku(), 2)], "a4_3x8") == labels.sheet([(a_sku(), 2)], "a4_3x8")


# ------------------------------------------------------------------------------------------------ letters


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Kurta", "Kurta"),
        ("שלום", "םולש"),
        ("שמלה (משי) 2026", "2026 (ישמ) הלמש"),
        ("Kurta שלום blue", "Kurta םולש blue"),
        ("", ""),
        ("…!", "…!"),
    ],
)
def test_right_to_left_stands_as_it_is_read(text, shown):
    assert lettering.as_read(text) == shown


def test_the_size_stands_before_a_hebrew_colour():
    assert lettering.as_read("36 · כחול · Slim", from_left=True) == "36 · לוחכ · Slim"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("سلام", "\ufeb3\ufefc\ufee1"),  # seen, lām-alif, meem: initial, final, isolated
        ("باب", "\ufe91\ufe8e\ufe8f"),  # initial, final, isolated: alif joins nothing behind it
        ("بِبب", "\ufe91\u0650\ufe92\ufe90"),  # a vowel mark parts nothing
        ("ب ب", "\ufe8f \ufe8f"),
    ],
)
def test_arabic_letters_are_joined(text, shown):
    assert lettering.joined(text) == shown


def test_what_the_font_cannot_show_is_left_out():
    assert lettering.settable("a\u200b 👗\x07 \n b", lambda letter: letter != "👗") == "a b"


# ------------------------------------------------------------------------------------------------ over HTTP


def labelled(value=OWN, **fields):
    sku = SkuFactory(**fields)
    BarcodeFactory(sku=sku, value=value, is_primary=True)
    return sku


@pytest.mark.django_db
@EVERY_LAYOUT
def test_a_clerk_prints_labels(layout, clerk, as_):
    kurta, sari = labelled(product=ProductFactory(name="Kurta")), labelled(UPC, is_active=False)

    answer = as_(clerk).post("labels/", {"items": [{"sku": kurta.pk, "copies": 2}, {"sku": sari.pk}], "layout": layout})

    assert answer.status_code == 200, answer.content
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"] == f'inline; filename="labels-{layout}.pdf"'
    assert [read(label) for label in cut(BytesIO(answer.content), layout, 300)][:3] == [[OWN], [OWN], [UPC]]


@pytest.mark.django_db
def test_five_hundred_items_cost_one_question(clerk, as_, django_assert_num_queries):
    product = ProductFactory()
    skus = [SkuFactory(product=product, created_by=clerk) for _ in range(20)]
    Barcode.objects.bulk_create(
        Barcode(sku=sku, value=gtin.own_ean13(sku.pk), kind="internal", is_primary=True, created_by=clerk)
        for sku in skus
    )
    client = as_(clerk)
    items = [{"sku": sku.pk, "copies": 4} for sku in Sku.objects.all()] * 25

    with django_assert_num_queries(4):  # who asks, begin, the SKUs, commit
        assert client.post("labels/", {"items": items, "layout": "a4_5x13"}).status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("sent", "field", "code", "says"),
    [
        ({"layout": "a4_9x9"}, "layout", "invalid_choice", "a4_9x9"),
        ({"items": []}, "items", "min_length", "At least one"),
        ({"items": [{"sku": 1}] * 501}, "items", "max_length", "500"),
        ({"items": [{"sku": 1, "copies": 1500}] * 2}, "items", "max_value", "3000"),
        ({"items": [{"sku": 1, "copies": 2001}]}, "items.0.copies", "max_value", "2000"),
        ({"items": [{"sku": 1, "copies": 0}]}, "items.0.copies", "min_value", "1"),
        ({"items": [{"copies": 1}]}, "items.0.sku", "required", "required"),
        ({"items": [{"sku": "x"}]}, "items.0.sku", "incorrect_type", "pk value"),
        ({"items": "all"}, "items", "not_a_list", "list"),
        ({"start": 25}, "start", "max_value", "24"),
        ({"start": 0}, "start", "min_value", "1"),
        ({"colour": "red"}, "colour", "unknown_field", "layout"),
    ],
)
def test_labels_that_cannot_be_printed_say_why(sent, field, code, says, clerk, as_):
    SkuFactory(pk=1)
    answer = as_(clerk).post("labels/", {"items": [{"sku": 1}], "layout": "a4_3x8"} | sent)

    assert answer.status_code == 400
    (error,) = answer.json()["errors"]
    assert (error["field"], error["code"]) == (field, code)
    assert says in error["message"]


@pytest.mark.django_db
def test_unknown_skus_are_all_named_at_once(clerk, as_):
    known = labelled()
    items = [{"sku": known.pk}, {"sku": known.pk + 999}, {"sku": known.pk}, {"sku": 2**63 - 1}]

    answer = as_(clerk).post("labels/", {"items": items, "layout": "a4_3x8"})

    assert answer.status_code == 400
    assert [(error["field"], error["code"]) for error in answer.json()["errors"]] == [
        ("items.1.sku", "not_found"),
        ("items.3.sku", "not_found"),
    ]


@pytest.mark.django_db
def test_a_label_too_small_or_a_sku_without_barcode_is_409(clerk, as_):
    long, bare = labelled("SUPPLIER-12345-XYZ"), SkuFactory()

    answer = as_(clerk).post("labels/", {"items": [{"sku": long.pk}, {"sku": bare.pk}], "layout": "a4_5x13"})

    assert (answer.status_code, answer.json()["code"]) == (409, "label_too_small")
    assert [error["field"] for error in answer.json()["errors"]] == ["items.0.sku", "items.1.sku"]
    assert f"{bare.code} has no barcode" in answer.json()["errors"][1]["message"]
