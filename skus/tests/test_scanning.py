"""Symbols over HTTP, looking codes up, and reading them from photos."""

from io import BytesIO
from random import Random
from urllib.parse import quote

import pypdfium2
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, ImageFilter

from accounts.roles import Role
from accounts.tests.factories import UserFactory
from skus import gtin, labels, symbols
from skus.models import Sku
from skus.tests.factories import BarcodeFactory, ProductFactory, ProductImageFactory, SkuFactory

pytestmark = pytest.mark.django_db
OWN, UPC, EAN8 = gtin.own_ean13(4711), gtin.gtin("036000291452"), gtin.gtin("96385074")


def labelled(value=OWN, **fields):
    sku = SkuFactory(**fields)
    BarcodeFactory(sku=sku, value=value, is_primary=True)
    return sku


# ------------------------------------------------------------------------------------------------ symbols


@pytest.mark.parametrize(("kind", "media_type"), [("svg", "image/svg+xml"), ("png", "image/png")])
@pytest.mark.parametrize("accept", [None, "*/*", "image/*", "exactly", "text/html,image/avif,*/*;q=0.8"])
def test_a_symbol_is_shown_and_kept_for_ever(kind, media_type, accept, viewer, as_):
    sku = labelled()
    headers = {"HTTP_ACCEPT": media_type if accept == "exactly" else accept} if accept else {}

    answer = as_(viewer).get(f"skus/{sku.pk}/barcode.{kind}", **headers)

    assert answer.status_code == 200, answer.content
    assert answer["Content-Type"] == media_type
    assert answer["Cache-Control"] == "private, max-age=31536000, immutable"
    assert answer.content == {"svg": symbols.svg, "png": symbols.png}[kind](OWN)


@pytest.mark.parametrize("kind", ["svg", "png"])
def test_what_the_browser_has_already_is_not_sent_again(kind, viewer, as_):
    sku = labelled()
    client = as_(viewer)
    path = f"skus/{sku.pk}/barcode.{kind}"
    etag = client.get(path)["ETag"]

    for seen in (etag, f"W/{etag}", f'"other", {etag}', "*"):
        again = client.get(path, HTTP_IF_NONE_MATCH=seen)
        assert (again.status_code, again.content, again["ETag"]) == (304, b"", etag)
    assert client.get(path, HTTP_IF_NONE_MATCH='"other"').status_code == 200


def test_another_primary_barcode_is_another_symbol(owner, as_):
    sku = labelled()
    client = as_(owner)
    before = client.get(f"skus/{sku.pk}/barcode.png")
    client.post(f"skus/{sku.pk}/barcodes/", {"value": "036000291452", "is_primary": True})

    after = client.get(f"skus/{sku.pk}/barcode.png", HTTP_IF_NONE_MATCH=before["ETag"])

    assert (after.status_code, after.content) == (200, symbols.png(UPC))


@pytest.mark.parametrize("number", ["999999999", "0", "9" * 40])
def test_no_sku_no_symbol(number, viewer, as_):
    answer = as_(viewer).get(f"skus/{number}/barcode.svg")

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert answer["Content-Type"] == "application/problem+json"
    assert answer["Cache-Control"] == "no-store"


def test_a_format_that_is_not_there_is_406(viewer, as_):
    sku = labelled()
    answer = as_(viewer).get(f"skus/{sku.pk}/barcode.svg", HTTP_ACCEPT="image/webp")

    assert (answer.status_code, answer.json()["code"]) == (406, "not_acceptable")


# ------------------------------------------------------------------------------------------------ looking up


@pytest.mark.parametrize(
    ("value", "typed"),
    [
        (UPC, "036000291452"),
        (UPC, "0036000291452"),
        (UPC, "00036000291452"),
        (UPC, "0 36000-29145 2"),
        (UPC, "０３６０００２９１４５２"),
        (gtin.gtin("012345000065"), "01234565"),  # the same as UPC-E
        (EAN8, "96385074"),
        ("SUP 12.5", "sup 12.5"),
        ("SUP 12.5", " SUP 12.5 "),
        ("A+B:C*D", "a+b:c*d"),
    ],
)
def test_found_by_its_barcode_in_whatever_form(value, typed, viewer, as_):
    sku = labelled(value)
    labelled(OWN)

    answer = as_(viewer).get(f"barcodes/{quote(typed)}/")

    assert answer.status_code == 200, answer.content
    found = answer.json()
    assert (found["kind"], found["sku"], found["code"]) == ("sku", sku.pk, typed)
    assert found["normalised"] == gtin.normal_form(typed)


def test_found_by_its_own_code_in_any_case(clerk, as_):
    product = ProductFactory(name="Kurta", code="KRT")
    sku = labelled(product=product, code="KRT-BLU-M", size="M", colour="Blue", price="85.00")
    common = ProductImageFactory(product=product, image="products/aa/common.webp")

    found = as_(clerk).get("barcodes/krt-blu-m/").json()

    assert found["object"]["image"]["url"].split("?")[0].endswith(common.image)
    assert found["object"] | {"image": None} == {
        "id": sku.pk,
        "code": "KRT-BLU-M",
        "product": product.pk,
        "product_code": "KRT",
        "product_name": "Kurta",
        "size": "M",
        "colour": "Blue",
        "style": "",
        "unit": "piece",
        "barcode": gtin.printed(OWN),
        "price": "85.00",
        "is_active": True,
        "image": None,
    }


def test_its_own_picture_comes_before_that_of_all(clerk, as_):
    sku = labelled()
    ProductImageFactory(product=sku.product, image="products/aa/common.webp")
    ProductImageFactory(product=sku.product, sku=sku, image="products/aa/own.webp", position=9)
    ProductImageFactory(product=sku.product, sku=SkuFactory(product=sku.product), image="products/aa/other.webp")

    found = as_(clerk).get(f"barcodes/{gtin.printed(OWN)}/").json()

    assert "own.webp" in found["object"]["image"]["url"]


def test_a_barcode_counts_before_a_sku_code(clerk, as_):
    SkuFactory(code="TWICE")
    labelled_so = labelled("TWICE")

    assert as_(clerk).get("barcodes/twice/").json()["sku"] == labelled_so.pk


@pytest.mark.parametrize(("role", "sees"), [(Role.STAFF, True), (Role.TAILOR, False), (Role.VIEWER, False)])
def test_the_price_is_for_those_who_see_prices(role, sees, store, as_):
    labelled()

    found = as_(UserFactory(role=role, places=[store])).get(f"barcodes/{gtin.printed(OWN)}/").json()

    assert ("price" in found["object"]) is sees


@pytest.mark.parametrize(
    ("typed", "normal", "says"),
    [
        ("nowhere", "NOWHERE", "Nothing in the house"),
        ("4006381333931", "04006381333931", "Nothing in the house"),
        ("4006381333932", "4006381333932", "expected 1"),
        ("96385073", "96385073", "expected 4"),
        ("036000291453", "036000291453", "expected 2"),
        ("10036000291450", "10036000291450", "expected 9"),
        ("0000000000000", "0000000000000", "Nothing in the house"),
        ("\x00", "\x00", "Nothing in the house"),
        ("a\nb", "A\nB", "Nothing in the house"),
        ("%", "%", "Nothing in the house"),
        ("' OR 1=1 --", "' OR 1=1 --", "Nothing in the house"),
        ("\ufdfa\U0001f457", "صلى الله عليه وسلم\U0001f457", "Nothing in the house"),
        ("READ", "READ", "Nothing in the house"),
        ("X" * 60, "X" * 60, "Nothing in the house"),
        ("X" * 5000, "X" * 60, "Nothing in the house"),
    ],
)
def test_an_unknown_code_is_404_and_says_how_it_was_understood(typed, normal, says, viewer, as_):
    labelled()
    answer = as_(viewer).get(f"barcodes/{quote(typed, safe='')}/")

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found"), answer.content
    assert answer.json()["normalised"] == normal
    assert says in answer.json()["detail"]


def test_a_broken_address_is_404_too(viewer, as_):
    for path in ("barcodes/%ff%fe/", "barcodes/a%2Fb/", "barcodes/../"):
        assert as_(viewer).get(path).status_code == 404


def test_looking_up_costs_the_same_however_much_there_is(clerk, as_, django_assert_num_queries):
    for number in range(5):
        labelled(gtin.own_ean13(number), code=f"KRT-{number}")
    client = as_(clerk)

    with django_assert_num_queries(3):  # who asks, the barcode, what lies where
        client.get(f"barcodes/{gtin.printed(gtin.own_ean13(3))}/")
    with django_assert_num_queries(4):  # and the SKU's code
        client.get("barcodes/krt-3/")
    with django_assert_num_queries(3):
        client.get("barcodes/nothing/")


def a_ticket(code, person):
    return {"kind": "sale", "sku": None, "object": {"number": code}} if code.startswith("SALE-") else None


def test_whoever_is_in_the_list_is_asked_in_turn(settings, clerk, as_):
    settings.LOOK_UPS = [*settings.LOOK_UPS, f"{__name__}.a_ticket"]
    labelled()

    assert as_(clerk).get(f"barcodes/{gtin.printed(OWN)}/").json()["kind"] == "sku"
    assert as_(clerk).get("barcodes/SALE-17/").json() == {
        "kind": "sale",
        "code": "SALE-17",
        "normalised": "SALE-17",
        "sku": None,
        "object": {"number": "SALE-17"},
    }


# ------------------------------------------------------------------------------------------------ photos


def upload(image, kind="JPEG", **options):
    content = BytesIO()
    image.save(content, kind, **options)
    return SimpleUploadedFile("photo.jpg", content.getvalue(), content_type="image/jpeg")


def send(client, file):
    return client.post("barcodes/read/", {"image": file}, format="multipart")


def a_label(value=OWN, scale=5):
    sku = Sku.objects.select_related("product").with_barcode().get(barcodes__value=value)
    pdf = pypdfium2.PdfDocument(labels.sheet([(sku, 1)], "roll_62mm"))
    return pdf[0].render(scale=scale, grayscale=True).to_pil()


def photo_of(*pictures, tilt=0, blur=0.7, size=(1600, 1200)):
    """On a grey table, tilted, noisy, not quite sharp."""
    table = Image.new("L", size, 150)
    for number, picture in enumerate(pictures):
        table.paste(picture, (250, 100 + number * 520))
    tilted = table.rotate(tilt, resample=Image.Resampling.BICUBIC, fillcolor=150).filter(ImageFilter.GaussianBlur(blur))
    noise = Image.frombytes("L", size, Random(7).randbytes(size[0] * size[1]))  # noqa: S311
    return Image.blend(tilted, noise, 0.15)


@pytest.mark.parametrize("tilt", [0, 7, 90, 187])
def test_a_tilted_noisy_photo_of_a_label_is_read(tilt, viewer, as_):
    sku = labelled()

    answer = send(as_(viewer), upload(photo_of(a_label(), tilt=tilt), quality=70))

    assert answer.status_code == 200, answer.content
    assert answer.json() == [{"value": gtin.printed(OWN), "symbology": "EAN-13", "sku": sku.pk}]


def test_a_label_far_away_and_not_sharp_is_read(viewer, as_):
    sku = labelled()

    answer = send(as_(viewer), upload(photo_of(a_label(scale=3.6), tilt=7, blur=1), quality=90))

    assert [code["sku"] for code in answer.json()] == [sku.pk]


def test_several_codes_come_from_the_top_down_each_once_and_the_unknown_without_sku(viewer, as_):
    sku = labelled(UPC, code="KRT")
    pictures = [Image.open(BytesIO(symbols.png(value))) for value in ("KRT", UPC, gtin.gtin("4006381333931"))]
    table = Image.new("L", (1000, 1800), 255)
    for number, picture in enumerate([*pictures, pictures[1]]):
        table.paste(picture, (100, 50 + number * 430))

    answer = send(as_(viewer), upload(table))

    assert answer.json() == [
        {"value": "KRT", "symbology": "Code 128", "sku": sku.pk},
        {"value": "036000291452", "symbology": "UPC-A", "sku": sku.pk},
        {"value": "4006381333931", "symbology": "EAN-13", "sku": None},
    ]


@pytest.mark.parametrize(
    ("format_name", "content", "value", "symbology"),
    [
        ("UPCE", "01234565", "012345000065", "UPC-A"),
        ("EAN8", "96385074", "96385074", "EAN-8"),
        ("QRCode", "https://boutique.example/Käse?\n", "https://boutique.example/Käse?\n", "QR Code"),
        ("Code39", "KRT-1", "KRT-1", "Code 39"),
        ("QRCode", "x" * 500, "x" * 500, "QR Code"),
        ("QRCode", "a\x00b", "a<NUL>b", "QR Code"),
    ],
)
def test_other_symbologies_are_read_too(format_name, content, value, symbology, viewer, as_):
    import zxingcpp

    drawn = zxingcpp.create_barcode(content, getattr(zxingcpp.BarcodeFormat, format_name))
    picture = Image.fromarray(drawn.to_image(scale=4))
    table = Image.new("L", (picture.width + 200, picture.height + 200), 255)
    table.paste(picture, (100, 100))

    (seen,) = send(as_(viewer), upload(table, "PNG")).json()

    assert (seen["value"], seen["symbology"], seen["sku"]) == (value, symbology, None)


def test_a_photo_without_a_code_is_an_empty_list(viewer, as_):
    answer = send(as_(viewer), upload(photo_of()))

    assert (answer.status_code, answer.json()) == (200, [])


def test_reading_costs_the_same_however_many_codes_there_are(viewer, as_, django_assert_num_queries):
    labelled()
    client, photo = as_(viewer), upload(photo_of(a_label()))
    with django_assert_num_queries(5):  # who asks, begin, SKU codes, barcodes, commit
        send(client, photo)


def test_an_eleven_megabyte_photo_is_413(viewer, as_):
    answer = send(as_(viewer), SimpleUploadedFile("photo.jpg", b"\xff\xd8\xff" + b"\0" * 11 * 1024 * 1024))

    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


def test_a_fifty_megapixel_photo_is_400(viewer, as_):
    answer = send(as_(viewer), upload(Image.new("1", (10_000, 5_000)), "PNG"))

    assert answer.status_code == 400
    assert answer.json()["errors"][0] | {"message": ""} == {"field": "image", "code": "too_many_pixels", "message": ""}


@pytest.mark.parametrize(
    ("file", "code"),
    [
        (SimpleUploadedFile("photo.jpg", b"this is no picture"), "not_a_picture"),
        (SimpleUploadedFile("photo.jpg", b""), "empty_file"),
        (SimpleUploadedFile("photo.jpg", b"\xff\xd8\xff\xe0 half a picture"), "damaged_picture"),
        ("just words", "no_file"),
    ],
)
def test_what_is_no_photo_says_so(file, code, viewer, as_):
    answer = send(as_(viewer), file)

    assert answer.status_code == 400, answer.content
    assert [(error["field"], error["code"]) for error in answer.json()["errors"]] == [("image", code)]
