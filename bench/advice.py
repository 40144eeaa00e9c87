"""How good local advice is, and what it costs: `python -m bench.advice`, and at the end of `make bench`.

Nothing is started for it: the engine is words in, ranking out. The house's own experience never holds the requests that
are measured, and what it learns from choices is measured with choices of other requests only (five parts in turns).
"""

import argparse
import csv
import functools
import json
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from alterations.advice import experience
from alterations.advice.history import Choice, History, meaning_of
from alterations.advice.offers import Catalogue, Offer
from alterations.advice.ranking import advise
from alterations.advice.reading import Work, read

DATA = Path(__file__).parent.parent / "alterations" / "tests" / "data"
FOLDS = 5
# The garments of the development catalogue, in the codes of ours.
CODES = {
    "trousers": ["trs"],
    "shorts": ["trs"],
    "jeans": ["jns"],
    "skirt": ["skt"],
    "dress": ["drs"],
    "gown": ["gwn", "brd"],
    "shirt": ["sht"],
    "blouse": ["bls"],
    "jacket": ["jkt"],
    "waistcoat": ["wst"],
    "coat": ["cot"],
    "knitwear": ["knt"],
    "nightwear": ["trs"],
    "jumpsuit": ["drs"],
    "any": [],
}


@dataclass(frozen=True)
class Request:
    """A labelled request: what should be put down, and what is neither right nor wrong."""

    text: str
    right: frozenset
    allowed: frozenset = frozenset()


def labels(text):
    right, _, allowed = text.partition("~")
    return frozenset(filter(None, right.split(","))), frozenset(filter(None, allowed.split(",")))


@functools.cache
def development():
    return json.loads((DATA / "advice_dev.json").read_text(encoding="utf-8"))


def lines_of(name):
    with (DATA / name).open(encoding="utf-8", newline="") as lines:
        return [row for row in csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE) if not row[0].startswith("#")]


def development_requests():
    return [
        Request(one["text"], frozenset(one["services"]), frozenset(one["also_ok"])) for one in development()["requests"]
    ]


def own_requests(*rounds):
    return [
        Request(text, *labels(ours))
        for number, text, ours, _, _ in lines_of("advice_requests.tsv")
        if int(number) in rounds
    ]


def starter_requests():
    """Those that are labelled for the starter catalogue, and that it has a service for or that nobody has."""
    rows = [
        Request(text, *labels(starter)) for _, text, _, starter, _ in lines_of("advice_requests.tsv") if starter != "-"
    ]
    return [request for request in rows if request.right or not request.allowed]


def development_catalogue():
    return Catalogue(list(offers()))


def other_words_catalogue():
    """The same services as another shop might call them."""
    words = {code: (name, about) for code, name, about in lines_of("advice_other_words.tsv")}
    return Catalogue([Offer(one.id, one.code, *words[one.code], one.garments) for one in offers()])


def starter_catalogue():
    """The 51 services that every shop begins with."""
    with (DATA.parent.parent / "starter.tsv").open(encoding="utf-8", newline="") as lines:
        return Catalogue(
            [starter_offer(number, row) for number, row in enumerate(csv.DictReader(lines, delimiter="\t"))]
        )


def starter_offer(number, row):
    return Offer(
        id=number,
        code=row["code"],
        name=row["name"],
        description=row["ask"],
        garments=tuple(row["garment_types"].split()),
        keywords=tuple(word.strip() for word in row["keywords"].split(",") if word.strip()),
        seam=row["seam"],
        direction=row["direction"],
        swallows=tuple(row["swallows"].split()),
    )


def offers():
    for number, one in enumerate(development()["catalogue"]):
        garments = tuple(dict.fromkeys(code for name in one["garments"] for code in CODES[name]))
        yield Offer(number, one["code"], one["name"], one["description"], garments)


# ------------------------------------------------------------------------------------------------ measuring


def without(requests):
    """The experience of the trade, less these requests."""
    known = {request.text for request in requests}
    with experience.KNOWN.open(encoding="utf-8", newline="") as lines:
        rows = [row for row in csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE) if row[0] not in known]
    return experience.Experience([(text, tuple(Work(*w.split(":")) for w in works.split())) for text, works in rows])


def plainly(catalogue, requests):
    met = without(requests)
    return {request: advise(catalogue, request.text, experience=met) for request in requests}


def having_learnt(catalogue, requests):
    """Each fifth is asked by somebody who has seen what was chosen for the other four."""
    met, ids = without(requests), {service.offer.code: service.offer.id for service in catalogue.services}
    found = {}
    for fold in range(FOLDS):
        history = History(
            Choice(one.text, meaning_of(read(one.text)), tuple(ids[code] for code in sorted(one.right)))
            for number, one in enumerate(requests)
            if one.right and number % FOLDS != fold
        )
        for request in requests[fold::FOLDS]:
            found[request] = advise(catalogue, request.text, experience=met, history=history)
    return found


def figures(answers):
    """recall@3, hit@1, F1 (mean over requests), precision and recall of refusing."""
    recalls, hits, scores, refused, empty, both = [], [], [], 0, 0, 0
    for request, advice in answers.items():
        ranked = [item.service.offer.code for item in advice.items]
        chosen = {item.service.offer.code for item in advice.selected} - request.allowed
        found = len(chosen & request.right)
        scores.append(2 * found / (len(chosen) + len(request.right)) if chosen or request.right else 1.0)
        refused += not advice.selected
        empty += not request.right
        both += not advice.selected and not request.right
        if request.right:
            recalls.append(len(request.right & set(ranked[:3])) / min(3, len(request.right)))
            hits.append(bool(ranked) and ranked[0] in request.right)
    return {
        "requests": len(answers),
        "recall@3": mean(recalls),
        "hit@1": mean(hits),
        "F1": mean(scores),
        "refusal precision": both / refused if refused else 1.0,
        "refusal recall": both / empty if empty else 1.0,
    }


def mean(numbers):
    return sum(numbers) / len(numbers) if numbers else 0.0


def milliseconds(catalogue, requests):
    """CPU of one answer, warm."""
    for request in requests:
        advise(catalogue, request.text)
    began = time.process_time()
    for request in requests:
        advise(catalogue, request.text)
    return (time.process_time() - began) / len(requests) * 1000


def start_seconds():
    """What the engine adds to a start, in a process of its own: importing it, its experience and a catalogue."""
    code = (
        "import time; began = time.process_time();"
        "from bench import advice; advice.experience.of_the_trade(); advice.development_catalogue();"
        "print(time.process_time() - began)"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return float(ran.stdout)


MEASURED = (
    ("development set", development_catalogue, development_requests, plainly),
    ("development set, choices learnt (5 parts)", development_catalogue, development_requests, having_learnt),
    ("our own, tuned on", development_catalogue, lambda: own_requests(1, 2, 3, 4, 6), plainly),
    ("round 1 with the starter catalogue", starter_catalogue, starter_requests, plainly),
    ("our own, never tuned on", development_catalogue, lambda: own_requests(5), plainly),
    ("our own, never tuned on, choices learnt", development_catalogue, lambda: own_requests(5), having_learnt),
    ("our own, never tuned on, other catalogue", other_words_catalogue, lambda: own_requests(5), plainly),
)


def report():
    names = ["requests", "recall@3", "hit@1", "F1", "refusal precision", "refusal recall"]
    lines = ["Local advice" + " " * 36 + "".join(f"{name:>19}" for name in names)]
    for words, catalogue, requests, how in MEASURED:
        found = figures(how(catalogue(), requests()))
        shown = [f"{found[name]:>19}" if name == "requests" else f"{found[name]:>19.2f}" for name in names]
        lines.append(f"{words:<48}" + "".join(shown))
    each = milliseconds(development_catalogue(), own_requests(5))
    lines.append(f"CPU {each:.1f} ms per request, warm; {start_seconds():.2f} s of CPU added to a start.")
    return "\n".join(lines)


if __name__ == "__main__":
    argparse.ArgumentParser(prog="python -m bench.advice", description=__doc__).parse_args()
    print(report())
