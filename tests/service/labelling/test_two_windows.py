"""What one person keeps from two windows at the same moment: the later one stays, none fails."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Thread

import pytest
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app.blobs import FolderBlobs
from app.db import Database
from app.domain.people import Person
from app.services import drafts, preferences
from app.services.labelling import current_crop
from tests import factories

Keep = Callable[[Session, int], None]


@pytest.fixture
def keep_draft(db: Database, blobs: FolderBlobs, person: Person) -> Keep:
    with db.transaction() as session:
        specimen_id = factories.make_specimen(session, blobs, "蛾").id
        crop = current_crop(session, specimen_id)

    def keep(session: Session, value: int) -> None:
        drafts.save(session, person.id, crop, f"{value:064}", None)

    return keep


def keep_in_two_windows(db: Database, keep: Keep) -> None:
    """The second window sends while the first one's transaction is still open."""
    failures: list[DBAPIError] = []

    def second() -> None:
        try:
            with db.transaction() as session:
                keep(session, 2)
        except DBAPIError as failure:
            failures.append(failure)

    other = Thread(target=second)
    with db.transaction() as session:
        keep(session, 1)
        session.flush()
        other.start()
        other.join(0.3)
    other.join()
    assert failures == []


def test_drafts(db: Database, person: Person, keep_draft: Keep) -> None:
    keep_in_two_windows(db, keep_draft)
    with db.reading() as session:
        draft = drafts.find(session, person.id, 1)
    assert draft is not None
    assert draft.digest == f"{2:064}"


def test_preferences(db: Database, person: Person) -> None:
    def keep(session: Session, value: int) -> None:
        preferences.put(session, person.id, "letters", value == 1)

    keep_in_two_windows(db, keep)
    with db.reading() as session:
        assert preferences.get(session, person.id, "letters") is False


def test_a_draft_that_is_kept_while_its_version_is_saved(
    db: Database, person: Person, keep_draft: Keep
) -> None:
    """The one window saves what the other one still keeps: neither fails."""
    with db.transaction() as session:
        keep_draft(session, 1)

    def save() -> None:
        with db.transaction() as session:
            drafts.remove(session, person.id, 1)

    with ThreadPoolExecutor(1) as other:
        with db.transaction() as session:
            keep_draft(session, 2)
            saved = other.submit(save)
            with suppress(TimeoutError):
                saved.result(timeout=0.5)
        saved.result()
    with db.reading() as session:
        assert drafts.find(session, person.id, 1) is None
