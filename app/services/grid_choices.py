"""What the grid can be filtered by."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import case, select
from sqlalchemy.orm import Session

from app.domain.labelling import UPLOAD, Candidate
from app.domain.photographs import Source
from app.domain.rounds import Round, TrainedModel
from app.domain.specimens import Specimen
from app.services import searching, tags
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
    # Every candidate from a file has an origin of its own; as a choice they are one.
    from_file = Candidate.origin.startswith(f"{UPLOAD}:")
    origin = case((from_file, UPLOAD), else_=Candidate.origin).label("of_candidates")
    strata = select(Specimen.stratum).where(Specimen.stratum.is_not(None)).distinct()
    return GridChoices(
        rounds=session.scalars(with_models.order_by(Round.number.desc())).all(),
        origins=session.scalars(select(origin).distinct().order_by(origin)).all(),
        sources=session.scalars(select(Source.code).order_by(Source.code)).all(),
        strata=[
            each for each in session.scalars(strata.order_by(Specimen.stratum)) if each is not None
        ],
        words=tags.words_in_use(session),
        about=searching.choices(session),
    )
