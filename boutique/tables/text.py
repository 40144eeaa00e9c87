"""CSV, line by line.

An export too big for memory skips the renderer: `csv_response(Table(title, columns, rows))` with rows as they come.
"""

import csv

from django.http import StreamingHttpResponse

from boutique.tables.table import is_number, plain

# What makes a spreadsheet compute; the wide forms do in East Asian versions.
UNSEEN = " \u00a0\u200b\ufeff"  # a spreadsheet may drop these before it looks
STARTS_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


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
    return f"'{text}" if text.lstrip(UNSEEN).startswith(STARTS_FORMULA) or text.startswith(STARTS_FORMULA) else text


def csv_response(table):
    """For exports that no list holds in memory: `table.rows` may be a generator."""
    response = StreamingHttpResponse(csv_lines(table), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{table.file_name}.csv"'
    return response
