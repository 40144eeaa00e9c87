"""Writing customers down, changing them, and where they are known."""

from dataclasses import dataclass, field
from decimal import Decimal

from django.conf import settings
from django.contrib.postgres.search import SearchVector
from django.db import transaction
from django.db.models import Q, Value
from django.utils.module_loading import import_string

from accounts.services import people
from boutique.documents import note_down
from boutique.errors import InUse, Invalid, RuleError, line_error
from boutique.models import is_referred_to
from orders import contacts
from orders.models import Consent, Customer, CustomerPlace
from orders.models.customers import CONTACT
from skus.words import folded

WORDS = {"name", "email", "phone"}  # what they are found by


class Erased(RuleError):
    code = "erased"
    title = "Erased"


# ------------------------------------------------------------------------------------------------ writing down


@transaction.atomic
def add(*, by, location=None, consent=None, **fields):
    """A new customer, known in the places of whoever writes them down, and in `location`."""
    customer = Customer(created_by=by, updated_by=by, **fields)
    put_words(customer)
    customer.save()
    know({*by.location_ids, *([location.pk] if location else [])}, customer)
    note_down(customer, by, kind="created")
    if consent is not None:
        note_consent(customer, Consent.Purpose.MARKETING, by, is_given=consent)
    return customer


@transaction.atomic
def change(*, customer, by, consent=None, **fields):
    customer = still_known(locked(customer))
    changed = [name for name, value in fields.items() if getattr(customer, name) != value]
    for name in changed:
        setattr(customer, name, fields[name])
    if WORDS & set(changed):
        put_words(customer)
    if changed:
        # The timeline says that the address changed, not what it was: it is kept longer than the person.
        save(customer, by, kind="changed", changes=dict.fromkeys(changed))
    if consent is not None and consent != has_consented(customer):
        allow(customer, Consent.Purpose.MARKETING, by, is_given=consent)
    return customer


@transaction.atomic
def record_consent(*, customer, purpose, is_given, by, how=Consent.Way.IN_PERSON):
    """What they allow, or take back. What they said before stays written."""
    customer = still_known(locked(customer))
    allow(customer, purpose, by, is_given=is_given, how=how)
    return customer


def allow(customer, purpose, by, **said):
    note_consent(customer, purpose, by, **said)
    customer.updated_by = by
    customer.save(update_fields=["updated_by", "updated_at"])


def note_consent(customer, purpose, by, *, is_given, how=Consent.Way.IN_PERSON):
    Consent.objects.create(customer=customer, purpose=purpose, is_given=is_given, how=how, by=by)
    note_down(customer, by, kind="consent_given" if is_given else "consent_withdrawn", changes={"purpose": purpose})


def has_consented(customer):
    return Customer.objects.with_consent().values_list("consent", flat=True).get(pk=customer.pk)


@transaction.atomic
def archive(*, customer, by):
    """Not asked for any more; what they ordered stays in the books, and so do they."""
    return set_active(customer, by, is_active=False)


@transaction.atomic
def restore(*, customer, by):
    return set_active(customer, by, is_active=True)


def set_active(customer, by, *, is_active):
    customer = still_known(locked(customer))
    if customer.is_active != is_active:
        customer.is_active = is_active
        save(customer, by, kind="restored" if is_active else "archived")
    return customer


@transaction.atomic
def delete(*, customer, by):
    """For somebody who was written down by mistake; whoever has a history is archived, or erased."""
    people.confirmed(by)
    customer = customer.as_locked(Customer.objects.select_for_update().get(pk=customer.pk))
    if is_referred_to([customer]):
        raise InUse(f"{customer} has a history here. Archive them (archive) or let the owner erase them (erase).")
    note_down(customer, by, kind="deleted")
    customer.delete()


def save(customer, by, **event):
    customer.updated_by = by
    customer.save()
    note_down(customer, by, **event)


def put_words(customer):
    """What they are found by. Notes and address are not: they may hold what is nobody's business."""
    endings = contacts.endings(customer.phone, settings.PHONENUMBER_DEFAULT_REGION)
    customer.search_by_name = vector(customer.name)
    customer.search = vector(" ".join([customer.name, customer.email, *endings]))


def vector(text):
    return SearchVector(Value(folded(text)), config="simple")


# ------------------------------------------------------------------------------------------------ where they are known


@transaction.atomic
def seen_in(*, customer, location, path="customer"):
    """Whoever makes a paper for a customer says so, in its transaction and before the paper's own rows are locked.

    From then on the place's people see them. An archived or erased customer gets no new papers.
    """
    customer = locked(customer)
    refuse_gone(customer, path)
    know([location.pk], customer)
    return customer


def seen_together(pairs):
    """The same for many papers at once: (customer, location) of each."""
    there = held({customer.pk for customer, _location in pairs})
    for customer, _location in pairs:
        refuse_gone(there.get(customer.pk))
    places = sorted({(customer.pk, location.pk) for customer, location in pairs})
    CustomerPlace.objects.bulk_create(
        [CustomerPlace(customer_id=customer, location_id=place) for customer, place in places], ignore_conflicts=True
    )


def held(ids):
    """These, locked in the one order, by their ids."""
    rows = Customer.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk")
    return {customer.pk: customer for customer in rows.defer("search", "search_by_name")} if ids else {}


def refuse_gone(customer, path="customer"):
    if customer is None:
        text = "This customer was deleted."
        raise Invalid(text, errors=[line_error(path, "not_found", text)])
    if not customer.is_active:
        text = f"{customer} is erased." if customer.is_erased else f"{customer} is archived. Restore them first."
        raise Invalid(text, errors=[line_error(path, "archived", text)])


def know(places, customer):
    CustomerPlace.objects.bulk_create(
        [CustomerPlace(customer=customer, location_id=pk) for pk in sorted(places)], ignore_conflicts=True
    )


def locked(customer, **lock):
    rows = Customer.objects.select_for_update(of=("self",), **(lock or {"no_key": True}))
    return customer.as_locked(rows.defer("search", "search_by_name").get(pk=customer.pk))


def still_known(customer):
    if customer.is_erased:
        raise Erased(f"{customer}: what we knew of this person was erased, and nothing is added.")
    return customer


# ------------------------------------------------------------------------------------------------ twins


def warned(customers, by):
    """Each with a warning where another, whom the caller sees, has the same phone number or e-mail address."""
    if not by.has_perm(CONTACT):
        return customers
    emails, phones = ({getattr(row, name) for row in customers} - {""} for name in ("email", "phone"))
    alike = []
    if emails or phones:
        seen = Customer.objects.visible_to(by).filter(Q(email__in=emails) | Q(phone__in=phones))
        alike = list(seen.order_by("pk").values("pk", "name", "email", "phone")[:MOST_ALIKE])
    for customer in customers:
        customer.warnings = [*twins(customer, alike, "email"), *twins(customer, alike, "phone")]
    return customers


MOST_ALIKE = 500  # a family shares a number, not a village


def twins(customer, alike, name):
    value = getattr(customer, name)
    others = [row for row in alike if value and row[name] == value and row["pk"] != customer.pk]
    if others:
        word = {"email": "e-mail address", "phone": "phone number"}[name]
        text = f"The same {word} as {', '.join(row['name'] for row in others[:5])}."
        yield line_error(name, "possible_duplicate", text, customers=[row["pk"] for row in others])


# ------------------------------------------------------------------------------------------------ what they bought


@dataclass(frozen=True, kw_only=True)
class Paper:
    """One order, sale or alteration of a customer."""

    id: int
    number: str
    date: object
    location: int
    location_code: str
    status: str
    total: Decimal


@dataclass(frozen=True, kw_only=True)
class Papers:
    """What one app knows of a customer: a section of their history, its newest papers first."""

    name: str  # orders, sales, alterations
    papers: list = field(default_factory=list)
    spend: Decimal = Decimal("0.00")


def history(*, customer, by):
    """All papers of a customer that this person may see, and what was spent on them."""
    sections = [import_string(name)(customer, by) for name in settings.CUSTOMER_PAPERS]
    return {"spend": sum((part.spend for part in sections), Decimal("0.00"))} | {
        part.name: part.papers for part in sections
    }
