"""Decisions by key: what the page shows, and what is on record afterwards."""

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from app.domain.labelling import REJECT_REASONS, UNUSABLE_REASONS, Decision
from app.domain.specimens import SpecimenState
from ml.imaging.masks import decode_mask
from tests import factories
from tests.browser.installations import Installation, until
from tests.browser.watching import Watch, png_file, share_of_blue


@pytest.fixture
def moths(web: Installation) -> list[int]:
    """Three specimens in the order of the queue."""
    return [web.add_specimen(f"moth-{n}", score=0.9 - 0.1 * n) for n in (1, 2, 3)]


@pytest.fixture
def review(page: Page, web: Installation, moths: list[int]) -> Page:
    page.goto(f"{web.address}/review")
    in_view(page, moths[0])
    return page


def in_view(page: Page, specimen_id: int) -> None:
    expect(page.locator("#stage")).to_have_attribute("data-specimen", str(specimen_id))


def test_a_number_chooses_the_candidate_that_is_accepted(
    review: Page, web: Installation, moths: list[int]
) -> None:
    review.keyboard.press("2")
    expect(review.locator("#column button").nth(1)).to_have_attribute("aria-pressed", "true")
    review.keyboard.press("a")
    in_view(review, moths[1])
    until(lambda: web.versions(moths[0]), "a label version")
    accepted = web.versions(moths[0])[0]
    assert (accepted.number, accepted.origin) == (1, factories.METHODS[1])
    expect(review.locator("#strip")).to_contain_text("1 of 3 labelled")


def test_the_list_says_what_its_order_rests_on(review: Page) -> None:
    order = review.get_by_role("link", name="Order by the program's own scores")
    with review.expect_popup() as opened:
        order.click()
    expect(opened.value.get_by_role("heading", level=1)).to_have_text("The order of masks")


def test_reject_skip_and_unusable_with_reasons(
    review: Page, web: Installation, moths: list[int]
) -> None:
    for key in ("r", "3"):
        review.keyboard.press(key)
    in_view(review, moths[0])  # its second candidate is still open
    for key in ("r", "1"):
        review.keyboard.press(key)
    in_view(review, moths[1])
    review.keyboard.press("s")
    in_view(review, moths[2])
    for key in ("x", "2"):
        review.keyboard.press(key)
    until(lambda: web.reviews(moths[2]), "the last decision")
    rejected = [(review.decision, review.reasons) for review in web.reviews(moths[0])]
    assert rejected == [
        (Decision.REJECT, [REJECT_REASONS[2]]),
        (Decision.REJECT, [REJECT_REASONS[0]]),
    ]
    assert [review.decision for review in web.reviews(moths[1])] == [Decision.SKIP]
    assert [review.reasons for review in web.reviews(moths[2])] == [[UNUSABLE_REASONS[1]]]
    assert web.specimen(moths[2]).state is SpecimenState.UNUSABLE


def test_undo_brings_the_specimen_back_and_removes_no_record(
    review: Page, web: Installation, moths: list[int]
) -> None:
    review.keyboard.press("a")
    in_view(review, moths[1])
    review.keyboard.press("z")
    in_view(review, moths[0])
    until(lambda: len(web.reviews(moths[0])) == 2, "the retraction")
    accepted, retracted = web.reviews(moths[0])
    assert (retracted.decision, retracted.retracts_id) == (Decision.RETRACT, accepted.id)
    assert len(web.versions(moths[0])) == 1
    assert web.specimen(moths[0]).state is SpecimenState.PROPOSED


def test_tab_shows_the_original_while_it_is_held(review: Page) -> None:
    assert share_of_blue(review) > 0.3
    review.keyboard.down("Tab")
    assert share_of_blue(review) == 0
    review.keyboard.up("Tab")
    assert share_of_blue(review) > 0.3


def test_the_fill_colour_is_kept(review: Page, moths: list[int]) -> None:
    review.keyboard.press("c")
    expect(review.locator("#fill-button")).to_have_attribute("data-fill", "black")
    assert share_of_blue(review) == 0
    review.locator("#fill-menu summary").click()
    with review.expect_response("**/preferences/fill"):
        review.get_by_role("button", name="Green", exact=True).click()
    assert share_of_blue(review) == 0
    review.reload()
    in_view(review, moths[0])
    expect(review.locator("#fill-button")).to_have_attribute("data-fill", "green")
    assert share_of_blue(review) == 0


def test_keys_are_changed_swapped_and_switched_off(
    review: Page, web: Installation, moths: list[int]
) -> None:
    review.goto(f"{web.address}/preferences")
    row = review.locator("[data-page=review] [data-row=accept]")
    row.get_by_role("button", name="Change").click()
    review.keyboard.press("s")
    expect(review.locator("#said")).to_contain_text("S is the key of “skip")
    with review.expect_response("**/preferences/keys"):
        review.get_by_role("button", name="Swap the two keys").click()
    expect(row.locator("kbd").first).to_have_text("S")
    review.goto(f"{web.address}/review")
    in_view(review, moths[0])
    expect(review.get_by_role("button", name="Accept").locator("kbd")).to_have_text("S")
    review.keyboard.press("s")
    in_view(review, moths[1])
    until(lambda: web.versions(moths[0]), "the acceptance by the new key")
    review.keyboard.press("?")
    with review.expect_response("**/preferences/letters"):
        review.get_by_label("Single-letter keys are on").uncheck()
    review.keyboard.press("Escape")
    review.keyboard.press("s")
    in_view(review, moths[1])
    review.keyboard.press("Control+Enter")
    in_view(review, moths[2])


def test_a_tag_is_put_on_with_one_key(review: Page, web: Installation, moths: list[int]) -> None:
    review.keyboard.press("t")
    review.keyboard.type("白翅")
    review.keyboard.press("Enter")
    review.keyboard.press("Escape")
    expect(review.locator("#strip")).to_contain_text("白翅")
    until(lambda: web.tags(moths[0]) == ["白翅"], "the tag")
    in_view(review, moths[0])


def test_keys_do_nothing_while_somebody_types_or_reads(
    review: Page, web: Installation, moths: list[int]
) -> None:
    review.keyboard.press("?")
    expect(review.get_by_role("dialog", name="Keys")).to_be_visible()
    review.keyboard.press("a")
    review.keyboard.press("Escape")
    review.keyboard.press("r")
    review.locator("#reject-dialog [name=note]").click()
    review.keyboard.type("as 3 axes")
    expect(review.locator("#reject-dialog [name=note]")).to_have_value("as 3 axes")
    review.keyboard.press("Escape")
    expect(review.locator("#reject-dialog")).to_be_hidden()
    in_view(review, moths[0])
    assert web.reviews(moths[0]) == []


def test_an_edited_mask_is_uploaded(review: Page, web: Installation, moths: list[int]) -> None:
    edited = factories.moth_mask(grown=3)
    review.set_input_files("#upload-file", png_file(edited))
    expect(review.get_by_text("saved as version 1")).to_be_visible()
    [version] = web.versions(moths[0])
    assert version.origin == "upload"
    np.testing.assert_array_equal(decode_mask(web.blobs.read(version.digest)), edited)


def test_a_mask_of_another_size_is_refused_with_both_sizes(
    review: Page, web: Installation, moths: list[int], watch: Watch
) -> None:
    watch.expect("status of 422")
    review.set_input_files("#upload-file", png_file(np.full((30, 40), 255, np.uint8)))
    banner = review.locator("#banner")
    for size in ("40 × 30", f"{factories.WIDTH} × {factories.HEIGHT}"):
        expect(banner).to_contain_text(size)
    banner.get_by_role("button", name="Dismiss").click()
    expect(banner).to_be_hidden()
    assert web.versions(moths[0]) == []


def test_a_picture_that_does_not_say_what_is_specimen_is_asked_about(
    review: Page, web: Installation, moths: list[int], watch: Watch
) -> None:
    watch.expect("status of 422")
    moth = factories.moth_mask() > 0
    on_white = np.where(moth[..., None], factories.moth_pixels(1), 255).astype(np.uint8)
    review.set_input_files("#upload-file", png_file(on_white))
    review.get_by_label("Read it as").select_option("inverse-cutout")
    until(lambda: web.versions(moths[0]), "the version")
    expect(review.locator("#banner")).to_be_hidden()
    [version] = web.versions(moths[0])
    np.testing.assert_array_equal(web.mask(version) > 0, ~moth)
