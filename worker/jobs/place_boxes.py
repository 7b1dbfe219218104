"""A table says where the specimens of a photograph are."""

from app.errors import Conflict, NotFound, Refused
from app.services import box_imports, box_placing, boxes
from app.services.box_placing import Given, Target
from app.services.jobs import ClaimedPart
from ml.errors import UnreadableImage
from ml.progress import OnProgress, Progress
from worker.context import Context
from worker.holding import storing


def run(context: Context, part: ClaimedPart, on_progress: OnProgress) -> None:
    given = Given.of(part.payload)
    with context.db.reading() as session:
        targets = box_placing.targets(session, given)
    for done, target in enumerate(targets):
        on_progress(Progress("cropping", done, len(targets)))
        try:
            _place(context, part, target)
        except (Refused, Conflict, NotFound, UnreadableImage) as refused:
            with storing(context, part) as session:
                problem = f"{target.search.place.key}: {refused}"
                box_imports.add_problem(session, part.job_id, problem)
    with storing(context, part) as session:
        box_placing.mark_empty(session, part.job_id, given)


def _place(context: Context, part: ClaimedPart, target: Target) -> None:
    place = target.search.place
    new = box_placing.new_box(target, place.width, place.height)
    cut = boxes.cut(context.blobs, place, new)
    with storing(context, part) as session:
        box_placing.store(session, part.job_id, target, cut)
