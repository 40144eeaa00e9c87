"""Every symbol that is drawn is read back by a scanner."""

import xml.etree.ElementTree as ET
from io import BytesIO

import pytest
import zxingcpp
from PIL import Image, ImageDraw

from skus import gtin, symbols

LONGEST_CODE = "SUPPLIER-2026/AW-4711".replace("/", ".") + "-ABCDEFGHIJKLMNOPQRSTUVWXYZ"
EVERY_KIND = {
    gtin.own_ean13(4711): "EAN-13",
    gtin.gtin("4006381333931"): "EAN-13",
    gtin.gtin("96385074"): "EAN-8",
    gtin.gtin("036000291452"): "UPC-A",
    gtin.gtin("10036000291459"): "Code 128",  # a GTIN-14
    "A": "Code 128",
    "KRT-BLU-M": "Code 128",
    "A B.C+D_E$F:G*H-1234567890": "Code 128",
    LONGEST_CODE[: gtin.LONGEST]: "Code 128",
}
every_kind = pytest.mark.parametrize("value", EVERY_KIND)


def read(image):
    """What a scanner sees, in its normal form."""
    return [gtin.normal_form(one.text) for one in zxingcpp.read_barcodes(image)]


def opened(png):
    return Image.open(BytesIO(png))


def painted(svg, scale):
    """The areas of our SVG: all its paths are of M, h, v and z."""
    root = ET.fromstring(svg)  # noqa: S314 (our own)
    _, _, width, height = (float(side) for side in root.get("viewBox").split())
    image = Image.new("L", (round(width * scale), round(height * scale)), 128)
    pen = ImageDraw.Draw(image)
    for path in root.iter("{http://www.w3.org/2000/svg}path"):
        shade = 255 if path.get("fill") == "#fff" else 0
        for area in path.get("d").split("z")[:-1]:
            start, across = area[1:].split("h")[:2]
            x, y = (float(figure) for figure in start.split(" "))
            wide, down = (float(figure) for figure in across.split("v"))
            corners = (x * scale, y * scale, (x + wide) * scale - 1, (y + down) * scale - 1)
            pen.rectangle([round(corner) for corner in corners], fill=shade)
    return image


@every_kind
def test_the_png_is_read_back(value):
    assert read(opened(symbols.png(value))) == [value]


@every_kind
@pytest.mark.parametrize("scale", [symbols.SCREEN_PIXELS, 5])
def test_the_svg_is_read_back(value, scale):
    assert read(painted(symbols.svg(value), scale)) == [value]


@every_kind
def test_each_kind_of_number_has_its_symbology(value):
    assert gtin.symbology(value) == EVERY_KIND[value]
    (seen,) = zxingcpp.read_barcodes(opened(symbols.png(value)))
    # A UPC-A is an EAN-13 that begins with 0; zxing calls it so.
    assert str(seen.format) == EVERY_KIND[value].replace("UPC-A", "EAN-13")


@every_kind
def test_the_same_value_is_the_same_bytes(value):
    drawn = symbols.png(value), symbols.svg(value)
    for cache in (symbols.png, symbols.svg, symbols.symbol):
        cache.cache_clear()

    assert (symbols.png(value), symbols.svg(value)) == drawn


@every_kind
def test_the_quiet_zones_are_white_and_wide_enough(value):
    """GS1: 11 and 7 modules beside an EAN-13, 9 beside a UPC-A, 7 beside an EAN-8, 10 beside a Code 128."""
    wanted = {"EAN-13": (11, 7), "UPC-A": (9, 9), "EAN-8": (7, 7), "Code 128": (10, 10)}[EVERY_KIND[value]]
    image = opened(symbols.png(value))
    middle = image.height // 3  # across the bars, above the digits
    row = [image.getpixel((x, middle)) for x in range(image.width)]
    dark = [x for x, shade in enumerate(row) if shade < 128]

    assert dark[0] == wanted[0] * symbols.PNG_PIXELS
    assert image.width - 1 - dark[-1] == wanted[1] * symbols.PNG_PIXELS
    assert set(row) == {0, 255}  # no bar is blurred


def test_the_number_stands_below_as_it_is_printed():
    root = ET.fromstring(symbols.svg(gtin.gtin("036000291452")))  # noqa: S314
    texts = [text.text for text in root.iter("{http://www.w3.org/2000/svg}text")]

    assert texts == ["0", "36000", "29145", "2"]


def test_a_png_knows_its_size_on_paper():
    image = opened(symbols.png(gtin.own_ean13(1)))
    module = symbols.PNG_PIXELS / image.info["dpi"][0] * 25.4

    assert 0.264 <= module <= 0.66  # 80 to 200 % of an EAN-13
