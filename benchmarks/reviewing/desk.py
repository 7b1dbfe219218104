"""A real server and a real browser, in which decisions are made and timed."""

import os
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import sync_playwright

from app.cli.processes import web_command

CHROMIUM = "/usr/bin/chromium"
TOKEN = "benchmark"
STOPWATCH = Path(__file__).with_name("stopwatch.js")
SECONDS_TO_START = 30.0
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


@contextmanager
def serving(data: Path) -> Iterator[str]:
    """A web server over a data folder; yields its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    environment = {**os.environ, "MOTHMASK_DATA": str(data), "MOTHMASK_TOKEN": TOKEN}
    command = [*web_command("127.0.0.1", port), "--log-level", "warning"]
    server = subprocess.Popen(command, env=environment)
    try:
        address = f"http://127.0.0.1:{port}"
        _wait_for(address)
        yield address
    finally:
        server.terminate()
        server.wait(10)


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


def _wait_for(address: str) -> None:
    deadline = time.monotonic() + SECONDS_TO_START
    while True:
        try:
            urllib.request.urlopen(address, timeout=5).close()
        except urllib.error.HTTPError:
            return  # it asks for the token
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
        else:
            return
