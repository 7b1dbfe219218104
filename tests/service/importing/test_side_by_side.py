"""Several workers, and the same photographs from several sides at once."""

from concurrent.futures import ThreadPoolExecutor

from app.domain.photographs import Outcome, Photograph
from app.domain.specimens import Specimen
from app.services import photograph_imports
from app.services.folders import Incoming
from tests.conftest import Drain
from tests.service.importing import flow
from tests.service.importing.flow import photograph
from worker.context import Context

PHOTOGRAPHS = 24


def test_two_workers_take_in_the_same_photographs_once(context: Context, drain: Drain) -> None:
    incoming = [Incoming(f"{seed}.png", (photograph(seed),)) for seed in range(PHOTOGRAPHS)]
    first, second = (
        photograph_imports.start(context.db, context.blobs, incoming, source)
        for source in ("SJTT", "CARS")
    )
    with ThreadPoolExecutor(4) as workers:
        list(workers.map(lambda _: drain(context, flow.HANDLERS), range(4)))
    ended = [*flow.ended(context, first).values(), *flow.ended(context, second).values()]
    assert sorted(file.outcome for file in ended) == sorted(
        [Outcome.NEW, Outcome.DUPLICATE] * PHOTOGRAPHS
    )
    assert flow.count(context, Photograph) == flow.count(context, Specimen) == PHOTOGRAPHS


def test_one_new_source_is_made_once(context: Context) -> None:
    def start(seed: int) -> int:
        incoming = [Incoming("a.png", (photograph(seed),))]
        return photograph_imports.start(context.db, context.blobs, incoming, "SJTT")

    with ThreadPoolExecutor(4) as uploads:
        assert len(set(uploads.map(start, range(8)))) == 8
