"""Whatever is asked for, boxes come in one order, and pages of them join without a gap."""

from collections.abc import Callable

import pytest

from app.blobs import FolderBlobs
from app.db import Database
from app.domain.specimens import CropWarning, Specimen
from app.services import box_queue
from app.services.box_queue import Look, Mark
from tests import factories

Meant = Callable[[int], bool]

MOTHS = 14
"""Half of them are checked, a third is warned of, and many are equally sure."""
WARNED = [CropWarning.ASPECT.value, CropWarning.RULER_OR_CARD.value]


def is_checked(number: int) -> bool:
    return number % 2 == 0


def is_warned(number: int) -> bool:
    return number % 3 == 0


def is_open_and_warned(number: int) -> bool:
    return is_warned(number) and not is_checked(number)


@pytest.fixture
def moths(db: Database, blobs: FolderBlobs) -> list[Specimen]:
    with db.transaction() as session:
        made = []
        for number in range(1, MOTHS + 1):
            moth = factories.make_specimen(session, blobs, f"moth-{number}")
            confidence = (number * 5 % 4) / 4
            factories.as_detected(session, moth, confidence, WARNED if is_warned(number) else [])
            moth.box_doubt, moth.box_checked = 1 - confidence, is_checked(number)
            made.append(moth)
        return made


@pytest.mark.parametrize(
    ("look", "meant"),
    [
        (Look.ALL, lambda _: True),
        (Look.UNCHECKED, lambda number: not is_checked(number)),
        (Look.ASPECT, is_open_and_warned),
        (Look.RULER_OR_CARD, is_open_and_warned),
        (Look.UNSURE, lambda _: False),
    ],
)
def test_pages_of_boxes_are_in_order_and_complete(
    db: Database, moths: list[Specimen], look: Look, meant: Meant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(box_queue, "PAGE", 3)
    monkeypatch.setattr(box_queue, "STREAMED", 2)
    wanted = [moth for number, moth in enumerate(moths, 1) if meant(number)]
    seen: list[tuple[float, int]] = []
    with db.reading() as session:
        after = None
        while page := box_queue.tiles(session, look, after=after):
            seen += [(tile.value, tile.specimen_id) for tile in page]
            after = Mark(*seen[-1])
        assert seen == sorted((moth.box_confidence, moth.id) for moth in wanted)
        assert box_queue.count(session, look) == len(wanted)
        falling = [matter.specimen for matter in box_queue.next_boxes(session, look, limit=MOTHS)]
        assert [(moth.box_doubt, moth.id) for moth in falling] == sorted(
            ((moth.box_doubt, moth.id) for moth in wanted), reverse=True
        )
