"""Commands run in the test itself, on SQLite in a data folder of their own."""

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from app.blobs import FolderBlobs
from app.cli.main import main
from app.cli.workspace import make_database
from app.db import Database
from app.settings import Settings
from worker.context import Context


@dataclass(frozen=True)
class Outcome:
    code: int
    out: str
    err: str


Mothmask = Callable[..., Outcome]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "moths"


@pytest.fixture
def mothmask(
    data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Mothmask:
    """Runs a command on the data folder and tells what it printed."""
    monkeypatch.setenv("COLUMNS", "300")

    def run(command: str, *arguments: object) -> Outcome:
        given = ["mothmask", *command.split(), "--data", str(data), *map(str, arguments)]
        monkeypatch.setattr(sys, "argv", given)
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        printed = capsys.readouterr()
        return Outcome(int(ended.value.code or 0), printed.out, printed.err)

    return run


@pytest.fixture
def context(data: Path) -> Iterator[Context]:
    """What a worker on the same data folder would have."""
    settings = Settings(data=data)
    database: Database = make_database(settings)
    yield Context(settings=settings, db=database, blobs=FolderBlobs(settings.blob_folder))
    database.close()
