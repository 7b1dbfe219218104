"""Crops: what a detector found on a photograph becomes the first crop of its specimen."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import log
from statistics import median

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.db import now
from app.domain.photographs import Photograph
from app.domain.specimens import Crop, CropWarning, Specimen
from app.services import boxes
from app.services.boxes import Cut, Place
from app.services.labelling import lock_specimen
from ml.imaging.boxes import Box

RECENT = 300
"""Boxes of a source that are looked at to know what is usual there."""
ENOUGH = 12
"""Boxes without which nothing is usual."""
FAR = 4.0
"""Times the spread of the others that an unusual aspect lies from their middle."""
LEAST_SPREAD = log(1.1)
"""Where all boxes are alike, one that is a tenth wider is not unusual yet."""


@dataclass(frozen=True)
class Search:
    """Where a specimen is to be looked for, and how its box grows."""

    place: Place
    scale_w: float
    scale_ht: float
    scale_hb: float
    half_split: bool
    drawers: bool
    usual: "Usual | None"

    def about_aspect(self, found: Box) -> list[str]:
        """The warning that only the source's other boxes can tell."""
        unusual = self.usual is not None and not self.usual.has(found)
        return [CropWarning.ASPECT.value] if unusual else []


@dataclass(frozen=True)
class Usual:
    """Logarithm of width / height of a source's boxes: the middle, and how far they spread."""

    middle: float
    spread: float

    def has(self, found: Box) -> bool:
        """Whether a box is as wide and high as others."""
        away = abs(_aspect(found.width, found.height) - self.middle)
        return away <= FAR * max(self.spread, LEAST_SPREAD)


def search_for(session: Session, specimen_id: int) -> Search | None:
    """Return what a detector has to know, or nothing if it has looked already."""
    specimen = session.scalar(
        select(Specimen).where(
            Specimen.id == specimen_id, Specimen.searched.is_(False), Specimen.crop_id.is_(None)
        )
    )
    return search(session, specimen) if specimen is not None else None


def search(session: Session, specimen: Specimen) -> Search:
    """What a detector has to know, whether or not one has looked already."""
    source = specimen.source
    return Search(
        place=boxes.find(session, specimen.id),
        scale_w=source.scale_w,
        scale_ht=source.scale_ht,
        scale_hb=source.scale_hb,
        half_split=source.half_split,
        drawers=source.drawers,
        usual=usual(session, source.id),
    )


def usual(session: Session, source_id: int) -> Usual | None:
    """Return what aspect the newest boxes of a source have, or nothing while they are few.

    Median and median deviation: a few odd boxes do not make the odd ones usual.
    """
    newest = (
        select(Crop.left, Crop.top, Crop.right, Crop.bottom, Crop.found_box)
        .join(Specimen, Specimen.crop_id == Crop.id)
        .where(Specimen.source_id == source_id)
        .order_by(Crop.id.desc())
        .limit(RECENT)
    )
    sides = [
        (found[2] - found[0], found[3] - found[1]) if found else (right - left, bottom - top)
        for left, top, right, bottom, found in session.execute(newest)
    ]
    if len(sides) < ENOUGH:
        return None
    aspects = [_aspect(*each) for each in sides]
    middle = median(aspects)
    # 1.4826: what makes the median deviation of a normal distribution its standard deviation.
    return Usual(middle, 1.4826 * median(abs(aspect - middle) for aspect in aspects))


def store_found(session: Session, job_id: int, specimen_id: int, found: Sequence[Cut]) -> None:
    """Give the specimen its first crop and have masks proposed, or note that nothing was found.

    Further boxes, as on the photograph of a drawer, become further specimens.
    """
    specimen = lock_specimen(session, specimen_id)
    if specimen.searched or specimen.crop_id is not None:
        return
    specimen.searched = True
    if not found:
        specimen.box_doubt = 1.0
        specimen.settle()
    for place, each in enumerate(found):
        owner = add_specimen(session, specimen) if place else specimen
        store_of(session, each, owner, job_id=job_id)


def store_of(
    session: Session,
    cut: Cut,
    specimen: Specimen,
    *,
    person_id: int | None = None,
    job_id: int | None = None,
) -> Crop:
    """Store what was cut from the photograph for a specimen that was not known then."""
    place = replace(cut.place, specimen_id=specimen.id, key=specimen.key)
    return boxes.store(session, replace(cut, place=place), person_id=person_id, job_id=job_id)


def add_specimen(session: Session, beside: Specimen) -> Specimen:
    """Add a further specimen on the same photograph; its box is still to be stored."""
    photograph = session.get_one(Photograph, beside.photograph_id, with_for_update=True)
    specimen = Specimen(
        source_id=photograph.source_id,
        photograph_id=photograph.id,
        key=_next_key(session, photograph, beside),
        taxon=beside.taxon,
        number=beside.number,
        individual=beside.individual,
        sex=beside.sex,
        view=beside.view,
        created_at=now(session),
    )
    session.add(specimen)
    session.flush()
    return specimen


def _next_key(session: Session, photograph: Photograph, beside: Specimen) -> str:
    """`key#2`, `key#3` …; a number is not used again, whatever became of its specimen."""
    first = select(Specimen.key).where(Specimen.photograph_id == photograph.id)
    key = session.scalar(first.order_by(Specimen.id).limit(1)) or beside.key
    there = select(func.count()).where(Specimen.photograph_id == photograph.id)
    number = (session.scalar(there) or 0) + 1
    while session.scalar(
        select(Specimen.id).where(
            Specimen.source_id == photograph.source_id, Specimen.key == f"{key}#{number}"
        )
    ):
        number += 1
    return f"{key}#{number}"


def _aspect(width: int, height: int) -> float:
    return log(max(width, 1) / max(height, 1))
