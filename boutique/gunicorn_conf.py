"""The web server: `make run` starts it with this, and so may a server of your own (docs/configuration.md)."""

import os

from prometheus_client import multiprocess

from boutique.run import die_with_parent

workers = int(os.environ.get("WEB_WORKERS") or 2)
worker_class = "gthread"
threads = int(os.environ.get("WEB_THREADS") or 4)
preload_app = True  # loaded once, then shared: a worker that is replaced is back at once
timeout = 60
graceful_timeout = 10
keepalive = 5
# Django and the parsers limit bodies; these limit what comes before them.
limit_request_line = 8190
limit_request_fields = 100
limit_request_field_size = 8190
control_socket_disable = True
# The sign of life of a worker must not wait for a disk.
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108 (unnamed files)
loglevel = "warning"
accesslog = None  # boutique.middleware writes one line for each request


def post_fork(server, worker):
    die_with_parent()


def child_exit(server, worker):
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        multiprocess.mark_process_dead(worker.pid)
