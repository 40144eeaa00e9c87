"""The vocabulary, what was measured, and who looked at it."""

from django import forms
from django.contrib import admin
from unfold.decorators import display
from unfold.enums import ActionVariant
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from boutique.admin import CappedPaginator, HouseAdmin, HouseForm, Verb, Window, label, moment, panel, to
from orders import measuring
from orders.models import BodyDataRead, Customer, Family, MeasurementDefinition, MeasurementSet
from orders.services import measurements, privacy

VERSIONS_SHOWN = 50

# ------------------------------------------------------------------------------------------------ the vocabulary


class DefinitionForm(HouseForm):
    garments = forms.MultipleChoiceField(
        choices=Family.choices, required=False, widget=UnfoldAdminCheckboxSelectMultipleWidget
    )

    class Meta:
        model = MeasurementDefinition
        fields = [
            "code", "name", "description", "kind", "side", "unit", "garments", "reject_min", "warn_min", "warn_max",
            "reject_max", "position", "is_active",
        ]  # fmt: skip
        help_texts = {
            "code": "Small letters, digits and _: cape_length. Once numbers were taken by it, it stays.",
            "reject_min": "Below it nothing is saved.",
            "warn_min": "Below it the number must be confirmed.",
            "warn_max": "Above it the number must be confirmed.",
            "reject_max": "Above it nothing is saved.",
            "position": "Smaller numbers come first.",
        }


@admin.register(MeasurementDefinition)
class DefinitionAdmin(HouseAdmin):
    shelf, title, icon, noun = "Customers", "Dimensions", "straighten", "definition"
    form = DefinitionForm
    list_display = ["name", "code", "kind", "side", "usual", "possible", "state"]
    list_filter = ["kind", "side", "is_active"]
    search_fields = ["code", "name", "description"]
    ordering = ["position", "pk"]
    fieldsets = [
        ("Dimension", {"fields": ["code", "name", "description", "kind", "side", "unit", "position", "is_active"]}),
        ("Bounds", {"fields": ["reject_min", "warn_min", "warn_max", "reject_max"]}),
        ("Measured for", {"fields": ["garments"]}),
    ]

    def visible(self, rows, by):
        return rows  # the vocabulary is one for the whole house

    def make(self, *, by, **sent):
        return measurements.add_definition(by=by, **sent)

    def change(self, definition, *, by, **sent):
        measurements.change_definition(definition=definition, by=by, **sent)

    def remove(self, definition, *, by):
        measurements.delete_definition(definition=definition, by=by)

    @display(description="usual", ordering="warn_min")
    def usual(self, definition):
        return span(definition.warn_min, definition.warn_max, definition.unit)

    @display(description="possible", ordering="reject_min")
    def possible(self, definition):
        return span(definition.reject_min, definition.reject_max, definition.unit)

    @display(description="state", ordering="is_active")
    def state(self, definition):
        return label("In use", "success") if definition.is_active else label("Not asked for", "danger")


def span(low, high, unit):
    return f"{measuring.plain(low)} \u2013 {measuring.plain(high)} {unit}"


# ------------------------------------------------------------------------------------------------ what was measured


@admin.register(MeasurementSet)
class MeasurementAdmin(Window):
    """A window: numbers are typed where the tape is. The list shows none; each look at a set is written down."""

    shelf, title, icon, noun = "Customers", "Measurements", "accessibility_new", "taken"
    list_display = ["whose", "type", "basis", "version", "taken_by", "when"]
    list_filter = ["type", "basis", "created_at"]
    list_select_related = ["customer", "created_by"]
    search_fields = ["customer__name"]  # asks by the words of the customer
    search_help_text = "Words of the customer, as on their own page"
    ordering = ["-pk"]
    show_full_result_count = False
    paginator = CappedPaginator
    fields = ["customer_shown", "wearer", "type", "basis", "version", "note", "missing", "review", "taken_by", "when"]
    verbs = {
        "take_out": Verb(
            needs="orders.delete_measurementset",
            service=measurements.delete,
            title="Take out",
            text="It disappears from all lists. An order that was cut to it keeps its numbers.",
            done="Taken out.",
            icon="delete",
            variant=ActionVariant.DANGER,
        )
    }

    def allowed(self, row, by):
        return ["take_out"]

    def get_queryset(self, request):
        return super().get_queryset(request).current().select_related("customer", "created_by")

    def get_search_results(self, request, queryset, search_term):
        if not search_term.strip():
            return queryset, False
        found = Customer.objects.visible_to(request.user).found_by(search_term[:100])
        return queryset.filter(customer__in=found.order_by().values("pk")), False

    def panels(self, request, row):
        taken = MeasurementSet.objects.with_values().select_related("customer", "created_by").get(pk=row.pk)
        privacy.note_read(sets=[taken], by=request.user, route="The admin's page of measurements")
        tables = [table_of(taken, "Values"), versions_of(taken, request.user)]
        if taken.warnings:
            tables.insert(1, panel("Told to whoever measured", ["what"], [[one["message"]] for one in taken.warnings]))
        return tables

    @display(description="whose", header=True, ordering="customer__name")
    def whose(self, taken):
        return [taken.wearer or taken.customer.name, taken.customer.number, ""]

    @display(description="customer")
    def customer_shown(self, taken):
        return to(taken.customer)

    @display(description="still missing")
    def missing(self, taken):
        codes = measurements.missing_of(taken, measurements.switched_off())
        return ", ".join(code.replace("_", " ") for code in codes) or "Nothing"

    @display(description="measure again")
    def review(self, taken):
        return f"From {measurements.review_of(taken):%d %b %Y} on"

    @display(description="taken by", ordering="created_by__first_name")
    def taken_by(self, taken):
        return str(taken.created_by)

    @display(description="taken", ordering="created_at")
    def when(self, taken):
        return moment(taken.created_at)


def table_of(taken, title, more=""):
    """One row for each dimension: as it was typed, and in centimetres."""
    in_cm = measurements.values_in_cm(taken)
    named = {value.definition.code: value.definition for value in taken.values.all()}
    rows = [
        [
            named[code].name,
            said(value, taken.unit if named[code].unit == "cm" else named[code].unit),
            said(in_cm[code], ""),
        ]
        for code, value in measurements.values_of(taken).items()
    ]
    headers = ["dimension", "as it was typed", "kept as"]
    who = f"{taken.wearer}, " if taken.wearer else ""
    return panel(f"{title} ({who}version {taken.version}, {moment(taken.created_at)})", headers, rows, more=more)


def said(value, unit):
    if isinstance(value, dict):
        return ", ".join(f"{side} {said(one, unit)}" for side, one in value.items())
    return f"{value} {unit}".strip()


def versions_of(taken, by):
    sets = MeasurementSet.objects.visible_to(by).current().versions_of(taken).select_related("created_by")
    rows = [
        [to(one, f"Version {one.version}"), str(one.created_by), moment(one.created_at), one.note or "-"]
        for one in sets[:VERSIONS_SHOWN]
    ]
    return panel("Versions", ["version", "taken by", "when", "note"], rows)


# ------------------------------------------------------------------------------------------------ who looked


@admin.register(BodyDataRead)
class BodyDataReadAdmin(Window):
    shelf, title, icon = "Books", "Who looked at measurements", "visibility"
    list_display = ["when", "who", "about", "route"]
    list_filter = ["at"]
    list_select_related = ["by"]
    search_fields = ["by__username", "by__first_name", "by__last_name"]
    ordering = ["-pk"]
    show_full_result_count = False
    paginator = CappedPaginator
    fields = ["when", "who", "about", "route"]

    def visible(self, rows, by):
        return rows  # the owner's alone

    @display(description="when", ordering="at")
    def when(self, read):
        return moment(read.at)

    @display(description="who", ordering="by__first_name")
    def who(self, read):
        return str(read.by)

    @display(description="whose")
    def about(self, read):
        numbers = [Customer(pk=pk).number for pk in read.customers]
        return ", ".join(numbers[:20]) + (f" and {len(numbers) - 20} more" if len(numbers) > 20 else "")
