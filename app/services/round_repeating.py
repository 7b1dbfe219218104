"""What a round froze, and training it again with the same seed and beginning."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert, literal, select
from sqlalchemy.orm import Session

from app.domain.labelling import LabelVersion
from app.domain.people import Person
from app.domain.photographs import Source
from app.domain.rounds import Round, RoundLabel
from app.domain.specimens import Crop, Specimen, Split
from app.errors import Refused
from app.services import round_starting, rounds

PAGE = 60


@dataclass(frozen=True)
class FrozenLine:
    """A label of a frozen training set, as the page shows it."""

    version_id: int
    number: int
    specimen_id: int
    key: str
    source: str
    split: Split
    hard: bool
    stratum: int | None
    author: str
    origin: str
    crop_digest: str
    mask_digest: str
    is_current: bool
    """Otherwise the specimen has another label by now, or none."""


def frozen_page(
    session: Session, round_id: int, *, after: int = 0, limit: int = PAGE
) -> Sequence[FrozenLine]:
    """Some of a round's labels: those whose version has a number above `after`."""
    query = (
        select(
            LabelVersion.id,
            LabelVersion.number,
            Specimen.id,
            Specimen.key,
            Source.code,
            RoundLabel.split,
            RoundLabel.hard,
            RoundLabel.stratum,
            Person.name,
            LabelVersion.origin,
            Crop.preview_digest,
            LabelVersion.digest,
            Specimen.version_id.is_not_distinct_from(LabelVersion.id),
        )
        .join(LabelVersion, LabelVersion.id == RoundLabel.version_id)
        .join(Person, Person.id == LabelVersion.person_id)
        .join(Crop, Crop.id == LabelVersion.crop_id)
        .join(Specimen, Specimen.id == LabelVersion.specimen_id)
        .join(Source, Source.id == Specimen.source_id)
        .where(RoundLabel.round_id == round_id, RoundLabel.version_id > after)
        .order_by(RoundLabel.version_id)
        .limit(limit)
    )
    rows: Sequence[Any] = session.execute(query).all()  # of more columns than types can name
    return [FrozenLine(*row) for row in rows]


def again(
    session: Session, number: int, *, person_id: int | None, request_id: str | None = None
) -> Round:
    """Start a round with what an earlier one had: on the same device it makes the same weights.

    Raises:
        NotFound: there is no such round.
        Refused: its configuration was not kept.
        Conflict: another round is still running.
    """
    known = round_starting.asked_before(session, request_id)
    if known is not None:
        return known
    earlier = rounds.get_round(session, number)
    if not all(earlier.configs.values()):
        raise Refused(
            "The configuration of round {number} was not kept, so it cannot be trained.",
            number=number,
        )
    round_starting.refuse_second(session)
    round_ = round_starting.add_round(
        session,
        preset=earlier.preset,
        configs=earlier.configs,
        hard_tags=earlier.hard_tags,
        start_model_id=earlier.start_model_id,
        person_id=person_id,
        request_id=request_id,
        again_of_id=earlier.id,
    )
    _copy_labels(session, earlier.id, round_.id)
    round_starting.queue_training(session, round_)
    return round_


def _copy_labels(session: Session, from_id: int, to_id: int) -> None:
    columns = [
        column
        for column in RoundLabel.__table__.columns
        if column.name not in ("round_id", "in_benchmark")
    ]
    rows = select(literal(to_id), *columns).where(RoundLabel.round_id == from_id)
    names = ["round_id", *(column.name for column in columns)]
    session.execute(insert(RoundLabel).from_select(names, rows))
