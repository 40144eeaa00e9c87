from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.utils.module_loading import import_string

from boutique import backups
from boutique.errors import RuleError
from boutique.management.progress import Progress


class Command(BaseCommand):
    help = "Puts a backup back, compares every row with it, and proves that the books agree."

    def add_arguments(self, parser):
        parser.add_argument("path", help="a file made by `manage.py backup`")
        parser.add_argument("--replace", action="store_true", help="in place of the shop that is there, which is lost")

    def handle(self, *, path, replace, **options):
        try:
            with Progress(self.stderr) as progress:
                kept = backups.restore(path=path, replace=replace, progress=progress)
        except (RuleError, OSError) as error:
            raise CommandError(str(error)) from None
        for name in kept.missing:
            self.stderr.write(f"file missing since before the backup {name}")
        self.stdout.write(f"{kept.rows} rows of {kept.tables} tables and {kept.files} files are back, each compared.")
        for path in settings.AFTER_RESTORE:
            if said := import_string(path)():
                self.stdout.write(said)
        call_command("check_books", stdout=self.stdout)
