"""What the scripted person is given, as files: a crop, its first and its true mask, the maps."""

import json
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.pairs import Pair
from ml.imaging.arrays import Mask, Pixels
from ml.imaging.boxes import Box
from ml.imaging.frame import Placement, into_photograph
from ml.imaging.masks import encode_map
from ml.imaging.png import decode_png
from ml.metrics.overlap import dice
from ml.propose.maps import crop_maps
from ml.propose.proposals import cheap_proposals

SCRIPT = Path(__file__).with_name("run.mjs")
LONGEST = 600.0
STARTS = ("first", "empty")


@dataclass(frozen=True)
class Effort:
    """What one tool took for one photograph; Dice in photograph coordinates."""

    before: float
    after: float
    seconds: float
    own: float
    """Seconds that went to the tool itself rather than the brush after it."""
    actions: int


@dataclass(frozen=True)
class Case:
    """A crop of a photograph, the mask that the person begins with, and the Dice that will do."""

    pair: Pair
    box: Box
    start: str = "first"
    good: float = 0.97


def redrawn(case: Case, tools: Sequence[str], folder: Path) -> dict[str, Effort]:
    """Let the person put the mask right, once with each tool."""
    pair, box = case.pair, case.box
    first = _write_case(folder, case)
    run = subprocess.run(
        ["node", SCRIPT, folder, *tools],
        capture_output=True,
        text=True,
        timeout=LONGEST * len(tools),
        check=False,
    )
    if run.returncode:
        raise SystemExit(f"{pair.name}: {run.stderr}")
    before = _dice(first, box, pair.mask)
    efforts = {}
    for tool, taken in json.loads(run.stdout).items():
        data = (folder / f"after-{tool}").read_bytes()
        after = np.frombuffer(data, np.uint8).reshape(box.height, box.width)
        efforts[tool] = Effort(before, _dice(after, box, pair.mask), **taken)
    return efforts


def _write_case(folder: Path, case: Case) -> Mask:
    pair, box = case.pair, case.box
    pixels, truth = box.cut(pair.pixels), box.cut(pair.mask)
    candidates = [proposal.mask for proposal in cheap_proposals(pixels)]
    if case.start == "empty" or not candidates:
        candidates.insert(0, np.zeros_like(truth))
    first, *others = candidates
    maps = crop_maps(pixels)
    height, width = maps.superpixels.shape
    files = {
        "pixels": cv2.cvtColor(pixels, cv2.COLOR_RGB2RGBA),
        "truth": truth,
        "first": first,
        "superpixels": _as_the_browser_reads(maps.superpixels),
        "blocks": _as_the_browser_reads(maps.blocks),
        **{f"other-{number}": other for number, other in enumerate(others)},
    }
    for name, array in files.items():
        (folder / name).write_bytes(np.ascontiguousarray(array).tobytes())
    facts = {
        "width": box.width,
        "height": box.height,
        "beyond": int(np.count_nonzero(pair.mask)) - int(np.count_nonzero(truth)),
        "good": case.good,
        "seed": 1,
        "others": len(others),
        "map": {"width": width, "height": height},
    }
    (folder / "case.json").write_text(json.dumps(facts), encoding="utf-8")
    return first


def _as_the_browser_reads(labels: NDArray[np.int32]) -> Pixels:
    """The map's PNG as red, green, blue, alpha."""
    return np.asarray(cv2.cvtColor(decode_png(encode_map(labels)), cv2.COLOR_BGR2RGBA), np.uint8)


def _dice(mask: Mask, box: Box, truth: Mask) -> float:
    return dice(into_photograph(mask, Placement(box), *truth.shape), truth)
