"""Many specimens for the review page: few are drawn, but no two of the next hundred look the same.

A browser keeps pictures that it has seen, so a small set of pictures shown again and again would
measure its cache. Each drawn specimen is used as it is, mirrored, upside down, and both.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from sqlalchemy.orm import Session

from app.blobs import Blobs
from app.db import Database, now
from app.domain.labelling import Candidate
from app.domain.photographs import Photograph, Source
from app.domain.specimens import Crop, Specimen
from app.services import sources
from app.services.boxes import PREVIEW_SIDE
from ml.imaging.arrays import Mask
from ml.imaging.boxes import Box
from ml.imaging.drawn import draw_specimen
from ml.imaging.masks import encode_mask
from ml.imaging.read import encode_png, fit_within

SOURCE = "BENCHMARK"
DRAWN = 32
PER_TRANSACTION = 500
GROWTH = {"border-otsu": 0, "grabcut": 5, "kanezaki": -5, "border-distance": 9}
"""Candidates by method: the true mask, grown or shrunk by some pixels."""


@dataclass(frozen=True)
class Look:
    """The stored pictures of one drawn specimen in one orientation."""

    box: Box
    crop: str
    preview: str
    masks: tuple[str, ...]


def fill(database: Database, blobs: Blobs, *, specimens: int, width: int) -> None:
    looks = list(_looks(blobs, width))
    for first in range(1, specimens + 1, PER_TRANSACTION):
        numbers = range(first, min(first + PER_TRANSACTION, specimens + 1))
        with database.transaction() as session:
            add(session, sources.get_or_make(session, SOURCE), numbers, looks)


def _looks(blobs: Blobs, width: int) -> Iterator[Look]:
    for seed in range(DRAWN):
        drawn = draw_specimen(seed, width=width, height=width * 64 // 90)
        box = drawn.box.grown(0.1, 0.1, 0.1).clamped(*drawn.pixels.shape[1::-1])
        pixels, mask = box.cut(drawn.pixels), box.cut(drawn.mask)
        for axes in ((), (0,), (1,), (0, 1)):
            turned = np.ascontiguousarray(np.flip(pixels, axes))
            masks = [grown(np.flip(mask, axes), by) for by in GROWTH.values()]
            yield Look(
                box=box,
                crop=blobs.put(encode_png(turned)),
                preview=blobs.put(encode_png(fit_within(turned, PREVIEW_SIDE))),
                masks=tuple(blobs.put(encode_mask(each)) for each in masks),
            )


def grown(mask: Mask, by: int) -> Mask:
    mask = np.ascontiguousarray(mask)
    if by == 0:
        return mask
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * abs(by) + 1,) * 2)
    changed = cv2.dilate(mask, kernel) if by > 0 else cv2.erode(mask, kernel)
    return np.asarray(changed, np.uint8)


def add(session: Session, source: Source, numbers: range, looks: Sequence[Look]) -> None:
    chosen = [looks[number % len(looks)] for number in numbers]
    photographs = [
        _photograph(session, source, *pair) for pair in zip(numbers, chosen, strict=True)
    ]
    session.add_all(photographs)
    session.flush()
    specimens = [_specimen(session, photograph) for photograph in photographs]
    session.add_all(specimens)
    session.flush()
    crops = [_crop(session, *pair) for pair in zip(specimens, chosen, strict=True)]
    session.add_all(crops)
    session.flush()
    for specimen, crop, look in zip(specimens, crops, chosen, strict=True):
        specimen.take_crop(crop)
        session.add_all(_candidates(session, specimen, look))


def _photograph(session: Session, source: Source, number: int, look: Look) -> Photograph:
    return Photograph(
        source_id=source.id,
        key=f"{number:05}",
        file_name=f"{number:05}.png",
        digest=hashlib.sha256(str(number).encode()).hexdigest(),  # its bytes are never asked for
        media_type="image/png",
        width=look.box.right,
        height=look.box.bottom,
        notes=[],
        created_at=now(session),
    )


def _specimen(session: Session, photograph: Photograph) -> Specimen:
    return Specimen(
        source_id=photograph.source_id,
        photograph_id=photograph.id,
        key=photograph.key,
        created_at=now(session),
    )


def _crop(session: Session, specimen: Specimen, look: Look) -> Crop:
    return Crop(
        specimen_id=specimen.id,
        number=1,
        left=look.box.left,
        top=look.box.top,
        right=look.box.right,
        bottom=look.box.bottom,
        origin="fallback",
        digest=look.crop,
        preview_digest=look.preview,
        created_at=now(session),
    )


def _candidates(session: Session, specimen: Specimen, look: Look) -> list[Candidate]:
    """Three or four; the queue takes the specimens by their numbers."""
    assert specimen.crop_id is not None
    methods = list(zip(GROWTH, look.masks, strict=True))[specimen.id % 2 :]
    specimen.candidates = specimen.open_candidates = len(methods)
    specimen.priority = 1 - specimen.id / 1e6
    specimen.settle()
    return [
        Candidate(
            specimen_id=specimen.id,
            crop_id=specimen.crop_id,
            origin=origin,
            agreeing=[],
            digest=digest,
            own_score=0.9 - 0.1 * place,
            score=0.9 - 0.1 * place,
            created_at=now(session),
        )
        for place, (origin, digest) in enumerate(methods)
    ]
