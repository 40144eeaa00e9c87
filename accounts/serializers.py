from drf_spectacular.utils import extend_schema_field
from phonenumber_field.serializerfields import PhoneNumberField
from rest_framework import serializers
from rest_framework.exceptions import NotFound

from accounts.models import AccountEvent, Location, PromotionRequest, User, normalised, place_code, user_name
from accounts.roles import PERMISSIONS, Role
from accounts.services import people
from boutique.api.serializers import (
    Choice,
    EventSerializer,
    HouseModelSerializer,
    HouseSerializer,
    Label,
    Note,
    Reference,
    Text,
)
from boutique.images import PictureField

# ------------------------------------------------------------------------------------------------ fields


class UserName(Text):
    def to_internal_value(self, data):
        return normalised(super().to_internal_value(data))


class PlaceCode(Text):
    def to_internal_value(self, data):
        return super().to_internal_value(data).upper()


class EmailAddress(serializers.EmailField):
    """Folded: two spellings of one address are one person."""

    def to_internal_value(self, data):
        if not isinstance(data, str):
            self.fail("invalid")
        return normalised(super().to_internal_value(data)).lower()


class Password(serializers.CharField):
    """Spaces belong to it; 256 characters are enough for anybody and bound the cost of hashing."""

    def __init__(self, **options):
        super().__init__(
            write_only=True, trim_whitespace=False, max_length=256, style={"input_type": "password"}, **options
        )

    def to_internal_value(self, data):
        if not isinstance(data, str):
            self.fail("invalid")
        return User.normalize_username(super().to_internal_value(data))  # NFKC: the same keys, the same password


class Phone(PhoneNumberField):
    def to_internal_value(self, data):
        if not isinstance(data, str) or len(data) > 40:
            raise serializers.ValidationError("A phone number is a text such as +49 40 1234567.", code="invalid")
        number = super().to_internal_value(data)
        if getattr(number, "extension", None):
            raise serializers.ValidationError("Leave the extension out.", code="invalid")
        return number


class RoleChoice(Choice):
    def __init__(self, **options):
        super().__init__(choices=Role.choices, **options)


# ------------------------------------------------------------------------------------------------ places


class Place(Reference):
    """The place a document is made in. One outside the caller's own is not there for them: 404, not a wrong field.

    Nothing is outside for somebody who sees all places: what they name wrongly is a wrong field.
    """

    def __init__(self, **options):
        # The road is nobody's to work in.
        options.setdefault("queryset", Location.objects.exclude(kind=Location.Kind.TRANSIT))
        super().__init__(**options)

    def to_internal_value(self, data):
        try:
            return super().to_internal_value(data)
        except serializers.ValidationError as error:
            is_theirs = self.context["request"].user.has_perm("accounts.see_all_places")
            if error.get_codes() == ["does_not_exist"] and not is_theirs:
                raise NotFound from None
            raise


class LocationBrief(HouseModelSerializer):
    class Meta:
        model = Location
        fields = ["id", "code", "name", "kind"]


class PersonBrief(HouseModelSerializer):
    """A colleague, without any way to reach them."""

    name = serializers.CharField(source="get_full_name", read_only=True)

    class Meta:
        model = User
        fields = ["id", "username", "name", "role"]


RECORD_FIELDS = ["created_at", "created_by", "created_by_name", "updated_at", "updated_by"]


class LocationSerializer(HouseModelSerializer):
    expandable = {"manager": PersonBrief}
    code = PlaceCode(max_length=12, validators=[place_code])
    manager_name = Label("manager.get_full_name")
    created_by_name = Label("created_by.get_full_name")

    class Meta:
        model = Location
        fields = [
            "id", "code", "name", "kind", "address", "timezone", "manager", "manager_name", "is_active",
            *RECORD_FIELDS,
        ]  # fmt: skip
        read_only_fields = ["is_active", *RECORD_FIELDS]

    def validate_kind(self, kind):
        if kind == Location.Kind.TRANSIT:
            raise serializers.ValidationError("The road between the places exists by itself.", code="invalid")
        return kind


# ------------------------------------------------------------------------------------------------ people


class UserSerializer(HouseModelSerializer):
    expandable = {"locations": LocationBrief}
    name = serializers.CharField(source="get_full_name", read_only=True)
    email = EmailAddress(max_length=254)
    username = UserName(read_only=True)
    phone = Phone(required=False, allow_blank=True)
    photo = PictureField(read_only=True)
    role = RoleChoice(required=False)
    role_name = Label("get_role_display")
    locations = Reference(queryset=Location.objects.exclude(kind="transit"), many=True)
    location_codes = serializers.SerializerMethodField()
    last_sign_in_at = serializers.DateTimeField(source="last_login", read_only=True, allow_null=True)
    created_by_name = Label("created_by.get_full_name")
    allowed_actions = serializers.SerializerMethodField()

    class Meta:
        model = User
        fields = [
            "id", "username", "email", "first_name", "last_name", "name", "phone", "photo", "role", "role_name",
            "status", "locations", "location_codes", "last_sign_in_at", "allowed_actions", *RECORD_FIELDS,
        ]  # fmt: skip
        read_only_fields = ["status", *RECORD_FIELDS]

    def get_location_codes(self, person) -> list[str]:
        return [place.code for place in person.locations.all()]

    def get_allowed_actions(self, person) -> list[str]:
        return people.allowed_actions(person, self.context["request"].user)


class ProfileSerializer(UserSerializer):
    """Oneself: what one may change, and what one may do."""

    role = RoleChoice(read_only=True)
    permissions = serializers.SerializerMethodField()

    class Meta(UserSerializer.Meta):
        fields = [*UserSerializer.Meta.fields, "permissions"]

    locations = serializers.PrimaryKeyRelatedField(many=True, read_only=True)

    def get_permissions(self, person) -> list[str]:
        return sorted(PERMISSIONS[person.role])


class RegisterSerializer(HouseModelSerializer):
    username = UserName(max_length=60, validators=[user_name])
    email = EmailAddress(max_length=254)
    password = Password()
    phone = Phone(required=False, allow_blank=True)

    class Meta:
        model = User
        fields = ["username", "email", "password", "first_name", "last_name", "phone"]


class HireSerializer(RegisterSerializer):
    role = RoleChoice()
    locations = Reference(queryset=Location.objects.exclude(kind="transit"), many=True, required=False)

    class Meta(RegisterSerializer.Meta):
        fields = [*RegisterSerializer.Meta.fields, "role", "locations"]


class RegisteredSerializer(HouseModelSerializer):
    """What a stranger learns of the account they asked for."""

    class Meta:
        model = User
        fields = ["id", "username", "email", "first_name", "last_name", "status"]
        read_only_fields = fields


class ApproveSerializer(HouseSerializer):
    role = RoleChoice()
    locations = Reference(queryset=Location.objects.exclude(kind="transit"), many=True)


class ReinstateSerializer(HouseSerializer):
    role = RoleChoice(required=False)
    locations = Reference(queryset=Location.objects.exclude(kind="transit"), many=True, required=False)


class DemoteSerializer(Note):
    role = RoleChoice()


class AccountEventSerializer(EventSerializer):
    changes = serializers.SerializerMethodField()

    class Meta(EventSerializer.Meta):
        model = AccountEvent

    @extend_schema_field({"type": "object", "additionalProperties": True})
    def get_changes(self, event):
        """Places the reader cannot see are left out."""
        user = self.context["request"].user
        if "locations" not in event.changes or user.has_perm("accounts.see_all_places"):
            return event.changes
        return event.changes | {"locations": keep(event.changes["locations"], user.location_ids)}


def keep(places, visible):
    if places and isinstance(places[0], list):
        return [keep(inner, visible) for inner in places]  # before and after
    return [place for place in places if place["id"] in visible]


class PromotionRequestSerializer(HouseModelSerializer):
    expandable = {"user": PersonBrief}
    user = Reference(queryset=User.objects.all())
    user_name = Label("user.get_full_name")
    reason = Text(notes=True, max_length=1000)
    decided_by_name = Label("decided_by.get_full_name")
    created_by_name = Label("created_by.get_full_name")
    allowed_actions = serializers.SerializerMethodField()

    class Meta:
        model = PromotionRequest
        fields = [
            "id", "user", "user_name", "to_role", "reason", "status", "decided_by", "decided_by_name", "decided_at",
            "decision_note", "allowed_actions", *RECORD_FIELDS,
        ]  # fmt: skip
        read_only_fields = ["status", "decided_by", "decided_at", "decision_note", *RECORD_FIELDS]

    def get_allowed_actions(self, asked) -> list[str]:
        return people.request_actions(asked, self.context["request"].user)


class RoleSerializer(HouseSerializer):
    code = serializers.CharField(read_only=True)
    name = serializers.CharField(read_only=True)
    description = serializers.CharField(read_only=True)
    permissions = serializers.ListField(child=serializers.CharField(), read_only=True)


class RolesSerializer(HouseSerializer):
    """All of them at once, in the envelope of every list."""

    count = serializers.IntegerField(read_only=True)
    count_exact = serializers.BooleanField(read_only=True)
    next = serializers.CharField(read_only=True, allow_null=True)
    previous = serializers.CharField(read_only=True, allow_null=True)
    results = RoleSerializer(many=True, read_only=True)


# ------------------------------------------------------------------------------------------------ sessions


class LoginSerializer(HouseSerializer):
    username = Text(max_length=254, help_text="User name or e-mail address.")
    password = Password()


class RefreshSerializer(HouseSerializer):
    refresh = serializers.CharField(max_length=2000)


class TokensSerializer(HouseSerializer):
    access = serializers.CharField(read_only=True)
    refresh = serializers.CharField(read_only=True)


class SignedInSerializer(TokensSerializer):
    user = ProfileSerializer(read_only=True)


class PasswordChangeSerializer(HouseSerializer):
    current_password = Password()
    new_password = Password()


class PasswordResetSerializer(HouseSerializer):
    email = EmailAddress(max_length=254)


class PasswordResetConfirmSerializer(HouseSerializer):
    uid = serializers.CharField(max_length=64)
    token = serializers.CharField(max_length=200)
    new_password = Password()


class PhotoSerializer(HouseSerializer):
    photo = PictureField()
