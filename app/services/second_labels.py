"""A second person's masks of benchmark members, drawn without seeing the label.

How well they agree with the labels is how well people agree: the line that models have to reach.
They never become labels, and nothing learns from them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db import now
from app.domain.benchmark import SecondLabel
from app.domain.labelling import LabelVersion
from app.domain.people import Person
from app.domain.specimens import Specimen
from app.errors import Conflict, Refused
from app.services import benchmark_measuring, drafts
from app.services.benchmark import get_member
from app.services.labelling import lock_specimen


@dataclass(frozen=True)
class NewSecondLabel:
    """A mask that is stored already; see `mask_files.keep_mask`."""

    decision_id: str
    origin: str
    digest: str
    crop_id: int


def expect_fair(session: Session, person_id: int, specimen_id: int) -> LabelVersion:
    """Return the label that the person may be compared with.

    Raises:
        NotFound: the specimen is not of the benchmark.
        Refused: it has no label, or the person has made one of its labels or begun to redraw it.
    """
    specimen = get_member(session, specimen_id)
    if specimen.version_id is None:
        raise Refused(
            "{key} has no label yet. Draw or accept one first; then somebody else can draw it "
            "again.",
            key=specimen.key,
        )
    mine = select(LabelVersion.id).where(
        LabelVersion.specimen_id == specimen_id, LabelVersion.person_id == person_id
    )
    if session.scalar(mine.limit(1)) is not None:
        raise Refused(
            "You have made a label of {key} yourself, so you cannot be the second person. Let "
            "somebody else draw it.",
            key=specimen.key,
        )
    _refuse_begun(session, person_id, specimen)
    return session.get_one(LabelVersion, specimen.version_id)


def save(session: Session, person_id: int, specimen_id: int, wanted: NewSecondLabel) -> SecondLabel:
    """Keep a second mask; the same decision again is the same mask.

    Raises:
        NotFound, Refused: as `expect_fair`.
        Conflict: the box was changed since, or the id belongs to something else.
    """
    specimen = lock_specimen(session, specimen_id)
    earlier = session.scalar(
        select(SecondLabel).where(SecondLabel.decision_id == wanted.decision_id)
    )
    if earlier is not None:
        return _expect_own(earlier, person_id, specimen_id)
    label = expect_fair(session, person_id, specimen_id)
    if wanted.crop_id != label.crop_id or wanted.crop_id != specimen.crop_id:
        raise Conflict("The box of {key} was changed since; draw on the new one.", key=specimen.key)
    second = SecondLabel(
        decision_id=wanted.decision_id,
        specimen_id=specimen_id,
        crop_id=wanted.crop_id,
        digest=wanted.digest,
        origin=wanted.origin,
        person_id=person_id,
        created_at=now(session),
    )
    session.add(second)
    drafts.remove(session, person_id, specimen_id)
    session.flush()
    benchmark_measuring.notice(session, person_id)
    return second


def of_specimen(session: Session, specimen_id: int) -> Sequence[tuple[SecondLabel, str]]:
    """The newest first, each with the name of who drew it."""
    query = (
        select(SecondLabel, Person.name)
        .join(Person, Person.id == SecondLabel.person_id)
        .where(SecondLabel.specimen_id == specimen_id)
        .order_by(SecondLabel.id.desc())
    )
    return [(row[0], row[1]) for row in session.execute(query)]


def _refuse_begun(session: Session, person_id: int, specimen: Specimen) -> None:
    """A draft that is based on a label was drawn with that label in view."""
    draft = drafts.find(session, person_id, specimen.id)
    if draft is not None and draft.parent_id is not None:
        raise Refused(
            "You have begun to redraw {key} with its label in view. Finish or discard that draft, "
            "and let somebody else be the second person.",
            key=specimen.key,
        )


def _expect_own(earlier: SecondLabel, person_id: int, specimen_id: int) -> SecondLabel:
    if (earlier.person_id, earlier.specimen_id) != (person_id, specimen_id):
        raise Conflict(
            "The decision id {decision_id} was used before.", decision_id=earlier.decision_id
        )
    return earlier
