"""Barcode numbers: one normal form for each, so that 036000291452 and 0036000291452 are the same article.

Numbers in, texts out; no database.
"""

import re
import unicodedata

LENGTHS = (8, 12, 13, 14)
LONGEST = 48
DIGITS = re.compile(r"[0-9]+", re.ASCII)
# What a Code 128 symbol can show, a scanner's keyboard can type and an address can hold.
PLAIN = re.compile(r"[A-Z0-9](?:[A-Z0-9 .+_$:*-]*[A-Z0-9.+_$:*-])?", re.ASCII)


class BadCode(ValueError):
    """Not a barcode. The message tells the person why."""


class WrongCheckDigit(BadCode):
    def __init__(self, digits, expected):
        self.expected = expected
        super().__init__(f"The check digit of {digits} is wrong: it ends in {digits[-1]}, expected {expected}.")


def check_digit(body):
    """The last digit of a GTIN, from the digits before it: weights 3 and 1 from the right."""
    total = sum(int(digit) * (3, 1)[place % 2] for place, digit in enumerate(reversed(body)))
    return str(-total % 10)


def folded(text):
    return unicodedata.normalize("NFKC", text).strip().upper()


def digits_of(text):
    """The digits of a number as people group them: 978-3-16 148410 0. Empty if it is no number of a GTIN's length."""
    digits = ungrouped(text)
    if not (len(digits) in LENGTHS and DIGITS.fullmatch(digits)):
        return ""
    return expanded_upce(digits) if is_upce(digits) and not is_gtin(digits) else digits


def ungrouped(text):
    return text.replace(" ", "").replace("-", "")


def is_gtin(digits):
    return bool(digits.strip("0")) and check_digit(digits[:-1]) == digits[-1]


def gtin(text):
    """The 14 digits of a GTIN-8, 12, 13 or 14, or `BadCode`."""
    digits = digits_of(folded(text))
    if not digits:
        raise BadCode("A GTIN has 8, 12, 13 or 14 digits.")
    if not digits.strip("0"):
        raise BadCode("A GTIN is not all zeros.")
    if not is_gtin(digits):
        raise WrongCheckDigit(digits, check_digit(digits[:-1]))
    return digits.zfill(14)


def plain(text):
    """A code of the house's or a supplier's own. If it happens to be a GTIN, it is that one."""
    code = folded(text)
    if len(code) > LONGEST or not PLAIN.fullmatch(code):
        raise BadCode(f"At most {LONGEST} letters A to Z, digits, spaces and . + - _ $ : * make a code.")
    return normal_form(code)


def normal_form(text):
    """How any text would be kept if it were a barcode: for looking one up. Refuses nothing."""
    code = folded(text)
    digits = digits_of(code)
    if digits and is_gtin(digits):
        return digits.zfill(14)
    return ungrouped(code) if DIGITS.fullmatch(ungrouped(code)) else code


# ------------------------------------------------------------------------------------------------ on paper


def printed(value):
    """What stands below the symbol: a GTIN without the zeros that only fill it up."""
    return value[{"EAN-8": 6, "UPC-A": 2, "EAN-13": 1}.get(symbology(value), 0) :]


def symbology(value):
    if len(value) != 14 or not DIGITS.fullmatch(value) or not is_gtin(value):
        return "Code 128"
    for zeros, name in ((6, "EAN-8"), (2, "UPC-A"), (1, "EAN-13")):
        if value.startswith("0" * zeros):
            return name
    return "Code 128"  # a GTIN-14: no shop symbol holds it


# ------------------------------------------------------------------------------------------------ our own

OWN_PREFIX = "200"  # of the range that GS1 keeps free for numbers that never leave the house
OWN_NUMBERS = 10**9


def own_ean13(number):
    """The EAN-13 with this running number, in its normal form."""
    if not 0 <= number < OWN_NUMBERS:
        raise BadCode("All numbers of the house's own range are used up.")
    body = f"{OWN_PREFIX}{number:09d}"
    return f"0{body}{check_digit(body)}"


def is_upce(digits):
    """Eight digits that a short UPC symbol may hold, and whose long form has the right check digit."""
    return len(digits) == 8 and digits[0] in "01" and is_gtin(expanded_upce(digits))


def expanded_upce(digits):
    """The UPC-A that an eight-digit UPC-E stands for."""
    system, (a, b, c, d, e, last), check = digits[0], digits[1:7], digits[7]
    if last in "012":
        body = f"{a}{b}{last}0000{c}{d}{e}"
    elif last == "3":
        body = f"{a}{b}{c}00000{d}{e}"
    elif last == "4":
        body = f"{a}{b}{c}{d}00000{e}"
    else:
        body = f"{a}{b}{c}{d}{e}0000{last}"
    return f"{system}{body}{check}"


def is_own(value):
    return value.startswith(f"0{OWN_PREFIX}")
