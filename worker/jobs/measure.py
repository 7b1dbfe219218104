"""Measures what one model predicted, or whatever of the benchmark is not measured yet."""

from app.services.jobs import ClaimedPart
from ml.progress import OnProgress
from worker.context import Context
from worker.jobs import measure_benchmark
from worker.measuring import measure


def run(context: Context, part: ClaimedPart, on_progress: OnProgress) -> None:
    if part.payload.get("benchmark"):
        measure_benchmark.run(context, part, on_progress)
        return
    measure(context, part, part.payload["model_id"], part.payload["specimen_ids"], on_progress)
