"""The commands about detectors: training one, seeing how they compare, choosing one."""

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from app.blobs import chunks_of
from app.cli.following import follow
from app.cli.options import DataOption, WaitOption, console
from app.cli.workspace import open_blobs, open_database, settings_for
from app.errors import Refused
from app.services import detector_figures, detector_rounds, detectors
from app.services.detector_figures import Line
from app.services.detector_rounds import DetectorWishes

detector = typer.Typer(
    help="Train or add detectors, compare them, and choose the one that serves.",
    no_args_is_help=True,
)


@detector.command()
def train(
    data: DataOption = None,
    steps: Annotated[int | None, typer.Option(help="How many steps it learns.")] = None,
    begin: Annotated[
        str | None,
        typer.Option(help="Detector to go on from, or “scratch”; else the newest trained here."),
    ] = None,
    seed: Annotated[int | None, typer.Option(help="Of everything that is random.")] = None,
    wait: WaitOption = False,
) -> None:
    """Train a detector on the boxes that are sure, and compare it with the others."""
    database = open_database(settings_for(data))
    wishes = DetectorWishes(steps=steps, begin=begin, seed=seed)
    with database.transaction() as session:
        round_ = detector_rounds.start(session, person_id=None, wishes=wishes)
        number, job_id = round_.number, round_.job_id
    console.print(f"Training {number} of a detector has begun as job {job_id}.")
    if wait and not follow(console, database, job_id):
        raise typer.Exit(1)


@detector.command()
def add(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A YOLO network in ONNX format.")],
    data: DataOption = None,
    classes: Annotated[
        list[int] | None,
        typer.Option("--class", help="Number of a class that is specimens, from 0 on; else all."),
    ] = None,
    wait: WaitOption = False,
) -> None:
    """Add a detector that was trained elsewhere, and compare it with the others."""
    settings = settings_for(data)
    database = open_database(settings)
    try:
        with file.open("rb") as opened:
            digest = open_blobs(settings).put(chunks_of(opened))
    except OSError as error:
        raise Refused(
            "{file} cannot be read: {reason}.", file=file, reason=error.strerror
        ) from None
    with database.transaction() as session:
        job_id = detectors.add(session, digest, file.name, classes or [], None).id
    console.print(f"{file.name} is being opened and compared as job {job_id}.")
    if wait and not follow(console, database, job_id):
        raise typer.Exit(1)


@detector.command("list")
def list_(data: DataOption = None) -> None:
    """Tell which detectors there are, how good they are, and which one serves."""
    settings = settings_for(data)
    with open_database(settings).reading() as session:
        found = detector_figures.listing(session, settings.detector)
    table = Table(
        "detector", "mean IoU", "IoU >= 0.8", "whole", "enlarge", "ms", "serves", box=None
    )
    for line in found.lines:
        table.add_row(*_cells(line))
    console.print(table)
    for line in found.lines:
        if line.absent:
            console.print(f"{line.name} is not compared: {line.absent}")
    if found.photographs:
        console.print(
            f"Compared on {found.photographs} photographs that none trained here learned from."
        )
    else:
        console.print("They are compared whenever a detector has been trained.")


@detector.command()
def promote(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="detector:NUMBER, fallback, shipped or setting.")
    ],
    data: DataOption = None,
) -> None:
    """Have a detector serve all sources that name none; going back is the same."""
    with open_database(settings_for(data)).transaction() as session:
        detectors.promote(session, name, person_id=None)
    console.print(f"{name} serves from now on.")


def _cells(line: Line) -> list[str]:
    row = line.row
    figures = ["-"] * 5
    if row is not None:
        of = row.measured
        iou = f"{of.mean_iou.mean:.3f} ({of.mean_iou.low:.3f} to {of.mean_iou.high:.3f})"
        shares = [f"{100 * share.mean:.0f} %" for share in (of.share_good, of.share_whole)]
        growth = "-" if row.growth is None else f"{row.growth:.2f}"
        figures = [iou, *shares, growth, f"{row.milliseconds:.0f}"]
    serves = [*(["all"] if line.serves else []), *line.sources]
    return [line.name, *figures, ", ".join(serves)]
