"""What alterations know of a customer: see CUSTOMER_PAPERS and what follows it in the settings."""

from collections import defaultdict
from decimal import Decimal

from django.db.models import Q, Sum
from django.utils import timezone

from alterations.models import Garment, GarmentImage, GarmentService, Ticket
from alterations.models.tickets import AT_WORK
from boutique import idempotency, images
from boutique.models import DocumentEvent
from orders.services.customers import Paper, Papers
from orders.services.papers import EVENT, MOST_PAPERS


def altered(customer, person):
    """Their tickets in this person's places, the newest first, and what they paid for all of them."""
    seen = Ticket.objects.filter(customer=customer).visible_to(person)
    spend = seen.aggregate(paid=Sum("paid"))["paid"] or Decimal("0.00")
    papers = [
        Paper(
            id=ticket.pk,
            number=ticket.number,
            date=ticket.created_at.date(),
            location=ticket.location_id,
            location_code=ticket.location.code,
            status=ticket.status,
            total=ticket.total,
        )
        for ticket in seen.select_related("location").order_by("-pk")[:MOST_PAPERS]
    ]
    return Papers(name="alterations", papers=papers, spend=spend)


def open_work(customer):
    """Garments that are still in the house, and tickets that somebody still owes money for."""
    return [ticket.number for ticket in Ticket.objects.unsettled().filter(customer=customer).order_by("pk")]


def bodies_at_work(person):
    """The measurements of whom a tailor is sewing for now."""
    mine = Garment.objects.filter(tailor=person.pk, status__in=AT_WORK)
    return Q(customer__in=Ticket.objects.filter(garments__in=mine).order_by().values("customer"))


def export(customer):
    tickets = Ticket.objects.filter(customer=customer).prefetch_related(
        "garments__services", "garments__images", "payments", "notices"
    )
    tickets = list(tickets.order_by("pk"))
    numbers = [paper.number for ticket in tickets for paper in (ticket, *ticket.garments.all())]
    told = defaultdict(list)
    events = DocumentEvent.objects.filter(document__in=numbers).order_by("pk")
    for number, *event in events.values_list("document", *EVENT):
        told[number].append(dict(zip(EVENT, event, strict=True)))
    return {"alterations": [in_full(ticket, told) for ticket in tickets]}


def in_full(ticket, told):
    return {
        "number": ticket.number,
        "location": ticket.location_id,
        "created_at": ticket.created_at,
        "status": ticket.status,
        "promised_on": ticket.promised_on,
        "rush": ticket.is_rush,
        "note": ticket.note,
        "total": str(ticket.total),
        "paid": str(ticket.paid),
        "garments": [garment_in_full(garment, told) for garment in ticket.garments.all()],
        "payments": [
            {
                "at": one.at,
                "kind": one.kind,
                "method": one.method,
                "amount": str(one.amount),
                "reference": one.reference,
            }
            for one in ticket.payments.all()
        ],
        "letters": [{"at": one.at, "outcome": one.outcome} for one in ticket.notices.all()],
        "timeline": told[ticket.number],
    }


def garment_in_full(garment, told):
    return {
        "number": garment.number,
        "garment_type": garment.garment_type,
        "description": garment.description,
        "colour": garment.colour,
        "fabrics": garment.fabrics,
        "issue": garment.issue,
        "status": garment.status,
        "services": [
            {"name": line.name, "quantity": str(line.quantity), "total": str(line.total), "note": line.note}
            for line in garment.services.all()
        ],
        "photos": [
            {"description": one.description, "put_up_at": one.created_at, "deleted_at": one.deleted_at}
            for one in garment.images.all()
        ],
        "timeline": told[garment.number],
    }


def forget(customer, by):
    """Notes, complaints, descriptions and photos go. Services, prices and the money stay, as the law wants."""
    now = timezone.now()
    tickets = Ticket.objects.filter(customer=customer)
    garments = Garment.objects.filter(ticket__customer=customer)
    tickets.update(note="", updated_by=by, updated_at=now)
    garments.update(issue="", description="", colour="", updated_by=by, updated_at=now)
    GarmentService.objects.filter(garment__in=garments).update(note="")
    forget_answers(tickets, garments)
    pictures = GarmentImage.objects.select_for_update(no_key=True, of=("self",)).filter(garment__in=garments)
    for picture in pictures.exclude(image="").order_by("pk"):
        images.discard(picture.image)
        picture.image = picture.description = ""
        picture.deleted_at, picture.deleted_by = picture.deleted_at or now, picture.deleted_by or by
        picture.updated_by = by
        picture.save()


def forget_answers(tickets, garments):
    """Those about garments and photos; those about the tickets themselves name the customer."""
    about = Q()
    for name, rows in (("ticket", tickets), ("garment", garments)):
        if numbers := "|".join(str(pk) for pk in rows.values_list("pk", flat=True)):
            about |= Q(route__contains="/alteration", body__regex=rf'"{name}":({numbers}),')
    if about:
        idempotency.blank_answers(about)
