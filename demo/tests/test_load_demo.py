"""One small demo shop, loaded once and looked at from all sides."""

import io
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command
from django.db.models import Sum
from django.test import Client
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from accounts.models import PromotionRequest, User
from accounts.services import opening
from alterations.models import Acceptance, Garment, Ticket
from alterations.services import asking
from demo import catalogue, loading, trade
from forecasting.models import ForecastRun
from forecasting.services import supplying
from inventory.models import Alert, AlertKind, Reason, StockCount, StockMovement, StockRequest, Transfer
from orders.models import Basket, Order, OrderLine, SaleReturn, TillSession
from skus.models import Category, Product, Sku
from suppliers.models import PurchaseOrder, Supplier

SKUS, DAYS = 50, 14


def loaded(**options):
    out = io.StringIO()
    call_command("load_demo", skus=SKUS, days=DAYS, stdout=out, **options)
    return out.getvalue()


@pytest.fixture(scope="module")
def shop(django_db_setup, django_db_blocker):
    """Everything in it goes when the module is done: nothing was committed."""
    from django.db import connection, transaction

    def asked(**question):
        raise AssertionError("The model is not asked inside the one transaction.")

    with django_db_blocker.unblock(), transaction.atomic():
        with pytest.MonkeyPatch.context() as patches:
            patches.setattr(asking, "consult", asked)
            words = loaded()
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
        yield words
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def looked_at(shop, db):
    pass


def states_of(rows, field="status"):
    return set(rows.values_list(field, flat=True))


def test_every_document_stands_in_every_state_somewhere(shop):
    assert states_of(PurchaseOrder.objects) == set(PurchaseOrder.Status.values)
    assert states_of(StockRequest.objects) == set(StockRequest.Status.values)
    assert states_of(Transfer.objects) == set(Transfer.Status.values)
    assert states_of(StockCount.objects) == set(StockCount.Status.values)
    assert states_of(Order.objects) == set(Order.Status.values)
    assert states_of(Ticket.objects) == set(Ticket.Status.values)
    assert states_of(Garment.objects) == set(Garment.Status.values)
    assert states_of(Basket.objects) == set(Basket.Status.values)
    assert states_of(TillSession.objects) == set(TillSession.Status.values)
    assert states_of(User.objects) == set(User.Status.values)
    assert states_of(PromotionRequest.objects) == set(PromotionRequest.Status.values)
    assert states_of(ForecastRun.objects) == {"done", "cancelled"}
    assert SaleReturn.objects.exclude(exchanged_for=None).exists()
    assert SaleReturn.objects.filter(exchanged_for=None).exists()
    assert Acceptance.objects.exists()
    assert Garment.objects.exclude(warranty_of=None).exists()


def test_alerts_of_every_kind_are_open_and_some_are_seen_to_or_over(shop):
    assert states_of(Alert.objects.filter(resolved_at=None), "kind") == set(AlertKind.values)
    assert Alert.objects.exclude(acknowledged_at=None).exists()
    assert Alert.objects.exclude(resolved_at=None).exists()


def test_the_alarm_is_the_last_to_move_stock_so_that_no_return_ends_it(shop):
    torn = StockMovement.objects.filter(note="Torn at the seam").latest("pk")

    assert not StockMovement.objects.filter(reason=Reason.CUSTOMER_RETURN, pk__gt=torn.pk).exists()
    assert StockMovement.objects.filter(reason=Reason.CUSTOMER_RETURN).exists()


def test_every_movement_went_through_the_door_and_the_books_agree(shop):
    for command in ("check_ledger", "check_books"):
        out = io.StringIO()
        call_command(command, stdout=out)
        assert "0" in out.getvalue()
    found = set(StockMovement.objects.filter(document__startswith="SALE-").values_list("reason", flat=True))
    assert {Reason.SALE, Reason.FOUND} <= found


def test_sales_fill_each_day_until_today_and_are_never_found_out_of_nothing(shop):
    today = loading.shop_of_today().today

    sales = Order.objects.filter(client_id__startswith="demo-0")
    days = set(sales.values_list("business_date", flat=True))
    found = StockMovement.objects.filter(reason=Reason.FOUND, business_date__lt=today)

    assert days == {today - timedelta(days=back) for back in range(DAYS + 1)}
    assert states_of(sales, "location__code") == {"CENTRE", "HARBOUR"}
    assert not found.exists()
    assert OrderLine.objects.filter(order__in=sales, discount__gt=0).exists()
    assert states_of(sales, "created_by__username") > {"staff", "sven"}
    assert not sales.filter(occurred_at__gt=timezone.now()).exists()


def test_goods_came_before_they_were_sold(shop):
    first = StockMovement.objects.filter(sequence=1).exclude(location__kind="transit")

    assert states_of(first, "reason") <= {Reason.PURCHASE, Reason.OPENING, Reason.TRANSFER_IN}
    assert min(states_of(first, "business_date")) == loading.shop_of_today().day(-DAYS)


def test_suppliers_took_their_time_and_were_late_now_and_then(shop):
    suppliers = Supplier.objects.filter(name__in=[name for name, *_rest in trade.SUPPLIERS])
    for supplier in suppliers.with_figures(User.objects.get(username="owner")):
        assert abs(supplier.lead_time_days_taken - supplier.lead_time_days) <= 4, supplier
    rates = states_of(suppliers.with_figures(User.objects.get(username="owner")), "on_time_rate")
    supplies = supplying.supplies_of(Sku.objects.values_list("pk", flat=True)).values()

    assert min(rates) < 1
    assert max(rates) > Decimal("0.5")
    assert "as their deliveries took" in {supply.lead_because for supply in supplies}
    assert any(supply.lead_variance for supply in supplies)


def test_best_sellers_sell_more_than_slow_ones(shop):
    sold = Product.objects.filter(name__in=["Poplin shirt Oxford", "Two-piece suit Milano"])
    pieces = sold.annotate(sold=Sum("skus__order_lines__quantity")).values_list("name", "sold")

    assert dict(pieces)["Poplin shirt Oxford"] > dict(pieces)["Two-piece suit Milano"]


def test_something_is_due_today_and_something_is_late(shop):
    today = loading.shop_of_today().today

    for papers in (Order.objects.open(), Ticket.objects.open()):
        day = "delivery_date" if papers.model is Order else "promised_on"
        assert papers.filter(**{day: today}).exists()
        assert papers.filter(**{f"{day}__lt": today}).exists()
    assert PurchaseOrder.objects.overdue(today).exists()


def test_a_second_call_changes_nothing_and_says_so(shop):
    before = (Order.objects.count(), StockMovement.objects.count(), User.objects.count())

    words = loaded()

    assert words == "The demo shop is there already. Nothing has changed.\n"
    assert before == (Order.objects.count(), StockMovement.objects.count(), User.objects.count())


def test_at_a_start_it_is_left_alone(shop):
    assert loaded(if_empty=True) == ""


def test_it_says_one_line_where_nobody_watches(shop):
    assert shop.startswith(f"The demo shop is open: {SKUS} SKUs, {DAYS} days of sales, in ")
    assert shop.count("\n") == 1


def test_it_is_as_large_as_was_asked_for(shop):
    assert Sku.objects.count() == SKUS
    assert not Sku.objects.filter(barcodes=None).exists()
    assert set(Category.objects.filter(parent=None).values_list("name", flat=True)) == {
        "Accessories", "Cloth and trims", "Men", "Women",
    }  # fmt: skip


def test_whoever_the_start_names_can_sign_in(shop):
    for username, password, _role in opening.demo_sign_ins():
        asked = {"username": username, "password": password}
        answer = Client().post("/api/v1/auth/login/", asked, content_type="application/json")
        assert answer.status_code == 200, answer.content


def test_no_letter_is_written_about_a_shop_that_does_not_exist(shop):
    assert not DBTaskResult.objects.filter(task_path__contains="deliver", status="READY").exists()


def test_the_same_designs_make_catalogues_of_any_size():
    assert sum(len(wanted) for *_names, wanted in catalogue.designs(200)) == 200
    assert sum(1 for _ in catalogue.designs(200)) == 40
    assert sum(len(wanted) for *_names, wanted in catalogue.designs(20_000)) == 20_000
    names = [name for name, *_rest in catalogue.designs(20_000)]
    assert len(names) == len(set(names))


def test_deliveries_lie_four_weeks_apart_and_the_last_was_lately():
    assert trade.blocks(60) == [(-60, -38), (-37, -10), (-9, 0)]
    assert trade.blocks(5) == [(-5, 0)]


def test_it_refuses_what_is_too_small_or_too_much():
    for options in ({"skus": 3}, {"skus": 10**6}, {"days": 0}, {"days": 10**4}):
        with pytest.raises(CommandError, match="lies between"):
            call_command("load_demo", **options)
