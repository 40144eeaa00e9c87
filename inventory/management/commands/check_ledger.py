import sys
from functools import partial

from django.core.management.base import BaseCommand, CommandError

from accounts.models import User
from boutique.management.progress import Progress
from boutique.transactions import in_one_transaction
from inventory.services import checking


class Command(BaseCommand):
    help = "Adds up the whole ledger and compares it with every level. Prints what differs; exits 1 if anything does."

    def add_arguments(self, parser):
        parser.add_argument(
            "--repair",
            action="store_true",
            help="post corrections, so that the ledger ends where the shelves stand; nothing is rewritten",
        )
        parser.add_argument("--by", default="", help="who repairs: a user name; needed with --repair")

    def handle(self, *, repair, by, **options):
        person = self.person(by) if repair else None
        found = []
        with Progress(self.stderr) as progress:
            for difference in checking.differences(partial(progress, what="SKUs")):
                progress.clear()
                self.stdout.write(str(difference))
                found.append(difference)
        if repair and found:
            posted = in_one_transaction(partial(checking.repair, found, by=person))
            self.stdout.write(f"{len(posted)} corrections posted.")
            found = list(checking.differences())
            for difference in found:
                self.stdout.write(f"Still there: {difference}")
        self.stdout.write(f"{len(found)} differences.")
        if found:
            sys.exit(1)

    def person(self, name):
        person = User.objects.named(name) if name else None
        if person is None or not person.has_perm("inventory.adjust_stock"):
            raise CommandError("Say with --by who repairs: the user name of somebody who may adjust stock.")
        return person
