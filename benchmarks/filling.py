"""A large collection as rows alone, without a picture: years of work of five curators.

On top of the specimens of `searching.fill` come the label versions, candidates of models, reviews,
rounds and measurements that a lab has after twenty rounds.
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

import numpy as np
from sqlalchemy import insert, select, text, update

from app.db import Database
from app.domain.exports import ExportedMask
from app.domain.jobs import Job, JobKind, JobState
from app.domain.labelling import Candidate, Decision, LabelVersion, Review
from app.domain.people import Person
from app.domain.rounds import Epoch, Measurement, Promotion, Round, RoundLabel, TrainedModel
from app.domain.specimens import Crop, Specimen, SpecimenState, Split, Tag
from app.domain.strata import Stratification, Stratum
from app.services import benchmark, days
from benchmarks import searching
from ml.presets import PRESETS

Rows = list[dict[str, Any]]
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
PEOPLE, STRATA, EPOCHS, MEMBERS = 5, 8, 50, 100
PER_INSERT = 20_000
NAMES = ("brown", "white wings", "", "grey", "", "yellow", "green", "transparent")
TAGS = ("white wing", "transparent wing", "worn", "small")


def fill(
    database: Database, specimens: int, *, versions: int, candidates: int, models: int
) -> None:
    searching.fill(database, specimens)
    with database.transaction() as session:
        names = [{"name": f"Curator {number}", "created_at": BEGIN} for number in range(PEOPLE)]
        session.execute(insert(Person), names)
        people = list(session.scalars(select(Person.id)))
        members = _members(session.scalars(_labelled()).all())
        benchmark.settle(session, people[0], members, joined=True)
    labelled = _ids(database)
    _store(database, Job, _jobs(models))
    _store(database, Round, _rounds(models))
    _store(database, TrainedModel, _models(models))
    _store(database, Epoch, _epochs(models))
    _store(database, LabelVersion, _versions(labelled, people, versions, models))
    _take_last_versions(database)
    _store(database, Candidate, _candidates(database, candidates, models))
    _take_best_candidates(database)
    _store(database, Review, _reviews(database))
    _store(database, RoundLabel, _frozen(labelled, models))
    _store(database, Measurement, _measurements(labelled, members, models))
    _store(database, ExportedMask, _exported(database, models + 2))
    _store(database, Promotion, _promotions(models, people[0]))
    _store(database, Tag, _tags(labelled))
    _stratify(database, models + 1)
    while _caught_up(database):
        pass
    with database.transaction() as session:
        session.connection().execute(text("ANALYZE"))


def _caught_up(database: Database) -> bool:
    """As workers do it in between."""
    with database.transaction() as session:
        return days.catch_up(session)


def _labelled() -> Any:
    return select(Specimen.id).where(Specimen.state == SpecimenState.LABELLED).order_by(Specimen.id)


def _ids(database: Database) -> list[int]:
    """Labelled specimens that may be learned from; the rest of the program sees to the others."""
    with database.reading() as session:
        return list(session.scalars(_labelled().where(Specimen.in_benchmark.is_(False))))


def _members(labelled: Sequence[int]) -> list[int]:
    return list(labelled[:: max(1, len(labelled) // MEMBERS)][:MEMBERS])


def _store(database: Database, table: type, rows: Iterator[dict[str, Any]]) -> None:
    while chunk := list(islice(rows, PER_INSERT)):
        with database.transaction() as session:
            session.execute(insert(table), chunk)


def _moment(step: int) -> datetime:
    """Every half minute somebody decides, five hours a day."""
    day, second = divmod(30 * step, 5 * 3600)
    return BEGIN + timedelta(days=day / PEOPLE, seconds=second)


def _jobs(models: int) -> Iterator[dict[str, Any]]:
    kinds = [JobKind.ROUND] * models + [JobKind.STRATA, JobKind.EXPORT]
    for number, kind in enumerate(kinds, 1):
        result = {"round": number} if kind is JobKind.ROUND else {}
        done = {"state": JobState.DONE, "growing": False, "message": "", "finished_at": BEGIN}
        yield {"id": number, "kind": kind, "result": result, "created_at": BEGIN, **done}


def _rounds(models: int) -> Iterator[dict[str, Any]]:
    for number in range(1, models + 1):
        moment = BEGIN + timedelta(days=15 * number)
        yield {"id": number, "number": number, "job_id": number, "preset": "tiny",
               "configs": {"random": asdict(PRESETS["tiny"])},
               "hard_tags": [], "created_at": moment}  # fmt: skip


def _models(models: int) -> Iterator[dict[str, Any]]:
    for number in range(1, models + 1):
        dice = 0.97 - 0.2 / number
        metrics = {"validation_dice": dice, "best_epoch": 40, "epochs": EPOCHS}
        moment = BEGIN + timedelta(days=15 * number, hours=1)
        digests = {"weights_digest": "0" * 64, "card_digest": "0" * 64}
        yield {"id": number, "round_id": number, "variant": "random", "metrics": metrics,
               "created_at": moment, **digests}  # fmt: skip


def _epochs(models: int) -> Iterator[dict[str, Any]]:
    for number in range(1, models + 1):
        for epoch in range(1, EPOCHS + 1):
            losses = {"train_loss": 1 / epoch, "validation_loss": 1.1 / epoch}
            yield {"round_id": number, "variant": "random", "number": epoch, "seconds": 60.0,
                   "validation_dice": 1 - 1 / epoch, "learning_rate": 1e-3, **losses}  # fmt: skip


def _versions(
    labelled: Sequence[int], people: Sequence[int], most: int, models: int
) -> Iterator[dict[str, Any]]:
    """Behind the first, which `searching` made: each specimen is corrected again and again."""
    first = 1_000_000
    for step in range(most - len(labelled)):
        turn, place = divmod(step, len(labelled))
        specimen = labelled[place]
        model = 1 + (turn * 3) % models if step % 3 else None
        parent = specimen if turn == 0 else first + step - len(labelled)
        origin = f"model:{model}" if model else ("hand", "upload", "grabcut")[step // 3 % 3]
        yield {"id": first + step, "specimen_id": specimen, "number": turn + 2,
               "parent_id": parent, "crop_id": specimen, "digest": f"{first + step:064x}",
               "person_id": people[step % len(people)], "origin": origin, "model_id": model,
               "created_at": _moment(step)}  # fmt: skip


def _take_last_versions(database: Database) -> None:
    newest = (
        select(LabelVersion.id)
        .where(LabelVersion.specimen_id == Specimen.id)
        .order_by(LabelVersion.number.desc())
        .limit(1)
        .scalar_subquery()
    )
    with database.transaction() as session:
        session.execute(
            update(Specimen)
            .where(Specimen.version_id.is_not(None), Specimen.in_benchmark.is_(False))
            .values(version_id=newest)
        )


def _candidates(database: Database, most: int, models: int) -> Iterator[dict[str, Any]]:
    """Beside the three of methods: each model predicted everything, until there are enough."""
    rng = np.random.default_rng(1)
    with database.reading() as session:
        crops = session.scalars(select(Crop.id).order_by(Crop.id)).all()
    for step in range(most - len(searching.CANDIDATES) * len(crops)):
        turn, place = divmod(step, len(crops))
        model, crop = models - turn, crops[place]
        yield {"specimen_id": crop, "crop_id": crop, "origin": f"model:{model}",
               "model_id": model, "agreeing": [], "digest": f"{step:064x}", "own_score": 0.9,
               "score": float(rng.random()), "uncertainty": float(rng.random()),
               "rejected": step % 17 == 0, "created_at": BEGIN}  # fmt: skip


def _take_best_candidates(database: Database) -> None:
    open_ones = select(Candidate.id).where(
        Candidate.specimen_id == Specimen.id, Candidate.rejected.is_(False)
    )
    best = open_ones.order_by(Candidate.score.desc(), Candidate.id).limit(1).scalar_subquery()
    score = select(Candidate.score).where(Candidate.id == Specimen.best_candidate_id)
    with database.transaction() as session:
        session.execute(update(Specimen).values(best_candidate_id=best))
        session.execute(update(Specimen).values(best_score=score.scalar_subquery()))


def _reviews(database: Database) -> Iterator[dict[str, Any]]:
    """One for each label version, and one rejection for every third."""
    with database.reading() as session:
        made = select(
            LabelVersion.id,
            LabelVersion.specimen_id,
            LabelVersion.person_id,
            LabelVersion.parent_id,
            LabelVersion.created_at,
        ).order_by(LabelVersion.id)
        rows = session.execute(made).all()
    for step, (version, specimen, person, parent, moment) in enumerate(rows):
        own = {"specimen_id": specimen, "person_id": person, "created_at": moment, "note": ""}
        yield {"decision_id": f"made-{version}", "decision": Decision.ACCEPT, "reasons": [],
               "version_id": version, "parent_id": parent, **own}  # fmt: skip
        if step % 3 == 0 and parent is not None:
            yield {"decision_id": f"not-{version}", "decision": Decision.REJECT,
                   "reasons": ["wing-cut"], "version_id": parent, "parent_id": parent,
                   **own}  # fmt: skip


def _frozen(labelled: Sequence[int], models: int) -> Iterator[dict[str, Any]]:
    for number in range(1, models + 1):
        for specimen in labelled[: len(labelled) * number // models]:
            split = Split.VALIDATION if specimen % 10 == 0 else Split.TRAINING
            yield {"round_id": number, "version_id": specimen, "specimen_id": specimen,
                   "split": split, "hard": specimen % 20 == 0,
                   "stratum": 1 + specimen % STRATA}  # fmt: skip


def _measurements(
    labelled: Sequence[int], members: Sequence[int], models: int
) -> Iterator[dict[str, Any]]:
    rng = np.random.default_rng(2)
    for number in range(1, models + 1):
        for version in members:
            yield _measurement(number, version, rng, None)
        for version in labelled[: len(labelled) * number // models : 10]:
            yield _measurement(number, version, rng, Split.VALIDATION)


def _measurement(
    model: int, version: int, rng: np.random.Generator, split: Split | None
) -> dict[str, Any]:
    dice = float(np.clip(rng.normal(0.97 - 0.2 / model, 0.02), 0, 1))
    others = ("iou", "pixel_accuracy", "mean_pixel_accuracy", "mean_iou")
    return {"model_id": model, "version_id": version, "split": split, "dice": dice,
            "boundary_f": dice - 0.03, "frequency_weighted_iou": dice, "hausdorff_95": 4.0,
            "created_at": BEGIN, **dict.fromkeys(others, dice)}  # fmt: skip


def _exported(database: Database, job_id: int) -> Iterator[dict[str, Any]]:
    with database.reading() as session:
        ids = session.scalars(select(Specimen.version_id).where(Specimen.version_id.is_not(None)))
        for version in ids.all():
            yield {"job_id": job_id, "version_id": version, "digest": f"{version or 0:064x}"}


def _promotions(models: int, person: int) -> Iterator[dict[str, Any]]:
    for number in range(1, models + 1):
        yield {"model_id": number, "person_id": person, "created_at": BEGIN}


def _tags(labelled: Sequence[int]) -> Iterator[dict[str, Any]]:
    for specimen in labelled[::4]:
        yield {"specimen_id": specimen, "word": TAGS[specimen % len(TAGS)], "created_at": BEGIN}


def _stratify(database: Database, job_id: int) -> None:
    findings = {"agreement": 0.8, "association_with_source": 0.2, "sampled": 1000, "strata": ""}
    with database.transaction() as session:
        made = {"id": 1, "job_id": job_id, "config": {}, "findings": findings, "created_at": BEGIN}
        session.execute(insert(Stratification), [made])
        rows = [
            {"stratification_id": 1, "number": number, "name": name, "specimens": 1,
             "findings": {"jaccard": 0.8, "shown": []}}
            for number, name in enumerate(NAMES, 1)
        ]  # fmt: skip
        session.execute(insert(Stratum), rows)
        number = 1 + Specimen.id % STRATA
        session.execute(
            update(Specimen)
            .where(Specimen.crop_id.is_not(None))
            .values(stratum=number, cluster=number)
        )
