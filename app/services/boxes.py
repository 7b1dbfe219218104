"""Boxes: a specimen gets a crop, or another one in place of the one that it has.

Earlier crops and the masks on them stay. `find`, `cut` and `store` are three steps, because the
second takes long and holds no transaction; `place` is all three.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.blobs import Blobs
from app.db import Database, now
from app.decoding.photographs import open_photograph
from app.domain.jobs import Job, JobKind, JobState, PartKind
from app.domain.labelling import HAND
from app.domain.photographs import Photograph
from app.domain.specimens import Crop, Specimen
from app.errors import Conflict, NotFound, Refused
from app.queue import Queue
from app.services import carrying, jobs, models
from app.services.carrying import Carried, Load
from app.services.labelling import lock_specimen
from ml.imaging import frame
from ml.imaging.arrays import Pixels
from ml.imaging.boxes import Box
from ml.imaging.frame import Placement
from ml.imaging.read import encode_png, fit_within

PREVIEW_SIDE = 1600
"""Pixels of the long side, at most, of what the review page shows first."""
SMALLEST = 8
"""Pixels of the shorter side of a box, at least."""
SAME_SITTING = timedelta(hours=12)
"""Boxes that one person corrects within this time share a job."""


@dataclass(frozen=True)
class NewBox:
    """A box for a specimen, and what is known of it.

    Args:
        box: in pixels of the photograph; a straight one is cut to it, a turned one may leave it.
        angle: degrees by which it is turned clockwise about its centre.
        origin: "hand", the name of a detector, or where it was imported from.
        found: the box as a detector gave it, before it grew.
        confidence: of the detector.
        warnings: of `CropWarning`.
        doubt: 0…1, how much a person should look at it; None: as much as before.
        checked: a person has drawn it, or said that it is right.
    """

    box: Box
    angle: float = 0.0
    origin: str = HAND
    found: Box | None = None
    confidence: float | None = None
    warnings: Sequence[str] = ()
    doubt: float | None = None
    checked: bool = False


@dataclass(frozen=True)
class Place:
    """A specimen that is to get a crop: where its pixels are, and what it has so far."""

    specimen_id: int
    key: str
    digest: str
    width: int
    height: int
    crop_id: int | None
    load: Load


@dataclass(frozen=True)
class Cut:
    """What was cut out, stored as blobs."""

    place: Place
    new: NewBox
    digest: str
    preview_digest: str
    carried: Carried


def place(
    database: Database,
    blobs: Blobs,
    specimen_id: int,
    new: NewBox,
    *,
    person_id: int | None = None,
    job_id: int | None = None,
    pixels: Pixels | None = None,
) -> int:
    """Give a specimen a crop; what it had is carried over. Returns the number of the crop.

    Args:
        person_id: who drew or imported the box, if it was a person.
        job_id: the job to which the parts that propose masks are added; without, one of its own.
        pixels: of the photograph, if they are decoded already.

    Raises:
        NotFound: there is no such specimen.
        Refused: the box is too small, leaves the photograph, or holds nothing of the label.
        Conflict: somebody else changed crop or label meanwhile.
    """
    with database.reading() as session:
        found = find(session, specimen_id)
    made = cut(blobs, found, new, pixels)
    with database.transaction() as session:
        return store(session, made, person_id=person_id, job_id=job_id).id


def find(session: Session, specimen_id: int) -> Place:
    row = session.execute(
        select(Specimen, Photograph)
        .join(Photograph, Photograph.id == Specimen.photograph_id)
        .where(Specimen.id == specimen_id)
    ).one_or_none()
    if row is None:
        raise NotFound("There is no specimen {number}.", number=specimen_id)
    specimen, photograph = row
    return Place(
        specimen_id=specimen_id,
        key=specimen.key,
        digest=photograph.digest,
        width=photograph.width,
        height=photograph.height,
        crop_id=specimen.crop_id,
        load=carrying.load(session, specimen),
    )


def cut(blobs: Blobs, place: Place, new: NewBox, pixels: Pixels | None = None) -> Cut:
    """Cut the pixels at their own resolution, and carry the masks."""
    placement = checked(new, place.width, place.height)
    carried = carrying.carry(blobs, place.load, placement)
    crop = _pixels_in(blobs, place, placement) if pixels is None else frame.cut(pixels, placement)
    digest = blobs.put(encode_png(crop))
    small = fit_within(crop, PREVIEW_SIDE)
    preview = digest if small is crop else blobs.put(encode_png(small))
    return Cut(place, new, digest, preview, carried)


def _pixels_in(blobs: Blobs, place: Place, placement: Placement) -> Pixels:
    """Read no more of the photograph than the crop needs."""
    near = placement.near(place.width, place.height)
    most = place.width * place.height
    with blobs.open(place.digest) as file, open_photograph(file, most) as photograph:
        pixels = photograph.region(near)
    return frame.cut(pixels, placement.shifted(-near.left, -near.top))


def checked(new: NewBox, width: int, height: int) -> Placement:
    """The box as it can be cut from a photograph of this size.

    Raises:
        Refused: it lies outside, or is too small or too large to be meant.
    """
    placement = straight(new.box, new.angle)
    if not placement.angle:
        placement = Placement(placement.box.clamped(width, height))
    box = placement.box
    middle_x, middle_y = (box.left + box.right) / 2, (box.top + box.bottom) / 2
    if min(box.width, box.height) < SMALLEST:
        raise Refused(
            "The box has {width} × {height} pixels on the photograph; {smallest} are the least.",
            width=max(box.width, 0),
            height=max(box.height, 0),
            smallest=SMALLEST,
        )
    inside = 0 <= middle_x <= width and 0 <= middle_y <= height
    if not inside or max(box.width, box.height) > width + height:
        raise Refused("The turned box leaves the photograph.")
    return placement


def straight(box: Box, angle: float) -> Placement:
    """The placement with its angle within ±180 degrees; what nobody can see is no angle."""
    turned = (angle + 180) % 360 - 180
    return Placement(box, 0.0 if abs(turned) < 0.01 else round(turned, 3))


def store(session: Session, made: Cut, *, person_id: int | None, job_id: int | None) -> Crop:
    """Make the next crop version the one that counts, and have masks proposed for it.

    Raises:
        Conflict: somebody else changed crop or label meanwhile.
    """
    specimen = lock_specimen(session, made.place.specimen_id)
    expect_crop(specimen, made.place.crop_id)
    crop = _add_crop(session, specimen, made)
    take(session, specimen, crop, made.carried, person_id)
    specimen.box_checked = made.new.checked
    if made.new.doubt is not None:
        specimen.box_doubt = made.new.doubt
    propose(session, specimen, person_id, job_id)
    return crop


def take(
    session: Session, specimen: Specimen, crop: Crop, carried: Carried, person_id: int | None
) -> None:
    """Make a crop, with the masks that were carried to it, the one that counts."""
    specimen.searched = True
    carrying.store(session, specimen, crop, carried, person_id)


def expect_crop(specimen: Specimen, crop_id: int | None) -> None:
    if specimen.crop_id != crop_id:
        raise Conflict("{key} has another box by now; look at it and try again.", key=specimen.key)


def propose(
    session: Session, specimen: Specimen, person_id: int | None, job_id: int | None
) -> None:
    """Have masks proposed for the present crop, also by the model that serves."""
    if specimen.unusable:
        return
    number = job_id if job_id is not None else _job_of(session, person_id).id
    jobs.add_part(session, number, PartKind.PROPOSE, {"specimen": specimen.id})
    model = models.serving(session) if job_id is None else None
    if model is not None:
        wanted = {"model_ids": [model.id], "specimen_ids": [specimen.id]}
        jobs.add_part(session, number, PartKind.PREDICT, wanted, Queue.GPU)


def _add_crop(session: Session, specimen: Specimen, made: Cut) -> Crop:
    new, placement = made.new, checked(made.new, made.place.width, made.place.height)
    newest = select(func.max(Crop.number)).where(Crop.specimen_id == specimen.id)
    found = new.found
    crop = Crop(
        specimen_id=specimen.id,
        number=(session.scalar(newest) or 0) + 1,
        left=placement.box.left,
        top=placement.box.top,
        right=placement.box.right,
        bottom=placement.box.bottom,
        angle=placement.angle,
        found_box=[found.left, found.top, found.right, found.bottom] if found else None,
        confidence=new.confidence,
        origin=new.origin,
        warnings=list(new.warnings),
        digest=made.digest,
        preview_digest=made.preview_digest,
        created_at=now(session),
    )
    session.add(crop)
    session.flush()
    return crop


def _job_of(session: Session, person_id: int | None) -> Job:
    """One job for the boxes that a person corrects in a sitting, rather than one for each."""
    newest = select(Job).where(Job.kind == JobKind.CROPS, Job.person_id == person_id)
    job = session.scalar(newest.order_by(Job.id.desc()).limit(1))
    since = now(session) - SAME_SITTING
    is_recent = job is not None and job.result.get("by_hand") and job.created_at > since
    if job is not None and is_recent and job.state is not JobState.CANCELLED:
        return job
    job = jobs.start(session, JobKind.CROPS, person_id)
    job.result = {"by_hand": True}
    return job
