from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchQuery, SearchVectorField
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Case, Count, F, Max, Min, OuterRef, Q, Subquery, When
from django.db.models.expressions import RawSQL
from django.db.models.functions import Coalesce, Upper
from django.utils import timezone

from boutique.media import StoredName
from boutique.models import Record
from boutique.triggers import append_only
from skus import finding, gtin
from skus.words import prefixes

MOST_VALUES = 500  # sizes, colours or styles of one product
MOST_MONEY = 1_000_000  # for one piece or metre; a total of 500 lines still fits its column

slug_text = RegexValidator(r"\A[a-z0-9]+(-[a-z0-9]+)*\Z", "Small letters, digits and single - only.")
code_text = RegexValidator(r"\A[A-Z0-9][A-Z0-9._-]*\Z", "Capital letters, digits, . _ and - only.")


def money(**options):
    checks = [MinValueValidator(0), MaxValueValidator(MOST_MONEY)]
    return models.DecimalField(max_digits=12, decimal_places=2, validators=checks, **options)


def usual_tax_rate():
    return settings.BOUTIQUE_TAX_RATE


def axis():
    return ArrayField(models.CharField(max_length=40), default=list, blank=True, size=MOST_VALUES)


def in_capitals(field, name):
    """So that one plain index finds it whatever the case it was typed in."""
    return models.CheckConstraint(condition=Q(**{field: Upper(field)}) & ~Q(**{field: ""}), name=name)


def selling_price(sku=""):
    """A SKU's own price, or else its product's. `sku`: the way to it, such as "sku__"."""
    return Coalesce(f"{sku}price", f"{sku}product__base_price")


class CatalogueQuerySet(finding.RoughlyCounted):
    """The catalogue is one for the whole house: everybody who is let in sees all of it."""

    def visible_to(self, user):
        return self

    def editable_by(self, user):
        """Sales staff change what they made themselves; who runs a store, everything."""
        return self if user.has_perm("skus.change_any") else self.filter(created_by=user)


class CategoryQuerySet(CatalogueQuerySet):
    def within(self, *pks):
        """These categories and all below them."""
        below = RawSQL(
            "WITH RECURSIVE below AS (SELECT id FROM skus_category WHERE id = ANY(%s::bigint[])"
            " UNION SELECT child.id FROM skus_category child JOIN below ON child.parent_id = below.id)"
            " SELECT id FROM below",
            [list(pks)],
        )
        return self.filter(pk__in=below)

    def with_path(self):
        return self.annotate(path=PATH)


# Women, Dresses: a category's names from the root down, as an array, so that it sorts before what lies in it.
PATH = RawSQL(
    "ARRAY(WITH RECURSIVE up AS (SELECT here.name, here.parent_id, 1 AS steps FROM skus_category here"
    " WHERE here.id = skus_category.id"
    " UNION ALL SELECT above.name, above.parent_id, up.steps + 1"
    " FROM skus_category above JOIN up ON above.id = up.parent_id)"
    " SELECT name FROM up ORDER BY steps DESC)",
    [],
    output_field=ArrayField(models.TextField()),
)


class Category(Record):
    """A shelf of the catalogue: Women, and in it Dresses."""

    name = models.CharField(max_length=80)
    slug = models.CharField(max_length=100, blank=True, validators=[slug_text])
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")

    objects = CategoryQuerySet.as_manager()

    class Meta:
        ordering = ["name", "id"]
        verbose_name_plural = "categories"
        constraints = [
            models.UniqueConstraint(fields=["slug"], name="category_slug_once"),
            models.UniqueConstraint(
                "parent",
                Upper("name"),
                name="category_name_once_per_parent",
                nulls_distinct=False,
                violation_error_message="There is already a category of this name in the same place.",
            ),
            models.CheckConstraint(
                condition=~Q(parent=F("id")),
                name="category_not_its_own_parent",
                violation_error_message="A category cannot lie in itself.",
            ),
            models.CheckConstraint(condition=~Q(slug=""), name="category_has_slug"),
        ]
        indexes = [models.Index(fields=["name", "id"], name="category_by_name")]

    def __str__(self):
        return self.name


class OutfitType(Record):
    """What is worn: kurta, evening gown, three-piece suit."""

    name = models.CharField(max_length=80)
    code = models.CharField(max_length=20, validators=[code_text])

    objects = CatalogueQuerySet.as_manager()

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(fields=["code"], name="outfit_type_code_once"),
            in_capitals("code", "outfit_type_code_in_capitals"),
            models.UniqueConstraint(Upper("name"), name="outfit_type_name_once"),
        ]
        indexes = [models.Index(fields=["name", "id"], name="outfit_type_by_name")]

    def __str__(self):
        return self.name


class ProductQuerySet(CatalogueQuerySet):
    def with_counts(self):
        """How many SKUs a product has, and from which price to which they sell."""
        skus = Sku.objects.filter(product=OuterRef("pk"), is_active=True).order_by().values("product")
        return self.annotate(
            sku_count=Coalesce(Subquery(skus.annotate(found=Count("pk")).values("found")), 0),
            price_from=Coalesce(Subquery(skus.annotate(found=Min(selling_price())).values("found")), "base_price"),
            price_to=Coalesce(Subquery(skus.annotate(found=Max(selling_price())).values("found")), "base_price"),
        )

    def with_first_image(self):
        images = ProductImage.objects.filter(product=OuterRef("pk")).order_by("position", "id")
        return self.annotate(first_image=Subquery(images.values("image")[:1]))

    def found_by(self, text):
        """All words, or their beginnings, in the product's own words or in those of one of its SKUs."""
        words = asked_words(text)
        if not words:
            return self.none()
        query = as_query(words)
        own = finding.look("skus_product", words)
        through = finding.look("skus_sku", words, key="product_id")
        about = int(max(own.share, through.share) * own.rows)
        if own.ids is not None and through.ids is not None:
            return self.filter(pk__in={*own.ids, *through.ids})
        if about > finding.MANY:
            has_it = Sku.objects.filter(row_by_row(query), product=OuterRef("pk")).order_by().values("pk")[:1]
            return self.counted_as(about).alias(has_it=Subquery(has_it)).filter(row_by_row(query) | ~Q(has_it=None))
        skus = Sku.objects.filter(search=query).order_by()
        return self.filter(
            pk__in=Product.objects.filter(search=query).order_by().values("pk").union(skus.values("product"))
        )


class Product(Record):
    """A style, in all its sizes and colours."""

    class Kind(models.TextChoices):
        GARMENT = "garment", "Garment"
        FABRIC = "fabric", "Fabric"
        TRIM = "trim", "Trim"
        ACCESSORY = "accessory", "Accessory"

    class Unit(models.TextChoices):
        PIECE = "piece", "Piece"
        METRE = "metre", "Metre"

    code = models.CharField(max_length=20, blank=True, validators=[code_text])
    name = models.CharField(max_length=200)
    description = models.TextField(blank=True, max_length=5000)
    category = models.ForeignKey(Category, models.PROTECT, null=True, blank=True, related_name="products")
    outfit_type = models.ForeignKey(OutfitType, models.PROTECT, null=True, blank=True, related_name="products")
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.GARMENT)
    brand = models.CharField(max_length=80, blank=True)
    collection = models.CharField(max_length=80, blank=True)
    unit = models.CharField(max_length=5, choices=Unit, default=Unit.PIECE)
    base_price = money()
    tax_rate = models.DecimalField(
        max_digits=5,
        decimal_places=2,
        default=usual_tax_rate,
        validators=[MinValueValidator(0), MaxValueValidator(100)],
    )
    sizes, colours, styles = axis(), axis(), axis()
    is_active = models.BooleanField(default=True)
    search = SearchVectorField(null=True, editable=False)

    objects = ProductQuerySet.as_manager()

    class Meta:
        ordering = ["name", "id"]
        permissions = [
            ("change_any", "Can change what others put into the catalogue"),
            ("change_price", "Can change prices and taxes"),
            ("view_price", "Sees prices"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["code"], name="product_code_once"),
            in_capitals("code", "product_code_in_capitals"),
            models.CheckConstraint(
                condition=Q(base_price__gte=0, base_price__lte=MOST_MONEY), name="product_price_possible"
            ),
            models.CheckConstraint(condition=Q(tax_rate__gte=0, tax_rate__lte=100), name="product_tax_possible"),
        ]
        indexes = [
            models.Index(fields=["name", "id"], name="product_by_name"),
            models.Index(fields=["code", "id"], name="product_by_code"),
            models.Index(fields=["base_price", "id"], name="product_by_price"),
            models.Index(fields=["created_at", "id"], name="product_by_age"),
            GinIndex(fields=["search"], name="product_search"),
        ]

    def __str__(self):
        return self.name


# What a line of a sale takes from its SKU: the other forty columns would be fetched, and looked at, for nothing.
OF_A_SALE = [
    "code", "size", "colour", "price", "is_active",
    "product__name", "product__unit", "product__base_price", "product__tax_rate", "product__is_active",
]  # fmt: skip


class SkuQuerySet(CatalogueQuerySet):
    def to_be_sold(self):
        return self.select_related("product").only(*OF_A_SALE)

    def with_barcode(self):
        primary = Barcode.objects.filter(sku=OuterRef("pk"), is_primary=True)
        return self.annotate(primary_value=Subquery(primary.values("value")))

    def found_by(self, text):
        """All words, or their beginnings, in its product's words, its own, or one of its barcodes."""
        words = asked_words(text)
        if not words:
            return self.none()
        found = finding.look("skus_sku", words)
        if found.ids is not None:
            return self.filter(pk__in=found.ids)
        if found.about > finding.MANY:
            return self.counted_as(found.about).filter(row_by_row(as_query(words)))
        return self.filter(search=as_query(words))


class Sku(Record):
    """One size, colour and style of a product: what lies on the shelf, is counted and is sold."""

    # The unique variants have the index.
    product = models.ForeignKey(Product, models.PROTECT, related_name="skus", db_index=False)
    code = models.CharField(max_length=60, blank=True, validators=[code_text])
    size = models.CharField(max_length=40, blank=True)
    colour = models.CharField(max_length=40, blank=True)
    style = models.CharField(max_length=40, blank=True)
    size_order = models.IntegerField(editable=False)  # skus.sizes.worn_order: text does not sort as people wear
    price = money(null=True, blank=True)
    is_active = models.BooleanField(default=True)
    archived_with_product = models.BooleanField(default=False, editable=False)  # and so restored with it
    search = SearchVectorField(null=True, editable=False)

    objects = SkuQuerySet.as_manager()

    primary_value = None  # of its primary barcode, see with_barcode

    class Meta:
        verbose_name = "SKU"
        verbose_name_plural = "SKUs"
        ordering = ["code", "id"]
        permissions = [("import_sku", "Can import and export the catalogue"), ("print_label", "Can print labels")]
        constraints = [
            models.UniqueConstraint(fields=["code"], name="sku_code_once"),
            in_capitals("code", "sku_code_in_capitals"),
            models.UniqueConstraint(
                "product",
                Upper("size"),
                Upper("colour"),
                Upper("style"),
                name="sku_variant_once",
                violation_error_message="The product already has a SKU of this size, colour and style.",
            ),
            models.CheckConstraint(
                condition=Q(archived_with_product=False) | Q(is_active=False), name="sku_archived_for_a_reason"
            ),
            models.CheckConstraint(
                condition=Q(price=None) | Q(price__gte=0, price__lte=MOST_MONEY), name="sku_price_possible"
            ),
        ]
        indexes = [
            models.Index(fields=["code", "id"], name="sku_by_code"),
            models.Index(fields=["created_at", "id"], name="sku_by_age"),
            models.Index(fields=["size_order", "id"], name="sku_by_size"),
            models.Index(fields=["code", "id"], name="sku_archived", condition=Q(is_active=False)),
            models.Index(fields=["product", "size_order"], name="sku_of_product_as_worn"),
            GinIndex(fields=["search"], name="sku_search"),
        ]

    def __str__(self):
        return self.code

    @property
    def variant(self):
        """M, Blue"""
        return ", ".join(part for part in (self.size, self.colour, self.style) if part)

    @property
    def printed_barcode(self):
        """Its primary one, as it stands below the symbol; None without one."""
        return self.primary_value and gtin.printed(self.primary_value)

    @property
    def effective_price(self):
        return self.product.base_price if self.price is None else self.price


class Barcode(Record):
    """One of the codes that scanners know a SKU by."""

    class Kind(models.TextChoices):
        GTIN = "gtin", "GTIN (EAN, UPC)"
        INTERNAL = "internal", "Our own"
        SUPPLIER = "supplier", "The supplier's"

    sku = models.ForeignKey(Sku, models.CASCADE, related_name="barcodes")
    value = models.CharField(max_length=gtin.LONGEST)  # in its normal form, see skus.gtin
    kind = models.CharField(max_length=10, choices=Kind)
    is_primary = models.BooleanField(default=False)

    objects = CatalogueQuerySet.as_manager()

    class Meta:
        ordering = ["-is_primary", "id"]
        constraints = [
            models.UniqueConstraint(fields=["value"], name="barcode_value_once"),
            models.UniqueConstraint(fields=["sku"], condition=Q(is_primary=True), name="barcode_one_primary"),
            in_capitals("value", "barcode_value_in_capitals"),
        ]

    def __str__(self):
        return self.printed

    @property
    def printed(self):
        return gtin.printed(self.value)

    @property
    def symbology(self):
        return gtin.symbology(self.value)


class ProductImage(Record):
    """A picture of a product, or of one of its SKUs."""

    product = models.ForeignKey(Product, models.PROTECT, related_name="images", db_index=False)
    sku = models.ForeignKey(Sku, models.PROTECT, null=True, blank=True, related_name="images")
    image = StoredName(folder="products")
    alt = models.CharField(max_length=200, blank=True)
    position = models.PositiveSmallIntegerField(default=0)

    objects = CatalogueQuerySet.as_manager()

    class Meta:
        verbose_name = "picture"
        ordering = ["position", "id"]
        indexes = [models.Index(fields=["product", "position", "id"], name="product_image_in_order")]

    def __str__(self):
        return self.alt or f"Picture {self.pk}"


class CatalogueEvent(models.Model):
    """One line of the log of a product: who changed which price, code or name, and from what to what."""

    class Kind(models.TextChoices):
        CHANGED = "changed", "Changed"
        ARCHIVED = "archived", "Archived"
        RESTORED = "restored", "Restored"
        DELETED = "deleted", "Deleted"

    # The log outlives what it speaks of.
    product = models.ForeignKey(Product, models.DO_NOTHING, db_constraint=False, related_name="events")
    sku = models.ForeignKey(Sku, models.DO_NOTHING, db_constraint=False, null=True, related_name="events")
    code = models.CharField(max_length=60)
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind)
    changes = models.JSONField(default=dict)

    class Meta:
        ordering = ["-id"]
        verbose_name = "line of the log"
        verbose_name_plural = "lines of the log"
        indexes = [models.Index(fields=["product", "-id"], name="catalogue_event_by_product")]
        triggers = append_only("catalogue_log")

    def __str__(self):
        return f"{self.code}: {self.get_kind_display()}"


class SkuImport(Record):
    """A spreadsheet of SKUs that was sent in, and what became of each row."""

    class Mode(models.TextChoices):
        DRY_RUN = "dry_run", "Dry run: say what would happen"
        ATOMIC = "atomic", "All rows or none"
        PARTIAL = "partial", "The good rows"

    class Status(models.TextChoices):
        QUEUED = "queued", "Queued"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"

    mode = models.CharField(max_length=10, choices=Mode)
    status = models.CharField(max_length=10, choices=Status, default=Status.QUEUED)
    file = StoredName(folder="imports")
    file_name = models.CharField(max_length=200, blank=True)
    rows = models.PositiveIntegerField(default=0)
    rows_done = models.PositiveIntegerField(default=0)
    created = models.PositiveIntegerField(default=0)
    updated = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    rejected = models.PositiveIntegerField(default=0)
    errors = models.JSONField(default=list)
    failure = models.TextField(blank=True)

    objects = CatalogueQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = "import of SKUs"
        verbose_name_plural = "imports of SKUs"

    def __str__(self):
        return f"Import of {self.file_name or 'a spreadsheet'}"


def asked_words(text):
    """A number may be typed as it is printed, in groups."""
    return prefixes(gtin.digits_of(gtin.folded(text)) or text)


def as_query(words):
    return SearchQuery(words, search_type="raw", config="simple")


def row_by_row(query, column="search"):
    """The same condition in a form that no index answers: for walking in order until a page is full."""
    return Case(When(**{column: query}, then=True), default=False)
