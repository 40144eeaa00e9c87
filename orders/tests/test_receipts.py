"""Receipts of sales and returns: everything that was sold and paid, on paper and as JSON, at the clock of the place."""

from datetime import UTC, datetime
from decimal import Decimal

import pypdfium2
import pytest
import time_machine
import zxingcpp

from accounts.tests.factories import LocationFactory
from orders.services import selling
from orders.tests.factories import brought_back, goods, on_shelf, opened_till, sold

pytestmark = pytest.mark.django_db
# In and out of the answers: what a gift receipt must not say.
PRICES = ("unit_price", "discount", "amount", "total", "tenders", "taxes", "subtotal", "returns", "refunded")


@pytest.fixture
def sale(store, clerk, owner):
    """Two at 1,500.00 and one at 1,000.00 less 400.00, paid 600.00 in cash and the rest by card, at register 7."""
    store.address = "12 High Street\nDublin"
    store.save()
    kurta = on_shelf(store, price="1500.00", by=owner, name="Silk kurta", tax_rate=Decimal(18))
    stole = on_shelf(store, price="1000.00", by=owner, name="Stole", tax_rate=Decimal(5))
    till = opened_till(store, clerk, register="7")
    tenders = [
        selling.Tender(method="cash", amount=Decimal("600.00")),
        selling.Tender(method="card", amount=Decimal("3000.00")),
    ]
    return sold(
        store, goods(kurta, 2), goods(stole), by=clerk, payments=tenders, discount=Decimal("400.00"), till_session=till
    )


def receipt(client, sale, **asked):
    answer = client.get(f"sales/{sale.pk}/receipt/", {"format": "json", **asked})
    assert answer.status_code == 200, answer.content
    return answer.json()


def paper(client, path, **asked):
    """As a client asks that would rather have JSON, and takes what there is."""
    answer = client.get(path, asked, HTTP_ACCEPT="application/json, */*;q=0.5")
    assert answer.status_code == 200, answer.content
    assert answer.headers["Content-Type"] == "application/pdf"
    return pypdfium2.PdfDocument(answer.content)


def words_on(document):
    return " ".join(" ".join(page.get_textpage().get_text_range() for page in document).split())


def test_a_till_is_told_all_that_it_prints(sale, clerk, as_, settings):
    settings.BOUTIQUE_NAME = "Asha & Daughters"

    told = receipt(as_(clerk), sale)

    assert (told["kind"], told["shop"], told["number"], told["barcode"]) == (
        "sale", "Asha & Daughters", sale.number, sale.number,
    )  # fmt: skip
    assert told["place"]["address"] == "12 High Street\nDublin"
    assert (told["register"], told["served_by"]) == ("7", "Ada")
    assert told["business_date"] == str(sale.business_date)
    lines = [(line["description"], line["quantity"], line["unit_price"], line["amount"]) for line in told["lines"]]
    assert lines == [("Silk kurta", "2.000", "1500.00", "3000.00"), ("Stole", "1.000", "1000.00", "1000.00")]
    assert (told["subtotal"], told["discount"], told["total"]) == ("4000.00", "400.00", "3600.00")
    taxes = [(tax["rate"], tax["net"], tax["tax"], tax["total"]) for tax in told["taxes"]]
    assert taxes == [("5.00", "857.14", "42.86", "900.00"), ("18.00", "2288.14", "411.86", "2700.00")]
    assert [(one["method"], one["amount"]) for one in told["tenders"]] == [("cash", "600.00"), ("card", "3000.00")]
    assert (told["returns"], told["refunded"]) == ([], "0.00")


def test_what_came_back_stands_on_the_receipt_and_has_one_of_its_own(sale, clerk, as_):
    returned = brought_back(sale, 1, by=clerk, reason="Too small")

    told = receipt(as_(clerk), sale)
    assert [(one["number"], one["total"]) for one in told["returns"]] == [(returned.number, "2250.00")]
    assert told["refunded"] == "2250.00"
    path = f"sales/{sale.pk}/returns/{returned.pk}/receipt/"
    back = as_(clerk).get(path, {"format": "json"}).json()
    assert (back["kind"], back["number"], back["sale"], back["reason"]) == (
        "return", returned.number, sale.number, "Too small",
    )  # fmt: skip
    assert [line["amount"] for line in back["lines"]] == ["1350.00", "900.00"]
    assert [(one["method"], one["amount"]) for one in back["tenders"]] == [("card", "2250.00")]
    assert (back["register"], back["total"]) == ("7", "2250.00")
    said = words_on(paper(as_(clerk), path))
    for words in (returned.number, f"Of sale {sale.number}", "Too small", "Paid back 2,250.00"):
        assert words in said
    other = as_(clerk).get(f"sales/{sale.pk + 1}/returns/{returned.pk}/receipt/")
    assert other.status_code == 404


def test_a_scanner_reads_the_sale_from_its_paper(sale, clerk, as_):
    path = f"sales/{sale.pk}/receipt/"
    for asked, width in (({}, 80), ({"layout": "roll_80mm"}, 80), ({"layout": "a4"}, 210)):
        document = paper(as_(clerk), path, **asked)
        assert round(document[0].get_width() / 72 * 25.4) == width
        page = document[len(document) - 1].render(scale=300 / 72, grayscale=True).to_pil()
        assert [one.text for one in zxingcpp.read_barcodes(page)] == [sale.number]
        said = words_on(document)
        for words in ("Silk kurta", "3,000.00", "Total 3,600.00", "Cash 600.00", "Card 3,000.00", "Register 7"):
            assert words in said, (asked, words)


def test_a_gift_receipt_says_no_price_anywhere(sale, clerk, as_):
    told = receipt(as_(clerk), sale, gift="1")

    assert told["kind"] == "gift"
    assert not set(PRICES) & {*told, *(name for line in told["lines"] for name in line)}
    said = words_on(paper(as_(clerk), f"sales/{sale.pk}/receipt/", gift="1"))
    assert "Silk kurta" in said
    assert not any(price in said for price in ("1,500", "3,000", "3,600", "600.00", "EUR"))


def test_who_asks_for_what_is_not_there_is_told(sale, clerk, as_):
    path = f"sales/{sale.pk}/receipt/"
    for asked, field in (({"layout": "a5"}, "layout"), ({"gift": "maybe"}, "gift"), ({"lay": "a4"}, "lay")):
        answer = as_(clerk).get(path, asked)
        assert (answer.status_code, [one["field"] for one in answer.json()["errors"]]) == (400, [field])
    assert as_(clerk).get(path, {"format": "csv"}).status_code == 406
    plain = as_(clerk).get(path, HTTP_ACCEPT="application/json")
    assert plain.json()["number"] == sale.number


def test_a_receipt_costs_the_same_whatever_it_says(sale, store, clerk, owner, as_, django_assert_num_queries):
    many = sold(store, *(on_shelf(store, by=owner) for _ in range(6)), by=clerk)
    brought_back(many, by=clerk)
    brought_back(sale, 1, by=clerk)
    client = as_(clerk)
    client.get(f"sales/{sale.pk}/receipt/")
    with django_assert_num_queries(6):
        client.get(f"sales/{sale.pk}/receipt/")
    with django_assert_num_queries(6):
        client.get(f"sales/{many.pk}/receipt/")


def test_days_and_clocks_are_those_of_the_place(owner, as_):
    """18:29:59Z, 18:30:00Z and 20:00:00Z of 31 March are 31 March, 1 April and 1 April in Kolkata: in the list, on the
    receipt, on its paper, and in the till."""
    place = LocationFactory(timezone="Asia/Kolkata")
    with time_machine.travel(datetime(2026, 3, 31, 18, 0, tzinfo=UTC), tick=False):
        till = opened_till(place, owner)
        dress = on_shelf(place, price="100.00", by=owner)
    found = []
    for at in ((18, 29, 59), (18, 30, 0), (20, 0, 0)):
        with time_machine.travel(datetime(2026, 3, 31, *at, tzinfo=UTC), tick=False):
            found.append(sold(place, dress, by=owner))

    client = as_(owner)
    days = ["2026-03-31", "2026-04-01", "2026-04-01"]
    clocks = ["2026-03-31T23:59:59+05:30", "2026-04-01T00:00:00+05:30", "2026-04-01T01:30:00+05:30"]
    told = [receipt(client, sale) for sale in found]
    assert [one["business_date"] for one in told] == days
    assert [one["local_time"] for one in told] == clocks
    for sale, clock in zip(found, clocks, strict=True):
        assert clock[:16].replace("T", " ") in words_on(paper(client, f"sales/{sale.pk}/receipt/"))
    listed = client.get(f"sales/?business_date=2026-04-01&location={place.pk}").json()["results"]
    assert {row["id"] for row in listed} == {sale.pk for sale in found[1:]}
    report = client.get(f"till-sessions/{till.pk}/report/").json()
    assert [(day["business_date"], day["count"]) for day in report["days"]] == [("2026-03-31", 1), ("2026-04-01", 2)]
