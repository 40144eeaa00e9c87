from django.urls import path
from rest_framework.routers import SimpleRouter

from boutique.api.renderers import AsSvg
from skus.views import catalogue, imports, scanning

# products/ and skus/ show what lies on the shelves too: inventory.urls has them.
router = SimpleRouter()
router.register("categories", catalogue.CategoryViewSet, "category")
router.register("outfit-types", catalogue.OutfitTypeViewSet, "outfit-type")
router.register("product-images", catalogue.ProductImageViewSet, "product-image")
router.register("sku-imports", imports.SkuImportViewSet, "sku-import")
router.register("skus/(?P<sku>[0-9]{1,18})/barcodes", catalogue.BarcodeViewSet, "sku-barcode")

as_svg = {"renderer_classes": [AsSvg]}
as_png = {"renderer_classes": [scanning.SymbolAsPng]}

urlpatterns = [
    path("products/<int:pk>/events/", catalogue.ProductEventViewSet.as_view({"get": "list"}), name="product-events"),
    path("skus/<int:pk>/barcode.svg", scanning.SymbolViewSet.as_view({"get": "svg"}, **as_svg), name="sku-barcode-svg"),
    path("skus/<int:pk>/barcode.png", scanning.SymbolViewSet.as_view({"get": "png"}, **as_png), name="sku-barcode-png"),
    path("labels/", scanning.LabelViewSet.as_view({"post": "print_sheet"}), name="labels"),
    # Before the codes: one that is called READ is asked for in capitals.
    path("barcodes/read/", scanning.PhotoViewSet.as_view({"post": "read"}), name="barcodes-read"),
    path("barcodes/<str:code>/", scanning.LookUpViewSet.as_view({"get": "retrieve"}), name="barcodes-look-up"),
    path("skus/import/", imports.SendImportViewSet.as_view({"post": "send"}), name="sku-import-send"),
    path("skus/export/", imports.SkuExportViewSet.as_view({"get": "export"}), name="sku-export"),
    *router.urls,
]
