"""Opens a detector that was trained elsewhere, keeps it, and compares it with the others."""

from collections.abc import Sequence
from dataclasses import replace

from app.domain.detectors import TrainedDetector
from app.domain.specimens import Split
from app.services import detector_boxes, detector_rounds, detectors
from app.services.detector_boxes import FrozenBox
from app.services.jobs import ClaimedPart
from ml.detect.yolo import YoloDetector
from ml.progress import OnProgress, Progress
from worker.checking_networks import layout_of
from worker.comparing_detectors import Photographs, compare, contestants
from worker.context import Context
from worker.holding import storing


def run(context: Context, part: ClaimedPart, on_progress: OnProgress) -> None:
    on_progress(Progress("opening", 0, 1))
    digest, classes = part.payload["digest"], part.payload["classes"]
    with context.blobs.open(digest) as file:
        layout = layout_of(file, classes)
    with storing(context, part) as session:
        detector = detectors.store_added(
            session,
            part.job_id,
            digest=digest,
            file_name=part.payload["file"],
            classes=classes,
            layout=layout,
        )
    if detector.metrics:
        return  # compared before the worker died
    network = YoloDetector(context.blobs.read(digest), classes=classes)
    photographs = Photographs(context)
    others = contestants(context, but=detectors.trained_name(detector.id))
    held_out = _held_out(context)
    comparison = compare(network, others, held_out, photographs.read, on_progress)
    with storing(context, part) as session:
        kept = session.get_one(TrainedDetector, detector.id)
        kept.metrics = replace(comparison, left_out=photographs.left_out).to_json()


def _held_out(context: Context) -> Sequence[Sequence[FrozenBox]]:
    """The photographs that the newest detector trained here was measured on; perhaps none."""
    with context.db.reading() as session:
        round_id = detector_rounds.newest_done(session)
        if round_id is None:
            return []
        boxes = detector_boxes.frozen(session, round_id)
    return detector_boxes.by_photograph(boxes, Split.VALIDATION)
