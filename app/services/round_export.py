"""The frozen training set of a round as files: pictures, masks, a manifest, and settings."""

import io
import json
from collections.abc import Iterator
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from app.blobs import Blobs
from app.db import Database
from app.domain.base import Json
from app.domain.jobs import Job, JobKind, PartKind
from app.domain.labelling import LabelVersion
from app.domain.rounds import Round, RoundLabel, TrainedModel
from app.domain.specimens import Specimen
from app.services import jobs, rounds
from app.services.csv_rows import csv_text
from app.services.exports import OnExported, Sink, place
from ml.progress import OnProgress, Progress, silent

CHUNK = 100
HEAD = (
    *("source", "specimen", "file", "split", "stratum", "hard", "padding"),
    *("version_id", "version", "mask_sha256", "crop_sha256"),
)


class _Frozen(NamedTuple):
    label: RoundLabel
    version: LabelVersion


def start(session: Session, number: int, person_id: int | None) -> Job:
    """Queue the archive, as a job of exports.

    Raises:
        NotFound: there is no such round.
    """
    round_ = rounds.get_round(session, number)
    job = jobs.start(session, JobKind.EXPORT, person_id)
    payload = {"kind": "round", "frame": str(number), "round_id": round_.id}
    jobs.add_part(session, job.id, PartKind.EXPORT, payload)
    return job


def write(
    db: Database,
    blobs: Blobs,
    sink: Sink,
    round_id: int,
    *,
    on_exported: OnExported,
    on_progress: OnProgress = silent,
) -> int:
    """Write everything that the round learned from; returns how many labels that are."""
    manifest, taken = io.StringIO(), set[str]()
    manifest.write(csv_text([HEAD]))
    with db.reading() as session:
        numbers = select(RoundLabel.version_id).where(RoundLabel.round_id == round_id)
        ids = session.scalars(numbers.order_by(RoundLabel.version_id)).all()
        sink.write("config.json", json.dumps(_settings(session, round_id), indent=2).encode())
    for done, (label, version) in enumerate(_labels(db, round_id, list(ids))):
        on_progress(Progress("export", done, len(ids)))
        folder, name = place(version.specimen, taken)
        sink.write(f"imgs/{folder}/{name}.png", blobs.read(version.crop.digest))
        sink.write(f"masks/{folder}/{name}.png", blobs.read(version.digest))
        on_exported(version.id, version.digest)
        manifest.write(csv_text([_row(label, version, f"{folder}/{name}.png")]))
    sink.write("manifest.csv", manifest.getvalue().encode("utf-8-sig"))
    return len(ids)


def _labels(db: Database, round_id: int, ids: list[int]) -> Iterator[_Frozen]:
    """A chunk per session, so that none stays open for long."""
    query = (
        select(RoundLabel, LabelVersion)
        .join(LabelVersion, LabelVersion.id == RoundLabel.version_id)
        .where(RoundLabel.round_id == round_id)
        .order_by(RoundLabel.version_id)
        .options(
            joinedload(LabelVersion.crop),
            joinedload(LabelVersion.specimen).joinedload(Specimen.source),
        )
    )
    for first in range(0, len(ids), CHUNK):
        some = ids[first : first + CHUNK]
        with db.reading() as session:
            found = session.execute(query.where(RoundLabel.version_id.in_(some))).all()
        yield from (_Frozen(*row) for row in found)


def _row(label: RoundLabel, version: LabelVersion, file: str) -> tuple[object, ...]:
    return (
        version.specimen.source.code,
        version.specimen.key,
        file,
        label.split.value,
        "" if label.stratum is None else label.stratum,
        int(label.hard),
        label.padding,
        version.id,
        version.number,
        version.digest,
        version.crop.digest,
    )


def _settings(session: Session, round_id: int) -> Json:
    round_ = session.get_one(Round, round_id)
    start = session.get(TrainedModel, round_.start_model_id or 0)
    return {
        "round": round_.number,
        "preset": round_.preset,
        "hard_tags": round_.hard_tags,
        "start_weights_sha256": start.weights_digest if start is not None else None,
        "variants": round_.configs,
    }
