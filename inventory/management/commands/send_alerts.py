from django.core.management.base import BaseCommand

from boutique.transactions import in_one_transaction
from inventory.services import alerts, news


class Command(BaseCommand):
    help = "Looks at all shelves once more, and sends today's digest of open alerts to whoever has not got it yet."

    def handle(self, **options):
        wrong = alerts.judge_all()
        people = in_one_transaction(news.send_digest)
        self.stdout.write(f"{wrong} shelves were judged wrongly; {people} people have open alerts in today's digest.")
