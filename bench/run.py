"""One run: start everything, ask case after case, stop everything, say what was found."""

import dataclasses
import datetime
import itertools
import json
import os
import platform
import signal
import sys
import time
from pathlib import Path

from django.db import connection

from bench import advice, figures, processes, registry, server, shop
from bench.clients import Clients
from boutique import postgres

ROUNDS = 7
WARM_UP = 0.3  # seconds; what a worker does only once is not what a request costs
BUSY = 1  # so many others already want a processor
FLOOR_SHARE = 0.5  # the floor beside a case is asked for half as long
numbers = itertools.count(1)


def run(options):
    chosen = registry.chosen(options.only)
    cases = [one for one in chosen if isinstance(one, registry.Case)]
    said = asked(cases, options) if cases else {"cases": []}
    said["studies"] = [studied(one) for one in chosen if isinstance(one, registry.Study)]
    if options.json:
        Path(options.json).write_text(json.dumps(said, indent=2, ensure_ascii=False) + "\n")
    return exit_code(said, check=options.check)


def asked(cases, options):
    """Start the servers, ask case after case, stop the servers."""
    load = os.getloadavg()[0]
    show_progress("PostgreSQL and the web server start")
    with postgres.running(durable=not options.forgetful), server.own_database(), server.serving() as web:
        said = surroundings(web, options, load)
        show_progress("")
        print(heading(said), figures.head(), sep="\n", flush=True)
        said["cases"], floors = [], []
        for number, case in enumerate(cases, 1):
            show_progress(f"[{number}/{len(cases)}] {case.name}")
            seen = rounds_of(case, web, said["options"])
            show_progress("")
            floors += seen["floor"]
            said["cases"].append(figures.figures_of_case(case, seen))
            print(figures.line(said["cases"][-1]), flush=True)
        said["floor"] = {"name": "floor"} | figures.figures(floors)
        said["server"]["worker_mb"] = web.worker_mb()
    print(figures.line(said["floor"]), ending(said), sep="\n")
    if any(case.app == "advice" for case in cases):
        print("", advice.report(), sep="\n", flush=True)
    return said


def studied(study):
    """Print what the study says while it measures, and which budgets it broke."""
    print(f"\n{study.name}: {study.words}", flush=True)
    for said in study.measure():
        if not isinstance(said, registry.Found):
            print(said, flush=True)
    for text in said.broken:
        print(f"Over budget: {study.name}: {text}.")
    return {"name": study.name, "app": study.app} | dataclasses.asdict(said)


def exit_code(said, *, check):
    return 1 if check and any(found["broken"] for found in [*said["cases"], *said["studies"]]) else 0


def surroundings(web, options, load):
    workers, threads = server.size()
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version'), current_setting('fsync')")
        version, fsync = cursor.fetchone()
    connection.close()
    return {
        "taken_at": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "machine": {
            "system": platform.platform(),
            "cores": os.cpu_count(),
            "python": platform.python_version(),
            "postgresql": version.split()[0],
            "fsync": fsync,
            "load_before": load,
        },
        "options": {
            "workers": workers,
            "threads": threads,
            "clients": options.clients or 2 * workers,
            "seconds": options.seconds,
        },
        "server": {"start_seconds": web.start_seconds, "start_cpu_seconds": web.start_cpu_seconds},
    }


def heading(said):
    machine, chosen = said["machine"], said["options"]
    where = f"{machine['cores']} cores, Python {machine['python']}, PostgreSQL {machine['postgresql']}"
    how = f"{chosen['workers']} workers of {chosen['threads']} threads, {chosen['clients']} clients"
    lines = [f"{where} with fsync {machine['fsync']}, {how}"]
    if (load := machine["load_before"]) > BUSY:
        lines.append(f"Others keep this machine busy (load {load:.1f}): trust the ratios, not the times.")
    return "\n".join([*lines, ""])


def ending(said):
    web = said["server"]
    lines = ["", f"The web server answered after {web['start_seconds']:.2f} s"]
    if web["start_cpu_seconds"] is not None:
        lines[-1] += f" ({web['start_cpu_seconds']:.2f} s of CPU); its biggest worker holds {web['worker_mb']:.0f} MB"
    lines[-1] += "."
    if not processes.is_there():
        lines.append("This system has no /proc: CPU and memory are not measured.")
    elif said["floor"]["database_cpu_ms"] is None:
        lines.append("PostgreSQL runs elsewhere: CPU is that of the web server alone.")
    for found in said["cases"]:
        lines += [f"Over budget: {found['name']}: {text}." for text in found["broken"]]
    return "\n".join(lines)


def rounds_of(case, web, options):
    """The rounds of the floor, of the case, and of the case it is compared with, taken in turns."""
    programmes = [programme(case) for _ in range(options["clients"])]
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")  # what a case has filled is not yet known to the planner
    # An open connection would be shared with the processes that are forked now.
    connection.close()
    seen = {name: [] for name in programmes[0]}
    with Clients(web.address, programmes, web.workers()) as clients:
        for name in seen:
            clients.ask(name, WARM_UP)
        for _ in range(ROUNDS):
            for name, rounds in seen.items():
                share = FLOOR_SHARE if name == "floor" else 1
                rounds.append(one_round(clients, web, name, options["seconds"] / ROUNDS * share))
    return seen


def programme(case):
    """What one client asks, by name of case."""
    token = shop.token(shop.person())
    asks = {"floor": lambda: registry.Ask("GET", "/bench/floor/", token)}
    for name in filter(None, (case.twin, case.name)):
        asks[name] = registry.CASES[name].prepare(next(numbers))
    return asks


def one_round(clients, web, name, seconds):
    end_if_asked()
    web_before, database_before = web.cpu_seconds()
    began = time.perf_counter()
    answers = clients.ask(name, seconds)
    lasted = time.perf_counter() - began
    web_after, database_after = web.cpu_seconds()
    return figures.Round(
        seconds=lasted,
        latencies=[latency for latencies, _ in answers for latency in latencies],
        statements=set().union(*(statements for _, statements in answers)),
        web_cpu=None if web_after is None else web_after - web_before,
        database_cpu=None if database_after is None else database_after - database_before,
    )


def end_if_asked():
    """The signal's handler raises, which some library now and then swallows; but it ignores what comes after it."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        raise SystemExit(128 + signal.SIGINT)


def show_progress(words):
    if sys.stderr.isatty():
        print(f"\r\033[K{words}", end="", file=sys.stderr, flush=True)
