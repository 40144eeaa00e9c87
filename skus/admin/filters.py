"""What the lists of products and SKUs are narrowed by."""

from django.contrib import admin

from boutique.api.serializers import BIGGEST_ID, PLAIN_INTEGER
from skus.admin.fields import shelves
from skus.admin.shown import path_of
from skus.models import Category, Product

BRANDS_OFFERED = 200
STATES = [("All", ""), ("Active", "is_active=1"), ("Archived", "is_active=0")]


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


class OfProduct:
    """A list that a product's page leads to (?product=1): it says whose rows these are."""

    list_before_template = "skus/admin/of_product.html"

    def changelist_view(self, request, extra_context=None):
        asked = request.GET.get("product", "")
        is_number = PLAIN_INTEGER.fullmatch(asked) and int(asked) <= BIGGEST_ID
        product = Product.objects.filter(pk=asked).first() if is_number else None
        return super().changelist_view(request, {"product": product} | (extra_context or {}))
