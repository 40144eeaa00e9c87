"""What earlier requests meant: where no word of the lexicon says what is wanted, the likest of them do."""

import csv
import heapq
import math
from collections import Counter, defaultdict
from functools import cache
from itertools import pairwise
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
        found.update(f"{one} {other}" for one, other in pairwise(words))
    return found


class Experience:
    """Texts and what they stood for, found by likeness."""

    def __init__(self, examples):
        self.meanings, self.lengths = [], []
        self.counts, self.index = Counter(), defaultdict(list)
        bags = [(features(text), meaning) for text, meaning in examples]
        self.learn(bags)

    def learn(self, bags):
        """Adds what was said and what it stood for. How rare a word is, is known before the first is weighed."""
        for bag, _ in bags:
            self.counts.update(bag.keys())
        first = len(self.meanings)
        self.meanings += [meaning for _, meaning in bags]
        for bag, _ in bags:
            self.lengths.append(math.sqrt(sum(self.rarity(name) ** 2 for name in bag)) or 1.0)
        # Last, so that whoever searches meanwhile finds only what is whole.
        for number, (bag, _) in enumerate(bags, start=first):
            for name in bag:
                self.index[name].append(number)

    def rarity(self, name):
        return math.log((len(self.meanings) + 2) / self.counts[name])

    def nearest(self, bag, most, like_enough):
        """[(likeness, meaning)], the likest first."""
        known = {name: self.rarity(name) ** 2 for name in bag if name in self.counts}
        unknown = sum(UNKNOWN_WEIGHT for name in bag if name not in self.counts and " " not in name)
        length = math.sqrt(sum(known.values()) + unknown) or 1.0
        likeness = defaultdict(float)
        for name, weight in known.items():
            for number in self.index[name]:
                likeness[number] += weight
        likest = [(weight / length / self.lengths[number], number) for number, weight in likeness.items()]
        best = heapq.nsmallest(most, likest, key=lambda pair: (-pair[0], pair[1]))
        return [(like, self.meanings[number]) for like, number in best if like >= like_enough]

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
        rows = csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
        return Experience([(text, tuple(Work(*work.split(":")) for work in works.split())) for text, works in rows])
