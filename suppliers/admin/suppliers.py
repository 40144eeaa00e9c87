"""Suppliers, each with its open orders and its prices on one page."""

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html
from unfold.decorators import display
from unfold.enums import ActionVariant

from boutique.admin import CappedPaginator, HouseAdmin, HouseForm, LinesForm, Verb, goods, label, panel
from inventory.admin.documents import note, place
from inventory.serializers.stock import COST
from inventory.services.ledger import plain
from skus.admin.archiving import archive_verbs
from skus.admin.filters import STATES, ArchiveFilter
from skus.admin.shown import activity, amount, door, doors
from suppliers.admin.fields import WithoutCosts, day, quantity, unit_cost
from suppliers.admin.shown import in_percent, rows_of_orders, with_sums
from suppliers.models import PurchaseOrder, Supplier, SupplierSku
from suppliers.services import receiving, terms
from suppliers.services.ordering import Wanted, draft

PRICES_SHOWN, ORDERS_SHOWN = 200, 50


class SupplierForm(HouseForm):
    class Meta:
        model = Supplier
        fields = ["name", "contact_name", "email", "phone", "address", "lead_time_days", "payment_terms"]
        labels = {"lead_time_days": "Lead time"}
        help_texts = {"lead_time_days": "Days from the order to the delivery."}

    def clean_email(self):
        return self.cleaned_data["email"].lower()


class PricesForm(WithoutCosts, LinesForm):
    """How much of what the supplier has: a row for each of their prices."""

    known = {
        "SKU": goods,
        "Their code": lambda price: price.supplier_code or "-",
        "Pack": lambda price: plain(price.pack_size),
        "Minimum": lambda price: plain(price.minimum_order),
    }
    asked = {
        "quantity": ("How many", lambda price: quantity()),
        "unit_cost": ("Unit cost", lambda price: unit_cost(initial=price.unit_cost)),
    }
    nothing = "Say of one row at least how many."

    def lines_of(self, row):
        prices = row.prices.filter(sku__is_active=True, sku__product__is_active=True)
        return prices.select_related("sku__product").order_by("sku__code")[:PRICES_SHOWN]

    def line(self, line, *, quantity, unit_cost=None):
        return Wanted(sku=line.sku, quantity=quantity, unit_cost=unit_cost) if quantity else None


class OrderForm(PricesForm):
    location = place(label="Place")
    expected_on = day(label="Expected", help_text="Left empty, it follows from the lead time when it is sent.")
    note = note()


class BuyForm(PricesForm):
    location = place(label="Place")
    note = note()


@admin.register(Supplier)
class SupplierAdmin(HouseAdmin):
    shelf, title, icon, noun = "Purchases", "Suppliers", "factory", "supplier"
    form = SupplierForm
    list_display = ["name", "lead_time", "open_shown", "spent", "on_time", "filled", "state"]
    list_filter = [ArchiveFilter]
    search_fields = ["name", "contact_name", "email"]
    ordering = ["name", "pk"]
    shortcuts = STATES
    reached = ["contact_name", "email", "phone", "address", "payment_terms"]
    told = ["open_shown", "spent", "on_time", "filled", "took", "state"]
    verbs = {
        "order": Verb(
            needs="suppliers.add_purchaseorder",
            service=draft,
            title="Order",
            text="A draft of what this supplier has. Rows left empty are not ordered.",
            done=lambda made: f"{made} is a draft.",
            form=OrderForm,
            icon="add_shopping_cart",
            variant=ActionVariant.PRIMARY,
        ),
        "buy": Verb(
            needs="suppliers.add_purchaseorder",
            service=receiving.buy,
            title="Bought at once",
            text="What was ordered and brought along in one step: it is stock when you press the button.",
            done=lambda made: f"{made} is in stock.",
            form=BuyForm,
            icon="shopping_bag",
        ),
        **archive_verbs(
            "suppliers.change_supplier",
            terms.archive,
            terms.restore,
            meaning="Nothing more is ordered here. What was ordered may still come.",
            back="Something may be ordered here again.",
        ),
    }

    def make(self, *, by, **sent):
        return terms.add(by=by, **sent)

    def change(self, supplier, *, by, **sent):
        terms.change(supplier=supplier, by=by, **sent)

    def remove(self, supplier, *, by):
        terms.delete(supplier=supplier, by=by)

    def told_before_deleting(self, supplier):
        return (
            "This supplier disappears for good, with its prices. If anything was ever ordered here, archive it instead."
        )

    def allowed(self, row, by):
        if not row.is_active:
            return ["restore"]
        return [*(["order", "buy"] if row.prices.exists() else []), "archive"]

    def get_queryset(self, request):
        return super().get_queryset(request).with_figures(request.user)

    def visible_names(self, names, request):
        hidden = set() if request.user.has_perm(COST) else {"spent"}
        hidden |= set() if request.user.has_perm("suppliers.view_contact") else set(self.reached)
        return [name for name in names if name not in hidden]

    def get_list_display(self, request):
        return self.visible_names(self.list_display, request)

    def get_search_fields(self, request):
        return self.visible_names(self.search_fields, request)

    def get_fields(self, request, obj=None):
        return self.visible_names([*SupplierForm.Meta.fields, *(self.told if obj else [])], request)

    def get_readonly_fields(self, request, obj=None):
        return self.told if obj else []

    def panels(self, request, row):
        tables = []
        costs = request.user.has_perm(COST)
        if request.user.has_perm("suppliers.view_purchaseorder"):
            tables.append(self.open_orders(request, row, costs))
        if request.user.has_perm("suppliers.view_suppliersku"):
            tables.append(self.prices(row, costs, request.user))
        return tables

    def open_orders(self, request, row, costs):
        waiting = PurchaseOrder.objects.visible_to(request.user).filter(supplier=row)
        waiting = with_sums(waiting.filter(status__in=["draft", "sent", "partly_received"]).select_related("location"))
        headers, rows = rows_of_orders(waiting.order_by("-pk")[:ORDERS_SHOWN], costs=costs)
        more = f"{reverse('admin:suppliers_purchaseorder_changelist')}?supplier={row.pk}"
        return panel("Open orders", headers, rows, more, empty="Nothing is ordered here.")

    def prices(self, row, costs, by):
        headers = ["SKU", "their code", *(["unit cost"] if costs else []), "pack", "minimum", "lead time", ""]
        rows = [
            [
                goods(price),
                price.supplier_code or "-",
                *([cost(price.unit_cost)] if costs else []),
                plain(price.pack_size),
                plain(price.minimum_order),
                in_days(price.lead_time_days),
                price_doors(price, by),
            ]
            for price in row.prices.select_related("sku__product").order_by("sku__code")[:PRICES_SHOWN]
        ]
        more = f"{reverse('admin:suppliers_suppliersku_changelist')}?supplier={row.pk}"
        return panel("Prices", headers, rows, more, empty="No prices yet. Add them to order from here.")

    @display(description="lead time", ordering="lead_time_days")
    def lead_time(self, supplier):
        return in_days(supplier.lead_time_days)

    @display(description="open orders")
    def open_shown(self, supplier):
        return supplier.open_orders

    @display(description="spent")
    def spent(self, supplier):
        return amount(supplier.spend)

    @display(description="on time")
    def on_time(self, supplier):
        return in_percent(supplier.on_time_rate)

    @display(description="delivered of what was ordered")
    def filled(self, supplier):
        return in_percent(supplier.fill_rate)

    @display(description="lead time taken")
    def took(self, supplier):
        return "-" if supplier.lead_time_days_taken is None else f"{supplier.lead_time_days_taken} days"

    @display(description="state", ordering="is_active")
    def state(self, supplier):
        return activity(supplier)


def in_days(days):
    return "-" if days is None else f"{days} days"


def cost(price):
    return "-" if price is None else amount(price)


def price_doors(price, by):
    links = [("Change", door(price, "change"))] if by.has_perm("suppliers.change_suppliersku") else []
    shown = doors(*links)
    return format_html("{} {}", label("Preferred", "success"), shown) if price.is_preferred else shown


# ------------------------------------------------------------------------------------------------ prices


class PriceForm(HouseForm):
    class Meta:
        model = SupplierSku
        fields = [
            "supplier", "sku", "supplier_code", "unit_cost", "pack_size", "minimum_order", "lead_time_days",
            "is_preferred",
        ]  # fmt: skip
        labels = {"sku": "SKU", "supplier_code": "Their code", "lead_time_days": "Lead time"}
        help_texts = {
            "unit_cost": "What one piece or metre costs.",
            "lead_time_days": "Days; left empty, as long as the supplier needs for everything else.",
            "is_preferred": "Of several suppliers of a SKU, the one it is ordered from. The one before steps back.",
        }


@admin.register(SupplierSku)
class PriceAdmin(HouseAdmin):
    shelf, title, icon, noun = "Purchases", "Prices", "sell", "price"
    form = PriceForm
    list_display = ["code", "product", "of_supplier", "supplier_code", "cost_shown", "pack", "minimum", "preferred"]
    list_filter = ["is_preferred"]
    list_select_related = ["supplier", "sku__product"]
    search_fields = ["supplier_code", "sku__code", "sku__product__name", "supplier__name"]
    search_help_text = "Their code, ours, or words of the product or the supplier"
    ordering = ["-pk"]
    show_full_result_count = False
    paginator = CappedPaginator
    autocomplete_fields = ["supplier", "sku"]

    def make(self, *, by, **sent):
        return terms.add_price(by=by, **sent)

    def change(self, price, *, by, **sent):
        terms.change_price(price=price, by=by, **sent)

    def remove(self, price, *, by):
        terms.delete_price(price=price, by=by)

    def lookup_allowed(self, lookup, value, request):
        return lookup in ("supplier", "sku") or super().lookup_allowed(lookup, value, request)

    def without_costs(self, names, request, name):
        return [each for each in names if each != name or request.user.has_perm(COST)]

    def get_list_display(self, request):
        return self.without_costs(self.list_display, request, "cost_shown")

    def get_fields(self, request, obj=None):
        return self.without_costs(PriceForm.Meta.fields, request, "unit_cost")

    def get_readonly_fields(self, request, obj=None):
        return ["supplier", "sku"] if obj else []  # whose price of what it is, stays

    @display(description="SKU", ordering="sku__code")
    def code(self, price):
        return price.sku.code

    @display(description="product", ordering="sku__product__name")
    def product(self, price):
        return price.sku.product.name

    @display(description="supplier", ordering="supplier__name")
    def of_supplier(self, price):
        return price.supplier.name

    @display(description="unit cost", ordering="unit_cost")
    def cost_shown(self, price):
        return cost(price.unit_cost)

    @display(description="pack", ordering="pack_size")
    def pack(self, price):
        return plain(price.pack_size)

    @display(description="minimum", ordering="minimum_order")
    def minimum(self, price):
        return plain(price.minimum_order)

    @display(description="preferred", boolean=True, ordering="is_preferred")
    def preferred(self, price):
        return price.is_preferred
