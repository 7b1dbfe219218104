"""Blobs from one place to another: what is there already is passed over, the rest is checked."""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from pathlib import Path

from app.blobs import Blobs, chunks_of
from app.errors import BrokenLink, Damaged, NotFound
from ml.progress import OnProgress, Progress, silent

AT_ONCE = 64
THREADS = 8
"""A bucket answers late, but to many at once."""
SHARDS = 256


@dataclass
class Copied:
    there: int = 0
    """Stored in the target in the end."""
    copied: int = 0
    size: int = 0
    """Bytes of what was copied."""
    linked: int = 0
    lost: list[str] = field(default_factory=list)
    """Digests of what is missing or damaged at the source."""


def copy_blobs(
    source: Blobs, target: Blobs, digests: Iterable[str], on_progress: OnProgress = silent
) -> Copied:
    """Bring these into the target.

    Args:
        digests: in their order.
    """
    result, coming = Copied(), iter(digests)
    with ThreadPoolExecutor(THREADS) as pool:
        while some := list(islice(coming, AT_ONCE)):
            for digest, found in zip(
                some, pool.map(partial(_copy, source, target), some), strict=True
            ):
                _count(result, digest, found)
            on_progress(_progress(result, int(some[-1][:2], 16)))
    on_progress(_progress(result, SHARDS))
    return result


def _progress(result: Copied, shard: int) -> Progress:
    note = f"{result.copied} copied, {result.size / 1e9:.2f} GB"
    return Progress("files", shard, SHARDS, note)


def _copy(source: Blobs, target: Blobs, digest: str) -> int | Path | None:
    """How many bytes were copied; the path of a file that stays where it is; None if it is lost."""
    stored = source.find(digest)
    if stored is None:
        return _link(source, target, digest)
    there = target.find(digest)
    if there is not None and there.size == stored.size:
        return 0
    try:
        with source.open(digest) as file:
            arrived = target.put(chunks_of(file))
    except (NotFound, Damaged):
        return None
    if arrived != digest:
        target.remove(arrived)  # bytes that nobody asked for, under the name that is theirs
        return None
    return stored.size


def _link(source: Blobs, target: Blobs, digest: str) -> Path | None:
    path = source.linked(digest)
    if path is not None:
        try:
            source.examine(digest)
            target.link(digest, path)
        except BrokenLink:
            return None
    return path


def _count(result: Copied, digest: str, found: int | Path | None) -> None:
    if found is None:
        result.lost.append(digest)
    elif isinstance(found, int):
        result.there += 1
        result.copied += found > 0
        result.size += found
    else:
        result.linked += 1
