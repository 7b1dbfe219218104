"""What a round would be made of if it started now: counted, not loaded."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Select, case, func, select
from sqlalchemy.orm import Session

from app.domain.labelling import UPLOAD, LabelVersion
from app.domain.photographs import Source
from app.domain.specimens import Specimen, Split, Tag
from app.domain.strata import Stratification, Stratum
from app.services.rounds import current_labels, learned_versions
from app.services.splitting import VALIDATION_SHARE

FEW = 5
"""Labels of a stratum below which a network hardly learns it."""
MOST_TAGS = 40


@dataclass(frozen=True)
class Share:
    """Labels of one group."""

    name: str
    labels: int
    new: int
    """That no model has learned from."""


@dataclass(frozen=True)
class Composition:
    training: int
    validation: int
    new: int
    hard: int
    """Of those that are trained on; expected, where sides are still open."""
    sources: list[Share]
    strata: list[Share]
    """By the names that people gave them, or their numbers; "" for none yet."""
    origins: list[Share]
    tags: list[Share]
    thin: list[str]
    """Strata with few labels, also those with none."""
    kept_out: int
    """Labels of the benchmark."""

    @property
    def labels(self) -> int:
        return self.training + self.validation


@dataclass(frozen=True)
class _Count:
    source: str
    stratum: int | None
    origin: str
    split: Split | None
    is_new: bool
    labels: int


def compose(session: Session, hard_tags: Sequence[str]) -> Composition:
    """Count what there is, and foresee the sides of what has none yet."""
    counts = _counts(session)
    names, sizes = _strata(session)
    validation = expected_validation(counts)
    per_stratum = Counter[int | None]()
    for count in counts:
        per_stratum[count.stratum] += count.labels
    thin = [names[number] for number in names if sizes[number] and per_stratum[number] < FEW]
    return Composition(
        training=sum(count.labels for count in counts) - validation,
        validation=validation,
        new=sum(count.labels for count in counts if count.is_new),
        hard=_hard(session, hard_tags, counts, validation),
        sources=_shares(counts, lambda count: count.source),
        strata=_shares(counts, lambda count: _stratum_name(names, count.stratum)),
        origins=_shares(counts, lambda count: count.origin),
        tags=_tags(session),
        thin=thin,
        kept_out=session.scalar(_kept_out()) or 0,
    )


def expected_validation(counts: Iterable[_Count]) -> int:
    """How many labels will validate: as `splitting.validating` chooses, without choosing."""
    total = before = 0
    members, fresh = Counter[int | None](), Counter[int | None]()
    for count in counts:
        total += count.labels
        members[count.stratum] += count.labels
        if count.split is None:
            fresh[count.stratum] += count.labels
        elif count.split is Split.VALIDATION:
            before += count.labels
    for number in [number for number, size in members.items() if size == 1 and number is not None]:
        fresh[None] += fresh.pop(number, 0)
    able = sum((each + 1) // 2 for each in fresh.values())
    lacking = max(1, round(VALIDATION_SHARE * total)) - before
    return before + max(0, min(lacking, able)) if total else 0


def _counts(session: Session) -> list[_Count]:
    is_new = case((Specimen.version_id.in_(learned_versions()), 0), else_=1)
    labelled = (
        current_labels()
        .join(Source, Source.id == Specimen.source_id)
        .join(LabelVersion, LabelVersion.id == Specimen.version_id)
    )
    columns = (Source.code, Specimen.stratum, LabelVersion.origin, Specimen.split, is_new)
    query = labelled.with_only_columns(*columns, func.count()).group_by(*columns)
    return [
        _Count(source, stratum, _kind_of(origin), split, bool(new), labels)
        for source, stratum, origin, split, new, labels in session.execute(query)
    ]


def _kind_of(origin: str) -> str:
    """What follows an upload's word is the number of its file."""
    return UPLOAD if origin.startswith(f"{UPLOAD}:") else origin


def _strata(session: Session) -> tuple[dict[int, str], dict[int, int]]:
    newest = select(func.max(Stratification.id)).scalar_subquery()
    query = select(Stratum.number, Stratum.name, Stratum.specimens)
    rows = session.execute(
        query.where(Stratum.stratification_id == newest).order_by(Stratum.number)
    ).all()
    return (
        {number: name or str(number) for number, name, _ in rows},
        {number: size for number, _, size in rows},
    )


def _stratum_name(names: dict[int, str], number: int | None) -> str:
    return "" if number is None else names.get(number, str(number))


def _shares(counts: Iterable[_Count], name: Callable[[_Count], str]) -> list[Share]:
    labels, new = Counter[str](), Counter[str]()
    for count in counts:
        labels[name(count)] += count.labels
        new[name(count)] += count.labels if count.is_new else 0
    return [Share(one, number, new[one]) for one, number in labels.most_common()]


def _tags(session: Session) -> list[Share]:
    is_new = case((Specimen.version_id.in_(learned_versions()), 0), else_=1)
    tagged = current_labels().join(Tag, Tag.specimen_id == Specimen.id)
    number = func.count()
    query = tagged.with_only_columns(Tag.word, number, func.sum(is_new)).group_by(Tag.word)
    rows = session.execute(query.order_by(number.desc(), Tag.word).limit(MOST_TAGS))
    return [Share(*row) for row in rows]


def _hard(session: Session, words: Sequence[str], counts: Iterable[_Count], validation: int) -> int:
    if not words:
        return 0
    tagged = select(Tag.specimen_id).where(Tag.word.in_(words))
    query = current_labels().where(Specimen.id.in_(tagged))
    rows = session.execute(
        query.with_only_columns(Specimen.split, func.count()).group_by(Specimen.split)
    )
    found = dict(rows.tuples().all())
    settled = Counter[Split | None]()
    for count in counts:
        settled[count.split] += count.labels
    open_ = settled[None]
    chosen = validation - settled[Split.VALIDATION]
    stays = 1 - chosen / open_ if open_ else 1.0
    return found.get(Split.TRAINING, 0) + round(found.get(None, 0) * stays)


def _kept_out() -> Select[int]:
    members = Specimen.in_benchmark.is_(True) & Specimen.version_id.is_not(None)
    return select(func.count(Specimen.id)).where(members)
