"""A customer with all that the shop knows of them on one page."""

from django import forms
from django.conf import settings
from django.contrib import admin
from django.http import JsonResponse
from django.urls import reverse
from django.utils import timezone
from unfold.decorators import display
from unfold.enums import ActionVariant
from unfold.widgets import (
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

from accounts.models import Location
from boutique.admin import CappedPaginator, HouseAdmin, HouseForm, Verb, VerbForm, label, moment, panel, timeline_of
from orders import contacts
from orders.admin.measurements import table_of
from orders.models import Consent, Customer, MeasurementSet
from orders.models.customers import CONTACT
from orders.serializers.customers import FIRST_BIRTHDAY
from orders.services import customers, privacy
from skus.admin.archiving import archive_verbs
from skus.admin.filters import STATES, ArchiveFilter
from skus.admin.shown import amount

SETS_SHOWN = 10
REACHED = ["email", "phone", "address", "notes", "birthday"]  # for those who may see how


class PhoneField(forms.CharField):
    def __init__(self, **options):
        super().__init__(required=False, max_length=40, widget=UnfoldAdminTextInputWidget, **options)

    def clean(self, value):
        text = super().clean(value)
        number = contacts.phone(text, settings.PHONENUMBER_DEFAULT_REGION) if text else ""
        if number is None:
            raise forms.ValidationError("Digits, spaces and + ( ) - . / only, such as +49 40 1234567.")
        return number


class CustomerForm(HouseForm):
    phone = PhoneField()

    class Meta:
        model = Customer
        fields = ["name", *REACHED]
        widgets = {
            "address": UnfoldAdminTextareaWidget(attrs={"rows": 2}),
            "notes": UnfoldAdminTextareaWidget(attrs={"rows": 4}),
        }

    def clean_email(self):
        return self.cleaned_data["email"].lower()

    def clean_birthday(self):
        day = self.cleaned_data["birthday"]
        if day and not FIRST_BIRTHDAY <= day <= timezone.localdate():
            raise forms.ValidationError("Lies before 1900 or in the future.")
        return day


class NewCustomerForm(CustomerForm):
    location = forms.ModelChoiceField(
        label="Known in",
        queryset=Location.objects.filter(is_active=True).exclude(kind=Location.Kind.TRANSIT),
        required=False,
        widget=UnfoldAdminSelectWidget,
        help_text="Beside the places you work in. Left empty by an owner, only owners see the customer.",
    )
    consent = forms.BooleanField(
        label="Wants to hear from us", required=False, widget=UnfoldBooleanSwitchWidget, help_text="News and offers."
    )

    def sent(self):
        sent = super().sent()
        return sent | {"consent": sent.get("consent") or None}  # who was not asked has said nothing


class ConsentForm(VerbForm):
    purpose = forms.ChoiceField(label="To what", choices=Consent.Purpose.choices, widget=UnfoldAdminSelectWidget)
    is_given = forms.TypedChoiceField(
        label="They",
        choices=[("1", "allow it"), ("0", "take it back")],
        coerce=lambda value: value == "1",
        widget=UnfoldAdminSelectWidget,
    )
    how = forms.ChoiceField(
        choices=[pair for pair in Consent.Way.choices if pair[0] != Consent.Way.ERASED], widget=UnfoldAdminSelectWidget
    )


def export(*, customer, by):
    held = privacy.export(customer=customer, by=by, route="The admin's export")
    name = f"{customer.number.lower()}.json"
    return JsonResponse(held, headers={"Content-Disposition": f'attachment; filename="{name}"'})


@admin.register(Customer)
class CustomerAdmin(HouseAdmin):
    shelf, icon, noun = "Customers", "person_heart", "customer"
    form, add_form = CustomerForm, NewCustomerForm
    list_display = ["who", "email", "phone", "state", "since"]
    list_filter = [ArchiveFilter, "created_at"]
    search_fields = ["name"]  # asks by the words of found_by
    search_help_text = "Name, e-mail address, or any end of the phone number"
    ordering = ["name", "pk"]
    shortcuts = STATES
    show_full_result_count = False
    paginator = CappedPaginator
    fieldsets = [("Customer", {"fields": ["name", *REACHED]}), ("Here", {"fields": ["state", "known_in", "since"]})]
    add_fieldsets = [("Customer", {"fields": ["name", *REACHED]}), ("Here", {"fields": ["location", "consent"]})]
    verbs = {
        "consent": Verb(
            needs="orders.change_customer",
            service=customers.record_consent,
            title="Note consent",
            text="What they allow, or take back. What they said before stays written, with its moment.",
            done="Noted.",
            form=ConsentForm,
            icon="handshake",
        ),
        "export": Verb(
            needs="orders.export_customer",
            service=export,
            title="Export",
            text="Gives you a file with everything the shop holds about this person. That you took it is written down.",
            icon="download",
        ),
        **archive_verbs(
            "orders.archive_customer",
            customers.archive,
            customers.restore,
            meaning="They get no new orders until they are restored. What they ordered stays in the books.",
            back="A customer again.",
        ),
        "erase": Verb(
            needs="orders.erase_customer",
            service=privacy.erase,
            title="Erase",
            text="Name, contact data, notes and all measurements are gone for good; nothing brings them back. Orders, "
            "payments and stock stay, under a pseudonym. Not possible while work is open.",
            done="Erased.",
            icon="person_remove",
            variant=ActionVariant.DANGER,
        ),
    }

    def allowed(self, row, by):
        if row.is_erased:
            return ["export"]
        return ["consent", "export", "archive" if row.is_active else "restore", "erase"]

    def make(self, *, by, **sent):
        return customers.add(by=by, **sent)

    def change(self, customer, *, by, **sent):
        customers.change(customer=customer, by=by, **sent)

    def remove(self, customer, *, by):
        customers.delete(customer=customer, by=by)

    def told_before_deleting(self, customer):
        return (
            f"{customer} disappears for good. It works only for somebody written down by mistake: whoever was measured "
            "or ordered something is archived, or erased by the owner."
        )

    def get_queryset(self, request):
        return super().get_queryset(request).defer("search", "search_by_name")

    def get_readonly_fields(self, request, obj=None):
        return ["state", "known_in", "since"] if obj else []

    def has_change_permission(self, request, obj=None):
        return super().has_change_permission(request, obj) and not (obj and obj.is_erased)

    # Who may not see how they are reached

    def get_list_display(self, request):
        return self.seen_by(request, super().get_list_display(request))

    def get_fieldsets(self, request, obj=None):
        shown = self.fieldsets if obj else self.add_fieldsets
        return [(title, {"fields": self.seen_by(request, part["fields"])}) for title, part in shown]

    def seen_by(self, request, names):
        return names if request.user.has_perm(CONTACT) else [name for name in names if name not in REACHED]

    # The list

    @display(description="customer", header=True, ordering="name")
    def who(self, customer):
        return [customer.name, customer.number, customer.name[:2]]

    @display(description="state", ordering="is_active")
    def state(self, customer):
        if customer.is_erased:
            return label("Erased")
        return label("Active", "success") if customer.is_active else label("Archived", "danger")

    @display(description="since", ordering="created_at")
    def since(self, customer):
        return moment(customer.created_at)

    @display(description="known in")
    def known_in(self, customer):
        places = customer.places.order_by("location__code").values_list("location__code", flat=True)
        return ", ".join(places) or "No place: only owners see this customer"

    # The page of one customer

    def panels(self, request, row):
        by = request.user
        return [
            *(twins_of(row, by)),
            *([papers_of(row, by)] if by.has_perm("orders.view_history") else []),
            *(bodies_of(row, by) if by.has_perm("orders.view_body") else []),
            *([consents_of(row)] if by.has_perm(CONTACT) else []),
            timeline_of(row.number),
        ]


def twins_of(customer, by):
    (warned,) = customers.warned([customer], by)
    rows = [[warning["message"]] for warning in warned.warnings]
    return [panel("Perhaps the same person", ["what"], rows)] if rows else []


def papers_of(customer, by):
    history = customers.history(customer=customer, by=by)
    spend = history.pop("spend")
    papers = sorted((paper for part in history.values() for paper in part), key=lambda one: one.date, reverse=True)
    rows = [[one.number, str(one.date), one.location_code, one.status, amount(one.total)] for one in papers]
    return panel(f"Ordered and bought: {amount(spend)}", ["number", "date", "place", "state", "total"], rows)


def bodies_of(customer, by):
    """The newest of each wearer and kind of garment. Whoever opens the page reads them."""
    sets = list(
        MeasurementSet.objects.visible_to(by)
        .current()
        .newest()
        .filter(customer=customer)
        .select_related("created_by")
        .with_values()
        .order_by("-pk")[:SETS_SHOWN]
    )
    privacy.note_read(sets=sets, by=by, route="The admin's page of the customer")
    for taken in sets:
        taken.customer = customer
        yield table_of(
            taken,
            f"Measured for {taken.get_type_display().lower()}",
            more=reverse("admin:orders_measurementset_change", args=[taken.pk]),
        )


def consents_of(customer):
    rows = [
        [
            said.get_purpose_display(),
            "Allowed" if said.is_given else "Taken back",
            said.get_how_display(),
            moment(said.at),
            str(said.by),
        ]
        for said in customer.consents.select_related("by")
    ]
    return panel("Consents", ["to what", "said", "how", "when", "taken down by"], rows)
