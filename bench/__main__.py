"""`python -m bench`: see --help, and docs/bench.md."""

import argparse
import os
import signal
import sys
from pathlib import Path

# What a shell or .env holds for the shop would change what is measured, or whom. The rest is our own.
KEPT = {"PATH", "HOME", "LANG", "TMPDIR", "BOUTIQUE_DATA", "DATABASE_URL", "BENCH_DATA"}


def main():
    options = read_options()
    for ending in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ending, stop)
    make_surroundings(options)

    # The settings read the environment when they are loaded: not before.
    import django

    django.setup()
    from bench import cases, registry, run  # noqa: F401

    if options.list:
        print(registry.listing())
        return 0
    return run.run(options)


def read_options():
    parser = argparse.ArgumentParser(prog="make bench", description="What a request costs: CPU, statements, latency.")
    add = parser.add_argument
    add("--only", nargs="+", metavar="NAME", help="cases, or apps whose cases to measure")
    add("--list", action="store_true", help="the cases, and what each does")
    add(
        "--seconds",
        type=between(0.1, 300, float),
        default=2.5,
        help="for each case (%(default)s); the floor takes half",
    )
    add("--clients", type=between(1, 64), help="that ask at once (two for each worker)")
    add("--workers", type=between(1, 32), default=2, help="web processes (%(default)s)")
    add("--threads", type=between(1, 64), help="in each (as in the shop)")
    add("--forgetful", action="store_true", help="PostgreSQL without fsync: faster writes than any shop has")
    add("--skus", type=between(10_000, 5_000_000), default=100_000, help="in the large catalogue (%(default)s)")
    add("--movements", type=between(100_000, 20_000_000), default=1_000_000, help="in the large ledger (%(default)s)")
    add("--json", metavar="FILE", help="write all figures there, too")
    add("--check", action="store_true", help="exit with 1 where a case is over its budget")
    return parser.parse_args()


def between(least, most, kind=int):
    def number(text):
        value = kind(text)
        if not least <= value <= most:
            raise argparse.ArgumentTypeError(f"{text} does not lie between {least} and {most}")
        return value

    return number


def make_surroundings(options):
    for name in os.environ.keys() - KEPT:
        del os.environ[name]
    data = Path(os.environ.get("BOUTIQUE_DATA") or ".data") / "bench"
    os.environ |= {
        "BOUTIQUE_ENV_FILE": os.devnull,
        "BOUTIQUE_DATA": str(data),
        "DJANGO_SETTINGS_MODULE": "bench.settings",
        "WEB_WORKERS": str(options.workers),
        "BENCH_SKUS": str(options.skus),
        "BENCH_MOVEMENTS": str(options.movements),
    }
    if options.threads:
        os.environ["WEB_THREADS"] = str(options.threads)


def stop(number, _frame):
    # Once is enough: a second Ctrl-C must not leave half of it running.
    for ending in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ending, signal.SIG_IGN)
    sys.exit(128 + number)


if __name__ == "__main__":
    sys.exit(main())
