"""SKUs, each with its barcodes."""

from django import forms
from django.contrib import admin
from unfold.decorators import display
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget, UnfoldBooleanWidget

from boutique.admin import HouseAdmin, HouseForm, Verb, VerbForm, label, panel
from skus import gtin
from skus.admin.archiving import archive_verbs
from skus.admin.exports import Exports
from skus.admin.fields import CodeField
from skus.admin.filters import STATES, ArchiveFilter, CategoryOfProductFilter, KindOfProductFilter, OfProduct
from skus.admin.logs import log_of
from skus.admin.printing import AS_HUNG, PrintsLabels, labels_of, print_verb
from skus.admin.shown import activity, amount, door, doors, symbol
from skus.models import Barcode, Sku, selling_price
from skus.services import barcodes, variants


class SkuForm(HouseForm):
    code = CodeField(required=False, max_length=60, help_text="Left empty, one is made: KRT-BLU-M.")

    class Meta:
        model = Sku
        fields = ["product", "code", "size", "colour", "style", "price"]
        help_texts = {"price": "Left empty, it costs what the product costs."}


class NewSkuForm(SkuForm):
    barcode = forms.CharField(
        required=False,
        max_length=gtin.LONGEST + 10,
        widget=UnfoldAdminTextInputWidget,
        help_text="The number the goods already carry. Left empty, the SKU gets a number of our own.",
    )


class AddBarcodeForm(VerbForm):
    value = forms.CharField(label="Number", max_length=gtin.LONGEST + 10, widget=UnfoldAdminTextInputWidget)
    kind = forms.ChoiceField(
        choices=[("", "As the number says"), *Barcode.Kind.choices], required=False, widget=UnfoldAdminSelectWidget
    )
    is_primary = forms.BooleanField(
        label="Print this one on labels from now on", required=False, widget=UnfoldBooleanWidget
    )


@admin.register(Sku)
class SkuAdmin(PrintsLabels, Exports, OfProduct, HouseAdmin):
    shelf, title, icon, noun = "Catalogue", "SKUs", "barcode", "sku"
    form, add_form = SkuForm, NewSkuForm
    list_display = ["code", "product_name", "size_shown", "colour", "style", "costs", "number", "state"]
    list_filter = [CategoryOfProductFilter, KindOfProductFilter, ArchiveFilter]
    list_select_related = ["product"]
    search_fields = ["code"]  # asks by the words of found_by
    search_help_text = "Code, size, colour, barcode, or words of its product"
    ordering = ["code", "pk"]
    show_full_result_count = False
    actions = ["print_labels", "export"]
    shortcuts = STATES
    autocomplete_fields = ["product"]
    shown_only = ["symbol", "state"]
    fieldsets = [(None, {"fields": ["product", *SkuForm.Meta.fields[1:], *shown_only]})]
    add_fieldsets = [(None, {"fields": [*SkuForm.Meta.fields, "barcode"]})]
    verbs = {
        "add_barcode": Verb(
            needs="skus.add_barcode",
            service=barcodes.add,
            title="Add barcode",
            text="One more number that scanners find this SKU by. The others stay known.",
            done=lambda barcode: f"{barcode} is a barcode of it now.",
            form=AddBarcodeForm,
            icon="barcode",
        ),
        "print_labels": print_verb(lambda *, sku, **asked: labels_of(Sku.objects.filter(pk=sku.pk), **asked)),
        **archive_verbs(
            "skus.change_sku",
            variants.archive_sku,
            variants.restore_sku,
            meaning="It is no longer sold. What happened to it stays in the books.",
            back="It can be sold again.",
        ),
    }

    def allowed(self, row, by):
        return ["add_barcode", "print_labels", "archive" if row.is_active else "restore"]

    def make(self, *, by, **sent):
        return variants.add_sku(by=by, **sent)

    def change(self, sku, *, by, **sent):
        variants.change_sku(sku=sku, by=by, **sent)

    def remove(self, sku, *, by):
        variants.delete_sku(sku=sku, by=by)

    def told_before_deleting(self, sku):
        return (
            "This SKU disappears for good, with its barcodes. "
            "What was ever stocked or sold cannot be deleted: archive it instead."
        )

    def get_queryset(self, request):
        return super().get_queryset(request).with_barcode()

    def get_readonly_fields(self, request, obj=None):
        return ["product", *self.shown_only] if obj else []  # a SKU stays with its product

    def get_ordering(self, request):
        return AS_HUNG if "product" in request.GET else self.ordering

    def lookup_allowed(self, lookup, value, request):
        return lookup == "product" or super().lookup_allowed(lookup, value, request)

    def skus_of(self, rows):
        return Sku.objects.filter(pk__in=rows.values("pk"))

    @display(description="product", ordering="product__name")
    def product_name(self, sku):
        return sku.product.name

    @display(description="size", ordering="size_order")
    def size_shown(self, sku):
        return sku.size

    @display(description="price", ordering=selling_price())
    def costs(self, sku):
        return amount(sku.effective_price)

    @display(description="barcode")
    def number(self, sku):
        return sku.printed_barcode or "-"

    @display(description="state", ordering="is_active")
    def state(self, sku):
        return activity(sku)

    @display(description="on labels")
    def symbol(self, sku):
        return symbol(sku.primary_value, height=96) if sku.primary_value else "-"

    def panels(self, request, row):
        return [self.barcodes_of(row, request.user), *log_of(row, request.user)]

    def barcodes_of(self, sku, reader):
        rows = []
        for barcode in sku.barcodes.all():
            state = label("On labels", "primary") if barcode.is_primary else ""
            links = []
            if not barcode.is_primary and reader.has_perm("skus.change_barcode"):
                links.append(("Make primary", door(barcode, "make_primary")))
            if not barcode.is_primary and reader.has_perm("skus.delete_barcode"):
                links.append(("Remove", door(barcode, "delete")))
            what = f"{barcode.get_kind_display()}, {barcode.symbology}"
            rows.append([symbol(barcode.value), barcode.printed, what, state, doors(*links)])
        return panel("Barcodes", ["symbol", "number", "kind", "", ""], rows)
