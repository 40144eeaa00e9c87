"""Where news may be sent: to others' servers, never into the house's own network."""

from functools import partial
from ipaddress import ip_address
from urllib.parse import urlsplit

from django.conf import settings

from boutique.errors import Invalid, line_error
from boutique.outgoing import PORTS, Unanswered, addresses_of, stays_outside

LOOK_UP_SECONDS = 3
FIRST_FREE_PORT = 1024  # below it, only those of the web
OWN_NETWORK = "lies in the network of this server. Only servers of others are told."


def judged(url):
    """The address, if it may be written to; else why not."""
    parts = taken_apart(url)
    port = parts.port or PORTS[parts.scheme]
    found = addresses_of(parts.hostname, port, seconds=LOOK_UP_SECONDS)
    if not found:
        refuse("unresolvable", f"Nobody knows the server {parts.hostname!r:.80}. Is it spelt correctly?")
    for address in found:
        if not stays_outside(address, settings.WEBHOOK_NETWORKS):
            refuse("own_network", f"{parts.hostname!r:.80} {OWN_NETWORK}")
    if parts.scheme == "http" and not may_be_plain(found):
        refuse("https_required", "Begin it with https://: what is sent must not be read on the way.")
    return url


def taken_apart(url):
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        refuse("invalid", "This is no address. Write it as https://shop.example/hooks.")
    if parts.scheme not in PORTS or not parts.hostname or not is_plain(url):
        refuse("invalid", "This is no address. Write it as https://shop.example/hooks.")
    if parts.username is not None or parts.password is not None:
        refuse("credentials", "Leave name and password out: the signature says who sends.")
    if parts.fragment:
        refuse("invalid", "Leave out what follows #: it is never sent.")
    if port is not None and port not in PORTS.values() and port < FIRST_FREE_PORT:
        refuse("port", f"Port {port} is not one of the web. Use 443, or one from {FIRST_FREE_PORT} on.")
    return parts


def is_plain(url):
    """Without spaces and letters that only people read: programs differ in what they make of them."""
    return url.isascii() and url.isprintable() and not any(letter in url for letter in ' "<>\\^`{|}')


def may_be_plain(found):
    return settings.DEBUG or all(is_named(address) for address in found)


def is_named(address):
    return any(ip_address(address.partition("%")[0]) in network for network in settings.WEBHOOK_NETWORKS)


def refuse(code, message):
    raise Invalid(message, errors=[line_error("url", code, message)])


def judge(scheme, address):
    """Asked again of each address that is about to be connected to: by then the name may stand for another."""
    if not stays_outside(address, settings.WEBHOOK_NETWORKS):
        raise Unanswered("own_network", f"the server {OWN_NETWORK}")
    if scheme == "http" and not may_be_plain([address]):
        raise Unanswered("https_required")


def judge_for(url):
    return partial(judge, urlsplit(url).scheme)
