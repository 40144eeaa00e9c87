"""What comes out of the printer: its bars are scanned, its words fit, on a roll and on A4."""

from types import SimpleNamespace

import pypdfium2
import pytest
import zxingcpp
from PIL import ImageChops

from orders import slips

PLACE = SimpleNamespace(name="Centre", address="12 High Street\nDublin", timezone="Europe/Dublin")
WIDTHS = {"roll_80mm": 80, "a4": 210}
EVERY_LAYOUT = pytest.mark.parametrize("layout", slips.LAYOUTS)


def a_line(description="Silk kurta", **more):
    return {
        "sku_code": "KRT-BLU-M", "description": description, "size": "M", "quantity": "2.000", "unit": "piece",
        "unit_price": "1500.00", "discount": "300.00", "tax_rate": "18.00", "amount": "2700.00",
    } | more  # fmt: skip


def told(*lines, **more):
    return {
        "kind": "sale", "number": "SALE-000042", "barcode": "SALE-000042", "sale": "SALE-000042",
        "business_date": "2026-04-01", "local_time": "2026-04-01T01:30:00+05:30", "served_by": "Ada", "register": "1",
        "reason": "", "lines": list(lines) or [a_line()], "prices_include_tax": True, "subtotal": "3000.00",
        "discount": "300.00", "tax": "411.86", "total": "2700.00",
        "taxes": [{"rate": "18.00", "net": "2288.14", "tax": "411.86", "total": "2700.00"}],
        "tenders": [{"method": "cash", "amount": "700.00", "reference": ""},
                    {"method": "card", "amount": "2000.00", "reference": "4711"}],
        "returns": [], "refunded": "0.00",
    } | more  # fmt: skip


def printed(receipt, layout="roll_80mm"):
    return pypdfium2.PdfDocument(slips.drawn(slips.of_receipt(PLACE, receipt), layout))


def words_on(document):
    return " ".join(" ".join(page.get_textpage().get_text_range() for page in document).split())


@EVERY_LAYOUT
def test_a_scanner_reads_the_number_from_the_paper(layout):
    for number in ("SALE-000042", "RET-000007", "SALE-123456789012"):
        document = printed(told(number=number, barcode=number), layout)
        for dpi in (203, 300, 600):
            page = document[len(document) - 1].render(scale=dpi / 72, grayscale=True).to_pil()
            (found,) = zxingcpp.read_barcodes(page)
            assert (found.text, found.format) == (number, zxingcpp.BarcodeFormat.Code128), dpi


@EVERY_LAYOUT
def test_a_receipt_says_all_that_was_sold_and_paid(layout, settings):
    settings.BOUTIQUE_NAME, settings.BOUTIQUE_CURRENCY = "Asha & Daughters", "EUR"
    back = {"number": "RET-000007", "business_date": "2026-04-02", "total": "1350.00"}
    back["tenders"] = [{"method": "cash", "amount": "1350.00", "reference": ""}]

    document = printed(told(returns=[back]), layout)

    assert round(document[0].get_width() / 72 * 25.4) == WIDTHS[layout]
    said = words_on(document)
    for words in (
        "Asha & Daughters", "Centre", "12 High Street", "Dublin", "Receipt", "SALE-000042 2026-04-01 01:30",
        "Served by Ada", "Silk kurta M 2,700.00", "2 × 1,500.00 − 300.00", "Discount −300.00", "Total 2,700.00 EUR",
        "incl. 18 % tax on 2,288.14 411.86", "Cash 700.00", "Card 2,000.00", "RET-000007, 2026-04-02 −1,350.00",
    ):  # fmt: skip
        assert words in said, (words, said)


def test_a_gift_receipt_says_no_prices():
    said = words_on(printed(told(kind="gift")))

    assert "Gift receipt" in said
    assert "Silk kurta M 2 KRT-BLU-M" in said
    for price in ("1,500", "2,700", "300.00", "Total", "Cash", "tax"):
        assert price not in said


def test_a_return_names_its_sale_and_why():
    said = words_on(printed(told(kind="return", number="RET-000007", barcode="RET-000007", reason="Too small")))

    for words in ("Return RET-000007", "Of sale SALE-000042", "Too small", "Paid back 2,700.00"):
        assert words in said


@EVERY_LAYOUT
def test_no_line_is_lost_however_many(layout):
    document = printed(told(*(a_line(f"Kurta {number:03}") for number in range(500))), layout)

    said = words_on(document)
    assert all(f"Kurta {number:03}" in said for number in range(500))
    assert "Total 2,700.00" in said
    for page in document:
        assert page.get_height() <= 14_400
    if layout == "a4":
        assert f"Page {len(document)} of {len(document)}" in said


@EVERY_LAYOUT
@pytest.mark.parametrize(
    "name", ["<b>&amp;</b> {0} %s", "X" * 300, "Evening gown " * 20, "שמלת ערב (משי)", "कुर्ता 中文 👗", "a\u202eb"]
)
def test_whatever_the_names_nothing_leaves_the_paper(name, layout):
    place = SimpleNamespace(name=name[:100], address="\n".join([name[:40]] * 20), timezone="Asia/Kolkata")
    line = a_line(name, size=name[:40], quantity="1000000.000", unit_price="1000000.00", amount="1000000000000.00")
    receipt = told(line, served_by=name[:80], reason=name, register=name[:20])

    document = pypdfium2.PdfDocument(slips.drawn(slips.of_receipt(place, receipt), layout))

    assert "1,000,000,000,000.00" in words_on(document)
    margin = slips.LAYOUTS[layout].margin[0]
    for page in document:
        drawn = page.render(scale=1, grayscale=True).to_pil()
        left, top, right, bottom = ImageChops.invert(drawn).getbbox()
        assert min(left, drawn.width - right) >= margin - 2
        assert min(top, drawn.height - bottom) >= slips.LAYOUTS[layout].margin[1] - 4


def test_tax_that_comes_on_top_stands_before_the_total():
    said = words_on(printed(told(prices_include_tax=False, total="3111.86")))

    assert said.index("plus 18 % tax on 2,288.14 411.86") < said.index("Total 3,111.86")
