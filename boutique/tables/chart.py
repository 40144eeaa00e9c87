"""The small picture above the rows of a paper: columns in their order (days, sizes), or the longest bars first."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from boutique.tables.table import is_number, plain, typed

MOST_BARS, FEWEST, LONGEST_LABEL = 10, 2, 28
BAR, COLUMNS_HIGH, ABOVE, BELOW = 13, 110, 20, 16
INK, PALER = (0.21, 0.33, 0.52), (0.45, 0.56, 0.72)


def of(table, room, fonts, width):
    """The picture of this table, or None where it has none, or nothing to compare."""
    if not table.chart:
        return None
    sums = summed(table)
    is_in_order = table.chart.get("kind") == "columns"
    if not is_in_order:
        sums = sorted(sums, key=lambda pair: -pair[1])[:MOST_BARS]
    if len(sums) < FEWEST or not any(value for _label, value in sums):
        return None
    kind = Columns if is_in_order else Bars
    caption = next(column.label for column in table.columns if column.name == table.chart["values"])
    return kind(caption=caption, sums=sums, room=room, fonts=fonts, width=width)


def summed(table):
    """Of each label, in the order in which they come, what its rows add up to."""
    types = {column.name: column.type for column in table.columns}
    sums = {}
    for row in table.rows:
        value = typed(row.get(table.chart["values"]), types[table.chart["values"]])
        if is_number(value):
            label = labelled(row.get(table.chart["labels"]))
            sums[label] = sums.get(label, 0) + Decimal(value)
    return list(sums.items())


def labelled(value):
    text = value.isoformat() if isinstance(value, date) else plain(value)
    text = " ".join(text.split()) or "–"
    return text if len(text) <= LONGEST_LABEL else f"{text[: LONGEST_LABEL - 1]}…"


@dataclass(kw_only=True)
class Picture:
    caption: str
    sums: list
    room: float
    fonts: tuple
    width: object

    def scale(self, length):
        """How long a value is, and how much of the length lies below nothing."""
        most, least = (max(0, *values) for values in (self.values, [-value for value in self.values]))
        factor = length / float(most + least)
        return factor, float(least) * factor

    @property
    def values(self):
        return [value for _label, value in self.sums]

    def write(self, canvas, text, x, y, *, size=7, grey=0.3, font=0):
        canvas.setFillGray(grey)
        canvas.setFont(self.fonts[font], size)
        canvas.drawString(x, y, text)

    def head(self, canvas, x, y, more=""):
        self.write(canvas, self.caption, x, y - 12, size=8, grey=0, font=1)
        self.write(canvas, more, x + self.width(self.caption, self.fonts[1], 8) + 8, y - 12, grey=0.45)


class Bars(Picture):
    """One below the other, the longest first."""

    @property
    def height(self):
        return ABOVE + len(self.sums) * BAR + 6

    def draw(self, canvas, x, y):
        self.head(canvas, x, y)
        names = min(self.room * 0.3, 8 + max(self.width(label, self.fonts[0], 7) for label, _value in self.sums))
        figures = 8 + max(self.width(plain(value), self.fonts[0], 7) for value in self.values)
        factor, below = self.scale(self.room - names - figures)
        top = y - ABOVE
        for label, value in self.sums:
            self.write(canvas, label, x, top - 9)
            zero, length = x + names + below, float(value) * factor
            canvas.setFillColorRGB(*INK)
            canvas.rect(min(zero, zero + length), top - BAR + 2, max(abs(length), 0.4), BAR - 4, stroke=0, fill=1)
            self.write(canvas, plain(value), max(zero, zero + length) + 4, top - 9)
            top -= BAR
        canvas.setFillGray(0)


class Columns(Picture):
    """One beside the other, in their order; the first, the last and the highest say what they are."""

    @property
    def height(self):
        return ABOVE + COLUMNS_HIGH + BELOW

    def draw(self, canvas, x, y):
        best = max(range(len(self.sums)), key=lambda at: self.sums[at][1])
        label, value = self.sums[best]
        self.head(canvas, x, y, f"highest: {plain(value)}, {label}")
        factor, below = self.scale(COLUMNS_HIGH - 6)
        zero = y - ABOVE - COLUMNS_HIGH + below
        step = self.room / len(self.sums)
        wide = max(min(step * 0.72, 46), 0.5)
        for at, value in enumerate(self.values):
            length = float(value) * factor
            canvas.setFillColorRGB(*INK if at == best else PALER)
            canvas.rect(
                x + step * at + (step - wide) / 2, min(zero, zero + length), wide, abs(length), stroke=0, fill=1
            )
        canvas.setStrokeGray(0.7)
        canvas.setLineWidth(0.5)
        canvas.line(x, zero, x + self.room, zero)
        self.name(canvas, x, y - ABOVE - COLUMNS_HIGH - 9, step)
        canvas.setFillGray(0)

    def name(self, canvas, x, y, step):
        """As many of the labels as stand beside one another."""
        widest = max(self.width(label, self.fonts[0], 6.5) for label, _value in self.sums) + 6
        every = max(1, -(-int(widest) // max(1, int(step))))
        for at in range(0, len(self.sums), every):
            label = self.sums[at][0]
            middle = x + step * at + step / 2 - self.width(label, self.fonts[0], 6.5) / 2
            most = x + self.room - self.width(label, self.fonts[0], 6.5)
            self.write(canvas, label, min(max(middle, x), most), y, size=6.5)
