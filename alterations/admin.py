"""Alterations on the desk: tickets with their garments and money, the catalogue, and who sews."""

from django import forms
from django.contrib import admin
from unfold.decorators import display
from unfold.enums import ActionVariant
from unfold.widgets import (
    UnfoldAdminSelectMultipleWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminSingleDateWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from accounts.models import User
from alterations.models import AlterationService, Bench, Cause, Garment, GarmentType, Recommendation, Ticket
from alterations.serializers.tailors import Skills, Week
from alterations.services import catalogue, paying, planning, telling, ticketing, working
from boutique.admin import (
    CappedPaginator,
    HouseAdmin,
    NoteForm,
    PaperAdmin,
    ReasonForm,
    Verb,
    VerbForm,
    Window,
    label,
    moment,
    panel,
    to,
)
from inventory.admin.documents import place
from inventory.admin.stock import moved_by
from inventory.services.ledger import plain
from orders.admin.papers import (
    LINES_SHOWN,
    CustomerBox,
    OpenFilter,
    OverdueFilter,
    PromisedPaperAdmin,
    day_shown,
    money_verbs,
    payments_panel,
)
from orders.models import Customer
from orders.models.customers import CONTACT
from skus.admin.shown import amount

COLOURS = {
    "open": "info",
    "partly_ready": "primary",
    "ready": "success",
    "closed": "",
    "cancelled": "",
    "received": "warning",
    "pinned": "warning",
    "assigned": "info",
    "in_progress": "primary",
    "on_hold": "danger",
    "quality_check": "primary",
    "collected": "",
}


def promised(ticket):
    return "-" if ticket.promised_on is None else day_shown(ticket.promised_on, is_overdue=ticket.is_overdue)


# ------------------------------------------------------------------------------------------------ what is typed


class WorkForm(VerbForm):
    """What the service says of one of the services stands beside all of them."""

    def show(self, detail, errors):
        for error in errors:
            if "services" in error["field"]:
                error["field"] = "services"
        super().show(detail, errors)


class ServicesForm(WorkForm):
    services = forms.ModelMultipleChoiceField(
        queryset=AlterationService.objects.filter(is_active=True), widget=UnfoldAdminSelectMultipleWidget
    )


class GarmentForm(ServicesForm):
    garment_type = forms.ChoiceField(choices=GarmentType.choices, widget=UnfoldAdminSelectWidget)
    description = forms.CharField(max_length=500, required=False, widget=UnfoldAdminTextInputWidget)
    issue = forms.CharField(max_length=5000, required=False, widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}))
    field_order = ["customer", "location", "promised_on", "is_rush", "garment_type", "description", "issue", "services"]

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.fields["services"].required = False


class TakeInForm(GarmentForm):
    customer = forms.ModelChoiceField(queryset=Customer.objects.filter(is_active=True), widget=CustomerBox)
    location = place(label="Place")
    promised_on = forms.DateField(
        required=False, widget=UnfoldAdminSingleDateWidget, help_text="Empty: the earliest possible day."
    )
    is_rush = forms.BooleanField(label="Rush", required=False)


def piece(*, garment_type, description, issue, services):
    lines = [{"service": service} for service in services]
    return {"garment_type": garment_type, "description": description, "issue": issue, "services": lines}


def take_in(*, customer, location, promised_on, is_rush, by, **garment):
    return ticketing.take_in(
        customer=customer,
        location=location,
        promised_on=promised_on,
        is_rush=is_rush,
        garments=[piece(**garment)],
        by=by,
    )


def add_garment(*, ticket, by, **garment):
    return ticketing.add_garment(ticket=ticket, by=by, **piece(**garment))


def add_services(*, garment, services, by):
    return ticketing.add_services(garment=garment, services=[{"service": service} for service in services], by=by)


class PromiseForm(VerbForm):
    promised_on = forms.DateField(widget=UnfoldAdminSingleDateWidget)
    reason = forms.CharField(required=False, max_length=1000, widget=UnfoldAdminTextInputWidget)
    told_customer = forms.BooleanField(required=False, label="The customer knows")


class TailorForm(VerbForm):
    tailor = forms.ModelChoiceField(queryset=User.objects.none(), widget=UnfoldAdminSelectWidget)
    force = forms.BooleanField(required=False, label="Though they never learnt it")

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.fields["tailor"].queryset = planning.visible_to(self.by)


class CauseForm(NoteForm):
    cause = forms.ChoiceField(choices=Cause.choices, widget=UnfoldAdminSelectWidget)


class WhyForm(VerbForm):
    reason = forms.CharField(required=False, max_length=1000, widget=UnfoldAdminTextareaWidget)


# ------------------------------------------------------------------------------------------------ tickets


@admin.register(Ticket)
class TicketAdmin(PromisedPaperAdmin):
    shelf, title, icon, noun = "Alterations", "Tickets", "content_cut", "ticket"
    colours = COLOURS
    search_help_text = "Its number, or the customer's name"
    list_display = ["name", "whose", "state", "due", "total_shown", "payment", "place", "by"]
    list_filter = ["status", "payment_status", OpenFilter, OverdueFilter, "promised_on"]
    fields = ["name", "state", "whose", "place", "due", "told", "total_shown", "balance_shown", "payment", "by", "when"]
    list_verbs = {
        "take_in": Verb(
            needs="alterations.add_ticket",
            service=take_in,
            title="New ticket",
            text="The first garment; others are added on the ticket's page.",
            done=lambda made: f"{made} is taken in.",
            form=TakeInForm,
            icon="add_box",
            variant=ActionVariant.PRIMARY,
        )
    }
    verbs = {
        **money_verbs(paying),
        "add_garment": Verb(
            needs="alterations.change_ticket",
            service=add_garment,
            title="Add garment",
            done="the garment is taken in.",
            form=GarmentForm,
            icon="add",
        ),
        "promise": Verb(
            needs="alterations.change_ticket",
            service=ticketing.change,
            title="Promise another day",
            done="the day is changed.",
            form=PromiseForm,
            icon="edit_calendar",
        ),
        "notify": Verb(
            needs="alterations.change_ticket",
            service=telling.notify,
            title="Write to the customer",
            text="A letter that says how it stands.",
            done="the letter is on its way.",
            icon="mail",
        ),
    }

    def get_queryset(self, request):
        return super().get_queryset(request).named()

    def allowed(self, row, by):
        return [
            *(["pay"] if row.balance > 0 else []),
            *(["refund"] if row.paid > 0 else []),
            *(["add_garment", "promise", "notify"] if row.is_open else []),
        ]

    def get_fields(self, request, obj=None):
        names = super().get_fields(request, obj)
        return names if request.user.has_perm(CONTACT) else [name for name in names if name != "told"]

    @display(description="promised", ordering="promised_on")
    def due(self, ticket):
        return promised(ticket)

    def tables(self, request, row):
        return [
            garments_panel(row),
            payments_panel(row),
            notices_panel(row),
            *moved_by(request.user, row.number, title="What was used"),
        ]


def garments_panel(ticket):
    garments = ticket.garments.select_related("tailor").prefetch_related("services")[:LINES_SHOWN]
    rows = [
        [
            to(one, one.number),
            f"{one.get_garment_type_display()} {one.description}",
            label(one.get_status_display(), COLOURS[one.status]),
            str(one.tailor or "-"),
            ", ".join(line.name for line in one.services.all()),
            amount(sum(line.total for line in one.services.all())),
        ]
        for one in garments
    ]
    return panel("Garments", ["garment", "what", "state", "tailor", "work", "price"], rows)


def notices_panel(ticket):
    rows = [
        [moment(one.at), one.get_outcome_display(), one.problem, str(one.by)]
        for one in ticket.notices.select_related("by")[:LINES_SHOWN]
    ]
    return panel("Letters", ["when", "what came of it", "why", "by"], rows)


# ------------------------------------------------------------------------------------------------ garments


def step(verb, service, title, icon, *, form=NoteForm, variant=ActionVariant.DEFAULT, text=""):
    return Verb(
        needs=working.MOVES[verb].needs,
        service=service,
        title=title,
        text=text,
        done=lambda garment: f"{garment.get_status_display().lower()}.",
        form=form,
        icon=icon,
        variant=variant,
    )


@admin.register(Garment)
class GarmentAdmin(PaperAdmin):
    shelf, title, icon, noun = "Alterations", "Garments", "apparel", "garment"
    moves = working.MOVES
    colours = COLOURS
    search_help_text = "Its number, its ticket's, its tag, or words of its description"
    list_display = ["name", "what", "state", "of", "due", "sewn_by"]
    list_filter = ["status", "garment_type"]
    fields = ["name", "state", "what", "of", "due", "sewn_by", "issue", "tag_code", "by", "when"]
    verbs = {
        "pin": step("pin", working.pin, "Pinned", "push_pin"),
        "assign": step("assign", working.assign, "Give to a tailor", "person_add", form=TailorForm),
        "start": step("start", working.start, "Start", "content_cut"),
        "finish": step("finish", working.finish, "Finished", "done"),
        "pass": step("pass", working.pass_on, "Passed", "verified", variant=ActionVariant.PRIMARY),
        "rework": step("rework", working.rework, "Not right", "replay", form=CauseForm),
        "collect": step("collect", working.collect, "Hand over", "task_alt", form=WhyForm),
        "hold": step("hold", working.hold, "Hold", "pause", form=ReasonForm),
        "resume": step("resume", working.resume, "Go on", "play_arrow"),
        "decline": step("decline", working.decline, "Declined", "person_remove", form=WhyForm),
        "add_services": Verb(
            needs="alterations.change_garment",
            service=add_services,
            title="More work",
            done="added, at the catalogue's price.",
            form=ServicesForm,
            icon="add",
        ),
        "cancel": step(
            "cancel",
            working.cancel,
            "Give back as it is",
            "close",
            form=WhyForm,
            variant=ActionVariant.DANGER,
            text="Once it was pinned, a part of what was agreed is charged.",
        ),
    }

    def get_queryset(self, request):
        return super().get_queryset(request).named().prefetch_related("services")

    def allowed(self, row, by):
        return [*super().allowed(row, by), *(["add_services"] if row.status in ticketing.TO_DO else [])]

    @display(description="what", ordering="garment_type")
    def what(self, garment):
        return f"{garment.get_garment_type_display()} {garment.description}"

    @display(description="ticket", ordering="ticket")
    def of(self, garment):
        return to(garment.ticket, garment.ticket.number)

    @display(description="promised", ordering="ticket__promised_on")
    def due(self, garment):
        return promised(garment.ticket)

    @display(description="tailor", ordering="tailor")
    def sewn_by(self, garment):
        return str(garment.tailor or "-")

    def tables(self, request, row):
        rows = [
            [
                line.name,
                plain(line.quantity),
                str(line.minutes),
                amount(line.unit_price),
                str(line.factor),
                amount(line.total),
                line.note,
            ]
            for line in row.services.all()
        ]
        return [panel("Work", ["what", "quantity", "minutes", "price", "cloth", "total", "note"], rows)]


# ------------------------------------------------------------------------------------------------ catalogue, tailors


@admin.register(AlterationService)
class ServiceAdmin(HouseAdmin):
    shelf, title, icon, noun = "Alterations", "Services", "list_alt", "service"
    list_display = ["name", "code", "minutes", "price", "skill", "needs_fitting", "is_active"]
    list_filter = ["needs_fitting", "is_active", "skill"]
    search_fields = ["code", "name"]
    fields = [
        "code", "name", "description", "garment_types", "minutes", "price", "skill", "needs_fitting", "min_days",
        "keywords", "seam", "direction", "swallows", "is_active",
    ]  # fmt: skip

    def visible(self, rows, by):
        return rows  # one catalogue for all places

    def get_readonly_fields(self, request, obj=None):
        return ["code"] if obj else []

    def make(self, *, by, **sent):
        return catalogue.add(by=by, **sent)

    def change(self, service, *, by, **sent):
        return catalogue.change(service=service, by=by, **sent)

    def remove(self, service, *, by):
        catalogue.delete(service=service, by=by)


class PlanForm(VerbForm):
    minutes_by_day = forms.CharField(
        label="Minutes", help_text="Seven numbers, from Monday.", widget=UnfoldAdminTextInputWidget
    )
    skills = forms.CharField(
        required=False,
        help_text="Garment types or codes of services, each with its level: trs 4, drs 2. Empty: everything.",
        widget=UnfoldAdminTextInputWidget,
    )

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        bench = getattr(self.row, "bench", self.row)
        if isinstance(bench, Bench):
            self.initial["minutes_by_day"] = " ".join(map(str, bench.minutes_by_day))
            self.initial["skills"] = ", ".join(f"{name} {level}" for name, level in sorted(bench.skills.items()))

    def clean_minutes_by_day(self):
        words = self.cleaned_data["minutes_by_day"].replace(",", " ").split()
        return checked(Week(), [int(word) if word.isascii() and word.isdigit() else word for word in words])

    def clean_skills(self):
        named = [entry.split() for entry in self.cleaned_data["skills"].split(",") if entry.strip()]
        sent = [
            {"skill": name, "level": int(level[0]) if level and level[0].isascii() and level[0].isdigit() else 5}
            for name, *level in named
        ]
        return checked(Skills(), sent)


def checked(field, sent):
    """What the API takes, the page takes."""
    from rest_framework.serializers import ValidationError

    try:
        return field.run_validation(sent)
    except ValidationError as error:
        raise forms.ValidationError([str(detail) for detail in error.detail]) from None


class PlanTailorForm(PlanForm):
    tailor = forms.ModelChoiceField(queryset=User.objects.none(), widget=UnfoldAdminSelectWidget)
    field_order = ["tailor", "minutes_by_day", "skills"]

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.fields["tailor"].queryset = planning.visible_to(self.by)
        self.initial["minutes_by_day"] = "480 480 480 480 480 0 0"


def plan(*, bench, by, **sent):
    return planning.plan(tailor=bench.person, by=by, **sent)


@admin.register(Bench)
class BenchAdmin(Window):
    shelf, title, icon, noun = "Alterations", "Tailors", "person", "bench"
    list_display = ["who", "week", "can"]
    fields = ["who", "week", "can", "away"]
    search_fields = ["person__first_name", "person__last_name", "person__username"]
    list_verbs = {
        "plan_tailor": Verb(
            needs="alterations.change_bench",
            service=planning.plan,
            title="Plan a tailor",
            done="planned.",
            form=PlanTailorForm,
            icon="add_box",
            variant=ActionVariant.PRIMARY,
        )
    }
    verbs = {
        "plan": Verb(
            needs="alterations.change_bench",
            service=plan,
            title="Change week or skills",
            done="changed.",
            form=PlanForm,
            icon="edit",
        )
    }

    def visible(self, rows, by):
        return rows.filter(person__in=planning.visible_to(by)).select_related("person").prefetch_related("time_off")

    def allowed(self, row, by):
        return ["plan"]

    @display(description="tailor", ordering="person__first_name")
    def who(self, bench):
        return to(bench.person)

    @display(description="minutes from Monday")
    def week(self, bench):
        return " ".join(map(str, bench.minutes_by_day))

    @display(description="can sew")
    def can(self, bench):
        return ", ".join(f"{name} {level}" for name, level in sorted(bench.skills.items())) or "Everything"

    @display(description="away")
    def away(self, bench):
        return ", ".join(str(off) for off in bench.time_off.all()) or "-"


# ------------------------------------------------------------------------------------------------ advice

ADVICE_COLOURS = {"suggested": "success", "not_sure": "warning", "not_ours": "info"}


@admin.register(Recommendation)
class RecommendationAdmin(Window):
    """What was advised: whose words, who or what answered, what it cost, and what was made of it."""

    shelf, title, icon = "Books", "Advice given", "forum"
    list_display = ["when", "who", "words", "state", "answered_by", "taken"]
    list_filter = ["outcome", "engine", "degraded", "at"]
    list_select_related = ["by", "ticket", "acceptance__by"]
    search_fields = ["said"]
    search_help_text = "Words of the request; they are kept for 90 days"
    ordering = ["-pk"]
    show_full_result_count = False
    paginator = CappedPaginator
    shortcuts = [("All", ""), ("Without the model, though there is one", "degraded__exact=1")]
    fields = [
        "when", "who", "ticket", "said", "garment_type", "fabric", "state", "answered_by", "degraded_reason", "taken",
        "catalogue_version", "model", "prompt_version", "result", "tokens_in", "tokens_out", "cost", "milliseconds",
    ]  # fmt: skip

    def panels(self, request, row):
        return [suggested(row)]

    @display(description="when", ordering="at")
    def when(self, row):
        return moment(row.at)

    @display(description="asked by", ordering="by__first_name")
    def who(self, row):
        return str(row.by)

    @display(description="words")
    def words(self, row):
        return row.said[:80] or "forgotten"

    @display(description="outcome", ordering="outcome")
    def state(self, row):
        return label(row.get_outcome_display(), ADVICE_COLOURS[row.outcome])

    @display(description="answered by", ordering="engine")
    def answered_by(self, row):
        return f"{row.get_engine_display()}: {row.model}" if row.engine == "llm" else row.get_engine_display()

    @display(description="accepted by")
    def taken(self, row):
        return str(row.acceptance.by) if hasattr(row, "acceptance") else ""


def suggested(row):
    chosen = set(row.acceptance.chosen) if hasattr(row, "acceptance") else set()
    rows = [
        [item["rank"], item["name"], item["confidence"], "yes" if item["selected"] else "",
         "yes" if item["service"] in chosen else "", item["reason"]]
        for item in row.answer["items"]
    ]  # fmt: skip
    return panel("Suggested", ["", "service", "sure", "put down", "accepted", "why"], rows)
