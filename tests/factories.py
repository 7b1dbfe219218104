"""Rows and blobs that tests need, drawn small and from seeds."""

import zlib
from collections.abc import Sequence

import numpy as np
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.blobs import Blobs
from app.db import now
from app.domain.labelling import Candidate, LabelVersion
from app.domain.people import Person
from app.domain.photographs import Photograph, Source
from app.domain.rounds import Measurement, TrainedModel
from app.domain.specimens import Crop, Specimen, Split
from app.services import queue_rule
from app.services.queue_score import Weights
from app.services.queueing import settle_queue_place
from ml.imaging.arrays import SPECIMEN, Mask, Pixels
from ml.imaging.boxes import Box
from ml.imaging.masks import encode_mask
from ml.imaging.read import encode_png

HEIGHT, WIDTH = 48, 64
METHODS = ("border-otsu", "grabcut")


def moth_mask(grown: int = 0) -> Mask:
    """An ellipse in the middle; grown by some pixels it stands for a worse candidate."""
    rows, columns = np.mgrid[:HEIGHT, :WIDTH]
    tall, wide = HEIGHT / 3 + grown, WIDTH / 3 + grown
    inside = ((rows - HEIGHT / 2) / tall) ** 2 + ((columns - WIDTH / 2) / wide) ** 2 <= 1
    return np.where(inside, SPECIMEN, 0).astype(np.uint8)


def moth_pixels(seed: int) -> Pixels:
    """The same ellipse, brown on a pale noisy ground."""
    noise = np.random.default_rng(seed).integers(-8, 8, (HEIGHT, WIDTH, 3))
    plain = np.where(moth_mask()[..., None] > 0, (110, 80, 50), (225, 220, 210))
    return (plain + noise).astype(np.uint8)


def make_person(session: Session, name: str = "Ada") -> Person:
    person = Person(name=name, created_at=now(session))
    session.add(person)
    session.flush()
    return person


def make_source(session: Session, code: str = "TEST") -> Source:
    known = session.scalars(select(Source).where(Source.code == code)).first()
    if known is not None:
        return known
    source = Source(code=code, created_at=now(session))
    session.add(source)
    session.flush()
    return source


def make_photograph(session: Session, blobs: Blobs, name: str, source: Source) -> Photograph:
    photograph = Photograph(
        source_id=source.id,
        key=name,
        file_name=f"{name}.png",
        digest=blobs.put(encode_png(moth_pixels(_seed(name)))),
        media_type="image/png",
        width=WIDTH,
        height=HEIGHT,
        notes=[],
        created_at=now(session),
    )
    session.add(photograph)
    session.flush()
    return photograph


def make_specimen(
    session: Session,
    blobs: Blobs,
    key: str = "moth-1",
    *,
    source_code: str = "TEST",
    cropped: bool = True,
    methods: Sequence[str] = METHODS,
) -> Specimen:
    """A specimen that is cropped and proposed, unless told otherwise."""
    source = make_source(session, source_code)
    photograph = make_photograph(session, blobs, f"{source_code}-{key}", source)
    specimen = Specimen(
        source_id=source.id, photograph_id=photograph.id, key=key, created_at=now(session)
    )
    session.add(specimen)
    session.flush()
    if cropped:
        make_crop(session, blobs, specimen)
        for rank, method in enumerate(methods):
            make_candidate(session, blobs, specimen, method, grown=rank, score=0.9 - 0.1 * rank)
    specimen.settle()
    session.flush()
    return specimen


def as_detected(
    session: Session, specimen: Specimen, confidence: float = 0.9, warnings: Sequence[str] = ()
) -> None:
    """The present crop becomes one that a detector has found."""
    crop = session.get_one(Crop, specimen.crop_id)
    crop.confidence, crop.warnings = confidence, list(warnings)
    specimen.take_crop(crop)
    specimen.searched = True
    session.flush()


def make_crop(session: Session, blobs: Blobs, specimen: Specimen, box: Box | None = None) -> Crop:
    """The next crop version, which becomes the specimen's current one."""
    box = box or Box(0, 0, WIDTH, HEIGHT)
    digest = blobs.put(encode_png(box.cut(moth_pixels(_seed(specimen.key)))))
    numbers = select(func.count()).select_from(Crop).where(Crop.specimen_id == specimen.id)
    crop = Crop(
        specimen_id=specimen.id,
        number=session.scalars(numbers).one() + 1,
        left=box.left,
        top=box.top,
        right=box.right,
        bottom=box.bottom,
        origin="fallback",
        digest=digest,
        preview_digest=digest,
        created_at=now(session),
    )
    session.add(crop)
    session.flush()
    specimen.take_crop(crop)
    specimen.searched = True
    specimen.settle()
    session.flush()
    return crop


def make_candidate(
    session: Session,
    blobs: Blobs,
    specimen: Specimen,
    origin: str = "grabcut",
    *,
    grown: int = 0,
    score: float = 0.8,
    model_id: int | None = None,
) -> Candidate:
    assert specimen.crop_id is not None
    candidate = Candidate(
        specimen_id=specimen.id,
        crop_id=specimen.crop_id,
        origin=origin,
        model_id=model_id,
        agreeing=[],
        digest=blobs.put(encode_mask(moth_mask(grown))),
        own_score=score,
        score=score,
        created_at=now(session),
    )
    session.add(candidate)
    settle_queue_place(session, specimen)
    session.flush()
    return candidate


def make_version(
    session: Session, blobs: Blobs, specimen: Specimen, person: Person, *, grown: int = 0
) -> LabelVersion:
    """A label drawn by hand, which becomes the specimen's current one."""
    assert specimen.crop_id is not None
    numbers = select(func.count()).where(LabelVersion.specimen_id == specimen.id)
    version = LabelVersion(
        specimen_id=specimen.id,
        number=session.scalars(numbers).one() + 1,
        parent_id=specimen.version_id,
        crop_id=specimen.crop_id,
        digest=blobs.put(encode_mask(moth_mask(grown))),
        person_id=person.id,
        origin="hand",
        created_at=now(session),
    )
    session.add(version)
    session.flush()
    specimen.version_id = version.id
    specimen.settle()
    session.flush()
    return version


def join_benchmark(session: Session, specimen_id: int) -> None:
    """By hand it is done with a tag; see `app.services.benchmark`."""
    session.get_one(Specimen, specimen_id).in_benchmark = True
    session.flush()


def make_model(session: Session, round_id: int, **metrics: float) -> TrainedModel:
    """A model that nobody trained."""
    model = TrainedModel(
        round_id=round_id,
        variant="random",
        weights_digest="0" * 64,
        card_digest="0" * 64,
        metrics={"validation_dice": 0.95, "best_epoch": 2, "epochs": 2, **metrics},
        created_at=now(session),
    )
    session.add(model)
    session.flush()
    return model


def _seed(name: str) -> int:
    return zlib.crc32(name.encode())


def without_checks(session: Session) -> None:
    """The queue is in the order of its score alone, and that leaves nothing to chance."""
    queue_rule.write(session, make_person(session, "Orderly").id, Weights(lot=0, check_share=0))


def measure(
    session: Session,
    model_id: int,
    specimen_id: int,
    dice: float,
    *,
    boundary_f: float | None = None,
    split: Split | None = None,
    hausdorff_95: float | None = None,
) -> None:
    """A model's figures on the present label of a specimen, as if a worker had measured them."""
    version_id = session.get_one(Specimen, specimen_id).version_id
    assert version_id is not None
    rates = ("iou", "pixel_accuracy", "mean_pixel_accuracy", "mean_iou", "frequency_weighted_iou")
    measurement = Measurement(
        model_id=model_id,
        version_id=version_id,
        split=split,
        dice=dice,
        boundary_f=dice if boundary_f is None else boundary_f,
        hausdorff_95=hausdorff_95,
        created_at=now(session),
        **dict.fromkeys(rates, dice),
    )
    session.add(measurement)
