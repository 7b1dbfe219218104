"""The page of strata: before there are any, while they are made, and with what is known of them."""

import pytest
from fastapi.testclient import TestClient

from app.db import Database
from app.domain.strata import Stratification, Stratum
from app.services import strata_findings
from app.services.strata_findings import Firmness, SourceShare, StratumFindings, firmness
from tests.conftest import Drain
from tests.service.strata.conftest import HANDLERS, AddMoths
from tests.service.web.conftest import client, stranger
from worker.context import Context

__all__ = ["client", "stranger"]


def findings(*sources: tuple[str, int, float, float]) -> StratumFindings:
    stratum = Stratum(stratification_id=1, number=1, specimens=10, findings={"jaccard": 0.5})
    return StratumFindings(stratum, 10, [SourceShare(*each) for each in sources])


def test_the_page_says_how_strata_come_to_be(client: TestClient) -> None:
    page = client.get("/strata").text
    assert "No strata yet" in page
    assert "at least 30 specimens" in page
    assert "Make strata" in page


def test_too_few_specimens_are_refused_with_a_sentence(client: TestClient) -> None:
    reply = client.post("/api/v1/strata")
    assert reply.status_code == 422
    assert "at least 30 specimens" in reply.text
    assert client.post("/api/v1/strata/newcomers").status_code == 409


def test_the_page_shows_each_stratum_with_its_sources(
    client: TestClient, context: Context, drain: Drain, add_moths: AddMoths
) -> None:
    add_moths(36)
    reply = client.post("/api/v1/strata")
    assert reply.status_code == 202
    assert reply.json()["kind"] == "strata"
    under_way = client.get("/strata/now").text
    assert 'data-refresh="/strata/now"' in under_way
    assert "Make strata" not in under_way.replace("Make strata anew", "")
    drain(context, HANDLERS)
    page = client.get("/strata").text
    assert page.count('class="card stratum"') == 6
    assert page.count("/pictures/blobs/") == 6
    assert page.count('href="/grid?stratum=') == 6
    assert page.count("100 % of it come from B, but only 33 % of all specimens") == 2
    assert "They largely mirror the source" in page
    assert "data-refresh" not in page
    assert "newcomer" not in page


def test_newcomers_are_offered_to_join(
    client: TestClient, db: Database, context: Context, drain: Drain, add_moths: AddMoths
) -> None:
    add_moths(30)
    client.post("/api/v1/strata")
    drain(context, HANDLERS)
    add_moths(2)
    assert "Let 2 newcomers join" in client.get("/strata").text
    assert client.post("/api/v1/strata/newcomers").status_code == 202
    drain(context, HANDLERS)
    assert "newcomer" not in client.get("/strata").text
    with db.reading() as session:
        made = session.get_one(Stratification, 1)
        assert sum(each.specimens for each in strata_findings.of_strata(session, made)) == 32


@pytest.mark.parametrize(
    ("share", "overall", "warned"),
    [(0.9, 0.3, True), (0.9, 0.8, False), (0.7, 0.1, False), (1.0, 1.0, False), (0.75, 0.5, True)],
)
def test_a_warning_needs_a_source_that_is_rarer_elsewhere(
    share: float, overall: float, warned: bool
) -> None:
    found = findings(("A", 9, share, overall), ("B", 1, 1 - share, 1 - overall))
    assert (found.mostly is not None) is warned


def test_a_stratum_that_nobody_is_in_any_more_has_no_source() -> None:
    assert findings().mostly is None


@pytest.mark.parametrize(
    ("index", "word"), [(0.9, Firmness.FIRM), (0.7, Firmness.PARTLY), (0.3, Firmness.LOOSE)]
)
def test_words_for_stability(index: float, word: Firmness) -> None:
    assert firmness(index) is word
