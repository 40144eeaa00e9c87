import zoneinfo

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Lower, Upper
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.functional import cached_property
from phonenumber_field.modelfields import PhoneNumberField

from accounts.roles import PERMISSIONS, Role
from boutique.media import StoredName
from boutique.models import Record
from boutique.triggers import append_only


def default_time_zone():
    return settings.BOUTIQUE_TIME_ZONE


def validate_time_zone(name):
    if name not in zoneinfo.available_timezones() - {"localtime", "Factory"}:
        raise ValidationError(f"{name} is not a time zone. Write it as Europe/Berlin.", code="invalid")


place_code = RegexValidator(r"\A[A-Z0-9][A-Z0-9_-]*\Z", "Capital letters, digits, - and _ only.")
user_name = RegexValidator(r"\A[A-Za-z0-9][A-Za-z0-9._+-]+\Z", "Two or more letters, digits, . _ + and - only.")


class LocationQuerySet(models.QuerySet):
    def visible_to(self, user):
        if user.has_perm("accounts.see_all_places"):
            return self
        return self.filter(pk__in=user.location_ids)


class Location(Record):
    """A store, a warehouse, a workshop, or the road between them."""

    class Kind(models.TextChoices):
        STORE = "store", "Store"
        WAREHOUSE = "warehouse", "Warehouse"
        WORKSHOP = "workshop", "Workshop"
        TRANSIT = "transit", "In transit"

    code = models.CharField(max_length=12, validators=[place_code])
    name = models.CharField(max_length=100)
    kind = models.CharField(max_length=10, choices=Kind)
    address = models.TextField(blank=True, max_length=500)
    timezone = models.CharField(max_length=50, default=default_time_zone, validators=[validate_time_zone])
    manager = models.ForeignKey("User", models.PROTECT, null=True, blank=True, related_name="manages")
    is_active = models.BooleanField(default=True)

    objects = LocationQuerySet.as_manager()

    class Meta:
        ordering = ["code"]
        verbose_name = "place"
        constraints = [
            models.UniqueConstraint(Upper("code"), name="location_code_once"),
            models.UniqueConstraint(fields=["kind"], condition=Q(kind="transit"), name="location_one_road"),
            models.CheckConstraint(condition=~Q(kind="transit", is_active=False), name="location_road_stays_open"),
        ]

    def __str__(self):
        return f"{self.code} {self.name}"

    @property
    def is_road(self):
        return self.kind == self.Kind.TRANSIT

    @property
    def today(self):
        return timezone.localdate(timezone=zoneinfo.ZoneInfo(self.timezone))


class UserQuerySet(models.QuerySet):
    def active(self):
        return self.filter(status=User.Status.ACTIVE)

    def may(self, permission):
        """Whose role allows it."""
        return self.active().filter(role__in=[role for role in Role if permission in PERMISSIONS[role]])

    def visible_to(self, user):
        """A manager sees the people of their places, and whoever waits to be let in anywhere."""
        if user.has_perm("accounts.see_all_places"):
            return self
        colleagues = Assignment.objects.filter(user=OuterRef("pk"), location__in=user.location_ids)
        return self.filter(Exists(colleagues) | Q(pk=user.pk) | Q(status=User.Status.PENDING))

    def named(self, name):
        """The person who signs in under this user name or e-mail address."""
        folded = normalised(name).lower()
        return self.annotate(folded=Lower("username")).filter(Q(folded=folded) | Q(email=folded)).first()


class UserManager(BaseUserManager.from_queryset(UserQuerySet)):
    def create_superuser(self, username, email, password=None):
        """For the command line: an owner who may let everybody else in."""
        user = self.model(username=username, email=email.lower(), role=Role.ADMIN, status=User.Status.ACTIVE)
        user.set_password(password)
        user.save()
        return user


class User(AbstractBaseUser, Record):
    """Somebody who works here, or asked to."""

    class Status(models.TextChoices):
        PENDING = "pending", "Waiting for approval"
        ACTIVE = "active", "Active"
        DISMISSED = "dismissed", "Dismissed"

    username = models.CharField(
        max_length=60,
        validators=[user_name],
    )
    email = models.EmailField(max_length=254)
    email_changed_at = models.DateTimeField(null=True, blank=True, editable=False)
    first_name = models.CharField(max_length=80)
    last_name = models.CharField(max_length=80)
    phone = PhoneNumberField(blank=True)
    photo = StoredName(folder="people")
    # The admin's cookies hold a hash of it: raising it ends them all.
    session_version = models.PositiveIntegerField(default=0, editable=False)
    role = models.CharField(max_length=20, choices=Role, null=True, blank=True)  # noqa: DJ001 (null: none given yet)
    status = models.CharField(max_length=10, choices=Status, default=Status.PENDING)
    locations = models.ManyToManyField(
        Location, through="Assignment", through_fields=("user", "location"), related_name="people", blank=True
    )

    objects = UserManager()

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["email"]

    class Meta:
        ordering = ["username"]
        verbose_name = "person"
        verbose_name_plural = "people"
        permissions = [
            ("approve_user", "Can let people in, or turn them away"),
            ("dismiss_user", "Can dismiss people"),
            ("reinstate_user", "Can take people back"),
            ("demote_user", "Can demote people"),
            ("give_any_role", "Can give roles above sales staff"),
            ("see_all_places", "Sees every place"),
            ("manage_place", "Can be the manager of a place"),
            ("use_admin", "Can use the admin"),
        ]
        constraints = [
            models.UniqueConstraint(Lower("username"), name="user_username_once"),
            models.UniqueConstraint(fields=["email"], name="user_email_once"),
            models.CheckConstraint(condition=Q(email=Lower("email")), name="user_email_folded"),
            models.CheckConstraint(condition=~Q(status="active", role=None), name="user_active_has_role"),
        ]
        indexes = [
            models.Index(fields=["status", "role"], name="user_by_status_and_role"),
            models.Index(fields=["username", "id"], name="user_by_username"),  # the order of the list
        ]

    def __str__(self):
        return self.get_full_name()

    def get_full_name(self):
        return f"{self.first_name} {self.last_name}".strip() or self.username

    def get_short_name(self):
        return self.first_name or self.username

    @property
    def is_active(self):
        return self.status == self.Status.ACTIVE

    @property
    def is_staff(self):
        """Django's word for: may use the admin."""
        return self.has_perm("accounts.use_admin")

    def _get_session_auth_hash(self, secret=None):
        words = f"{self.password} {self.session_version}"
        return salted_hmac("accounts.session", words, secret=secret, algorithm="sha256").hexdigest()

    # The role rules bind everybody, whoever started the process.
    is_superuser = False

    def has_perm(self, perm, obj=None):
        return self.is_active and perm in PERMISSIONS[self.role]

    def has_perms(self, perms, obj=None):
        return all(self.has_perm(perm) for perm in perms)

    def has_module_perms(self, app_label):
        return self.is_active and any(perm.startswith(f"{app_label}.") for perm in PERMISSIONS[self.role])

    @cached_property
    def location_ids(self):
        """The places this person works in. Sign-in by token brings them along, so that asking costs nothing."""
        return list(self.assignments.values_list("location_id", flat=True))


def normalised(name):
    return User.normalize_username(name).strip()


class Assignment(models.Model):
    """Somebody works in this place."""

    user = models.ForeignKey(User, models.CASCADE, related_name="assignments")
    location = models.ForeignKey(Location, models.PROTECT, related_name="assignments")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "location"], name="assignment_once")]

    def __str__(self):
        return f"{self.user} in {self.location.code}"


class SignIn(models.Model):
    """One person signed in on one device: the family of refresh tokens that follow one another."""

    class Closed(models.TextChoices):
        SIGNED_OUT = "signed_out", "Signed out"
        REUSED = "reused", "An old token came back"
        RIGHTS_CHANGED = "rights_changed", "Role, places or status changed"
        PASSWORD_CHANGED = "password_changed", "Password changed"
        ENDED = "ended", "Ended by the owner"

    user = models.ForeignKey(User, models.CASCADE, related_name="sign_ins")
    current_token = models.UUIDField()
    previous_token = models.UUIDField(null=True)
    rotated_at = models.DateTimeField()
    created_at = models.DateTimeField(auto_now_add=True)
    closed_at = models.DateTimeField(null=True)
    closed_because = models.CharField(max_length=20, choices=Closed, blank=True)
    wrote_at = models.DateTimeField(null=True)  # noted only where lists are read from a copy (boutique.replica)
    address = models.GenericIPAddressField(null=True)
    device = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name = "session"
        permissions = [("close_signin", "Can end somebody's session")]
        constraints = [
            models.CheckConstraint(
                condition=Q(closed_at=None, closed_because="") | (Q(closed_at__isnull=False) & ~Q(closed_because="")),
                name="signin_closed_for_a_reason",
            )
        ]
        indexes = [
            models.Index(fields=["user"], condition=Q(closed_at=None), name="signin_open_by_user"),
            models.Index(fields=["rotated_at"], name="signin_by_age"),
        ]

    def __str__(self):
        return f"{self.user} since {self.created_at:%Y-%m-%d %H:%M}"


class AccountEvent(models.Model):
    """One line of the log of people: who changed what about whom."""

    class Kind(models.TextChoices):
        REGISTERED = "registered", "Registered"
        CREATED = "created", "Created"
        APPROVED = "approved", "Approved"
        REJECTED = "rejected", "Turned away"
        PROMOTION_REQUESTED = "promotion_requested", "Promotion asked for"
        PROMOTION_REJECTED = "promotion_rejected", "Promotion refused"
        PROMOTION_WITHDRAWN = "promotion_withdrawn", "Promotion withdrawn"
        PROMOTED = "promoted", "Promoted"
        DEMOTED = "demoted", "Demoted"
        MOVED = "moved", "Places changed"
        CHANGED = "changed", "Details changed"
        DISMISSED = "dismissed", "Dismissed"
        REINSTATED = "reinstated", "Taken back"
        DELETED = "deleted", "Deleted"
        PASSWORD_CHANGED = "password_changed", "Password changed"
        RESET_SENT = "reset_sent", "Password link sent"
        TOKEN_REUSED = "token_reused", "An old token came back"

    # The log outlives the person: somebody who never did anything may be deleted, what was done to them stays.
    person = models.ForeignKey(User, models.DO_NOTHING, db_constraint=False, related_name="events")
    person_name = models.CharField(max_length=161)
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    kind = models.CharField(max_length=20, choices=Kind)
    before = models.CharField(max_length=200, blank=True)
    after = models.CharField(max_length=200, blank=True)
    note = models.TextField(blank=True)
    changes = models.JSONField(default=dict)

    class Meta:
        ordering = ["-id"]
        verbose_name = "event"
        verbose_name_plural = "log of people"
        indexes = [models.Index(fields=["person", "-id"], name="accountevent_by_person")]
        triggers = append_only("account_log")

    def __str__(self):
        return f"{self.person_name}: {self.get_kind_display()}"


class PromotionRequestQuerySet(models.QuerySet):
    def visible_to(self, user):
        if user.has_perm("accounts.see_all_places"):
            return self
        return self.filter(Q(user__in=User.objects.visible_to(user)) | Q(created_by=user))


class PromotionRequest(Record):
    """A manager asks that somebody gets a higher role; the owner decides."""

    class Status(models.TextChoices):
        REQUESTED = "requested", "Requested"
        APPROVED = "approved", "Approved"
        REJECTED = "rejected", "Rejected"
        WITHDRAWN = "withdrawn", "Withdrawn"

    user = models.ForeignKey(User, models.PROTECT, related_name="promotion_requests")
    to_role = models.CharField(max_length=20, choices=Role)
    reason = models.TextField(max_length=1000)
    status = models.CharField(max_length=10, choices=Status, default=Status.REQUESTED)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decision_note = models.TextField(blank=True)

    objects = PromotionRequestQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        permissions = [
            ("withdraw_promotionrequest", "Can withdraw a promotion request"),
            ("decide_promotionrequest", "Can decide a promotion request"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["user"],
                condition=Q(status="requested"),
                name="promotion_one_open_request",
                violation_error_message="There is already an open request for this person.",
            ),
            models.CheckConstraint(
                condition=Q(status="requested", decided_by=None, decided_at=None)
                | (~Q(status="requested") & Q(decided_by__isnull=False, decided_at__isnull=False)),
                name="promotion_decided_by_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["approved", "rejected"]) | ~Q(decided_by=F("created_by")),
                name="promotion_decided_by_another",
            ),
        ]

    def __str__(self):
        return f"{self.user} to {self.get_to_role_display()}"

    @property
    def is_open(self):
        return self.status == self.Status.REQUESTED
