"""Round a ticket: money, materials, photos, papers with codes, letters, what is known of a customer."""

import io
import uuid
from decimal import Decimal

import pypdfium2
import pytest
import zxingcpp
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django_tasks_db.models import DBTaskResult
from PIL import Image

from alterations.models import Garment, GarmentImage, Notice, Ticket, TicketPayment
from alterations.services import checking, telling, ticketing
from alterations.tests.factories import ServiceFactory, moved, paid, piece, tailor_in, taken_in, work
from boutique.models import DocumentEvent
from inventory.models import Alert, StockLevel, StockMovement
from inventory.services import checking as stock
from inventory.tests.factories import received
from orders.models import Customer, MeasurementSet
from orders.tests.factories import CustomerFactory, MeasurementSetFactory
from skus.tests.factories import SkuFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def tailor(store):
    return tailor_in(store, username="tailor")


@pytest.fixture
def ada(store):
    return CustomerFactory(places=[store], name="Ada Mary Byrne", email="ada@example.com")


@pytest.fixture
def ticket(store, clerk, ada):
    lined = piece(work(ServiceFactory(name="Shorten trousers")), description="Grey wool", issue="She limps.")
    return taken_in(store, lined, by=clerk, customer=ada, note="Wedding.")


@pytest.fixture
def trousers(ticket):
    return ticket.garments.get()


def pay(client, ticket, amount, **more):
    sent = {"amount": amount, "method": "card"} | more
    return client.post(f"alterations/{ticket.pk}/payments/", sent, HTTP_IDEMPOTENCY_KEY=str(uuid.uuid4()))


# ------------------------------------------------------------------------------------------------ money


def test_money_is_taken_up_to_what_is_due_and_paid_back_by_a_manager(as_, clerk, manager, ticket):
    desk, office = as_(clerk), as_(manager)

    first = pay(desk, ticket, "8.00", reference="4711")
    twice, too_much = pay(desk, ticket, "8.00", reference="4711"), pay(desk, ticket, "10.01")
    refused, back = pay(desk, ticket, "3.00", kind="refund"), pay(office, ticket, "3.00", kind="refund")
    beyond = pay(office, ticket, "5.01", kind="refund")
    no_key = desk.post(f"alterations/{ticket.pk}/payments/", {"amount": "1.00", "method": "cash"})

    assert (first.status_code, back.status_code, refused.status_code) == (201, 201, 403)
    assert [answer.json()["code"] for answer in (twice, too_much, beyond, no_key)] == [
        "duplicate", "overpayment", "refund_exceeds_paid", "idempotency_key_required",
    ]  # fmt: skip
    shown = desk.get(f"alterations/{ticket.pk}/").json()
    assert (shown["paid"], shown["balance"], shown["payment_status"]) == ("5.00", "13.00", "partly_paid")
    assert list(checking.differences()) == []


def test_the_deposit_warns_and_stops_work_only_where_the_shop_insists(as_, store, manager, tailor, settings):
    dear = taken_in(store, piece(work(ServiceFactory(price="100.00"))), by=manager)
    url = f"alteration-garments/{dear.garments.get().pk}/assign/"

    warnings = as_(manager).get(f"alterations/{dear.pk}/").json()["warnings"]
    settings.BOUTIQUE_ENFORCE_DEPOSIT = True
    refused = as_(manager).post(url, {"tailor": tailor.pk})
    paid(dear, "50.00", manager)

    assert [(one["code"], one["params"]["missing"]) for one in warnings] == [("deposit_due", "50.00")]
    assert (refused.status_code, refused.json()["code"]) == (409, "deposit_due")
    assert as_(manager).post(url, {"tailor": tailor.pk}).status_code == 200


# ------------------------------------------------------------------------------------------------ materials


def test_buttons_leave_the_shelf_for_a_garment_and_come_back(as_, clerk, ticket, trousers, store):
    button = SkuFactory()
    received(button, store, 10)
    url = f"alteration-garments/{trousers.pk}/materials/"

    def lines(quantity):
        return {"lines": [{"sku": button.pk, "quantity": quantity}]}

    used, back = as_(clerk).post(url, lines("4")), as_(clerk).post(f"{url}return/", lines("1"))
    refused = [
        as_(clerk).post(url, lines("0.5")),
        as_(clerk).post(url, lines("8")),
        as_(clerk).post(f"{url}return/", lines("4")),
    ]

    assert used.json()["materials"] == [{"sku": button.pk, "sku_code": button.code, "quantity": "4.000"}]
    assert back.json()["materials"][0]["quantity"] == "3.000"
    assert [(answer.status_code, answer.json()["code"]) for answer in refused] == [
        (400, "invalid"), (409, "insufficient_stock"), (409, "return_exceeds_used"),
    ]  # fmt: skip
    assert StockLevel.objects.get(sku=button).on_hand == 7
    assert set(StockMovement.objects.filter(document=ticket.number).values_list("reason", flat=True)) == {"alteration"}
    assert list(stock.differences()) == []


# ------------------------------------------------------------------------------------------------ papers with codes


def scanned(pdf):
    page = pypdfium2.PdfDocument(pdf)[0]
    (code,) = zxingcpp.read_barcodes(page.render(scale=300 / 72, grayscale=True).to_pil())
    return code.text, page.get_textpage().get_text_range()


def test_the_tag_scans_and_names_nobody(as_, clerk, tailor, manager, trousers):
    moved(trousers, "assigned", by=manager, tailor=tailor)

    answer = as_(tailor).get(f"alteration-garments/{trousers.pk}/tag/")
    code, text = scanned(answer.content)
    found = as_(tailor).get(f"barcodes/{code}/").json()

    assert answer.headers["Content-Type"] == "application/pdf"
    assert code == trousers.tag_code
    assert (found["kind"], found["object"]["id"]) == ("alteration_garment", trousers.pk)
    assert all(word in text for word in ("A.M.B.", "ALT-", "Shorten trousers"))
    assert "Byrne" not in text
    assert as_(tailor_in(trousers.ticket.location)).get(f"barcodes/{code}/").status_code == 404


def test_the_claim_check_says_what_is_due_and_finds_its_ticket(as_, clerk, viewer, ticket):
    code, text = scanned(as_(clerk).get(f"alterations/{ticket.pk}/claim-check/").content)

    found = as_(clerk).get(f"barcodes/{code}/").json()

    assert (found["kind"], found["object"]["number"]) == ("alteration", ticket.number)
    assert "Due 18.00" in text
    assert as_(viewer).get(f"barcodes/{code}/").status_code == 404


# ------------------------------------------------------------------------------------------------ photos


def a_photo():
    buffer = io.BytesIO()
    Image.new("RGB", (60, 40), (180, 40, 90)).save(buffer, "PNG")
    return SimpleUploadedFile("hem.png", buffer.getvalue(), "image/png")


def test_a_photo_is_put_up_taken_down_and_put_back(as_, clerk, manager, trousers):
    sent = {"garment": trousers.pk, "image": a_photo(), "description": "Hem"}

    made = as_(clerk).post("alteration-images/", sent, format="multipart")
    url = f"alteration-images/{made.json()['id']}/"
    gone = as_(manager).delete(url)
    hidden = as_(clerk).get(url).status_code
    back = as_(manager).post(f"{url}restore/")

    assert (made.status_code, made.json()["garment"], gone.status_code, hidden) == (201, trousers.pk, 204, 404)
    assert back.json()["deleted_at"] is None
    kinds = DocumentEvent.objects.filter(document=trousers.number, kind__startswith="image").values_list(
        "kind", flat=True
    )
    assert list(kinds) == ["image_restored", "image_removed", "image_added"]


# ------------------------------------------------------------------------------------------------ letters, alerts


def test_the_customer_is_told_by_a_task_that_writes_down_what_came_of_it(as_, clerk, ticket, monkeypatch):
    url = f"alterations/{ticket.pk}/notify/"

    queued = as_(clerk).post(url).json()
    task = DBTaskResult.objects.get(task_path__endswith="deliver_notice")
    telling.deliver(*task.args_kwargs["args"], number=task.pk)
    telling.deliver(*task.args_kwargs["args"], number=task.pk)
    sent = as_(clerk).get(f"alterations/{ticket.pk}/").json()

    assert (queued["status"], [one["outcome"] for one in queued["notices"]]) == ("open", ["queued"])
    assert (sent["status"], [one["outcome"] for one in sent["notices"]]) == ("open", ["sent"])
    (letter,) = mail.outbox
    assert letter.to == ["ada@example.com"]
    assert "18.00 EUR" in letter.body

    as_(clerk).post(url)

    def refuse(letter):
        raise ConnectionRefusedError

    monkeypatch.setattr("django.core.mail.EmailMessage.send", refuse)
    with pytest.raises(ConnectionRefusedError):
        telling.deliver(Notice.objects.first().pk, number=1)
    assert [notice.outcome for notice in Notice.objects.all()] == ["failed", "sent"]
    assert Ticket.objects.get().status == "open"


def test_who_gave_no_address_is_called(as_, clerk, store):
    answer = as_(clerk).post(f"alterations/{taken_in(store, by=clerk).pk}/notify/")

    assert (answer.status_code, answer.json()["code"]) == (409, "no_address")
    assert not Notice.objects.exists()


def test_a_late_ticket_has_an_alert_until_it_is_promised_anew(as_, clerk, ticket):
    Ticket.objects.filter(pk=ticket.pk).update(promised_on="2026-01-01")

    ticketing.alert_overdue()
    ticketing.alert_overdue()
    assert Alert.objects.filter(document=ticket.number, resolved_at=None).count() == 1
    as_(clerk).patch(f"alterations/{ticket.pk}/", {"promised_on": "2030-01-01"})
    assert not Alert.objects.filter(document=ticket.number, resolved_at=None).exists()


# ------------------------------------------------------------------------------------------------ customers


def test_history_export_and_open_work_know_the_ticket(as_, clerk, owner, ada, ticket):
    history = as_(clerk).get(f"customers/{ada.pk}/history/").json()
    held = as_(owner).get(f"customers/{ada.pk}/export/").json()
    refused = as_(owner).post(f"customers/{ada.pk}/erase/")

    assert [paper["number"] for paper in history["alterations"]] == [ticket.number]
    assert held["alterations"][0]["garments"][0]["issue"] == "She limps."
    assert (refused.status_code, refused.json()["errors"][0]["params"]["documents"]) == (409, [ticket.number])


def test_erasing_takes_the_words_and_photos_and_leaves_the_money(as_, clerk, owner, manager, tailor, ada, trousers):
    as_(clerk).post(
        "alteration-images/", {"garment": trousers.pk, "image": a_photo(), "description": "Her leg"}, format="multipart"
    )
    moved(trousers, "ready", by=manager, tailor=tailor)
    paid(trousers.ticket, "18.00", clerk)
    as_(clerk).post(f"alteration-garments/{trousers.pk}/collect/")

    answer = as_(owner).post(f"customers/{ada.pk}/erase/")

    assert answer.status_code == 200, answer.content
    forgotten, photo = Garment.objects.select_related("ticket").get(), GarmentImage.objects.get()
    assert (forgotten.issue, forgotten.description, forgotten.ticket.note) == ("", "", "")
    assert (photo.image, photo.description) == ("", "")
    assert TicketPayment.objects.get().amount == Decimal(18)
    assert not Customer.objects.filter(name__contains="Byrne").exists()
    assert list(checking.differences()) == []


def test_a_tailor_reads_the_measurements_of_whom_they_sew_for_now(as_, manager, clerk, tailor, ada, trousers):
    MeasurementSetFactory(customer=ada)
    MeasurementSetFactory()

    def seen():
        return [row["customer"] for row in as_(tailor).get("measurements/").json()["results"]]

    assert seen() == []
    moved(trousers, "in_progress", by=manager, tailor=tailor)
    assert seen() == [ada.pk]
    with transaction.atomic():
        Garment.objects.filter(pk=trousers.pk).update(status="quality_check")
        Garment.objects.filter(pk=trousers.pk).update(status="ready")
        assert not MeasurementSet.objects.visible_to(tailor).exists()
        transaction.set_rollback(True)
