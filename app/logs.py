"""What web servers and workers write: lines for people, or JSON for programs that gather them.

Each line says for which request, or for which job and part, it was written.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from enum import StrEnum
from typing import TextIO

from pythonjsonlogger.json import JsonFormatter

Values = dict[str, str | int]

_context: ContextVar[Values | None] = ContextVar("mothmask_log", default=None)
OWN_HANDLERS = ("uvicorn", "uvicorn.error", "celery", "celery.task")
"""Loggers of libraries that would write past ours; uvicorn's of requests stays silent."""


class LogFormat(StrEnum):
    TEXT = "text"
    JSON = "json"


def set_up(format_: LogFormat) -> None:
    logging.basicConfig(level=logging.INFO, handlers=[handler(format_)], force=True)
    for name in OWN_HANDLERS:
        logging.getLogger(name).handlers.clear()
        logging.getLogger(name).propagate = True


def handler(format_: LogFormat, to: TextIO | None = None) -> logging.Handler:
    made = logging.StreamHandler(to)
    made.addFilter(_add_context)
    made.setFormatter(_json() if format_ is LogFormat.JSON else _Text())
    return made


def belongs_to(**values: str | int) -> None:
    """What is written from now on in this request is about these."""
    _context.set({**(_context.get() or {}), **values})


@contextmanager
def about(**values: str | int) -> Iterator[None]:
    token = _context.set({**(_context.get() or {}), **values})
    try:
        yield
    finally:
        _context.reset(token)


def _add_context(record: logging.LogRecord) -> bool:
    values = _context.get() or {}
    for name, value in values.items():
        setattr(record, name, value)
    record.about = "".join(f" [{name} {value}]" for name, value in values.items())
    return True


class _Text(logging.Formatter):
    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s:%(about)s %(message)s")


def _json() -> logging.Formatter:
    return JsonFormatter(
        "%(levelname)s %(name)s %(message)s",
        rename_fields={"levelname": "level", "name": "logger", "exc_info": "traceback"},
        timestamp="time",
        reserved_attrs=[*_RESERVED, "about", "color_message"],
        json_ensure_ascii=False,
    )


_RESERVED = vars(logging.makeLogRecord({}))
