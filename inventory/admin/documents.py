"""Transfers, stock requests and stock counts on the desk: their lines, their story, and what is possible now."""

from django import forms
from django.contrib import admin
from django.db.models import Q
from unfold.decorators import display
from unfold.enums import ActionVariant
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget, UnfoldBooleanSwitchWidget

from accounts.models import Location
from boutique.admin import (
    LinesForm,
    NoteForm,
    PaperAdmin,
    ReasonForm,
    Verb,
    VerbForm,
    figure,
    goods,
    label,
    moment,
    panel,
)
from inventory.admin.fields import GoodsField, QuantityField
from inventory.admin.stock import LINES_SHOWN, PlaceFilter, capped, moved_by, signed
from inventory.models import CountLine, StockCount, StockRequest, Transfer
from inventory.services import counting, requesting, transferring
from inventory.services.ledger import ZERO, plain
from skus.admin.fields import ShelfField, shelves
from skus.admin.filters import OneOfFilter

MOST_COUNTED_ROWS = 5000
COLOURS = {
    "requested": "warning",
    "approved": "info",
    "shipped": "primary",
    "partly_received": "primary",
    "received": "success",
    "posted": "success",
    "open": "info",
    "closed": "",
    "rejected": "danger",
    "cancelled": "",
}


def note():
    return forms.CharField(required=False, max_length=1000, widget=UnfoldAdminTextareaWidget(attrs={"rows": 2}))


def place(**options):
    open_places = Location.objects.filter(is_active=True).exclude(kind=Location.Kind.TRANSIT)
    return forms.ModelChoiceField(queryset=open_places, widget=UnfoldAdminSelectWidget, **options)


class GoodsForm(VerbForm):
    """What the service says of one of the goods stands beside all of them."""

    def show(self, detail, errors):
        for error in errors:
            if error["field"].startswith("lines"):
                error["field"] = "lines"
                code = error.get("params", {}).get("sku_code")
                error["message"] = f"{code}: {error['message']}" if code else error["message"]
        super().show(detail, errors)


def switch(text, *, initial=False):
    return forms.BooleanField(label=text, required=False, initial=initial, widget=UnfoldBooleanSwitchWidget)


def lines_panel(title, headers, rows):
    return panel(title, ["SKU", *headers], rows)


class StockPaperAdmin(PaperAdmin):
    shelf = "Stock"
    colours = COLOURS

    def get_queryset(self, request):
        return super().get_queryset(request).named()

    def tables(self, request, row):
        return [self.lines_of(row), *moved_by(request.user, row.number)]

    @display(description="decided by")
    def decided(self, document):
        return f"{document.decided_by}, {moment(document.decided_at)}" if document.decided_by else "-"

    @display(description="place", ordering="location__code")
    def place(self, document):
        return str(document.location)


# ------------------------------------------------------------------------------------------------ transfers


class AskTransferForm(GoodsForm):
    source = place()
    destination = place()
    lines = GoodsField(label="Goods")
    note = note()

    def narrow(self, by):
        """Somebody else's place may be the other end."""

    def clean(self):
        super().clean()
        ends = [self.cleaned_data.get(name) for name in ("source", "destination")]
        if all(ends) and not any(transferring.works_in(self.by, end) for end in ends):
            self.add_error(None, "One of the two must be yours.")


class ApproveForm(NoteForm):
    ship = switch("Send the goods on their way at once")


class ShipForm(LinesForm):
    known = {"SKU": goods, "Asked for": lambda line: plain(line.quantity)}
    asked = {
        "shipped": ("Ships", lambda line: QuantityField(required=False, min_value=0, initial=plain(line.quantity)))
    }

    def line(self, line, *, shipped):
        return transferring.Shipped(sku=line.sku, shipped=shipped) if shipped else None


class ReceiveForm(LinesForm):
    """All that is on the road is offered; what was in the box is typed over it."""

    note = note()
    known = {"SKU": goods, "On the road": lambda line: plain(line.outstanding)}
    asked = {
        "received": (
            "Good",
            lambda line: QuantityField(required=False, min_value=0, initial=plain(line.outstanding)),
        ),
        "damaged": ("Damaged", lambda line: QuantityField(required=False, min_value=0)),
        "extra": ("More than was sent", lambda line: switch("")),
    }

    def lines_of(self, row):
        return super().lines_of(row).exclude(outstanding=0)

    def line(self, line, *, received, damaged, extra):
        if not (received or damaged):
            return None
        return transferring.Arrived(sku=line.sku, received=received or ZERO, damaged=damaged or ZERO, extra=bool(extra))


class CloseForm(ReasonForm):
    to_source = switch("The goods never left, or came back: they lie at the source")


class StageFilter(OneOfFilter):
    title, parameter_name = "stage", "stage"
    stages = {
        "decide": ("To decide", ["requested"]),
        "ship": ("To ship", ["approved"]),
        "road": ("On the road", transferring.ON_THE_ROAD),
        "over": ("Over", ["received", "closed", "rejected", "cancelled"]),
    }

    def lookups(self, request, model_admin):
        return [(name, words) for name, (words, _states) in self.stages.items()]

    def narrowed(self, rows):
        return rows.filter(status__in=self.stages[self.value()][1])


class EndFilter(OneOfFilter):
    title, parameter_name = "place", "location"

    def lookups(self, request, model_admin):
        return [(str(place.pk), str(place)) for place in Location.objects.visible_to(request.user)]

    def narrowed(self, rows):
        return rows.filter(Q(source=self.value()) | Q(destination=self.value()))


@admin.register(Transfer)
class TransferAdmin(StockPaperAdmin):
    title, icon, noun = "Transfers", "local_shipping", "transfer"
    moves = transferring.MOVES
    list_display = ["name", "state", "source", "destination", "note", "by", "when"]
    list_filter = [StageFilter, EndFilter, "created_at"]
    shortcuts = [("All", ""), ("To decide", "stage=decide"), ("To ship", "stage=ship"), ("On the road", "stage=road")]
    fields = ["name", "state", "source", "destination", "note", "by", "when", "decided"]
    list_verbs = {
        "ask": Verb(
            needs="inventory.add_transfer",
            service=transferring.ask,
            title="New transfer",
            text="Goods of one place, for another. One of the two is yours.",
            done=lambda made: f"{made} is {made.get_status_display().lower()}.",
            form=AskTransferForm,
            icon="add_box",
            variant=ActionVariant.PRIMARY,
        )
    }
    verbs = {
        "approve": Verb(
            needs="inventory.decide_transfer",
            service=transferring.approve,
            title="Approve",
            done=lambda transfer: f"{transfer.get_status_display().lower()}.",
            form=ApproveForm,
            icon="check",
            variant=ActionVariant.PRIMARY,
        ),
        "ship": Verb(
            needs="inventory.ship_transfer",
            service=transferring.ship,
            title="Ship",
            text="The goods leave their shelf and stand on the road until they arrive.",
            done="on the road.",
            form=ShipForm,
            icon="local_shipping",
            variant=ActionVariant.PRIMARY,
        ),
        "receive": Verb(
            needs="inventory.receive_transfer",
            service=transferring.receive,
            title="Receive",
            text="What came out of the box. Damaged pieces are written off here; lines left empty are still to come.",
            done=lambda transfer: f"{transfer.get_status_display().lower()}.",
            form=ReceiveForm,
            icon="inventory",
            variant=ActionVariant.PRIMARY,
        ),
        "close": Verb(
            needs="inventory.close_transfer",
            service=transferring.close,
            title="Close short",
            text="What is still on the road will not arrive: it is written off as lost, or lies at the source again.",
            done="closed.",
            form=CloseForm,
            icon="do_not_disturb_on",
            variant=ActionVariant.DANGER,
        ),
        "reject": Verb(
            needs="inventory.decide_transfer",
            service=transferring.reject,
            title="Reject",
            done="rejected.",
            form=NoteForm,
            icon="block",
            variant=ActionVariant.DANGER,
        ),
        "cancel": Verb(
            needs="inventory.cancel_transfer",
            service=transferring.cancel,
            title="Cancel",
            text="Nothing has left yet, and nothing will.",
            done="cancelled.",
            form=NoteForm,
            icon="close",
            variant=ActionVariant.DANGER,
        ),
    }

    def lines_of(self, transfer):
        headers = ["asked for", "shipped", "received", "damaged", "extra", "closed", "on the road"]
        names = ["quantity", "shipped", "received", "damaged", "extra", "closed", "outstanding"]
        rows = [
            [goods(line), *(plain(getattr(line, name)) for name in names)]
            for line in transfer.lines.select_related("sku__product")[:LINES_SHOWN]
        ]
        return lines_panel("Lines", headers, rows)

    def waiting(self, request):
        """Those that somebody else asked for, and the caller decides."""
        if not request.user.has_perm("inventory.decide_transfer"):
            return Transfer.objects.none()
        return self.get_queryset(request).filter(status="requested").exclude(created_by=request.user)

    def badge(self, request):
        return self.waiting(request).count()

    def figures(self, request):
        found = capped(self.get_queryset(request).filter(status__in=transferring.ON_THE_ROAD))
        address = self.address(query="stage=road")
        return [figure("Transfers on the road", found, address, "local_shipping")] if found else []


# ------------------------------------------------------------------------------------------------ stock requests


class AskGoodsForm(GoodsForm):
    location = place(label="Place")
    lines = GoodsField(label="Goods")
    note = note()


@admin.register(StockRequest)
class StockRequestAdmin(StockPaperAdmin):
    title, icon, noun = "Stock requests", "move_to_inbox", "asked"
    moves = requesting.MOVES
    list_display = ["name", "state", "place", "note", "by", "when"]
    list_filter = ["status", PlaceFilter, "created_at"]
    shortcuts = [("All", ""), ("To decide", "status__exact=requested")]
    fields = ["name", "state", "place", "note", "by", "when", "decided"]
    list_verbs = {
        "ask": Verb(
            needs="inventory.add_stockrequest",
            service=requesting.ask,
            title="Ask for goods",
            text="They are held at once, until somebody else decides.",
            done=lambda made: f"{made} is waiting.",
            form=AskGoodsForm,
            icon="add_box",
            variant=ActionVariant.PRIMARY,
        )
    }
    verbs = {
        "approve": Verb(
            needs="inventory.decide_stockrequest",
            service=requesting.approve,
            title="Approve",
            text="The goods leave.",
            done="approved; the goods have left.",
            form=NoteForm,
            icon="check",
            variant=ActionVariant.PRIMARY,
        ),
        "reject": Verb(
            needs="inventory.decide_stockrequest",
            service=requesting.reject,
            title="Reject",
            text="The goods are free again.",
            done="rejected.",
            form=NoteForm,
            icon="block",
            variant=ActionVariant.DANGER,
        ),
        "cancel": Verb(
            needs="inventory.cancel_stockrequest",
            service=requesting.cancel,
            title="Take back",
            text="The goods are free again.",
            done="taken back.",
            form=NoteForm,
            icon="close",
            variant=ActionVariant.DANGER,
        ),
    }

    def lines_of(self, asked):
        rows = [
            [goods(line), plain(line.quantity)] for line in asked.lines.select_related("sku__product")[:LINES_SHOWN]
        ]
        return lines_panel("Lines", ["asked for"], rows)

    def waiting(self, request):
        return self.get_queryset(request).filter(status="requested").exclude(created_by=request.user)

    def badge(self, request):
        return self.waiting(request).count()

    def figures(self, request):
        found = capped(self.waiting(request))
        return (
            [figure("Requests to decide", found, self.address(query="status__exact=requested"), self.icon)]
            if found
            else []
        )


# ------------------------------------------------------------------------------------------------ counts


class OpenCountForm(VerbForm):
    location = place(label="Place")
    category = ShelfField(
        queryset=None, required=False, widget=UnfoldAdminSelectWidget, help_text="With all below it; none: everything."
    )
    blind = switch("Whoever counts is not told what the book says")
    note = note()

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.fields["category"].queryset = shelves()


def open_count(*, location, category, blind, note, by):
    scope = {"category": category} if category else {}
    return counting.start(location=location, scope=scope, blind=blind, note=note, by=by)


class CountForm(GoodsForm):
    lines = GoodsField(label="What is there", most=MOST_COUNTED_ROWS)


def add_lines(*, count, lines, by):
    counted = [counting.Counted(sku=line.sku, counted=line.quantity) for line in lines]
    counting.add_lines(count=count, lines=counted, by=by)
    return len(counted)


@admin.register(StockCount)
class StockCountAdmin(StockPaperAdmin):
    title, icon, noun = "Stock counts", "checklist", "count"
    moves = counting.MOVES
    list_display = ["name", "state", "place", "about", "note", "by", "when"]
    list_filter = ["status", PlaceFilter, "created_at"]
    shortcuts = [("All", ""), ("Open", "status__exact=open")]
    fields = ["name", "state", "place", "about", "told", "note", "by", "when"]
    list_verbs = {
        "open": Verb(
            needs="inventory.add_stockcount",
            service=open_count,
            title="Open a count",
            text="The place goes on selling: each figure is held against what the book said when it was noted.",
            done=lambda made: f"{made} is open.",
            form=OpenCountForm,
            icon="add_box",
            variant=ActionVariant.PRIMARY,
        )
    }
    verbs = {
        "lines": Verb(
            needs="inventory.count_stock",
            service=add_lines,
            title="Note what is there",
            text="A SKU that is noted again has its new figure.",
            done=lambda many: f"{many} SKUs noted.",
            form=CountForm,
            icon="barcode_scanner",
        ),
        "post": Verb(
            needs="inventory.post_stockcount",
            service=counting.post,
            title="Post",
            text="What differs goes into the book. SKUs that nobody counted stay as they are.",
            done="posted.",
            form=NoteForm,
            icon="task_alt",
            variant=ActionVariant.PRIMARY,
        ),
        "cancel": Verb(
            needs="inventory.post_stockcount",
            service=counting.cancel,
            title="Cancel",
            text="Nothing of it goes into the book.",
            done="cancelled.",
            form=NoteForm,
            icon="close",
            variant=ActionVariant.DANGER,
        ),
    }

    def get_queryset(self, request):
        return super().get_queryset(request).prefetch_related("skus")

    @display(description="about")
    def about(self, count):
        parts = [str(part) for part in (count.category, count.product) if part]
        return ", ".join(parts) or ("Some SKUs" if count.skus.all() else "Everything")

    @display(description="blind")
    def told(self, count):
        return "Whoever counts is not told what the book says" if count.blind else "No"

    def lines_of(self, count):
        """All who reach the desk may post, and so may know what the book says of a blind count too."""
        rows = CountLine.objects.filter(count=count).select_related("sku__product", "counted_by")
        headers = ["counted", "book", "difference", "at", "by"]
        shown = [
            [
                goods(line),
                plain(line.counted),
                plain(line.expected),
                difference(line.variance),
                moment(line.counted_at),
                str(line.counted_by),
            ]
            for line in rows.order_by("variance", "pk")[:LINES_SHOWN]
        ]
        return lines_panel(f"Counted ({rows.count()}), {counting.uncounted(count).count()} to go", headers, shown)

    def figures(self, request):
        found = capped(self.get_queryset(request).filter(status="open"))
        return [figure("Open counts", found, self.address(query="status__exact=open"), self.icon)] if found else []


def difference(variance):
    return label(signed(variance), "warning" if variance > 0 else "danger") if variance else "-"
