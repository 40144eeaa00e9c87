"""What is agreed for the lines of an order: from what was written down to lines with their amounts.

A new line without a price has the catalogue's. A line that stays keeps what is not said anew: what was agreed does not
follow the catalogue.
"""

from decimal import Decimal

from django.conf import settings

from boutique.errors import Forbidden, line_error
from inventory.services import ledger
from orders import money
from orders.models import OrderLine

OVERRIDE = "orders.override_price"
ZERO = money.ZERO
SAID = ("description", "size", "quantity", "unit_price", "discount", "backorder")
SHOWN = ("sku_id", *SAID, "tax_rate")
KEPT = ("position", *SHOWN, "share", "net", "tax", "total")
WORDS = {"description", "size"}  # that they changed is told, not how: the timeline is kept longer than people are


def drafted(sent, own, location):
    """The lines as they will stand, in the order they were sent in. `own`: those there are, by id."""
    refuse_strangers(sent, own)
    lines = [draft(words, own.get(words.get("id"))) for words in sent]
    ledger.refuse(error for index, line in enumerate(lines) for error in impossible(line, index, location))
    for position, line in enumerate(lines):
        line.position = position
    return lines


def refuse_strangers(sent, own):
    errors, seen = [], set()
    for index, words in enumerate(sent):
        pk = words.get("id")
        if pk is not None and pk not in own:
            errors.append(line_error(f"lines.{index}.id", "not_found", f"The order has no line {pk}."))
        elif pk in seen:
            errors.append(line_error(f"lines.{index}.id", "duplicate", f"Line {pk} stands here twice."))
        seen.add(pk) if pk is not None else None
    ledger.refuse(errors)


def draft(words, before):
    line = before or OrderLine(discount=ZERO, tax_rate=settings.BOUTIQUE_TAX_RATE)
    line.was = remembered(line) if before else None
    said = {name: words[name] for name in SAID if words.get(name) is not None}
    if "sku" in words and getattr(words["sku"], "pk", None) != line.sku_id:
        of_other_goods(line, words["sku"])
    for name, value in said.items():
        setattr(line, name, value)
    if line.sku_id and not line.description:
        line.description = line.sku.product.name
    return line


def remembered(line):
    return {name: getattr(line, name) for name in KEPT}


def is_changed(line):
    return line.was is not None and line.was != remembered(line)


def of_other_goods(line, sku):
    """Its price, tax and words are those of what it is now."""
    line.sku = sku
    if sku is None:
        line.tax_rate, line.unit_price, line.backorder = settings.BOUTIQUE_TAX_RATE, None, False
    else:
        line.tax_rate, line.unit_price = sku.product.tax_rate, sku.effective_price
        line.description, line.size = sku.product.name, sku.size


def impossible(line, index, location):
    path = f"lines.{index}"
    if not line.description:
        yield line_error(f"{path}.description", "required", "Say what is made or sold.")
    if line.unit_price is None:
        yield line_error(f"{path}.unit_price", "required", "Say what it costs: it is not in the catalogue.")
    elif line.discount > full_price(line):
        text = f"The discount is more than the line, which is {full_price(line)}."
        yield line_error(f"{path}.discount", "max_value", text)
    if line.sku_id:
        if error := ledger.wrong_quantity(line.quantity, line.sku, f"{path}.quantity"):
            yield error
        if is_of_other_goods(line) and (error := ledger.out_of_use(line.sku, location, f"{path}.quantity")):
            yield error
    elif line.backorder:
        yield line_error(f"{path}.backorder", "invalid", "Plain work waits for no goods.")


def is_of_other_goods(line):
    return line.was is None or line.was["sku_id"] != line.sku_id


def price_of(line):
    return money.Price(
        quantity=line.quantity, unit_price=line.unit_price, discount=line.discount, tax_rate=line.tax_rate
    )


def full_price(line):
    return money.rounded(line.quantity * line.unit_price)


# ------------------------------------------------------------------------------------------------ adding up


def add_up(order, lines):
    """Puts the amounts on each line, and their sums on the order."""
    prices = [price_of(line) for line in lines]
    whole = sum((price.value for price in prices), ZERO)
    if order.discount > whole:
        text = f"The discount is more than the order, which is {whole}."
        ledger.refuse([line_error("discount", "max_value", text)])
    found = money.amounts(prices, discount=order.discount, includes_tax=order.prices_include_tax)
    for line, amounts in zip(lines, found, strict=True):
        line.share, line.net, line.tax, line.total = amounts.share, amounts.net, amounts.tax, amounts.total
    sums = money.totals(prices, found, discount=order.discount)
    order.subtotal, order.tax, order.total = sums.subtotal, sums.tax, sums.total


# ------------------------------------------------------------------------------------------------ whose price it is


def refuse_bargains(order, lines, by, *, before=()):
    """Sales staff sell at the catalogue's prices, and give discounts up to a limit. Plain work has no price there.

    `before`: the discount of the whole order and what it was measured against, if a manager may have given more.
    """
    if by.has_perm(OVERRIDE):
        return
    text = "Another price than the catalogue's needs a manager, and so do more pieces at it."
    errors = [
        line_error(f"lines.{index}.unit_price", "permission_denied", text)
        for index, line in enumerate(lines)
        if line.sku_id and has_own_price(line)
    ]
    if errors:
        raise Forbidden(text, errors=errors)
    errors = list(large_discounts(order, lines, before))
    if errors:
        raise Forbidden(errors[0]["message"], errors=errors)


def has_own_price(line):
    return not has_agreed_price(line) and line.unit_price != line.sku.effective_price


def has_agreed_price(line):
    """What a manager agreed to, or the catalogue said then, is for as many pieces as there were."""
    if line.was is None or line.quantity > line.was["quantity"]:
        return False
    return (line.was["sku_id"], line.was["unit_price"]) == (line.sku_id, line.unit_price)


def large_discounts(order, lines, before):
    """A line's own discount is measured against that line: other lines do not make it smaller."""
    for index, line in enumerate(lines):
        yield from too_large(f"lines.{index}.discount", (line.discount, full_price(line)), discount_before(line))
    yield from too_large("discount", discounts_of(order, lines), before)


def discount_before(line):
    if line.was is None or line.was["sku_id"] != line.sku_id:
        return ()
    return line.was["discount"], money.rounded(line.was["quantity"] * line.was["unit_price"])


def too_large(field, now, before):
    """What a manager gave stays given, as long as what it was given for has not become less."""
    (given, full), most = now, money.percentage(settings.BOUTIQUE_DISCOUNT_LIMIT, now[1])
    is_as_agreed = before and given <= before[0] and full >= before[1]
    if given > most and not is_as_agreed:
        text = f"A discount of more than {settings.BOUTIQUE_DISCOUNT_LIMIT} %, here {most}, needs a manager."
        yield line_error(field, "permission_denied", text)


def discounts_of(order, lines):
    """All that is taken off, and what it is taken off."""
    lines = list(lines)
    given = order.discount + sum((line.discount for line in lines), ZERO)
    return given, sum((full_price(line) for line in lines), ZERO)


# ------------------------------------------------------------------------------------------------ what has changed


def differences(before, lines):
    """For the timeline: which lines are new, gone, or changed, in figures. `before`: what was there, by id."""
    told = []
    for line in lines:
        now = remembered(line)
        if line.was is None:
            told.append({"line": line.pk, "new": in_figures(now)})
        elif changed := [name for name in SHOWN if now[name] != line.was[name]]:
            pairs = {name: None if name in WORDS else [plain(line.was[name]), plain(now[name])] for name in changed}
            told.append({"line": line.pk} | pairs)
    stayed = {line.pk for line in lines}
    return told + [{"line": pk, "gone": in_figures(was)} for pk, was in before.items() if pk not in stayed]


def is_rearranged(before, lines):
    """Do those that stay stand in another order?"""
    stay = [line.pk for line in lines if line.pk in before]
    return stay != [pk for pk in before if pk in set(stay)]


def asks_for_other_goods(before, lines):
    return {line.pk: goods_of(remembered(line)) for line in lines} != {pk: goods_of(was) for pk, was in before.items()}


def goods_of(line):
    return line["sku_id"], line["quantity"], line["backorder"]


def in_figures(line):
    return {name: plain(line[name]) for name in ("sku_id", "quantity", "unit_price", "discount")}


def plain(value):
    return str(value) if isinstance(value, Decimal) else value
