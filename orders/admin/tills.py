"""Tills and baskets on the desk. Managers see what should be in a drawer before it is counted."""

from datetime import timedelta

from django import forms
from django.contrib import admin
from django.utils import timezone
from unfold.decorators import display
from unfold.enums import ActionVariant
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from boutique.admin import PaperAdmin, Verb, VerbForm, figure, goods, label, moment, panel, to
from inventory.admin.documents import place
from inventory.admin.stock import PlaceFilter, capped
from inventory.services.ledger import plain
from orders.admin.papers import Priced, Sum
from orders.models import Basket, Payment, TillSession
from orders.services import baskets, tills
from skus.admin.shown import amount

ROWS_SHOWN = 200
LONG = timedelta(hours=20)  # a till that is open so long was forgotten


def text(**options):
    return forms.CharField(widget=UnfoldAdminTextInputWidget, **options)


class OpenForm(VerbForm):
    location = place(label="Place")
    register = text(max_length=20, initial="1")
    opening_cash = Priced(label="Float")


class CashForm(VerbForm):
    amount = Sum(label="Amount")
    reason = text(max_length=200)


class CountForm(VerbForm):
    counted = Priced(label="Counted")
    note = forms.CharField(
        required=False,
        max_length=1000,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 2}),
        help_text="If it is not what should be there: why.",
    )


@admin.register(TillSession)
class TillSessionAdmin(PaperAdmin):
    shelf, title, icon, noun = "Orders", "Tills", "point_of_sale", "session"
    moves = tills.MOVES
    colours = {"open": "success", "closed": ""}
    list_display = ["name", "state", "place", "register", "day", "should_be", "was_counted", "off_by", "by"]
    list_filter = ["status", PlaceFilter, "business_date"]
    shortcuts = [("All", ""), ("Open", "status__exact=open")]
    fields = [
        "name", "state", "place", "register", "day", "float_shown", "should_be", "was_counted", "off_by", "told",
        "by", "when", "ended",
    ]  # fmt: skip
    list_verbs = {
        "open_till": Verb(
            needs="orders.open_tillsession",
            service=tills.open_till,
            title="Open till",
            text="Count the float in.",
            done=lambda made: f"{made} is open.",
            form=OpenForm,
            icon="lock_open",
            variant=ActionVariant.PRIMARY,
        )
    }
    verbs = {
        "cash_in": Verb(
            needs="orders.close_tillsession",
            service=tills.cash_in,
            title="Cash in",
            done="the cash is noted.",
            form=CashForm,
            icon="add",
        ),
        "cash_out": Verb(
            needs="orders.close_tillsession",
            service=tills.cash_out,
            title="Cash out",
            done="the cash is noted.",
            form=CashForm,
            icon="remove",
        ),
        "close": Verb(
            needs="orders.close_tillsession",
            service=tills.close,
            title="Close",
            text="Count the drawer. A till is closed once.",
            done="closed.",
            form=CountForm,
            icon="lock",
            variant=ActionVariant.PRIMARY,
        ),
    }

    def get_queryset(self, request):
        return super().get_queryset(request).named().with_figures()

    @display(description="place", ordering="location__code")
    def place(self, session):
        return str(session.location)

    @display(description="business day", ordering="business_date")
    def day(self, session):
        return f"{session.business_date:%d\u00a0%b\u00a0%Y}"

    @display(description="float")
    def float_shown(self, session):
        return amount(session.opening_cash)

    @display(description="expected")
    def should_be(self, session):
        return amount(session.cash())

    @display(description="counted")
    def was_counted(self, session):
        return "-" if session.counted is None else amount(session.counted)

    @display(description="variance", ordering="variance")
    def off_by(self, session):
        if session.variance is None:
            return "-"
        return label(amount(session.variance), "danger") if session.variance else amount(session.variance)

    @display(description="note")
    def told(self, session):
        return session.note or "-"

    @display(description="closed")
    def ended(self, session):
        return "-" if session.is_open else f"{session.closed_by}, {moment(session.closed_at)}"

    def tables(self, request, row):
        report = tills.report(row)
        tenders = [
            [
                Payment.Method(one["method"]).label,
                *(amount(one[name]) for name in ("payments", "refunds", "net")),
                one["count"],
            ]
            for one in report["tenders"]
        ]
        entries = row.entries.select_related("by")[:ROWS_SHOWN]
        rows = [
            [
                moment(one.at),
                one.get_kind_display(),
                one.get_method_display(),
                amount(one.amount),
                one.document or one.reason,
                str(one.by),
            ]
            for one in entries
        ]
        return [
            panel("Taken", ["how", "taken", "paid back", "net", "times"], tenders),
            panel("Rows", ["when", "what", "how", "amount", "for", "by"], rows),
        ]

    # The start page

    def forgotten(self, request):
        return self.visible(TillSession.objects.open(), request.user).filter(opened_at__lt=timezone.now() - LONG)

    def figures(self, request):
        found = capped(self.forgotten(request))
        address = self.address(query="status__exact=open")
        return [figure("Tills not counted since yesterday", found, address, self.icon)] if found else []


@admin.register(Basket)
class BasketAdmin(PaperAdmin):
    shelf, title, icon, noun = "Orders", "Baskets", "shopping_basket", "basket"
    moves = {name: move for name, move in baskets.MOVES.items() if name == "discard"}
    colours = {"held": "info", "sold": "success", "discarded": "", "expired": "warning"}
    search_help_text = "Its number, or words of its label or note"
    list_display = ["name", "state", "label_shown", "whose", "place", "by", "when"]
    list_filter = ["status", PlaceFilter, "created_at"]
    shortcuts = [("All", ""), ("Held", "status__exact=held")]
    fields = ["name", "state", "label_shown", "whose", "place", "told", "discount_shown", "became", "by", "when"]
    verbs = {
        "discard": Verb(
            needs="orders.delete_basket",
            service=baskets.discard,
            title="Discard",
            text="Nobody wants it any more.",
            done="discarded.",
            icon="delete",
            variant=ActionVariant.DANGER,
        )
    }

    def get_queryset(self, request):
        return super().get_queryset(request).named()

    @display(description="label", ordering="label")
    def label_shown(self, basket):
        return basket.label or "-"

    @display(description="customer", ordering="customer__name")
    def whose(self, basket):
        return to(basket.customer) if basket.customer_id else "-"

    @display(description="place", ordering="location__code")
    def place(self, basket):
        return str(basket.location)

    @display(description="note")
    def told(self, basket):
        return basket.note or "-"

    @display(description="discount")
    def discount_shown(self, basket):
        return amount(basket.discount)

    @display(description="sold as")
    def became(self, basket):
        return basket.sale.number if basket.sale_id else "-"

    def tables(self, request, row):
        lines = row.lines.select_related("sku__product").defer("sku__search", "sku__product__search")
        rows = [
            [
                goods(line),
                plain(line.quantity),
                "the catalogue's" if line.unit_price is None else amount(line.unit_price),
                amount(line.discount),
            ]
            for line in lines
        ]
        return [panel("Goods", ["what", "quantity", "price", "discount"], rows)]
