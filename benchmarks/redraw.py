"""How long it takes by hand to put first candidates right, with each tool of the editor.

A scripted person with the true mask works with the editor's own tools in Node, aims and draws with
a person's precision, and takes the time of the keystroke-level model (`redrawing/keystrokes.mjs`).
The rules are the same for all tools (`redrawing/person.mjs`). Numbers are of the photographs whose
first candidate is not good enough; Dice is in photograph coordinates.

    python -m benchmarks.redraw --photos DIR --masks DIR --crop detector
"""

import argparse
import tempfile
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.pairs import CROPS, add_pair_options, crop_box, read_pairs
from benchmarks.proposals import located
from benchmarks.redrawing.cases import STARTS, Case, Effort, redrawn
from benchmarks.report import Row, add_json_option, show

GOOD = 0.97
TOOLS = ("brush", "polygon", "wand", "lasso", "blocks", "superpixels", "blocks+superpixels")


def main() -> None:
    options = _options()
    efforts: dict[str, list[Effort]] = {tool: [] for tool in options.tools}
    pairs = read_pairs(options.photos, options.masks)
    for pair in islice(pairs, 0, None, options.every):
        if len(efforts[options.tools[0]]) == options.limit:
            break
        box = crop_box(pair, options.crop, located)
        with tempfile.TemporaryDirectory(prefix="mothmask-redraw-") as folder:
            case = Case(pair, box, options.start, options.good)
            for tool, effort in redrawn(case, options.tools, Path(folder)).items():
                efforts[tool].append(effort)
    if not efforts[options.tools[0]]:
        raise SystemExit("No photograph has a mask of the same stem.")
    rows = [_row(tool, found, options.good) for tool, found in efforts.items()]
    title = f"Redrawing, crop {options.crop}, from {options.start}, until {options.good}"
    show(title, rows, _summary(rows, efforts, options.good), options.json)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.redraw",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_pair_options(parser)
    parser.add_argument("--crop", choices=CROPS, default="whole", help="what is redrawn")
    parser.add_argument("--limit", type=int, help="at most so many photographs")
    parser.add_argument("--every", type=int, default=1, help="only every so-manieth of them")
    parser.add_argument("--start", choices=STARTS, default="first", help="the mask begun with")
    parser.add_argument("--good", type=float, default=GOOD, help="the Dice that will do")
    parser.add_argument("--tools", nargs="+", choices=TOOLS, default=TOOLS, metavar="TOOL")
    add_json_option(parser)
    return parser.parse_args()


def _row(tool: str, efforts: Sequence[Effort], good: float) -> Row:
    """One tool on the photographs whose first candidate was not good enough."""
    redone = [effort for effort in efforts if effort.before < good]
    seconds = np.array([effort.seconds for effort in redone])
    after = np.array([effort.after for effort in redone])
    return {
        "tool": tool,
        "photographs": len(efforts),
        "redrawn": len(redone),
        "median_s": _median(seconds),
        "mean_s": float(np.mean(seconds)) if redone else None,
        "dice_before": _median([effort.before for effort in redone]),
        "dice_after": _median(after),
        "share_0.97": float(np.mean(after >= GOOD)) if redone else None,
        "actions": _median([effort.actions for effort in redone]),
        "own_time": sum(each.own for each in redone) / float(seconds.sum()) if redone else None,
    }


def _median(values: Sequence[float] | NDArray[np.float64]) -> float | None:
    return float(np.median(values)) if len(values) else None


def _summary(
    rows: Sequence[Row], efforts: dict[str, list[Effort]], good: float
) -> dict[str, object]:
    """Seconds and Dice of each tool, and how often it was quicker than the plain brush."""
    summary: dict[str, object] = {}
    for row in rows:
        summary[f"{row['tool']}_seconds"] = row["median_s"]
        summary[f"{row['tool']}_dice"] = row["dice_after"]
    for tool in efforts:
        if tool != "brush" and "brush" in efforts:
            pairs = zip(efforts[tool], efforts["brush"], strict=True)
            quicker = [one.seconds < other.seconds for one, other in pairs if other.before < good]
            summary[f"{tool}_quicker_than_brush"] = float(np.mean(quicker)) if quicker else None
    return summary


if __name__ == "__main__":
    main()
