"""The benchmark from the proposal to the line that people reach, with a second pair of eyes."""

from playwright.sync_api import Page, expect

from app.services import benchmark_measuring, measuring, people
from app.services.benchmark_measuring import Agreed
from app.services.measuring import Measured
from app.services.predictions import origin_of
from ml.imaging.arrays import Mask
from ml.imaging.masks import decode_mask
from ml.metrics.figures import figures
from tests import factories
from tests.browser.drawing import Drawing, corners
from tests.browser.installations import Installation
from tests.browser.watching import Watch
from tests.service.rounds import flow


def test_from_the_proposal_to_the_line_that_people_reach(
    web: Installation, page: Page, watch: Watch
) -> None:
    model_id = _train_on_six(web)
    hard = _add_hard(web, model_id)
    _accept_the_proposal(web, page, hard)
    _is_refused_what_was_trained_on(web, page, watch)
    _draw_without_seeing_the_label(web, page, hard[0])
    _measure(web, model_id)
    _look_at_the_table(web, page)
    _look_side_by_side(page)


def _train_on_six(web: Installation) -> int:
    """A model that nobody trained, of a round with six labels by Lin."""
    with web.db.transaction() as session:
        lin = people.get_or_make(session, "Lin")
        for number in range(6):
            specimen = factories.make_specimen(session, web.blobs, f"trained-{number}")
            factories.make_version(session, web.blobs, specimen, lin)
    return flow.add_model(web.db, flow.start(web.db)).id


def _add_hard(web: Installation, model_id: int) -> list[int]:
    """Two specimens with labels by Lin, of which the model is unsure."""
    with web.db.transaction() as session:
        lin, made = people.get_or_make(session, "Lin"), []
        for number in range(2):
            specimen = factories.make_specimen(session, web.blobs, f"hard-{number}")
            factories.make_version(session, web.blobs, specimen, lin)
            specimen.uncertainty = 0.8
            origin = origin_of(model_id)
            factories.make_candidate(
                session, web.blobs, specimen, origin, grown=4 - 2 * number, model_id=model_id
            )
            made.append(specimen.id)
        return made


def _accept_the_proposal(web: Installation, page: Page, hard: list[int]) -> None:
    page.goto(f"{web.address}/benchmark")
    page.get_by_role("button", name="Propose specimens").click()
    expect(page.locator(".proposal li")).to_have_count(2)
    expect(page.get_by_text("uncertain 0.80").first).to_be_visible()
    page.get_by_role("button", name="Let the ticked ones join").click()
    page.wait_for_url("**/benchmark")
    expect(page.locator("main")).to_contain_text("2 specimens")
    assert [web.tags(number) for number in hard] == [["benchmark"]] * 2


def _is_refused_what_was_trained_on(web: Installation, page: Page, watch: Watch) -> None:
    watch.expect("422")
    page.goto(f"{web.address}/specimens/1")
    page.locator("#edit-tags").click()
    page.locator("dialog[open] input").fill("benchmark")
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    expect(page.get_by_text("Round 1 has learned from trained-0").first).to_be_visible()
    assert web.tags(1) == []


def _draw_without_seeing_the_label(web: Installation, page: Page, specimen_id: int) -> None:
    page.goto(f"{web.address}/benchmark/{specimen_id}")
    page.get_by_role("link", name="Draw it without seeing the label").click()
    drawing = Drawing(page)
    expect(page.get_by_text("without seeing the label")).to_be_visible()
    assert not drawing.shown().any(), "it begins with nothing"
    expect(page.locator("#others li")).to_have_count(1)  # the empty mask
    drawing.press("p")
    drawing.click(*corners(14, 10, 50, 38))
    drawing.press("Enter")
    drawing.press("Control+Enter")
    page.wait_for_url(f"**/benchmark/{specimen_id}")
    expect(page.locator("section", has=page.locator("#second"))).to_contain_text("Ada · By hand")
    assert len(web.versions(specimen_id)) == 1, "it is no label"


def _measure(web: Installation, model_id: int) -> None:
    """What a worker does, but for the predictions, which are there."""
    with web.db.transaction() as session:
        members = benchmark_measuring.labelled_members(session)
        pairs = measuring.still_to_measure(session, model_id, members)
        measured = [
            Measured(each, figures(_mask(web, each.mask_digest), _mask(web, each.label_digest)))
            for each in pairs
        ]
        measuring.store(session, model_id, measured)
        for pair in benchmark_measuring.still_to_agree(session):
            found = figures(_mask(web, pair.mask_digest), _mask(web, pair.label_digest))
            benchmark_measuring.store(session, [Agreed(pair, found.dice, found.boundary_f)])


def _mask(web: Installation, digest: str) -> Mask:
    return decode_mask(web.blobs.read(digest))


def _look_at_the_table(web: Installation, page: Page) -> None:
    page.goto(f"{web.address}/benchmark")
    expect(page.locator(".benchmark-chart")).to_have_count(2)
    expect(page.get_by_role("row", name="People among themselves")).to_be_visible()
    rows = page.locator(".matrix tbody tr")
    expect(rows).to_have_count(2)
    expect(rows.first).to_contain_text("hard-0")  # its mask is the worse one
    page.get_by_label("Order").select_option("by name")
    page.get_by_role("button", name="Show").click()
    page.wait_for_url("**sort=name**")
    expect(rows.first).to_contain_text("hard-0")
    expect(rows.first.locator("img").last).to_have_js_property("complete", True)


def _look_side_by_side(page: Page) -> None:
    page.locator(".matrix tbody td.mask-cell a").first.click()
    page.wait_for_url("**/benchmark/*?model=1")
    pictures = page.locator(".beside img")
    expect(pictures).to_have_count(3)
    for number in range(3):
        expect(pictures.nth(number)).to_have_js_property("complete", True)
        assert pictures.nth(number).evaluate("image => image.naturalWidth") > 0
