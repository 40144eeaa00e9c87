"""Short codes that a person can read: KRT-BLU-M for the blue kurta in M. Words in, words out; no database."""

import itertools
import re
import unicodedata

LONGEST_PART = 5
WORDS = re.compile(r"[A-Z0-9]+")
VOWELS = "AEIOU"
FALLBACKS = {"garment": "GAR", "fabric": "FAB", "trim": "TRM", "accessory": "ACC"}


def ascii_words(text):
    """ÉTÉ d'or → ETE, D, OR. Empty for scripts that have no Latin letters in them."""
    bare = unicodedata.normalize("NFKD", text.replace("ß", "ss")).encode("ascii", "ignore").decode()
    return WORDS.findall(bare.upper())


def skeleton(word):
    """Kurta → KRT: the first letter and the consonants behind it, filled up with what there is."""
    bones = word[0] + "".join(letter for letter in word[1:] if letter not in VOWELS)
    return bones[:3] if len(bones) >= 3 else word[:3]


def product_stem(name, kind):
    """Silk Kurta → SKRT, Linen Summer Dress → LSDRS."""
    words = ascii_words(name)
    if not words:
        return FALLBACKS[kind]
    return "".join(word[0] for word in words[:-1])[: LONGEST_PART - 3] + skeleton(words[-1])


def numbered(stem, separator=""):
    """The stem, then the stem with numbers, in batches that grow: few questions to find a free one among many."""
    yield [stem]
    first = 2
    for last in (9, 99, 999, 9_999, 99_999):
        yield [f"{stem}{separator}{number}" for number in range(first, last + 1)]
        first = last + 1


def part(text):
    """Of a colour or a style: Blue → BLU, Navy Blue → NBL."""
    words = ascii_words(text)
    if not words:
        return ""
    return ("".join(word[0] for word in words[:-1]) + words[-1])[:3]


def longer(text):
    """BLU, BLUE, BLUEB, BLUEBE: until no other colour of the product is called so."""
    letters = "".join(ascii_words(text))
    short = part(text)
    yield from (short, *(letters[:length] for length in range(len(short) + 1, min(len(letters), 10) + 1)))


def parts_of(texts, letter):
    """Each colour (or style) of a product and what it is called in codes; what has no Latin letters gets a number."""
    called = {}
    for number, text in enumerate(dict.fromkeys(texts), 1):
        candidates = [name for name in longer(text) if name] or [f"{letter}{number}"]
        taken = set(called.values())
        further = (f"{candidates[0]}{more}" for more in itertools.count(number))
        called[text] = next(name for name in itertools.chain(candidates, further) if name not in taken)
    return called


def size_part(size):
    """36.5 stays, 34/36 → 34-36, a size without Latin letters becomes nothing."""
    bare = unicodedata.normalize("NFKD", size.replace("½", ".5")).encode("ascii", "ignore").decode().upper()
    return re.sub(r"[^A-Z0-9.]+", "-", bare).strip("-.")[:12]


def slug(text):
    return "-".join(ascii_words(text)).lower()[:80]
