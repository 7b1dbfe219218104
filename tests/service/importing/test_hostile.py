"""Files that lie, swell or lead elsewhere: each is named with its reason, and the rest goes on."""

import struct
import zipfile
import zlib

import pytest
from PIL import Image

from tests.service.importing.flow import Import, photograph
from tests.unit.imaging import pictures
from tests.unit.importing import zips

HUGE = 30_000


def chunk(name: bytes, content: bytes) -> bytes:
    checksum = struct.pack(">I", zlib.crc32(name + content))
    return struct.pack(">I", len(content)) + name + content + checksum


def png_with(name: bytes, content: bytes) -> bytes:
    """A PNG with a further chunk behind its header."""
    data = photograph(5)
    return data[:33] + chunk(name, content) + data[33:]


def tiff_bomb() -> bytes:
    """A strip of a small picture that swells to 200 MB."""
    strip = zlib.compress(bytes(200_000_000), 9)
    tags = [
        (256, 4, 1, 16),
        (257, 4, 1, 16),
        (258, 3, 1, 8),
        (259, 3, 1, 8),
        (262, 3, 1, 1),
        (273, 4, 1, 8),
        (277, 3, 1, 1),
        (278, 4, 1, 16),
        (279, 4, 1, len(strip)),
    ]
    folder = b"".join(struct.pack("<HHII", *tag) for tag in tags)
    start = b"II*\0" + struct.pack("<I", 8 + len(strip))
    return start + strip + struct.pack("<H", len(tags)) + folder + bytes(4)


def claiming(kind: str) -> bytes:
    """A picture whose header says that it is far larger than it is."""
    data = bytearray(photograph(6, kind))
    if kind == "BMP":
        data[18:26] = struct.pack("<ii", HUGE, HUGE)
    if kind == "JPEG":
        at = data.index(b"\xff\xc0") + 5
        data[at : at + 4] = struct.pack(">HH", HUGE, HUGE)
    return bytes(data)


def jpeg_with_exif(content: bytes) -> bytes:
    data = photograph(7, "JPEG")
    segment = b"Exif\0\0" + content
    return data[:2] + b"\xff\xe1" + struct.pack(">H", len(segment) + 2) + segment + data[2:]


def linked() -> bytes:
    """What a symbolic link in an archive holds: the path to which it leads."""
    return zips.zipped([("a.png", b"/etc/passwd"), ("beside.png", photograph(8))])


REFUSED = {
    "bmp that lies": (claiming("BMP"), "more than the limit of 500 megapixels"),
    "jpeg that lies": (claiming("JPEG"), "more than the limit of 500 megapixels"),
    "png that lies": (pictures.png_claiming(HUGE, HUGE), "more than the limit"),
    "png that lies within the limit": (
        pictures.png_claiming(20_000, 20_000),
        "far more than is packed",
    ),
    "png with swelling text": (
        png_with(b"zTXt", b"x\0\0" + zlib.compress(bytes(90_000_000), 9)),
        "damaged or cut short",
    ),
    "tiff with a swelling strip": (tiff_bomb(), "damaged or cut short"),
    "tiff cut short": (photograph(9, "TIFF")[:-300], "damaged or cut short"),
    "webp cut short": (photograph(9, "WEBP")[:-50], "damaged or cut short"),
    "jpeg cut short": (photograph(9, "JPEG")[:300], "damaged or cut short"),
    "nothing but zeros": (bytes(1000), "of no kind that can be read"),
    "gif": (pictures.saved(Image.new("P", (9, 9)), "GIF"), "of no kind that can be read"),
    "page": (b"<!DOCTYPE html><title>404</title>", "text, not a picture"),
    "pdf": (b"%PDF-1.7\n\xe2\xe3\x00", "of no kind that can be read"),
    "archive of bzip2": (
        zips.zipped([("a.png", photograph(1))], zipfile.ZIP_BZIP2),
        "packed in an unusual way",
    ),
    "archive with a password": (zips.locked(zips.zipped([("a.png", b"x")])), "a password"),
    "absolute name": (zips.zipped([(b"/etc/a.png", photograph(1))]), "out of the folder"),
    "name of a drive": (zips.zipped([(b"C:\\a.png", photograph(1))]), "out of the folder"),
    "name that climbs": (zips.zipped([(b"x\\..\\..\\a.png", photograph(1))]), "out of the folder"),
    "link in an archive": (linked(), "text, not a picture"),
}
GOOD = {
    "exif is noise": jpeg_with_exif(bytes(range(256)) * 4),
    "exif is nothing": jpeg_with_exif(b""),
    "exif points behind the end": jpeg_with_exif(b"II*\0\xff\xff\xff\x7f"),
    "exif turns by an impossible number": jpeg_with_exif(
        b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x63\0\0\0\0\0\0\0"
    ),
}


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_each_is_refused_with_its_reason_and_the_rest_goes_on(import_files: Import) -> None:
    bad = {f"{name}.jpg": data for name, (data, _) in REFUSED.items()}
    ended = import_files({**bad, "good.png": photograph(42)})
    assert ended["good.png"].outcome.value == "new"
    told = {}
    for name in REFUSED:
        of_name = [file for key, file in ended.items() if key.startswith(f"{name}.jpg")]
        refused = [file for file in of_name if file.outcome.value == "refused"]
        told[name] = refused[0].reason if refused else str(of_name)
    wrong = {name: told[name] for name, (_, why) in REFUSED.items() if why not in told[name]}
    assert wrong == {}
    assert ended["link in an archive.jpg/beside.png"].outcome.value == "new"


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_a_photograph_with_broken_exif_is_a_photograph(import_files: Import) -> None:
    for name, data in GOOD.items():
        ended = import_files({f"{name}.jpg": data + name.encode()})
        assert [file.outcome.value for file in ended.values()] == ["new"]


def test_twice_the_same_name_in_an_archive(import_files: Import) -> None:
    inner = [("a.png", photograph(1)), ("a.png", photograph(2)), ("A.png", photograph(3))]
    ended = import_files({"a.zip": zips.zipped(inner)})
    assert {name: file.outcome.value for name, file in ended.items()} == {
        "a.zip": "unpacked",
        "a.zip/a.png": "new",
        "a.zip/a.png (2)": "conflict",
        "a.zip/A.png": "new",
    }
