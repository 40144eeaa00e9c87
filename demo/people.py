"""Who works in the demo shop beside those who sign in, and who buys there."""

import secrets
from decimal import Decimal

from accounts.models import User
from accounts.roles import Role
from accounts.services import people
from alterations.services import planning
from orders.models import Consent, MeasurementDefinition
from orders.services import customers, measurements

# They make the rota and the figures believable; nobody knows their passwords.
TEAM = [
    ("helena", Role.STAFF, "Helena", "Sørensen", ["HARBOUR", "CENTRE"]),
    ("sven", Role.STAFF, "Sven", "Aalto", ["HARBOUR", "CENTRE"]),
    ("clara", Role.STAFF, "Clara", "Moreau", ["CENTRE"]),
    ("amara", Role.TAILOR, "Amara", "Diallo", ["CENTRE", "WORKSHOP", "HARBOUR"]),
    ("otto", Role.STAFF, "Otto", "Krause", ["CENTRE"]),
]
FIRST_NAMES = (
    "Anna", "Beatriz", "Chen", "Daniela", "Elif", "Fatou", "Giulia", "Hannah", "Ines", "Julia", "Kavya", "Leonie",
    "Mei", "Noor", "Olga", "Priya", "Rosa", "Samuel", "Tariq", "Viktor",
)  # fmt: skip
LAST_NAMES = (
    "Almeida", "Bauer", "Costa", "Demir", "Eriksen", "Fischer", "Gupta", "Haddad", "Ivanova", "Jansen", "Kumar",
    "Lindqvist", "Mensah",
)  # fmt: skip
STREETS = ("Mill Lane", "Garden Row", "Station Road", "Chapel Hill", "Linden Avenue")
MOST_CUSTOMERS, MEASURED = 120, 10
SKILLS = {
    "tailor": {"trs": 5, "jns": 5, "jkt": 5, "wst": 5, "sht": 4, "cot": 4},
    "amara": {"drs": 5, "gwn": 5, "brd": 5, "skt": 5, "bls": 5, "lhg": 4, "sre": 4, "krt": 4, "knt": 3, "trs": 3},
}


def hire_team(shop):
    """The rest of the staff: one was promoted, one has left, one waits at the door."""
    for username, role, first_name, last_name, codes in TEAM:
        shop.people[username] = people.hire(
            username=username,
            email=f"{username}@example.com",
            password=secrets.token_urlsafe(18),
            first_name=first_name,
            last_name=last_name,
            role=role,
            locations=[shop.places[code] for code in codes],
            by=shop.owner,
        )
    promote(shop)
    people.dismiss(person=shop.people.pop("otto"), reason="Moved to another city.", by=shop.owner)
    people.register(
        username="nadia",
        email="nadia@example.com",
        password=secrets.token_urlsafe(18),
        first_name="Nadia",
        last_name="Petrova",
    )
    # As they are now: rights are read once of each.
    shop.people = {person.username: person for person in User.objects.filter(username__in=shop.people)}


def promote(shop):
    """A promotion in each of its states."""
    for username, to_role, decide in (
        ("helena", Role.MANAGER, lambda asked: people.approve_promotion(asked=asked, by=shop.owner, note="Well done.")),
        ("sven", Role.MANAGER, lambda asked: people.reject_promotion(asked=asked, by=shop.owner, note="Next year.")),
        ("viewer", Role.STAFF, lambda asked: people.withdraw_promotion(asked=asked, by=shop.manager)),
        ("clara", Role.MANAGER, lambda asked: None),
    ):
        reason = "Has run the floor alone for a year."
        asked = people.ask_promotion(user=shop.people[username], to_role=to_role, reason=reason, by=shop.manager)
        decide(asked)
    for username in ("helena", "sven"):  # who learnt the trade in the Centre, and have a store of their own now
        people.change(person=shop.people[username], locations=[shop.harbour], by=shop.owner)


def plan_benches(shop):
    """What the tailors can, and when one of them is away."""
    for username, skills in SKILLS.items():
        planning.plan(tailor=shop.people[username], skills=skills, by=shop.manager)
    away = (shop.day(10), shop.day(12))
    planning.plan(tailor=shop.people["amara"], time_off=[away], by=shop.manager)


# ------------------------------------------------------------------------------------------------ customers


def welcome(shop):
    """Customers of both stores. Every third gave a telephone number alone: those order, so that no letter goes out."""
    many = min(MOST_CUSTOMERS, 24 + len(shop.goods) // 3)
    for number in range(many):
        first, last = FIRST_NAMES[number % len(FIRST_NAMES)], LAST_NAMES[number % len(LAST_NAMES)]
        place = shop.harbour if number % 5 in (2, 4) else shop.centre
        shop.customers.append(
            customers.add(
                name=f"{first} {last}",
                email="" if number % 3 == 0 else f"{first}.{last}.{number}@example.com".lower(),
                phone=f"+4940555{number:04d}",
                address=f"{number + 1} {STREETS[number % len(STREETS)]}",
                notes="Prefers natural fabrics." if number % 7 == 0 else "",
                location=place,
                consent=shop.rng.random() < 0.5,
                by=shop.manager_of(place),
            )
        )
    withdrawn = shop.customers[1]
    for is_given in (True, False):
        customers.record_consent(
            customer=withdrawn, purpose=Consent.Purpose.MARKETING, is_given=is_given, by=shop.manager
        )
    customers.archive(customer=shop.customers.pop(), by=shop.manager)


def orderers(shop, place):
    """Those without an address, by the store that knows them."""
    chosen = [customer for number, customer in enumerate(shop.customers) if number % 3 == 0]
    return [one for number, one in enumerate(chosen) if (number * 3 % 5 in (2, 4)) == (place == shop.harbour)]


def measure(shop):
    """Bodies of those who order, one of them measured twice."""
    taken = {}
    for place in (shop.centre, shop.harbour):
        for number, customer in enumerate(orderers(shop, place)[:MEASURED]):
            kind = "dress" if number % 2 == 0 else "jacket"
            by = shop.people["clara"] if place == shop.centre else shop.manager_of(place)
            taken[customer.pk] = taken_of(shop, customer, kind, by)
    again = next(iter(taken))
    customer = next(one for one in shop.customers if one.pk == again)
    taken[again] = taken_of(shop, customer, taken[again].type, shop.manager)
    return taken


def taken_of(shop, customer, kind, by):
    readings, errors = measurements.read(body_of(shop, kind), "cm")
    if errors:
        raise ValueError(errors)
    return measurements.take(
        customer=customer, type=kind, values=readings, note="Two fingers of ease.", confirm=True, by=by
    )


def body_of(shop, kind):
    """A grown-up in the middle of what is usual."""
    wanted = MeasurementDefinition.objects.active().filter(kind="body", unit="cm", garments__contains=[kind])
    build = Decimal(shop.rng.randint(42, 58)) / 100
    return {
        one.code: str((one.warn_min + (one.warn_max - one.warn_min) * build).quantize(Decimal("0.5")))
        for one in wanted[:14]
    }
