from drf_spectacular.types import OpenApiTypes
from rest_framework.response import Response
from rest_framework.reverse import reverse

from boutique.api.pagination import KeysetPagination, refuse
from boutique.api.parsers import UploadParser
from boutique.api.renderers import CSVRenderer, XLSXRenderer, whole_file
from boutique.api.schema import HouseSchema
from boutique.api.serializers import Nothing
from boutique.api.viewsets import HouseViewSet, Listed, etag_of
from skus import filters, serializers
from skus.models import Sku, SkuImport
from skus.services import exports, imports
from skus.views.catalogue import SkuViewSet


class ImportSchema(HouseSchema):
    """A short file is answered with what became of it, a long one with where to ask."""

    def get_response_serializers(self):
        return {200: serializers.ImportedSerializer, 202: serializers.ImportedSerializer}

    def _get_response_bodies(self, direction="response"):
        bodies = super()._get_response_bodies(direction)
        bodies["202"]["description"] = "More than 1,000 rows: a worker does it. Ask at `Location`."
        bodies["202"]["headers"] = {
            name: {"$ref": f"#/components/headers/{name}"}
            for name in ("X-Request-ID", "Idempotent-Replayed", "Location")
        }
        return bodies


class ExportSchema(HouseSchema):
    def get_response_serializers(self):
        return {(200, kind.media_type): OpenApiTypes.BINARY for kind in self.view.renderer_classes}

    def get_filter_backends(self):
        return self.view.filter_backends


class SendImportViewSet(HouseViewSet):
    """Bring SKUs and their products in from a spreadsheet. `dry_run` says what would happen, `partial` takes the good
    rows, `atomic` takes all or none: with bad rows it is refused (422 `import_rejected`, with every error).

    A SKU is found by `code`, or else by its product, size, colour and style, or it is made; a product is found by
    `product_code`, or else by `product_name`, or made from `product_name` and `base_price`. Columns that are not in the
    file are left as they are. An empty cell means none for `price`, `size`, `colour`, `style`, `category` and
    `outfit_type`, and leaves the others alone. Categories are ways like `Women > Dresses`, made where they are missing.
    """

    queryset = SkuImport.objects.all()
    serializer_class = serializers.ImportedSerializer
    parser_classes = [UploadParser]
    schema = ImportSchema()
    permissions = {"send": "skus.import_sku"}
    inputs = {"send": serializers.SendImportSerializer}

    def send(self, request):
        sent = self.sent()
        job = imports.send(file=sent["file"], name=sent["file"].name, mode=sent["mode"], by=request.user)
        answer = Response(self.serializer_class(job, context=self.get_serializer_context()).data)
        if job.status == SkuImport.Status.QUEUED:
            answer.status_code = 202
            answer["Location"] = reverse("sku-import-detail", kwargs={"pk": job.pk}, request=request)
        return answer


class SkuImportViewSet(Listed, HouseViewSet):
    """The imports so far, and how far those are that a worker is busy with. Errors stand in each one's own answer."""

    queryset = SkuImport.objects.select_related("created_by")
    serializer_class = serializers.SkuImportSerializer
    filterset_class = filters.SkuImportFilter
    orderings = {"created_at": "created_at"}
    permissions = {"list": "skus.view_skuimport", "retrieve": "skus.view_skuimport"}
    outputs = {"retrieve": (200, serializers.SkuImportDetailSerializer)}

    def rows(self):
        rows = super().rows()
        return rows.defer("errors") if self.action == "list" else rows

    def retrieve(self, request, pk):
        job = self.get_object()
        shown = serializers.SkuImportDetailSerializer(job, context=self.get_serializer_context())
        return Response(shown.data, headers={"ETag": etag_of(job)})


class SkuExportViewSet(HouseViewSet):
    """All SKUs that the filters leave, as a spreadsheet with the columns of an import. Taken back in, it changes
    nothing. CSV is sent as it is read, however long; XLSX ends at 50,000 rows."""

    queryset = Sku.objects.select_related("product__outfit_type").with_barcode().defer("search", "product__search")
    serializer_class = Nothing
    renderer_classes = [CSVRenderer, XLSXRenderer]
    pagination_class = None
    schema = ExportSchema()
    filterset_class = SkuViewSet.filterset_class
    orderings = SkuViewSet.orderings
    default_ordering = SkuViewSet.default_ordering
    guarded = SkuViewSet.guarded
    permissions = {"export": "skus.import_sku"}

    def export(self, request):
        skus = self.filter_queryset(self.get_queryset())
        batches = KeysetPagination().batches(skus, self.ordering_keys, size=2000)
        table = exports.table(sku for batch in batches for sku in batch)
        return whole_file(request.accepted_renderer, table, skus)

    def refuse_unknown_questions(self, request):
        """The filter backend judges the rest, as for the list."""
        for name in {"page", "page_size", "cursor", "expand"} & request.query_params.keys():
            refuse(name, "An export is not cut into pages, and has its columns.")
