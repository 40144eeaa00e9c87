"""What a Prometheus server reads from /metrics: requests by route, and how long the tasks queue is."""

import os

from django.db import Error
from django.db.models import Count, Min, Q
from django.db.models.functions import Greatest
from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe
from django_tasks_db.models import DBTaskResult, get_date_max
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector

UNMATCHED = "unmatched"  # a stranger's list of guessed paths must not become a list of series
METHODS = {"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"}

REQUESTS = Counter("boutique_requests", "Requests answered.", ["method", "route", "status"])
SECONDS = Histogram("boutique_request_seconds", "Seconds from request to answer.", ["method", "route"])


def observe(method, route, status, seconds):
    method = method if method in METHODS else "OTHER"
    REQUESTS.labels(method, route, f"{status // 100}xx").inc()
    SECONDS.labels(method, route).observe(seconds)


class Queue:
    """Asks the database at each scrape, and says nothing when it does not answer."""

    def collect(self):
        now = timezone.now()
        at_once = Q(run_after=get_date_max())
        try:
            waiting = DBTaskResult.objects.ready().aggregate(
                tasks=Count("pk"),
                fresh=Min("enqueued_at", filter=at_once),
                put_off=Min(Greatest("enqueued_at", "run_after"), filter=~at_once),
            )
        except Error:
            return
        since = min(filter(None, [waiting["fresh"], waiting["put_off"]]), default=now)
        yield GaugeMetricFamily("boutique_tasks_waiting", "Tasks that are due and not begun.", waiting["tasks"])
        yield GaugeMetricFamily(
            "boutique_tasks_oldest_waiting_seconds",
            "How long the oldest of them has been due.",
            max((now - since).total_seconds(), 0),
        )


@require_safe
def metrics(request):
    queue = CollectorRegistry()
    queue.register(Queue())
    return HttpResponse(generate_latest(web()) + generate_latest(queue), content_type=CONTENT_TYPE_LATEST)


def web():
    """Of this process, or of all web processes of this machine when they share a folder."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return REGISTRY
    all_processes = CollectorRegistry()
    MultiProcessCollector(all_processes)
    return all_processes
