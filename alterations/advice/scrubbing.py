"""Takes out of a text who it is about, before it is kept or sent: known values first, then whatever looks like one."""

import re

NAME, PHONE, EMAIL, ADDRESS, NUMBER, LINK = "[name]", "[phone]", "[e-mail]", "[address]", "[number]", "[link]"

TITLE = r"(?:Mrs?|Ms|Miss|Mx|Dr|Prof|Sir|Madam|Sra?|Srta|Don|Doña|Mme|Mlle|M|Herr|Frau)\.?"
CAPITAL = r"[A-ZÀ-ÖØ-Þ][\w'’À-ÿ-]{1,40}"
NAMES = rf"{CAPITAL}(?:\s+{CAPITAL}){{0,2}}"
STREET = (
    r"(?:street|st|road|rd|avenue|ave|lane|ln|drive|dr|close|court|ct|way|place|pl|square|sq|terrace|gardens"
    r"|crescent|boulevard|blvd|row|mews|hill|park)"
)
STRASSE = r"(?:stra(?:ß|ss)e|weg|platz|allee|gasse|str\.)"
RUE = r"(?:rue|avenue|boulevard|calle|avenida|plaza|via|piazza)\s+(?:d[eua]s?\s+|la\s+|l['’])*[\w'’À-ÿ-]+"
INTRODUCED = (
    r"(?i:my name is|my name['’]s|i am called|name:|signed|regards,?|thanks,?|this is|speaking to|me llamo|soy"
    r"|mi nombre es|je m['’]appelle|je suis)"
)
BELONGS = (
    r"(?i:customer|client|bride|groom|daughter|son|husband|wife|mother|mum|mom|father|dad|sister|brother|friend"
    r"|boss|clienta?|hija|hijo|madre|fille|fils|mère|mari|femme)"
)
# Whoever is introduced so is named next, however it is written.
CALLED = r"my name is|my name['’]s|name is|i am called|me llamo|mi nombre es|je m['’]appelle"
PATTERNS = (
    (re.compile(r"\b(?:https?://|www\.)\S+", re.I), LINK),
    (re.compile(r"(?<![\w.+-])[\w.+-]{1,64}\s?(?:@|\(at\)|\[at\])\s?[\w-]+(?:\s?\.\s?[\w-]+)+", re.I), EMAIL),
    (re.compile(r"\b(?:ALT|ORD|SALE|PO|TRF|REQ|CNT|ADJ|CUS)-?\d+\b", re.I), NUMBER),
    (re.compile(r"\b[\w.+-]{1,64}\s+at\s+[\w-]+(?:\s+dot\s+[\w-]+)+", re.I), EMAIL),
    (re.compile(r"(?<![\w.])(?:\+|00)?\(?\d(?:[\s()./-]{0,2}\d){6,}(?![\w])"), PHONE),
    (re.compile(rf"\b(?:{CAPITAL}\s+){{1,3}}(?i:{STREET})\s+\d{{1,4}}[a-z]?\b"), ADDRESS),
    (re.compile(rf"\b\d{{1,5}}[a-z]?,?\s+(?:{CAPITAL}\s+){{0,3}}{STREET}\b\.?", re.I), ADDRESS),
    (re.compile(rf"\b{CAPITAL}(?:\s+{CAPITAL}){{0,2}}\s*{STRASSE}\s*\d{{1,4}}[a-z]?\b", re.I), ADDRESS),
    (re.compile(rf"\b{CAPITAL}{STRASSE}\s*\d{{1,4}}[a-z]?\b", re.I), ADDRESS),
    (re.compile(rf"\b\d{{1,4}},?\s+{RUE}|\b{RUE}(?:\s+[\w'’À-ÿ-]+)?,?\s*(?:n[.º°]?\s*)?\d{{1,4}}\b", re.I), ADDRESS),
    (re.compile(r"\b[A-Z]{1,2}\d[A-Z\d]?\s?\d[A-Z]{2}\b"), ADDRESS),
    (re.compile(r"\b\d{5}(?:-\d{4})?\b(?=\s+[A-ZÀ-Þ]|\s*[,.]|\s*$)"), ADDRESS),
    (re.compile(rf"\b{TITLE}\s+{NAMES}"), NAME),
    (re.compile(r"\b(?:mrs?|ms|mx)\.?\s+[^\W\d_][\w'’-]+", re.I), NAME),
    (re.compile(rf"\b({BELONGS})(\s+){NAMES}"), rf"\1\2{NAME}"),
    (re.compile(rf"\b{CAPITAL}\s+{CAPITAL}(?=['’]s\b)"), NAME),
    (re.compile(rf"\b({CALLED})(\s+)[^\W\d_][\w'’-]+(?:\s+[^\W\d_][\w'’-]+)?", re.I), rf"\1\2{NAME}"),
    (re.compile(rf"\b({INTRODUCED})(\s+){NAMES}"), rf"\1\2{NAME}"),
    (re.compile(r"\d{6,}"), NUMBER),
)
SHORTEST = 2
# Telephones and word processors write other dashes and spaces than people type.
PLAIN = str.maketrans({**dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-"), "\u00a0": " ", "\u202f": " "})
BETWEEN = r"[\s()./-]{0,2}"  # the digits of a number


def scrubbed(text, known=()):
    """`known`: pairs of what must not be read any more, and the mark to stand for it."""
    text = text.translate(PLAIN)
    for value, mark in sorted(known, key=lambda pair: -len(pair[0])):
        if len(value.strip()) >= SHORTEST:
            words = r"\s+".join(re.escape(word) for word in value.translate(PLAIN).split())
            if mark == PHONE:
                words = BETWEEN.join(re.escape(sign) for sign in value if sign.isdigit())
            text = re.sub(rf"(?<!\w){words}(?:['’]s)?(?!\w)", mark, text, flags=re.I)
    for pattern, mark in PATTERNS:
        text = pattern.sub(mark, text)
    return text


def values_of(*, name="", phone="", email="", address="", numbers=()):
    """What is known of a customer, in the forms that a text may have it in."""
    known = [(name, NAME), (email, EMAIL), (address, ADDRESS)]
    known += [(part.strip(".,"), NAME) for part in name.split()]
    known += [(part.strip(" ,"), ADDRESS) for part in re.split(r"[\n,]", address) if not part.strip().isdigit()]
    known += [(number, NUMBER) for number in numbers]
    digits = re.sub(r"\D", "", phone)
    if digits:
        known += [(phone, PHONE), (digits, PHONE), (digits[-7:], PHONE), ("0" + digits[-10:], PHONE)]
    return [(value, mark) for value, mark in known if value]
