"""A collection of which the truth is known: photographs as files, and their true masks."""

from dataclasses import dataclass
from pathlib import Path

from ml.imaging.arrays import Mask
from ml.imaging.drawn import draw_specimen
from ml.imaging.masks import encode_mask
from ml.imaging.outside import Place, read_outside
from ml.imaging.read import encode_png, read_header


@dataclass(frozen=True)
class Collection:
    """File stems with the paths of photograph and mask; pixels are read when asked for."""

    photographs: dict[str, Path]
    masks: dict[str, Path]

    @property
    def names(self) -> list[str]:
        return sorted(self.photographs)

    def truth(self, name: str) -> Mask:
        header = read_header(self.photographs[name].read_bytes())
        place = Place((header.height, header.width))
        return read_outside(self.masks[name].read_bytes(), place, inverted=False).checked()


def load_collection(photos: Path, masks: Path, limit: int | None) -> Collection:
    truths = {path.stem: path for path in masks.iterdir() if path.is_file()}
    names = sorted(path for path in photos.iterdir() if path.stem in truths)[:limit]
    return Collection(
        {path.stem: path for path in names}, {path.stem: truths[path.stem] for path in names}
    )


def draw_collection(folder: Path, count: int) -> Collection:
    photos, masks = folder / "photos", folder / "masks"
    photos.mkdir(parents=True)
    masks.mkdir()
    for seed in range(count):
        specimen = draw_specimen(seed)
        (photos / f"{specimen.name}.png").write_bytes(encode_png(specimen.pixels))
        (masks / f"{specimen.name}.png").write_bytes(encode_mask(specimen.mask))
    return load_collection(photos, masks, None)
