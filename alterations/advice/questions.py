"""What a counter hand would ask back: what decides between services, and what the work needs to know."""

from dataclasses import dataclass

MOST = 3


@dataclass(frozen=True)
class Question:
    """One thing to ask, why, and which services the answer decides."""

    id: str
    text: str
    type: str  # yes_no, choice, number, text
    why: str
    options: tuple = ()
    decides: tuple = ()  # ids of services


def to_ask(advice, *, is_empty=False):
    """The questions that matter most come first."""
    asked = []
    chosen = advice.selected or advice.items[:3]
    works = {work for item in chosen for work in item.service.works}
    ids = tuple(item.service.offer.id for item in chosen)
    if is_empty:
        return [
            Question(
                "catalogue",
                "The catalogue has no service on offer yet. Which work would you write down?",
                "text",
                "Nothing can be suggested from an empty catalogue.",
            )
        ]
    if advice.outcome == "not_ours":
        return []
    if advice.outcome == "not_sure" and not advice.reading.wishes:
        asked.append(
            Question(
                "what",
                "What is wrong with it, and where: length, waist, sleeves, a tear, a zip?",
                "text",
                "The words do not say what is to be done.",
                decides=ids,
            )
        )
    if not advice.reading.all_garments and (len(chosen) != 1 or not chosen[0].service.is_for_all):
        asked.append(
            Question(
                "garment",
                "Which garment is it?",
                "choice",
                "The same work is another service on another garment.",
                decides=ids,
            )
        )
    asked += between(advice.selected)
    asked += needed_for(works, advice, ids)
    return list({question.id: question for question in asked}.values())[:MOST]


def between(selected):
    """Two services that serve one wish: what tells them apart."""
    by_wish = {}
    for item in selected:
        if item.wish is not None:
            by_wish.setdefault((item.wish.clause, item.wish.said), []).append(item)
    found = []
    for items in by_wish.values():
        if len(items) < 2:
            continue
        names, ids = tuple(item.service.offer.name for item in items), tuple(item.service.offer.id for item in items)
        parts = {item.wish.work.part for item in items}
        if parts == {"zip"}:
            found.append(
                Question(
                    "zip",
                    "Are all its teeth there, and does only the slider fail?",
                    "yes_no",
                    "A slider is freed or changed; broken teeth need a new zip.",
                    decides=ids,
                )
            )
        elif parts & {"surface"}:
            found.append(
                Question(
                    "hole",
                    "How large is the hole, and may the repair be seen?",
                    "choice",
                    "A small hole in wool can be rewoven, a larger one needs a patch.",
                    ("small, must not be seen", "larger, may be seen"),
                    ids,
                )
            )
        else:
            found.append(
                Question("which", "Which of these is meant?", "choice", "The words fit each of them.", names, ids)
            )
    return found


def needed_for(works, advice, ids):
    ops, parts, mods = {work.op for work in works}, {work.part for work in works}, advice.reading.modifiers
    found = []
    if "letout" in ops or ("lengthen" in ops and "hem" in parts):
        found.append(
            Question(
                "allowance",
                "Is there cloth left inside the seam or hem?",
                "yes_no",
                "Letting out goes only as far as the seam has cloth.",
                decides=ids,
            )
        )
    if (
        "sleeve" in parts
        and "shorten" in ops
        and advice.reading.all_garments & {"jacket", "coat", "suit"}
        and "surgeon" not in mods
    ):
        found.append(
            Question(
                "cuff_buttons",
                "Do the cuff buttons really open?",
                "yes_no",
                "Working buttonholes force the work to the shoulder.",
                decides=ids,
            )
        )
    if (
        "hem" in parts
        and "shorten" in ops
        and advice.reading.all_garments & {"trousers", "gown", "bridal", "dress", "jeans"}
    ):
        found.append(
            Question("shoes", "Which shoes will be worn with it?", "text", "The hem is set to the heel.", decides=ids)
        )
    if (
        advice.reading.all_garments & {"gown", "bridal"}
        and ops & {"shorten", "takein", "letout"}
        and "layers" not in mods
    ):
        found.append(
            Question(
                "layers",
                "How many layers has it, and is there lace or beading at the edge?",
                "text",
                "Each layer is hemmed, and lace is taken off and put back.",
                decides=ids,
            )
        )
    if ops & {"shorten"} and advice.reading.all_garments & {"jeans", "trousers"} and "hem" in parts:
        found.append(
            Question(
                "washed",
                "Has it been washed yet?",
                "yes_no",
                "Cotton shrinks: it is hemmed after its first wash.",
                decides=ids,
            )
        )
    return found
