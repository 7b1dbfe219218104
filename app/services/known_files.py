"""Files that an import need not read again, because an earlier one of the source has."""

from collections.abc import Iterator, Sequence

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.db import Database
from app.domain.jobs import OPEN, Job
from app.domain.photographs import ImportedFile, Outcome
from app.services.folders import Files, Incoming, groups

ASKED_AT_ONCE = 500


class Unknown:
    """The files that no earlier import into this source has read, unchanged, to a good end."""

    def __init__(self, db: Database, source_id: int, files: Files) -> None:
        self.db, self.source_id, self.files = db, source_id, files
        self.passed_over = 0

    def __iter__(self) -> Iterator[Incoming]:
        for group in groups(self.files, ASKED_AT_ONCE):
            with self.db.reading() as session:
                known = known_stamps(session, self.source_id, [file.stamp for file in group])
            for file in group:
                if file.stamp in known:
                    self.passed_over += 1
                else:
                    yield file

    def __len__(self) -> int:
        return max(0, len(self.files) - self.passed_over)


def known_stamps(
    session: Session, source_id: int, stamps: Sequence[str], *, refused: bool = False
) -> set[str]:
    """Which of these files need not be read again.

    One that waits in a job which has ended is, and one that was refused, unless told otherwise.
    """
    asked = [stamp for stamp in stamps if stamp]
    unsettled = (Outcome.WAITING,) if refused else (Outcome.WAITING, Outcome.REFUSED)
    settled = ImportedFile.outcome.not_in(unsettled)
    under_way = (ImportedFile.outcome == Outcome.WAITING) & Job.state.in_(OPEN)
    query = (
        select(ImportedFile.stamp)
        .join(Job)
        .where(ImportedFile.source_id == source_id, ImportedFile.stamp.in_(asked))
        .where(or_(settled, under_way))
    )
    return set(session.scalars(query))
