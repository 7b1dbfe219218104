"""Every table of figures as rows for other programs, streamed a chunk at a time."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import InstrumentedAttribute

from app.db import Database
from app.domain.days import DayOfWork
from app.domain.detectors import DetectorRound, TrainedDetector
from app.domain.jobs import Job
from app.domain.labelling import LabelVersion
from app.domain.people import Person
from app.domain.photographs import Source
from app.domain.rounds import Epoch, Measurement, Round, RoundLabel, TrainedModel
from app.domain.specimens import Specimen, SpecimenState
from app.domain.strata import Stratification, Stratum
from app.errors import NotFound
from app.services.csv_rows import csv_text
from app.services.days import COUNTS

CHUNK = 1000

Columns = Select[*tuple[Any, ...]]
Query = Callable[[], Columns]


@dataclass(frozen=True)
class Table:
    """Rows in the order of `key`, which is their first column and no two have the same."""

    code: str
    about: str
    query: Query
    key: InstrumentedAttribute[Any]
    start: int | str = 0
    """What lies before every key."""

    @property
    def columns(self) -> list[str]:
        return list(self.query().selected_columns.keys())

    def rows(self, database: Database) -> Iterator[Sequence[Sequence[Any]]]:
        """Chunks of rows, each read in a session of its own."""
        after: int | str = self.start
        while True:
            page = self.query().where(self.key > after).order_by(self.key).limit(CHUNK)
            with database.reading() as session:
                found = session.execute(page).all()
            if found:
                yield found
                after = found[-1][0]
            if len(found) < CHUNK:
                return


def _labels() -> Columns:
    return (
        select(
            LabelVersion.id.label("version_id"),
            Source.code.label("source"),
            Specimen.key.label("specimen"),
            LabelVersion.number.label("version"),
            (Specimen.version_id == LabelVersion.id).label("counts"),
            LabelVersion.origin,
            Person.name.label("author"),
            LabelVersion.created_at,
            LabelVersion.candidate_id,
            LabelVersion.model_id,
            Specimen.stratum,
            LabelVersion.digest.label("mask_sha256"),
        )
        .join(Specimen, Specimen.id == LabelVersion.specimen_id)
        .join(Source, Source.id == Specimen.source_id)
        .join(Person, Person.id == LabelVersion.person_id)
    )


def _days() -> Columns:
    sums = [func.sum(getattr(DayOfWork, name)).label(name) for name in COUNTS]
    return select(DayOfWork.day, *sums).group_by(DayOfWork.day)


def _rounds() -> Columns:
    labels = select(func.count()).where(RoundLabel.round_id == Round.id).scalar_subquery()
    return select(
        Round.number.label("round"),
        Job.state,
        Round.preset,
        labels.label("labels"),
        Round.start_model_id,
        Round.created_at,
        Round.configs.label("configuration"),
    ).join(Job, Job.id == Round.job_id)


def _epochs() -> Columns:
    return select(
        Epoch.id.label("id"),
        Round.number.label("round"),
        Epoch.variant,
        Epoch.number.label("epoch"),
        Epoch.train_loss,
        Epoch.validation_loss,
        Epoch.validation_dice,
        Epoch.learning_rate,
        Epoch.seconds,
    ).join(Round, Round.id == Epoch.round_id)


def _models() -> Columns:
    return select(
        TrainedModel.id.label("model_id"),
        Round.number.label("round"),
        TrainedModel.variant,
        TrainedModel.created_at,
        TrainedModel.weights_digest.label("weights_sha256"),
        TrainedModel.metrics,
    ).join(Round, Round.id == TrainedModel.round_id)


def _measurements() -> Columns:
    return (
        select(
            Measurement.id.label("id"),
            Measurement.model_id,
            Measurement.version_id,
            Source.code.label("source"),
            Specimen.key.label("specimen"),
            Specimen.stratum,
            Specimen.in_benchmark,
            Measurement.split,
            Measurement.dice,
            Measurement.iou,
            Measurement.boundary_f,
            Measurement.hausdorff_95,
            Measurement.pixel_accuracy,
            Measurement.mean_pixel_accuracy,
            Measurement.mean_iou,
            Measurement.frequency_weighted_iou,
        )
        .join(LabelVersion, LabelVersion.id == Measurement.version_id)
        .join(Specimen, Specimen.id == LabelVersion.specimen_id)
        .join(Source, Source.id == Specimen.source_id)
    )


def _benchmark() -> Columns:
    return _measurements().where(Specimen.in_benchmark.is_(True))


def _strata() -> Columns:
    newest = select(func.max(Stratification.id)).scalar_subquery()
    here = select(func.count()).where(Specimen.stratum == Stratum.number)
    labels = here.where(Specimen.state == SpecimenState.LABELLED)
    return select(
        Stratum.number.label("stratum"),
        Stratum.name,
        Stratum.merged_into,
        here.scalar_subquery().label("specimens"),
        labels.scalar_subquery().label("labels"),
        Stratum.findings,
    ).where(Stratum.stratification_id == newest)


def _detectors() -> Columns:
    return select(
        TrainedDetector.id.label("detector_id"),
        DetectorRound.number.label("detector_round"),
        TrainedDetector.file_name,
        TrainedDetector.layout,
        TrainedDetector.created_at,
        TrainedDetector.digest.label("sha256"),
        TrainedDetector.metrics,
    ).outerjoin(DetectorRound, DetectorRound.id == TrainedDetector.round_id)


TABLES = (
    Table("labels", "Every label version, also those replaced since.", _labels, LabelVersion.id),
    Table("days", "What was done on each day that is over.", _days, DayOfWork.day, ""),
    Table("rounds", "Rounds and their configurations.", _rounds, Round.number),
    Table("epochs", "The curves of all trainings.", _epochs, Epoch.id),
    Table("models", "Trained models.", _models, TrainedModel.id),
    Table("measurements", "Models on labels that are fair to them.", _measurements, Measurement.id),
    Table("benchmark", "The same on the benchmark alone.", _benchmark, Measurement.id),
    Table("strata", "Strata as they are now.", _strata, Stratum.number),
    Table("detectors", "Detectors.", _detectors, TrainedDetector.id),
)

MEANINGS = {
    "version_id": "number of the label version",
    "source": "code of the source",
    "specimen": "name in the collection",
    "version": "number of the version among those of its specimen",
    "counts": "whether it is the label of its specimen now",
    "origin": "where the mask is from: a method, model:<number>, hand, upload, restored or carried",
    "author": "who made or accepted it",
    "created_at": "moment, in UTC",
    "candidate_id": "number of the candidate that was accepted",
    "model_id": "number of the trained model",
    "stratum": "number of the wing-colour stratum now",
    "mask_sha256": "SHA-256 of the mask as PNG",
    "day": "day, in UTC",
    "proposed": "labels that day that were accepted masks of methods",
    "predicted": "labels that day that were accepted masks of models",
    "drawn": "labels that day drawn by hand",
    "uploaded": "labels that day from files",
    "brought_back": "labels that day restored, or carried to another crop",
    "accepted": "candidates accepted that day",
    "rejected": "candidates rejected that day",
    "round": "number of the round",
    "state": "state of its job",
    "preset": "preset that it was configured from",
    "labels": "label versions",
    "start_model_id": "model whose weights it began with",
    "configuration": "all settings by variant, as JSON",
    "id": "number of the row",
    "variant": "variant of the round",
    "epoch": "number of the epoch",
    "train_loss": "mean loss of the epoch",
    "validation_loss": "loss on the validation labels",
    "validation_dice": "mean Dice on the validation labels, 0 to 1",
    "learning_rate": "at the end of the epoch",
    "seconds": "duration of the epoch",
    "weights_sha256": "SHA-256 of the weights",
    "metrics": "what was measured when it was made, as JSON",
    "in_benchmark": "whether the specimen is in the benchmark now",
    "split": "what the model's round did with the specimen; empty if it never saw it",
    "dice": "0 to 1",
    "iou": "intersection over union, 0 to 1",
    "boundary_f": "F-score of the edge, 0 to 1",
    "hausdorff_95": "Hausdorff distance at the 95th percentile, in pixels of the crop",
    "pixel_accuracy": "share of pixels that agree",
    "mean_pixel_accuracy": "mean of that over specimen and background",
    "mean_iou": "mean IoU over specimen and background",
    "frequency_weighted_iou": "IoU weighted by the share of pixels",
    "name": "name that a person gave it",
    "merged_into": "stratum that its specimens count to",
    "specimens": "how many specimens are in it",
    "findings": "what is known of it, as JSON",
    "detector_id": "number of the detector",
    "detector_round": "number of the detector's training",
    "file_name": "name of the file that was handed in",
    "layout": "layout of the network's outputs",
    "sha256": "SHA-256 of the ONNX file",
}
"""What the columns are, one meaning for each name in all tables."""


def table(code: str) -> Table:
    found = next((each for each in TABLES if each.code == code), None)
    if found is None:
        raise NotFound("There is no table {name}.", name=code)
    return found


def csv_pieces(database: Database, wanted: Table) -> Iterator[bytes]:
    # With the mark, spreadsheet programs read Chinese names as UTF-8.
    yield csv_text([wanted.columns]).encode("utf-8-sig")
    for rows in wanted.rows(database):
        yield csv_text([[_cell(value) for value in row] for row in rows]).encode()


def json_pieces(database: Database, wanted: Table) -> Iterator[bytes]:
    """One array of objects, an object a line."""
    between, columns = "[\n", wanted.columns
    for rows in wanted.rows(database):
        for row in rows:
            values = dict(zip(columns, map(_value, row), strict=True))
            yield f"{between}{json.dumps(values, ensure_ascii=False)}".encode()
            between = ",\n"
    yield b"[]\n" if between == "[\n" else b"\n]\n"


def _cell(value: Any) -> Any:
    value = _value(value)
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else value


def _value(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    return value.value if isinstance(value, Enum) else value
