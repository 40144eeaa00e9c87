"""A day in the shop: the document's own examples in an order that works, each with the ids of the ones before."""

from dataclasses import dataclass, field

TITLE = "A day in the shop"
WORDS = (
    "From a new category to the evening's count, in an order that works: press *Run* on this folder. It adds a "
    "product, a customer, an order, a sale … to the shop; names end with a word of their own, so it can be run again."
)


def as_it_is(example):
    return example


def line(**changed):
    """The example with its first line changed, and no other."""
    return lambda example: {**example, "lines": [{**example["lines"][0], **changed}]}


def but(*left_out, **changed):
    return lambda example: {**{key: value for key, value in example.items() if key not in left_out}, **changed}


def both(first, then):
    return lambda example: then(first(example))


def equals(what, value):
    return f'pm.test("{what} is {value}", () => pm.expect(pm.response.json().{what}).to.equal("{value}"));'


def number(variable):
    """A variable that goes into a body without quotation marks."""
    return f"#{{{{{variable}}}}}"


LEAVES_ELEVEN = (
    'pm.test("the last movement leaves eleven", () => '
    'pm.expect(pm.response.json().results[0].on_hand_after).to.equal("11.000"));'
)
PLACE, BACK = number("place"), number("back")
SKU, CUSTOMER = number("sku"), number("customer")


@dataclass(frozen=True)
class Step:
    name: str
    key: str
    sends: object = as_it_is
    ids: dict = field(default_factory=dict)
    query: dict = field(default_factory=dict)
    keeps: dict = field(default_factory=dict)
    checks: tuple = ()


def of(variable, name="id"):
    return {name: f"{{{{{variable}}}}}"}


STEPS = [
    Step("The shop we stand in", "GET locations/", query={"kind": "store"}, keeps={"place": ".results[0].id"}),
    Step("The room behind it", "GET locations/", query={"kind": "warehouse"}, keeps={"back": ".results[0].id"}),
    Step("A category", "POST categories/", but("parent", name="Dresses {{run}}"), keeps={"category": ".id"}),
    Step(
        "A product in it",
        "POST products/",
        but(name="Kurta {{run}}", category=number("category")),
        keeps={"product": ".id"},
    ),
    Step(
        "Ten of a size and colour",
        "POST skus/",
        but(
            "barcode",
            product=number("product"),
            price="85.00",
            opening_stock=[{"location": PLACE, "quantity": "10", "unit_cost": "40.00"}],
        ),
        keeps={"sku": ".id", "code": ".code"},
    ),
    Step("Look it up", "GET barcodes/{code}/", ids=of("code", "code"), checks=(equals("kind", "sku"),)),
    Step(
        "Receive one more with the scanner",
        "POST scan/",
        but(code="{{code}}", location=PLACE),
        checks=(equals("after", "11.000"),),
    ),
    Step("A supplier", "POST suppliers/", but(name="Mill of Avoca {{run}}"), keeps={"supplier": ".id"}),
    Step(
        "Order ten from them",
        "POST purchase-orders/",
        both(but("expected_on", supplier=number("supplier"), location=PLACE), line(sku=SKU)),
        keeps={"purchase": ".id", "purchase_line": ".lines[0].id"},
    ),
    Step("The supplier has the order", "POST purchase-orders/{id}/send/", ids=of("purchase")),
    Step(
        "The first van brings six, and one spoilt",
        "POST purchase-orders/{id}/receive/",
        line(line=number("purchase_line")),
        ids=of("purchase"),
        checks=(equals("status", "partly_received"),),
    ),
    Step(
        "A customer",
        "POST customers/",
        but(name="Amina Rahman {{run}}", email="amina.{{run}}@example.com"),
        keeps={"customer": ".id"},
    ),
    Step("Her measurements", "POST measurements/", but(customer=CUSTOMER), keeps={"measurement": ".id"}),
    Step(
        "She orders one",
        "POST orders/",
        both(but(customer=CUSTOMER, location=PLACE, delivery_date="{{in_a_month}}"), line(sku=SKU)),
        keeps={"order": ".id"},
    ),
    Step("It is agreed", "PATCH orders/{id}/status/", ids=of("order"), checks=(equals("status", "confirmed"),)),
    Step("She leaves a deposit", "POST orders/{order}/payments/", but(amount="40.00"), ids=of("order", "order")),
    Step(
        "Open the till",
        "POST till-sessions/",
        but(location=PLACE, register="{{run}}"),
        keeps={"till": ".id"},
    ),
    Step(
        "Sell two",
        "POST sales/",
        both(
            but(location=PLACE, client_id="postman-{{run}}", payments=[{"method": "card", "amount": "170.00"}]),
            line(sku=SKU, quantity="2"),
        ),
        keeps={"sale": ".id", "sale_line": ".lines[0].id"},
        checks=(equals("total", "170.00"),),
    ),
    Step("One comes back", "POST sales/{id}/returns/", line(line=number("sale_line")), ids=of("sale")),
    Step(
        "Four for the room behind",
        "POST transfers/",
        both(but(source=PLACE, destination=BACK), line(sku=SKU)),
        keeps={"transfer": ".id"},
    ),
    Step("They go", "POST transfers/{id}/ship/", line(sku=SKU), ids=of("transfer")),
    Step(
        "Three arrive whole, one damaged",
        "POST transfers/{id}/receive/",
        line(sku=SKU),
        ids=of("transfer"),
        checks=(equals("status", "received"),),
    ),
    Step(
        "A service for alterations",
        "POST alteration-services/",
        but(code="trs_{{run}}", name="Sew pleats down {{run}}"),
        keeps={"service": ".id"},
    ),
    Step(
        "She brings trousers",
        "POST alterations/",
        lambda example: {
            **example,
            "customer": CUSTOMER,
            "location": PLACE,
            "garments": [
                {**garment, "services": [{**garment["services"][0], "service": number("service")}]}
                for garment in example["garments"]
            ],
        },
        keeps={"ticket": ".id", "garment": ".garments[0].id"},
    ),
    Step("She pays for them", "POST alterations/{ticket}/payments/", ids=of("ticket", "ticket")),
    Step("What else could be done?", "POST alterations/recommend/"),
    Step(
        "Count what is left",
        "POST stock-counts/",
        but(location=PLACE, scope={"skus": [SKU]}),
        keeps={"stock_count": ".id"},
    ),
    Step(
        "Eleven on the rail",
        "POST stock-counts/{id}/lines/",
        line(sku=SKU, counted="11"),
        ids=of("stock_count"),
    ),
    Step("The book follows", "POST stock-counts/{id}/post/", ids=of("stock_count")),
    Step(
        "Close the till",
        "POST till-sessions/{id}/close/",
        but(denominations=[{"value": "50.00", "count": 3}]),
        ids=of("till"),
        checks=(equals("status", "closed"),),
    ),
    Step(
        "What the book says of the day",
        "GET skus/{id}/movements/",
        ids=of("sku"),
        checks=(LEAVES_ELEVEN,),
    ),
]
