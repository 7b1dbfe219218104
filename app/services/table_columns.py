"""Which column of somebody's table holds what: by the words that people write above columns, and
where these say nothing by what stands below."""

import re
from collections.abc import Callable, Sequence
from pathlib import PurePosixPath

from app.services import names
from app.services.csv_tables import Row

FILE = (
    *(
        "file",
        "filename",
        "fname",
        "key",
        "stem",
        "specimen",
        "photo",
        "photograph",
        "image",
        "img",
    ),
    *("picture", "檔名", "檔案", "檔案名稱", "檔案名", "圖檔", "圖檔名稱", "照片", "影像", "標本"),
    *("標本名稱", "文件名", "文件", "图片", "图像", "标本", "名稱", "名称", "name"),
)
NUMBER = (
    "number",
    "catalognumber",
    "cataloguenumber",
    "標本編號",
    "編號",
    "典藏號",
    "标本编号",
    "编号",
)
REASON = ("reason", "why", "problem", "原因", "理由", "問題", "问题", "排除原因")
NOTE = ("note", "notes", "remark", "remarks", "comment", "備註", "备注", "註記", "說明", "说明")
SOURCE = ("source", "來源", "来源", "collection", "館藏")
CODE = (
    "code",
    "taxon",
    "taxoncode",
    "taxonid",
    "代碼",
    "代号",
    "代號",
    "編碼",
    "编码",
    "物種代碼",
    "分類代碼",
)
FAMILY = ("family", "familyname", "科", "科名", "科別")
NAME = (
    *(
        "name",
        "species",
        "speciesname",
        "scientificname",
        "taxonname",
        "genus",
        "latinname",
        "latin",
    ),
    *("學名", "学名", "種名", "种名", "物種", "物种", "中文名", "屬名", "属名", "名稱", "名称"),
)
PICTURES = {".jpg", ".jpeg", ".png", ".tif", ".tiff", ".webp", ".bmp"}
"""Endings of photographs."""


def headed(header: Sequence[str], words: Sequence[str]) -> int | None:
    """The column with one of these words above it, in the order of the words."""
    plain = [re.sub(r"[\W_]+", "", title.casefold()) for title in header]
    return next((plain.index(word) for word in words if word in plain), None)


def index_column(header: Sequence[str], sample: Sequence[Row]) -> int | None:
    """The column that only counts the rows, as pandas writes it first."""
    if not sample or (header[0] and headed(header[:1], ("index", "no", "序號")) is None):
        return None
    return 0 if all(row.cell(0).isdecimal() for row in sample) else None


def most_various(columns: Sequence[int], sample: Sequence[Row]) -> int:
    """The column with the most different cells; of several the first. Names differ, words recur."""
    return max(columns, key=lambda column: len({row.cell(column) for row in sample}))


def most_fitting(
    columns: Sequence[int], sample: Sequence[Row], fits: Callable[[str], bool]
) -> int | None:
    """The column with the most cells that fit, if any does."""
    counts = {column: sum(fits(row.cell(column)) for row in sample) for column in columns}
    best = max(columns, key=lambda column: counts[column], default=None)
    return best if best is not None and counts[best] else None


def stem_of(cell: str) -> str:
    """The file stem in a cell, which can hold a path, and a file's ending or none."""
    path = PurePosixPath(names.tidy(cell).strip())
    return path.stem if path.suffix.lower() in PICTURES else path.name
