"""How well detectors find boxes that none trained here has learned from.

`TrainedDetector.metrics` holds the `Comparison` that was made when the detector came.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace

from pydantic import TypeAdapter
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.base import Json
from app.domain.detectors import TrainedDetector
from app.domain.photographs import Photograph, Source
from app.domain.specimens import Specimen
from app.services import detectors
from ml.imaging.boxes import Box
from ml.metrics.intervals import Interval

MOST_EARLIER = 5
"""Detectors that came earlier that a new one is compared with, beside those that serve."""
ITSELF = ""
"""The name of the new one in its own comparison: it has no number before it is stored."""


@dataclass(frozen=True)
class Measured:
    """Means over specimens with their intervals; see `ml.detect.figures`."""

    mean_iou: Interval
    share_good: Interval
    share_whole: Interval


@dataclass(frozen=True)
class Row:
    """A detector on the photographs of a comparison."""

    name: str
    specimens: int
    measured: Measured
    behind: Measured | None
    """How much better the new one is, specimen by specimen; None for the new one itself."""
    milliseconds: float
    """Per photograph."""
    growth: float | None = None
    """By which its boxes must be enlarged so that 97 % of the specimens are whole, if known."""


@dataclass(frozen=True)
class LeftOut:
    """A detector that could not be compared, or a photograph that could not be read."""

    name: str
    reason: str


@dataclass(frozen=True)
class Finding:
    """What the new detector found of a specimen; edges are in pixels of the photograph."""

    specimen_id: int
    iou: float
    found: tuple[int, int, int, int] | None
    true: tuple[int, int, int, int]


@dataclass(frozen=True)
class Comparison:
    photographs: int = 0
    """On which all were compared; 0: there were none."""
    confirmed: int = 0
    """How many of the specimens have for their true box what a detector had found, and somebody
    called right: that detector cannot err on them."""
    rows: list[Row] = field(default_factory=list)
    absent: list[LeftOut] = field(default_factory=list)
    """Detectors that could not be opened."""
    left_out: list[LeftOut] = field(default_factory=list)
    """Photographs that could not be read."""
    sheet: list[Finding] = field(default_factory=list)
    """The worst, and some of the others, the worst first."""

    def to_json(self) -> Json:
        return asdict(self)


_COMPARISONS = TypeAdapter(Comparison)


@dataclass(frozen=True)
class Picture:
    """A photograph of the comparison with the true and the found box."""

    specimen_id: int
    key: str
    photograph: Photograph
    iou: float
    found: Box | None
    true: Box


def comparison(detector: TrainedDetector) -> Comparison:
    return _COMPARISONS.validate_python(detector.metrics)


def rows(detector: TrainedDetector) -> list[Row]:
    """Itself and what it was compared with, the best first."""
    own = detectors.trained_name(detector.id)
    found = [replace(row, name=row.name or own) for row in comparison(detector).rows]
    return sorted(found, key=lambda row: row.measured.mean_iou.mean, reverse=True)


def sheet(session: Session, detector: TrainedDetector) -> list[Picture]:
    """Photographs with what it found on them, the worst first."""
    findings = comparison(detector).sheet
    query = (
        select(Specimen.id, Specimen.key, Photograph)
        .join(Photograph, Photograph.id == Specimen.photograph_id)
        .where(Specimen.id.in_([finding.specimen_id for finding in findings]))
    )
    known = {number: (key, photograph) for number, key, photograph in session.execute(query)}
    return [
        Picture(
            specimen_id=finding.specimen_id,
            key=known[finding.specimen_id][0],
            photograph=known[finding.specimen_id][1],
            iou=finding.iou,
            found=Box(*finding.found) if finding.found is not None else None,
            true=Box(*finding.true),
        )
        for finding in findings
    ]


def to_compare(session: Session) -> Sequence[str]:
    """What a new detector has to beat: those always there, those that serve, the newest others."""
    own = session.scalars(select(Source.detector).where(Source.detector != "").distinct())
    newest = session.scalars(
        select(TrainedDetector.id).order_by(TrainedDetector.id.desc()).limit(MOST_EARLIER)
    )
    names = [
        *detectors.always_there(),
        detectors.shared(session),
        *own,
        *(detectors.trained_name(number) for number in newest),
    ]
    return list(dict.fromkeys(names))


@dataclass(frozen=True)
class Line:
    """A detector that can be chosen, with its figures in the newest comparison."""

    name: str
    detector: TrainedDetector | None
    row: Row | None
    absent: str
    """Why it could not be compared."""
    serves: bool
    """All sources that name none of their own."""
    sources: list[str]
    """Codes of those that name it."""


@dataclass(frozen=True)
class Listing:
    lines: list[Line]
    """Those in the newest comparison first, the best of them at the top."""
    photographs: int
    """Of the comparison; 0 if there is none yet."""
    confirmed: int
    """As in the comparison."""


def listing(session: Session, setting: str) -> Listing:
    """Every detector that can be chosen; `setting` is what MOTHMASK_DETECTOR says."""
    trained = detectors.trained(session)
    known = {detectors.trained_name(each.id): each for each in trained}
    newest = next((each for each in trained if comparison(each).photographs), None)
    compared = {row.name: row for row in rows(newest)} if newest else {}
    found = comparison(newest) if newest else Comparison()
    absent = {each.name: each.reason for each in found.absent}
    serving = detectors.resolved(detectors.shared(session), setting)
    own = _own_detectors(session, setting)
    names = dict.fromkeys(detectors.resolved(name, setting) for name in detectors.names(session))
    lines = [
        Line(
            name=name,
            detector=known.get(name),
            row=compared.get(name),
            absent=absent.get(name, ""),
            serves=name == serving,
            sources=own.get(name, []),
        )
        for name in names
    ]
    return Listing(sorted(lines, key=_place), found.photographs, found.confirmed)


def _own_detectors(session: Session, setting: str) -> dict[str, list[str]]:
    query = select(Source.detector, Source.code).where(Source.detector != "").order_by(Source.code)
    found: dict[str, list[str]] = defaultdict(list)
    for name, code in session.execute(query):
        found[detectors.resolved(name, setting)].append(code)
    return found


def _place(line: Line) -> float:
    return -line.row.measured.mean_iou.mean if line.row is not None else 1.0
