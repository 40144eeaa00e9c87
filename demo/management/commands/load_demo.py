import time

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from boutique.errors import RuleError
from boutique.management.progress import Progress
from demo import loading


class Command(BaseCommand):
    help = "Fills an empty shop with a believable year of trade. A second call changes nothing."

    def add_arguments(self, parser):
        parser.add_argument("--skus", type=int, default=loading.SKUS, help=f"so many SKUs (default {loading.SKUS})")
        parser.add_argument("--days", type=int, default=loading.DAYS, help=f"days of sales (default {loading.DAYS})")
        parser.add_argument("--if-empty", action="store_true", help="say nothing where the shop is not an empty demo")

    def handle(self, *, skus, days, if_empty, **options):
        for name, value, least, most in (
            ("skus", skus, loading.LEAST_SKUS, loading.MOST_SKUS),
            ("days", days, 1, loading.MOST_DAYS),
        ):
            if not least <= value <= most:
                raise CommandError(f"--{name} lies between {least} and {most}.")
        if settings.IS_SERVER and not settings.BOUTIQUE_DEMO:
            raise CommandError("Everybody knows the demo people's password. On a server, say BOUTIQUE_DEMO=1 as well.")
        refuse_unmade_tables()
        if if_empty and not loading.may_be_loaded():
            return
        started = time.monotonic()
        try:
            with Progress(self.stderr) as progress:
                is_new = loading.load(skus=skus, days=days, told=progress.share)
        except RuleError as refusal:
            raise CommandError(refusal.detail) from None
        seconds = time.monotonic() - started
        self.stdout.write(
            f"The demo shop is open: {skus} SKUs, {days} days of sales, in {seconds:.0f} s."
            if is_new
            else "The demo shop is there already. Nothing has changed."
        )


def refuse_unmade_tables():
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise CommandError("The database has not the tables of this version yet. Run `./run manage migrate` first.")
