"""Two questions of whoever runs the process: is it alive, and may it be used?"""

import threading

from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

DATABASE_SECONDS = 1.5
MIGRATIONS_SECONDS = 8  # read once per process, on a machine that is just starting everything


@never_cache
@require_safe
def healthz(request):
    """The process answers. It asks nobody else: a database that is away is no reason to restart the web."""
    return JsonResponse({"status": "ok"})


@never_cache
@require_safe
def readyz(request):
    probe = Probe()
    parts = {"database": probe.answers.wait(DATABASE_SECONDS), "migrations": probe.up_to_date()}
    if all(parts.values()):
        return JsonResponse({"status": "ok"})
    said = {name: "ok" if fine else "failing" for name, fine in parts.items()}
    return JsonResponse({"status": "unavailable"} | said, status=503, headers={"Retry-After": "2"})


class Probe(threading.Thread):
    """Asks on a connection of its own, in a thread: a server that hangs would otherwise hang the answer as well."""

    migrated = False  # of the whole process, and never false again once true

    def __init__(self):
        super().__init__(name="readiness probe", daemon=True)
        self.answers = threading.Event()
        self.start()

    def run(self):
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1")
            self.answers.set()
            if not Probe.migrated:
                executor = MigrationExecutor(connection)
                Probe.migrated = not executor.migration_plan(executor.loader.graph.leaf_nodes())
        except Error:
            return  # what did not happen is the answer
        finally:
            connection.close()

    def up_to_date(self):
        if not Probe.migrated and self.answers.is_set():
            self.join(MIGRATIONS_SECONDS)
        return Probe.migrated
