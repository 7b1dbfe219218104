"""The network fails at the worst moment; every decision arrives, and arrives once."""

import pytest
from playwright.sync_api import Page, Route, expect

from app.domain.labelling import Review
from tests.browser.installations import Installation, WebServer, until
from tests.browser.watching import Watch


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
