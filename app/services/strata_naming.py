"""What people make of strata: names, and merging those that look alike to them.

Specimens follow at once. Each change is written down with who made it and when; splitting undoes
merging, because every specimen keeps the cluster that it was found in.
"""

from collections import Counter
from collections.abc import Mapping, Sequence

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import Session

from app.db import now
from app.domain.specimens import Specimen
from app.domain.strata import Stratification, Stratum, StratumChange, StratumChangeKind
from app.errors import Conflict, NotFound, Refused

LONGEST_NAME = 100
SAME = 0.5
"""Jaccard index from which a new stratum is taken for the one that had a name."""


def rename(session: Session, person_id: int, number: int, name: str) -> Stratum:
    """Give the stratum another name, or none."""
    stratum, name = _get(session, number), name.strip()
    if len(name) > LONGEST_NAME:
        raise Refused("A name has at most {most} characters.", most=LONGEST_NAME)
    taken = select(Stratum.number).where(
        Stratum.stratification_id == stratum.stratification_id,
        Stratum.number != number,
        Stratum.name == name,
    )
    if name and (other := session.scalar(taken.limit(1))) is not None:
        raise Conflict("Stratum {number} is called so; merge the two instead.", number=other)
    if name != stratum.name:
        stratum.name = name
        _note(session, stratum, StratumChangeKind.NAMED, person_id, name=name)
    return stratum


def merge(session: Session, person_id: int, number: int, into: int) -> Stratum:
    """Let all specimens of one stratum count to another, until it is split off again."""
    stratum, target = _get(session, number), _get(session, into)
    if number == into:
        raise Refused("A stratum cannot be merged into itself.")
    for each in (stratum, target):
        if each.merged_into is not None:
            raise Conflict(
                "Stratum {number} is merged into {into} already; split it off first.",
                number=each.number,
                into=each.merged_into,
            )
    for each in (stratum, *_merged_into(session, stratum)):
        each.merged_into = into
        _note(session, each, StratumChangeKind.MERGED, person_id, into=into)
    _move(session, into, Specimen.stratum == number)
    return target


def split(session: Session, person_id: int, number: int) -> Stratum:
    """Undo that a stratum was merged into another."""
    stratum = _get(session, number)
    into = stratum.merged_into
    if into is None:
        raise Conflict("Stratum {number} is merged into none.", number=number)
    stratum.merged_into = None
    _note(session, stratum, StratumChangeKind.SPLIT, person_id, into=into)
    _move(session, number, Specimen.stratum == into, Specimen.cluster == number)
    return stratum


def merged(session: Session, stratification_id: int) -> dict[int | None, int]:
    """Which strata count to which others."""
    query = select(Stratum.number, Stratum.merged_into).where(
        Stratum.stratification_id == stratification_id, Stratum.merged_into.is_not(None)
    )
    return {number: into for number, into in session.execute(query) if into is not None}


def keep_names(
    session: Session,
    before: Stratification | None,
    made: Sequence[Stratum],
    overlaps: Mapping[tuple[int, int], int],
) -> None:
    """Names survive in the new stratum that has most of the same specimens.

    Args:
        overlaps: specimens by the number of their former stratum and of their new one.
    """
    if before is None:
        return
    query = select(Stratum).where(Stratum.stratification_id == before.id, Stratum.name != "")
    names = {stratum.number: stratum.name for stratum in session.scalars(query)}
    old, new = Counter[int](), Counter[int]()
    for (former, later), count in overlaps.items():
        old[former] += count
        new[later] += count
    strata = {stratum.number: stratum for stratum in made}
    for (former, later), count in sorted(overlaps.items(), key=lambda each: -each[1]):
        if former not in names or strata[later].name:
            continue
        if count >= SAME * (old[former] + new[later] - count):
            strata[later].name = names.pop(former)
            _note(session, strata[later], StratumChangeKind.NAMED, None, name=strata[later].name)


def changes(session: Session, stratification_id: int) -> Sequence[StratumChange]:
    """Newest first."""
    query = select(StratumChange).where(StratumChange.stratification_id == stratification_id)
    return session.scalars(query.order_by(StratumChange.id.desc()).limit(20)).all()


def _get(session: Session, number: int) -> Stratum:
    newest = select(func.max(Stratification.id)).scalar_subquery()
    query = select(Stratum).where(Stratum.stratification_id == newest, Stratum.number == number)
    stratum = session.scalar(query.with_for_update())
    if stratum is None:
        raise NotFound("There is no stratum {number}.", number=number)
    return stratum


def _merged_into(session: Session, stratum: Stratum) -> Sequence[Stratum]:
    query = select(Stratum).where(
        Stratum.stratification_id == stratum.stratification_id,
        Stratum.merged_into == stratum.number,
    )
    return session.scalars(query.order_by(Stratum.number)).all()


def _move(session: Session, number: int, *those: ColumnElement[bool]) -> None:
    # Locked in the order of numbers, as whoever stores strata does.
    locked = select(Specimen.id).where(*those).order_by(Specimen.id).with_for_update()
    session.execute(locked).all()
    moved = update(Specimen).where(*those).values(stratum=number)
    session.execute(moved, execution_options={"synchronize_session": False})


def _note(
    session: Session,
    stratum: Stratum,
    kind: StratumChangeKind,
    person_id: int | None,
    *,
    name: str = "",
    into: int | None = None,
) -> None:
    change = StratumChange(
        stratification_id=stratum.stratification_id,
        number=stratum.number,
        kind=kind,
        name=name,
        into=into,
        person_id=person_id,
        created_at=now(session),
    )
    session.add(change)
