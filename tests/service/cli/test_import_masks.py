"""`mothmask import-masks`: no worker is needed, and every file that is not taken says why."""

from pathlib import Path
from typing import BinaryIO

import numpy as np
import pytest
from rich.console import Console
from sqlalchemy import select

from app.blobs import FolderBlobs
from app.cli.masks import MaskWishes, import_masks
from app.domain.labelling import Candidate, LabelVersion
from app.domain.specimens import Specimen
from app.services import jobs
from app.settings import Settings
from ml.imaging.masks import decode_mask
from tests.service.cli.conftest import Mothmask
from tests.service.masks import flow
from tests.unit.importing import zips
from worker.context import Context


@pytest.fixture
def masks(tmp_path: Path, context: Context) -> Path:
    flow.specimens(context, "a", "b", "c")
    folder = tmp_path / "masks"
    folder.mkdir()
    (folder / "a_mask.png").write_bytes(flow.mask_file(1))
    (folder / "more.zip").write_bytes(zips.zipped([(b"b_mask_rgbfill.png", flow.blue_file(2))]))
    (folder / "c.png").write_bytes(b"some words")
    (folder / "unknown.png").write_bytes(flow.mask_file())
    return folder


def test_accepted_masks_are_versions_of_whoever_is_named(
    mothmask: Mothmask, context: Context, masks: Path
) -> None:
    outcome = mothmask("import-masks", masks, "--accept", "--person", "Lin")
    assert outcome.code == 0, outcome.err
    assert "2 label versions were made; see the import at /mask-imports/1." in outcome.out
    assert [line.split() for line in outcome.out.splitlines() if line.startswith("un")] == [
        ["unmatched", "1"],
        ["unreadable", "1"],
    ]
    assert "  masks/unknown.png: No specimen is called unknown." in outcome.out
    assert "  masks/c.png: The file holds text, not a picture" in outcome.out
    with context.db.reading() as session:
        labels = session.scalars(select(LabelVersion).order_by(LabelVersion.specimen_id)).all()
        assert [label.person.name for label in labels] == ["Lin", "Lin"]
    for grown, label in enumerate(labels, 1):
        stored = decode_mask(context.blobs.read(label.digest))
        np.testing.assert_array_equal(stored, flow.mask(grown))


def test_without_accept_they_wait_for_review(
    mothmask: Mothmask, context: Context, masks: Path
) -> None:
    outcome = mothmask("import-masks", masks / "a_mask.png")
    assert (outcome.code, "1 candidates wait for review" in outcome.out) == (0, True)
    with context.db.reading() as session:
        made = session.scalars(select(Candidate).where(Candidate.score == 1.0)).one()
        specimen = session.get_one(Specimen, made.specimen_id)
        assert (specimen.key, specimen.version_id) == ("a", None)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("nowhere.png",), "There is no file or folder nowhere.png."),
        ((".", "--kind", "odd"), "There is no kind “odd”; use auto or one of mask,"),
    ],
)
def test_refusals_are_sentences(
    mothmask: Mothmask, context: Context, arguments: tuple[str, ...], sentence: str
) -> None:
    assert context.db
    outcome = mothmask("import-masks", *arguments)
    assert (outcome.code, outcome.err.startswith(sentence)) == (1, True), outcome.err


def test_nothing_that_can_be_taken_is_a_failure(
    mothmask: Mothmask, masks: Path, context: Context
) -> None:
    assert context.db
    outcome = mothmask("import-masks", masks / "unknown.png", "--accept")
    assert (outcome.code, "0 label versions were made" in outcome.out) == (1, True)


def test_what_is_cancelled_meanwhile_is_not_stored(
    context: Context, settings: Settings, masks: Path
) -> None:
    class CancelledWhileReading(FolderBlobs):
        """Somebody cancels the job on its page while the first file is read here."""

        def open(self, digest: str) -> BinaryIO:
            with context.db.transaction() as session:
                if jobs.get_job(session, 1).is_open:
                    jobs.cancel(session, 1)
            return super().open(digest)

    blobs = CancelledWhileReading(settings.blob_folder)
    wishes = MaskWishes([masks / "a_mask.png"], kind=None, accept=True, person="Lin")
    assert not import_masks(Console(), context.db, blobs, wishes)
    assert flow.outcomes(context, 1) == {"a_mask.png": "waiting"}
