"""Barcode numbers: whatever is typed has one normal form, or a reason why not."""

import unicodedata

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from skus import gtin

DIGITS = "0123456789"
numbers = st.sampled_from(gtin.LENGTHS).flatmap(lambda many: st.text(DIGITS, min_size=many, max_size=many))
bodies = st.sampled_from(gtin.LENGTHS).flatmap(lambda many: st.text(DIGITS, min_size=many - 1, max_size=many - 1))
valid = bodies.map(lambda body: body + gtin.check_digit(body)).filter(lambda digits: digits.strip("0"))


def outcome(read, text):
    try:
        return read(text), None
    except gtin.BadCode as refusal:
        return None, refusal


def sum_of_weights(digits):
    """The standard's own test, from the other side: with its check digit, a number's weighted sum ends in 0."""
    return sum(int(digit) * (1 if place % 2 == 0 else 3) for place, digit in enumerate(reversed(digits)))


@given(st.text(DIGITS, min_size=13, max_size=13))
def test_any_13_digits_are_a_number_that_comes_back_or_are_refused_with_the_digit_that_is_right(digits):
    value, wrong = outcome(gtin.gtin, digits)

    if value:
        assert sum_of_weights(digits) % 10 == 0
        assert value == "0" + digits
        assert gtin.gtin(gtin.printed(value)) == value
    elif digits.strip("0"):
        assert sum_of_weights(digits) % 10 != 0
        assert sum_of_weights(digits[:-1] + wrong.expected) % 10 == 0
        assert f"{digits} is wrong" in str(wrong)
        assert f"expected {wrong.expected}" in str(wrong)


@given(numbers)
def test_every_length_keeps_the_same_rule(digits):
    assert gtin.is_gtin(digits) == (sum_of_weights(digits) % 10 == 0 and bool(digits.strip("0")))


@given(valid)
def test_a_number_has_one_normal_form_however_many_zeros_stand_before_it(digits):
    value = gtin.gtin(digits)

    assert len(value) == 14
    for form in (digits.zfill(length) for length in gtin.LENGTHS if length >= len(digits)):
        assert gtin.gtin(form) == gtin.normal_form(form) == gtin.plain(form) == value
    assert gtin.normal_form(gtin.printed(value)) == value
    assert gtin.printed(value).lstrip("0") == digits.lstrip("0")


@given(valid, st.data())
def test_one_wrong_digit_is_always_noticed(digits, data):
    place = data.draw(st.integers(0, len(digits) - 1))
    other = data.draw(st.sampled_from(sorted(set(DIGITS) - {digits[place]})))
    wrong = digits[:place] + other + digits[place + 1 :]
    assume(not gtin.is_upce(wrong))  # eight digits may also be the short form of another number

    with pytest.raises(gtin.BadCode):
        gtin.gtin(wrong)


@pytest.mark.parametrize(
    ("digits", "value", "symbology"),
    [
        ("96385074", "00000096385074", "EAN-8"),
        ("036000291452", "00036000291452", "UPC-A"),
        ("0036000291452", "00036000291452", "UPC-A"),
        ("4006381333931", "04006381333931", "EAN-13"),
        ("9783161484100", "09783161484100", "EAN-13"),
        ("10614141000415", "10614141000415", "Code 128"),
    ],
)
def test_numbers_of_the_standard(digits, value, symbology):
    assert gtin.gtin(digits) == value
    assert gtin.symbology(value) == symbology


@pytest.mark.parametrize(
    "text",
    ["978-3-16 148410 0", " 9783161484100 ", "９７８３１６１４８４１００", "9783161484100\n"],
)
def test_a_number_may_be_grouped_and_full_width(text):
    assert gtin.gtin(text) == gtin.normal_form(text) == "09783161484100"


@pytest.mark.parametrize(
    "text", ["٤٠٠٦٣٨١٣٣٣٩٣١", "४००६३८१३३३९३१", "", "123", "4006381333931X", "400638133393", "1" * 15]
)
def test_what_is_no_gtin_is_refused(text):
    with pytest.raises(gtin.BadCode):
        gtin.gtin(text)


@pytest.mark.parametrize("length", gtin.LENGTHS)
def test_all_zeros_are_no_number_though_their_check_digit_is_right(length):
    with pytest.raises(gtin.BadCode, match="zeros"):
        gtin.gtin("0" * length)


@pytest.mark.parametrize("text", ["abc-17", "ABC-17", " abc-17 ", "ＡＢＣ－１７"])
def test_a_code_is_the_same_in_capitals_small_and_full_width(text):
    assert gtin.plain(text) == gtin.normal_form(text) == "ABC-17"


@pytest.mark.parametrize("text", ["", " ", "A" * 49, "A/B", "A#B", "-A", "A-B\n-", "Ä", "K\x00", "😀", "٤٢"])
def test_what_a_scanner_cannot_type_is_no_code(text):
    with pytest.raises(gtin.BadCode, match="letters A to Z"):
        gtin.plain(text)


@given(st.text())
def test_looking_up_refuses_nothing_and_finds_what_was_kept(text):
    looked_up = gtin.normal_form(text)
    try:
        kept = gtin.plain(text)
    except gtin.BadCode:
        return
    assert kept == looked_up
    assert kept == gtin.normal_form(kept)
    assert kept == kept.upper() == unicodedata.normalize("NFKC", kept)


@given(st.text())
def test_any_text_is_a_number_or_refused_with_a_reason(text):
    for read in (gtin.gtin, gtin.plain):
        value, refusal = outcome(read, text)
        assert value or str(refusal)


@given(st.sets(st.integers(0, gtin.OWN_NUMBERS - 1), min_size=2, max_size=50))
def test_own_numbers_are_valid_and_never_two_alike(numbers):
    values = [gtin.own_ean13(number) for number in numbers]

    assert len(set(values)) == len(numbers)
    for value in values:
        assert gtin.gtin(gtin.printed(value)) == value
        assert gtin.symbology(value) == "EAN-13"
        assert gtin.is_own(value)
        assert gtin.printed(value)[:2] in {f"{prefix}" for prefix in range(20, 30)}  # never another house's


@pytest.mark.parametrize("number", [-1, 10**9])
def test_own_numbers_end(number):
    with pytest.raises(gtin.BadCode, match="used up"):
        gtin.own_ean13(number)


@pytest.mark.parametrize(
    ("short", "full"),
    [
        ("01234505", "012000003455"),
        ("01234531", "012300000451"),
        ("01234543", "012340000053"),
        ("01234565", "012345000065"),
        ("04252614", "042100005264"),
        ("06543217", "065100004327"),
    ],
)
def test_a_upc_e_stands_for_its_long_form(short, full):
    assert gtin.expanded_upce(short) == full
    assert gtin.is_gtin(full)


@given(st.text(DIGITS, min_size=6, max_size=6), st.sampled_from("01"))
def test_every_upc_e_is_twelve_digits_and_two_never_the_same(six, system):
    full = gtin.expanded_upce(f"{system}{six}0")

    assert len(full) == 12
    assert full[0] == system
    assert full[:-1].count("0") >= 4


def test_a_short_upc_is_the_long_one_it_stands_for():
    assert gtin.gtin("04252614") == gtin.normal_form("042100005264") == gtin.normal_form("04252614")


def test_digits_of_a_supplier_are_the_same_in_groups():
    assert gtin.plain("4006 3813 33930") == gtin.normal_form("4006381333930") == "4006381333930"
