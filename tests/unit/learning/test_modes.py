"""What a configuration can ask of a step, and that it goes on exactly after a stop."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from ml.config import (
    Augmentation,
    LossConfig,
    LossTerm,
    NetworkConfig,
    Optimiser,
    Precision,
    Sampling,
    TrainingConfig,
)
from ml.squares import Groups
from ml.training import learner as learning
from ml.training.epochs import Diverged, EpochReport
from ml.training.learner import Learner
from ml.training.train import train
from tests.unit.learning.ellipses import SMALL, ellipse_squares
from tests.unit.learning.norms import freeze_norms

STILL = Augmentation(0, 0, 0, 0, 0, 0, 0)
PLAIN = replace(
    SMALL, augmentation=STILL, loss=LossConfig((LossTerm("cross-entropy"),)), precision="float32"
)
MODES = {
    "adamw, plateau, average": replace(SMALL, plateau_patience=0, average=0.9),
    "sgd, cosine, accumulation, mix": replace(
        SMALL,
        optimiser="sgd",
        schedule="cosine",
        average=0.0,
        batch=4,
        accumulate=2,
        steps_per_epoch=3,
        sampling=Sampling("mix", sample_factor=2, minority=0.5),
    ),
    "deep supervision, transfer, strong changes": replace(
        SMALL,
        network=NetworkConfig(base=8, depth=2, deep_supervision=1),
        steps_per_epoch=3,
        augmentation=Augmentation(noise=0.1, cutout=0.5, blur=0.5, transfer=0.5),
    ),
}


class Stopped(Exception):
    pass


@pytest.mark.parametrize("name", MODES)
def test_going_on_from_a_checkpoint_brings_the_same_weights(tmp_path: Path, name: str) -> None:
    config = MODES[name]
    training, validation = ellipse_squares(tmp_path, 10), ellipse_squares(tmp_path, 2, 50)
    groups = Groups.none(10)
    groups.hard[:3], groups.stratum[:4], groups.source[5:] = True, 1, 1
    kept: list[bytes] = []

    def stop(data: bytes, epoch: int) -> None:
        kept.append(data)
        if epoch == 2:
            raise Stopped

    whole = train(config, training, validation, groups=groups)
    with pytest.raises(Stopped):
        train(config, training, validation, groups=groups, on_checkpoint=stop)
    assert train(config, training, validation, groups=groups, resume=kept[-1]) == whole


def squares(count: int = 8) -> Tensor:
    drawn = torch.randint(256, (count, 32, 32, 4), generator=torch.manual_seed(0))
    return drawn.to(torch.uint8)


def weights_after(config: TrainingConfig, adjust: Callable[[nn.Module], None]) -> list[Tensor]:
    learner = Learner(config, None)
    adjust(learner.network)
    for _ in range(3):
        learner.begin_epoch()
        learner.step(squares())
    return [weight.detach() for weight in learner.network.parameters()]


@pytest.mark.parametrize("optimiser", ["adamw", "sgd"])
def test_gradients_added_up_are_those_of_the_larger_batch(optimiser: Optimiser) -> None:
    whole = replace(PLAIN, batch=8, optimiser=optimiser)
    parts = replace(whole, batch=2, accumulate=4)
    for one, other in zip(
        weights_after(whole, freeze_norms), weights_after(parts, freeze_norms), strict=True
    ):
        torch.testing.assert_close(one, other, atol=2e-5, rtol=1e-3)


def test_gradients_are_clipped() -> None:
    config = replace(PLAIN, optimiser="sgd", momentum=0.0, weight_decay=0.0, clip=1e-3)
    learner = Learner(config, None)
    before = [weight.detach().clone() for weight in learner.network.parameters()]
    learner.begin_epoch()
    learner.rate.before_step(1)
    learner.step(squares())
    moved = torch.stack(
        [(new - old).norm() for new, old in zip(learner.network.parameters(), before, strict=True)]
    ).norm()
    assert moved.item() == pytest.approx(config.learning_rate * 1e-3, rel=0.01)


def test_the_average_follows_the_weights_at_its_share() -> None:
    learner = Learner(replace(PLAIN, average=0.75), None)
    learner.begin_epoch()
    learner.step(squares())  # the first is taken as it is
    first = learner.network.scores.weight.detach().clone()
    learner.step(squares())
    expected = 0.75 * first + 0.25 * learner.network.scores.weight
    torch.testing.assert_close(learner.averaged.state_dict()["scores.weight"], expected)


def test_without_an_average_the_network_itself_is_kept_and_stored_once() -> None:
    learner = Learner(replace(PLAIN, average=0.0), None)
    assert learner.averaged is learner.network


@pytest.mark.parametrize(
    ("precision", "kind"), [("float32", torch.float32), ("bf16", torch.bfloat16)]
)
def test_the_network_calculates_with_the_precision_asked_for(
    precision: Precision, kind: torch.dtype
) -> None:
    learner = Learner(replace(PLAIN, precision=precision, average=0.0), None)
    seen: list[torch.dtype] = []
    learner.network.scores.register_forward_hook(lambda _m, _i, out: seen.append(out.dtype))
    learner.begin_epoch()
    learner.step(squares())
    learner.validate(squares())
    assert seen == [kind, kind]


def test_deeper_levels_answer_only_while_training() -> None:
    config = replace(PLAIN, network=NetworkConfig(base=4, depth=3, deep_supervision=2))
    learner = Learner(config, None)
    pictures = torch.rand(2, 3, 32, 32)
    assert learner.network.train()(pictures).shape == (3, 2, 2, 32, 32)
    assert learner.network.eval()(pictures).shape == (2, 2, 32, 32)
    learner.begin_epoch()
    learner.step(squares())
    assert all(w.grad is None or torch.isfinite(w.grad).all() for w in learner.network.parameters())
    assert len(learner.network.deeper) == 2


def test_more_answers_than_levels_are_refused() -> None:
    with pytest.raises(ValueError, match="more answers"):
        NetworkConfig(base=4, depth=2, deep_supervision=2)


def test_a_machine_that_cannot_compile_trains_all_the_same(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    monkeypatch.setenv("TORCHINDUCTOR_CACHE_DIR", str(tmp_path))
    monkeypatch.setattr("torch._inductor.config.cpp.cxx", ("/no/such/compiler",))
    torch.compiler.reset()
    learner = Learner(replace(PLAIN, compiled=True), None)
    learner.begin_epoch()
    assert torch.isfinite(learner.step(squares()))
    assert "Python's headers" in caplog.text


def test_a_loss_that_is_no_number_ends_training_with_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        learning, "make_loss", lambda _config: lambda scores, _truth: scores.mean() * float("nan")
    )
    training, validation = ellipse_squares(tmp_path, 4), ellipse_squares(tmp_path, 2, 50)
    with pytest.raises(Diverged, match="lower learning rate"):
        train(PLAIN, training, validation)


def test_an_epoch_reports_the_rate_it_learned_with_and_not_the_lowered_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        Learner, "validate", lambda _self, some: (1.0, torch.full((len(some),), 0.5))
    )
    config = replace(
        PLAIN, epochs=3, steps_per_epoch=1, warmup_epochs=0, plateau_patience=0, plateau_factor=0.5
    )
    reports: list[EpochReport] = []
    training, validation = ellipse_squares(tmp_path, 4), ellipse_squares(tmp_path, 2, 50)
    train(config, training, validation, on_epoch=reports.append)
    full = config.learning_rate
    assert [each.learning_rate for each in reports] == pytest.approx([full, full, full / 2])
