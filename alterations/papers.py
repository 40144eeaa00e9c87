"""What alterations put on paper: the tag on a garment, and the check by which its owner claims it.

Both are for a roll, 62 mm wide and as long as it takes. The bars are areas in modules of whole dots, as on labels.
"""

from dataclasses import dataclass
from io import BytesIO

from django.conf import settings

from alterations.models import Fabric
from alterations.serializers.tickets import initials
from boutique.tables import paper
from boutique.tables.paper import BOLD, REGULAR
from inventory.services.ledger import plain
from skus import lettering, symbols
from skus.labels import MM, settable

WIDTH, EDGE = 62 * MM, 4 * MM
ROOM = WIDTH - 2 * EDGE
MODULE = 3 * 72 / 300  # three dots of 300 dpi
BARS = 14 * MM
LEADING = 1.3
MOST_LINES = 40


@dataclass(frozen=True)
class Said:
    text: str
    size: float = 8
    font: str = REGULAR


def tag(garment):
    """Hangs on the piece in the workroom. Whose it is, strangers cannot read."""
    ticket = garment.ticket
    name = ticket.customer.name if settings.BOUTIQUE_TAG_FULL_NAME else initials(ticket.customer.name)
    cloth = ", ".join(Fabric(fabric).label.lower() for fabric in garment.fabrics)
    told = [
        *([Said("RUSH", 16, BOLD)] if ticket.is_rush else []),
        Said(f"{ticket.number}  {name}", 12, BOLD),
        Said(f"{garment.number}  {garment.get_garment_type_display()}", 9, BOLD),
        Said(", ".join(part for part in (garment.description, garment.colour, cloth) if part)),
        Said(f"Promised for {day(ticket.promised_on)}", 9, BOLD),
        *(Said(to_do(line)) for line in garment.services.all()),
    ]
    return drawn(told, garment.tag_code, f"Tag {garment.number}")


def claim_check(ticket):
    """The customer keeps it: who shows it fetches the garments."""
    garments = list(ticket.garments.all())
    told = [
        Said(settings.BOUTIQUE_NAME, 11, BOLD),
        Said(f"{ticket.location.name}\n{ticket.location.address}"),
        Said(ticket.number, 14, BOLD),
        Said(f"To be fetched from {day(ticket.promised_on)}", 9, BOLD),
        *(Said(f"{one.get_garment_type_display()} {one.description}") for one in garments),
        Said(f"Due {max(ticket.balance, 0)} {settings.BOUTIQUE_CURRENCY}", 10, BOLD),
        Said("Bring this check with you."),
    ]
    return drawn(told, ticket.claim_code, f"Claim check {ticket.number}")


def to_do(line):
    said = f"{line.name}: {line.note}" if line.note else line.name
    return f"□ {plain(line.quantity)} × {said}"


def day(promised_on):
    return f"{promised_on.day} {promised_on:%B %Y}" if promised_on else "a day we shall tell you"


def drawn(told, code, title):
    from reportlab.pdfgen.canvas import Canvas

    with paper.one_at_a_time:
        paper.use_fonts()
        rows = [(line, said) for said in told for line in wrapped(said)][:MOST_LINES]
        symbol = symbols.symbol(code)
        height = sum(said.size * LEADING for _line, said in rows) + BARS + 12 + 3 * EDGE
        buffer = BytesIO()
        canvas = Canvas(buffer, pagesize=(WIDTH, height), invariant=1)
        canvas.setTitle(title)
        y = height - EDGE
        for line, said in rows:
            y -= said.size * LEADING
            canvas.setFont(said.font, said.size)
            canvas.drawString(EDGE, y, lettering.as_read(line))
        draw_symbol(canvas, symbol, code, y - EDGE)
        canvas.showPage()
        canvas.save()
        return buffer.getvalue()


def wrapped(said):
    texts = [settable(text, said.font) for text in said.text.split("\n")]
    return [line for text in texts if text for line in paper.wrapped(text, said.font, said.size, ROOM)]


def draw_symbol(canvas, symbol, code, top):
    left = (WIDTH - symbol.width * MODULE) / 2
    bars = canvas.beginPath()
    for at, width, _down in symbol.bars:
        bars.rect(left + at * MODULE, top - BARS, width * MODULE, BARS)
    canvas.drawPath(bars, stroke=0, fill=1)
    canvas.setFont(REGULAR, 9)
    canvas.drawCentredString(WIDTH / 2, top - BARS - 11, code)
