"""What a lead may want otherwise than a preset has it."""

from dataclasses import dataclass, replace
from typing import Any, Literal, get_args

from app.errors import Refused
from app.services import tags
from app.services.ranges import MOST_SEED, SEED, refuse_outside
from ml.config import (
    CROSS_ENTROPIES,
    Augmentation,
    ContourWeighting,
    Draw,
    LossConfig,
    LossName,
    LossTerm,
    Sampling,
    TrainingConfig,
)
from ml.presets import AUGMENTATIONS, NETWORKS, PRESETS

Strength = Literal["weak", "strong"]

MIX_FACTOR = 3
"""The lab drew its hard group through so often when it mixed both kinds of hard batches."""
TRANSFER_CHANCE = 0.5
MOST_FACTOR = 20
MOST_CONTOUR_WEIGHT = 20.0


@dataclass(frozen=True)
class RoundOptions:
    """Wishes for one round; what is None or empty stays as the preset has it."""

    draws: tuple[Draw, ...] = ()
    """Each makes a variant of its own, trained on the same labels."""
    sample_factor: int | None = None
    hard_tags: tuple[str, ...] = ()
    """Specimens with one of these tags are the hard group."""
    minority: float | None = None
    network: str | None = None
    losses: tuple[LossName, ...] = ()
    """What is made small is their sum."""
    contour: bool | None = None
    contour_weight: float | None = None
    """Of the cross-entropy in the band along the edge; naming one turns the weighting on."""
    augmentation: Strength | None = None
    transfer: bool | None = None
    from_scratch: bool = False
    start_model_id: int | None = None
    """The model to begin with; by itself it is the newest that fits."""
    seed: int | None = None

    @property
    def tags(self) -> list[str]:
        """The hard group's words, each once, as tags are kept."""
        return list(dict.fromkeys(tags.tidy(word) for word in self.hard_tags))


AS_PRESET = RoundOptions()


def configure(preset: str, options: RoundOptions) -> dict[str, TrainingConfig]:
    """By variant, the preset's configuration with the wishes put into it.

    Raises:
        Refused: an unknown preset, a value out of its range, or one that another wish makes idle.
    """
    _refuse_unknown(preset, PRESETS, "There is no preset “{name}”; use one of {known}.")
    _check(options)
    config = PRESETS[preset]
    draws = options.draws or (config.sampling.draw,)
    _refuse_idle(options, draws)
    return {draw: _configured(config, options, draw) for draw in draws}


def _configured(config: TrainingConfig, options: RoundOptions, draw: Draw) -> TrainingConfig:
    network = NETWORKS[options.network] if options.network else config.network
    if config.side % (network.stride * 2**network.depth):
        raise Refused(
            "The network {name} cannot halve the pictures of this preset, whose side is {side} "
            "pixels, as often as it must. Choose another network or preset.",
            name=options.network,
            side=config.side,
        )
    return replace(
        config,
        network=network,
        sampling=_sampling(config.sampling, options, draw),
        augmentation=_augmentation(config.augmentation, options),
        loss=_loss(config.loss, options),
        **_given(seed=options.seed),
    )


def _check(options: RoundOptions) -> None:
    for draw in options.draws:
        sentence = "Pictures cannot be drawn as “{name}”; use one of {known}."
        _refuse_unknown(draw, get_args(Draw), sentence)
    for loss in options.losses:
        sentence = "There is no loss “{name}”; use one of {known}."
        _refuse_unknown(loss, get_args(LossName), sentence)
    if options.network is not None:
        sentence = "There is no network “{name}”; use one of {known}."
        _refuse_unknown(options.network, NETWORKS, sentence)
    if options.augmentation is not None:
        sentence = "There is no augmentation “{name}”; use one of {known}."
        _refuse_unknown(options.augmentation, AUGMENTATIONS, sentence)
    for sentence, value, least, most in (
        (
            "The sample factor is a number from {least} to {most}, not {value}.",
            options.sample_factor,
            1,
            MOST_FACTOR,
        ),
        (
            "The evening out of strata is a number from {least} to {most}, not {value}.",
            options.minority,
            0,
            1,
        ),
        (
            "The weight along the edge is a number from {least} to {most}, not {value}.",
            options.contour_weight,
            1,
            MOST_CONTOUR_WEIGHT,
        ),
        (SEED, options.seed, 0, MOST_SEED),
    ):
        refuse_outside(sentence, value, least, most)


def _refuse_unknown(name: str, known: Any, sentence: str) -> None:
    if name not in known:
        raise Refused(sentence, name=name, known=", ".join(known))


def _refuse_idle(options: RoundOptions, draws: tuple[Draw, ...]) -> None:
    if options.sample_factor is not None and set(draws) == {"random"}:
        raise Refused(
            "How often the hard group is drawn changes nothing while pictures are drawn from "
            "everything (random). Choose another way of drawing, or leave the number out."
        )
    if options.contour_weight is not None and options.contour is False:
        raise Refused(
            "The weight along the edge changes nothing while it is off. Leave one of the two out."
        )
    if options.from_scratch and options.start_model_id is not None:
        raise Refused("Begin either from scratch or with a model, not with both.")


def _sampling(sampling: Sampling, options: RoundOptions, draw: Draw) -> Sampling:
    factor = options.sample_factor
    if factor is None and options.draws and draw == "mix":
        factor = MIX_FACTOR
    if draw == "random":
        factor = None
    return replace(sampling, draw=draw, **_given(sample_factor=factor, minority=options.minority))


def _augmentation(augmentation: Augmentation, options: RoundOptions) -> Augmentation:
    if options.augmentation is not None:
        augmentation = AUGMENTATIONS[options.augmentation]
    if options.transfer is None:
        return augmentation
    return replace(augmentation, transfer=TRANSFER_CHANCE if options.transfer else 0.0)


def _loss(loss: LossConfig, options: RoundOptions) -> LossConfig:
    names = options.losses or tuple(term.name for term in loss.terms)
    contour = _contour(loss, options)
    if contour is not None and not set(names) & CROSS_ENTROPIES:
        raise Refused(
            "More weight along the edge needs a cross-entropy among the losses. Tick one, or turn "
            "the weight along the edge off."
        )
    terms = tuple(LossTerm(name) for name in dict.fromkeys(names))
    return replace(loss, terms=terms if options.losses else loss.terms, contour=contour)


def _contour(loss: LossConfig, options: RoundOptions) -> ContourWeighting | None:
    if options.contour is False:
        return None
    if options.contour is None and options.contour_weight is None:
        return loss.contour
    contour = loss.contour or ContourWeighting()
    return replace(contour, **_given(weight=options.contour_weight))


def _given(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}
