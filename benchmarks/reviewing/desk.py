"""A real browser, in which decisions are made and timed."""

from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import sync_playwright

from benchmarks.serving import CHROMIUM, TOKEN

STOPWATCH = Path(__file__).with_name("stopwatch.js")
QUEUE_TIMES = """
performance.getEntriesByType("resource")
  .filter(({ name }) => name.includes("/review-queue"))
  .map(({ requestStart, responseEnd }) => responseEnd - requestStart)
"""


@dataclass(frozen=True)
class Sitting:
    """Milliseconds of each decision, and of each request for the queue."""

    decisions: list[float]
    queue: list[float]


def sit_down(address: str, *, decisions: int, pause: float) -> Sitting:
    """Accept so many specimens, waiting `pause` seconds before each; 0 is as fast as the page."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1600, "height": 1000})
        page.goto(f"{address}/?token={TOKEN}")
        page.fill("#name", "Benchmark")
        page.click("button[type=submit]")
        page.add_init_script(path=STOPWATCH)
        page.goto(f"{address}/review")
        page.wait_for_selector("#stage[data-specimen]")
        for done in range(decisions):
            page.wait_for_timeout(1000 * pause)
            page.keyboard.press("a")
            page.evaluate("count => window.stopwatch.has(count)", done + 1)
        sitting = Sitting(
            page.evaluate("window.stopwatch.milliseconds"), page.evaluate(QUEUE_TIMES)
        )
        browser.close()
    return sitting
