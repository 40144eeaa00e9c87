"""The desk of whoever runs the shop: people, places, and what happened to them."""

from functools import partial

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.models import Group, Permission
from django.core.files.storage import default_storage
from django.db.models import Count, F, OrderBy, Prefetch, Q
from django.template.response import TemplateResponse
from django.urls import path, reverse, reverse_lazy
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.views.decorators.debug import sensitive_post_parameters
from django.views.generic import FormView
from unfold.decorators import display
from unfold.enums import ActionVariant
from unfold.forms import AuthenticationForm
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminPasswordWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
)

from accounts.models import AccountEvent, Location, PromotionRequest, SignIn, User
from accounts.roles import DESCRIPTIONS, PERMISSIONS, TABLE, Role, is_up_to_staff, rank
from accounts.services import people, places, sessions
from boutique import attempts
from boutique.admin import (
    REFUSALS,
    HouseAdmin,
    HouseForm,
    HouseRules,
    NoteForm,
    ReasonForm,
    Verb,
    VerbForm,
    Window,
    figure,
    label,
    link,
    moment,
    panel,
    refusal_of,
    to,
)
from boutique.media import thumbnail_name
from boutique.transactions import in_one_transaction

STATUS_COLOURS = {"pending": "warning", "active": "success", "dismissed": "danger"}
REQUEST_COLOURS = {"requested": "warning", "approved": "success", "rejected": "danger", "withdrawn": ""}
WORDS = dict(Role.choices) | dict(User.Status.choices)
LINES_SHOWN = 20


def word(code):
    """A role or status as people say it; the log keeps their codes."""
    return WORDS.get(code, code)


def led(before, after):
    return " → ".join(word(code) for code in (before, after) if code) or "-"


def codes_of(places):
    return ", ".join(place["code"] for place in places) or "none"


def in_words(changes):
    """What a line of the log says about details and places."""
    parts = []
    for name, value in changes.items():
        if name == "locations" and value and isinstance(value[0], list):
            parts.append("places: " + " → ".join(codes_of(places) for places in value))
        elif name == "locations":
            parts.append(f"places: {codes_of(value)}")
        else:
            parts.append(name.replace("_", " "))
    return "; ".join(parts) or "-"


# ------------------------------------------------------------------------------------------------ forms


def open_places():
    return Location.objects.filter(is_active=True).exclude(kind=Location.Kind.TRANSIT)


class PlacesField(forms.ModelMultipleChoiceField):
    def __init__(self, **options):
        options = {"required": False, "widget": UnfoldAdminCheckboxSelectMultipleWidget} | options
        super().__init__(queryset=open_places(), **options)

    def clean(self, value):
        return list(super().clean(value))


class RoleField(forms.ChoiceField):
    widget = UnfoldAdminSelectWidget

    def offer(self, roles):
        self.choices = [("", "Choose"), *((role.value, role.label) for role in roles)]


class PasswordField(forms.CharField):
    """As the API takes it: spaces belong to it, the same keys are the same password, 256 characters are enough."""

    def __init__(self, autocomplete="new-password", **options):
        widget = UnfoldAdminPasswordWidget(attrs={"autocomplete": autocomplete})
        super().__init__(max_length=256, strip=False, widget=widget, **options)

    def clean(self, value):
        return User.normalize_username(super().clean(value))


class PersonForm(HouseForm):
    role = RoleField()
    places = PlacesField(help_text="Where this person works. It decides what they see; an owner sees all places.")

    class Meta:
        model = User
        fields = ["email", "first_name", "last_name", "phone", "role"]

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        person = self.instance
        if "role" in self.fields:
            self.fields["role"].offer(Role)
        if "places" in self.fields and person.pk:
            # A place that has closed since stays chosen until somebody takes it off.
            self.fields["places"].queryset = Location.objects.visible_to(self.by).filter(
                Q(pk__in=open_places()) | Q(pk__in=person.location_ids)
            )
            self.initial["places"] = person.location_ids


class HireForm(PersonForm):
    password = PasswordField(help_text="12 characters or more. The new person can change it after signing in.")

    class Meta(PersonForm.Meta):
        fields = ["username", *PersonForm.Meta.fields]


class ApproveForm(VerbForm):
    role = RoleField()
    locations = PlacesField(label="Places", help_text="Where this person will work, and so what they will see.")

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        may_give_any = self.by.has_perm("accounts.give_any_role")
        self.fields["role"].offer(role for role in Role if may_give_any or is_up_to_staff(role))


class ReinstateForm(ApproveForm):
    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.fields["role"].initial, self.fields["locations"].initial = self.row.role, self.row.location_ids


class DemoteForm(NoteForm):
    role = RoleField()
    field_order = ["role", "note"]

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.fields["role"].offer(role for role in Role if rank(role) < rank(self.row.role))


class AskPromotionForm(VerbForm):
    to_role = RoleField(label="New role")
    reason = forms.CharField(max_length=1000, widget=UnfoldAdminTextareaWidget)

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.fields["to_role"].offer(role for role in Role if rank(role) > rank(self.row.role))


class PromotionForm(HouseForm):
    to_role = RoleField(label="New role")

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        if "to_role" in self.fields:
            self.fields["to_role"].offer(Role)


class PlaceForm(HouseForm):
    class Meta:
        model = Location
        fields = ["code", "name", "kind", "address", "timezone", "manager"]

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        if "kind" in self.fields:
            # The road between the places exists by itself.
            kinds = [(kind.value, kind.label) for kind in Location.Kind if kind != Location.Kind.TRANSIT]
            self.fields["kind"].choices = [("", "Choose"), *kinds]


# ------------------------------------------------------------------------------------------------ people


class PlaceFilter(admin.SimpleListFilter):
    """By place, among those the caller sees."""

    title, parameter_name, lookup = "place", "place", "assignments__location"

    def lookups(self, request, model_admin):
        return [(str(place.pk), str(place)) for place in Location.objects.visible_to(request.user)]

    def queryset(self, request, rows):
        chosen = self.value() in {key for key, _title in self.lookup_choices}
        return rows.filter(**{self.lookup: self.value()}) if chosen else rows


@admin.register(User)
class PersonAdmin(HouseAdmin):
    shelf, icon, noun = "People and places", "group", "person"
    form, add_form = PersonForm, HireForm
    list_display = ["who", "role_shown", "status_shown", "places", "signed_in"]
    list_filter = ["status", "role", PlaceFilter]
    search_fields = ["username", "first_name", "last_name", "email", "phone"]
    ordering = ["first_name", "last_name", "pk"]
    shortcuts = [
        ("Everybody", ""),
        ("Waiting for approval", "status__exact=pending"),
        ("Active", "status__exact=active"),
        ("Dismissed", "status__exact=dismissed"),
    ]
    fieldsets = [
        ("Person", {"fields": ["portrait", "username", "first_name", "last_name", "email", "phone"]}),
        ("Work", {"fields": ["status_shown", "role", "places", "signed_in", "began"]}),
    ]
    add_fieldsets = [
        ("Person", {"fields": ["username", "first_name", "last_name", "email", "phone", "password"]}),
        ("Work", {"fields": ["role", "places"]}),
    ]
    shown_only = ["portrait", "username", "status_shown", "signed_in", "began"]
    verbs = {
        "approve": Verb(
            needs="accounts.approve_user",
            service=people.approve,
            title="Approve",
            text="Lets this person in. They get a mail and can sign in at once.",
            done="Approved.",
            form=ApproveForm,
            icon="how_to_reg",
            variant=ActionVariant.PRIMARY,
        ),
        "reject": Verb(
            needs="accounts.approve_user",
            service=people.reject,
            title="Turn away",
            text="The account stays closed. The reason goes to the person by mail.",
            done="Turned away.",
            form=ReasonForm,
            icon="person_cancel",
            variant=ActionVariant.DANGER,
        ),
        "ask_promotion": Verb(
            needs="accounts.add_promotionrequest",
            service=lambda *, person, by, **sent: people.ask_promotion(user=person, by=by, **sent),
            title="Ask for promotion",
            text="Another owner decides.",
            done="The promotion has been asked for.",
            form=AskPromotionForm,
            icon="trending_up",
        ),
        "demote": Verb(
            needs="accounts.demote_user",
            service=people.demote,
            title="Demote",
            text="Their sessions end; they sign in again with fewer rights.",
            done="Demoted.",
            form=DemoteForm,
            icon="trending_down",
        ),
        "ask_reset": Verb(
            needs="accounts.change_user",
            service=people.send_reset,
            title="Send password link",
            text="Mails a link with which this person chooses a new password. It works once, for an hour.",
            done="A mail with a link is on its way.",
            icon="key",
        ),
        "dismiss": Verb(
            needs="accounts.dismiss_user",
            service=people.dismiss,
            title="Dismiss",
            text="Their sessions end at once and they cannot sign in any more. What they did stays in the books.",
            done="Dismissed.",
            form=ReasonForm,
            icon="person_off",
            variant=ActionVariant.DANGER,
        ),
        "reinstate": Verb(
            needs="accounts.reinstate_user",
            service=people.reinstate,
            title="Take back",
            text="They can sign in again, with this role and these places.",
            done="Taken back.",
            form=ReinstateForm,
            icon="person_add",
            variant=ActionVariant.PRIMARY,
        ),
    }

    def allowed(self, row, by):
        names = people.allowed_actions(row, by)
        if row.is_active and row != by:
            names.append("ask_reset")
            if row.role != Role.ADMIN:
                names.append("ask_promotion")
        return names

    def make(self, *, by, places, **sent):
        return people.hire(by=by, locations=places, **sent)

    def change(self, person, *, by, **sent):
        if "places" in sent:
            sent["locations"] = sent.pop("places")
        people.change(person=person, by=by, **sent)

    def remove(self, person, *, by):
        people.delete(person=person, by=by)

    def get_queryset(self, request):
        seen = Prefetch("locations", Location.objects.visible_to(request.user))
        return super().get_queryset(request).select_related("created_by").prefetch_related(seen)

    def get_readonly_fields(self, request, obj=None):
        if obj is None:
            return []
        # Nobody changes their own role; who waits is approved, who was dismissed is taken back.
        is_fixed = obj == request.user or not obj.is_active
        return [*self.shown_only, "role", "places"] if is_fixed else self.shown_only

    @method_decorator(sensitive_post_parameters())
    def add_view(self, request, form_url="", extra_context=None):
        return super().add_view(request, form_url, extra_context)

    # The list

    @display(description="person", header=True, ordering="first_name")
    def who(self, person):
        initials = (person.first_name[:1] + person.last_name[:1]) or person.username[:2]
        picture = [{"path": default_storage.url(thumbnail_name(person.photo))}] if person.photo else []
        return [str(person), person.username, initials, *picture]

    @display(description="role", ordering="role")
    def role_shown(self, person):
        return person.get_role_display() or "None yet"

    @display(description="status", ordering="status")
    def status_shown(self, person):
        return label(person.get_status_display(), STATUS_COLOURS[person.status])

    @display(description="places")
    def places(self, person):
        if person.has_perm("accounts.see_all_places"):
            return "All"
        return ", ".join(place.code for place in person.locations.all()) or "-"

    @display(description="last sign-in", ordering=OrderBy(F("last_login"), nulls_first=True))
    def signed_in(self, person):
        return moment(person.last_login)

    # The page of one person

    @display(description="portrait")
    def portrait(self, person):
        if not person.photo:
            return "None"
        address = default_storage.url(thumbnail_name(person.photo))
        return format_html('<img class="rounded-default" src="{}" alt="{}" width="96">', address, person)

    @display(description="here since")
    def began(self, person):
        by = f", made by {person.created_by}" if person.created_by else ""
        return f"{moment(person.created_at)}{by}"

    def panels(self, request, row):
        tables = [self.log_of(request, row)] if request.user.has_perm("accounts.view_accountevent") else []
        if request.user.has_perm("accounts.view_signin"):
            tables.insert(0, sessions_of(row, may_end=request.user.has_perm("accounts.close_signin")))
        return tables

    def log_of(self, request, person):
        lines = person.events.select_related("by")[:LINES_SHOWN]
        rows = [log_row(line, request.user) for line in lines]
        more = f"{reverse('admin:accounts_accountevent_changelist')}?person={person.pk}"
        return panel("What happened", LOG_HEADERS, rows, more=more)

    # The start page and the sidebar

    def badge(self, request):
        return self.get_queryset(request).filter(status=User.Status.PENDING).count()

    def figures(self, request):
        counted = dict(
            User.objects.visible_to(request.user).order_by().values_list("status").annotate(number=Count("pk"))
        )
        icons = {"pending": "hourglass_top", "active": "group", "dismissed": "person_off"}
        return [
            figure(status.label, counted.get(status.value, 0), self.address(query=f"status__exact={status}"), icon)
            for status, icon in ((User.Status(code), icon) for code, icon in icons.items())
        ]

    def news(self, request):
        waiting = self.get_queryset(request).filter(status=User.Status.PENDING).order_by("created_at")[:LINES_SHOWN]
        rows = [[to(person), person.email, moment(person.created_at)] for person in waiting]
        more = self.address(query="status__exact=pending")
        return [panel("Waiting to be let in", ["person", "e-mail", "since"], rows, more)] if rows else []

    def links(self, request):
        yield from super().links(request)
        yield link("Roles", reverse("admin:roles"), "shield_person")


def sessions_of(person, *, may_end):
    newest = timezone.now() - settings.SIMPLE_JWT["REFRESH_TOKEN_LIFETIME"]
    open_ones = person.sign_ins.filter(closed_at=None, rotated_at__gt=newest).order_by("-rotated_at")[:LINES_SHOWN]
    rows = [[one.device or "-", one.address or "-", moment(one.rotated_at), *end_of(one, may_end)] for one in open_ones]
    headers = ["device", "address", "last seen", *([""] if may_end else [])]
    return panel("Signed in on", headers, rows, empty="Not signed in anywhere, apart from this admin.")


def end_of(sign_in, may_end):
    if not may_end:
        return []
    address = reverse("admin:accounts_signin_end", args=[sign_in.pk])
    return [format_html('<a class="text-red-700 dark:text-red-400" href="{}">End</a>', address)]


LOG_HEADERS = ["when", "what", "by", "from → to", "note"]


def log_row(line, reader):
    # Whoever sees only some places does not read the names of the others.
    note = line.note or (in_words(line.changes) if reader.has_perm("accounts.see_all_places") else "-")
    by = str(line.by) if line.by else "-"
    return [moment(line.at), line.get_kind_display(), by, led(line.before, line.after), note]


def roles_page(request):
    """The table of accounts/roles.py, as it is in force."""
    names = {
        f"{app}.{code}": name
        for app, code, name in Permission.objects.values_list("content_type__app_label", "codename", "name")
    }
    roles = [{"label": role.label, "description": DESCRIPTIONS[role]} for role in reversed(Role)]
    rows = [
        {
            "text": names.get(code, code).removeprefix("Can ").capitalize(),
            "code": code,
            "cells": [code in PERMISSIONS[role] for role in reversed(Role)],
        }
        for code in TABLE
    ]
    context = admin.site.each_context(request) | {"title": "Roles", "roles": roles, "rows": rows}
    return TemplateResponse(request, "boutique/admin/roles.html", context)


# ------------------------------------------------------------------------------------------------ promotions


@admin.register(PromotionRequest)
class PromotionAdmin(HouseAdmin):
    shelf, icon, noun = "People and places", "trending_up", "asked"
    form = PromotionForm
    list_display = ["user", "to_role", "status_shown", "asked_by", "asked_at"]
    list_filter = ["status", "to_role"]
    search_fields = ["user__username", "user__first_name", "user__last_name", "reason"]
    list_select_related = ["user", "created_by", "decided_by"]
    shortcuts = [("All", ""), ("Open", "status__exact=requested")]
    autocomplete_fields = ["user"]
    fields = ["user", "to_role", "reason", "status_shown", "asked_by", "asked_at", "decided", "decision_note"]
    add_fieldsets = [(None, {"fields": ["user", "to_role", "reason"]})]
    verbs = {
        "approve": Verb(
            needs="accounts.decide_promotionrequest",
            service=people.approve_promotion,
            title="Approve",
            text="The person has the new role at once; their sessions end and they sign in again.",
            done="Approved.",
            form=NoteForm,
            icon="check",
            variant=ActionVariant.PRIMARY,
        ),
        "reject": Verb(
            needs="accounts.decide_promotionrequest",
            service=people.reject_promotion,
            title="Refuse",
            text="Whoever asked gets a mail.",
            done="Refused.",
            form=NoteForm,
            icon="close",
            variant=ActionVariant.DANGER,
        ),
        "withdraw": Verb(
            needs="accounts.withdraw_promotionrequest",
            service=people.withdraw_promotion,
            title="Withdraw",
            done="Withdrawn.",
            form=NoteForm,
            icon="undo",
        ),
    }

    def allowed(self, row, by):
        return people.request_actions(row, by)

    def make(self, *, by, **sent):
        return people.ask_promotion(by=by, **sent)

    def get_readonly_fields(self, request, obj=None):
        return self.fields if obj else []

    @display(description="status", ordering="status")
    def status_shown(self, asked):
        return label(asked.get_status_display(), REQUEST_COLOURS[asked.status])

    @display(description="asked by", ordering="created_by__first_name")
    def asked_by(self, asked):
        return str(asked.created_by or "-")

    @display(description="asked on", ordering="created_at")
    def asked_at(self, asked):
        return moment(asked.created_at)

    @display(description="decided")
    def decided(self, asked):
        return f"{moment(asked.decided_at)} by {asked.decided_by}" if asked.decided_by else "-"

    def open_requests(self, request):
        return self.get_queryset(request).filter(status=PromotionRequest.Status.REQUESTED)

    def badge(self, request):
        return self.open_requests(request).count()

    def figures(self, request):
        number, address = self.open_requests(request).count(), self.address(query="status__exact=requested")
        return [figure("Open promotion requests", number, address, self.icon)]


# ------------------------------------------------------------------------------------------------ places


@admin.register(Location)
class PlaceAdmin(HouseAdmin):
    shelf, title, icon, noun = "People and places", "Places", "storefront", "place"
    form = PlaceForm
    list_display = ["which", "kind", "manager", "state"]
    list_filter = ["kind", "is_active"]
    list_select_related = ["manager"]
    search_fields = ["code", "name", "address"]
    shortcuts = [("All", ""), ("Open", "is_active__exact=1"), ("Closed", "is_active__exact=0")]
    autocomplete_fields = ["manager"]
    fieldsets = [(None, {"fields": ["code", "name", "kind", "address", "timezone", "manager", "state"]})]
    add_fieldsets = [(None, {"fields": PlaceForm.Meta.fields})]
    readonly_fields = ["state"]
    verbs = {
        "archive": Verb(
            needs="accounts.change_location",
            service=places.archive,
            title="Close",
            text="Nothing new happens in a closed place. Its history stays, and it can be opened again.",
            done="Closed.",
            icon="archive",
            variant=ActionVariant.DANGER,
        ),
        "restore": Verb(
            needs="accounts.change_location",
            service=places.restore,
            title="Open again",
            done="Open again.",
            icon="unarchive",
            variant=ActionVariant.PRIMARY,
        ),
    }

    def allowed(self, row, by):
        if row.is_road:
            return ()
        return ("archive",) if row.is_active else ("restore",)

    def make(self, *, by, **sent):
        return places.open_place(by=by, **sent)

    def change(self, place, *, by, **sent):
        places.change(place=place, by=by, **sent)

    def remove(self, place, *, by):
        places.delete(place=place, by=by)

    def has_change_permission(self, request, obj=None):
        return not (obj and obj.is_road) and super().has_change_permission(request, obj)

    def has_delete_permission(self, request, obj=None):
        return not (obj and obj.is_road) and super().has_delete_permission(request, obj)

    @display(description="place", header=True, ordering="code")
    def which(self, place):
        return [place.name, place.code]

    @display(description="state", ordering="is_active")
    def state(self, place):
        return label("Open", "success") if place.is_active else label("Closed", "danger")

    def panels(self, request, row):
        if not request.user.has_perm("accounts.view_user"):
            return []
        there = User.objects.visible_to(request.user).active().filter(assignments__location=row)
        rows = [[to(person), person.get_role_display()] for person in there.order_by("first_name")]
        return [panel("Who works here", ["person", "role"], rows, empty="Nobody.")]


# ------------------------------------------------------------------------------------------------ logs


@admin.register(AccountEvent)
class LogAdmin(Window):
    shelf, title, icon = "Books", "Log of people", "history"
    list_display = ["when", "person_name", "kind", "by", "step", "note"]
    list_filter = ["kind", "at"]
    list_select_related = ["by"]
    search_fields = ["person_name", "note", "by__username", "by__first_name", "by__last_name"]
    ordering = ["-pk"]
    fields = ["when", "person_name", "kind", "by", "step", "note"]

    def visible(self, rows, by):
        return rows if by.has_perm("accounts.see_all_places") else rows.filter(person__in=User.objects.visible_to(by))

    def lookup_allowed(self, lookup, value, request):
        return lookup == "person" or super().lookup_allowed(lookup, value, request)

    def get_fields(self, request, obj=None):
        # Whoever sees only some places does not read the names of the others.
        return [*self.fields, "details"] if request.user.has_perm("accounts.see_all_places") else self.fields

    @display(description="when", ordering="pk")
    def when(self, line):
        return moment(line.at)

    @display(description="from → to")
    def step(self, line):
        return led(line.before, line.after)

    @display(description="details")
    def details(self, line):
        return in_words(line.changes)

    def news(self, request):
        lines = self.get_queryset(request).select_related("by")[:8]
        rows = [[to(line, line.person_name), *log_row(line, request.user)] for line in lines]
        return [panel("Lately", ["person", *LOG_HEADERS], rows, more=self.address())]


class OpenFilter(admin.SimpleListFilter):
    title, parameter_name = "state", "state"

    def lookups(self, request, model_admin):
        return [("open", "Open"), ("ended", "Ended")]

    def queryset(self, request, rows):
        return rows.filter(closed_at__isnull=self.value() == "open") if self.value() in ("open", "ended") else rows


@admin.register(SignIn)
class SignInAdmin(Window):
    shelf, title, icon, noun = "Books", "Sessions", "devices", "sign_in"
    list_display = ["user", "device", "address", "began", "last_seen", "state"]
    list_filter = [OpenFilter]
    list_select_related = ["user"]
    search_fields = ["user__username", "user__first_name", "user__last_name", "device"]
    ordering = ["-rotated_at"]
    shortcuts = [("All", ""), ("Open", "state=open"), ("Ended", "state=ended")]
    fields = ["user", "device", "address", "began", "last_seen", "state", "ended"]
    verbs = {
        "end": Verb(
            needs="accounts.close_signin",
            service=lambda *, sign_in, by: sessions.close(sign_in, because=SignIn.Closed.ENDED),
            title="End this session",
            text="This device has to sign in again with its very next request.",
            done="Ended.",
            icon="logout",
            variant=ActionVariant.DANGER,
        )
    }

    def visible(self, rows, by):
        return rows.filter(user__in=User.objects.visible_to(by))

    def allowed(self, row, by):
        return () if row.closed_at else ("end",)

    @display(description="began", ordering="created_at")
    def began(self, sign_in):
        return moment(sign_in.created_at)

    @display(description="last seen", ordering="rotated_at")
    def last_seen(self, sign_in):
        return moment(sign_in.rotated_at)

    @display(description="state")
    def state(self, sign_in):
        return label(sign_in.get_closed_because_display()) if sign_in.closed_at else label("Open", "success")

    @display(description="ended")
    def ended(self, sign_in):
        return moment(sign_in.closed_at)


# ------------------------------------------------------------------------------------------------ the door


class SignInForm(AuthenticationForm):
    """As the API's sign-in, and it says why somebody with the right password does not get in here."""

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.fields["username"].label = "User name or e-mail address"
        self.fields["username"].widget.attrs["maxlength"] = 254

    def clean_password(self):
        return User.normalize_username(self.cleaned_data["password"])

    def get_invalid_login_error(self):
        return forms.ValidationError(self.request.refusal, code="invalid_login")

    def confirm_login_allowed(self, user):
        if not user.is_staff:
            text = (
                f"Your password is right, but the admin is for owners and managers. You are {user.get_role_display()}."
            )
            raise forms.ValidationError(text, code="not_for_you")


class PasswordForm(HouseRules, forms.Form):
    current_password = PasswordField(autocomplete="current-password")
    new_password = PasswordField(help_text="12 characters or more.")
    again = PasswordField(label="New password, again")

    def clean(self):
        super().clean()
        if self.cleaned_data.get("new_password") != self.cleaned_data.pop("again", None):
            self.add_error("again", "The two differ.")


@method_decorator(sensitive_post_parameters(), name="dispatch")
class ChangePassword(FormView):
    template_name = "boutique/admin/ask.html"
    form_class = PasswordForm
    success_url = reverse_lazy("admin:index")

    def get_context_data(self, **context):
        house = admin.site.each_context(self.request)
        text = "You stay signed in here; everywhere else your sessions end."
        words = {"title": "Change password", "text": text, "button": "Change password", "back": self.success_url}
        return super().get_context_data(**house, **words, **context)

    def form_valid(self, form):
        by = self.request.user
        try:
            # Outside of the transaction: a refusal must not undo the count.
            attempts.count("password", str(by.pk), limit=sessions.TRIES, window=sessions.WINDOW)
            in_one_transaction(partial(people.change_password, by=by, **form.cleaned_data))
        except REFUSALS as error:
            form.show(*refusal_of(self.request, error))
            return self.form_invalid(form)
        update_session_auth_hash(self.request, User.objects.get(pk=by.pk))
        messages.success(self.request, "Your password is changed.")
        return super().form_valid(form)


def own_urls():
    return [
        path("roles/", admin.site.admin_view(roles_page), name="roles"),
        # The name stays Django's, so that the theme's menu leads here.
        path("password_change/", admin.site.admin_view(ChangePassword.as_view()), name="password_change"),
    ]


admin.site.login_form = SignInForm
admin.site.extra_urls = own_urls  # unfold puts these before Django's
admin.site.unregister(Group)  # what a role may do stands in accounts/roles.py
