"""A product with its matrix, pictures and barcodes on one page."""

from django import forms
from django.conf import settings
from django.contrib import admin
from django.core.files.storage import default_storage
from django.db.models import Q
from django.urls import reverse
from unfold.decorators import display
from unfold.enums import ActionVariant
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from boutique.admin import HouseAdmin, HouseForm, Verb, VerbForm, figure, label, panel, to
from boutique.errors import RuleError
from boutique.media import thumbnail_name
from skus.admin.archiving import archive_verbs
from skus.admin.fields import CodeField, OnShelves, PictureField, PriceField, ValuesField, parts_of
from skus.admin.filters import STATES, ArchiveFilter, BareFilter, BrandFilter, CategoryFilter
from skus.admin.logs import log_of
from skus.admin.printing import PrintsLabels, labels_of, print_verb
from skus.admin.shown import activity, amount, amounts, door, doors, in_number, symbol, thumbnail
from skus.axes import AXES, PLURALS
from skus.models import Product, ProductImage, Sku
from skus.services import catalogue, pictures, variants

SKUS_SHOWN = 100
MOST_HOLES = 500
DESCRIBED = ["name", "code", "description", "category", "outfit_type", "kind", "brand", "collection"]


class ProductForm(HouseForm):
    code = CodeField(required=False, max_length=20, help_text="Left empty, one is made from the name.")
    sizes = ValuesField(help_text="Between commas: S, M, L. They are kept in the order people wear them.")
    colours = ValuesField(help_text="Between commas, in the order they shall be shown: Blue, Ivory.")
    styles = ValuesField(help_text="A third difference, if there is one: Slim, Regular.")

    class Meta:
        model = Product
        fields = [*DESCRIBED, "base_price", "tax_rate", "unit", *PLURALS]
        widgets = {"description": UnfoldAdminTextareaWidget(attrs={"rows": 4})}
        help_texts = {
            "base_price": f"In {settings.BOUTIQUE_CURRENCY}. What each SKU costs that has no price of its own.",
            "tax_rate": "In percent.",
        }


class LeaveOutField(forms.MultipleChoiceField):
    def __init__(self, **options):
        super().__init__(required=False, widget=UnfoldAdminCheckboxSelectMultipleWidget, **options)


class GenerateForm(VerbForm):
    """Says which combinations are left out, in the words of `variants.generate`."""

    has_preview = True
    price = PriceField(help_text="Of the new SKUs. Left empty, they cost what the product costs.")
    sizes = LeaveOutField(label="Leave out these sizes")
    colours = LeaveOutField(label="Leave out these colours")
    styles = LeaveOutField(label="Leave out these styles")
    holes = forms.CharField(
        label="Leave out single combinations",
        required=False,
        max_length=20_000,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        help_text="One on each line, its parts between commas: XL, Ivory",
    )

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        for plural in PLURALS:
            values = getattr(self.row, plural)
            self.fields[plural].choices = [(value, value) for value in values]
            if not values:
                del self.fields[plural]

    def clean(self):
        super().clean()
        sent, holes = self.cleaned_data, []
        for axis, plural in AXES.items():
            holes += [{axis: value} for value in sent.pop(plural, [])]
        holes += [self.hole(line) for line in sent.pop("holes", "").splitlines() if line.strip()]
        if len(holes) > MOST_HOLES:
            self.add_error(None, f"At most {MOST_HOLES} things are left out at once.")
        sent["exclude"] = holes

    def hole(self, line):
        found = {}
        for part in (part.strip() for part in parts_of(line)):
            axis = next((axis for axis in AXES if part.upper() in self.known(axis)), None)
            if axis is None:
                self.add_error("holes", f"“{part}” is no size, colour or style of {self.row}.")
            else:
                found[axis] = part
        return found

    def known(self, axis):
        return {value.upper() for value in getattr(self.row, AXES[axis])}

    def preview(self):
        choice = self.cleaned_data if self.is_bound else {}
        try:
            made = variants.generate(product=self.row, by=self.by, preview=True, **choice)
        except RuleError as refusal:
            return str(refusal)
        return in_figures(made, "would be made")


def in_figures(made, what_happens):
    figures = made.in_figures()
    text = f"{figures['created']} of {figures['asked']} combinations {what_happens}"
    text += f", {figures['unchanged']} are there already" if figures["unchanged"] else ""
    text += f", {figures['excluded']} are left out" if figures["excluded"] else ""
    codes = [sku.code for sku in made.created]
    shown = f": {', '.join(codes[:12])}{' …' if len(codes) > 12 else ''}" if codes else ""
    return f"{text}{shown}."


class AddPictureForm(VerbForm):
    image = PictureField(help_text="JPEG, PNG or WebP, at most 10 MB and 25 megapixels.")
    alt = forms.CharField(
        label="In words",
        required=False,
        max_length=200,
        widget=UnfoldAdminTextInputWidget,
        help_text="What is to be seen, for those who do not see it: Blue kurta from behind.",
    )
    sku = forms.ModelChoiceField(
        label="SKU",
        queryset=Sku.objects.none(),
        required=False,
        widget=UnfoldAdminSelectWidget,
        help_text="If the picture shows just one of them.",
    )

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.fields["sku"].queryset = self.row.skus.order_by("colour", "style", "size_order")


@admin.register(Product)
class ProductAdmin(PrintsLabels, OnShelves, HouseAdmin):
    shelf, icon, noun = "Catalogue", "checkroom", "product"
    form = ProductForm
    list_display = ["which", "category_shown", "kind", "brand", "prices", "how_many", "state"]
    list_filter = [CategoryFilter, "kind", BrandFilter, ArchiveFilter, BareFilter]
    list_select_related = ["category"]
    search_fields = ["name"]  # asks by the words of found_by
    search_help_text = "Name, code, brand, collection, or a barcode of one of its SKUs"
    ordering = ["name", "pk"]
    shortcuts = [*STATES, ("Without SKUs", "skus=none")]
    fieldsets = [
        ("Product", {"fields": [*DESCRIBED, "state"]}),
        ("Price", {"fields": ["base_price", "tax_rate", "unit"]}),
        ("Comes in", {"fields": PLURALS}),
    ]
    add_fieldsets = [("Product", {"fields": DESCRIBED}), *fieldsets[1:]]
    readonly_fields = ["state"]
    verbs = {
        "generate": Verb(
            needs="skus.add_sku",
            service=variants.generate,
            title="Generate SKUs",
            text="Makes a SKU with a barcode for every size, colour and style that has none yet. "
            "Those that are there stay as they are.",
            done=lambda made: in_figures(made, "were made"),
            form=GenerateForm,
            icon="grid_on",
            variant=ActionVariant.PRIMARY,
        ),
        "add_picture": Verb(
            needs="skus.add_productimage",
            service=pictures.add,
            title="Add picture",
            done="The picture is added.",
            form=AddPictureForm,
            icon="add_photo_alternate",
        ),
        "print_labels": print_verb(lambda *, product, by, **asked: labels_of(hanging(product.skus), by=by, **asked)),
        **archive_verbs(
            "skus.change_product",
            catalogue.archive_product,
            catalogue.restore_product,
            meaning="It is no longer sold, with all its SKUs. What happened to it stays in the books.",
            back="It can be sold again.",
        ),
    }

    def allowed(self, row, by):
        return [
            *(["generate"] if row.is_active else []),
            "add_picture",
            *(["print_labels"] if hanging(row.skus).exists() else []),
            "archive" if row.is_active else "restore",
        ]

    def make(self, *, by, **sent):
        return catalogue.add_product(by=by, **sent)

    def change(self, product, *, by, **sent):
        catalogue.change_product(product=product, by=by, **sent)

    def remove(self, product, *, by):
        catalogue.delete_product(product=product, by=by)

    def told_before_deleting(self, product):
        counted = [(product.skus, Sku), (product.images, ProductImage)]
        skus, pictures = (in_number(rows.count(), model._meta) for rows, model in counted)
        return (
            f"This product disappears for good, with its {skus}, their barcodes and {pictures}. "
            "What was ever stocked or sold cannot be deleted: archive it instead."
        )

    def get_queryset(self, request):
        return super().get_queryset(request).with_counts().with_first_image()

    def skus_of(self, rows):
        return hanging(Sku.objects.filter(product__in=rows.values("pk")))

    # The list

    @display(description="product", header=True, ordering="name")
    def which(self, product):
        if not product.first_image:
            return [product.name, product.code, product.name[:2]]
        address = default_storage.url(thumbnail_name(product.first_image))
        return [product.name, product.code, "", {"path": address, "as_background": True, "width": 32, "height": 40}]

    @display(description="category", ordering="category__name")
    def category_shown(self, product):
        return product.category or "-"

    @display(description="price", ordering="base_price")
    def prices(self, product):
        return amounts(product.price_from, product.price_to)

    @display(description="SKUs")
    def how_many(self, product):
        return product.sku_count or label("None", "warning")

    @display(description="state", ordering="is_active")
    def state(self, product):
        return activity(product)

    # The page of one product

    def panels(self, request, row):
        skus = list(row.skus.with_barcode().order_by("size_order", "size", "colour", "style"))
        for sku in skus:
            sku.product = row
        parts = [matrix_of(row, skus), pictures_of(row, request.user), barcodes_of(row, skus)]
        return [*parts, *log_of(row, request.user)]

    # The start page

    def figures(self, request):
        bare = self.get_queryset(request).filter(is_active=True, sku_count=0).count()
        return [figure("Products without SKUs", bare, self.address(query="skus=none"), self.icon)] if bare else []


def hanging(skus):
    """Those that are sold; of an archived product those that were, as they may still hang in the shop."""
    return skus.filter(Q(is_active=True) | Q(archived_with_product=True))


def matrix_of(product, skus):
    """Sizes down, colours across, and a table for each style: see skus/admin/matrix.html."""
    cells = {variants.variant_of(sku): sku for sku in skus}
    down, across, deep = (values or [""] for values in variants.axes_of(product, skus).values())
    tables = [
        {
            "style": style,
            "colours": across,
            "rows": [
                {"size": size, "cells": [cells.get(variants.folded((size, colour, style))) for colour in across]}
                for size in down
            ],
        }
        for style in deep
    ]
    for cell in skus:
        cell.address, cell.costs = door(cell, "change"), amount(cell.effective_price)
    empty = "No SKUs yet. “Generate SKUs” makes one for every size and colour."
    shown = panel("Sizes and colours", [], tables if skus else [], template="skus/admin/matrix.html", empty=empty)
    return shown | {"more": skus_of_address(product)}


def skus_of_address(product):
    return f"{reverse('admin:skus_sku_changelist')}?product={product.pk}"


def pictures_of(product, reader):
    rows = []
    for picture in product.images.select_related("sku"):
        links = [("Change", door(picture, "change"))] if reader.has_perm("skus.change_productimage") else []
        links += [("Delete", door(picture, "delete"))] if reader.has_perm("skus.delete_productimage") else []
        of = to(picture.sku) if picture.sku else "The product"
        rows.append(
            [thumbnail(picture.image, picture.alt), picture.alt or "-", of, str(picture.position), doors(*links)]
        )
    headers = ["picture", "in words", "shows", "order", ""]
    return panel("Pictures", headers, rows, empty="No pictures yet. “Add picture” takes one.")


def barcodes_of(product, skus):
    rows = [
        [to(sku), sku.variant or "-", symbol(sku.primary_value), sku.printed_barcode]
        for sku in skus[:SKUS_SHOWN]
        if sku.primary_value
    ]
    title = "Barcodes" if len(skus) <= SKUS_SHOWN else f"Barcodes: the first {SKUS_SHOWN} of {len(skus)}"
    return panel(title, ["SKU", "variant", "symbol", "number"], rows, more=skus_of_address(product))
