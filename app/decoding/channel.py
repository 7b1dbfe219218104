"""What goes between this process and a decoder: JSON, bytes and pixels, nothing unpickled."""

import fcntl
import json
import mmap
import os
import socket
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

LONGEST = 64 << 20
"""Bytes of one message; pixels and tables come in memory that is shared instead."""
_HEADER = struct.Struct("<cQ")
_SEALS = fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW


class Kind(Enum):
    OPEN = b"O"
    CALL = b"C"
    CLOSE = b"X"
    ANSWER = b"A"
    PIECE = b"P"
    REFUSED = b"R"
    NO_MEMORY = b"M"


class Garbled(Exception):
    """The other side says what it never would by itself."""


@dataclass(frozen=True)
class Message:
    kind: Kind
    content: bytes = b""
    descriptors: Sequence[int] = ()

    @property
    def json(self) -> Any:
        try:
            return json.loads(self.content)
        except (ValueError, RecursionError) as error:
            raise Garbled from error


def send(channel: socket.socket, message: Message) -> None:
    header = _HEADER.pack(message.kind.value, len(message.content))
    socket.send_fds(channel, [header], message.descriptors)
    channel.sendall(message.content)


def receive(channel: socket.socket) -> Message | None:
    """The next message; nothing once the other side is gone.

    Raises:
        Garbled: it is none.
        TimeoutError: there was none for as long as the channel waits.
    """
    header, descriptors, _, _ = socket.recv_fds(channel, _HEADER.size, 1)
    rest = _exactly(channel, _HEADER.size - len(header)) if header else None
    if rest is None:
        return None
    name, length = _HEADER.unpack(header + rest)
    if length > LONGEST or name not in {kind.value for kind in Kind}:
        raise Garbled
    content = _exactly(channel, length)
    return Message(Kind(name), content, descriptors) if content is not None else None


def _exactly(channel: socket.socket, length: int) -> bytes | None:
    received = bytearray(length)
    view = memoryview(received)
    while view:
        count = channel.recv_into(view)
        if not count:
            return None
        view = view[count:]
    return bytes(received)


def shared(data: bytes | NDArray[np.uint8]) -> int:
    """Memory without a name that holds the data, as a descriptor to be handed over."""
    descriptor = os.memfd_create("mothmask", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    flat = data if isinstance(data, bytes) else np.ascontiguousarray(data).reshape(-1).data
    rest = memoryview(flat)
    while rest:
        rest = rest[os.write(descriptor, rest) :]
    return descriptor


def array_in(descriptor: int, shape: Sequence[int]) -> NDArray[np.uint8]:
    """The array that `shared` has put there, without a copy.

    Raises:
        Garbled: it is not so large.
    """
    # Without the seals whoever wrote it could make it smaller while it is read here.
    fcntl.fcntl(descriptor, fcntl.F_ADD_SEALS, _SEALS)
    size = os.fstat(descriptor).st_size
    if not shape or min(shape) < 1 or prod(shape) != size:
        raise Garbled
    flags = mmap.MAP_SHARED | mmap.MAP_POPULATE
    return np.frombuffer(mmap.mmap(descriptor, size, flags), np.uint8).reshape(shape)
