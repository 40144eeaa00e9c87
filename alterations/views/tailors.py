from rest_framework.generics import get_object_or_404

from accounts.models import User
from alterations import filters
from alterations.models import AlterationService, ServicePrice
from alterations.serializers import tailors as serializers
from alterations.services import catalogue, planning
from boutique.api.viewsets import Changed, HouseViewSet, Listed, Made, Patched, Removed, Shown
from orders.serializers.orders import MONEY


class AlterationServiceViewSet(Listed, Shown, Made, Changed, Removed, HouseViewSet):
    """What the workroom does, how long it takes and what it costs. `load_alteration_services` brings a first list."""

    queryset = AlterationService.objects.select_related("created_by")
    serializer_class = serializers.AlterationServiceSerializer
    filterset_class = filters.ServiceFilter
    search_fields = ["code", "name", "description"]
    orderings = {"code": "code", "name": "name", "minutes": "minutes", "price": "price"}
    default_ordering = "code"
    guarded = {"price": MONEY}
    permissions = {
        "list": "alterations.view_alterationservice",
        "retrieve": "alterations.view_alterationservice",
        "create": "alterations.add_alterationservice",
        "update": "alterations.change_alterationservice",
        "partial_update": "alterations.change_alterationservice",
        "destroy": "alterations.delete_alterationservice",
    }
    inputs = {
        "update": serializers.ServiceChangeSerializer,
        "partial_update": serializers.ServiceChangeSerializer,
    }
    examples = {
        "create": {
            "code": "trs_pleat",
            "name": "Sew pleats down",
            "garment_types": ["trs"],
            "minutes": 30,
            "price": "20.00",
            "skill": 2,
            "needs_fitting": True,
            "keywords": ["pleats", "bulky"],
        },
        "update": {"name": "Sew pleats down", "minutes": 35, "price": "22.00"},
        "partial_update": {"price": "22.00"},
    }

    def make(self, **sent):
        """A new service."""
        return catalogue.add(by=self.request.user, **sent)

    def change(self, service, **sent):
        """What is agreed on tickets stays as it was."""
        return catalogue.change(service=service, by=self.request.user, **sent)

    def remove(self, service):
        """Once it stands on a ticket it stays (409 `in_use`): set `is_active` to false."""
        catalogue.delete(service=service, by=self.request.user)


class ServicePriceViewSet(Listed, Made, HouseViewSet):
    """What one service costs from which day on, everywhere or in one place."""

    queryset = ServicePrice.objects.select_related("location", "by")
    serializer_class = serializers.ServicePriceSerializer
    permissions = {"list": MONEY, "create": "alterations.change_alterationservice"}
    examples = {"create": {"price": "19.00", "starts_on": "2027-01-01", "location": 2}}

    def service(self):
        return get_object_or_404(AlterationService, pk=self.kwargs["service"])

    def get_queryset(self):
        return super().get_queryset().filter(service=self.service())

    def create(self, request, **path):
        self.priced = self.service()
        return super().create(request, **path)

    def make(self, **sent):
        """Another price, from a day that is not over."""
        return catalogue.set_price(service=self.priced, by=self.request.user, **sent)


class TailorViewSet(Listed, Shown, Patched, HouseViewSet):
    """Who sews: what they can, when they are there, what waits for them, and how much of it comes back."""

    queryset = User.objects.select_related("bench")
    serializer_class = serializers.TailorSerializer
    filterset_class = filters.TailorFilter
    orderings = {"username": "username"}
    default_ordering = "username"
    permissions = {
        "list": "alterations.view_bench",
        "retrieve": "alterations.view_bench",
        "partial_update": "alterations.change_bench",
    }
    inputs = {"partial_update": serializers.TailorChangeSerializer}
    examples = {
        "partial_update": {
            "weekly_minutes": [480, 480, 480, 480, 240, 0, 0],
            "skills": [{"skill": "trs", "level": 4}, "drs"],
            "time_off": [{"from": "2027-08-02", "to": "2027-08-13"}],
        }
    }

    def rows(self):
        return planning.with_work(planning.visible_to(self.request.user)).select_related("bench")

    def get_queryset(self):
        return self.rows()

    def change(self, tailor, **sent):
        """Their week, skills and days off, each as a whole."""
        return planning.plan(tailor=tailor, by=self.request.user, **sent)
