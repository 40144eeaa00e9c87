"""Sizes in the order people wear them: one size, children's, XS to XXL, 34 to 48, and then the rest."""

import re

ONE_SIZE = {"", "ONE SIZE", "ONESIZE", "OS", "O/S", "UNI", "ONE", "FREE SIZE", "FS"}
WORDS = re.compile(r"(?:(?P<extra>X|EXTRA)[ -]?)?(?P<word>SMALL|MEDIUM|LARGE)\b")
LETTER = r"(?P<times{0}>[2-9])?(?P<x{0}>X*)(?P<letter{0}>S|M|L)"
LETTERS = re.compile(LETTER.format(1) + r"(?: ?[/-] ?" + LETTER.format(2) + r"| ?(?P<cut>[TP]))?(?![A-Z0-9])")
AGE = re.compile(r"(?P<from>\d{1,2})(?: ?[/-] ?\d{1,2})? ?(?P<unit>M|MONTHS?|MO|Y|YEARS?|YRS?)(?![A-Z])")
NUMBER = re.compile(
    r"(?:[A-Z]{1,2} ?)?(?P<number>\d{1,3})(?:[.,](?P<tenth>\d)\d*)?(?P<half> ?½)?(?P<rest>.*)", re.DOTALL
)
CUP = re.compile(r" ?(?P<cup>[A-K]+)\Z")
SECOND = re.compile(r"\D*(?P<second>\d{1,3})")
# Room for every size of one sort between two neighbours.
SORT = 10_000_000
CHILD, ADULT, NUMBERED, OTHER = (sort * SORT for sort in range(1, 5))


def worn_order(size):
    """An integer that sorts sizes as worn; what it does not know comes last, by text."""
    text = WORDS.sub(letters_of, size.strip().upper())
    if text.replace("-", " ") in ONE_SIZE:
        return 0
    if found := AGE.match(text):
        return CHILD + int(found["from"]) * (12 if found["unit"][0] == "Y" else 1)
    if found := LETTERS.match(text):
        first = letter_order(found, 1)
        return ADULT + first * 4 + (2 if found["letter2"] else {"P": -1, "T": 1, None: 0}[found["cut"]])
    if found := NUMBER.match(text):
        return NUMBERED + number_order(found)
    return OTHER


def letters_of(found):
    """Extra large → XL"""
    return ("X" if found["extra"] else "") + found["word"][0]


def letter_order(found, part):
    extra = len(found[f"x{part}"])
    if found[f"times{part}"]:
        extra *= int(found[f"times{part}"])  # 3XL is XXXL
    letter = found[f"letter{part}"]
    return 500 + {"S": -1 - extra, "M": 0, "L": 1 + extra}[letter]


def number_order(found):
    tenths = 5 if found["half"] else int(found["tenth"] or 0)
    order = (int(found["number"]) * 10 + tenths) * 1000
    if cup := CUP.match(found["rest"]):
        letters = cup["cup"]  # 75A, 75B, 75D, 75DD, 75E
        return order + (ord(letters[0]) - ord("A")) * 10 + min(len(letters), 9)
    second = SECOND.match(found["rest"])  # a length behind the waist: W32 L34
    return order + (int(second["second"]) if second else 0)


def as_worn(sizes):
    return sorted(sizes, key=lambda size: (worn_order(size), size))
