"""Detectors side by side, on photographs whose boxes are known."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from app.decoding.photographs import open_photograph
from app.errors import MothmaskError
from app.services import detector_figures, detectors
from app.services.detector_boxes import FrozenBox
from app.services.detector_figures import ITSELF, Comparison, Finding, LeftOut, Measured, Row
from app.services.detectors import resolved
from ml.detect.detector import Detector
from ml.detect.figures import GOOD_IOU, Found, find_all, growth_for_whole, is_whole
from ml.errors import BadInput
from ml.imaging.arrays import Pixels
from ml.imaging.boxes import Box
from ml.metrics.intervals import bootstrap_mean
from ml.progress import OnProgress, Progress
from worker.context import Context
from worker.detecting import opened

WORST = 8
LEAST_FAIR = 10
"""Photographs whose boxes no detector has proposed, from which on the others are not needed."""
OTHERS = 16
"""On the sheet, evenly from the next worst to the best."""


@dataclass
class Photographs:
    """Reads photographs one by one, and remembers those that cannot be read any more."""

    context: Context
    unreadable: dict[str, str] = field(default_factory=dict)
    """Reasons by the names of files."""

    def read(self, box: FrozenBox) -> Pixels | None:
        """The photograph that a box is on, (height, width, 3) uint8 RGB."""
        most = self.context.settings.photograph_megapixels * 1_000_000
        try:
            with (
                self.context.blobs.open(box.digest) as file,
                open_photograph(file, most) as photograph,
            ):
                return photograph.whole()
        except (MothmaskError, BadInput) as error:
            self.leave_out(box, error)
            return None

    def leave_out(self, box: FrozenBox, error: Exception) -> None:
        self.unreadable[box.file_name] = str(error)

    @property
    def left_out(self) -> list[LeftOut]:
        return [LeftOut(name, reason) for name, reason in sorted(self.unreadable.items())]


@dataclass
class Trial:
    """What a detector has found so far, and how long that took."""

    detector: Detector
    found: list[Found] = field(default_factory=list)
    seconds: float = 0.0
    broken: str = ""
    """Why it could not look at a photograph."""

    def look(self, pixels: Pixels, truth: Sequence[Box]) -> None:
        began = time.perf_counter()
        try:
            found = find_all(self.detector, pixels, truth)
        except BadInput as error:
            self.broken = str(error)
            return
        self.seconds += time.perf_counter() - began
        self.found.extend(zip(found, truth, strict=True))

    def values(self) -> dict[str, list[float]]:
        """One value 0…1 for each specimen, by the name of the figure."""
        ious = [_iou(found, true) for found, true in self.found]
        whole = [found is not None and is_whole(found, true) for found, true in self.found]
        return {
            "mean_iou": ious,
            "share_good": [float(iou >= GOOD_IOU) for iou in ious],
            "share_whole": [float(each) for each in whole],
        }


def compare(
    network: Detector,
    others: "Contestants",
    photographs: Sequence[Sequence[FrozenBox]],
    read: Callable[[FrozenBox], Pixels | None],
    on_progress: OnProgress,
) -> Comparison:
    """Compare a new detector with others on the same photographs, read one after the other.

    A box that a detector had found and somebody called right is that detector's own: where there
    are enough others, around masks or drawn, only they are measured on.

    Args:
        photographs: the boxes on each, all of them known.
        read: gives the photograph that a box is on, or None where it is to be left out.
    """
    trials = {
        name: Trial(detector) for name, detector in {ITSELF: network, **others.opened}.items()
    }
    fair = [boxes for boxes in photographs if not any(box.confirmed for box in boxes)]
    chosen = fair if len(fair) >= LEAST_FAIR else photographs
    seen: list[Sequence[FrozenBox]] = []
    for done, boxes in enumerate(chosen):
        on_progress(Progress("compare", done, len(chosen)))
        pixels = read(boxes[0])
        if pixels is None:
            continue
        seen.append(boxes)
        for trial in trials.values():
            if not trial.broken:
                trial.look(pixels, [box.known for box in boxes])
    broken = [LeftOut(name, trial.broken) for name, trial in trials.items() if trial.broken]
    if not seen or trials[ITSELF].broken:
        return Comparison(absent=[*others.absent, *broken])
    flat = [box for boxes in seen for box in boxes]
    return Comparison(
        photographs=len(seen),
        confirmed=sum(box.confirmed for box in flat),
        rows=_rows({n: t for n, t in trials.items() if not t.broken}, len(seen)),
        absent=[*others.absent, *broken],
        sheet=_sheet(flat, trials[ITSELF].found),
    )


@dataclass(frozen=True)
class Contestants:
    opened: Mapping[str, Detector]
    absent: Sequence[LeftOut]
    """Those that cannot be opened."""


def contestants(context: Context, *, but: str = "") -> Contestants:
    """Those that a new detector has to beat; `but` is its own name, if it has one by now."""
    found: dict[str, Detector] = {}
    absent: dict[str, LeftOut] = {}
    with context.db.reading() as session:
        names = [name for name in detector_figures.to_compare(session) if name != but]
    for known_as in names:
        name = resolved(known_as, context.settings.detector)
        try:
            with context.db.reading() as session:
                choice = detectors.choice(session, name)
            found[name] = opened(context, replace(choice, name=name))
        except (MothmaskError, BadInput) as error:
            absent[name] = LeftOut(name, str(error))
    return Contestants(found, list(absent.values()))


def _rows(trials: Mapping[str, Trial], photographs: int) -> list[Row]:
    own = trials[ITSELF].values()
    rows = []
    for name, trial in trials.items():
        values = trial.values()
        measured = {figure: bootstrap_mean(of) for figure, of in values.items()}
        behind = {
            figure: bootstrap_mean(np.subtract(own[figure], of)) for figure, of in values.items()
        }
        rows.append(
            Row(
                name=name,
                specimens=len(trial.found),
                measured=Measured(**measured),
                behind=Measured(**behind) if name != ITSELF else None,
                milliseconds=1000 * trial.seconds / photographs,
                growth=growth_for_whole(trial.found),
            )
        )
    return rows


def _sheet(boxes: Sequence[FrozenBox], found: Sequence[Found]) -> list[Finding]:
    findings = [
        Finding(
            specimen_id=box.specimen_id,
            iou=_iou(seen, true),
            found=_edges(seen) if seen is not None else None,
            true=_edges(true),
        )
        for box, (seen, true) in zip(boxes, found, strict=True)
    ]
    findings.sort(key=lambda finding: finding.iou)
    others = findings[WORST:]
    places = np.linspace(0, len(others) - 1, min(OTHERS, len(others))).round().astype(int)
    return findings[:WORST] + [others[place] for place in places]


def _iou(found: Box | None, true: Box) -> float:
    return found.iou(true) if found is not None else 0.0


def _edges(box: Box) -> tuple[int, int, int, int]:
    return (box.left, box.top, box.right, box.bottom)
