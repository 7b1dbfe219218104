"""Settings of a source have changed: new crops where nobody has touched anything."""

from app.domain.specimens import Specimen
from app.services import detectors, recropping
from app.services.jobs import ClaimedPart
from ml.progress import OnProgress, Progress
from worker.context import Context
from worker.cutting import found_cuts
from worker.holding import storing


def run(context: Context, part: ClaimedPart, on_progress: OnProgress) -> None:
    specimen_ids: list[int] = part.payload["specimens"]
    for done, specimen_id in enumerate(specimen_ids):
        on_progress(Progress("cropping", done, len(specimen_ids)))
        with context.db.reading() as session:
            search = recropping.search_again(session, specimen_id)
            choice = detectors.chosen(session, session.get_one(Specimen, specimen_id).source)
        if search is None:
            continue
        cuts = found_cuts(context, search, choice)
        with storing(context, part) as session:
            recropping.store(session, part.job_id, specimen_id, cuts)
