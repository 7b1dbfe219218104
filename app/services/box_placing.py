"""A photograph gets the boxes that a table has for it: which specimen each is for, and the crop."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.photographs import Photograph
from app.domain.specimens import Crop, Specimen
from app.errors import Refused
from app.services import box_tables, boxes, cropping
from app.services.box_checks import NO_LOAD
from app.services.box_tables import TableBox
from app.services.boxes import Cut, NewBox
from app.services.cropping import Search
from ml.imaging.boxes import Box

ORIGIN = "table"
SAME = 0.3
"""Intersection over union from which on a box is of the specimen that has one there."""


@dataclass(frozen=True)
class Given:
    """Boxes for the specimens of one photograph."""

    photograph_id: int
    boxes: list[Box]

    @classmethod
    def of(cls, payload: dict[str, Any]) -> "Given":
        return cls(payload["photograph"], [Box(*edges) for edges in payload["boxes"]])

    @property
    def payload(self) -> dict[str, Any]:
        edges = [[box.left, box.top, box.right, box.bottom] for box in self.boxes]
        return {"photograph": self.photograph_id, "boxes": edges}


def given_for(photograph: Photograph, about: Sequence[TableBox]) -> tuple[Given | None, list[str]]:
    """What a photograph is given, if any box can be taken, and why the others cannot."""
    placed: list[tuple[TableBox, Box]] = []
    problems = []
    for each in about:
        try:
            on_it = each.on(photograph.width, photograph.height)
            boxes.checked(NewBox(on_it), photograph.width, photograph.height)
        except Refused as refused:
            problems.append(f"{photograph.key}: {refused}")
        else:
            placed.append((each, on_it))
    if about and not placed:
        return None, problems
    return Given(photograph.id, box_tables.joined(placed)), problems


@dataclass(frozen=True)
class Target:
    """A specimen to which a box goes, or beside which it makes a further one."""

    search: Search
    is_new: bool
    box: Box


def targets(session: Session, given: Given) -> list[Target]:
    """Which specimen each box is for; what is as the table has it, or a person's, is left out."""
    of_photograph = select(Specimen).where(Specimen.photograph_id == given.photograph_id)
    specimens = list(session.scalars(of_photograph.order_by(Specimen.id)))
    return list(_targets(session, given, specimens))


def mark_empty(session: Session, job_id: int, given: Given) -> None:
    """Somebody looked and found nothing: a specimen without a crop waits for a person's box."""
    if given.boxes:
        return
    of_photograph = select(Specimen.id).where(Specimen.photograph_id == given.photograph_id)
    for specimen_id in session.scalars(of_photograph).all():
        cropping.store_found(session, job_id, specimen_id, [])


def new_box(target: Target, width: int, height: int) -> NewBox:
    """The box as its source enlarges it."""
    search = target.search
    grown = target.box.grown(search.scale_w, search.scale_ht, search.scale_hb)
    return NewBox(
        box=grown.clamped(width, height),
        origin=ORIGIN,
        found=target.box,
        warnings=search.about_aspect(target.box),
        doubt=0.5,
    )


def store(session: Session, job_id: int, target: Target, cut: Cut) -> None:
    """Give the specimen its crop, or make a further specimen of the box.

    Raises:
        Conflict: somebody else changed crop or label meanwhile.
    """
    if target.is_new:
        beside = session.get_one(Specimen, target.search.place.specimen_id)
        further = cropping.add_specimen(session, beside)
        cropping.store_of(session, cut, further, job_id=job_id)
    else:
        boxes.store(session, cut, person_id=None, job_id=job_id)


def _targets(session: Session, given: Given, specimens: list[Specimen]) -> Iterator[Target]:
    free = list(specimens)
    for box in given.boxes:
        specimen = _of(session, box, free, alone=len(given.boxes) == 1)
        if specimen is None:
            beside = cropping.search(session, specimens[0])
            yield Target(_without_crop(beside), True, box)
            continue
        free.remove(specimen)
        if not specimen.box_checked and _found(session, specimen) != box:
            yield Target(cropping.search(session, specimen), False, box)


def _of(session: Session, box: Box, free: list[Specimen], *, alone: bool) -> Specimen | None:
    """The specimen that had this box before, that is there already, or that waits for a box."""
    for each in free:
        if box in _had(session, each):
            return each
    there = [(each, found.iou(box)) for each in free if (found := _found(session, each))]
    best, share = max(there, key=lambda pair: pair[1], default=(None, 0.0))
    if best is not None and (share >= SAME or (alone and len(free) == 1)):
        return best
    return next((each for each in free if each.crop_id is None), None)


def _had(session: Session, specimen: Specimen) -> list[Box]:
    """Boxes that tables gave to the specimen, wherever a person has moved it since."""
    query = select(Crop.found_box).where(Crop.specimen_id == specimen.id, Crop.origin == ORIGIN)
    return [Box(*edges) for edges in session.scalars(query) if edges]


def _found(session: Session, specimen: Specimen) -> Box | None:
    crop = session.get(Crop, specimen.crop_id or 0)
    if crop is None:
        return None
    return Box(*crop.found_box) if crop.found_box else crop.box


def _without_crop(search: Search) -> Search:
    return replace(search, place=replace(search.place, crop_id=None, load=NO_LOAD))
