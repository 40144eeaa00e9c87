"""PDFs: a table with a title, a header on each page, and page numbers.

Drawn line by line: reportlab's own tables of paragraphs take several times as long for a report of 5,000 rows.
"""

import heapq
import threading
from datetime import datetime
from io import BytesIO
from pathlib import Path

from boutique.tables import chart
from boutique.tables.table import TooManyRows, in_utc, plain, typed

MAX_PAPER_ROWS, MAX_PAGES = 10_000, 700  # 700 full pages take some 8 seconds
MAX_CELL = 500
FONTS = Path(__file__).resolve().parent.parent / "fonts"
REGULAR, BOLD = "DejaVuSans", "DejaVuSans-Bold"
MARGIN, GAP, FOOTER, NARROWEST = 36, 4, 24, 50
WIDEST_TEXT = 24
GREY, LIGHT, LIGHTER = 0.45, 0.93, 0.972
one_at_a_time = threading.Lock()  # reportlab's fonts are shared and remember the document they are drawn into


def paper(table):
    """The table as PDF. Plain text on a canvas: no markup is ever parsed, so none has to be escaped."""
    table, cells = table.on_paper(), []
    for row in table.cells():
        if len(cells) == MAX_PAPER_ROWS:
            raise TooManyRows(f"{MAX_PAPER_ROWS} rows on paper")
        cells.append([printed(cell) for cell in row])
    with one_at_a_time:
        use_fonts()
        return Paper(table, cells).bytes()


def use_fonts():
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont

    for name in {REGULAR, BOLD}.difference(pdfmetrics.getRegisteredFontNames()):
        pdfmetrics.registerFont(TTFont(name, FONTS / f"{name}.ttf"))


def printed(cell):
    if isinstance(cell, datetime):
        return f"{in_utc(cell):%Y-%m-%d %H:%M}"
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    text = plain(cell).replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    return text if len(text) <= MAX_CELL else f"{text[: MAX_CELL - 1]}…"


class Paper:
    """Rows are first laid out into pages, then drawn: only then is it known how many pages there are."""

    def __init__(self, table, rows):
        self.table, self.columns = table, table.columns
        self.labels = [printed(column.label) for column in self.columns]
        totals = [printed(cell) for cell in table.total_cells()] if table.totals else []
        if totals and not totals[0]:
            totals[0] = "Total"
        self.measure(rows, totals)
        self.header = [lines[:4] for lines in self.lines_of(self.labels, BOLD)]
        self.title = wrapped(printed(table.title), BOLD, 14, self.room)[:3]
        self.filters = wrapped(self.filter_text(), REGULAR, 8, self.room)[:6]
        self.chart = chart.of(table, self.room, (REGULAR, BOLD), width)
        self.pages = self.paginated(rows, totals)

    def filter_text(self):
        said = ((name, printed(typed(value, ""))) for name, value in self.table.filters.items())
        return "  ·  ".join(f"{printed(name).replace('_', ' ')}: {value}" for name, value in said if value)

    def measure(self, rows, totals):
        """The page and type size at which the columns fit; if none does, the texts wrap."""
        from reportlab.lib.pagesizes import A4, landscape

        widths = [self.widest(index, rows, totals) for index in range(len(self.columns))]
        for self.size, self.page in ((8, A4), (8, landscape(A4)), (7, landscape(A4)), (6, landscape(A4))):
            self.leading, self.room = self.size * 1.25, self.page[0] - 2 * MARGIN
            natural = [widest * self.size + 2 * GAP for widest in widths]
            if sum(natural) <= self.room:
                break
        self.widths = fitted(natural, [column.is_number for column in self.columns], self.room)

    def widest(self, index, rows, totals):
        """In ems. The longest few texts stand for all, which would take longer to measure than to draw."""
        longest = heapq.nlargest(5, (row[index] for row in rows), key=len)
        widest = max((width(text, REGULAR, 1) for text in longest), default=0)
        if not self.columns[index].is_number:
            widest = min(widest, WIDEST_TEXT)
        bold = [*self.labels[index].split(), *totals[index : index + 1]]
        return max(2, widest, *(width(word, BOLD, 1) for word in bold))

    def lines_of(self, texts, font=REGULAR):
        """The lines of each cell; a cell taller than half a page is cut."""
        most = int((self.page[1] - 2 * MARGIN) / 2 / self.leading)
        found = [wrapped(text, font, self.size, room - 2 * GAP) for text, room in zip(texts, self.widths, strict=True)]
        return [lines if len(lines) <= most else [*lines[: most - 1], "…"] for lines in found]

    def height_of(self, row):
        return max((len(lines) for lines in row), default=1) * self.leading + GAP

    def height_of_title(self):
        house = 14 if self.table.house else 0
        return house + len(self.title) * 18 + len(self.filters) * 11 + GAP + (self.chart.height if self.chart else 0)

    def height_of_running_title(self):
        return 14 if self.table.house else 0

    def paginated(self, rows, totals):
        top = self.page[1] - MARGIN - self.height_of(self.header)
        bottom = MARGIN + FOOTER
        left = top - bottom - self.height_of_title()
        pages = [[]]
        for texts, font in [*((row, REGULAR) for row in rows), *([(totals, BOLD)] if totals else [])]:
            row = self.lines_of(texts, font)
            if self.height_of(row) > left:
                if len(pages) == MAX_PAGES:
                    raise TooManyRows(f"{MAX_PAGES} pages")
                pages.append([])
                left = top - bottom - self.height_of_running_title()
            pages[-1].append((row, font))
            left -= self.height_of(row)
        return pages

    def bytes(self):
        from reportlab.pdfgen.canvas import Canvas

        buffer = BytesIO()
        self.canvas = Canvas(buffer, pagesize=self.page)
        self.canvas.setTitle(printed(self.table.title))
        self.canvas.setAuthor(printed(self.table.house))
        for number, rows in enumerate(self.pages, 1):
            y = self.page[1] - MARGIN
            y = self.draw_title(y) if number == 1 else self.draw_running_title(y)
            y = self.draw_header(y)
            for position, (row, font) in enumerate(rows):
                y = self.draw_row(row, y, font, is_shaded=position % 2 and font == REGULAR)
            if not rows:
                self.draw_text("No rows.", MARGIN + GAP, y - self.leading, REGULAR, self.size)
            self.draw_footer(number)
            self.canvas.showPage()
        self.canvas.save()
        return buffer.getvalue()

    def draw_title(self, y):
        if self.table.house:
            self.canvas.setFillGray(GREY)
            self.draw_text(printed(self.table.house), MARGIN, y - 9, BOLD, 9)
            self.canvas.setFillGray(0)
            y -= 14
        for line in self.title:
            self.draw_text(line, MARGIN, y - 14, BOLD, 14)
            y -= 18
        self.canvas.setFillGray(GREY)
        for line in self.filters:
            self.draw_text(line, MARGIN, y - 8, REGULAR, 8)
            y -= 11
        self.canvas.setFillGray(0)
        if self.chart:
            self.chart.draw(self.canvas, MARGIN, y)
            y -= self.chart.height
        return y - GAP

    def draw_running_title(self, y):
        """From the second page on a line says what this is a page of."""
        if not self.table.house:
            return y
        said = f"{printed(self.table.house)}  ·  {printed(self.table.title)}"
        self.canvas.setFillGray(GREY)
        self.draw_text(wrapped(said, REGULAR, 8, self.room)[0], MARGIN, y - 8, REGULAR, 8)
        self.canvas.setFillGray(0)
        return y - self.height_of_running_title()

    def draw_header(self, y):
        height = self.height_of(self.header)
        self.canvas.setFillGray(LIGHT)
        self.canvas.rect(MARGIN, y - height, sum(self.widths), height, stroke=0, fill=1)
        self.canvas.setFillGray(0)
        return self.draw_row(self.header, y, BOLD)

    def draw_row(self, row, y, font, *, is_shaded=False):
        x, below = MARGIN, y - self.height_of(row)
        if is_shaded:
            self.canvas.setFillGray(LIGHTER)
            self.canvas.rect(x, below, sum(self.widths), y - below, stroke=0, fill=1)
            self.canvas.setFillGray(0)
        for column, lines, room in zip(self.columns, row, self.widths, strict=True):
            for number, line in enumerate(lines, 1):
                free = room - 2 * GAP - width(line, font, self.size) if column.is_number else 0
                self.draw_text(line, x + GAP + free, y - number * self.leading, font, self.size)
            x += room
        self.canvas.setStrokeGray(0 if font == BOLD else LIGHT)
        self.canvas.setLineWidth(0.5)
        self.canvas.line(MARGIN, below, x, below)
        return below

    def draw_footer(self, number):
        self.canvas.setFillGray(GREY)
        when = f"{in_utc(self.table.generated_at):%Y-%m-%d %H:%M} UTC"
        said = f"Printed {when} by {printed(self.table.printed_by)}" if self.table.printed_by else when
        self.draw_text(said, MARGIN, MARGIN, REGULAR, 7)
        said = f"Page {number} of {len(self.pages)}"
        self.draw_text(said, self.page[0] - MARGIN - width(said, REGULAR, 7), MARGIN, REGULAR, 7)
        self.canvas.setFillGray(0)

    def draw_text(self, text, x, y, font, size):
        self.canvas.setFont(font, size)
        self.canvas.drawString(x, y, text)


def width(text, font, size):
    from reportlab.pdfbase.pdfmetrics import stringWidth

    return stringWidth(text, font, size)


def fitted(natural, is_number, room):
    """All share the room that is left. If there is none, texts give way, the wide ones most; then everything does."""
    missing, found = sum(natural) - room, natural
    spare = [0 if number else max(0, size - NARROWEST) for size, number in zip(natural, is_number, strict=True)]
    if missing > 0 and any(spare):
        share = min(1, missing / sum(spare))
        found = [size - share * more for size, more in zip(natural, spare, strict=True)]
    return [size * room / sum(found) for size in found]


def wrapped(text, font, size, room):
    lines, space = [], width(" ", font, size)
    for paragraph in text.split("\n"):
        line, used = [], 0
        for word in paragraph.split(" "):
            needed = width(word, font, size)
            if line and used + space + needed > room:
                lines.append(" ".join(line))
                line, used = [], 0
            if needed > room:
                *full, word = broken(word, font, size, room)
                lines += full
                needed = width(word, font, size)
            used += needed + (space if line else 0)
            line.append(word)
        lines.append(" ".join(line))
    return lines


def broken(word, font, size, room):
    """A word too long for its column, in pieces of at least one letter."""
    from reportlab.pdfbase.pdfmetrics import getFont

    face = getFont(font).face
    start = used = 0
    for at, letter in enumerate(word):
        needed = face.charWidths.get(ord(letter), face.defaultWidth) * size / 1000
        if at > start and used + needed > room:
            yield word[start:at]
            start, used = at, 0
        used += needed
    yield word[start:]
