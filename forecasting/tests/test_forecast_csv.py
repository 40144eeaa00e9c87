"""`manage.py forecast_csv`: any file of histories, and no database."""

import csv
import gzip
import io
import os
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from forecasting import histories

ROOT = Path(__file__).parents[2]
COLUMNS = ["series_id", "step", "mean", "q50", "q75", "q90", "q95", "q975"]


def mondays(count):
    return [str(date(2024, 1, 1) + timedelta(weeks=week)) for week in range(count)]


def told(rows, periods=None):
    """A file's text: rows of (name, amounts), with a header of Mondays."""
    text = io.StringIO()
    written = csv.writer(text, lineterminator="\n")
    written.writerow(["series_id", *(periods or mondays(len(rows[0][1])))])
    written.writerows([name, *amounts] for name, amounts in rows)
    return text.getvalue()


def run(source, target, horizon=3, total=2, **options):
    out = io.StringIO()
    call_command("forecast_csv", source, target, horizon=horizon, total=total, stdout=out, **options)
    return out.getvalue()


def read(path):
    text = (gzip.open if str(path).endswith(".gz") else open)(path, "rt")
    with text:
        return list(csv.DictReader(text))


@pytest.fixture
def shop(tmp_path):
    """Dresses that sell five a week, a scarf that came late."""
    path = tmp_path / "shop.csv"
    path.write_text(told([("dress", [4, 6, 5, 7, 3, 5, 6, 4]), ("scarf, red", ["", "", "", "", "", "", 2, 3])]))
    return path


def test_each_series_gets_its_total_and_its_steps(shop, tmp_path):
    said = run(shop, tmp_path / "out.csv")

    rows = read(tmp_path / "out.csv")
    assert said.startswith("2 series forecast in ")
    assert list(rows[0]) == COLUMNS
    assert [(row["series_id"], row["step"]) for row in rows] == [
        (name, str(step)) for name in ("dress", "scarf, red") for step in range(4)
    ]
    assert rows[0] == dict(zip(COLUMNS, ["dress", "0", "10.0", "10", "12", "13", "14", "14"], strict=True))
    assert [row["mean"] for row in rows[1:4]] == ["5.0"] * 3
    assert [row["mean"] for row in rows[5:]] == ["2.5"] * 3


def test_gzip_goes_in_and_out_whatever_it_is_called(shop, tmp_path):
    packed = tmp_path / "packed.csv"
    packed.write_bytes(gzip.compress(shop.read_bytes()))

    run(packed, tmp_path / "out.csv.gz")
    run(shop, tmp_path / "out.csv")

    assert read(tmp_path / "out.csv.gz") == read(tmp_path / "out.csv")


def test_semicolons_and_a_byte_order_mark_are_read(shop, tmp_path):
    other = tmp_path / "other.csv"
    other.write_text("\ufeffseries_id;a;b;c\ndress;4;;6\n\n")

    run(other, tmp_path / "out.csv")

    assert read(tmp_path / "out.csv")[0]["mean"] == "10.0"


def test_several_processes_find_the_same(tmp_path, monkeypatch):
    random = np.random.default_rng(4)
    source = tmp_path / "many.csv"
    source.write_text(told([(f"sku-{row}", random.poisson(3, 12).tolist()) for row in range(30)]))
    monkeypatch.setattr(histories, "MOST", 10)
    monkeypatch.setattr(histories, "FEWEST", 10)

    run(source, tmp_path / "alone.csv")
    run(source, tmp_path / "together.csv", jobs=2)

    assert len(read(tmp_path / "alone.csv")) == 30 * 4
    assert (tmp_path / "alone.csv").read_bytes() == (tmp_path / "together.csv").read_bytes()


def test_what_is_measured_keeps_its_decimals(tmp_path):
    source = tmp_path / "cloth.csv"
    source.write_text(told([("silk", [2.5, 3.1, 2.2, 2.8, 3.0, 2.6]), ("hat", [1, 2, 1, 2, 1, 2])]))

    run(source, tmp_path / "out.csv")

    silk, hat = (read(tmp_path / "out.csv")[row] for row in (1, 5))
    assert float(silk["q95"]) % 1 > 0
    assert hat["q95"].isdigit()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "The first line names the columns"),
        ("series_id\nx\n", "The first line names the columns"),
        ("series_id,a,b\n", "no series below the first line"),
        ("series_id,a,b\nx,1,many\n", 'Line 2, column b: "many" is no number.'),
        ("series_id,a,b\nx,1,2\ny,1\n", "Line 3: 1 periods, where the first line names 2."),
        ("series_id,a,b\nx,1,2\nx,1,2\n", "Line 3: x stands in line 2 already."),
        ("series_id,a,b\n,1,2\n", "Line 2: there is no series_id"),
        ("series_id,a,b\nx,1,inf\n", "Line 2, column b: no number."),
        ('series_id,a,b\n"x\n', "periods, where the first line names 2"),
        ("series_id,a,b\nx,1,\udcff\n", "not UTF-8"),
    ],
)
def test_a_bad_file_is_refused_by_line_and_column(tmp_path, text, words):
    source, target = tmp_path / "bad.csv", tmp_path / "out.csv"
    source.write_bytes(text.encode("utf-8", "surrogateescape"))
    target.write_text("of last week")

    with pytest.raises(CommandError, match=words.replace("(", r"\(")):
        run(source, target)

    assert target.read_text() == "of last week"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bad.csv", "out.csv"]


def test_a_damaged_gzip_file_is_refused(shop, tmp_path):
    packed = bytearray(gzip.compress(told([(str(n), [n, 2, 3]) for n in range(3000)]).encode()))
    packed[30:60] = b"\xff" * 30
    damaged = tmp_path / "damaged.csv.gz"
    damaged.write_bytes(packed)

    with pytest.raises(CommandError, match="gzip file is broken"):
        run(damaged, tmp_path / "out.csv")


def test_the_histories_are_not_written_over(shop):
    before = shop.read_bytes()

    with pytest.raises(CommandError, match="written over the histories"):
        run(shop, shop)

    assert shop.read_bytes() == before


def test_a_broken_gzip_file_is_refused(shop, tmp_path):
    broken = tmp_path / "broken.csv.gz"
    broken.write_bytes(gzip.compress(os.urandom(50_000).hex().encode())[:20_000])

    with pytest.raises(CommandError, match="gzip file is broken"):
        run(broken, tmp_path / "out.csv")


def test_no_file_and_no_folder_are_said(shop, tmp_path):
    with pytest.raises(CommandError, match="No such file"):
        run(tmp_path / "none.csv", tmp_path / "out.csv")
    with pytest.raises(CommandError, match="No such file"):
        run(shop, tmp_path / "nowhere" / "out.csv")


def test_lengths_out_of_bounds_are_refused(shop, tmp_path):
    for options in ({"horizon": 0}, {"horizon": 1001}, {"total": 0}, {"period": 0}, {"jobs": 0}):
        with pytest.raises(CommandError, match=f"--{next(iter(options))} lies between 1 and"):
            run(shop, tmp_path / "out.csv", **options)


def test_the_season_is_read_from_the_dates():
    days = [str(date(2024, 1, 1) + timedelta(days=day)) for day in range(40)]
    months = [f"{2020 + month // 12}-{month % 12 + 1:02}" for month in range(40)]
    for periods, length in ((days, 7), (mondays(40), 52), (months, 12), (months[::3], 4), (list("abcdefgh"), 52)):
        wide = histories.Wide("unread")
        wide.periods = periods
        assert (periods[1], wide.season_length) == (periods[1], length)


def test_no_database_is_asked(shop, tmp_path):
    """In a process of its own, with a database that is not there."""
    surroundings = os.environ | {"DATABASE_URL": "postgres://nobody@127.0.0.1:1/none", "BOUTIQUE_DATA": str(tmp_path)}

    done = subprocess.run(  # noqa: S603
        [sys.executable, "manage.py", "forecast_csv", shop, tmp_path / "out.csv", "--horizon", "3", "--total", "2"],
        cwd=ROOT, env=surroundings, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert (done.returncode, done.stderr) == (0, "")
    assert len(read(tmp_path / "out.csv")) == 8


def test_the_embedded_database_is_not_started_for_it(shop, tmp_path):
    surroundings = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}

    subprocess.run(  # noqa: S603
        [sys.executable, "manage.py", "forecast_csv", shop, tmp_path / "out.csv", "--horizon", "3", "--total", "2"],
        cwd=ROOT, env=surroundings | {"BOUTIQUE_DATA": str(tmp_path)}, capture_output=True, check=True,
    )  # fmt: skip

    assert not (tmp_path / "postgres").exists()
