"""From which quantity down there is too little: who may say so, which one holds, and what stock then shows."""

import csv
import io
from datetime import timedelta
from decimal import Decimal
from itertools import product as every

import openpyxl
import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from accounts.roles import Role
from accounts.services import places
from accounts.tests.factories import LocationFactory, UserFactory
from inventory.models import Alert, LowStockThreshold, StockLevel
from inventory.services import checking, ledger, thresholds, transferring
from inventory.services.lines import Goods
from inventory.tests.factories import LowStockThresholdFactory, fields_of, line, received
from skus.models import Sku
from skus.services import search, variants
from skus.tests.factories import ProductFactory, SkuFactory

pytestmark = pytest.mark.django_db

PATH = "low-stock-thresholds/"


@pytest.fixture
def dress(store):
    """Five in the store."""
    dress = SkuFactory(code="DRS-RED-M", product__name="Dress")
    received(dress, store, 5)
    return dress


def rows(client, path="stock/", **asked):
    answer = client.get(path, asked)
    assert answer.status_code == 200, answer.content
    return answer.json()["results"]


def seen(client, place):
    (row,) = rows(client, location=place.pk)
    return row["threshold"], row["is_low"]


# ------------------------------------------------------------------------------------------------ the narrowest


SCOPES = ["sku here", "sku", "product here", "product"]


def of_scope(scope, sku, place):
    return {"location": place if "here" in scope else None} | (
        {"sku": sku} if "sku" in scope else {"product": sku.product}
    )


@pytest.mark.parametrize("chosen", list(every([True, False], repeat=4)))
def test_the_narrowest_holds(chosen, dress, store, other_store, owner, as_):
    """Numbered 1 to 4 from the narrowest on, so that the least of those that are there is the one that holds."""
    received(dress, other_store, 5)
    there = [
        (number, scope) for number, (scope, is_there) in enumerate(zip(SCOPES, chosen, strict=True), 1) if is_there
    ]
    for number, scope in reversed(there):
        thresholds.add(threshold=Decimal(number), by=owner, **of_scope(scope, dress, store))
    # Of another SKU, another product, another place: none of them holds here.
    LowStockThresholdFactory(threshold=0)
    LowStockThresholdFactory(sku=None, product=ProductFactory(), threshold=0)
    LowStockThresholdFactory(sku=dress, location=LocationFactory(), threshold=0)

    expected = f"{there[0][0]}.000" if there else None
    assert seen(as_(owner), store)[0] == expected
    elsewhere = [number for number, scope in there if "here" not in scope]
    assert seen(as_(owner), other_store)[0] == (f"{elsewhere[0]}.000" if elsewhere else None)


def test_the_next_wider_holds_when_the_narrowest_goes(dress, store, owner, as_):
    client = as_(owner)
    wide = thresholds.add(product=dress.product, threshold=Decimal(10), by=owner)
    assert seen(client, store) == ("10.000", True)
    narrow = thresholds.add(sku=dress, location=store, threshold=Decimal(2), by=owner)
    assert seen(client, store) == ("2.000", False)
    assert not Alert.objects.filter(resolved_at=None).exists()

    thresholds.change(limit=narrow, by=owner, threshold=Decimal(7))
    assert seen(client, store) == ("7.000", True)
    assert Alert.objects.get(resolved_at=None).threshold == 7

    thresholds.remove(limit=narrow, by=owner)
    assert seen(client, store) == ("10.000", True)
    assert Alert.objects.get(resolved_at=None).threshold == 10

    thresholds.remove(limit=wide, by=owner)
    assert seen(client, store) == (None, False)
    assert not Alert.objects.filter(resolved_at=None).exists()
    assert list(checking.differences()) == []


def test_a_threshold_that_moves_to_another_sku_lets_go_of_the_first(dress, store, owner):
    tie = SkuFactory()
    received(tie, store, 5)
    limit = thresholds.add(sku=dress, threshold=Decimal(9), by=owner)

    thresholds.change(limit=limit, by=owner, sku=None, product=tie.product)

    assert list(Alert.objects.filter(resolved_at=None).values_list("level__sku", flat=True)) == [tie.pk]
    assert list(checking.differences()) == []


def test_a_threshold_costs_as_many_statements_for_fifty_shelves_as_for_one(store, owner, django_assert_num_queries):
    product, tie = ProductFactory(), SkuFactory()
    received(tie, store, 1)
    for _ in range(50):
        received(SkuFactory(product=product), store, 1)
    with django_assert_num_queries(7):
        thresholds.add(product=tie.product, threshold=Decimal(3), by=owner)
    with django_assert_num_queries(7):
        thresholds.add(product=product, threshold=Decimal(3), by=owner)
    assert Alert.objects.count() == 51


# ------------------------------------------------------------------------------------------------ over HTTP


def test_a_threshold_is_made_changed_replaced_and_removed(dress, store, manager, as_):
    client = as_(manager)
    made = client.post(PATH, {"sku": dress.pk, "location": store.pk, "threshold": "5", "target": "12"})
    assert made.status_code == 201, made.content
    body, address = made.json(), f"{PATH}{made.json()['id']}/"
    assert {name: body[name] for name in ("sku", "sku_code", "product", "product_name", "location_code")} == {
        "sku": dress.pk,
        "sku_code": "DRS-RED-M",
        "product": None,
        "product_name": "Dress",
        "location_code": "CENTRE",
    }
    assert (body["threshold"], body["reorder_point"], body["target"]) == ("5.000", None, "12.000")
    assert body["created_by"] == manager.pk

    assert client.patch(address, {"threshold": "3"}).json()["threshold"] == "3.000"
    assert not Alert.objects.filter(resolved_at=None).exists()
    put = client.put(address, {"sku": dress.pk, "location": store.pk, "threshold": "6", "reorder_point": "8"})
    assert (put.status_code, put.json()["reorder_point"]) == (200, "8.000")
    stale = client.patch(address, {"threshold": "1"}, HTTP_IF_MATCH=made["ETag"])
    assert stale.status_code == 412
    assert client.delete(address).status_code == 204
    assert not LowStockThreshold.objects.exists()


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({}, "threshold"),
        ({"threshold": "-1"}, "threshold"),
        ({"threshold": "x"}, "threshold"),
        ({"threshold": None}, "threshold"),
        ({"threshold": "1.5"}, "threshold"),
        ({"threshold": "1000001"}, "threshold"),
        ({"threshold": "0.0001"}, "threshold"),
        ({"threshold": "5", "target": "4"}, "target"),
        ({"threshold": "5", "target": "-4"}, "target"),
        ({"threshold": "5", "reorder_point": "-1"}, "reorder_point"),
        ({"threshold": "5", "reorder_point": "1.5"}, "reorder_point"),
        ({"threshold": "5", "sku": None}, "sku"),
        ({"threshold": "5", "sku": 999_999}, "sku"),
        ({"threshold": "5", "unit": "piece"}, "unit"),
        ({"threshold": "5", "created_by": 1}, "created_by"),
    ],
)
def test_what_a_threshold_refuses(sent, field, dress, store, manager, as_):
    answer = as_(manager).post(PATH, {"sku": dress.pk, "location": store.pk} | sent)
    assert (answer.status_code, fields_of(answer)) == (400, [field]), answer.content
    assert not LowStockThreshold.objects.exists()


def test_a_threshold_is_of_a_sku_or_of_a_product_and_not_of_both(dress, store, manager, as_):
    client, both = as_(manager), {"sku": dress.pk, "product": dress.product_id}
    assert client.post(PATH, {"location": store.pk, "threshold": "5"} | both).status_code == 400
    assert client.post(PATH, {"location": store.pk, "threshold": "5"}).status_code == 400
    limit = LowStockThresholdFactory(sku=dress, location=store)
    answer = client.patch(f"{PATH}{limit.pk}/", {"product": dress.product_id})
    assert (answer.status_code, fields_of(answer)) == (400, ["sku"])


def test_cloth_runs_low_by_the_millimetre(store, manager, as_):
    cloth = SkuFactory(product__unit="metre")
    sent = {"sku": cloth.pk, "location": store.pk, "threshold": "2.505"}
    assert as_(manager).post(PATH, sent).json()["threshold"] == "2.505"


@pytest.mark.parametrize("scope", SCOPES)
def test_there_is_one_threshold_of_a_scope(scope, dress, store, owner, as_):
    thresholds.add(threshold=Decimal(3), by=owner, **of_scope(scope, dress, store))
    sent = {name: row and row.pk for name, row in of_scope(scope, dress, store).items()}
    answer = as_(owner).post(PATH, sent | {"threshold": "4"})
    assert (answer.status_code, answer.json()["code"]) == (409, "duplicate")
    assert fields_of(answer) == ["sku" if "sku" in scope else "product"]
    assert LowStockThreshold.objects.get().threshold == 3


def test_what_holds_everywhere_is_the_owners_to_say(dress, store, owner, manager, as_):
    client = as_(manager)
    limit = LowStockThresholdFactory(sku=dress)
    refusals = [
        client.post(PATH, {"product": dress.product_id, "threshold": "5"}),
        client.patch(f"{PATH}{limit.pk}/", {"threshold": "1"}),
        client.patch(f"{PATH}{limit.pk}/", {"location": store.pk}),
        client.delete(f"{PATH}{limit.pk}/"),
    ]
    assert [(answer.status_code, answer.json()["code"]) for answer in refusals] == [(403, "permission_denied")] * 4
    assert "Name the place" in refusals[0].json()["detail"]
    here = LowStockThresholdFactory(sku=dress, location=store)
    assert client.patch(f"{PATH}{here.pk}/", {"location": None}).status_code == 403
    assert [limit.location for limit in LowStockThreshold.objects.order_by("pk")] == [None, store]
    assert as_(owner).patch(f"{PATH}{limit.pk}/", {"threshold": "1"}).status_code == 200


def test_each_sees_what_holds_in_their_places(dress, store, other_store, manager, viewer, owner, as_):
    everywhere = LowStockThresholdFactory(sku=dress)
    here = LowStockThresholdFactory(sku=dress, location=store)
    there = LowStockThresholdFactory(sku=dress, location=other_store)
    for person, expected in (
        (owner, [there, here, everywhere]),
        (manager, [here, everywhere]),
        (viewer, [here, everywhere]),
    ):
        assert [row["id"] for row in rows(as_(person), PATH)] == [limit.pk for limit in expected]
    client = as_(manager)
    assert client.patch(f"{PATH}{there.pk}/", {"threshold": "1"}).status_code == 404
    assert client.patch(f"{PATH}{here.pk}/", {"location": other_store.pk}).status_code == 404
    elsewhere = {"sku": dress.pk, "threshold": "1"}
    assert client.post(PATH, elsewhere | {"location": other_store.pk}).status_code == 404
    assert client.post(PATH, elsewhere | {"location": ledger.road().pk}).status_code == 404
    assert LowStockThreshold.objects.filter(threshold=1).count() == 0


def test_thresholds_are_found_by(dress, store, owner, as_, django_assert_num_queries):
    tie = SkuFactory(code="TIE", product__name="Silk tie")
    search.refresh_skus([dress.pk, tie.pk])
    search.refresh_products([tie.product_id])
    of_sku = LowStockThresholdFactory(sku=dress, location=store)
    of_product = LowStockThresholdFactory(sku=None, product=tie.product)
    client = as_(owner)

    def found(**asked):
        return [row["id"] for row in rows(client, PATH, **asked)]

    assert found(sku=dress.pk) == found(location=store.pk) == found(search="drs") == [of_sku.pk]
    assert found(product=tie.product_id) == found(everywhere="true") == found(search="silk") == [of_product.pk]
    with django_assert_num_queries(3):
        assert len(rows(client, PATH, expand="sku,product,location")) == 2


def test_the_database_holds_what_a_threshold_is(dress, store):
    for wrong in (
        {"sku": dress, "product": dress.product},
        {"sku": None},
        {"threshold": -1},
        {"reorder_point": -1},
        {"threshold": 5, "target": 4},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            LowStockThresholdFactory(**({"sku": dress, "location": store} | wrong))


def test_thresholds_go_with_what_never_was_there(owner):
    tie, corner = SkuFactory(), LocationFactory()
    LowStockThresholdFactory(sku=tie)
    LowStockThresholdFactory(sku=None, product=tie.product, location=corner)
    variants.delete_sku(sku=tie, by=owner)
    places.delete(place=corner, by=owner)
    assert not LowStockThreshold.objects.exists()


# ------------------------------------------------------------------------------------------------ stock


def test_a_level_says_whether_it_is_low(dress, store, owner, viewer, as_):
    assert seen(as_(viewer), store) == (None, False)
    thresholds.add(sku=dress, threshold=Decimal(4), by=owner)
    assert seen(as_(viewer), store) == ("4.000", False)
    ledger.reserve(location=store, lines=[line(dress, 1)], document="ORD-1", by=owner)
    assert seen(as_(viewer), store) == ("4.000", True)


@pytest.fixture
def low(dress, store, other_store, owner):
    """The dress is low in the store and not in the other one; the tie, of which there is one, has no threshold."""
    received(dress, other_store, 9)
    tie = SkuFactory(code="TIE")
    received(tie, store, 1)
    thresholds.add(sku=dress, threshold=Decimal(5), by=owner)
    return dress, tie


def test_low_levels_are_found(low, store, other_store, manager, owner, as_):
    def found(person, **asked):
        return [(row["sku_code"], row["location_code"]) for row in rows(as_(person), **asked)]

    assert found(owner, low_stock="true") == [("DRS-RED-M", "CENTRE")]
    assert found(owner, low_stock="false") == [("DRS-RED-M", "HARBOUR"), ("TIE", "CENTRE")]
    assert found(manager, low_stock="false") == [("TIE", "CENTRE")]
    ledger.sell(location=store, lines=[line(low[0], 5)], document="SALE-1", by=owner)
    assert found(owner, low_stock="true") == [("DRS-RED-M", "CENTRE")]
    received(low[0], store, 6)
    assert found(owner, low_stock="true") == []
    assert as_(owner).get("stock/", {"low_stock": "perhaps"}).status_code == 400


def test_products_and_skus_are_found_by_what_runs_low_in_ones_own_places(low, store, other_store, manager, owner, as_):
    dress, tie = low
    theirs = UserFactory(role=Role.MANAGER, places=[other_store])

    def found(person, **asked):
        skus = {row["id"] for row in rows(as_(person), "skus/", **asked)}
        products = {row["id"] for row in rows(as_(person), "products/", **asked)}
        assert products == set(Sku.objects.filter(pk__in=skus).values_list("product", flat=True))
        return skus

    assert found(owner, low_stock="true") == found(manager, low_stock="true") == {dress.pk}
    assert found(theirs, low_stock="true") == set()
    assert found(theirs, low_stock="false") == {dress.pk, tie.pk}
    assert found(owner, low_stock="true", location=other_store.pk) == set()
    assert found(owner, low_stock="true", location=f"{store.pk},{other_store.pk}") == {dress.pk}
    tailor = as_(UserFactory(role=Role.TAILOR, places=[store]))
    for path in ("skus/", "products/"):
        assert tailor.get(path, {"low_stock": "true"}).status_code == 403


def test_a_past_day_is_low_by_what_lay_there_then(store, owner, as_):
    tie = SkuFactory()
    long_ago = timezone.now() - timedelta(days=10)
    with time_machine.travel(long_ago, tick=False):
        received(tie, store, 2)
    received(tie, store, 9)
    thresholds.add(sku=tie, threshold=Decimal(3), by=owner)
    client, day = as_(owner), long_ago.date().isoformat()

    (then,) = rows(client, as_of=day)

    assert (then["threshold"], then["is_low"], then["incoming"], then["in_transit"]) == ("3.000", True, None, None)
    assert len(rows(client, as_of=day, low_stock="true")) == 1
    assert rows(client, as_of=day, low_stock="false") == []
    assert rows(client, low_stock="true") == []


def test_what_is_on_its_way_stands_beside_the_shelf(low, store, other_store, owner, as_, settings):
    """What is on the road is a transfer's; what is ordered anybody's who gives such rows."""
    settings.INCOMING = [f"{__name__}.ordered"]
    client = as_(owner)
    dress, tie = low
    LowStockThresholdFactory(sku=tie, location=store, threshold=0, reorder_point=7)
    sent = transferring.ask(
        source=store, destination=other_store, lines=[Goods(sku=dress, quantity=Decimal(2))], by=owner
    )
    transferring.ship(transfer=sent, by=owner)

    found = {(row["sku"], row["location"]): (row["incoming"], row["in_transit"]) for row in rows(client)}

    del found[dress.pk, ledger.road().pk]
    assert found == {
        (dress.pk, store.pk): ("0.000", "0.000"),
        (dress.pk, other_store.pk): ("0.000", "2.000"),
        (tie.pk, store.pk): ("7.000", "0.000"),
    }
    assert {row["sku"]: row["incoming"] for row in rows(client, "alerts/")}[dress.pk] == "0.000"


def ordered():
    given = LowStockThreshold.objects.filter(reorder_point__isnull=False)
    return given.annotate(coming=F("reorder_point")).values("sku", "location", "coming")


def test_a_page_of_levels_with_thresholds_costs_three_queries(store, manager, as_, django_assert_num_queries, settings):
    settings.INCOMING = [f"{__name__}.ordered"]
    product = ProductFactory()
    for _ in range(30):
        received(SkuFactory(product=product), store, 1)
    thresholds.add(product=product, threshold=Decimal(1), location=store, by=manager)
    client = as_(manager)
    with django_assert_num_queries(3) as asked:
        assert len(rows(client, low_stock="true", page_size=50)) == 30
    (count,) = [query["sql"] for query in asked if "COUNT(" in query["sql"]]
    assert "lowstockthreshold" not in count


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_a_sheet_of_levels_has_the_new_columns(form, low, owner, as_):
    answer = as_(owner).get("stock/", {"format": form, "low_stock": "true"})
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    if form == "csv":
        header, row = csv.reader(io.StringIO(content.decode("utf-8-sig")))
    else:
        header, row = openpyxl.load_workbook(io.BytesIO(content)).active.iter_rows(values_only=True)
    found = dict(zip(header, row, strict=True))
    assert Decimal(str(found["threshold"])) == 5
    assert Decimal(str(found["incoming"])) == Decimal(str(found["in_transit"])) == 0
    assert "is_low" in found


def test_levels_alone_know_nothing_of_thresholds_and_stay_quick(dress, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert not hasattr(StockLevel.objects.get(sku=dress), "threshold")
