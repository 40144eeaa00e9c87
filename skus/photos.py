"""Barcodes in a photo. A picture in, what stands in it out; no database."""

from skus import gtin

# An article's own symbologies. The text zxing gives is the whole number: UPC-E comes expanded to its UPC-A.
RETAIL = {"EAN-13", "EAN-8", "UPC-A", "UPC-E"}


def codes_in(photo):
    """Each value once, from the top down: as it is printed, with its symbology."""
    # By all who start the house, wanted by few: Pillow below, too.
    import zxingcpp

    kinds = (zxingcpp.BarcodeFormat.AllLinear, zxingcpp.BarcodeFormat.QRCode)
    found = []
    for look in (as_it_is, doubled, askew):
        if found := zxingcpp.read_barcodes(look(photo), formats=kinds):
            break
    found.sort(key=lambda one: (one.position.top_left.y, one.position.top_left.x, one.text))
    return dict(reversed([as_printed(one) for one in reversed(found) if one.text]))


def as_it_is(photo):
    return photo


def doubled(photo):
    """A label far away, whose bars are two or three pixels wide, is often read so."""
    from PIL import Image

    return photo.resize((photo.width * 2, photo.height * 2), Image.Resampling.BICUBIC)


def askew(photo):
    """zxing reads what stands upright or lies, and a little off; half way between, it has to be turned."""
    from PIL import Image

    return photo.rotate(45, Image.Resampling.BICUBIC, expand=True, fillcolor=255)


def as_printed(one):
    kind = str(one.format)
    if kind not in RETAIL:
        return one.text, kind
    value = gtin.normal_form(one.text)
    return gtin.printed(value), gtin.symbology(value)
