"""A text as a font can set it: what it has no sign for is left out, Arabic letters are joined, and right-to-left stands
as it is read. Texts in, texts out."""

import re
import unicodedata
from functools import cache
from itertools import groupby

RIGHT_TO_LEFT = {"R", "AL"}
INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Cn"}
ARABIC = re.compile("[\u0600-\u06ff]")
MIRRORED = str.maketrans("()[]{}<>«»", ")(][}{><»«")


def settable(text, has_sign):
    """In one line, without what the font cannot show: emoji, foreign scripts, invisible signs."""
    text = " ".join(unicodedata.normalize("NFC", text).split())
    if ARABIC.search(text):
        text = joined(text)
    kept = (letter for letter in text if has_sign(letter) and unicodedata.category(letter) not in INVISIBLE)
    return " ".join("".join(kept).split())


# ------------------------------------------------------------------------------------------------ right to left


def as_read(line, *, from_left=False):
    """The letters from left to right as they stand on paper. `from_left`: the line begins there, whatever its letters.

    Simpler than Unicode's algorithm: one direction for the line, and in it runs of the other one. Names and colours
    need no more.
    """
    kinds = [unicodedata.bidirectional(letter) for letter in line]
    if RIGHT_TO_LEFT.isdisjoint(kinds):
        return line
    line_runs_back = not from_left and next(kind for kind in kinds if kind in {"L", *RIGHT_TO_LEFT}) != "L"
    runs = [(backwards, "".join(letters)) for backwards, letters in directed(line, kinds, line_runs_back)]
    if line_runs_back:
        runs.reverse()
    return "".join(text[::-1].translate(MIRRORED) if backwards else text for backwards, text in runs)


def directed(line, kinds, line_runs_back):
    """Runs of one direction. Spaces and signs between two of the same go with them, others with the line."""
    strong = [kind in RIGHT_TO_LEFT if kind in {"L", "EN", "AN", *RIGHT_TO_LEFT} else None for kind in kinds]
    settled = []
    for at, backwards in enumerate(strong):
        before = settled[at - 1] if at else line_runs_back
        after = next((found for found in strong[at:] if found is not None), line_runs_back)
        if backwards is None:
            is_mark = kinds[at] == "NSM"
            backwards = before if is_mark or before == after else line_runs_back
        settled.append(backwards)
    letters = iter(line)
    return [(backwards, [next(letters) for _ in run]) for backwards, run in groupby(settled)]


# ------------------------------------------------------------------------------------------------ joined letters


@cache
def shapes():
    """From Unicode's own table: letter → {isolated, initial, medial, final}; lām-alif counts as one letter."""
    found = {}
    for number in range(0xFE80, 0xFEFD):
        form, *letters = unicodedata.decomposition(chr(number)).split()
        letter = "".join(chr(int(code, 16)) for code in letters)
        found.setdefault(letter, {})[form.strip("<>")] = chr(number)
    return found


def joined(text):
    """Each Arabic letter in the form that its neighbours ask for."""
    units = re.findall("\u0644[\u0622\u0623\u0625\u0627]|.", text, re.DOTALL)
    drawn = []
    for at, unit in enumerate(units):
        forms = shapes().get(unit)
        if forms is None:
            drawn.append(unit)
            continue
        before = reaches_on(neighbour(units, at, -1)) and "final" in forms
        after = "initial" in forms and "final" in shapes().get(neighbour(units, at, 1), ())
        form = {(0, 0): "isolated", (0, 1): "initial", (1, 0): "final", (1, 1): "medial"}[before, after]
        drawn.append(forms.get(form, unit))
    return "".join(drawn)


def reaches_on(unit):
    return "initial" in shapes().get(unit, ())


def neighbour(units, at, step):
    """The next letter in this direction; vowel marks stand above the letters and part nothing."""
    at += step
    while 0 <= at < len(units) and unicodedata.bidirectional(units[at][0]) == "NSM":
        at += step
    return units[at] if 0 <= at < len(units) else ""
