from django.http import Http404

from boutique.api.pagination import refuse
from boutique.api.viewsets import Changed, HouseViewSet, Listed, Made, Removed, Shown
from orders import filters
from orders.models import MeasurementDefinition, MeasurementSet, Unit
from orders.serializers import measurements as serializers
from orders.services import measurements, ordering, privacy
from orders.views.customers import route_of


class DefinitionViewSet(Listed, Shown, Made, Changed, Removed, HouseViewSet):
    """The vocabulary: each dimension with the bounds between which a number of it can be believed."""

    queryset = MeasurementDefinition.objects.select_related("created_by")
    serializer_class = serializers.DefinitionSerializer
    filterset_class = filters.DefinitionFilter
    search_fields = ["code", "name", "description"]
    orderings = {"position": "position", "code": "code", "name": "name", "created_at": "created_at"}
    default_ordering = "position"
    permissions = {
        "list": "orders.view_measurementdefinition",
        "retrieve": "orders.view_measurementdefinition",
        "create": "orders.add_measurementdefinition",
        "update": "orders.change_measurementdefinition",
        "partial_update": "orders.change_measurementdefinition",
        "destroy": "orders.delete_measurementdefinition",
    }
    examples = {
        "create": {
            "code": "cape_length",
            "name": "Cape length",
            "description": "Nape to hem of the cape",
            "garments": ["coat"],
            "warn_min": "60.00",
            "warn_max": "140.00",
            "reject_min": "30.00",
            "reject_max": "180.00",
        },
        "update": {
            "code": "cape_length",
            "name": "Cape length",
            "warn_min": "50.00",
            "warn_max": "150.00",
            "reject_min": "30.00",
            "reject_max": "180.00",
        },
        "partial_update": {"is_active": False},
    }

    def make(self, **sent):
        """One more dimension. Bounds rise: reject_min, warn_min, warn_max, reject_max."""
        return measurements.add_definition(by=self.request.user, **sent)

    def change(self, definition, **sent):
        """Its words and bounds. Once numbers were taken by it, its code, unit, kind and sides stay."""
        return measurements.change_definition(definition=definition, by=self.request.user, **sent)

    def remove(self, definition):
        """Only while no numbers were taken by it, else 409 `in_use`: set `is_active` to false."""
        measurements.delete_definition(definition=definition, by=self.request.user)


class BodyData:
    """Whoever is shown measurements of others is written down, and may ask for them in their own unit."""

    def as_shown(self, sets):
        sets = list(sets)
        # Nobody reads what they have just typed, unless its warnings tell what was measured before.
        read = [taken for taken in sets if self.action != "create" or measurements.tells_the_last(taken)]
        privacy.note_read(sets=read, by=self.request.user, route=route_of(self.request))
        return sets

    def get_serializer_context(self):
        return super().get_serializer_context() | {"unit": self.asked_unit()}

    def asked_unit(self):
        unit = self.request.query_params.get("unit") if self.request and self.request.method == "GET" else None
        if unit is not None and unit not in Unit.values:
            refuse("unit", f"{unit!r:.60} is not one of: {', '.join(Unit.values)}.")
        return unit


class MeasurementViewSet(BodyData, Listed, Shown, Made, Changed, Removed, HouseViewSet):
    """What was measured, in versions: nothing is ever changed, each correction is the next version.

    Tailors see the measurements of their own jobs only. Each look is written down.
    """

    queryset = MeasurementSet.objects.current().select_related("customer", "created_by").with_values()
    serializer_class = serializers.MeasurementSerializer
    filterset_class = filters.MeasurementFilter
    orderings = {"created_at": "created_at", "version": "version"}
    questions = {"retrieve": {"unit"}}
    permissions = {
        "list": "orders.view_body",
        "retrieve": "orders.view_body",
        "create": "orders.add_measurementset",
        "update": "orders.change_measurementset",
        "partial_update": "orders.change_measurementset",
        "destroy": "orders.delete_measurementset",
    }
    inputs = {"update": serializers.RenewSerializer, "partial_update": serializers.RenewSerializer}
    examples = {
        "create": {
            "customer": 1,
            "wearer": "Leila",
            "basis": "body",
            "type": "shirt",
            "unit": "cm",
            "values": {"chest_girth": "92.5", "arm_length": {"left": "60", "right": "60.5"}},
            "note": "Right shoulder a little lower.",
        },
        "update": {"unit": "in", "values": {"chest_girth": "36 1/2"}, "note": "Measured again."},
        "partial_update": {"values": {"chest_girth": "94"}, "confirm": True},
    }

    def get_queryset(self):
        rows = super().get_queryset()
        return rows.deletable_by(self.request.user) if self.action == "destroy" else rows

    def write(self, handler, request, *args, **path):
        try:
            return super().write(handler, request, *args, **path)
        except measurements.NeedsConfirmation as refusal:
            # It says how far these numbers are from the last ones: so does whoever is told them know those.
            privacy.note_read(sets=refusal.read, by=request.user, route=route_of(request))
            raise

    def make(self, order=None, **sent):
        """Version 1, or the next of this customer, wearer and type. With `order`, that one is cut to them.

        What cannot be is 400 on `values.<code>`. What is out of the ordinary, or more than 15 % from the last version,
        is 409 `needs_confirmation` and kept with `confirm: true`. What fits badly together comes back in `warnings`.
        """
        if order is not None:
            return ordering.measure(order=order, by=self.request.user, **sent)
        return measurements.take(by=self.request.user, **sent)

    def change(self, taken, **sent):
        """Makes the next version: PUT with these values only, PATCH with these in place of the last ones."""
        is_whole = self.request.method == "PUT"
        values = sent.pop("values", [])
        return measurements.renew(taken=taken, values=values, is_whole=is_whole, by=self.request.user, **sent)

    def remove(self, taken):
        """Taken out of all lists; an order that was cut to it keeps its numbers. Juniors: their own, the same day."""
        measurements.delete(taken=taken, by=self.request.user)


class VersionViewSet(BodyData, Listed, HouseViewSet):
    """All versions of the same customer, wearer and type, the newest first."""

    queryset = MeasurementViewSet.queryset
    serializer_class = serializers.MeasurementSerializer
    orderings = {"version": "version"}
    default_ordering = "-version"
    permissions = {"list": "orders.view_body"}

    def get_queryset(self):
        rows = super().get_queryset()
        taken = rows.filter(pk=self.kwargs["pk"]).first()
        if taken is None:
            raise Http404
        return rows.versions_of(taken)
