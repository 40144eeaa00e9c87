"""What is a text, wherever it comes from."""

import unicodedata

INVISIBLE = {"Cc", "Cf", "Mn", "Zs", "Zl", "Zp"}


def is_invisible(text):
    """It has letters, and nobody sees any of them."""
    return bool(text) and all(unicodedata.category(letter) in INVISIBLE for letter in text)
