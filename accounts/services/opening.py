"""The first day: the owner, and in the demo shop one person per role."""

import secrets

from django.db import connection, transaction

from accounts.models import AccountEvent, User
from accounts.roles import Role
from accounts.services import people, places

DEMO_PASSWORD = "boutique-demo"  # noqa: S105 (everybody may know it: it is printed at the start)
FIRST_DAY = 0x626F7574  # the advisory lock of two servers that start on one empty database
PLACES = [
    {"code": "CENTRE", "name": "Boutique Centre", "kind": "store", "address": "1 Market Square"},
    {"code": "HARBOUR", "name": "Boutique Harbour", "kind": "store", "address": "12 Quay Street"},
    {"code": "WAREHOUSE", "name": "Warehouse", "kind": "warehouse", "address": "40 Mill Lane"},
    {"code": "WORKSHOP", "name": "Workshop", "kind": "workshop", "address": "3 Thimble Yard"},
]
DEMO_PEOPLE = [
    ("manager", Role.MANAGER, "Maria", "Lopez", ["CENTRE", "WAREHOUSE", "WORKSHOP"]),
    ("staff", Role.STAFF, "Sam", "Okafor", ["CENTRE"]),
    ("junior", Role.JUNIOR_DESIGNER, "Jun", "Tanaka", ["CENTRE", "WORKSHOP"]),
    ("tailor", Role.TAILOR, "Tomas", "Novak", ["CENTRE", "WORKSHOP"]),
    ("viewer", Role.VIEWER, "Vera", "Lind", ["CENTRE"]),
]


@transaction.atomic
def open_shop(*, demo, owner_password=""):
    """Lets the first people in. Returns the sign-ins to print, none if the shop was open already."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [FIRST_DAY])
    if User.objects.exists():
        return []
    password = owner_password or (DEMO_PASSWORD if demo else secrets.token_urlsafe(12))
    owner = let_owner_in(password)
    sign_ins = [(owner.username, password, owner.get_role_display())]
    if demo:
        sign_ins += let_demo_people_in(owner)
    return sign_ins


def let_owner_in(password):
    owner = User(username="owner", email="owner@example.com", first_name="Olivia", last_name="Brandt")
    owner.role, owner.status = Role.ADMIN, User.Status.ACTIVE
    password = User.normalize_username(password)  # as sign-in reads it
    people.check_new_password(password, owner, field="password")
    owner.set_password(password)
    owner.save()
    people.log(owner, AccountEvent.Kind.CREATED, after=Role.ADMIN)
    return owner


def let_demo_people_in(owner):
    opened = {fields["code"]: places.open_place(by=owner, **fields) for fields in PLACES}
    for username, role, first_name, last_name, codes in DEMO_PEOPLE:
        person = people.hire(
            username=username,
            email=f"{username}@example.com",
            password=DEMO_PASSWORD,
            first_name=first_name,
            last_name=last_name,
            role=role,
            locations=[opened[code] for code in codes],
            by=owner,
        )
        if username == "manager":
            places.change(place=opened["CENTRE"], manager=person, by=owner)
    return [(username, DEMO_PASSWORD, Role(role).label) for username, role, *_names in DEMO_PEOPLE]


def is_still_demo():
    """The owner can still sign in with the password that everybody knows."""
    owner = User.objects.active().filter(username="owner").first()
    return owner is not None and owner.check_password(DEMO_PASSWORD)


def demo_sign_ins():
    owner = ("owner", DEMO_PASSWORD, Role.ADMIN.label)
    return [owner, *((username, DEMO_PASSWORD, role.label) for username, role, *_names in DEMO_PEOPLE)]
