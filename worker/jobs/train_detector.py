"""Trains a detector on its frozen boxes, going on where a killed worker stopped; measures it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from app.db import now
from app.domain.detectors import DetectorPoint, DetectorRound, TrainedDetector
from app.domain.specimens import Split
from app.errors import MothmaskError
from app.services import detector_boxes, detector_rounds, detectors, jobs
from app.services.detector_boxes import FrozenBox
from app.services.detector_figures import Comparison
from app.services.jobs import ClaimedPart
from ml.detect.examples import Example
from ml.detect.settling import SettlingDetector
from ml.detect.shipped import shipped_weights
from ml.detect.yolo import YoloDetector
from ml.detector_config import DetectorConfig
from ml.errors import BadInput
from ml.imaging import frame
from ml.imaging.boxes import Box
from ml.imaging.frame import Placement
from ml.imaging.masks import decode_mask
from ml.progress import OnProgress, Progress
from worker.comparing_detectors import Photographs, compare, contestants
from worker.context import Context
from worker.holding import storing

if TYPE_CHECKING:
    from ml.detect.training import DetectorReport, TrainedNetwork

MASKS_AT_A_TIME = 50


@dataclass(frozen=True)
class Plan:
    """What a training starts from."""

    round: DetectorRound
    config: DetectorConfig
    boxes: Sequence[FrozenBox]
    start: bytes | None
    """The weights that it begins with."""

    def photographs(self, split: Split) -> list[list[FrozenBox]]:
        return detector_boxes.by_photograph(self.boxes, split)


@dataclass(frozen=True)
class DetectorKeeper:
    """Writes what a training brings as it goes, each piece in a transaction of its own."""

    context: Context
    part: ClaimedPart
    round_id: int

    def point(self, report: "DetectorReport") -> None:
        point = DetectorPoint(
            round_id=self.round_id,
            step=report.step,
            loss=report.loss,
            mean_iou=report.mean_iou,
            share_good=report.share_good,
            share_whole=report.share_whole,
            seconds=report.seconds,
        )
        with storing(self.context, self.part) as session:
            detector_rounds.store_point(session, point)

    def checkpoint(self, data: bytes, _step: int) -> None:
        self._keep_checkpoint(self.context.blobs.put(data))

    def detector(self, trained: "TrainedNetwork", comparison: Comparison) -> None:
        digest = self.context.blobs.put(trained.onnx)
        weights_digest = self.context.blobs.put(trained.weights)
        with storing(self.context, self.part) as session:
            detector = TrainedDetector(
                round_id=self.round_id,
                digest=digest,
                weights_digest=weights_digest,
                metrics=comparison.to_json(),
                created_at=now(session),
            )
            detector_rounds.store_detector(session, detector)
        self._keep_checkpoint(None)

    def _keep_checkpoint(self, digest: str | None) -> None:
        with storing(self.context, self.part) as session:
            outdated = detector_rounds.store_checkpoint(session, self.round_id, digest)
            jobs.got_further(session, self.part)
        if outdated is not None:
            self.context.blobs.remove(outdated)


def run(context: Context, part: ClaimedPart, on_progress: OnProgress) -> None:
    # torch takes seconds to load, and most parts need none
    from ml.detect.training import train_detector

    round_id = part.payload["round_id"]
    with context.db.reading() as session:
        if detector_rounds.detector_of(session, round_id) is not None:
            return  # stored before the worker died
    photographs = Photographs(context)
    _look_at_masks(context, part, photographs, on_progress)
    plan = _plan(context, round_id)
    keeper = DetectorKeeper(context, part, round_id)
    resume = plan.round.checkpoint_digest
    trained = train_detector(
        _examples(photographs, plan.photographs(Split.TRAINING)),
        _examples(photographs, plan.photographs(Split.VALIDATION)),
        plan.config,
        start=plan.start,
        resume=context.blobs.read(resume) if resume is not None else None,
        on_report=keeper.point,
        on_checkpoint=keeper.checkpoint,
        on_progress=on_progress,
    )
    comparison = compare(
        SettlingDetector(YoloDetector(trained.onnx)),
        contestants(context),
        plan.photographs(Split.VALIDATION),
        photographs.read,
        on_progress,
    )
    keeper.detector(trained, replace(comparison, left_out=photographs.left_out))


def _look_at_masks(
    context: Context, part: ClaimedPart, photographs: Photographs, on_progress: OnProgress
) -> None:
    """Find the boxes of masks; those that were found before the worker died are there."""
    round_id = part.payload["round_id"]
    with context.db.reading() as session:
        frozen = detector_boxes.frozen(session, round_id)
    open_ = [box for box in frozen if box.box is None]
    for first in range(0, len(open_), MASKS_AT_A_TIME):
        found: dict[int, Box] = {}
        for number, box in enumerate(open_[first : first + MASKS_AT_A_TIME], start=first):
            on_progress(Progress("boxes-of-masks", number, len(open_)))
            try:
                found[box.specimen_id] = _around_mask(context, box)
            except (MothmaskError, BadInput) as error:
                photographs.leave_out(box, error)
        with storing(context, part) as session:
            detector_boxes.store(session, round_id, found)


def _around_mask(context: Context, box: FrozenBox) -> Box:
    """The box of a mask, in pixels of the photograph."""
    assert box.mask_digest is not None
    assert box.placement is not None
    bounds = box.placement.bounds
    mask = decode_mask(context.blobs.read(box.mask_digest))
    straight = frame.carried(mask, box.placement, Placement(bounds))
    return Box.around(straight).shifted(bounds.left, bounds.top)


def _plan(context: Context, round_id: int) -> Plan:
    with context.db.reading() as session:
        round_ = session.get_one(DetectorRound, round_id)
        config = DetectorConfig.from_json(round_.config)
        return Plan(
            round=round_,
            config=config,
            boxes=detector_boxes.frozen(session, round_id),
            start=_weights(context, session, round_.start, config),
        )


def _weights(context: Context, session: Session, name: str, config: DetectorConfig) -> bytes | None:
    if name == detectors.SHIPPED:
        return shipped_weights(config)
    number = detectors.trained_id(name)
    digest = detectors.get_detector(session, number).weights_digest if number else None
    return context.blobs.read(digest) if digest else None


def _examples(photographs: Photographs, with_boxes: Sequence[Sequence[FrozenBox]]) -> list[Example]:
    return [
        Example(partial(photographs.read, boxes[0]), tuple(box.known for box in boxes))
        for boxes in with_boxes
    ]
