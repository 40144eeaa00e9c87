"""The shape of every viewset: who may ask is a table, what is sent a serializer, what happens one service call."""

import functools

from rest_framework import status
from rest_framework.exceptions import ErrorDetail, NotAcceptable, ValidationError
from rest_framework.generics import get_object_or_404
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.viewsets import GenericViewSet

from boutique import errors, idempotency, replica
from boutique.api import ANYONE
from boutique.api.filters import EventFilter
from boutique.api.renderers import whole_list
from boutique.api.serializers import EventSerializer, Nothing
from boutique.models import DocumentEvent
from boutique.tables.table import title_of
from boutique.transactions import in_one_transaction

WRITES = {"POST", "PUT", "PATCH", "DELETE"}


class LengthRequired(errors.RuleError):
    status = 411
    code = "length_required"
    title = "Length required"


class Formats(DefaultContentNegotiation):
    def filter_renderers(self, renderers, format):  # noqa: A002 (DRF's name)
        offered = [renderer.format for renderer in renderers]
        if format not in offered:
            raise NotAcceptable(f"There is no format {format!r:.40} here. There are: {', '.join(offered)}.")
        return [renderer for renderer in renderers if renderer.format == format]


class HouseViewSet(GenericViewSet):
    """`permissions` names what each action needs, `inputs` the serializer of what it is sent, `outputs` what it answers
    (status and serializer) where that is not the row, `examples` a body that works, for the documents.

    Every write runs in one transaction, locks and all, and is repeated if the database had to break a deadlock.
    """

    content_negotiation_class = Formats
    http_method_names = ["get", "head", "post", "put", "patch", "delete"]
    permissions = {}
    inputs = {}
    outputs = {}
    examples = {}
    orderings = {}
    guarded = {}  # filters and orderings that need a permission of their own, by name
    default_ordering = "-id"
    questions = {}  # what a GET that is no list may be asked beside `expand` and `format`, by action
    makes_nothing = frozenset()  # POSTs that only answer: a repeat is asked again, whatever its Idempotency-Key
    unkept = frozenset()  # fields of an answer that are shown once: null in the answer to a repeat
    needs_key = frozenset()  # actions that refuse a POST without Idempotency-Key
    one_transaction = True
    lookup_value_regex = "[0-9]{1,18}"
    expanded = ()

    def get_authenticators(self):
        """Whoever signs in or refreshes often still sends the token that has run out: nobody asks for it there."""
        action = getattr(self, "action_map", {}).get(self.request.method.lower()) if self.request else None
        return [] if self.permissions.get(action) == ANYONE else super().get_authenticators()

    def dispatch(self, request, *args, **kwargs):
        with replica.chosen_anew():
            return super().dispatch(request, *args, **kwargs)

    def initial(self, request, *args, **kwargs):
        super().initial(request, *args, **kwargs)
        if request.method in ("GET", "HEAD") and self.detail is False:
            replica.read_there(request.auth)
        if "chunked" in request.headers.get("Transfer-Encoding", ""):
            raise LengthRequired("Send the body with a Content-Length.")  # Django would take it for empty
        if request.method == "GET":
            self.refuse_unknown_questions(request)
            self.expanded = self.asked_to_expand(request)
        self.wrap_write(request)

    def wrap_write(self, request):
        name = request.method.lower()
        handler = getattr(self, name, None)
        if self.one_transaction and request.method in WRITES and handler:
            setattr(self, name, lambda *args, **kwargs: self.write(handler, *args, **kwargs))

    def write(self, handler, request, *args, **kwargs):
        def work():
            return handler(request, *args, **kwargs)

        key = None
        if request.method == "POST" and request.user.is_authenticated and self.action not in self.makes_nothing:
            key = idempotency.key_of(request, required=self.action in self.needs_key)
        once = work if key is None else lambda: idempotency.answer_once(request, key, work, unkept=self.unkept)
        answer = in_one_transaction(once)
        replica.note_write(request.auth)
        return answer

    def refuse_unknown_questions(self, request):
        """A list's own filters are the filter backend's to judge."""
        known = {"expand", "format", *self.questions.get(self.action, ())}
        unknown = [] if self.action == "list" else sorted(request.query_params.keys() - known)
        if unknown:
            message = "There is nothing of this name to ask for here."
            raise ValidationError({name: [ErrorDetail(message, code="unknown_filter")] for name in unknown[:10]})

    def asked_to_expand(self, request):
        text = request.query_params.get("expand", "")
        names = [name.strip() for name in text.split(",")] if text else []
        shown = self.outputs.get(self.action, (200, self.serializer_class))[1]
        possible = getattr(shown, "expandable", {})
        if unknown := [name for name in names if name not in possible]:
            offer = ", ".join(sorted(possible)) or "nothing"
            message = f"{unknown[0]!r:.60} cannot be expanded here. Possible: {offer}."
            raise ValidationError({"expand": [ErrorDetail(message, code="invalid")]})
        return names

    def rows(self):
        """All rows, with what the answer needs beside them."""
        return super().get_queryset()

    def get_queryset(self):
        """The rows this person can see. Everything below a row's own scope starts here."""
        rows = self.rows()
        if hasattr(rows, "visible_to"):
            rows = rows.visible_to(self.request.user)
        # Lists of ids need their rows anyway, and what lies behind another row is not its own: the view fetches those.
        own = {field.name for field in rows.model._meta.get_fields() if field.many_to_one and field.concrete}
        joined = [name for name in self.expanded if name in own]
        return rows.select_related(*joined) if joined else rows

    def get_object(self):
        """The row of this address. The service locks it, in the order all locks are taken, and reads it again:
        what If-Match demands is demanded there once more (`Record.as_locked`)."""
        row = super().get_object()
        wanted = self.request.headers.get("If-Match")
        if self.request.method in WRITES and wanted is not None and wanted.strip() != "*":
            if etag_of(row) not in [tag.strip() for tag in wanted.split(",")]:
                raise errors.Stale("Somebody changed this since you read it. Read it again, then repeat your change.")
            row.must_be_unchanged = True
        return row

    def get_serializer_class(self):
        return self.inputs.get(self.action, self.serializer_class)

    def sent(self, instance=None):
        """What the client sent, checked by the serializer of this action."""
        serializer_class = self.inputs.get(self.action, Nothing if self.is_verb else self.serializer_class)
        context = self.get_serializer_context() | {"read_only_names": names_of(self.serializer_class)}
        serializer = serializer_class(
            instance, data=self.request.data, partial=self.request.method == "PATCH", context=context
        )
        serializer.is_valid(raise_exception=True)
        return serializer.validated_data

    @property
    def is_verb(self):
        return self.action not in ("create", "update", "partial_update")

    def as_shown(self, rows):
        """The rows of a page, of a part of an export, or the one that is answered."""
        return rows

    def answer(self, row, code=status.HTTP_200_OK):
        """The row as a GET would show it, with its ETag."""
        shown = row
        if self.request.method in WRITES:
            # Where the act took the row out of the caller's sight, they still see what became of it.
            shown = self.get_queryset().filter(pk=row.pk).first() or self.rows().get(pk=row.pk)
        return self.told(shown, code)

    def told(self, row, code=status.HTTP_200_OK):
        """The same of a row that has all its answer needs beside it."""
        (shown,) = self.as_shown([row])
        response = Response(self.serializer_class(shown, context=self.get_serializer_context()).data, status=code)
        response["ETag"] = etag_of(shown)
        if code == status.HTTP_201_CREATED:
            response["Location"] = reverse(
                f"{self.basename}-detail", kwargs=self.kwargs | {"pk": row.pk}, request=self.request
            )
        return response


@functools.cache
def names_of(serializer_class):
    return frozenset(serializer_class().fields)


def etag_of(row):
    """A row's moment of last change, to the microsecond; every write moves it."""
    return f'"{row.pk}-{int(row.updated_at.timestamp() * 1_000_000):x}"'


class Listed:
    """With a table renderer among its `renderer_classes`, `?format=csv` gives the whole list, not a page of it."""

    def list(self, request, **path):
        rows = self.filter_queryset(self.get_queryset())
        if request.accepted_renderer.format != "json":
            return self.sheet(rows)
        page = self.as_shown(self.paginate_queryset(rows))
        shown = self.serializer_class(page, many=True, context=self.get_serializer_context())
        return self.get_paginated_response(shown.data)

    def sheet(self, rows):
        serializer = functools.partial(self.serializer_class, context=self.get_serializer_context())
        renderer, title = self.request.accepted_renderer, title_of(self)
        return whole_list(renderer, rows, self.ordering_keys, serializer, title=title, as_shown=self.as_shown)


class Shown:
    def retrieve(self, request, **path):
        return self.answer(self.get_object())


class Made:
    """Wants `make(**sent)`: the service call that returns the new row."""

    def create(self, request, **path):
        return self.answer(self.make(**self.sent()), status.HTTP_201_CREATED)


class Patched:
    """Wants `change(row, **sent)`."""

    def partial_update(self, request, **path):
        return self.changed()

    def changed(self):
        row = self.get_object()
        return self.answer(self.change(row, **self.sent(row)))


class Changed(Patched):
    """PUT too: all required fields at once."""

    def update(self, request, **path):
        return self.changed()


class Removed:
    """Wants `remove(row)`."""

    def destroy(self, request, **path):
        self.remove(self.get_object())
        return Response(status=status.HTTP_204_NO_CONTENT)


class PaperViewSet(Listed, Shown, Made, HouseViewSet):
    """A document: it is made at once, what becomes of it is a verb."""

    noun = "document"  # what its services call it

    def act(self, verb):
        return self.answer(verb(**{self.noun: self.get_object()}, by=self.request.user, **self.sent()))


class TimelineViewSet(Listed, HouseViewSet):
    """What happened to one document: who did what, when, and from which state to which. Newest first."""

    queryset = DocumentEvent.objects.select_related("by")
    serializer_class = EventSerializer
    filterset_class = EventFilter
    orderings = {"at": "at"}
    documents = None  # the model whose rows the address names

    def get_queryset(self):
        seen = self.documents.objects.visible_to(self.request.user)
        document = get_object_or_404(seen, pk=self.kwargs["pk"])
        return super().get_queryset().filter(document=document.number)
