import django_filters
from django.conf import settings
from django.db.models import Exists, OuterRef

from accounts.models import Location
from boutique.api.filters import DayFilter, HouseFilterSet, IdFilter, MomentFilter, TruthFilter
from boutique.api.pagination import refuse
from inventory.filters import Several
from orders import contacts
from orders.models import (
    Basis,
    Basket,
    BodyDataRead,
    Customer,
    CustomerPlace,
    Family,
    MeasurementDefinition,
    MeasurementSet,
    Order,
    OrderLine,
    Payment,
    StyleImage,
    TillEntry,
    TillSession,
    Unit,
)
from orders.models.orders import SOLD_STATUSES


class CustomerFilter(HouseFilterSet):
    email = django_filters.CharFilter(method="by_email", label="the whole address")
    phone = django_filters.CharFilter(method="by_phone", label="the whole number, with any spaces")
    location = IdFilter(method="known_in", label="known in this place")
    consent = TruthFilter(label="want to hear from us")
    is_active = TruthFilter()
    erased = TruthFilter(field_name="erased_at", lookup_expr="isnull", exclude=True)
    created_by = IdFilter()

    class Meta:
        model = Customer
        fields = []

    def known_in(self, rows, name, pk):
        """Asked about somebody else's place, we know of nobody."""
        mine = Location.objects.visible_to(self.request.user).filter(pk=pk)
        return rows.filter(Exists(CustomerPlace.objects.filter(customer=OuterRef("pk"), location__in=mine)))

    def by_email(self, rows, name, text):
        return rows.filter(email=text.strip().lower())

    def by_phone(self, rows, name, text):
        number = contacts.phone(text, settings.PHONENUMBER_DEFAULT_REGION)
        return rows.filter(phone=number) if number else rows.none()


class DefinitionFilter(HouseFilterSet):
    kind = django_filters.ChoiceFilter(choices=Basis.choices)
    side = django_filters.ChoiceFilter(choices=MeasurementDefinition.Side.choices)
    garment = django_filters.ChoiceFilter(choices=Family.choices, method="by_garment")
    code = django_filters.CharFilter()
    is_active = TruthFilter()

    class Meta:
        model = MeasurementDefinition
        fields = []

    def by_garment(self, rows, name, family):
        return rows.filter(garments__contains=[family])


class MeasurementFilter(HouseFilterSet):
    customer = IdFilter()
    wearer = django_filters.CharFilter(lookup_expr="iexact")
    basis = django_filters.ChoiceFilter(choices=Basis.choices)
    type = django_filters.ChoiceFilter(choices=Family.choices)
    newest = TruthFilter(method="only_newest", label="only the newest version of each wearer and type")
    created_by = IdFilter()
    unit = django_filters.ChoiceFilter(choices=Unit.choices, method="shown_in", label="shows all values in this unit")

    class Meta:
        model = MeasurementSet
        fields = []

    def only_newest(self, rows, name, wanted):
        return rows.newest() if wanted else rows

    def shown_in(self, rows, name, unit):
        return rows  # the view shows them so


class BodyDataReadFilter(HouseFilterSet):
    created_after = MomentFilter(field_name="at", lookup_expr="gt")
    created_before = MomentFilter(field_name="at", lookup_expr="lt")
    after = MomentFilter(field_name="at", lookup_expr="gt")
    before = MomentFilter(field_name="at", lookup_expr="lt")
    customer = IdFilter(method="about")
    person = IdFilter(field_name="by")

    class Meta:
        model = BodyDataRead
        fields = []

    def about(self, rows, name, pk):
        return rows.filter(customers__contains=[int(pk)])


class OneOrMore(django_filters.BaseInFilter, django_filters.ChoiceFilter):
    """One of the choices, or several separated by commas."""

    def filter(self, rows, words):
        if words and not all(words):
            refuse(self.field_name, "One of the choices, or several separated by commas.")
        return super().filter(rows, words)


class OrderFilter(HouseFilterSet):
    customer = IdFilter()
    location = Several(label="one place, or several separated by commas")
    status = OneOrMore(choices=Order.Status.choices, label="one, or several separated by commas")
    payment_status = OneOrMore(choices=Order.PaymentStatus.choices, label="one, or several separated by commas")
    delivery_after = DayFilter(field_name="delivery_date", lookup_expr="gte", label="on this day or later")
    delivery_before = DayFilter(field_name="delivery_date", lookup_expr="lte", label="on this day or earlier")
    overdue = TruthFilter(method="late", label="open, though their day is over in their place")
    sku = IdFilter(method="with_sku", label="with this SKU on one of their lines")
    created_by = IdFilter()

    class Meta:
        model = Order
        fields = []

    def late(self, rows, name, wanted):
        late = Order.objects.overdue()
        return rows.filter(pk__in=late.values("pk")) if wanted else rows.exclude(pk__in=late.values("pk"))

    def with_sku(self, rows, name, pk):
        return rows.filter(Exists(OrderLine.objects.filter(order=OuterRef("pk"), sku=pk)))


class SaleFilter(HouseFilterSet):
    customer = IdFilter()
    location = Several(label="one place, or several separated by commas")
    sold_by = IdFilter(field_name="created_by")
    client_id = django_filters.CharFilter()
    business_date = DayFilter(label="on this day of its place")
    after = DayFilter(field_name="business_date", lookup_expr="gte", label="on this day or later")
    before = DayFilter(field_name="business_date", lookup_expr="lte", label="on this day or earlier")
    status = OneOrMore(choices=SOLD_STATUSES, label="one, or several separated by commas")
    method = django_filters.ChoiceFilter(
        choices=Payment.Method.choices, method="paid_by", label="paid with, in part or whole"
    )
    sku = IdFilter(method="with_sku", label="with this SKU on one of their lines")

    class Meta:
        model = Order
        fields = []

    def with_sku(self, rows, name, pk):
        return rows.filter(Exists(OrderLine.objects.filter(order=OuterRef("pk"), sku=pk)))

    def paid_by(self, rows, name, method):
        taken = Payment.objects.filter(order=OuterRef("pk"), kind=Payment.Kind.PAYMENT, method=method)
        return rows.filter(Exists(taken))


class PaymentFilter(HouseFilterSet):
    created_after = MomentFilter(field_name="at", lookup_expr="gt")
    created_before = MomentFilter(field_name="at", lookup_expr="lt")
    kind = django_filters.ChoiceFilter(choices=Payment.Kind.choices)
    method = django_filters.ChoiceFilter(choices=Payment.Method.choices)

    class Meta:
        model = Payment
        fields = []


class StyleImageFilter(HouseFilterSet):
    order = IdFilter()
    created_by = IdFilter()
    deleted = TruthFilter(method="taken_down", label="only those that were taken down, and that you may put back")

    class Meta:
        model = StyleImage
        fields = []

    def taken_down(self, rows, name, wanted):
        return rows.exclude(deleted_at=None).removable_by(self.request.user) if wanted else rows.current()


class TillSessionFilter(HouseFilterSet):
    location = Several(label="one place, or several separated by commas")
    register = django_filters.CharFilter(lookup_expr="iexact")
    status = django_filters.ChoiceFilter(choices=TillSession.Status.choices)
    business_date = DayFilter(label="the day of the place on which it was opened")
    after = DayFilter(field_name="business_date", lookup_expr="gte", label="on this day or later")
    before = DayFilter(field_name="business_date", lookup_expr="lte", label="on this day or earlier")
    created_by = IdFilter(label="who opened it")

    class Meta:
        model = TillSession
        fields = []


class TillEntryFilter(HouseFilterSet):
    created_after = MomentFilter(field_name="at", lookup_expr="gt")
    created_before = MomentFilter(field_name="at", lookup_expr="lt")
    kind = django_filters.ChoiceFilter(choices=TillEntry.Kind.choices)
    method = django_filters.ChoiceFilter(choices=Payment.Method.choices)
    business_date = DayFilter()

    class Meta:
        model = TillEntry
        fields = []


class BasketFilter(HouseFilterSet):
    location = Several(label="one place, or several separated by commas")
    customer = IdFilter()
    status = django_filters.ChoiceFilter(choices=Basket.Status.choices)
    created_by = IdFilter()

    class Meta:
        model = Basket
        fields = []
