import smtplib
from datetime import timedelta

import pytest
from django.core import mail as letters
from django.db import transaction
from django.utils import timezone
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from boutique import mail
from boutique.tasks import Worker

pytestmark = pytest.mark.django_db(transaction=True)

READY = "Subject: {{ number }} is ready\n\nDear {{ name }},\n\n{{ number }} hangs in the shop.\n"


@pytest.fixture(autouse=True)
def house(settings, tmp_path):
    """A house with one letter: `tailor/ready`."""
    settings.BOUTIQUE_NAME = "Maison Ada"
    settings.BOUTIQUE_URL = "https://ada.example"
    settings.DEFAULT_FROM_EMAIL = "shop@ada.example"
    settings.TEMPLATES = [settings.TEMPLATES[0] | {"DIRS": [tmp_path]}]
    (tmp_path / "tailor" / "mail").mkdir(parents=True)
    path = tmp_path / "tailor" / "mail" / "ready.txt"
    path.write_text(READY)
    return path


def send(**changes):
    context = {"number": "ORD-000042", "name": "Grace"} | changes
    mail.send("tailor/ready", "grace@example.org", context)


def run_again():
    DBTaskResult.objects.update(status=TaskResultStatus.READY, run_after=timezone.now())
    Worker().run_due()


def test_a_letter_is_rendered_and_sent_from_the_shop(mailoutbox):
    send()
    assert mailoutbox == []

    Worker().run_due()

    (letter,) = mailoutbox
    assert letter.subject == "ORD-000042 is ready"
    assert letter.body == ("Dear Grace,\n\nORD-000042 hangs in the shop.\n\n-- \nMaison Ada\nhttps://ada.example\n")
    assert (letter.from_email, letter.to) == ("shop@ada.example", ["grace@example.org"])
    assert letter.message()["Message-ID"] == f"<{DBTaskResult.objects.get().pk}@ada.example>"


def test_a_letter_of_a_rolled_back_transaction_is_not_sent(mailoutbox):
    with transaction.atomic():
        send()
        transaction.set_rollback(True)

    Worker().run_due()

    assert mailoutbox == []


def test_a_sent_letter_is_not_sent_again_and_its_words_are_forgotten(mailoutbox):
    send(name="secret-link")
    Worker().run_due()
    run_again()

    row = DBTaskResult.objects.get()
    assert len(mailoutbox) == 1
    assert row.status == TaskResultStatus.SUCCESSFUL
    assert "secret-link" not in str(row.args_kwargs)


def test_a_worker_that_dies_after_the_note_of_sending_sends_nothing_more(mailoutbox, monkeypatch):
    class Killed(BaseException):
        pass

    def die(*_args, **_changes):
        raise Killed

    send()
    with monkeypatch.context() as patch:
        patch.setattr("boutique.tasks.settle", die)
        with pytest.raises(Killed):
            Worker().run_due()
    assert DBTaskResult.objects.get().status == TaskResultStatus.RUNNING

    run_again()

    assert len(mailoutbox) == 1


def test_one_key_sends_one_letter(mailoutbox):
    for _time in range(2):
        mail.send("tailor/ready", ["grace@example.org"], {"number": "ORD-000042", "name": "Grace"}, key="ready 42")

    Worker().run_due()

    assert len(mailoutbox) == 1


def test_a_refusing_server_is_tried_again_later_and_the_request_hears_nothing(mailoutbox, monkeypatch):
    def refuse(_letter):
        raise smtplib.SMTPServerDisconnected("Connection unexpectedly closed")

    send()
    with monkeypatch.context() as patch:
        patch.setattr(letters.EmailMessage, "send", refuse)
        Worker().run_due()
    row = DBTaskResult.objects.get()
    assert (row.status, row.args_kwargs["failures"]) == (TaskResultStatus.READY, 1)
    assert row.run_after > timezone.now()

    run_again()

    assert len(mailoutbox) == 1


def test_a_letter_outlasts_a_mail_server_that_is_away_for_a_night(mailoutbox, monkeypatch):
    def refuse(_letter):
        raise smtplib.SMTPServerDisconnected("Connection unexpectedly closed")

    send()
    waited = timedelta()
    with monkeypatch.context() as patch:
        patch.setattr(letters.EmailMessage, "send", refuse)
        while waited < timedelta(hours=12):
            Worker().run_due()
            row = DBTaskResult.objects.get()
            assert row.status == TaskResultStatus.READY, waited
            waited += row.run_after - timezone.now()
            DBTaskResult.objects.update(run_after=timezone.now())

    run_again()

    assert len(mailoutbox) == 1


def test_a_letter_whose_attachment_cannot_be_made_goes_without_and_knows_why(mailoutbox):
    mail.send("reports/report", "grace@example.org", {"report": "Sales"}, attached=(f"{__name__}.not_made", []))

    Worker().run_due()

    (letter,) = mailoutbox
    assert letter.attachments == []
    assert "It is too long." in letter.body


def not_made():
    raise mail.Without("It is too long.")


def test_a_bad_address_is_not_the_requests_problem(mailoutbox, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    mail.send("tailor/ready", "no address at all", {"number": "ORD-000042", "name": "Grace"})

    Worker().run_due()

    assert DBTaskResult.objects.get().status == TaskResultStatus.READY


@pytest.mark.parametrize(
    ("to", "number"),
    [
        ("grace@example.org", "my text"),
        ("grace@example.org", "ORD-1\nBcc: eve@example.org"),
        ("grace@example.org\nBcc: eve@example.org", "ORD-000042"),
        ("", "ORD-000042"),
    ],
)
def test_what_a_person_typed_never_gets_into_a_header(mailoutbox, to, number):
    mail.send("tailor/ready", to, {"number": number, "name": "Grace"})

    Worker().run_due()

    assert mailoutbox == []
    assert DBTaskResult.objects.get().status == TaskResultStatus.FAILED


def test_a_letter_is_plain_text_and_quotes_people_as_they_wrote(mailoutbox):
    send(name="O'Neill <&>")

    Worker().run_due()

    assert "Dear O'Neill <&>," in mailoutbox[0].body


@pytest.mark.parametrize("text", ["Dear {{ name }}", "Subject: Ready\nDear {{ name }}", "Subject: {% if %}\n\nDear"])
def test_a_template_that_is_no_letter_fails_at_once(mailoutbox, house, text):
    house.write_text(text)
    send()

    Worker().run_due()

    assert mailoutbox == []
    assert DBTaskResult.objects.get().status == TaskResultStatus.FAILED


def paper_for(name):
    return None if name == "Eve" else [("dress.txt", f"for {name}".encode(), "text/plain")]


def test_what_is_attached_is_asked_for_when_the_letter_is_written(mailoutbox):
    for name in ("Grace", "Eve"):
        words = {"number": "ORD-000042", "name": name}
        mail.send("tailor/ready", "grace@example.org", words, key=name, attached=(f"{__name__}.paper_for", [name]))

    Worker().run_due()
    run_again()

    (letter,) = mailoutbox  # there was nothing for Eve, and so no letter either
    assert [(name, content) for name, content, _kind in letter.attachments] == [("dress.txt", "for Grace")]
    assert set(DBTaskResult.objects.values_list("status", flat=True)) == {TaskResultStatus.SUCCESSFUL}


def test_a_missing_template_fails_at_once(mailoutbox, house):
    house.unlink()
    send()

    Worker().run_due()

    assert DBTaskResult.objects.get().status == TaskResultStatus.FAILED
