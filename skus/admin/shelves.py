"""Categories and outfit types."""

from django.contrib import admin
from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.utils.html import format_html
from unfold.decorators import display

from boutique.admin import HouseAdmin, HouseForm
from skus.admin.fields import CodeField, OnShelves
from skus.models import PATH, Category, OutfitType, Product
from skus.services import catalogue


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
