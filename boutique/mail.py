"""Letters to people. `send` only notes one, in the caller's transaction; a worker renders and sends it.

`send("accounts/approved", person.email, {"name": "Ada"})` sends accounts/templates/accounts/mail/approved.txt: a first
line `Subject: …`, an empty line, the text. Texts are fixed; a subject shows numbers and document numbers only, never
what a person typed.

What is promised: a letter whose transaction commits goes out at least once, one that is rolled back never. It is noted
as sent right after the mail server took it, so a later run of the same task sends nothing. Only a worker that dies
between those two moments sends it a second time, with the same Message-ID, by which mail programs know a copy.
"""

import re
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import BadHeaderError, EmailMessage
from django.template import Context, Engine, TemplateDoesNotExist, TemplateSyntaxError
from django.template.loader import get_template
from django.utils import timezone
from django.utils.module_loading import import_string
from django_tasks import TaskResultStatus, task
from django_tasks_db.models import DBTaskResult

from boutique.tasks import GiveUp, enqueue_once


class Without(Exception):
    """Raised by what makes the attachment: the letter goes without it, and its text says why (`without`)."""


DOCUMENT_NUMBER = re.compile(r"[A-Z]{2,5}-[0-9]{1,20}")


def send(template, to, context, key=None, attached=None):
    """Enqueues one letter. With a `key`, once: a second call with it enqueues nothing. The context is JSON.

    `attached`: the dotted path of a function and its arguments. It is asked when the letter is written, and answers
    with what is attached, as (name, bytes, type); or None, and then there is no letter; or raises `Without`.
    """
    to = [to] if isinstance(to, str) else list(to)
    more = {"attached": list(attached)} if attached else {}
    if key is None:
        deliver.enqueue(template, to, context, **more)
    else:
        enqueue_once(deliver, key, template, to, context, **more)


@task(takes_context=True)
def deliver(context, template, to, words, attached=None):
    row = context.task_result.db_result
    if was_sent(row):
        return row.return_value
    try:
        files = import_string(attached[0])(*attached[1]) if attached else []
    except Without as reason:
        files, words = [], words | {"without": str(reason)}
    if files is None:
        return {"withheld": True}
    try:
        letter = written(template, to, words, number=row.pk)
        for file in files:
            letter.attach(*file)
        if not letter.send():
            raise GiveUp("There is nobody to send it to.")
    except (BadHeaderError, TemplateDoesNotExist, TemplateSyntaxError) as error:
        raise GiveUp(f"{template} cannot be sent: {error}") from error
    return note_sent(row)


def written(template, to, words, *, number):
    text = get_template(f"{template.replace('/', '/mail/')}.txt").template
    subject, empty, body = (text.source + "\n\n").split("\n", 2)
    if not subject.startswith("Subject: ") or empty.strip():
        raise TemplateSyntaxError("it does not begin with a Subject line and an empty one")
    house = {"shop": settings.BOUTIQUE_NAME, "url": settings.BOUTIQUE_URL}
    body = text.engine.from_string(body).render(Context(words | house, autoescape=False)).strip()
    return EmailMessage(
        subject=subject_of(subject.removeprefix("Subject: "), words, house),
        body=f"{body}\n\n-- \n{settings.BOUTIQUE_NAME}\n{settings.BOUTIQUE_URL}\n",
        to=to,
        headers={
            "Message-ID": f"<{number}@{urlsplit(settings.BOUTIQUE_URL).hostname}>",
            "Auto-Submitted": "auto-generated",  # keeps holiday replies away
        },
    )


def subject_of(line, words, house):
    safe = {name: word for name, word in words.items() if is_code(word)}
    # Whatever else the line asks for becomes a line break, and Django sends no header with a line break.
    return Engine(string_if_invalid="\n", autoescape=False).from_string(line).render(Context(safe | house)).strip(" ")


def is_code(word):
    return isinstance(word, int) or (isinstance(word, str) and DOCUMENT_NUMBER.fullmatch(word) is not None)


def was_sent(row):
    return bool(row.return_value and row.return_value.get("sent_at"))


def note_sent(row):
    """From here on a second run sends nothing. The words go: no link to a new password may lie about for a month."""
    template, to, _words = row.args_kwargs["args"]
    sent = {"sent_at": timezone.now().isoformat()}
    kept = row.args_kwargs | {"args": [template, to, {}]}
    DBTaskResult.objects.filter(pk=row.pk).update(return_value=sent, args_kwargs=kept)
    return sent


def forget(address, **words):
    """Somebody is to be forgotten: letters that wait are not sent, and those that were name nobody.

    `words`: what the letters must say to be theirs, where others have the same address.
    """
    theirs = DBTaskResult.objects.filter(
        task_path=deliver.module_path,
        args_kwargs__args__1__contains=[address],
        args_kwargs__args__2__contains=words,
    )
    theirs.filter(status=TaskResultStatus.READY).delete()
    for row in theirs.select_for_update():
        template, _to, _words = row.args_kwargs["args"]
        DBTaskResult.objects.filter(pk=row.pk).update(args_kwargs=row.args_kwargs | {"args": [template, [], {}]})
