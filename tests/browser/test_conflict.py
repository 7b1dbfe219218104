"""Two curators decide on the same specimen; the second sees both masks and chooses."""

from dataclasses import dataclass

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from tests import factories
from tests.browser.conftest import OpenWindow
from tests.browser.installations import Installation, until
from tests.browser.watching import Watch, png_file, share_of_blue, share_of_green


@dataclass
class Late:
    """Lin's window, and the specimen in it, which Ada has labelled meanwhile."""

    page: Page
    specimen_id: int

    def compare(self) -> None:
        self.page.get_by_role("button", name="Compare the two masks").click()
        self.page.wait_for_selector(f"#conflict[data-specimen='{self.specimen_id}']")

    def share_of_mine(self) -> float:
        return share_of_green(self.page, "#conflict canvas[data-part=difference]")


@pytest.fixture
def late(web: Installation, open_window: OpenWindow, watch: Watch) -> Late:
    watch.expect("status of 409")
    specimen_id = web.add_specimen("moth")
    ada, lin = open_window(web, "Ada"), open_window(web, "Lin")
    for page in (ada, lin):
        page.goto(f"{web.address}/review?specimen={specimen_id}")
        page.wait_for_selector(f"#stage[data-specimen='{specimen_id}']")
    ada.keyboard.press("a")
    until(lambda: web.versions(specimen_id), "Ada's label")
    return Late(lin, specimen_id)


@pytest.fixture
def dispute(late: Late) -> Late:
    """Ada's mask stands beside the one that Lin has accepted."""
    lin = late.page
    lin.keyboard.press("2")
    lin.keyboard.press("a")
    late.compare()
    expect(lin.locator("#conflict")).to_contain_text("Version 1, Ada")
    for side, least in (("theirs", 0.3), ("mine", 0.3), ("difference", 0)):
        assert share_of_blue(lin, f"#conflict canvas[data-part={side}]") >= least
    assert late.share_of_mine() > 0.01
    return late


def test_keep_mine_becomes_the_next_version(dispute: Late, web: Installation) -> None:
    dispute.page.keyboard.press("k")
    until(lambda: len(web.versions(dispute.specimen_id)) == 2, "Lin's label")
    first, second = web.versions(dispute.specimen_id)
    assert (second.parent_id, second.origin) == (first.id, "grabcut")
    assert web.specimen(dispute.specimen_id).version_id == second.id
    expect(dispute.page.locator("#banner")).to_be_hidden()


def test_take_theirs_leaves_their_label(dispute: Late, web: Installation) -> None:
    dispute.page.keyboard.press("t")
    expect(dispute.page.locator("#conflict")).to_be_hidden()
    expect(dispute.page.locator("#banner")).to_be_hidden()
    assert len(web.versions(dispute.specimen_id)) == 1
    assert len(web.reviews(dispute.specimen_id)) == 1


def test_merging_goes_on_in_the_editor_with_mine(dispute: Late, web: Installation) -> None:
    page = dispute.page
    page.keyboard.press("e")
    page.wait_for_url("**/drawing?merge=*")
    expect(page.locator("#wait")).to_be_hidden()
    page.keyboard.press("Control+Enter")
    until(lambda: len(web.versions(dispute.specimen_id)) == 2, "the merged label")
    first, second = web.versions(dispute.specimen_id)
    assert (second.parent_id, second.origin) == (first.id, "hand")
    np.testing.assert_array_equal(web.mask(second), factories.moth_mask(grown=1))
    page.wait_for_url("**/review?show=open")


def test_an_upload_that_came_too_late_is_compared_as_it_was_read(
    late: Late, web: Installation
) -> None:
    lin = late.page
    mine = factories.moth_mask(grown=4)
    on_blue = np.where(mine[..., None] > 0, factories.moth_pixels(1), (0, 0, 255))
    lin.set_input_files("#upload-file", png_file(on_blue.astype(np.uint8)))
    late.compare()
    assert late.share_of_mine() > 0.01
    lin.keyboard.press("k")
    until(lambda: len(web.versions(late.specimen_id)) == 2, "Lin's label")
    np.testing.assert_array_equal(web.mask(web.versions(late.specimen_id)[1]), mine)


def test_a_rejection_that_came_too_late_is_no_version_to_keep(
    late: Late,
) -> None:
    lin = late.page
    lin.keyboard.press("2")
    lin.keyboard.press("r")
    lin.keyboard.press("1")
    late.compare()
    expect(lin.get_by_role("button", name="Keep my decision all the same")).to_be_visible()
    expect(lin.get_by_role("button", name="Merge in the editor")).to_be_hidden()
