"""`?format=csv`, `xlsx` and `pdf` of lists and reports: put these into a view's `renderer_classes`."""

from django.http import HttpResponse
from rest_framework.renderers import BaseRenderer

from boutique.api import problems
from boutique.api.pagination import KeysetPagination
from boutique.errors import RuleError
from boutique.tables.paper import paper
from boutique.tables.sheet import workbook
from boutique.tables.table import TooManyRows, listed, tabulated
from boutique.tables.text import csv_lines, csv_response


class FileRenderer(BaseRenderer):
    """For a route that answers one kind of file: what may be asked for. The file is finished when the view returns."""

    charset = None
    render_style = "binary"

    def render(self, data, accepted_media_type=None, renderer_context=None):
        return data


class AsPdf(FileRenderer):
    media_type = "application/pdf"
    format = "pdf"


class AsSvg(FileRenderer):
    media_type = "image/svg+xml"
    format = "svg"


def shown_pdf(pdf, name):
    """In the browser, which keeps it under this name."""
    header = {"Content-Disposition": f'inline; filename="{name}.pdf"'}
    return HttpResponse(pdf, content_type=AsPdf.media_type, headers=header)


MOST_SHEET_ROWS = 50_000  # more takes longer than a request may; as CSV it is sent as it is read


def whole_list(renderer, rows, keys, serializer, *, title, as_shown=lambda batch: batch):
    """All rows of a list as a file, as the API shows them: in batches, so that memory does not grow with the list."""
    batches = KeysetPagination().batches(rows, keys, size=1000)
    shown = (serializer(as_shown(batch), many=True).data for batch in batches)
    return whole_file(renderer, listed(serializer(), (row for part in shown for row in part), title), rows)


def whole_file(renderer, table, rows):
    """`table` may come row by row; `rows` says how long it is."""
    if renderer.format == CSVRenderer.format:
        return csv_response(table)
    if rows[MOST_SHEET_ROWS : MOST_SHEET_ROWS + 1].exists():
        raise TooManyRows(f"{MOST_SHEET_ROWS} rows of a spreadsheet")
    return as_file(renderer, table)


def as_file(renderer, table):
    response = HttpResponse(renderer.written(table), content_type=renderer.media_type)
    response["Content-Disposition"] = f'attachment; filename="{table.file_name}.{renderer.format}"'
    return response


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
