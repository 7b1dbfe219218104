"""A batch in the grid: set some aside, accept the rest, take it back, tag many."""

import re
from uuid import uuid4

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import select

from app.domain.labelling import Candidate, Decision, Review
from app.domain.queue import AssignedSpecimen
from app.domain.specimens import SpecimenState, Tag
from app.services import labelling
from app.services.labelling import NewDecision
from tests import factories
from tests.browser.installations import Installation, WebServer, until
from tests.browser.watching import Watch


@pytest.fixture
def moths(web: Installation) -> list[int]:
    """Two rows of the grid, in its order."""
    return [web.add_specimen(f"蛾-{number}") for number in range(8)]


@pytest.fixture
def grid(page: Page, web: Installation, moths: list[int]) -> Page:
    page.goto(f"{web.address}/grid")
    expect(tile(page, len(moths) - 1).locator("img")).to_have_attribute(
        "src", re.compile("^/pictures/thumbnails/")
    )
    return page


def tile(page: Page, index: int) -> Locator:
    return page.locator(f".grid-tile[data-index='{index}']")


def button(page: Page, action: str) -> Locator:
    return page.locator(f".bar [data-action='{action}']")


def decisions(web: Installation, kind: Decision) -> list[int]:
    """The specimens that were decided on in this way."""
    with web.db.reading() as session:
        query = select(Review.specimen_id).where(Review.decision == kind)
        return sorted(session.scalars(query))


def accept_elsewhere(web: Installation, specimen_id: int) -> None:
    with web.db.transaction() as session:
        person = factories.make_person(session, "林小姐")
        first = select(Candidate.id).where(Candidate.specimen_id == specimen_id).limit(1)
        wanted = NewDecision(uuid4().hex, Decision.ACCEPT, candidate_id=session.scalar(first))
        labelling.decide(session, person.id, specimen_id, wanted)


def test_the_rest_is_accepted_those_set_aside_are_rejected_and_both_taken_back(
    grid: Page, web: Installation, moths: list[int]
) -> None:
    tile(grid, 1).click()
    tile(grid, 3).click(modifiers=["Shift"])
    grid.keyboard.press("ArrowRight")
    grid.keyboard.press("Space")
    tile(grid, 2).click()
    expect(button(grid, "accept")).to_have_text("AAccept the other 5")
    grid.keyboard.press("a")
    until(lambda: len(decisions(web, Decision.ACCEPT)) == 5, "the acceptances")
    aside = [moths[1], moths[3], moths[4]]
    assert decisions(web, Decision.ACCEPT) == [id_ for id_ in moths if id_ not in aside]
    expect(grid.locator(".grid-tile")).to_have_count(3)
    grid.keyboard.press("r")
    grid.keyboard.press("3")
    expect(grid.get_by_role("heading", name="You have reached the end")).to_be_visible()
    until(lambda: len(decisions(web, Decision.REJECT)) == 3, "the rejections")
    assert {tuple(review.reasons) for review in web.reviews(moths[3])} == {("shadow-included",)}
    grid.keyboard.press("z")
    grid.keyboard.press("z")
    expect(grid.locator(".grid-tile")).to_have_count(8)
    until(lambda: decisions(web, Decision.RETRACT) == moths, "the retractions")
    assert {web.specimen(id_).state for id_ in moths} == {SpecimenState.PROPOSED}


def test_one_that_moved_on_is_set_apart_and_the_others_are_accepted(
    grid: Page, web: Installation, moths: list[int], watch: Watch
) -> None:
    watch.expect("status of 409")
    accept_elsewhere(web, moths[2])
    grid.keyboard.press("a")
    expect(grid.locator("#said")).to_contain_text("1 had moved on")
    expect(grid.locator("#banner")).to_contain_text("林小姐 has saved version 1 of 蛾-2 meanwhile")
    until(lambda: decisions(web, Decision.ACCEPT) == moths, "the other acceptances")
    assert len(web.versions(moths[2])) == 1


def test_a_batch_waits_for_the_server_and_counts_once(
    grid: Page, web: Installation, web_server: WebServer, moths: list[int], watch: Watch
) -> None:
    watch.expect("ERR_")
    grid.wait_for_load_state("networkidle")
    web_server.stop()
    grid.keyboard.press("a")
    banner = grid.locator("#banner")
    expect(banner).to_contain_text("Decisions kept in this browser: 1")
    web_server.start()
    banner.get_by_role("button", name="Try now").click()
    expect(banner).to_be_hidden()
    until(lambda: decisions(web, Decision.ACCEPT) == moths, "the acceptances")


def test_many_are_tagged_with_a_new_word_and_with_one_in_use(
    grid: Page, web: Installation, moths: list[int]
) -> None:
    for index in (0, 5):
        tile(grid, index).click()
    grid.keyboard.press("t")
    dialog = grid.get_by_role("dialog", name="Tags of 2 specimens")
    dialog.get_by_role("textbox").fill(" 白翅 ")
    grid.keyboard.press("Enter")
    expect(dialog.get_by_role("button", name="白翅")).to_have_attribute("aria-pressed", "true")
    grid.keyboard.press("Escape")
    expect(tile(grid, 5)).to_contain_text("白翅")
    tile(grid, 0).click()
    tile(grid, 6).click()
    grid.keyboard.press("t")
    used = dialog.get_by_role("button", name="白翅")
    expect(used).to_have_attribute("aria-pressed", "mixed")
    grid.keyboard.press("1")
    expect(used).to_have_attribute("aria-pressed", "true")

    def tagged() -> list[int]:
        with web.db.reading() as session:
            return sorted(session.scalars(select(Tag.specimen_id).where(Tag.word == "白翅")))

    until(lambda: tagged() == [moths[0], moths[5], moths[6]], "the tags")


def test_those_set_aside_are_assigned_to_somebody(
    grid: Page, web: Installation, moths: list[int]
) -> None:
    for index in (2, 5):
        tile(grid, index).click()
    grid.keyboard.press("g")
    dialog = grid.get_by_role("dialog", name="Assign 2 specimens")
    dialog.get_by_label("Name").fill("白翅 <b>")
    dialog.get_by_label("for").select_option("Ada")
    dialog.get_by_role("button", name="Assign").click()
    expect(grid.locator("#said")).to_have_text("“白翅 <b>” is assigned to Ada: 2.")
    expect(dialog).to_be_hidden()
    with web.db.reading() as session:
        made = session.scalars(select(AssignedSpecimen).order_by(AssignedSpecimen.specimen_id))
        assert [each.specimen_id for each in made] == [moths[2], moths[5]]


def test_what_was_never_on_the_screen_is_not_accepted_by_accident(
    page: Page, web: Installation
) -> None:
    for number in range(40):
        web.add_specimen(f"moth-{number}")
    page.goto(f"{web.address}/grid?search=moth")
    expect(button(page, "accept")).to_have_text("AAccept all 40")
    expect(tile(page, 0)).to_be_focused()
    page.keyboard.press("a")
    asked = page.get_by_role("dialog", name="Some have not been seen")
    asked.get_by_role("button", name="Show them").click()
    expect(tile(page, 20)).to_be_visible()
    assert decisions(web, Decision.ACCEPT) == []
    page.keyboard.press("End")
    expect(tile(page, 39)).to_be_focused()
    page.keyboard.press("a")
    expect(asked).to_be_hidden()
    until(lambda: len(decisions(web, Decision.ACCEPT)) == 40, "the acceptances")
