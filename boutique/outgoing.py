"""One message to somebody else's server: one POST, one deadline by the clock, no redirect, and no more read than asked.

Where people of the shop say which server that is, `stays_outside` keeps them from pointing it at the house's own
network: it is asked of each address that the name stands for, and the connection goes to exactly those addresses, so
that a name which stands for another address a moment later opens nothing.
"""

import contextlib
import http.client
import socket
import ssl
import threading
import time
from dataclasses import dataclass
from functools import cache
from ipaddress import ip_address, ip_network
from urllib.parse import urlsplit

PORTS = {"http": 80, "https": 443}
# What Python does not take for private, and what stands for another address inside it.
NEVER_OUTSIDE = [
    ip_network(network)
    for network in (
        "100.64.0.0/10",  # between a provider and its customers; the metadata of one cloud
        "192.0.0.0/24",  # the metadata of another
        "192.88.99.0/24",
        "168.63.129.16/32",  # the machine beneath ours, in a third
        "2001::/23",
        "2002::/16",
        "2001:db8::/32",
    )
]
BODY_SECONDS = 1  # for an answer of which the status is enough
THE_INTERNET = ip_network("2000::/3")  # all of version 6 that is not kept for something else


class Unanswered(Exception):
    """No answer came in time, or none that can be read. `reason` says why, in one word."""

    def __init__(self, reason, detail="", *, received=b""):
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason
        self.detail = detail
        self.received = received


@dataclass(frozen=True)
class Reply:
    """What came back. `is_cut`: there was more than was asked for."""

    status: int
    body: bytes
    is_cut: bool


def anywhere(address):
    """For servers that whoever runs the shop has named in its settings."""


def post(address, body, headers, *, seconds, most, connect_seconds=None, judge=anywhere, whole=True):
    """The Reply to one POST; whatever the other side does, this returns or raises within `seconds`.

    `most`: so many bytes of the answer are read. `judge`: raises if an address is not to be spoken to. Unless `whole`,
    the status is the answer: what comes of the body within a second is taken along, and no trouble with it matters.

    The time limits of sockets hold for one read each: a server that sends a byte a second never reaches them, and
    finding an address has none at all. So the work is done in a thread that is waited for no longer than that, and
    that ends by itself soon after, as its socket is closed.
    """
    call = Call(address, body, headers, time.monotonic() + seconds)
    call.most, call.connect_seconds, call.judge, call.whole = most, connect_seconds or seconds, judge, whole
    thread = threading.Thread(target=call.run, name="outgoing", daemon=True)
    thread.start()
    thread.join(seconds)
    is_late = thread.is_alive()
    if is_late:
        call.hang_up()
    if call.status is not None and not whole:
        return call.reply_so_far()
    if is_late:
        raise Unanswered("timeout")
    if call.error is not None:
        raise call.error
    return call.reply


class Call:
    """One POST, in a thread of its own."""

    def __init__(self, address, body, headers, ends_at):
        self.address, self.body, self.headers, self.ends_at = urlsplit(address), body, headers, ends_at
        self.received, self.status, self.reply, self.error, self.sock = b"", None, None, None, None

    @property
    def left(self):
        return max(self.ends_at - time.monotonic(), 0.001)

    def run(self):
        try:
            self.talk()
        except TimeoutError:
            self.error = Unanswered("timeout")
        except Unanswered as error:
            self.error = error
        except (OSError, http.client.HTTPException, ValueError) as error:
            self.error = Unanswered("unreachable", type(error).__name__)

    def talk(self):
        with contextlib.closing(self.connected()) as connection, contextlib.closing(self.sock):
            connection.request("POST", self.path, self.body, self.headers)
            with connection.getresponse() as response:
                self.read(response)

    @property
    def path(self):
        return (self.address.path or "/") + (f"?{self.address.query}" if self.address.query else "")

    def connected(self):
        host, port = self.address.hostname, self.address.port or PORTS[self.address.scheme]
        self.sock = self.dialled(host, port)
        self.sock.settimeout(self.left)
        if self.address.scheme == "https":
            self.sock = trust().wrap_socket(self.sock, server_hostname=host)
            connection = http.client.HTTPSConnection(host, port, context=trust())
        else:
            connection = http.client.HTTPConnection(host, port)
        connection.sock = self.sock
        return connection

    def dialled(self, host, port):
        """A connection to one of the addresses of that name, once all of them are judged."""
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        for *_kind, where in found:
            self.judge(where[0])
        trouble = None
        for family, kind, protocol, _name, where in found:
            sock = socket.socket(family, kind, protocol)
            try:
                sock.settimeout(min(self.connect_seconds, self.left))
                sock.connect(where)
            except OSError as error:
                sock.close()
                trouble = error
            else:
                return sock
        raise trouble

    def read(self, response):
        self.status = response.status
        if not self.whole:
            self.ends_at = min(self.ends_at, time.monotonic() + BODY_SECONDS)
        while len(self.received) <= self.most and (piece := self.piece_of(response)):
            self.received += piece
        reply = self.reply_so_far()
        if response.length and not reply.is_cut:
            raise Unanswered("unreadable", "the answer was cut off", received=self.received)
        self.reply = reply

    def reply_so_far(self):
        return Reply(self.status, self.received[: self.most], len(self.received) > self.most)

    def piece_of(self, response):
        if time.monotonic() >= self.ends_at:
            raise TimeoutError
        self.sock.settimeout(self.left)
        return response.read1(65536)

    def hang_up(self):
        """Wakes the thread from whatever it waits for; it closes behind itself."""
        if self.sock is not None:
            with contextlib.suppress(OSError):
                self.sock.shutdown(socket.SHUT_RDWR)


@cache
def trust():
    return ssl.create_default_context()


# ------------------------------------------------------------------------------------------------ whose network


def addresses_of(host, port, *, seconds):
    """All that a name stands for. None if nobody knows within `seconds`."""
    found = []

    def look():
        with contextlib.suppress(OSError, ValueError):
            found.append([where[0] for *_kind, where in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)])

    thread = threading.Thread(target=look, name="outgoing", daemon=True)
    thread.start()
    thread.join(seconds)
    return found[0] if found else None


def stays_outside(text, networks=()):
    """Is this address somebody else's? Those in one of the `networks` are as good."""
    address = plain(text)
    return any(address in network for network in networks) or (is_outside(address) and not is_own(address))


def plain(text):
    """Version 4 may come in the clothes of version 6."""
    address = ip_address(text.partition("%")[0])
    return getattr(address, "ipv4_mapped", None) or address


def is_outside(address):
    is_plain = address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified)
    if address.version == 6 and address not in THE_INTERNET:
        return False
    return is_plain and not any(address in network for network in NEVER_OUTSIDE)


def is_own(address):
    """Is it this very machine's? What it would be reached from tells, and no packet is sent for that."""
    family = socket.AF_INET6 if address.version == 6 else socket.AF_INET
    with contextlib.suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as sock:
        sock.connect((str(address), 9))
        return plain(sock.getsockname()[0]) == address
    return False
