import sys

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils.module_loading import import_string


class Command(BaseCommand):
    help = "Proves that the books agree: ledger, documents, money. Prints what differs; exits 1 if anything does."

    def handle(self, **options):
        found = 0
        for path in settings.BOOKS:
            for difference in import_string(path)():
                self.stdout.write(str(difference))
                found += 1
        self.stdout.write(f"{found} differences.")
        if found:
            sys.exit(1)
