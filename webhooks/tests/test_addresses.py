"""Where news may be sent, and where never: decided when it is said, and again when it is sent."""

from ipaddress import ip_address, ip_network

import pytest

from boutique import outgoing
from boutique.errors import Invalid
from webhooks.models import WebhookDelivery
from webhooks.services import addresses, sending
from webhooks.tests.factories import WebhookDeliveryFactory, WebhookFactory

INSIDE = [
    "127.0.0.1", "127.8.9.10", "0.0.0.0", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1",  # noqa: S104
    "169.254.169.254", "100.64.0.1", "100.100.100.200", "192.0.0.192", "168.63.129.16", "192.0.2.1", "198.18.0.1",
    "224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255", "::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1",
    "fd00:ec2::254", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "64:ff9b::7f00:1",
    "2002:7f00:1::", "2001::1", "2001:db8::1", "::127.0.0.1",
]  # fmt: skip
OUTSIDE = ["93.184.215.14", "1.1.1.1", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "::ffff:1.1.1.1"]


def test_what_is_the_houses_own_and_what_is_others():
    assert [text for text in INSIDE if outgoing.stays_outside(text)] == []
    assert [text for text in OUTSIDE if not outgoing.stays_outside(text)] == []
    named = [ip_network("10.1.0.0/16"), ip_network("fd00::/64")]
    assert [outgoing.stays_outside(text, named) for text in ("10.1.2.3", "10.2.2.3", "fd00::7", "::ffff:10.1.2.3")] == [
        True, False, True, True,
    ]  # fmt: skip


def test_this_machine_is_its_own_under_whichever_address():
    assert outgoing.is_own(ip_address("127.0.0.1"))
    assert not outgoing.is_own(ip_address("1.1.1.1"))


@pytest.fixture
def known(monkeypatch):
    """The names that somebody knows, and what they stand for."""
    names = {"shop.example": ["93.184.215.14"], "twins.example": ["93.184.215.14", "10.0.0.7"], "me.example": ["::1"]}
    monkeypatch.setattr(addresses, "addresses_of", lambda host, port, seconds: names.get(host))
    return names


def test_an_address_is_refused_and_told_why(known, settings):
    refused = {
        "not an address": "invalid",
        "shop.example/hooks": "invalid",
        "ftp://shop.example/": "invalid",
        "javascript:alert(1)": "invalid",
        "https://": "invalid",
        "https://shop.example:99999/": "invalid",
        "https://shop.example/ü": "invalid",
        "https://shop.example/a b": "invalid",
        "https://shop.example\\@10.0.0.7/": "invalid",
        "https://[::1/": "invalid",
        "https://shop.example/#part": "invalid",
        "https://ada:pins@shop.example/": "credentials",
        "https://@shop.example/": "credentials",
        "https://shop.example:22/": "port",
        "https://shop.example:0/": "port",
        "https://nobody.example/": "unresolvable",
        "https://me.example/": "own_network",
        "https://twins.example/": "own_network",  # one of its two is enough
        "http://shop.example/": "https_required",
    }
    said = {}
    for url in refused:
        with pytest.raises(Invalid) as refusal:
            addresses.judged(url)
        (error,) = refusal.value.errors
        assert error["field"] == "url"
        said[url] = error["code"]
    assert said == refused

    for url in ("https://shop.example", "https://shop.example:8443/hooks?shop=7", "HTTPS://shop.example/"):
        assert addresses.judged(url) == url
    settings.DEBUG = True
    assert addresses.judged("http://shop.example/")
    with pytest.raises(Invalid):
        addresses.judged("http://me.example/")


def test_numbers_in_disguise_are_looked_at_as_what_they_stand_for():
    for host in ("2130706433", "0x7f.1", "127.1", "[::ffff:7f00:1]", "localhost", "017700000001"):
        with pytest.raises(Invalid) as refusal:
            addresses.judged(f"https://{host}/")
        assert refusal.value.errors[0]["code"] in ("own_network", "unresolvable"), host
    assert refusal.value.errors[0]["code"] == "own_network"


def test_an_intranet_that_the_shop_names_is_told_without_tls(known, settings):
    known["till.example"] = ["10.1.2.3"]
    settings.WEBHOOK_NETWORKS = [ip_network("10.1.0.0/16")]

    assert addresses.judged("http://till.example:8000/")
    with pytest.raises(Invalid):
        addresses.judged("http://shop.example/")


@pytest.mark.django_db
def test_a_name_that_stands_for_another_address_when_it_is_sent_opens_nothing(receiver, settings, monkeypatch):
    """First it pointed outside; now it points to this machine, where somebody would listen."""
    settings.WEBHOOK_NETWORKS = []
    port = receiver.server.server_port
    webhook = WebhookFactory(url=f"http://moved.example:{port}/hooks")
    found = [(2, 1, 6, "", ("93.184.215.14", port)), (2, 1, 6, "", ("127.0.0.1", port))]
    monkeypatch.setattr(outgoing.socket, "getaddrinfo", lambda *args, **more: found)
    settings.DEBUG = True
    delivery = WebhookDeliveryFactory(webhook=webhook)

    sending.send_due(webhook.pk)

    delivery.refresh_from_db()
    assert delivery.error.startswith("own_network")
    assert (delivery.status, receiver.received) == (WebhookDelivery.Status.PENDING, [])


@pytest.mark.django_db
def test_what_is_connected_to_is_what_was_judged(receiver, monkeypatch):
    """The name is asked once: a second answer could be another."""
    port, asked = receiver.server.server_port, []

    def once(host, *args, **more):
        asked.append(host)
        return [(2, 1, 6, "", ("127.0.0.1", port))]

    monkeypatch.setattr(outgoing.socket, "getaddrinfo", once)
    delivery = WebhookDeliveryFactory(webhook=WebhookFactory(url=f"http://named.example:{port}/"))

    sending.send_due(delivery.webhook_id)

    assert asked == ["named.example"]
    ((_path, headers, _body),) = receiver.received
    assert headers["Host"] == f"named.example:{port}"
