"""Sales on the desk: what was sold, how it was paid, and what came back."""

from django import forms
from django.contrib import admin
from django.db.models import F
from unfold.decorators import display
from unfold.enums import ActionVariant
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget, UnfoldBooleanSwitchWidget

from boutique.admin import LinesForm, Verb, goods, moment, panel
from inventory.admin.fields import QuantityField
from inventory.admin.stock import PlaceFilter, moved_by
from inventory.services.ledger import plain
from orders.admin.papers import LINES_SHOWN, CustomerPaperAdmin, payments_panel
from orders.models import Payment, Sale
from orders.services import returning
from orders.services.returning import Back
from skus.admin.shown import amount

COLOURS = {"completed": "success", "partly_returned": "warning", "returned": ""}
AS_PAID = ("", "As it was paid, the newest payment first")


class ReturnForm(LinesForm):
    reason = forms.CharField(max_length=1000, widget=UnfoldAdminTextareaWidget(attrs={"rows": 2}))
    back_by = forms.ChoiceField(
        label="Paid back by", choices=[AS_PAID, *Payment.Method.choices], required=False, widget=UnfoldAdminSelectWidget
    )
    known = {
        "SKU": goods,
        "Sold": lambda line: plain(line.quantity),
        "Came back": lambda line: plain(line.returned),
        "Paid": lambda line: amount(line.total),
    }
    asked = {
        "quantity": ("Comes back", lambda line: QuantityField(required=False, min_value=0)),
        "restock": (
            "To the shelf",
            lambda line: forms.BooleanField(required=False, initial=True, widget=UnfoldBooleanSwitchWidget),
        ),
    }
    nothing = "Say of one row at least how many come back."

    def lines_of(self, row):
        return super().lines_of(row).filter(returned__lt=F("quantity"))

    def line(self, line, *, quantity, restock):
        return Back(line=line.pk, quantity=quantity, restock=bool(restock)) if quantity else None


def take_back(*, sale, lines, by, reason, back_by=""):
    return returning.take_back_by(sale=sale, lines=lines, by=by, reason=reason, method=back_by or None)


@admin.register(Sale)
class SaleAdmin(CustomerPaperAdmin):
    shelf, title, icon, noun = "Orders", "Sales", "receipt_long", "sale"
    colours = COLOURS
    search_help_text = "Its number, its till's name for it, the customer's name, or words of its note"
    list_display = ["name", "state", "total_shown", "place", "day", "sold_at", "whose", "by"]
    list_filter = ["status", PlaceFilter, "business_date"]
    shortcuts = [
        ("All", ""),
        ("Partly returned", "status__exact=partly_returned"),
        ("Returned", "status__exact=returned"),
    ]
    fields = ["name", "state", "whose", "place", "day", "sold_at", "total_shown", "refunded_shown", "told", "by"]
    verbs = {
        "returns": Verb(
            needs="orders.add_salereturn",
            service=take_back,
            title="Take back",
            text="What was paid for these pieces is paid back to the cent.",
            done="taken back.",
            form=ReturnForm,
            icon="undo",
            variant=ActionVariant.PRIMARY,
        )
    }

    def get_queryset(self, request):
        return super().get_queryset(request).named()

    def allowed(self, row, by):
        return returning.allowed(row, by)

    @display(description="paid back", ordering="refunded")
    def refunded_shown(self, sale):
        return amount(sale.refunded)

    @display(description="business day", ordering="business_date")
    def day(self, sale):
        return f"{sale.business_date:%d\u00a0%b\u00a0%Y}"

    @display(description="sold", ordering="occurred_at")
    def sold_at(self, sale):
        return moment(sale.occurred_at)

    def tables(self, request, row):
        lines = row.lines.select_related("sku__product").defer("sku__search", "sku__product__search")
        sold = [
            [
                goods(line),
                plain(line.quantity),
                plain(line.returned),
                *(amount(value) for value in (line.unit_price, line.discount + line.share, line.tax, line.total)),
            ]
            for line in lines[:LINES_SHOWN]
        ]
        back = [
            [one.number, moment(one.occurred_at), amount(one.total), one.reason, str(one.created_by)]
            for one in row.returns.select_related("created_by")
        ]
        return [
            panel("Lines", ["what", "quantity", "came back", "price", "discount", "tax", "total"], sold),
            payments_panel(row),
            panel("Returns", ["number", "when", "paid back", "why", "by"], back),
            *moved_by(request.user, row.number, *(returned.number for returned in row.returns.all())),
        ]
