"""Specimens whose wings have one of six colours, with masks, from two sources."""

from collections.abc import Callable
from dataclasses import replace

import cv2
import numpy as np
import pytest

from app.blobs import FolderBlobs
from app.db import Database
from app.domain.jobs import PartKind
from app.domain.specimens import Crop
from app.services import strata as strata_service
from ml.imaging.arrays import Pixels
from ml.imaging.read import encode_png
from tests import factories
from worker.jobs import strata

COLOURS = 6
HANDLERS = {PartKind.STRATA: strata.run}
AddMoths = Callable[[int], list[int]]
"""Makes so many specimens in turns of the six colours and returns their numbers."""


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(strata, "CONFIG", replace(strata.CONFIG, resamples=2, most=8))
    monkeypatch.setattr(strata_service, "SPECIMENS_PER_PART", 16)


@pytest.fixture
def add_moths(db: Database, blobs: FolderBlobs) -> AddMoths:
    made: list[int] = []

    def add(count: int) -> list[int]:
        with db.transaction() as session:
            for _ in range(count):
                index = len(made)
                source = "A" if index % COLOURS < 4 else "B"  # the last two colours are all of B
                moth = factories.make_specimen(session, blobs, f"moth-{index}", source_code=source)
                crop = session.get_one(Crop, moth.crop_id)
                crop.preview_digest = blobs.put(encode_png(painted(index)))
                made.append(moth.id)
        return made[-count:]

    return add


def painted(index: int) -> Pixels:
    hue = 30 * (index % COLOURS)
    rng = np.random.default_rng(index)
    colour = np.array([[[hue, 200, 120 + 20 * (index % COLOURS)]]], np.uint8)
    wing = cv2.cvtColor(colour, cv2.COLOR_HSV2RGB)
    spots = rng.integers(-12, 12, (factories.HEIGHT, factories.WIDTH, 1))
    ground = rng.integers(120, 250, 3)
    inside = factories.moth_mask()[..., None] > 0
    return np.clip(np.where(inside, wing[0, 0] + spots, ground), 0, 255).astype(np.uint8)
