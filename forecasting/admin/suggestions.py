"""What to buy, to move and to mark down: each with its arithmetic, ready to be accepted."""

from functools import partial

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from unfold.decorators import display
from unfold.enums import ActionVariant

from boutique.admin import Verb, label, moment, panel, to
from forecasting.admin.forecasts import picture
from forecasting.models import Forecast, ReorderSuggestion
from forecasting.serializers import ReorderSuggestionSerializer
from forecasting.services import suggesting
from inventory.admin.stock import OfStock, PlaceFilter, capped, cost, unbroken
from inventory.models import Transfer
from inventory.services.ledger import plain
from skus.admin.filters import OneOfFilter
from suppliers.models import PurchaseOrder

Kind, Status = ReorderSuggestion.Kind, ReorderSuggestion.Status
KIND_COLOURS = {"purchase": "primary", "transfer": "info", "markdown": "warning"}
STATE_COLOURS = {"open": "warning", "accepted": "success", "dismissed": "danger", "lapsed": ""}
MOST_ACCEPTED = 500  # at once
NEWS_SHOWN = 5


class KindFilter(OneOfFilter):
    title = parameter_name = lookup = "kind"

    def lookups(self, request, model_admin):
        return Kind.choices


class StateFilter(OneOfFilter):
    title = parameter_name = lookup = "status"

    def lookups(self, request, model_admin):
        return Status.choices


def accept_one(*, suggestion, by):
    return suggesting.accept(suggestions=[suggestion], by=by)


def made_of(made):
    orders = ", ".join(str(order) for order in PurchaseOrder.objects.filter(pk__in=made["purchase_orders"]))
    transfers = ", ".join(str(transfer) for transfer in Transfer.objects.filter(pk__in=made["transfers"]))
    downs = "its price is yours to lower" if made["markdowns"] else ""
    return f"accepted: {', '.join(filter(None, [orders, transfers, downs]))}."


def accept_verb(service):
    return Verb(
        needs="forecasting.accept_reordersuggestion",
        service=service,
        title="Accept",
        text="Makes draft orders, one for each supplier and place, and asks for transfers. Nothing is sent yet.",
        done=made_of,
        icon="check",
        variant=ActionVariant.PRIMARY,
    )


def dismiss_verb(service):
    return Verb(
        needs="forecasting.dismiss_reordersuggestion",
        service=service,
        title="Dismiss",
        text="It comes back after four weeks, or when still less is left.",
        done="dismissed.",
        icon="close",
    )


@admin.register(ReorderSuggestion)
class SuggestionAdmin(OfStock):
    shelf, title, icon, noun = "Purchases", "Suggestions", "lightbulb", "suggestion"
    sheet = ReorderSuggestionSerializer
    costs = frozenset({"unit_cost_shown", "total_shown"})
    list_display = [
        "what", "code", "product", "place_code", "from_whom", "how_many", "position_shown", "point", "up_to",
        "total_shown", "state",
    ]  # fmt: skip
    list_filter = [StateFilter, KindFilter, PlaceFilter]
    search_fields = ["sku__code"]  # asks by the words of found_by
    search_help_text = "Words of the SKU or of its product"
    ordering = ["-pk"]
    shortcuts = [
        ("All", ""),
        ("To buy", "status=open&kind=purchase"),
        ("To bring", "status=open&kind=transfer"),
        ("To mark down", "status=open&kind=markdown"),
    ]
    fields = [
        "what", "state", "code", "product", "place", "from_whom", "how_many", "unit_cost_shown", "total_shown",
        "arithmetic", "chart", "document", "decided",
    ]  # fmt: skip
    actions = ["accept_ticked"]
    verbs = {"accept": accept_verb(accept_one), "dismiss": dismiss_verb(suggesting.dismiss)}

    def get_queryset(self, request):
        return super().get_queryset(request).with_labels().select_related("decided_by")

    def allowed(self, row, by):
        return ("accept", "dismiss") if row.status == Status.OPEN else ()

    def has_accept_permission(self, request):
        return request.user.has_perm("forecasting.accept_reordersuggestion")

    @admin.action(description="Accept", permissions=["accept"])
    def accept_ticked(self, request, rows):
        # On the page between, the rows are the ticked ones, even if the list's filters no longer find one of them.
        if "answered" in request.POST:
            rows = self.get_queryset(request).filter(pk__in=request.POST.getlist(ACTION_CHECKBOX_NAME))
        waiting = list(rows.filter(status=Status.OPEN).order_by("pk")[: MOST_ACCEPTED + 1])
        if not waiting or len(waiting) > MOST_ACCEPTED:
            most = f"At most {MOST_ACCEPTED} suggestions are accepted at once."
            messages.error(request, most if waiting else "There is nothing left to accept.")
            return None
        request.POST.setlist(ACTION_CHECKBOX_NAME, [row.pk for row in waiting])
        request.POST["select_across"] = "0"
        many = "1 suggestion" if len(waiting) == 1 else f"{len(waiting)} suggestions"
        act = partial(suggesting.accept, suggestions=waiting, by=request.user)
        return self.ask(request, many, accept_verb(suggesting.accept), act)

    @display(description="what", ordering="kind")
    def what(self, row):
        return label(row.get_kind_display(), KIND_COLOURS[row.kind])

    @display(description="SKU", ordering="sku__code")
    def code(self, row):
        return unbroken(row.sku.code)

    @display(description="product", ordering="sku__product__name")
    def product(self, row):
        return row.sku.product.name

    @display(description="from")
    def from_whom(self, row):
        return str(row.supplier or row.source or "-")

    @display(description="how many", ordering="quantity")
    def how_many(self, row):
        return plain(row.quantity)

    @display(description="position", ordering="position")
    def position_shown(self, row):
        return plain(row.position)

    @display(description="reorder point", ordering="reorder_point")
    def point(self, row):
        return plain(row.reorder_point)

    @display(description="target", ordering="target")
    def up_to(self, row):
        return plain(row.target)

    @display(description="unit cost")
    def unit_cost_shown(self, row):
        return cost(row.unit_cost)

    @display(description="cost")
    def total_shown(self, row):
        return cost(row.total_cost)

    @display(description="state", ordering="status")
    def state(self, row):
        return label(row.get_status_display(), STATE_COLOURS[row.status])

    @display(description="decided")
    def decided(self, row):
        return f"{row.decided_by}, {moment(row.decided_at)}" if row.decided_at else "-"

    @display(description="forecast")
    def chart(self, row):
        forecast = Forecast.objects.with_labels().filter(sku=row.sku_id, location=row.location_id).first()
        return picture(forecast) if forecast else "-"

    # The start page and the sidebar

    def waiting(self, request):
        return ReorderSuggestion.objects.visible_to(request.user).open()

    def badge(self, request):
        return capped(self.waiting(request))

    def news(self, request):
        buying = self.waiting(request).filter(kind=Kind.PURCHASE).with_labels().order_by("-pk")[:NEWS_SHOWN]
        rows = [
            [to(row, row.sku.code), row.location.code, plain(row.quantity), str(row.supplier or "-")] for row in buying
        ]
        headers = ["SKU", "place", "how many", "from"]
        return [panel("To buy", headers, rows, self.address(query="status=open"))] if rows else []
