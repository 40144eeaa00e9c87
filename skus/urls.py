from django.urls import path
from rest_framework.routers import SimpleRouter

from skus.views import catalogue, imports

router = SimpleRouter()
router.register("categories", catalogue.CategoryViewSet, "category")
router.register("outfit-types", catalogue.OutfitTypeViewSet, "outfit-type")
router.register("products", catalogue.ProductViewSet, "product")
router.register("product-images", catalogue.ProductImageViewSet, "product-image")
router.register("skus", catalogue.SkuViewSet, "sku")
router.register("sku-imports", imports.SkuImportViewSet, "sku-import")
router.register("skus/(?P<sku>[0-9]{1,18})/barcodes", catalogue.BarcodeViewSet, "sku-barcode")

urlpatterns = [
    path("products/<int:pk>/events/", catalogue.ProductEventViewSet.as_view({"get": "list"}), name="product-events"),
    path("skus/import/", imports.SendImportViewSet.as_view({"post": "send"}), name="sku-import-send"),
    path("skus/export/", imports.SkuExportViewSet.as_view({"get": "export"}), name="sku-export"),
    *router.urls,
]
