"""Masks of a specimen whose box changes: the same pixels of the photograph, in another crop.

The label that counts and the open candidates are carried; drafts are, when somebody draws on, and
so is what somebody saves who drew on the earlier crop. What is carried comes from the mask that was
made first, so that a box that is moved and moved back costs nothing. The earlier masks stay what
they are.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.blobs import Blobs
from app.db import now
from app.domain.labelling import CARRIED, CARRIED_FROM, UPLOAD, Candidate, LabelVersion
from app.domain.specimens import Crop, Specimen
from app.errors import Conflict, Refused
from app.services import calibrating, labelling
from app.services.labelling import NextVersion
from ml.imaging import frame
from ml.imaging.frame import Placement
from ml.imaging.masks import decode_mask, encode_mask


@dataclass(frozen=True)
class Placed:
    """A stored mask, and where its crop lies on the photograph."""

    digest: str
    placement: Placement


@dataclass(frozen=True)
class Load:
    """What has to come along when a specimen gets another crop."""

    version_id: int | None
    label: Placed | None
    candidates: Sequence[tuple[Candidate, Placed]]


@dataclass(frozen=True)
class Carried:
    """The masks as the other crop needs them; a candidate of which nothing is left is not."""

    version_id: int | None
    label_digest: str | None
    candidates: Sequence[tuple[Candidate, str]]


@dataclass(frozen=True)
class Share:
    """How much of a mask another crop would leave out."""

    outside: int
    """Pixels of the specimen."""
    total: int


def load(session: Session, specimen: Specimen) -> Load:
    version = session.get(LabelVersion, specimen.version_id or 0)
    placements = _placements(session, specimen.id)
    label = None
    if version is not None:
        drawn = _as_drawn(session, version)
        label = Placed(drawn.digest, placements[drawn.crop_id])
    candidates = [
        (each, Placed(each.digest, placements[each.crop_id])) for each in _open(session, specimen)
    ]
    return Load(specimen.version_id, label, candidates)


def carry(blobs: Blobs, load: Load, target: Placement) -> Carried:
    """Make and keep the masks for another crop.

    Raises:
        Refused: nothing of the label would be left.
    """
    label = carried_digest(blobs, load.label, target) if load.label is not None else None
    if load.label is not None and label is None:
        raise Refused(
            "Nothing of the label lies in this box. Reject the label first if it is wrong, or draw "
            "the box around it."
        )
    found = [(each, carried_digest(blobs, placed, target)) for each, placed in load.candidates]
    candidates = [(each, digest) for each, digest in found if digest is not None]
    return Carried(load.version_id, label, candidates)


def carried_digest(blobs: Blobs, placed: Placed, target: Placement) -> str | None:
    """Keep a mask as another crop needs it; None: nothing of it lies there."""
    if placed.placement == target:
        return placed.digest
    mask = frame.carried(decode_mask(blobs.read(placed.digest)), placed.placement, target)
    return blobs.put(encode_mask(mask)) if mask.any() else None


def drawn_elsewhere(blobs: Blobs, digest: str, drawn_on: Crop, crop: Crop) -> str:
    """Keep, for another crop, a mask that was drawn while the box was changed.

    Raises:
        Refused: nothing of it lies there.
    """
    carried = carried_digest(blobs, Placed(digest, drawn_on.placement), crop.placement)
    if carried is None:
        raise Refused("The box was changed meanwhile, and nothing of this mask lies in it.")
    return carried


def parent_by_now(session: Session, specimen_id: int, parent_id: int | None) -> int | None:
    """What the label that somebody saw has become by being carried to other crops, or itself."""
    specimen = session.get(Specimen, specimen_id)
    counting = specimen.version_id if specimen is not None else None
    version = session.get(LabelVersion, counting or 0)
    while version is not None and version.origin == CARRIED:
        if version.parent_id == parent_id:
            return counting
        version = session.get(LabelVersion, version.parent_id or 0)
    return parent_id


def left_out(blobs: Blobs, placed: Placed, target: Placement) -> Share:
    mask = decode_mask(blobs.read(placed.digest))
    return Share(frame.outside(mask, placed.placement, target), int((mask > 0).sum()))


def store(
    session: Session, specimen: Specimen, crop: Crop, carried: Carried, person_id: int | None
) -> None:
    """Give a locked specimen another crop, with the masks that were made for it.

    Raises:
        Conflict: it has another label than when they were made.
    """
    if specimen.version_id != carried.version_id:
        raise Conflict(
            "{key} has another label by now; look at it and try again.", key=specimen.key
        )
    specimen.take_crop(crop)
    if carried.version_id is not None and carried.label_digest is not None:
        parent = session.get_one(LabelVersion, carried.version_id)
        author = person_id if person_id is not None else parent.person_id
        made = NextVersion(CARRIED, carried.label_digest, author, now(session))
        labelling.add_version(session, specimen, made).model_id = parent.model_id
    _add_candidates(session, crop, carried.candidates)
    calibrating.settle(session, [specimen])


def _add_candidates(
    session: Session, crop: Crop, candidates: Sequence[tuple[Candidate, str]]
) -> None:
    there = session.scalars(select(Candidate.origin).where(Candidate.crop_id == crop.id)).all()
    for each, digest in candidates:
        if {each.origin, CARRIED_FROM + each.origin} & set(there):
            continue
        candidate = Candidate(
            specimen_id=each.specimen_id,
            crop_id=crop.id,
            origin=CARRIED_FROM + each.origin,
            model_id=each.model_id,
            agreeing=[],
            digest=digest,
            own_score=each.own_score,
            score=each.score,
            uncertainty=each.uncertainty,
            created_at=now(session),
        )
        session.add(candidate)


def _placements(session: Session, specimen_id: int) -> dict[int, Placement]:
    crops = session.scalars(select(Crop).where(Crop.specimen_id == specimen_id))
    return {crop.id: crop.placement for crop in crops}


def _as_drawn(session: Session, version: LabelVersion) -> LabelVersion:
    """The version that this one was carried from, or itself."""
    while version.origin == CARRIED and version.parent_id is not None:
        version = session.get_one(LabelVersion, version.parent_id)
    return version


def _open(session: Session, specimen: Specimen) -> list[Candidate]:
    """Of those that are open on the present crop: the models', people's, and the methods' best.

    Methods propose anew for the new crop, so one of theirs is enough until then.
    """
    mine = select(Candidate).where(Candidate.specimen_id == specimen.id)
    here = mine.where(Candidate.crop_id == specimen.crop_id, Candidate.rejected.is_(False))
    found, methods = [], 0
    for each in session.scalars(here.order_by(Candidate.score.desc(), Candidate.id)).all():
        origin = each.origin.removeprefix(CARRIED_FROM)
        is_method = each.model_id is None and not origin.startswith(f"{UPLOAD}:")
        methods += is_method
        if is_method and methods > 1:
            continue
        first = mine.where(Candidate.origin == origin).order_by(Candidate.id.desc()).limit(1)
        found.append(each if origin == each.origin else session.scalars(first).one())
    return found
