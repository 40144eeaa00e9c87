"""The Postman collection says what the OpenAPI document says, and Newman gets from a shop what it promises."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiJsonRenderer

from accounts.services import opening
from tests.postman.collection import COLLECTION, SHOP, finished, is_list, operations_of, requests_of
from tests.postman.story import STEPS

ROOM = Path(sys.prefix, "postman")  # ./run test fills it
NEWMAN = [ROOM / "node", ROOM / "node_modules/newman/bin/newman.js"]
ANEW = "`./run postman` makes it anew"


@pytest.fixture(scope="module")
def document():
    return json.loads(OpenApiJsonRenderer().render(SchemaGenerator().get_schema(request=None, public=True)))


@pytest.fixture(scope="module")
def collection():
    return json.loads(COLLECTION.read_text())


def names(things, **said):
    return sorted(thing["name"] for thing in things if said.items() <= thing.items())


def test_the_kept_collection_is_that_of_todays_document(document, collection):
    operations, requests = dict(operations_of(document)), dict(requests_of(collection["item"][-1]))
    folders = {key: [folder["name"]] for folder in collection["item"][-1]["item"] for key, _ in requests_of(folder)}

    assert folders == {name: operation["tags"] for name, operation in operations.items()}, ANEW
    for name, operation in operations.items():
        url, asked = requests[name]["url"], operation.get("parameters", [])
        assert sorted(part["key"] for part in url.get("query", [])) == names(asked, **{"in": "query"}), (name, ANEW)
        assert sorted(part["key"] for part in url.get("variable", [])) == names(asked, **{"in": "path"}), (name, ANEW)
        sent = {header["key"] for header in requests[name]["header"]} - {"Content-Type"}
        assert sorted(sent) == names(asked, **{"in": "header"}), (name, ANEW)
    # Finishing what is finished changes nothing: words, examples, checks and the day in the shop are today's.
    made = finished({"info": collection["info"], "item": collection["item"][-1]["item"]}, document)
    assert made == collection, ANEW


def test_it_opens_the_demo_shop_and_keeps_nobodys_secrets(collection):
    kept = {variable["key"]: variable["value"] for variable in collection["variable"] if variable["value"]}

    assert kept == SHOP
    assert kept["password"] == opening.DEMO_PASSWORD


@pytest.mark.django_db(transaction=True)
def test_newman_spends_a_day_in_the_shop_and_reads_every_route(document, live_server, tmp_path):
    if not all(part.exists() for part in NEWMAN):
        pytest.skip("Newman is not there: ./run test fetches it where the npm registry can be reached")
    opening.open_shop(demo=True)
    report = tmp_path / "report.json"
    words = ["--env-var", f"base_url={live_server.url}", "--env-var", "reads_only=yes", "--color", "off"]
    words += ["--reporters", "cli,json", "--reporter-json-export", report]

    done = subprocess.run([*NEWMAN, "run", COLLECTION, *words], capture_output=True, text=True, timeout=300)

    assert done.returncode == 0, done.stdout
    asked = [
        (execution["item"]["name"], execution["response"]["code"])
        for execution in json.loads(report.read_text())["run"]["executions"]
        if "response" in execution
    ]
    assert not [(name, code) for name, code in asked if code >= 400]
    assert len([name for name, _ in asked if name[:2].isdigit()]) == len(STEPS)
    lists = {key.removeprefix("GET ") for key, operation in operations_of(document) if is_list(operation)}
    unread = {path for path in lists if "{" not in path} - {name.partition(": ")[2] for name, _ in asked}
    assert unread == set()
