"""Spreadsheets: sending them in, and what became of their rows."""

from django import forms
from django.contrib import admin
from unfold.decorators import display
from unfold.enums import ActionVariant
from unfold.widgets import UnfoldAdminFileFieldWidget, UnfoldAdminSelectWidget

from boutique.admin import Verb, VerbForm, Window, label, moment, panel
from skus import rows as sheet_rows
from skus.admin.logs import said
from skus.models import SkuImport
from skus.services import imports

ERRORS_SHOWN = 200
IMPORT_COLOURS = {"queued": "warning", "running": "info", "done": "success", "failed": "danger"}
Mode, Status = SkuImport.Mode, SkuImport.Status


class SendForm(VerbForm):
    file = forms.FileField(
        max_length=200,
        error_messages={"required": "Choose a file of at most 12 MB.", "empty": "This file is empty."},
        widget=UnfoldAdminFileFieldWidget(attrs={"accept": ".csv,.xlsx"}),
        help_text=f"CSV or XLSX, at most 12 MB. Its first row names the columns: {', '.join(sheet_rows.COLUMNS)}.",
    )
    mode = forms.ChoiceField(label="Take", choices=Mode.choices, widget=UnfoldAdminSelectWidget)

    def show(self, detail, errors):
        """What is wrong with rows of the file stands in a table: there may be thousands."""
        of_rows = [error for error in errors if "row" in error]
        super().show(detail, [error for error in errors if "row" not in error])
        if of_rows:
            self.panels = [refused_rows(of_rows)]

    def shows(self, job):
        """A short dry run leaves nothing behind that could be looked at later."""
        if job.pk is None:
            self.panels = [refused_rows(job.errors)]
        return job.pk is None


def send(*, file, mode, by):
    return imports.send(file=file, name=file.name, mode=mode, by=by)


def in_figures(job):
    if job.status == Status.QUEUED:
        return "A worker does it, as it is long. This page says how far it is."
    figures = [counted(job, name) for name in ("created", "updated", "unchanged", "rejected")]
    return f"{job.rows} rows: {', '.join(figures)}."


def counted(job, name):
    """5 created; of a dry run, 5 would be created."""
    return f"{getattr(job, name)} {'would be ' if job.mode == Mode.DRY_RUN else ''}{name}"


def refused_rows(errors):
    wrong = [error for error in errors if isinstance(error, dict)]
    cells = [[said(error.get(name)) for name in ("row", "column", "value", "message")] for error in wrong]
    title = "Rows that were refused"
    if len(wrong) > ERRORS_SHOWN:
        title += f": the first {ERRORS_SHOWN} of {len(wrong)}"
    return panel(title, ["row", "column", "value", "what is wrong"], cells[:ERRORS_SHOWN], empty="None.")


@admin.register(SkuImport)
class ImportAdmin(Window):
    shelf, title, icon = "Books", "Imports of SKUs", "upload_file"
    list_display = ["which", "how", "state", "when", "by", "rows", "made", "changed", "same", "refused"]
    list_filter = ["status", "mode", "created_at"]
    list_select_related = ["created_by"]
    search_fields = ["file_name"]
    ordering = ["-pk"]
    fields = ["which", "how", "state", "when", "by", "progress", "made", "changed", "same", "refused", "failure"]
    list_verbs = {
        "send": Verb(
            needs="skus.import_sku",
            service=send,
            title="Import a spreadsheet",
            text="Makes and changes SKUs and their products, row by row. Try it with a dry run, which writes nothing.",
            done=in_figures,
            form=SendForm,
            icon="upload",
            variant=ActionVariant.PRIMARY,
        )
    }

    @display(description="file", ordering="file_name")
    def which(self, brought):
        return brought.file_name or f"Import {brought.pk}"

    @display(description="taken", ordering="mode")
    def how(self, brought):
        return brought.get_mode_display().partition(":")[0]

    @display(description="status", ordering="status")
    def state(self, brought):
        tried = brought.mode == Mode.DRY_RUN and brought.status == Status.DONE
        text = "Tried, nothing written" if tried else brought.get_status_display()
        return label(text, "" if tried else IMPORT_COLOURS[brought.status])

    @display(description="when", ordering="created_at")
    def when(self, brought):
        return moment(brought.created_at)

    @display(description="by")
    def by(self, brought):
        return str(brought.created_by or "-")

    @display(description="rows done")
    def progress(self, brought):
        return f"{brought.rows_done} of {brought.rows}"

    @display(description="created", ordering="created")
    def made(self, brought):
        return would("create", brought, brought.created)

    @display(description="updated", ordering="updated")
    def changed(self, brought):
        return would("update", brought, brought.updated)

    @display(description="unchanged", ordering="unchanged")
    def same(self, brought):
        return would("leave", brought, brought.unchanged)

    @display(description="rejected", ordering="rejected")
    def refused(self, brought):
        return would("reject", brought, brought.rejected)

    def panels(self, request, row):
        return [refused_rows(row.errors)]


def would(verb, brought, number):
    return f"would {verb} {number}" if number and brought.mode == Mode.DRY_RUN else number
