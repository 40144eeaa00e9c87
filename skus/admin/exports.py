"""The SKUs of a list as a spreadsheet that an import takes back."""

from functools import partial

from django import forms
from django.contrib import admin
from unfold.widgets import UnfoldAdminSelectWidget

from boutique.admin import Verb, VerbForm
from boutique.api.renderers import CSVRenderer, XLSXRenderer, whole_file
from skus.admin.shown import in_number
from skus.services import exports

KINDS = {"csv": CSVRenderer, "xlsx": XLSXRenderer}
AT_ONCE = 2000


class ExportForm(VerbForm):
    kind = forms.ChoiceField(
        label="As", choices=[("xlsx", "Excel (XLSX)"), ("csv", "CSV")], widget=UnfoldAdminSelectWidget
    )


def export_of(skus, *, kind, by):
    rows = skus.select_related("product__outfit_type").defer("search", "product__search").order_by("code", "pk")
    table = exports.table(rows.iterator(chunk_size=AT_ONCE))
    return whole_file(KINDS[kind](), table, rows)


EXPORT = Verb(
    needs="skus.import_sku",
    service=export_of,
    title="Export",
    text="A spreadsheet with the columns of an import. Change it and bring it back in, or only read it.",
    form=ExportForm,
    icon="download",
)


class Exports:
    """A list of SKUs of which those that are ticked, or all that its filters leave, become a spreadsheet."""

    def has_export_permission(self, request):
        return request.user.has_perm(EXPORT.needs)

    @admin.action(description="Export as a spreadsheet", permissions=["export"])
    def export(self, request, rows):
        return self.ask(request, in_number(rows.count(), self.opts), EXPORT, partial(export_of, rows, by=request.user))
