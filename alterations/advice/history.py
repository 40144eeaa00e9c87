"""What people of this shop put down before, for words like these: each accepted choice teaches the next answer."""

import math
from collections import defaultdict
from dataclasses import dataclass

from alterations.advice.experience import Experience, features

NEAREST = 8
LIKE_ENOUGH = 0.3
MOST_SAY = 0.75  # how much former choices can count against what the words say themselves
AGAINST = 0.4  # and how much what they did not choose sinks
MEANT = 0.6  # to have meant the same counts less than to have said it
TAUGHT = 0.65  # likeness from which a choice made before is put down again


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


class History:
    """Former choices, found by their words and by what they meant."""

    def __init__(self, choices=()):
        self.by_words, self.by_meaning = Experience(()), Experience(())
        self.remember(choices)

    def remember(self, choices):
        choices = list(choices)
        self.by_words.learn([(features(choice.text), choice) for choice in choices if choice.text])
        self.by_meaning.learn([(dict.fromkeys(choice.meaning, 1), choice) for choice in choices if choice.meaning])

    def likest(self, text, reading):
        """[(likeness, choice)]: those who said the like, and, counting less, those who meant the same."""
        found = {}
        for like, choice in self.by_meaning.nearest(meaning_of(reading), NEAREST, LIKE_ENOUGH):
            found[id(choice)] = (like * MEANT, choice)
        for like, choice in self.by_words.nearest(features(text), NEAREST, LIKE_ENOUGH):
            found[id(choice)] = max((like, choice), found.get(id(choice), (0, choice)), key=lambda pair: pair[0])
        return sorted(found.values(), key=lambda pair: -pair[0])[:NEAREST]

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
