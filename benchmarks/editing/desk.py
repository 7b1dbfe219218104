"""A real browser, in which strokes are drawn with the mouse, undone, and saved."""

import asyncio
import math
import random
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from playwright.async_api import Browser, CDPSession, Page, async_playwright

from benchmarks.editing.trace import CATEGORIES, Frames, read_frames
from benchmarks.serving import CHROMIUM, TOKEN

MOVES = 60
PER_SECOND = 125
"""Of a common mouse: about two moves per frame."""
STEP = 6.0
"""Pixels of the screen per move: a hand that follows an outline."""
STROKES_BEFORE_REST = 20
REST = 1.6
"""Seconds, so that the draft is being sent when the next stroke begins."""
KEEP_FRAMES_COMING = "(function frame() { requestAnimationFrame(frame); })()"
WINDOW = (1600, 1000)
CENTRE = (900, 500)
REACH = (450, 300)
"""Strokes begin so far from the centre of the picture at most."""


@dataclass(frozen=True)
class Task:
    """Strokes of one kind: keys that are pressed before, and how far the wheel zooms in."""

    name: str
    strokes: int
    keys: str = ""
    wheel: int = 0
    paints: bool = True
    """Otherwise the picture is moved about, with the middle button."""

    def button(self, number: int) -> str:
        """Every third stroke erases."""
        if not self.paints:
            return "middle"
        return "right" if number % 3 == 0 else "left"


@dataclass
class Sitting:
    frames: dict[str, Frames] = field(default_factory=dict)
    memory: list[int] = field(default_factory=list)
    """Bytes that the page's processes hold alone: at the start, after strokes, after all undone."""
    saves: list[float] = field(default_factory=list)
    """Milliseconds from the key press until the server's answer is there."""


class Desk:
    def __init__(self, browser: Browser, page: Page, cdp: CDPSession, address: str) -> None:
        self.browser, self.page, self.cdp = browser, page, cdp
        self.address = address
        self.chance = random.Random(3)

    async def sit_down(self) -> None:
        """Begin with the best candidate, as from the review page."""
        await self.page.goto(f"{self.address}/review?specimen=1")
        await self.page.wait_for_selector("#stage[data-specimen='1']")
        await self.page.keyboard.press("e")
        await self.page.wait_for_url("**/drawing?*")
        await self.page.wait_for_selector("#wait", state="hidden")
        await self.page.wait_for_timeout(1000)

    async def draw(self, task: Task) -> Frames:
        await self.page.keyboard.press("0")
        await self.page.mouse.move(*CENTRE)
        await self.page.mouse.wheel(0, -task.wheel)
        for key in task.keys:
            await self.page.keyboard.press(key)
        await self.browser.start_tracing(page=self.page, categories=CATEGORIES)
        for number in range(1, task.strokes + 1):
            await self._stroke(task.button(number))
            await asyncio.sleep(REST if number % STROKES_BEFORE_REST == 0 else 0.1)
        return read_frames(await self.browser.stop_tracing())

    async def undo(self, strokes: int) -> None:
        for _ in range(strokes):
            await self.page.keyboard.press("Control+z")

    async def save(self) -> float:
        await self._stroke()
        pressed = time.perf_counter()
        async with self.page.expect_response("**/versions") as coming:
            await self.page.keyboard.press("Control+Enter")
        response = await coming.value
        await response.finished()
        milliseconds = 1000 * (time.perf_counter() - pressed)
        assert response.status == 201, await response.text()
        await self.page.wait_for_url("**/review?*")
        return milliseconds

    async def memory(self) -> int:
        """What the page's processes hold when they give nothing more back."""
        held = await self._held()
        while (now := await self._held()) < 0.98 * held:
            held = now
        return now

    async def _held(self) -> int:
        """What is shared with nobody, after collecting garbage."""
        await self.cdp.send("HeapProfiler.collectGarbage")
        await asyncio.sleep(2)
        system = await self.browser.new_browser_cdp_session()
        processes = (await system.send("SystemInfo.getProcessInfo"))["processInfo"]
        await system.detach()
        return sum(_private(each["id"]) for each in processes if each["type"] == "renderer")

    async def _stroke(self, button: str = "left") -> None:
        """Moves are sent at their time, whether or not the page has answered the one before."""
        x, y = (
            middle + self.chance.uniform(-far, far)
            for middle, far in zip(CENTRE, REACH, strict=True)
        )
        heading, bend = self.chance.uniform(0, 2 * math.pi), self.chance.uniform(-0.1, 0.1)
        await self._mouse("mousePressed", x, y, button)
        begun = time.perf_counter()
        sent = []
        for move in range(1, MOVES + 1):
            heading += bend
            x, y = x + STEP * math.cos(heading), y + STEP * math.sin(heading)
            sent.append(asyncio.create_task(self._mouse("mouseMoved", x, y, button)))
            await asyncio.sleep(max(0, begun + move / PER_SECOND - time.perf_counter()))
        await asyncio.gather(*sent)
        await self._mouse("mouseReleased", x, y, button)

    async def _mouse(self, kind: str, x: float, y: float, button: str) -> None:
        held = 0 if kind == "mouseReleased" else {"left": 1, "right": 2, "middle": 4}[button]
        place = {"x": round(x), "y": round(y)}  # a mouse knows whole pixels
        event = {"type": kind, **place, "button": button, "buttons": held, "clickCount": 1}
        await self.cdp.send("Input.dispatchMouseEvent", event)


async def draw_all(address: str, tasks: list[Task], *, saves: int) -> Sitting:
    sitting = Sitting()
    async with _desk(address) as desk:
        await desk.sit_down()
        sitting.memory.append(await desk.memory())
        for task in tasks:
            sitting.frames[task.name] = await desk.draw(task)
        sitting.memory.append(await desk.memory())
        await desk.undo(sum(task.strokes for task in tasks if task.paints))
        sitting.memory.append(await desk.memory())
        for _ in range(saves):
            sitting.saves.append(await desk.save())
            await desk.sit_down()
    return sitting


@asynccontextmanager
async def _desk(address: str) -> AsyncIterator[Desk]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = await browser.new_page(viewport={"width": WINDOW[0], "height": WINDOW[1]})
        await page.goto(f"{address}/?token={TOKEN}")
        await page.fill("#name", "Benchmark")
        await page.click("button[type=submit]")
        await page.add_init_script(KEEP_FRAMES_COMING)
        cdp = await page.context.new_cdp_session(page)
        yield Desk(browser, page, cdp, address)
        await browser.close()


def _private(process: int) -> int:
    lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    return sum(1024 * int(line.split()[1]) for line in lines if line.startswith("Private_"))
