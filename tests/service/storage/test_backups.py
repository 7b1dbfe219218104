"""What is destroyed comes back from a backup, row by row and byte by byte."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from app.blobs import Blobs, FolderBlobs, open_blobs
from app.db import Database
from app.domain.labelling import Decision, LabelVersion
from app.domain.people import Person
from app.errors import Conflict, Damaged, NotFound, Refused
from app.migrating import SCRIPTS
from app.services import backups
from app.services.row_copying import Sum, snapshot, sums_of
from app.services.verifying import verify
from tests.conftest import MovableClock
from tests.s3 import settings_of
from tests.service.storage.collection import add_round, decide, fill


def contents(db: Database) -> dict[str, Sum]:
    with snapshot(db.engine) as connection:
        return sums_of(connection)


@pytest.fixture(params=["folder", "bucket"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Blobs:
    if request.param == "folder":
        return FolderBlobs(tmp_path / "source")
    address, bucket = (request.getfixturevalue(name) for name in ("s3_address", "bucket"))
    return open_blobs(settings_of(address, bucket))


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    return tmp_path / "backups"


@pytest.fixture
def fresh(empty_database_url: str) -> Iterator[Database]:
    """Where a backup is brought back to."""
    database = Database(empty_database_url)
    yield database
    database.close()


@pytest.fixture(autouse=True)
def _current(db: Database) -> None:
    """Tests make the schema without migrations; a backup tells which it has."""
    with db.engine.execution_options(mothmask_writes=True).begin() as connection:
        scripts = ScriptDirectory(str(SCRIPTS))
        MigrationContext.configure(connection).stamp(scripts, "head")


def bring_back(kept: Path, fresh: Database, into: Blobs, name: str | None = None) -> None:
    url = fresh.engine.url.render_as_string(hide_password=False)
    backups.restore(kept, backups.chosen(kept, name), url, into)


def test_everything_comes_back(
    db: Database, store: Blobs, person: Person, kept: Path, fresh: Database, tmp_path: Path
) -> None:
    fill(db, store, person)
    before = contents(db)
    made = backups.make(db, store, kept)
    assert (made.lost, made.copied) == ([], made.files)
    into = FolderBlobs(tmp_path / "new")
    bring_back(kept, fresh, into)
    assert contents(fresh) == before
    report = verify(fresh, into)
    assert (report.is_well, report.blobs) == (True, made.files)
    # New rows come after those that came.
    decide(fresh, person, 6, Decision.REJECT, candidate_id=11, reasons=["hole"])
    assert verify(fresh, into).is_well


def test_a_later_backup_copies_only_what_is_new(
    db: Database,
    blobs: FolderBlobs,
    person: Person,
    kept: Path,
    fresh: Database,
    clock: MovableClock,
    tmp_path: Path,
) -> None:
    fill(db, blobs, person)
    first, before = backups.make(db, blobs, kept), contents(db)
    clock.move(seconds=86_400)
    assert backups.make(db, blobs, kept).copied == 0
    clock.move(seconds=86_400)
    add_round(db, blobs, 2)
    third = backups.make(db, blobs, kept)
    assert 0 < third.copied < third.files
    assert [each.name for each in backups.listed(kept)][::2] == [first.name, third.name]
    bring_back(kept, fresh, FolderBlobs(tmp_path / "new"), first.name)
    assert contents(fresh) == before


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_a_backup_that_was_killed_goes_on(
    db: Database, blobs: FolderBlobs, person: Person, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(db, blobs, person)
    put, copied = FolderBlobs.put, []

    def put_some(self: FolderBlobs, data: object) -> str:
        copied.append(1)
        if len(copied) > 4:
            raise KeyboardInterrupt
        return put(self, data)  # type: ignore[arg-type]

    with monkeypatch.context() as patched:
        patched.setattr(FolderBlobs, "put", put_some)
        with pytest.raises(KeyboardInterrupt):
            backups.make(db, blobs, kept)
    assert backups.listed(kept) == []
    with pytest.raises(NotFound, match="There is no backup"):
        backups.chosen(kept, None)
    made = backups.make(db, blobs, kept)
    assert made.copied < made.files
    assert sorted(path.name for path in kept.iterdir()) == sorted(
        ["blobs", "lock", f"{made.name}.json", f"{made.name}.sqlite"]
    )


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_what_is_lost_already_is_told_and_the_rest_is_kept(
    db: Database, blobs: FolderBlobs, person: Person, kept: Path, fresh: Database, tmp_path: Path
) -> None:
    fill(db, blobs, person)
    first, second = [each.digest for each in blobs.stored()][:2]
    blobs.path(first).unlink()
    blobs.path(second).write_bytes(b"other bytes")
    made = backups.make(db, blobs, kept)
    assert made.lost == sorted([first, second])
    bring_back(kept, fresh, FolderBlobs(tmp_path / "new"))
    assert contents(fresh) == contents(db)


def test_nothing_is_written_over(
    db: Database, blobs: FolderBlobs, person: Person, kept: Path
) -> None:
    fill(db, blobs, person)
    backups.make(db, blobs, kept)
    before = contents(db)
    with pytest.raises(Refused, match="holds other data already"):
        bring_back(kept, db, blobs)
    assert contents(db) == before


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_a_damaged_backup_is_not_brought_back(
    db: Database, blobs: FolderBlobs, person: Person, kept: Path, fresh: Database
) -> None:
    fill(db, blobs, person)
    made = backups.make(db, blobs, kept)
    file = kept / f"{made.name}.sqlite"
    data = bytearray(file.read_bytes())
    data[-100] ^= 1
    file.write_bytes(data)
    with pytest.raises(Damaged, match="Choose another backup"):
        bring_back(kept, fresh, blobs)


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_only_one_backup_at_a_time(db: Database, blobs: FolderBlobs, kept: Path) -> None:
    kept.mkdir()
    with (
        backups._alone(kept),
        pytest.raises(Conflict, match="Another backup"),
    ):
        backups.make(db, blobs, kept)


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_a_name_that_is_none_is_told(db: Database, blobs: FolderBlobs, kept: Path) -> None:
    made = backups.make(db, blobs, kept)
    with pytest.raises(NotFound, match=made.name):
        backups.chosen(kept, "yesterday")
    told = json.loads((kept / f"{made.name}.json").read_text())
    assert told["files"] == 0
    shutil.rmtree(kept)
    with pytest.raises(NotFound, match="There is no backup in"):
        backups.chosen(kept, None)
    with db.reading() as session:
        assert session.query(LabelVersion).count() == 0


def test_a_restore_that_was_killed_goes_on(
    db: Database,
    blobs: FolderBlobs,
    person: Person,
    kept: Path,
    fresh: Database,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fill(db, blobs, person)
    made, into = backups.make(db, blobs, kept), FolderBlobs(tmp_path / "new")

    def die(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(backups, "copy_rows", die)
        with pytest.raises(KeyboardInterrupt):
            bring_back(kept, fresh, into)
    assert all(each.rows == 0 for each in contents(fresh).values())
    assert len(list(into.stored())) == made.files
    bring_back(kept, fresh, into)
    assert contents(fresh) == contents(db)
    assert not list(kept.glob("unfinished*"))
