"""Label sheets as PDF: what hangs on the clothes, and what a scanner reads.

The bars are drawn as areas, never as a picture, in modules of a whole number of dots: those of 600 dpi for the sheets
of a laser printer, of 300 dpi for a roll of thermal paper. What cannot be drawn wide enough is refused.
"""

from dataclasses import dataclass
from io import BytesIO

from django.conf import settings

from boutique.errors import RuleError, line_error
from boutique.tables import paper
from skus import lettering, symbols
from skus.ink import Ink

MOST_ITEMS, MOST_LABELS = 500, 2000
MM = 72 / 25.4
DOT = 25.4 / 600
LEADING = 1.18
GREY = 0.35
# Under 0.25 mm ordinary scanners give up; EAN and UPC are to be no smaller than 80 %, 0.264 mm.
NARROWEST, NARROWEST_RETAIL = 0.25, 0.264


class LabelTooSmall(RuleError):
    code = "label_too_small"
    title = "Does not fit on this label"


@dataclass(frozen=True)
class Layout:
    """Millimetres; sizes of letters in points."""

    page: tuple
    label: tuple
    columns: int = 1
    rows: int = 1
    first: tuple = (0, 0)  # where the first label begins, from the left and from above
    step: tuple = (0, 0)  # from one label to the next
    padding: tuple = (5, 4)
    clear: float = 1  # white beside the quiet zones, for what the printer shifts
    modules: tuple = ()  # from the widest to the narrowest
    name: tuple = (10, 7.5)  # on one line, down to; below that on two
    small: float = 8
    variant_lines: int = 2
    price: float = 11
    bars: float = 12  # at most

    @property
    def per_page(self):
        return self.columns * self.rows

    def module_for(self, symbol):
        """The width of a module with which the symbol fits, or None."""
        least = NARROWEST if symbol.is_free else NARROWEST_RETAIL
        room = self.label[0] - 2 * self.clear
        return next((width for width in self.modules if width >= least and symbol.room * width <= room), None)


A4 = (210, 297)
LAYOUTS = {
    "a4_3x8": Layout(
        A4, (70, 37), 3, 8, first=(0, 0.5), step=(70, 37), clear=2, modules=(8 * DOT, 7 * DOT, 6 * DOT)
    ),
    "a4_5x13": Layout(
        A4, (38.1, 21.2), 5, 13, first=(4.75, 10.7), step=(40.6, 21.2), padding=(2.2, 1.6),
        modules=(8 * DOT, 7 * DOT, 6 * DOT), name=(7, 5.5), small=5.5, variant_lines=1, price=7.5, bars=8.5,
    ),
    "roll_62mm": Layout(
        (62, 29), (62, 29), padding=(4, 2.6), clear=2, modules=(8 * DOT, 6 * DOT),
        name=(9.5, 7), small=7, price=10, bars=11,
    ),
}  # fmt: skip


def sheet(items, layout, start=1):
    """The PDF. `items`: SKUs with product and `primary_value`, and how many labels of each; `start`: the first label
    of a sheet that is still free."""
    refuse_unscannable(items, layout)
    with paper.one_at_a_time:
        paper.use_fonts()
        return Sheet(LAYOUTS[layout], start).drawn(items)


def refuse_unscannable(items, layout):
    """All of them in one answer, each with the layouts that would do."""
    found = {}
    for index, (sku, _) in enumerate(items):
        if not sku.primary_value:
            found[index] = sku, f"{sku.code} has no barcode. Give it one first."
        elif LAYOUTS[layout].module_for(symbols.symbol(sku.primary_value)) is None:
            found[index] = sku, too_long(sku, layout)
    if found:
        texts = list(dict.fromkeys(text for _, text in found.values()))
        more = f" {len(texts) - 1} more: see errors." if len(texts) > 1 else ""
        errors = [
            line_error(f"items.{index}.sku", LabelTooSmall.code, text, sku=sku.pk, layouts=fitting(sku))
            for index, (sku, text) in found.items()
        ]
        raise LabelTooSmall(texts[0] + more, errors=errors)


def fitting(sku):
    if not sku.primary_value:
        return []
    symbol = symbols.symbol(sku.primary_value)
    return [name for name, layout in LAYOUTS.items() if layout.module_for(symbol)]


def too_long(sku, layout):
    problem = f"The barcode of {sku.code} is too long for {layout}: no scanner could read it."
    if others := fitting(sku):
        return f"{problem} Print it on {' or '.join(others)}."
    return f"{problem} It is too long for every label: make a shorter barcode its primary one."


def price_of(sku):
    per = " / m" if sku.product.unit == "metre" else ""
    return f"{sku.effective_price:,.2f} {settings.BOUTIQUE_CURRENCY}{per}"


class Sheet(Ink):
    def __init__(self, layout, start):
        from reportlab.pdfgen.canvas import Canvas

        self.layout, self.place = layout, start - 1
        self.buffer = BytesIO()
        self.canvas = Canvas(self.buffer, pagesize=[side * MM for side in layout.page], invariant=1)
        self.canvas.setTitle("Labels")
        self.room = (layout.label[0] - 2 * layout.padding[0]) * MM

    def drawn(self, items):
        for number, (sku, copies) in enumerate(items):
            # Drawn once as a form, however many copies are asked for.
            self.canvas.beginForm(f"label{number}", 0, 0, *(side * MM for side in self.layout.label))
            self.draw_label(sku)
            self.canvas.endForm()
            for _ in range(copies):
                self.put(f"label{number}")
        self.canvas.showPage()
        self.canvas.save()
        return self.buffer.getvalue()

    def put(self, form):
        if self.place == self.layout.per_page:
            self.canvas.showPage()
            self.place = 0
        row, column = divmod(self.place, self.layout.columns)
        x = self.layout.first[0] + column * self.layout.step[0]
        below = self.layout.page[1] - self.layout.first[1] - row * self.layout.step[1] - self.layout.label[1]
        self.canvas.saveState()
        self.canvas.translate(x * MM, below * MM)
        self.canvas.doForm(form)
        self.canvas.restoreState()
        self.place += 1

    # Within a label: points, from its lower left corner.

    def draw_label(self, sku):
        y = (self.layout.label[1] - self.layout.padding[1]) * MM
        y = self.draw_name(sku, y)
        y = self.draw_variant_and_price(sku, y)
        self.draw_symbol(symbols.symbol(sku.primary_value), y)

    def draw_name(self, sku, y):
        largest, smallest = self.layout.name
        # A name in a script that the font does not know leaves the code, which it always knows.
        text = settable(sku.product.name, paper.BOLD) or sku.code
        size = shrunk(text, paper.BOLD, largest, smallest, self.room)
        lines = lines_of(text, paper.BOLD, size, self.room, most=2)
        for number, line in enumerate(lines):
            self.draw_text(line, self.layout.padding[0] * MM, y - size * (1 + number * LEADING), paper.BOLD, size)
        return y - size * (1 + (len(lines) - 1) * LEADING)

    def draw_variant_and_price(self, sku, y):
        left = self.layout.padding[0] * MM
        price, size = price_of(sku), self.layout.price
        size = shrunk(price, paper.BOLD, size, size / 2, self.room * 0.6)
        taken = paper.width(price, paper.BOLD, size)
        y -= size * LEADING
        self.draw_text(price, left + self.room - taken, y, paper.BOLD, size)

        parts = (settable(part, paper.REGULAR) for part in (sku.size, sku.colour, sku.style))
        variant = " · ".join(part for part in parts if part)
        free, small = self.room - taken - self.layout.small, self.layout.small
        small = shrunk(variant, paper.REGULAR, small, small * 0.8, free)
        self.canvas.setFillGray(GREY)
        lines = lines_of(variant, paper.REGULAR, small, free, most=self.layout.variant_lines)
        for number, line in enumerate(lines):
            # The size stands first, also before a Hebrew colour.
            self.draw_text(line, left, y - number * small * LEADING, paper.REGULAR, small, from_left=True)
        self.canvas.setFillGray(0)
        return y - max(0, len(lines) - 1) * small * LEADING

    def draw_text(self, line, x, y, font, size, **direction):
        self.canvas.setFont(font, size)
        self.canvas.drawString(x, y, lettering.as_read(line, **direction))

    def draw_symbol(self, symbol, y):
        module = self.layout.module_for(symbol) * MM
        bottom = self.layout.padding[1] * MM
        size = min(symbols.TEXT * module, self.layout.small * 1.1)
        foot = bottom + size
        top = min(y - self.layout.small * 0.6, foot + self.layout.bars * MM)
        # Around the middle with its quiet zones, which are not equally wide.
        left = (self.layout.label[0] * MM - symbol.room * module) / 2 + symbol.quiet[0] * module
        self.bars(symbol, left, foot, top - foot, module, reach=size * 0.5)
        self.canvas.setFont(paper.REGULAR, size)
        for text, around in symbol.texts:
            self.canvas.drawCentredString(left + around * module, bottom, text)


# ------------------------------------------------------------------------------------------------ fitting words


def settable(text, font):
    from reportlab.pdfbase.pdfmetrics import getFont

    signs = getFont(font).face.charToGlyph
    return lettering.settable(text, lambda letter: ord(letter) in signs)


def shrunk(text, font, size, least, room):
    """The size at which the text stands on one line, but not below the least."""
    needed = paper.width(text, font, size)
    return size if needed <= room else max(least, size * room / needed)


def lines_of(text, font, size, room, most):
    """Wrapped; what is left over gives way to …"""
    lines = paper.wrapped(text, font, size, room)
    if len(lines) <= most:
        return lines
    last = lines[most - 1]
    while last and paper.width(f"{last}…", font, size) > room:
        last = last[:-1]
    return [*lines[: most - 1], f"{last.rstrip()}…"]
