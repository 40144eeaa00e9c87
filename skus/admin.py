"""The catalogue on the desk of whoever runs the shop: a product with its matrix, pictures and barcodes on one page."""

import base64
import csv
from functools import partial

from django import forms
from django.conf import settings
from django.contrib import admin
from django.core.files.storage import default_storage
from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from rest_framework.serializers import ValidationError as BadText
from unfold.decorators import display
from unfold.enums import ActionVariant
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminDecimalFieldWidget,
    UnfoldAdminFileFieldWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanWidget,
)

from boutique import images
from boutique.admin import HouseAdmin, HouseForm, Verb, VerbForm, Window, figure, label, moment, panel, to
from boutique.api.serializers import Text
from boutique.errors import Invalid, RuleError
from boutique.media import thumbnail_name
from skus import gtin, labels, sizes, symbols
from skus.axes import PLURALS
from skus.models import (
    MOST_MONEY,
    MOST_VALUES,
    PATH,
    Barcode,
    CatalogueEvent,
    Category,
    OutfitType,
    Product,
    ProductImage,
    Sku,
    SkuImport,
    code_text,
)
from skus.services import barcodes, catalogue, pictures, variants

LINES_SHOWN = 20
SKUS_SHOWN = 100
ERRORS_SHOWN = 200
BRANDS_OFFERED = 200
MOST_COPIES, MOST_HOLES = 100, 500
EVENT_COLOURS = {"archived": "warning", "restored": "success", "deleted": "danger"}
IMPORT_COLOURS = {"queued": "warning", "running": "info", "done": "success", "failed": "danger"}


# ------------------------------------------------------------------------------------------------ words and pictures


def amount(price):
    return f"{price:,.2f}\u00a0{settings.BOUTIQUE_CURRENCY}"


def amounts(lowest, highest):
    return amount(lowest) if lowest == highest else f"{lowest:,.2f} \u2013 {amount(highest)}"


def activity(row):
    return label("Active", "success") if row.is_active else label("Archived", "danger")


def path_of(category):
    return " \u203a ".join(category.path)


def symbol(value, height=48):
    """On white in the dark theme too: scanners read dark bars on light paper."""
    drawn = base64.b64encode(symbols.svg(value)).decode()
    return format_html(
        '<img class="bg-white max-w-none p-1 rounded-default" src="data:image/svg+xml;base64,{}" alt="{}" '
        'style="height: {}px">',
        drawn,
        gtin.printed(value),
        height,
    )


def thumbnail(name, alt, side=64):
    return format_html(
        '<a href="{}"><img class="max-w-none object-cover rounded-default" loading="lazy" src="{}" alt="{}" '
        'style="height: {side}px; width: {side}px"></a>',
        default_storage.url(name),
        default_storage.url(thumbnail_name(name)),
        alt,
        side=side,
    )


def doors(*links):
    """(text, address) pairs beside one another; those that lead to a loss in red."""
    colours = {"Delete": "text-red-700 dark:text-red-400", "Remove": "text-red-700 dark:text-red-400"}
    usual = "text-primary-600 dark:text-primary-500"
    pairs = ((colours.get(text, usual), address, text) for text, address in links)
    return format_html_join(" \u00a0 ", '<a class="font-medium {}" href="{}">{}</a>', pairs)


def door(row, name):
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_{name}", args=[row.pk])


# ------------------------------------------------------------------------------------------------ fields


class CodeField(forms.CharField):
    """Upper or lower case is the same to people; it is kept in capitals."""

    def __init__(self, **options):
        super().__init__(validators=[code_text], widget=UnfoldAdminTextInputWidget, **options)

    def to_python(self, value):
        return super().to_python(value).upper()


class ValuesField(forms.CharField):
    """Sizes, colours or styles, between commas. What holds a comma itself stands in quotes: "36,5", 37."""

    def __init__(self, **options):
        widget = UnfoldAdminTextInputWidget
        super().__init__(required=False, max_length=45 * MOST_VALUES, widget=widget, **options)

    def prepare_value(self, value):
        return ", ".join(quoted(text) for text in value) if isinstance(value, list) else value

    def to_python(self, value):
        text = super().to_python(value)
        if len(text) > self.max_length:
            raise forms.ValidationError(f"At most {MOST_VALUES}, of 40 letters each.")
        typed = [part.strip() for line in text.splitlines() for part in parts_of(line)]
        return [part for part in typed if part]

    def has_changed(self, initial, data):
        try:
            return (initial or []) != self.to_python(data)
        except forms.ValidationError:
            return True

    def run_validators(self, value):
        pass  # those of a text; see validate

    def validate(self, value):
        if len(value) > MOST_VALUES:
            raise forms.ValidationError(f"At most {MOST_VALUES}.")
        for text in value:
            try:
                Text(max_length=40).run_validation(text)
            except BadText as error:
                raise forms.ValidationError(f"{text[:60]}: {error.detail[0]}") from None


def parts_of(line):
    return next(csv.reader([line], skipinitialspace=True), [])


def quoted(text):
    return '"{}"'.format(text.replace('"', '""')) if {",", '"'} & set(text) else text


class PriceField(forms.DecimalField):
    def __init__(self, **options):
        digits = {"max_digits": 12, "decimal_places": 2, "min_value": 0, "max_value": MOST_MONEY}
        super().__init__(widget=UnfoldAdminDecimalFieldWidget, required=False, **digits, **options)


class PictureField(forms.FileField):
    """Takes what the API takes, and gives the service our own re-encoding of it."""

    def __init__(self, **options):
        widget = UnfoldAdminFileFieldWidget(attrs={"accept": "image/jpeg,image/png,image/webp"})
        super().__init__(widget=widget, **options)

    def clean(self, data, initial=None):
        upload = super().clean(data, initial)
        try:
            return images.accept(upload)
        except (images.BadPicture, RuleError) as refusal:
            raise forms.ValidationError(str(refusal)) from refusal


class ShelfField(forms.ModelChoiceField):
    """Categories by their path, as a tree."""

    def label_from_instance(self, category):
        return path_of(category)


class OnShelves:
    def formfield_for_foreignkey(self, db_field, request, **options):
        if db_field.related_model is Category:
            options |= {"form_class": ShelfField, "queryset": shelves(), "widget": UnfoldAdminSelectWidget}
        return super().formfield_for_foreignkey(db_field, request, **options)


def shelves():
    return Category.objects.with_path().order_by("path", "pk")


# ------------------------------------------------------------------------------------------------ labels


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


def labels_of(skus, *, copies, layout, by):
    """The sheet as a file, sorted as the pieces hang."""
    in_order = skus.with_barcode().select_related("product").order_by(*AS_HUNG)
    items = [(sku, copies) for sku in in_order[: labels.MOST_ITEMS + 1]]
    if not items:
        raise Invalid("There is no active SKU to print labels for.")
    if len(items) > labels.MOST_ITEMS or len(items) * copies > labels.MOST_LABELS:
        most = f"{labels.MOST_LABELS} labels of {labels.MOST_ITEMS} SKUs"
        raise Invalid(f"At most {most} are printed at once. Choose fewer SKUs or fewer copies.")
    name = f"labels-{timezone.localdate():%Y-%m-%d}.pdf"
    headers = {"Content-Disposition": f'inline; filename="{name}"'}
    return HttpResponse(labels.sheet(items, layout), content_type="application/pdf", headers=headers)


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
        many = f"{rows.count()} {self.opts.verbose_name_plural}"
        return self.ask(request, many, print_verb(), partial(labels_of, self.skus_of(rows), by=request.user))


# ------------------------------------------------------------------------------------------------ filters


class OneOfFilter(admin.SimpleListFilter):
    """Takes what it offers and nothing else."""

    lookup = ""

    def queryset(self, request, rows):
        chosen = self.value() in {str(key) for key, _title in self.lookup_choices}
        return self.narrowed(rows) if chosen else rows

    def narrowed(self, rows):
        return rows.filter(**{self.lookup: self.value()})


class CategoryFilter(OneOfFilter):
    """With all categories below the chosen one."""

    title = parameter_name = "category"
    lookup = "category__in"

    def lookups(self, request, model_admin):
        return [(str(one.pk), path_of(one)) for one in shelves()]

    def narrowed(self, rows):
        return rows.filter(**{self.lookup: Category.objects.within(self.value()).values("pk")})


class CategoryOfProductFilter(CategoryFilter):
    lookup = "product__category__in"


class KindOfProductFilter(OneOfFilter):
    title, parameter_name, lookup = "kind", "kind", "product__kind"

    def lookups(self, request, model_admin):
        return Product.Kind.choices


class BrandFilter(OneOfFilter):
    title, parameter_name, lookup = "brand", "brand", "brand"

    def lookups(self, request, model_admin):
        named = Product.objects.exclude(brand="").order_by("brand").values_list("brand", flat=True).distinct()
        return [(brand, brand) for brand in named[:BRANDS_OFFERED]]


class ArchiveFilter(OneOfFilter):
    title, parameter_name, lookup = "state", "is_active", "is_active"

    def lookups(self, request, model_admin):
        return [("1", "Active"), ("0", "Archived")]


class BareFilter(OneOfFilter):
    title = parameter_name = "skus"

    def lookups(self, request, model_admin):
        return [("none", "Active, without SKUs")]

    def narrowed(self, rows):
        return rows.filter(is_active=True, sku_count=0)


STATES = [("All", ""), ("Active", "is_active=1"), ("Archived", "is_active=0")]

# ------------------------------------------------------------------------------------------------ products


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
        for plural in PLURALS:
            holes += [{plural.removesuffix("s"): value} for value in sent.pop(plural, [])]
        holes += [self.hole(line) for line in sent.pop("holes", "").splitlines() if line.strip()]
        if len(holes) > MOST_HOLES:
            self.add_error(None, f"At most {MOST_HOLES} things are left out at once.")
        sent["exclude"] = holes

    def hole(self, line):
        found = {}
        for part in (part.strip() for part in parts_of(line)):
            axis = next((axis for axis in PLURALS if part.upper() in self.known(axis)), None)
            if axis is None:
                self.add_error("holes", f"“{part}” is no size, colour or style of {self.row}.")
            else:
                found[axis.removesuffix("s")] = part
        return found

    def known(self, axis):
        return {value.upper() for value in getattr(self.row, axis)}

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


def archive_verbs(noun, archive, restore, meaning):
    return {
        "archive": Verb(
            needs=f"skus.change_{noun}",
            service=archive,
            title="Archive",
            text=meaning,
            done="Archived.",
            icon="archive",
            variant=ActionVariant.DANGER,
        ),
        "restore": Verb(
            needs=f"skus.change_{noun}",
            service=restore,
            title="Restore",
            text="It can be sold again.",
            done="Restored.",
            icon="unarchive",
            variant=ActionVariant.PRIMARY,
        ),
    }


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
        "print_labels": print_verb(lambda *, product, by, **asked: labels_of(active_skus(product), by=by, **asked)),
        **archive_verbs(
            "product",
            catalogue.archive_product,
            catalogue.restore_product,
            "It is no longer sold, with all its SKUs. What happened to it stays in the books.",
        ),
    }

    def allowed(self, row, by):
        has_skus = active_skus(row).exists()
        return [
            "generate",
            "add_picture",
            *(["print_labels"] if has_skus else []),
            "archive" if row.is_active else "restore",
        ]

    def make(self, *, by, **sent):
        return catalogue.add_product(by=by, **sent)

    def change(self, product, *, by, **sent):
        catalogue.change_product(product=product, by=by, **sent)

    def remove(self, product, *, by):
        catalogue.delete_product(product=product, by=by)

    def get_queryset(self, request):
        return super().get_queryset(request).with_counts().with_first_image()

    def skus_of(self, rows):
        return Sku.objects.filter(product__in=rows.values("pk"), is_active=True)

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


def active_skus(product):
    return product.skus.filter(is_active=True)


def matrix_of(product, skus):
    """Sizes down, colours across, and a table for each style: see skus/admin/matrix.html."""
    cells = {variants.variant_of(sku): sku for sku in skus}
    across, down, deep = (
        catalogue.unrepeated([*getattr(product, axis), *(getattr(sku, axis.removesuffix("s")) for sku in skus)]) or [""]
        for axis in ("colours", "sizes", "styles")
    )
    tables = [
        {
            "style": style,
            "colours": across,
            "rows": [
                {"size": size, "cells": [cells.get(variants.folded((size, colour, style))) for colour in across]}
                for size in sizes.as_worn(down)
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
        [to(sku), sku.variant or "-", symbol(sku.primary_value), gtin.printed(sku.primary_value)]
        for sku in skus[:SKUS_SHOWN]
        if sku.primary_value
    ]
    title = "Barcodes" if len(skus) <= SKUS_SHOWN else f"Barcodes: the first {SKUS_SHOWN} of {len(skus)}"
    return panel(title, ["SKU", "variant", "symbol", "number"], rows, more=skus_of_address(product))


def log_of(row, reader):
    if not reader.has_perm("skus.view_catalogueevent"):
        return []
    lines = row.events.select_related("by")[:LINES_SHOWN]
    rows = [[moment(line.at), line.code, line.get_kind_display(), str(line.by), in_words(line)] for line in lines]
    headers = ["when", "what", "happened", "by", "from → to"]
    more = f"{reverse('admin:skus_catalogueevent_changelist')}?{row._meta.model_name}={row.pk}"
    return [panel("What happened", headers, rows, more=more)]


# ------------------------------------------------------------------------------------------------ SKUs


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
class SkuAdmin(PrintsLabels, HouseAdmin):
    shelf, title, icon, noun = "Catalogue", "SKUs", "barcode", "sku"
    form, add_form = SkuForm, NewSkuForm
    list_display = ["code", "product_name", "size_shown", "colour", "style", "costs", "number", "state"]
    list_filter = [CategoryOfProductFilter, KindOfProductFilter, ArchiveFilter]
    list_select_related = ["product"]
    search_fields = ["code"]  # asks by the words of found_by
    search_help_text = "Code, size, colour, barcode, or words of its product"
    ordering = ["code", "pk"]
    show_full_result_count = False
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
            "sku",
            variants.archive_sku,
            variants.restore_sku,
            "It is no longer sold. What happened to it stays in the books.",
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

    @display(description="price", ordering=Coalesce("price", "product__base_price"))
    def costs(self, sku):
        return amount(sku.effective_price)

    @display(description="barcode")
    def number(self, sku):
        return gtin.printed(sku.primary_value) if sku.primary_value else "-"

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


# ------------------------------------------------------------------------------------------------ parts of these


class PartAdmin(HouseAdmin):
    """What belongs to another row: reached from that row's page, and leads back there."""

    shelf = "Catalogue"

    def links(self, request):
        return []

    def address_after(self, request, row):
        return self.home(row)


@admin.register(Barcode)
class BarcodeAdmin(PartAdmin):
    noun = "barcode"
    list_display = ["printed", "sku", "kind", "is_primary"]
    list_select_related = ["sku"]
    show_full_result_count = False
    fields = ["sku", "printed", "kind", "is_primary"]
    verbs = {
        "make_primary": Verb(
            needs="skus.change_barcode",
            service=barcodes.make_primary,
            title="Make primary",
            text="From now on it stands on the labels. The one before stays known to scanners.",
            done="Stands on the labels from now on.",
            icon="star",
        )
    }

    def allowed(self, row, by):
        return [] if row.is_primary else ["make_primary"]

    def remove(self, barcode, *, by):
        barcodes.remove(barcode=barcode, by=by)

    def get_readonly_fields(self, request, obj=None):
        return self.fields

    def home(self, barcode):
        return reverse("admin:skus_sku_change", args=[barcode.sku_id])

    @display(description="number", ordering="value")
    def printed(self, barcode):
        return barcode.printed


@admin.register(ProductImage)
class PictureAdmin(PartAdmin):
    noun = "picture"
    list_display = ["shown", "product", "sku", "alt", "position"]
    list_select_related = ["product", "sku"]
    fields = ["shown", "product", "sku", "alt", "position"]
    readonly_fields = ["shown", "product"]

    def change(self, picture, *, by, **sent):
        pictures.change(picture=picture, by=by, **sent)

    def remove(self, picture, *, by):
        pictures.delete(picture=picture, by=by)

    def home(self, picture):
        return reverse("admin:skus_product_change", args=[picture.product_id])

    def response_post_save_change(self, request, obj):
        return HttpResponseRedirect(self.home(obj))

    def get_form(self, request, obj=None, change=False, **options):
        form = super().get_form(request, obj, change, **options)
        if obj and "sku" in form.base_fields:
            form.base_fields["sku"].queryset = Sku.objects.filter(product=obj.product_id).order_by(*AS_HUNG[2:])
        return form

    @display(description="picture")
    def shown(self, picture):
        return thumbnail(picture.image, picture.alt, side=96) if picture.image else "-"


# ------------------------------------------------------------------------------------------------ shelves


class CategoryForm(HouseForm):
    class Meta:
        model = Category
        fields = ["name", "parent", "slug"]
        help_texts = {"parent": "Left empty, it stands on its own.", "slug": "Left empty, it is made from the name."}


@admin.register(Category)
class CategoryAdmin(OnShelves, HouseAdmin):
    shelf, icon, noun = "Catalogue", "account_tree", "category"
    form = CategoryForm
    list_display = ["path_shown", "slug", "how_many"]
    search_fields = ["name", "slug"]
    ordering = [PATH.asc(), "pk"]
    fields = CategoryForm.Meta.fields

    def make(self, *, by, **sent):
        return catalogue.add_category(by=by, **sent)

    def change(self, category, *, by, **sent):
        catalogue.change_category(category=category, by=by, **sent)

    def remove(self, category, *, by):
        catalogue.delete_category(category=category, by=by)

    def get_queryset(self, request):
        inside = Product.objects.filter(category=OuterRef("pk")).order_by().values("category")
        counted = Coalesce(Subquery(inside.annotate(found=Count("pk")).values("found")), 0)
        return super().get_queryset(request).with_path().annotate(product_count=counted)

    @display(description="category", ordering="path")
    def path_shown(self, category):
        *above, name = category.path
        way = format_html('<span class="text-subtle">{} › </span>', " › ".join(above)) if above else ""
        return format_html("{}{}", way, name)

    @display(description="products", ordering="product_count")
    def how_many(self, category):
        return category.product_count or "-"


class OutfitTypeForm(HouseForm):
    code = CodeField(max_length=20, help_text="Short, in capitals: GOWN.")

    class Meta:
        model = OutfitType
        fields = ["name", "code"]


@admin.register(OutfitType)
class OutfitTypeAdmin(HouseAdmin):
    shelf, icon, noun = "Catalogue", "styler", "outfit_type"
    form = OutfitTypeForm
    list_display = ["name", "code"]
    search_fields = ["name", "code"]
    fields = OutfitTypeForm.Meta.fields

    def make(self, *, by, **sent):
        return catalogue.add_outfit_type(by=by, **sent)

    def change(self, outfit_type, *, by, **sent):
        catalogue.change_outfit_type(outfit_type=outfit_type, by=by, **sent)

    def remove(self, outfit_type, *, by):
        catalogue.delete_outfit_type(outfit_type=outfit_type, by=by)


# ------------------------------------------------------------------------------------------------ logs


ROWS = {"category", "outfit_type"}  # the log knows them by their numbers, which tell people nothing


def in_words(line):
    """base price: 79.00 → 69.00"""
    return "; ".join(step(name, *pair) for name, pair in line.changes.items()) or "-"


def step(name, before=None, after=None):
    words = name.replace("_", " ")
    return f"{words} changed" if name in ROWS else f"{words}: {said(before)} → {said(after)}"


def said(value):
    if isinstance(value, list):
        value = ", ".join(str(one) for one in value)
    return "none" if value in (None, "", "None") else str(value)[:200]


@admin.register(CatalogueEvent)
class CatalogueLogAdmin(Window):
    shelf, title, icon = "Books", "Log of the catalogue", "history"
    list_display = ["when", "what", "happened", "by", "changed"]
    list_filter = ["kind", "at"]
    list_select_related = ["by"]
    search_fields = ["code", "by__username", "by__first_name", "by__last_name"]
    ordering = ["-pk"]
    show_full_result_count = False
    fields = ["when", "what", "happened", "by", "changed"]

    def visible(self, rows, by):
        return rows  # the catalogue is one for the whole house

    def lookup_allowed(self, lookup, value, request):
        return lookup in ("product", "sku") or super().lookup_allowed(lookup, value, request)

    @display(description="when", ordering="pk")
    def when(self, line):
        return moment(line.at)

    @display(description="what", ordering="code")
    def what(self, line):
        return line.code

    @display(description="happened", ordering="kind")
    def happened(self, line):
        return label(line.get_kind_display(), EVENT_COLOURS.get(line.kind, ""))

    @display(description="from → to")
    def changed(self, line):
        return in_words(line)


@admin.register(SkuImport)
class ImportAdmin(Window):
    shelf, title, icon = "Books", "Imports of SKUs", "upload_file"
    list_display = ["which", "mode", "state", "when", "by", "rows", "created", "updated", "unchanged", "rejected"]
    list_filter = ["status", "mode", "created_at"]
    list_select_related = ["created_by"]
    search_fields = ["file_name"]
    ordering = ["-pk"]
    fields = [
        "which", "mode", "state", "when", "by", "progress", "created", "updated", "unchanged", "rejected", "failure",
    ]  # fmt: skip

    @display(description="file", ordering="file_name")
    def which(self, brought):
        return brought.file_name or f"Import {brought.pk}"

    @display(description="status", ordering="status")
    def state(self, brought):
        return label(brought.get_status_display(), IMPORT_COLOURS[brought.status])

    @display(description="when", ordering="created_at")
    def when(self, brought):
        return moment(brought.created_at)

    @display(description="by")
    def by(self, brought):
        return str(brought.created_by or "-")

    @display(description="rows done")
    def progress(self, brought):
        return f"{brought.rows_done} of {brought.rows}"

    def panels(self, request, row):
        headers = ["row", "column", "value", "what is wrong"]
        wrong = [error for error in row.errors if isinstance(error, dict)]
        rows = [
            [said(error.get(name)) for name in ("row", "column", "value", "message")] for error in wrong[:ERRORS_SHOWN]
        ]
        title = "Rows that were refused"
        if len(wrong) > ERRORS_SHOWN:
            title += f": the first {ERRORS_SHOWN} of {len(wrong)}"
        return [panel(title, headers, rows, empty="None.")]
