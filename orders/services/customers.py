"""Writing customers down, changing them, and where they are known."""

from django.db import transaction

from boutique.errors import Invalid, RuleError, line_error
from orders.models import Customer, CustomerPlace


class Erased(RuleError):
    code = "erased"
    title = "Erased"


@transaction.atomic
def seen_in(*, customer, location, path="customer"):
    """Whoever makes a paper for a customer says so, in its transaction and before the paper's own rows are locked.

    From then on the place's people see them. An archived or erased customer gets no new papers.
    """
    customer = locked(customer)
    if not customer.is_active:
        text = f"{customer} is erased." if customer.is_erased else f"{customer} is archived. Restore them first."
        raise Invalid(text, errors=[line_error(path, "archived", text)])
    know([location], customer)
    return customer


def know(places, customer):
    CustomerPlace.objects.bulk_create(
        [CustomerPlace(customer=customer, location=place) for place in places], ignore_conflicts=True
    )


def locked(customer):
    return customer.as_locked(Customer.objects.select_for_update(no_key=True, of=("self",)).get(pk=customer.pk))
