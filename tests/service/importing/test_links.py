"""Files that stay where they are: read there, checked, and missed with a sentence."""

from pathlib import Path

import pytest
from sqlalchemy import select

from app.blobs import FolderBlobs
from app.domain.jobs import PartKind
from app.domain.photographs import Photograph
from app.domain.specimens import Specimen, SpecimenState
from app.errors import BrokenLink
from app.services import linking, photograph_imports, pictures
from app.services.folders import Incoming
from app.services.jobs import ClaimedPart
from app.services.photograph_imports import Wishes
from ml.imaging.drawn import draw_specimen
from ml.imaging.read import encode_png
from ml.progress import OnProgress
from tests.conftest import Drain
from tests.service.importing import flow
from tests.service.importing.flow import photograph
from tests.unit.importing import zips
from worker.context import Context
from worker.jobs import crop

LINKED = Wishes(link=True)


@pytest.fixture
def share(tmp_path: Path) -> Path:
    folder = tmp_path / "無法辨識 share"
    folder.mkdir()
    return folder


def link(context: Context, drain: Drain, *paths: Path) -> dict[str, flow.Ended]:
    job_id = photograph_imports.start_paths(context.db, context.blobs, paths, "TEST", wishes=LINKED)
    drain(context, flow.HANDLERS)
    return flow.ended(context, job_id)


def stored(context: Context) -> list[Path]:
    assert isinstance(context.blobs, FolderBlobs)
    of_blobs = (path for path in context.blobs.root.rglob("*") if path.is_file())
    return [path for path in of_blobs if "links" not in path.parts]


def only_photograph(context: Context) -> Photograph:
    with context.db.reading() as session:
        return session.scalars(select(Photograph)).one()


def test_nothing_is_copied_and_the_bytes_are_there(
    context: Context, drain: Drain, share: Path
) -> None:
    file = share / "moth.png"
    file.write_bytes(photograph(1))
    assert link(context, drain, file)["moth.png"].outcome.value == "new"
    taken = only_photograph(context)
    assert taken.linked_path == str(file)
    assert stored(context) == []
    assert context.blobs.read(taken.digest) == photograph(1)


@pytest.mark.parametrize("harm", ["moved", "changed"])
def test_a_moved_or_changed_file_is_missed_with_a_sentence(
    context: Context, drain: Drain, share: Path, harm: str
) -> None:
    file = share / "moth.png"
    file.write_bytes(photograph(1))
    link(context, drain, share)
    if harm == "moved":
        file.rename(share / "elsewhere.png")
    else:
        file.write_bytes(photograph(2))
    taken = only_photograph(context)
    sentence = {"moved": "cannot be read there: No such file", "changed": "has changed"}[harm]
    with pytest.raises(BrokenLink, match=sentence) as missed:
        pictures.photograph_within(context.blobs, taken, 100)
    assert str(file) in str(missed.value)
    with context.db.reading() as session:
        found = linking.examine(session, context.blobs)
    assert (found.linked, found.broken, found.examples) == (1, 1, [str(file)])


def test_a_moved_file_is_found_again_by_importing_it(
    context: Context, drain: Drain, share: Path
) -> None:
    file, moved = share / "moth.png", share / "moved.png"
    file.write_bytes(photograph(1))
    link(context, drain, file)
    file.rename(moved)
    assert link(context, drain, moved)["moved.png"].outcome.value == "duplicate"
    taken = only_photograph(context)
    assert taken.linked_path == str(moved)
    assert context.blobs.read(taken.digest) == photograph(1)
    with context.db.reading() as session:
        assert linking.examine(session, context.blobs).broken == 0


def test_a_copy_that_comes_later_heals_a_broken_link(
    context: Context, drain: Drain, share: Path
) -> None:
    file = share / "moth.png"
    file.write_bytes(photograph(1))
    link(context, drain, file)
    file.unlink()
    job_id = photograph_imports.start(
        context.db, context.blobs, [Incoming("again.png", (photograph(1),))], "TEST"
    )
    drain(context, flow.HANDLERS)
    assert flow.ended(context, job_id)["again.png"].outcome.value == "duplicate"
    assert context.blobs.read(only_photograph(context).digest) == photograph(1)
    assert only_photograph(context).linked_path is None


def test_the_files_of_a_linked_archive_are_copied(
    context: Context, drain: Drain, share: Path
) -> None:
    (share / "moths.zip").write_bytes(zips.zipped([("a.png", photograph(1))]))
    ended = link(context, drain, share / "moths.zip")
    assert ended["moths.zip/a.png"].outcome.value == "new"
    (share / "moths.zip").unlink()
    assert context.blobs.read(only_photograph(context).digest) == photograph(1)


def test_the_whole_chain_reads_from_where_the_file_stays(
    context: Context, drain: Drain, share: Path
) -> None:
    drawn = draw_specimen(3, width=300, height=220)
    (share / "moth.png").write_bytes(encode_png(drawn.pixels))
    photograph_imports.start_paths(context.db, context.blobs, [share], "TEST", wishes=LINKED)
    drain(context)
    with context.db.reading() as session:
        specimen = session.scalars(select(Specimen)).one()
        assert specimen.state is SpecimenState.PROPOSED
        assert pictures.photograph_within(context.blobs, specimen.photograph, 300)


def test_a_crop_of_a_lost_file_fails_with_the_sentence(
    context: Context, drain: Drain, share: Path
) -> None:
    def lose(context: Context, part: ClaimedPart, on_progress: OnProgress) -> None:
        (share / "moth.png").unlink(missing_ok=True)
        crop.run(context, part, on_progress)

    (share / "moth.png").write_bytes(photograph(1))
    job_id = photograph_imports.start_paths(
        context.db, context.blobs, [share], "TEST", wishes=LINKED
    )
    drain(context, {**flow.HANDLERS, PartKind.CROP: lose})
    assert "cannot be read there" in flow.job_of(context, job_id).message
