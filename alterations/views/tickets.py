"""Tickets, their garments, payments and photos: each verb is one service call."""

from django.db.models import Prefetch
from drf_spectacular.types import OpenApiTypes
from rest_framework.decorators import action
from rest_framework.response import Response

from alterations import filters, papers
from alterations.models import Garment, GarmentImage, GarmentService, Ticket, TicketPayment
from alterations.serializers import tickets as serializers
from alterations.services import lines, materials, paying, picturing, planning, telling, ticketing, working
from boutique.api.renderers import AsPdf, shown_pdf
from boutique.api.serializers import Note, Reason
from boutique.api.viewsets import HouseViewSet, Listed, PaperViewSet, Patched, Shown, TimelineViewSet
from boutique.models import DocumentEvent
from orders.serializers.orders import MONEY
from orders.views.orders import PaymentViewSet, StyleImageViewSet

VIEW = "alterations.view_garment"
SERVICES = Prefetch("services", GarmentService.objects.select_related("service").order_by("pk"))
EXAMPLE_SERVICE = {"service": 1, "quantity": "1", "note": "3 cm"}
EXAMPLE_GARMENT = {
    "garment_type": "trs",
    "description": "Grey wool trousers",
    "colour": "grey",
    "fabrics": ["lined"],
    "issue": "They drag at the heel.",
    "services": [EXAMPLE_SERVICE],
}


def garments_of(user):
    """The pieces of a ticket that this person sees."""
    rows = Garment.objects.visible_to(user).select_related("tailor__bench", "sku", "created_by").defer("sku__search")
    return Prefetch("garments", rows.prefetch_related(SERVICES).order_by("pk"))


class TicketViewSet(Patched, PaperViewSet):
    """Garments of a customer that are altered, in the places one works in; a tailor sees those with work of theirs.

    State and sum follow from the garments. Without `promised_on` the earliest possible day is promised. The search
    finds numbers and names of customers.
    """

    queryset = Ticket.objects.named().prefetch_related("notices__by")
    serializer_class = serializers.TicketSerializer
    filterset_class = filters.TicketFilter
    noun = "ticket"
    orderings = {"promised_on": "promised_on", "created_at": "created_at", "total": "total"}
    guarded = dict.fromkeys(("payment_status", "total"), MONEY) | {"customer": serializers.NAME}
    permissions = {
        "list": "alterations.view_ticket",
        "retrieve": "alterations.view_ticket",
        "create": "alterations.add_ticket",
        "partial_update": "alterations.change_ticket",
        "add_garment": "alterations.change_ticket",
        "notify": "alterations.change_ticket",
    }
    inputs = {
        "create": serializers.NewTicketSerializer,
        "partial_update": serializers.TicketChangeSerializer,
        "add_garment": serializers.GarmentInput,
    }
    examples = {
        "create": {"customer": 1, "location": 2, "garments": [EXAMPLE_GARMENT], "rush": False},
        "partial_update": {"promised_on": "2027-03-31", "reason": "The zip has not come.", "told_customer": True},
        "add_garment": EXAMPLE_GARMENT,
    }

    def rows(self):
        return super().rows().prefetch_related(garments_of(self.request.user))

    def make(self, **sent):
        """Take garments in. What undoes another service on the same seam is 400; another price needs a manager."""
        return ticketing.take_in(by=self.request.user, **sent)

    def change(self, ticket, **sent):
        """Another promised day (its change is written down), rush, or note."""
        return ticketing.change(ticket=ticket, by=self.request.user, **sent)

    @action(detail=True, methods=["post"], url_path="garments")
    def add_garment(self, request, pk):
        """One more piece, as on taking in."""
        ticket = self.get_object()
        ticketing.add_garment(ticket=ticket, by=request.user, **self.sent())
        return self.answer(ticket)

    @action(detail=True, methods=["post"])
    def notify(self, request, pk):
        """Tell the customer by e-mail how it stands. What came of the letter is in `notices`; no state changes."""
        return self.act(telling.notify)


class TicketTimelineViewSet(TimelineViewSet):
    documents = Ticket
    permissions = {"list": MONEY}


class GarmentViewSet(Listed, Shown, Patched, HouseViewSet):
    """The physical piece: where it stands, whose work it is, what is done to it. Tailors see and move their own.

    `allowed_actions` are the verbs that this caller may use now.
    """

    queryset = Garment.objects.named().prefetch_related(SERVICES)
    filterset_class = filters.GarmentFilter
    noun = "garment"
    orderings = {"created_at": "created_at"}
    search_fields = ["description"]
    guarded = {"customer": serializers.NAME}
    permissions = {
        "list": VIEW,
        "retrieve": VIEW,
        "partial_update": "alterations.change_garment",
        "services": "alterations.change_garment",
        "pin": "alterations.pin_garment",
        "assign": "alterations.assign_garment",
        "decline": "alterations.work_garment",
        "start": "alterations.work_garment",
        "hold": "alterations.work_garment",
        "resume": "alterations.work_garment",
        "finish": "alterations.work_garment",
        "pass_on": "alterations.check_garment",
        "rework": "alterations.check_garment",
        "collect": "alterations.collect_garment",
        "cancel": "alterations.cancel_garment",
        "use_materials": "alterations.issue_material",
        "return_materials": "alterations.issue_material",
    }
    inputs = {
        "partial_update": serializers.GarmentChangeSerializer,
        "services": serializers.ServicesSerializer,
        "pin": serializers.PinSerializer,
        "assign": serializers.AssignGarmentSerializer,
        "decline": serializers.WhySerializer,
        "start": Note,
        "hold": Reason,
        "resume": Note,
        "finish": serializers.FinishSerializer,
        "pass_on": Note,
        "rework": serializers.ReworkSerializer,
        "collect": serializers.WhySerializer,
        "cancel": serializers.CancelSerializer,
        "use_materials": serializers.MaterialsSerializer,
        "return_materials": serializers.MaterialsSerializer,
    }
    examples = {
        "partial_update": {"colour": "navy"},
        "services": {"services": [EXAMPLE_SERVICE]},
        "pin": {"note": "Left leg 3 cm, right leg 2.5 cm."},
        "assign": {"tailor": 5},
        "decline": {"reason": "Not my speciality."},
        "start": {"note": "With the left leg."},
        "hold": {"reason": "Waits for the zip."},
        "resume": {"note": "The zip is here."},
        "pass_on": {"note": "Even, and pressed."},
        "finish": {"minutes": 35},
        "rework": {"cause": "sewing_error", "note": "The hem is not even."},
        "collect": {"reason": "Pays by bank transfer this week."},
        "cancel": {"reason": "The wedding is off."},
        "use_materials": {"lines": [{"sku": 1, "quantity": "1"}]},
        "return_materials": {"lines": [{"sku": 1, "quantity": "1"}]},
    }

    @property
    def serializer_class(self):
        return serializers.GarmentSerializer if self.action == "list" else serializers.GarmentInFullSerializer

    def as_shown(self, garments):
        garments = list(garments)
        if self.action != "list":
            used = materials.used_for(garments)
            for garment in garments:
                garment.materials = used[garment.pk]
                events = DocumentEvent.objects.filter(document=garment.number).select_related("by")
                garment.events = list(events.order_by("-pk"))
        return garments

    def change(self, garment, **sent):
        """How it is described; while work goes on also its cloth and the whole list of its services."""
        return ticketing.change_garment(garment=garment, by=self.request.user, **sent)

    def act(self, verb):
        return self.answer(verb(garment=self.get_object(), by=self.request.user, **self.sent()))

    @action(detail=True, methods=["post"])
    def services(self, request, pk):
        """More work on it, at the catalogue's price of today."""
        return self.act(ticketing.add_services)

    @action(detail=True, methods=["post"])
    def pin(self, request, pk):
        """Measured and pinned; `services` are what was agreed then."""
        return self.act(working.pin)

    @action(detail=True, methods=["post"])
    def assign(self, request, pk):
        """Give it to a tailor. Without the skill it is 409 `not_skilled` unless `force`, which is written down."""
        return self.act(working.assign)

    @action(detail=True, methods=["post"])
    def decline(self, request, pk):
        """Its tailor does not take it: back in the queue it came from."""
        return self.act(working.decline)

    @action(detail=True, methods=["post"])
    def start(self, request, pk):
        """On the bench."""
        return self.act(working.start)

    @action(detail=True, methods=["post"])
    def hold(self, request, pk):
        """Something is missing."""
        return self.act(working.hold)

    @action(detail=True, methods=["post"])
    def resume(self, request, pk):
        """Back to the state it was held from."""
        return self.act(working.resume)

    @action(detail=True, methods=["post"])
    def finish(self, request, pk):
        """Sewn: somebody else checks it now."""
        return self.act(working.finish)

    @action(detail=True, methods=["post"], url_path="pass", url_name="pass")
    def pass_on(self, request, pk):
        """It is right: ready. Never by whoever sewed it (409 `own_request`)."""
        return self.act(working.pass_on)

    @action(detail=True, methods=["post"])
    def rework(self, request, pk):
        """It is not: back to its tailor, with the cause."""
        return self.act(working.rework)

    @action(detail=True, methods=["post"])
    def collect(self, request, pk):
        """Handed over. With a balance it is 409 `balance_due`, unless a manager says why (`reason`)."""
        return self.act(working.collect)

    @action(detail=True, methods=["post"])
    def cancel(self, request, pk):
        """Given back as it is; once it was pinned, for a fee. Once work has begun, by a manager."""
        return self.act(working.cancel)

    @action(detail=True, methods=["post"], url_path="materials")
    def use_materials(self, request, pk):
        """Buttons, zips, cloth taken from the shelf of its place; what is short is 409."""
        return self.act(materials.use)

    @action(detail=True, methods=["post"], url_path="materials/return")
    def return_materials(self, request, pk):
        """What was not needed lies on the shelf again."""
        return self.act(materials.bring_back)


class GarmentEventViewSet(TimelineViewSet):
    documents = Garment
    serializer_class = serializers.GarmentEventSerializer
    permissions = {"list": VIEW}


# ------------------------------------------------------------------------------------------------ money and photos


class TicketPaymentViewSet(PaymentViewSet):
    """Money for one ticket. Nobody changes a row: a mistake is paid back."""

    queryset = TicketPayment.objects.select_related("by")
    papers, noun, services = Ticket.objects.all(), "ticket", paying
    serializer_class = serializers.TicketPaymentSerializer
    filterset_class = filters.TicketPaymentFilter
    examples = {"create": {"amount": "20.00", "method": "card", "kind": "payment", "reference": "4711"}}


class GarmentImageViewSet(StyleImageViewSet):
    """How a garment came in, where it is pinned: at most 20 photos of one piece. Taken down, they can be put back."""

    queryset = GarmentImage.objects.select_related("garment", "created_by", "deleted_by")
    serializer_class = serializers.GarmentImageSerializer
    filterset_class = filters.GarmentImageFilter
    services = picturing
    permissions = {
        "list": "alterations.view_garmentimage",
        "retrieve": "alterations.view_garmentimage",
        "create": "alterations.add_garmentimage",
        "destroy": "alterations.delete_garmentimage",
        "restore": "alterations.delete_garmentimage",
    }
    inputs = {"create": serializers.NewGarmentImageSerializer}

    def make(self, **sent):
        """One more photo of a garment: JPEG, PNG or WebP, at most 10 MB and 25 megapixels."""
        return super().make(**sent)


# ------------------------------------------------------------------------------------------------ promises, papers


class PromiseViewSet(HouseViewSet):
    """When work would be done. It promises nothing to anybody."""

    serializer_class = serializers.PromiseSerializer
    permissions = {"ask": "alterations.add_ticket"}
    inputs = {"ask": serializers.PromiseAsk}
    outputs = {"ask": (200, serializers.PromiseSerializer)}
    examples = {"ask": {"location": 2, "garments": [EXAMPLE_GARMENT], "rush": False}}

    def ask(self, request):
        """The earliest day by the queue of the place, the minutes of its tailors and the work itself; `basis` is the
        arithmetic. With nobody to sew it, 409 `no_tailor`."""
        asked = self.sent()
        garments = [described(sent, asked["location"]) for sent in asked.pop("garments", ())]
        promise = planning.earliest(garments=garments, **asked)
        return Response(serializers.PromiseSerializer(promise, context=self.get_serializer_context()).data)


def described(sent, location):
    services = sent["services"]
    drafts = lines.drafted(services, lines.priced(services, location), sent.get("fabrics", ()))
    return {"garment_type": sent["garment_type"], "lines": drafts}


class TagViewSet(HouseViewSet):
    """What hangs on the garment: its code to scan, the promised day, the work; initials, not a name."""

    queryset = Garment.objects.named().prefetch_related(SERVICES)
    serializer_class = serializers.GarmentSerializer
    renderer_classes = [AsPdf]
    permissions = {"retrieve": VIEW}
    outputs = {"retrieve": (200, OpenApiTypes.BINARY)}

    def retrieve(self, request, pk):
        garment = self.get_object()
        return shown_pdf(papers.tag(garment), garment.number)


class ClaimCheckViewSet(HouseViewSet):
    """What the customer keeps: the ticket, the day, what is due, and a code to claim it by."""

    queryset = Ticket.objects.named()
    serializer_class = serializers.TicketSerializer
    renderer_classes = [AsPdf]
    permissions = {"retrieve": "alterations.add_ticket"}
    outputs = {"retrieve": (200, OpenApiTypes.BINARY)}

    def rows(self):
        return super().rows().prefetch_related(garments_of(self.request.user))

    def retrieve(self, request, pk):
        ticket = self.get_object()
        return shown_pdf(papers.claim_check(ticket), ticket.number)
