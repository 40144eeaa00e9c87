"""What one row of an import says: texts in, values or complaints out; no database.

A column that is not in the file says nothing. An empty cell says "none" where there may be none (price, size, colour,
style, category, outfit type) and nothing elsewhere.
"""

import difflib
import re
import unicodedata
from dataclasses import dataclass, field
from decimal import Decimal

from boutique.texts import is_invisible
from skus import gtin
from skus.models import MOST_MONEY, Product, code_text
from skus.sheets import LONGEST_CELL, MOST_COLUMNS, BadFile, Spoilt

COLUMNS = (
    "code", "product_code", "product_name", "category", "outfit_type", "kind", "unit", "size", "colour", "style",
    "base_price", "price", "tax_rate", "barcode", "is_active",
)  # fmt: skip
OF_PRODUCT = ("product_name", "category", "outfit_type", "kind", "unit", "base_price", "tax_rate")
MAY_BE_NONE = {"category": (), "outfit_type": "", "price": None, "size": "", "colour": "", "style": ""}
TRUE, FALSE = {"true", "yes", "1", "wahr", "ja"}, {"false", "no", "0", "falsch", "nein"}
PLAIN = re.compile(r"[0-9]{1,12}(?:[.,][0-9]{1,2})?", re.ASCII)
ENGLISH = re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+\.[0-9]{1,2}", re.ASCII)
GERMAN = re.compile(r"[0-9]{1,3}(?:\.[0-9]{3})+,[0-9]{1,2}", re.ASCII)
SCIENTIFIC = re.compile(r"([0-9])[.,]?([0-9]*)E\+?([0-9]{1,2})", re.ASCII | re.IGNORECASE)
AMBIGUOUS = re.compile(r"[0-9]{1,3}[.,][0-9]{3}", re.ASCII)
NEGATIVE = re.compile(r"[-−–]\D*[0-9]")
# Not the D in USD79, nor what is before and behind the e in 1e3.
DIGITS = re.compile(r"(?:(?<![A-Za-z])[OoIl|S])*[0-9][0-9OoIl|S.,]*", re.ASCII)
# Is 1O5 a 105, a 15, or a slip of another kind? Only at the ends of a number are letters plainly a slip.
BETWEEN_DIGITS = re.compile(r"[0-9][^0-9]*(?:[^\W\d_]|\|)[^0-9]*[0-9]")
LOOKALIKES = str.maketrans("OoIl|S", "001115")
DEEPEST = 10
LONGEST_SHOWN = 100


class BadCell(ValueError):
    def __init__(self, message, code="invalid"):
        super().__init__(message)
        self.code = code


@dataclass
class Row:
    number: int
    cells: dict
    said: dict = field(default_factory=dict)
    errors: list = field(default_factory=list)
    misread: tuple = ()
    # What is found out about it later (skus.services.batches).
    product = sku = variant = barcode = None
    is_new = is_changed = False

    def afresh(self):
        """As it was read: what was found out about it in a transaction that was rolled back is forgotten."""
        self.errors = list(self.misread)
        self.product = self.sku = self.variant = self.barcode = None
        self.is_new = self.is_changed = False

    def wrong(self, column, code, message):
        value = self.cells.get(column, "")[:LONGEST_SHOWN]
        self.errors.append({"row": self.number, "column": column, "value": value, "code": code, "message": message})

    def column(self, *names):
        """The first of these that is in the file."""
        return next((name for name in names if name in self.cells), names[0])

    def says(self, *columns):
        return {column: self.said[column] for column in columns if column in self.said}


def good(rows):
    return [row for row in rows if not row.errors]


def said(rows, column):
    """All that good rows say in this column, each once and in their order."""
    return list(dict.fromkeys(row.said[column] for row in good(rows) if row.said.get(column)))


def checked_header(names):
    """Every column by a name that we know, once."""
    problems = []
    for number, name in enumerate(names, 1):
        if not name:
            problems.append(f"Column {number} has no name.")
        elif name not in COLUMNS:
            close = difflib.get_close_matches(name, COLUMNS, 1)
            meant = f" Is {close[0]} meant?" if close else ""
            problems.append(f"There is no column {name[:LONGEST_SHOWN]!r}.{meant}")
        elif name in names[: number - 1]:
            problems.append(f"The column {name} is there twice.")
    if len(names) > MOST_COLUMNS:
        problems = problems[:MOST_COLUMNS]
    if problems:
        raise BadFile(f"{' '.join(problems)} The columns are: {', '.join(COLUMNS)}.")
    if not {"code", "product_code", "product_name"} & set(names):
        raise BadFile("No column says which SKUs these are. There must be code, product_code or product_name.")


def read(number, header, cells):
    row = Row(number, dict(zip(header, [*cells, *[""] * len(header)], strict=False)))
    if any(cells[len(header) :]):
        text = f"This row has more cells than the header, which has {len(header)}. Is there a comma not in quotes?"
        row.wrong("", "too_many_cells", text)
        row.misread = tuple(row.errors)
        return row
    for column, text in row.cells.items():
        try:
            read_cell(row, column, text)
        except BadCell as error:
            row.wrong(column, error.code, str(error))
    if row.errors and isinstance(row.said.get("barcode"), WrongDigit):
        row.wrong("barcode", "check_digit", row.said["barcode"].message)
    row.misread = tuple(row.errors)
    return row


def read_cell(row, column, text):
    if len(text) > LONGEST_CELL:
        raise BadCell(f"At most {LONGEST_CELL} characters.", "max_length")
    if isinstance(text, Spoilt) and not (column == "barcode" and SCIENTIFIC.fullmatch(text)):
        raise BadCell(text.why)
    text = tidied(text)
    if text:
        row.said[column] = READERS[column](text)
    elif column in MAY_BE_NONE:
        row.said[column] = MAY_BE_NONE[column]


# ------------------------------------------------------------------------------------------------ texts


def tidied(text):
    """As we keep texts: NFC, no space around them, on one line."""
    text = unicodedata.normalize("NFC", text)
    if not text.isprintable():
        text = "".join(" " if letter in "\n\r\t" else letter for letter in text if storable(letter))
    return re.sub(" {2,}", " ", text).strip() if "  " in text else text.strip()


def storable(letter):
    return letter in "\n\r\t" or not (unicodedata.category(letter) in ("Cc", "Cs") or letter in "\ufffe\uffff")


def text_of(longest):
    def read_text(text):
        if len(text) > longest:
            raise BadCell(f"At most {longest} characters; these are {len(text)}.", "max_length")
        if is_invisible(text):
            raise BadCell("Nothing can be seen of this. Write letters, or leave the cell empty.", "blank")
        return text

    return read_text


def code_of(longest):
    def read_code(text):
        code = text_of(longest)(text.upper())
        if not code_text.regex.match(code):
            raise BadCell("A code has letters A to Z, digits, . _ and - only, and begins with a letter or digit.")
        return code

    return read_code


def choice_of(choices):
    def read_choice(text):
        wanted = text.lower()
        if wanted not in choices.values:
            raise BadCell(f"Not one of: {', '.join(choices.values)}.", "invalid_choice")
        return wanted

    return read_choice


def truth(text):
    if text.lower() in TRUE | FALSE:
        return text.lower() in TRUE
    raise BadCell("Write true or false.")


# ------------------------------------------------------------------------------------------------ numbers


def amount(text):
    """79.00, and as other countries write it: 79,00, 1.234,50, 1,234.50. What may mean two things is refused."""
    found = decimal(text)
    if found is None:
        raise no_amount(text)
    if found > MOST_MONEY:
        raise BadCell(f"At most {MOST_MONEY}.", "max_value")
    return found


def no_amount(text):
    number = number_in(text)
    if AMBIGUOUS.fullmatch(number):
        whole, cents = re.sub("[.,]", "", number), re.sub("[.,]", ".", number)[:-1]
        return BadCell(f"{number} may mean {whole}.00 or {cents}: write all digits and a point for the cents.")
    meant = decimal(number)
    if meant is None:
        return BadCell("Not an amount. Write digits and a point for the cents, for example 79.00.")
    if NEGATIVE.search(text):
        return BadCell("Not less than 0.", "min_value")
    return BadCell(f"Not an amount. Write it as {meant:.2f}.")


def number_in(text):
    """The only number in it, put right where letters stand for digits (79,0O). Empty where it would be a guess."""
    if BETWEEN_DIGITS.search(text):
        return ""
    runs = DIGITS.findall(re.sub(r"(?<=[0-9])[\s'’](?=[0-9]{3}(?![0-9]))", "", text))
    return runs[0].translate(LOOKALIKES) if len(runs) == 1 else ""


def decimal(text):
    if PLAIN.fullmatch(text):
        text = text.replace(",", ".")
    elif ENGLISH.fullmatch(text):
        text = text.replace(",", "")
    elif GERMAN.fullmatch(text):
        text = text.replace(".", "").replace(",", ".")
    else:
        return None
    return Decimal(text).quantize(Decimal("0.01"))


def percentage(text):
    found = decimal(text.removesuffix("%").rstrip())
    if found is None or found > 100:
        raise BadCell("Not a percentage from 0 to 100. Write digits and a point, for example 19.00.")
    return found


# ------------------------------------------------------------------------------------------------ barcodes


class WrongDigit(tuple):
    """Looks like a GTIN and is none: to be refused, unless the SKU has had it for a code of the house's own."""

    def __new__(cls, text, message):
        forms = super().__new__(cls, [text])
        forms.message = message
        return forms


def barcode(text):
    """In its normal form; or, where a spreadsheet may have dropped zeros, both forms it may have had."""
    if found := SCIENTIFIC.fullmatch(text):
        text = written_out(*found.groups())
    try:
        if gtin.digits_of(gtin.folded(text)):
            return (gtin.gtin(text),)
        plain = gtin.plain(text)
    except gtin.WrongCheckDigit as error:
        return WrongDigit(gtin.folded(text), str(error))
    except gtin.BadCode as error:
        raise BadCell(str(error)) from None
    if len(plain) in (10, 11) and plain.isdecimal() and gtin.is_gtin(plain.zfill(12)):
        return (plain.zfill(14), plain)
    return (plain,)


def written_out(first, more, exponent):
    digits = first + more
    if len(digits) != int(exponent) + 1:
        raise BadCell("The spreadsheet has rounded this number. Format the column as text, and type it again.")
    return digits


# ------------------------------------------------------------------------------------------------ categories

STEP = re.compile(r"(?:\\.|[^>\\])+|\\\Z", re.DOTALL)


def category(text):
    """Women > Dresses, as the names on the way."""
    if re.search(r"(?:\A|(?<!\\)>)\s*(?:>|\Z)", text):
        raise BadCell("A category is a name, or a way to it: Women > Dresses.")
    steps = tuple(re.sub(r"\\(.)", r"\1", step).strip() for step in STEP.findall(text))
    if not all(steps) or any(is_invisible(step) for step in steps):
        raise BadCell("A category is a name, or a way to it: Women > Dresses.")
    if len(steps) > DEEPEST or any(len(step) > 80 for step in steps):
        raise BadCell(f"At most {DEEPEST} names of at most 80 characters each.", "max_length")
    return steps


def category_text(steps):
    return " > ".join(step.replace("\\", "\\\\").replace(">", "\\>") for step in steps)


READERS = {
    "code": code_of(60),
    "product_code": code_of(20),
    "product_name": text_of(200),
    "category": category,
    "outfit_type": code_of(20),
    "kind": choice_of(Product.Kind),
    "unit": choice_of(Product.Unit),
    "size": text_of(40),
    "colour": text_of(40),
    "style": text_of(40),
    "base_price": amount,
    "price": amount,
    "tax_rate": percentage,
    "barcode": barcode,
    "is_active": truth,
}
