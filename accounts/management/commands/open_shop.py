import os

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from accounts.services import opening
from boutique.errors import RuleError


class Command(BaseCommand):
    help = "Lets the first people into an empty shop and prints how they sign in; says so when it is open already."

    def add_arguments(self, parser):
        wanted = settings.BOUTIQUE_DEMO
        parser.add_argument("--demo", action="store_true", default=wanted, help="one person per role and four places")
        parser.add_argument("--no-demo", action="store_false", dest="demo", help="the owner alone")

    def handle(self, *, demo, **options):
        chosen = os.environ.get("BOUTIQUE_OWNER_PASSWORD", "")
        try:
            sign_ins = opening.open_shop(demo=demo, owner_password=chosen)
        except RuleError as error:
            raise CommandError(f"BOUTIQUE_OWNER_PASSWORD: {error.detail}") from None
        if not sign_ins and opening.is_still_demo():
            sign_ins = opening.demo_sign_ins()
            if settings.IS_SERVER:
                self.stderr.write("The owner still has the demo's password, which everybody knows. Change it now.")
        if chosen:
            sign_ins = [
                (name, "(as you chose)" if password == chosen else password, r) for name, password, r in sign_ins
            ]
        if sign_ins:
            self.stdout.write("\nSign in as:")
        for name, password, role in sign_ins:
            self.stdout.write(f"  {name:<10} {password:<16} {role}")
        if not sign_ins:
            self.stdout.write("\nThe shop is open: sign in as always.")
