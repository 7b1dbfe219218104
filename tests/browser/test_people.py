"""A museum with accounts: the first admin, somebody who is added, a new role, signing out."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import NARROWEST
from tests.browser.installations import TOKEN, WebServer
from tests.browser.watching import Watch
from tests.servers import free_port

NAME = "王 <img src=x onerror=alert(1)>"
PASSWORD = "a long enough password"


@pytest.fixture
def museum(sqlite_template: Path, tmp_path: Path) -> Iterator[str]:
    """The address of a server on which people have accounts."""
    shutil.copyfile(sqlite_template, tmp_path / "mothmask.sqlite")
    server = WebServer(tmp_path, free_port(), MOTHMASK_SIGN_IN="password")
    server.start()
    yield server.address
    server.stop()


@pytest.fixture
def windows(browser: Browser, watch: Watch) -> Iterator[list[Page]]:
    """One of the admin, one of somebody else."""
    contexts = [browser.new_context(viewport=NARROWEST) for _ in range(2)]
    pages = [context.new_page() for context in contexts]
    for page in pages:
        watch.follow(page)
    yield pages
    for context in contexts:
        context.close()


def sign_in(page: Page, name: str, password: str) -> None:
    page.get_by_label("Your name").fill(name)
    page.get_by_label("Your password").fill(password)
    page.get_by_role("button", name="Sign in").click()


def test_people_come_in_and_get_what_they_may(museum: str, windows: list[Page]) -> None:
    admin, other = windows
    admin.goto(f"{museum}/first-admin?token={TOKEN}")
    admin.get_by_label("Your name").fill("林 小姐")
    admin.get_by_label("A password").fill(PASSWORD)
    admin.get_by_role("button", name="Make my account").click()

    admin.goto(f"{museum}/account")
    admin.get_by_role("link", name="People and their roles").click()
    adding = admin.get_by_role("region", name="Add somebody")
    adding.get_by_label("Name").fill(NAME)
    adding.get_by_label("Role").select_option("viewer")
    adding.get_by_role("button", name="Add").click()
    expect(adding.locator("output")).not_to_be_empty()
    handed = adding.locator("output").inner_text()

    other.goto(f"{museum}/sources")
    sign_in(other, NAME, handed)
    expect(other).to_have_url(f"{museum}/sources")
    new_source = other.get_by_role("heading", name="New source")
    expect(new_source).to_be_hidden()
    expect(other.get_by_role("link", name="Review", exact=True)).to_be_hidden()
    other.goto(f"{museum}/grid")
    expect(other.get_by_role("toolbar").get_by_role("button")).to_have_text(
        [re.compile("Next batch$"), re.compile("Keys$")]
    )
    other.keyboard.press("r")
    expect(other.locator("#said")).to_be_empty()

    adding.get_by_role("link", name="Done").click()
    expect(adding.locator("output")).to_be_hidden()
    admin.get_by_label(f"Role of {NAME}").select_option("lead")
    with admin.expect_response("**/api/v1/people/*"):
        admin.get_by_role("button", name=f"Give {NAME} this role").click()
    other.reload()
    other.keyboard.press("r")
    expect(other.locator("#said")).to_contain_text("Nothing is set aside")
    other.goto(f"{museum}/sources")
    expect(new_source).to_be_visible()

    other.goto(f"{museum}/account")
    other.get_by_label("The password you have now").fill(handed)
    other.get_by_label("A new one").fill(PASSWORD)
    other.get_by_role("button", name="Change it").click()
    expect(other.get_by_label("The password you have now")).to_be_empty()
    other.get_by_role("button", name="Sign out", exact=True).click()
    sign_in(other, NAME, PASSWORD)
    expect(other.get_by_role("link", name=NAME)).to_be_visible()

    admin.goto(f"{museum}/people")
    admin.get_by_role("button", name=f"Close the account of {NAME}").click()
    expect(admin.get_by_text("closed", exact=True)).to_be_visible()
    other.reload()
    expect(other.get_by_role("heading", name="Sign in to Mothmask")).to_be_visible()
