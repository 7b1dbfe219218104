"""How far wing-colour strata find the species, with and without masks, and how firm they are.

The species is the start of a photograph's name.
"""

import argparse
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score

from benchmarks.pairs import Pair, add_pair_options, crop_box, read_pairs
from benchmarks.report import Row, add_json_option, show
from ml.imaging.boxes import Box
from ml.strata.clustering import fit_strata
from ml.strata.config import StrataConfig
from ml.strata.grid import Colours, wing_colours
from ml.strata.stability import stability

DEFAULT = StrataConfig()
CONFIGS = {
    "3 components, as the lab": replace(DEFAULT, dimensions=3, evened=0.0),
    "3 components, evened": replace(DEFAULT, dimensions=3),
    "8 components": replace(DEFAULT, evened=0.0),
    "8 components, evened": DEFAULT,
    "8 components, alike": replace(DEFAULT, evened=1.0),
    "16 components, evened": replace(DEFAULT, dimensions=16),
}


@dataclass(frozen=True)
class Seen:
    """Colours of all photographs, and what they took."""

    with_mask: Colours
    without: Colours
    species: Sequence[str]
    seconds: float
    """Per specimen, without reading its files."""


def main() -> None:
    options = _options()
    seen = _see(options)
    rows = [
        _row(name, masks, colours, seen.species, config)
        for masks, colours in (("yes", seen.with_mask), ("no", seen.without))
        for name, config in CONFIGS.items()
    ]
    chosen = next(row for row in rows if row["strata of"] == "8 components, evened")
    summary = {
        **{key: chosen[key] for key in ("strata", "ari", "nmi", "agreement")},
        "specimens": len(seen.species),
        "species": len(set(seen.species)),
        "seconds_per_specimen": seen.seconds,
    }
    show("Wing-colour strata", rows, summary, options.json)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.strata", description=__doc__)
    add_pair_options(parser)
    parser.add_argument("--letters", type=int, default=3, help="of a name that tell the species")
    add_json_option(parser)
    return parser.parse_args()


def _see(options: argparse.Namespace) -> Seen:
    species: list[str] = []
    with_mask, without, seconds = [], [], 0.0
    for pair in read_pairs(options.photos, options.masks):
        box = crop_box(pair, "masks", _nowhere)
        start = time.perf_counter()
        with_mask.append(wing_colours(box.cut(pair.pixels), box.cut(pair.mask), DEFAULT))
        seconds += time.perf_counter() - start
        without.append(wing_colours(box.cut(pair.pixels), None, DEFAULT))
        species.append(_species(pair, options.letters))
    if not species:
        raise SystemExit("No photograph has a mask of the same stem.")
    return Seen(np.stack(with_mask), np.stack(without), species, seconds / len(species))


def _species(pair: Pair, letters: int) -> str:
    return pair.name[:letters]


def _nowhere(_pixels: NDArray[np.uint8]) -> Box:
    raise AssertionError("the box is the mask's")


def _row(
    name: str, masks: str, colours: Colours, species: Sequence[str], config: StrataConfig
) -> Row:
    start = time.perf_counter()
    strata, _ = fit_strata(colours, config)
    seconds = time.perf_counter() - start
    numbers = strata.assign(colours)
    firm = stability(colours, strata, config)
    return {
        "strata of": name,
        "masks": masks,
        "strata": strata.count,
        "smallest": int(np.bincount(numbers)[1:].min()),
        "ari": float(adjusted_rand_score(species, numbers)),
        "nmi": float(normalized_mutual_info_score(species, numbers)),
        "agreement": firm.agreement,
        "worst_jaccard": min(firm.strata),
        "fit_seconds": seconds,
    }


if __name__ == "__main__":
    main()
