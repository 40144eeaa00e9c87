"""Categories, outfit types and products: making, changing, archiving, deleting."""

from django.db import connection, transaction

from boutique import images
from boutique.errors import Duplicate, Forbidden, InUse, Invalid, line_error
from boutique.models import is_referred_to
from skus import naming, sizes
from skus.axes import PLURALS
from skus.models import CatalogueEvent, Category, OutfitType, Product, ProductImage
from skus.rows import DEEPEST
from skus.services import rehearsal, search

Kind = CatalogueEvent.Kind
PRICES = {"base_price", "tax_rate", "price"}
WAIT = "pg_advisory_xact_lock(hashtextextended(%s, 0))"


# ------------------------------------------------------------------------------------------------ categories


@transaction.atomic
def add_category(*, name, by, slug="", parent=None):
    refuse_too_deep(1, parent)
    slug = slug or free_name(Category, "slug", naming.slug(name) or "category", separator="-")
    return Category.objects.create(name=name, slug=slug, parent=parent, created_by=by, updated_by=by)


@transaction.atomic
def add_categories(named, by):
    """Several that lie side by side or apart, as (name, parent): a few statements, however many."""
    slugs = free_names(Category, "slug", [naming.slug(name) or "category" for name, _ in named], "-")
    return Category.objects.bulk_create(
        Category(name=name, slug=slug, parent=parent, created_by=by, updated_by=by)
        for (name, parent), slug in zip(named, slugs, strict=True)
    )


@transaction.atomic
def change_category(*, category, by, **fields):
    if fields.get("parent"):
        # All of them, in one order: two moves at once could otherwise put each into the other.
        list(Category.objects.select_for_update(no_key=True).order_by("pk").values_list("pk"))
        if Category.objects.within(category.pk).filter(pk=fields["parent"].pk).exists():
            text = f"{category} cannot lie in {fields['parent']}, which lies in it."
            raise Invalid(text, errors=[line_error("parent", "invalid", text)])
        depths = [len(below.path) for below in Category.objects.within(category.pk).with_path()]
        refuse_too_deep(max(depths) - min(depths) + 1, fields["parent"])
    locked = category.as_locked(Category.objects.select_for_update(no_key=True).get(pk=category.pk))
    if fields.get("slug") == "":
        del fields["slug"]
    put(locked, by, fields)
    return locked


def refuse_too_deep(height, parent):
    """A way that people write and read: Women > Dresses > Summer."""
    depth = len(Category.objects.with_path().get(pk=parent.pk).path) if parent else 0
    if height + depth > DEEPEST:
        text = f"Categories lie at most {DEEPEST} deep."
        raise Invalid(text, errors=[line_error("parent", "invalid", text)])


def delete_category(*, category, by):
    what = f"{category} still holds products or other categories. Move those first."
    delete(category, what)


# ------------------------------------------------------------------------------------------------ outfit types


def add_outfit_type(*, by, **fields):
    return OutfitType.objects.create(created_by=by, updated_by=by, **fields)


@transaction.atomic
def change_outfit_type(*, outfit_type, by, **fields):
    locked = outfit_type.as_locked(OutfitType.objects.select_for_update(no_key=True).get(pk=outfit_type.pk))
    put(locked, by, fields)
    return locked


def delete_outfit_type(*, outfit_type, by):
    delete(outfit_type, f"There are products of the type {outfit_type}. Give them another first.")


# ------------------------------------------------------------------------------------------------ products


@transaction.atomic
def add_product(*, by, code="", **fields):
    code = code or free_name(Product, "code", naming.product_stem(fields["name"], fields.get("kind", "garment")))
    product = Product.objects.create(code=code, created_by=by, updated_by=by, **tidy(fields))
    search.refresh_products([product.pk])
    return product


@transaction.atomic
def change_product(*, product, by, **fields):
    locked = product.as_locked(Product.objects.select_for_update(no_key=True).get(pk=product.pk))
    if fields.get("code") == "":
        del fields["code"]
    if fields.get("unit", locked.unit) != locked.unit:
        refuse_if_used(locked.code, list(locked.skus.all()), "unit")  # half a metre of cloth cannot become half a piece
    product = changed(locked, by, tidy(fields))
    if fields.keys() & search.PRODUCT_WORDS:
        search.refresh_products([product.pk])
    return product


def archive_product(*, product, by):
    """No longer sold, with all its SKUs; what happened to it stays in the books."""
    return set_active(product, by, is_active=False)


def restore_product(*, product, by):
    """Sold again, with the SKUs that were archived with it; those archived before stay so."""
    return set_active(product, by, is_active=True)


@transaction.atomic
def set_active(product, by, *, is_active):
    locked = product.as_locked(Product.objects.select_for_update(no_key=True).get(pk=product.pk))
    refuse_others_skus(locked, by)
    if locked.is_active != is_active:
        locked.is_active, locked.updated_by = is_active, by
        locked.save()
        skus = locked.skus.filter(archived_with_product=True) if is_active else locked.skus.filter(is_active=True)
        skus.update(
            is_active=is_active, archived_with_product=not is_active, updated_by=by, updated_at=locked.updated_at
        )
        log(locked, Kind.RESTORED if is_active else Kind.ARCHIVED, by)
    return locked


@transaction.atomic
def delete_product(*, product, by):
    """For a product that was never stocked or sold: it goes with its SKUs, barcodes and pictures."""
    locked = product.as_locked(Product.objects.select_for_update().get(pk=product.pk))
    refuse_others_skus(locked, by)
    pictures = list(ProductImage.objects.filter(product=locked).values_list("image", flat=True))
    if have_history(list(locked.skus.all())):
        raise InUse(f"{locked.code} has a history. Archive it instead (archive/).")
    ProductImage.objects.filter(product=locked).delete()
    locked.skus.all().delete()
    locked.delete()
    log(product, Kind.DELETED, by)
    for name in pictures:
        images.discard(name)


def refuse_others_skus(product, by):
    """What happens to a product happens to its SKUs, and those may be somebody else's."""
    if not by.has_perm("skus.change_any") and product.skus.exclude(created_by=by).exists():
        raise InUse(f"Others have put SKUs into {product.code}. Ask whoever runs the store.")


def tidy(fields):
    """Sizes are kept as worn; colours and styles in the order they were named."""
    kept = {plural: unrepeated(fields[plural]) for plural in PLURALS if plural in fields}
    if "sizes" in kept:
        kept["sizes"] = sizes.as_worn(kept["sizes"])
    return fields | kept


def unrepeated(texts):
    """Blue and blue are one colour: the first spelling stays."""
    kept = {}
    for text in texts:
        kept.setdefault(text.upper(), text)
    return list(kept.values())


# ------------------------------------------------------------------------------------------------ shared


def changed(row, by, fields):
    """For products and SKUs, which have a log."""
    if differences := put(row, by, fields):
        log(row, Kind.CHANGED, by, differences)
    return row


def put(row, by, fields):
    """Sets what differs; says what it was and what it is."""
    differences = {name: value for name, value in fields.items() if getattr(row, name) != value}
    refuse_prices(differences, by)
    before = {name: plain(getattr(row, name)) for name in differences}
    for name, value in differences.items():
        setattr(row, name, value)
    row.updated_by = by
    row.save()
    return {name: [before[name], plain(value)] for name, value in differences.items()}


def refuse_if_used(what, skus, name):
    if have_history(skus):
        text = f"{what} has been stocked: its {name} stands on labels and in the books, and stays."
        raise InUse(text, errors=[line_error(name, "in_use", text)])


def have_history(skus):
    """Were they ever stocked, ordered or sold? Pictures do not count."""
    return bool(skus) and is_referred_to(skus, but=[ProductImage])


def refuse_prices(differences, by):
    wrong = sorted(differences.keys() & PRICES)
    if wrong and not by.has_perm("skus.change_price"):
        text = "Prices and taxes are changed by whoever runs the store."
        raise Forbidden(text, errors=[line_error(name, "permission_denied", text) for name in wrong])


def plain(value):
    """For the log: what JSON can hold, ids for rows."""
    if isinstance(value, bool | int | list | None):
        return value
    return getattr(value, "pk", None) or str(value)


def log(row, kind, by, changes=None):
    event(row, kind, by, changes).save()


def event(row, kind, by, changes=None):
    product, sku = (row.pk, None) if isinstance(row, Product) else (row.product_id, row.pk)
    return CatalogueEvent(product_id=product, sku_id=sku, code=row.code, kind=kind, by=by, changes=changes or {})


@transaction.atomic
def delete(row, why_not):
    locked = row.as_locked(type(row).objects.select_for_update().get(pk=row.pk))
    if is_referred_to([locked]):
        raise InUse(why_not)
    locked.delete()


def free_name(model, field, stem, separator=""):
    """The stem, or the stem with the first number that is free. Two who ask at once wait for one another."""
    wait_for(f"{model._meta.label} {stem}")
    return free_names(model, field, [stem], separator)[0]


def wait_for(name):
    """Until whoever makes names of this kind has committed."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {WAIT}", [name])


def free_names(model, field, stems, separator="", taken=()):
    """The same for each of these stems, in a few statements however many there are; nobody waits."""
    found, taken = [None] * len(stems), set(taken)
    sources = [naming.numbered(stem, separator) for stem in stems]
    while waiting := [index for index, name in enumerate(found) if name is None]:
        offers = {index: next(sources[index], None) for index in waiting}
        if None in offers.values():
            raise Duplicate(f"There are too many {stems[waiting[0]]}. Choose a {field} yourself.")
        wanted = {name for names in offers.values() for name in names}
        taken.update(model.objects.filter(**{f"{field}__in": wanted}).values_list(field, flat=True))
        taken |= rehearsal.taken_in_earnest(model, field, wanted)
        for index, names in offers.items():
            if free := next((name for name in names if name not in taken), None):
                found[index] = free
                taken.add(free)
    return found
