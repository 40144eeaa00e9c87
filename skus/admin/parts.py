"""Barcodes and pictures: reached from the page of their SKU or product, they lead back there."""

from django.contrib import admin
from django.http import HttpResponseRedirect
from django.urls import reverse
from unfold.decorators import display

from boutique.admin import HouseAdmin, HouseForm, Verb
from skus.admin.printing import AS_HUNG
from skus.admin.shown import thumbnail
from skus.models import Barcode, ProductImage, Sku
from skus.services import barcodes, pictures


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
    list_display = ["printed", "of_sku", "kind", "on_labels"]
    list_select_related = ["sku"]
    show_full_result_count = False
    fields = ["of_sku", "printed", "kind", "on_labels"]
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

    @display(description="SKU", ordering="sku__code")
    def of_sku(self, barcode):
        return barcode.sku

    @display(description="on labels", boolean=True, ordering="is_primary")
    def on_labels(self, barcode):
        return barcode.is_primary


class PictureForm(HouseForm):
    class Meta:
        model = ProductImage
        fields = ["sku", "alt", "position"]
        labels = {"sku": "SKU", "alt": "In words", "position": "Order"}
        help_texts = {
            "sku": "If the picture shows just one of them.",
            "alt": "What is to be seen, for those who do not see it: Blue kurta from behind.",
        }


@admin.register(ProductImage)
class PictureAdmin(PartAdmin):
    noun = "picture"
    form = PictureForm
    list_display = ["shown", "product", "of_sku", "in_words", "order"]
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

    @display(description="SKU", ordering="sku__code")
    def of_sku(self, picture):
        return picture.sku or "-"

    @display(description="in words", ordering="alt")
    def in_words(self, picture):
        return picture.alt or "-"

    @display(description="order", ordering="position")
    def order(self, picture):
        return picture.position
