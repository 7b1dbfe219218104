"""What files can do to a decoder; it makes these of the open file in place of a picture."""

import os
import signal
import time
from collections.abc import Iterator
from typing import IO, Any

import numpy as np


class Trouble:
    """Does what the file says."""

    def __init__(self, file: IO[bytes]) -> None:
        self.said = file.read().decode()
        self.about: Any = os.getpid()
        if self.said == "at once":
            self.crash()

    def crash(self) -> None:
        os.kill(os.getpid(), signal.SIGSEGV)

    def sleep(self) -> None:
        time.sleep(60)

    def fill(self) -> int:
        return len(bytearray(10_000_000_000))

    def hidden(self) -> None:
        """As decoders do that take everything for damage."""
        from ml.imaging.header import damaged

        try:
            np.ones(10_000_000_000, np.uint8)
        except MemoryError as error:
            raise damaged("TIFF") from error

    def picture(self, height: int, width: int) -> Any:
        return np.arange(height * width, dtype=np.uint8).reshape(height, width)

    def lies(self) -> Any:
        return {"shape": [1 << 40]}

    def environment(self) -> dict[str, str]:
        return dict(os.environ)

    def open_files(self) -> list[str]:
        paths = (f"/proc/self/fd/{number}" for number in range(3, 30))
        return [os.readlink(path) for path in paths if os.path.lexists(path)]

    def count(self, most: int) -> Iterator[bytes]:
        for number in range(most):
            yield str(number).encode()
