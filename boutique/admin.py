"""What every page of the admin shares.

An app's admin.py says which services make, change and remove a row, and lists the verbs that move it on:

    @admin.register(Location)
    class PlaceAdmin(HouseAdmin):
        shelf, title, icon, noun = "People and places", "Places", "storefront", "place"
        verbs = {"archive": Verb(needs="accounts.change_location", service=places.archive, title="Close")}

        def make(self, *, by, **sent):
            return places.open_place(by=by, **sent)

What is not named is not possible: no `make`, no add button. Logs and ledgers are a `Window`, which names nothing.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial
from zoneinfo import ZoneInfo

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.utils import quote, unquote
from django.contrib.admin.widgets import AutocompleteMixin
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.core.paginator import Paginator
from django.db import DatabaseError, InterfaceError
from django.db.models import F, OrderBy, ProtectedError, RestrictedError
from django.http import HttpResponseRedirect, QueryDict
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django_tasks_db.models import DBTaskResult, get_date_max
from rest_framework.serializers import ValidationError
from unfold.admin import ModelAdmin
from unfold.dataclasses import UnfoldAction
from unfold.decorators import display
from unfold.enums import ActionVariant
from unfold.widgets import UnfoldAdminTextareaWidget

from boutique.api.filters import Key
from boutique.api.pagination import COUNTED
from boutique.api.problems import problem_handler
from boutique.api.renderers import CSVRenderer, XLSXRenderer, whole_list
from boutique.api.serializers import BIGGEST_ID, PLAIN_INTEGER, Text
from boutique.documents import allowed_actions
from boutique.errors import RuleError
from boutique.models import DocumentEvent
from boutique.tasks import failures_of
from boutique.transactions import in_one_transaction

REFUSALS = (RuleError, ObjectDoesNotExist, DatabaseError, InterfaceError, ProtectedError, RestrictedError)
LONGEST_SEARCH = 100
TIMELINE_SHOWN = 200
MOST_BUTTONS = 5
MOST_NAMED = 20  # of the lines that a refusal speaks of
# The sidebar, from top to bottom. A page names its shelf.
SHELVES = (
    "People and places", "Customers", "Orders", "Alterations", "Catalogue", "Stock", "Purchases", "Books",
    "Machine room",
)  # fmt: skip
# What a list filter may add to its field's name in the address.
FILTER_ENDINGS = {"", "__exact", "__isnull", "__gte", "__lt"}
# The kinds of file a list is given away as.
FILES = {"csv": CSVRenderer, "xlsx": XLSXRenderer}
STALE = "Somebody else changed this while you were looking at it. Open it again, then make your change."


def refusal_of(request, error):
    """What the API would answer: a sentence, and what to say beside which field. What is a bug there is one here."""
    answer = problem_handler(error, {"request": request})
    if answer is None:
        raise error
    problem = json.loads(answer.content)
    return problem["detail"], problem.get("errors", [])


def moment(at):
    """A time as the shop's clocks show it, on one line."""
    if at is None:
        return "-"
    return timezone.localtime(at, ZoneInfo(settings.BOUTIQUE_TIME_ZONE)).strftime("%d\u00a0%b\u00a0%Y,\u00a0%H:%M")


def label(text, colour=""):
    """A state at a glance: success, warning, danger, info or primary. For lists and for pages."""
    return render_to_string("unfold/helpers/label.html", {"text": text, "type": colour})


def to(row, text=""):
    """A link to the row's page."""
    address = reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[quote(row.pk)])
    return format_html('<a class="text-primary-600 dark:text-primary-500" href="{}">{}</a>', address, text or row)


# ------------------------------------------------------------------------------------------------ forms


class HouseRules:
    """Takes texts and foreign rows as the API does; what a service or the database refuses comes back on its field."""

    def narrow(self, by):
        """Somebody else's places cannot be chosen, nor guessed by their number."""
        for field in self.fields.values():
            if hasattr(getattr(field, "queryset", None), "visible_to"):
                field.queryset = field.queryset.visible_to(by)

    def clean(self):
        for name, typed in list(self.cleaned_data.items()):
            widget = self.fields[name].widget
            if isinstance(typed, str) and not isinstance(widget, forms.PasswordInput):
                self.clean_text(name, typed, notes=isinstance(widget, forms.Textarea))

    def clean_text(self, name, typed, *, notes):
        try:
            text = Text(notes=notes, allow_blank=True).run_validation(typed)
            self.cleaned_data[name] = text.replace("\r\n", "\n")
        except ValidationError as error:
            self.add_error(name, str(error.detail[0]))

    def show(self, detail, errors):
        named = [error for error in errors if error["field"] in self.fields]
        for error in named:
            self.add_error(error["field"], error["message"])
        if not named or len(named) < len(errors):
            self.add_error(None, detail)
        # What is about goods that have no field of their own here names them.
        for error in [error for error in errors if error not in named][:MOST_NAMED]:
            if code := error.get("params", {}).get("sku_code"):
                self.add_error(None, f"{code}: {error['message']}")


class HouseForm(HouseRules, forms.ModelForm):
    """A row that is made or changed. `by` and `refused` are set by the page."""

    by = refused = None
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        changed_at = getattr(self.instance, "updated_at", None)
        self.initial["seen"] = changed_at.isoformat() if changed_at else ""
        for field in self.fields.values():
            field.show_hidden_initial = False  # what was changed is told by the row, not by the page
        # Left to the database, which no second request outruns and whose answer names the field.
        self.instance.validate_constraints = lambda exclude=None: None
        self.narrow(self.by)

    def clean(self):
        super().clean()
        if self.cleaned_data.pop("seen", "") != self.initial["seen"]:
            self.add_error(None, STALE)
        if self.refused:
            self.show(*self.refused)

    def sent(self):
        """What was typed, on a new row; what was changed, on one that is there."""
        names = self.cleaned_data if self.instance.pk is None else self.changed_data
        return {name: self.cleaned_data[name] for name in names if name in self.cleaned_data}


class VerbForm(HouseRules, forms.Form):
    """What a verb asks before it acts; nothing, unless a subclass has fields. They are the service's arguments."""

    has_preview = False
    page = "boutique/admin/ask.html"  # a form with a table in it extends this one

    def __init__(self, *args, row, by, **options):
        super().__init__(*args, **options)
        self.row, self.by, self.panels = row, by, []  # panels: tables below it, such as what was wrong with which row
        self.narrow(by)

    def preview(self):
        """What would happen, in a sentence; for forms that say `has_preview`."""

    def shows(self, answer):
        """True if what came of it stands below the form now, in `panels`, so that the page stays."""
        return False


class NoteForm(VerbForm):
    note = forms.CharField(required=False, max_length=1000, widget=UnfoldAdminTextareaWidget)


class ReasonForm(VerbForm):
    reason = forms.CharField(max_length=1000, widget=UnfoldAdminTextareaWidget)


class LinesForm(VerbForm):
    """A table with a row for each line of the document: what is known of it, and fields to fill in.

    What is filled in goes to the service as `lines`. What it refuses of `lines.2.quantity` stands beside that field.
    """

    page = "boutique/admin/lines.html"
    known = {}  # heading: what a line says there
    asked = {}  # name: (heading, the field of a line); a hidden one has no heading
    nothing = "Fill in one row at least."

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.own = list(self.fields)
        self.lines = list(self.lines_of(self.row))
        self.sent = []
        for line in self.lines:
            for name, (_heading, field) in self.asked.items():
                self.fields[f"{name}_{line.pk}"] = field(line)

    def lines_of(self, row):
        return row.lines.select_related("sku__product").order_by("pk")

    def line(self, line, **filled):
        """What the service is told of this line; None if nothing was filled in."""
        return {"line": line} | filled if any(value is not None for value in filled.values()) else None

    def above(self):
        return [self[name] for name in self.own]

    def headings(self):
        return [*self.known, *(heading for heading, _field in self.asked.values() if heading)]

    def table(self):
        for line in self.lines:
            cells = [self[f"{name}_{line.pk}"] for name in self.asked]
            yield {
                "known": [told(line) for told in self.known.values()],
                "cells": [cell for cell in cells if not cell.is_hidden],
                "hidden": [cell for cell in cells if cell.is_hidden],
            }

    def clean(self):
        super().clean()
        typed, lines = self.cleaned_data, []
        self.sent = []
        for line in self.lines:
            told = self.line(line, **{name: typed.get(f"{name}_{line.pk}") for name in self.asked})
            if told is not None:
                lines.append(told)
                self.sent.append(line)
        self.cleaned_data = {name: typed[name] for name in self.own if name in typed} | {"lines": lines}
        if not (self.errors or lines):
            self.add_error(None, self.nothing)

    def show(self, detail, errors):
        for error in errors:
            error["field"] = self.field_of(error["field"])
        super().show(detail, errors)

    def field_of(self, path):
        """lines.2.quantity: the field of the third line that was sent; of one that does not ask it, its first."""
        _lines, _dot, rest = path.partition("lines.")
        number, _dot, name = rest.partition(".")
        if not number.isdigit() or int(number) >= len(self.sent):
            return path
        line = self.sent[int(number)]
        return f"{name if name in self.asked else next(iter(self.asked))}_{line.pk}"


def goods(line):
    """The SKU of a line, and below it what it is."""
    variant = f": {line.sku.variant}" if line.sku.variant else ""
    text = '<span class="font-medium text-important">{}</span><span class="block text-subtle">{}{}</span>'
    return format_html(text, line.sku.code, line.sku.product.name, variant)


class NumbersOnly:
    """For a box that looks rows up: what is no number is no row, and Django would stumble over it."""

    def optgroups(self, name, value, attrs=None):
        return super().optgroups(name, [word for word in value if str(word).isascii() and str(word).isdigit()], attrs)


@dataclass(frozen=True, kw_only=True)
class Verb:
    """A button on the object's page: who may press it, what it asks, and the one service it calls.

    A service that answers a file gives it to the browser; `done` may make its sentence out of what the service answers.
    """

    needs: str
    service: Callable
    title: str
    text: str = ""
    done: str | Callable = "Done."
    form: type[VerbForm] = VerbForm
    icon: str = ""
    variant: ActionVariant = ActionVariant.DEFAULT


# ------------------------------------------------------------------------------------------------ pages


class HouseAdmin(ModelAdmin):
    """Every write goes through a service, every row is one the caller may see, every refusal is a message."""

    form = HouseForm
    add_form = None
    shelf = title = icon = ""  # how it stands in the sidebar
    noun = "row"  # what the services call it: person=, place=
    verbs = {}
    list_verbs = {}  # buttons above the list, for what is done to none of its rows
    sheet = None  # the API's serializer of these rows, where the list is given away as a file
    shortcuts = ()  # above the list: (title, query string)
    make = change = remove = None
    actions = None  # what may be done to all rows that are ticked: methods with `permissions`, which `ask`
    list_per_page = 50
    change_form_before_template = "boutique/admin/seen.html"
    change_form_outer_after_template = "boutique/admin/panels.html"

    def allowed(self, row, by):
        """The names of the verbs that lead on from the row's present state, for this person."""
        return ()

    def panels(self, request, row):
        """Tables below the object: see `panel`."""
        return []

    def figures(self, request):
        """Numbers for the start page: see `figure`."""
        return []

    def news(self, request):
        """Tables for the start page: see `panel`."""
        return []

    def badge(self, request):
        """How many rows wait for the caller; shown in the sidebar."""
        return 0

    # Who sees what

    def visible(self, rows, by):
        return rows.visible_to(by)

    def get_queryset(self, request):
        return self.visible(super().get_queryset(request), request.user)

    def has_add_permission(self, request):
        return self.make is not None and super().has_add_permission(request)

    def has_change_permission(self, request, obj=None):
        return self.change is not None and super().has_change_permission(request, obj)

    def has_delete_permission(self, request, obj=None):
        return self.remove is not None and super().has_delete_permission(request, obj)

    def lookup_allowed(self, lookup, value, request):
        """The list's own filters and no more: Django would answer a manager's ?password__startswith=."""
        filters = self.get_list_filter(request)
        names = [getattr(found, "parameter_name", found[0] if isinstance(found, tuple) else found) for found in filters]
        return any(lookup.startswith(name) and lookup.removeprefix(name) in FILTER_ENDINGS for name in names)

    def formfield_for_foreignkey(self, db_field, request, **options):
        field = super().formfield_for_foreignkey(db_field, request, **options)
        if field and isinstance(field.widget, AutocompleteMixin):
            kind = type(field.widget)
            field.widget.__class__ = type(kind.__name__, (NumbersOnly, kind), {})
        return field

    def get_search_results(self, request, queryset, search_term):
        text = search_term[:LONGEST_SEARCH]
        if text.strip() and hasattr(queryset, "found_by"):
            return queryset.found_by(text), False  # by the words of the API's search
        return super().get_search_results(request, queryset, text)

    # Writing

    def get_form(self, request, obj=None, change=False, **options):
        if obj is None and self.add_form:
            options["form"] = self.add_form
        form = super().get_form(request, obj, change, **options)
        form.by, form.refused = request.user, getattr(request, "refused", None)
        return form

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except REFUSALS as error:
            if request.method != "POST" or hasattr(request, "refused"):
                raise
            # Nothing was written; the same page again, whose form now shows why.
            request.refused = refusal_of(request, error)
            return super().changeform_view(request, object_id, form_url, extra_context)

    def save_model(self, request, obj, form, change):
        sent = form.sent()
        if not change:
            obj.pk = self.make(by=request.user, **sent).pk
            obj.refresh_from_db()  # with the code that the service gave it
        elif sent:
            self.change(obj, by=request.user, **sent)

    def save_related(self, request, form, formsets, change):
        """Done by the service."""

    # The services keep the house's own log.

    def log_addition(self, request, obj, message):
        pass

    def log_change(self, request, obj, message):
        pass

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        context["panels"] = self.panels(request, obj) if obj else []
        if obj:
            context["title"], context["subtitle"] = str(obj), None
            context["actions_detail"] = folded(context.get("actions_detail", []))
        return super().render_change_form(request, context, add, change, form_url, obj)

    # Verbs. unfold asks for these to make the buttons and their addresses.

    @property
    def actions_detail(self):
        return list(self.verbs)

    @property
    def actions_list(self):
        return [*self.list_verbs, *(FILES if self.sheet else ())]

    def get_unfold_action(self, action):
        if action in FILES:
            return self.button(action, partial(self.file_view, kind=FILES[action]), action.upper(), "download")
        verb = self.verb(action)
        page = self.verb_view if action in self.verbs else self.list_verb_view
        return self.button(action, partial(page, name=action), verb.title, verb.icon, verb.variant)

    def button(self, name, page, title, icon, variant=ActionVariant.DEFAULT):
        page.attrs = {}
        return UnfoldAction(
            action_name=f"{self.opts.app_label}_{self.opts.model_name}_{name}",
            method=page,
            description=title,
            path=name,
            icon=icon,
            variant=variant,
        )

    def get_actions_list(self, request):
        names = [name for name in self.actions_list if name in FILES or self.may(request, name)]
        return [self.get_unfold_action(name) for name in names]

    def get_actions_detail(self, request, object_id):
        row = self.get_object(request, unquote(str(object_id)))
        names = self.allowed(row, request.user) if row else ()
        return [self.get_unfold_action(name) for name in self.verbs if name in names and self.may(request, name)]

    def verb(self, name):
        return self.verbs.get(name) or self.list_verbs[name]

    def may(self, request, name):
        return request.user.has_perm(self.verb(name).needs)

    def list_verb_view(self, request, name):
        if not self.may(request, name):
            raise PermissionDenied
        verb = self.list_verbs[name]
        return self.ask(request, None, verb, partial(verb.service, by=request.user))

    def verb_view(self, request, object_id, name):
        if not self.may(request, name):
            raise PermissionDenied
        row, verb = self.get_object(request, unquote(object_id)), self.verbs[name]
        if row is None:
            return self.gone(request, object_id)
        if name not in self.allowed(row, request.user):
            messages.error(request, f"“{verb.title}” is not possible for {row} now.")
            return HttpResponseRedirect(self.address(row))
        return self.ask(request, row, verb, partial(verb.service, **{self.noun: row}, by=request.user))

    def delete_view(self, request, object_id, extra_context=None):
        row = self.get_object(request, unquote(object_id))
        if not self.has_delete_permission(request, row):
            raise PermissionDenied
        if row is None:
            return self.gone(request, object_id)
        verb = Verb(
            needs="",
            service=self.remove,
            title="Delete",
            text=self.told_before_deleting(row),
            done="Deleted.",
            variant=ActionVariant.DANGER,
        )
        return self.ask(request, row, verb, partial(self.remove, row, by=request.user))

    def told_before_deleting(self, row):
        return f"This {self.opts.verbose_name} disappears for good. It works only while nothing else refers to it."

    def history_view(self, request, object_id, extra_context=None):
        """Django's own history is empty, as nothing writes it: the row's page shows the house's log."""
        row = self.get_object(request, unquote(object_id))
        if not self.has_view_permission(request, row):
            raise PermissionDenied
        return HttpResponseRedirect(self.address(row)) if row else self.gone(request, object_id)

    def response_post_save_add(self, request, obj):
        """What has verbs is not finished with its first form: to its own page, where they are."""
        if not self.verbs:
            return super().response_post_save_add(request, obj)
        return HttpResponseRedirect(self.address_after(request, obj))

    def response_action(self, request, queryset):
        """What is ticked are numbers of rows: over anything else the database would stumble."""
        request.POST = request.POST.copy()
        ticked = request.POST.getlist(ACTION_CHECKBOX_NAME)
        numbers = [pk for pk in ticked if PLAIN_INTEGER.fullmatch(pk) and int(pk) <= BIGGEST_ID]
        request.POST.setlist(ACTION_CHECKBOX_NAME, numbers)
        return super().response_action(request, queryset)

    def ask(self, request, row, verb, act):
        """The confirm page: shows the verb's form, then acts, in one transaction.

        `row` may be words for many rows, or None where the verb is about none and answers the row it has made.
        """
        # The list's own POST, which says what is ticked, holds no answers yet.
        is_answer = request.method == "POST" and ("action" not in request.POST or "answered" in request.POST)
        form = verb.form(*([request.POST, request.FILES] if is_answer else []), row=row, by=request.user)
        name = f"{row}: " if row else ""
        if is_answer and form.is_valid() and "preview" not in request.POST:
            try:
                answer = in_one_transaction(partial(act, **form.cleaned_data))
            except REFUSALS as error:
                form.show(*refusal_of(request, error))
            else:
                if isinstance(answer, HttpResponseBase):
                    return answer
                messages.success(request, f"{name}{verb.done(answer) if callable(verb.done) else verb.done}")
                if not form.shows(answer):
                    made = answer if isinstance(answer, self.model) else None
                    return HttpResponseRedirect(self.address_after(request, row or made))
        return TemplateResponse(request, form.page, self.asking(request, row, verb, form))

    def asking(self, request, row, verb, form):
        request.current_app = self.admin_site.name
        kept = ("action", "select_across", ACTION_CHECKBOX_NAME)
        return self.admin_site.each_context(request) | {
            "title": f"{verb.title}: {row}" if row else verb.title,
            "panels": form.panels,
            "text": verb.text,
            "button": verb.title,
            "is_dangerous": verb.variant == ActionVariant.DANGER,
            "back": self.address(row) if row is None or isinstance(row, self.model) else request.get_full_path(),
            "form": form,
            "kept": [(name, value) for name in kept for value in request.POST.getlist(name)],
            "preview": form.preview() if form.has_preview and not form.errors else "",
            "media": self.media + form.media,
        }

    def gone(self, request, object_id):
        return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)

    def address(self, row=None, query=""):
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}_{'change' if row else 'changelist'}"
        return reverse(name, args=[quote(row.pk)] if row else []) + (f"?{query}" if query else "")

    def address_after(self, request, row):
        """Its page, unless the verb removed it, or took it out of the caller's sight. The list, where it was many."""
        if not isinstance(row, self.model):
            return self.address(query=request.GET.urlencode())
        return self.address(row if row.pk and self.get_queryset(request).filter(pk=row.pk).exists() else None)

    # The whole list as a file

    def changelist_view(self, request, extra_context=None):
        page = super().changelist_view(request, extra_context)
        shown = getattr(page, "context_data", None) or {}
        if "cl" in shown:
            for button in shown["actions_list"]:
                if button["title"].lower() in FILES:
                    button["path"] += shown["cl"].get_query_string()
            if getattr(shown["cl"].paginator, "is_capped", False):
                shown["cl"].full_result_count = shown["cl"].result_count  # or the heading would say it were all
        return page

    def file_view(self, request, kind):
        """The rows that the list's filters and search leave, in its order, with the columns of the API."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        try:
            rows = self.get_changelist_instance(request).queryset
        except IncorrectLookupParameters:
            return HttpResponseRedirect(self.address(query="e=1"))
        serializer, title = partial(self.sheet, context={"request": request}), str(self.opts.verbose_name_plural)
        try:
            return whole_list(kind(), rows, list(keys_of(rows)), serializer, title=title)
        except RuleError as refusal:
            messages.error(request, str(refusal))
            return HttpResponseRedirect(self.address(query=request.GET.urlencode()))

    # The sidebar

    def links(self, request):
        if self.has_view_permission(request):
            yield link(
                self.title or self.opts.verbose_name_plural.capitalize(),
                self.address(),
                self.icon,
                badge=self.badge(request),
            )


def folded(buttons):
    """As many as stand side by side above a page; the rest below “More”."""
    if len(buttons) <= MOST_BUTTONS:
        return buttons
    more = {"title": "More", "variant": ActionVariant.DEFAULT, "items": buttons[MOST_BUTTONS - 1 :]}
    return [*buttons[: MOST_BUTTONS - 1], more]


class CappedPaginator(Paginator):
    """Counts as far as anybody turns pages: the whole of a long table would take longer than its page."""

    most = COUNTED
    template_name = "boutique/admin/pagination.html"

    @cached_property
    def count(self):
        return min(self.found, self.most)

    @cached_property
    def found(self):
        return self.object_list.order_by().values("pk")[: self.most + 1].count()

    @property
    def is_capped(self):
        return self.found > self.most


def keys_of(rows):
    """What a list is ordered by, for reading it in batches. None of it may ever be null."""
    for order in rows.query.order_by:
        if not isinstance(order, OrderBy):
            name = "id" if order.lstrip("-") == "pk" else order.lstrip("-")
            order = OrderBy(F(name), descending=order.startswith("-"))
        yield Key("", order.expression, order.descending)


class Window(HouseAdmin):
    """Looks and changes nothing: for logs and ledgers, whose own rules bind the owner too."""

    def get_readonly_fields(self, request, obj=None):
        return self.get_fields(request, obj)


class PaperAdmin(Window):
    """Documents: their lines, their timeline, and the verbs that lead on now. A state is never typed."""

    show_full_result_count = False
    paginator = CappedPaginator
    moves = {}  # the service's table: see boutique.documents
    colours = {}  # of the states
    search_fields = ["note"]  # asks by the words of found_by
    search_help_text = "Its number, or words of its note"
    ordering = ["-pk"]

    def allowed(self, row, by):
        return allowed_actions(row, by, self.moves)

    def tables(self, request, row):
        """The lines of the document, and what else belongs to it."""
        return []

    def panels(self, request, row):
        return [*self.tables(request, row), timeline_of(row.number)]

    @display(description="number", ordering="pk")
    def name(self, document):
        return document.number

    @display(description="state", ordering="status")
    def state(self, document):
        return label(document.get_status_display(), self.colours.get(document.status, ""))

    @display(description="made by", ordering="created_by__first_name")
    def by(self, document):
        return str(document.created_by)

    @display(description="made", ordering="created_at")
    def when(self, document):
        return moment(document.created_at)


def timeline_of(number):
    lines = DocumentEvent.objects.filter(document=number).select_related("by").order_by("-id")
    rows = [
        {
            "what": line.kind.replace("_", " ").capitalize(),
            "at": moment(line.at),
            "by": str(line.by or "The house"),
            "from": line.before.replace("_", " "),
            "to": line.after.replace("_", " "),
            "note": line.note,
        }
        for line in lines[:TIMELINE_SHOWN]
    ]
    return panel("Timeline", [], rows, template="boutique/admin/timeline.html")


TASK_COLOURS = {"READY": "warning", "RUNNING": "info", "FAILED": "danger", "SUCCESSFUL": "success"}

admin.site.unregister(DBTaskResult)  # the library's own page shows arguments, and with them links to new passwords


@admin.register(DBTaskResult)
class TaskAdmin(Window):
    shelf, title, icon = "Machine room", "Background tasks", "manufacturing"
    list_display = ["task", "state", "enqueued", "started", "finished", "failures"]
    list_filter = ["status", "enqueued_at"]
    search_fields = ["task_path", "exception_class_path"]
    ordering = ["-enqueued_at"]
    shortcuts = [("All", ""), ("Waiting", "status__exact=READY"), ("Failed", "status__exact=FAILED")]
    fields = ["task", "state", "enqueued", "due", "started", "finished", "failures", "came_with", "error"]

    def visible(self, rows, by):
        return rows  # of no place; whoever may look at all sees them all

    @display(description="task", ordering="task_path")
    def task(self, row):
        return row.task_path

    @display(description="status", ordering="status")
    def state(self, row):
        return label(row.get_status_display(), TASK_COLOURS[row.status])

    @display(description="enqueued", ordering="enqueued_at")
    def enqueued(self, row):
        return moment(row.enqueued_at)

    @display(description="due")
    def due(self, row):
        return "At once" if row.run_after == get_date_max() else moment(row.run_after)

    @display(description="started", ordering="started_at")
    def started(self, row):
        return moment(row.started_at)

    @display(description="finished", ordering="finished_at")
    def finished(self, row):
        return moment(row.finished_at)

    @display(description="failures")
    def failures(self, row):
        return failures_of(row)

    @display(description="request")
    def came_with(self, row):
        return row.args_kwargs.get("request_id") or "-"

    @display(description="last error")
    def error(self, row):
        return format_html('<pre class="overflow-x-auto">{}</pre>', row.traceback) if row.traceback else "-"


# ------------------------------------------------------------------------------------------------ around the pages


def link(title, address, icon, badge=0):
    item = {"title": title, "link": address, "icon": icon}
    return item | {"badge": badge, "badge_variant": "primary", "badge_style": "solid"} if badge else item


def figure(title, number, address, icon):
    return {"title": title, "number": number, "link": address, "icon": icon}


def panel(title, headers, rows, more="", empty="Nothing yet.", template=""):
    """A table with a heading. `more` is the address of the whole list, `template` shows what is no plain table."""
    table = {"headers": headers, "rows": rows}
    return {"title": title, "table": table, "more": more, "empty": empty, "template": template}


def house_pages():
    # Their order is that of the apps, and inside an app that of its admin.py.
    return [page for page in admin.site._registry.values() if isinstance(page, HouseAdmin)]


def navigation(request):
    """UNFOLD's sidebar: what the caller may see, shelf by shelf."""
    start = link("Start", reverse("admin:index"), "home")
    shelves = {"": [start]} | {title: [] for title in SHELVES}
    for page in house_pages():
        shelves[page.shelf].extend(page.links(request))
    items = [item for shelf in shelves.values() for item in shelf]
    for item in items:
        item["active"] = request.path == item["link"] or (item is not start and request.path.startswith(item["link"]))
    return [{"title": title, "items": items} for title, items in shelves.items() if items]


def tabs(request):
    """UNFOLD's tabs: the shortcuts of the list that is looked at. Those of all others would be compared for nothing."""
    pages = [page for page in house_pages() if page.shortcuts and request.path.startswith(page.address())]
    return [{"models": [str(page.opts)], "items": list(tabs_of(page, request))} for page in pages]


def tabs_of(page, request):
    asked = request.GET.dict().items()
    fits = [query and QueryDict(query).dict().items() <= asked for _title, query in page.shortcuts]
    for (title, query), active in zip(page.shortcuts, fits, strict=True):
        yield {"title": title, "link": page.address(query=query), "active": active or not (query or any(fits))}


def desk(request, context):
    """The start page: each page's figures and news that the caller may see. `above` names a template before them."""
    pages = [page for page in house_pages() if page.has_view_permission(request)]
    return context | {
        "title": f"Hello, {request.user.get_short_name()}",
        "today": timezone.localdate(timezone=ZoneInfo(settings.BOUTIQUE_TIME_ZONE)),
        "figures": [number for page in pages for number in page.figures(request)],
        "panels": [table for page in pages for table in page.news(request)],
    }


admin.site.index_template = "boutique/admin/desk.html"
admin.site.disable_action("delete_selected")  # it would delete without the services
