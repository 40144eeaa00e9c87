"""Labels: for one product, for one SKU, for all that are ticked."""

from functools import partial

from django import forms
from django.contrib import admin
from django.utils import timezone
from unfold.widgets import UnfoldAdminIntegerFieldWidget, UnfoldAdminSelectWidget

from boutique.admin import Verb, VerbForm
from boutique.api.renderers import shown_pdf
from boutique.errors import Invalid
from skus import labels
from skus.admin.shown import in_number

MOST_COPIES = 100
LAYOUTS = [
    ("a4_3x8", "A4 sheet, 3 × 8 labels of 70 × 37 mm"),
    ("a4_5x13", "A4 sheet, 5 × 13 labels of 38 × 21 mm"),
    ("roll_62mm", "Roll of 62 mm, one label after another"),
]
AS_HUNG = ("product__name", "product", "colour", "style", "size_order", "pk")


class LabelForm(VerbForm):
    copies = forms.IntegerField(
        min_value=1,
        max_value=MOST_COPIES,
        initial=1,
        widget=UnfoldAdminIntegerFieldWidget,
        help_text="Of each SKU.",
    )
    layout = forms.ChoiceField(choices=LAYOUTS, widget=UnfoldAdminSelectWidget)
    start = forms.IntegerField(
        label="First free label",
        min_value=1,
        initial=1,
        required=False,
        widget=UnfoldAdminIntegerFieldWidget,
        help_text="Of a sheet that was begun: 1 is the label in its upper left corner, 2 the one to the right of it.",
    )

    def clean(self):
        super().clean()
        sent = self.cleaned_data
        sent["start"] = sent.get("start") or 1
        layout = labels.LAYOUTS.get(sent.get("layout"))
        if layout and sent["start"] > layout.per_page:
            self.add_error("start", f"The last label there is number {layout.per_page}.")


def labels_of(skus, *, copies, layout, by, start=1):
    """The sheet as a file, sorted as the pieces hang."""
    in_order = skus.with_barcode().select_related("product").order_by(*AS_HUNG)
    items = [(sku, copies) for sku in in_order[: labels.MOST_ITEMS + 1]]
    if not items:
        raise Invalid("There is no active SKU to print labels for.")
    if len(items) > labels.MOST_ITEMS or len(items) * copies > labels.MOST_LABELS:
        most = f"{labels.MOST_LABELS} labels of {labels.MOST_ITEMS} SKUs"
        raise Invalid(f"At most {most} are printed at once. Choose fewer SKUs or fewer copies.")
    return shown_pdf(labels.sheet(items, layout, start), f"labels-{timezone.localdate():%Y-%m-%d}")


def print_verb(service=None):
    return Verb(
        needs="skus.print_label",
        service=service,
        title="Print labels",
        text="Makes a PDF: print it at 100 %, without fitting it to the page, so that scanners read the bars.",
        form=LabelForm,
        icon="print",
    )


class PrintsLabels:
    """A list on which labels can be printed for what is ticked."""

    actions = ["print_labels"]

    def has_print_label_permission(self, request):
        return request.user.has_perm("skus.print_label")

    @admin.action(description="Print labels", permissions=["print_label"])
    def print_labels(self, request, rows):
        many = in_number(rows.count(), self.opts)
        return self.ask(request, many, print_verb(), partial(labels_of, self.skus_of(rows), by=request.user))
