"""Compares what a customer asks for with what the shop offers, and says what a counter hand would put down."""

from dataclasses import dataclass, field

from alterations.advice import lexicon
from alterations.advice.experience import of_the_trade
from alterations.advice.lexicon import TRADES
from alterations.advice.reading import Wish, Work, garments_in, read

MOST_ITEMS = 8
MOST_SELECTED = 5
SURE = 0.33  # from here on a service is put down
SHOWN = 0.1
AS_GOOD = 0.93  # so near the best of its kind, that only the customer can say which
OTHER_GARMENT = 0.13
ANY_GARMENT = 0.97
UNKNOWN_GARMENT = 0.85
CLEAR = 0.5  # from here on nobody need remember what others meant
TRUST = 1.6
MOST_TRUST = 0.75
BY_WORDS = 0.35  # how much the mere words of the catalogue count

# Trades whose words stand in many a request for ours: on the bike, before lunch, over my shoes.
SOFT = {"shoes", "bags", "home", "jewellery", "asking", "other"}
OBJECTS = {"shoes", "bags", "home", "jewellery"}
JACKET_PARTS = ("body", "sleeve", "shoulder", "collar", "bust")
TROUSER_PARTS = ("waist", "seat", "legs", "hem", "crotch", "rise", "loop")


@dataclass
class Item:
    """One service, and how well it serves."""

    service: object
    score: float = 0.0
    wish: object = None
    selected: bool = False
    neighbours: int = 0  # former choices for such words that chose it
    taught: bool = False  # they alone are reason enough to put it down
    said_by_model: str = ""
    works: float = 0.0


@dataclass
class Advice:
    """What the shop's services say to a request."""

    reading: object
    items: list = field(default_factory=list)
    outcome: str = "not_sure"
    trades: dict = field(default_factory=dict)

    @property
    def selected(self):
        return [item for item in self.items if item.selected]


def advise(catalogue, text, *, garments=(), fabric="", history=None, experience=None):
    """Ranks the services of the catalogue. `garments`: what the person at the counter says it is."""
    given = tuple(name for code in garments for name in lexicon.OF_CODE.get(code, ()))
    reading = read(text, given, fabric)
    advice = Advice(
        reading, trades={name: said for name, said in reading.trades.items() if name not in catalogue.trades}
    )
    muted = muted_clauses(reading, advice.trades)
    wishes = [wish for wish in reading.wishes if wish.clause not in muted]
    if not advice.trades:
        wishes += by_experience(text, reading, wishes, experience or of_the_trade())
    scores = {id(service): scored(catalogue, service, reading, wishes) for service in catalogue.services}
    by_wish = {}
    for service in catalogue.services:
        item, of_wishes = scores[id(service)]
        advice.items.append(item)
        for key, score in of_wishes.items():
            by_wish.setdefault(key, []).append((score, item))
    if advice.trades and len(muted) >= len(reading.clauses):
        for item in advice.items:
            item.score *= 0.3
    if history is not None:
        history.weigh_in(advice, text, reading)
    choose(advice, wishes, by_wish)
    advice.items.sort(key=lambda item: (-item.score, item.service.offer.code))
    advice.items = [item for item in advice.items if item.score >= SHOWN or item.selected][:MOST_ITEMS]
    if advice.selected:
        advice.outcome = "suggested"
    elif advice.trades:
        advice.outcome = "not_ours"
    return advice


def by_experience(text, reading, wishes, experience):
    """Where the lexicon hears little or nothing, the likest of earlier requests say what may be meant."""
    surest = max((wish.weight for wish in wishes), default=0.0)
    if surest >= CLEAR or not reading.clauses:
        return []
    shares, like = experience.shares(text)
    trust = min(MOST_TRUST, like * TRUST)
    found = []
    for meaning, share in shares.items():
        part = fitted(meaning, reading)
        weight = trust * share
        if weight > 0.05:
            found.append(Wish(Work(part, meaning.op), weight, 0, ("experience",)))
    return found


def fitted(meaning, reading):
    """Taken in at the waist, where it is trousers; at the sides, where it is a dress."""
    if meaning.part not in ("waist", "body") or meaning.op not in ("takein", "letout"):
        return meaning.part
    garments = reading.all_garments
    if garments & set(lexicon.AT_WAIST):
        return "waist"
    return "body" if garments else meaning.part


def muted_clauses(reading, trades):
    """What is said of another trade's work asks for none of ours."""
    if not trades:
        return set()
    surest = max((wish.weight for wish in reading.wishes), default=0.0)
    is_said_by_the_way = surest >= 0.5 if reading.all_garments else surest >= 0.8 and not trades.keys() & OBJECTS
    if trades.keys() <= SOFT and is_said_by_the_way:
        return set()
    foreign = {i for i, clause in enumerate(reading.clauses) if any(TRADES[name].search(clause) for name in trades)}
    ours = any(garments_in(clause) for i, clause in enumerate(reading.clauses) if i not in foreign)
    wished = any(wish.clause not in foreign and wish.weight >= 0.7 for wish in reading.wishes)
    return foreign if ours and wished and foreign else set(range(len(reading.clauses) + 1))


# ------------------------------------------------------------------------------------------------ one service


def scored(catalogue, service, reading, wishes):
    item = Item(service)
    of_wishes = {}
    fitting = modifiers_fit(service, reading.modifiers)
    for index, wish in enumerate(wishes):
        fit = max((likeness(wish.work, work) * sure for work, sure in service.works.items()), default=0.0)
        if fit <= 0:
            continue
        on = garment_fit(service, garments_of(reading, wish), wish)
        score = min(1.0, wish.weight * fit * on * fitting)
        of_wishes[index] = score
        if score > item.works:
            item.works, item.wish = score, wish
    said = words_fit(catalogue, service, reading)
    on = garment_fit(service, reading.all_garments, None)
    if any(service.opposes(wish.work) for wish in wishes):
        said *= 0.2
    if service.trades & reading.trades.keys():
        item.works = max(item.works, 0.8 * on)
    elif reading.trades.keys() & catalogue.trades:
        item.works *= 0.5
        of_wishes = {index: score * 0.5 for index, score in of_wishes.items()}
    if not service.works:
        item.works = max(item.works, name_fit(catalogue, service, reading) * 0.8 * on)
    item.score = 1 - (1 - item.works) * (1 - BY_WORDS * said * on)
    return item, of_wishes


def likeness(wished, offered):
    if wished == offered:
        return 1.0
    if wished.op == offered.op:
        by_op = 1.0
    elif lexicon.OPPOSITES.get(wished.op) == offered.op:
        return 0.0
    else:
        by_op = lexicon.SAME_WORK.get((wished.op, offered.op), 0.0)
    by_part = 1.0 if wished.part == offered.part else lexicon.SAME_PART.get((wished.part, offered.part), 0.0)
    return by_op * by_part


def garments_of(reading, wish):
    """The garments a wish is about. A suit is its jacket or its trousers, by the part."""
    garments = set(reading.garments.get(wish.clause, ()))
    if "suit" in garments:
        if wish.work.part in TROUSER_PARTS:
            garments = (garments - {"suit"}) | {"trousers"}
        elif wish.work.part in JACKET_PARTS:
            garments = (garments - {"suit"}) | {"jacket"}
    if "bridal" in reading.modifiers and garments <= {"dress", "gown"} and garments:
        garments |= {"bridal"}
    return garments


def garment_fit(service, garments, wish):
    if not garments:
        implied = lexicon.GARMENTS_OF_AREA.get(wish.work.part, ()) if wish else ()
        if not implied or service.is_for_all or service.garments.keys() & set(implied):
            return UNKNOWN_GARMENT
        return UNKNOWN_GARMENT * 0.7
    if service.is_for_all:
        return ANY_GARMENT
    return max(
        well * (1.0 if own == garment else lexicon.RELATED.get(garment, {}).get(own, OTHER_GARMENT))
        for garment in garments
        for own, well in service.garments.items()
    )


def modifiers_fit(service, asked):
    """Leather wants whoever works leather; a lined skirt is another hem than a plain one."""
    factor = 1.0
    for name, with_both, without_asked, without_offered in (
        ("leather", 1.1, 0.3, 0.8),
        ("original", 1.12, 0.93, 0.72),
        ("turnup", 1.15, 0.6, 0.8),
        ("lined", 1.1, 0.87, 0.88),
        ("surgeon", 1.2, 0.6, 0.7),
        ("layers", 1.05, 0.93, 1.0),
        ("margin", 1.2, 0.6, 1.0),
    ):
        offers = name in service.special or (name in service.modifiers and name in ("turnup", "layers"))
        if name in asked:
            factor *= with_both if offers or name in service.modifiers else without_offered
        elif name in service.special:
            factor *= without_asked
    return factor


def words_fit(catalogue, service, reading):
    """The share of the request's telling words that stand in the service's texts too."""
    known = {stem for stem in reading.stems if stem in catalogue.rarity}
    total = sum(catalogue.rarity[stem] for stem in known)
    shared = sum(catalogue.rarity[stem] * service.stems[stem] for stem in known if stem in service.stems)
    return shared / (total + 2.0)


def name_fit(catalogue, service, reading):
    """Of a service that no word of sewing describes: how much of its name was said."""
    total = sum(catalogue.rarity[stem] for stem in service.name_stems)
    shared = sum(catalogue.rarity[stem] for stem in service.name_stems & set(reading.stems))
    return shared / total if total else 0.0


# ------------------------------------------------------------------------------------------------ what is put down


def choose(advice, wishes, by_wish):
    """For each thing that is asked for the best service, or those between which only the customer can decide."""
    best = max((item.score for item in advice.items), default=0.0)
    if best < SURE:
        return
    for indices in asked_together(wishes):
        offers = {}
        for index in indices:
            for score, item in by_wish.get(index, ()):
                offers[id(item)] = max((score, item), offers.get(id(item), (0, item)), key=lambda pair: pair[0])
        put_down(sorted(offers.values(), key=lambda pair: -pair[0]), best)
    put_down_as_taught(advice)
    if not advice.selected:
        for item in advice.items:
            item.selected = item.score == best
    unsay_opposites(advice)


def asked_together(wishes):
    """Wishes by what said them: one word that may mean two things asks for one of them."""
    groups = {}
    for index, wish in enumerate(wishes):
        groups.setdefault((wish.clause, wish.said[-1] if wish.said else ""), []).append(index)
    return groups.values()


def put_down_as_taught(advice):
    """What people chose for such words before; beside it only what is nearly as sure."""
    taught = [item for item in advice.items if item.taught and item.score >= SURE]
    for item in taught:
        item.selected = True
    for item in advice.selected if taught else ():
        item.selected = item.taught or item.score >= 0.8 * max(other.score for other in taught)


def put_down(offers, best):
    if not offers:
        return
    (top, first), others = offers[0], offers[1:]
    if top < SURE or first.score < max(SURE, 0.62 * best):
        return
    first.selected = True
    for score, item in others[:2]:
        if score >= AS_GOOD * top and item.score >= AS_GOOD * first.score:
            item.selected = True


def unsay_opposites(advice):
    """Of two that undo or include each other the surer one stays."""
    chosen = sorted(advice.selected, key=lambda item: -item.score)
    for place, better in enumerate(chosen):
        for worse in chosen[place + 1 :]:
            if better.selected and (better.service.clashes(worse.service) or undoes(better, worse)):
                worse.selected = False
    for item in advice.selected[MOST_SELECTED:]:
        item.selected = False


def undoes(better, worse):
    if better.wish is None or worse.score == better.score or not worse.service.opposes(better.wish.work):
        return False
    return worse.wish is None or worse.wish.work.part == better.wish.work.part
