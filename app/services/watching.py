"""A folder into which others put photographs: what has come, once it is no longer being written."""

from collections.abc import Sequence
from pathlib import Path

from app.db import Database
from app.services.folders import FilesAt, Incoming, groups
from app.services.known_files import ASKED_AT_ONCE, known_stamps

MOST_AT_ONCE = 1000
"""Files that wait for their second look; more are looked at once these are imported."""
LONGEST_PAUSE = 512
"""Looks after which a file that could not be read is tried again, at most."""


class Watch:
    """Looks at a folder again and again. A file has come when two looks find it the same.

    What was refused is not tried again until it changes. What could not be read is, but less and
    less often.
    """

    def __init__(self, db: Database, source_id: int, paths: Sequence[Path], *, link: bool) -> None:
        self.db, self.source_id = db, source_id
        self.files = FilesAt(paths, link)
        self.looks = 0
        self.waiting: set[str] = set()
        """Stamps of files that were new at the last look."""
        self.tried: dict[str, tuple[int, int]] = {}
        """How often a file came that no import knows, and the look at which it may come again."""

    def look(self) -> list[Incoming]:
        """Return the files that are to be imported now.

        Raises:
            Refused: the folder is not there, such as a share that is not mounted.
        """
        self.looks += 1
        come: list[Incoming] = []
        waiting: set[str] = set()
        tried: dict[str, tuple[int, int]] = {}
        for group in groups(self.files, ASKED_AT_ONCE):
            for file in self._unknown(group):
                times, not_before = self.tried.get(file.stamp, (0, 0))
                if file.stamp in self.waiting and self.looks >= not_before:
                    come.append(file)
                    pause = min(2 ** (times + 1), LONGEST_PAUSE)
                    tried[file.stamp] = times + 1, self.looks + pause
                    continue
                if times:
                    tried[file.stamp] = times, not_before
                if len(waiting) < MOST_AT_ONCE:
                    waiting.add(file.stamp)
        self.waiting, self.tried = waiting, tried
        return come

    def _unknown(self, group: Sequence[Incoming]) -> list[Incoming]:
        with self.db.reading() as session:
            stamps = [file.stamp for file in group]
            known = known_stamps(session, self.source_id, stamps, refused=True)
        return [file for file in group if file.stamp and file.stamp not in known]
