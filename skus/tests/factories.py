import factory

from accounts.tests.factories import UserFactory
from skus import gtin, sizes
from skus.models import Barcode, Category, OutfitType, Product, ProductImage, Sku, SkuImport


class CategoryFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Category

    name = factory.Sequence(lambda n: f"Category {n}")
    slug = factory.Sequence(lambda n: f"category-{n}")
    created_by = factory.SubFactory(UserFactory)


class OutfitTypeFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = OutfitType

    name = factory.Sequence(lambda n: f"Outfit {n}")
    code = factory.Sequence(lambda n: f"OUT{n}")
    created_by = factory.SubFactory(UserFactory)


class ProductFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Product

    name = factory.Sequence(lambda n: f"Kurta {n}")
    code = factory.Sequence(lambda n: f"K{n}")
    base_price = "79.00"
    created_by = factory.SubFactory(UserFactory)


class SkuFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Sku

    product = factory.SubFactory(ProductFactory)
    code = factory.Sequence(lambda n: f"SKU{n}")
    size = "M"
    colour = factory.Sequence(lambda n: f"Colour {n}")
    size_order = factory.LazyAttribute(lambda sku: sizes.worn_order(sku.size))
    created_by = factory.SubFactory(UserFactory)


class BarcodeFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Barcode

    sku = factory.SubFactory(SkuFactory, created_by=factory.SelfAttribute("..created_by"))
    value = factory.Sequence(lambda n: gtin.own_ean13(900_000_000 + n))
    kind = Barcode.Kind.INTERNAL
    created_by = factory.SubFactory(UserFactory)


class ProductImageFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = ProductImage

    product = factory.SubFactory(ProductFactory)
    image = "products/none.webp"
    created_by = factory.SubFactory(UserFactory)


class SkuImportFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = SkuImport

    mode = SkuImport.Mode.PARTIAL
    status = SkuImport.Status.DONE
    created_by = factory.SubFactory(UserFactory)
