"""What a till prints: receipts, and the report of a till. Rows are said once, and set on a roll or on A4."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from io import BytesIO
from zoneinfo import ZoneInfo

from django.conf import settings

from boutique.tables import paper
from boutique.tables.paper import BOLD, REGULAR
from inventory.services.ledger import plain
from skus import symbols
from skus.ink import Ink
from skus.labels import DOT, MM, settable

GREY = 0.42
MOST_LINES = 8  # of one text
WIDEST = 0.6  # of the room, for what stands at the right; the rest stands below
UNITS = {"piece": "", "metre": " m"}
METHODS = {"cash": "Cash", "card": "Card", "transfer": "Bank transfer", "other": "Other"}


@dataclass(frozen=True, kw_only=True)
class Layout:
    """Points. A roll is as long as what stands on it."""

    page: tuple
    margin: tuple  # beside, and above and below
    size: float
    is_roll: bool = False
    module: float  # of the bars: a whole number of the printer's dots
    bars: float

    @property
    def room(self):
        return self.page[0] - 2 * self.margin[0]

    @property
    def leading(self):
        return self.size * 1.35

    @property
    def whole(self):
        """What fits between the margins of a page, its foot left out."""
        return self.page[1] - 2 * self.margin[1] - (0 if self.is_roll else 2 * self.leading)


# A page of PDF is at most 14,400 points long.
LAYOUTS = {
    "roll_80mm": Layout(
        page=(80 * MM, 14_000), margin=(4.5 * MM, 5 * MM), size=8, is_roll=True, module=8 * DOT * MM, bars=13 * MM
    ),
    "a4": Layout(page=(210 * MM, 297 * MM), margin=(22 * MM, 20 * MM), size=9.5, module=8 * DOT * MM, bars=15 * MM),
}


# ------------------------------------------------------------------------------------------------ rows


@dataclass(frozen=True)
class Words:
    """A text over the whole width, in the middle if it heads the paper."""

    text: str
    bold: bool = False
    grey: float = 0
    scale: float = 1
    is_middle: bool = False


@dataclass(frozen=True)
class Pair:
    """What it is, and how much; below it, in grey, how that came about. `instead`: where no font has its letters."""

    left: str
    right: str = ""
    bold: bool = False
    below: Sequence = ()
    instead: str = ""


@dataclass(frozen=True)
class Rule:
    pass


@dataclass(frozen=True)
class Bars:
    """A number as a scanner reads it."""

    value: str


@dataclass(frozen=True)
class Slip:
    title: str
    rows: list = field(default_factory=list)


def money(amount):
    return f"{Decimal(amount):,.2f}"


def currency(amount):
    return f"{money(amount)} {settings.BOUTIQUE_CURRENCY}"


# ------------------------------------------------------------------------------------------------ the till's report


def of_till(session, shown):
    """`shown`: the report as the API tells it."""
    till, place = shown["session"], session.location
    rows = [
        *head(place, "Till report" if session.is_open else "Z-report"),
        Pair("Till", session.number, bold=True),
        Pair("Register", session.register),
        Pair("Business day", str(till["business_date"])),
        Pair("Opened", clock(session.opened_at, place), below=[str(session.created_by)]),
    ]
    if not session.is_open:
        rows.append(Pair("Closed", clock(session.closed_at, place), below=[str(session.closed_by)]))
    rows += [Rule(), Words("Taken", bold=True)]
    for tender in shown["tenders"]:
        back = [f"paid back {money(tender['refunds'])}"] if Decimal(tender["refunds"]) else []
        rows.append(Pair(f"{METHODS[tender['method']]} ({tender['count']})", money(tender["net"]), below=back))
    rows.append(Pair("Documents", str(shown["documents"])))
    if shown["days"]:
        rows += [Rule(), Words("By business day", bold=True)]
        rows += [Pair(str(day["business_date"]), money(day["net"])) for day in shown["days"]]
    rows += [Rule(), Words("Cash drawer", bold=True), Pair("Float", money(till["float"]))]
    for move in shown["cash_moves"]:
        sign = "+" if move["kind"] == "cash_in" else "−"
        rows.append(Pair(move["reason"], f"{sign}{money(move['amount'])}"))
    rows += [
        Pair("Cash taken", f"+{money(till['cash_payments'])}"),
        Pair("Cash paid back", f"−{money(till['cash_refunds'])}"),
        Pair("Expected", currency(till["expected"]), bold=True),
    ]
    if not session.is_open:
        coins = [f"{one['count']} × {money(one['value'])}" for one in till["denominations"] if one["count"]]
        rows += [
            Pair("Counted", currency(till["counted"]), bold=True, below=coins),
            Pair("Variance", currency(till["variance"]), bold=True),
        ]
    if session.note:
        rows += [Rule(), *(Words(line) for line in session.note.split("\n"))]
    return Slip(f"Z-report {session.number}", rows)


# ------------------------------------------------------------------------------------------------ receipts

TITLES = {"sale": "Receipt", "gift": "Gift receipt", "return": "Return"}


def of_receipt(place, told):
    """`told`: a receipt as the API tells it."""
    rows = head(place, TITLES[told["kind"]])
    rows += [Pair(told["number"], f"{told['local_time'][:10]} {told['local_time'][11:16]}", bold=True)]
    if told["business_date"] != told["local_time"][:10]:
        rows.append(Pair("Business day", told["business_date"]))
    if told["sale"] != told["number"]:
        rows.append(Pair("Of sale", told["sale"]))
    rows.append(Pair("Served by", told["served_by"]))
    if told["register"]:
        rows.append(Pair("Register", told["register"]))
    if told["reason"]:
        rows.append(Words(told["reason"], grey=GREY))
    rows.append(Rule())
    rows += [gift_of(line) for line in told["lines"]] if told["kind"] == "gift" else priced(told)
    rows += [Rule(), Bars(told["barcode"])]
    return Slip(f"{TITLES[told['kind']]} {told['number']}", rows)


def gift_of(line):
    return Pair(named(line), many(line), below=[line["sku_code"]], instead=line["sku_code"])


def priced(told):
    yield from (item(line) for line in told["lines"])
    yield Rule()
    yield from sums(told)
    yield Rule()
    yield from (Pair(METHODS[one["method"]], money(one["amount"])) for one in told["tenders"])
    for back in told["returns"]:
        ways = [f"{METHODS[one['method']]} {money(one['amount'])}" for one in back["tenders"]]
        yield Pair(f"{back['number']}, {back['business_date']}", f"−{money(back['total'])}", below=ways)


def sums(told):
    """Tax stands before the total where it comes on top, below it where it is in there."""
    how = "incl." if told["prices_include_tax"] else "plus"
    taxes = [
        Pair(f"{how} {plain(Decimal(tax['rate']))} % tax on {money(tax['net'])}", money(tax["tax"]))
        for tax in told["taxes"]
    ]
    total = Pair("Paid back" if told["kind"] == "return" else "Total", currency(told["total"]), bold=True)
    if Decimal(told["discount"]):
        yield Pair("Subtotal", money(told["subtotal"]))
        yield Pair("Discount", f"−{money(told['discount'])}")
    yield from [total, *taxes] if told["prices_include_tax"] else [*taxes, total]


def item(line):
    off = f" − {money(line['discount'])}" if Decimal(line["discount"]) else ""
    came_about = f"{many(line)} × {money(line['unit_price'])}{off}"
    return Pair(named(line), money(line["amount"]), below=[came_about], instead=line["sku_code"])


def named(line):
    return f"{line['description']} {line['size']}".strip()


def many(line):
    return f"{plain(Decimal(line['quantity']))}{UNITS[line['unit']]}"


# ------------------------------------------------------------------------------------------------ what heads them all


def head(place, title):
    address = [Words(line, is_middle=True, grey=GREY) for line in place.address.split("\n") if line.strip()]
    return [
        Words(settings.BOUTIQUE_NAME, bold=True, scale=1.6, is_middle=True),
        Words(place.name, is_middle=True),
        *address,
        Words(title, bold=True, scale=1.15, is_middle=True),
        Rule(),
    ]


def clock(moment, place):
    """As the clock of the place showed it."""
    return f"{moment.astimezone(ZoneInfo(place.timezone)):%Y-%m-%d %H:%M}"


# ------------------------------------------------------------------------------------------------ on paper


def drawn(slip, layout):
    """The PDF."""
    with paper.one_at_a_time:
        paper.use_fonts()
        return Sheet(slip, LAYOUTS[layout]).drawn()


class Sheet(Ink):
    def __init__(self, slip, layout):
        self.slip, self.layout = slip, layout
        # Laid out into blocks first, so that each page knows how many there are, and a roll how long it is.
        self.pages = self.paginated([self.laid_out(row) for row in slip.rows])

    def drawn(self):
        from reportlab.pdfgen.canvas import Canvas

        buffer = BytesIO()
        self.canvas = Canvas(buffer, pagesize=self.layout.page)
        self.canvas.setTitle(self.slip.title)
        for number, blocks in enumerate(self.pages, 1):
            height = self.height_of_page(blocks)
            self.canvas.setPageSize((self.layout.page[0], height))
            y = height - self.layout.margin[1]
            for needed, draw in blocks:
                draw(y)
                y -= needed
            if not self.layout.is_roll:
                self.draw_foot(number)
            self.canvas.showPage()
        self.canvas.save()
        return buffer.getvalue()

    def paginated(self, blocks):
        pages, left = [[]], self.layout.whole
        for block in blocks:
            if block[0] > left and pages[-1]:
                pages.append([])
                left = self.layout.whole
            pages[-1].append(block)
            left -= block[0]
        return pages

    def height_of_page(self, blocks):
        if not self.layout.is_roll:
            return self.layout.page[1]
        return sum(needed for needed, _draw in blocks) + 2 * self.layout.margin[1]

    # How much room each row needs, and how it is drawn from there down

    def laid_out(self, row):
        return {Words: self.words, Pair: self.pair, Rule: self.line, Bars: self.symbol}[type(row)](row)

    def words(self, row):
        font, size = BOLD if row.bold else REGULAR, self.layout.size * row.scale
        lines = self.wrapped(row.text, font, size, self.layout.room)
        leading = size * 1.35

        def draw(y):
            for number, line in enumerate(lines):
                below = y - size - number * leading
                if row.is_middle:
                    self.text_around(line, self.layout.page[0] / 2, below, font, size, row.grey)
                else:
                    self.text(line, self.layout.margin[0], below, font, size, row.grey)

        return len(lines) * leading, draw

    def pair(self, row):
        font, size, leading = BOLD if row.bold else REGULAR, self.layout.size, self.layout.leading
        right, below = settable(row.right, font), list(row.below)
        if paper.width(right, font, size) > self.layout.room * WIDEST:
            right, below = "", [right, *below]
        room = self.layout.room - (paper.width(right, font, size) + size if right else 0)
        lines = self.wrapped(row.left, font, size, room) or self.wrapped(row.instead, font, size, room)
        greys = [part for text in below for part in self.wrapped(text, REGULAR, size * 0.9, room - size)]

        def draw(y):
            left, end = self.layout.margin[0], self.layout.page[0] - self.layout.margin[0]
            for number, line in enumerate(lines):
                self.text(line, left, y - size - number * leading, font, size)
            self.text_to(right, end, y - size, font, size)
            for number, line in enumerate(greys, len(lines)):
                self.text(line, left + size, y - size - number * leading, REGULAR, size * 0.9, GREY)

        return max(1, len(lines) + len(greys)) * leading, draw

    def line(self, row):
        gap = self.layout.size * 0.7

        def draw(y):
            self.rule(self.layout.margin[0], y - gap, self.layout.room)

        return 2 * gap, draw

    def symbol(self, row):
        symbol, size = symbols.symbol(row.value), self.layout.size
        module, height = self.layout.module, self.layout.bars

        def draw(y):
            middle = self.layout.page[0] / 2
            left = middle - symbol.room * module / 2 + symbol.quiet[0] * module
            self.bars(symbol, left, y - size - height, height, module)
            self.text_around(row.value, middle, y - 2.2 * size - height, REGULAR, size)

        return height + 2.8 * size, draw

    def wrapped(self, text, font, size, room):
        """What the font has no sign for is left out: a name in a script of its own leaves the code beside it."""
        text = settable(text, font)
        lines = paper.wrapped(text, font, size, room) if text else []
        return lines if len(lines) <= MOST_LINES else [*lines[: MOST_LINES - 1], "…"]

    def draw_foot(self, number):
        y, size = self.layout.margin[1], self.layout.size * 0.8
        right = self.layout.page[0] - self.layout.margin[0]
        self.text(settable(self.slip.title, REGULAR), self.layout.margin[0], y, REGULAR, size, GREY)
        self.text_to(f"Page {number} of {len(self.pages)}", right, y, REGULAR, size, GREY)
