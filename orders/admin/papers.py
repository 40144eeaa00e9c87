"""What the pages of orders, sales and tickets share: whose they are, and their money."""

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AutocompleteSelect
from django.utils.html import format_html
from unfold.decorators import display
from unfold.enums import ActionVariant
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from boutique.admin import NumbersOnly, PaperAdmin, Verb, VerbForm, label, moment, panel, to
from inventory.admin.stock import capped
from orders.models import Order, Payment
from skus.admin.fields import PriceField
from skus.admin.filters import OneOfFilter
from skus.admin.shown import amount

LINES_SHOWN = 500
PAYMENT_COLOURS = {
    "unpaid": "warning",
    "partly_paid": "info",
    "paid": "success",
    "overpaid": "danger",
    "refunded": "",
}


class CustomerBox(NumbersOnly, AutocompleteSelect):
    def __init__(self):
        super().__init__(Order._meta.get_field("customer"), admin.site)


class Priced(PriceField):
    """An amount that has to be said."""

    def __init__(self, **options):
        super().__init__(**options)
        self.required = True


class Sum(Priced):
    def clean(self, value):
        amount = super().clean(value)
        if not amount:
            raise forms.ValidationError("More than nothing.")
        return amount


class MoneyForm(VerbForm):
    amount = Sum(label="Amount")
    method = forms.ChoiceField(choices=Payment.Method.choices, widget=UnfoldAdminSelectWidget)
    reference = forms.CharField(required=False, max_length=100, widget=UnfoldAdminTextInputWidget)


def money_verbs(paying):
    """By the services of this kind of paper."""
    return {
        "pay": Verb(
            needs="orders.add_payment",
            service=paying.pay,
            title="Take payment",
            done="the payment is noted.",
            form=MoneyForm,
            icon="payments",
            variant=ActionVariant.PRIMARY,
        ),
        "refund": Verb(
            needs="orders.refund_payment",
            service=paying.refund,
            title="Pay back",
            done="the refund is noted.",
            form=MoneyForm,
            icon="undo",
        ),
    }


class OpenFilter(OneOfFilter):
    title = parameter_name = "open"

    def lookups(self, request, model_admin):
        return [("yes", "Open")]

    def narrowed(self, rows):
        return rows.open()


class OverdueFilter(OneOfFilter):
    title = parameter_name = "overdue"

    def lookups(self, request, model_admin):
        return [("yes", "Overdue")]

    def narrowed(self, rows):
        return rows.overdue()


class CustomerPaperAdmin(PaperAdmin):
    @display(description="customer", ordering="customer__name")
    def whose(self, paper):
        return to(paper.customer) if paper.customer_id else "-"

    @display(description="place", ordering="location__code")
    def place(self, paper):
        return str(paper.location)

    @display(description="note")
    def told(self, paper):
        return paper.note or "-"

    @display(description="total", ordering="total")
    def total_shown(self, paper):
        return amount(paper.total)


class PromisedPaperAdmin(CustomerPaperAdmin):
    """Of what is worked on until a day, and paid in parts."""

    shortcuts = [("All", ""), ("Open", "open=yes"), ("Overdue", "overdue=yes"), ("Ready", "status__exact=ready")]

    @display(description="still due")
    def balance_shown(self, paper):
        return amount(paper.balance)

    @display(description="money", ordering="payment_status")
    def payment(self, paper):
        return label(Order.PaymentStatus(paper.payment_status).label, PAYMENT_COLOURS[paper.payment_status])

    # The start page

    def late(self, request):
        return self.get_queryset(request).overdue()

    def badge(self, request):
        return capped(self.late(request))


def day_shown(day, *, is_overdue):
    day = f"{day:%d\u00a0%b\u00a0%Y}"
    return format_html("{} {}", day, label("Overdue", "danger")) if is_overdue else day


def payments_panel(paper):
    rows = [
        [
            moment(one.at),
            one.get_kind_display(),
            one.get_method_display(),
            amount(one.amount),
            one.reference,
            str(one.by),
        ]
        for one in paper.payments.select_related("by")[:LINES_SHOWN]
    ]
    return panel("Payments", ["when", "what", "how", "amount", "reference", "by"], rows)
