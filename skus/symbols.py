"""Barcodes as pictures. python-barcode says which modules are dark; where they stand is said once, for SVG, PNG and
PDF. A value here is one in its normal form (skus.gtin).
"""

from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from itertools import groupby
from pathlib import Path
from xml.sax.saxutils import escape

from skus import gtin

# In modules. The text is 9 high: the digits of Code 128 have 5.5 modules each, and those of this font are 0.6 wide.
HEIGHT, GUARD, TEXT, GAP, EDGE = 60, 5, 9, 2, 3
# Two pixels of a screen (160 %) or four dots at 300 dpi (103 %) to a module: whole ones, so that no bar is blurred.
SCREEN_PIXELS, PNG_PIXELS, PNG_DPI = 2, 4, 300
QUIET = {"EAN-13": (11, 7), "UPC-A": (9, 9), "EAN-8": (7, 7), "Code 128": (10, 10)}
ENCODERS = {"EAN-13": "ean13", "UPC-A": "upca", "EAN-8": "ean8", "Code 128": "code128"}
# From which module to which the bars reach down between the digits.
GUARDS = {
    "EAN-13": [(0, 3), (45, 50), (92, 95)],
    "UPC-A": [(0, 10), (45, 50), (85, 95)],
    "EAN-8": [(0, 3), (31, 36), (64, 67)],
}
# Which digits stand around which module.
DIGITS = {
    "EAN-13": [(0, 1, -6), (1, 7, 24), (7, 13, 71)],
    "UPC-A": [(0, 1, -5), (1, 6, 27.5), (6, 11, 67.5), (11, 12, 100)],
    "EAN-8": [(0, 4, 17), (4, 8, 50)],
}


@dataclass(frozen=True)
class Symbol:
    """All in modules, from the first dark one."""

    width: int
    quiet: tuple  # white to the left and to the right
    bars: tuple  # (from, width, whether it reaches down)
    texts: tuple  # (text, around)
    is_free: bool  # in its size; EAN and UPC have a least one

    @property
    def room(self):
        return self.quiet[0] + self.width + self.quiet[1]


@lru_cache(maxsize=2048)
def symbol(value):
    import barcode  # it brings Pillow, and a start is not to wait for the two

    kind, text = gtin.symbology(value), gtin.printed(value)
    (modules,) = barcode.get_barcode_class(ENCODERS[kind])(text).build()
    bars, at = [], 0
    for shade, run in groupby(modules):
        width = len(list(run))
        if shade == "1":
            bars.append((at, width, any(start <= at < end for start, end in GUARDS.get(kind, ()))))
        at += width
    texts = [(text[start:end], around) for start, end, around in DIGITS.get(kind, [(0, None, at / 2)])]
    return Symbol(at, QUIET[kind], tuple(bars), tuple(texts), kind == "Code 128")


@lru_cache(maxsize=1024)
def svg(value):
    """Rendered once: the same value is the same bytes."""
    drawn, tall = symbol(value), EDGE + HEIGHT + GAP + TEXT + EDGE
    left = drawn.quiet[0]
    bars = "".join(f"M{left + at} {EDGE}h{width}v{reach(down)}h-{width}z" for at, width, down in drawn.bars)
    texts = "".join(f'<text x="{left + x:g}" y="{tall - EDGE - 1}">{escape(text)}</text>' for text, x in drawn.texts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{drawn.room * SCREEN_PIXELS}" height="{tall * SCREEN_PIXELS}"'
        f' viewBox="0 0 {drawn.room} {tall}"><path fill="#fff" d="M0 0h{drawn.room}v{tall}h-{drawn.room}z"/>'
        f'<path shape-rendering="crispEdges" d="{bars}"/>'
        f'<g font-family="DejaVu Sans Mono,Menlo,Consolas,monospace" font-size="{TEXT}" text-anchor="middle">'
        f"{texts}</g></svg>"
    ).encode()


@lru_cache(maxsize=1024)
def png(value):
    """Rendered once, and knows its size on paper."""
    import barcode
    from PIL import Image, ImageDraw, ImageFont

    drawn, tall = symbol(value), EDGE + HEIGHT + GAP + TEXT + EDGE
    image = Image.new("L", (drawn.room * PNG_PIXELS, tall * PNG_PIXELS), 255)
    pen, left, top = ImageDraw.Draw(image), drawn.quiet[0], EDGE * PNG_PIXELS
    for at, width, down in drawn.bars:
        start = (left + at) * PNG_PIXELS
        pen.rectangle((start, top, start + width * PNG_PIXELS - 1, top + reach(down) * PNG_PIXELS - 1), fill=0)
    face = Path(barcode.__file__).parent / "fonts" / "DejaVuSansMono.ttf"
    font = ImageFont.truetype(face, TEXT * PNG_PIXELS)
    for text, x in drawn.texts:
        pen.text(((left + x) * PNG_PIXELS, (tall - EDGE - 1) * PNG_PIXELS), text, font=font, fill=0, anchor="ms")
    content = BytesIO()
    image.save(content, "PNG", optimize=True, dpi=(PNG_DPI, PNG_DPI))
    return content.getvalue()


def reach(down):
    return HEIGHT + GUARD * down
