"""The admin as people see it: headless Chromium, light and dark, on a desk and on a phone, its camera on a barcode.

To look at the pictures: pytest tests/test_screens.py --basetemp=FOLDER -o tmp_path_retention_policy=all
"""

import shutil
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal

import barcode
import pytest
import time_machine
from barcode.writer import ImageWriter
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from PIL import Image
from playwright.sync_api import expect, sync_playwright

from accounts.roles import Role
from accounts.tests.desk import page_of
from accounts.tests.factories import LocationFactory, UserFactory
from alterations.tests import factories as alterations
from inventory.models import StockLevel
from inventory.services import ledger
from inventory.tests.factories import LowStockThresholdFactory, line
from orders.models import Sale
from orders.services import selling
from orders.services.selling import Tender, Wanted
from orders.tests.factories import CustomerFactory, goods, ordered, paid, sold, work
from skus import gtin, sizes
from skus.tests.factories import BarcodeFactory, CategoryFactory, ProductFactory, SkuFactory

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(CHROMIUM is None, reason="There is no Chromium on this machine: apt install chromium"),
]
expect.set_options(timeout=20_000)
EAN = "4006381333931"
DESK, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}


# ------------------------------------------------------------------------------------------------ a shop


def dresses(by):
    """Four products, each in three sizes; the first of all carries the barcode that the camera sees."""
    made = []
    for name, code, price in (
        ("Linen wrap dress", "LWD", "129.00"),
        ("Silk kurta", "SKU-K", "89.00"),
        ("Wool coat", "WCO", "319.00"),
        ("Cotton shirt", "CSH", "59.00"),
    ):
        category = CategoryFactory(name=f"{name.split()[1].capitalize()}s", slug=code.lower())
        product = ProductFactory(name=name, code=code, base_price=Decimal(price), category=category, created_by=by)
        for size in ("S", "M", "L"):
            sku = SkuFactory(
                product=product,
                code=f"{code}-{size}",
                size=size,
                colour="Indigo",
                size_order=sizes.worn_order(size),
                created_by=by,
            )
            made.append(sku)
    BarcodeFactory(sku=made[0], value=gtin.normal_form(EAN), is_primary=True)
    return made


def delivered(place, skus, pieces, by):
    lines = [line(sku, pieces + number % 3, unit_cost=Decimal("41.50")) for number, sku in enumerate(skus)]
    ledger.receive(location=place, lines=lines, document="PO-000001", by=by)


def three_weeks_of_sales(place, skus, by):
    now = timezone.now()
    wanted = []
    for day in range(21):
        for number in range(1 + day % 3):
            said = goods(skus[(day + number * 5) % len(skus)])
            wanted.append(
                Wanted(
                    location=place,
                    lines=[said],
                    payments=[Tender(method="card", amount=said["sku"].product.base_price)],
                    client_id=f"till-1-{day}-{number}",
                    occurred_at=now - timedelta(days=day),  # earlier in the day might be the day before
                )
            )
    outcomes = selling.sell_all(wanted, by=by)
    assert selling.counts_of(outcomes)["created"] == len(wanted), outcomes


class Shop:
    """One store with goods, a past, and work in hand."""

    def __init__(self):
        self.place = LocationFactory(code="CENTRE", name="Boutique Centre")
        self.manager = UserFactory(
            username="amara", first_name="Amara", last_name="Okafor", role=Role.MANAGER, places=[self.place]
        )
        owner = UserFactory(role=Role.ADMIN)
        customers = [CustomerFactory(name=name, places=[self.place]) for name in ("Amina Bello", "Lena Sommer")]
        with time_machine.travel(timezone.now() - timedelta(days=22)):
            self.skus = dresses(owner)
            delivered(self.place, self.skus, 9, owner)
            late = timezone.localdate() + timedelta(days=18)
            self.order = ordered(
                self.place,
                goods(self.skus[1]),
                work("180.00"),
                by=owner,
                customer=customers[0],
                delivery_date=late,
                note="Sleeves three centimetres longer",
            )
            paid(self.order, "120.00", by=owner)
            alterations.taken_in(self.place, by=owner, customer=customers[1], promised_on=late)
        for days in (15, 8, 3):
            with time_machine.travel(timezone.now() - timedelta(days=days)):
                delivered(self.place, self.skus, days // 3, owner)
        LowStockThresholdFactory(sku=self.skus[3], threshold=Decimal(40), created_by=owner)
        three_weeks_of_sales(self.place, self.skus, owner)
        ordered(self.place, by=owner, customer=customers[1])
        sold(self.place, goods(self.skus[2], 2), by=owner)
        self.dress = self.skus[0]


@pytest.fixture
def shop():
    with transaction.atomic():
        return Shop()


# ------------------------------------------------------------------------------------------------ a browser


def film_of_a_barcode(path):
    """What the camera sees: the label of the dress on a grey table, as one frame of raw video."""
    drawn = barcode.get("ean13", EAN, writer=ImageWriter()).render({"module_width": 0.35, "dpi": 200})
    frame = Image.new("L", (640, 480), 150)
    label = drawn.convert("L")
    label.thumbnail((440, 300))
    frame.paste(label, ((640 - label.width) // 2, (480 - label.height) // 2))
    colours = bytes([128]) * (320 * 240 * 2)
    path.write_bytes(b"YUV4MPEG2 W640 H480 F10:1 Ip A1:1 C420jpeg\nFRAME\n" + frame.tobytes() + colours)
    return path


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    film = film_of_a_barcode(tmp_path_factory.mktemp("camera") / "label.y4m")
    switches = [
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        f"--use-file-for-fake-video-capture={film}",
        "--disable-gpu",
    ]
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        # Playwright waits in a loop of its own beneath this thread, which Django would take for an asynchronous view.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=switches)
        yield opened
        opened.close()


@contextmanager
def signed_in(browser, live_server, person, scheme, size):
    """A page in which this person is signed in. Whatever its console complains of fails the test."""
    session = SessionStore()
    session[SESSION_KEY] = str(person.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = person.get_session_auth_hash()
    session.save()
    context = browser.new_context(
        base_url=live_server.url,
        color_scheme=scheme,
        viewport=size,
        permissions=["camera"],
        reduced_motion="reduce",
        timezone_id="UTC",
        locale="en-GB",
    )
    context.set_default_timeout(20_000)
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session.session_key, "url": live_server.url}])
    page = context.new_page()
    complaints = []
    page.on("console", lambda said: complaints.append(said.text) if is_complaint(said) else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    context.close()
    assert complaints == []


def is_complaint(said):
    """A refusal that the page shows is none, although Chromium writes down each answer that is no 200."""
    is_refusal = said.text.startswith("Failed to load resource") and "/admin/scan/" in said.location["url"]
    return said.type in ("error", "warning") and not is_refusal


def look(page, folder, name, size, full=True):
    """Keeps a picture. Nothing on it may be wider than the screen."""
    page.set_viewport_size(size)
    page.evaluate("document.fonts.ready")
    page.screenshot(path=folder / f"{name}-{page.viewport_size['width']}.png", full_page=full)
    too_wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert too_wide <= 0, f"{name} is {too_wide} pixels wider than the screen"


# ------------------------------------------------------------------------------------------------ scanning


def scan(page, code):
    """As a hand scanner does: it types where the focus is, and ends with Enter."""
    expect(page.locator("#scan-code")).to_be_focused()
    page.keyboard.type(code)
    page.keyboard.press("Enter")


def choose(page, mode):
    page.locator(".scan-mode", has=page.locator(f"[value={mode}]")).click()


def on_shelf(sku):
    return StockLevel.objects.get(sku=sku).on_hand


def test_a_camera_finds_the_dress_behind_its_barcode(shop, browser, live_server, tmp_path):
    for scheme in ("light", "dark"):
        with signed_in(browser, live_server, shop.manager, scheme, PHONE) as page:
            page.goto(reverse("desk-scan"))
            look(page, tmp_path, f"scan-{scheme}", DESK)
            page.set_viewport_size(PHONE)
            page.click("#scan-camera")

            found = page.locator("[data-found=LWD-S]")
            expect(found).to_contain_text("Linen wrap dress")
            expect(found).to_contain_text("129.00")
            look(page, tmp_path, f"scan-found-{scheme}", PHONE)
            look(page, tmp_path, f"scan-found-{scheme}", DESK)


def test_a_hand_scanner_receives_counts_and_sells(shop, browser, live_server, tmp_path):
    there = on_shelf(shop.dress)
    with signed_in(browser, live_server, shop.manager, "light", PHONE) as page:
        page.goto(reverse("desk-scan"))
        answer = page.locator("#scan-answer")

        choose(page, "receive")
        scan(page, EAN)
        expect(answer).to_contain_text(f"+1: {there} → {there + 1}".replace(".000", ""))
        look(page, tmp_path, "scan-received", PHONE)

        choose(page, "count")
        scan(page, EAN)
        expect(page.locator("#scan-counted")).to_have_value("1")
        scan(page, "LWD-S")
        expect(page.locator("#scan-counted")).to_have_value("2")
        look(page, tmp_path, "scan-counting", PHONE)
        page.keyboard.press("Enter")
        expect(answer).to_contain_text("Counted 2")
        assert on_shelf(shop.dress) == 2

        choose(page, "sell")
        for code in (EAN, EAN, "LWD-S", "WCO-M"):
            scan(page, code)
        expect(page.locator("#scan-total")).to_have_text("706.00\u00a0EUR")
        page.fill("#scan-cash", "800")
        expect(page.locator("#scan-change")).to_have_text("Change 94.00\u00a0EUR")
        look(page, tmp_path, "scan-basket", PHONE)
        page.click("[data-tender=cash]")
        expect(answer).to_contain_text("LWD-S: 2 available, 3 asked")
        look(page, tmp_path, "scan-refused", PHONE)
        assert on_shelf(shop.dress) == 2

        page.get_by_label("One LWD-S less").click()
        page.click("[data-tender=cash]")
        expect(answer).to_contain_text("Sold for 577.00")
        look(page, tmp_path, "scan-sold", PHONE)
    sale = Sale.objects.latest("pk")
    assert (sale.total, sale.created_by, on_shelf(shop.dress)) == (Decimal("577.00"), shop.manager, 0)


def test_a_code_that_nothing_has_says_what_to_do(shop, browser, live_server, tmp_path):
    with signed_in(browser, live_server, shop.manager, "dark", PHONE) as page:
        page.goto(reverse("desk-scan"))
        scan(page, "NO/SUCH/THING")
        expect(page.locator("#scan-answer")).to_contain_text("Nothing in the house has this code.")
        expect(page.locator("#scan-answer")).to_contain_text("add this barcode")
        look(page, tmp_path, "scan-unknown", PHONE)


# ------------------------------------------------------------------------------------------------ a bad connection


SALES, STOCK = "**/admin/scan/sales/", "**/admin/scan/stock/"


def lost(route):
    """The house does what it is asked; the page never hears of it."""
    route.fetch()
    route.abort()


def refused(status, code, *errors):
    told = {"code": code, "detail": f"Refused: {code}.", "errors": list(errors)}
    return lambda route: route.fulfill(status=status, json=told)


def test_a_basket_is_sold_once_and_a_scan_is_booked_once_whatever_is_lost_on_the_way(shop, browser, live_server):
    sales, there = Sale.objects.count(), on_shelf(shop.dress)
    with signed_in(browser, live_server, shop.manager, "light", DESK) as page:
        asked = []
        page.on("request", lambda request: asked.append(request) if request.url.endswith("/scan/sales/") else None)
        page.goto(reverse("desk-scan"))
        answer, basket, total = (page.locator(f"#scan-{name}") for name in ("answer", "basket", "total"))
        cash, card = (page.locator(f"[data-tender={method}]") for method in ("cash", "card"))
        again = page.get_by_role("button", name="Try again")
        choose(page, "sell")

        # The answer is lost and the page loaded anew. It is paid as before, or otherwise: it is the same sale.
        for tender, told in ((cash, "Sold for 129.00"), (card, "Already sold as SALE-")):
            scan(page, EAN)
            expect(total).to_contain_text("129.00")
            page.route(SALES, lost, times=1)
            cash.click()
            expect(answer).to_contain_text("did not answer")
            page.reload()
            expect(answer).to_contain_text("It is not known yet whether this basket is sold")
            expect(page.get_by_label("One LWD-S more")).to_be_disabled()
            scan(page, "WCO-M")
            expect(answer).to_contain_text("Then scan WCO-M")
            tender.click()
            expect(answer).to_contain_text(told)
            expect(basket).to_be_hidden()
            sales += 1
            assert Sale.objects.count() == sales

        # What may pass is asked again with the same key, and as it was asked.
        del asked[:]
        scan(page, EAN)
        expect(total).to_contain_text("129.00")
        page.route(SALES, refused(409, "in_progress"), times=1)
        cash.click()
        page.route(SALES, refused(409, "insufficient_stock"), times=1)
        again.click()
        page.route(SALES, refused(503, "busy"), times=1)
        page.get_by_role("button", name="The goods are here").click()
        expect(answer).to_contain_text("Refused: busy.")
        again.click()
        expect(answer).to_contain_text("Sold for 129.00")
        assert len({request.headers["idempotency-key"] for request in asked}) == 1
        assert [request.post_data_json.get("found", False) for request in asked] == [False, False, True, True]
        assert {request.post_data_json["client_id"] for request in asked} == {asked[0].headers["idempotency-key"]}
        sales += 1
        assert Sale.objects.count() == sales

        # What is scanned while a sale is on its way is of the next.
        scan(page, EAN)
        expect(total).to_contain_text("129.00")
        on_the_way = []
        page.route(SALES, lambda route: on_the_way.append(route), times=1)
        card.click()
        page.focus("#scan-code")
        with page.expect_response("**/admin/scan/look-up/**"):
            scan(page, "WCO-M")
        on_the_way[0].continue_()
        expect(total).to_contain_text("319.00")
        assert Sale.objects.count() == sales + 1

        # A scan tried again is what it was, whatever the page is set to by now.
        choose(page, "receive")
        page.route(STOCK, lost, times=1)
        scan(page, EAN)
        expect(answer).to_contain_text("did not answer")
        page.fill("#scan-pieces", "5")
        choose(page, "look_up")
        signed_in_anew = {"name": settings.CSRF_COOKIE_NAME, "value": "a" * 32, "url": live_server.url}
        page.context.add_cookies([signed_in_anew])  # the same person, in another window
        again.click()
        expect(answer).to_contain_text("+1: ")
        assert on_shelf(shop.dress) == there - 4 + 1

        kept = "Object.keys(localStorage).filter((name) => name.startsWith('scan-mine-')).length"
        page.reload()
        assert page.evaluate(kept) == 2
        with page.expect_navigation():
            page.evaluate("document.getElementById('logout-form').requestSubmit()")
        assert page.evaluate(kept) == 0


# ------------------------------------------------------------------------------------------------ pages


def test_the_desk_a_product_and_an_order_are_seen_well_everywhere(shop, browser, live_server, tmp_path):
    pages = {
        "desk": (reverse("admin:index"), ["Sold today", "387.00", "Stock value", "Overdue orders", "Sold each day"]),
        "product": (page_of(shop.dress.product), ["Linen wrap dress", "LWD-M", "129.00"]),
        "order": (page_of(shop.order), ["Amina Bello", "309.00", "Overdue"]),
    }
    for scheme in ("light", "dark"):
        with signed_in(browser, live_server, shop.manager, scheme, DESK) as page:
            for name, (address, figures) in pages.items():
                page.goto(address)
                for size in (DESK, PHONE):
                    look(page, tmp_path, f"{name}-{scheme}", size)
                    for figure in figures:
                        expect(page.get_by_text(figure).locator("visible=true").first).to_be_visible()
