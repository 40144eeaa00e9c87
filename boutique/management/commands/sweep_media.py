from django.core.management.base import BaseCommand

from boutique import media


class Command(BaseCommand):
    help = "Removes stored files that no row names, and lists rows whose file is missing."

    def add_arguments(self, parser):
        parser.add_argument("--dry-run", action="store_true", help="only say what would be removed")

    def handle(self, *, dry_run, **options):
        swept = media.sweep(dry_run=dry_run)
        for name in swept.removed:
            self.stdout.write(f"{'would remove' if dry_run else 'removed'} {name}")
        for row in swept.missing:
            self.stdout.write(f"file missing {row}")
        for name in swept.strangers:
            self.stdout.write(f"not ours {name}")
        self.stdout.write(
            f"{len(swept.removed)} {'to remove' if dry_run else 'removed'}, {swept.kept} kept, "
            f"{len(swept.missing)} missing, {len(swept.strangers)} not ours"
        )
