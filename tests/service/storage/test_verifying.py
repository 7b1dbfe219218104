"""`verify` finds what was destroyed, names it, and finds nothing where all is well."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Executable, create_engine, delete, select, text, update
from sqlalchemy.orm import InstrumentedAttribute

from app.blobs import FolderBlobs
from app.db import Database
from app.domain import Base
from app.domain.jobs import JobKind
from app.domain.labelling import Candidate, LabelVersion
from app.domain.people import Person
from app.domain.photographs import Photograph
from app.domain.specimens import Specimen
from app.services import blob_references, jobs
from app.services.verifying import verify
from tests import factories
from tests.service.storage.collection import fill

Harm = Callable[[Database, FolderBlobs], None]


@pytest.fixture
def collection(db: Database, blobs: FolderBlobs, person: Person) -> None:
    fill(db, blobs, person)


def digest_of(db: Database, column: InstrumentedAttribute[str]) -> str:
    with db.reading() as session:
        return str(session.scalars(select(column).limit(1)).one())


def lose_a_photograph(db: Database, blobs: FolderBlobs) -> None:
    blobs.path(digest_of(db, Photograph.digest)).unlink()


def damage_a_photograph(db: Database, blobs: FolderBlobs) -> None:
    path = blobs.path(digest_of(db, Photograph.digest))
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def cut_a_photograph(db: Database, blobs: FolderBlobs) -> None:
    path = blobs.path(digest_of(db, Photograph.digest))
    path.write_bytes(path.read_bytes()[:-1])


def execute(*statements: Executable) -> Harm:
    """As an engine of our own would not let anybody do it: without looking at references."""

    def harm(db: Database, _blobs: FolderBlobs) -> None:
        engine = create_engine(db.engine.url)
        with engine.begin() as connection:
            if engine.dialect.name == "postgresql":
                connection.execute(text("SET LOCAL session_replication_role = replica"))
            for statement in statements:
                connection.execute(statement)
        engine.dispose()

    return harm


@pytest.mark.usefixtures("collection")
def test_where_all_is_well_nothing_is_found(db: Database, blobs: FolderBlobs) -> None:
    report = verify(db, blobs)
    assert (report.is_well, report.faults, report.unnamed) == (True, [], 0)
    assert report.references > report.blobs > 10
    assert report.size == sum(each.size for each in blobs.stored())


@pytest.mark.usefixtures("collection")
@pytest.mark.parametrize(
    ("harm", "kind", "what"),
    [
        (lose_a_photograph, "missing", "photograph.digest"),
        (damage_a_photograph, "damaged", "photograph.digest"),
        (cut_a_photograph, "damaged", "photograph.digest"),
        (
            execute(delete(Photograph).where(Photograph.id == 1)),
            "reference",
            "specimen.photograph_id: 1 rows",
        ),
        (
            execute(update(LabelVersion).where(LabelVersion.number == 3).values(number=7)),
            "sequence",
            "label_version.number",
        ),
        (
            execute(update(Specimen).where(Specimen.id == 1).values(version_id=None)),
            "derived",
            "specimen.state",
        ),
        (
            execute(update(Candidate).where(Candidate.id == 1).values(rejected=True)),
            "derived",
            "specimen.candidates",
        ),
        (
            execute(update(Specimen).where(Specimen.id == 1).values(crop_id=2)),
            "reference",
            "specimen.crop_id",
        ),
    ],
)
def test_what_was_destroyed_is_named(
    db: Database, blobs: FolderBlobs, harm: Harm, kind: str, what: str
) -> None:
    harm(db, blobs)
    report = verify(db, blobs)
    assert report.counts[kind] >= 1
    assert any(fault.kind == kind and what in fault.what for fault in report.faults)


@pytest.mark.usefixtures("collection")
def test_a_quick_look_reads_nothing_but_misses_what_is_gone(
    db: Database, blobs: FolderBlobs
) -> None:
    damage_a_photograph(db, blobs)
    assert verify(db, blobs, quick=True).is_well
    lose_a_photograph(db, blobs)
    assert verify(db, blobs, quick=True).counts["missing"] == 1


@pytest.mark.usefixtures("collection")
def test_what_no_row_names_is_counted(db: Database, blobs: FolderBlobs) -> None:
    blobs.put(b"left over")
    report = verify(db, blobs)
    assert (report.is_well, report.unnamed) == (True, 1)


@pytest.mark.usefixtures("collection")
@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_a_damaged_database_file_is_told_of(db: Database, blobs: FolderBlobs) -> None:
    with db.engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        size = connection.exec_driver_sql("PRAGMA page_size").scalar_one()
        root = "SELECT rootpage FROM sqlite_master WHERE name = 'ix_review_specimen'"
        page = connection.exec_driver_sql(root).scalar_one()
    db.close()
    with Path(str(db.engine.url.database)).open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(bytes(8))
    assert verify(db, blobs).counts["database"] >= 1


def test_a_linked_file_that_changed_is_told_of(
    db: Database, blobs: FolderBlobs, tmp_path: Path
) -> None:
    with db.transaction() as session:
        photograph = factories.make_specimen(session, blobs).photograph
        linked = tmp_path / "moth.png"
        linked.write_bytes(blobs.read(photograph.digest))
        blobs.remove(photograph.digest)
        blobs.link(photograph.digest, linked)
        photograph.linked_path = str(linked)
    report = verify(db, blobs)
    assert (report.is_well, report.linked) == (True, 1)
    linked.unlink()
    assert verify(db, blobs).counts == {"link": 1}


def test_every_column_that_holds_a_digest_is_known() -> None:
    """A new one belongs to `COLUMNS`, or its blobs would be pruned, or to `NO_BLOBS`."""
    named = {
        f"{table.name}.{column.name}"
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if "digest" in column.name
    }
    known = {
        f"{column.class_.__table__.name}.{column.key}" for column in blob_references.COLUMNS
    } | set(blob_references.NO_BLOBS)
    assert named == known


def test_digests_in_results_of_jobs_are_references(db: Database, blobs: FolderBlobs) -> None:
    digest = blobs.put(b"an archive")
    with db.transaction() as session:
        job = jobs.start(session, JobKind.EXPORT, None)
        job.result = {"archive": digest, "colours": {"0": blobs.put(b"colours")}}
    report = verify(db, blobs)
    assert (report.references, report.unnamed, report.is_well) == (2, 0, True)
    blobs.remove(digest)
    assert verify(db, blobs).counts == {"missing": 1}
