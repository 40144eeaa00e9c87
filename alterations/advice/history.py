"""What people of this shop put down before, for words like these: each accepted choice teaches the next answer."""

import math
from collections import Counter, defaultdict
from dataclasses import dataclass

from alterations.advice.experience import Experience, features

NEAREST = 8
LIKE_ENOUGH = 0.3
MOST_SAY = 0.75  # how much former choices can count against what the words say themselves
AGAINST = 0.4  # and how much what they did not choose sinks
TAUGHT = 0.55  # likeness from which a choice made before is put down again


@dataclass(frozen=True)
class Choice:
    """One accepted recommendation."""

    text: str  # scrubbed; empty once it is too old to be kept
    meaning: tuple  # hem:shorten, hem:shorten/trousers: stays
    chosen: tuple  # ids of services
    refused: tuple = ()  # what was put down and struck out


def meaning_of(reading):
    """What a request was read as, without a word of it."""
    found = []
    for wish in reading.wishes:
        if wish.weight >= 0.5:
            work = f"{wish.work.part}:{wish.work.op}"
            found += [work, *(f"{work}/{garment}" for garment in reading.garments.get(wish.clause, ()))]
    return tuple(dict.fromkeys(found))


class History(Experience):
    """Former choices, found by their words and by what they meant."""

    def __init__(self, choices=()):
        super().__init__(())
        self.remember(choices)

    def remember(self, choices):
        self.learn([(self.bag(choice.text, choice.meaning), choice) for choice in choices])

    @staticmethod
    def bag(text, meaning):
        bag = features(text) if text else Counter()
        bag.update(f"={name}" for name in meaning)
        return bag

    def likest(self, text, reading):
        return self.nearest(self.bag(text, meaning_of(reading)), NEAREST, LIKE_ENOUGH)

    def weigh_in(self, advice, text, reading):
        """Raises what was chosen for such words, lowers a little what was not."""
        near = self.likest(text, reading)
        if not near:
            return
        votes, total = defaultdict(float), 0.0
        for like, choice in near:
            total += like**2
            for service in choice.chosen:
                votes[service] += like**2
            for service in choice.refused:
                votes[service] -= like**2 / 2
        # One neighbour is an anecdote, three are a custom.
        say = min(MOST_SAY, near[0][0]) * (1 - math.exp(-2.5 * total))
        for item in advice.items:
            share = votes.get(item.service.offer.id, 0.0) / total
            if share > 0:
                item.score += (1 - item.score) * say * share
                item.neighbours = sum(item.service.offer.id in choice.chosen for _, choice in near)
                item.taught = share >= 0.5 and near[0][0] >= TAUGHT
            else:
                item.score *= 1 - say * AGAINST * (1 if share == 0 else 2)
