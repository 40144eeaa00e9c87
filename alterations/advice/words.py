"""Makes texts comparable: small letters without accents and apostrophes, slips of the pen mended, cut into clauses."""

import re
import unicodedata
from functools import lru_cache
from pathlib import Path

VOCABULARY = Path(__file__).with_name("vocabulary")

MOST_CLAUSES = 24  # a complaint of more is somebody's novel: its beginning says what is wanted

ELISION = re.compile(r"\b([ldjmtscn]|qu)['’](?=[a-z])")
APOSTROPHES = re.compile(r"['’`´]")
JOINTS = re.compile(r"[-‐‑/_]+")
ENDS = re.compile(
    r"[.;:!?\n\r\t,()\[\]–—…]+|\s-\s"
    r"|\b(?:and(?: also| then| the)?|plus|then|also|but|as well as|y|et|pero|mais|e|puis|ademas)\b"
)
NOT_A_WORD = re.compile(r"[^a-z0-9 ]+")
SPACES = re.compile(r" {2,}")
DECIMAL = re.compile(r"(?<=\d)[.,](?=\d)")


def lines_of(name):
    text = (VOCABULARY / f"{name}.txt").read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def words_of(name):
    return frozenset(word for line in lines_of(name) for word in line.split())


SLIPS = dict(line.split(": ") for line in lines_of("slips"))  # what many hands write, and what they mean
MEANT = words_of("meant")  # what a slip of one letter may have been meant for
RIGHT = words_of("right")  # one letter away from these, and no slips
SMALL = words_of("small")  # tell nothing about the work
MEANT_BY_LENGTH = {length: [word for word in MEANT if len(word) == length] for length in range(4, 13)}


def plain(text):
    """As patterns want it: a-z, digits and what ends a clause."""
    text = DECIMAL.sub("point", text)
    text = "".join(c for c in unicodedata.normalize("NFKD", text.lower()) if not unicodedata.combining(c))
    text = text.replace("œ", "oe").replace("ß", "ss")
    return JOINTS.sub(" ", APOSTROPHES.sub("", ELISION.sub(r"\1 ", text)))


def clauses(text):
    """The plain clauses of a text, in their order."""
    parts = (mended(NOT_A_WORD.sub(" ", part)) for part in ENDS.split(plain(text)))
    return [part for part in parts if part][:MOST_CLAUSES]


def mended(clause):
    return SPACES.sub(" ", " ".join(meant(word) for word in clause.split()))


@lru_cache(maxsize=20_000)
def meant(word):
    if word in SLIPS:
        return SLIPS[word]
    if len(word) < 5 or len(word) > 12 or word in MEANT or word in RIGHT or not word.isalpha():
        return word
    for length in (len(word), len(word) + 1, len(word) - 1):
        for other in MEANT_BY_LENGTH.get(length, ()):
            # The first letter is seldom wrong, and endings are grammar.
            if other[0] == word[0] and is_one_slip(word, other):
                return other
    return word


def is_one_slip(word, other):
    """One letter wrong, missing, too many, or two exchanged; not at the end, where English inflects."""
    start = 0
    while start < min(len(word), len(other)) and word[start] == other[start]:
        start += 1
    if start >= min(len(word), len(other)) - 1:
        return False
    rest, rest_of_other = word[start:], other[start:]
    if len(word) == len(other):
        return rest[1:] == rest_of_other[1:] or (rest[2:] == rest_of_other[2:] and rest[:2] == rest_of_other[1::-1])
    longer, shorter = sorted((rest, rest_of_other), key=len, reverse=True)
    return longer[1:] == shorter


SUFFIXES = ("ings", "ing", "ers", "ies", "ied", "er", "ed", "es", "s", "y", "e")


@lru_cache(maxsize=20_000)
def stem(word):
    for suffix in SUFFIXES:
        if len(word) - len(suffix) >= 3 and word.endswith(suffix):
            word = word[: -len(suffix)]
            break
    return word[:-1] if len(word) > 3 and word[-1] == word[-2] else word


def stems(clause):
    return [stem(word) for word in clause.split() if word not in SMALL and not word.isdigit()]
