"""A training as bytes: everything that it needs to go on exactly as if it had never stopped."""

from dataclasses import asdict

from ml.checkpoints import (
    Checkpoint,
    Tensors,
    UnusableWeights,
    flatten_optimiser,
    restore_optimiser,
)
from ml.config import NetworkConfig
from ml.training.learner import Learner, check_network, copied

FORMAT = 2
"""Written into each checkpoint; one of another number cannot be gone on from."""


def checkpoint(learner: Learner) -> bytes:
    """Return all that ``resume`` needs, and nothing twice.

    Without a running average the network is what is validated; after an epoch that was the best,
    what is validated is the best.
    """
    groups = {
        "network": learner.network.state_dict(),
        "optimiser": flatten_optimiser(learner.optimiser),
        "random": {"orders": learner.orders.get_state()},
    }
    if learner.average is not None:
        groups["average"] = learner.average.state_dict()
    if learner.best_epoch != learner.epoch:
        groups["best"] = learner.best
    card = {
        "format": FORMAT,
        "network": asdict(learner.config.network),
        "epoch": learner.epoch,
        "best_epoch": learner.best_epoch,
        "best_dice": learner.best_dice,
        "rate": learner.rate.state(),
        "scaler": learner.scaler.state_dict(),
    }
    return Checkpoint(groups, card).to_bytes()


def resume(learner: Learner, data: bytes) -> None:
    """Become what wrote the checkpoint; ``learner`` has the same configuration.

    Raises:
        UnusableWeights: the bytes are no checkpoint, one of another network, or one that another
            release of the program wrote.
    """
    found = Checkpoint.from_bytes(data)
    groups, card = found.groups, found.card
    if card.get("format") != FORMAT:
        raise UnusableWeights(
            "This training was begun by another release of Mothmask and cannot be gone on with."
            " Start a new round."
        )
    check_network(NetworkConfig(**card["network"]), learner.config.network)
    learner.network.load_state_dict(groups["network"])
    if learner.average is not None:
        learner.average.load_state_dict(groups["average"])
    restore_optimiser(learner.optimiser, groups["optimiser"])
    learner.orders.set_state(groups["random"]["orders"])
    learner.rate.restore(card["rate"])
    learner.scaler.load_state_dict(card["scaler"])
    learner.epoch, learner.best_epoch = card["epoch"], card["best_epoch"]
    learner.best_dice = card["best_dice"]
    learner.best = _best(learner, groups)


def _best(learner: Learner, groups: dict[str, Tensors]) -> Tensors:
    if "best" in groups:
        return groups["best"]
    return copied(learner.averaged.state_dict())
