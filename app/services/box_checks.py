"""What people say of boxes: right, corrected, nothing here, and taking that back.

A check names the crop and the label that its author saw; where the specimen has moved on since, it
is refused. It carries an id made by the client; the same id again is the same check. Taking one
back is another check that names it, and makes the crop of before count again.
"""

from dataclasses import dataclass, replace

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from app.blobs import Blobs
from app.db import Database, now
from app.domain.photographs import Photograph, PhotographKind
from app.domain.specimens import BoxCheck, BoxVerdict, Crop, Specimen
from app.errors import Conflict, NotFound, Refused
from app.services import boxes, calibrating, carrying, cropping
from app.services.boxes import Cut, NewBox, Place
from app.services.carrying import Carried, Load
from app.services.labelling import lock_specimen
from ml.imaging.frame import Placement

NO_LOAD = Load(None, None, [])


@dataclass(frozen=True)
class NewCheck:
    """What a person sends.

    Args:
        crop_id: the crop that they saw, if there was one.
        version_id: the label that they saw, if there was one.
        after: id of their own check whose outcome they saw, in place of these two.
        placement: the box as it should be, for a correction.
        retracts: id of the check that is taken back.
    """

    decision_id: str
    verdict: BoxVerdict
    crop_id: int | None = None
    version_id: int | None = None
    after: str | None = None
    placement: Placement | None = None
    retracts: str | None = None


@dataclass(frozen=True)
class _Ready:
    """What was computed without a transaction."""

    crop_id: int | None
    version_id: int | None
    cut: Cut | None = None
    retracted: int | None = None
    carried: Carried | None = None


def make(
    database: Database, blobs: Blobs, person_id: int, specimen_id: int, wanted: NewCheck
) -> BoxCheck:
    """Record what a person said of a box, and do what follows from it.

    Raises:
        Conflict: somebody else changed box or label meanwhile.
        Refused: the box cannot be meant, or the verdict does not fit.
    """
    with database.reading() as session:
        if (earlier := _same(session, person_id, specimen_id, wanted.decision_id)) is not None:
            return earlier
        place = boxes.find(session, specimen_id)
        ready = _seen(session, wanted, place)
        before = _before(session, specimen_id, wanted)
    if wanted.verdict is BoxVerdict.CORRECTED:
        if wanted.placement is None:
            raise Refused("A correction names the box as it should be.")
        drawn = NewBox(wanted.placement.box, wanted.placement.angle, checked=True)
        ready = replace(ready, cut=boxes.cut(blobs, place, drawn))
    if before is not None:
        retracted, placement = before
        carried = carrying.carry(blobs, place.load, placement) if placement is not None else None
        ready = replace(ready, retracted=retracted, carried=carried)
    with database.transaction() as session:
        specimen = lock_specimen(session, specimen_id)
        if (earlier := _same(session, person_id, specimen_id, wanted.decision_id)) is not None:
            return earlier
        return _store(session, person_id, specimen, wanted, ready)


def add(
    database: Database,
    blobs: Blobs,
    person_id: int,
    photograph_id: int,
    decision_id: str,
    placement: Placement,
) -> BoxCheck:
    """Make a further specimen of a box that a person drew beside those of a photograph."""
    with database.reading() as session:
        if (earlier := _recorded(session, decision_id)) is not None:
            return _expect_own(earlier, person_id, None)
        beside = _beside(session, photograph_id)
        place = replace(boxes.find(session, beside.id), crop_id=None, load=NO_LOAD)
    cut = boxes.cut(blobs, place, NewBox(placement.box, placement.angle, checked=True))
    with database.transaction() as session:
        session.get_one(Photograph, photograph_id, with_for_update=True)
        if (earlier := _recorded(session, decision_id)) is not None:
            return _expect_own(earlier, person_id, None)
        specimen = cropping.add_specimen(session, session.get_one(Specimen, beside.id))
        crop = cropping.store_of(session, cut, specimen, person_id=person_id)
        check = NewCheck(decision_id, BoxVerdict.CORRECTED)
        return _add(session, person_id, specimen, check, crop_id=crop.id, before_id=None)


def _store(
    session: Session, person_id: int, specimen: Specimen, wanted: NewCheck, ready: _Ready
) -> BoxCheck:
    boxes.expect_crop(specimen, ready.crop_id)
    _expect_label(specimen, ready.version_id)
    before_id = specimen.crop_id
    match wanted.verdict:
        case BoxVerdict.RIGHT:
            if specimen.crop_id is None:
                raise Refused("{key} has no box that could be right.", key=specimen.key)
            specimen.box_checked = True
        case BoxVerdict.CORRECTED:
            assert ready.cut is not None
            boxes.store(session, ready.cut, person_id=person_id, job_id=None)
        case BoxVerdict.NO_SPECIMEN:
            _take_crop_away(session, specimen)
            specimen.box_checked = True
        case BoxVerdict.UNDONE:
            _undo(session, person_id, specimen, ready)
    check = _add(
        session, person_id, specimen, wanted, crop_id=specimen.crop_id, before_id=before_id
    )
    check.retracts_id = ready.retracted
    return check


def _undo(session: Session, person_id: int, specimen: Specimen, ready: _Ready) -> None:
    check = session.get_one(BoxCheck, ready.retracted)
    if session.scalar(select(BoxCheck.id).where(BoxCheck.retracts_id == check.id)) is not None:
        raise Conflict("That was taken back before.")
    boxes.expect_crop(specimen, check.crop_id)
    if check.verdict is not BoxVerdict.RIGHT:
        if check.before_id is None:
            _take_crop_away(session, specimen)
        elif ready.carried is not None:
            crop = session.get_one(Crop, check.before_id)
            boxes.take(session, specimen, crop, ready.carried, person_id)
    specimen.box_checked = _was_checked(session, specimen, check)


def _take_crop_away(session: Session, specimen: Specimen) -> None:
    if specimen.version_id is not None:
        raise Conflict(
            "{key} has a label, so there is a specimen. Reject the label first if it is wrong.",
            key=specimen.key,
        )
    specimen.take_crop(None)
    specimen.searched = True
    calibrating.settle(session, [specimen])


def _was_checked(session: Session, specimen: Specimen, besides: BoxCheck) -> bool:
    """Whether another check of what counts now still stands."""
    retraction = aliased(BoxCheck)
    verdicts = (BoxVerdict.RIGHT, BoxVerdict.CORRECTED, BoxVerdict.NO_SPECIMEN)
    standing = (
        select(BoxCheck.id)
        .outerjoin(retraction, retraction.retracts_id == BoxCheck.id)
        .where(
            BoxCheck.specimen_id == specimen.id,
            BoxCheck.id != besides.id,
            BoxCheck.verdict.in_(verdicts),
            BoxCheck.crop_id.is_(None)
            if specimen.crop_id is None
            else BoxCheck.crop_id == specimen.crop_id,
            retraction.id.is_(None),
        )
    )
    return session.scalar(standing.limit(1)) is not None


def _seen(session: Session, wanted: NewCheck, place: Place) -> _Ready:
    """The crop and the label that the author saw, which must still be there.

    What they did themselves a moment ago they need not have seen: its answer may be on the way.
    """
    if wanted.after is None:
        return _Ready(wanted.crop_id, wanted.version_id)
    own = _recorded(session, wanted.after)
    if own is None or own.specimen_id != place.specimen_id:
        raise Conflict("{key} has another box by now; look at it and try again.", key=place.key)
    return _Ready(own.crop_id, place.load.version_id)


def _before(
    session: Session, specimen_id: int, wanted: NewCheck
) -> tuple[int, Placement | None] | None:
    """The check that is taken back, and where the crop lies that then counts again."""
    if wanted.verdict is not BoxVerdict.UNDONE:
        return None
    check = _recorded(session, wanted.retracts or "")
    if check is None or check.specimen_id != specimen_id or check.verdict is BoxVerdict.UNDONE:
        raise Refused("Name the check of this box that is to be taken back.")
    crop = session.get(Crop, check.before_id or 0)
    return check.id, crop.placement if crop is not None else None


def _beside(session: Session, photograph_id: int) -> Specimen:
    photograph = session.get(Photograph, photograph_id)
    if photograph is None:
        raise NotFound("There is no photograph {number}.", number=photograph_id)
    first = select(Specimen).where(Specimen.photograph_id == photograph_id).order_by(Specimen.id)
    specimen = session.scalar(first.limit(1))
    if specimen is None or photograph.kind is PhotographKind.LABEL:
        raise Refused("{file} shows a label, not a specimen.", file=photograph.file_name)
    return specimen


def _expect_label(specimen: Specimen, version_id: int | None) -> None:
    if specimen.version_id != version_id:
        raise Conflict(
            "{key} has another label by now; look at it and try again.", key=specimen.key
        )


def _same(session: Session, person_id: int, specimen_id: int, decision_id: str) -> BoxCheck | None:
    earlier = _recorded(session, decision_id)
    return _expect_own(earlier, person_id, specimen_id) if earlier is not None else None


def _recorded(session: Session, decision_id: str) -> BoxCheck | None:
    return session.scalar(select(BoxCheck).where(BoxCheck.decision_id == decision_id))


def _expect_own(earlier: BoxCheck, person_id: int, specimen_id: int | None) -> BoxCheck:
    other = specimen_id is not None and earlier.specimen_id != specimen_id
    if other or earlier.person_id != person_id:
        raise Conflict(
            "The decision id {decision_id} was used before.", decision_id=earlier.decision_id
        )
    return earlier


def _add(
    session: Session,
    person_id: int,
    specimen: Specimen,
    wanted: NewCheck,
    *,
    crop_id: int | None,
    before_id: int | None,
) -> BoxCheck:
    check = BoxCheck(
        decision_id=wanted.decision_id,
        specimen_id=specimen.id,
        crop_id=crop_id,
        before_id=before_id,
        verdict=wanted.verdict,
        person_id=person_id,
        created_at=now(session),
    )
    session.add(check)
    session.flush()
    return check
