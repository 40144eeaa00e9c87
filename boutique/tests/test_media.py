import errno
import io
import os
import time
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.http import Http404
from django.utils.http import http_date

from accounts.models import User
from accounts.tests.factories import UserFactory
from boutique import media
from boutique.errors import StorageFull

NAME = "people/ab/abc.webp"


@pytest.fixture
def folder(settings):
    return Path(settings.MEDIA_ROOT)


def put(name=NAME, content=b"RIFF", days=0):
    assert default_storage.save(name, ContentFile(content)) == name
    old = time.time() - days * 24 * 3600
    os.utime(default_storage.path(name), (old, old))
    return name


def fetch(rf, url, **headers):
    request = rf.get(url, headers=headers)
    answer = media.serve(request, request.path.removeprefix("/media/"))
    answer.text_of_file = b"".join(answer)
    if answer.streaming:
        answer.file_to_stream.close()
    return answer


# ------------------------------------------------------------------------------------------------ keeping


def test_files_and_folders_are_for_the_shop_alone(folder):
    before = os.umask(0)
    try:
        put()
    finally:
        os.umask(before)

    assert (folder / NAME).stat().st_mode & 0o777 == 0o600
    for private in (folder / "people" / "ab", folder / "people", folder):
        assert private.stat().st_mode & 0o777 == 0o700


class Failing(ContentFile):
    def __init__(self, code):
        super().__init__(b"x" * 100)
        self.code = code

    def chunks(self, chunk_size=None):
        yield b"x" * 50
        raise OSError(self.code, os.strerror(self.code))


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_is_said_so_and_leaves_no_half_file(code, folder):
    with pytest.raises(StorageFull) as refusal:
        default_storage.save(NAME, Failing(code))

    assert (refusal.value.status, refusal.value.code) == (507, "storage_full")
    assert not (folder / NAME).exists()


def test_another_fault_of_the_disk_is_not_called_full():
    with pytest.raises(OSError, match="Input/output error") as fault:
        default_storage.save(NAME, Failing(errno.EIO))

    assert not isinstance(fault.value, StorageFull)


# ------------------------------------------------------------------------------------------------ links


@pytest.mark.parametrize(
    ("name", "kind", "disposition"),
    [
        ("people/ab/abc.webp", "image/webp", 'inline; filename="abc.webp"'),
        ("a.pdf", "application/pdf", 'attachment; filename="a.pdf"'),
        ("a.csv", "text/csv; charset=utf-8", 'attachment; filename="a.csv"'),
        ("a.json", "application/json", 'attachment; filename="a.json"'),
    ],
)
def test_a_link_shows_the_file_with_its_exact_type(rf, name, kind, disposition):
    answer = fetch(rf, default_storage.url(put(name)))

    assert answer.text_of_file == b"RIFF"
    assert answer["Content-Type"] == kind
    assert answer["Content-Disposition"] == disposition
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"].startswith("default-src 'none'")
    assert answer["Cache-Control"] == "private, max-age=3600"


def test_a_link_stays_the_same_all_hour_and_works_for_one_to_two(rf):
    put()
    with time_machine.travel("2026-11-20T14:00:01Z", tick=False) as clock:
        url = default_storage.url(NAME)
        clock.move_to("2026-11-20T14:59:59Z")
        assert default_storage.url(NAME) == url
        clock.move_to("2026-11-20T15:59:59Z")
        assert default_storage.url(NAME) != url
        assert fetch(rf, url).text_of_file == b"RIFF"
        clock.move_to("2026-11-20T16:00:00Z")
        with pytest.raises(Http404):
            fetch(rf, url)


def test_a_link_made_at_the_end_of_an_hour_works_for_another(rf):
    put()
    with time_machine.travel("2026-11-20T14:59:59Z", tick=False) as clock:
        url = default_storage.url(NAME)
        clock.move_to("2026-11-20T15:59:58Z")
        assert fetch(rf, url).status_code == 200


@pytest.mark.parametrize(
    "spoil",
    [
        lambda url: url.partition("?")[0],
        lambda url: url.partition("?")[0] + "?key=",
        lambda url: url.partition("?")[0] + "?key=9999999999.",
        lambda url: url[:-1],
        lambda url: url[:-1] + ("A" if url[-1] != "A" else "B"),
        lambda url: url.replace("key=1", "key=2"),
        lambda url: url.replace("key=", "key=\u0661"),
        lambda url: url.replace("abc.webp", "abd.webp"),
        lambda url: url.replace("abc.webp", "abc.thumb.webp"),
        lambda url: url.replace("abc.webp", "./abc.webp"),
        lambda url: url.replace("people/", "people//"),
        lambda url: url.replace("?key=", "?key=\x00"),
    ],
)
def test_anything_but_a_link_of_ours_is_not_there(rf, spoil):
    for name in (NAME, "people/ab/abd.webp", "people/ab/abc.thumb.webp"):
        put(name)

    with pytest.raises(Http404):
        fetch(rf, spoil(default_storage.url(NAME)))


@pytest.mark.parametrize(
    "name",
    [
        "../secret_key.json",
        "people/../../secret.json",
        "/etc/passwd.json",
        "people",
        "people.webp",
        "no/such.webp",
        "x.webp/y.webp",
    ],
)
def test_even_a_signed_name_never_leads_out_of_the_folder_or_to_a_fault(rf, folder, name):
    put("x.webp")
    (folder / "people.webp").mkdir()
    for secret in ("secret_key.json", "secret.json"):
        (folder.parent / secret).write_text("secret")

    with pytest.raises(Http404):
        media.serve(rf.get("/", {"key": media.key_for(name)}), name)


@pytest.mark.parametrize("name", ["page.html", "drawing.svg", "run.js", "noextension", "picture.WEBP"])
def test_only_our_own_kinds_of_file_are_shown(rf, name):
    with pytest.raises(Http404):
        fetch(rf, default_storage.url(put(name)))


def test_a_browser_that_has_the_file_gets_it_only_once(rf):
    put()
    url = default_storage.url(NAME)
    changed = fetch(rf, url)["Last-Modified"]

    again = fetch(rf, url, if_modified_since=changed)
    assert (again.status_code, again.content) == (304, b"")
    assert again["Cache-Control"] == "private, max-age=3600"
    assert fetch(rf, url, if_modified_since=http_date(0)).status_code == 200
    with pytest.raises(Http404):
        fetch(rf, url[:-1], if_modified_since=changed)


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_a_link_is_for_looking_only(rf, method):
    put()

    assert media.serve(getattr(rf, method)(default_storage.url(NAME)), NAME).status_code == 405


def test_a_link_works_through_the_whole_house(client):
    put()

    answer = client.get(default_storage.url(NAME))

    assert b"".join(answer) == b"RIFF"
    assert answer["Content-Security-Policy"].startswith("default-src 'none'")
    assert answer["Content-Type"] == "image/webp"
    assert client.get(f"/media/{NAME}").status_code == 404


# ------------------------------------------------------------------------------------------------ sweeping


@pytest.fixture
def person(db):
    return UserFactory(photo=NAME)


def test_the_sweeper_removes_what_no_row_names_and_keeps_what_one_does(person):
    kept = {put(NAME, days=2), put(media.thumbnail_name(NAME), days=2)}
    removed = {
        put("people/cd/gone.webp", days=2),
        put("people/cd/gone.thumb.webp", days=2),
        put("people/odd.txt", days=2),
    }

    swept = media.sweep()

    assert set(swept.removed) == removed
    assert not any(default_storage.exists(name) for name in removed)
    assert all(default_storage.exists(name) for name in kept)
    assert (swept.kept, swept.missing) == (2, [])


def test_the_sweeper_leaves_young_files_to_the_rows_that_are_being_written(db):
    put("people/cd/new.webp", days=0.9)

    assert media.sweep().removed == []
    assert media.sweep(timedelta(hours=12)).removed == ["people/cd/new.webp"]


def test_the_sweeper_only_names_what_lies_in_no_folder_of_ours(db):
    names = [put("backup/all.json", days=9), put("readme.pdf", days=9)]

    swept = media.sweep()

    assert swept.strangers == ["backup", "readme.pdf"]
    assert all(default_storage.exists(name) for name in names)


@pytest.mark.parametrize("there", [[], [NAME], [media.thumbnail_name(NAME)]])
def test_the_sweeper_names_rows_whose_file_is_missing(person, there):
    for name in there:
        put(name)

    assert media.sweep().missing == [f"accounts.User {person.pk}: {NAME}"]


def test_the_sweeper_asks_as_often_for_many_files_as_for_one(person, django_assert_num_queries):
    put(NAME, days=2)
    put(media.thumbnail_name(NAME), days=2)
    for number in range(60):
        put(f"people/cd/{number}.webp", days=2)

    with django_assert_num_queries(len(list(media.naming_columns())) * 2):
        swept = media.sweep()

    assert len(swept.removed) == 60


def test_the_sweeper_takes_many_files_in_batches(person, monkeypatch):
    monkeypatch.setattr(media, "BATCH", 3)
    put(NAME, days=2)
    put(media.thumbnail_name(NAME), days=2)
    for number in range(10):
        put(f"people/cd/{number}.webp", days=2)

    swept = media.sweep()

    assert (len(swept.removed), swept.kept) == (10, 2)


def test_the_sweeper_of_a_new_shop_finds_nothing(db):
    assert media.sweep() == media.Swept()


def test_a_dry_run_says_what_would_be_removed_and_removes_nothing(person):
    put("people/cd/gone.webp", days=2)
    output = io.StringIO()

    call_command("sweep_media", "--dry-run", stdout=output)

    assert output.getvalue().splitlines() == [
        "would remove people/cd/gone.webp",
        f"file missing accounts.User {person.pk}: {NAME}",
        "1 to remove, 0 kept, 1 missing, 0 not ours",
    ]
    assert default_storage.exists("people/cd/gone.webp")


def test_the_command_removes_and_sums_up(db):
    put("people/cd/gone.webp", days=2)
    put("strange.pdf")
    output = io.StringIO()

    call_command("sweep_media", stdout=output)

    assert output.getvalue().splitlines() == [
        "removed people/cd/gone.webp",
        "not ours strange.pdf",
        "1 removed, 0 kept, 0 missing, 1 not ours",
    ]
    assert not default_storage.exists("people/cd/gone.webp")


def test_a_column_of_names_says_in_a_migration_which_folder_is_its_own():
    column = media.StoredName(folder="people")

    assert column.clone().folder == "people"
    assert (column.max_length, column.blank, column.editable) == (200, True, False)


def test_the_photo_of_a_person_is_such_a_column():
    assert User._meta.get_field("photo") in list(media.naming_columns())
