from rest_framework import serializers

from boutique.api.serializers import (
    Amount,
    Choice,
    HouseModelSerializer,
    HouseSerializer,
    Label,
    Reference,
    Text,
    Truth,
    WholeNumber,
)
from boutique.images import PhotoField, PictureField
from skus import gtin, labels
from skus.models import (
    MOST_MONEY,
    MOST_VALUES,
    Barcode,
    CatalogueEvent,
    Category,
    OutfitType,
    Product,
    ProductImage,
    Sku,
    SkuImport,
    code_text,
)

RECORD_FIELDS = ["created_at", "created_by", "created_by_name", "updated_at", "updated_by"]
MOST_HOLES = 500
PRICE = "skus.view_price"

# ------------------------------------------------------------------------------------------------ fields


class Code(Text):
    """Upper or lower case is the same to people; it is kept in capitals."""

    def __init__(self, made_from="", **options):
        made = f" Absent or empty, it is made from {made_from}." if made_from else ""
        super().__init__(
            validators=[code_text],
            help_text=f"Capital letters, digits, . _ and -. Small letters are taken, and kept as capitals.{made}",
            **options,
        )

    def to_internal_value(self, data):
        return super().to_internal_value(data).upper()


class Price(Amount):
    def __init__(self, **options):
        super().__init__(max_digits=12, decimal_places=2, min_value=0, max_value=MOST_MONEY, **options)


class Values(serializers.ListField):
    """Sizes, colours or styles."""

    child = Text(max_length=40)

    def __init__(self, **options):
        super().__init__(max_length=MOST_VALUES, required=False, **options)


class PrimaryBarcode(Text):
    """Read as it is printed; written, it becomes the SKU's primary barcode and the ones before stay known."""

    def __init__(self, **options):
        super().__init__(max_length=gtin.LONGEST + 10, **options)

    def get_attribute(self, sku):
        return sku.primary_value

    def to_representation(self, value):
        return gtin.printed(value)


# ------------------------------------------------------------------------------------------------ shelves


class CategoryBrief(HouseModelSerializer):
    class Meta:
        model = Category
        fields = ["id", "name", "slug", "parent"]


class CategorySerializer(HouseModelSerializer):
    expandable = {"parent": CategoryBrief}
    parent_name = Label("parent.name")
    created_by_name = Label("created_by.get_full_name")

    class Meta:
        model = Category
        fields = ["id", "name", "slug", "parent", "parent_name", *RECORD_FIELDS]
        read_only_fields = RECORD_FIELDS


class OutfitTypeBrief(HouseModelSerializer):
    class Meta:
        model = OutfitType
        fields = ["id", "name", "code"]


class OutfitTypeSerializer(HouseModelSerializer):
    code = Code(max_length=20)
    created_by_name = Label("created_by.get_full_name")

    class Meta:
        model = OutfitType
        fields = ["id", "name", "code", *RECORD_FIELDS]
        read_only_fields = RECORD_FIELDS


# ------------------------------------------------------------------------------------------------ products


class PriceRange(HouseSerializer):
    min = Price(source="price_from", read_only=True)
    max = Price(source="price_to", read_only=True)


class ProductBrief(HouseModelSerializer):
    class Meta:
        model = Product
        fields = ["id", "code", "name", "kind", "unit"]


class ProductSerializer(HouseModelSerializer):
    guarded = {"base_price": PRICE, "tax_rate": PRICE, "price_range": PRICE, "image": "skus.view_productimage"}
    expandable = {"category": CategoryBrief, "outfit_type": OutfitTypeBrief}
    code = Code(max_length=20, required=False, allow_blank=True, made_from="the name: KRT")
    base_price = Price()
    sizes, colours, styles = Values(), Values(), Values()
    category_name = Label("category.name")
    outfit_type_name = Label("outfit_type.name")
    sku_count = serializers.IntegerField(read_only=True)
    price_range = PriceRange(source="*", read_only=True)
    image = PictureField(source="first_image", read_only=True)
    created_by_name = Label("created_by.get_full_name")

    class Meta:
        model = Product
        fields = [
            "id", "code", "name", "description", "category", "category_name", "outfit_type", "outfit_type_name",
            "kind", "brand", "collection", "unit", "base_price", "tax_rate", "sizes", "colours", "styles",
            "sku_count", "price_range", "image", "is_active", *RECORD_FIELDS,
        ]  # fmt: skip
        read_only_fields = ["is_active", *RECORD_FIELDS]


class Hole(HouseSerializer):
    """Leaves out every combination that has all of these; what is not named is open."""

    size = Text(max_length=40, required=False, allow_blank=True)
    colour = Text(max_length=40, required=False, allow_blank=True)
    style = Text(max_length=40, required=False, allow_blank=True)

    def validate(self, hole):
        if not hole:
            raise serializers.ValidationError("Name a size, colour or style to leave out.", code="required")
        return hole


class GenerateSerializer(HouseSerializer):
    preview = Truth(default=False)
    exclude = serializers.ListField(child=Hole(), max_length=MOST_HOLES, default=list)
    price = Price(required=False, allow_null=True, default=None)


class VariantSerializer(HouseSerializer):
    """A SKU of the matrix; in a preview it has no id and no barcode yet."""

    guarded = {"price": PRICE}
    id = WholeNumber(read_only=True, allow_null=True)
    code = serializers.CharField(read_only=True)
    size = serializers.CharField(read_only=True)
    colour = serializers.CharField(read_only=True)
    style = serializers.CharField(read_only=True)
    price = Price(source="effective_price", read_only=True)
    barcode = PrimaryBarcode(read_only=True, allow_null=True)
    is_new = Truth(read_only=True, default=False)


class GeneratedSerializer(HouseSerializer):
    asked = WholeNumber(read_only=True)
    excluded = WholeNumber(read_only=True)
    created = WholeNumber(read_only=True)
    unchanged = WholeNumber(read_only=True)
    skus = VariantSerializer(many=True, read_only=True)


class CellSerializer(HouseSerializer):
    guarded = {"price": PRICE}
    sku = WholeNumber(source="pk", read_only=True)
    code = serializers.CharField(read_only=True)
    size = serializers.CharField(read_only=True)
    colour = serializers.CharField(read_only=True)
    style = serializers.CharField(read_only=True)
    price = Price(source="effective_price", read_only=True)
    is_active = Truth(read_only=True)


class MatrixSerializer(HouseSerializer):
    sizes = Values(read_only=True)
    colours = Values(read_only=True)
    styles = Values(read_only=True)
    cells = CellSerializer(many=True, read_only=True)


class CatalogueEventSerializer(HouseModelSerializer):
    by_name = Label("by.get_full_name")

    class Meta:
        model = CatalogueEvent
        fields = ["id", "at", "by", "by_name", "kind", "sku", "code", "changes"]


# ------------------------------------------------------------------------------------------------ SKUs


class SkuBrief(HouseModelSerializer):
    class Meta:
        model = Sku
        fields = ["id", "code", "product", "size", "colour", "style"]


class SkuSerializer(HouseModelSerializer):
    guarded = {"price": PRICE, "effective_price": PRICE, "barcode": "skus.view_barcode"}
    expandable = {"product": ProductBrief}
    code = Code(
        max_length=60, required=False, allow_blank=True, made_from="its product's, its colour and its size: KRT-BLU-M"
    )
    product_code = Label("product.code")
    product_name = Label("product.name")
    unit = Choice(source="product.unit", choices=Product.Unit, read_only=True)
    price = Price(required=False, allow_null=True)
    effective_price = Price(read_only=True)
    barcode = PrimaryBarcode(required=False)
    created_by_name = Label("created_by.get_full_name")

    class Meta:
        model = Sku
        fields = [
            "id", "product", "product_code", "product_name", "code", "size", "colour", "style", "unit",
            "price", "effective_price", "barcode", "is_active", *RECORD_FIELDS,
        ]  # fmt: skip
        read_only_fields = ["is_active", *RECORD_FIELDS]


class SkuChangeSerializer(SkuSerializer):
    """A SKU stays with its product."""

    class Meta(SkuSerializer.Meta):
        read_only_fields = ["product", *SkuSerializer.Meta.read_only_fields]


class BarcodeSerializer(HouseModelSerializer):
    """`value` as it is printed, `normalised` as it is kept: GTINs with all 14 digits."""

    value = Text(source="printed", read_only=True)
    normalised = serializers.CharField(source="value", read_only=True)
    symbology = serializers.CharField(read_only=True)
    created_by_name = Label("created_by.get_full_name")

    class Meta:
        model = Barcode
        fields = ["id", "sku", "value", "normalised", "kind", "is_primary", "symbology", *RECORD_FIELDS]
        read_only_fields = ["sku", *RECORD_FIELDS]


class NewBarcodeSerializer(HouseSerializer):
    value = Text(max_length=gtin.LONGEST + 10)
    kind = Choice(choices=Barcode.Kind, required=False)
    is_primary = Truth(default=False)


class PrimarySerializer(HouseSerializer):
    is_primary = Truth()

    def validate_is_primary(self, value):
        if not value:
            raise serializers.ValidationError("Make another barcode primary instead.", code="invalid")
        return value


# ------------------------------------------------------------------------------------------------ pictures


class ProductImageSerializer(HouseModelSerializer):
    expandable = {"product": ProductBrief, "sku": SkuBrief}
    product_name = Label("product.name")
    sku_code = Label("sku.code")
    image = PictureField()
    created_by_name = Label("created_by.get_full_name")

    class Meta:
        model = ProductImage
        fields = [
            "id", "product", "product_name", "sku", "sku_code", "image", "alt", "position", *RECORD_FIELDS,
        ]  # fmt: skip
        read_only_fields = RECORD_FIELDS


class ProductImageChangeSerializer(ProductImageSerializer):
    """The picture itself is replaced by sending a new one and deleting the old."""

    image = PictureField(read_only=True)

    class Meta(ProductImageSerializer.Meta):
        read_only_fields = ["product", *RECORD_FIELDS]


# ------------------------------------------------------------------------------------------------ scanning, labels


class LabelItem(HouseSerializer):
    sku = Reference(queryset=Sku.objects.select_related("product").with_barcode())
    copies = WholeNumber(min_value=1, max_value=labels.MOST_LABELS, default=1)


class LabelSheetSerializer(HouseSerializer):
    items = LabelItem(
        many=True,
        min_length=1,
        max_length=labels.MOST_ITEMS,
        error_messages={"max_length": "At most {max_length} items at once.", "min_length": "At least one item."},
    )
    layout = Choice(choices=list(labels.LAYOUTS))
    start = WholeNumber(min_value=1, default=1)

    def validate(self, sent):
        total = sum(item["copies"] for item in sent["items"])
        if total > labels.MOST_LABELS:
            message = f"At most {labels.MOST_LABELS} labels at once; these are {total}."
            raise serializers.ValidationError({"items": message}, code="max_value")
        per_page = labels.LAYOUTS[sent["layout"]].per_page
        if sent["start"] > per_page:
            message = f"A sheet of {sent['layout']} ends with label {per_page}."
            raise serializers.ValidationError({"start": message}, code="max_value")
        return sent | {"items": [(item["sku"], item["copies"]) for item in sent["items"]]}


class StockThereSerializer(HouseSerializer):
    location = WholeNumber(read_only=True)
    on_hand = serializers.CharField(read_only=True)
    available = serializers.CharField(read_only=True)


class FoundSerializer(HouseSerializer):
    """What carries this code. `stock`: in the caller's own places, for those who see stock."""

    guarded = {"stock": "inventory.view_stocklevel"}

    kind = serializers.CharField(read_only=True, help_text="sku, transfer")
    code = serializers.CharField(read_only=True, help_text="As it was asked.")
    normalised = serializers.CharField(read_only=True, help_text="As it would be kept: GTINs with all 14 digits.")
    sku = WholeNumber(read_only=True, allow_null=True)
    object = serializers.DictField(
        read_only=True,
        help_text="Of a SKU: id, code, product, product_code, product_name, size, colour, style, unit, barcode, price"
        " (for those who see prices), is_active, image. Of a document: id, number, status, its places.",
    )
    stock = StockThereSerializer(many=True, read_only=True)


class BarcodePhotoSerializer(HouseSerializer):
    image = PhotoField()


class ReadCodeSerializer(HouseSerializer):
    value = serializers.CharField(read_only=True)
    symbology = serializers.CharField(read_only=True)
    sku = WholeNumber(read_only=True, allow_null=True)


# ------------------------------------------------------------------------------------------------ imports

FIGURES = ["mode", "status", "rows", "rows_done", "created", "updated", "unchanged", "rejected", "failure"]


class SendImportSerializer(HouseSerializer):
    """A spreadsheet (CSV or XLSX, at most 12 MB) whose first row names the columns."""

    file = serializers.FileField(max_length=200)
    mode = Choice(choices=SkuImport.Mode)


class RowErrorSerializer(HouseSerializer):
    row = WholeNumber(read_only=True)
    column = serializers.CharField(read_only=True)
    value = serializers.CharField(read_only=True)
    code = serializers.CharField(read_only=True)
    message = serializers.CharField(read_only=True)


class ImportedSerializer(HouseModelSerializer):
    """What became of the rows. Without an id there is nothing to look up later: it was a short dry run."""

    id = WholeNumber(read_only=True, allow_null=True)
    errors = RowErrorSerializer(many=True, read_only=True)

    class Meta:
        model = SkuImport
        fields = ["id", *FIGURES, "errors"]
        read_only_fields = fields


class SkuImportSerializer(HouseModelSerializer):
    created_by_name = Label("created_by.get_full_name")

    class Meta:
        model = SkuImport
        fields = ["id", "file_name", *FIGURES, *RECORD_FIELDS]
        read_only_fields = fields


class SkuImportDetailSerializer(SkuImportSerializer):
    """With what is wrong with which row: the first 5,000 errors."""

    errors = RowErrorSerializer(many=True, read_only=True)

    class Meta(SkuImportSerializer.Meta):
        fields = [*SkuImportSerializer.Meta.fields, "errors"]
        read_only_fields = fields
