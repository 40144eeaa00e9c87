"""Reading a body, suspicious of everything in it."""

import itertools
import json
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


class StrictJSONParser(JSONParser):
    """JSON without what two readers could read differently: duplicate keys, NaN, lone surrogates, NUL."""

    def parse(self, stream, media_type=None, parser_context=None):
        raw = stream.read(MAX_BODY + 1)
        if len(raw) > MAX_BODY:
            raise RequestDataTooBig
        try:
            body = json.loads(
                raw.decode("utf-8"),
                object_pairs_hook=unique_keys,
                parse_constant=no_constant,
                parse_float=plain_decimal,
                parse_int=plain_integer,
            )
        except RecursionError:
            raise ParseError(f"The body is nested deeper than {MAX_DEPTH} levels.") from None
        except UnicodeDecodeError:
            raise ParseError("The body is not UTF-8.") from None
        except ValueError as error:
            raise ParseError(f"The body is not valid JSON: {error}") from None
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


def unreadable(value, path=""):
    """Paths and reasons of what no database column could hold."""
    stack = [(value, path, 0)]
    while stack:
        value, path, depth = stack.pop()
        if depth > MAX_DEPTH:
            raise ParseError(f"The body is nested deeper than {MAX_DEPTH} levels.")
        if isinstance(value, dict):
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
