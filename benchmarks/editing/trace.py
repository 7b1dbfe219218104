"""What Chromium's trace says of the main thread while strokes were drawn.

The page asks for a frame at every refresh, so that a frame which comes late was held up by work and
not by a hand that rested. A frame's work is all that the main thread did since the frame before:
events, scripts, painting, collecting garbage.
"""

import json
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

CATEGORIES = ["devtools.timeline", "disabled-by-default-devtools.timeline"]
SLOW = 33.0
"""Milliseconds from one frame to the next: at 60 Hz, one was left out."""
FRAMES_AFTER = 3
"""What a stroke costs when it ends, for history and draft, belongs to it."""

Event = dict[str, Any]


@dataclass(frozen=True)
class Frames:
    """Milliseconds, one number per frame during strokes."""

    work: list[float]
    """Of the main thread, for frames in which the pointer moved."""
    processor: list[float]
    """The same without what other processes took meanwhile."""
    apart: list[float]
    """From the frame before."""

    @property
    def slow(self) -> float:
        return sum(each > SLOW for each in self.apart) / len(self.apart)


def joined(parts: Iterable[Frames]) -> Frames:
    every = list(parts)
    return Frames(
        work=[each for part in every for each in part.work],
        processor=[each for part in every for each in part.processor],
        apart=[each for part in every for each in part.apart],
    )


def read_frames(trace: bytes) -> Frames:
    events = _of_page(json.loads(trace)["traceEvents"])
    fired = [event["ts"] for event in events if event["name"] == "FireAnimationFrame"]
    tasks = [event for event in events if event["name"] == "RunTask"]
    # Work belongs to the frame that fires next, which is the task's own where it fires one.
    wall, processor = Counter[int](), Counter[int]()
    for task in tasks:
        frame = bisect_right(fired, task["ts"])
        wall[frame] += task.get("dur", 0)
        processor[frame] += task.get("tdur", 0)
    moved = {bisect_right(fired, moment) for moment in _handled(events, "pointermove")}
    drawn = list(_within_strokes(events, fired))
    return Frames(
        work=[wall[frame] / 1000 for frame in drawn if frame in moved],
        processor=[processor[frame] / 1000 for frame in drawn if frame in moved],
        apart=[(fired[frame] - fired[frame - 1]) / 1000 for frame in drawn],
    )


def _of_page(events: list[Event]) -> list[Event]:
    """Those of the thread that fires most animation frames, in order."""
    firing = Counter(_thread(each) for each in events if each["name"] == "FireAnimationFrame")
    [(page, _count)] = firing.most_common(1)
    own = (event for event in events if _thread(event) == page and event["ph"] == "X")
    return sorted(own, key=lambda event: float(event["ts"]))


def _thread(event: Event) -> tuple[int, int]:
    return event["pid"], event["tid"]


def _handled(events: list[Event], kind: str) -> list[float]:
    dispatched = (event for event in events if event["name"] == "EventDispatch")
    return [event["ts"] for event in dispatched if event["args"]["data"]["type"] == kind]


def _within_strokes(events: list[Event], fired: list[float]) -> Iterator[int]:
    """Frames that follow another of the same stroke, to the one in which its end has been kept."""
    strokes = zip(_handled(events, "pointerdown"), _handled(events, "pointerup"), strict=True)
    for down, up in strokes:
        first, end = bisect_right(fired, down), bisect_right(fired, up)
        yield from range(first + 1, min(end + FRAMES_AFTER, len(fired)))
