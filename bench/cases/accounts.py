"""People: signing in, oneself, lists of people and places.

The budgets of GET requests are the contract's; those of the others say what they cost when they were written down,
with room for a noisy machine in the ratio and none in the statements.
"""

import itertools

from accounts.roles import Role
from bench import shop
from bench.registry import Ask, case


@case(queries=0)
def no_token(client):
    """GET profile/ without a token: 401."""
    return lambda: Ask("GET", "profile/", expects=401)


@case(queries=1, ratio=4)
def authentication(client):
    """The floor again, behind the house's own authentication and permissions."""
    token = shop.token(shop.person())
    return lambda: Ask("GET", "/bench/signed-in/", token)


@case(queries=2, ratio=10)
def profile(client):
    """GET profile/."""
    token = shop.token(shop.person(places=[shop.place()]))
    return lambda: Ask("GET", "profile/", token)


@case(queries=4, ratio=10)
def empty_list(client):
    """A list of the house over nothing: filters, count, page."""
    token = shop.token(shop.person(Role.ADMIN))
    return lambda: Ask("GET", "/bench/empty/", token)


@case(queries=4, ratio=18)
def users_of_1(client):
    """GET users/ as a manager who works alone: one row."""
    token = shop.token(shop.person(Role.MANAGER, places=[shop.place()]))
    return lambda: Ask("GET", "users/", token)


@case(queries=4, ratio=40)
def users_of_5000(client):
    """GET users/ as a manager with 5,000 colleagues: a page of 25."""
    token = shop.token(shop.person(Role.MANAGER, places=[shop.crowded_place(5000)]))
    return lambda: Ask("GET", "users/", token)


@case(queries=4, ratio=40)
def users_for_owner(client):
    """GET users/ as the owner, who sees everybody: a page of 25."""
    shop.crowded_place(5000)
    token = shop.token(shop.person(Role.ADMIN))
    return lambda: Ask("GET", "users/", token)


@case(queries=10, ratio=20)
def profile_change(client):
    """PATCH profile/ with another name each time."""
    token, numbers = shop.token(shop.person(places=[shop.place()])), itertools.count()
    return lambda: Ask("PATCH", "profile/", token, {"first_name": f"Ada {next(numbers)}"})


@case(queries=6, ratio=18)
def new_place(client):
    """POST locations/."""
    token, numbers = shop.token(shop.person(Role.ADMIN)), itertools.count()

    def ask():
        code = f"P{client}-{next(numbers)}"
        return Ask("POST", "locations/", token, {"code": code, "name": "Pop-up", "kind": "store"}, expects=201)

    return ask


@case(queries=8, ratio=22)
def new_place_with_key(client):
    """POST locations/ with an Idempotency-Key."""
    token, numbers = shop.token(shop.person(Role.ADMIN)), itertools.count()

    def ask():
        code = f"K{client}-{next(numbers)}"
        body = {"code": code, "name": "Pop-up", "kind": "store"}
        return Ask("POST", "locations/", token, body, {"Idempotency-Key": code}, expects=201)

    return ask


@case(queries=1, ratio=9)
def refused(client):
    """POST locations/ with nothing right in it: 400."""
    token = shop.token(shop.person(Role.ADMIN))
    return lambda: Ask("POST", "locations/", token, {"code": "no good", "colour": "red"}, expects=400)


@case(queries=3, ratio=10)
def refresh(client):
    """POST auth/refresh/, each time with the token of the last answer."""
    newest = shop.tokens(shop.person())
    return lambda: Ask("POST", "auth/refresh/", body={"refresh": newest["refresh"]}, then=newest.update)


@case(queries=8)
def sign_in(client):
    """POST auth/login/: Argon2 is most of it, and meant to be."""
    who = shop.person(places=[shop.place()])
    body = {"username": who.username, "password": shop.PASSWORD}
    return lambda: Ask("POST", "auth/login/", body=body)


@case(queries=2, as_slow_as="sign-in")
def sign_in_unknown(client):
    """POST auth/login/ with a name that nobody has: 401, in the same time."""
    numbers = itertools.count()

    def ask():
        # A new name each time: one that is tried too often gets another answer.
        body = {"username": f"nobody-{client}-{next(numbers)}", "password": shop.PASSWORD}
        return Ask("POST", "auth/login/", body=body, expects=401)

    return ask
