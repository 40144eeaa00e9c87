from django.core.management.base import BaseCommand

from alterations.services import catalogue


class Command(BaseCommand):
    help = "Adds the starter catalogue of alteration services. What the shop has already stays as it is."

    def handle(self, **options):
        made = catalogue.load()
        self.stdout.write(f"{len(made)} services added.")
