"""Forecast runs on the desk: how far they are, how good they were, starting and stopping them."""

from django import forms
from django.contrib import admin
from unfold.decorators import display
from unfold.enums import ActionVariant
from unfold.widgets import UnfoldAdminIntegerFieldWidget, UnfoldAdminSelectMultipleWidget

from accounts.models import Location
from boutique.admin import Verb, VerbForm, Window, label, moment
from forecasting.models import ForecastRun
from forecasting.services import runs
from skus.admin.filters import OneOfFilter

COLOURS = {"queued": "", "running": "info", "done": "success", "failed": "danger", "cancelled": "warning"}


def percent(share):
    return "-" if share is None else f"{share:.0%}"


def number(value):
    return "-" if value is None else f"{value:.3f}"


class StartForm(VerbForm):
    locations = forms.ModelMultipleChoiceField(
        queryset=Location.objects.filter(is_active=True).exclude(kind=Location.Kind.TRANSIT),
        widget=UnfoldAdminSelectMultipleWidget,
        required=False,
        label="Places",
        help_text="None chosen: all that you work in.",
    )
    horizon_weeks = forms.IntegerField(
        min_value=1,
        max_value=runs.LONGEST_HORIZON,
        required=False,
        widget=UnfoldAdminIntegerFieldWidget,
        label="Weeks ahead",
        help_text="Left empty, as many as the shop has set.",
    )


class StateFilter(OneOfFilter):
    title, parameter_name, lookup = "status", "status", "status"

    def lookups(self, request, model_admin):
        return ForecastRun.Status.choices


@admin.register(ForecastRun)
class ForecastRunAdmin(Window):
    shelf, title, icon, noun = "Purchases", "Forecast runs", "model_training", "run"
    list_display = ["which", "state", "done", "places_shown", "weeks", "loss", "naive", "took", "by", "when"]
    list_filter = [StateFilter, "created_at"]
    ordering = ["-pk"]
    fields = [
        "which", "state", "done", "places_shown", "begins", "weeks", "loss", "naive", "mase", "covered", "took", "by",
        "when", "failure",
    ]  # fmt: skip
    list_verbs = {
        "start": Verb(
            needs="forecasting.add_forecastrun",
            service=runs.start,
            title="Forecast anew",
            text="Reckons what will sell of each SKU in each of these places, and what to buy. The workers do it; this "
            "list shows how far they are.",
            done=lambda run: f"{run} has begun.",
            form=StartForm,
            icon="play_arrow",
            variant=ActionVariant.PRIMARY,
        )
    }
    verbs = {
        "cancel": Verb(
            needs="forecasting.cancel_forecastrun",
            service=runs.cancel,
            title="Cancel",
            text="What is reckoned so far stays; the rest keeps its older forecasts.",
            done="cancelled.",
            icon="close",
            variant=ActionVariant.DANGER,
        )
    }

    def get_queryset(self, request):
        rows = super().get_queryset(request).with_progress()
        return rows.select_related("created_by").prefetch_related("locations")

    def allowed(self, row, by):
        return ("cancel",) if row.is_open and runs.may_stop(row, by) else ()

    @display(description="run", ordering="pk")
    def which(self, run):
        return str(run)

    @display(description="status", ordering="status")
    def state(self, run):
        return label(run.get_status_display(), COLOURS[run.status])

    @display(description="done")
    def done(self, run):
        return f"{run.progress:.0%} of {run.series:,} series"

    @display(description="places")
    def places_shown(self, run):
        return ", ".join(place.code for place in run.locations.all())

    @display(description="weeks ahead", ordering="horizon_weeks")
    def weeks(self, run):
        return run.horizon_weeks

    @display(description="begins with the week of")
    def begins(self, run):
        return f"{run.start:%d\u00a0%b\u00a0%Y}"

    @display(description="quantile loss")
    def loss(self, run):
        return number(run.accuracy.get("wql"))

    @display(description="of the naive forecast")
    def naive(self, run):
        return number(run.accuracy.get("naive_wql"))

    @display(description="MASE (below 1: better than naive)")
    def mase(self, run):
        return number(run.accuracy.get("mase"))

    @display(description="weeks within the 95 % quantile")
    def covered(self, run):
        return percent(run.accuracy.get("coverage_95"))

    @display(description="took")
    def took(self, run):
        return "-" if run.seconds is None else f"{run.seconds:g}\u00a0s"

    @display(description="by")
    def by(self, run):
        return str(run.created_by or "The house")

    @display(description="when", ordering="created_at")
    def when(self, run):
        return moment(run.created_at)
