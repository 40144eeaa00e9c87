"""What a scanner and a printer see."""

import hashlib

from django.http import HttpResponse, HttpResponseNotModified
from django.utils.http import parse_etags
from drf_spectacular.types import OpenApiTypes
from rest_framework.exceptions import NotFound
from rest_framework.response import Response

from boutique import images
from boutique.api.parsers import UploadParser
from boutique.api.renderers import AsPdf, FileRenderer, shown_pdf
from boutique.api.viewsets import HouseViewSet
from skus import labels, photos, serializers, symbols
from skus.models import Sku
from skus.services import lookup

FOR_EVER = "private, max-age=31536000, immutable"


class SymbolAsPng(FileRenderer):
    media_type = "image/png"
    format = "png"


class SymbolViewSet(HouseViewSet):
    """The symbol of a SKU's primary barcode, with its quiet zones: EAN-13, EAN-8, UPC-A or Code 128.

    It may be kept for ever: what it says stays true of this SKU. To see another barcode as soon as it is the primary
    one, put the barcode into the address: `?v=4006381333931`.
    """

    queryset = Sku.objects.with_barcode()
    serializer_class = serializers.SkuBrief
    permissions = {"svg": "skus.view_barcode", "png": "skus.view_barcode"}
    questions = {"svg": {"v"}, "png": {"v"}}
    outputs = {"svg": (200, OpenApiTypes.BINARY), "png": (200, OpenApiTypes.BINARY)}

    def svg(self, request, pk):
        return self.drawn(symbols.svg)

    def png(self, request, pk):
        return self.drawn(symbols.png)

    def drawn(self, draw):
        value = self.get_object().primary_value
        if value is None:
            raise NotFound
        content = draw(value)
        headers = {"ETag": f'"{hashlib.sha256(content).hexdigest()[:32]}"', "Cache-Control": FOR_EVER}
        seen = {tag.removeprefix("W/") for tag in parse_etags(self.request.headers.get("If-None-Match", ""))}
        if seen & {headers["ETag"], "*"}:
            return HttpResponseNotModified(headers=headers)
        return HttpResponse(content, content_type=self.request.accepted_renderer.media_type, headers=headers)


class LabelViewSet(HouseViewSet):
    """Label sheets as PDF: name, size, colour, price and the barcode. `start` is the first free label of a sheet that
    was begun. Archived SKUs have labels too: they may still hang in the shop."""

    queryset = Sku.objects.none()
    serializer_class = serializers.LabelSheetSerializer
    renderer_classes = [AsPdf]
    permissions = {"print_sheet": "skus.print_label"}
    makes_nothing = {"print_sheet"}
    inputs = {"print_sheet": serializers.LabelSheetSerializer}
    outputs = {"print_sheet": (200, OpenApiTypes.BINARY)}
    examples = {"print_sheet": {"items": [{"sku": 1, "copies": 3}], "layout": "a4_3x8", "start": 5}}

    def print_sheet(self, request):
        sent = self.sent()
        pdf = labels.sheet(**sent)
        return shown_pdf(pdf, f"labels-{sent['layout']}")


class LookUpViewSet(HouseViewSet):
    """What is this? Any barcode in whatever form, or the code of a SKU. Unknown: 404 with the `normalised` code."""

    queryset = Sku.objects.none()
    serializer_class = serializers.FoundSerializer
    permissions = {"retrieve": "skus.view_barcode"}

    def retrieve(self, request, code):
        found = lookup.find(code, by=request.user)
        if "image" in found["object"]:
            found["object"]["image"] = images.links(found["object"]["image"], request)
        return Response(found)


class PhotoViewSet(HouseViewSet):
    """The codes in a photo, at most 10 MB and 25 megapixels, which is looked at and not kept. `[]` if there is none."""

    queryset = Sku.objects.none()
    serializer_class = serializers.ReadCodeSerializer
    pagination_class = None
    filter_backends = []
    parser_classes = [UploadParser]
    permissions = {"read": "skus.view_barcode"}
    makes_nothing = {"read"}
    inputs = {"read": serializers.BarcodePhotoSerializer}
    outputs = {"read": (200, serializers.ReadCodeSerializer(many=True))}

    def read(self, request):
        codes = photos.codes_in(self.sent()["image"])
        known = lookup.owners(codes)
        return Response([{"value": value, "symbology": kind, "sku": known[value]} for value, kind in codes.items()])
