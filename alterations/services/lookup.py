"""What a scanned tag or claim check stands for."""

from alterations.models import Garment, Ticket
from boutique.documents import pk_in


def garment(code, person):
    """The code on a garment's tag, or GAR-000012: where it hangs and what it waits for, without money and names."""
    code = code.strip().upper()
    if not person.has_perm("alterations.view_garment") or not code.startswith("G"):
        return None
    seen = Garment.objects.visible_to(person).select_related("ticket__location", "tailor")
    by_number = code.startswith(f"{Garment.PREFIX}-")
    found = seen.filter(**{"pk": pk_in(Garment.PREFIX, code)} if by_number else {"tag_code": code}).first()
    return found and {
        "kind": "alteration_garment",
        "sku": None,
        "object": {
            "id": found.pk,
            "number": found.number,
            "tag_code": found.tag_code,
            "status": found.status,
            "garment_type": found.garment_type,
            "description": found.description,
            "ticket": found.ticket_id,
            "ticket_number": found.ticket.number,
            "tailor": found.tailor_id,
            "location": found.ticket.location_id,
            "location_code": found.ticket.location.code,
            "promised_on": found.ticket.promised_on and found.ticket.promised_on.isoformat(),
        },
    }


def ticket(code, person):
    """The code on a claim check, or ALT-000012: for whoever hands garments over."""
    code = code.strip().upper()
    if not person.has_perm("alterations.add_ticket") or not code.startswith(("C", f"{Ticket.PREFIX}-")):
        return None
    seen = Ticket.objects.visible_to(person).named()
    by_number = code.startswith(f"{Ticket.PREFIX}-")
    found = seen.filter(**{"pk": pk_in(Ticket.PREFIX, code)} if by_number else {"claim_code": code}).first()
    return found and {
        "kind": "alteration",
        "sku": None,
        "object": {
            "id": found.pk,
            "number": found.number,
            "status": found.status,
            "customer": found.customer_id,
            "customer_name": found.customer.name,
            "location": found.location_id,
            "location_code": found.location.code,
            "promised_on": found.promised_on and found.promised_on.isoformat(),
        },
    }
