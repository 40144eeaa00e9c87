"""Spreadsheets that were sent in, and what became of their rows."""

from django.contrib import admin
from unfold.decorators import display

from boutique.admin import Window, label, moment, panel
from skus.admin.logs import said
from skus.models import SkuImport

ERRORS_SHOWN = 200
IMPORT_COLOURS = {"queued": "warning", "running": "info", "done": "success", "failed": "danger"}


@admin.register(SkuImport)
class ImportAdmin(Window):
    shelf, title, icon = "Books", "Imports of SKUs", "upload_file"
    list_display = ["which", "mode", "state", "when", "by", "rows", "created", "updated", "unchanged", "rejected"]
    list_filter = ["status", "mode", "created_at"]
    list_select_related = ["created_by"]
    search_fields = ["file_name"]
    ordering = ["-pk"]
    fields = [
        "which", "mode", "state", "when", "by", "progress", "created", "updated", "unchanged", "rejected", "failure",
    ]  # fmt: skip

    @display(description="file", ordering="file_name")
    def which(self, brought):
        return brought.file_name or f"Import {brought.pk}"

    @display(description="status", ordering="status")
    def state(self, brought):
        return label(brought.get_status_display(), IMPORT_COLOURS[brought.status])

    @display(description="when", ordering="created_at")
    def when(self, brought):
        return moment(brought.created_at)

    @display(description="by")
    def by(self, brought):
        return str(brought.created_by or "-")

    @display(description="rows done")
    def progress(self, brought):
        return f"{brought.rows_done} of {brought.rows}"

    def panels(self, request, row):
        headers = ["row", "column", "value", "what is wrong"]
        wrong = [error for error in row.errors if isinstance(error, dict)]
        rows = [
            [said(error.get(name)) for name in ("row", "column", "value", "message")] for error in wrong[:ERRORS_SHOWN]
        ]
        title = "Rows that were refused"
        if len(wrong) > ERRORS_SHOWN:
            title += f": the first {ERRORS_SHOWN} of {len(wrong)}"
        return [panel(title, headers, rows, empty="None.")]
