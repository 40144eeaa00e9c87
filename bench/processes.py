"""What /proc knows of a process and its children. Linux only; elsewhere the figures are left out."""

import contextlib
import os
from pathlib import Path

PROC = Path("/proc")
TICKS = os.sysconf("SC_CLK_TCK")
PARENT, USER, SYSTEM, REAPED_USER, REAPED_SYSTEM = 3, 13, 14, 15, 16  # proc(5), counted from 0


def is_there():
    return (PROC / "self" / "stat").exists()


def stat(pid):
    text = (PROC / str(pid) / "stat").read_text()
    # The second field is the program's name in brackets, and may hold anything, brackets too.
    return [str(pid), "", *text.rpartition(")")[2].split()]


def name_of(pid):
    return (PROC / str(pid) / "comm").read_text().strip()


def parent_of(pid):
    return int(stat(pid)[PARENT])


def children_of(pid):
    children = []
    for folder in PROC.iterdir():
        # A process may end while we look at it.
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            if folder.name.isdecimal() and parent_of(folder.name) == pid:
                children.append(int(folder.name))
    return sorted(children)


def cpu_seconds(parent):
    """Of a server and its children, those that have ended included: so it never falls."""
    fields = stat(parent)
    ticks = sum(int(fields[place]) for place in (USER, SYSTEM, REAPED_USER, REAPED_SYSTEM))
    for child in children_of(parent):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            fields = stat(child)
            ticks += int(fields[USER]) + int(fields[SYSTEM])
    return ticks / TICKS


def resident_mb(pid):
    for line in (PROC / str(pid) / "status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0
