"""What hangs in the demo shop: 40 products of a boutique and tailoring house, and as many collections as are asked for.

The shapes alone know nothing of the database. The benchmarks write their own catalogues, and share `LETTERS` alone.
"""

from contextlib import closing
from dataclasses import dataclass
from decimal import Decimal
from itertools import count, islice, product

from skus import rows
from skus.models import Product, Sku
from skus.services import batches, catalogue, imports, search
from skus.services.firsts import Firsts

LETTERS = ("XS", "S", "M", "L", "XL")
SHIRTS = ("S", "M", "L", "XL", "XXL")
DRESSES = ("36", "38", "40", "42", "44")
SUITS = ("46", "48", "50", "52", "54")
BUTTONS = ("15 mm", "23 mm")
# How often each size is asked for: the middle ones most.
CURVES = {LETTERS: (8, 22, 34, 24, 12), SHIRTS: (14, 30, 30, 18, 8), DRESSES: (16, 28, 28, 18, 10),
          SUITS: (12, 26, 32, 20, 10), BUTTONS: (60, 40)}  # fmt: skip
COLLECTIONS = ("Aurora", "Belvedere", "Camellia", "Dorado", "Eden", "Florentine", "Gala", "Harmony")
TAX_RATE = Decimal(19)
Kind, Unit = Product.Kind, Product.Unit


@dataclass(frozen=True)
class Design:
    """One style as it is drawn: where it hangs, what it costs, and how much of it sells when."""

    name: str
    category: str
    outfit: str
    sizes: tuple
    colours: tuple
    price: str
    pull: int  # how many are asked for, beside the others
    season: str
    supplier: str
    kind: str = Kind.GARMENT
    styles: tuple = ()

    @property
    def unit(self):
        return Unit.METRE if self.kind == Kind.FABRIC else Unit.PIECE

    @property
    def variants(self):
        return list(product(self.sizes or ("",), self.colours or ("",), self.styles or ("",)))

    def share_of(self, size):
        """Of all that is sold of one colour of this design, so much is this size."""
        return CURVES[self.sizes][self.sizes.index(size)] / 100 if self.sizes else 1


LOMBARDY, JAIPUR, NORTH = "Tessitura Lombarda", "Jaipur Silk House", "Atelier Nord"
LISBON, THREAD, SCARVES = "Lisboa Camisaria", "Button & Thread", "Maison Foulard"
FABRICS, TRIMS = "Cloth and trims > Fabrics", "Cloth and trims > Trims"
DESIGNS = [
    Design("Wrap dress Amalfi", "Women > Dresses", "DRESS", LETTERS, ("Navy",), "149.00", 16, "summer", NORTH),
    Design("Linen cloth", FABRICS, "", (), ("Natural", "Sky"), "34.00", 5, "summer", LOMBARDY, Kind.FABRIC),
    Design("Horn button", TRIMS, "", BUTTONS, (), "1.80", 8, "all", THREAD, Kind.TRIM),
    Design("Silk scarf Giardino", "Accessories > Scarves", "", (), ("Rose", "Teal", "Gold", "Silver"), "69.00", 14,
           "winter", SCARVES, Kind.ACCESSORY),
    Design("Two-piece suit Milano", "Men > Suits", "SUIT", SUITS, ("Charcoal",), "549.00", 7, "wedding", LOMBARDY),
    Design("Poplin shirt Oxford", "Men > Shirts", "SHIRT", SHIRTS, ("White", "Blue"), "79.00", 30, "all", LISBON),
    Design("Pleated skirt Verona", "Women > Skirts", "SKIRT", DRESSES, ("Camel",), "98.00", 9, "winter", NORTH),
    Design("Silk kurta Jaipur", "Men > Kurtas", "KURTA", SHIRTS, ("Ivory",), "139.00", 8, "wedding", JAIPUR,
           styles=("Nehru collar",)),
    Design("Evening gown Celeste", "Women > Occasion", "GOWN", DRESSES, ("Midnight",), "429.00", 4, "wedding", NORTH),
    Design("Silk blouse Colette", "Women > Blouses", "BLOUSE", LETTERS, ("Ivory", "Blush"), "119.00", 20, "all",
           JAIPUR),
    Design("Chino trousers Porto", "Men > Trousers", "TROUSERS", SUITS, ("Sand",), "89.00", 14, "summer", LISBON),
    Design("Wool coat Tirol", "Women > Coats", "COAT", LETTERS, ("Camel",), "389.00", 6, "winter", NORTH),
    Design("Wool flannel", FABRICS, "", (), ("Grey", "Navy"), "58.00", 4, "winter", LOMBARDY, Kind.FABRIC),
    Design("Summer dress Capri", "Women > Dresses", "DRESS", LETTERS, ("Coral", "Sea"), "109.00", 18, "summer", NORTH),
    Design("Silk tie Como", "Accessories > Ties", "", (), ("Burgundy", "Navy", "Forest"), "59.00", 9, "all", SCARVES,
           Kind.ACCESSORY),
    Design("Lehenga Mira", "Women > Occasion", "LEHENGA", LETTERS, ("Crimson",), "599.00", 3, "wedding", JAIPUR),
    Design("Linen shirt Lagos", "Men > Shirts", "SHIRT", SHIRTS, ("Sky", "Sand"), "85.00", 16, "summer", LISBON),
    Design("Pencil skirt Uptown", "Women > Skirts", "SKIRT", DRESSES, ("Black",), "89.00", 12, "all", NORTH),
    Design("Waistcoat Savile", "Men > Suits", "WAISTCOAT", SUITS, ("Charcoal",), "149.00", 4, "wedding", LOMBARDY),
    Design("Silk satin", FABRICS, "", (), ("Ivory", "Emerald"), "46.00", 5, "wedding", JAIPUR, Kind.FABRIC),
    Design("Wide trousers Lido", "Women > Trousers", "TROUSERS", DRESSES, ("Navy",), "115.00", 11, "all", NORTH),
    Design("Cashmere jumper Alta", "Women > Knitwear", "KNITWEAR", LETTERS, ("Oatmeal",), "189.00", 10, "winter",
           LOMBARDY),
    Design("Blazer Riviera", "Men > Jackets", "JACKET", SUITS, ("Navy",), "299.00", 7, "all", LOMBARDY),
    Design("Leather belt Cordoba", "Accessories > Belts", "", ("S", "M", "L"), ("Brown",), "65.00", 8, "all", SCARVES,
           Kind.ACCESSORY),
    Design("Sherwani Udaipur", "Men > Kurtas", "KURTA", SHIRTS, ("Gold",), "689.00", 2, "wedding", JAIPUR),
    Design("Cocktail dress Soirée", "Women > Dresses", "DRESS", DRESSES, ("Emerald",), "219.00", 7, "winter", NORTH),
    Design("Invisible zip", TRIMS, "", ("20 cm", "40 cm"), (), "3.50", 6, "all", THREAD, Kind.TRIM),
    Design("Cotton kurta Pune", "Women > Kurtas", "KURTA", LETTERS, ("Indigo", "Rust"), "75.00", 13, "summer", JAIPUR),
    Design("Dress shirt Gala", "Men > Shirts", "SHIRT", SHIRTS, ("White",), "109.00", 8, "wedding", LISBON),
    Design("Trench coat Londra", "Women > Coats", "COAT", LETTERS, ("Stone",), "329.00", 5, "all", NORTH),
    Design("Banarasi saree", "Women > Occasion", "SAREE", (), ("Ruby", "Peacock", "Saffron"), "349.00", 4, "wedding",
           JAIPUR),
    Design("Jersey top Basic", "Women > Blouses", "TOP", LETTERS, ("Black", "White"), "39.00", 34, "all", LISBON),
    Design("Wool trousers Torino", "Men > Trousers", "TROUSERS", SUITS, ("Grey",), "129.00", 9, "winter", LOMBARDY),
    Design("Cotton lining", FABRICS, "", (), ("White", "Black"), "12.00", 3, "all", THREAD, Kind.FABRIC),
    Design("Linen blazer Amalfi", "Women > Jackets", "JACKET", DRESSES, ("Sand",), "229.00", 6, "summer", NORTH),
    Design("Dinner jacket Scala", "Men > Suits", "SUIT", SUITS, ("Black",), "459.00", 2, "winter", LOMBARDY),
    Design("Maxi dress Ibiza", "Women > Dresses", "DRESS", LETTERS, ("White",), "135.00", 10, "summer", NORTH),
    Design("Pocket square", "Accessories > Ties", "", (), ("White", "Ruby", "Navy"), "25.00", 6, "wedding", SCARVES,
           Kind.ACCESSORY),
    Design("Cardigan Nonna", "Women > Knitwear", "KNITWEAR", LETTERS, ("Berry",), "99.00", 8, "winter", LISBON),
    Design("Stole Kashmir", "Accessories > Scarves", "", (), ("Cream", "Plum"), "159.00", 3, "winter", SCARVES,
           Kind.ACCESSORY),
]  # fmt: skip
CURVES |= {("S", "M", "L"): (25, 45, 30), ("20 cm", "40 cm"): (45, 55)}


def designs(skus):
    """(name, collection, design, its variants) of so many SKUs, the 40 products over and over in new collections."""
    for number in count():
        round_, place = divmod(number, len(COLLECTIONS))
        collection = COLLECTIONS[place] + (f" {round_ + 1}" if round_ else "")
        for design in DESIGNS:
            if skus <= 0:
                return
            wanted = design.variants[:skus]
            yield (f"{design.name} {collection}" if number else design.name), collection, design, wanted
            skus -= len(wanted)


# ------------------------------------------------------------------------------------------------ put into the books


@dataclass(frozen=True)
class Good:
    """A SKU, and what its design says of it."""

    sku: Sku
    design: Design
    pull: float  # of this size, in this colour
    cost: Decimal

    @property
    def is_cloth(self):
        return self.design.kind == Kind.FABRIC


HEADER = (
    "product_name", "category", "outfit_type", "kind", "unit", "base_price", "tax_rate", "size", "colour", "style",
)  # fmt: skip


def put_in(skus, by, told):
    """Categories, products and SKUs, with a barcode of the house's own on each. The goods that came of it."""
    categories(by)
    outfit_types(by)
    hung = {name: (collection, design, wanted) for name, collection, design, wanted in designs(skus)}
    bring_in(sheet_of(hung), by, told)
    made = {product.name: product for product in Product.objects.defer("search").filter(name__in=hung)}
    describe([(made[name], collection, design) for name, (collection, design, _wanted) in hung.items()])
    return goods_of({made[name].pk: design for name, (_collection, design, _wanted) in hung.items()})


def sheet_of(hung):
    """The catalogue as a spreadsheet, one row for each SKU: one by one, twenty thousand take many minutes."""
    for name, (_collection, design, wanted) in hung.items():
        words = (name, design.category, design.outfit, design.kind, design.unit, design.price, str(TAX_RATE))
        yield from ((*words, *variant) for variant in wanted)


def bring_in(sheet, by, told):
    """As an import does, and in its batches."""
    with closing(Firsts()) as firsts:
        batches.lock_imports(patiently=False)
        lines = (rows.read(number, HEADER, cells) for number, cells in enumerate(sheet, 2))
        done = 0
        while batch := list(islice(lines, imports.BATCH)):
            batches.settle(batch, firsts, by)
            if errors := [error for row in batch for error in row.errors]:
                raise ValueError(errors)
            done += len(batch)
            told(done)


def describe(products):
    """What no column of a spreadsheet says, and which sizes and colours a style has beside those that hang here."""
    for product_, collection, design in products:
        product_.description = (
            f"{design.name}, {design.category.rpartition('> ')[2].lower()} of the {collection} collection."
        )
        product_.brand = design.supplier if design.kind in (Kind.FABRIC, Kind.TRIM) else "Boutique"
        product_.collection = collection
        product_.sizes, product_.colours, product_.styles = map(list, (design.sizes, design.colours, design.styles))
    changed = [product_ for product_, _collection, _design in products]
    names = ["description", "brand", "collection", "sizes", "colours", "styles"]
    Product.objects.bulk_update(changed, names, batch_size=500)
    search.refresh_products([product_.pk for product_ in changed])


def categories(by):
    paths = sorted({design.category for design in DESIGNS})
    tops = sorted({path.partition(" > ")[0] for path in paths})
    parents = dict(zip(tops, catalogue.add_categories([(top, None) for top in tops], by), strict=True))
    below = [(path.partition(" > ")[2], parents[path.partition(" > ")[0]]) for path in paths]
    catalogue.add_categories(below, by)


def outfit_types(by):
    codes = sorted({design.outfit for design in DESIGNS} - {""})
    for code in codes:
        catalogue.add_outfit_type(code=code, name=code.capitalize(), by=by)


def goods_of(designs_by_product):
    skus = Sku.objects.select_related("product").defer("search", "product__search")
    found = []
    for sku in skus.filter(product__in=designs_by_product).order_by("pk"):
        design = designs_by_product[sku.product_id]
        pull = design.pull * design.share_of(sku.size) / max(len(design.colours), 1)
        # What a house pays: two fifths of the price, without its tax; a little more for what is dear.
        cost = (Decimal(design.price) * (Decimal("0.40") if design.pull > 8 else Decimal("0.44"))).quantize(
            Decimal("0.01")
        )
        found.append(Good(sku=sku, design=design, pull=pull, cost=cost))
    return found
