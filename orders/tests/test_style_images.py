"""Style images: put up by juniors too, hidden when taken down, put back; and who may."""

import io

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from boutique.media import thumbnail_name
from boutique.models import DocumentEvent
from orders.models import StyleImage
from orders.services import ordering, picturing
from orders.tests.factories import ordered

pytestmark = pytest.mark.django_db


@pytest.fixture
def order(store, clerk):
    return ordered(store, by=clerk)


def a_photo(form="PNG"):
    buffer = io.BytesIO()
    Image.new("RGB", (60, 40), (180, 40, 90)).save(buffer, form)
    return SimpleUploadedFile(f"collar.{form.lower()}", buffer.getvalue(), f"image/{form.lower()}")


def put_up(client, order, image=None, **more):
    sent = {"order": order.pk, "image": image or a_photo(), "description": "Collar"} | more
    return client.post("style-images/", sent, format="multipart")


def shown(client, order, **more):
    return [row["id"] for row in client.get("style-images/", {"order": order.pk} | more).json()["results"]]


def story_of(order):
    events = DocumentEvent.objects.filter(document=order.number, kind__startswith="image").order_by("id")
    return list(events.values_list("kind", flat=True))


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_a_junior_puts_a_picture_up(form, as_, junior, order):
    answer = put_up(as_(junior), order, a_photo(form))

    made = answer.json()
    assert answer.status_code == 201, made
    assert (made["order"], made["order_number"], made["description"]) == (order.pk, order.number, "Collar")
    stored = StyleImage.objects.get().image
    assert f"/{stored}?key=" in made["image"]
    assert f"/{thumbnail_name(stored)}?key=" in made["thumbnail"]
    assert default_storage.exists(stored)
    assert default_storage.exists(thumbnail_name(stored))
    assert story_of(order) == ["image_added"]


def test_what_is_no_picture_is_not_kept(as_, junior, order):
    text = SimpleUploadedFile("x.png", b"<html></html>", "image/png")

    answer = put_up(as_(junior), order, text)

    assert (answer.status_code, [error["field"] for error in answer.json()["errors"]]) == (400, ["image"])
    assert not StyleImage.objects.exists()


def test_a_picture_that_was_taken_down_is_hidden_and_comes_back(as_, junior, manager, order):
    client = as_(junior)
    pk = put_up(client, order).json()["id"]

    assert client.delete(f"style-images/{pk}/").status_code == 204
    picture = StyleImage.objects.get()
    assert (picture.deleted_by, picture.deleted_at is None) == (junior, False)
    assert default_storage.exists(picture.image)
    assert shown(client, order) == []
    assert client.get(f"style-images/{pk}/").status_code == 404
    assert client.delete(f"style-images/{pk}/").status_code == 404
    assert shown(client, order, deleted="true") == shown(as_(manager), order, deleted="true") == [pk]

    back = client.post(f"style-images/{pk}/restore/", {})
    assert (back.status_code, back.json()["deleted_at"]) == (200, None)
    assert shown(client, order) == [pk]
    assert story_of(order) == ["image_added", "image_removed", "image_restored"]


@pytest.mark.parametrize("yes", ["true", "True", "TRUE", "1"])
def test_those_taken_down_are_asked_for_in_any_letters(yes, as_, junior, order):
    client = as_(junior)
    gone, there = (put_up(client, order).json()["id"] for _ in range(2))
    client.delete(f"style-images/{gone}/")

    assert shown(client, order, deleted=yes) == [gone]
    assert shown(client, order, deleted="False") == shown(client, order) == [there]
    assert client.get("style-images/", {"deleted": "perhaps"}).status_code == 400


def test_others_pictures_are_a_managers_to_take_down(as_, junior, clerk, manager, order):
    pk = put_up(as_(junior), order).json()["id"]

    assert as_(clerk).delete(f"style-images/{pk}/").status_code == 404
    assert as_(manager).delete(f"style-images/{pk}/").status_code == 204
    assert shown(as_(clerk), order, deleted="true") == []
    assert as_(clerk).post(f"style-images/{pk}/restore/", {}).status_code == 404
    assert shown(as_(junior), order, deleted="true") == [pk]


def test_pictures_of_other_places_are_not_there(as_, junior, owner, other_store):
    elsewhere = ordered(other_store, by=owner)
    pk = put_up(as_(owner), elsewhere).json()["id"]

    refused = put_up(as_(junior), elsewhere)
    assert (refused.status_code, [error["field"] for error in refused.json()["errors"]]) == (400, ["order"])
    assert as_(junior).get(f"style-images/{pk}/").status_code == 404
    assert shown(as_(junior), elsewhere) == []


def test_an_order_has_twenty_pictures_at_most(as_, junior, order):
    pictures = [
        StyleImage.objects.create(order=order, image=f"styles/{n}.webp", created_by=junior)
        for n in range(picturing.MOST_IMAGES)
    ]
    client = as_(junior)

    refused = put_up(client, order)
    assert (refused.status_code, refused.json()["code"]) == (409, "too_many_pictures")
    picturing.remove(image=pictures[0], by=junior)
    assert put_up(client, order).status_code == 201
    assert client.post(f"style-images/{pictures[0].pk}/restore/", {}).status_code == 409


def test_nobody_adds_to_an_order_of_somebody_erased(as_, owner, order):
    ordering.cancel(order=order, reason="x", by=owner)
    as_(owner).post(f"customers/{order.customer_id}/erase/", {})

    answer = put_up(as_(owner), order)

    assert (answer.status_code, answer.json()["code"]) == (409, "erased")
