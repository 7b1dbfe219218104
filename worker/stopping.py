"""A worker that is asked to stop ends its part, or hands it back when that takes too long."""

import time
from collections.abc import Callable


class Stopped(Exception):
    """The part is to be done by another worker, as this one has to stop."""


class Stop:
    def __init__(
        self, grace_seconds: float = 0.0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.grace_seconds = grace_seconds
        self.clock = clock
        self.asked_at: float | None = None

    def ask(self) -> None:
        self.asked_at = self.clock()

    def obey(self) -> None:
        """Go on, unless the time to end the part is over.

        Raises:
            Stopped: it is.
        """
        if self.asked_at is not None and self.clock() - self.asked_at >= self.grace_seconds:
            raise Stopped
