from rest_framework.decorators import action
from rest_framework.exceptions import NotFound
from rest_framework.generics import get_object_or_404
from rest_framework.response import Response

from boutique.api.parsers import UploadParser
from boutique.api.viewsets import Changed, HouseViewSet, Listed, Made, Patched, Removed, Shown
from skus import filters, serializers
from skus.models import Barcode, CatalogueEvent, Category, OutfitType, Product, ProductImage, Sku, selling_price
from skus.services import barcodes, catalogue, pictures, variants


class Owned:
    """Sales staff change what they made; what others made is for them not there to be changed."""

    edits = {"update", "partial_update", "destroy", "archive", "restore"}

    def get_queryset(self):
        rows = super().get_queryset()
        return rows.editable_by(self.request.user) if self.action in self.edits else rows


class CategoryViewSet(Listed, Shown, Made, Changed, Removed, HouseViewSet):
    """The shelves of the catalogue: a tree by `parent`."""

    queryset = Category.objects.select_related("parent", "created_by")
    serializer_class = serializers.CategorySerializer
    filterset_class = filters.CategoryFilter
    search_fields = ["name", "slug"]
    orderings = {"name": "name", "slug": "slug", "created_at": "created_at"}
    default_ordering = "name"
    permissions = {
        "list": "skus.view_category",
        "retrieve": "skus.view_category",
        "create": "skus.add_category",
        "update": "skus.change_category",
        "partial_update": "skus.change_category",
        "destroy": "skus.delete_category",
    }
    examples = {
        "create": {"name": "Dresses", "parent": 1},
        "update": {"name": "Dresses", "slug": "dresses"},
        "partial_update": {"parent": 2},
    }

    def make(self, **sent):
        """A new category. `slug` is made from the name when it is absent."""
        return catalogue.add_category(by=self.request.user, **sent)

    def change(self, category, **sent):
        """Rename it, or lay it into another with all that lies in it."""
        return catalogue.change_category(category=category, by=self.request.user, **sent)

    def remove(self, category):
        """Only while it holds no products and no other categories, else 409 `in_use`."""
        catalogue.delete_category(category=category, by=self.request.user)


class OutfitTypeViewSet(Listed, Shown, Made, Changed, Removed, HouseViewSet):
    """What is worn: kurta, evening gown, three-piece suit."""

    queryset = OutfitType.objects.select_related("created_by")
    serializer_class = serializers.OutfitTypeSerializer
    filterset_class = filters.OutfitTypeFilter
    search_fields = ["name", "code"]
    orderings = {"name": "name", "code": "code", "created_at": "created_at"}
    default_ordering = "name"
    permissions = {
        "list": "skus.view_outfittype",
        "retrieve": "skus.view_outfittype",
        "create": "skus.add_outfittype",
        "update": "skus.change_outfittype",
        "partial_update": "skus.change_outfittype",
        "destroy": "skus.delete_outfittype",
    }
    examples = {
        "create": {"name": "Evening gown", "code": "GOWN"},
        "update": {"name": "Evening gown", "code": "GOWN"},
        "partial_update": {"name": "Gown"},
    }

    def make(self, **sent):
        """A new outfit type."""
        return catalogue.add_outfit_type(by=self.request.user, **sent)

    def change(self, outfit_type, **sent):
        """Give it another name or code."""
        return catalogue.change_outfit_type(outfit_type=outfit_type, by=self.request.user, **sent)

    def remove(self, outfit_type):
        """Only while no product is of this type, else 409 `in_use`."""
        catalogue.delete_outfit_type(outfit_type=outfit_type, by=self.request.user)


class ProductViewSet(Owned, Listed, Shown, Made, Changed, Removed, HouseViewSet):
    """Styles. Everybody sees all of them; sales staff change and delete their own."""

    # Without the words they are found by, which are most of a row.
    queryset = Product.objects.select_related("category", "outfit_type", "created_by").defer("search")
    serializer_class = serializers.ProductSerializer
    filterset_class = filters.ProductFilter
    orderings = {"name": "name", "code": "code", "base_price": "base_price", "created_at": "created_at"}
    default_ordering = "name"
    guarded = dict.fromkeys(("base_price", "price_min", "price_max"), serializers.PRICE)
    permissions = {
        "list": "skus.view_product",
        "retrieve": "skus.view_product",
        "create": "skus.add_product",
        "update": "skus.change_product",
        "partial_update": "skus.change_product",
        "destroy": "skus.delete_product",
        "archive": "skus.change_product",
        "restore": "skus.change_product",
        "generate_skus": "skus.add_sku",
        "matrix": "skus.view_sku",
    }
    inputs = {"generate_skus": serializers.GenerateSerializer}
    outputs = {
        "generate_skus": (200, serializers.GeneratedSerializer),
        "matrix": (200, serializers.MatrixSerializer),
    }
    examples = {
        "create": {
            "name": "Kurta",
            "kind": "garment",
            "brand": "Asha",
            "base_price": "79.00",
            "tax_rate": "19.00",
            "sizes": ["S", "M", "L", "XL"],
            "colours": ["Blue", "Ivory"],
        },
        "update": {"name": "Kurta", "base_price": "79.00", "sizes": ["S", "M", "L"], "colours": ["Blue"]},
        "partial_update": {"base_price": "69.00"},
        "generate_skus": {"preview": True, "exclude": [{"size": "XL", "colour": "Ivory"}], "price": "79.00"},
    }

    def rows(self):
        return super().rows().with_counts().with_first_image()

    def make(self, **sent):
        """A new product, without SKUs: `generate-skus/` makes those. `code` is made from the name when it is absent."""
        return catalogue.add_product(by=self.request.user, **sent)

    def change(self, product, **sent):
        """Change what is sent and leave the rest. `base_price` and `tax_rate` need the right to change prices."""
        return catalogue.change_product(product=product, by=self.request.user, **sent)

    def remove(self, product):
        """It goes with its SKUs, barcodes and pictures. Once stocked or sold it stays: archive it (409 `in_use`)."""
        catalogue.delete_product(product=product, by=self.request.user)

    @action(detail=True, methods=["post"])
    def archive(self, request, pk):
        """No longer sold, with all its SKUs; what happened to it stays in the books."""
        self.sent()
        return self.answer(catalogue.archive_product(product=self.get_object(), by=request.user))

    @action(detail=True, methods=["post"])
    def restore(self, request, pk):
        """Sold again, with the SKUs that were archived with it."""
        self.sent()
        return self.answer(catalogue.restore_product(product=self.get_object(), by=request.user))

    @action(detail=True, methods=["post"], url_path="generate-skus")
    def generate_skus(self, request, pk):
        """Make a SKU for every size, colour and style that has none yet; with `preview`, only say which."""
        sent = self.sent()
        made = variants.generate(product=self.get_object(), by=request.user, **sent)
        return Response(serializers.GeneratedSerializer(made.in_figures(), context=self.get_serializer_context()).data)

    @action(detail=True)
    def matrix(self, request, pk):
        """All its SKUs as a table: sizes as people wear them, colours, styles."""
        product = self.get_object()
        skus = self.cells(product)
        axes = {
            plural: [value for value in values if value] for plural, values in variants.axes_of(product, skus).items()
        }
        return Response(self.outputs["matrix"][1](axes | {"cells": skus}, context=self.get_serializer_context()).data)

    def cells(self, product):
        return product.skus.select_related("product").order_by("size_order", "size", "colour", "style")


class ProductEventViewSet(Listed, HouseViewSet):
    """The log of one product and its SKUs: who changed what, from what to what. Newest first."""

    queryset = CatalogueEvent.objects.select_related("by")
    serializer_class = serializers.CatalogueEventSerializer
    permissions = {"list": "skus.view_catalogueevent"}

    def get_queryset(self):
        """Also of a product that is no longer there: what happened to it stays."""
        events = super().get_queryset().filter(product=self.kwargs["pk"])
        if not (events.exists() or Product.objects.filter(pk=self.kwargs["pk"]).exists()):
            raise NotFound
        return events


class SkuViewSet(Owned, Listed, Shown, Made, Changed, Removed, HouseViewSet):
    """What is on the shelves: one row for each size, colour and style of a product."""

    # Without the words they are found by, which are most of a row.
    queryset = Sku.objects.select_related("product", "created_by").with_barcode().defer("search", "product__search")
    serializer_class = serializers.SkuSerializer
    filterset_class = filters.SkuFilter
    orderings = {
        "code": "code",
        "name": "product__name",
        "size": "size_order",
        "price": selling_price(),
        "created_at": "created_at",
    }
    default_ordering = "code"
    guarded = dict.fromkeys(("price", "price_min", "price_max"), serializers.PRICE)
    permissions = {
        "list": "skus.view_sku",
        "retrieve": "skus.view_sku",
        "create": "skus.add_sku",
        "update": "skus.change_sku",
        "partial_update": "skus.change_sku",
        "destroy": "skus.delete_sku",
        "archive": "skus.change_sku",
        "restore": "skus.change_sku",
    }
    inputs = {"update": serializers.SkuChangeSerializer, "partial_update": serializers.SkuChangeSerializer}
    examples = {
        "create": {"product": 1, "size": "XL", "colour": "Blue", "price": "85.00", "barcode": "4006381333931"},
        "update": {"size": "XL", "colour": "Blue", "price": None},
        "partial_update": {"price": "69.00"},
    }

    def make(self, **sent):
        """A new SKU of a product. `code` and `barcode` are made when they are absent."""
        return variants.add_sku(by=self.request.user, **sent)

    def change(self, sku, **sent):
        """Change what is sent; a SKU stays with its product. `price` needs the right to change prices."""
        return variants.change_sku(sku=sku, by=self.request.user, **sent)

    def remove(self, sku):
        """It goes with its barcodes. Once stocked or sold it stays (409 `in_use`): archive it then."""
        variants.delete_sku(sku=sku, by=self.request.user)

    @action(detail=True, methods=["post"])
    def archive(self, request, pk):
        """No longer sold; what happened to it stays in the books."""
        self.sent()
        return self.answer(variants.archive_sku(sku=self.get_object(), by=request.user))

    @action(detail=True, methods=["post"])
    def restore(self, request, pk):
        """Sold again."""
        self.sent()
        return self.answer(variants.restore_sku(sku=self.get_object(), by=request.user))


class BarcodeViewSet(Owned, Listed, Shown, Made, Patched, Removed, HouseViewSet):
    """The codes that scanners know one SKU by. One is primary: it stands on the labels."""

    queryset = Barcode.objects.select_related("created_by")
    serializer_class = serializers.BarcodeSerializer
    orderings = {"created_at": "created_at"}
    default_ordering = "id"
    permissions = {
        "list": "skus.view_barcode",
        "retrieve": "skus.view_barcode",
        "create": "skus.add_barcode",
        "partial_update": "skus.change_barcode",
        "destroy": "skus.delete_barcode",
    }
    inputs = {"create": serializers.NewBarcodeSerializer, "partial_update": serializers.PrimarySerializer}
    examples = {
        "create": {"value": "4006381333931", "kind": "gtin", "is_primary": True},
        "partial_update": {"is_primary": True},
    }

    @property
    def sku(self):
        return get_object_or_404(Sku.objects.visible_to(self.request.user), pk=self.kwargs["sku"])

    def get_queryset(self):
        return super().get_queryset().filter(sku=self.sku)

    def make(self, **sent):
        """One more code for this SKU. `kind` is read off the number when it is absent."""
        return barcodes.add(sku=self.sku, by=self.request.user, **sent)

    def change(self, barcode, is_primary=True):
        """Make it the primary one; the one before stays known."""
        return barcodes.make_primary(barcode=barcode, by=self.request.user)

    def remove(self, barcode):
        """Scanners no longer know it. The primary one stays: make another primary first."""
        barcodes.remove(barcode=barcode, by=self.request.user)


class ProductImageViewSet(Owned, Listed, Shown, Made, Patched, Removed, HouseViewSet):
    """Pictures of products and SKUs, in the order of `position`. JPEG, PNG or WebP, at most 10 MB and 25 megapixels."""

    queryset = ProductImage.objects.select_related("product", "sku", "created_by")
    serializer_class = serializers.ProductImageSerializer
    filterset_class = filters.ProductImageFilter
    orderings = {"position": "position", "created_at": "created_at"}
    default_ordering = "id"
    permissions = {
        "list": "skus.view_productimage",
        "retrieve": "skus.view_productimage",
        "create": "skus.add_productimage",
        "partial_update": "skus.change_productimage",
        "destroy": "skus.delete_productimage",
    }
    inputs = {"partial_update": serializers.ProductImageChangeSerializer}
    examples = {"partial_update": {"alt": "From behind", "position": 2}}

    def get_parsers(self):
        posted = self.request is None or self.request.method == "POST"
        return [UploadParser()] if posted else super().get_parsers()

    def make(self, **sent):
        """One more picture, at the end unless `position` says where; at most 20 of one product."""
        return pictures.add(by=self.request.user, **sent)

    def change(self, picture, **sent):
        """Its words, its place, which SKU it shows. Another picture is a new one: send it, delete this."""
        return pictures.change(picture=picture, by=self.request.user, **sent)

    def remove(self, picture):
        """Take it down."""
        pictures.delete(picture=picture, by=self.request.user)
