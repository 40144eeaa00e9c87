"""The people and places that cases ask for."""

import functools
import itertools

from django.contrib.auth.hashers import make_password

from accounts.models import Assignment, Location, User
from accounts.roles import Role
from accounts.services import sessions

PASSWORD = "Seven-brass-buttons-42"
numbers = itertools.count(1)


@functools.cache
def hashed_password():
    # Once: hashing takes longer than everything else that makes a person.
    return make_password(PASSWORD)


def somebody(role=Role.STAFF):
    number = next(numbers)
    return User(
        username=f"person{number}",
        email=f"person{number}@example.com",
        first_name="Ada",
        last_name=f"Person {number}",
        password=hashed_password(),
        role=role,
        status=User.Status.ACTIVE,
    )


def place():
    number = next(numbers)
    return Location.objects.create(code=f"SHOP{number}", name=f"Shop {number}", kind=Location.Kind.STORE)


def person(role=Role.STAFF, *, places=()):
    made = somebody(role)
    made.save()
    made.assignments.bulk_create(Assignment(user=made, location=place) for place in places)
    return made


@functools.cache
def crowded_place(many):
    """A place where so many people work."""
    full = place()
    people = User.objects.bulk_create(somebody() for _ in range(many))
    Assignment.objects.bulk_create(Assignment(user=one, location=full) for one in people)
    return full


def tokens(who):
    return sessions.tokens_of(sessions.sign_in(person=who))


def token(who):
    return tokens(who)["access"]
