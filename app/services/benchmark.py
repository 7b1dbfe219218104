"""Which specimens are of the benchmark: those that carry its tag, and that no round learned from.

The tag is the only way in and out. The database refuses a specimen on both sides (see
`app.domain.rounds.RoundLabel`); here it is refused with a sentence before.
"""

from collections.abc import Sequence

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from app.db import now
from app.domain.benchmark import BenchmarkChange
from app.domain.people import Person
from app.domain.rounds import Round, RoundLabel
from app.domain.specimens import Specimen
from app.errors import NotFound, Refused
from app.services import benchmark_measuring


def of_benchmark() -> Select[Specimen]:
    return select(Specimen).where(Specimen.in_benchmark)


def settle(session: Session, person_id: int | None, ids: Sequence[int], *, joined: bool) -> None:
    """Let specimens, which the caller has locked, join the benchmark or leave it.

    Raises:
        Refused: a round has learned from one that is to join.
    """
    moving = session.scalars(
        select(Specimen).where(Specimen.id.in_(ids), Specimen.in_benchmark.is_not(joined))
    ).all()
    if joined:
        _refuse_learned(session, [specimen.id for specimen in moving])
    for specimen in moving:
        specimen.in_benchmark = joined
        change = BenchmarkChange(
            specimen_id=specimen.id, joined=joined, person_id=person_id, created_at=now(session)
        )
        session.add(change)
    session.flush()
    if joined and moving:
        benchmark_measuring.notice(session, person_id)


def get_member(session: Session, specimen_id: int) -> Specimen:
    specimen = session.get(Specimen, specimen_id)
    if specimen is None:
        raise NotFound("There is no specimen {number}.", number=specimen_id)
    if not specimen.in_benchmark:
        raise NotFound("{key} is not in the benchmark.", key=specimen.key)
    return specimen


def changes(session: Session, specimen_id: int) -> Sequence[tuple[BenchmarkChange, Person | None]]:
    """When a specimen joined and left, and by whom, newest first."""
    query = (
        select(BenchmarkChange, Person)
        .outerjoin(Person, Person.id == BenchmarkChange.person_id)
        .where(BenchmarkChange.specimen_id == specimen_id)
    )
    return [(row[0], row[1]) for row in session.execute(query.order_by(BenchmarkChange.id.desc()))]


def _refuse_learned(session: Session, ids: Sequence[int]) -> None:
    learned = (
        select(Specimen.key, func.min(Round.number))
        .join(RoundLabel, RoundLabel.specimen_id == Specimen.id)
        .join(Round, Round.id == RoundLabel.round_id)
        .where(Specimen.id.in_(ids))
        .group_by(Specimen.id, Specimen.key)
        .order_by(Specimen.id)
    )
    found = session.execute(learned).all()
    if not found:
        return
    key, number = found[0]
    if len(ids) == 1:
        raise Refused(
            "Round {round} has learned from {key}, so {key} can judge no model any more and "
            "cannot join the benchmark.",
            round=number,
            key=key,
        )
    raise Refused(
        "Rounds have learned from {count} of these specimens (round {round} from {key}), so these "
        "cannot join the benchmark. Leave them out; nothing was changed.",
        count=len(found),
        round=number,
        key=key,
    )
