"""What a customer may ask of us: who looked at their measurements, all that we hold, and to be forgotten.

Each app answers for its own rows: see CUSTOMER_OPEN_WORK, CUSTOMER_EXPORTS and CUSTOMER_ERASERS in the settings.
"""

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Upper
from django.utils import timezone
from django.utils.module_loading import import_string

from accounts.services import people
from boutique import idempotency, mail
from boutique.documents import note_down
from boutique.errors import InUse, line_error
from boutique.models import DocumentEvent
from orders.models import BodyDataRead, Consent, Customer, MeasurementValue
from orders.services import customers, measurements

DETAILS = (
    "number", "name", "email", "phone", "address", "notes", "birthday", "is_active", "created_at", "updated_at",
)  # fmt: skip

# ------------------------------------------------------------------------------------------------ looking


def note_read(*, sets, by, route):
    """Somebody looks at these measurements: one row, however many they are."""
    ids = sorted({taken.customer_id for taken in sets})
    if ids:
        BodyDataRead.objects.create(by=by, customers=ids, route=route[:200])


def with_names(reads):
    """Each row of the log with the names of those it is about, as they are called today."""
    named = Customer.objects.only("name").in_bulk({pk for read in reads for pk in read.customers})
    for read in reads:
        read.customer_names = [named[pk].name if pk in named else "" for pk in read.customers]
    return reads


# ------------------------------------------------------------------------------------------------ handing over


@transaction.atomic
def export(*, customer, by, route):
    """Everything we hold about a customer, as plain values."""
    sets = list(customer.measurement_sets.with_values().order_by("pk"))
    held = {
        "exported_at": timezone.now(),
        "customer": details_of(customer),
        "known_in": list(customer.places.order_by("location__code").values_list("location__code", flat=True)),
        "consents": list(customer.consents.order_by("pk").values("purpose", "is_given", "how", "at")),
        "measurements": [set_in_full(taken) for taken in sets],
        "body_data_reads": list(reads_of(customer).order_by("pk").values("at", "route")),
        "events": list(events_of(customer).order_by("pk").values("at", "kind", "note", "changes")),
    }
    for name in settings.CUSTOMER_EXPORTS:
        held |= import_string(name)(customer)
    note_read(sets=sets, by=by, route=route)
    note_down(customer, by, kind="exported")
    return held


def details_of(customer):
    return {name: getattr(customer, name) for name in DETAILS}


def set_in_full(taken):
    kept = {"taken_at": taken.created_at, "was_confirmed": taken.was_confirmed, "warnings": taken.warnings}
    return kept | {
        "wearer": taken.wearer,
        "basis": taken.basis,
        "type": taken.type,
        "version": taken.version,
        "unit": taken.unit,
        "values": measurements.values_of(taken),
        "values_cm": measurements.values_in_cm(taken),
        "note": taken.note,
        "deleted_at": taken.deleted_at,
    }


def reads_of(customer):
    return BodyDataRead.objects.filter(customers__contains=[customer.pk])


def events_of(customer):
    return DocumentEvent.objects.filter(document=customer.number)


# ------------------------------------------------------------------------------------------------ forgetting


@transaction.atomic
def erase(*, customer, by):
    """A pseudonym stands where the person stood. Money and stock stay, as the law wants. Twice is the same as once."""
    by = people.confirmed(by)
    # Against whoever is just making a paper for them: theirs comes first, or finds nobody.
    customer = customers.locked(customer, no_key=False)
    if customer.is_erased:
        return customer
    refuse_open_work(customer)
    forget_bodies(customer, by)
    for name in settings.CUSTOMER_ERASERS:
        import_string(name)(customer, by)
    withdraw_consents(customer, by)
    forget_answers(customer)
    forget_letters(customer)
    forget_person(customer, by)
    return customer


def refuse_open_work(customer):
    open_work = [number for name in settings.CUSTOMER_OPEN_WORK for number in import_string(name)(customer)]
    if open_work:
        named = ", ".join(open_work[:20])
        text = f"{customer} has open work: {named}. Finish or cancel it first."
        raise InUse(text, errors=[line_error("customer", "open_work", text, documents=open_work)])


def forget_person(customer, by):
    customer.name = customer.pseudonym
    customer.email = customer.phone = customer.address = customer.notes = ""
    customer.birthday, customer.is_active, customer.erased_at = None, False, timezone.now()
    customers.put_words(customer)
    customers.save(customer, by, kind="erased")


def forget_bodies(customer, by):
    """The rows of sets stay, as orders name them; wearers become numbers, so that their versions stay apart."""
    sets = customer.measurement_sets.all()
    MeasurementValue.objects.filter(taken__in=sets).delete()
    named = sets.exclude(wearer="").annotate(folded=Upper("wearer"))
    for number, wearer in enumerate(sorted(set(named.values_list("folded", flat=True))), start=1):
        named.filter(folded=wearer).update(wearer=f"Erased wearer {number}")
    sets.update(note="", warnings=[], updated_by=by, updated_at=timezone.now())


def withdraw_consents(customer, by):
    newest = customer.consents.order_by("purpose", "-pk").distinct("purpose")
    for said in [said for said in newest if said.is_given]:
        customers.note_consent(customer, said.purpose, by, is_given=False, how=Consent.Way.ERASED)


def forget_answers(customer):
    """Answers that are kept for whoever repeats a request (see boutique.idempotency) hold names, too."""
    idempotency.blank_answers(
        Q(route__contains="/customers/", body__startswith=f'{{"id":{customer.pk},')
        | Q(body__contains=f'"customer":{customer.pk},')
    )


def forget_letters(customer):
    """Where a family shares an address, only the letters that name this one."""
    if customer.email:
        is_shared = Customer.objects.filter(email=customer.email).exclude(pk=customer.pk).exists()
        mail.forget(customer.email, **({"name": customer.name} if is_shared else {}))
