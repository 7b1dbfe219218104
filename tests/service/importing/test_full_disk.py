"""A disk that fills up while files come in: nothing half-written, nothing lost."""

import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.unit.imaging import pictures

PHOTOGRAPHS = 30
INTERRUPTED = (
    "Handing in the files was interrupted. Start the same import again: it goes on where this "
    "one ended."
)
FULL = "The disk is full. Nothing was half-written; free some space and try again."


def draw_photographs(folder: Path) -> None:
    """30 files of 100 KB, together more than the disk of 4 MB takes beside the database."""
    random = np.random.default_rng(0)
    for number in range(PHOTOGRAPHS):
        noise = random.integers(0, 256, (150, 240, 3), dtype=np.uint8)
        file = folder / f"{number}.bmp"
        file.write_bytes(pictures.saved(Image.fromarray(noise), "BMP"))


def more_than_fits(folder: Path) -> Path:
    draw_photographs(folder)
    padding = folder / "big.txt"
    padding.write_bytes(bytes(range(256)) * 8_000)
    return folder


def archive_that_fits_once(folder: Path) -> Path:
    draw_photographs(folder)
    archive = folder.parent / "moths.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
        for file in folder.iterdir():
            packed.write(file, file.name)
    return archive


@pytest.mark.parametrize(
    ("prepare", "told"),
    [(more_than_fits, [FULL, "imported"]), (archive_that_fits_once, ["imported", "imported"])],
)
def test_an_import_goes_on_once_there_is_room(
    tmp_path: Path, prepare: Callable[[Path], Path], told: list[str]
) -> None:
    photographs, data = tmp_path / "photographs", tmp_path / "data"
    photographs.mkdir()
    data.mkdir()
    report = run_on_a_tiny_disk(data, prepare(photographs))
    assert report["told"] == told
    for state in (report["while_full"], report["afterwards"]):
        assert (state["integrity"], state["half_written"], state["lost"]) == ("ok", [], [])
        assert state["new"] == state["specimens"]
    assert report["while_full"]["specimens"] < PHOTOGRAPHS
    assert set(report["while_full"]["failures"]) <= {FULL}
    assert report["afterwards"]["specimens"] == PHOTOGRAPHS
    ends = {
        "done": (["done"], []),
        # The disk was so full that not even the end could be written: a sweep finds the part.
        "running": (["done", "failed"], [INTERRUPTED]),
    }
    [staging] = report["while_full"]["staging"]
    assert (report["afterwards"]["jobs"], report["afterwards"]["failures"]) == ends[staging]


def run_on_a_tiny_disk(data: Path, incoming: Path) -> dict[str, Any]:
    namespace = ["unshare", "--map-root-user", "--mount"]
    program = [sys.executable, "-m", "tests.service.importing.full_disk"]
    ran = subprocess.run(
        [*namespace, *program, str(data), str(incoming)],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert ran.returncode == 0, ran.stderr
    told: dict[str, Any] = json.loads(ran.stdout)
    return told
