"""What is asked for and what is kept are folded alike, in Python and in the database."""

import pytest
from django.db import connection
from hypothesis import example, given
from hypothesis import strategies as st

from skus.models import Sku
from skus.services import search
from skus.tests.factories import BarcodeFactory, ProductFactory, SkuFactory
from skus.words import folded, folded_sql, prefixes

pytestmark = pytest.mark.django_db

# Everything a text of ours may hold: no NUL, no half of a pair.
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=60)


def by_the_database(text):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {folded_sql('%s::text')}", [text])
        return cursor.fetchone()[0].strip()


def lexemes(text):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT tsvector_to_array(to_tsvector('simple', {folded_sql('%s::text')}))", [text])
        return set(cursor.fetchone()[0])


@given(texts)
@example("Straße ẞ")
@example("İstanbul ıI")
@example("ΟΔΟΣ ΣΑΣ. Σ")
@example("²③Ⅷ½")
@example("ﬁn Ａｂ 𝐊urta 🧵")
@example("a\u00a0b\u2009c\u200bd\u3000e\x1cf\x85g")
@example("Ö Ö é Ậ")
def test_python_and_the_database_fold_alike(text):
    assert by_the_database(text).split() == folded(text).split()


def kept(name):
    """A SKU whose product is called so, and which is found by its words alone."""
    sku = SkuFactory(product=ProductFactory(name=name, code="P1"), code="K1", size="", colour="")
    search.refresh_products([sku.product_id])
    return sku


@pytest.mark.parametrize(
    ("name", "asked"),
    [
        ("Straße", "STRASSE"),
        ("Straße", "straße"),
        ("STRASSE", "straß"),
        ("Οδοσαλα", "οδος"),
        ("Isparta", "ısparta"),
        ("İpek", "ipek"),
        ("ΟΔΟΣ", "οδος"),
        ("Σάρι", "σαρι"),
        ("Été d'Or", "ete or"),
        ("O’Neill", "neill"),
        ("کرتا ابریشم", "ابریشم"),
        ("साड़ी", "साड़ी"),
        ("ผ้าไหม", "ผ้าไหม"),
        ("着物 絹", "絹"),
        ("𝐊urta", "kurta"),
        ("Ｋurta", "kur"),
        ("Size 36½", "36½"),
        ("Nº 5", "nº"),
        ("a_b/c\\d", "d c"),
        ("R&D", "r&d"),
        ("50% wool", "50%"),
        ("Emoji 🧵 thread", "🧵 thread"),
        ("mail@example.com", "example"),
        ("https://x.example/silk-road", "road"),
        ("-12.50", "12"),
        ("1e5", "1e5"),
        ("Ⅷ", "viii"),
    ],
)
def test_what_has_a_name_is_found_by_it(name, asked):
    sku = kept(name)

    assert list(Sku.objects.found_by(asked)) == [sku]
    assert list(type(sku.product).objects.found_by(asked)) == [sku.product]


@given(texts)
def test_whatever_a_name_is_each_of_its_words_finds_it(text):
    for word in lexemes(text):
        with connection.cursor() as cursor:
            kept_words = f"to_tsvector('simple', {folded_sql('%s::text')})"
            cursor.execute(f"SELECT {kept_words} @@ to_tsquery('simple', %s)", [text, prefixes(word)])
            assert cursor.fetchone()[0], word


@pytest.mark.parametrize(
    "asked",
    ["'", "''", "\\", "a\\", "'a' | 'b'", "a:*", "!a", "a <-> b", "(", "a & b", "<2>", ":A", "\x01", "\x7f", "%s", "%",
     "\u2028", "a'b", "';--", "𝕏", "\ufeff", "\u0301", "[", "]", "{}", "$1"],
)  # fmt: skip
@pytest.mark.parametrize("path", ["skus/", "products/"])
def test_signs_that_mean_something_to_the_database_mean_nothing_in_a_search(asked, path, owner, as_):
    kept("Kurta")

    answer = as_(owner).get(path, {"search": asked})

    assert answer.status_code == 200
    assert answer.json()["results"] == []


@given(texts.filter(bool))
def test_any_text_can_be_searched_for(text):
    list(Sku.objects.found_by(text))


@pytest.mark.parametrize(
    ("asked", "is_found"),
    [("kurta | sari", False), ("!sari", False), ("kurta & !blue", False), ("kurta <-> kurta", True), ("kurta:*", True)],
)
def test_operators_are_no_operators(asked, is_found):
    kept("Kurta")

    assert Sku.objects.found_by(asked).exists() == is_found


@pytest.mark.parametrize(
    "asked", ["4006381333931", "04006381333931", "40063813", "036000291452", "0036000291452", "36000291452", "01234565"]
)
def test_a_barcode_finds_its_sku_in_every_form_it_is_typed_in(asked):
    sku = SkuFactory()
    BarcodeFactory(sku=sku, value="04006381333931")
    BarcodeFactory(sku=sku, value="00036000291452")
    BarcodeFactory(sku=sku, value="00000001234565")
    search.refresh_skus([sku.pk])

    assert list(Sku.objects.found_by(asked)) == [sku]


def test_a_product_is_found_by_the_words_of_one_of_its_skus_together():
    blue = SkuFactory(size="S", colour="Blue")
    SkuFactory(product=blue.product, size="M", colour="Ivory")
    search.refresh_products([blue.product_id])
    product_model = type(blue.product)

    assert list(product_model.objects.found_by("blue s")) == [blue.product]
    assert list(product_model.objects.found_by("blue m")) == []
