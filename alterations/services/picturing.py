"""Photos of garments: putting them up, taking them down, putting them back."""

from django.db import transaction
from django.utils import timezone

from alterations.models import GarmentImage
from alterations.services.ticketing import both_locked
from boutique import images
from boutique.documents import note_down
from orders.services.customers import still_known
from orders.services.picturing import MOST_IMAGES, EnoughImages


@transaction.atomic
def add(*, garment, image, by, description=""):
    """`image` is a `boutique.images.Picture`; the file is there before the row that names it."""
    ticket, garment = both_locked(garment)
    still_known(ticket.customer)
    refuse_more(garment)
    made = GarmentImage.objects.create(
        garment=garment,
        image=images.store(image, "alterations"),
        description=description,
        created_by=by,
        updated_by=by,
    )
    note_down(garment, by, kind="image_added", changes={"image": made.pk})
    return made


@transaction.atomic
def remove(*, image, by):
    """Hidden from now on. The file stays, so that it can be put back."""
    garment, image = locked(image)
    if image.deleted_at is None:
        image.deleted_at, image.deleted_by, image.updated_by = timezone.now(), by, by
        image.save()
        note_down(garment, by, kind="image_removed", changes={"image": image.pk})
    return image


@transaction.atomic
def restore(*, image, by):
    garment, image = locked(image)
    if image.deleted_at is not None:
        still_known(garment.ticket.customer)
        refuse_more(garment)
        image.deleted_at, image.deleted_by, image.updated_by = None, None, by
        image.save()
        note_down(garment, by, kind="image_restored", changes={"image": image.pk})
    return image


def locked(image):
    _ticket, garment = both_locked(image.garment)
    return garment, image.as_locked(GarmentImage.objects.select_for_update(no_key=True).get(pk=image.pk))


def refuse_more(garment):
    if garment.images.current().count() >= MOST_IMAGES:
        raise EnoughImages(f"{garment.number} has {MOST_IMAGES} photos already. Delete one first.")
