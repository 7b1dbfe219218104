"""The boxes that a detector learns from, and on which side of its training each stands.

A box is of the specimen itself, not of the enlarged crop, in pixels of the photograph:

- that of the accepted mask, where there is one: it is as exact as the mask;
- of a crop that somebody has checked, what the detector had found before it was enlarged;
- of a crop that somebody has drawn, the drawn box, made smaller by what the source's settings would
  have enlarged it by: people draw the crop that they want.

A detector must not be taught that there is no moth where one is. So a photograph counts only if all
specimens on it have such a box, and crops that are turned need a mask.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select, update
from sqlalchemy.orm import Session, aliased

from app.domain.detectors import DetectorBox
from app.domain.labelling import LabelVersion
from app.domain.photographs import Photograph, Source
from app.domain.specimens import Crop, Specimen, Split
from app.services.splitting import Member, validating
from ml.imaging.boxes import Box
from ml.imaging.frame import Placement

MOST_BOXES = 3000
"""More teach a small network nothing that is worth the time to read their photographs."""
VALIDATION_SHARE = 0.2
"""Of the photographs. Detectors are compared on them, so they are more than a U-Net's tenth."""


@dataclass(frozen=True)
class BoxCounts:
    boxes: int
    masks: int
    """Boxes that are those of masks."""
    photographs: int


@dataclass(frozen=True)
class FrozenBox:
    """A box of a training, with the addresses of what it is on."""

    specimen_id: int
    photograph_id: int
    file_name: str
    digest: str
    """Of the photograph."""
    box: Box | None
    """None until a worker has looked at the mask."""
    mask_digest: str | None
    placement: Placement | None
    """Where the mask's crop lies."""
    confirmed: bool
    """Somebody has called right what a detector had found: on it that detector cannot err."""
    split: Split

    @property
    def known(self) -> Box:
        """The box, once a worker has looked at all masks."""
        assert self.box is not None
        return self.box


@dataclass(frozen=True)
class BoxShare:
    """What a training learned from one source."""

    source: str
    boxes: int
    masks: int
    training: int
    validation: int


@dataclass(frozen=True)
class _Usable:
    """A specimen whose box may be learned from."""

    specimen_id: int
    photograph_id: int
    source: Source
    version_id: int | None
    crop: Crop

    def frozen(self, round_id: int, split: Split) -> DetectorBox:
        by_mask = self.version_id is not None
        row = DetectorBox(
            round_id=round_id,
            specimen_id=self.specimen_id,
            crop_id=None if by_mask else self.crop.id,
            version_id=self.version_id,
            split=split,
        )
        if not by_mask:
            _put(row, self._own_box())
        return row

    def _own_box(self) -> Box:
        if self.crop.found_box is not None:
            return Box(*self.crop.found_box)
        return self.crop.box.shrunk(self.source.scale_w, self.source.scale_ht, self.source.scale_hb)


def counts(session: Session) -> BoxCounts:
    """What a training that starts now could learn from."""
    query = _usable().with_only_columns(
        func.count(Specimen.id),
        func.count(Specimen.version_id),
        func.count(Specimen.photograph_id.distinct()),
    )
    return BoxCounts(*session.execute(query).one())


def freeze(session: Session, round_id: int) -> set[Split]:
    """Note what a training learns from and what it is measured on; returns the sides there are."""
    usable = _newest(session)
    sides = _sides(session, usable)
    session.add_all(each.frozen(round_id, sides[each.photograph_id]) for each in usable)
    return set(sides.values())


def frozen(session: Session, round_id: int) -> list[FrozenBox]:
    """The boxes of a training, photograph by photograph, always in the same order."""
    looked_at = aliased(Crop)
    rows = session.execute(
        select(DetectorBox, Photograph, LabelVersion.digest, Crop, looked_at)
        .join(Specimen, Specimen.id == DetectorBox.specimen_id)
        .join(Photograph, Photograph.id == Specimen.photograph_id)
        .outerjoin(LabelVersion, LabelVersion.id == DetectorBox.version_id)
        .outerjoin(Crop, Crop.id == LabelVersion.crop_id)
        .outerjoin(looked_at, looked_at.id == DetectorBox.crop_id)
        .where(DetectorBox.round_id == round_id)
        .order_by(Photograph.id, Specimen.id)
    )
    return [
        FrozenBox(
            specimen_id=row.specimen_id,
            photograph_id=photograph.id,
            file_name=photograph.file_name,
            digest=photograph.digest,
            box=_box(row),
            mask_digest=mask_digest,
            placement=crop.placement if crop is not None else None,
            confirmed=checked is not None and checked.found_box is not None,
            split=row.split,
        )
        for row, photograph, mask_digest, crop, checked in rows
    ]


def by_photograph(boxes: Sequence[FrozenBox], split: Split) -> list[list[FrozenBox]]:
    """Those of one side, photograph by photograph; not where a mask could not be read."""
    mine = [box for box in boxes if box.split is split]
    groups = [list(group) for _, group in groupby(mine, key=lambda box: box.photograph_id)]
    return [group for group in groups if all(box.box is not None for box in group)]


def store(session: Session, round_id: int, found: Mapping[int, Box]) -> None:
    """Note the boxes of masks, by the numbers of their specimens."""
    for specimen_id, box in found.items():
        session.execute(
            update(DetectorBox)
            .where(DetectorBox.round_id == round_id, DetectorBox.specimen_id == specimen_id)
            .values(left=box.left, top=box.top, right=box.right, bottom=box.bottom)
        )


def shares(session: Session, round_id: int) -> list[BoxShare]:
    """What a training learned from and was measured on, by source."""

    def those(side: Split) -> ColumnElement[int]:
        return func.sum(case((DetectorBox.split == side, 1), else_=0))

    rows = session.execute(
        select(
            Source.code,
            func.count(),
            func.count(DetectorBox.version_id),
            those(Split.TRAINING),
            those(Split.VALIDATION),
        )
        .join(Specimen, Specimen.source_id == Source.id)
        .join(DetectorBox, DetectorBox.specimen_id == Specimen.id)
        .where(DetectorBox.round_id == round_id)
        .group_by(Source.code)
        .order_by(Source.code)
    )
    return [BoxShare(*row) for row in rows]


def _usable() -> Select[Specimen]:
    """Specimens with a sure box, on photographs on which no specimen lacks one."""
    beside, its_crop = aliased(Specimen), aliased(Crop)
    unsure = select(beside.id).join(its_crop, its_crop.id == beside.crop_id)
    unsure = unsure.where(
        beside.photograph_id == Specimen.photograph_id, ~_is_sure(beside, its_crop)
    )
    found = select(Specimen).join(Crop, Crop.id == Specimen.crop_id)
    return found.where(_is_sure(Specimen, Crop), ~unsure.exists())


def _is_sure(specimen: type[Specimen], crop: type[Crop]) -> ColumnElement[bool]:
    return and_(
        specimen.unusable.is_(False),
        specimen.in_benchmark.is_(False),
        or_(
            specimen.version_id.is_not(None),
            and_(specimen.box_checked.is_(True), crop.angle == 0),
        ),
    )


def _newest(session: Session) -> list[_Usable]:
    """At most MOST_BOXES: what measured earlier detectors first, then the newest of each source."""
    measuring = select(Specimen.photograph_id).join(
        DetectorBox, DetectorBox.specimen_id == Specimen.id
    )
    stays = Specimen.photograph_id.in_(measuring.where(DetectorBox.split == Split.VALIDATION))
    place = func.dense_rank().over(
        partition_by=Specimen.source_id, order_by=Specimen.photograph_id.desc()
    )
    query = (
        _usable()
        .join(Source, Source.id == Specimen.source_id)
        .with_only_columns(Specimen.id, Specimen.photograph_id, Source, Specimen.version_id, Crop)
        .order_by(case((stays, 0), else_=1), place, Specimen.photograph_id, Specimen.id)
        .limit(MOST_BOXES)
    )
    found = [_Usable(*row) for row in session.execute(query)]
    if len(found) < MOST_BOXES:
        return found
    last = found[-1].photograph_id  # of which some specimens may be beyond the limit
    return [each for each in found if each.photograph_id != last]


def _sides(session: Session, usable: Sequence[_Usable]) -> dict[int, Split]:
    """The side of each photograph: as in the first training that had it, or about a fifth."""
    query = (
        select(Specimen.photograph_id, func.min(DetectorBox.split))
        .join(DetectorBox, DetectorBox.specimen_id == Specimen.id)
        .group_by(Specimen.photograph_id)
    )
    known = {number: Split(side) for number, side in session.execute(query)}
    sources = {each.photograph_id: each.source.id for each in usable}
    members = [Member(number, sources[number], known.get(number)) for number in sorted(sources)]
    chosen = validating(members, VALIDATION_SHARE)
    return {
        member.specimen_id: member.split
        or (Split.VALIDATION if member.specimen_id in chosen else Split.TRAINING)
        for member in members
    }


def _box(row: DetectorBox) -> Box | None:
    edges = [edge for edge in (row.left, row.top, row.right, row.bottom) if edge is not None]
    return Box(*edges) if len(edges) == 4 else None


def _put(row: DetectorBox, box: Box) -> None:
    row.left, row.top, row.right, row.bottom = box.left, box.top, box.right, box.bottom
