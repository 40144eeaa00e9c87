import contextlib
import io
import random
import struct
import subprocess
import sys
import zlib

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, ImageCms, ImageOps, PngImagePlugin
from rest_framework import serializers

from boutique import images, pixels
from boutique.errors import StorageFull

RED, BLUE, WHITE = (220, 20, 20), (20, 20, 220), (255, 255, 255)


def file_of(picture, form, **options):
    buffer = io.BytesIO()
    picture.save(buffer, form, **options)
    return buffer.getvalue()


def dress(size=(400, 300), mode="RGB"):
    """Red above, blue below: which way is up can be seen."""
    picture = Image.new("RGB", size, RED)
    picture.paste(BLUE, (0, size[1] // 2, *size))
    return picture.convert(mode)


def opened(stored):
    return Image.open(io.BytesIO(stored.read()))


def shown(raw):
    return opened(images.accept(raw).main)


def is_near(pixel, colour, by=30):
    return all(abs(one - other) <= by for one, other in zip(pixel[:3], colour, strict=True))


def swapped_profile():
    """A colour profile in which red is blue and blue is red."""
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return srgb.replace(b"rXYZ", b"tXYZ").replace(b"bXYZ", b"rXYZ").replace(b"tXYZ", b"bXYZ")


def png_chunk(kind, content):
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png_of(width, height, *, before=b"", pixels=None, kind=0, bits=1):
    header = struct.pack(">IIBBBBB", width, height, bits, kind, 0, 0, 0)
    lines = zlib.compress(b"\0" * ((width * bits + 7) // 8 + 1) * height) if pixels is None else pixels
    parts = png_chunk(b"IHDR", header), before, png_chunk(b"IDAT", lines), png_chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def jpeg_segment(marker, content):
    return bytes([0xFF, marker]) + struct.pack(">H", len(content) + 2) + content


def with_segments(jpeg, segments):
    return jpeg[:2] + segments + jpeg[2:]


def exif_of(**tags):
    exif = Image.Exif()
    for tag, value in tags.items():
        exif[int(tag[1:], 16)] = value
    return exif


# ------------------------------------------------------------------------------------------------ what comes out


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_a_picture_becomes_our_own_webp_of_bounded_size_with_a_thumbnail(form):
    picture = images.accept(file_of(dress((3000, 1500)), form))

    main, thumbnail = opened(picture.main), opened(picture.thumbnail)
    assert (main.format, main.size) == ("WEBP", (2000, 1000)) == ("WEBP", (picture.width, picture.height))
    assert (thumbnail.format, thumbnail.size) == ("WEBP", (320, 160))
    assert is_near(main.getpixel((1000, 100)), RED)
    assert is_near(main.getpixel((1000, 900)), BLUE)


def test_a_small_picture_is_not_blown_up():
    picture = images.accept(file_of(dress((1, 1)), "PNG"))

    assert (picture.width, picture.height) == (1, 1)
    assert opened(picture.thumbnail).size == (1, 1)


@pytest.mark.parametrize("size", [(20_000_000, 1), (1, 20_000_000)])
def test_a_picture_like_a_thread_stays_a_picture(size):
    picture = images.accept(png_of(*size))

    assert sorted([picture.width, picture.height]) == [1, 2000]


def test_nothing_of_the_file_but_its_pixels_is_kept():
    exif = exif_of(x010E="SECRET exif", x0112=1)
    text = PngImagePlugin.PngInfo()
    text.add_text("Comment", "SECRET text")
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes() + b"SECRET profile"
    more = {"exif": exif, "icc_profile": profile}
    files = [
        file_of(dress(), "JPEG", comment=b"SECRET comment", **more) + b"<script>SECRET tail</script>",
        file_of(dress(), "PNG", pnginfo=text, **more) + b"PK\x03\x04SECRET tail",
        file_of(dress(), "WEBP", xmp=b"SECRET xmp", **more) + b"SECRET tail",
    ]

    for raw in files:
        assert b"SECRET" in raw
        picture = images.accept(raw)
        for kept in (picture.main.read(), picture.thumbnail.read()):
            assert b"SECRET" not in kept
            assert not any(kind in kept for kind in (b"EXIF", b"ICCP", b"XMP "))


@pytest.mark.parametrize("turn", range(1, 9))
@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_a_picture_stands_as_its_camera_held_it(form, turn):
    raw = file_of(dress((40, 20)), form, exif=exif_of(x0112=turn))

    upright = ImageOps.exif_transpose(Image.open(io.BytesIO(raw))).convert("RGB")
    ours = shown(raw)
    assert ours.size == upright.size
    for at in [(2, 2), (2, -3), (-3, 2), (-3, -3)]:
        at = at[0] % ours.width, at[1] % ours.height
        assert is_near(ours.getpixel(at), upright.getpixel(at), by=50)


@pytest.mark.parametrize("exif", [b"", b"Exif\0\0", b"Exif\0\0II*\0\xff\xff\xff\xff", b"MM\0*\0\0\0\x08\xff\xff"])
def test_a_broken_exif_block_turns_nothing(exif):
    assert pixels.orientation(exif) == 1


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_a_colour_profile_is_applied(form):
    picture = shown(file_of(Image.new("RGB", (50, 50), RED), form, icc_profile=swapped_profile()))

    assert is_near(picture.getpixel((25, 25)), BLUE, by=60)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("profile", [b"x" * 500, ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()])
def test_a_broken_or_foreign_profile_is_ignored(form, profile):
    picture = shown(file_of(Image.new("RGB", (50, 50), RED), form, icc_profile=profile))

    assert is_near(picture.getpixel((25, 25)), RED)


def test_a_profile_applies_to_a_picture_with_see_through_parts():
    picture = shown(file_of(Image.new("RGBA", (50, 50), (*RED, 128)), "PNG", icc_profile=swapped_profile()))

    assert is_near(picture.getpixel((25, 25)), BLUE, by=60)
    assert abs(picture.getpixel((25, 25))[3] - 128) < 10


@pytest.mark.parametrize("progressive", [False, True])
def test_a_print_shops_cmyk_jpeg_keeps_its_colours(progressive):
    picture = shown(file_of(dress(mode="CMYK"), "JPEG", progressive=progressive))

    assert picture.mode == "RGB"
    assert is_near(picture.getpixel((200, 50)), RED)


def test_sixteen_bits_of_grey_are_scaled_and_not_cut_off():
    picture = shown(file_of(Image.new("I;16", (50, 50), 128 * 256), "PNG"))

    assert is_near(picture.getpixel((25, 25)), (128, 128, 128), by=3)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA"])
def test_every_kind_of_png_is_taken(mode):
    assert shown(file_of(dress((2500, 500), mode), "PNG")).size == (2000, 400)


def test_see_through_parts_stay_see_through():
    palette = dress().quantize(4)
    palette.info["transparency"] = palette.getpixel((5, 5))
    alpha = dress(mode="RGBA")
    alpha.paste((0, 0, 0, 0), (0, 0, 400, 150))

    for picture in (palette, alpha):
        seen = shown(file_of(picture, "PNG"))
        assert seen.mode == "RGBA"
        assert seen.getpixel((200, 50))[3] == 0
        assert seen.getpixel((200, 250))[3] == 255
        assert is_near(seen.getpixel((200, 250)), BLUE)


def test_the_name_and_the_declared_type_of_an_upload_do_not_count():
    upload = SimpleUploadedFile("../../evil.svg", file_of(dress(), "JPEG"), content_type="image/svg+xml")
    upload.read()  # somebody looked at it before

    assert images.accept(upload).width == 400


def test_a_photo_that_carries_another_behind_it_is_taken():
    """As telephones do for depth and brightness."""
    raw = file_of(dress(), "MPO", save_all=True, append_images=[Image.new("RGB", (200, 150), WHITE)])

    picture = shown(raw)

    assert picture.size == (400, 300)
    assert is_near(picture.getpixel((200, 50)), RED)


def test_a_photo_for_reading_is_grey_opaque_and_at_most_four_megapixels():
    label = Image.new("RGBA", (4000, 2000), (0, 0, 0, 0))
    label.paste((0, 0, 0, 255), (0, 0, 2000, 2000))

    photo = images.for_reading(file_of(label, "PNG"))

    assert photo.mode == "L"
    assert photo.width * photo.height <= pixels.READABLE_PIXELS * 1.01
    assert photo.width == photo.height * 2
    assert [photo.getpixel((photo.width // 4, 9)), photo.getpixel((photo.width - 9, 9))] == [0, 255]


# ------------------------------------------------------------------------------------------------ what is refused

JPEG = file_of(dress((64, 64)), "JPEG")
PNG = file_of(dress((64, 64)), "PNG")
WEBP = file_of(dress((64, 64)), "WEBP")
HUGE_JPEG = JPEG.replace(b"\x00\x40\x00\x40", b"\xea\x60\xea\x60")
HUGE_WEBP = WEBP.replace(b"\x9d\x01\x2a\x40\x00\x40\x00", b"\x9d\x01\x2a\xff\x3f\xff\x3f")


def moving(form):
    return file_of(dress(), form, save_all=True, append_images=[dress().rotate(90), dress().rotate(180)])


REFUSED = {
    "nothing": (b"", "empty_file"),
    "text": (b"this is no picture", "not_a_picture"),
    "svg": (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "not_a_picture"),
    "html": (b"<html><script>alert(1)</script>", "not_a_picture"),
    "pdf": (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "not_a_picture"),
    "gif": (file_of(dress(mode="P"), "GIF"), "not_a_picture"),
    "tiff": (file_of(dress(), "TIFF"), "not_a_picture"),
    "bmp": (file_of(dress(), "BMP"), "not_a_picture"),
    "avif": (file_of(dress(), "AVIF"), "not_a_picture"),
    "moving png": (moving("PNG"), "animated_picture"),
    "moving webp": (moving("WEBP"), "animated_picture"),
    "half a jpeg": (JPEG[: len(JPEG) // 2], "damaged_picture"),
    "half a png": (PNG[: len(PNG) // 2], "damaged_picture"),
    "half a webp": (WEBP[: len(WEBP) // 2], "damaged_picture"),
    "start of a jpeg": (JPEG[:3], "damaged_picture"),
    "start of a png": (PNG[:8], "damaged_picture"),
    "start of a webp": (WEBP[:12], "damaged_picture"),
    "jpeg without pixels": (JPEG[:2] + b"\xff\xd9", "damaged_picture"),
    "png with a wrong sum": (PNG[:20] + b"\x99" + PNG[21:], "damaged_picture"),
    "noise called png": (PNG[:8] + bytes(range(256)) * 40, "damaged_picture"),
    "noise called jpeg": (JPEG[:3] + bytes(range(256)) * 40, "damaged_picture"),
    "svg after a png's start": (PNG[:8] + b"<svg onload='alert(1)'/>", "damaged_picture"),
    "25.1 megapixels": (png_of(5020, 5000), "too_many_pixels"),
    "42 megapixels in a few bytes": (png_of(7000, 6000), "too_many_pixels"),
    "png as wide as can be said": (png_of(2**31 - 1, 2**31 - 1, pixels=b""), "too_many_pixels"),
    "jpeg of 3,600 megapixels": (HUGE_JPEG, "too_many_pixels"),
    "webp of 268 megapixels": (HUGE_WEBP, "too_many_pixels"),
    "png of no width": (png_of(0, 10), "damaged_picture"),
    "colour profile that unpacks to 100 MB": (
        png_of(9, 9, before=png_chunk(b"iCCP", b"x\0\0" + zlib.compress(bytes(100_000_000)))),
        "damaged_picture",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_bad_file_is_refused_with_a_code(case):
    raw, code = REFUSED[case]

    with pytest.raises(images.BadPicture) as refusal:
        images.accept(raw)

    assert refusal.value.code == code
    assert str(refusal.value).endswith(".")


def test_exactly_25_megapixels_are_taken():
    assert images.accept(png_of(5000, 5000)).width == 2000


def test_a_pixel_count_is_judged_before_anything_is_decoded(monkeypatch):
    def decoded(*args):
        raise AssertionError("decoded")

    monkeypatch.setattr(pixels.PngImageFile, "load", decoded)
    with pytest.raises(images.BadPicture, match="megapixels"):
        images.accept(png_of(7000, 6000))


def test_more_than_ten_megabytes_are_too_large():
    with pytest.raises(images.TooManyBytes) as refusal:
        images.accept(PNG + b"0" * pixels.MAX_BYTES)

    assert (refusal.value.status, refusal.value.code) == (413, "too_large")


def test_endless_scans_are_refused():
    raw = file_of(dress(), "JPEG", progressive=True)
    last = raw[raw.rfind(b"\xff\xda") : -2]

    with pytest.raises(images.BadPicture):
        images.accept(raw[:-2] + last * pixels.MAX_SCANS + raw[-2:])


def test_endless_segments_are_refused():
    with pytest.raises(images.BadPicture):
        images.accept(with_segments(JPEG, jpeg_segment(0xFE, b"") * pixels.MAX_SEGMENTS))


def test_a_profile_that_computes_without_end_is_not_applied():
    picture = shown(file_of(Image.new("RGB", (50, 50), RED), "JPEG", icc_profile=swapped_profile() + b"mpet"))

    assert is_near(picture.getpixel((25, 25)), RED)


def test_floods_of_what_we_do_not_read_never_reach_pillow():
    profile = png_chunk(b"iCCP", b"x\0\0" + zlib.compress(bytes(1_000_000)))
    flood = png_chunk(b"zTXt", b"x\0\0") + png_chunk(b"iTXt", b"x") + png_chunk(b"prVt", b"") + profile
    raw = png_of(9, 9, before=flood * 500)
    kept, _ = pixels.png_parts(raw)
    assert len(kept) < len(png_of(9, 9)) + len(profile) + 1

    exif = jpeg_segment(0xE1, b"Exif\0\0SECRET")
    flood = jpeg_segment(0xFE, b"SECRET") + exif + b"\xff" + jpeg_segment(0xF0, b"Adobe" + exif)
    raw = with_segments(JPEG, flood * 500)
    kept, exif = pixels.jpeg_parts(raw)
    assert kept == JPEG
    assert exif == b"Exif\0\0SECRET"

    raw = WEBP + b"ICCP\0\0\0\0" * 500 + b"EXIF\x02\0\0\0II" * 500
    raw = raw[:4] + struct.pack("<I", len(raw) - 8) + raw[8:]
    kept, exif = pixels.webp_parts(raw)
    assert len(kept) == len(WEBP) + 8
    assert exif == b"II"


def test_a_second_picture_behind_the_first_is_not_looked_at():
    assert pixels.jpeg_parts(JPEG + JPEG)[0] == JPEG
    assert pixels.png_parts(PNG + PNG)[0].endswith(b"IEND\xaeB`\x82")
    assert len(pixels.png_parts(PNG + PNG)[0]) <= len(PNG)


@pytest.mark.parametrize("raw", [JPEG, PNG, WEBP, file_of(dress((64, 64)), "JPEG", progressive=True)])
def test_damage_anywhere_leads_to_a_picture_or_a_refusal(raw):
    dice = random.Random(raw[:3])  # noqa: S311 (damage, not a secret)
    for _ in range(150):
        damaged = bytearray(raw)
        for _ in range(dice.randint(1, 8)):
            damaged[dice.randrange(len(raw))] = dice.randrange(256)
        if dice.random() < 0.3:
            del damaged[dice.randrange(len(raw)) :]
        with contextlib.suppress(images.BadPicture):  # as good an answer as a picture
            assert images.accept(bytes(damaged)).width


# ------------------------------------------------------------------------------------------------ memory

MEASURE = """
import resource, sys
from pathlib import Path
import django
django.setup()
from boutique import images

def peak():
    status = Path("/proc/self/status")
    if status.exists():  # getrusage would count what our parent had when it started us
        return int(status.read_text().partition("VmHWM:")[2].split()[0]) // 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024**2

before = peak()
picture = images.accept(Path(sys.argv[1]).read_bytes())
assert max(picture.width, picture.height) == 2000
print(peak() - before)
"""


def largest(form):
    shades = Image.linear_gradient("L").resize((5000, 5000))
    glass = Image.new("L", shades.size, 200)
    if form == "JPEG":
        return file_of(Image.merge("CMYK", [shades] * 4), "JPEG", progressive=True, quality=30)
    if form == "PNG":
        return file_of(Image.merge("RGBA", [shades] * 4), "PNG", compress_level=1)
    if form == "WEBP":
        return file_of(Image.merge("RGBA", [*[shades] * 3, glass]), "WEBP", method=0, quality=10)
    return png_of(25_000_000, 1)


# A worker has about 110 MB before and must stay below 512.
@pytest.mark.parametrize(("form", "megabytes"), [("JPEG", 270), ("PNG", 300), ("WEBP", 350), ("thread", 150)])
def test_25_megapixels_are_decoded_in_bounded_memory(form, megabytes, tmp_path):
    path = tmp_path / "largest"
    path.write_bytes(largest(form))

    done = subprocess.run(  # noqa: S603 (our own interpreter and file)
        [sys.executable, "-c", MEASURE, str(path)],
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert int(done.stdout) < megabytes


def test_one_process_decodes_one_picture_at_a_time(monkeypatch):
    held = []
    decoded = pixels.decoded
    monkeypatch.setattr(pixels, "decoded", lambda *args: held.append(pixels.one_at_a_time.locked()) or decoded(*args))

    images.accept(PNG)
    images.for_reading(PNG)

    assert held == [True, True]
    assert not pixels.one_at_a_time.locked()


def test_a_refusal_does_not_keep_the_next_picture_waiting():
    with pytest.raises(images.BadPicture):
        images.accept(b"no picture")

    assert not pixels.one_at_a_time.locked()


# ------------------------------------------------------------------------------------------------ kept and forgotten


@pytest.fixture
def media(settings):
    return settings.MEDIA_ROOT


def stored_files(media):
    return sorted(str(path.relative_to(media)) for path in media.rglob("*") if path.is_file())


def test_a_picture_is_stored_under_a_name_of_ours_with_its_thumbnail(media):
    name = images.store(images.accept(PNG), "people")

    assert stored_files(media) == sorted([name, images.thumbnail_name(name)])
    folder, shard, file = name.split("/")
    assert (folder, shard) == ("people", file[:2])
    assert len(file) == len("0123456789abcdef0123456789abcdef.webp")


def test_a_picture_is_stored_whole_or_not_at_all(media, monkeypatch):
    def no_room(self):
        raise OSError(28, "No space left on device")
        yield

    picture = images.accept(PNG)
    monkeypatch.setattr(picture.thumbnail, "chunks", no_room.__get__(picture.thumbnail))

    with pytest.raises(StorageFull):
        images.store(picture, "people")

    assert stored_files(media) == []


@pytest.mark.django_db
def test_a_picture_is_forgotten_when_the_transaction_has_committed(media, django_capture_on_commit_callbacks):
    name = images.store(images.accept(PNG), "people")

    with django_capture_on_commit_callbacks() as after_commit:
        images.discard(name)
        assert len(stored_files(media)) == 2
    for callback in after_commit:
        callback()

    assert stored_files(media) == []


@pytest.mark.django_db
def test_forgetting_no_picture_does_nothing(media, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks() as after_commit:
        images.discard("")

    assert after_commit == []


class Photo(serializers.Serializer):
    photo = images.PictureField()


def test_the_field_turns_an_upload_into_a_picture():
    photo = Photo(data={"photo": SimpleUploadedFile("x.png", PNG)})

    assert photo.is_valid(), photo.errors
    assert photo.validated_data["photo"].width == 64


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        ("x.png", "no_file"),
        ("data:image/png;base64,iVBORw0KGgo=", "no_file"),
        (["x"], "no_file"),
        (ContentFile(PNG), "no_file"),
        (SimpleUploadedFile("x.png", b""), "empty_file"),
        (SimpleUploadedFile("x.png", b"<svg/>", "image/png"), "not_a_picture"),
        (None, "null"),
    ],
)
def test_the_field_refuses_what_is_no_picture(sent, code):
    photo = Photo(data={"photo": sent})

    assert not photo.is_valid()
    assert [error.code for error in photo.errors["photo"]] == [code]


def test_the_field_shows_where_picture_and_thumbnail_are(rf):
    shown = Photo({"photo": "people/ab/abc.webp"}, context={"request": rf.get("/")}).data["photo"]

    assert shown["url"].startswith("http://testserver/media/people/ab/abc.webp?key=")
    assert shown["thumbnail"].startswith("http://testserver/media/people/ab/abc.thumb.webp?key=")


def test_the_field_shows_plain_paths_outside_of_a_request():
    assert Photo({"photo": "a.webp"}).data["photo"]["url"].startswith("/media/a.webp?key=")


@pytest.mark.parametrize("nothing", ["", None])
def test_the_field_shows_null_where_there_is_no_picture(nothing):
    assert Photo({"photo": nothing}).data == {"photo": None}


def test_limits_of_this_process_are_known_to_pillow():
    assert Image.MAX_IMAGE_PIXELS == pixels.MAX_PIXELS
