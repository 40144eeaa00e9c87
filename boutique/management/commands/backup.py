from django.core.management.base import BaseCommand, CommandError

from boutique import backups
from boutique.errors import RuleError
from boutique.management.progress import Progress


class Command(BaseCommand):
    help = "Writes the whole shop, rows and pictures, into one file. The shop stays open meanwhile."

    def add_arguments(self, parser):
        parser.add_argument("path", help="the file to make, such as backups/2026-11-28.zip; it must not exist")

    def handle(self, *, path, **options):
        try:
            with Progress(self.stderr) as progress:
                kept = backups.back_up(path=path, progress=progress)
        except (RuleError, OSError) as error:
            raise CommandError(str(error)) from None
        for name in kept.missing:
            self.stderr.write(f"file missing {name}")
        self.stdout.write(f"{kept.rows} rows of {kept.tables} tables and {kept.files} files are in {path}.")
