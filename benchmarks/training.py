"""How fast each preset learns and predicts on this machine, in images per second."""

import argparse
from collections.abc import Callable
from dataclasses import dataclass, replace
from time import perf_counter

import numpy as np
import torch
from torch.profiler import ProfilerActivity, profile

from benchmarks.report import Row, add_json_option, show
from ml.checkpoints import Weights
from ml.config import TrainingConfig
from ml.networks.device import best_device
from ml.prediction.network import VIEWS, TrainedNetwork
from ml.presets import PRESETS
from ml.training.learner import Learner

PREDICTED_AT_ONCE = 16


def main() -> None:
    options = _options()
    if options.threads:
        torch.set_num_threads(options.threads)
    device = torch.device(options.device)
    rows = []
    for name in options.presets:
        config = PRESETS[name]
        if options.side:
            config = replace(config, side=options.side)
        rows.append(_row(name, config, device, options.seconds))
    summary = {
        "trained_per_second": {str(row["preset"]): row["trained_per_second"] for row in rows},
        "predicted_per_second": {str(row["preset"]): row["predicted_per_second"] for row in rows},
        "device": torch.cuda.get_device_name() if device.type == "cuda" else "cpu",
        "threads": torch.get_num_threads(),
    }
    show("Training and prediction, images per second", rows, summary, options.json)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--presets", nargs="+", choices=PRESETS, default=list(PRESETS))
    parser.add_argument("--device", choices=("cpu", "cuda"), default=best_device().type)
    parser.add_argument("--side", type=int, help="of the squares, instead of each preset's own")
    parser.add_argument("--seconds", type=float, default=10, help="to measure each preset for")
    parser.add_argument("--threads", type=int, help="instead of as many as there are cores")
    add_json_option(parser)
    return parser.parse_args()


@dataclass(frozen=True)
class Speed:
    """How often something was done, and how much of the time the device had work."""

    per_second: float
    busy: float | None


def _row(name: str, config: TrainingConfig, device: torch.device, seconds: float) -> Row:
    learner = Learner(config, None, device=device)
    learner.begin_epoch()
    learner.rate.before_step(1.0)
    squares = _squares(config.batch, config.side)
    training = _speed(lambda: learner.step(torch.from_numpy(squares)), device, seconds)
    trained = Weights(config.network, config.side, learner.network.state_dict(), training=config)
    network = TrainedNetwork(trained.to_bytes(), device)
    shown = np.ascontiguousarray(_squares(PREDICTED_AT_ONCE, config.side)[..., :3])
    views = VIEWS[config.prediction.views]
    predicting = _speed(lambda: network.probabilities(shown, views).cpu(), device, seconds)
    return {
        "preset": name,
        "side": config.side,
        "million_weights": sum(weight.numel() for weight in learner.network.parameters()) / 1e6,
        "batch": config.batch,
        "trained_per_second": config.batch * training.per_second,
        "training_busy": training.busy,
        "predicted_per_second": PREDICTED_AT_ONCE * predicting.per_second,
        "predicting_busy": predicting.busy,
    }


def _squares(count: int, side: int) -> np.ndarray:
    drawn = np.random.default_rng(0).integers(0, 256, (count, side, side, 4), dtype=np.uint8)
    drawn[..., 3] = 255 * (drawn[..., 3] > 127)
    return drawn


def _speed(work: Callable[[], object], device: torch.device, seconds: float) -> Speed:
    work()  # the first one also prepares
    if device.type == "cpu":
        return Speed(_per_second(work, seconds), None)
    work()
    torch.cuda.synchronize()
    rate = _per_second(work, seconds)
    with profile(activities=[ProfilerActivity.CUDA]) as seen:
        began = perf_counter()
        _per_second(work, 1.0)
        took = perf_counter() - began
    microseconds = sum(event.self_device_time_total for event in seen.key_averages())
    return Speed(rate, microseconds / 1e6 / took)


def _per_second(work: Callable[[], object], seconds: float) -> float:
    began, done = perf_counter(), 0
    while perf_counter() - began < seconds or done < 2:
        work()
        done += 1
    if torch.cuda.is_available():
        torch.cuda.synchronize()  # work is only queued so far
    return done / (perf_counter() - began)


if __name__ == "__main__":
    main()
