"""Thresholds, and the alerts that somebody should see to."""

from functools import partial

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db import transaction
from django.db.models import BooleanField, Count, ExpressionWrapper, Q
from unfold.decorators import display
from unfold.enums import ActionVariant

from boutique.admin import HouseAdmin, HouseForm, NoteForm, Verb, figure, label, moment, panel, to
from inventory.admin.stock import OfStock, PlaceFilter, QuantityField, capped, signed, unbroken
from inventory.models import Alert, AlertKind, LowStockThreshold
from inventory.serializers.alerts import AlertSerializer
from inventory.services import alerts, thresholds
from inventory.services.ledger import plain
from skus.admin.filters import OneOfFilter

COLOURS = {
    AlertKind.LOW_STOCK: "warning",
    AlertKind.OUT_OF_STOCK: "danger",
    AlertKind.SHORTAGE: "danger",
    AlertKind.OVERDUE: "info",
    AlertKind.RECOUNT: "info",
}
ICONS = {
    AlertKind.LOW_STOCK: "trending_down",
    AlertKind.OUT_OF_STOCK: "remove_shopping_cart",
    AlertKind.SHORTAGE: "warning",
    AlertKind.OVERDUE: "schedule",
    AlertKind.RECOUNT: "fact_check",
}
NEWS_SHOWN = 5
MOST_ACKNOWLEDGED = 500  # at once


def quantity(number):
    return "-" if number is None else plain(number)


# ------------------------------------------------------------------------------------------------ alerts


class KindFilter(OneOfFilter):
    title = parameter_name = lookup = "kind"

    def lookups(self, request, model_admin):
        return AlertKind.choices


class StateFilter(OneOfFilter):
    title, parameter_name = "state", "state"

    def lookups(self, request, model_admin):
        return [("new", "Open, not acknowledged"), ("open", "Open"), ("resolved", "Resolved")]

    def narrowed(self, rows):
        if self.value() == "resolved":
            return rows.filter(resolved_at__isnull=False)
        return rows.open().unacknowledged() if self.value() == "new" else rows.open()


@transaction.atomic
def acknowledge_all(*, rows, by, note=""):
    # In one order, so that two who tick the same ones never wait crosswise.
    for alert in sorted(rows, key=lambda alert: alert.pk):
        alerts.acknowledge(alert=alert, by=by, note=note)


def acknowledge_verb(service):
    return Verb(
        needs="inventory.acknowledge_alert",
        service=service,
        title="Acknowledge",
        text="Says that you have seen it and see to it. It stays open until its cause is gone.",
        done="acknowledged.",
        form=NoteForm,
        icon="done",
        variant=ActionVariant.PRIMARY,
    )


@admin.register(Alert)
class AlertAdmin(OfStock):
    title, icon, noun = "Alerts", "notifications", "alert"
    sheet = AlertSerializer
    list_display = ["kind_shown", "what", "product", "place", "available", "threshold_shown", "opened", "state", "by"]
    list_filter = [StateFilter, KindFilter, PlaceFilter]
    search_fields = ["document"]  # asks by the words of found_by
    search_help_text = "A whole document number, or words of the SKU"
    ordering = [ExpressionWrapper(Q(resolved_at=None), BooleanField()).desc(), "-pk"]  # the open ones first
    sortable_by = ["opened"]
    shortcuts = [("All", ""), ("New", "state=new"), ("Open", "state=open"), ("Resolved", "state=resolved")]
    fields = [
        "kind_shown", "level_link", "product", "place", "on_hand", "reserved", "available", "threshold_shown",
        "promised_to", "document", "opened", "resolved", "state", "by", "acknowledged_note",
    ]  # fmt: skip
    actions = ["acknowledge_ticked"]
    verbs = {"acknowledge": acknowledge_verb(alerts.acknowledge)}

    def get_queryset(self, request):
        return super().get_queryset(request).with_labels().with_incoming()

    def allowed(self, row, by):
        return ("acknowledge",) if row.is_open and row.acknowledged_at is None else ()

    def has_acknowledge_permission(self, request):
        return request.user.has_perm("inventory.acknowledge_alert")

    @admin.action(description="Acknowledge", permissions=["acknowledge"])
    def acknowledge_ticked(self, request, rows):
        # On the page between, the rows are the ticked ones, even if the list's filters no longer find one of them.
        if "answered" in request.POST:
            rows = self.get_queryset(request).filter(pk__in=request.POST.getlist(ACTION_CHECKBOX_NAME))
        waiting = list(rows.filter(resolved_at=None, acknowledged_at=None)[: MOST_ACKNOWLEDGED + 1])
        if not waiting or len(waiting) > MOST_ACKNOWLEDGED:
            most = f"At most {MOST_ACKNOWLEDGED} alerts are acknowledged at once."
            messages.error(request, most if waiting else "There is nothing left to acknowledge.")
            return None
        request.POST.setlist(ACTION_CHECKBOX_NAME, [alert.pk for alert in waiting])
        request.POST["select_across"] = "0"
        many = "1 alert" if len(waiting) == 1 else f"{len(waiting)} alerts"
        act = partial(acknowledge_all, rows=waiting, by=request.user)
        return self.ask(request, many, acknowledge_verb(acknowledge_all), act)

    @display(description="kind", ordering="kind")
    def kind_shown(self, alert):
        return label(alert.get_kind_display(), COLOURS[alert.kind])

    @display(description="about")
    def what(self, alert):
        return unbroken(alert.level.sku.code if alert.level else alert.document)

    @display(description="shelf")
    def level_link(self, alert):
        return to(alert.level) if alert.level else "-"

    @display(description="product")
    def product(self, alert):
        return alert.level.sku.product.name if alert.level else "-"

    @display(description="on hand now")
    def on_hand(self, alert):
        return quantity(alert.level and alert.level.on_hand)

    @display(description="reserved now")
    def reserved(self, alert):
        return quantity(alert.level and alert.level.reserved)

    @display(description="available now")
    def available(self, alert):
        return signed(alert.level.available) or "0" if alert.level else "-"

    @display(description="threshold")
    def threshold_shown(self, alert):
        return quantity(alert.threshold)

    @display(description="promised to")
    def promised_to(self, alert):
        return ", ".join(alert.orders) or "-"

    @display(description="opened", ordering="opened_at")
    def opened(self, alert):
        return moment(alert.opened_at)

    @display(description="resolved")
    def resolved(self, alert):
        return moment(alert.resolved_at)

    @display(description="state")
    def state(self, alert):
        if not alert.is_open:
            return label("Resolved", "success")
        return label("Seen", "info") if alert.acknowledged_at else label("New", "warning")

    @display(description="acknowledged by")
    def by(self, alert):
        return f"{alert.acknowledged_by}, {moment(alert.acknowledged_at)}" if alert.acknowledged_at else "-"

    # The start page and the sidebar

    def waiting(self, request):
        return Alert.objects.visible_to(request.user).open().unacknowledged()

    def badge(self, request):
        return capped(self.waiting(request))

    def figures(self, request):
        kinds = Alert.objects.visible_to(request.user).open().order_by().values_list("kind")
        found = dict(kinds.annotate(number=Count("pk")))
        return [
            figure(kind.label, found[kind], self.address(query=f"state=open&kind={kind}"), ICONS[kind])
            for kind in AlertKind
            if kind in found
        ]

    def news(self, request):
        newest = self.waiting(request).with_labels().order_by("-pk")[:NEWS_SHOWN]
        rows = [
            [to(alert, alert.level.sku.code if alert.level else alert.document), *row_of(alert)] for alert in newest
        ]
        headers = ["about", "kind", "place", "available now", "opened"]
        return [panel("New alerts", headers, rows, self.address(query="state=new"))] if rows else []


def row_of(alert):
    there = plain(alert.level.available) if alert.level else "-"
    return [label(alert.get_kind_display(), COLOURS[alert.kind]), alert.location.code, there, moment(alert.opened_at)]


# ------------------------------------------------------------------------------------------------ thresholds


class ThresholdForm(HouseForm):
    threshold = QuantityField(min_value=0, help_text="So much, or less, is too little.")
    reorder_point = QuantityField(min_value=0, required=False, help_text="Where it is time to buy more.")
    target = QuantityField(min_value=0, required=False, help_text="How much there should be.")


class ScopeFilter(OneOfFilter):
    title, parameter_name = "scope", "of"

    def lookups(self, request, model_admin):
        return [("sku", "Of a SKU"), ("product", "Of a product")]

    def narrowed(self, rows):
        return rows.filter(**{f"{self.value()}__isnull": False})


@admin.register(LowStockThreshold)
class ThresholdAdmin(HouseAdmin):
    shelf, title, icon, noun = "Stock", "Thresholds", "rule", "limit"
    form = ThresholdForm
    list_display = ["what", "product_name", "place", "threshold_shown", "reorder_shown", "target_shown", "changed"]
    list_filter = [PlaceFilter, ScopeFilter]
    search_fields = ["sku__code"]  # asks by the words of found_by
    search_help_text = "Words of the SKU or of the product"
    ordering = ["-pk"]
    autocomplete_fields = ["sku", "product"]
    fields = ["sku", "product", "location", "threshold", "reorder_point", "target"]

    def get_queryset(self, request):
        return super().get_queryset(request).with_labels()

    def make(self, *, by, **sent):
        return thresholds.add(by=by, **sent)

    def change(self, limit, *, by, **sent):
        return thresholds.change(limit=limit, by=by, **sent)

    def remove(self, limit, *, by):
        thresholds.remove(limit=limit, by=by)

    def told_before_deleting(self, row):
        return "What is low by this threshold alone is low no longer."

    @display(description="of")
    def what(self, limit):
        return unbroken(limit.sku.code) if limit.sku else "Each SKU"

    @display(description="product")
    def product_name(self, limit):
        return limit.of_product.name

    @display(description="place", ordering="location__code")
    def place(self, limit):
        return str(limit.location or "Everywhere")

    @display(description="threshold", ordering="threshold")
    def threshold_shown(self, limit):
        return plain(limit.threshold)

    @display(description="reorder point", ordering="reorder_point")
    def reorder_shown(self, limit):
        return quantity(limit.reorder_point)

    @display(description="target", ordering="target")
    def target_shown(self, limit):
        return quantity(limit.target)

    @display(description="changed", ordering="updated_at")
    def changed(self, limit):
        return moment(limit.updated_at)
