"""What earlier requests meant: where no word of the lexicon says what is wanted, the likest of them do."""

import csv
import math
from collections import Counter, defaultdict
from functools import cache
from pathlib import Path

from alterations.advice.reading import Work
from alterations.advice.words import clauses, stem

KNOWN = Path(__file__).with_name("experience.tsv")
NEAREST = 6
LIKE_ENOUGH = 0.16
UNKNOWN_WEIGHT = 4.5  # a word nobody has said makes a request less like all others


def features(text):
    """Words and pairs of words."""
    found = Counter()
    for clause in clauses(text):
        words = [stem(word) for word in clause.split()]
        found.update(words)
        found.update(f"{one} {other}" for one, other in zip(words, words[1:], strict=False))
    return found


class Experience:
    """Texts and what they stood for, found by likeness."""

    def __init__(self, examples):
        self.meanings = [meaning for _, meaning in examples]
        self.lay_out([features(text) for text, _ in examples])

    def lay_out(self, bags):
        counts = Counter(name for bag in bags for name in bag)
        self.rarity = {name: math.log((len(bags) + 1) / count) for name, count in counts.items()}
        self.index = defaultdict(list)
        for number, bag in enumerate(bags):
            length = math.sqrt(sum(self.rarity[name] ** 2 for name in bag)) or 1.0
            for name in bag:
                self.index[name].append((number, self.rarity[name] / length))

    def nearest(self, bag, most, like_enough):
        """[(likeness, meaning)], the likest first."""
        known = [name for name in bag if name in self.rarity]
        unknown = sum(UNKNOWN_WEIGHT for name in bag if name not in self.rarity and " " not in name)
        length = math.sqrt(sum(self.rarity[name] ** 2 for name in known) + unknown) or 1.0
        likeness = defaultdict(float)
        for name in known:
            for number, weight in self.index[name]:
                likeness[number] += weight * self.rarity[name] / length
        best = sorted(likeness.items(), key=lambda pair: (-pair[1], pair[0]))[:most]
        return [(like, self.meanings[number]) for number, like in best if like >= like_enough]

    def shares(self, text):
        """{meaning: share} of the votes of the likest, and how like the likest is."""
        near = self.nearest(features(text), NEAREST, LIKE_ENOUGH)
        votes = defaultdict(float)
        for like, meanings in near:
            for meaning in meanings:
                votes[meaning] += like**2
        total = sum(like**2 for like, _ in near) or 1.0
        return {meaning: vote / total for meaning, vote in votes.items()}, (near[0][0] if near else 0.0)


@cache
def of_the_trade():
    """The experience that the house brings with it."""
    with KNOWN.open(encoding="utf-8", newline="") as lines:
        rows = csv.reader(lines, delimiter="\t")
        return Experience([(text, tuple(Work(*work.split(":")) for work in works.split())) for text, works in rows])
