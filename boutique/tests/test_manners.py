"""The conventions of the wire (docs/api.md), tried on the routes that exist. Every refusal has the one shape."""

import itertools
import json
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Location, User
from accounts.roles import Role
from accounts.tests.factories import LocationFactory, UserFactory
from boutique.api.pagination import COUNTED

pytestmark = pytest.mark.django_db
PLACE = {"code": "NEW", "name": "New place", "kind": "store"}


def assert_problem(answer, status, code=None):
    body = answer.json()
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json"), answer.content
    assert {"type", "title", "status", "code", "detail", "request_id"} <= set(body)
    assert body["status"] == status
    assert body["request_id"] == answer["X-Request-ID"]
    if code:
        assert body["code"] == code
    return body


# ------------------------------------------------------------------------------------------------ refusals


@pytest.mark.parametrize(
    "path", ["nonsense/", "users/abc/", "users/99999999999999999999/", "locations/999999/", "users/%00/"]
)
def test_what_is_not_there_is_404(as_, owner, path):
    assert_problem(as_(owner).get(path), 404, "not_found")


@pytest.mark.parametrize("method", ["delete", "put", "patch", "options"])
def test_a_method_a_route_does_not_have_is_405_and_names_those_it_has(as_, owner, method):
    answer = getattr(as_(owner), method)("users/")

    assert_problem(answer, 405, "method_not_allowed")
    assert answer["Allow"] == "GET, HEAD, POST"


def test_a_form_of_answer_we_do_not_speak_is_406(as_, owner):
    assert_problem(as_(owner).get("users/", HTTP_ACCEPT="application/x-nonsense"), 406)
    assert_problem(as_(owner).get("users/?format=docx"), 406)


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/xml", "application/x-www-form-urlencoded", "multipart/form-data"]
)
def test_a_body_we_do_not_read_is_415(as_, owner, kind):
    assert_problem(as_(owner).raw("POST", "locations/", b"code=NEW", kind), 415)


BAD_BODIES = {
    "open": b"{",
    "comma": b'{"code": "NEW",}',
    "array": b"[1, 2]",
    "text": b'"text"',
    "null": b"null",
    "number": b"7",
    "bytes": b"\xff\xfe{}",
    "surrogate": b'{"name": "\\ud800"}',
    "nan": b'{"name": NaN}',
    "infinity": b'{"name": Infinity}',
    "deep": b"[" * 20_000,
    "deep object": b'{"a":' * 40 + b"1" + b"}" * 40,
    "twice": b'{"code": "A", "code": "B"}',
    "nul": b'{"name": "a\\u0000b"}',
    "nul in a name": b'{"a\\u0000": 1}',
    "long name": b'{"' + b"k" * 101 + b'": 1}',
    "huge number": b'{"name": ' + b"9" * 5000 + b"}",
    "exponent": b'{"name": 1e400}',
    "empty array": b"[]",
    "many": b'{"name": [' + b"1," * 6000 + b"1]}",
    "two": b"{}{}",
    "bom": b"\xef\xbb\xbf{}",
}


@pytest.mark.parametrize("kind", BAD_BODIES)
def test_a_malformed_body_is_400_and_changes_nothing(as_, owner, kind):
    answer = as_(owner).raw("POST", "locations/", BAD_BODIES[kind])

    assert_problem(answer, 400, "invalid")
    assert Location.objects.exclude(kind="transit").count() == 0


def test_a_text_of_nul_is_refused_by_the_name_of_its_field(as_, owner):
    body = assert_problem(as_(owner).raw("POST", "locations/", b'{"name": "a\\u0000b"}'), 400)

    assert [error["field"] for error in body["errors"]] == ["name"]


def test_a_body_of_more_than_a_megabyte_is_413(as_, owner):
    assert_problem(as_(owner).raw("POST", "locations/", json.dumps({"name": "x" * 1_100_000})), 413, "too_large")


@pytest.mark.parametrize("value", [7, True, ["x"], {"x": 1}, None, "", "x" * 1_000_000, "a\tb"])
def test_a_text_field_takes_a_plain_text(as_, owner, value):
    body = assert_problem(as_(owner).post("locations/", PLACE | {"name": value}), 400)

    assert [error["field"] for error in body["errors"]] == ["name"]


@pytest.mark.parametrize("value", ["x", "1.5", 1.5, True, [], {}, 10**30, -1, 0, "1_000", "١", 2**63])
def test_a_reference_takes_the_id_of_a_row(as_, owner, value):
    body = assert_problem(as_(owner).post("locations/", PLACE | {"manager": value}), 400)

    assert [error["field"] for error in body["errors"]] == ["manager"]


@pytest.mark.parametrize("value", ["x", {}, None, [None], [[]], [True], ["1_0"], [10**30], [0], 7, [1] * 501])
def test_a_list_of_references_takes_ids_of_rows(as_, owner, value):
    body = assert_problem(as_(owner).post("users/", {"locations": value}), 400)

    assert any(error["field"].startswith("locations") for error in body["errors"])


def test_names_are_kept_in_one_normal_form(as_, owner):
    answer = as_(owner).post("locations/", PLACE | {"name": "Cafe\u0301"})

    assert answer.json()["name"] == "Caf\u00e9"


@pytest.mark.parametrize(
    ("name", "code"),
    [("colour", "unknown_field"), ("id", "read_only"), ("created_by", "read_only"), ("is_active", "read_only")],
)
@pytest.mark.parametrize("method", ["post", "patch"])
def test_what_is_not_the_clients_to_say_is_refused_with_all_other_errors(as_, owner, store, method, name, code):
    path = "locations/" if method == "post" else f"locations/{store.pk}/"

    body = assert_problem(getattr(as_(owner), method)(path, {"name": "", name: 1}), 400)

    found = {error["field"]: error["code"] for error in body["errors"]}
    assert found[name] == code
    assert found["name"] == "blank"


def test_a_verb_without_words_takes_none(as_, owner, store):
    assert_problem(as_(owner).post(f"locations/{store.pk}/archive/", {"why": "x"}), 400)
    store.refresh_from_db()
    assert store.is_active


def test_a_wrong_host_is_a_400(client):
    assert client.get("/api/v1/", HTTP_HOST="evil.example").status_code == 400


def test_a_bug_is_a_500_in_the_one_shape_and_tells_nothing(as_, owner, monkeypatch):
    device = as_(owner, raise_request_exception=False)
    monkeypatch.setattr("accounts.views.UserViewSet.get_queryset", lambda view: 1 / 0)

    body = assert_problem(device.get("users/"), 500, "server_error")

    assert "division" not in json.dumps(body)


# ------------------------------------------------------------------------------------------------ request ids


def test_a_request_id_is_echoed_or_made(stranger):
    assert stranger.get("", HTTP_X_REQUEST_ID="till-7.42")["X-Request-ID"] == "till-7.42"
    assert stranger.get("")["X-Request-ID"] != stranger.get("")["X-Request-ID"]
    hostile = "x" * 5000
    assert stranger.get("", HTTP_X_REQUEST_ID=hostile)["X-Request-ID"] != hostile


# ------------------------------------------------------------------------------------------------ lists


@pytest.fixture
def many(db):
    return [LocationFactory(name=f"Name {n % 3}") for n in range(30)]


def walk(client, path):
    seen = []
    while path:
        page = client.get(path).json()
        seen += [row["id"] for row in page["results"]]
        path = page["next"] and page["next"].removeprefix("http://testserver")
    return seen


@pytest.mark.parametrize("ordering", ["", "name", "-name", "name,-code", "-kind,name", "created_at", "-id"])
def test_pages_of_equal_rows_neither_repeat_nor_drop(as_, owner, many, ordering):
    device = as_(owner)
    whole = [row["id"] for row in device.get(f"locations/?page_size=100&ordering={ordering}").json()["results"]]

    assert walk(device, f"locations/?page_size=4&ordering={ordering}") == whole
    assert len(whole) == len(set(whole)) == 31


@pytest.mark.parametrize("ordering", ["name", "-name,code"])
def test_previous_leads_back_the_way_next_came(as_, owner, many, ordering):
    device = as_(owner)
    path, pages = f"locations/?page_size=7&ordering={ordering}", []
    while path:
        pages.append(device.get(path.removeprefix("http://testserver")).json())
        path = pages[-1]["next"]

    for earlier, later in itertools.pairwise(pages):
        back = device.get(later["previous"].removeprefix("http://testserver")).json()
        assert back["results"] == earlier["results"]
    assert pages[0]["previous"] is None
    assert back["previous"] is not None or len(pages) == 2


def test_a_walk_misses_nobody_while_rows_come_and_go(as_, owner, many):
    device = as_(owner)
    page = device.get("locations/?page_size=10&ordering=code").json()
    Location.objects.filter(pk=page["results"][0]["id"]).delete()
    LocationFactory(code="AAA")

    rest = walk(device, page["next"].removeprefix("http://testserver"))

    first = [row["id"] for row in page["results"]]
    assert sorted(first + rest) == sorted([place.pk for place in many] + [Location.objects.get(kind="transit").pk])


def test_a_page_has_25_rows_and_at_most_100(as_, owner, many):
    assert len(as_(owner).get("locations/").json()["results"]) == 25
    assert len(as_(owner).get("locations/?page_size=100000").json()["results"]) == 31


def test_a_page_by_number_goes_on_by_key(as_, owner, many):
    device = as_(owner)
    page = device.get("locations/?page=2&page_size=10").json()

    assert "page=" not in page["next"].replace("page_size=", "")
    whole = [row["id"] for row in device.get("locations/?page_size=100").json()["results"]]
    assert [row["id"] for row in page["results"]] == whole[10:20]
    assert [
        row["id"] for row in device.get(page["previous"].removeprefix("http://testserver")).json()["results"]
    ] == whole[:10]


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("page=0", 400),
        ("page=-1", 400),
        ("page=abc", 400),
        ("page=1_0", 400),
        ("page=٣", 400),
        ("page=9", 404),
        ("page=99999", 400),
        ("page=" + "9" * 50, 400),
        ("page_size=0", 400),
        ("page_size=-5", 400),
        ("page_size=x", 400),
        ("cursor=x", 400),
        ("cursor=", 400),
        ("cursor=WyJuIl0", 400),
        ("cursor=%00", 400),
        ("cursor=😀", 400),
        ("ordering=nonsense", 400),
        ("ordering=password", 400),
        ("ordering=name,name", 400),
        ("ordering=name,,code", 400),
        ("expand=nonsense", 400),
        ("expand=manager,", 400),
        ("nonsense=1", 400),
        ("kind=spaceship", 400),
        ("is_active=perhaps", 400),
        ("manager=abc", 400),
        ("manager=99999999999999999999999", 400),
        ("manager=1.5", 400),
        ("manager=NaN", 400),
        ("created_after=yesterday", 400),
        ("created_before=2026-02-30", 400),
        ("search=" + "x" * 101, 400),
        ("search=a+b+c+d+e+f", 400),
        ("search=a%00b", 400),
        ("kind=store&kind=workshop", 400),
        ("created_after=9999999999", 400),
    ],
)
def test_a_foolish_question_is_refused_and_never_ignored(as_, owner, query, status):
    assert_problem(as_(owner).get(f"locations/?{query}"), status)


def test_the_refusal_of_a_filter_names_it_and_those_there_are(as_, owner):
    (error,) = as_(owner).get("locations/?kin=store").json()["errors"]

    assert error["field"] == "kin"
    assert "kind" in error["message"]


def test_a_cursor_of_another_ordering_is_refused(as_, owner, many):
    device = as_(owner)
    cursor = re.search(r"cursor=([^&]+)", device.get("locations/?page_size=5&ordering=name").json()["next"])[1]

    assert_problem(device.get(f"locations/?page_size=5&ordering=code&cursor={cursor}"), 400)


def test_filters_search_and_dates_cut_the_list(as_, owner):
    LocationFactory(code="WH1", name="Fifty% off", kind="warehouse")
    LocationFactory(code="ST1", name="Silk", is_active=False)
    device = as_(owner)

    def codes(query):
        return [row["code"] for row in device.get(f"locations/?{query}").json()["results"]]

    assert codes("kind=warehouse") == ["WH1"]
    assert codes("is_active=false") == ["ST1"]
    assert codes("search=%25") == ["WH1"]
    assert codes("search=_") == []
    assert codes("search=silk st1") == ["ST1"]
    assert codes("created_after=2100-01-01T00:00:00Z") == []
    assert len(codes("created_after=2020-01-01T00:00:00Z")) == 3


def test_expand_puts_objects_where_ids_stand(as_, owner, store):
    manager = UserFactory(role=Role.MANAGER)
    Location.objects.filter(pk=store.pk).update(manager=manager)
    device = as_(owner)

    assert device.get(f"locations/{store.pk}/").json()["manager"] == manager.pk
    expanded = device.get(f"locations/{store.pk}/?expand=manager").json()["manager"]
    assert expanded == {"id": manager.pk, "username": manager.username, "name": str(manager), "role": "manager"}


@pytest.mark.parametrize(
    "path", ["users/", "users/?expand=locations", "locations/?expand=manager", "promotion-requests/"]
)
def test_a_list_costs_as_many_queries_for_two_rows_as_for_twenty(as_, owner, path):
    def grow(count):
        for _ in range(count):
            manager = UserFactory(role=Role.MANAGER)
            place = LocationFactory(manager=manager)
            person = UserFactory(places=[place, LocationFactory()], created_by=owner)
            person.promotion_requests.create(to_role="manager", reason="x", created_by=manager)

    def queries():
        with CaptureQueriesContext(
            connection,
        ) as seen:
            assert device.get(path).status_code == 200
        return len(seen)

    device = as_(owner)
    grow(2)
    few = queries()
    grow(18)
    assert queries() == few <= 4


def test_beyond_ten_thousand_rows_the_count_is_an_estimate(as_, owner):
    Location.objects.bulk_create(Location(code=f"L{n}", name="x", kind="store") for n in range(COUNTED + 50))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE accounts_location")

    page = as_(owner).get("locations/").json()

    assert page["count_exact"] is False
    assert COUNTED <= page["count"] <= 2 * COUNTED
    assert as_(owner).get("locations/?kind=transit").json()["count_exact"] is True


def test_deep_pages_use_the_same_index_as_the_first(as_, owner):
    Location.objects.bulk_create(Location(code=f"L{n:05}", name="x", kind="store") for n in range(3000))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE accounts_location")
    device = as_(owner)
    path = "locations/?page_size=100&ordering=id"
    for _ in range(20):
        path = device.get(path).json()["next"].removeprefix("http://testserver")

    with CaptureQueriesContext(connection) as seen:
        device.get(path)

    (query,) = [q["sql"] for q in seen if "LIMIT 101" in q["sql"]]
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {query}")
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "Index Cond: (ROW(" in plan or "Index Cond: (id >" in plan, plan


# ------------------------------------------------------------------------------------------------ stale writes


def test_a_detail_carries_an_etag_and_a_stale_write_is_412(as_, owner, store):
    device, path = as_(owner), f"locations/{store.pk}/"
    tag = device.get(path)["ETag"]

    first = device.patch(path, {"name": "First"}, HTTP_IF_MATCH=tag)
    assert (first.status_code, first["ETag"] != tag) == (200, True)
    for late in (device.patch(path, {"name": "Lost"}, HTTP_IF_MATCH=tag), device.delete(path, HTTP_IF_MATCH=tag)):
        assert_problem(late, 412, "stale")
    assert device.get(path).json()["name"] == "First"
    assert device.patch(path, {"name": "Next"}, HTTP_IF_MATCH=first["ETag"]).status_code == 200
    assert device.patch(path, {"name": "Any"}, HTTP_IF_MATCH="*").status_code == 200


def test_one_s_profile_has_an_etag_too(as_, clerk):
    device = as_(clerk)
    tag = device.get("profile/")["ETag"]

    assert device.patch("profile/", {"first_name": "A"}, HTTP_IF_MATCH=tag).status_code == 200
    assert_problem(device.patch("profile/", {"first_name": "B"}, HTTP_IF_MATCH=tag), 412)


def test_a_created_thing_has_a_location_that_leads_to_it(as_, owner):
    answer = as_(owner).post("locations/", PLACE)

    assert answer.status_code == 201
    assert as_(owner).get(answer["Location"].removeprefix("http://testserver")).json() == answer.json()


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"kind": "transit"}, "kind"),
        ({"kind": "ship"}, "kind"),
        ({"timezone": "Mars/North"}, "timezone"),
        ({"code": "a b"}, "code"),
    ],
)
def test_a_place_that_cannot_be_is_refused(as_, owner, sent, field):
    body = assert_problem(as_(owner).post("locations/", PLACE | sent), 400)

    assert [error["field"] for error in body["errors"]] == [field]


def test_a_place_with_people_is_closed_and_not_deleted(as_, owner, clerk, store, other_store):
    device = as_(owner)

    assert_problem(device.delete(f"locations/{store.pk}/"), 409, "in_use")
    assert device.delete(f"locations/{other_store.pk}/").status_code == 204
    assert device.post(f"locations/{store.pk}/archive/").json()["is_active"] is False
    assert device.post(f"locations/{store.pk}/restore/").json()["is_active"] is True


def test_the_road_can_be_neither_changed_nor_deleted(as_, owner):
    road = Location.objects.get(kind="transit")

    for answer in (
        as_(owner).delete(f"locations/{road.pk}/"),
        as_(owner).patch(f"locations/{road.pk}/", {"name": "x"}),
    ):
        assert_problem(answer, 403)
    assert Location.objects.filter(pk=road.pk, name="On the road").exists()


def test_whoever_manages_a_place_works_there(as_, owner, store):
    manager = UserFactory(role=Role.MANAGER)

    as_(owner).patch(f"locations/{store.pk}/", {"manager": manager.pk})

    assert User.objects.get(pk=manager.pk).location_ids == [store.pk]
    refused = as_(owner).patch(f"locations/{store.pk}/", {"manager": UserFactory().pk})
    assert_problem(refused, 400)


# ------------------------------------------------------------------------------------------------ other addresses


def test_a_front_end_elsewhere_is_let_in_only_by_name(stranger, settings):
    def allowed(origin):
        answer = stranger.options("profile/", HTTP_ORIGIN=origin, HTTP_ACCESS_CONTROL_REQUEST_METHOD="PATCH")
        return answer.get("Access-Control-Allow-Origin")

    assert allowed("https://till.example") is None
    settings.CORS_ALLOWED_ORIGINS = ["https://till.example"]
    assert allowed("https://till.example") == "https://till.example"
    assert allowed("https://evil.example") is None


def test_answers_of_the_api_are_kept_by_nobody(as_, clerk):
    assert as_(clerk).get("profile/")["Cache-Control"] == "no-store"


# ------------------------------------------------------------------------------------------------ small gifts to nobody


def test_a_large_foolish_body_gets_a_small_answer(stranger):
    many = json.dumps({f"k{n}": 1 for n in range(900)})
    too_many = json.dumps({f"k{n}": 1 for n in range(90_000)})
    nuls = json.dumps({"username": [["\\u0000"] * 5000] * 10}).replace("\\\\", "\\")

    for body in (many, too_many, nuls):
        answer = stranger.raw("POST", "auth/login/", body)
        assert answer.status_code in (400, 413)
        assert len(answer.content) < 50_000


def test_a_body_without_a_length_is_411(as_, owner, store):
    answer = as_(owner).raw("POST", f"locations/{store.pk}/archive/", b"", HTTP_TRANSFER_ENCODING="chunked")

    assert_problem(answer, 411, "length_required")


@pytest.mark.parametrize(
    "path", ["profile/?x=1", "roles/?page_size=1", "users/?location=1_0", "users/?location=%D9%A1"]
)
def test_a_question_nobody_answers_is_400(as_, owner, path):
    assert_problem(as_(owner).get(path), 400)


@pytest.mark.parametrize("query", ["kind=", "manager=", "created_after=", "search=a,b,c,d,e,f"])
def test_an_empty_filter_or_a_hidden_sixth_word_is_400(as_, owner, query):
    assert_problem(as_(owner).get(f"locations/?{query}"), 400)


def test_a_name_of_nothing_visible_is_blank(as_, owner):
    body = assert_problem(as_(owner).post("locations/", PLACE | {"name": "\u200b\u202e"}), 400)

    assert [(error["field"], error["code"]) for error in body["errors"]] == [("name", "blank")]


@pytest.mark.parametrize("offset", ["%2B17:47", "-23:59"])
def test_a_moment_with_an_offset_that_no_place_has_is_still_a_moment(offset, owner, as_):
    assert as_(owner).get(f"users/?created_after=2020-01-01T00:00:00{offset}").status_code == 200


def test_a_moment_beyond_all_calendars_is_refused(owner, as_):
    assert as_(owner).get("users/?created_after=0001-01-01T00:00:00%2B17:47").status_code == 400
