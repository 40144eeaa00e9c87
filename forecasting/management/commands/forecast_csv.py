import time
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from boutique.management.progress import Progress

MOST_AHEAD = 1_000
MOST_JOBS = 64


class Command(BaseCommand):
    help = (
        "Forecasts any file of histories: series_id, then one column a period (blank: not yet on sale). Writes a mean"
        " and quantiles for each step; step 0 is the total. Needs no database."
    )
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("source", metavar="IN", type=Path, help="a CSV file, or one in .gz")
        parser.add_argument("target", metavar="OUT", type=Path, help="the file to write; .gz is packed")
        parser.add_argument("--horizon", type=int, required=True, help="periods to forecast")
        parser.add_argument("--total", type=int, required=True, help="periods of the total: lead time plus review")
        parser.add_argument(
            "--period", type=int, help="periods in a season: 52, 12, 7; 1 for none (as the dates in the first line say)"
        )
        parser.add_argument("--jobs", type=int, default=1, help="processes")

    def handle(self, *, source, target, horizon, total, period, jobs, **options):
        self.refuse_nonsense(horizon=horizon, total=total, period=period, jobs=jobs)
        # numpy costs a quarter of a second that no other command should pay for.
        from forecasting import histories

        began = time.monotonic()
        try:
            with Progress(self.stderr) as progress:
                count = histories.forecast_file(
                    source,
                    target,
                    horizon=horizon,
                    total=total,
                    period=period,
                    jobs=jobs,
                    told=lambda done, share: progress.share(share, f"{done} series"),
                )
        except histories.BadFile as error:
            raise CommandError(f"{source}: {error}") from None
        except BrokenProcessPool:
            raise CommandError("A process was killed, perhaps for its memory. Try fewer --jobs.") from None
        except OSError as error:
            raise CommandError(f"{error.filename or source}: {error.strerror or error}") from None
        self.stdout.write(f"{count} series forecast in {time.monotonic() - began:.1f} s.")

    def refuse_nonsense(self, *, jobs, **periods):
        for name, value in periods.items():
            if value is not None and not 1 <= value <= MOST_AHEAD:
                raise CommandError(f"--{name} lies between 1 and {MOST_AHEAD}.")
        if not 1 <= jobs <= MOST_JOBS:
            raise CommandError(f"--jobs lies between 1 and {MOST_JOBS}.")
