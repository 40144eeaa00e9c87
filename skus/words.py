"""The words that things are found by: without accents and case, cut at every sign that is no letter.

Said twice, in Python for what is asked and in SQL for what is kept; a test holds the two together.
"""

import re
import unicodedata

MARKS = "\u0300-\u036f"
SIGNS = r"""-/._,;:+*&#'"()\[\]<>|!?%@=~^$`´’‘“”„–—\\"""
NO_WORD = re.compile(f"[{SIGNS}\\s]+")
# Small letters that are one letter to people who search: Straße is STRASSE, and a word goes on behind its final sigma.
ALIKE = {"ß": "ss", "ς": "σ", "ı": "i"}


def folded(text):
    bare = re.sub(f"[{MARKS}]", "", unicodedata.normalize("NFKD", text))
    small = NO_WORD.sub(" ", bare).lower().strip()
    for letter, same in ALIKE.items():
        small = small.replace(letter, same)
    return small


def folded_sql(expression):
    """The same in PostgreSQL, of a text expression, for a statement that takes parameters."""
    bare = f"regexp_replace(normalize({expression}, NFKD), '[{MARKS}]', '', 'g')"
    signs = SIGNS.replace("'", "''").replace("%", "%%")
    small = f"lower(regexp_replace({bare}, '[{signs}\\s]+', ' ', 'g'))"
    for letter, same in ALIKE.items():
        small = f"replace({small}, '{letter}', '{same}')"
    return small


def prefixes(text):
    """A raw tsquery: every word must be there, or begin so."""
    words = folded(text).split()
    return " & ".join(f"'{word}':*" for word in words)
