"""Modules of the browser that know no document, tested by Node."""

import subprocess
from pathlib import Path

import pytest

SCRIPTS = sorted(Path(__file__).parent.rglob("*.test.mjs"))


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
def test_script(script: Path) -> None:
    try:
        run = subprocess.run(["node", "--test", script], capture_output=True, text=True, timeout=60)
    except FileNotFoundError:
        pytest.fail("The tests need node: apt install nodejs, or run `make test`.")
    assert run.returncode == 0, run.stdout + run.stderr
