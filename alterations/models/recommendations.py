"""Advice as it was given: what was asked, who or what answered, what it cost, and what a person made of it."""

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from accounts.models import Assignment, User
from boutique.triggers import append_only, not_emptied

# The words may be forgotten, nothing else changes.
ONLY_FORGETS = (
    "NOT (NEW.said IN ('', OLD.said) AND NEW.fabric IN ('', OLD.fabric) AND NEW.raw IN ('', OLD.raw)"
    " AND to_jsonb(NEW) - 'said' - 'fabric' - 'raw' = to_jsonb(OLD) - 'said' - 'fabric' - 'raw')"
)


class RecommendationQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Advice on tickets of one's places, one's own, and what colleagues asked without a ticket."""
        if user.has_perm("accounts.see_all_places"):
            return self
        colleagues = Assignment.objects.filter(user=OuterRef("by"), location__in=user.location_ids)
        return self.filter(
            Q(ticket__location__in=user.location_ids) | Q(by=user) | Q(ticket=None) & Q(Exists(colleagues))
        )


class Recommendation(models.Model):
    """What was suggested for a customer's words."""

    class Engine(models.TextChoices):
        LOCAL = "local", "The house itself"
        LLM = "llm", "The house and a language model"

    class Outcome(models.TextChoices):
        SUGGESTED = "suggested", "Suggested"
        NOT_SURE = "not_sure", "Not sure"
        NOT_OURS = "not_ours", "Not our trade"

    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    ticket = models.ForeignKey("alterations.Ticket", models.PROTECT, null=True, related_name="recommendations")
    garment_type = models.CharField(max_length=3, blank=True)
    fabric = models.CharField(max_length=100, blank=True)
    said = models.TextField(blank=True)  # scrubbed; emptied after 90 days
    digest = models.CharField(max_length=64)  # of all that the answer of a model hangs on
    meaning = models.JSONField(default=list)  # what it was read as: stays, and holds no word of the customer
    outcome = models.CharField(max_length=9, choices=Outcome)
    engine = models.CharField(max_length=5, choices=Engine)
    degraded = models.BooleanField(default=False)
    degraded_reason = models.CharField(max_length=20, blank=True)
    catalogue_version = models.CharField(max_length=40)
    answer = models.JSONField()  # items, questions and totals, as they were shown

    was_asked = models.BooleanField(default=False)  # a question went out to the model
    provider = models.CharField(max_length=20, blank=True)
    model = models.CharField(max_length=100, blank=True)
    prompt_version = models.CharField(max_length=20, blank=True)
    result = models.CharField(max_length=20, blank=True)  # ok, cached, or why not
    raw = models.TextField(blank=True)  # what the model answered; emptied after 90 days
    tokens_in = models.PositiveIntegerField(default=0)
    tokens_out = models.PositiveIntegerField(default=0)
    cost = models.DecimalField(max_digits=12, decimal_places=6, default=0)
    milliseconds = models.PositiveIntegerField(default=0)

    objects = RecommendationQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        permissions = [("accept_recommendation", "Puts advised services down on a garment")]
        indexes = [
            models.Index(fields=["by", "at"], name="recommendation_by_person"),
            models.Index(fields=["at", "id"], name="recommendation_by_moment"),
            models.Index(fields=["digest", "id"], name="recommendation_by_digest", condition=Q(result="ok")),
            models.Index(
                fields=["at"], name="recommendation_with_words", condition=~Q(said="") | ~Q(raw="") | ~Q(fabric="")
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="recommendation_only_forgets",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(ONLY_FORGETS),
            ),
            pgtrigger.Protect(name="recommendation_stays", operation=pgtrigger.Delete),
            not_emptied("recommendations"),
        ]

    def __str__(self):
        return f"Advice {self.pk}"

    @property
    def updated_at(self):
        """It never changes again."""
        return self.at


class Acceptance(models.Model):
    """A person put advised services down on a garment, once; what they chose and struck out teaches the next answer."""

    recommendation = models.OneToOneField(Recommendation, models.PROTECT, related_name="acceptance")
    garment = models.ForeignKey("alterations.Garment", models.PROTECT, related_name="+")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    chosen = ArrayField(models.BigIntegerField())  # ids of services
    refused = ArrayField(models.BigIntegerField(), default=list)

    class Meta:
        ordering = ["-id"]
        constraints = [models.CheckConstraint(condition=~Q(chosen=[]), name="acceptance_of_something")]
        triggers = append_only("acceptances")

    def __str__(self):
        return f"{self.recommendation} accepted"


class ModelHealth(models.Model):
    """How a language model did lately: after five failures in a minute nobody asks it for a while."""

    name = models.CharField(max_length=200, primary_key=True)
    failures = models.PositiveSmallIntegerField(default=0)
    failing_since = models.DateTimeField(null=True)
    shut_until = models.DateTimeField(null=True)
    times_shut = models.PositiveSmallIntegerField(default=0)  # in a row
    probed_until = models.DateTimeField(null=True)  # somebody is trying whether it answers again

    class Meta:
        verbose_name = "health of a model"
        verbose_name_plural = "health of models"

    def __str__(self):
        return self.name
