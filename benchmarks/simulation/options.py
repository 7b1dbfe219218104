"""What every benchmark of the loop can be told on the command line."""

import argparse

from benchmarks.pairs import CROPS, add_pair_options
from benchmarks.report import add_json_option


def parse_loop(
    parser: argparse.ArgumentParser, *, rounds: int, holdout: float
) -> argparse.Namespace:
    """Add the options of the loop, with these defaults, and read the command line."""
    add_pair_options(parser, required=False)
    parser.add_argument("--drawn", type=int, default=48, help="specimens to draw without --photos")
    parser.add_argument("--limit", type=int, default=None, help="use only so many photographs")
    parser.add_argument("--crop", choices=CROPS, default="detector")
    parser.add_argument("--preset", default="tiny")
    parser.add_argument("--rounds", type=int, default=rounds)
    parser.add_argument("--accept", type=float, default=0.95)
    parser.add_argument("--draw-per-round", type=int, default=10)
    parser.add_argument("--holdout", type=float, default=holdout)
    parser.add_argument("--seed", type=int, default=0)
    add_json_option(parser)
    options = parser.parse_args()
    if (options.photos is None) != (options.masks is None):
        parser.error("--photos and --masks go together")
    return options
