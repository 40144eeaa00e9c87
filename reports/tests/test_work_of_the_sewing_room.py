"""What the tailors did, and why garments were worked on again."""

from datetime import date

import pytest

from alterations.models import Garment
from alterations.services import working
from alterations.tests.factories import ServiceFactory, moved, piece, tailor_in, taken_in, work
from reports.tests.conftest import lines_of, on

pytestmark = pytest.mark.django_db

MARCH = {"after": "2026-03-01", "before": "2026-03-31"}


@pytest.fixture
def sewn(store, other_store, clerk, manager, owner):
    """Two hems by Ada, one of them too late and sent back for its seam; one by Bo in the other store; one not done."""
    ada, bo = tailor_in(store, first_name="Ada", last_name="Stitch"), tailor_in(other_store, first_name="Bo")
    hem = ServiceFactory(minutes=25)
    with on(2):
        first, second, waiting = (
            taken_in(store, piece(work(hem)), by=clerk, promised_on=date(2026, 3, 5)).garments.get() for _ in range(3)
        )
        elsewhere = taken_in(other_store, piece(work(hem)), by=owner, promised_on=date(2026, 3, 9)).garments.get()
    with on(4):
        moved(first, "in_progress", by=manager, tailor=ada)
        working.finish(garment=first, by=ada, minutes=20)
        moved(second, "quality_check", by=manager, tailor=ada)
        working.rework(garment=second, by=manager, cause="sewing_error")
        moved(elsewhere, "ready", by=owner, tailor=bo)
        moved(waiting, "in_progress", by=manager, tailor=ada)
    with on(6):
        working.finish(garment=second, by=ada, minutes=45)
    return ada, bo


def test_garments_minutes_days_and_what_was_sent_back_of_each_tailor(sewn, owner, manager, in_every_form):
    ada, bo = sewn
    report = in_every_form(owner, "alterations", **MARCH)

    names = ["tailor", "garments", "minutes", "minutes_taken", "on_time", "late", "on_time_percent", "reworks"]
    assert [[row[name] for name in [*names, "sewing_error"]] for row in report.shown["rows"]] == [
        [ada.pk, 2, 50, 65, 1, 1, "50.0", 1, 1],
        [bo.pk, 1, 25, 0, 1, 0, "100.0", 0, 0],
    ]
    totals = report.shown["totals"]
    assert [totals[name] for name in ("garments", "minutes", "on_time", "late", "reworks")] == [3, 75, 2, 1, 1]
    assert any(line.startswith("Ada Stitch 2 50 65 1 1 50.0 1 0 0 0 1") for line in lines_of(report.paper))
    own = in_every_form(manager, "alterations", **MARCH)
    assert [row["tailor"] for row in own.shown["rows"]] == [ada.pk]


def test_why_garments_were_worked_on_again(sewn, owner, clerk, store, ask):
    ada, _bo = sewn
    spoilt = Garment.objects.filter(tailor=ada, reworks=1).get()
    with on(10):
        moved_on = working.pass_on(garment=spoilt, by=owner)
        working.collect(garment=moved_on, by=owner, reason="Paid elsewhere")
        warranty = piece(work(ServiceFactory()), warranty_of=spoilt, cause="cloth_behaviour")
        taken_in(store, warranty, by=clerk, customer=spoilt.ticket.customer)

    shown = ask(owner, "alterations", group_by="cause", **MARCH).json()

    names = ("cause", "is_ours", "reworks", "warranties", "total", "tailors")
    assert [tuple(row[name] for name in names) for row in shown["rows"]] == [
        ("cloth_behaviour", False, 0, 1, 1, 1), ("sewing_error", True, 1, 0, 1, 1),
    ]  # fmt: skip
    assert shown["totals"]["total"] == 2
