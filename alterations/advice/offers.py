"""The shop's own catalogue, read once: which work each service does, on which garments. Its codes mean nothing."""

import math
from collections import Counter
from dataclasses import dataclass, field

from alterations.advice import lexicon
from alterations.advice.lexicon import MODIFIERS, TRADES
from alterations.advice.reading import Work, garments_in, read
from alterations.advice.words import clauses, plain, stems

BY_NAME, BY_KEYWORD, BY_DESCRIPTION = 1.0, 0.9, 0.8
BESIDE_ITS_NAME = 0.8
FOR_ALL = 12  # a service for so many kinds of garment is for all of them
SPECIAL = ("leather", "original", "turnup", "lined", "layers", "surgeon", "fly")
REPAIR = Work("leather", "repair")


@dataclass(frozen=True)
class Offer:
    """A service as the catalogue has it."""

    id: int
    code: str
    name: str
    description: str = ""
    garments: tuple = ()  # codes of garment types; none: for all
    keywords: tuple = ()
    seam: str = ""
    direction: str = ""
    swallows: tuple = ()  # codes of what it includes


@dataclass
class Service:
    """A service as a counter hand understands it."""

    offer: Offer
    works: dict = field(default_factory=dict)  # Work -> how surely
    garments: dict = field(default_factory=dict)  # garment -> how well it is for it
    is_for_all: bool = False
    special: frozenset = frozenset()
    modifiers: frozenset = frozenset()
    trades: frozenset = frozenset()
    stems: dict = field(default_factory=dict)  # stem -> weight
    name_stems: frozenset = frozenset()

    def clashes(self, other):
        """The shop itself says that nobody does both."""
        one, two = self.offer, other.offer
        undo = one.seam and one.seam == two.seam and one.direction and two.direction and one.direction != two.direction
        return bool(undo) or one.code in two.swallows or two.code in one.swallows

    def opposes(self, work):
        opposite = lexicon.OPPOSITES.get(work.op)
        return any(own.op == opposite for own in self.works) and not any(own.op == work.op for own in self.works)


def understood(offer):
    codes = [name for code in offer.garments for name in lexicon.OF_CODE.get(code, ())]
    service = Service(offer, is_for_all=not codes or len(codes) >= FOR_ALL)
    # `Zip, new` is one thing.
    texts = [
        (offer.name.replace(",", " "), BY_NAME),
        ("; ".join(offer.keywords), BY_KEYWORD),
        (offer.description, BY_DESCRIPTION),
    ]
    given = () if service.is_for_all else tuple(codes)
    read_works(service, texts, given)
    named = {found.name for clause in clauses(offer.name) for found in garments_in(clause)}
    service.garments = dict.fromkeys(named, 1.0)
    for name in codes:
        # What its name says counts more than what it is listed for.
        is_alike = not named or any(name in lexicon.RELATED.get(one, {}) or one == name for one in named)
        service.garments.setdefault(name, 1.0 if is_alike else BESIDE_ITS_NAME)
    whole = " ; ".join(" , ".join(clauses(text)) for text, _ in texts)
    named_too = " ; ".join(" , ".join(clauses(text)) for text, _ in texts[:2])
    service.modifiers = frozenset(name for name, pattern in MODIFIERS.items() if pattern.search(whole))
    service.special = frozenset(name for name in SPECIAL if MODIFIERS[name].search(named_too))
    if "leather" in service.special and any(
        work.op in ("repair", "patch", "darn") for work in service.works or [REPAIR]
    ):
        service.works[REPAIR] = 1.0
    service.trades = frozenset(name for name, pattern in TRADES.items() if pattern.search(named_too))
    for text, weight in texts:
        for stem in stems(" ".join(clauses(text))):
            service.stems[stem] = max(service.stems.get(stem, 0), weight)
    service.name_stems = frozenset(stems(" ".join(clauses(offer.name))))
    return service


def read_works(service, texts, given):
    for text, weight in texts:
        wishes = read(text, given).wishes
        surest = max((wish.weight for wish in wishes), default=1.0)
        if service.works and weight < BY_NAME:
            surest = max(surest, 1.0)
        for wish in wishes:
            # A list of what may be done too is no promise: a name is.
            if wish.weight / surest < 0.45 or (wish.is_guess and weight == BY_DESCRIPTION and service.works):
                continue
            sure = weight * wish.weight / surest
            service.works[wish.work] = max(service.works.get(wish.work, 0), sure)
    resizes = [
        work for work in service.works if {Work(work.part, "takein"), Work(work.part, "letout")} <= service.works.keys()
    ]
    if "resize" in plain(service.offer.name) and not resizes:
        parts = {work.part for work in service.works} & {"body", "waist", "seat", "bust"} or {"body"}
        for part in parts:
            service.works |= {Work(part, "takein"): 0.95, Work(part, "letout"): 0.95}


class Catalogue:
    """All services that are on offer."""

    def __init__(self, offers):
        self.services = [understood(offer) for offer in offers]
        self.by_id = {service.offer.id: service for service in self.services}
        self.trades = frozenset(trade for service in self.services for trade in service.trades)
        counts = Counter(stem for service in self.services for stem in service.stems)
        self.rarity = {stem: math.log((len(self.services) + 1) / count) for stem, count in counts.items()}
