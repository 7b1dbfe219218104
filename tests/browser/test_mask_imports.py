"""Masks from files: a folder of all kinds is read, corrected where needed, and taken at once."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from app.domain.jobs import PartKind
from app.domain.specimens import Specimen
from app.services import review_items
from app.settings import Settings
from ml.imaging.arrays import Mask, Pixels
from ml.imaging.fills import BLACK, BLUE, cutout, fill_background
from ml.imaging.masks import decode_mask, encode_mask
from ml.imaging.read import encode_png, read_png
from tests.browser.installations import Installation
from tests.conftest import Drain
from worker.context import Context
from worker.jobs import read_masks

KINDS: dict[str, Callable[[Pixels, Mask], bytes]] = {
    "白蛾_mask": lambda _pixels, mask: encode_mask(mask),
    "cut-removebg-preview": lambda pixels, mask: encode_png(cutout(pixels, mask)),
    "painted_rgb": lambda pixels, mask: encode_png(_filled(_blocks(pixels), mask, BLACK)),
    "inverse_mask_painter3d": lambda pixels, mask: encode_png(_filled(pixels, 255 - mask)),
    "blue_mask_rgbfill": lambda pixels, mask: encode_png(fill_background(pixels, mask, BLUE)),
}


def _filled(pixels: Pixels, mask: Mask, colour: tuple[int, int, int] = (255, 255, 255)) -> Pixels:
    return fill_background(np.clip(pixels, 1, 254), mask, colour)


def _blocks(pixels: Pixels) -> Pixels:
    return np.asarray(pixels // 64 * 64 + 20, np.uint8)


@pytest.fixture
def folder(web: Installation, tmp_path: Path) -> Path:
    """A file of each kind for a specimen of its name, one that fits none, and one of wrong size."""
    folder = tmp_path / "from elsewhere"
    folder.mkdir()
    for name, make in KINDS.items():
        specimen_id = web.add_specimen(name.split("_")[0].removesuffix("-removebg-preview"))
        (folder / f"{name}.png").write_bytes(make(*_matter(web, specimen_id)))
    web.add_specimen("small")
    (folder / "small.png").write_bytes(encode_mask(np.eye(5, dtype=np.uint8) * np.uint8(255)))
    (folder / "nobody.png").write_bytes(encode_mask(np.eye(5, dtype=np.uint8) * np.uint8(255)))
    return folder


def _matter(web: Installation, specimen_id: int) -> tuple[Pixels, Mask]:
    """The pixels of a specimen and its best mask."""
    with web.db.reading() as session:
        (matter,) = review_items.load(session, [session.get_one(Specimen, specimen_id)])
    crop, best = matter.crop, matter.candidates[0]
    return read_png(web.blobs.read(crop.digest)), decode_mask(web.blobs.read(best.digest))


def test_a_folder_of_all_kinds_becomes_label_versions(
    page: Page, web: Installation, folder: Path, drain: Drain
) -> None:
    page.goto(f"{web.address}/imports")
    page.get_by_role("link", name="Masks from files").click()
    page.set_input_files("input[webkitdirectory]", folder)
    page.wait_for_url("**/mask-imports/*")
    drain(
        Context(Settings(data=web.data), web.db, web.blobs), {PartKind.READ_MASKS: read_masks.run}
    )
    expect(page.locator(".file-card")).to_have_count(len(KINDS), timeout=15_000)
    for outcome, count in (("unmatched", 1), ("wrong-size", 1), ("matched", len(KINDS))):
        page.click(f"[data-outcome={outcome}]")
        expect(page.locator(".file-card")).to_have_count(count)
        if outcome == "wrong-size":
            expect(page.locator(".file-card")).to_contain_text("5 × 5 pixels, but the crop has 64")
    blue = page.locator(".file-card", has_text="blue_mask_rgbfill")
    expect(blue.get_by_label("Kind")).to_have_value("blue")
    blue.get_by_role("checkbox", name="Take").uncheck()
    page.get_by_role("button", name="Make label versions (4)").click()
    expect(page.locator("#outcome")).to_have_text("Label versions made: 4.")
    for specimen_id in range(1, len(KINDS)):
        (version,) = web.versions(specimen_id)
        _pixels, wanted = _matter(web, specimen_id)
        assert version.origin == "upload"
        assert np.array_equal(web.mask(version), wanted)
    assert web.versions(len(KINDS)) == []
    expect(page.get_by_role("button", name="Propose for review (0)")).to_be_disabled()
    blue.get_by_role("checkbox", name="Take").check()
    page.get_by_role("button", name="Propose for review (1)").click()
    expect(page.locator("#outcome")).to_have_text("Masks that now wait in the review: 1.")
    expect(page.locator("#taking")).to_be_hidden()
    with web.db.reading() as session:
        (matter,) = review_items.load(session, [session.get_one(Specimen, len(KINDS))])
    assert matter.candidates[0].origin.startswith("upload:")
    assert len(web.reviews(1)) == 1
