"""Looking for the specimens of a photograph, and cutting them out as their source has it."""

from dataclasses import replace

from app.decoding.photographs import Photograph, open_photograph
from app.services import boxes
from app.services.boxes import Cut, NewBox
from app.services.cropping import Search
from app.services.detectors import DetectorChoice
from ml.detect.detector import Detection, find_specimen
from ml.detect.warnings import doubt_of, warnings_of
from ml.imaging.arrays import Pixels
from worker.context import Context
from worker.detecting import opened, origin_of

LARGEST_SIDE = 12_000
"""Pixels of the long side of what a detector is shown, at most: more would only fill the memory."""


def found_cuts(context: Context, search: Search, choice: DetectorChoice) -> list[Cut]:
    """Everything that the detector finds, cut out as the source has it."""
    max_pixels = context.settings.photograph_megapixels * 1_000_000
    with (
        context.blobs.open(search.place.digest) as file,
        open_photograph(file, max_pixels) as photograph,
    ):
        pixels = photograph.within(LARGEST_SIDE)
    detector = opened(context, choice)
    if search.drawers:
        found = detector.detect(pixels)
    else:
        best = find_specimen(detector, pixels, half_split=search.half_split)
        found = [best] if best is not None else []
    origin = origin_of(choice, detector)
    new = [new_box(search, pixels, detection, origin) for detection in found]
    whole = pixels if pixels.shape[:2] == photograph.shape else None
    seen = [each if whole is not None else _on_whole(each, pixels, photograph) for each in new]
    return [boxes.cut(context.blobs, search.place, each, whole) for each in seen]


def _on_whole(new: NewBox, pixels: Pixels, photograph: Photograph) -> NewBox:
    """The box that was found on a smaller picture, on the photograph itself."""
    height, width = photograph.shape
    down, across = height / pixels.shape[0], width / pixels.shape[1]
    assert new.found is not None
    return replace(
        new,
        box=new.box.scaled(across, down).clamped(width, height),
        found=new.found.scaled(across, down).clamped(width, height),
    )


def new_box(search: Search, pixels: Pixels, found: Detection, origin: str) -> NewBox:
    """The box as its source enlarges it, and what about it deserves a look."""
    height, width = pixels.shape[:2]
    grown = found.box.grown(search.scale_w, search.scale_ht, search.scale_hb)
    box = grown.clamped(width, height)
    seen = warnings_of(pixels, box, found.box, found.confidence, detector=origin)
    warnings = [*seen, *search.about_aspect(found.box)]
    return NewBox(
        box=box,
        origin=origin,
        found=found.box,
        confidence=found.confidence,
        warnings=warnings,
        doubt=doubt_of(found.confidence, warnings),
    )
