from django.db.models import Prefetch
from drf_spectacular.types import OpenApiTypes
from rest_framework.decorators import action
from rest_framework.response import Response

from boutique.api.viewsets import Changed, HouseViewSet, Listed, Made, Removed, Shown, TimelineViewSet
from orders import filters
from orders.models import BodyDataRead, Consent, Customer
from orders.models.customers import CONTACT
from orders.serializers import customers as serializers
from orders.services import customers, privacy


class CustomerViewSet(Listed, Shown, Made, Changed, Removed, HouseViewSet):
    """Whom the shop sews for and sells to, where they are known in one's places. Without contact data for juniors.

    The search finds names, e-mail addresses and phone numbers, with any spaces, by any part they end with.
    """

    # Without the words they are found by.
    queryset = (
        Customer.objects.select_related("created_by")
        .prefetch_related(Prefetch("consents", Consent.objects.select_related("by")))
        .with_consent()
        .defer("search", "search_by_name")
    )
    serializer_class = serializers.CustomerSerializer
    filterset_class = filters.CustomerFilter
    orderings = {"name": "name", "created_at": "created_at"}
    default_ordering = "name"
    guarded = dict.fromkeys(("email", "phone", "consent"), CONTACT)
    permissions = {
        "list": "orders.view_customer",
        "retrieve": "orders.view_customer",
        "create": "orders.add_customer",
        "update": "orders.change_customer",
        "partial_update": "orders.change_customer",
        "destroy": "orders.delete_customer",
        "archive": "orders.archive_customer",
        "restore": "orders.archive_customer",
        "consent": "orders.change_customer",
        "history": "orders.view_history",
        "export": "orders.export_customer",
        "erase": "orders.erase_customer",
    }
    inputs = {"create": serializers.NewCustomerSerializer, "consent": serializers.RecordConsentSerializer}
    outputs = {"history": (200, serializers.HistorySerializer), "export": (200, OpenApiTypes.OBJECT)}
    examples = {
        "create": {
            "name": "Amina Rahman",
            "email": "amina@example.com",
            "phone": "+49 40 1234567",
            "address": "3 Thimble Yard, Hamburg",
            "birthday": "1990-05-17",
            "consent": True,
        },
        "update": {"name": "Amina Rahman", "email": "amina@example.com", "phone": "040 1234567"},
        "partial_update": {"notes": "Prefers mornings."},
        "consent": {"purpose": "photos", "is_given": True, "how": "on_paper"},
    }

    def as_shown(self, rows):
        return customers.warned(list(rows), self.request.user)

    def make(self, **sent):
        """A new customer. Another with the same phone number or e-mail address is told in `warnings`, never refused."""
        return customers.add(by=self.request.user, **sent)

    def change(self, customer, **sent):
        """Change what is sent and leave the rest."""
        return customers.change(customer=customer, by=self.request.user, **sent)

    def remove(self, customer):
        """For somebody written down by mistake. Whoever has a history is archived or erased (409 `in_use`)."""
        customers.delete(customer=customer, by=self.request.user)

    @action(detail=True, methods=["post"])
    def archive(self, request, pk):
        """Not asked for any more; new orders are refused until they are restored."""
        self.sent()
        return self.answer(customers.archive(customer=self.get_object(), by=request.user))

    @action(detail=True, methods=["post"])
    def restore(self, request, pk):
        """A customer again."""
        self.sent()
        return self.answer(customers.restore(customer=self.get_object(), by=request.user))

    @action(detail=True, methods=["post"])
    def consent(self, request, pk):
        """What they allow, or take back: news, pictures, advice by a machine. When and by whom is kept."""
        said = customers.record_consent(customer=self.get_object(), by=request.user, **self.sent())
        return self.answer(said)

    @action(detail=True)
    def history(self, request, pk):
        """Their orders, sales and alterations in one's places, the newest of each, and what was spent."""
        found = customers.history(customer=self.get_object(), by=request.user)
        return Response(serializers.HistorySerializer(found, context=self.get_serializer_context()).data)

    @action(detail=True)
    def export(self, request, pk):
        """All that we hold about them, as one JSON file. That it was handed out stands in their events."""
        customer = self.get_object()
        held = privacy.export(customer=customer, by=request.user, route=route_of(request))
        file_name = f"{customer.number.lower()}.json"
        return Response(held, headers={"Content-Disposition": f'attachment; filename="{file_name}"'})

    @action(detail=True, methods=["post"])
    def erase(self, request, pk):
        """Forget the person: a pseudonym takes their place, money and stock rows stay. Twice is the same as once.

        While work is open it is 409 `in_use`, and names it.
        """
        self.sent()
        return self.answer(privacy.erase(customer=self.get_object(), by=request.user))


def route_of(request):
    return f"{request.method} {request.path}"


class CustomerEventViewSet(TimelineViewSet):
    """What happened to one customer's entry, newest first. It names what was changed, never from what to what."""

    documents = Customer
    permissions = {"list": "orders.view_history"}


class BodyDataReadViewSet(Listed, HouseViewSet):
    """Who looked at whose measurements, when, and on which route. Newest first; nobody writes here."""

    queryset = BodyDataRead.objects.select_related("by")
    serializer_class = serializers.BodyDataReadSerializer
    filterset_class = filters.BodyDataReadFilter
    permissions = {"list": "orders.view_bodydataread"}

    def as_shown(self, rows):
        return privacy.with_names(list(rows))
