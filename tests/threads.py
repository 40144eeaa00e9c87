"""Several people at the same moment, each with a connection of their own, on real locks."""

import threading

from django.db import connection, connections, transaction


def at_once(*acts):
    """What each of these acts returned, or the error it raised, when all began at the same moment."""
    outcomes, barrier = [None] * len(acts), threading.Barrier(len(acts))

    def run(index, act):
        barrier.wait(timeout=20)
        try:
            outcomes[index] = act()
        except Exception as error:
            outcomes[index] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return outcomes


def errors_of(outcomes):
    return [type(outcome) for outcome in outcomes if isinstance(outcome, Exception)]


def while_waiting(first, act, look=None):
    """`first` is done but not committed while `act` begins and waits for it; then it commits. What `act` gave."""
    outcomes, done = [], threading.Event()

    def run():
        try:
            outcomes.append(act())
        finally:
            connections.close_all()
            done.set()

    thread = threading.Thread(target=run)
    with transaction.atomic():
        first()
        thread.start()
        while not somebody_waits_for_us():
            assert not done.wait(timeout=0.02), "it was to wait for a lock"
        if look:
            look()
    thread.join(timeout=20)
    return outcomes[0]


def somebody_waits_for_us():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid)))"
        )
        return cursor.fetchone()[0]
