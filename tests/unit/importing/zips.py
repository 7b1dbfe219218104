"""Zip archives as other programs make them."""

import io
import struct
import warnings
import zipfile
from collections.abc import Iterable

FILE = (b"\x01" * 300, b"\x02" * 200)
Members = Iterable[tuple[str | bytes, bytes]]


def zipped(members: Members, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Names given as bytes are stored as they are, without the UTF-8 flag."""
    stream = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(stream, "w", method) as archive:
        warnings.simplefilter("ignore")  # names that occur twice are meant
        for name, data in members:
            archive.writestr(_info(name, method), data)
    return stream.getvalue()


def with_declared_size(archive: bytes, size: int) -> bytes:
    """Lie about the unpacked size of the only member, wherever it is told."""
    lying = bytearray(archive)
    for signature, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        place = archive.index(signature) + offset
        lying[place : place + 4] = struct.pack("<I", size)
    return bytes(lying)


def locked(archive: bytes) -> bytes:
    """Set the flag that says the only member has a password."""
    flagged = bytearray(archive)
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        flagged[archive.index(signature) + offset] |= 1
    return bytes(flagged)


class _RawName(zipfile.ZipInfo):
    """A member whose name is bytes in some old encoding."""

    raw = b""

    def _encodeFilenameFlags(self) -> tuple[bytes, int]:  # noqa: N802 - zipfile calls it so
        return self.raw, self.flag_bits & ~0x800


def _info(name: str | bytes, method: int) -> zipfile.ZipInfo:
    if isinstance(name, str):
        info = zipfile.ZipInfo(name)
    else:
        info = _RawName("x")
        info.raw = name
    info.compress_type = method
    return info
