"""Servers for each test, and windows that are watched for errors."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from tests.browser.installations import Everything, Installation, WebServer
from tests.browser.watching import Watch
from tests.servers import ServerMissing, free_port

CHROMIUM = Path("/usr/bin/chromium")
NARROWEST = ViewportSize(width=1280, height=800)

OpenWindow = Callable[[Installation, str], Page]


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    if not CHROMIUM.exists():
        raise ServerMissing(f"The tests need {CHROMIUM}: apt install chromium, or run `make test`.")
    # Chromium's sandbox does not work as root.
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield browser
        browser.close()


@pytest.fixture
def watch() -> Iterator[Watch]:
    watch = Watch()
    yield watch
    assert watch.surprises == []


@pytest.fixture
def open_window(browser: Browser, watch: Watch) -> Iterator[OpenWindow]:
    """Opens a window of its own, signed in with the link and under a name."""
    contexts = []

    def open_(installation: Installation, name: str) -> Page:
        context = browser.new_context(viewport=NARROWEST)
        contexts.append(context)
        page = context.new_page()
        watch.follow(page)
        page.goto(installation.link)
        page.fill("#name", name)
        page.get_by_role("button", name="Begin").click()
        page.wait_for_selector("#now")
        return page

    yield open_
    for context in contexts:
        context.close()


@pytest.fixture
def web_server(sqlite_template: Path, tmp_path: Path) -> Iterator[WebServer]:
    data = tmp_path / "data"
    data.mkdir()
    shutil.copyfile(sqlite_template, data / "mothmask.sqlite")
    server = WebServer(data, free_port())
    server.start()
    yield server
    server.stop()


@pytest.fixture
def web(web_server: WebServer) -> Iterator[Installation]:
    """The pages over a folder of their own, without workers."""
    installation = Installation(web_server.data, web_server.address)
    yield installation
    installation.db.close()


@pytest.fixture
def page(web: Installation, open_window: OpenWindow) -> Page:
    return open_window(web, "Ada")


@pytest.fixture
def mothmask(tmp_path: Path) -> Iterator[Installation]:
    """Everything that `mothmask up` starts, over an empty folder."""
    everything = Everything(tmp_path / "data", free_port())
    yield everything.installation
    everything.installation.db.close()
    everything.stop()
