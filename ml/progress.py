"""How long work says how far it is."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Progress:
    """One report: ``done`` of ``total`` steps of ``stage``, and a free note for people."""

    stage: str
    done: int
    total: int
    note: str = ""


OnProgress = Callable[[Progress], None]
"""Called with each report. It may raise to stop the work; the caller sees that exception."""


def silent(_progress: Progress) -> None:
    """Ignore the report: the default where nobody watches."""
