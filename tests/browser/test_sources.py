"""A source is made, its pattern tried on names, and tables tell more of its specimens."""

from playwright.sync_api import FilePayload, Page, expect

from app.services import sources
from tests import factories
from tests.browser.installations import Installation
from tests.browser.watching import Watch

NAMES = "LYM11_SJTT0764_1_female.jpg\nLYM11_SJTT0764_1_female.JPG\nsomething else.jpg"
LIST = ",source,fname,note\n0,SJTT,NOC001_SJTT0002_1_male,展翅不完全\n"
TABLE = "number,採集地\nSJTT0001,花蓮縣\nSJTT0002,屏東縣\n"
TAXA = "code,family,name\nGEO065,Geometridae,Biston sp. 尺蛾\n"


def test_a_source_from_its_names_to_a_search_by_a_field(
    page: Page, web: Installation, watch: Watch
) -> None:
    watch.expect("status of 422")  # of a pattern that is none
    page.goto(f"{web.address}/sources")
    page.get_by_label("Code").fill("SJTT")
    page.get_by_role("button", name="Make it").click()
    expect(page.get_by_role("heading", name="SJTT")).to_be_visible()
    for key in ("GEO065_SJTT0001_1_male", "NOC001_SJTT0002_1_male"):
        with web.db.transaction() as session:
            moth = factories.make_specimen(session, web.blobs, key, source_code="SJTT")
            moth.photograph.key = key
            factories.as_detected(session, moth)

    page.get_by_label("Fill in what the lab has for").select_option("SJTT")
    page.get_by_label("Names to try").fill(NAMES)
    expect(page.locator("#trial-said")).to_have_text("2 of 3 names fit.")
    rows = page.locator("#trial-table tbody tr")
    expect(rows.nth(0)).to_contain_text("LYM11SJTT07641female")
    expect(rows.nth(1)).to_contain_text("label")
    expect(rows.nth(2)).to_have_class("misfit")
    page.get_by_label("Pattern of names").fill("(?P<taxon>")
    expect(page.locator("#trial-said")).to_contain_text("no pattern that can be used")
    page.get_by_label("Fill in what the lab has for").select_option("CARS")
    page.get_by_label("Fill in what the lab has for").select_option("SJTT")
    page.get_by_label("its upper half by").fill("0.3")
    page.get_by_role("button", name="Save").click()
    notice = page.get_by_text("The settings are saved.")
    expect(notice).to_contain_text("What is read from 2 names has changed.")
    expect(notice.get_by_role("link", name="2 crops")).to_be_visible()
    with web.db.reading() as session:
        assert sources.get(session, "SJTT").scale_ht == 0.3

    page.get_by_label("List", exact=True).set_input_files(_csv("problemed.csv", LIST))
    expect(page.get_by_text("1 lines are new; 1 of them")).to_be_visible()
    page.get_by_role("button", name="Exclude them").click()
    expect(page.locator("#excluded")).to_have_text("1 line on the list")
    page.get_by_label("Table", exact=True).set_input_files(_csv("places.csv", TABLE))
    expect(page.get_by_label("Specimens are named by")).to_have_value("number")
    page.get_by_role("button", name="Join it").click()
    expect(page.locator("#described")).to_have_text("2 names or numbers have fields")

    page.goto(f"{web.address}/taxa")
    page.get_by_label("Table", exact=True).set_input_files(_csv("taxa.csv", TAXA))
    page.get_by_role("button", name="Import").click()
    expect(page.locator("#known tbody tr")).to_contain_text("Biston sp. 尺蛾")
    page.goto(f"{web.address}/specimens?field=採集地&value=花蓮")
    expect(page.locator(".tile")).to_have_count(1)
    expect(page.locator(".tile")).to_contain_text("GEO065 · Geometridae · Biston sp. 尺蛾")
    page.goto(f"{web.address}/specimens?state=unusable")
    expect(page.locator(".tile")).to_contain_text("NOC001_SJTT0002_1_male")


def _csv(name: str, text: str) -> FilePayload:
    return {"name": name, "mimeType": "text/csv", "buffer": text.encode()}
