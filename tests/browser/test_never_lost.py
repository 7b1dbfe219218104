"""The server is pulled away in the middle of the work: all of it is found afterwards, and once."""

from collections import Counter

import numpy as np
from playwright.sync_api import Page, expect
from sqlalchemy import select

from app.domain.labelling import Draft, Review
from ml.imaging.masks import decode_mask
from tests import factories
from tests.browser.drawing import Drawing, rectangle
from tests.browser.installations import Installation, WebServer, until
from tests.browser.watching import Watch

DECISIONS = 20
PULLED_AT, BACK_AT = 8, 11
ROWS = (3, 5, 7)
"""Of the mask, in which a stroke is drawn each."""


def test_a_killed_server_loses_no_decision_and_no_stroke(
    page: Page, web: Installation, web_server: WebServer, watch: Watch
) -> None:
    watch.expect("ERR_")
    with web.db.transaction() as session:
        factories.without_checks(session)
    numbers = [
        web.add_specimen(f"moth-{number:02}", score=1 - number / 100)
        for number in range(DECISIONS + 1)
    ]
    drawing = _drawing(page, web, numbers[-1], watch)
    page.goto(f"{web.address}/review")
    for place, number in enumerate(numbers[:-1]):
        page.wait_for_selector(f"#stage[data-specimen='{number}']")
        if place == PULLED_AT:
            page.reload()
            page.wait_for_load_state("networkidle")  # the next ones have been fetched
            page.wait_for_selector(f"#stage[data-specimen='{number}']")
        page.keyboard.press("a")
        if place == PULLED_AT:
            web_server.kill()
            stroke(drawing, ROWS[1])
        if place == BACK_AT:
            expect(page.locator("#banner")).to_contain_text("kept in this browser")
            web_server.start()
            stroke(drawing, ROWS[2])
            page.evaluate("dispatchEvent(new Event('online'))")  # or it waits up to half a minute
    until(lambda: web.count(Review) >= DECISIONS, "all decisions", 40)
    until(lambda: _has_all_strokes(web, numbers[-1]), "all strokes in the draft", 20)
    expect(page.locator("#banner")).to_be_hidden()
    assert Counter(_reviewed(web)) == Counter(numbers[:-1])
    assert [len(web.versions(number)) for number in numbers] == [1] * DECISIONS + [0]


def stroke(drawing: Drawing, row: int) -> None:
    drawing.drag((3.5, row + 0.5), (8.5, row + 0.5))


def _drawing(page: Page, web: Installation, specimen: int, watch: Watch) -> Drawing:
    """The editor in another window of the same person, with the first stroke."""
    other = page.context.new_page()
    watch.follow(other)
    other.goto(f"{web.address}/specimens/{specimen}/drawing")
    drawing = Drawing(other)
    drawing.finest()
    stroke(drawing, ROWS[0])
    return drawing


def _has_all_strokes(web: Installation, specimen: int) -> bool:
    wanted = factories.moth_mask()
    for row in ROWS:
        wanted = wanted | rectangle(3, row, 9, row + 1)
    with web.db.reading() as session:
        digests = list(session.scalars(select(Draft.digest).where(Draft.specimen_id == specimen)))
    return [np.array_equal(decode_mask(web.blobs.read(each)), wanted) for each in digests] == [True]


def _reviewed(web: Installation) -> list[int]:
    with web.db.reading() as session:
        return list(session.scalars(select(Review.specimen_id)))
