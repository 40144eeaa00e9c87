"""Reading a body, suspicious of everything in it."""

import itertools
import json
import re
from decimal import Decimal

from django.core.exceptions import RequestDataTooBig
from rest_framework.exceptions import ErrorDetail, ParseError, ValidationError
from rest_framework.parsers import JSONParser, MultiPartParser

MAX_BODY = 1024 * 1024
MAX_UPLOAD = 12 * 1024 * 1024  # a picture of 10 MB and the fields beside it
MAX_DEPTH = 32
MAX_KEY = 100
MAX_ARRAY = 5000
MAX_DIGITS = 40
MAX_NAMES = 1000  # in one object
MOST_PROBLEMS = 100
TOO_DEEP = f"The body is nested deeper than {MAX_DEPTH} levels."


class StrictJSONParser(JSONParser):
    """JSON without what two readers could read differently: duplicate keys, NaN, lone surrogates, NUL."""

    def parse(self, stream, media_type=None, parser_context=None):
        raw = stream.read(MAX_BODY + 1)
        if len(raw) > MAX_BODY:
            raise RequestDataTooBig
        try:
            return self.read(raw)
        except RecursionError:
            raise ParseError(TOO_DEEP) from None
        except UnicodeDecodeError:
            raise ParseError("The body is not UTF-8.") from None
        except ValueError as error:
            raise ParseError(f"The body is not valid JSON: {error}") from None

    def read(self, raw):
        return checked(json.loads(raw.decode("utf-8"), **HOOKS))


class EntriesParser(StrictJSONParser):
    """The same for a body that is a list of things, each to be judged by itself: what cannot be read in one of them
    makes that one `Spoilt`, and the others are as they were sent."""

    name = "entries"

    def read(self, raw):
        # Bytes that are no UTF-8 become halves of pairs, which spoil the entry that they stand in.
        text = raw.decode("utf-8", "surrogateescape")
        hooks = {name: spoiling(hook) for name, hook in HOOKS.items()}
        try:
            body = json.loads(text, **hooks)
        except RecursionError:
            body = json.loads(clipped(text), **hooks)
        entries = body.get(self.name) if isinstance(body, dict) else None
        if not isinstance(entries, list) or len(entries) > MAX_ARRAY:
            return checked(body)
        return checked({**body, self.name: []}) | {self.name: [or_spoilt(entry) for entry in entries]}


class Spoilt:
    """What cannot be read. `problems`: why, as of a ValidationError. `rest`: what could be read of it."""

    def __init__(self, problems, rest=None):
        self.problems, self.rest = problems, rest or {}

    def __str__(self):
        """Two that are the same for whoever answers are the same for their fingerprint."""
        return f"{self.problems} {self.rest}"


def spoiling(hook):
    def read(found):
        try:
            return hook(found)
        except ValueError as error:
            rest = dict(found) if isinstance(found, list) else {}
            return Spoilt([ErrorDetail(f"Cannot be read: {error}.", code="invalid")], rest)

    return read


def or_spoilt(entry):
    try:
        problems = dict(itertools.islice(unreadable(entry), MOST_PROBLEMS))
    except ParseError as error:
        problems = {"": [ErrorDetail(str(error.detail), code="invalid")]}
    if not problems:
        return entry
    names = entry.rest if isinstance(entry, Spoilt) else entry if isinstance(entry, dict) else {}
    rest = {name: text for name, text in names.items() if isinstance(text, str) and is_readable(name + text)}
    return Spoilt({path or "non_field_errors": found for path, found in problems.items()}, rest)


TOKENS = re.compile(r'"(?:[^"\\]|\\.)*"?|[\[\]{}]', re.DOTALL)


def clipped(text):
    """JSON without what lies deeper than anything may: enough of it stays to be refused."""
    kept, begin, depth = [], 0, 0
    for token in TOKENS.finditer(text):
        if token[0] in ("[", "{"):
            depth += 1
            if depth == 2 * MAX_DEPTH:
                kept += [text[begin : token.start()], "null"]
        elif token[0] in ("]", "}"):
            depth -= 1
            if depth == 2 * MAX_DEPTH - 1:
                begin = token.end()
    return "".join([*kept, text[begin:] if depth < 2 * MAX_DEPTH else ""])


def checked(body):
    if problems := dict(itertools.islice(unreadable(body), MOST_PROBLEMS)):
        raise ValidationError(problems)
    return body


def unique_keys(pairs):
    if len(pairs) > MAX_NAMES:
        raise ValueError(f"an object has more than {MAX_NAMES} names")
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name appears twice in one object")
    return found


def no_constant(name):
    raise ValueError(f"{name} is not JSON")


def plain_decimal(text):
    if len(text) > MAX_DIGITS or "e" in text.lower():
        raise ValueError("numbers are written without exponent, in at most 40 digits")
    return Decimal(text)


def plain_integer(text):
    if len(text) > MAX_DIGITS:
        raise ValueError("numbers are written in at most 40 digits")
    return int(text)


HOOKS = {
    "object_pairs_hook": unique_keys,
    "parse_constant": no_constant,
    "parse_float": plain_decimal,
    "parse_int": plain_integer,
}


def unreadable(value, path=""):
    """Paths and reasons of what no database column could hold."""
    stack = [(value, path, 0)]
    while stack:
        value, path, depth = stack.pop()
        if depth > MAX_DEPTH:
            raise ParseError(TOO_DEEP)
        if isinstance(value, Spoilt):
            yield path, value.problems
        elif isinstance(value, dict):
            for name, inner in value.items():
                if len(name) > MAX_KEY or not is_readable(name):
                    raise ParseError(f"Names are at most {MAX_KEY} characters long and hold no control characters.")
                stack.append((inner, f"{path}.{name}" if path else name, depth + 1))
        elif isinstance(value, list):
            if len(value) > MAX_ARRAY:
                yield path, [ErrorDetail(f"At most {MAX_ARRAY} entries, {len(value)} sent.", code="max_length")]
                continue
            stack.extend(
                (inner, f"{path}.{index}" if path else str(index), depth + 1) for index, inner in enumerate(value)
            )
        elif isinstance(value, str) and not is_readable(value):
            yield (
                path,
                [ErrorDetail("Holds a character that cannot be stored (NUL or half of a pair).", code="invalid")],
            )


def is_readable(text):
    return "\x00" not in text and not any("\ud800" <= character <= "\udfff" for character in text)


class UploadParser(MultiPartParser):
    """Multipart, for the few routes that take a file."""

    def parse(self, stream, media_type=None, parser_context=None):
        request = parser_context["request"]
        if int(request.META.get("CONTENT_LENGTH") or 0) > MAX_UPLOAD:
            raise RequestDataTooBig
        return super().parse(stream, media_type, parser_context)
