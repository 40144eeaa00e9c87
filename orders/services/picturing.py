"""Style images of orders: putting them up, taking them down, putting them back."""

from django.db import transaction
from django.utils import timezone

from boutique import images
from boutique.documents import locked_again, note_down
from boutique.errors import RuleError
from orders.models import StyleImage
from orders.services.customers import still_known

MOST_IMAGES = 20


class EnoughImages(RuleError):
    code = "too_many_pictures"
    title = "Enough pictures"


@transaction.atomic
def add(*, order, image, by, description=""):
    """`image` is a `boutique.images.Picture`; the file is there before the row that names it."""
    order = locked_again(order)
    still_known(order.customer)
    refuse_more(order)
    made = StyleImage.objects.create(
        order=order, image=images.store(image, "styles"), description=description, created_by=by, updated_by=by
    )
    note_down(order, by, kind="image_added", changes={"image": made.pk})
    return made


@transaction.atomic
def remove(*, image, by):
    """Hidden from now on. The file stays, so that it can be put back."""
    order, image = both_locked(image)
    if image.deleted_at is None:
        image.deleted_at, image.deleted_by, image.updated_by = timezone.now(), by, by
        image.save()
        note_down(order, by, kind="image_removed", changes={"image": image.pk})
    return image


@transaction.atomic
def restore(*, image, by):
    order, image = both_locked(image)
    if image.deleted_at is not None:
        still_known(order.customer)
        refuse_more(order)
        image.deleted_at, image.deleted_by, image.updated_by = None, None, by
        image.save()
        note_down(order, by, kind="image_restored", changes={"image": image.pk})
    return image


def both_locked(image):
    """The order first, as everywhere."""
    order = locked_again(image.order)
    return order, image.as_locked(StyleImage.objects.select_for_update(no_key=True).get(pk=image.pk))


def refuse_more(order):
    if order.images.current().count() >= MOST_IMAGES:
        raise EnoughImages(f"{order.number} has {MOST_IMAGES} style images already. Delete one first.")
