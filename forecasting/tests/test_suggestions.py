"""What to buy, to bring and to mark down: with its arithmetic, and nothing twice."""

from decimal import Decimal

import pytest
from django.utils import timezone

from accounts.models import Location
from accounts.roles import Role
from accounts.tests.factories import LocationFactory, UserFactory
from boutique.errors import Invalid, RuleError
from forecasting.models import Forecast, ReorderSuggestion
from forecasting.services import suggesting
from forecasting.tests.factories import ReorderSuggestionFactory, ServiceLevelFactory, sold_weekly
from forecasting.tests.test_runs import forecast, refusal
from inventory.models import Transfer
from inventory.services import ledger, transferring
from inventory.services.lines import Goods
from inventory.tests.factories import LowStockThresholdFactory, line, received
from skus.tests.factories import CategoryFactory, ProductFactory, SkuFactory
from suppliers.models import PurchaseOrder
from suppliers.services import ordering
from suppliers.tests.factories import SupplierFactory, SupplierSkuFactory, came, ordered
from tests.threads import at_once, errors_of, while_waiting

pytestmark = pytest.mark.django_db


@pytest.fixture
def dress():
    return SkuFactory(code="DRS-RED-M")


@pytest.fixture
def mill():
    return SupplierFactory(name="Mill")


SET_BY_THE_SHOP = (
    "Set by the shop: reorder point 10 and target 24. The position of 8 is not above the reorder point of 10:"
    " 24 - 8 = 16 are missing."
)


def as_set(dress, store, point=10, target=24, threshold=2):
    """The shop's own numbers."""
    return LowStockThresholdFactory(sku=dress, location=store, threshold=threshold, reorder_point=point, target=target)


def worked_case(dress, store, mill, owner):
    """On hand 4, reserved 1, incoming 5; point 10, target 24, packs of 6."""
    as_set(dress, store)
    SupplierSkuFactory(sku=dress, supplier=mill, pack_size=6, unit_cost="12.50", lead_time_days=14)
    received(dress, store, 4)
    ledger.reserve(location=store, lines=[line(dress, 1)], document="ORD-000001", by=owner)
    ordered(mill, store, (dress, 5, "12.50"))


def suggested():
    return {(row.sku.code, row.location.code): row for row in ReorderSuggestion.objects.open()}


# ------------------------------------------------------------------------------------------------ the worked case


def test_position_8_point_10_target_24_packs_of_6_makes_18_and_then_nothing(store, dress, mill, owner):
    worked_case(dress, store, mill, owner)

    forecast(owner, store)

    told = ReorderSuggestion.objects.get()
    assert (told.kind, told.supplier, told.quantity, told.unit_cost) == ("purchase", mill, 18, Decimal("12.50"))
    assert (told.on_hand, told.reserved, told.incoming, told.position) == (4, 1, 5, 8)
    assert (told.reorder_point, told.target) == (10, 24)
    assert told.arithmetic.split("\n") == [
        "On hand 4 - reserved 1 + incoming 5 = position 8.",
        SET_BY_THE_SHOP,
        "From Mill: in packs of 6: 18.",
    ]

    forecast(owner, store)
    assert ReorderSuggestion.objects.get().pk == told.pk  # the same one, not a second

    made = suggesting.accept(suggestions=[told], by=owner)
    order = PurchaseOrder.objects.get(pk=made["purchase_orders"][0])
    (bought,) = order.lines.all()
    assert (order.status, order.supplier, order.location) == ("draft", mill, store)
    assert (bought.sku, bought.ordered, bought.unit_cost) == (dress, 18, Decimal("12.50"))
    told.refresh_from_db()
    assert (told.status, told.document, told.decided_by) == ("accepted", order.number, owner)

    forecast(owner, store)
    assert suggested() == {}


def test_of_a_draft_that_is_deleted_the_need_is_suggested_again(store, dress, mill, owner):
    worked_case(dress, store, mill, owner)
    forecast(owner, store)
    made = suggesting.accept(suggestions=list(ReorderSuggestion.objects.open()), by=owner)

    ordering.delete(order=PurchaseOrder.objects.get(pk=made["purchase_orders"][0]), by=owner)
    forecast(owner, store)

    assert suggested()["DRS-RED-M", "CENTRE"].quantity == 18


def test_what_the_forecast_says_where_the_shop_has_said_nothing(store, dress, mill, owner):
    sold_weekly(dress, store, [4, 6, 5, 7, 3, 5, 6, 4], owner, left=2)
    SupplierSkuFactory(sku=dress, supplier=mill, lead_time_days=14)

    forecast(owner, store)

    told, forecasted = ReorderSuggestion.objects.get(), Forecast.objects.get()
    assert told.position == 2
    assert float(told.reorder_point) == forecasted.reorder_point >= 10
    assert float(told.target) == forecasted.target >= 15
    assert told.quantity == told.target - 2
    assert "Lead time 14 days (as agreed) + review every 7 days = 21 days" in told.arithmetic
    assert "95.0% of cases" in told.arithmetic


def test_enough_is_left(store, dress, mill, owner):
    as_set(dress, store)
    SupplierSkuFactory(sku=dress, supplier=mill)
    received(dress, store, 11)

    forecast(owner, store)

    assert suggested() == {}


def test_a_suggestion_lapses_once_it_is_no_longer_needed(store, dress, mill, owner):
    worked_case(dress, store, mill, owner)
    forecast(owner, store)
    received(dress, store, 20)

    forecast(owner, store)

    assert ReorderSuggestion.objects.get().status == "lapsed"


def test_of_what_is_archived_nothing_is_suggested_any_more(store, dress, mill, owner):
    worked_case(dress, store, mill, owner)
    forecast(owner, store)
    type(dress).objects.update(is_active=False)

    forecast(owner, store)

    assert ReorderSuggestion.objects.get().status == "lapsed"


def test_the_least_a_supplier_sends(store, dress, mill, owner):
    as_set(dress, store)
    SupplierSkuFactory(sku=dress, supplier=mill, pack_size=6, minimum_order=40)
    received(dress, store, 4)

    forecast(owner, store)

    told = ReorderSuggestion.objects.get()
    assert told.quantity == 42
    assert "From Mill: at least 40, in packs of 6: 42." in told.arithmetic


def test_a_threshold_alone_is_a_reorder_point(store, dress, mill, owner):
    LowStockThresholdFactory(sku=dress, location=store, threshold=5)
    received(dress, store, 4)

    forecast(owner, store)

    told = suggested()["DRS-RED-M", "CENTRE"]
    assert (told.reorder_point, told.target, told.quantity) == (5, 6, 2)  # more than what is called low
    assert "Low stock begins at 5." in told.arithmetic


def test_of_the_shops_own_numbers_the_narrowest_holds(store, other_store, dress, owner):
    as_set(dress, store, point=3, target=9)
    LowStockThresholdFactory(sku=dress, location=None, threshold=1, reorder_point=4, target=6)
    LowStockThresholdFactory(sku=None, product=dress.product, location=store, threshold=1, reorder_point=9, target=90)
    for place in (store, other_store):
        received(dress, place, 1)

    forecast(owner, store, other_store)

    assert {key[1]: row.quantity for key, row in suggested().items()} == {"CENTRE": 8, "HARBOUR": 5}


# ------------------------------------------------------------------------------------------------ who brings it


def test_the_preferred_supplier_or_the_cheapest_or_whoever_brought_it_last(store, owner):
    dear, cheap, gone, last = (SupplierFactory(name=name) for name in ("Dear", "Cheap", "Gone", "Last"))
    codes = ("PREFERRED", "CHEAPER", "BOUGHT", "NOBODY")
    preferred, cheaper, bought, nobody = (SkuFactory(code=code) for code in codes)
    SupplierSkuFactory(sku=preferred, supplier=dear, unit_cost="20", is_preferred=True)
    SupplierSkuFactory(sku=preferred, supplier=cheap, unit_cost="10")
    SupplierSkuFactory(sku=cheaper, supplier=dear, unit_cost="20")
    SupplierSkuFactory(sku=cheaper, supplier=cheap, unit_cost="10")
    SupplierSkuFactory(sku=cheaper, supplier=gone, unit_cost="5")
    came(ordered(last, store, (bought, 1, "7.00")), 1)
    type(gone).objects.filter(pk=gone.pk).update(is_active=False)
    for sku in (preferred, cheaper, bought, nobody):
        as_set(sku, store)
        received(sku, store, 1)

    forecast(owner, store)

    found = {code: row.supplier and row.supplier.name for (code, _place), row in suggested().items()}
    assert found == {"PREFERRED": "Dear", "CHEAPER": "Cheap", "BOUGHT": "Last", "NOBODY": None}
    assert suggested()["BOUGHT", "CENTRE"].unit_cost == Decimal("7.00")


def test_a_lead_time_that_was_agreed_holds_unless_deliveries_take_longer(store, dress, mill, owner):
    SupplierSkuFactory(sku=dress, supplier=mill, lead_time_days=3)
    received(dress, store, 1)
    for days in (9, 10, 11):
        order = ordered(mill, store, (dress, 1, "12.50"))
        PurchaseOrder.objects.filter(pk=order.pk).update(sent_at=timezone.now() - timezone.timedelta(days=days))
        came(order, 1)

    forecast(owner, store)

    assert Forecast.objects.get().lead_days == 11  # ten days and some microseconds, begun


def test_two_deliveries_prove_nothing(store, dress, mill, owner):
    SupplierSkuFactory(sku=dress, supplier=mill, lead_time_days=3)
    for days in (9, 10):
        order = ordered(mill, store, (dress, 1, "12.50"))
        PurchaseOrder.objects.filter(pk=order.pk).update(sent_at=timezone.now() - timezone.timedelta(days=days))
        came(order, 1)

    forecast(owner, store)

    assert Forecast.objects.get().lead_days == 3


def test_the_nearest_category_says_how_seldom_it_may_run_out(store, owner):
    women = CategoryFactory()
    dresses, shoes = CategoryFactory(parent=women), CategoryFactory()
    ServiceLevelFactory(category=women, level="0.980", review_days=14)
    ServiceLevelFactory(category=None, level="0.900")
    for category in (dresses, shoes):
        sku = SkuFactory(product=ProductFactory(category=category))
        received(sku, store, 1)

    forecast(owner, store)

    told = {row.sku.product.category: (str(row.service_level), row.review_days) for row in Forecast.objects.all()}
    assert told == {dresses: ("0.980", 14), shoes: ("0.900", 7)}


# ------------------------------------------------------------------------------------------------ other places


def test_goods_of_another_place_come_before_buying(store, other_store, dress, mill, owner):
    worked_case(dress, store, mill, owner)
    as_set(dress, other_store, point=5, target=10)
    received(dress, other_store, 30)

    forecast(owner, store)

    told = ReorderSuggestion.objects.get()
    assert (told.kind, told.source, told.location, told.quantity) == ("transfer", other_store, store, 16)
    assert "HARBOUR has more than it needs: bring 16 from there." in told.arithmetic

    made = suggesting.accept(suggestions=[told], by=owner)
    transfer = Transfer.objects.get(pk=made["transfers"][0])
    assert (transfer.source, transfer.destination, transfer.lines.get().quantity) == (other_store, store, 16)
    told.refresh_from_db()
    assert (told.status, told.document) == ("accepted", transfer.number)

    forecast(owner, store, other_store)
    assert suggested() == {}


def test_a_warehouse_gives_first_and_nothing_is_given_twice(store, other_store, dress, owner):
    third, warehouse = LocationFactory(code="THIRD"), LocationFactory(code="WARE", kind=Location.Kind.WAREHOUSE)
    for place in (store, other_store):
        as_set(dress, place)
        received(dress, place, 1)
    as_set(dress, third, point=1, target=1, threshold=0)
    received(dress, third, 40)
    received(dress, warehouse, 30)

    forecast(owner, store, other_store)

    found = suggested()
    assert {row.source.code: row.quantity for row in found.values()} == {"WARE": 23, "THIRD": 23}


def test_what_is_asked_for_elsewhere_is_not_there(store, other_store, dress, mill, owner):
    as_set(dress, store)
    SupplierSkuFactory(sku=dress, supplier=mill)
    received(dress, store, 12)
    manager = UserFactory(role=Role.MANAGER, places=[other_store])
    transferring.ask(source=store, destination=other_store, lines=[Goods(sku=dress, quantity=Decimal(5))], by=manager)

    forecast(owner, store)

    told = suggested()["DRS-RED-M", "CENTRE"]
    assert (told.position, told.quantity) == (7, 17)
    assert "asked for elsewhere 5" in told.arithmetic


def test_too_little_to_help_is_left_where_it_is(store, other_store, dress, mill, owner):
    worked_case(dress, store, mill, owner)
    as_set(dress, other_store, point=5, target=10)
    received(dress, other_store, 12)  # two to spare: ten would still not be above the point

    forecast(owner, store)

    assert suggested()["DRS-RED-M", "CENTRE"].kind == "purchase"


def test_what_lies_for_half_a_year_is_marked_down(store, dress, owner):
    sold_weekly(dress, store, [1] + [0] * 25, owner, left=60)

    forecast(owner, store)

    told = suggested()["DRS-RED-M", "CENTRE"]
    assert told.kind == "markdown"
    assert 20 <= told.quantity <= 60
    assert "No other place needs it" in told.arithmetic

    made = suggesting.accept(suggestions=[told], by=owner)
    assert made == {"purchase_orders": [], "transfers": [], "markdowns": [dress.pk]}
    told.refresh_from_db()
    assert told.status == "accepted"


def test_before_it_is_marked_down_it_goes_where_it_sells(store, other_store, dress, owner):
    sold_weekly(dress, store, [1] + [0] * 25, owner, left=60)
    sold_weekly(dress, other_store, [4] * 26, owner, left=40)

    forecast(owner, store, other_store)

    told = suggested()["DRS-RED-M", "HARBOUR"]
    assert (told.kind, told.source) == ("transfer", store)
    assert told.quantity >= 30
    left = suggested().get(("DRS-RED-M", "CENTRE"))
    assert left is None or left.quantity <= 60 - told.quantity


def test_new_goods_are_not_slow(store, dress, owner):
    sold_weekly(dress, store, [1, 0, 0], owner, left=60)

    forecast(owner, store)

    assert suggested() == {}


# ------------------------------------------------------------------------------------------------ accepting


def test_one_draft_for_each_supplier_and_place(store, other_store, owner):
    mill, weaver = SupplierFactory(), SupplierFactory()
    rows = [
        ReorderSuggestionFactory(location=place, supplier=supplier, unit_cost="5.00")
        for place in (store, other_store)
        for supplier in (mill, mill, weaver)
    ]

    made = suggesting.accept(suggestions=rows, by=owner)

    orders = PurchaseOrder.objects.filter(pk__in=made["purchase_orders"])
    found = {(order.supplier, order.location): order.lines.count() for order in orders}
    assert found == {(mill, store): 2, (weaver, store): 1, (mill, other_store): 2, (weaver, other_store): 1}


def test_a_draft_costs_what_the_supplier_takes_today(store, mill, owner):
    row = ReorderSuggestionFactory(location=store, supplier=mill, unit_cost="5.00")
    SupplierSkuFactory(sku=row.sku, supplier=mill, unit_cost="6.00")

    made = suggesting.accept(suggestions=[row], by=owner)

    assert PurchaseOrder.objects.get(pk=made["purchase_orders"][0]).lines.get().unit_cost == Decimal("6.00")


def test_all_or_none_are_accepted(store, mill, owner):
    good = ReorderSuggestionFactory(location=store, supplier=mill, unit_cost="5.00")
    for other, code in (
        (
            ReorderSuggestionFactory(location=store, supplier=mill, unit_cost="5.00", status="lapsed"),
            "illegal_transition",
        ),
        (ReorderSuggestionFactory(location=store), "no_supplier"),
        (ReorderSuggestionFactory(location=store, supplier=mill), "invalid"),  # nobody knows what it costs
    ):
        refused = refusal(lambda other=other: suggesting.accept(suggestions=[good, other], by=owner))

        assert isinstance(refused, RuleError)
        assert refused.code == code
        assert refused.errors[0]["field"].startswith("ids.1")
    assert isinstance(refused, Invalid)
    good.refresh_from_db()
    assert good.status == "open"
    assert not PurchaseOrder.objects.exists()


def test_a_dismissed_one_comes_back_when_still_less_is_left_or_after_four_weeks(store, dress, mill, owner):
    worked_case(dress, store, mill, owner)
    forecast(owner, store)
    suggesting.dismiss(suggestion=ReorderSuggestion.objects.get(), by=owner)

    forecast(owner, store)
    assert suggested() == {}

    ledger.sell(location=store, lines=[line(dress, 1)], document="SALE-000001", by=owner)
    forecast(owner, store)
    again = suggested()["DRS-RED-M", "CENTRE"]
    assert again.position == 7

    suggesting.dismiss(suggestion=again, by=owner)
    forecast(owner, store)
    assert suggested() == {}
    long_ago = timezone.now() - 2 * suggesting.DISMISSED_FOR
    ReorderSuggestion.objects.filter(status="dismissed").update(decided_at=long_ago)
    forecast(owner, store)
    assert suggested()["DRS-RED-M", "CENTRE"].quantity == 18


@pytest.mark.django_db(transaction=True)
def test_two_who_accept_at_once_order_once(store, mill, owner):
    row = ReorderSuggestionFactory(location=store, supplier=mill, unit_cost="5.00")

    outcomes = at_once(*[lambda: suggesting.accept(suggestions=[row], by=owner)] * 3)

    assert errors_of(outcomes) == [suggesting.NotOpen] * 2
    assert PurchaseOrder.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_what_is_accepted_while_a_run_renews_it_is_seen_in_the_drafts(store, mill, owner):
    dress = SkuFactory()
    as_set(dress, store)
    SupplierSkuFactory(sku=dress, supplier=mill, pack_size=6, unit_cost="12.50")
    forecast(owner, store)
    (row,) = ReorderSuggestion.objects.open()

    while_waiting(lambda: suggesting.accept(suggestions=[row], by=owner), lambda: forecast(owner, store))

    assert not ReorderSuggestion.objects.open().exists()
    assert PurchaseOrder.objects.count() == 1
