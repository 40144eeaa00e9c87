"""Stock on the desk of whoever runs the shop: what lies where, how it came there, and putting the book right."""

from collections import defaultdict
from functools import partial

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.widgets import AutocompleteSelect
from django.db import transaction
from django.db.models import F
from django.urls import reverse
from django.utils.html import format_html
from unfold.decorators import display
from unfold.enums import ActionVariant
from unfold.widgets import (
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
)

from accounts.models import Location
from boutique.admin import (
    CappedPaginator,
    LinesForm,
    NoteForm,
    NumbersOnly,
    Verb,
    VerbForm,
    Window,
    figure,
    goods,
    label,
    moment,
    panel,
    to,
)
from boutique.documents import pk_in
from boutique.errors import RuleError
from inventory.admin.fields import QuantityField
from inventory.models import AVAILABLE, MOST_PIECES, Reason, StockAdjustment, StockLevel, StockMovement
from inventory.serializers.stock import COST, MovementSerializer, StockSerializer
from inventory.services import adjusting
from inventory.services.ledger import plain
from skus.admin.fields import PriceField
from skus.admin.filters import CategoryFilter, KindOfProductFilter, OneOfFilter
from skus.admin.shown import amount
from skus.models import Sku

MOVEMENTS_SHOWN = 20
LINES_SHOWN = 500
MOST_ADJUSTED = 100  # at once: more lines than that are a stock count
MOST_COUNTED = 1_000  # on the start page and in the ledger: beyond it nobody wants the number
COLOURS = {
    Reason.SALE: "success",
    Reason.ORDER: "success",
    Reason.DAMAGE: "danger",
    Reason.LOSS: "danger",
    Reason.REVERSAL: "warning",
    Reason.CORRECTION: "warning",
    Reason.COUNT: "warning",
    Reason.RESERVATION: "info",
    Reason.RELEASE: "info",
}

# ------------------------------------------------------------------------------------------------ words


def signed(quantity):
    """+5, −2, and nothing where nothing changed."""
    if not quantity:
        return ""
    return f"+{plain(quantity)}" if quantity > 0 else f"\u2212{plain(-quantity)}"


def unbroken(text):
    return format_html('<span class="whitespace-nowrap">{}</span>', text)


def reason(movement):
    return label(movement.get_reason_display(), COLOURS.get(movement.reason, ""))


def cost(money):
    return "-" if money is None else amount(money)


def address_of(model, query=""):
    listed = reverse(f"admin:inventory_{model._meta.model_name}_changelist")
    return f"{listed}?{query}" if query else listed


def capped(rows):
    """How many there are, as far as it is worth counting."""
    found = rows.order_by()[: MOST_COUNTED + 1].count()
    return f"{MOST_COUNTED:,}+" if found > MOST_COUNTED else found


# ------------------------------------------------------------------------------------------------ adjusting


def hidden(field):
    field.widget = forms.HiddenInput()
    return field


class AdjustForm(LinesForm):
    """A row for each level: by how much it differs, or how much was counted; left empty, it stays as it is.

    Each row remembers what the book said when the page was shown. Whoever sends the page twice, or after somebody else,
    is told what the book says by then.
    """

    reason = forms.ChoiceField(choices=StockAdjustment.Reason.choices, widget=UnfoldAdminSelectWidget)
    note = forms.CharField(required=False, max_length=1000, widget=UnfoldAdminTextareaWidget(attrs={"rows": 2}))
    known = {
        "SKU": goods,
        "Place": lambda level: level.location,
        "On hand": lambda level: plain(level.on_hand),
        "Reserved": lambda level: plain(level.reserved),
    }
    asked = {
        "change": ("Change", lambda level: QuantityField(required=False, min_value=-MOST_PIECES)),
        "counted": ("or counted", lambda level: QuantityField(required=False, min_value=0)),
        "seen": ("", lambda level: hidden(QuantityField(min_value=0, initial=level.on_hand))),
    }
    nothing = "Say of one row at least by how much it differs, or how much you counted."

    def __init__(self, *args, levels=None, **options):
        self.levels = levels
        super().__init__(*args, **options)

    def lines_of(self, row):
        return [row] if self.levels is None else self.levels

    def line(self, level, *, change, counted, seen):
        """The level and what it should say. A change too is counted from what was seen."""
        if change is not None and counted is not None:
            self.add_error(f"counted_{level.pk}", "Either the change or what you counted, not both.")
        elif change == 0:
            self.add_error(f"change_{level.pk}", "A change of nothing.")
        elif seen is not None and (change is not None or counted is not None):
            wanted = seen + change if counted is None else counted
            return level, adjusting.Correction(sku=level.sku, counted=wanted, expected=seen)
        return None

    def show(self, detail, errors):
        """What was typed beside a number that is no longer true is not offered again."""
        self.data = self.data.copy()
        for error in errors:
            if error["code"] == adjusting.BookMoved.code:
                _name, _dash, pk = self.field_of(error["field"]).rpartition("_")
                self.data[f"seen_{pk}"] = error["params"]["on_hand"]
                self.data[f"change_{pk}"] = self.data[f"counted_{pk}"] = ""
        super().show(detail, errors)

    def field_of(self, path):
        """The one of the two that was filled in."""
        field = super().field_of(path)
        _name, _dash, pk = field.rpartition("_")
        if f"seen_{pk}" not in self.fields:
            return field
        return f"counted_{pk}" if self.data.get(f"counted_{pk}") else f"change_{pk}"


@transaction.atomic
def adjust(*, reason, lines, by, note):
    """An adjustment for each place, all of them or none."""
    places = defaultdict(list)
    for number, (level, correction) in enumerate(lines):
        places[level.location].append((number, correction))
    done = []
    for place, own in sorted(places.items(), key=lambda pair: pair[0].pk):
        try:
            corrections = [correction for _number, correction in own]
            adjustment, _moved = adjusting.adjust(location=place, reason=reason, lines=corrections, by=by, note=note)
        except RuleError as refusal:
            for error in refusal.errors:
                _lines, _dot, rest = error["field"].partition("lines.")
                if index := rest.partition(".")[0]:
                    error["field"] = f"lines.{own[int(index)][0]}.counted"
            raise
        done.append(adjustment)
    return done


def adjust_verb(form=AdjustForm):
    return Verb(
        needs="inventory.adjust_stock",
        service=lambda *, level, **sent: adjust(**sent),
        title="Adjust stock",
        text="Say by how much the shelf differs from the book, or how much you counted. Rows left empty stay as they "
        "are. All rows are written, or none.",
        done=lambda made: f"adjusted by {', '.join(adjustment.number for adjustment in made)}.",
        form=form,
        icon="edit_square",
        variant=ActionVariant.PRIMARY,
    )


class SkuBox(NumbersOnly, AutocompleteSelect):
    def __init__(self):
        super().__init__(StockLevel._meta.get_field("sku"), admin.site)


class FirstStockForm(VerbForm):
    location = forms.ModelChoiceField(
        label="Place",
        queryset=Location.objects.filter(is_active=True).exclude(kind=Location.Kind.TRANSIT),
        widget=UnfoldAdminSelectWidget,
    )
    sku = forms.ModelChoiceField(label="SKU", queryset=Sku.objects.filter(is_active=True), widget=SkuBox)
    quantity = QuantityField(min_value=0)
    unit_cost = PriceField(help_text="What one piece or metre cost.")
    note = forms.CharField(required=False, max_length=1000, widget=UnfoldAdminTextareaWidget(attrs={"rows": 2}))

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.fields["unit_cost"].required = True

    def show(self, detail, errors):
        for error in errors:
            error["field"] = error["field"].removeprefix("lines.0.")
        super().show(detail, errors)


def assign(*, location, sku, quantity, unit_cost, note, by):
    line = adjusting.Correction(sku=sku, change=quantity, unit_cost=unit_cost)
    adjustment, _moved = adjusting.assign(location=location, lines=[line], by=by, note=note)
    return f"{sku} has its first stock in {location}: {adjustment.number}."


# ------------------------------------------------------------------------------------------------ filters


class PlaceFilter(OneOfFilter):
    """Offers and takes only places the caller sees."""

    title, parameter_name, lookup = "place", "location", "location"

    def lookups(self, request, model_admin):
        return [(str(place.pk), str(place)) for place in Location.objects.visible_to(request.user)]


class CategoryOfStockFilter(CategoryFilter):
    lookup = "sku__product__category__in"


class KindOfStockFilter(KindOfProductFilter):
    lookup = "sku__product__kind"


class ShelfFilter(OneOfFilter):
    title, parameter_name = "shelf", "stock"

    def lookups(self, request, model_admin):
        return [("there", "On hand"), ("empty", "Empty"), ("promised", "Promised"), ("short", "Short of promises")]

    def narrowed(self, rows):
        return SHELVES[self.value()](rows)


def empty(rows):
    # The road is empty whenever everything has arrived.
    return rows.filter(on_hand=0, sku__is_active=True).exclude(location__kind=Location.Kind.TRANSIT)


def short(rows):
    return rows.filter(reserved__gt=F("on_hand"))


SHELVES = {
    "there": lambda rows: rows.filter(on_hand__gt=0),
    "empty": empty,
    "promised": lambda rows: rows.filter(reserved__gt=0),
    "short": short,
}


class ReasonFilter(OneOfFilter):
    title = parameter_name = lookup = "reason"
    offered = Reason

    def lookups(self, request, model_admin):
        return self.offered.choices


class ReasonOfAdjustmentFilter(ReasonFilter):
    offered = StockAdjustment.Reason


# ------------------------------------------------------------------------------------------------ pages


class OfStock(Window):
    """Rows that lie in places. What goods cost stands in columns of its own, for those who may know."""

    shelf = "Stock"
    show_full_result_count = False
    paginator = CappedPaginator
    costs = frozenset()

    def without_costs(self, names, request):
        return names if request.user.has_perm(COST) else [name for name in names if name not in self.costs]

    def get_list_display(self, request):
        return self.without_costs(super().get_list_display(request), request)

    def get_fields(self, request, obj=None):
        return self.without_costs(self.fields, request)

    @display(description="place", ordering="location__code")
    def place(self, row):
        return str(row.location)

    @display(description="place", ordering="location__code")
    def place_code(self, row):
        return row.location.code


@admin.register(StockLevel)
class LevelAdmin(OfStock):
    title, icon, noun = "Levels", "inventory_2", "level"
    sheet = StockSerializer
    costs = frozenset({"average", "worth"})
    list_display = [
        "code", "product", "size", "colour", "place_code", "on_hand_shown", "reserved_shown", "available_shown",
        "average", "worth", "updated",
    ]  # fmt: skip
    list_filter = [PlaceFilter, ShelfFilter, CategoryOfStockFilter, KindOfStockFilter]
    list_select_related = ["sku__product", "location"]
    search_fields = ["sku__code"]  # asks by the words of found_by
    search_help_text = "Code, size, colour or barcode of the SKU, or words of its product"
    ordering = ["sku__code", "pk"]
    shortcuts = [
        ("All", ""),
        ("On hand", "stock=there"),
        ("Empty", "stock=empty"),
        ("Promised", "stock=promised"),
        ("Short", "stock=short"),
    ]
    fields = [
        "sku_link", "product", "size", "colour", "style", "place", "on_hand_shown", "reserved_shown",
        "available_shown", "incoming_shown", "in_transit_shown", "threshold_shown", "average", "worth", "updated",
    ]  # fmt: skip
    actions = ["adjust_stock"]
    verbs = {"adjust": adjust_verb()}
    list_verbs = {
        "first_stock": Verb(
            needs="inventory.adjust_stock",
            service=assign,
            title="First stock",
            text="What lies of a SKU in a place that never had any of it, at what it cost.",
            done=lambda sentence: sentence,
            form=FirstStockForm,
            icon="add_box",
            variant=ActionVariant.PRIMARY,
        )
    }

    def get_queryset(self, request):
        rows = super().get_queryset(request).select_related(*self.list_select_related)
        return rows.with_threshold().with_coming()

    def allowed(self, row, by):
        return () if row.location.is_road else ("adjust",)  # what is on its way is put right where it arrives

    def has_adjust_permission(self, request):
        return request.user.has_perm("inventory.adjust_stock")

    @admin.action(description="Adjust stock", permissions=["adjust"])
    def adjust_stock(self, request, rows):
        # On the page between, the rows are the ticked ones, even if the list's filters no longer find one of them.
        if "answered" in request.POST:
            rows = self.get_queryset(request).filter(pk__in=request.POST.getlist(ACTION_CHECKBOX_NAME))
        rows = rows.exclude(location__kind=Location.Kind.TRANSIT)
        levels = list(rows.order_by("location__code", "sku__code", "pk")[: MOST_ADJUSTED + 1])
        if not levels or len(levels) > MOST_ADJUSTED:
            text = f"At most {MOST_ADJUSTED} levels are adjusted at once." if levels else "There is nothing to adjust."
            messages.error(request, text)
            return None
        request.POST.setlist(ACTION_CHECKBOX_NAME, [level.pk for level in levels])
        request.POST["select_across"] = "0"
        many = "1 level" if len(levels) == 1 else f"{len(levels)} levels"
        verb = adjust_verb(partial(AdjustForm, levels=levels))
        return self.ask(request, many, verb, partial(adjust, by=request.user))

    @display(description="SKU", ordering="sku__code")
    def code(self, level):
        return unbroken(level.sku.code)

    @display(description="SKU")
    def sku_link(self, level):
        return to(level.sku)

    @display(description="product", ordering="sku__product__name")
    def product(self, level):
        return level.sku.product.name

    @display(description="size", ordering="sku__size_order")
    def size(self, level):
        return level.sku.size or "-"

    @display(description="colour", ordering="sku__colour")
    def colour(self, level):
        return level.sku.colour or "-"

    @display(description="style")
    def style(self, level):
        return level.sku.style or "-"

    @display(description="on hand", ordering="on_hand")
    def on_hand_shown(self, level):
        return plain(level.on_hand) if level.on_hand else label("None", "warning")

    @display(description="reserved", ordering="reserved")
    def reserved_shown(self, level):
        return plain(level.reserved)

    @display(description="available", ordering=AVAILABLE)
    def available_shown(self, level):
        return label(signed(level.available), "danger") if level.available < 0 else plain(level.available)

    @display(description="ordered")
    def incoming_shown(self, level):
        return plain(level.incoming)

    @display(description="on the road to it")
    def in_transit_shown(self, level):
        return plain(level.in_transit)

    @display(description="threshold")
    def threshold_shown(self, level):
        if level.threshold is None:
            return "-"
        return format_html("{} {}", plain(level.threshold), label("Low", "warning") if level.is_low else "")

    @display(description="average cost", ordering="average_cost")
    def average(self, level):
        return amount(level.average_cost)

    @display(description="value", ordering="value")
    def worth(self, level):
        return amount(level.value)

    @display(description="last moved", ordering="updated_at")
    def updated(self, level):
        return moment(level.updated_at)

    def panels(self, request, row):
        if not request.user.has_perm("inventory.view_stockmovement"):
            return []
        open_alerts = [
            [to(alert, alert.get_kind_display()), moment(alert.opened_at), ", ".join(alert.orders) or "-"]
            for alert in row.alerts.filter(resolved_at=None).order_by("-pk")
        ]
        news = [panel("Open alerts", ["alert", "since", "promised to"], open_alerts)] if open_alerts else []
        last = StockMovement.objects.filter(sku=row.sku_id, location=row.location_id).order_by("-sequence")
        more = address_of(StockMovement, f"sku={row.sku_id}&location={row.location_id}")
        return [*news, movements_of("Last movements", last[:MOVEMENTS_SHOWN], more=more)]

    def figures(self, request):
        rows = self.get_queryset(request)
        shelves = [("Empty shelves", "empty", "inventory_2"), ("Short promises", "short", "warning")]
        return [
            figure(title, found, self.address(query=f"stock={name}"), icon)
            for title, name, icon in shelves
            if (found := capped(SHELVES[name](rows)))
        ]


def movements_of(title, movements, *, of_document=False, more=""):
    """Of a shelf, with the document of each; of a document, with the SKU and the place."""
    rows = []
    for movement in movements.select_related("sku", "location", "recorded_by"):
        what = [movement.sku.code, movement.location.code] if of_document else [movement.document]
        rows.append(
            [
                to(movement, moment(movement.recorded_at)),
                *what,
                reason(movement),
                signed(movement.on_hand_change),
                signed(movement.reserved_change),
                plain(movement.on_hand_after),
                str(movement.recorded_by),
                movement.note or "-",
            ]
        )
    headers = [*(["SKU", "place"] if of_document else ["document"]), "reason", "on hand", "reserved", "on hand then"]
    return panel(title, ["when", *headers, "by", "note"], rows, more)


def moved_by(by, *papers, title="What it moved"):
    """What these papers moved, for whoever may read the ledger."""
    if not by.has_perm("inventory.view_stockmovement"):
        return []
    moved = StockMovement.objects.filter(document__in=papers).visible_to(by).order_by("pk")
    return [movements_of(title, moved[:LINES_SHOWN], of_document=True)]


class LedgerPaginator(CappedPaginator):
    """Ten million rows: whoever looks for an old one says of which day, place or SKU."""

    most = MOST_COUNTED


@admin.register(StockMovement)
class LedgerAdmin(OfStock):
    title, icon, noun = "Ledger", "menu_book", "movement"
    sheet = MovementSerializer
    paginator = LedgerPaginator
    costs = frozenset({"cost_shown", "worth_change", "worth_after"})
    list_display = [
        "when", "code", "place_code", "why", "change_shown", "reserved_by", "after", "cost_shown", "paper", "by",
        "note",
    ]  # fmt: skip
    list_filter = [PlaceFilter, ReasonFilter, "business_date"]
    list_select_related = ["sku", "location", "recorded_by"]
    search_fields = ["document"]  # see get_search_results
    search_help_text = "A whole document number, or words of the SKU"
    ordering = ["-pk"]
    sortable_by = ["when"]  # by anything else the whole ledger would be sorted
    fields = [
        "number", "sku_link", "place", "why", "change_shown", "reserved_by", "after", "reserved_then", "cost_shown",
        "worth_change", "worth_after", "document_link", "note", "by", "happened", "business_date", "when",
        "reverses_link", "reversed_by_link",
    ]  # fmt: skip
    verbs = {
        "reverse": Verb(
            needs="inventory.reverse_stockmovement",
            service=adjusting.reverse,
            title="Reverse",
            text="Writes the opposite movement, linked to this one. Both stay in the ledger.",
            done=lambda posted: f"reversed; {plain(posted.on_hand_after)} on hand now.",
            form=NoteForm,
            icon="undo",
            variant=ActionVariant.DANGER,
        )
    }

    def get_queryset(self, request):
        return super().get_queryset(request).select_related(*self.list_select_related)

    def get_search_results(self, request, queryset, search_term):
        """A document, if there is one of this number; otherwise the words of the SKU. Each has its own index."""
        text = search_term.strip()[:100]
        if not text:
            return queryset, False
        of_document = queryset.filter(document=text.upper())
        if of_document.exists():
            return of_document, False
        return queryset.filter(sku__in=Sku.objects.found_by(text)), False

    def lookup_allowed(self, lookup, value, request):
        return lookup == "sku" or super().lookup_allowed(lookup, value, request)

    def allowed(self, row, by):
        is_reversible = adjusting.is_reversible(row) and not row.reversed_by.exists()
        return ("reverse",) if is_reversible else ()

    @display(description="written", ordering="pk")
    def when(self, movement):
        return moment(movement.recorded_at)

    @display(description="happened")
    def happened(self, movement):
        return moment(movement.occurred_at)

    @display(description="movement of this SKU here")
    def number(self, movement):
        return f"No. {movement.sequence}"

    @display(description="SKU")
    def code(self, movement):
        return unbroken(movement.sku.code)

    @display(description="SKU")
    def sku_link(self, movement):
        return to(movement.sku)

    @display(description="reason")
    def why(self, movement):
        return reason(movement)

    @display(description="change")
    def change_shown(self, movement):
        return signed(movement.on_hand_change)

    @display(description="reserved")
    def reserved_by(self, movement):
        return signed(movement.reserved_change)

    @display(description="on hand then")
    def after(self, movement):
        return plain(movement.on_hand_after)

    @display(description="reserved then")
    def reserved_then(self, movement):
        return plain(movement.reserved_after)

    @display(description="unit cost")
    def cost_shown(self, movement):
        return cost(movement.unit_cost)

    @display(description="value")
    def worth_change(self, movement):
        return amount(movement.value_change)

    @display(description="value then")
    def worth_after(self, movement):
        return amount(movement.value_after)

    @display(description="by")
    def by(self, movement):
        return str(movement.recorded_by)

    @display(description="document")
    def paper(self, movement):
        return unbroken(movement.document)

    @display(description="document")
    def document_link(self, movement):
        paper = StockAdjustment.objects.filter(pk=pk_in(StockAdjustment.PREFIX, movement.document)).first()
        return to(paper) if paper and paper.number == movement.document else movement.document

    @display(description="reverses")
    def reverses_link(self, movement):
        return to(movement.reverses) if movement.reverses else "-"

    @display(description="reversed by")
    def reversed_by_link(self, movement):
        opposite = movement.reversed_by.first()
        return to(opposite) if opposite else "-"


@admin.register(StockAdjustment)
class AdjustmentAdmin(OfStock):
    title, icon = "Adjustments", "edit_note"
    list_display = ["name", "place", "why", "note", "by", "when"]
    list_filter = [PlaceFilter, ReasonOfAdjustmentFilter, "created_at"]
    list_select_related = ["location", "created_by"]
    search_fields = ["note"]  # asks by the words of found_by
    search_help_text = "Its number, or words of its note"
    ordering = ["-pk"]
    fields = ["name", "place", "why", "note", "by", "when"]

    def has_view_permission(self, request, obj=None):
        return request.user.has_perm("inventory.view_stockmovement")  # it is the ledger's own paper

    @display(description="number", ordering="pk")
    def name(self, adjustment):
        return adjustment.number

    @display(description="reason", ordering="reason")
    def why(self, adjustment):
        return label(adjustment.get_reason_display(), COLOURS.get(adjustment.reason, ""))

    @display(description="by", ordering="created_by__first_name")
    def by(self, adjustment):
        return str(adjustment.created_by)

    @display(description="when", ordering="created_at")
    def when(self, adjustment):
        return moment(adjustment.created_at)

    def panels(self, request, row):
        lines = StockMovement.objects.filter(document=row.number, location=row.location_id).order_by("pk")
        more = address_of(StockMovement, f"q={row.number}")
        return [movements_of("Lines", lines[:LINES_SHOWN], of_document=True, more=more)]
