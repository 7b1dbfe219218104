"""Find the specimen on a photograph, or all of a drawer, and cut it out."""

from app.domain.specimens import Specimen
from app.services import cropping, detectors
from app.services.jobs import ClaimedPart
from ml.progress import OnProgress, Progress
from worker.context import Context
from worker.cutting import found_cuts
from worker.holding import storing


def run(context: Context, part: ClaimedPart, on_progress: OnProgress) -> None:
    specimen_id = part.payload["specimen"]
    on_progress(Progress("cropping", 0, 1))
    with context.db.reading() as session:
        search = cropping.search_for(session, specimen_id)
        choice = detectors.chosen(session, session.get_one(Specimen, specimen_id).source)
    if search is None:
        return
    cuts = found_cuts(context, search, choice)
    with storing(context, part) as session:
        cropping.store_found(session, part.job_id, specimen_id, cuts)
