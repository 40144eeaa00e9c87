"""The one door for pictures: whatever is sent, only our own re-encoding of it stays (`boutique.pixels` makes it)."""

import uuid
from dataclasses import dataclass
from functools import partial

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from drf_spectacular.extensions import OpenApiSerializerFieldExtension
from rest_framework import serializers

from boutique.errors import RuleError
from boutique.media import thumbnail_name


class BadPicture(ValueError):
    """Not a picture we take. `code` is for programs, the message tells the person what to do."""

    def __init__(self, code, message):
        super().__init__(message)
        self.code = code


class TooManyBytes(RuleError):
    status = 413
    code = "too_large"
    title = "Too large"


@dataclass(frozen=True)
class Picture:
    main: ContentFile
    thumbnail: ContentFile
    width: int
    height: int


def accept(upload):
    """An uploaded file (or bytes) as a picture of ours, or `BadPicture`."""
    # Pillow is loaded with the first picture: a start is not to wait for it.
    from boutique import pixels

    return pixels.accept(upload)


def for_reading(upload):
    """The same door for a photo of a barcode, which is looked at and not kept: an image in shades of grey."""
    from boutique import pixels

    return pixels.for_reading(upload)


def store(picture, folder):
    """Puts the picture and its thumbnail away and returns the one name that a row keeps."""
    key = uuid.uuid4().hex
    name = default_storage.save(f"{folder}/{key[:2]}/{key}.webp", picture.main)
    try:
        default_storage.save(thumbnail_name(name), picture.thumbnail)
    except Exception:
        default_storage.delete(name)
        raise
    return name


def discard(name):
    """Forgets a picture once the transaction that no longer names it has committed."""
    for stored in [name, thumbnail_name(name)] if name else []:
        transaction.on_commit(partial(default_storage.delete, stored), robust=True)


# ------------------------------------------------------------------------------------------------ on the wire


def links(name, request):
    """Where a stored picture and its thumbnail are, or None."""
    if not name:
        return None
    urls = {"url": default_storage.url(name), "thumbnail": default_storage.url(thumbnail_name(name))}
    return {kind: request.build_absolute_uri(url) if request else url for kind, url in urls.items()}


class PictureField(serializers.Field):
    """In: an uploaded file, which becomes a `Picture`. Out: where the picture and its thumbnail are, or null."""

    default_error_messages = {"no_file": "No file was sent. Send the picture as multipart/form-data."}
    door = staticmethod(accept)

    def to_internal_value(self, data):
        if not isinstance(data, UploadedFile):
            self.fail("no_file")
        try:
            return self.door(data)
        except BadPicture as refusal:
            raise serializers.ValidationError(str(refusal), code=refusal.code) from refusal

    def to_representation(self, value):
        return links(value, self.context.get("request"))


class PhotoField(PictureField):
    """In: a photo of barcodes, which becomes an image in shades of grey."""

    door = staticmethod(for_reading)


class PictureFieldSchema(OpenApiSerializerFieldExtension):
    target_class = PictureField
    match_subclasses = True

    def map_serializer_field(self, auto_schema, direction):
        if direction == "request":
            return {"type": "string", "format": "binary", "description": "JPEG, PNG or WebP, 10 MB, 25 megapixels."}
        address = {"type": "string", "format": "uri", "description": "Valid for an hour; ask again for a new one."}
        return {
            "type": ["object", "null"],
            "required": ["url", "thumbnail"],
            "properties": {"url": address, "thumbnail": address},
            "readOnly": True,
        }
