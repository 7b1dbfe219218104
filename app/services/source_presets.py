"""Settings for sources as the lab that we learned from has them; museums can begin with them too.

Names look like ``LYM11_SJTT0764_1_female``, ``CARS0717``, ``Not_id_yet_CARS1607``,
``GEO無法辨識-1_SJRS00018_female``, ``CATT0058_1``, ``GEO103_SJTT0295_slide_1_male``. What somebody
has written behind is left alone, and of two sexes the last one counts: it corrects the first.
"""

from dataclasses import dataclass

_BEFORE = r"(?:Not_id_yet_+|(?P<taxon>[^_]+?)_*)?"
_BEHIND = (
    r"(?:_(?P<view>slide|left_side|right_side))?"
    r"(?:_(?P<individual>[0-9]+(?:[ _-][0-9]+)*))?"
    r"(?:.*_(?P<sex>female|male))?.*"
)
LABEL_IN_CAPITALS = r"\.JPG$"
"""Specimens end in .jpg, the photographs of their labels in .JPG."""


@dataclass(frozen=True)
class Preset:
    name: str
    name_pattern: str
    label_pattern: str = ""
    scale_w: float = 0.1
    scale_ht: float = 0.1
    scale_hb: float = 0.1


def _lab(code: str) -> str:
    return f"{_BEFORE}(?P<number>{code}_?[0-9]+){_BEHIND}"


PRESETS = {
    "SJTT": Preset("多樣性中心標本照", _lab("SJTT"), LABEL_IN_CAPITALS, 0.1, 0.0, 0.0),
    "SJRS": Preset("成大標本照", _lab("SJRS"), "", 0.2, 0.2, 0.2),
    "CARS": Preset("成大標本照", _lab("CARS"), "", 0.2, 0.2, 0.2),
    "CATT": Preset("多樣性中心標本照", _lab("CATT"), LABEL_IN_CAPITALS),
    "MCTT": Preset("多樣性中心標本照", _lab("MCTT"), LABEL_IN_CAPITALS),
}
"""By the code of the source. Small moths lost their wing tips at 0.1; in SJTT a ruler stands close
above and below."""
