"""Words and bars on a page of paper: what all papers of the house are drawn with.

Wants `paper.one_at_a_time` and `paper.use_fonts()` around it.
"""

from boutique.tables import paper
from skus import lettering


class Ink:
    """Draws on `self.canvas`, in points from the lower left corner."""

    canvas = None

    def text(self, text, x, y, font, size, grey=0):
        self.canvas.setFillGray(grey)
        self.canvas.setFont(font, size)
        self.canvas.drawString(x, y, lettering.as_read(text))

    def text_to(self, text, right, y, font, size, grey=0):
        """Ends at the right."""
        self.text(text, right - paper.width(text, font, size), y, font, size, grey)

    def text_around(self, text, middle, y, font, size, grey=0):
        self.text(text, middle - paper.width(text, font, size) / 2, y, font, size, grey)

    def rule(self, x, y, width, grey=0):
        self.canvas.setStrokeGray(grey)
        self.canvas.setLineWidth(0.5)
        self.canvas.line(x, y, x + width, y)

    def bars(self, symbol, left, bottom, height, module, reach=0):
        """From its first dark module. `reach`: how far the guards of a retail code go down between its digits."""
        bars = self.canvas.beginPath()
        for at, width, down in symbol.bars:
            low = bottom - reach * down
            bars.rect(left + at * module, low, width * module, bottom + height - low)
        self.canvas.setFillGray(0)
        self.canvas.drawPath(bars, stroke=0, fill=1)
