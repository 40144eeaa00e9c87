"""Sizes in the order people wear them."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skus.sizes import as_worn, worn_order

AS_WORN = [
    ["XXS", "XS", "S", "M", "L", "XL", "XXL", "3XL", "4XL", "5XL"],
    ["2XS", "XS", "S", "S/M", "M", "M/L", "L", "L/XL", "XL"],
    ["34", "36", "36.5", "37", "37½", "38", "40", "42", "44", "46", "48", "100"],
    ["W28 L30", "W28 L32", "W30 L30", "W32 L30", "W32 L34", "W34 L32"],
    ["70D", "75A", "75B", "75C", "75D", "75DD", "75E", "80A"],
    ["0-3 M", "3-6 M", "9 months", "18M", "2Y", "4 years", "10Y", "12 Y"],
    ["One size", "2Y", "XS", "XL", "34", "100", "Banana"],
    ["", "S", "34"],
    ["EU 36", "EU 38", "EU 40"],
]


@pytest.mark.parametrize("sizes", AS_WORN, ids=lambda sizes: sizes[1])
def test_sizes_sort_as_worn_not_as_text(sizes):
    for seed in range(5):
        shuffled = random.Random(seed).sample(sizes, len(sizes))  # noqa: S311 (any order will do)
        assert as_worn(shuffled) == sizes


@pytest.mark.parametrize(
    "alike",
    [
        ("2XL", "XXL", "xxl"),
        ("3XL", "XXXL"),
        ("2XS", "XXS"),
        ("One size", "one-size", "OS", "O/S", "onesize", ""),
        ("S/M", "S-M", "s / m"),
        ("36½", "36.5", "36,5"),
        ("2Y", "2 years", "2 yrs", "24M", "24 months"),
        ("M", " m "),
    ],
    ids=lambda alike: alike[0],
)
def test_two_names_of_one_size_lie_together(alike):
    assert len({worn_order(size) for size in alike}) == 1


@pytest.mark.parametrize("nonsense", ["Banana", "Smallish", "Lavender", "XQ", "½", "小", "-", "😀"])
def test_what_is_no_size_comes_last_by_its_text(nonsense):
    assert worn_order(nonsense) > max(worn_order(size) for sizes in AS_WORN for size in sizes if size != "Banana")
    assert as_worn(["Zebra", nonsense, "48", "XL"])[:2] == ["XL", "48"]


def test_a_month_is_no_medium():
    assert worn_order("6M") < worn_order("XS") < worn_order("M")


@given(
    st.one_of(st.text(max_size=40), st.from_regex(r"\d{0,5}[ ./,½-]?\d{0,3} ?[A-Za-z½/ -]{0,9}\d{0,4}", fullmatch=True))
)
def test_any_text_has_a_place_that_fits_its_column(text):
    assert 0 <= worn_order(text) < 2**31
    assert worn_order(text) == worn_order(text.lower()) == worn_order(f" {text} ") or not text.isascii()


@given(st.lists(st.text(max_size=40), unique=True))
def test_the_order_of_a_list_does_not_depend_on_how_it_was_given(texts):
    assert as_worn(texts) == as_worn(texts[::-1])


@given(st.integers(0, 60), st.integers(0, 60))
def test_more_x_is_larger_or_smaller_without_end(few, more):
    if few < more:
        assert worn_order("X" * few + "L") <= worn_order("X" * more + "L")
        assert worn_order("X" * few + "S") >= worn_order("X" * more + "S")
    assert worn_order("X" * few + "S") < worn_order("M") < worn_order("X" * few + "L")


def test_sizes_in_words_and_tall_and_petite_ones_stand_where_they_are_worn():
    assert as_worn(["X-Large", "Large", "Extra Small", "Medium", "Small"]) == [
        "Extra Small",
        "Small",
        "Medium",
        "Large",
        "X-Large",
    ]
    assert as_worn(["XL", "LT", "L", "LP", "M"]) == ["M", "LP", "L", "LT", "XL"]
