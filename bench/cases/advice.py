"""Advice at the counter, with the starter catalogue; how good it is, bench/advice.py says."""

import functools
import itertools

from accounts.roles import Role
from alterations.services import catalogue
from bench import shop
from bench.registry import Ask, case

WORDS = (
    "My trousers drag on the floor and the waist gapes at the back",
    "Zip's broken on my jacket, and there is a hole in the pocket",
    "I lost weight and this dress just hangs off me",
    "Could you shorten the sleeves of this blazer by two centimetres? The buttons on the cuff really open.",
    "Me queda ancha la cintura del pantalón",
)


@functools.cache
def starter():
    return catalogue.load()


@case(queries=5, ratio=14)
def local_advice(client):
    """POST alterations/recommend/: the local engine, 51 services."""
    starter()
    token = shop.token(shop.person(Role.STAFF, places=[shop.place()]))
    words = itertools.cycle(WORDS)
    return lambda: Ask("POST", "alterations/recommend/", token, {"text": next(words)})
