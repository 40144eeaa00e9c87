import sys
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from accounts.models import User
from accounts.roles import Role
from boutique.errors import RuleError
from boutique.management.progress import Progress
from skus.services import imports


class Command(BaseCommand):
    help = "Brings SKUs and their products in from a CSV or XLSX file. Exits with 1 where rows were rejected."

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path)
        parser.add_argument("--mode", choices=imports.Mode.values, default=imports.Mode.DRY_RUN)
        parser.add_argument("--by", metavar="USERNAME", help="in whose name (the first owner's)")

    def handle(self, *, file, mode, by, **options):
        person = self.person(by)
        try:
            with file.open("rb") as opened:
                sheet = imports.opened(opened)
                rows = imports.counted(sheet)
                with Progress(self.stderr) as progress:
                    tally = imports.carry_out(
                        sheet, mode, by=person, told=lambda tally: progress(tally.rows_done, rows, "rows")
                    )
        except OSError as error:
            raise CommandError(f"{file}: {error.strerror}") from None
        except RuleError as error:
            raise CommandError(f"{file}: {error.detail}") from None
        self.report(tally, mode)
        if tally.rejected:
            sys.exit(1)

    def person(self, username):
        people = User.objects.active()
        person = people.named(username) if username else people.filter(role=Role.ADMIN).order_by("pk").first()
        if person is None or not person.has_perm("skus.import_sku"):
            raise CommandError(f"{username or 'Nobody here'} may not import.")
        return person

    def report(self, tally, mode):
        for error in tally.errors:
            where = f"row {error['row']}" + (f", column {error['column']}" if error["column"] else "")
            self.stdout.write(f'{where}, value "{error["value"]}": {error["message"]}')
        nothing = mode == imports.Mode.DRY_RUN or (mode == imports.Mode.ATOMIC and tally.rejected)
        said = (
            f"{tally.created} created, {tally.updated} updated, {tally.unchanged} unchanged, {tally.rejected} rejected"
        )
        self.stdout.write(f"{said}; nothing was written." if nothing else f"{said}.")
