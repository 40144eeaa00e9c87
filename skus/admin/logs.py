"""What happened in the catalogue."""

from django.contrib import admin
from django.urls import reverse
from unfold.decorators import display

from boutique.admin import Window, label, moment, panel
from skus.admin.filters import OfProduct
from skus.models import CatalogueEvent

LINES_SHOWN = 20
EVENT_COLOURS = {"archived": "warning", "restored": "success", "deleted": "danger"}
ROWS = {"category", "outfit_type"}  # the log knows them by their numbers, which tell people nothing


def in_words(line):
    """base price: 79.00 → 69.00"""
    return "; ".join(step(name, *pair) for name, pair in line.changes.items()) or "-"


def step(name, before=None, after=None):
    words = name.replace("_", " ")
    return f"{words} changed" if name in ROWS else f"{words}: {said(before)} → {said(after)}"


def said(value):
    if isinstance(value, list):
        value = ", ".join(str(one) for one in value)
    return "none" if value in (None, "", "None") else str(value)[:200]


def log_of(row, reader):
    if not reader.has_perm("skus.view_catalogueevent"):
        return []
    lines = row.events.select_related("by")[:LINES_SHOWN]
    rows = [[moment(line.at), line.code, line.get_kind_display(), str(line.by), in_words(line)] for line in lines]
    headers = ["when", "what", "happened", "by", "from → to"]
    more = f"{reverse('admin:skus_catalogueevent_changelist')}?{row._meta.model_name}={row.pk}"
    return [panel("What happened", headers, rows, more=more)]


@admin.register(CatalogueEvent)
class CatalogueLogAdmin(OfProduct, Window):
    shelf, title, icon = "Books", "Log of the catalogue", "history"
    list_display = ["when", "what", "happened", "by", "changed"]
    list_filter = ["kind", "at"]
    list_select_related = ["by"]
    search_fields = ["code", "by__username", "by__first_name", "by__last_name"]
    ordering = ["-pk"]
    show_full_result_count = False
    fields = ["when", "what", "happened", "by", "changed"]

    def visible(self, rows, by):
        return rows  # the catalogue is one for the whole house

    def lookup_allowed(self, lookup, value, request):
        return lookup in ("product", "sku") or super().lookup_allowed(lookup, value, request)

    @display(description="when", ordering="pk")
    def when(self, line):
        return moment(line.at)

    @display(description="what", ordering="code")
    def what(self, line):
        return line.code

    @display(description="happened", ordering="kind")
    def happened(self, line):
        return label(line.get_kind_display(), EVENT_COLOURS.get(line.kind, ""))

    @display(description="from → to")
    def changed(self, line):
        return in_words(line)
