from ipaddress import ip_network

import pytest

from webhooks.models import Event
from webhooks.services import subscribing
from webhooks.tests.receiver import Receiver


@pytest.fixture
def receiver(settings):
    """Of an intranet that the shop has named."""
    settings.WEBHOOK_NETWORKS = [ip_network("127.0.0.0/8")]
    receiver = Receiver()
    yield receiver
    receiver.stop()


@pytest.fixture
def listening(receiver, owner):
    """`listening(Event.SALE_COMPLETED)`: a webhook that is told of these; of everything, if none is named."""

    def listen(*events, **more):
        return subscribing.add(url=receiver.url, events=events or Event.values, by=owner, **more)

    return listen
