"""The people at the tills: processes of their own, each with one connection that it keeps."""

import http.client
import json
import multiprocessing
import signal
import time
from array import array

from bench.server import PATIENCE, CannotMeasure
from boutique import gunicorn_conf
from boutique.run import die_with_parent

API = "/api/v1/"
FRESH = gunicorn_conf.keepalive - 2  # seconds; the server hangs up on a line that was silent for longer
DOORS = 100  # so often a client knocks for the worker it is meant for; then anyone will do


class Clients:
    """`programmes` holds, for each client, what it asks by name of case; a client stays with one worker if told so."""

    def __init__(self, address, programmes, workers):
        self.pipes, self.processes = [], []
        forked = multiprocessing.get_context("fork")  # so that what a case prepared need not be packed and sent
        for number, programme in enumerate(programmes):
            ours, theirs = forked.Pipe()
            worker = workers[number % len(workers)] if workers else None
            process = forked.Process(target=serve, args=(theirs, address, worker, programme), daemon=True)
            process.start()
            theirs.close()
            self.pipes.append(ours)
            self.processes.append(process)

    def ask(self, name, seconds):
        """All at once, for so long. Returns what each saw: latencies in seconds, and numbers of statements."""
        for pipe in self.pipes:
            pipe.send((name, seconds))
        return [self.hear(pipe, name, seconds) for pipe in self.pipes]

    def hear(self, pipe, name, seconds):
        try:
            answer = pipe.recv() if pipe.poll(seconds + 2 * PATIENCE) else "the client fell silent"
        except EOFError:
            answer = "the client ended"
        if isinstance(answer, str):
            raise CannotMeasure(f"{name}: {answer}.")
        return answer

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for process in self.processes:
            process.kill()
            process.join()


def serve(pipe, address, worker, programme):
    die_with_parent()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which ends us
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    line, used_at = None, 0
    while True:
        name, seconds = pipe.recv()
        try:
            if line is None or time.monotonic() - used_at > FRESH:
                line = connected(address, worker)
            pipe.send(drive(line, programme[name], seconds))
            used_at = time.monotonic()
        except (OSError, http.client.HTTPException, Unexpected) as error:
            pipe.send(f"{error}" or type(error).__name__)


class Unexpected(Exception):
    """The shop answered something else."""


def drive(line, ask, seconds):
    latencies, statements = array("d"), set()
    give_up_at = time.perf_counter() + seconds
    while not latencies or time.perf_counter() < give_up_at:
        asked = ask()
        words = as_http(asked)
        began = time.perf_counter()
        line.request(**words)
        answer = line.getresponse()
        body = answer.read()
        latencies.append(time.perf_counter() - began)
        if answer.status != asked.expects:
            raise Unexpected(f"{answer.status} instead of {asked.expects}: {body[:500].decode(errors='replace')}")
        statements.add(int(answer.headers["X-Queries"]))
        if asked.then:
            asked.then(json.loads(body))
    return latencies, statements


def connected(address, worker):
    """A connection to this worker: by chance all could end at one, and the other would stand idle."""
    for _ in range(DOORS):
        line = http.client.HTTPConnection(*address, timeout=PATIENCE)
        line.request("GET", "/healthz")
        answer = line.getresponse()
        answer.read()
        if worker is None or answer.headers["X-Process"] == str(worker):
            break
        line.close()
        time.sleep(0.005)  # the one that has just answered would be the first again
    return line  # closed or not: it opens itself again


def as_http(asked):
    headers = dict(asked.headers)
    body = None
    if asked.token:
        headers["Authorization"] = f"Bearer {asked.token}"
    if asked.body is not None:
        headers["Content-Type"] = "application/json"
        body = json.dumps(asked.body).encode()
    path = asked.path if asked.path.startswith("/") else API + asked.path
    return {"method": asked.method, "url": path, "body": body, "headers": headers}
