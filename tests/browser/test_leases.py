"""Two who review at once are handed different specimens, and see who is where."""

from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenWindow
from tests.browser.installations import Installation


def in_view(page: Page) -> int:
    return int(page.locator("#stage[data-specimen]").get_attribute("data-specimen") or 0)


def test_two_browsers_get_different_specimens_and_names_of_who_looks(
    web: Installation, open_window: OpenWindow
) -> None:
    for number in range(14):
        web.add_specimen(f"moth-{number}")
    lin, chen = open_window(web, "Lin"), open_window(web, "Chen")
    seen: list[set[int]] = []
    for page in (lin, chen):
        page.goto(f"{web.address}/review")
        mine: set[int] = set()
        for _ in range(3):
            page.wait_for_function(
                "seen => { const id = document.querySelector('#stage').dataset.specimen;"
                " return id && !seen.includes(Number(id)); }",
                arg=list(mine),
            )
            mine.add(in_view(page))
            page.keyboard.press("ArrowRight")
        seen.append(mine)
    assert not seen[0] & seen[1]
    # Lin stays at one for a moment; whoever opens it all the same sees her name and may decide.
    with lin.expect_response("**/api/v1/leases"):
        lin.keyboard.press("ArrowLeft")
    looked_at = in_view(lin)
    chen.goto(f"{web.address}/review?specimen={looked_at}")
    expect(chen.locator("#others")).to_have_text("Lin is looking at this one")
    expect(chen.get_by_role("button", name="Accept")).to_be_enabled()
