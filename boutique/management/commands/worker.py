from django.core.management.base import BaseCommand

from boutique.tasks import Worker


class Command(BaseCommand):
    help = "Runs background tasks. SIGTERM lets the current one finish; the same signal again ends at once."

    def add_arguments(self, parser):
        parser.add_argument("--once", action="store_true", help="run everything that is due, then exit")

    def handle(self, *, once, **options):
        worker = Worker()
        if once:
            self.stdout.write(f"{worker.run_due()} tasks run")
            return
        worker.stop_on_signals()
        worker.run()
