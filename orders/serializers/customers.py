import datetime

from django.conf import settings
from django.utils import timezone
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.models import Location
from accounts.serializers import RECORD_FIELDS, EmailAddress, Place
from boutique.api.serializers import (
    Amount,
    Choice,
    HouseModelSerializer,
    HouseSerializer,
    Label,
    Text,
    Truth,
    WholeNumber,
)
from orders import contacts
from orders.models import BodyDataRead, Consent, Customer
from orders.models.customers import CONTACT

FIRST_BIRTHDAY = datetime.date(1900, 1, 1)

# ------------------------------------------------------------------------------------------------ fields


class PhoneNumber(Text):
    """As people write it; kept as +49401234567 where it is a number of some country, else as its digits."""

    default_error_messages = {"phone": "A phone number is digits, spaces and + ( ) - . / only, such as +49 40 1234567."}

    def __init__(self, **options):
        super().__init__(max_length=40, **options)

    def to_internal_value(self, data):
        text = super().to_internal_value(data)
        number = contacts.phone(text, settings.PHONENUMBER_DEFAULT_REGION) if text else ""
        if number is None:
            self.fail("phone")
        return number


class Birthday(serializers.DateField):
    default_error_messages = {"range": "Lies before 1900 or in the future."}

    def to_internal_value(self, value):
        day = super().to_internal_value(value)
        if not FIRST_BIRTHDAY <= day <= timezone.localdate():
            self.fail("range")
        return day


class WarningSerializer(HouseSerializer):
    """Something to look at, which stops nobody."""

    field = serializers.CharField(read_only=True)
    code = serializers.CharField(read_only=True)
    message = serializers.CharField(read_only=True)
    params = serializers.DictField(read_only=True, default=dict)


# ------------------------------------------------------------------------------------------------ customers


class ConsentSerializer(HouseModelSerializer):
    """What they said last about one purpose."""

    by_name = Label("by.get_full_name")

    class Meta:
        model = Consent
        fields = ["purpose", "is_given", "how", "at", "by", "by_name"]
        read_only_fields = fields


class CustomerBrief(HouseModelSerializer):
    number = serializers.CharField(read_only=True)

    class Meta:
        model = Customer
        fields = ["id", "number", "name"]


class CustomerSerializer(HouseModelSerializer):
    """`consent` says whether they want to hear from us; `consents` what they said last about each purpose."""

    guarded = dict.fromkeys(
        ("email", "phone", "address", "notes", "birthday", "consent", "consents", "warnings"), CONTACT
    )
    number = serializers.CharField(read_only=True)
    email = EmailAddress(max_length=254, required=False, allow_blank=True)
    phone = PhoneNumber(required=False, allow_blank=True)
    birthday = Birthday(required=False, allow_null=True)
    consent = Truth(required=False)
    consents = serializers.SerializerMethodField()
    warnings = WarningSerializer(many=True, read_only=True)
    created_by_name = Label("created_by.get_full_name")

    class Meta:
        model = Customer
        fields = [
            "id", "number", "name", "email", "phone", "address", "notes", "birthday", "consent", "consents",
            "is_active", "erased_at", "warnings", *RECORD_FIELDS,
        ]  # fmt: skip
        read_only_fields = ["is_active", "erased_at", *RECORD_FIELDS]

    @extend_schema_field(ConsentSerializer(many=True))
    def get_consents(self, customer):
        newest = {}
        for said in customer.consents.all():
            newest.setdefault(said.purpose, said)
        return ConsentSerializer(newest.values(), many=True, context=self.context).data


class NewCustomerSerializer(CustomerSerializer):
    """`location`: where they are known beside the places of whoever writes them down."""

    location = Place(queryset=Location.objects.filter(is_active=True).exclude(kind="transit"), required=False)

    class Meta(CustomerSerializer.Meta):
        fields = [*CustomerSerializer.Meta.fields, "location"]


class RecordConsentSerializer(HouseSerializer):
    purpose = Choice(choices=Consent.Purpose)
    is_given = Truth()
    how = Choice(
        choices=[(way.value, way.label) for way in Consent.Way if way != Consent.Way.ERASED],
        default=Consent.Way.IN_PERSON,
    )


# ------------------------------------------------------------------------------------------------ what they bought


class PaperSerializer(HouseSerializer):
    id = WholeNumber(read_only=True)
    number = serializers.CharField(read_only=True)
    date = serializers.DateField(read_only=True)
    location = WholeNumber(read_only=True)
    location_code = serializers.CharField(read_only=True)
    status = serializers.CharField(read_only=True)
    total = Amount(max_digits=12, decimal_places=2, read_only=True)


class HistorySerializer(HouseSerializer):
    orders = PaperSerializer(many=True, read_only=True, default=list)
    sales = PaperSerializer(many=True, read_only=True, default=list)
    alterations = PaperSerializer(many=True, read_only=True, default=list)
    spend = Amount(max_digits=14, decimal_places=2, read_only=True)


# ------------------------------------------------------------------------------------------------ who looked


class BodyDataReadSerializer(HouseModelSerializer):
    by_name = Label("by.get_full_name")
    customer_names = serializers.ListField(child=serializers.CharField(), read_only=True)

    class Meta:
        model = BodyDataRead
        fields = ["id", "at", "by", "by_name", "customers", "customer_names", "route"]
        read_only_fields = fields
