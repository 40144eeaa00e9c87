"""The whole shop in one file and back: every row and picture, on this PostgreSQL or another, or nothing at all."""

import json
import subprocess
import sys
import zipfile

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from accounts.models import User
from boutique import backups, postgres
from inventory.models import Reason, StockLevel, StockMovement
from inventory.services import ledger
from inventory.tests.factories import line
from orders.tests.factories import on_shelf
from skus.models import ProductImage
from tests.test_ground import ask, place
from tests.threads import at_once

__all__ = ["place"]  # the fixture: a data folder of its own
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def dress(store, owner):
    """Nine in the store, with a picture, and words that only care brings through."""
    note = "tab\there, line\nthere, back\\slash, \\N, „Größe“"
    with transaction.atomic():
        dress = on_shelf(store, price="1500.00", by=owner)
        taken_off(dress, store, 1, owner, note=note)
    for name in ("products/dress.webp", "products/dress.thumb.webp"):
        default_storage.save(name, ContentFile(b"silk"))
    ProductImage.objects.create(product=dress.product, image="products/dress.webp")
    return dress


@pytest.fixture
def file(dress, tmp_path):
    path = tmp_path / "shop.zip"
    backups.back_up(path=path)
    return path


def guards():
    """Every trigger and every reference, and whether it is on."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgrelid::regclass::text, tgname, tgenabled FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1, 2"
        )
        triggers = cursor.fetchall()
        cursor.execute(backups.REFERENCES)
        return triggers, cursor.fetchall()


def taken_off(dress, place, quantity, by, note="torn"):
    lines = [line(dress, -quantity)]
    ledger.adjust(location=place, lines=lines, document="ADJ-000001", reason=Reason.DAMAGE, note=note, by=by)


def shop_now():
    """Every row of every table."""
    with connection.cursor() as cursor:
        return {
            table: backups.copy_out(cursor, table, key, backups.columns_of(cursor, table))
            for table, key in backups.tables_with_keys().items()
        }


def changed(file, to, member, content):
    """A copy of a backup in which one member says something else."""
    with zipfile.ZipFile(file) as old, zipfile.ZipFile(to, "w") as new:
        for name in old.namelist():
            new.writestr(name, content(old.read(name)) if name == member else old.read(name))
    return to


def test_what_happened_after_a_backup_is_gone_when_it_replaces_the_shop(file, dress, store, owner, capsys):
    guarded, before = guards(), shop_now()
    with transaction.atomic():
        taken_off(dress, store, 3, owner)
    User.objects.filter(pk=owner.pk).update(first_name="Somebody")
    default_storage.delete("products/dress.webp")

    call_command("restore", file, replace=True)

    assert shop_now() == before
    with default_storage.open("products/dress.webp") as picture:
        assert picture.read() == b"silk"
    assert "2 files are back, each compared.\n0 differences.\n" in capsys.readouterr().out
    # Numbers go on where they were, and every rule stands again.
    with transaction.atomic():
        taken_off(dress, store, 1, owner)
    assert StockLevel.objects.get(sku=dress).on_hand == 8
    with pytest.raises(DatabaseError), transaction.atomic():
        StockMovement.objects.all().delete()
    assert guards() == guarded


def test_a_shop_that_is_there_is_not_replaced_unasked(file):
    before = shop_now()

    with pytest.raises(CommandError, match="There is a shop in this database"):
        call_command("restore", file)

    assert shop_now() == before


def test_a_backup_that_was_tampered_with_restores_nothing(file, dress, tmp_path):
    before = shop_now()
    table = "inventory_stockmovement"
    other = changed(file, tmp_path / "a.zip", f"tables/{table}.copy", lambda rows: rows.replace(b"Gr", b"gr"))
    short = changed(file, tmp_path / "b.zip", f"tables/{table}.copy", lambda rows: rows.split(b"\n", 1)[1])
    for path in (other, short):
        with pytest.raises(CommandError, match=f"{table} would not be what was backed up"):
            call_command("restore", path, replace=True)
    rotten, content = tmp_path / "c.zip", bytearray(file.read_bytes())
    with zipfile.ZipFile(file) as archive:
        content[archive.getinfo(f"tables/{table}.copy").header_offset + 150] ^= 0xFF
    rotten.write_bytes(content)
    with pytest.raises(CommandError):
        call_command("restore", rotten, replace=True)

    assert shop_now() == before


def test_a_refused_backup_replaces_no_picture(file, dress, tmp_path):
    worn = "products/dress.webp"
    default_storage.delete(worn)
    default_storage.save(worn, ContentFile(b"linen"))
    outside = tmp_path / "outside.zip"
    with zipfile.ZipFile(file) as old, zipfile.ZipFile(outside, "w") as new:
        for name in old.namelist():
            text = old.read(name)
            text = text.replace(b"products/dress.webp", b"../../dress.webp") if name == "shop.json" else text
            new.writestr(name.replace("products/dress.webp", "../../dress.webp"), text)
    table = "inventory_stockmovement"
    for path, sentence in (
        (changed(file, tmp_path / "rows.zip", f"tables/{table}.copy", lambda rows: rows[:-9]), table),
        (changed(file, tmp_path / "picture.zip", f"media/{worn}", lambda _: b"jute"), f"{worn} would not be what was"),
        (outside, "../../dress.webp lies outside the shop's folder"),
        (changed(file, tmp_path / "more.zip", "shop.json", lambda text: told(text, files={})), "files are not those"),
        (changed(file, tmp_path / "old.zip", "shop.json", lambda _: b"[]"), "is no backup of Boutique"),
    ):
        with pytest.raises(CommandError, match=sentence):
            call_command("restore", path, replace=True)
        with default_storage.open(worn) as picture:
            assert picture.read() == b"linen", path


def test_a_restore_that_is_broken_off_leaves_the_old_shop_whole_and_one_that_ends_the_new(file, dress, monkeypatch):
    small, worn, later = "products/dress.thumb.webp", "products/dress.webp", "products/later.webp"
    default_storage.delete(small)
    default_storage.delete(worn)
    for name, words in ((worn, b"linen"), (later, b"wool")):
        default_storage.save(name, ContentFile(words))
    ProductImage.objects.update(image=later)
    before, put = shop_now(), backups.put_file

    def then_the_lights_go_out(archive, name):
        put(archive, name)
        raise KeyboardInterrupt

    def said(name):
        with default_storage.open(name) as stored:
            return stored.read()

    with monkeypatch.context() as broken:
        broken.setattr(backups, "put_file", then_the_lights_go_out)
        with pytest.raises(KeyboardInterrupt):
            backups.restore(path=file, replace=True)

    assert shop_now() == before
    assert [said(name) for name in (small, worn, later)] == [b"silk", b"linen", b"wool"]

    backups.restore(path=file, replace=True)

    assert ProductImage.objects.get().image == worn
    assert [said(name) for name in (small, worn)] == [b"silk", b"silk"]


def told(text, **other):
    return json.dumps(json.loads(text) | other)


def test_what_is_sold_while_a_backup_runs_is_not_half_in_it(dress, store, owner, tmp_path):
    before, path, outcomes = shop_now(), tmp_path / "shop.zip", []

    def another_till():
        with transaction.atomic():
            taken_off(dress, store, 2, owner)

    def between_level_and_movement(done, steps, what):
        if what == "inventory_stockmovement":
            outcomes.extend(at_once(another_till))

    backups.back_up(path=path, progress=between_level_and_movement)
    assert outcomes == [None]
    assert StockLevel.objects.get(sku=dress).on_hand == 7

    call_command("restore", path, replace=True)

    assert shop_now() == before


def test_of_two_backups_to_one_path_the_later_is_refused_and_the_first_stays_whole(file, dress, tmp_path):
    path, first = tmp_path / "night.zip", []

    def meanwhile(done, steps, what):
        if not first:
            file.rename(path)
            first.append(path.read_bytes())
            assert len(list(tmp_path.glob("night.zip.*.unfinished"))) == 1

    with pytest.raises(backups.NotABackup, match="never written over another"):
        backups.back_up(path=path, progress=meanwhile)

    assert path.read_bytes() == first[0]
    assert [one.name for one in tmp_path.glob("*.zip*")] == ["night.zip"]


def test_rows_are_hashed_in_an_order_that_no_server_chooses(db):
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE words (word varchar(9), number bigint)")
        orders = [backups.order_of(cursor, "words", key) for key in ("word", "number")]
        cursor.execute("DROP TABLE words")

    assert orders == ['"word" COLLATE "C"', '"number"']


def test_what_is_no_backup_or_of_another_version_is_told(file, tmp_path):
    (tmp_path / "letter").write_text("Dear shop")
    newer = changed(file, tmp_path / "newer.zip", "shop.json", lambda text: said(text, add=["inventory", "9999_later"]))
    older = changed(file, tmp_path / "older.zip", "shop.json", lambda text: said(text, less=1))
    for path, sentence in (
        (tmp_path / "nowhere", "cannot be read as a backup"),
        (tmp_path / "letter", "cannot be read as a backup"),
        (newer, "of a newer Boutique"),
        (older, "of another version than these tables"),
    ):
        with pytest.raises(CommandError, match=sentence):
            call_command("restore", path, replace=True)


def said(text, *, add=None, less=0):
    contents = json.loads(text)
    contents["migrations"] = contents["migrations"][less:] + ([add] if add else [])
    return json.dumps(contents)


def test_a_backup_is_private_whole_and_never_written_over_another(file, tmp_path, monkeypatch):
    assert file.stat().st_mode & 0o777 == 0o600
    with pytest.raises(CommandError, match="never written over another"):
        call_command("backup", file)

    monkeypatch.setattr(backups, "named_files", lambda: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        backups.back_up(path=tmp_path / "half.zip")

    assert [path.name for path in tmp_path.glob("*.zip*")] == ["shop.zip"]


def test_a_picture_that_is_missing_is_told_and_stops_nothing(dress, tmp_path, capsys):
    default_storage.delete("products/dress.thumb.webp")

    call_command("backup", tmp_path / "shop.zip")

    told = capsys.readouterr()
    assert "file missing products/dress.thumb.webp" in told.err
    assert "tables and 1 files are in" in told.out


@pytest.mark.slow
def test_an_empty_server_is_laid_out_filled_and_proved(file, dress, place):
    expected = shop_now()["inventory_stockmovement"]["rows"]
    command = [sys.executable, "-W", "error", "manage.py", "restore", str(file)]

    done = subprocess.run(command, cwd=postgres.BASE_DIR, capture_output=True, text=True)  # noqa: S603

    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith("0 differences.\n")
    assert (place / "media" / "products" / "dress.webp").read_bytes() == b"silk"
    with postgres.running():
        assert ask("SELECT count(*) FROM inventory_stockmovement") == (expected,)
