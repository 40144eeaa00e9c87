"""Numbers of a body, without a database."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders import measuring
from orders.vocabulary import VOCABULARY

CHEST = measuring.Bounds(warn=(Decimal(70), Decimal(155)), reject=(Decimal(45), Decimal(200)))
sizes = st.decimals(min_value="0.1", max_value="900", places=2)


@pytest.mark.parametrize(
    ("text", "unit", "number"),
    [
        ("92.5", "cm", "92.5"),
        (" 92 ", "cm", "92"),
        ("36.125", "in", "36.125"),
        ("34 1/2", "in", "34.5"),
        ("34 15/16", "in", "34.9375"),
    ],
)
def test_a_number_is_read_as_it_is_typed(text, unit, number):
    assert measuring.typed(text, unit) == Decimal(number)


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("", "cm"), ("abc", "cm"), ("-5", "cm"), ("1e3", "cm"), ("NaN", "cm"), ("9,5", "cm"), ("1_000", "cm"),
        ("٩٢", "cm"), ("34 1/2", "cm"), ("34 3/2", "in"), ("34 1/3", "in"), ("34 0/0", "in"), ("1.23456", "in"),
        ("92 cm", "cm"),
    ],
)  # fmt: skip
def test_what_is_no_number_is_not_guessed(text, unit):
    assert measuring.typed(text, unit) is None


def test_an_inch_is_two_and_a_half_centimetres_and_a_little_exactly():
    assert measuring.kept(Decimal(32), "in") == Decimal("81.28")


def test_weights_and_angles_are_never_in_inches():
    assert measuring.kept(Decimal(70), "in", "kg") == 70
    assert measuring.shown(Decimal(70), "in", "kg") == 70


@given(sizes)
def test_what_was_typed_in_inches_comes_back_to_the_hundredth(number):
    assert measuring.shown(measuring.kept(number, "in"), "in") == number


@given(sizes, sizes)
def test_the_larger_in_one_unit_is_never_the_smaller_in_the_other(one, other):
    assert (one <= other) == (measuring.shown(one, "in") <= measuring.shown(other, "in")) or abs(one - other) < 1


@given(sizes, st.sampled_from(VOCABULARY))
def test_what_is_usual_is_always_possible(size, dimension):
    bounds = measuring.Bounds(warn=dimension.warn, reject=dimension.reject)

    assert bounds.are_possible(size) or not bounds.are_usual(size)


@pytest.mark.parametrize(
    ("typed", "unit", "hint"),
    [
        ("38", "cm", "Did you mean 38 in?"),
        ("740", "cm", "Did you mean 74 cm?"),
        ("92", "in", "Did you mean 92 cm?"),
        ("9999", "cm", ""),
        ("1", "cm", ""),
    ],
)
def test_a_number_that_fits_another_unit_is_asked_about(typed, unit, hint):
    assert measuring.did_you_mean(Decimal(typed), unit, CHEST)[: len(hint) or None] == hint


@given(sizes, sizes)
def test_a_leap_is_more_than_fifteen_percent_and_always_noticeable(before, now):
    leap = measuring.is_a_leap(before, now)

    assert leap == (abs(now - before) > before * Decimal("0.15"))
    assert measuring.is_noticeable("chest_girth", before, now) or not leap


def test_fifteen_percent_itself_is_no_leap():
    assert not measuring.is_a_leap(Decimal(100), Decimal(115))
    assert measuring.is_a_leap(Decimal(100), Decimal("115.01"))


def remarks(**numbers):
    sides = {
        code: dict(zip(("left", "right"), map(Decimal, size), strict=True))
        if isinstance(size, tuple)
        else {"none": Decimal(size)}
        for code, size in numbers.items()
    }
    return [(remark.code, *remark.dimensions) for remark in measuring.proportions(sides)]


def test_an_ordinary_body_is_not_remarked_upon():
    assert remarks(
        height="168", inside_leg=("77", "77"), outside_leg=("103", "103.5"), arm_length=("57", "57"), chest_girth="92",
        waist_girth="74", hip_girth="98", under_bust_girth="78", high_bust_girth="88", thigh_girth=("57", "57.5"),
    ) == []  # fmt: skip


@pytest.mark.parametrize("pair", measuring.RATIOS, ids="-".join)
def test_each_ratio_is_looked_at_from_both_ends(pair):
    upper, lower = pair
    low, high = (Decimal(bound) for bound in measuring.RATIOS[pair])

    assert ("unusual_ratio", *pair) not in remarks(**{upper: low * 100, lower: "100"})
    assert ("unusual_ratio", *pair) not in remarks(**{upper: high * 100, lower: "100"})
    assert ("unusual_ratio", *pair) in remarks(**{upper: low * 100 - 1, lower: "100"})
    assert ("unusual_ratio", *pair) in remarks(**{upper: high * 100 + 1, lower: "100"})


@pytest.mark.parametrize(
    ("numbers", "is_odd"),
    [
        ({"outside_leg": "100", "inside_leg": "88"}, False),
        ({"outside_leg": "100", "inside_leg": "89"}, True),
        ({"outside_leg": "100", "inside_leg": "67"}, True),
        ({"chest_girth": "80.1", "under_bust_girth": "80"}, False),
        ({"chest_girth": "80", "under_bust_girth": "80"}, True),
        ({"high_bust_girth": "77", "under_bust_girth": "80"}, False),
        ({"high_bust_girth": "76.9", "under_bust_girth": "80"}, True),
    ],
)
def test_differences_have_their_bounds(numbers, is_odd):
    assert (("unusual_difference", *numbers) in remarks(**numbers)) == is_odd


def test_two_centimetres_between_left_and_right_are_told():
    assert remarks(arm_length=("60", "62")) == []
    assert remarks(arm_length=("60", "62.1")) == [("left_right_differ", "arm_length")]


def test_each_family_has_a_profile_of_dimensions_that_exist():
    codes = {dimension.code for dimension in VOCABULARY}

    for family, needed in measuring.PROFILES.items():
        assert set(needed) <= codes, family
        assert measuring.missing(family, needed) == []
        assert measuring.missing(family, []) == needed


def test_ratios_and_differences_speak_of_dimensions_that_exist():
    codes = {dimension.code for dimension in VOCABULARY}

    assert {code for pair in [*measuring.RATIOS, *measuring.DIFFERENCES] for code in pair} <= codes


def test_children_are_measured_again_sooner():
    day = date(2026, 3, 1)

    assert measuring.review_on(day) == date(2027, 3, 1)
    assert measuring.review_on(day, born_on=date(2010, 3, 1)) == date(2027, 3, 1)
    assert measuring.review_on(day, born_on=date(2010, 3, 2)) == date(2026, 4, 30)
    assert measuring.review_on(date(2028, 2, 29), born_on=date(2020, 1, 1)) == date(2028, 4, 29)
