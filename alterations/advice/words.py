"""Makes texts comparable: small letters without accents and apostrophes, slips of the pen mended, cut into clauses."""

import re
import unicodedata
from functools import lru_cache

MOST_CLAUSES = 24  # a complaint of more is somebody's novel: its beginning says what is wanted

ELISION = re.compile(r"\b([ldjmtscn]|qu)['’](?=[a-z])")
APOSTROPHES = re.compile(r"['’`´]")
JOINTS = re.compile(r"[-‐‑/_]+")
ENDS = re.compile(
    r"[.;:!?\n\r\t,()\[\]–—…]+|\s-\s|\b(?:and(?: also| then| the)?|plus|then|also|but|as well as|y|et|pero|mais|e|puis|ademas)\b"
)
NOT_A_WORD = re.compile(r"[^a-z0-9 ]+")
SPACES = re.compile(r" {2,}")
DECIMAL = re.compile(r"(?<=\d)[.,](?=\d)")

# What many hands write, and what they mean.
SLIPS = {
    "jeens": "jeans", "jeens": "jeans", "trowsers": "trousers", "trousors": "trousers", "trouzers": "trousers", "pantz": "pants", "skrt": "skirt",
    "shrt": "shirt", "shrts": "shirts", "jackit": "jacket", "jaket": "jacket", "jackt": "jacket", "blaser": "blazer", "blouze": "blouse", "bluse": "blouse",
    "dres": "dress", "drees": "dress", "gownd": "gown", "waste": "waist", "wayst": "waist", "waistt": "waist", "wasteband": "waistband",
    "slevs": "sleeves", "sleves": "sleeves", "sleevs": "sleeves", "sleave": "sleeve", "sleaves": "sleeves", "slieves": "sleeves", "colar": "collar",
    "coller": "collar", "linning": "lining", "lineing": "lining", "linin": "lining", "zipp": "zip", "ziper": "zipper", "zippr": "zipper", "buton": "button",
    "butons": "buttons", "buttn": "button", "pockit": "pocket", "poket": "pocket", "sholder": "shoulder", "sholders": "shoulders", "shoulda": "shoulder",
    "bodise": "bodice", "nekline": "neckline", "hemn": "hem", "hemm": "hem", "hemed": "hemmed", "heming": "hemming", "croch": "crotch",
    "shortn": "shorten", "shorton": "shorten", "shotren": "shorten", "lenghten": "lengthen", "lengthn": "lengthen", "leangthen": "lengthen",
    "tite": "tight", "tyte": "tight", "thight": "tight", "losse": "loose", "lose fitting": "loose", "bagy": "baggy", "brocken": "broken", "brokn": "broken",
    "riped": "ripped", "tored": "torn", "wholes": "holes", "hol": "hole", "inchs": "inches", "inchies": "inches", "bussel": "bustle", "bustel": "bustle",
    "elastick": "elastic", "replase": "replace", "repare": "repair", "reper": "repair", "repiar": "repair", "stich": "stitch", "stiching": "stitching",
    "seem": "seam", "seems split": "seam split", "weding": "wedding", "brides": "bride", "plz": "please", "pls": "please", "r": "are", "u": "you",
    "ur": "your", "em": "them", "cuz": "because", "gonna": "going to", "wanna": "want to", "thats": "that is", "mi": "my", "mah": "my", "wud": "would",
    "tapper": "taper", "tappered": "tapered", "narow": "narrow", "ankel": "ankle", "ankels": "ankles", "floore": "floor", "botton": "button", "bottum": "bottom",
    "tousers": "trousers", "trouses": "trousers", "trosers": "trousers", "jumpr": "jumper", "cardagan": "cardigan", "swetter": "sweater", "swter": "sweater",
}  # fmt: skip

# Words that a slip of one letter may have been meant for.
MEANT = frozenset(
    """trousers jeans skirt shirt blouse dress jacket blazer waistcoat cardigan jumper sweater hoodie tuxedo bridesmaid wedding
    sleeve sleeves shoulder shoulders waist waistband collar pocket pockets lining zipper button buttons buttonhole elastic drawstring crotch bodice
    neckline strap straps stitching seams shorten shortened lengthen tighten taper narrow replace repair broken ripped ripping missing
    loose baggy tight frayed patch bustle hemmed hemming shorter longer smaller bigger inches embroider embroidery monogram sequins beading
    pressing steaming ironing wrinkled creased cashmere leather suede velvet lehenga kurta saree""".split()
)
# Words of one letter's distance from these that are no slips.
RIGHT = frozenset(
    """parts plants paints pant pints press dresser dressed dresses dressy skirts skirted shirts short shorts shirty shore shared sheets jackets blazers
    weeding bedding collars collard seems steams teams beams reams shortens tightens lengthens waists buttoned button mutton cotton bottom bottoms
    rocket rockets packet packets ticket locket socket pocketed string strings straight stripe stripes trap traps strip strips strop stray scrap scraps
    tapes paper papers tapped tape taper tapered narrows arrow marrow token spoken broke sleep sleeved sleeper steeple moose goose lose loosen loosely
    noose light fight might night right sight tights eight weight height patchy match catch watch latch hatch batch bustled rustle hustle hemming humming
    longer linger lounge small smells bigger trigger inched riches leathers feather feathers weather heather velvety blouses house mouse louse
    shoulders soldiers bolder holder folder older replaced replaces repairs repairing ripping dripping gripping tripping tripped dripped gripped
    flipped clipped slipped whipped shipped chipped stripped zipped dipped sipped tipped missed kissing hissing pissing mission lining linings living
    dining mining pining fining linking liking winning tuxedos wedded welding sending lending mending ending ready reads bodies seam seamed bearing
    beading heading reading leading bedding breading beaded sequin creases increased creased greased ceased pleased leased pressed dressing pleasing
    preying stressing fray frayed prayed played grayed strayed waistcoats embroidered monograms hoodies sarees kurtas""".split()
)  # fmt: skip
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
SMALL = frozenset(
    """the a an and or of to in on at is are was it its this that these those my your his her our their i you he she we they me him them us for
    with without from by as be been have has had do does did can could would will shall should may might please like need want some any so too
    very just about up down out off over under more most much many one two three new no not now then than there here what which who how when where
    if but also get got put take make made go goes going come comes el la los las un una unos de del y en que se me le lo mi su es esta con para por
    le les une des du et est il elle je ma mon mes sur au aux dans pour ne pas a l d j s n c qu any each per piece set all garment garments other""".split()
)


@lru_cache(maxsize=20_000)
def stem(word):
    for suffix in SUFFIXES:
        if len(word) - len(suffix) >= 3 and word.endswith(suffix):
            word = word[: -len(suffix)]
            break
    return word[:-1] if len(word) > 3 and word[-1] == word[-2] else word


def stems(clause):
    return [stem(word) for word in clause.split() if word not in SMALL and not word.isdigit()]
