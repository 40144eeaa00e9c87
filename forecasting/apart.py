"""Processes that help a command with its run. They begin empty, so this file loads nothing of Django by itself."""

import multiprocessing


def helper(pk):
    """A process of its own that works on the run until nothing is left of it."""
    process = multiprocessing.get_context("spawn").Process(target=work, args=(pk,), daemon=True)
    process.start()
    return process


def work(pk):
    import django

    django.setup()
    from forecasting.services import runs

    runs.work(pk)
