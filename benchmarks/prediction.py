"""How fast masks are predicted, whether memory stays flat, and what refining edges is worth.

Speed is that of the whole way from a crop's pixels to its mask. It is compared with the network of
the lab on one crop after the other, in one run. The table of refinements needs weights, as
``benchmarks.accuracy --weights`` keeps them, and photographs that they have not seen.
"""

import argparse
import resource
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, process_time

import numpy as np
import torch
from scipy.stats import spearmanr

from app.blobs import FolderBlobs
from benchmarks.pairs import Pair, add_pair_options, pair_names, read_pairs
from benchmarks.report import Row, add_json_option, show
from ml.checkpoints import Weights
from ml.config import Prediction, TrainingConfig
from ml.crf import is_available
from ml.imaging.arrays import Pixels
from ml.imaging.drawn.specimen import draw_specimen
from ml.imaging.masks import encode_mask
from ml.imaging.png import encode_png, read_png
from ml.imaging.probability import encode_probability
from ml.metrics.figures import figures
from ml.metrics.intervals import bootstrap_mean
from ml.networks.unet import UNet
from ml.prediction.predictor import Predictor
from ml.presets import PRESETS

SIDE = 256
BATCH = 16
WAYS = (
    Prediction("one", "none"),
    Prediction("one", "guided"),
    Prediction("one", "crf"),
    Prediction("flips", "none"),
    Prediction("flips", "guided"),
    Prediction("flips-and-scales", "guided"),
)


def main() -> None:
    options = _options()
    if options.threads:
        torch.set_num_threads(options.threads)
    summary: dict[str, object] = {"threads": torch.get_num_threads()}
    rows: list[Row] = []
    if options.specimens:  # first, since the most memory a process ever had is what counts
        rows += _memory(options.specimens, summary)
        show("Memory", rows, {}, None)
    speeds = _speeds(options.seconds, summary)
    show("From crop to mask", speeds, {}, None)
    rows += speeds
    if options.weights:
        ways = _refinements(options, summary)
        show("Refining edges", ways, {}, None)
        rows += ways
    show("Prediction", [], summary, None)
    if options.json:
        show("All", rows, summary, options.json)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=10, help="to measure each preset for")
    parser.add_argument("--threads", type=int, help="instead of as many as there are cores")
    parser.add_argument("--specimens", type=int, default=10_000, help="for memory; 0 for none")
    parser.add_argument("--weights", type=Path, nargs="+", help="of one network or an ensemble")
    parser.add_argument("--train", type=int, default=300, help="photographs that they have seen")
    parser.add_argument("--seed", type=int, default=0, help="of the training's choice")
    add_pair_options(parser, required=False)
    add_json_option(parser)
    options = parser.parse_args()
    if options.weights and not (options.photos and options.masks):
        parser.error("--weights needs --photos and --masks")
    return options


def _speeds(seconds: float, summary: dict[str, object]) -> list[Row]:
    """Each preset at its own side, in batches; and the lab's network one crop at a time."""
    crops = [draw_specimen(seed, width=SIDE, height=SIDE).pixels for seed in range(BATCH)]
    lab = Predictor(_weights(PRESETS["unet64"]), how=Prediction("one", "none"))
    alone = _per_second(lambda: len(lab.predict(crops[:1])), seconds)
    plain = _per_second(_as_the_lab(crops[0]), seconds)
    rows: list[Row] = [
        _speed("unet64 in float32, one at a time", SIDE, plain, alone),
        _speed("unet64, one at a time", SIDE, alone, alone),
    ]
    for name, config in PRESETS.items():
        rate = _streamed(Predictor(_weights(config)), crops, seconds)
        rows.append(_speed(name, config.side, rate, alone))
    summary["times_unet64"] = {row["way"]: row["times_unet64"] for row in rows}
    return rows


def _speed(way: str, side: int, rate: float, alone: float) -> Row:
    return {"way": way, "side": side, "images_per_second": rate, "times_unet64": rate / alone}


def _as_the_lab(crop: Pixels) -> Callable[[], int]:
    """The network alone, as PyTorch runs it when nothing is done about speed."""
    network = UNet(PRESETS["unet64"].network).eval()
    picture = torch.from_numpy(crop).permute(2, 0, 1)[None].float() / 255

    @torch.inference_mode()
    def step() -> int:
        network(picture).softmax(dim=1)
        return 1

    return step


def _weights(config: TrainingConfig) -> bytes:
    """Of a network that has learned nothing: as fast as one that has."""
    tensors = UNet(config.network).state_dict()
    return Weights(config.network, config.side, tensors, training=config).to_bytes()


def _streamed(predictor: Predictor, crops: list[Pixels], seconds: float) -> float:
    """Crops per second, in batches for so long."""
    predictor.predict(crops[:1])  # the first one also prepares
    began = perf_counter()

    def batches() -> Iterator[list[Pixels]]:
        while perf_counter() - began < seconds:
            yield crops

    done = sum(map(len, predictor.stream(batches())))
    return done / (perf_counter() - began)


def _per_second(step: Callable[[], int], seconds: float) -> float:
    step()  # the first one also prepares
    began, done = perf_counter(), 0
    while perf_counter() - began < seconds:
        done += step()
    return done / (perf_counter() - began)


def _memory(specimens: int, summary: dict[str, object]) -> list[Row]:
    """The most memory that this process had after so many specimens: from blob to blob."""
    predictor = Predictor(_weights(PRESETS["tiny"]))
    rows: list[Row] = []
    with TemporaryDirectory() as folder:
        blobs = FolderBlobs(Path(folder))
        digests = [
            blobs.put(encode_png(draw_specimen(seed, width=SIDE, height=SIDE).pixels))
            for seed in range(BATCH)
        ]
        done = 0
        for count in sorted({min(100, specimens), min(1000, specimens), specimens}):
            batches = (
                [read_png(blobs.read(d)) for d in digests] for _ in range(done, count, BATCH)
            )
            for predicted in predictor.stream(batches):
                for each in predicted:
                    blobs.put(encode_mask(each.mask))
                    blobs.put(encode_probability(each.probability))
                done += len(predicted)
            megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            rows.append({"specimens": done, "megabytes": megabytes})
    summary["megabytes"] = {str(row["specimens"]): row["megabytes"] for row in rows}
    return rows


def _refinements(options: argparse.Namespace, summary: dict[str, object]) -> list[Row]:
    """What each way of predicting reaches on unseen photographs, and its time on one core."""
    names = np.array(pair_names(options.photos, options.masks))
    unseen = set(np.random.default_rng(options.seed).permutation(names)[options.train :].tolist())
    weights = [path.read_bytes() for path in options.weights]
    rows = []
    for how in WAYS:
        if how.refinement != "crf" or is_available():
            pairs = read_pairs(options.photos, options.masks, unseen)
            rows.append(_way(Predictor(*weights, how=how), how, pairs))
    summary["ways"] = {row["way"]: row["dice"] for row in rows}
    return rows


def _way(predictor: Predictor, how: Prediction, pairs: Iterator[Pair]) -> Row:
    found, doubts, seconds = [], [], 0.0
    for pair in pairs:
        began = process_time()
        (predicted,) = predictor.predict([pair.pixels])
        seconds += process_time() - began
        found.append(figures(predicted.mask, pair.mask))
        doubts.append(predicted.uncertainty)
    dices = [each.dice for each in found]
    interval = bootstrap_mean(dices)
    return {
        "way": f"{how.views}, {how.refinement}",
        "dice": interval.mean,
        "dice_low": interval.low,
        "dice_high": interval.high,
        "median_dice": float(np.median(dices)),
        "boundary_f": bootstrap_mean([each.boundary_f for each in found]).mean,
        "doubt_rank_correlation": float(spearmanr(1 - np.array(dices), doubts).statistic),
        "milliseconds": 1000 * seconds / len(found),
    }


if __name__ == "__main__":
    main()
