"""The decoders of this process: started when they are needed, and replaced when they break."""

import atexit
import json
import os
import shutil
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from app.decoding.channel import Garbled, Kind, Message, array_in, send, shared
from app.decoding.decoder import BROKEN, NONSENSE, Broken, Decoder, Died, Limits
from app.errors import Refused
from app.settings import Settings
from ml.errors import BadInput

MOST = max(2, min(4, len(os.sched_getaffinity(0))))
"""Decoders at once; whoever asks for another one waits."""


class OpenFile:
    """A file that is open in a decoder; its methods are those of the class that was named.

    They raise BadInput or Refused where the file is the reason.
    """

    def __init__(self, decoders: "Decoders", opening: Message) -> None:
        self._decoders, self._opening = decoders, opening
        self.decoder = decoders.take()
        self.about: Any = None

    def begin(self) -> None:
        self.about = self._json(self._opening)

    def ask(self, method: str, **arguments: Any) -> Any:
        """What the method returns, as JSON has it."""
        return self._json(_call(method, arguments))

    def _json(self, request: Message) -> Any:
        try:
            return self._answer(request).json
        except Garbled:
            raise self.nonsense() from None

    def array(
        self, method: str, shape: Sequence[int] | None = None, **arguments: Any
    ) -> NDArray[np.uint8]:
        """The uint8 array that the method returns, which has to be of this shape."""
        answer = self._answer(_call(method, arguments))
        try:
            found = _array(answer)
            if shape is not None and found.shape != tuple(shape):
                raise Garbled
        except Garbled:
            raise self.nonsense() from None
        return found

    def nonsense(self) -> Broken:
        """The decoder cannot be trusted any more."""
        self.decoder.close()
        return Broken(BROKEN, how=NONSENSE)

    def pieces(self, method: str, **arguments: Any) -> Iterator[bytes]:
        """What the method yields. Whoever stops before the end ends the decoder."""
        under_way = True
        try:
            for reply in self.decoder.ask(_call(method, arguments)):
                if reply.kind is Kind.PIECE:
                    yield reply.content
            under_way = False
        except Died as died:
            raise Broken(BROKEN, how=str(died)) from None
        except (BadInput, Refused):
            under_way = False
            raise
        finally:
            if under_way:
                self.decoder.close()

    def _answer(self, request: Message) -> Message:
        """Where the decoder dies, another one is asked: it may have been killed for the memory."""
        try:
            return _last(self.decoder.ask(request))
        except Died:
            self.decoder = self._decoders.take()
        try:
            if request is not self._opening:
                _last(self.decoder.ask(self._opening))
            return _last(self.decoder.ask(request))
        except Died as died:
            raise Broken(BROKEN, how=str(died)) from None


class Decoders:
    """Decoders that wait, and those that work."""

    def __init__(self, limits: Limits | None = None, most: int = MOST) -> None:
        self.limits = limits or Limits()
        self._most = most
        self.forget()

    def forget(self) -> None:
        """After a fork: those of the parent are the parent's."""
        self._idle: list[Decoder] = []
        self._lock = threading.Lock()
        self._free = threading.Semaphore(self._most)

    @contextmanager
    def opened(self, what: type, file: IO[bytes] | bytes, **arguments: Any) -> Iterator[OpenFile]:
        """Open a file in a decoder.

        Args:
            what: the class that the decoder makes of the open file and the arguments. Its `about`
                comes back at once; its methods can be asked. All of it has to fit into JSON.
            file: open for reading.

        Raises:
            BadInput, Refused: the file cannot be opened.
        """
        request = {"what": f"{what.__module__}:{what.__qualname__}", "arguments": arguments}
        with self._free, _descriptor(file) as descriptor:
            opening = Message(Kind.OPEN, json.dumps(request).encode(), [descriptor])
            file_in_decoder = OpenFile(self, opening)
            try:
                file_in_decoder.begin()
                yield file_in_decoder
            finally:
                self._give_back(file_in_decoder.decoder)

    def take(self) -> Decoder:
        with self._lock:
            while self._idle:
                decoder = self._idle.pop()
                if decoder.is_alive() and decoder.limits == self.limits:
                    return decoder
                decoder.close()
        return Decoder(self.limits)

    def _give_back(self, decoder: Decoder) -> None:
        if not decoder.is_alive():
            return
        with suppress(OSError):  # it dies just now
            send(decoder.channel, Message(Kind.CLOSE))
        with self._lock:
            self._idle.append(decoder)

    def close(self) -> None:
        with self._lock:
            while self._idle:
                self._idle.pop().close()


decoders = Decoders()
"""Those of this process, which has one set of them as it has one set of processors."""
atexit.register(decoders.close)
os.register_at_fork(after_in_child=decoders.forget)


def limit(settings: Settings) -> None:
    """Have decoders of this process obey the settings."""
    decoders.limits = Limits(settings.decoding_megabytes, settings.decoding_seconds)


def _call(method: str, arguments: dict[str, Any]) -> Message:
    return Message(Kind.CALL, json.dumps({"what": method, "arguments": arguments}).encode())


def _last(replies: Iterator[Message]) -> Message:
    *_, answer = replies
    return answer


def _array(answer: Message) -> NDArray[np.uint8]:
    shape = answer.json
    if not isinstance(shape, list) or not all(type(side) is int for side in shape):
        raise Garbled
    if not answer.descriptors:
        raise Garbled
    (descriptor,) = answer.descriptors
    try:
        return array_in(descriptor, shape)
    finally:
        os.close(descriptor)


@contextmanager
def _descriptor(file: IO[bytes] | bytes) -> Iterator[int]:
    """Something that a decoder can read without knowing where it lies."""
    if isinstance(file, bytes):
        descriptor = shared(file)
        try:
            yield descriptor
        finally:
            os.close(descriptor)
        return
    try:
        descriptor = file.fileno()
    except OSError:  # it is in memory, or comes over a network
        with tempfile.TemporaryFile() as copy:
            shutil.copyfileobj(file, copy)
            copy.flush()
            yield copy.fileno()
    else:
        yield descriptor
