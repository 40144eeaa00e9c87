import django_filters
from django.db.models import F

from boutique.api.filters import HouseFilterSet, IdFilter, TruthFilter
from skus.models import Category, OutfitType, Product, ProductImage, Sku, SkuImport, selling_price


class CategoryFilter(HouseFilterSet):
    parent = IdFilter()
    root = TruthFilter(field_name="parent", lookup_expr="isnull", label="only those that lie in no other")

    class Meta:
        model = Category
        fields = []


class OutfitTypeFilter(HouseFilterSet):
    class Meta:
        model = OutfitType
        fields = []


class ByProduct:
    """How rows are found by the product they are about. `of` is the way to it."""

    of = ""

    def in_category(self, rows, name, pk):
        return rows.filter(**{f"{self.of}category__in": Category.objects.within(pk)})

    def by_product(self, rows, name, value):
        return rows.filter(**{self.of + name: value})

    def by_word(self, rows, name, text):
        return rows.filter(**{f"{self.of}{name}__iexact": text})

    def from_price(self, rows, name, value):
        return rows.alias(asked_price=self.asked_price).filter(asked_price__gte=value)

    def to_price(self, rows, name, value):
        return rows.alias(asked_price=self.asked_price).filter(asked_price__lte=value)


class ShelfFilter(ByProduct, HouseFilterSet):
    """What products and their SKUs are both found by."""

    category = IdFilter(method="in_category", label="with all categories below it")
    outfit_type = IdFilter(method="by_product")
    kind = django_filters.ChoiceFilter(choices=Product.Kind.choices, method="by_product")
    unit = django_filters.ChoiceFilter(choices=Product.Unit.choices, method="by_product")
    brand = django_filters.CharFilter(method="by_word")
    collection = django_filters.CharFilter(method="by_word")
    price_min = django_filters.NumberFilter(method="from_price", min_value=0, label="at least so much")
    price_max = django_filters.NumberFilter(method="to_price", min_value=0, label="at most so much")
    is_active = TruthFilter()
    created_by = IdFilter()


class ProductFilter(ShelfFilter):
    asked_price = F("base_price")

    class Meta:
        model = Product
        fields = []


class SkuFilter(ShelfFilter):
    product = IdFilter()
    size = django_filters.CharFilter(lookup_expr="iexact")
    colour = django_filters.CharFilter(lookup_expr="iexact")
    style = django_filters.CharFilter(lookup_expr="iexact")
    of = "product__"
    asked_price = selling_price()

    class Meta:
        model = Sku
        fields = []


class ProductImageFilter(HouseFilterSet):
    product = IdFilter()
    sku = IdFilter()

    class Meta:
        model = ProductImage
        fields = []


class SkuImportFilter(HouseFilterSet):
    mode = django_filters.ChoiceFilter(choices=SkuImport.Mode.choices)
    status = django_filters.ChoiceFilter(choices=SkuImport.Status.choices)
    created_by = IdFilter()

    class Meta:
        model = SkuImport
        fields = []
