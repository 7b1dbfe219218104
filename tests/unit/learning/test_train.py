from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ml.checkpoints import UnusableWeights
from ml.config import NetworkConfig, TrainingConfig
from ml.errors import NotEnoughLabels
from ml.progress import Progress
from ml.training.train import EpochReport, Trained, train
from tests.unit.learning.ellipses import SMALL, ellipse_squares

Learn = Callable[..., Trained]


@pytest.fixture(scope="module")
def learn(tmp_path_factory: pytest.TempPathFactory) -> Learn:
    """Train on twelve ellipses, validated on four others."""
    folder = tmp_path_factory.mktemp("squares")
    training, validation = ellipse_squares(folder, 12), ellipse_squares(folder, 4, 100)

    def learn(config: TrainingConfig = SMALL, **options: Any) -> Trained:
        return train(config, training, validation, **options)

    return learn


@pytest.fixture(scope="module")
def trained(learn: Learn) -> Trained:
    return learn()


def test_it_learns(learn: Learn) -> None:
    reports: list[EpochReport] = []
    longer = learn(replace(SMALL, epochs=6), on_epoch=reports.append)
    assert longer.best_dice > 0.85
    assert reports[-1].train_loss < 0.6 * reports[0].train_loss
    assert longer.best_dice == max(report.validation_dice for report in reports)
    assert longer.best_epoch == 1 + [report.validation_dice for report in reports].index(
        longer.best_dice
    )


def test_the_same_seed_gives_the_same_weights(learn: Learn, trained: Trained) -> None:
    assert learn().weights == trained.weights


def test_another_seed_gives_others(learn: Learn, trained: Trained) -> None:
    assert learn(replace(SMALL, seed=1)).weights != trained.weights


@pytest.mark.parametrize("interrupted_after", [1, 2, 3])
def test_resuming_brings_the_weights_of_an_unbroken_training(
    learn: Learn, trained: Trained, interrupted_after: int
) -> None:
    checkpoints: dict[int, bytes] = {}

    def keep(checkpoint: bytes, epoch: int) -> None:
        checkpoints[epoch] = checkpoint
        if epoch == interrupted_after:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        learn(on_checkpoint=keep)
    resumed_epochs: list[EpochReport] = []
    resumed = learn(resume=checkpoints[interrupted_after], on_epoch=resumed_epochs.append)
    assert resumed == trained
    assert resumed_epochs[0].epoch == interrupted_after + 1


def test_resuming_what_was_over_changes_nothing(learn: Learn, trained: Trained) -> None:
    last: list[bytes] = []
    learn(on_checkpoint=lambda checkpoint, _epoch: last.append(checkpoint))
    assert learn(resume=last[-1]) == trained


def test_earlier_weights_are_gone_on_with_and_need_no_warm_up(
    learn: Learn, trained: Trained
) -> None:
    fresh: list[EpochReport] = []
    warm: list[EpochReport] = []
    learn(replace(SMALL, epochs=1), on_epoch=fresh.append)
    learn(replace(SMALL, epochs=1), start=trained.weights, on_epoch=warm.append)
    assert warm[0].train_loss < fresh[0].train_loss


@pytest.mark.parametrize(("warmup", "first_rates"), [(0, [1, 1]), (2, [0.5, 1]), (4, [0.25, 0.5])])
def test_the_rate_warms_up_in_a_line(learn: Learn, warmup: int, first_rates: list[float]) -> None:
    reports: list[EpochReport] = []
    config = replace(SMALL, warmup_epochs=warmup, epochs=2, learning_rate=0.01)
    learn(config, on_epoch=reports.append)
    assert [report.learning_rate / 0.01 for report in reports] == pytest.approx(first_rates)


def test_every_step_is_reported_and_may_cancel(learn: Learn) -> None:
    seen: list[Progress] = []

    def cancel(progress: Progress) -> None:
        seen.append(progress)
        if progress.done == 10:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        learn(on_progress=cancel)
    assert [progress.done for progress in seen] == list(range(1, 11))
    assert {(progress.stage, progress.total) for progress in seen} == {("train", 24)}


def test_three_and_one_are_enough(tmp_path: Path) -> None:
    training, validation = ellipse_squares(tmp_path, 3), ellipse_squares(tmp_path, 1, 50)
    assert train(replace(SMALL, epochs=6), training, validation).best_dice > 0.7


@pytest.mark.parametrize(("labels", "validated"), [(0, 0), (2, 1), (0, 4), (4, 0)])
def test_too_few_labels_are_refused_with_a_sentence(
    tmp_path: Path, labels: int, validated: int
) -> None:
    training = ellipse_squares(tmp_path, labels)
    validation = ellipse_squares(tmp_path, validated, 50)
    with pytest.raises(NotEnoughLabels, match="at least 4"):
        train(SMALL, training, validation)


@pytest.mark.parametrize("how", ["start", "resume"])
def test_weights_of_another_network_are_refused(learn: Learn, how: str, trained: Trained) -> None:
    last: list[bytes] = []
    learn(replace(SMALL, epochs=1), on_checkpoint=lambda data, _epoch: last.append(data))
    other = replace(SMALL, network=NetworkConfig(base=4, depth=2))
    with pytest.raises(UnusableWeights, match="another network"):
        learn(other, **{how: trained.weights if how == "start" else last[0]})


def test_squares_of_another_side_are_refused(learn: Learn) -> None:
    with pytest.raises(ValueError, match="are not 64"):
        learn(replace(SMALL, side=64))
