"""Finds the work that a text speaks of: which part, what is to be done, on which garment.

It reads requests and the catalogue alike.
"""

import re
from collections import defaultdict
from dataclasses import dataclass, field
from itertools import pairwise

from alterations.advice import lexicon
from alterations.advice.lexicon import GARMENTS, MODIFIERS, PARTS, PICTURES, TRADES, WISHES
from alterations.advice.words import clauses, plain, stems

NEAR, FAR = 1.0, 0.62  # the part next to a verb, and the others of its clause
LIST_WORDS = 3
ACROSS = 0.72  # verb and part stand in neighbouring clauses


FINE = re.compile(
    r"\b(?:is|are|look|looks|sit|sits|fit|fits|seem|seems|being|s) (?:\w+ )?"
    r"(?:fine|ok|okay|good|great|perfect|perfectly|right|well|alright|intact)\b"
    r"|\b(?:fine|ok|perfect) (?:on|at|in|round|around|otherwise)\b"
    r"|\b(?:fits?|fine|good) (?:on |at |in |round |around |across )?(?:the |my )"
    r"|\bnothing wrong\b|\b(?:no|not) (?:the|need)\b"
)


@dataclass(frozen=True)
class Work:
    """What is to be done with a part."""

    part: str
    op: str


@dataclass
class Wish:
    """One piece of work that a clause asks for, and which words say so."""

    work: Work
    weight: float
    clause: int
    said: tuple = ()
    is_guess: bool = False  # only a part was named


@dataclass
class Reading:
    """What a text says."""

    wishes: list = field(default_factory=list)
    garments: dict = field(default_factory=dict)  # of each clause: the garments meant there
    modifiers: set = field(default_factory=set)
    trades: dict = field(default_factory=dict)  # trades that are not ours, and the words that say so
    stems: list = field(default_factory=list)
    clauses: list = field(default_factory=list)

    @property
    def all_garments(self):
        return {name for names in self.garments.values() for name in names}


@dataclass(frozen=True)
class Found:
    name: str
    start: int
    end: int
    said: str


def read(text, given=(), fabric=""):
    """Reads a text. `given`, `fabric`: the garments and the cloth that are known beside it."""
    reading = Reading(clauses=clauses(text))
    spread_garments(reading, given)
    found = [look(clause) for clause in reading.clauses]
    for index, (areas, ops, pictures) in enumerate(found):
        wish_for(reading, index, areas, ops, pictures)
    across_clauses(reading, found)
    parts_alone(reading, found)
    whole = " ".join(reading.clauses)
    reading.modifiers = modifiers_in(f"{whole} {plain(fabric)}")
    reading.trades = {name: match.group() for name, pattern in TRADES.items() if (match := pattern.search(whole))}
    reading.stems = [stem for clause in reading.clauses for stem in stems(clause)]
    specialise(reading)
    return reading


def modifiers_in(text):
    return {name for name, pattern in MODIFIERS.items() if pattern.search(text)}


# ------------------------------------------------------------------------------------------------ garments


def garments_in(clause):
    """Longest words first: a shirt dress is no shirt."""
    found = [
        Found(name, match.start(), match.end(), match.group())
        for name, pattern in GARMENTS.items()
        for match in pattern.finditer(clause)
    ]
    kept = []
    for one in sorted(found, key=lambda found: found.start - found.end):
        if all(one.end <= other.start or one.start >= other.end for other in kept):
            kept.append(one)
    return sorted(kept, key=lambda found: found.start)


def spread_garments(reading, given):
    """A clause without a garment means that of the clause before it, else the first one that is named."""
    said = [[found.name for found in garments_in(clause)] for clause in reading.clauses]
    first = next((names for names in said if names), list(given))
    last = first
    for index, names in enumerate(said):
        last = names or last
        reading.garments[index] = tuple(dict.fromkeys([*given, *last] if given and not names else last))
    if not reading.clauses and given:
        reading.garments[0] = tuple(given)


# ------------------------------------------------------------------------------------------------ parts and verbs


def look(clause):
    is_fine = FINE.search(clause)
    areas = [
        Found(name, m.start(), m.end(), m.group()) for name, pattern in PARTS.items() for m in pattern.finditer(clause)
    ]
    ops = [
        Found(name, m.start(), m.end(), m.group()) for name, pattern in WISHES.items() for m in pattern.finditer(clause)
    ]
    # Pulled threads are no seam.
    areas = [area for area in areas if not any(op.name == "darn" and op.start <= area.start < op.end for op in ops)]
    areas = [area for area in areas if not (area.name in DENIED and clause[: area.start].endswith(NONE_OF))]
    areas = without_places(clause, areas)
    if is_fine:
        areas, ops = [], [op for op in ops if op.end <= is_fine.start() - 6]
    pictures = []
    for pattern, area, op, weight in PICTURES:
        if match := pattern.search(clause):
            pictures.append((Found(op, match.start(), match.end(), match.group()), area, weight))
    ops += particles(clause, areas, ops)
    # `gone up an inch in the wash` is not `up an inch`.
    ops = [op for op in ops if not any(is_within(op, picture) for picture, _, _ in pictures)]
    if (sizes := RESIZED.search(clause)) and sizes.group(1) != sizes.group(2):
        op = "takein" if int(sizes.group(2)) < int(sizes.group(1)) else "letout"
        pictures.append((Found(op, sizes.start(), sizes.end(), sizes.group()), None, 0.9))
    return areas, ops, pictures


BETWEEN = re.compile(r"(?:\w* )?(?:at|on|of|in|from|near|by|round|around|along|inside|under|underneath) (?:\w+ ){0,4}")
PLACES = (
    "hem",
    "body",
    "cuff",
    "collar",
    "waist",
    "sleeve",
    "bust",
    "seat",
    "neck",
    "strap",
    "pocket",
    "zip",
    "crotch",
    "shoulder",
    "train",
    "lining",
)
PARTICLE = re.compile(
    r"\b(up|down|in|out)(?= (?:by|an?|about|half|one|two|three|please|some|quite|too|to|as|if|where|from|slightly|for"
    r"|\d+)\b| ?\Z)"
)
BESIDE = 32  # letters between a part and its small word
DENIED = ("lining", "zip", "button", "sleeve", "train", "strap", "collar", "pocket", "bead", "hem")
NONE_OF = ("no ", "without ", "not the ", "without a ", "hasnt a ", "no need for ")
RESIZED = re.compile(r"from (?:a |size )*(\d\d?)(?: waist| dress| jacket)? to (?:a |size )*(\d\d?)\b")
VAGUE = ("hem", "body")  # the back of the collar is a collar


def without_places(clause, areas):
    """`The hook at the top of the zip` is about a hook."""
    areas = sorted(areas, key=lambda area: area.start)
    for first, second in pairwise(areas):
        if first.name == second.name or first.end >= second.start or second.name not in PLACES:
            continue
        between = clause[first.end : second.start]
        if not between.strip():
            areas = [area for area in areas if area is not first]  # a sleeve lining is a lining
        elif BETWEEN.fullmatch(between.lstrip()):
            dropped = first if first.name in VAGUE and second.name not in VAGUE else second
            areas = [area for area in areas if area is not dropped]
    return areas


def particles(clause, areas, ops):
    """`Sleeves up, waist in`: where no verb stands by the part."""
    found = []
    for match in PARTICLE.finditer(clause):
        for op, (word, parts) in lexicon.PARTICLES.items():
            if match.group() != word or any(other.start <= match.start() < other.end for other in ops):
                continue
            if any(
                area.name in parts and area.start < match.start() and match.start() - area.end <= BESIDE
                for area in areas
            ):
                found.append(Found(op, match.start(), match.end(), match.group()))
    return found


def is_within(op, picture):
    return (
        op.name != picture.name
        and picture.start <= op.start
        and op.end <= picture.end
        and len(op.said) < len(picture.said)
    )


def distance(one, other):
    return max(one.start - other.end, other.start - one.end, 0)


def wish_for(reading, index, areas, ops, pictures):
    for op in ops:
        near = sorted(
            (area for area in areas if (area.name, op.name) in lexicon.LEADS_TO), key=lambda area: distance(area, op)
        )
        for place, area in enumerate(near):
            note(reading, index, area.name, op.name, NEAR if place == 0 else FAR, (area.said, op.said))
        if not near:
            without_part(reading, index, op.name, 0.85, (op.said,), areas)
    for picture, area, weight in pictures:
        if area:
            note(reading, index, area, picture.name, weight, (picture.said,), or_itself=True)
        else:
            near = sorted(
                (a for a in areas if (a.name, picture.name) in lexicon.LEADS_TO), key=lambda a: distance(a, picture)
            )
            if near:
                note(reading, index, near[0].name, picture.name, weight, (near[0].said, picture.said))
            else:
                without_part(reading, index, picture.name, weight, (picture.said,), areas)


def without_part(reading, index, op, weight, said, areas):
    """Only a direction is said: the garment tells where."""
    if areas and not (op in ("takein", "letout", "shorten", "lengthen") or (None, op) in lexicon.LEADS_TO):
        return
    if (None, op) in lexicon.LEADS_TO and op not in ("takein", "letout"):
        if not areas or op in ("press", "darn", "patch", "make", "narrow"):
            note(reading, index, None, op, weight, said)
        elif op in ("hole", "open"):
            note(reading, index, None, op, weight * 0.7, said)
        return
    garments = reading.garments.get(index, ())
    if op in ("takein", "letout"):
        if not areas or all(area.name not in ("zip", "button", "fly") for area in areas) or op == "letout":
            for part, share in default_parts(garments):
                add(reading, index, Work(part, op), weight * share, said)
    elif op in ("shorten", "lengthen"):
        add(reading, index, Work("hem", op), weight * (0.9 if not areas else 0.6), said)


def default_parts(garments):
    if not garments:
        return [("waist", 0.75), ("body", 0.75)]
    parts = {}
    for garment in garments:
        for part in (
            ("body", "waist") if garment == "suit" else ("waist",) if garment in lexicon.AT_WAIST else ("body",)
        ):
            parts[part] = 0.95
    return list(parts.items())


def note(reading, index, area, op, weight, said, *, or_itself=False):
    leads = lexicon.LEADS_TO.get((area, op))
    if leads is None and or_itself:
        leads = [(area, op, 1.0)]
    for part, work, share in leads or ():
        add(reading, index, Work(part, work), weight * share, said)


def add(reading, index, work, weight, said, *, is_guess=False):
    for wish in reading.wishes:
        if wish.work == work and wish.clause == index:
            if weight > wish.weight:
                wish.weight, wish.said = weight, said
            else:
                wish.weight = min(1.0, wish.weight + 0.05)
            return
    reading.wishes.append(Wish(work, weight, index, said, is_guess))


def across_clauses(reading, found):
    """`Moths: three holes in the sleeve`: what is said in one clause may be about a part that is named beside it."""
    served = {wish.clause for wish in reading.wishes}
    for index, (areas, ops, pictures) in enumerate(found):
        bare_ops = [op.name for op in ops] + [picture.name for picture, area, _ in pictures if area is None]
        if areas or not bare_ops:
            continue
        for other in (index - 1, index + 1):
            if not 0 <= other < len(found):
                continue
            for area in found[other][0]:
                for op in bare_ops:
                    if (area.name, op) in lexicon.LEADS_TO and other not in served | {index}:
                        note(reading, index, area.name, op, ACROSS + 0.2, (area.said, op))


def parts_alone(reading, found):
    """A part without a verb says a little, where nothing else is said of it."""
    spoken_of = {wish.work.part for wish in reading.wishes}
    for index, (areas, _ops, pictures) in enumerate(found):
        for area in areas:
            if any(picture.start <= area.start < picture.end for picture, _, _ in pictures):
                continue
            part, op, weight = lexicon.ALONE.get(area.name, (None, None, 0))
            if part and part not in spoken_of and not (area.name == "lining" and "zip" in spoken_of):
                if len(reading.clauses[index].split()) <= LIST_WORDS and len(reading.clauses) > 1:
                    weight = max(weight, 0.8)  # one thing of a list: `straps, cups and a bustle`
                served = any(wish.clause == index and wish.weight > 0.5 for wish in reading.wishes)
                add(reading, index, Work(part, op), weight * (0.6 if served else 1.0), (area.said,), is_guess=True)


# ------------------------------------------------------------------------------------------------ what the whole tells


def specialise(reading):
    """Small or great, wool or leather: the same damage is other work."""
    by_work = defaultdict(list)
    for wish in reading.wishes:
        by_work[wish.work].append(wish)
    about_zips(by_work, " ".join(reading.clauses))
    beside_zips(reading)
    about_leather(reading)
    about_size(reading, by_work)


def beside_zips(reading):
    """Where a zip has failed, it is no wonder that the garment does not close."""
    clauses_of_zips = {wish.clause for wish in reading.wishes if wish.work.part == "zip" and wish.weight > 0.6}
    for wish in reading.wishes if clauses_of_zips else ():
        if wish.work.op == "letout" and wish.clause in clauses_of_zips:
            wish.weight *= 0.6
        if wish.work == Work("seam", "repair"):
            wish.weight *= 0.5


def about_leather(reading):
    for wish in list(reading.wishes) if "leather" in reading.modifiers else ():
        if wish.work.op in ("repair", "patch", "darn") and wish.work.part in ("surface", "seam", "crotch", "pocket"):
            add(reading, wish.clause, Work("leather", "repair"), max(0.95, wish.weight), wish.said)
            wish.weight *= 0.7


def about_size(reading, by_work):
    """A small hole in wool is rewoven; a lining in ribbons is renewed."""

    def scale(part, op, factor):
        for wish in by_work.get(Work(part, op), ()):
            wish.weight = min(1.0, wish.weight * factor)

    said = reading.modifiers
    rewoven = {wish.clause for wish in by_work.get(Work("surface", "darn"), ()) if wish.weight >= 0.85}
    for wish in by_work.get(Work("surface", "patch"), ()):
        wish.weight *= 0.65 if wish.clause in rewoven else 1.0
    if "original" in said:
        scale("seam", "repair", 0.3)  # sewn back on is the old hem
    if said & {"wool", "small"}:
        scale("surface", "darn", 1.2)
    if "wool" in said:
        scale("surface", "patch", 0.75)
    if "whole" in said:
        for wish in by_work.get(Work("lining", "repair"), ()):
            add(reading, wish.clause, Work("lining", "replace"), 0.98, wish.said)
            wish.weight *= 0.75
    elif "small" in said:
        scale("lining", "replace", 0.6)


KEPT = re.compile(r"\bzip\w* (?:itself )?(?:stays|kept|is kept|is fine)\b|\bzip\w* itself\b")


def about_zips(by_work, whole):
    """Who asks for a new zip, or speaks of its slider, leaves no doubt."""
    replacing, fixing, freeing = (by_work.get(Work("zip", op), []) for op in ("replace", "fix", "free"))
    if not (replacing or fixing or freeing):
        return
    if KEPT.search(whole):
        for wish in replacing:
            wish.weight *= 0.3
    elif WISHES["replace"].search(whole):
        for wish in replacing + fixing:
            wish.work, wish.weight = Work("zip", "replace"), max(wish.weight, 0.95)
        for wish in freeing:
            wish.weight *= 0.5
    elif freeing and max(wish.weight for wish in freeing) >= 0.8:
        for wish in replacing + fixing:
            wish.weight *= 0.5
