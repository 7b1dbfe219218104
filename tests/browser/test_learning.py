"""A round with wishes, from the form to what its model is worth, with a real worker."""

from playwright.sync_api import Page, expect
from sqlalchemy import text

from app.domain.rounds import Epoch
from app.services import people, tags
from tests import factories
from tests.browser.conftest import OpenWindow
from tests.browser.installations import Installation

SECONDS_OF_WORK = 120_000
SHORT_ROUNDS = """
CREATE TRIGGER short_rounds AFTER INSERT ON round BEGIN
  UPDATE round SET configs = json_set(configs, '$.multi.epochs', 2,
    '$.multi.steps_per_epoch', 8, '$.multi.batch', 2, '$.multi.side', 64, '$.multi.average', 0,
    '$.multi.warmup_epochs', 0, '$.multi.sheet_every', 1)
    WHERE id = new.id;
END
"""


def test_a_round_is_followed_to_what_its_model_is_worth(
    mothmask: Installation, open_window: OpenWindow
) -> None:
    with mothmask.db.transaction() as session:
        session.execute(text(SHORT_ROUNDS))
    _label(mothmask, 6)
    waiting = mothmask.add_specimen("predicted", score=0.1)
    page = open_window(mothmask, "Ada")
    _start_with_wishes(page)
    _follow(page)
    _read_what_it_was_made_of(page)
    _read_what_it_is_worth(page)
    page.goto(f"{mothmask.address}/review?specimen={waiting}")
    expect(page.locator("#column")).to_contain_text("U-Net 1")
    page.goto(f"{mothmask.address}/models")
    expect(page.get_by_role("link", name="U-Net 1")).to_be_visible()


def test_what_is_open_stays_open_while_a_round_runs(web: Installation, page: Page) -> None:
    _label(web, 6)
    page.goto(f"{web.address}/rounds")
    page.get_by_role("button", name="Retrain").click()
    page.wait_for_url("**/rounds/1")
    _add_epoch(web, 1)
    page.locator("#table-dice summary").click()
    _add_epoch(web, 2)
    expect(page.locator("#table-dice tbody tr")).to_have_count(2)
    expect(page.locator("#table-dice table")).to_be_visible()
    expect(page.locator("#table-loss table")).to_be_hidden()


def test_what_is_chosen_on_the_home_page_outlives_its_refreshing(
    web: Installation, page: Page
) -> None:
    _label(web, 6)
    page.goto(web.address)
    network = page.get_by_label("Preset")
    network.select_option("lab")
    network.focus()
    with web.db.transaction() as session:
        for number in range(4):
            factories.make_specimen(session, web.blobs, f"later-{number}")
    expect(page.get_by_role("link", name="later-3")).to_be_visible(timeout=30_000)
    expect(network).to_have_value("lab")
    expect(network).to_be_focused()


def _start_with_wishes(page: Page) -> None:
    page.get_by_role("link", name="More").click()
    drawn = page.get_by_role("group", name="How pictures are drawn", exact=True)
    drawn.get_by_label("multi").check()
    composition = page.locator("#composition")
    expect(composition).to_contain_text("Choose the tags that make up the hard group")
    drawn.get_by_label("white wing").check()
    expect(composition).to_contain_text("are of the hard group")
    expect(composition).not_to_contain_text("Choose the tags")
    page.get_by_label("Wing-colour strata").select_option("drawn as they come")
    page.get_by_label("Seed").fill("5")
    page.get_by_role("button", name="Retrain").click()
    page.wait_for_url("**/rounds/1")


def _follow(page: Page) -> None:
    expect(page.locator(".chart")).to_have_count(3, timeout=SECONDS_OF_WORK)
    expect(page.get_by_alt_text("Contact sheet")).to_be_visible(timeout=SECONDS_OF_WORK)
    expect(page.get_by_text("best validation Dice")).to_be_visible(timeout=SECONDS_OF_WORK)
    review = page.get_by_role("link", name="Review its predictions")
    expect(review).to_be_visible(timeout=SECONDS_OF_WORK)
    expect(page.get_by_role("link", name="Epoch 1")).to_be_visible()


def _read_what_it_was_made_of(page: Page) -> None:
    made = page.locator("section", has=page.locator("#configuration"))
    for label, here in (("seed", "5"), ("how pictures are drawn", "multi")):
        row = made.get_by_role("row", name=label).first
        expect(row.get_by_role("cell").first).to_have_text(here)
    page.get_by_text("All settings").click()
    expect(made.get_by_role("table", name="Random changes")).to_be_visible()
    labels = page.locator("section", has=page.locator("#labels"))
    expect(labels.get_by_role("link", name="white wing")).to_be_visible()


def _read_what_it_is_worth(page: Page) -> None:
    page.get_by_role("link", name="U-Net 1").first.click()
    page.wait_for_url("**/models/1")
    expect(page.locator(".chart")).to_have_count(3)
    measured = page.locator("section", has=page.locator("#measured"))
    expect(measured.get_by_role("row", name="Validation")).to_be_visible()


def _label(installation: Installation, count: int) -> None:
    """Specimens with labels by Lin, who found all of their wings white."""
    with installation.db.transaction() as session:
        lin = people.get_or_make(session, "Lin")
        made = []
        for number in range(count):
            specimen = factories.make_specimen(session, installation.blobs, f"moth-{number}")
            factories.make_version(session, installation.blobs, specimen, lin)
            made.append(specimen.id)
        tags.tag(session, lin.id, made, "white wing", on=True)


def _add_epoch(installation: Installation, number: int) -> None:
    with installation.db.transaction() as session:
        session.add(
            Epoch(
                round_id=1,
                variant="random",
                number=number,
                train_loss=0.5,
                validation_loss=0.6,
                validation_dice=0.7,
                learning_rate=1e-3,
                seconds=1.0,
            )
        )
