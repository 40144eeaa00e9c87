"""The order on paper: all that a supplier needs, on as many pages as it takes, and no secret of the house."""

from datetime import date

import pypdfium2
import pytest
from PIL import ImageChops

from skus.tests.factories import ProductFactory, SkuFactory
from suppliers.tests.factories import SupplierFactory, SupplierSkuFactory, drafted, ordered

pytestmark = pytest.mark.django_db
EDGE = 30  # points that stay white around


@pytest.fixture
def mill():
    return SupplierFactory(
        name="Mill of Avoca",
        contact_name="Ada Byrne",
        email="ada@mill.example",
        phone="+353861234567",
        address="1 Mill Road\nAvoca",
        payment_terms="30 days",
    )


@pytest.fixture
def kurta():
    product = ProductFactory(name="Silk kurta")
    return SkuFactory(code="KRT-BLU-M", size="M", colour="Midnight blue", product=product)


def paper(client, order):
    answer = client.get(f"purchase-orders/{order.pk}/pdf/", HTTP_ACCEPT="application/pdf, */*")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Content-Disposition"] == f'inline; filename="{order.number}.pdf"'
    return pypdfium2.PdfDocument(answer.content)


def texts(document):
    return [" ".join(page.get_textpage().get_text_range().split()) for page in document]


def test_it_says_who_orders_what_from_whom_for_when_and_how_much(mill, store, kurta, manager, as_, settings):
    settings.BOUTIQUE_NAME, settings.BOUTIQUE_CURRENCY = "Asha & Daughters", "GBP"
    store.address = "12 High Street\nDublin"
    store.save()
    SupplierSkuFactory(supplier=mill, sku=kurta, supplier_code="AV-77/B")
    cloth = SkuFactory(code="LINEN", product=ProductFactory(name="Linen", unit="metre"))
    order = ordered(
        mill, store, (kurta, 3, "411.11"), (cloth, "12.5", "8.00"), expected_on=date(2026, 12, 24), note="Ring the bell"
    )

    (said,) = texts(paper(as_(manager), order))

    for words in (
        "Purchase order", order.number, "Asha & Daughters", "Place CENTRE", "12 High Street",
        "Mill of Avoca", "Ada Byrne", "1 Mill Road", "ada@mill.example", "+353861234567", "30 days",
        "24 December 2026", "Ring the bell", "AV-77/B", "Silk kurta", "KRT-BLU-M · M · Midnight blue",
        "3 pc 411.11 1,233.33", "12.5 m 8.00 100.00", "Total 1,333.33 GBP", "2 lines", "Page 1 of 1",
    ):  # fmt: skip
        assert words in said, words


def test_who_sees_no_costs_prints_none(mill, store, kurta, clerk, as_):
    (said,) = texts(paper(as_(clerk), ordered(mill, store, (kurta, 3, "411.11"))))

    assert "KRT-BLU-M" in said
    for secret in ("411.11", "1,233.33", "Total", "Unit cost", "ada@mill.example", "30 days", "Mill Road"):
        assert secret not in said


def test_what_is_not_sent_or_was_called_off_says_so(mill, store, kurta, manager, as_):
    draft = drafted(mill, store, (kurta, 1, "1.00"))
    assert "DRAFT" in texts(paper(as_(manager), draft))[0]
    as_(manager).post(f"purchase-orders/{draft.pk}/cancel/", {})
    assert "CANCELLED" in texts(paper(as_(manager), draft))[0]


@pytest.mark.parametrize(("many", "pages"), [(1, 1), (14, 1), (16, 2), (100, 6)])
def test_many_lines_go_on_over_several_pages_and_none_is_lost(many, pages, mill, store, manager, as_):
    product = ProductFactory(name="Kurta")
    skus = [SkuFactory(code=f"LINE-{number:03}", product=product) for number in range(many)]
    document = paper(as_(manager), ordered(mill, store, *((sku, 2, "1.25") for sku in skus)))

    said = texts(document)

    assert len(said) == pages
    assert all(f"LINE-{number:03}" in " ".join(said) for number in range(many))
    for number, page in enumerate(said, 1):
        assert f"Page {number} of {len(said)}" in page
    assert all("Goods" in page for page in said if "LINE-" in page)
    assert f"Total {many * 2.5:,.2f} EUR" in said[-1]


@pytest.mark.parametrize(
    "name",
    ["<b>&amp;</b> {0} %s", "X" * 200, "Evening gown " * 15, "שמלת ערב (משי)", "कुर्ता 中文 👗", "a\u202eb"],
)
def test_whatever_the_names_nothing_leaves_the_paper(name, store, manager, as_):
    long = " ".join([name, name])[:200]
    mill = SupplierFactory(name=long, address="\n".join([name[:4]] * 100), payment_terms=long)
    sku = SkuFactory(code="C" * 60, colour="Colour " * 5, product=ProductFactory(name=long))
    SupplierSkuFactory(supplier=mill, sku=sku, supplier_code="W" * 60)
    order = ordered(mill, store, (sku, 1_000_000, "1000000.00"), note=name * 5)

    document = paper(as_(manager), order)

    assert "1,000,000,000,000.00" in " ".join(texts(document))
    for page in document:
        drawn = page.render(scale=1, grayscale=True).to_pil()
        left, top, right, bottom = ImageChops.invert(drawn).getbbox()
        assert min(left, top, drawn.width - right, drawn.height - bottom) >= EDGE
