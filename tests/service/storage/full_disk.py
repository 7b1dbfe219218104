"""Backups and a restore onto a disk that is full. Run in a mount namespace of its own."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from app.blobs import FolderBlobs, open_blobs
from app.db import Database
from app.errors import MothmaskError
from app.migrating import migrate
from app.services import backups
from app.services.verifying import verify
from app.settings import Settings
from tests import factories
from tests.service.storage.collection import fill


def main(data: Path, tiny: Path) -> None:
    settings = Settings(data=data)
    data.mkdir()
    migrate(settings.database)
    database, blobs = Database(settings.database), open_blobs(settings)
    with database.transaction() as session:
        person = factories.make_person(session)
    fill(database, blobs, person)
    blobs.put(bytes(500_000))
    kept = tiny / "backups"
    _mount(tiny, "size=900k")
    told = [_tell(lambda: backups.make(database, blobs, kept))]
    whole = [len(backups.listed(kept)), len(list(kept.glob("*.sqlite*")))]
    _mount(tiny, "remount,size=64m")
    told.append(_tell(lambda: backups.make(database, blobs, kept)))
    _mount(tiny, "remount,ro")
    told.append(_tell(lambda: backups.make(database, blobs, kept)))
    _mount(tiny, "remount,rw")
    made, url = backups.chosen(kept, None), f"sqlite:///{tiny / 'new.sqlite'}"
    backups.restore(kept, made, url, FolderBlobs(tiny / "new"))
    report = verify(Database(url), FolderBlobs(tiny / "new"))
    print(json.dumps({"told": told, "whole": whole, "well": report.is_well}))


def _mount(folder: Path, options: str) -> None:
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)], check=True)


def _tell(act: Callable[[], object]) -> str:
    try:
        act()
    except MothmaskError as refused:
        return str(refused)
    return "done"


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
