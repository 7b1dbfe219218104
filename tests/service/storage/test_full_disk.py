"""A backup onto a full disk is no backup, and the next one goes on."""

import json
import subprocess
import sys
from pathlib import Path

FULL = "The disk is full. Nothing was half-written; free some space and try again."


def test_a_backup_goes_on_once_there_is_room(tmp_path: Path) -> None:
    tiny = tmp_path / "tiny"
    tiny.mkdir()
    namespace = ["unshare", "--map-root-user", "--mount"]
    program = [sys.executable, "-m", "tests.service.storage.full_disk"]
    ran = subprocess.run(
        [*namespace, *program, str(tmp_path / "data"), str(tiny)],
        capture_output=True,
        text=True,
        timeout=200,
    )
    assert ran.returncode == 0, ran.stderr
    report = json.loads(ran.stdout)
    full, again, read_only = report["told"]
    assert (full, again, report["whole"]) == (FULL, "done", [0, 0])
    assert "Read-only file system" in read_only
    assert report["well"]
