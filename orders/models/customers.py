import pgtrigger
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Exists, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce, Lower
from django.utils import timezone

from accounts.models import Location, User
from boutique.documents import Document
from orders.contacts import LONGEST_PHONE, joined
from skus import finding
from skus.models import as_query, row_by_row
from skus.words import prefixes

CONTACT = "orders.view_contact"


class CustomerQuerySet(finding.RoughlyCounted):
    by_name_only = False  # whoever may not see a phone number does not find its owner by it either

    def _clone(self):
        clone = super()._clone()
        clone.by_name_only = self.by_name_only
        return clone

    def visible_to(self, user):
        """In the stores where they have a document, and in the stores of whoever wrote them down."""
        rows = self.all()
        rows.by_name_only = not user.has_perm(CONTACT)
        if user.has_perm("accounts.see_all_places"):
            return rows
        there = CustomerPlace.objects.filter(customer=OuterRef("pk"), location__in=user.location_ids)
        return rows.filter(Exists(there))

    def with_consent(self):
        """Do they want to hear from us? What they said last counts."""
        said = Consent.objects.filter(customer=OuterRef("pk"), purpose=Consent.Purpose.MARKETING).order_by("-id")
        return self.annotate(consent=Coalesce(Subquery(said.values("is_given")[:1]), Value(False)))  # noqa: FBT003

    def found_by(self, text):
        """All words, or their beginnings, in the name, the e-mail address or the phone number."""
        words, column = prefixes(joined(text)), "search_by_name" if self.by_name_only else "search"
        if not words:
            return self.none()
        found = finding.look("orders_customer", words, column=column)
        if found.ids is not None:
            return self.filter(pk__in=found.ids)
        if found.about > finding.MANY:
            return self.counted_as(found.about).filter(row_by_row(as_query(words), column))
        return self.filter(**{column: as_query(words)})


class Customer(Document):
    """Somebody the shop sews for or sells to."""

    PREFIX = "CUS"

    name = models.CharField(max_length=200)
    email = models.EmailField(max_length=254, blank=True)
    phone = models.CharField(max_length=LONGEST_PHONE, blank=True)  # in one form, see orders.contacts.phone
    address = models.TextField(blank=True, max_length=500)
    notes = models.TextField(blank=True, max_length=5000)
    birthday = models.DateField(null=True, blank=True)
    is_active = models.BooleanField(default=True)
    erased_at = models.DateTimeField(null=True, editable=False)
    search = SearchVectorField(null=True, editable=False)
    search_by_name = SearchVectorField(null=True, editable=False)

    objects = CustomerQuerySet.as_manager()

    warnings = ()  # others with the same phone or e-mail, see services.customers.warned
    consent = False  # see with_consent

    class Meta:
        ordering = ["name", "id"]
        permissions = [
            ("view_contact", "Sees how customers are reached"),
            ("view_history", "Sees what customers ordered and spent"),
            ("archive_customer", "Can archive and restore customers"),
            ("export_customer", "Can export all we hold about a customer"),
            ("erase_customer", "Can erase what we know about a customer"),
        ]
        constraints = [
            models.CheckConstraint(condition=~Q(name=""), name="customer_has_a_name"),
            models.CheckConstraint(condition=Q(email=Lower("email")), name="customer_email_folded"),
            models.CheckConstraint(
                condition=Q(erased_at=None)
                | Q(email="", phone="", address="", notes="", birthday=None, is_active=False),
                name="customer_erased_is_nobody",
            ),
        ]
        indexes = [
            models.Index(fields=["name", "id"], name="customer_by_name"),
            models.Index(fields=["created_at", "id"], name="customer_by_age"),
            models.Index(fields=["email"], name="customer_by_email", condition=~Q(email="")),
            models.Index(fields=["phone"], name="customer_by_phone", condition=~Q(phone="")),
            GinIndex(fields=["search"], name="customer_search"),
            GinIndex(fields=["search_by_name"], name="customer_search_by_name"),
        ]

    def __str__(self):
        return self.name

    @property
    def is_erased(self):
        return self.erased_at is not None

    @property
    def pseudonym(self):
        """What stands on money and stock rows once the person is forgotten."""
        return f"Erased customer {self.pk:04X}"


class CustomerPlace(models.Model):
    """The customer is known in this place: they have a document there, or were written down there."""

    # The unique pair has the index.
    customer = models.ForeignKey(Customer, models.CASCADE, related_name="places", db_index=False)
    location = models.ForeignKey(Location, models.PROTECT, related_name="+", db_index=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["customer", "location"], name="customer_place_once")]
        indexes = [models.Index(fields=["location", "customer"], name="customer_by_place")]

    def __str__(self):
        return f"{self.customer} in {self.location.code}"


class Consent(models.Model):
    """What a customer allowed, or took back: for which purpose, when, how, and who took it down."""

    class Purpose(models.TextChoices):
        MARKETING = "marketing", "News and offers"
        PHOTOS = "photos", "Photos shown to others"
        AI = "ai", "Advice by a machine"

    class Way(models.TextChoices):
        IN_PERSON = "in_person", "In person"
        ON_PAPER = "on_paper", "Signed on paper"
        BY_PHONE = "by_phone", "By phone"
        BY_EMAIL = "by_email", "By e-mail"
        ONLINE = "online", "Online"
        ERASED = "erased", "Erased with the customer"

    customer = models.ForeignKey(Customer, models.CASCADE, related_name="consents", db_index=False)
    purpose = models.CharField(max_length=10, choices=Purpose)
    is_given = models.BooleanField()
    how = models.CharField(max_length=10, choices=Way, default=Way.IN_PERSON)
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["customer", "purpose", "-id"], name="consent_by_customer")]
        triggers = [pgtrigger.Protect(name="consent_is_not_rewritten", operation=pgtrigger.Update)]

    def __str__(self):
        return f"{self.customer}: {self.get_purpose_display()}"
