"""Codes that people can read, whatever script a name is written in."""

import itertools
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skus import naming
from skus.models import code_text, slug_text

PART = re.compile(r"[A-Z0-9]+", re.ASCII)
words = st.text(min_size=1, max_size=40)


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("Kurta", "KRT"),
        ("Silk Kurta", "SKRT"),
        ("Linen Summer Dress", "LSDRS"),
        ("Very Long Linen Summer Dress", "VLDRS"),
        ("Été d'Or", "EDOR"),
        ("Straße", "STR"),
        ("Obi", "OBI"),
        ("Ao", "AO"),
        ("کرتا", "GAR"),
        ("着物", "GAR"),
        ("👗", "GAR"),
    ],
)
def test_a_product_is_called_by_a_few_letters_of_its_name(name, stem):
    assert naming.product_stem(name, "garment") == stem


def test_what_has_no_latin_letters_is_called_by_its_kind():
    assert {naming.product_stem("絹", kind) for kind in naming.FALLBACKS} == {"GAR", "FAB", "TRM", "ACC"}


@given(words)
def test_every_name_gives_a_short_code_that_the_model_takes(name):
    stem = naming.product_stem(name, "garment")

    code_text(stem)
    assert len(stem) <= naming.LONGEST_PART
    assert PART.fullmatch(stem)


@given(st.lists(words, max_size=60))
def test_two_colours_of_a_product_are_never_called_the_same(colours):
    called = naming.parts_of(colours, "C")

    assert set(called) == set(colours)
    assert len(set(called.values())) == len(called)
    for part in called.values():
        assert PART.fullmatch(part)
        assert len(part) <= 13


@given(st.lists(words, max_size=20), st.lists(words, max_size=20))
def test_what_a_colour_is_called_stays_when_others_are_added(colours, more):
    before, after = naming.parts_of(colours, "C"), naming.parts_of([*colours, *more], "C")

    assert {colour: after[colour] for colour in before} == before


def test_colours_that_begin_alike_get_a_letter_more():
    assert naming.parts_of(["Blue", "Blush", "Blueberry", "Navy Blue", "青", "赤"], "C") == {
        "Blue": "BLU",
        "Blush": "BLUS",
        "Blueberry": "BLUE",
        "Navy Blue": "NBL",
        "青": "C5",
        "赤": "C6",
    }


@given(st.text(max_size=40))
def test_a_size_in_a_code_holds_what_a_code_may_hold(size):
    part = naming.size_part(size)

    assert len(part) <= 12
    if part:
        code_text(part)


@pytest.mark.parametrize(
    ("size", "part"),
    [("M", "M"), ("36.5", "36.5"), ("36½", "36.5"), ("34/36", "34-36"), ("W32 L34", "W32-L34"), ("大", "")],
)
def test_a_size_stands_in_a_code_as_it_is(size, part):
    assert naming.size_part(size) == part


def test_there_are_codes_for_a_hundred_thousand_of_the_same_name_in_few_questions():
    batches = list(naming.numbered("KRT"))

    assert len(batches) == 6
    assert len(set(itertools.chain(*batches))) == 99_999
    assert batches[0] == ["KRT"]
    assert batches[1][0] == "KRT2"


@given(words)
def test_a_slug_is_one(name):
    if made := naming.slug(name):
        slug_text(made)
        assert len(made) <= 80
