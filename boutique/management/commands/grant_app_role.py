from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from boutique import app_role
from boutique.errors import RuleError


class Command(BaseCommand):
    help = "Gives a database role what the shop's daily work needs, and no more. The owner of the tables runs it."

    def add_arguments(self, parser):
        known = settings.APP_ROLE or None
        parser.add_argument("name", nargs="?" if known else None, default=known, help="whom DATABASE_URL names")

    def handle(self, *, name, **options):
        try:
            app_role.grant(name)
        except RuleError as error:
            raise CommandError(error.detail) from None
        self.stdout.write(f"{name} may now do the shop's daily work, and no more.")
