"""Make a Postman collection out of what the converter made of the OpenAPI document.

    python -m tests.postman.collection DOCUMENT.json < CONVERTED.json > docs/boutique.postman_collection.json

The same document gives the same bytes: whatever the converter threw dice for is set here.
"""

import json
import re
import sys
import uuid
from pathlib import Path

from tests.postman import story

PREFIX = "/api/v1/"
HOUSE = uuid.uuid5(uuid.NAMESPACE_URL, "https://boutique.example/")
HERE = Path(__file__).parent
COLLECTION = HERE.parents[1] / "docs" / "boutique.postman_collection.json"
DESCRIPTION = (HERE / "description.md").read_text()
SIGN_IN = "POST auth/login/"
SHOP = {"base_url": "http://127.0.0.1:8000", "username": "owner", "password": "boutique-demo"}
HEADERS = {"Idempotency-Key": "{{$guid}}", "Content-Type": "application/json"}


def finished(converted, document):
    """The whole collection, from the converter's and the document it was made of."""
    operations = dict(operations_of(document))
    requests = {key: request for folder in converted["item"] for key, request in requests_of(folder)}
    folders = [
        named(tag["name"], item=[route(key, request, operations[key]) for key, request in requests_of(tag)])
        for tag in sorted(converted["item"], key=lambda tag: tag["name"])
    ]
    items = [
        sign_in(requests[SIGN_IN], operations[SIGN_IN]),
        named(story.TITLE, description=story.WORDS, item=list(told(requests, operations))),
        named("Every route", item=folders),
    ]
    return {
        "info": {
            "_postman_id": str(HOUSE),
            "name": document["info"]["title"],
            "description": DESCRIPTION,
            "schema": converted["info"]["schema"],
        },
        "auth": {"type": "bearer", "bearer": [{"key": "token", "value": "{{access}}", "type": "string"}]},
        "variable": [{"key": key, "value": value} for key, value in variables(items).items()],
        "item": items,
    }


def operations_of(document):
    """`POST skus/{id}/archive/` and what the document says of it."""
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path.removeprefix(PREFIX)}", operation


def requests_of(folder):
    """The same keys, and what a collection has in a folder, in the folder's order."""
    for item in folder["item"]:
        if "item" in item:
            yield from requests_of(item)
        else:
            path = "/" + "/".join(item["request"]["url"]["path"])
            path = re.sub(r":(\w+)", r"{\1}", path.removeprefix(PREFIX))
            yield f"{item['request']['method']} {path}", item["request"]


# ------------------------------------------------------------------------------------------------ one request


def sign_in(request, operation):
    said = request_of(SIGN_IN, request, operation)
    said["body"] = raw({"username": "{{username}}", "password": "{{password}}"})
    return named("Sign in", request=said, event=[script("test", KEEPS_TOKENS)])


def route(key, request, operation):
    """As the document has it. What reads takes the ids that the lists have found; what writes has none."""
    said = request_of(key, request, operation)
    method, _, path = key.partition(" ")
    for variable in said["url"].get("variable", []):
        variable["value"] = f"{{{{{id_from(path, variable['key'])}}}}}" if method == "GET" else ""
    promised = sorted(int(code) for code in operation["responses"] if code < "500")
    tests = PROMISED.replace("CODES", json.dumps(promised))
    if is_list(operation):
        tests = FINDS_ROW.replace("VARIABLE", id_from(path + "{id}", "id"))
    first = (READS_ONLY if method != "GET" else "") + (NAMES_ITS_ROW if "variable" in said["url"] else "")
    events = [script("prerequest", first)] if first else []
    name = f"{operation['summary']}: {path}" if path else operation["summary"]
    return named(name, f"every route {key}", request=said, event=[*events, script("test", tests)])


def told(requests, operations):
    """The steps of the day: each sends the document's example with ids of its own, and is answered as promised."""
    for number, step in enumerate(story.STEPS, 1):
        operation = operations[step.key]
        said = request_of(step.key, requests[step.key], operation)
        for variable in said["url"].get("variable", []):
            variable["value"] = step.ids[variable["key"]]
        if step.query:
            said["url"]["query"] = [{"key": key, "value": value} for key, value in step.query.items()]
        for sent in said["header"]:
            sent["disabled"] = sent["disabled"] and sent["key"] != "Idempotency-Key"
        if (example := example_of(operation)) is not None:
            said["body"] = raw(step.sends(example))
        tests = "\n".join(checks_of(step, min(code for code in operation["responses"] if code.startswith("2"))))
        yield named(
            f"{number:02} {step.name}", f"{story.TITLE} {step.key}", request=said, event=[script("test", tests)]
        )


def checks_of(step, code):
    yield f'pm.test("status is {code}", () => pm.response.to.have.status({code}));'
    yield "if (pm.response.code >= 400) console.warn(pm.response.text());"
    yield from step.checks
    for name, path in step.keeps.items():
        yield f'pm.collectionVariables.set("{name}", pm.response.json(){path});'


def request_of(key, request, operation):
    url = {
        "host": ["{{base_url}}"],
        "path": request["url"]["path"],
        "query": [question(asked) for asked in request["url"].get("query", [])],
        "variable": [{"key": variable["key"], "value": ""} for variable in request["url"].get("variable", [])],
    }
    said = {
        "method": request["method"],
        "description": operation.get("description") or operation["summary"],
        "header": [header(sent) for sent in request.get("header", [])],
        "url": {name: value for name, value in url.items() if value},
    }
    if key == SIGN_IN or operation["security"] == [{}]:
        said["auth"] = {"type": "noauth"}
    if (example := example_of(operation)) is not None:
        said["body"] = raw(example)
    elif form := request.get("body", {}).get("formdata"):
        said["body"] = {"mode": "formdata", "formdata": [part(sent) for sent in form]}
        said["header"] = [sent for sent in said["header"] if sent["key"] != "Content-Type"]  # its boundary comes later
    return said


def question(asked):
    """A filter is there to be switched on."""
    return {"key": asked["key"], "value": "", "disabled": True, **words(asked)}


def header(sent):
    value = HEADERS.get(sent["key"], "")
    return {"key": sent["key"], "value": value, "disabled": bool(sent.get("disabled")), **words(sent)}


def part(sent):
    required = "(Required)" in words(sent).get("description", "")
    value = {"type": "file", "src": []} if sent["type"] == "file" else {"type": "text", "value": ""}
    return {"key": sent["key"], **value, "disabled": not required, **words(sent)}


def words(thing):
    said = thing.get("description", "")  # the converter's is an object with a content, ours is the content
    said = said if isinstance(said, str) else said["content"].strip()
    return {"description": said} if said else {}


def raw(body):
    # An id is a number: story.number() marks what goes in without quotation marks.
    text = re.sub(r'"#(\{\{\w+\}\})"', r"\1", json.dumps(body, indent=2, ensure_ascii=False))
    return {"mode": "raw", "raw": text, "options": {"raw": {"language": "json"}}}


def named(name, kin="", **item):
    return {"id": str(uuid.uuid5(HOUSE, f"{kin}/{name}")), "name": name, **item}


def script(listen, text):
    return {"listen": listen, "script": {"type": "text/javascript", "exec": text.strip().split("\n")}}


def example_of(operation):
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    return next((example["value"] for example in body.get("examples", {}).values()), None)


def is_list(operation):
    answer = operation["responses"].get("200", {}).get("content", {}).get("application/json", {})
    return "/Paginated" in answer.get("schema", {}).get("$ref", "")


def id_from(path, parameter):
    """`skus/{sku}/barcodes/{id}/` takes its sku from skus_id, its id from skus_barcodes_id, as lists left them."""
    before = path.rpartition(f"{{{parameter}}}")[0]
    rooms = [room for room in before.split("/") if room and not room.startswith("{")]
    return "_".join([*rooms, "code" if parameter == "code" else "id"]).replace("-", "_")


def variables(items):
    """The shop's address, and one empty place for everything that a request leaves for a later one."""
    used = sorted(set(re.findall(r"\{\{(\w+)\}\}|collectionVariables\.set\(\\?\"(\w+)", json.dumps(items))))
    names = {mentioned or left for mentioned, left in used} | {"access", "refresh", "reads_only"}
    return SHOP | dict.fromkeys(sorted(names - set(SHOP)), "")


# ------------------------------------------------------------------------------------------------ what they check

KEEPS_TOKENS = """
pm.test("status is 200", () => pm.response.to.have.status(200));
const { access, refresh } = pm.response.json();
pm.collectionVariables.set("access", access);
pm.collectionVariables.set("refresh", refresh);
pm.collectionVariables.set("run", Date.now().toString(36));
pm.collectionVariables.set("in_a_month", new Date(Date.now() + 30 * 864e5).toISOString().slice(0, 10));
"""
NAMES_ITS_ROW = """
const blank = pm.request.url.variables.filter((part) => !pm.variables.replaceIn(part.value || ""));
if (blank.length) {
  console.warn(`Not sent, it names no row: fill in ${blank.map((part) => ":" + part.key).join(", ")} under Params.`);
  pm.execution.skipRequest();
}
"""
READS_ONLY = """
if (pm.variables.get("reads_only")) pm.execution.skipRequest();
"""
PROMISED = """
pm.test("an answer that the document promises", () => pm.expect(pm.response.code).to.be.oneOf(CODES));
if (pm.response.code >= 400) {
  pm.test("a refusal says why", () => pm.expect(pm.response.json()).to.include.keys("code", "detail", "request_id"));
}
"""
FINDS_ROW = """
pm.test("status is 200", () => pm.response.to.have.status(200));
const [row] = pm.response.json().results;
if (row && row.id) pm.collectionVariables.set("VARIABLE", row.id);
"""


if __name__ == "__main__":
    made = finished(json.load(sys.stdin), json.loads(Path(sys.argv[1]).read_text()))
    json.dump(made, sys.stdout, indent=1, ensure_ascii=False)
    sys.stdout.write("\n")
