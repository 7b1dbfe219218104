"""Lists for the pages; long ones come a page at a time, by key."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Self, TypeVarTuple

from sqlalchemy import ColumnElement, Function, Select, case, func, select
from sqlalchemy.orm import Session, joinedload

from app.domain.base import Json
from app.domain.labelling import Candidate, LabelVersion
from app.domain.photographs import Source
from app.domain.rounds import ContactSheet, Round, RoundLabel, TrainedModel
from app.domain.specimens import Crop, Specimen, SpecimenState, Split, Tag
from app.errors import NotFound
from app.services import taxa
from app.services.counting import UpTo, state_counts, up_to
from app.services.searching import ANYTHING, About

PAGE = 60

Columns = TypeVarTuple("Columns")


@dataclass(frozen=True)
class SpecimenTile:
    """A specimen as one picture in a list: on blue where there is a mask, else as it is."""

    id: int
    key: str
    source: str
    state: SpecimenState
    crop_digest: str | None
    mask_digest: str | None
    taxon: str
    """Its code with what that stands for; empty if no code is known."""


@dataclass(frozen=True)
class Selection:
    """Which specimens are meant; what is empty does not matter."""

    state: SpecimenState | None = None
    source: str = ""
    """Code of the source."""
    tag: str = ""
    search: str = ""
    """A part of the key."""
    about: About = ANYTHING
    specimens: tuple[int, ...] = ()
    """Their numbers, where they were picked one by one."""

    @classmethod
    def of(cls, values: Json) -> Self:
        """Read what `asdict` gave and a job has kept."""
        known = {**asdict(cls()), **values}
        state = SpecimenState(known["state"]) if known["state"] is not None else None
        own = {"about": About(**known["about"]), "specimens": tuple(known["specimens"])}
        return cls(**{**known, "state": state, **own})

    def narrow(self, session: Session, query: Select[*Columns]) -> Select[*Columns]:
        """The query over specimens, and only those that are meant."""
        if self.state is not None:
            query = query.where(Specimen.state == self.state)
        if self.source:
            code = select(Source.id).where(Source.code == self.source).scalar_subquery()
            query = query.where(Specimen.source_id == code)
        if self.tag:
            tagged = select(Tag.specimen_id).where(Tag.word == self.tag)
            query = query.where(Specimen.id.in_(tagged))
        if self.search:
            query = query.where(Specimen.key.icontains(self.search, autoescape=True))
        if self.specimens:
            query = query.where(Specimen.id.in_(self.specimens))
        return query.where(*self.about.conditions(session))


EVERYTHING = Selection()


def specimen_tiles(
    session: Session, selection: Selection = EVERYTHING, *, after: int = 0
) -> list[SpecimenTile]:
    """At most PAGE specimens whose number is above `after`."""
    # First the numbers: what finds them may have to sort many, and wide rows are slow to sort.
    meant = select(Specimen.id).where(Specimen.id > after).order_by(Specimen.id).limit(PAGE)
    ids = session.scalars(selection.narrow(session, meant)).all()
    best = best_mask().scalar_subquery()
    query = (
        select(
            Specimen.id,
            Specimen.key,
            Source.code,
            Specimen.state,
            Crop.preview_digest,
            func.coalesce(LabelVersion.digest, best),
            Specimen.taxon,
        )
        .join(Source, Source.id == Specimen.source_id)
        .outerjoin(LabelVersion, LabelVersion.id == Specimen.version_id)
        .outerjoin(Crop, Crop.id == func.coalesce(LabelVersion.crop_id, Specimen.crop_id))
        .where(Specimen.id.in_(ids))
        .order_by(Specimen.id)
    )
    tiles = [SpecimenTile(*row) for row in session.execute(query)]
    titles = taxa.titles(session, {tile.taxon for tile in tiles})
    return [replace(tile, taxon=titles[tile.taxon]) for tile in tiles]


def count(session: Session, selection: Selection) -> UpTo:
    if selection == EVERYTHING:
        return UpTo(sum(state_counts(session).values()))
    return up_to(session, selection.narrow(session, select(Specimen.id)))


def best_mask() -> Select[str]:
    """The open candidate that scores highest, of the present crop; correlates with Specimen."""
    best = Candidate.id == Specimen.best_candidate_id
    return select(Candidate.digest).where(best).correlate(Specimen)


@dataclass(frozen=True)
class RoundLine:
    round: Round
    labels: int
    models: list[TrainedModel]


def round_lines(session: Session) -> list[RoundLine]:
    """Every round, newest first, with how many labels it froze and what it made."""
    labels = dict(
        session.execute(
            select(RoundLabel.round_id, func.count()).group_by(RoundLabel.round_id)
        ).all()
    )
    made = defaultdict[int, list[TrainedModel]](list)
    for model in session.scalars(select(TrainedModel).order_by(TrainedModel.id)):
        made[model.round_id].append(model)
    rounds = session.scalars(
        select(Round).options(joinedload(Round.job)).order_by(Round.number.desc())
    )
    return [RoundLine(each, labels.get(each.id, 0), made[each.id]) for each in rounds]


def models(session: Session) -> Sequence[TrainedModel]:
    query = select(TrainedModel).options(joinedload(TrainedModel.round))
    return session.scalars(query.order_by(TrainedModel.id.desc())).all()


def get_model(session: Session, model_id: int) -> TrainedModel:
    model = session.get(TrainedModel, model_id)
    if model is None:
        raise NotFound("There is no model {number}.", number=model_id)
    return model


@dataclass(frozen=True)
class LabelShare:
    """What a round did with the labels of one stratum, as it was when the round began."""

    stratum: int | None
    training: int
    validation: int
    hard: int


def label_shares(session: Session, round_id: int) -> list[LabelShare]:
    """By stratum; labels that were in none come last."""

    def those(condition: ColumnElement[bool]) -> Function[int]:
        return func.sum(case((condition, 1), else_=0))

    rows = session.execute(
        select(
            RoundLabel.stratum,
            those(RoundLabel.split == Split.TRAINING),
            those(RoundLabel.split == Split.VALIDATION),
            those(RoundLabel.hard.is_(True)),
        )
        .where(RoundLabel.round_id == round_id)
        .group_by(RoundLabel.stratum)
    )
    shares = [LabelShare(*row) for row in rows]
    return sorted(shares, key=lambda share: (share.stratum is None, share.stratum))


def contact_sheets(session: Session, round_id: int) -> Sequence[ContactSheet]:
    """Those of a round, newest first."""
    query = select(ContactSheet).where(ContactSheet.round_id == round_id)
    return session.scalars(query.order_by(ContactSheet.epoch.desc(), ContactSheet.variant)).all()
