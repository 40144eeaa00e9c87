import django_filters
from django.db.models import Q

from accounts.models import User
from alterations.models import (
    AlterationService,
    Garment,
    GarmentImage,
    GarmentType,
    Recommendation,
    Ticket,
    TicketPayment,
)
from boutique.api.filters import DayFilter, HouseFilterSet, IdFilter, MomentFilter, TruthFilter
from inventory.filters import Several
from orders.filters import OneOrMore, PaymentFilter, StyleImageFilter
from orders.models import Order


class ServiceFilter(HouseFilterSet):
    code = django_filters.CharFilter()
    garment_type = django_filters.ChoiceFilter(choices=GarmentType.choices, method="fits", label="done to these")
    needs_fitting = TruthFilter()
    is_active = TruthFilter()

    class Meta:
        model = AlterationService
        fields = []

    def fits(self, rows, name, kind):
        return rows.filter(Q(garment_types__contains=[kind]) | Q(garment_types=[]))


class TicketFilter(HouseFilterSet):
    customer = IdFilter()
    location = Several(label="one place, or several separated by commas")
    order = IdFilter()
    status = OneOrMore(choices=Ticket.Status.choices, label="one, or several separated by commas")
    payment_status = OneOrMore(choices=Order.PaymentStatus.choices, label="one, or several separated by commas")
    promised_after = DayFilter(field_name="promised_on", lookup_expr="gte", label="on this day or later")
    promised_before = DayFilter(field_name="promised_on", lookup_expr="lte", label="on this day or earlier")
    rush = TruthFilter(field_name="is_rush")
    overdue = TruthFilter(method="late", label="not ready, though the promised day is over in their place")
    created_by = IdFilter()

    class Meta:
        model = Ticket
        fields = []

    def late(self, rows, name, wanted):
        late = Ticket.objects.overdue().values("pk")
        return rows.filter(pk__in=late) if wanted else rows.exclude(pk__in=late)


class GarmentFilter(HouseFilterSet):
    ticket = IdFilter()
    customer = IdFilter(field_name="ticket__customer")
    location = Several(field_name="ticket__location", label="one place, or several separated by commas")
    tailor = IdFilter()
    status = OneOrMore(choices=Garment.Status.choices, label="one, or several separated by commas")
    garment_type = django_filters.ChoiceFilter(choices=GarmentType.choices)
    overdue = TruthFilter(method="late", label="not ready, though the promised day is over in their place")
    warranty_of = IdFilter()

    class Meta:
        model = Garment
        fields = []

    def late(self, rows, name, wanted):
        late = Ticket.objects.overdue().values("pk")
        is_late = Q(ticket__in=late) & ~Q(status__in=["ready", "collected", "cancelled"])
        return rows.filter(is_late) if wanted else rows.exclude(is_late)


class TicketPaymentFilter(PaymentFilter):
    class Meta:
        model = TicketPayment
        fields = []


class GarmentImageFilter(StyleImageFilter):
    order = None
    garment = IdFilter()
    ticket = IdFilter(field_name="garment__ticket")

    class Meta:
        model = GarmentImage
        fields = []


class TailorFilter(HouseFilterSet):
    location = IdFilter(field_name="locations")

    class Meta:
        model = User
        fields = []


class RecommendationFilter(HouseFilterSet):
    created_after = MomentFilter(field_name="at", lookup_expr="gt")
    created_before = MomentFilter(field_name="at", lookup_expr="lt")
    by = IdFilter()
    ticket = IdFilter()
    engine = django_filters.ChoiceFilter(choices=Recommendation.Engine.choices)
    outcome = django_filters.ChoiceFilter(choices=Recommendation.Outcome.choices)
    degraded = TruthFilter()
    accepted = TruthFilter(field_name="acceptance", lookup_expr="isnull", exclude=True)

    class Meta:
        model = Recommendation
        fields = []
