import os
import time

from django.core.management.base import BaseCommand, CommandError

from accounts.models import Location
from boutique.errors import RuleError
from boutique.management.progress import Progress
from forecasting import apart
from forecasting.models import ForecastRun
from forecasting.services import runs

MOST_JOBS = 64


class Command(BaseCommand):
    help = (
        "Forecasts what will sell of each SKU in each place, and renews what should be bought. Stopped in the middle,"
        " it goes on where it was when it is called again; the workers do so by themselves."
    )

    def add_arguments(self, parser):
        parser.add_argument("--location", action="append", default=[], help="code of a place; may be repeated")
        parser.add_argument("--horizon", type=int, help=f"weeks ahead, 1 to {runs.LONGEST_HORIZON}")
        parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes (default: one per core)")

    def handle(self, *, location, horizon, jobs, **options):
        if not 1 <= jobs <= MOST_JOBS:
            raise CommandError(f"--jobs lies between 1 and {MOST_JOBS}.")
        run = self.run_for([self.place(code) for code in location], horizon)
        runs.plan(run.pk)
        left = run.chunks.filter(done_at=None).count()
        helpers = [apart.helper(run.pk) for _job in range(min(jobs, left) - 1)]
        try:
            run = self.work_on(run.pk)
        finally:
            for helper in helpers:
                helper.terminate()
        self.tell(run)

    def place(self, code):
        place = Location.objects.exclude(kind=Location.Kind.TRANSIT).filter(code=code.upper()).first()
        if place is None:
            raise CommandError(f"There is no place {code}.")
        return place

    def run_for(self, places, horizon):
        """The run of these places that was stopped in the middle, or a new one."""
        try:
            asked = runs.asked_places(None, places)
            left = runs.unfinished(asked)
            if left and horizon not in (None, left.horizon_weeks):
                raise CommandError(
                    f"{left} of {left.horizon_weeks} weeks was stopped in the middle. Leave --horizon out to finish it,"
                    " or cancel it first."
                )
            return left or runs.start(by=None, locations=asked, horizon_weeks=horizon)
        except RuleError as refusal:
            raise CommandError(refusal.detail) from None

    def work_on(self, pk):
        """Until all of it is done, by whomever: a piece that a process held when it died is done again here."""
        with Progress(self.stderr) as progress:

            def so_far():
                run = ForecastRun.objects.with_progress().get(pk=pk)
                progress(run.series_done, run.series, "series")
                return run

            runs.work(pk, told=lambda: progress.is_seen and so_far())
            while (run := so_far()).is_open:
                time.sleep(0.2)
                runs.work(pk)
        return run

    def tell(self, run):
        if run.status != ForecastRun.Status.DONE:
            raise CommandError(f"{run} is {run.get_status_display().lower()}. {run.failure}".strip())
        wql, naive = run.accuracy.get("wql"), run.accuracy.get("naive_wql")
        better = f" Quantile loss {wql:.3f}, the naive forecast's {naive:.3f}." if wql is not None else ""
        self.stdout.write(f"{run}: {run.series} series in {run.seconds} s.{better}")
