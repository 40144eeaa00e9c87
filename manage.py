#!/usr/bin/env python3
import os
import sys

from boutique import postgres


def main():
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "boutique.settings")
    from django.core.management import execute_from_command_line

    # Without DATABASE_URL the embedded PostgreSQL is started for this command, and left as it was found.
    with postgres.running():
        execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
