"""Pictures of products: putting them up, in order, and taking them down."""

from django.db import transaction
from django.db.models import Max

from boutique import images
from boutique.errors import Invalid, RuleError, line_error
from skus.models import Product, ProductImage

MOST_PICTURES = 20
LAST_POSITION = 32_767  # of its column; those who share it lie in the order they came


class EnoughPictures(RuleError):
    code = "too_many_pictures"
    title = "Enough pictures"


@transaction.atomic
def add(*, product, image, by, sku=None, alt="", position=None):
    """`image` is a `boutique.images.Picture`; the file is there before the row that names it."""
    Product.objects.editable_by(by).select_for_update(no_key=True).get(pk=product.pk)
    refuse_stranger(product, sku)
    pictures = ProductImage.objects.filter(product=product)
    if pictures.count() >= MOST_PICTURES:
        raise EnoughPictures(f"{product} has {MOST_PICTURES} pictures already. Delete one first.")
    if position is None:
        position = min((pictures.aggregate(last=Max("position"))["last"] or 0) + 1, LAST_POSITION)
    return ProductImage.objects.create(
        product=product,
        sku=sku,
        image=images.store(image, "products"),
        alt=alt,
        position=position,
        created_by=by,
        updated_by=by,
    )


@transaction.atomic
def change(*, picture, by, **fields):
    picture = picture.as_locked(ProductImage.objects.select_for_update().get(pk=picture.pk))
    refuse_stranger(picture.product, fields.get("sku"))
    for name, value in fields.items():
        setattr(picture, name, value)
    picture.updated_by = by
    picture.save()
    return picture


@transaction.atomic
def delete(*, picture, by):
    picture = picture.as_locked(ProductImage.objects.select_for_update().get(pk=picture.pk))
    picture.delete()
    images.discard(picture.image)


def refuse_stranger(product, sku):
    if sku is not None and sku.product_id != product.pk:
        text = f"{sku} is no SKU of {product}."
        raise Invalid(text, errors=[line_error("sku", "invalid", text)])
