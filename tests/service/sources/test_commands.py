"""`mothmask source` and `mothmask taxa`."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from app.cli.main import main
from tests.service.cli.conftest import Outcome, context, data
from tests.service.sources import flow
from worker.context import Context

__all__ = ["context", "data"]
Run = Callable[..., Outcome]


@pytest.fixture
def run(data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a command of a group on the data folder and tells what it printed."""

    def run_(*words: object) -> Outcome:
        monkeypatch.setattr(sys, "argv", ["mothmask", *map(str, words), "--data", str(data)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        printed = capsys.readouterr()
        return Outcome(int(ended.value.code or 0), printed.out, printed.err)

    return run_


def test_a_source_from_the_terminal(run: Run, context: Context, tmp_path: Path) -> None:
    assert run("source", "add", "SJTT", "--preset", "SJTT").code == 0
    assert run("source", "add", "SJTT").err.startswith("There is a source SJTT already")
    with context.db.transaction() as session:
        flow.specimen(session, context.blobs, "LYM11_SJTT0764_1_female")
    edited = run("source", "edit", "SJTT", "--scale-w", "0.2", "--no-half-split")
    assert "the parts of 1 names are new" in edited.out
    shown = run("source", "show", "SJTT").out
    assert "scale_w: 0.2" in shown
    assert "half_split: False" in shown
    assert "SJTT: 1 specimens" in run("source", "list").out
    assert "0 to 2" in run("source", "edit", "SJTT", "--scale-w", "9").err
    assert "all were touched" in run("source", "crop", "SJTT").err

    table = tmp_path / "表.csv"
    table.write_text("檔名,原因\nLYM11_SJTT0764_1_female,側面\nx,\n", "cp950")
    excluded = run("source", "exclude", "SJTT", table).out
    assert "2 rows, read as Big5: 1 new, 1 of them" in excluded
    assert "line 3: It gives no reason." in excluded
    table.write_text("編號,採集地\nSJTT0764,臺北\n", "utf-8-sig")
    assert "by “編號”: 1 for" in run("source", "metadata", "SJTT", table).out
    table.write_text("code,family\nLYM11,Erebidae\n")
    assert "1 new, 0 changed" in run("taxa", "import", table).out
    assert "No such file" in run("taxa", "import", tmp_path / "none.csv").err
