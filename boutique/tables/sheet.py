"""Spreadsheets, row by row."""

from datetime import date, datetime
from decimal import Decimal
from io import BytesIO

from boutique.tables.table import TooManyRows, in_utc, is_number, plain, typed
from boutique.tables.text import STARTS_FORMULA

MAX_SHEET_ROWS = 1_048_575  # what a spreadsheet can show below its header


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
