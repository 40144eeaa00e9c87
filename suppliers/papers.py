"""An order on paper, as its supplier reads it: who orders what, to be delivered where, at which price.

Laid out into pages first, drawn then: only so each page knows how many there are.
"""

from dataclasses import dataclass
from io import BytesIO

from django.conf import settings

from boutique.tables import paper
from boutique.tables.paper import BOLD, REGULAR
from inventory.services.ledger import business_date, plain
from skus.ink import Ink
from skus.labels import settable

PAGE = (595.28, 841.89)  # A4, upright
LEFT, TOP, BOTTOM, SUM = 48, 52, 64, 30
ROOM = PAGE[0] - 2 * LEFT
GREY, LIGHT, PALE = 0.42, 0.8, 0.95
SIZE, LEADING, PADDING = 8.5, 11.5, 5
MOST_LINES, MOST_OF_NOTE = 8, 30
NUMERIC = {"Quantity", "Unit cost", "Total"}
UNITS = {"piece": "pc", "metre": "m"}


@dataclass(frozen=True)
class Cell:
    """Texts below one another, the first in ink, the others in grey."""

    lines: list
    greys: int = 0

    @property
    def height(self):
        return len(self.lines) * LEADING + 2 * PADDING


def order(order, *, costs, contact):
    """The PDF. `costs`, `contact`: whether whoever prints it sees what goods cost, and how the supplier is reached."""
    with paper.one_at_a_time:
        paper.use_fonts()
        return Sheet(order, costs, contact).drawn()


def money(amount):
    return f"{amount:,.2f}"


def day(date):
    return f"{date.day} {date:%B %Y}"


class Sheet(Ink):
    def __init__(self, order, costs, contact):
        self.order, self.costs, self.contact = order, costs, contact
        self.columns = {"No.": 24, "Your code": 74, "Goods": 0, "Quantity": 56, "Unit": 28}
        if costs:
            self.columns |= {"Unit cost": 62, "Total": 70}
        self.columns["Goods"] = ROOM - sum(self.columns.values())
        self.letterhead = self.wrapped_texts([place_of(order)], ROOM / 2)
        self.sides = self.supplier(), self.facts()
        self.pages = self.paginated([self.row(number, line) for number, line in enumerate(order.lines.all(), 1)])

    # What is said

    def supplier(self):
        seller = self.order.supplier
        known = [seller.contact_name, seller.address, seller.email, str(seller.phone or "")] if self.contact else []
        return self.wrapped_texts([seller.name, *known], ROOM / 2 - 24, 2 * MOST_LINES)

    def facts(self):
        """Short facts beside the supplier: (what, texts)."""
        ordered = self.order
        told = {
            "Date": day(business_date(ordered.sent_at or ordered.created_at, ordered.location)),
            "Expected": day(ordered.expected_on) if ordered.expected_on else "",
            "Deliver to": f"{ordered.location.name}\n{ordered.location.address}",
            "Terms": ordered.supplier.payment_terms if self.contact else "",
            "Note": ordered.note,
        }
        found = {what: self.wrapped_texts([text], ROOM / 2 - 70, most_of(what)) for what, text in told.items()}
        return [(what, lines) for what, lines in found.items() if lines]

    def wrapped_texts(self, texts, room, most=MOST_LINES):
        lines = [printable(line) for text in texts for line in text.split("\n")]
        lines = [part for line in lines if line for part in paper.wrapped(line, REGULAR, SIZE, room)]
        return lines if len(lines) <= most else [*lines[: most - 1], "…"]

    def row(self, number, line):
        sku = line.sku
        variant = " · ".join(part for part in (sku.code, sku.size, sku.colour, sku.style) if part)
        name, below = self.fitted(sku.product.name, "Goods"), self.fitted(variant, "Goods")
        said = {
            "No.": Cell([str(number)]),
            "Your code": Cell(self.fitted(line.supplier_code, "Your code") or ["–"]),
            "Goods": Cell([*name, *below], greys=len(below)),
            "Quantity": Cell([plain(line.ordered)]),
            "Unit": Cell([UNITS[sku.product.unit]]),
            "Unit cost": Cell([money(line.unit_cost)]),
            "Total": Cell([money(line.total)]),
        }
        return [said[column] for column in self.columns]

    def fitted(self, text, column):
        text = printable(text)
        return paper.wrapped(text, REGULAR, SIZE, self.columns[column] - 2 * PADDING)[:4] if text else []

    # Pages

    @property
    def head(self):
        """How much of the first page stands above the table."""
        sides = max(len(self.sides[0]) * LEADING, sum(len(lines) for _, lines in self.sides[1]) * LEADING + 6)
        return 40 + len(self.letterhead) * LEADING + sides + 56

    def paginated(self, rows):
        whole = PAGE[1] - TOP - BOTTOM - LEADING - 2 * PADDING
        pages, left = [[]], whole - self.head
        for row in rows:
            needed = height_of(row)
            if needed > left and (pages[-1] or len(pages) == 1):
                pages.append([])
                left = whole
            pages[-1].append(row)
            left -= needed
        if left < SUM and len(pages[-1]) > 1:
            pages.append([pages[-1].pop()])  # so that the total never stands alone
        return pages

    def drawn(self):
        from reportlab.pdfgen.canvas import Canvas

        buffer = BytesIO()
        self.canvas = Canvas(buffer, pagesize=PAGE)
        self.canvas.setTitle(f"Purchase order {self.order.number}")
        for number, rows in enumerate(self.pages, 1):
            y = PAGE[1] - TOP
            y = self.draw_head(y) if number == 1 else y
            if rows:
                y = self.draw_headings(y)
            for row in rows:
                y = self.draw_row(row, y)
            if number == len(self.pages):
                self.draw_sum(y)
            self.draw_foot(number)
            self.canvas.showPage()
        self.canvas.save()
        return buffer.getvalue()

    def draw_head(self, y):
        self.text(printable(settings.BOUTIQUE_NAME), LEFT, y - 14, BOLD, 17)
        self.text_to("Purchase order", LEFT + ROOM, y - 14, BOLD, 17)
        below = self.lines(self.letterhead, LEFT, y - 30, grey=GREY)
        self.text_to(self.order.number, LEFT + ROOM, y - 32, REGULAR, 11)
        if self.order.status in ("draft", "cancelled"):
            self.text_to(self.order.get_status_display().upper(), LEFT + ROOM, y - 46, BOLD, 9)
        y = min(below, y - 40) - 14
        self.rule(LEFT, y, ROOM)
        y -= 18
        self.text("SUPPLIER", LEFT, y, BOLD, 7, grey=GREY)
        name, *others = self.sides[0] or [""]
        self.text(name, LEFT, y - 13, BOLD, SIZE + 1)
        ended = self.lines(others, LEFT, y - 13 - LEADING)
        right = y
        for what, lines in self.sides[1]:
            self.text(what, LEFT + ROOM / 2, right, BOLD, SIZE - 0.5, grey=GREY)
            right = self.lines(lines, LEFT + ROOM / 2 + 66, right)
        return min(ended, right) - 12

    def draw_headings(self, y):
        height = LEADING + 2 * PADDING
        self.canvas.setFillGray(PALE)
        self.canvas.rect(LEFT, y - height, ROOM, height, stroke=0, fill=1)
        x = LEFT
        for name, width in self.columns.items():
            self.cell(Cell([name]), x, y, width, to_right=name in NUMERIC, font=BOLD)
            x += width
        return y - height

    def draw_row(self, row, y):
        x = LEFT
        for (name, width), cell in zip(self.columns.items(), row, strict=True):
            self.cell(cell, x, y, width, to_right=name in NUMERIC)
            x += width
        self.rule(LEFT, y - height_of(row), ROOM, LIGHT)
        return y - height_of(row)

    def draw_sum(self, y):
        lines = list(self.order.lines.all())
        said = f"{len(lines)} {'line' if len(lines) == 1 else 'lines'}"
        self.text(said, LEFT + PADDING, y - 18, REGULAR, SIZE, grey=GREY)
        if self.costs:
            total = f"{money(sum(line.total for line in lines))} {settings.BOUTIQUE_CURRENCY}"
            self.text_to(f"Total  {total}", LEFT + ROOM - PADDING, y - 19, BOLD, 11)

    def draw_foot(self, number):
        y = BOTTOM - 24
        self.text(f"{printable(settings.BOUTIQUE_NAME)} · {self.order.number}", LEFT, y, REGULAR, 7.5, grey=GREY)
        self.text_to(f"Page {number} of {len(self.pages)}", LEFT + ROOM, y, REGULAR, 7.5, grey=GREY)

    # Ink

    def cell(self, cell, x, y, width, *, to_right=False, font=REGULAR):
        for number, line in enumerate(cell.lines):
            grey = GREY if number >= len(cell.lines) - cell.greys else 0
            below = y - PADDING - SIZE - number * LEADING
            if to_right:
                self.text_to(line, x + width - PADDING, below, font, SIZE, grey=grey)
            else:
                self.text(line, x + PADDING, below, font, SIZE, grey=grey)

    def lines(self, lines, x, y, grey=0):
        for line in lines:
            self.text(line, x, y, REGULAR, SIZE, grey=grey)
            y -= LEADING
        return y


def printable(text):
    """What the font has no sign for is left out: a name in a script of its own leaves the code beside it."""
    return settable(text, REGULAR)


def most_of(fact):
    return MOST_OF_NOTE if fact == "Note" else MOST_LINES


def place_of(order):
    return f"{order.location.name}\n{order.location.address}"


def height_of(row):
    return max(cell.height for cell in row)
