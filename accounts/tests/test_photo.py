import io

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from accounts.models import User
from boutique import media

pytestmark = pytest.mark.django_db


def picture(size=(640, 480), kind="JPEG", **options):
    buffer = io.BytesIO()
    Image.new("RGB", size, (180, 40, 90)).save(buffer, kind, **options)
    return buffer.getvalue()


def put(client, content, name="me.jpg", kind="image/jpeg", field="photo", **extra):
    upload = SimpleUploadedFile(name, content, kind)
    return client.put("profile/photo/", {field: upload}, format="multipart", **extra)


def files():
    return sum(1 for _ in media.files_below("people"))


def test_a_portrait_is_kept_re_encoded_with_a_thumbnail(as_, clerk, client):
    exif = Image.Exif()
    exif[0x010E] = "taken at home"
    answer = put(as_(clerk), picture(exif=exif))

    assert answer.status_code == 200
    for address, width in ((answer.json()["photo"]["url"], 640), (answer.json()["photo"]["thumbnail"], 320)):
        shown = client.get(address.removeprefix("http://testserver"))
        stored = b"".join(shown.streaming_content)
        assert (shown.status_code, shown["Content-Type"]) == (200, "image/webp")
        assert Image.open(io.BytesIO(stored)).width == width
        assert b"taken at home" not in stored


def test_a_new_portrait_replaces_the_old_one(as_, clerk, django_capture_on_commit_callbacks):
    device = as_(clerk)
    for _ in range(2):
        with django_capture_on_commit_callbacks(execute=True):
            put(device, picture())

    assert files() == 2  # the picture and its thumbnail


def test_a_portrait_can_be_taken_down(as_, clerk, django_capture_on_commit_callbacks):
    device = as_(clerk)
    put(device, picture())

    with django_capture_on_commit_callbacks(execute=True):
        assert device.delete("profile/photo/").status_code == 204

    assert device.get("profile/").json()["photo"] is None
    assert files() == 0


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"", "empty.jpg"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "drawing.png"),
        (picture()[:500], "truncated.jpg"),
        (picture(kind="GIF"), "moving.jpg"),
        (b"GIF89a" + picture(), "both.jpg"),
        (picture((6000, 5000), "PNG"), "30 megapixels.png"),
        (b"MZ" + b"\0" * 1000, "program.webp"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_no_picture_is_400_and_changes_nothing(as_, clerk, content, name):
    answer = put(as_(clerk), content, name)

    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "photo"), answer.content
    assert User.objects.get(pk=clerk.pk).photo == ""
    assert files() == 0


def test_eleven_megabytes_are_413(as_, clerk):
    assert put(as_(clerk), picture() + b"\0" * 11_000_000).status_code == 413


@pytest.mark.parametrize("field", ["image", "role"])
def test_another_field_is_refused_by_name(as_, clerk, field):
    answer = put(as_(clerk), picture(), field=field)

    assert {error["field"] for error in answer.json()["errors"]} == {field, "photo"}


def test_a_portrait_is_sent_as_a_file(as_, clerk):
    assert as_(clerk).put("profile/photo/", {"photo": "abc"}, format="multipart").status_code == 400
    assert as_(clerk).put("profile/photo/", {"photo": "abc"}).status_code == 415


def test_a_stale_portrait_is_412_and_leaves_no_file(as_, clerk):
    assert put(as_(clerk), picture(), HTTP_IF_MATCH='"1-0"').status_code == 412
    assert files() == 0


def test_a_guessed_address_shows_nothing(as_, clerk, client):
    put(as_(clerk), picture())
    name = User.objects.get(pk=clerk.pk).photo

    assert default_storage.exists(name)
    assert client.get(f"/media/{name}").status_code == 404
    assert client.get(f"/media/{name}?key=1.x").status_code == 404
