import os

from django.core.management.base import BaseCommand

from accounts.services import opening


class Command(BaseCommand):
    help = "Lets the first people into an empty shop and prints how they sign in; says so when it is open already."

    def add_arguments(self, parser):
        wanted = os.environ.get("BOUTIQUE_DEMO", "1") != "0"
        parser.add_argument("--demo", action="store_true", default=wanted, help="one person per role and four places")
        parser.add_argument("--no-demo", action="store_false", dest="demo", help="the owner alone")

    def handle(self, *, demo, **options):
        sign_ins = opening.open_shop(demo=demo, owner_password=os.environ.get("BOUTIQUE_OWNER_PASSWORD", ""))
        if not sign_ins and opening.is_still_demo():
            sign_ins = opening.demo_sign_ins()
        if sign_ins:
            self.stdout.write("\nSign in as:")
        for name, password, role in sign_ins:
            self.stdout.write(f"  {name:<10} {password:<16} {role}")
        if not sign_ins:
            self.stdout.write("\nThe shop is open: sign in as always.")
