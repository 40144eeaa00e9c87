"""The workshop behind `boutique.images`: whatever is sent is decoded, shrunk and encoded anew, or refused.

Before Pillow sees a file it is cut down to its pixels and its colour profile: comments, EXIF blocks, text chunks and
whatever hides behind the end of the picture are never parsed, however many there are. Of the EXIF only the orientation
is read, here.
"""

import io
import math
import re
import struct
import threading
from functools import partial

from django.core.files.base import ContentFile
from PIL import Image, ImageCms
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.WebPImagePlugin import WebPImageFile

from boutique.images import BadPicture, Picture, TooManyBytes

MAX_BYTES = 10 * 1024 * 1024
MAX_PIXELS = 25_000_000
MAX_SCANS = 50  # an ordinary progressive JPEG has about 10; a kilobyte of further scans costs a second
MAX_SEGMENTS = 5000  # 10 MB of ordinary segments are 160
ENDLESS_PROFILE = b"mpet"  # a chain of sums of any length for each colour: 200 kB of it cost 20 seconds
LONGEST_SIDE, THUMBNAIL_SIDE = 2000, 320
READABLE_PIXELS = 4_000_000

Image.MAX_IMAGE_PIXELS = MAX_PIXELS  # for whoever else opens a picture here, from the first of ours on
one_at_a_time = threading.Lock()  # a large picture takes some 350 MB while it is decoded: never twice in one process


def accept(upload):
    """An uploaded file (or bytes) as a picture of ours, or `BadPicture`."""
    with one_at_a_time:
        picture = decoded(upload, partial(within, LONGEST_SIDE))
        small = scaled(picture, within(THUMBNAIL_SIDE, *picture.size))
        return Picture(encoded(picture), encoded(small), *picture.size)


def for_reading(upload):
    """The same door for a photo of a barcode, which is looked at and not kept: an image in shades of grey."""
    with one_at_a_time:
        picture = decoded(upload, readable)
        paper = Image.new("RGBA", picture.size, "white")
        return Image.alpha_composite(paper, picture.convert("RGBA")).convert("L")


# ------------------------------------------------------------------------------------------------ decoding


def decoded(upload, fit):
    """The picture upright, in sRGB, and no larger than `fit(width, height)`."""
    opener, pixels, exif = taken_apart(read(upload))
    try:
        picture = opener(io.BytesIO(pixels))
        if math.prod(picture.size) > MAX_PIXELS:
            raise too_many_pixels()
        profile, size = picture.info.get("icc_profile"), fit(*picture.size)
        picture.draft(None, size)
        picture.load()
        return upright(in_srgb(scaled(scalable(picture), size), profile), orientation(exif))
    except BadPicture:
        raise
    except Image.DecompressionBombError:
        raise too_many_pixels() from None
    except Exception as error:  # Pillow's decoders raise nearly everything, from SyntaxError to MemoryError
        raise damaged() from error


def read(upload):
    file = io.BytesIO(upload) if isinstance(upload, bytes) else upload
    file.seek(0)
    raw = file.read(MAX_BYTES + 1)
    if len(raw) > MAX_BYTES:
        raise TooManyBytes("This picture is larger than 10 MB. Send a smaller one.")
    if not raw:
        raise BadPicture("empty_file", "This file is empty. Choose the picture again.")
    return raw


def too_many_pixels():
    return BadPicture("too_many_pixels", "This picture has more than 25 megapixels. Send a smaller one.")


def damaged():
    return BadPicture("damaged_picture", "This picture is damaged or incomplete. Export it again, then send it.")


def animated():
    return BadPicture("animated_picture", "This picture moves. Send a still one.")


def within(side, width, height):
    return shrunk(width, height, side / max(width, height))


def readable(width, height):
    return shrunk(width, height, math.sqrt(READABLE_PIXELS / (width * height)))


def shrunk(width, height, factor):
    return (width, height) if factor >= 1 else (max(1, round(width * factor)), max(1, round(height * factor)))


def scaled(picture, size):
    if picture.size == size:
        return picture
    # First by whole steps: a filter across a picture a million pixels wide would eat all memory.
    steps = tuple(max(1, had // (2 * wanted)) for had, wanted in zip(picture.size, size, strict=True))
    if steps != (1, 1):
        picture = picture.reduce(steps)
    return picture.resize(size, Image.Resampling.LANCZOS)


def scalable(picture):
    """In a mode whose neighbouring pixels can be mixed."""
    if picture.mode == "I;16":
        return picture.point(lambda shade: shade / 256).convert("L")
    if picture.has_transparency_data:
        return picture if picture.mode == "RGBA" else picture.convert("RGBA")
    if picture.mode in ("1", "P"):
        return picture.convert("L" if picture.mode == "1" else "RGB")
    return picture


def in_srgb(picture, profile):
    mode = "RGBA" if picture.mode == "RGBA" else "RGB"
    if profile and ENDLESS_PROFILE not in profile:
        try:
            return ImageCms.profileToProfile(
                picture, io.BytesIO(profile), ImageCms.createProfile("sRGB"), outputMode=mode
            )
        except ImageCms.PyCMSError:
            pass  # a broken or foreign profile: the plain numbers are the best guess
    return picture.convert(mode)


TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def upright(picture, turn):
    return picture.transpose(TURNS[turn]) if turn in TURNS else picture


def orientation(exif):
    """Tag 0x0112 of the first directory; 1 (as it is) when the block is missing or broken."""
    block = exif.removeprefix(b"Exif\0\0")
    order = ">" if block.startswith(b"MM") else "<"
    try:
        (start,) = struct.unpack_from(f"{order}I", block, 4)
        (count,) = struct.unpack_from(f"{order}H", block, start)
        for at in range(start + 2, start + 2 + 12 * count, 12):
            tag, _, _, value = struct.unpack_from(f"{order}HHIH", block, at)
            if tag == 0x0112:
                return value
    except struct.error:
        pass  # half a block: nothing in it can be relied on
    return 1


def encoded(picture):
    buffer = io.BytesIO()
    picture.save(buffer, "WEBP", quality=82, method=4)
    return ContentFile(buffer.getvalue())


# ------------------------------------------------------------------------------------------------ taking files apart


def taken_apart(raw):
    """By its content, never by its name: who decodes it, the file without anything but pixels, and its EXIF block."""
    if raw.startswith(b"\xff\xd8\xff"):
        return JpegImageFile, *jpeg_parts(raw)
    if raw.startswith(b"\x89PNG\r\n\x1a\n"):
        return PngImageFile, *png_parts(raw)
    if raw.startswith(b"RIFF") and raw[8:12] == b"WEBP":
        return FrugalWebP, *webp_parts(raw)
    raise BadPicture("not_a_picture", "This file is not a picture we can read. Send a JPEG, PNG or WebP.")


class FrugalWebP(WebPImageFile):
    """Lets go of the decoder, which keeps two whole pictures, before Pillow makes the third and fourth."""

    def load_prepare(self):
        vars(self).pop("_decoder", None)
        super().load_prepare()


# Neither a zero byte nor a restart, which are part of the pixels.
JPEG_MARKER = re.compile(rb"\xff([\x01-\xcf\xd8-\xfe])")
TEMPORARY, START, END, SCAN, EXIF = 0x01, 0xD8, 0xD9, 0xDA, 0xE1
JPEG_TABLES = {*range(0xC0, 0xD0), 0xDB, 0xDD, SCAN} - {0xC8}
JPEG_NOTES = range(0xE0, 0xF0)
JPEG_COLOURS = (b"JFIF\0", b"ICC_PROFILE\0", b"Adobe")


def jpeg_parts(raw):
    kept, exif, scans, at = [b"\xff\xd8"], b"", 0, 2
    for _ in range(MAX_SEGMENTS):
        found = JPEG_MARKER.search(raw, at)
        if scans:
            kept.append(raw[at : found.start() if found else None])
        if not found:
            break
        kind, at = found[1][0], found.end()
        if kind == END and scans:
            kept.append(b"\xff\xd9")
            break
        if kind in (TEMPORARY, START, END):
            continue
        length = int.from_bytes(raw[at : at + 2])
        content, at = raw[at + 2 : at + length], at + max(length, 2)
        scans += kind == SCAN
        if scans > MAX_SCANS:
            raise damaged()
        if kind == EXIF and content.startswith(b"Exif\0\0"):
            exif = exif or content
        elif kind in JPEG_TABLES or (kind in JPEG_NOTES and content.startswith(JPEG_COLOURS)):
            kept.append(raw[found.start() : at])
    else:
        raise damaged()
    return b"".join(kept), exif


def png_parts(raw):
    kept, exif, profile, at = [raw[:8]], b"", b"", 8
    while at < len(raw):
        length, kind = int.from_bytes(raw[at : at + 4]), raw[at + 4 : at + 8]
        chunk, at = raw[at : at + 12 + length], at + 12 + length
        if kind == b"acTL":
            raise animated()
        if kind == b"eXIf":
            exif = exif or chunk[8:-4]
        elif kind == b"iCCP" and not profile:
            profile = chunk
            kept.append(chunk)
        elif kind in (b"IHDR", b"PLTE", b"tRNS", b"IEND") or (kind == b"IDAT" and length):
            kept.append(chunk)
        if kind == b"IEND":
            break
    return b"".join(kept), exif


def webp_parts(raw):
    kept, at = {}, 12
    end = min(len(raw), 8 + int.from_bytes(raw[4:8], "little"))
    while at < end:
        kind, length = raw[at : at + 4], int.from_bytes(raw[at + 4 : at + 8], "little")
        if kind in (b"ANIM", b"ANMF"):
            raise animated()
        if kind in (b"VP8X", b"ICCP", b"ALPH", b"VP8 ", b"VP8L", b"EXIF"):
            kept.setdefault(kind, raw[at : at + 8 + length + length % 2])
        at += 8 + length + length % 2
    exif = kept.pop(b"EXIF", b"")[8:]
    content = b"WEBP" + b"".join(kept.values())
    return b"RIFF" + len(content).to_bytes(4, "little") + content, exif
