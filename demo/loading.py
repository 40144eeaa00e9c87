"""Fills an empty shop: all of it, or nothing where something goes wrong."""

from datetime import timedelta
from random import Random

from django.apps import apps
from django.db import connection, transaction
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from accounts.models import Location, User
from accounts.services import opening
from boutique import mail
from boutique.errors import RuleError
from demo import catalogue, counter, people, purchases, stock, trade, workroom
from demo.shop import Shop
from forecasting.models import ReorderSuggestion
from forecasting.services import runs, suggesting
from inventory.models import Settled, StockTotal
from inventory.tasks import tell
from orders.models import MeasurementDefinition, Order

SEED = 1851  # of everything that is left to chance
SKUS, DAYS = 200, 365
LEAST_SKUS, MOST_SKUS, MOST_DAYS = 20, 100_000, 5 * 365
ONE_AT_A_TIME = 0x64656D6F  # an advisory lock
PAPERS = ("skus", "inventory", "orders", "suppliers", "alterations", "webhooks")
NOBODYS = {MeasurementDefinition, Settled, StockTotal}
FIRST_SALE = trade.SALE.format(1)


class NotEmpty(RuleError):
    code = "not_empty"
    title = "Not an empty shop"


@transaction.atomic
def load(*, skus=SKUS, days=DAYS, told=lambda share, words: None):
    """The demo shop. False, and nothing changes, where it is there already; refuses where other people's data are."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0")
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ONE_AT_A_TIME])
    if is_loaded():
        return False
    began = timezone.now()
    opening.open_shop(demo=True)
    refuse_strangers()
    fill(shop_of_today(), skus, days, told)
    leave_letters_unsent(since=began)
    return True


def is_loaded():
    return Order.objects.filter(client_id=FIRST_SALE).exists()


def refuse_strangers():
    """Whoever keeps a shop here does not want ours in it: all is as `opening.open_shop` made it, or nothing is done."""
    demo = {(username, role, User.Status.ACTIVE) for username, _password, role in opening.demo_sign_ins()}
    if {(one.username, one.get_role_display(), one.status) for one in User.objects.all()} != demo:
        raise NotEmpty("Other people work here than those of the demo shop. Load it into an empty database.")
    made = {(place["code"], place["name"], place["kind"], True) for place in opening.PLACES}
    places = Location.objects.exclude(kind=Location.Kind.TRANSIT)
    if {*places.values_list("code", "name", "kind", "is_active")} != made:
        raise NotEmpty("The places are not those of the demo shop any more. Load it into an empty database.")
    for model in papers():
        if model.objects.exists():
            what = model._meta.verbose_name_plural
            raise NotEmpty(f"There are {what} here already. Load the demo shop into an empty database.")


def papers():
    """All that people write down; what comes with the tables, or is added up every night, is nobody's."""
    for name in PAPERS:
        yield from (model for model in apps.get_app_config(name).get_models() if model not in NOBODYS)


def may_be_loaded():
    """The demo people alone are here, and nothing else yet."""
    try:
        refuse_strangers()
    except NotEmpty:
        return False
    return True


def shop_of_today():
    return Shop(
        places={place.code: place for place in Location.objects.exclude(kind=Location.Kind.TRANSIT)},
        people={person.username: person for person in User.objects.all()},
        rng=Random(SEED),  # noqa: S311 (the same shop each time)
        now=timezone.now() - timedelta(seconds=1),
    )


def fill(shop, skus, days, told):
    """One after the other: later papers are about what earlier ones brought."""
    told(0, "people")
    people.hire_team(shop)
    shop.goods = catalogue.put_in(skus, shop.owner, lambda done: told(0.03 + 0.12 * done / skus, "products"))
    told(0.15, "suppliers and customers")
    trade.find_suppliers(shop)
    people.welcome(shop)
    renew_figures()
    trade.pass_days(shop, days, lambda passed: told(0.2 + 0.5 * passed / (days + 1), "sales"))
    renew_figures()
    told(0.7, "orders and alterations")
    stock.set_thresholds(shop)
    people.plan_benches(shop)
    workroom.take_orders(shop, people.measure(shop))
    workroom.take_alterations(shop)
    told(0.8, "purchases, transfers and counts")
    for part in (purchases.order, stock.ask, stock.move, stock.correct, stock.count):
        part(shop)
    told(0.83, "the counter")
    for part in (counter.open_tills, counter.take_back, counter.put_aside):
        part(shop)
    stock.alarm(shop)  # last: what is brought back would end the alarm
    told(0.86, "the forecast")
    look_ahead(shop)
    told(0.97, "the books")


def renew_figures():
    """What the database knows of its tables, so that it does not plan for empty ones."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def look_ahead(shop):
    """A forecast, and of what it suggests some decided; and one that somebody stopped."""
    runs.cancel(run=runs.start(by=shop.owner, locations=[shop.harbour]), by=shop.owner)
    runs.work(runs.start(by=shop.owner).pk)
    open_ones = ReorderSuggestion.objects.filter(status="open").order_by("pk")
    bought = list(open_ones.filter(kind="purchase", supplier__isnull=False)[:4])
    if bought:
        suggesting.accept(suggestions=bought[:3], by=shop.owner)
        for suggestion in bought[3:]:
            suggesting.dismiss(suggestion=suggestion, by=shop.owner)


def leave_letters_unsent(*, since):
    """Nobody is to be written to about a shop that does not exist."""
    paths = [mail.deliver.module_path, tell.module_path]
    DBTaskResult.objects.filter(task_path__in=paths, status="READY", enqueued_at__gte=since).delete()
