"""Damaged and made-up files for every reader: each is read or refused with a sentence, and nothing
else happens.

Bytes of good files are changed, moved, repeated, cut out and joined with others, as the seed says.
What a reader raises beside its refusals is listed, with the file where a folder is named.

    python -m benchmarks.reader_fuzzing --files 20000 --seed 1 --keep FOLDER
"""

import argparse
import io
import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from app.errors import Refused
from app.services.archives import Archive
from app.services.box_files import InDecoder as Boxes
from app.services.csv_tables import CsvTable
from benchmarks.report import Row, add_json_option, show
from ml.detect.onnx_files import check_onnx
from ml.detect.yolo import YoloDetector
from ml.errors import BadInput
from ml.imaging.kinds import MaskKind
from ml.imaging.masks import decode_mask, encode_mask
from ml.imaging.outside import Place, read_outside
from ml.imaging.photograph import OpenPhotograph
from tests.unit.detect.test_layouts import exported
from tests.unit.imaging.pictures import HEIGHT, SAMPLES, WIDTH
from tests.unit.importing import zips

MOST_PIXELS = 1_000_000
"""So that a damaged size costs no seconds; limits are tried elsewhere."""
LONGEST = 20_000
Read = Callable[[bytes], object]


@dataclass(frozen=True)
class Reader:
    read: Read
    seeds: Sequence[bytes]


@dataclass
class Found:
    files: int = 0
    refused: int = 0
    broken: Counter[str] = field(default_factory=Counter)
    examples: dict[str, bytes] = field(default_factory=dict)


def _photograph(data: bytes) -> None:
    photograph = OpenPhotograph(io.BytesIO(data), MOST_PIXELS)
    photograph.check()
    photograph.within(16)
    photograph.whole()


def _mask(data: bytes) -> None:
    for kind in (None, *MaskKind):
        read_outside(data, Place((HEIGHT, WIDTH)), kind=kind)


def _archive(data: bytes) -> None:
    archive = Archive(io.BytesIO(data))
    for entry in archive.entries:
        for _ in archive.chunks(entry):
            pass


def _table(data: bytes) -> None:
    for chunk in CsvTable(io.BytesIO(data), "table.csv").chunks():
        assert all(row.line > 0 for row in chunk)


def _boxes(ending: str) -> Read:
    return lambda data: Boxes(io.BytesIO(data), f"boxes{ending}").table()


def _network(data: bytes) -> None:
    check_onnx(data)
    YoloDetector(data)


_CSV = 'file,bboxes,備註\n蛾1.jpg,"1.5,2,30,40",好\n"a ""b"".jpg","[1,2,3,4]",\n'.encode()
_COCO = {
    "images": [{"id": 1, "file_name": "a.jpg", "width": 90, "height": 60}],
    "annotations": [{"image_id": 1, "bbox": [1, 2, 30, 40], "category_id": 0}],
    "categories": [{"id": 0, "name": "蛾"}],
}
_MASK = np.zeros((HEIGHT, WIDTH), np.uint8)
_MASK[9:20, 5:40] = 255
_ZIPPED = zips.zipped([("a.jpg", b"\1" * 300), ("蛾/b.txt".encode("cp950"), b"0 .5 .5 .2 .2\n")])

READERS: Mapping[str, Reader] = {
    "photograph": Reader(_photograph, [sample.data for sample in SAMPLES]),
    "mask of another program": Reader(_mask, [sample.data for sample in SAMPLES]),
    "mask of ours": Reader(decode_mask, [encode_mask(_MASK)]),
    "archive": Reader(_archive, [_ZIPPED]),
    "CSV": Reader(_table, [_CSV, _CSV.decode().encode("utf-16"), _CSV.decode().encode("cp950")]),
    "boxes: CSV": Reader(_boxes(".csv"), [_CSV]),
    "boxes: YOLO": Reader(_boxes(".txt"), [b"0 .5 .5 .2 .2\n1 .1 .1 .05 .05 .9\n"]),
    "boxes: COCO": Reader(_boxes(".json"), [json.dumps(_COCO).encode()]),
    "boxes: archive": Reader(_boxes(".zip"), [_ZIPPED]),
    "ONNX": Reader(_network, [exported("v8")]),
}


def fuzz(reader: Reader, files: int, seed: int) -> Found:
    found, random = Found(), np.random.default_rng(seed)
    with ThreadPoolExecutor(1) as pool:  # it catches whatever a reader raises
        for _ in range(files):
            data = damaged(reader.seeds, random)
            found.files += 1
            error = pool.submit(reader.read, data).exception()
            if isinstance(error, BadInput | Refused):
                found.refused += 1
            elif error is not None:
                told = f"{type(error).__name__}: {error}"[:200]
                found.broken[told] += 1
                found.examples.setdefault(told, data)
    return found


def damaged(seeds: Sequence[bytes], random: np.random.Generator) -> bytes:
    data = bytearray(seeds[int(random.integers(len(seeds)))])
    for _ in range(random.integers(1, 6)):
        _DAMAGES[random.integers(len(_DAMAGES))](data, seeds, random)
    return bytes(data[:LONGEST])


def _change(data: bytearray, _seeds: Sequence[bytes], random: np.random.Generator) -> None:
    for at in random.integers(0, max(1, len(data)), random.integers(1, 9)):
        data[at : at + 1] = bytes([random.integers(256)])


def _extreme(data: bytearray, _seeds: Sequence[bytes], random: np.random.Generator) -> None:
    """Lengths and counts that are none."""
    at = int(random.integers(0, max(1, len(data))))
    value = (b"\0", b"\xff", b"\x7f\xff", b"\x80")[random.integers(4)]
    data[at : at + 4] = (value * 4)[:4]


def _cut(data: bytearray, _seeds: Sequence[bytes], random: np.random.Generator) -> None:
    first, last = sorted(random.integers(0, len(data) + 1, 2))
    del data[first : min(last, first + 64)]


def _cut_short(data: bytearray, _seeds: Sequence[bytes], random: np.random.Generator) -> None:
    del data[int(random.integers(0, len(data) + 1)) :]


def _repeat(data: bytearray, _seeds: Sequence[bytes], random: np.random.Generator) -> None:
    first, last = sorted(random.integers(0, len(data) + 1, 2))
    piece = data[first : min(last, first + 64)]
    data[first:first] = piece * int(random.integers(1, 20))


def _join(data: bytearray, seeds: Sequence[bytes], random: np.random.Generator) -> None:
    other = seeds[int(random.integers(len(seeds)))]
    at = int(random.integers(0, len(data) + 1))
    data[at:] = other[int(random.integers(0, len(other))) :]


_DAMAGES = (_change, _change, _extreme, _cut, _cut_short, _repeat, _join)


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.reader_fuzzing",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--files", type=int, default=2000, help="for each reader")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--keep", type=Path, help="folder for files that broke a reader")
    add_json_option(parser)
    options = parser.parse_args()
    rows: list[Row] = []
    broken: dict[str, dict[str, int]] = {}
    for name, reader in READERS.items():
        found = fuzz(reader, options.files, options.seed)
        rows.append(
            {
                "reader": name,
                "files": found.files,
                "refused": found.refused,
                "broken": found.broken.total(),
            }
        )
        broken[name] = dict(found.broken)
        for number, data in enumerate(found.examples.values() if options.keep else ()):
            options.keep.mkdir(parents=True, exist_ok=True)
            (options.keep / f"{name.replace(': ', '-')}-{number}").write_bytes(data)
    show("Damaged files", rows, {"broken": broken}, options.json)


if __name__ == "__main__":
    main()
