"""One decoder: a process that is handed open files and gives back what is in them."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from app.decoding.channel import Garbled, Kind, Message, receive, send
from app.errors import MothmaskError, Refused
from ml.errors import BadInput, NotADetector, UnreadableImage, UnusableMask
from ml.imaging.outside import WrongSize

_START_SECONDS = 60
_SPARE_SECONDS = 5
"""After which a decoder ends by itself where this process has not ended it."""
_ENVIRONMENT = ("PATH", "LANG", "LC_ALL", "TZ", "LD_LIBRARY_PATH", "PYTHONPATH", "HOME", "TMPDIR")
"""What a decoder gets of ours: no address of a database, no token, no key."""
_ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": ""}
_REFUSALS: dict[str, type[BadInput] | type[Refused]] = {
    kind.__name__: kind
    for kind in (BadInput, UnreadableImage, UnusableMask, WrongSize, NotADetector, Refused)
}


@dataclass(frozen=True)
class Limits:
    """What one file may cost.

    Args:
        megabytes: of memory beyond what a decoder takes by itself.
        seconds: until the next answer.
    """

    megabytes: int = 6000
    seconds: int = 120


BROKEN = (
    "The file broke the program that reads it ({how}). It is damaged, or made to do harm: save it "
    "anew with another program, and hand that in."
)
NONSENSE = "what it said made no sense"


class Broken(Refused):
    """The file made a decoder end, or say what it never would by itself."""


class Died(Exception):
    """The decoder has ended, for a reason that may not be the file's."""


class Decoder:
    """One process; only one thread at a time may ask it."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.channel, theirs = socket.socketpair()
        numbers = (theirs.fileno(), limits.megabytes, limits.seconds + _SPARE_SECONDS)
        kept = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
        with theirs:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "app.decoding.child", *map(str, numbers)],
                env=kept | _ONE_THREAD,
                stdin=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                start_new_session=True,  # Ctrl-C is for us; it ends when we do
            )
        self._wait_until_ready()

    def _wait_until_ready(self) -> None:
        self.channel.settimeout(_START_SECONDS)
        try:
            is_ready = receive(self.channel) is not None
        except OSError:
            is_ready = False
        if not is_ready:
            self.close()
            raise MothmaskError("The program that reads files does not start; the log says why.")
        self.channel.settimeout(self.limits.seconds)

    def ask(self, request: Message) -> Iterator[Message]:
        """Yield the pieces of an answer, and the answer last.

        Raises:
            BadInput, Refused: the file is refused.
        """
        try:
            send(self.channel, request)
            while (reply := receive(self.channel)) is not None:
                yield self._looked_at(reply)
                if reply.kind is Kind.ANSWER:
                    return
        except TimeoutError:
            self.close()
            raise Refused(
                "Reading the file took longer than {seconds} seconds and was stopped. Hand in a "
                "smaller one, or have MOTHMASK_DECODING_SECONDS raised.",
                seconds=self.limits.seconds,
            ) from None
        except Garbled:
            self.close()
            raise Broken(BROKEN, how=NONSENSE) from None
        except OSError:
            pass
        raise Died(self._end())

    def _looked_at(self, reply: Message) -> Message:
        if reply.kind is Kind.NO_MEMORY:
            raise Refused(
                "Reading the file takes more than {megabytes} MB of memory. Hand in a smaller "
                "one, or have MOTHMASK_DECODING_MEGABYTES raised.",
                megabytes=self.limits.megabytes,
            )
        if reply.kind is Kind.REFUSED:
            raise _refusal(reply.json)
        if reply.kind not in (Kind.ANSWER, Kind.PIECE):
            raise Garbled
        return reply

    def _end(self) -> str:
        """How it ended; a decoder that closed its channel is done for either way."""
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(1)
        self.close()
        code = self.process.returncode
        return signal.Signals(-code).name if code < 0 else f"code {code}"

    def is_alive(self) -> bool:
        return self.process.poll() is None

    def close(self) -> None:
        self.channel.close()
        self.process.kill()
        self.process.wait()


def _refusal(told: Any) -> BadInput | Refused:
    try:
        return _REFUSALS[told["error"]](told["template"], **told["values"])
    except (LookupError, TypeError, AttributeError, ValueError) as error:
        raise Garbled from error
