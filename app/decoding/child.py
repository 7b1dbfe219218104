"""A decoder: opens the files that it is handed, one after the other, until nobody asks any more.

python -m app.decoding.child CHANNEL MEGABYTES SECONDS
"""

import importlib
import io
import json
import os
import resource
import signal
import socket
import sys
from collections.abc import Iterator
from typing import Any

import cv2
import numpy as np

# Loaded now, so that the limit of memory holds for files alone.
import ml.imaging.outside
import ml.imaging.photograph  # noqa: F401
from app.decoding.channel import Kind, Message, receive, send, shared
from app.errors import MothmaskError
from ml.errors import BadInput


def main() -> None:
    descriptor, megabytes, seconds = map(int, sys.argv[1:])
    cv2.setNumThreads(1)
    _limit_memory(megabytes)
    with socket.socket(fileno=descriptor) as channel:
        send(channel, Message(Kind.ANSWER))  # it is ready
        opened: Any = None
        while (request := receive(channel)) is not None:
            # The alarm ends this process where nobody is left who would.
            signal.alarm(seconds)
            if request.kind is not Kind.CALL:
                opened = None
            try:
                opened = _serve(channel, request, opened)
            except (BadInput, MothmaskError) as refused:
                _refuse(channel, refused)
            except MemoryError:
                send(channel, Message(Kind.NO_MEMORY))
            signal.alarm(0)


def _limit_memory(megabytes: int) -> None:
    with open("/proc/self/statm") as file:  # what libraries have reserved is not the file's
        pages = int(file.read().split()[0])
    most = pages * resource.getpagesize() + megabytes * 1_000_000
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _serve(channel: socket.socket, request: Message, opened: Any) -> Any:
    """Open a file or ask the one that is open; returns what is open afterwards."""
    if request.kind is Kind.CLOSE:
        return None
    wanted = request.json
    if request.kind is Kind.OPEN:
        module, _, name = wanted["what"].partition(":")
        (descriptor,) = request.descriptors
        # tifffile wants a name of it. It is closed with whatever is made of it.
        file = open("handed over", "rb", opener=lambda *_: descriptor)  # noqa: SIM115
        file.seek(0, io.SEEK_SET)  # the place is shared with whoever has opened it
        opened = getattr(importlib.import_module(module), name)(file, **wanted["arguments"])
        _answer(channel, opened.about)
    else:
        _answer(channel, getattr(opened, wanted["what"])(**wanted["arguments"]))
    return opened


def _answer(channel: socket.socket, answer: Any) -> None:
    if isinstance(answer, Iterator):
        for piece in answer:
            send(channel, Message(Kind.PIECE, piece))
        answer = None
    if not isinstance(answer, np.ndarray):
        send(channel, Message(Kind.ANSWER, json.dumps(answer).encode()))
        return
    descriptor = shared(answer)
    try:
        send(channel, Message(Kind.ANSWER, json.dumps(answer.shape).encode(), [descriptor]))
    finally:
        os.close(descriptor)


def _refuse(channel: socket.socket, refused: BadInput | MothmaskError) -> None:
    if isinstance(refused.__cause__, MemoryError):  # decoders take it for damage
        send(channel, Message(Kind.NO_MEMORY))
        return
    told = {
        "error": type(refused).__name__,
        "template": refused.template,
        "values": {name: _plain(value) for name, value in refused.values.items()},
    }
    send(channel, Message(Kind.REFUSED, json.dumps(told).encode()))


def _plain(value: object) -> object:
    return value if isinstance(value, int | float | str) else str(value)


if __name__ == "__main__":
    main()
