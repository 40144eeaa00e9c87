#!/usr/bin/env python3
import contextlib
import os
import sys

from boutique import postgres

# They change tables and not only rows, which the shop's own role may not where there are two.
OF_THE_OWNER = {"migrate", "grant_app_role", "restore"}


def main():
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "boutique.settings")
    from django.core.management import execute_from_command_line

    if OF_THE_OWNER.intersection(sys.argv[1:2]):
        postgres.as_owner()
    # Without DATABASE_URL the embedded PostgreSQL is started for this command, and left as it was found.
    needs_none = sys.argv[1:2] == ["forecast_csv"]
    with contextlib.nullcontext() if needs_none else postgres.running():
        execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
