"""What the grid can be filtered by."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.domain.labelling import UPLOAD, Candidate
from app.domain.photographs import Source
from app.domain.rounds import Round, TrainedModel
from app.domain.specimens import Specimen
from app.services import searching, tags
from app.services.distinct import distinct
from app.services.searching import Choices
from app.services.tags import WordInUse


@dataclass(frozen=True)
class GridChoices:
    rounds: Sequence[int]
    origins: Sequence[str]
    sources: Sequence[str]
    strata: Sequence[int]
    words: Sequence[WordInUse]
    about: Choices


def choices(session: Session) -> GridChoices:
    with_models = select(Round.number).where(Round.id.in_(select(TrainedModel.round_id)))
    return GridChoices(
        rounds=session.scalars(with_models.order_by(Round.number.desc())).all(),
        origins=_origins(session),
        sources=session.scalars(select(Source.code).order_by(Source.code)).all(),
        strata=list(distinct(session, Specimen.stratum)),
        words=tags.words_in_use(session),
        about=searching.choices(session),
    )


def _origins(session: Session) -> list[str]:
    # Every candidate from a file has an origin of its own; as a choice they are one.
    from_file = Candidate.origin.startswith(f"{UPLOAD}:")
    origins = set(distinct(session, Candidate.origin, ~from_file))
    behind = session.scalar(select(func.min(Candidate.origin)).where(Candidate.origin > UPLOAD))
    uploaded = behind is not None and behind.startswith(f"{UPLOAD}:")
    return sorted(origins | {UPLOAD} if uploaded else origins)
