"""Services put down on a garment: at the catalogue's price of the day and place, with the minutes of its cloth."""

from django.conf import settings

from alterations import pricing
from alterations.models import AlterationService, GarmentService
from boutique.errors import Forbidden, line_error
from orders import money

OVERRIDE = "orders.override_price"


def priced(sent, location):
    """The services that are named, by id, with what they cost there today: one query."""
    ids = {line["service"].pk for line in sent}
    return AlterationService.objects.priced(location, location.today).in_bulk(ids) if ids else {}


def drafted(sent, catalogue, fabrics, *, beside=(), free=()):
    """Lines that are not kept yet. `beside`: the services of lines that the garment has already; `free`: the ids of
    those that its warranty is about."""
    cloth, seams = pricing.factor(fabrics), {service.seam for service in beside if service.seam}
    lines = []
    for told in sent:
        service = catalogue[told["service"].pk]
        is_free = service.pk in free
        lines.append(draft(service, told, cloth, seam_is_open=service.seam in seams, is_free=is_free))
        seams |= {service.seam} - {""}
    return lines


def draft(service, told, cloth, *, seam_is_open, is_free):
    quantity, price = told.get("quantity", 1), told.get("price")
    has_own_price = price is not None and price != service.price_now
    unit_price = price if has_own_price else service.price_now
    total = money.rounded(unit_price * quantity * (1 if has_own_price else cloth))
    return GarmentService(
        service=service,
        code=service.code,
        name=service.name,
        skill=service.skill,
        needs_fitting=service.needs_fitting,
        min_days=service.min_days,
        quantity=quantity,
        unit_price=unit_price,
        factor=1 if has_own_price else cloth,
        minutes=max(pricing.minutes(service.minutes, quantity, cloth, seam_is_open=seam_is_open), 1),
        total=money.ZERO if is_free else total,
        is_own_price=has_own_price,
        is_free=is_free,
        note=told.get("note", ""),
    )


def unfit(sent, path, *, beside=()):
    """What cannot be put down: what is no longer offered, and what another service undoes or includes."""
    seen = list(beside)
    for index, told in enumerate(sent):
        service, where = told["service"], f"{path}.{index}.service"
        if not service.is_active:
            yield line_error(where, "inactive", f"{service} is not offered any more.")
        for other in seen:
            if text := clash(service, other):
                yield line_error(where, "opposite", text, service=other.pk)
        seen.append(service)


def clash(one, other):
    if one.seam and one.seam == other.seam and one.direction and other.direction and one.direction != other.direction:
        return f"{one} and {other} undo each other on one seam. Put one of them down."
    if one.code in other.swallows or other.code in one.swallows:
        return f"Of {one} and {other} one includes the other. Put one of them down."
    return ""


def refuse_bargains(lines, by, path):
    """Another price than the catalogue's is a manager's to name. `path`: where each line was written."""
    if by.has_perm(OVERRIDE):
        return
    text = "Another price than the catalogue's needs a manager."
    errors = [
        line_error(f"{where}.price", "permission_denied", text)
        for line, where in zip(lines, path, strict=True)
        if line.is_own_price
    ]
    if errors:
        raise Forbidden(text, errors=errors)


def rush_fee(subtotal):
    return money.percentage(settings.BOUTIQUE_RUSH_PERCENT, subtotal)
