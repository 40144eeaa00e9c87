"""Reading the spreadsheets people send: CSV or XLSX, told apart by what is in them, row by row as texts.

Files in, texts out; no database. Nothing is believed: not the file's name, not the sizes a sheet says it has.
"""

import codecs
import csv
import io
import re
import zipfile
from datetime import date, datetime, time

from boutique.tables.text import harmless

MOST_COLUMNS = 50
MOST_ROWS = 200_000
MOST_EMPTY_ROWS = 10_000  # in one piece: a sheet that was formatted down to its last row
LONGEST_CELL = 5_000
# Of an XLSX, unpacked. A row becomes a tree in memory before the first cell of it can be looked at; so do the styles.
MOST_SHEET, MOST_STRINGS, MOST_PART, LONGEST_ROW = 200_000_000, 25_000_000, 4_000_000, 1_000_000
ROW_END = re.compile(rb"</(?:\w+:)?row>|<(?:\w+:)?row\b[^>]*/>")
CHUNK = 1 << 16
SEND = "Send a CSV or XLSX file."


class BadFile(ValueError):
    """Not a spreadsheet that can be read. The message tells the person what to do."""


class Spoilt(str):
    """A cell of which the spreadsheet has made something else; `why` says what."""

    __slots__ = ("why",)

    def __new__(cls, text, why):
        cell = super().__new__(cls, text)
        cell.why = why
        return cell


def opened(file, known):
    """The sheet in this binary file. `known` are the columns there may be."""
    sheet = sheet_of(file, known)
    sheet.read_header(known)
    return sheet


def sheet_of(file, known):
    file.seek(0)
    start = file.read(8)
    if not start:
        raise BadFile(f"This file is empty. {SEND}")
    if start.startswith(b"PK"):
        return Workbook(file)
    if start.startswith(b"\xd0\xcf\x11\xe0"):
        raise BadFile("This is an old Excel file (.xls), or one with a password. Save it as .xlsx without a password.")
    if start.startswith((b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"\x1f\x8b", b"{\\rtf")):
        raise BadFile(f"This is no spreadsheet. {SEND}")
    return Text(file, known)


class Sheet:
    def read_header(self, known):
        header = next(self.records(), None)
        if header is None:
            raise BadFile("This file has no rows.")
        names = [re.sub(r"[\s-]+", "_", str(cell).strip().lower()) for cell in header]
        while names and not names[-1]:
            names.pop()
        if not names:
            raise BadFile(f"The first row is empty. It names the columns: {', '.join(known)}.")
        self.header = names

    def rows(self):
        """Numbered from 1 below the header, as the person counts them; empty rows are counted and left out."""
        records, empty, number = self.records(), 0, 0
        next(records)
        for number, cells in enumerate(records, 1):
            if number > MOST_ROWS + MOST_EMPTY_ROWS:
                raise BadFile(f"This file has more than {MOST_ROWS} rows. Send it in parts.")
            if any(cells):
                empty = 0
                yield number, cells
            elif (empty := empty + 1) > MOST_EMPTY_ROWS:
                raise BadFile(f"Below row {number - empty} there are {MOST_EMPTY_ROWS} empty rows. Delete them.")


# ------------------------------------------------------------------------------------------------ CSV


class Text(Sheet):
    suffix = ".csv"
    may_be_long = False

    def __init__(self, file, known):
        self.file, self.encoding = file, encoding_of(file)
        self.delimiter = self.sniffed(known)

    def lines(self):
        self.file.seek(0)
        text = io.TextIOWrapper(self.file, self.encoding, newline="")
        try:
            for line in text:
                if "\0" in line:
                    raise BadFile(f"This file holds NUL characters. {SEND}")
                yield line
        except UnicodeError:
            raise BadFile("This file's letters cannot be read. Save it as CSV UTF-8.") from None
        finally:
            text.detach()  # or it would close the file

    def sniffed(self, known):
        """The sign that makes most column names of the first line. A price with a comma must not decide it."""
        lines = self.lines()
        first = next(lines, "")
        lines.close()

        def names(sign):
            cells = [cell.strip('" \r\n').lower() for cell in first.split(sign)]
            return len(known & set(cells)), len(cells)

        return max(",;\t", key=names)

    def records(self):
        lines = self.lines()
        reader = csv.reader(lines, delimiter=self.delimiter, strict=True)
        number = 0
        try:
            for number, cells in enumerate(reader, 1):  # noqa: B007 (said where it breaks off)
                yield [unquoted(cell) for cell in cells]
        except csv.Error as error:
            raise BadFile(
                f"Row {number} cannot be read ({error}). Is a quotation mark missing, or one too many?"
            ) from None
        finally:
            lines.close()


def encoding_of(file):
    file.seek(0)
    start = file.read(4)
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if is_utf8(file):
        return "utf-8-sig"
    return "cp1252"  # what Excel calls ANSI


def is_utf8(file):
    decoder = codecs.getincrementaldecoder("utf-8")()
    file.seek(0)
    try:
        while chunk := file.read(CHUNK):
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


# ------------------------------------------------------------------------------------------------ XLSX


class Workbook(Sheet):
    suffix = ".xlsx"

    def __init__(self, file):
        self.file = file
        try:
            with zipfile.ZipFile(file) as parts:
                refuse_foreign(parts)
                self.may_be_long = refuse_bombs(parts)
        except BadFile:
            raise
        except Exception as error:  # zipfile, too, raises whatever a bent archive makes it stumble over
            raise damaged() from error

    def records(self):
        from openpyxl import load_workbook

        self.file.seek(0)
        book = None
        try:
            book = load_workbook(self.file, read_only=True, data_only=True, keep_links=False)
            if not book.worksheets:
                raise BadFile("This file has no sheet in it.")
            sheet = book.worksheets[0]
            sheet.reset_dimensions()  # some programs write a size that cuts off their own rows
            for row in sheet.iter_rows(max_col=MOST_COLUMNS + 1):
                yield [unquoted(cell_text(cell)) for cell in row]
        except (BadFile, GeneratorExit):
            raise
        except Exception as error:
            raise damaged() from error
        finally:
            if book is not None:
                book.close()


def refuse_foreign(parts):
    names = set(parts.namelist())
    if "mimetype" in names and b"opendocument" in parts.open("mimetype").read(100):
        raise BadFile("This is an OpenDocument file (.ods). Save it as .xlsx or CSV.")
    if "xl/workbook.xml" not in names:
        raise BadFile(f"This is an archive, but no XLSX file. {SEND}")


def refuse_bombs(parts):
    """By the sizes the archive declares: zipfile reads no more than those. True if it may be long."""
    is_long = False
    for part in parts.infolist():
        size, name = part.file_size, part.filename
        if name.startswith("xl/worksheets/") and name.endswith(".xml"):
            refuse_larger(name, size, MOST_SHEET)
            is_long |= size > LONGEST_ROW
            refuse_long_rows(parts, part)
        elif name.endswith("sharedStrings.xml"):
            refuse_larger(name, size, MOST_STRINGS)
            is_long |= size > LONGEST_ROW
        elif not name.startswith(("xl/media/", "xl/embeddings/")):
            refuse_larger(name, size, MOST_PART)
    return is_long


def refuse_larger(name, size, most):
    if size > most:
        raise BadFile(f"Unpacked, {name} has more than {most // 1_000_000} MB. Send it in parts, or as CSV.")


def refuse_long_rows(parts, part):
    if part.file_size <= LONGEST_ROW:
        return
    rest, length = b"", 0
    with parts.open(part) as stream:
        while chunk := stream.read(CHUNK):
            ends = list(ROW_END.finditer(rest + chunk))
            length = len(chunk) if ends else length + len(chunk)
            if length > LONGEST_ROW:
                raise BadFile("A row of this sheet has thousands of cells. Copy the rows into a new sheet.")
            rest = chunk[-100:]


def damaged():
    return BadFile("This XLSX file is damaged. Open it in your spreadsheet program and save it again, or as CSV.")


def cell_text(cell):
    """As a person would have typed it."""
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, str):
        return Spoilt(value, "The spreadsheet could not compute this.") if cell.data_type == "e" else value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime | date | time):
        return Spoilt(
            str(value), "The spreadsheet has made a date of this. Format the column as text, and type it again."
        )
    if isinstance(value, int | float):
        if "%" in str(getattr(cell, "number_format", "")):
            return f"{number_text(value * 100)}%"
        return number_text(value)
    return Spoilt(str(value), "This is neither text nor a number.")


def number_text(value):
    """The 15 digits a spreadsheet shows; beyond them it has rounded."""
    text = format(value, ".15g") if isinstance(value, float) else str(value)
    if "e" not in text and len(text.strip("-").replace(".", "")) <= 15:
        return text
    return Spoilt(text, "The spreadsheet has rounded this number. Format the column as text, and type it again.")


# ------------------------------------------------------------------------------------------------ quoting


def quoted(text):
    """What `unquoted` takes off again: our exports put ' before what a spreadsheet would compute."""
    return f"'{text}" if text.startswith("'") and is_defused(text) else text


def unquoted(cell):
    return cell[1:] if cell.startswith("'") and not isinstance(cell, Spoilt) and is_defused(cell) else cell


def is_defused(text):
    bare = text.lstrip("'")
    return harmless(bare) != bare
