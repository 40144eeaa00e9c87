"""Walks every route of the resolver with every role, on a row of their own place and on one of another."""

import re
import uuid
from decimal import Decimal

import pytest
from django.db import transaction
from django.urls import URLPattern, URLResolver, get_resolver

from accounts.models import Location, PromotionRequest, User
from accounts.roles import PERMISSIONS, TABLE, Role
from accounts.tests.factories import LocationFactory, UserFactory
from alterations.models import GarmentImage
from alterations.services import advising
from alterations.tests import factories as alterations
from conftest import ApiClient
from forecasting.tests import factories as forecasts
from inventory.models import StockCount, StockRequest, Transfer
from inventory.services import alerts, counting, requesting, transferring
from inventory.services.lines import Goods
from inventory.tests.factories import LowStockThresholdFactory, received
from orders.models import MeasurementDefinition, StyleImage
from orders.services import tills
from orders.tests.factories import (
    CustomerFactory,
    MeasurementSetFactory,
    brought_back,
    on_shelf,
    opened_till,
    ordered,
    paid,
    put_aside,
    sold,
)
from reports.services import subscriptions
from skus.tests import factories as catalogue
from suppliers.tests import factories as purchases
from tests.role_matrix import EVERYBODY, MATRIX, PAGES, ROLES
from webhooks.tests import factories as webhooks

pytestmark = pytest.mark.django_db


def patterns(resolver=None, prefix=""):
    for entry in (resolver or get_resolver()).url_patterns:
        route = prefix + str(entry.pattern).replace("^", "").replace("$", "")
        if isinstance(entry, URLResolver) and not route.startswith("admin/"):
            yield from patterns(entry, route)
        else:
            yield route, entry


def api_routes():
    """Every "METHOD path" that the resolver knows below /api/v1/."""
    for route, entry in patterns():
        if route.startswith("api/v1/"):
            path = re.sub(r"\(\?P<(\w+)>[^)]*\)|<(?:\w+:)?(\w+)>", r"{\1\2}", route.removeprefix("api/v1/"))
            for method in entry.callback.actions:
                if method != "head":
                    yield f"{method.upper()} {path}"


ALL_ROUTES = sorted(set(api_routes()))


def test_every_route_is_in_the_matrix_and_nothing_else():
    assert sorted(MATRIX) == ALL_ROUTES


def test_every_page_beside_the_api_is_accounted_for():
    beside = {route for route, entry in patterns() if not route.startswith("api/v1/")}
    assert beside == set(PAGES)


def test_every_view_of_the_api_has_a_table_of_permissions_that_names_each_action():
    for route, entry in patterns():
        if route.startswith("api/v1/") and isinstance(entry, URLPattern):
            actions = set(entry.callback.actions.values())
            assert actions <= set(entry.callback.cls.permissions), route


def test_every_permission_of_the_table_exists_in_django():
    from django.contrib.auth.models import Permission

    known = {f"{label}.{name}" for label, name in Permission.objects.values_list("content_type__app_label", "codename")}
    assert set(TABLE) <= known


# ------------------------------------------------------------------------------------------------ the rows acted on


def a_user(route, place, caller):
    if "approve" in route or "reject" in route:
        # Whoever waits belongs to no place yet; the row of another place is somebody who works there.
        is_own = caller is None or place.pk in caller.location_ids or caller.role == Role.ADMIN
        return UserFactory(role=None, status=User.Status.PENDING) if is_own else UserFactory(places=[place])
    status = User.Status.DISMISSED if "reinstate" in route else User.Status.ACTIVE
    return UserFactory(status=status, places=[place])


def a_promotion_request(route, place, caller):
    asker = caller if "withdraw" in route else None
    if asker is not None and place.pk not in asker.location_ids and asker.role != Role.ADMIN:
        asker = None
    return PromotionRequest.objects.create(
        user=UserFactory(places=[place]), to_role=Role.MANAGER, reason="good", created_by=asker or UserFactory()
    )


def a_location(route, place, caller):
    return place


def of_the_catalogue(factory):
    """A row that the caller made, or one that somebody else did: whose place it is does not matter."""

    def a_row(route, place, caller):
        is_own = caller is not None and place.pk in caller.location_ids
        return factory(created_by=caller if is_own else UserFactory())

    return a_row


def a_sku(route, place, caller):
    sku = of_the_catalogue(catalogue.SkuFactory)(route, place, caller)
    if route.endswith((".svg", ".png")):
        catalogue.BarcodeFactory(sku=sku, is_primary=True)
    return sku


def a_movement(route, place, caller):
    return received(catalogue.SkuFactory(), place, 5)


def of_stock(model, service):
    """A document of the place; the caller's own if it is their place, or else somebody's who works there."""

    def a_document(route, place, caller):
        is_own = caller is not None and place.pk in caller.location_ids
        by = UserFactory(role=Role.ADMIN)
        sku = catalogue.SkuFactory()
        received(sku, place, 5)
        made = service(place, sku, by)
        # A viewer sees their own, and only who asked takes it back.
        if (is_own and (caller.role == Role.VIEWER or "cancel" in route)) or is_owners(caller, route):
            model.objects.filter(pk=made.pk).update(created_by=caller)
        return made

    return a_document


def is_owners(caller, route):
    return caller is not None and caller.role == Role.ADMIN and "cancel" in route


def asked_transfer(place, sku, by):
    lines = [Goods(sku=sku, quantity=Decimal(1))]
    return transferring.ask(source=place, destination=LocationFactory(), lines=lines, by=by)


def asked_goods(place, sku, by):
    return requesting.ask(location=place, lines=[Goods(sku=sku, quantity=Decimal(1))], by=by)


def opened_count(place, sku, by):
    return counting.start(location=place, by=by)


def an_order(route, place, caller):
    return ordered(place, by=UserFactory(role=Role.ADMIN))


def a_payment(route, place, caller):
    return paid(an_order(route, place, caller), "10.00", UserFactory(role=Role.ADMIN))


def a_style_image(route, place, caller):
    """The caller's own if it is their place."""
    is_own = caller is not None and place.pk in caller.location_ids
    by = caller if is_own else UserFactory()
    return StyleImage.objects.create(order=an_order(route, place, caller), image="styles/none.webp", created_by=by)


def a_till(route, place, caller):
    """Opened by the caller where it is their place; counted out where the report of one is asked for."""
    is_own = caller is not None and place.pk in caller.location_ids
    till = opened_till(place, caller if is_own else UserFactory(role=Role.ADMIN))
    if "report" in route:
        tills.close(session=till, counted=till.opening_cash, by=UserFactory(role=Role.ADMIN))
    return till


def a_basket(route, place, caller):
    return put_aside(place, catalogue.SkuFactory(), by=UserFactory(role=Role.ADMIN))


def a_threshold(route, place, caller):
    return LowStockThresholdFactory(location=place)


def an_alert(route, place, caller):
    return alerts.overdue(document=f"ORD-{place.pk:06d}", location=place)


def a_purchase_order(route, place, caller):
    return purchases.ordered(purchases.SupplierFactory(), place, (catalogue.SkuFactory(), 5, "40.00"))


def a_forecast_run(route, place, caller):
    return forecasts.ForecastRunFactory(places=[place])


def a_forecast(route, place, caller):
    return forecasts.ForecastFactory(location=place)


def a_suggestion(route, place, caller):
    return forecasts.ReorderSuggestionFactory(location=place)


def a_service_level(route, place, caller):
    return forecasts.ServiceLevelFactory()


def a_customer(route, place, caller):
    return CustomerFactory(places=[place])


def some_measurements(route, place, caller):
    """In the place; taken by the caller where it is theirs."""
    is_own = caller is not None and place.pk in caller.location_ids
    taker = caller if is_own else UserFactory()
    return MeasurementSetFactory(customer=CustomerFactory(places=[place]), created_by=taker)


def a_dimension(route, place, caller):
    bounds = {"reject_min": 1, "warn_min": 2, "warn_max": 3, "reject_max": 4}
    return MeasurementDefinition.objects.create(code=f"dart_{place.pk}", name="Dart", **bounds)


def a_sale(route, place, caller):
    seller = UserFactory(role=Role.ADMIN)
    return sold(place, on_shelf(place, by=seller), by=seller)


def a_return(route, place, caller):
    return brought_back(a_sale(route, place, caller), by=UserFactory(role=Role.ADMIN))


def a_service(route, place, caller):
    return alterations.ServiceFactory()


def a_tailor(route, place, caller):
    return UserFactory(role=Role.TAILOR, places=[place])


def a_ticket(route, place, caller):
    return alterations.taken_in(place, by=UserFactory(role=Role.ADMIN))


def a_garment(route, place, caller):
    return a_ticket(route, place, caller).garments.get()


def a_payment_of_a_ticket(route, place, caller):
    return alterations.paid(a_ticket(route, place, caller), "5.00", UserFactory(role=Role.ADMIN))


def a_garment_image(route, place, caller):
    """The caller's own if it is their place."""
    is_own = caller is not None and place.pk in caller.location_ids
    by = caller if is_own else UserFactory()
    garment = a_garment(route, place, caller)
    return GarmentImage.objects.create(garment=garment, image="alterations/none.webp", created_by=by)


def some_advice(route, place, caller):
    return advising.recommend(text="Too long", by=UserFactory(), ticket=a_ticket(route, place, caller))


def a_delivery(route, place, caller):
    return webhooks.WebhookDeliveryFactory()


def a_webhook(route, place, caller):
    return webhooks.WebhookFactory()


def a_subscription(path, place, caller):
    """Of the caller where the place is theirs, of somebody else where it is not."""
    is_own = caller is not None and place.pk in caller.location_ids
    return subscriptions.subscribe(report="sales", frequency="weekly", by=caller if is_own else UserFactory())


ROWS = {
    "sales": a_sale,
    "users": a_user,
    "promotion-requests": a_promotion_request,
    "locations": a_location,
    "categories": of_the_catalogue(catalogue.CategoryFactory),
    "outfit-types": of_the_catalogue(catalogue.OutfitTypeFactory),
    "products": of_the_catalogue(catalogue.ProductFactory),
    "product-images": of_the_catalogue(catalogue.ProductImageFactory),
    "skus": a_sku,
    "barcodes": of_the_catalogue(catalogue.BarcodeFactory),
    "sku-imports": of_the_catalogue(catalogue.SkuImportFactory),
    "movements": a_movement,
    "transfers": of_stock(Transfer, asked_transfer),
    "stock-requests": of_stock(StockRequest, asked_goods),
    "stock-counts": of_stock(StockCount, opened_count),
    "orders": an_order,
    "payments": a_payment,
    "style-images": a_style_image,
    "till-sessions": a_till,
    "baskets": a_basket,
    "returns": a_return,
    "low-stock-thresholds": a_threshold,
    "alerts": an_alert,
    "suppliers": of_the_catalogue(purchases.SupplierFactory),
    "supplier-skus": of_the_catalogue(purchases.SupplierSkuFactory),
    "purchase-orders": a_purchase_order,
    "forecast-runs": a_forecast_run,
    "forecasts": a_forecast,
    "reorder-suggestions": a_suggestion,
    "service-levels": a_service_level,
    "customers": a_customer,
    "measurements": some_measurements,
    "measurement-definitions": a_dimension,
    "alteration-services": a_service,
    "tailors": a_tailor,
    "alterations": a_ticket,
    "alteration-garments": a_garment,
    "alteration-images": a_garment_image,
    "ticket-payments": a_payment_of_a_ticket,
    "recommendations": some_advice,
    "webhooks": a_webhook,
    "webhook-deliveries": a_delivery,
    "report-subscriptions": a_subscription,
}
# Of these the last number is that of a row which lies in another: the words between the numbers say which.
NESTED = {
    "skus/{sku}/barcodes/{pk}": "barcodes",
    "orders/{order}/payments/{pk}": "payments",
    "sales/hold/{pk}": "baskets",
    "sales/{sale}/returns/{pk}": "returns",
    "alterations/{ticket}/payments/{pk}": "ticket-payments",
}
UPLOADS = {
    "PUT profile/photo/",
    "POST product-images/",
    "POST barcodes/read/",
    "POST skus/import/",
    "POST style-images/",
    "POST alteration-images/",
}


def row_for(path, place, caller):
    """The row that stands for the last number of the path."""
    if "{" not in path:
        return None
    inner = next((noun for route, noun in NESTED.items() if path.startswith(route)), None)
    return ROWS[inner or path.split("/")[0]](path, place, caller)


def address(path, row):
    pk = getattr(row, "pk", "")
    path = path.replace("{code}", getattr(row, "value", "unknown"))
    for owner in ("sku", "order", "sale", "ticket", "service"):
        path = path.replace(f"{{{owner}}}", str(getattr(row, f"{owner}_id", None) or pk))
    return path.replace("{pk}", str(pk))


def answer_of(client, method, path, row):
    url = address(path, row)
    if f"{method} {path}" in UPLOADS:
        return client.generic(method, url, b"", content_type="multipart/form-data; boundary=x")
    key = {"HTTP_IDEMPOTENCY_KEY": str(uuid.uuid4())} if method == "POST" else {}
    return getattr(client, method.lower())(url, {} if method != "GET" else None, **key)


@pytest.fixture(scope="module")
def clients(django_db_setup, django_db_blocker):
    """One of each role, signed in once; each test takes back what it does to them."""
    with django_db_blocker.unblock(), transaction.atomic():
        home = LocationFactory()
        people = {role: UserFactory(username=f"the_{role}", role=role, places=[home]) for role in Role.values}
        yield {"nobody": ApiClient()} | {role: ApiClient(person) for role, person in people.items()}
        transaction.set_rollback(True)


@pytest.mark.parametrize("route", ALL_ROUTES)
def test_each_role_may_do_what_the_matrix_says(route, clients):
    method, path = route.split(" ")
    seen = {}  # rows of their own are made for each; nobody's answer changes what the next one sees
    for role, letter in zip(ROLES, MATRIX[route].split(), strict=True):
        client = clients[role]
        caller = client.person and User.objects.get(pk=client.person.pk)
        for is_own in (True, False):
            key = (role, is_own) if letter != "·" and (is_own or role == "admin") else is_own
            place = seen[key][0] if key in seen else LocationFactory()
            if is_own and caller is not None:
                caller.assignments.create(location=place)
                vars(caller).pop("location_ids", None)
            if key not in seen:
                seen[key] = place, row_for(path, place, caller)
            row = seen[key][1]
            with transaction.atomic():
                answer = answer_of(client, method, path, row)
                transaction.set_rollback(True)
            expected = expected_of(letter, role, is_own, row)
            assert judged(answer) == expected, f"{role} {route} on {'own' if is_own else 'other'} row: {answer.content}"


def expected_of(letter, role, is_own, row):
    if letter == "·":
        return 401 if role == "nobody" else 403
    if letter in "SM" and not is_own and row is not None:
        return 404
    if letter == "J":
        return 404  # of a customer nobody gave them work for; orders/tests/test_bodies.py has the other
    return "may"


def judged(answer):
    """`may`: past the permission, whatever the empty body was worth."""
    code = answer.json()["code"] if answer.headers.get("Content-Type", "").endswith("problem+json") else ""
    if answer.status_code in (401, 403, 404, 405) and code != "invalid_credentials":
        return answer.status_code
    assert answer.status_code < 500, answer.content
    return "may"


@pytest.mark.parametrize("status", [User.Status.DISMISSED, User.Status.PENDING])
def test_a_token_opens_nothing_once_its_person_is_out(status, store):
    person = UserFactory(role=Role.ADMIN, places=[store])
    client = ApiClient(person)
    User.objects.filter(pk=person.pk).update(status=status)

    for route in (route for route in ALL_ROUTES if MATRIX[route] != EVERYBODY):
        method, path = route.split(" ")
        answer = answer_of(client, method, path, store if "{" in path else None)
        assert (answer.status_code, answer.json()["code"]) == (401, "invalid_token"), route


def test_lists_show_the_rows_of_ones_own_places_only(manager, other_store, as_):
    UserFactory(username="elsewhere", places=[other_store])
    a_promotion_request("", other_store, None)

    names = [row["username"] for row in as_(manager).get("users/").json()["results"]]
    codes = [row["code"] for row in as_(manager).get("locations/").json()["results"]]
    asked = as_(manager).get("promotion-requests/").json()["results"]

    assert "elsewhere" not in names
    assert codes == ["CENTRE"]
    assert asked == []


def test_missing_and_hidden_rows_get_the_same_answer(manager, other_store, as_):
    hidden = as_(manager).get(f"locations/{other_store.pk}/").json()
    missing = as_(manager).get("locations/999999999/").json()

    assert hidden | {"request_id": ""} == missing | {"request_id": ""}


def test_a_role_has_what_the_table_gives_it_and_nothing_more():
    assert PERMISSIONS[Role.ADMIN] == set(TABLE)
    assert "accounts.add_user" not in PERMISSIONS[Role.MANAGER]
    assert "skus.view_price" not in PERMISSIONS[Role.TAILOR]


@pytest.mark.parametrize("path", ["/api/schema/", "/api/docs/"])
def test_the_documents_are_for_the_signed_in_unless_made_public(path, settings, stranger, as_, clerk, client):
    settings.BOUTIQUE_PUBLIC_DOCS = False
    assert stranger.get(path).status_code == 401
    assert as_(clerk).get(path).status_code == 200
    client.force_login(UserFactory(role=Role.MANAGER))
    assert client.get(path).status_code == 200

    settings.BOUTIQUE_PUBLIC_DOCS = True
    assert stranger.get(path).status_code == 200


def test_the_road_exists_by_itself(db):
    assert Location.objects.filter(kind="transit").count() == 1
