"""The network fails at the worst moment; every decision arrives, and arrives once."""

import numpy as np
import pytest
from playwright.sync_api import Page, Route, expect

from app.domain.labelling import Review
from tests import factories
from tests.browser.installations import Installation, WebServer, until
from tests.browser.watching import Watch, png_file


@pytest.fixture
def review(page: Page, web: Installation) -> Page:
    for number in (1, 2, 3):
        web.add_specimen(f"moth-{number}", score=1 - number / 10)
    page.goto(f"{web.address}/review")
    page.wait_for_selector("#stage[data-specimen='1']")
    return page


def test_decisions_wait_for_the_server(
    review: Page, web: Installation, web_server: WebServer, watch: Watch
) -> None:
    watch.expect("ERR_CONNECTION_REFUSED", "ERR_EMPTY_RESPONSE", "ERR_CONNECTION_RESET")
    expect(review.locator("#column canvas").first).to_be_visible()
    review.wait_for_load_state("networkidle")
    web_server.stop()
    for following in ("2", "3"):
        review.keyboard.press("a")
        review.wait_for_selector(f"#stage[data-specimen='{following}']")
    banner = review.locator("#banner")
    expect(banner).to_contain_text("Decisions kept in this browser: 2")
    web_server.start()
    banner.get_by_role("button", name="Try now").click()
    expect(banner).to_be_hidden()
    until(lambda: web.count(Review) == 2, "both decisions")
    assert [len(web.versions(number)) for number in (1, 2, 3)] == [1, 1, 0]


def test_a_decision_whose_answer_was_lost_counts_once(
    review: Page, web: Installation, watch: Watch
) -> None:
    watch.expect("ERR_FAILED")
    lost: list[str] = []

    def lose_first_answer(route: Route) -> None:
        if lost:
            route.continue_()
            return
        route.fetch()
        lost.append(route.request.url)
        route.abort()

    review.route("**/specimens/*/reviews", lose_first_answer)
    review.keyboard.press("a")
    expect(review.locator("#banner")).to_contain_text("Decisions kept in this browser: 1")
    review.get_by_role("button", name="Try now").click()
    expect(review.locator("#banner")).to_be_hidden()
    assert (len(lost), web.count(Review)) == (1, 1)


def test_decisions_survive_a_closed_window(
    review: Page, web: Installation, web_server: WebServer, watch: Watch
) -> None:
    watch.expect("ERR_")
    web_server.stop()
    review.keyboard.press("a")
    expect(review.locator("#banner")).to_contain_text("Decisions kept in this browser: 1")
    context = review.context
    review.close()
    web_server.start()
    later = context.new_page()
    watch.follow(later)
    later.goto(web.address)
    until(lambda: web.versions(1), "the decision of the closed window")
    assert web.count(Review) == 1


def test_uploads_and_tags_wait_too_and_every_page_says_so(
    review: Page, web: Installation, web_server: WebServer, watch: Watch
) -> None:
    watch.expect("ERR_")
    home = review.context.new_page()
    watch.follow(home)
    home.goto(f"{web.address}/rule")
    web_server.stop()
    drawn = factories.moth_mask(grown=2)
    review.set_input_files("#upload-file", png_file(drawn))
    expect(review.locator("#banner")).to_contain_text("Decisions kept in this browser: 1")
    review.keyboard.press("t")
    review.keyboard.type("rare")
    review.keyboard.press("Enter")
    review.keyboard.press("Escape")
    expect(review.locator("#banner")).to_contain_text("Decisions kept in this browser: 2")
    home.evaluate("dispatchEvent(new Event('focus'))")
    expect(home.locator("#banner")).to_contain_text("Decisions kept in this browser: 2")
    review.close()
    web_server.start()
    home.get_by_role("button", name="Try now").click()
    expect(home.locator("#banner")).to_be_hidden()
    until(lambda: web.tags(1) == ["rare"], "the tag, which is sent after the mask")
    [version] = web.versions(1)
    np.testing.assert_array_equal(web.mask(version), drawn)


def test_two_windows_send_each_decision_once(
    review: Page, web: Installation, web_server: WebServer, watch: Watch
) -> None:
    watch.expect("ERR_")
    web_server.stop()
    for key, following in (("a", "2"), ("a", "3")):
        review.keyboard.press(key)
        review.wait_for_selector(f"#stage[data-specimen='{following}']")
    expect(review.locator("#banner")).to_contain_text("Decisions kept in this browser: 2")
    web_server.start()
    other = review.context.new_page()
    watch.follow(other)
    other.goto(web.address)
    review.evaluate("dispatchEvent(new Event('online'))")
    expect(review.locator("#banner")).to_be_hidden()
    until(lambda: web.count(Review) == 2, "both decisions")
    assert [len(web.versions(number)) for number in (1, 2, 3)] == [1, 1, 0]
    review.keyboard.press("z")  # this window knows what became of its own decision
    until(lambda: web.count(Review) == 3, "the retraction")
    assert web.specimen(2).version_id is None


def test_decisions_outlive_a_lost_login(review: Page, web: Installation, watch: Watch) -> None:
    watch.expect("status of 401")
    context = review.context
    context.clear_cookies()
    review.keyboard.press("a")
    banner = review.locator("#banner")
    expect(banner).to_contain_text("Decisions kept in this browser: 1")
    again = context.new_page()
    watch.follow(again)
    for name, waiting in (("Lin", True), ("Ada", False)):
        again.goto(web.link)
        again.goto(f"{web.address}/welcome")
        again.fill("#name", name)
        again.get_by_role("button", name="Begin").click()
        again.wait_for_selector("#now")
        review.evaluate("dispatchEvent(new Event('focus'))")
        if waiting:
            expect(banner).to_contain_text("Lin has signed in")
            assert web.count(Review) == 0
    expect(banner).to_be_hidden()
    assert [each.person_id for each in web.versions(1)] == [1]  # Ada, who came first
