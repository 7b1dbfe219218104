"""What is in a zip archive. Its names never become paths, and no more is unpacked than is safe.

`Archive` reads one, and `open_archive` has a decoder do so.
"""

import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, BinaryIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from pydantic import TypeAdapter, ValidationError

from app.blobs import chunks_of
from app.decoding.pool import OpenFile, decoders
from app.errors import Refused
from app.services import names

MOST_GROWTH = 200
"""How many times its packed size a file may unpack to; photographs reach about 2, bombs 1,030."""
MOST_GROWTH_OF_MASKS = 1000
"""Black and white without compression, as ImageJ writes it, reaches 400 and, much in black, 980."""
FREE_BYTES = 1 << 20
MOST_FILES = 200_000

_SIGNATURES = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_ENCRYPTED = 0x1
_NAME_IS_UTF8 = 0x800
_DAMAGES = (BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError)


@dataclass(frozen=True)
class Entry:
    """One file of an archive: its name as written, and another one to tell it from all others."""

    written: str
    name: str
    info: ZipInfo


class Archive:
    """A zip archive that is open for reading.

    Args:
        file: with the archive in it.
        most_growth: how many times its packed size a file may unpack to.
        encoding: in which names were written that do not say so; empty: it is found out.

    Raises:
        Refused: it is damaged or incomplete.
    """

    def __init__(self, file: BinaryIO, most_growth: int = MOST_GROWTH, encoding: str = "") -> None:
        self.most_growth = most_growth
        try:
            self.zip = ZipFile(file)
        except _DAMAGES as error:
            raise Refused(
                "The archive is damaged or incomplete. Make it again, or hand in the files "
                "without it."
            ) from error
        if len(self.zip.infolist()) > MOST_FILES:
            raise Refused(
                "There are more than {most} files in the archive. Make several of it.",
                most=MOST_FILES,
            )
        self.size = file.seek(0, 2)
        self.encoding, self.entries = _entries(self.zip.infolist(), encoding)
        self.unpacked = 0

    def chunks(self, entry: Entry) -> Iterator[bytes]:
        """Yield the bytes of a file; more than the archive declares never comes out.

        Raises:
            Refused: the file is not to be taken in, or is damaged.
        """
        self._check(entry)
        try:
            with self.zip.open(entry.info) as file:
                if is_archive(file):
                    raise Refused("It is an archive inside an archive. Hand it in by itself.")
                yield from chunks_of(file)
        except _DAMAGES as error:
            raise Refused("It is damaged in the archive. Make the archive again.") from error

    def _check(self, entry: Entry) -> None:
        names.check(entry.written)
        if entry.info.flag_bits & _ENCRYPTED:
            raise Refused("It is locked with a password. Make the archive without one.")
        if entry.info.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
            raise Refused("It is packed in an unusual way. Make an ordinary zip archive.")
        self._check_growth(entry.info)

    def _check_growth(self, info: ZipInfo) -> None:
        # What an archive says of itself may be a lie, so its true size bounds everything as well.
        self.unpacked += info.file_size
        packed = min(info.compress_size, self.size)
        if (
            info.file_size > self.most_growth * packed + FREE_BYTES
            or self.unpacked > self.most_growth * self.size + FREE_BYTES
        ):
            self.unpacked -= info.file_size
            raise Refused(
                "It would unpack to {megabytes} MB, far more than is packed, as no picture does. "
                "Hand it in without an archive if it is one.",
                megabytes=info.file_size // 1_000_000,
            )


class InDecoder:
    """What a decoder does with an archive."""

    def __init__(self, file: BinaryIO, most_growth: int, encoding: str) -> None:
        self.archive = Archive(file, most_growth, encoding)
        entries = self.archive.entries
        self.about = {
            "encoding": self.archive.encoding,
            "names": [entry.name for entry in entries],
        }

    def chunks(self, number: int) -> Iterator[bytes]:
        return self.archive.chunks(self.archive.entries[number])


@dataclass(frozen=True)
class Contents:
    encoding: str
    """In which names were read that do not say so."""
    names: Sequence[str]
    """Of the files; a file is asked for by its place among them."""


@dataclass(frozen=True)
class OpenArchive:
    """An archive that is open in a decoder."""

    contents: Contents
    opened: OpenFile

    def chunks(self, number: int) -> Iterator[bytes]:
        """As those of `Archive`."""
        return self.opened.pieces("chunks", number=number)


_CONTENTS = TypeAdapter(Contents)


@contextmanager
def open_archive(
    file: IO[bytes], most_growth: int = MOST_GROWTH, encoding: str = ""
) -> Iterator[OpenArchive]:
    """Open an archive in a decoder.

    Raises:
        Refused: as `Archive`, or it takes too long or too much memory.
    """
    with decoders.opened(InDecoder, file, most_growth=most_growth, encoding=encoding) as opened:
        try:
            contents = _CONTENTS.validate_python(opened.about)
        except ValidationError:
            raise opened.nonsense() from None
        yield OpenArchive(contents, opened)


def is_archive(file: IO[bytes]) -> bool:
    """Tell by the content, not by the name; the file is at its start again afterwards."""
    start = file.read(4)
    file.seek(0)
    return start in _SIGNATURES


def _entries(infos: Iterable[ZipInfo], known: str) -> tuple[str, list[Entry]]:
    encoding, decoded = _decoded_names(list(infos), known)
    taken: set[str] = set()
    return encoding, [
        Entry(name, names.apart(names.shown(name), taken), info)
        for name, info in decoded
        if not name.endswith("/") and not names.is_litter(name)
    ]


def _decoded_names(infos: list[ZipInfo], known: str) -> tuple[str, list[tuple[str, ZipInfo]]]:
    # Where the archive does not say UTF-8, zipfile has read the bytes as cp437, which loses none.
    raw = [info.orig_filename.encode("cp437") for info in infos if not _is_utf8(info)]
    encoding, decoded = names.decode_names(raw, known)
    others = iter(decoded)
    return encoding, [
        (names.tidy(info.orig_filename if _is_utf8(info) else next(others)), info) for info in infos
    ]


def _is_utf8(info: ZipInfo) -> bool:
    return bool(info.flag_bits & _NAME_IS_UTF8)
