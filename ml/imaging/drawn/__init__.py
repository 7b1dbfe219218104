"""Drawn specimens: photographs of pinned moths that never lived, with their true masks."""

from ml.imaging.drawn.palettes import WINGS
from ml.imaging.drawn.specimen import DrawnSpecimen, draw_specimen

__all__ = ["WINGS", "DrawnSpecimen", "draw_specimen"]
