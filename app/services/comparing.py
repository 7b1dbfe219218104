"""Two masks of one specimen beside each other: how far they agree, and where they differ.

Masks of different crops are carried through the coordinates of the photograph.
"""

import re
from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.blobs import Blobs
from app.domain.labelling import Candidate, LabelVersion
from app.domain.specimens import Crop
from app.errors import NotFound, Refused
from app.services.boxes import PREVIEW_SIDE
from app.services.carrying import Placed
from ml.imaging.arrays import Mask
from ml.imaging.boxes import Box
from ml.imaging.difference import Difference, difference, difference_picture
from ml.imaging.frame import Placement, carried, on_ground
from ml.imaging.masks import decode_mask
from ml.imaging.read import encode_png, fit_within, read_png

NAME = r"^(version|candidate)-\d{1,18}$"
"""How a mask is named in an address: `version-12`."""
GROUND = 96
"""Grey where a picture of two crops shows neither."""


@dataclass(frozen=True)
class Pair:
    old: Placed
    new: Placed
    crop_digest: str
    """The newer one's crop."""
    preview_digest: str


MOST_KNOWN = 10_000
_KNOWN: dict[tuple[Placed, Placed], Difference] = {}


def find(session: Session, old: str, new: str) -> Pair:
    """Find two masks by names such as `version-12` and `candidate-7`."""
    (old_mask, old_crop), (new_mask, new_crop) = _mask(session, old), _mask(session, new)
    if old_mask.specimen_id != new_mask.specimen_id:
        raise Refused("Only masks of the same specimen can be compared.")
    return Pair(
        old=Placed(old_mask.digest, old_crop.placement),
        new=Placed(new_mask.digest, new_crop.placement),
        crop_digest=new_crop.digest,
        preview_digest=new_crop.preview_digest,
    )


def compared(blobs: Blobs, old: Placed, new: Placed) -> Difference:
    """Count in what two masks differ; they never change, so what was counted is remembered."""
    found = _KNOWN.get((old, new))
    if found is None:
        found = difference(*_in_one_frame(blobs, old, new))
        if len(_KNOWN) >= MOST_KNOWN:
            _KNOWN.clear()
        _KNOWN[old, new] = found
    return found


def picture(blobs: Blobs, pair: Pair, side: int) -> bytes:
    """The newer crop in grey, with added pixels green and removed ones red."""
    digest = pair.preview_digest if side <= PREVIEW_SIDE else pair.crop_digest
    pixels = read_png(blobs.read(digest))
    old, new = _in_one_frame(blobs, pair.old, pair.new)
    if pair.old.placement != pair.new.placement:
        pixels = on_ground(pixels, pair.new.placement, _hull(pair.old, pair.new), GROUND)
    return encode_png(difference_picture(fit_within(pixels, side), old, new))


def _mask(session: Session, name: str) -> tuple[LabelVersion | Candidate, Crop]:
    if not re.fullmatch(NAME, name):
        raise Refused("Name a mask as version-… or candidate-…, not “{name}”.", name=name)
    kind, _, number = name.partition("-")
    mask: LabelVersion | Candidate | None
    if kind == "version":
        mask = session.get(LabelVersion, int(number))
    else:
        mask = session.get(Candidate, int(number))
    if mask is None:
        raise NotFound("There is no {name}.", name=name)
    return mask, session.get_one(Crop, mask.crop_id)


def _in_one_frame(blobs: Blobs, old: Placed, new: Placed) -> tuple[Mask, Mask]:
    masks = decode_mask(blobs.read(old.digest)), decode_mask(blobs.read(new.digest))
    if old.placement == new.placement:
        return masks
    both = Placement(_hull(old, new))
    return carried(masks[0], old.placement, both), carried(masks[1], new.placement, both)


def _hull(old: Placed, new: Placed) -> Box:
    return old.placement.bounds.hull(new.placement.bounds)
