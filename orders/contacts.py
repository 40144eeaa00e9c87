"""How people are reached, in one form: texts in, texts out."""

import re

import phonenumbers

LONGEST_PHONE = 16  # a plus and fifteen digits, the most that any country has
FEWEST_DIGITS = 5
WRITTEN = re.compile(r"\+?[0-9 ()./\-]+", re.ASCII)
# Between the groups of a number as people write them: 040 / 123-45 67.
GAP = re.compile(r"(?<=[0-9])[ ()./\-]+(?=[0-9])", re.ASCII)


def phone(text, region):
    """A number with its country, +49401234567, where it is one; else its digits. None if it cannot be a number."""
    if not WRITTEN.fullmatch(text.strip()):
        return None
    number = parsed(text, region)
    if number is not None:
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    digits = ("+" if text.strip().startswith("+") else "") + digits_of(text)
    return digits if FEWEST_DIGITS <= len(digits) < LONGEST_PHONE else None


def parsed(text, region):
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    return number if phonenumbers.is_valid_number(number) else None


def digits_of(text):
    return "".join(letter for letter in text if letter in "0123456789")


def ways_to_dial(phone, region):
    """A kept number as it may be typed: with its country, and at home."""
    ways = [digits_of(phone)]
    if (number := parsed(phone, region)) is not None:
        ways.append(digits_of(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL)))
    return list(dict.fromkeys(way for way in ways if way))


def endings(phone, region):
    """All that a number ends with: whoever remembers its last digits finds it by the beginning of one of these."""
    return list(dict.fromkeys(way[start:] for way in ways_to_dial(phone, region) for start in range(len(way) - 1)))


def joined(text):
    """What was asked, the groups of each number drawn together: one word, not four."""
    return GAP.sub("", re.sub(r"(?<![0-9])(\+|00)(?=[0-9])", "", text))
