"""Purchase orders on the desk: what is ordered, what came in how many parts, and what is possible now."""

from dataclasses import replace

from django import forms
from django.contrib import admin
from django.db.models import Prefetch
from django.http import HttpResponse
from django.utils import timezone
from unfold.decorators import display
from unfold.enums import ActionVariant
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget

from boutique.admin import LinesForm, NoteForm, PaperAdmin, Verb, VerbForm, figure, goods, moment, panel, to
from inventory.admin.documents import GoodsForm, note, place, switch
from inventory.admin.stock import LINES_SHOWN, OfStock, PlaceFilter, capped, moved_by
from inventory.serializers.stock import COST
from inventory.services.ledger import ZERO, plain
from skus.admin.filters import OneOfFilter
from skus.admin.shown import amount
from suppliers import papers
from suppliers.admin.fields import AmountField, PricedGoodsField, WithoutCosts, day, quantity, unit_cost
from suppliers.admin.shown import COLOURS, day_of, to_come, with_sums
from suppliers.models import PurchaseLine, PurchaseOrder, Supplier
from suppliers.serializers import CONTACT, MOST_BILLED
from suppliers.services import costing, ordering, receiving
from suppliers.services.ordering import Wanted
from suppliers.services.receiving import Came, SentBack

SUPPLIERS_OFFERED = 500


# ------------------------------------------------------------------------------------------------ forms


def supplier():
    return forms.ModelChoiceField(queryset=Supplier.objects.filter(is_active=True), widget=UnfoldAdminSelectWidget)


class NewOrderForm(GoodsForm):
    supplier = supplier()
    location = place(label="Place")
    expected_on = day(label="Expected", help_text="Left empty, it follows from the lead time when it is sent.")
    lines = PricedGoodsField(label="Goods")
    note = note()


class BoughtForm(GoodsForm):
    supplier = supplier()
    location = place(label="Place")
    lines = PricedGoodsField(label="Goods")
    note = note()


class ChangeForm(WithoutCosts, LinesForm):
    """A draft: a row emptied is no longer ordered."""

    expected_on = day(label="Expected")
    more = PricedGoodsField(label="More goods", required=False)
    note = note()
    known = {"SKU": goods}
    asked = {
        "quantity": ("How many", lambda line: quantity(initial=plain(line.ordered))),
        "unit_cost": ("Unit cost", lambda line: unit_cost(initial=line.unit_cost)),
    }

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.fields["expected_on"].initial, self.fields["note"].initial = self.row.expected_on, self.row.note

    def line(self, line, *, quantity, unit_cost=None):
        return Wanted(line=line.pk, quantity=quantity, unit_cost=unit_cost) if quantity else None

    def clean(self):
        self.nothing = "" if self.cleaned_data.get("more") else "Leave one row at least, or delete the draft."
        super().clean()

    def field_of(self, path):
        """What is new stands behind what was there before."""
        _lines, _dot, rest = path.partition("lines.")
        number = rest.partition(".")[0]
        return "more" if number.isdigit() and int(number) >= len(self.sent) else super().field_of(path)


class RedateForm(VerbForm):
    expected_on = day(label="Expected")
    note = note()

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.fields["expected_on"].initial, self.fields["note"].initial = self.row.expected_on, self.row.note


class ReceiveForm(WithoutCosts, LinesForm):
    """All that is still to come is offered; what was in the box is typed over it."""

    note = note()
    known = {
        "SKU": goods,
        "Ordered": lambda line: plain(line.ordered),
        "Still to come": lambda line: plain(line.outstanding),
    }
    asked = {
        "quantity": ("Good", lambda line: quantity(initial=plain(line.outstanding))),
        "rejected": ("Rejected", lambda line: quantity()),
        "replace": ("They send others", lambda line: switch("")),
        "unit_cost": ("Billed at", lambda line: unit_cost(help_text="If not as ordered.")),
    }
    nothing = "Say of one row at least what came."

    def lines_of(self, row):
        return super().lines_of(row).filter(outstanding__gt=0)

    def line(self, line, *, quantity, rejected, replace, unit_cost=None):
        if not (quantity or rejected):
            return None
        return Came(
            line=line, quantity=quantity or ZERO, rejected=rejected or ZERO, replace=bool(replace), unit_cost=unit_cost
        )


class ReturnForm(LinesForm):
    reason = forms.CharField(max_length=1000, widget=UnfoldAdminTextareaWidget(attrs={"rows": 2}))
    known = {
        "SKU": goods,
        "Received": lambda line: plain(line.received),
        "Went back": lambda line: plain(line.returned),
    }
    asked = {"quantity": ("Goes back", lambda line: quantity())}
    nothing = "Say of one row at least how many go back."

    def lines_of(self, row):
        return super().lines_of(row).filter(received__gt=0)

    def line(self, line, *, quantity):
        return SentBack(line=line, quantity=quantity) if quantity else None


class CostForm(VerbForm):
    amount = AmountField(MOST_BILLED, help_text="A credit is below nothing: -12.50.")
    note = note()


# ------------------------------------------------------------------------------------------------ what the verbs do


def change(*, order, by, more=(), lines=None, **fields):
    if lines is not None:
        lines = [*lines, *(replace(wanted, line=None) for wanted in more)]
    return ordering.change(order=order, lines=lines, by=by, **fields)


def printed(*, order, by):
    rows = PurchaseOrder.objects.named().prefetch_related(
        Prefetch("lines", PurchaseLine.objects.with_goods().with_codes().order_by("pk"))
    )
    pdf = papers.order(rows.get(pk=order.pk), costs=by.has_perm(COST), contact=by.has_perm(CONTACT))
    name = f'attachment; filename="{order.number}.pdf"'
    return HttpResponse(pdf, content_type="application/pdf", headers={"Content-Disposition": name})


def now(order):
    return f"{order.get_status_display().lower()}."


# ------------------------------------------------------------------------------------------------ the pages


class SupplierFilter(OneOfFilter):
    title, parameter_name, lookup = "supplier", "supplier", "supplier"

    def lookups(self, request, model_admin):
        return [(str(pk), name) for pk, name in Supplier.objects.values_list("pk", "name")[:SUPPLIERS_OFFERED]]


class WaitingFilter(OneOfFilter):
    title, parameter_name = "waiting", "waiting"

    def lookups(self, request, model_admin):
        return [("awaited", "Still to come"), ("late", "Late")]

    def narrowed(self, rows):
        return rows.awaited() if self.value() == "awaited" else rows.overdue(timezone.localdate())


@admin.register(PurchaseOrder)
class PurchaseOrderAdmin(OfStock, PaperAdmin):
    shelf, title, icon, noun = "Purchases", "Purchase orders", "receipt_long", "order"
    moves, colours = ordering.MOVES, COLOURS
    costs = frozenset({"total_shown"})
    list_display = ["name", "state", "supplier_name", "place", "expected", "to_come", "total_shown", "by", "when"]
    list_filter = ["status", WaitingFilter, SupplierFilter, PlaceFilter, "created_at"]
    search_help_text = "Its number, or words of its note or its supplier"
    shortcuts = [
        ("All", ""),
        ("Drafts", "status__exact=draft"),
        ("Still to come", "waiting=awaited"),
        ("Late", "waiting=late"),
    ]
    fields = ["name", "state", "supplier_link", "place", "expected", "sent", "note", "total_shown", "by", "when"]
    list_verbs = {
        "order": Verb(
            needs="suppliers.add_purchaseorder",
            service=ordering.draft,
            title="New order",
            text="A draft that nobody has sent yet.",
            done=lambda made: f"{made} is a draft.",
            form=NewOrderForm,
            icon="add_shopping_cart",
            variant=ActionVariant.PRIMARY,
        ),
        "buy": Verb(
            needs="suppliers.add_purchaseorder",
            service=receiving.buy,
            title="Bought at once",
            text="What was ordered and brought along in one step: it is stock when you press the button.",
            done=lambda made: f"{made} is in stock.",
            form=BoughtForm,
            icon="shopping_bag",
        ),
    }
    verbs = {
        "receive": Verb(
            needs="suppliers.receive_purchaseorder",
            service=receiving.receive,
            title="Receive",
            text="What came out of the box. Rejected pieces count beside the good ones and are no stock; rows left "
            "empty are still to come.",
            done=now,
            form=ReceiveForm,
            icon="inventory",
            variant=ActionVariant.PRIMARY,
        ),
        "send": Verb(
            needs="suppliers.send_purchaseorder",
            service=ordering.send,
            title="Send",
            text="The supplier has it from now on, and its goods are shown as incoming. Print it, or mail it as you "
            "are used to.",
            done=now,
            form=NoteForm,
            icon="send",
            variant=ActionVariant.PRIMARY,
        ),
        "edit": Verb(
            needs="suppliers.change_purchaseorder",
            service=change,
            title="Change",
            text="A row that is emptied is no longer ordered.",
            done="Changed.",
            form=ChangeForm,
            icon="edit",
        ),
        "redate": Verb(
            needs="suppliers.change_purchaseorder",
            service=change,
            title="Change day or note",
            text="The supplier has the order: what is ordered stays.",
            done="Changed.",
            form=RedateForm,
            icon="edit_calendar",
        ),
        "print": Verb(
            needs="suppliers.view_purchaseorder",
            service=printed,
            title="Print",
            text="The order as its supplier reads it, as PDF.",
            icon="print",
        ),
        "return": Verb(
            needs="suppliers.return_purchaseorder",
            service=receiving.give_back,
            title="Send goods back",
            text="They leave at what they cost when they came, those of the newest delivery first.",
            done="sent back.",
            form=ReturnForm,
            icon="assignment_return",
        ),
        "costs": Verb(
            needs="suppliers.add_purchasecost",
            service=costing.add_cost,
            title="Add freight or credit",
            text="Spread over what was received, by value. What falls on goods that are still here raises their value "
            "today; what falls on those that are gone is an expense.",
            done="booked.",
            form=CostForm,
            icon="request_quote",
        ),
        "close": Verb(
            needs="suppliers.close_purchaseorder",
            service=ordering.close,
            title="Close short",
            text="What is still to come will not come.",
            done="closed.",
            form=NoteForm,
            icon="do_not_disturb_on",
            variant=ActionVariant.DANGER,
        ),
        "cancel": Verb(
            needs="suppliers.cancel_purchaseorder",
            service=ordering.cancel,
            title="Cancel",
            text="Nothing has come yet, and nothing will.",
            done="cancelled.",
            form=NoteForm,
            icon="close",
            variant=ActionVariant.DANGER,
        ),
    }

    def get_queryset(self, request):
        return with_sums(super().get_queryset(request).named())

    def allowed(self, row, by):
        names = set(super().allowed(row, by)) | {"print"}
        if "change" in names:
            names.add("edit" if row.status == "draft" else "redate")
        return names

    def has_delete_permission(self, request, obj=None):
        return (obj is None or obj.status == "draft") and super().has_delete_permission(request, obj)

    def remove(self, order, *, by):
        ordering.delete(order=order, by=by)

    def told_before_deleting(self, order):
        return "This draft disappears for good. Its number is not given again."

    @display(description="supplier", ordering="supplier__name")
    def supplier_name(self, order):
        return order.supplier.name

    @display(description="supplier")
    def supplier_link(self, order):
        return to(order.supplier)

    @display(description="expected")
    def expected(self, order):
        return day_of(order)

    @display(description="to come")
    def to_come(self, order):
        return to_come(order)

    @display(description="total")
    def total_shown(self, order):
        return amount(order.total)

    @display(description="sent")
    def sent(self, order):
        return moment(order.sent_at)

    def figures(self, request):
        rows, today = self.get_queryset(request), timezone.localdate()
        found = {
            ("Orders to come", "awaited", self.icon): capped(rows.awaited()),
            ("Late orders", "late", "event_busy"): capped(rows.overdue(today)),
        }
        return [
            figure(title, many, self.address(query=f"waiting={name}"), icon)
            for (title, name, icon), many in found.items()
            if many
        ]

    # What stands below an order

    def tables(self, request, row):
        by, costs = request.user, request.user.has_perm(COST)
        tables = [lines_table(row, costs), receipts_table(row, costs)]
        tables += [returns_table(row, costs)] if row.returns.exists() else []
        tables += [costs_table(row)] if costs and row.costs.exists() else []
        return [*tables, *moved_by(by, row.number)]


def lines_table(order, costs):
    names = ["ordered", "received", "rejected", "returned", "outstanding"]
    headers = ["SKU", "their code", "ordered", "received", "rejected", "went back", "to come"]
    rows = [
        [
            goods(line),
            line.supplier_code or "-",
            *(plain(getattr(line, name)) for name in names),
            *([amount(line.unit_cost), amount(line.total)] if costs else []),
        ]
        for line in order.lines.with_goods().with_codes().order_by("pk")[:LINES_SHOWN]
    ]
    return panel("Lines", [*headers, *(["unit cost", "total"] if costs else [])], rows)


def receipts_table(order, costs):
    rows = [
        [
            str(receipt.number),
            moment(receipt.at),
            str(receipt.by),
            "Reversed" if receipt.is_reversal else ", ".join(said(line) for line in receipt.lines.all()),
            *([amount(receipt.value)] if costs else []),
            receipt.note or "-",
        ]
        for receipt in order.receipts.select_related("by").prefetch_related("lines__line__sku")
    ]
    headers = ["delivery", "when", "by", "what came", *(["value"] if costs else []), "note"]
    return panel("Deliveries", headers, rows, empty="Nothing has come yet.")


def said(line):
    """6 KRT-BLU-M (1 rejected)"""
    text = f"{plain(line.quantity)} {line.line.sku}"
    return f"{text} ({plain(line.rejected)} rejected)" if line.rejected else text


def returns_table(order, costs):
    found = order.returns.select_related("by").prefetch_related("lines__receipt_line__line__sku")
    rows = [
        [
            moment(back.at),
            str(back.by),
            ", ".join(f"{plain(line.quantity)} {line.receipt_line.line.sku}" for line in back.lines.all()),
            *([amount(back.value)] if costs else []),
            back.note,
        ]
        for back in found
    ]
    return panel("Went back", ["when", "by", "what", *(["value"] if costs else []), "why"], rows)


def costs_table(order):
    rows = [
        [
            moment(cost.at),
            str(cost.by),
            amount(cost.amount),
            amount(sum(line.stocked for line in cost.lines.all())),
            amount(sum(line.expensed for line in cost.lines.all())),
            cost.note or "-",
        ]
        for cost in order.costs.select_related("by").prefetch_related("lines")
    ]
    return panel("Billed later", ["when", "by", "amount", "on stock", "expense", "note"], rows)
