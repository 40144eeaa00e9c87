"""`?format=csv`, `xlsx` and `pdf` of lists and reports.

A view answers with what it would answer as JSON: a list, a page of one, or a report
`{title, filters, columns, rows, totals, generated_at}` whose columns are names or `{name, label, type}`, with the types
of `TYPES`. A number must be known to be one (by its own type, its column's, or its serializer field's), because a text
that merely looks like a formula is defused and a number is not.

An export too big for memory skips the renderer: `csv_response(Table(title, columns, rows))` with rows as they come.
"""

import csv
import heapq
import json
import math
import re
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO
from pathlib import Path

from django.http import StreamingHttpResponse
from django.utils import timezone
from django.utils.text import slugify
from rest_framework import serializers
from rest_framework.renderers import BaseRenderer

from boutique.api import problems
from boutique.errors import Invalid, RuleError

MAX_SHEET_ROWS = 1_048_575  # what a spreadsheet can show below its header
MAX_PAPER_ROWS, MAX_PAGES = 10_000, 700  # 700 full pages take some 8 seconds
MAX_CELL = 500

# What no XML, and so no spreadsheet, can hold; paper does not need it either.
UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
# What makes a spreadsheet compute; the wide forms do in East Asian versions.
STARTS_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")

PLAIN_NUMBER = re.compile(r"-?[0-9]{1,40}(\.[0-9]{1,40})?", re.ASCII)


def number(text):
    return Decimal(text) if PLAIN_NUMBER.fullmatch(text) else text


TYPES = {
    "": str,
    "text": str,
    "boolean": str,
    "integer": number,
    "decimal": number,
    "date": date.fromisoformat,
    "datetime": datetime.fromisoformat,
}
FIELD_TYPES = [
    (serializers.DecimalField, "decimal"),
    (serializers.IntegerField, "integer"),
    (serializers.DateTimeField, "datetime"),
    (serializers.DateField, "date"),
    (serializers.BooleanField, "boolean"),
]


class TooManyRows(Invalid):
    code = "too_many_rows"

    def __init__(self, limit):
        super().__init__(f"This would be more than {limit}. Filter the list, or take it as CSV.")


@dataclass
class Column:
    name: str
    label: str = ""
    type: str = ""

    def __post_init__(self):
        self.label = self.label or self.name.replace("_", " ").replace(".", " ").capitalize()

    @property
    def is_number(self):
        return self.type in ("integer", "decimal")


@dataclass
class Table:
    title: str
    columns: list
    rows: Iterable  # of mappings from column name to value
    filters: Mapping = field(default_factory=dict)
    totals: Mapping = field(default_factory=dict)
    generated_at: datetime = field(default_factory=timezone.now)
    is_report: bool = False

    def cells(self):
        for row in self.rows:
            yield [typed(row.get(column.name), column.type) for column in self.columns]

    def total_cells(self):
        return [typed(self.totals.get(column.name), column.type) for column in self.columns]

    @property
    def file_name(self):
        return f"{slugify(self.title) or 'export'}-{self.generated_at:%Y-%m-%d}"


# ------------------------------------------------------------------------------------------------ from answer to table


def tabulated(answer, view=None):
    if isinstance(answer, Mapping) and "columns" in answer:
        return report(answer)
    listed = answer["results"] if isinstance(answer, Mapping) else answer
    rows = [dict(flattened(row)) for row in listed]
    names = dict.fromkeys(name for row in rows for name in row)
    types = serializer_types(getattr(listed, "serializer", None))
    # A nested object that is null in some rows has its parts in the others.
    parents = {name.rpartition(".")[0] for name in names}
    columns = [
        Column(name, type=types.get(name) or guessed(rows, name)) for name in names or types if name not in parents
    ]
    return Table(title_of(view), columns, rows)


def report(answer):
    rows = [dict(flattened(row)) for row in answer["rows"]]
    columns = [
        Column(**known(column)) if isinstance(column, Mapping) else Column(column) for column in answer["columns"]
    ]
    for column in columns:
        column.type = column.type or guessed(rows, column.name)
    return Table(
        title=answer.get("title") or "Report",
        columns=columns,
        rows=rows,
        filters=answer.get("filters") or {},
        totals=answer.get("totals") or {},
        generated_at=typed(answer.get("generated_at"), "datetime") or timezone.now(),
        is_report=True,
    )


def known(column):
    return {key: column[key] for key in ("name", "label", "type") if column.get(key)}


def guessed(rows, name):
    found = [row[name] for row in rows if row.get(name) is not None]
    return "decimal" if found and all(is_number(value) for value in found) else ""


def title_of(view):
    model = getattr(getattr(view, "queryset", None), "model", None)
    return str(model._meta.verbose_name_plural) if model else "export"


def flattened(row):
    for name, value in row.items():
        if isinstance(value, Mapping):
            yield from ((f"{name}.{inner}", deeper) for inner, deeper in value.items())
        else:
            yield name, value


def serializer_types(serializer):
    fields = getattr(getattr(serializer, "child", serializer), "fields", {})
    found = {}
    for name, kind in fields.items():
        if isinstance(kind, serializers.Serializer):
            found |= {f"{name}.{inner}": type_name for inner, type_name in serializer_types(kind).items()}
        else:
            found[name] = next((type_name for base, type_name in FIELD_TYPES if isinstance(kind, base)), "")
    return found


def typed(value, type_name):
    """A text that stands for a number, day or moment becomes one, if its column says so; anything else stays."""
    if isinstance(value, str):
        try:
            return TYPES[type_name](value)
        except ValueError:
            return value
    if isinstance(value, Mapping):
        return json.dumps(value, default=str, ensure_ascii=False)
    if isinstance(value, list | tuple | set):
        return ", ".join(plain(inner) for inner in value)
    return value


def plain(value):
    """As JSON would write it, without the quotes."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime):
        return in_utc(value).isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return json.dumps(value, default=str, ensure_ascii=False)
    return UNPRINTABLE.sub("", str(value))


def in_utc(moment):
    return moment.astimezone(UTC) if timezone.is_aware(moment) else moment


def is_number(value):
    if isinstance(value, float | Decimal):
        return math.isfinite(value)
    return isinstance(value, int) and not isinstance(value, bool)


# ------------------------------------------------------------------------------------------------ CSV


class Line:
    """A file that hands back what was just written to it."""

    def write(self, text):
        return text.encode()


def csv_lines(table):
    """Bytes, line by line. Without the mark at its start Excel reads it as Latin-1, and names lose accents."""
    writer = csv.writer(Line(), quoting=csv.QUOTE_ALL)
    yield b"\xef\xbb\xbf"
    yield writer.writerow([harmless(column.name) for column in table.columns])
    for cells in table.cells():
        yield writer.writerow([plain(cell) if is_number(cell) else harmless(plain(cell)) for cell in cells])


def harmless(text):
    return f"'{text}" if text.startswith(STARTS_FORMULA) else text


def csv_response(table):
    """For exports that no list holds in memory: `table.rows` may be a generator."""
    response = StreamingHttpResponse(csv_lines(table), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{table.file_name}.csv"'
    return response


# ------------------------------------------------------------------------------------------------ spreadsheet


def workbook(table):
    from openpyxl import Workbook

    book, buffer = Workbook(write_only=True), BytesIO()
    try:
        add_rows(book.create_sheet("Rows"), table)
        if table.is_report:
            add_summary(book.create_sheet("Summary"), table)
    finally:
        book.save(buffer)  # also after a refusal: only then does openpyxl remove its temporary files
    return buffer.getvalue()


def add_rows(sheet, table):
    sheet.freeze_panes = "A2"
    set_widths(sheet, table.columns)
    sheet.append([sheet_cell(sheet, column.name, bold=True) for column in table.columns])
    for count, cells in enumerate(table.cells(), 1):
        if count > MAX_SHEET_ROWS:
            raise TooManyRows(f"the {MAX_SHEET_ROWS} rows of a spreadsheet")
        sheet.append([sheet_cell(sheet, cell) for cell in cells])


def set_widths(sheet, columns):
    from openpyxl.utils import get_column_letter

    usual = {"decimal": 14, "integer": 12, "date": 12, "datetime": 22, "boolean": 8}
    for number, column in enumerate(columns, 1):
        width = max(usual.get(column.type, 24), len(column.name) + 2)
        sheet.column_dimensions[get_column_letter(number)].width = width


def add_summary(sheet, table):
    """Beside the rows and not below them: whoever sums a column must not count the totals too."""
    sheet.column_dimensions["A"].width = sheet.column_dimensions["B"].width = 30
    said = {"title": table.title, "generated_at": table.generated_at, **table.filters}
    for name, value in said.items():
        sheet.append([sheet_cell(sheet, name, bold=True), sheet_cell(sheet, typed(value, ""))])
    sheet.append([])
    for column, total in zip(table.columns, table.total_cells(), strict=True):
        if total is not None:
            sheet.append([sheet_cell(sheet, column.name, bold=True), sheet_cell(sheet, total)])


def sheet_cell(sheet, value, *, bold=False):
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font

    value = sheet_value(value)
    if value is None:
        return None
    cell = WriteOnlyCell(sheet, value)
    if isinstance(value, str):
        cell.data_type = "s"  # openpyxl would make a formula of "=1+1" and an error of "#N/A"
        if value.startswith(STARTS_FORMULA):
            cell.quotePrefix = True  # and so would Excel, once somebody edits the cell
    else:
        cell.number_format = number_format(value)
    if bold:
        cell.font = Font(bold=True)
    return cell


def sheet_value(value):
    if isinstance(value, datetime):
        return in_utc(value).replace(tzinfo=None)
    if value is None or isinstance(value, bool | date):
        return value
    if is_number(value) and abs(value) < 10**15:  # beyond 15 digits a spreadsheet rounds
        return value
    return plain(value)


def number_format(value):
    if isinstance(value, datetime):
        return 'yyyy-mm-dd hh:mm "UTC"'
    if isinstance(value, date):
        return "yyyy-mm-dd"
    if isinstance(value, Decimal) and value.as_tuple().exponent < 0:
        return "#,##0." + "0" * -value.as_tuple().exponent
    return "0" if isinstance(value, int | Decimal) and not isinstance(value, bool) else "General"


# ------------------------------------------------------------------------------------------------ paper

FONTS = Path(__file__).resolve().parent.parent / "fonts"
REGULAR, BOLD = "DejaVuSans", "DejaVuSans-Bold"
MARGIN, GAP, FOOTER, NARROWEST = 36, 4, 24, 50
WIDEST_TEXT = 24
GREY, LIGHT = 0.45, 0.93
one_at_a_time = threading.Lock()  # reportlab's fonts are shared and remember the document they are drawn into


def paper(table):
    """The table as PDF. Plain text on a canvas: no markup is ever parsed, so none has to be escaped."""
    cells = []
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

    def paginated(self, rows, totals):
        top = self.page[1] - MARGIN - self.height_of(self.header)
        bottom = MARGIN + FOOTER
        left = top - bottom - len(self.title) * 18 - len(self.filters) * 11 - GAP
        pages = [[]]
        for texts, font in [*((row, REGULAR) for row in rows), *([(totals, BOLD)] if totals else [])]:
            row = self.lines_of(texts, font)
            if self.height_of(row) > left:
                if len(pages) == MAX_PAGES:
                    raise TooManyRows(f"{MAX_PAGES} pages")
                pages.append([])
                left = top - bottom
            pages[-1].append((row, font))
            left -= self.height_of(row)
        return pages

    def bytes(self):
        from reportlab.pdfgen.canvas import Canvas

        buffer = BytesIO()
        self.canvas = Canvas(buffer, pagesize=self.page)
        self.canvas.setTitle(printed(self.table.title))
        for number, rows in enumerate(self.pages, 1):
            y = self.page[1] - MARGIN
            if number == 1:
                y = self.draw_title(y)
            y = self.draw_header(y)
            for row, font in rows:
                y = self.draw_row(row, y, font)
            if not rows:
                self.draw_text("No rows.", MARGIN + GAP, y - self.leading, REGULAR, self.size)
            self.draw_footer(number)
            self.canvas.showPage()
        self.canvas.save()
        return buffer.getvalue()

    def draw_title(self, y):
        for line in self.title:
            self.draw_text(line, MARGIN, y - 14, BOLD, 14)
            y -= 18
        self.canvas.setFillGray(GREY)
        for line in self.filters:
            self.draw_text(line, MARGIN, y - 8, REGULAR, 8)
            y -= 11
        self.canvas.setFillGray(0)
        return y - GAP

    def draw_header(self, y):
        height = self.height_of(self.header)
        self.canvas.setFillGray(LIGHT)
        self.canvas.rect(MARGIN, y - height, sum(self.widths), height, stroke=0, fill=1)
        self.canvas.setFillGray(0)
        return self.draw_row(self.header, y, BOLD)

    def draw_row(self, row, y, font):
        x, below = MARGIN, y - self.height_of(row)
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
        self.draw_text(f"{in_utc(self.table.generated_at):%Y-%m-%d %H:%M} UTC", MARGIN, MARGIN, REGULAR, 7)
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


# ------------------------------------------------------------------------------------------------ renderers


class TableRenderer(BaseRenderer):
    charset = None
    render_style = "binary"

    def render(self, data, accepted_media_type=None, renderer_context=None):
        context = renderer_context or {}
        table = tabulated(data, context.get("view"))
        try:
            content = self.written(table)
        except RuleError as refusal:
            return self.refused(refusal, context)
        if response := context.get("response"):
            response["Content-Disposition"] = f'attachment; filename="{table.file_name}.{self.format}"'
        return content

    def refused(self, refusal, context):
        """The view is done by now: what its exception handler would have said has to be said here."""
        answer, response = problems.rule(context["request"], refusal), context["response"]
        response.status_code = answer.status_code
        response["Content-Type"] = answer["Content-Type"]
        return answer.content


class CSVRenderer(TableRenderer):
    media_type = "text/csv"
    format = "csv"
    charset = "utf-8"

    def written(self, table):
        return b"".join(csv_lines(table))


class XLSXRenderer(TableRenderer):
    media_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    format = "xlsx"

    def written(self, table):
        return workbook(table)


class PDFRenderer(TableRenderer):
    media_type = "application/pdf"
    format = "pdf"

    def written(self, table):
        return paper(table)
