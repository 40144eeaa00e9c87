"""What a counter hand knows of sewing: garments, parts, what is wrong with them, and what is then done.

The words themselves stand in vocabulary/*.txt; here is how they hang together. The same words read requests and the
shop's own catalogue.
"""

import re
from functools import cached_property

from alterations.advice.words import lines_of

TITLE = re.compile(r"\[([a-z0-9 .-]+)\]")


def sections(name):
    """[(title, pattern)] of a file of the vocabulary, in its order."""
    found = []
    for line in lines_of(name):
        if title := TITLE.fullmatch(line):
            found.append((title.group(1), []))
        else:
            found[-1][1].extend(word.strip() for word in line.split(";") if word.strip())
    return [(title, Words(words)) for title, words in found]


class Words:
    """Patterns, each looked for at the beginning of a word; `$` stands where it must end.

    Compiled when first asked: a start of the shop need not wait for it.
    """

    def __init__(self, words):
        self.words = words

    @cached_property
    def pattern(self):
        return re.compile(r"\b(?:" + "|".join(word.replace("$", r"\b") for word in self.words) + ")")

    def search(self, text):
        return self.pattern.search(text)

    def finditer(self, text):
        return self.pattern.finditer(text)


GARMENTS = dict(sections("garments"))
PARTS = dict(sections("parts"))
WISHES = dict(sections("wishes"))
# (words, part, what is wanted, how surely). No part: the garment tells. Several may be true of one request.
PICTURES = [
    (pattern, None if part == "-" else part, wish, float(sure))
    for title, pattern in sections("pictures")
    for part, wish, sure in [title.split()]
]
MODIFIERS = dict(sections("modifiers"))
TRADES = dict(sections("trades"))

# ------------------------------------------------------------------------------------------------ garments

# The codes of the catalogue, in these words.
OF_CODE = {
    "trs": ["trousers"],
    "jns": ["jeans"],
    "skt": ["skirt"],
    "sht": ["shirt"],
    "bls": ["blouse"],
    "drs": ["dress"],
    "gwn": ["gown"],
    "brd": ["bridal"],
    "jkt": ["jacket"],
    "wst": ["waistcoat"],
    "cot": ["coat"],
    "knt": ["knit"],
    "lhg": ["lehenga"],
    "sre": ["saree"],
    "krt": ["kurta"],
}

# How well a service for the second serves the first. What is not here is another garment.
RELATED = {
    "jeans": {"trousers": 0.72, "shorts": 0.6},
    "shorts": {"trousers": 0.95, "jeans": 0.7, "nightwear": 0.5},
    "leggings": {"trousers": 0.95, "jeans": 0.5, "nightwear": 0.6},
    "trousers": {"jeans": 0.6, "shorts": 0.6},
    "jumpsuit": {"dress": 0.85, "trousers": 0.85, "gown": 0.4, "nightwear": 0.4},
    "nightwear": {"trousers": 0.75, "shirt": 0.5, "dress": 0.5, "shorts": 0.7},
    "gown": {"bridal": 0.85, "dress": 0.75, "lehenga": 0.5},
    "bridal": {"gown": 0.9, "dress": 0.72},
    "dress": {"gown": 0.6, "bridal": 0.42, "jumpsuit": 0.7, "skirt": 0.55, "blouse": 0.4},
    "skirt": {"dress": 0.5, "lehenga": 0.6, "trousers": 0.5, "saree": 0.2},
    "lehenga": {"skirt": 0.7, "gown": 0.75, "dress": 0.5},
    "kurta": {"shirt": 0.75, "blouse": 0.6, "dress": 0.5, "jacket": 0.45},
    "saree": {"dress": 0.2},
    "shirt": {"blouse": 0.65, "kurta": 0.6, "knit": 0.3},
    "blouse": {"shirt": 0.72, "dress": 0.5, "kurta": 0.5, "knit": 0.3},
    "jacket": {"coat": 0.8, "waistcoat": 0.6},
    "coat": {"jacket": 0.8},
    "waistcoat": {"jacket": 0.85},
    "knit": {"jacket": 0.45, "coat": 0.35, "shirt": 0.4, "blouse": 0.4},
    "suit": {"jacket": 1.0, "trousers": 0.95, "waistcoat": 0.8},
}

# Where the words name no garment, what they speak of often tells.
GARMENTS_OF_AREA = {
    "fly": ["trousers", "jeans"],
    "legs": ["trousers", "jeans"],
    "crotch": ["trousers", "jeans"],
    "seat": ["trousers", "jeans", "skirt"],
    "train": ["bridal", "gown"],
    "strap": ["dress", "blouse", "gown"],
    "bust": ["dress", "gown", "blouse"],
    "loop": ["trousers", "jeans"],
    "fall": ["saree"],
}

# ------------------------------------------------------------------------------------------------ what is then done

# (part, what is wrong) -> (part, work, how surely). A part of None: no part was named.
SHORTEN, LENGTHEN, IN, OUT = "shorten", "lengthen", "takein", "letout"
DAMAGE = ("hole", "open", "missing", "broken", "fray", "patch", "darn", "replace")
LEADS_TO = {
    **{
        (area, op): [(area, op, 1.0)]
        for area in ("waist", "seat", "body", "bust", "legs", "shoulder", "knee", "crotch", "neck")
        for op in (IN, OUT)
    },
    ("sleeve", IN): [("sleeve", IN, 1.0)],
    ("sleeve", OUT): [("sleeve", OUT, 0.9), ("sleeve", LENGTHEN, 0.55)],
    **{("hem", op): [("hem", op, 1.0)] for op in (SHORTEN, LENGTHEN)},
    **{("legs", op): [("hem", op, 0.95)] for op in (SHORTEN, LENGTHEN)},
    **{("knee", op): [("hem", op, 0.8)] for op in (SHORTEN, LENGTHEN)},
    **{("sleeve", op): [("sleeve", op, 1.0)] for op in (SHORTEN, LENGTHEN)},
    **{("cuff", op): [("sleeve", op, 0.9)] for op in (SHORTEN, LENGTHEN)},
    **{("train", op): [("hem", op, 0.6), ("train", op, 0.5)] for op in (SHORTEN,)},
    **{(area, "narrow"): [("legs", IN, 1.0)] for area in (None, "legs", "hem", "knee", "seat")},
    ("sleeve", "narrow"): [("sleeve", IN, 1.0)],
    ("shoulder", "narrow"): [("shoulder", IN, 1.0)],
    ("body", "narrow"): [("body", IN, 0.9)],
    ("waist", "narrow"): [("waist", IN, 0.6)],
    ("cuff", IN): [("sleeve", IN, 0.5)],
    ("hem", IN): [("legs", IN, 0.6)],
    ("collar", OUT): [("collar", OUT, 0.9)],
    ("collar", IN): [("collar", "lower", 0.6)],
    ("crotch", SHORTEN): [("rise", "alter", 1.0)],
    ("crotch", "raise"): [("rise", "alter", 1.0)],
    ("crotch", "slip"): [("rise", "alter", 0.7)],
    ("crotch", LENGTHEN): [("rise", "alter", 0.9)],
    **{("strap", op): [("strap", SHORTEN, 1.0)] for op in (SHORTEN, "slip", IN, "raise", "takein")},
    ("strap", LENGTHEN): [("strap", LENGTHEN, 1.0)],
    ("strap", "add"): [("strap", "add", 0.8)],
    **{
        ("strap", op): [("strap", "repair", 1.0), ("seam", "repair", 0.45)]
        for op in ("broken", "open", "missing", "hole")
    },
    ("shoulder", OUT): [("body", OUT, 0.9)],
    ("shoulder", SHORTEN): [("shoulder", IN, 0.9)],
    ("hem", OUT): [("hem", LENGTHEN, 0.9)],
    ("cuff", OUT): [("sleeve", LENGTHEN, 0.85)],
    **{(area, SHORTEN): [(area, IN, 0.85)] for area in ("waist", "seat", "bust")},
    ("body", SHORTEN): [("body", IN, 0.55)],
    ("shoulder", "slip"): [("strap", SHORTEN, 0.9)],
    ("sleeve", "slip"): [("strap", SHORTEN, 0.4)],
    ("shoulder", "remove"): [("shoulder", IN, 0.8)],
    ("shoulder", "replace"): [("shoulder", IN, 0.6)],
    ("sleeve", "remove"): [("sleeve", "remove", 1.0)],
    ("sleeve", "add"): [("sleeve", "remove", 0.6)],
    **{("neck", op): [("neck", "raise", 1.0)] for op in ("raise", "add", SHORTEN, IN)},
    (None, "raise"): [("neck", "raise", 0.55)],
    ("body", "raise"): [("neck", "raise", 0.6)],
    ("bust", "raise"): [("neck", "raise", 0.8)],
    ("neck", "lower"): [("neck", "raise", 0.5)],
    ("slit", "raise"): [("seam", "repair", 0.5)],
    ("hem", "raise"): [("hem", SHORTEN, 0.9)],
    **{("bust", op): [("bust", "add", 1.0)] for op in ("add", "replace", "missing", "slip")},
    ("body", "add"): [("bust", "add", 0.3)],
    ("body", "slip"): [("body", IN, 0.8)],
    **{("zip", op): [("zip", "replace", 1.0)] for op in ("replace", "missing", "add")},
    ("zip", "remove"): [("zip", "replace", 0.5)],
    **{("zip", op): [("zip", "fix", 0.9)] for op in ("broken", "open", "hole")},
    ("zip", "stuck"): [("zip", "free", 1.0)],
    ("zip", "slip"): [("zip", "free", 0.8)],
    (None, "stuck"): [("zip", "free", 0.6)],
    **{("fly", op): [("zip", "replace", 0.95)] for op in ("replace", "missing", "add", "broken", "open", "hole")},
    ("fly", "stuck"): [("zip", "free", 0.9)],
    **{
        ("button", op): [("button", "sew", 1.0)]
        for op in ("missing", "broken", "open", "replace", "add", "hole", "remove", "stuck", IN, "slip")
    },
    **{("pocket", op): [("pocket", "repair", 1.0)] for op in (*DAMAGE, "slip")},
    ("pocket", "add"): [("pocket", "add", 0.8)],
    **{
        ("lining", op): [("lining", "repair", 1.0)]
        for op in ("hole", "open", "missing", "broken", "fray", "patch", "darn")
    },
    ("lining", "replace"): [("lining", "replace", 1.0)],
    ("lining", "add"): [("lining", "replace", 0.8)],
    ("lining", SHORTEN): [("lining", "repair", 0.4)],
    **{("elastic", op): [("elastic", "replace", 1.0)] for op in (*DAMAGE, "add", IN, OUT, "slip", "stuck")},
    **{
        (area, op): [("collar", "turn", 1.0)]
        for area in ("collar", "cuff")
        for op in ("fray", "hole", "replace", "broken", "missing", "open", "patch", "darn")
    },
    ("collar", "lower"): [("collar", "lower", 1.0)],
    ("collar", SHORTEN): [("collar", "lower", 0.8)],
    **{("bead", op): [("bead", "repair", 1.0)] for op in (*DAMAGE, "add", "slip")},
    **{
        ("knee", op): [("surface", "patch", 1.0)]
        for op in ("hole", "open", "missing", "broken", "fray", "patch", "darn", "add")
    },
    **{("seam", op): [("seam", "repair", 1.0)] for op in (*DAMAGE, "add")},
    **{("crotch", op): [("crotch", "repair", 1.0), ("seam", "repair", 0.4)] for op in (*DAMAGE,)},
    **{("loop", op): [("loop", "repair", 1.0), ("seam", "repair", 0.5)] for op in (*DAMAGE, "add")},
    **{("hem", op): [("seam", "repair", 0.8)] for op in ("open", "missing", "broken")},
    **{("train", op): [("train", "bustle", 1.0)] for op in ("add", "raise", "remove", "broken")},
    **{(None, op): [("surface", "patch", 0.85), ("surface", "darn", 0.8)] for op in ("hole",)},
    (None, "darn"): [("surface", "darn", 1.0), ("surface", "patch", 0.55)],
    (None, "patch"): [("surface", "patch", 1.0)],
    (None, "open"): [("seam", "repair", 0.85)],
    ("body", "open"): [("seam", "repair", 0.9)],
    **{
        (area, op): to
        for area in ("waist", "seat", "legs", "sleeve", "body", "shoulder", "neck", "hem", "bust", "cuff", "collar")
        for op, to in (
            ("hole", [("surface", "patch", 0.8), ("surface", "darn", 0.7)]),
            ("darn", [("surface", "darn", 1.0)]),
            ("patch", [("surface", "patch", 1.0)]),
            ("open", [("seam", "repair", 0.9)]),
        )
        if (area, op)
        not in {
            ("hem", "open"),
            ("collar", "open"),
            ("collar", "hole"),
            ("cuff", "open"),
            ("cuff", "hole"),
            ("collar", "darn"),
            ("cuff", "darn"),
            ("collar", "patch"),
            ("cuff", "patch"),
        }
    },
    **{
        (area, "press"): [("whole", "press", 1.0)]
        for area in (
            None,
            "whole",
            "body",
            "legs",
            "sleeve",
            "collar",
            "lining",
            "bead",
            "seam",
            "waist",
            "bust",
            "train",
        )
    },
    **{
        ("badge", op): [("badge", "add", 1.0)]
        for op in ("add", "replace", "remove", "patch", "missing", "open", "broken")
    },
    **{("fall", op): [("fall", "add", 1.0)] for op in ("add", "replace", "open", "broken", "missing")},
    ("closure", "replace"): [("body", OUT, 0.7)],
    ("closure", "add"): [("body", OUT, 0.7)],
    (None, "make"): [("make", "make", 1.0)],
}

# What a small word says beside a part: sleeves up, waist in.
PARTICLES = {
    "shorten": (r"up", ("sleeve", "hem", "strap", "legs", "cuff")),
    "lengthen": (r"down", ("sleeve", "hem", "strap", "legs", "cuff")),
    "takein": (r"in", ("waist", "seat", "body", "bust", "legs", "sleeve", "shoulder", "crotch")),
    "letout": (r"out", ("waist", "seat", "body", "bust", "sleeve")),
}

# Parts that say by themselves what is wanted, where no other word does.
ALONE = {
    "badge": ("badge", "add", 0.9),
    "train": ("train", "bustle", 0.35),
    "button": ("button", "sew", 0.5),
    "zip": ("zip", "fix", 0.45),
    "fly": ("zip", "replace", 0.45),
    "elastic": ("elastic", "replace", 0.5),
    "pocket": ("pocket", "repair", 0.35),
    "fall": ("fall", "add", 0.5),
    "hem": ("hem", "shorten", 0.55),
    "strap": ("strap", "shorten", 0.3),
    "bead": ("bead", "repair", 0.3),
    "crotch": ("crotch", "repair", 0.3),
    "lining": ("lining", "repair", 0.3),
    "loop": ("loop", "repair", 0.5),
    "bust": ("bust", "add", 0.3),
    "collar": ("collar", "turn", 0.3),
    "neck": ("neck", "raise", 0.3),
}

# The part meant where only a direction is said, by garment.
AT_WAIST = ("trousers", "jeans", "shorts", "skirt", "leggings", "lehenga", "nightwear")

# ------------------------------------------------------------------------------------------------ likeness of work

SAME_WORK = {
    ("replace", "fix"): 0.8,
    ("fix", "replace"): 0.94,
    ("free", "fix"): 0.85,
    ("fix", "free"): 0.75,
    ("free", "replace"): 0.4,
    ("replace", "free"): 0.25,
    ("darn", "patch"): 0.6,
    ("patch", "darn"): 0.6,
    ("repair", "replace"): 0.5,
    ("replace", "repair"): 0.5,
    ("repair", "patch"): 0.6,
    ("repair", "darn"): 0.6,
    ("patch", "repair"): 0.6,
    ("darn", "repair"): 0.6,
    ("turn", "repair"): 0.6,
    ("shorten", "repair"): 0.4,
    ("repair", "shorten"): 0.5,
    ("replace", "turn"): 0.8,
    ("turn", "replace"): 0.8,
    ("add", "replace"): 0.7,
    ("replace", "add"): 0.6,
    ("sew", "replace"): 0.7,
    ("bustle", "add"): 0.8,
}
OPPOSITES = {"shorten": "lengthen", "lengthen": "shorten", "takein": "letout", "letout": "takein"}

SAME_PART = {
    ("waist", "body"): 0.7,
    ("waist", "seat"): 0.55,
    ("seat", "waist"): 0.8,
    ("seat", "body"): 0.6,
    ("body", "waist"): 0.45,
    ("bust", "body"): 0.8,
    ("body", "bust"): 0.45,
    ("waist", "bust"): 0.3,
    ("neck", "body"): 0.3,
    ("body", "neck"): 0.2,
    ("bust", "neck"): 0.3,
    ("legs", "seat"): 0.35,
    ("seat", "legs"): 0.2,
    ("shoulder", "body"): 0.3,
    ("sleeve", "shoulder"): 0.25,
    ("legs", "body"): 0.15,
    ("sleeve", "body"): 0.3,
    ("waist", "elastic"): 0.3,
    ("crotch", "seam"): 0.6,
    ("crotch", "surface"): 0.65,
    ("seam", "crotch"): 0.35,
    ("surface", "crotch"): 0.2,
    ("seam", "surface"): 0.35,
    ("surface", "seam"): 0.35,
    ("surface", "lining"): 0.15,
    ("pocket", "lining"): 0.6,
    ("lining", "pocket"): 0.15,
    ("pocket", "surface"): 0.45,
    ("pocket", "seam"): 0.45,
    ("lining", "seam"): 0.35,
    ("lining", "surface"): 0.3,
    ("bead", "surface"): 0.4,
    ("leather", "surface"): 0.7,
    ("leather", "seam"): 0.6,
    ("strap", "seam"): 0.3,
    ("loop", "seam"): 0.7,
    ("cuff", "collar"): 0.8,
    ("rise", "crotch"): 0.3,
    ("rise", "seat"): 0.45,
    ("neck", "strap"): 0.35,
    ("knee", "surface"): 1.0,
    ("surface", "knee"): 0.7,
}
