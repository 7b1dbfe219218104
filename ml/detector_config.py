"""Everything that decides how a detector of our own is trained. Without torch.

A `DetectorConfig` is stored with each training, so a field that is added needs a default with which
older configurations keep their meaning.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from pydantic import TypeAdapter


@dataclass(frozen=True)
class DetectorConfig:
    """A training of the small YOLO; as it stands, about twenty minutes of one processor.

    Args:
        steps: how many batches it learns from; the learning rate ends with them.
        batch: squares in a step.
        side: of the squares, in pixels; a multiple of 32.
        width: channels of the first layer; all others are multiples of it.
        learning_rate: the highest one, of AdamW.
        weight_decay: of AdamW.
        warmup: share of the steps in which the rate rises.
        average: decay of the moving average of the weights, which is what is kept.
        mosaic: chance 0…1 that a square is made of four photographs.
        plain: share of the steps, at the end, without mosaics and with smaller changes: what it
            learns last looks like what it will see.
        colour: strength 0…1 of the changes of colour and light.
        validations: how often it is measured on the validation photographs on the way.
        seed: of weights, order and changes.
    """

    steps: int = 4500
    batch: int = 8
    side: int = 192
    width: int = 16
    learning_rate: float = 4e-3
    weight_decay: float = 5e-2
    warmup: float = 0.05
    average: float = 0.998
    mosaic: float = 0.2
    plain: float = 0.25
    colour: float = 0.5
    validations: int = 18
    seed: int = 0

    def __post_init__(self) -> None:
        """Check what no training could use."""
        if self.side < 64 or self.side % 32:
            raise ValueError(f"the side is {self.side}, and no multiple of 32")
        if min(self.steps, self.batch, self.width) < 1:
            raise ValueError("steps, batch and width are at least 1")

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Self:
        """Read what ``dataclasses.asdict`` gave, at this or an earlier time."""
        return TypeAdapter(cls).validate_python(dict(values))
