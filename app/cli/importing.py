"""Photographs, and boxes on them, by the command line."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from app.blobs import Blobs
from app.cli.following import bar_of_own_work, follow
from app.cli.options import DataOption, WaitOption, console
from app.cli.workspace import make_database, open_blobs, open_database, settings_for
from app.db import Database
from app.domain.photographs import Outcome
from app.errors import MothmaskError, Refused
from app.services import (
    box_files,
    box_imports,
    imports,
    jobs,
    names,
    photograph_imports,
    sources,
)
from app.services.archives import is_archive, open_archive
from app.services.folders import FilesAt
from app.services.photograph_imports import Wishes
from app.services.watching import Watch

EVERY_SECONDS = 2.0
SourceOption = Annotated[str, typer.Option(help="Code of the source; an unknown one is made.")]
ClassOption = Annotated[
    list[str] | None,
    typer.Option("--class", help="Name or number of a class whose boxes are specimens."),
]

boxes = typer.Typer(help="Boxes that say where specimens are.", no_args_is_help=True)


def import_(
    paths: Annotated[
        list[Path], typer.Argument(metavar="PATH...", help="Photographs, folders, zip archives.")
    ],
    source: SourceOption,
    link: Annotated[
        bool, typer.Option("--link", help="Leave files where they are instead of copying them.")
    ] = False,
    names_as: Annotated[
        str,
        typer.Option(
            "--names", help=f"How names in archives are read: auto, {', '.join(names.CALLED)}."
        ),
    ] = "auto",
    boxes_in: Annotated[
        list[Path] | None,
        typer.Option("--boxes", help="Tables of boxes: the lab's CSV, YOLO's txt, COCO's JSON."),
    ] = None,
    classes: ClassOption = None,
    watch: Annotated[
        bool, typer.Option("--watch", help="Go on importing what comes into the folders.")
    ] = False,
    data: DataOption = None,
    wait: WaitOption = False,
) -> None:
    """Hand in photographs, which the workers then crop and propose masks for."""
    settings = settings_for(data)
    table = box_files.read(FilesAt(boxes_in), classes or ()) if boxes_in else None
    _tell_problems(table.problems if table is not None else ())
    wishes = Wishes(link, names.encoding_called(names_as), table)
    _tell_names(paths, wishes.encoding)
    database, blobs = make_database(settings), open_blobs(settings)
    if watch:
        _watch(database, blobs, paths, source, wishes)
        return
    with bar_of_own_work(console) as on_progress:
        job_id = photograph_imports.start_paths(
            database, blobs, paths, source, on_progress=on_progress, wishes=wishes
        )
    _tell_known(database, job_id)
    console.print(f"Job {job_id} imports them.")
    if wait:
        well = follow(console, database, job_id)
        _tell_outcome(database, job_id)
        if not well:
            raise typer.Exit(1)


@boxes.command("import")
def import_boxes(
    paths: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE...", help="The lab's CSV, COCO's JSON, YOLO's txt, folders, archives."
        ),
    ],
    source: Annotated[
        str, typer.Option(help="Code of the source whose photographs they are on; else all.")
    ] = "",
    classes: ClassOption = None,
    data: DataOption = None,
    wait: WaitOption = False,
) -> None:
    """Give specimens the boxes of a table, by name; those that a person drew stay."""
    settings = settings_for(data)
    database, blobs = open_database(settings), open_blobs(settings)
    report = box_imports.start(database, blobs, FilesAt(paths), source, classes=classes or ())
    _tell_problems(report.problems)
    console.print(
        f"Job {report.job_id} places boxes on {report.placed} photographs; "
        f"on {report.empty} there is nothing. {len(report.problems)} could not be taken."
    )
    if wait and not follow(console, database, report.job_id):
        raise typer.Exit(1)


def _watch(
    database: Database, blobs: Blobs, paths: list[Path], source: str, wishes: Wishes
) -> None:
    with database.transaction() as session:
        source_id = sources.get_or_make(session, source).id
    watch = Watch(database, source_id, paths, link=wishes.link)
    _say(f"Watching {', '.join(map(str, paths))}. Ctrl-C ends it.")
    problem = ""
    try:
        while True:
            began = time.monotonic()
            try:
                if come := watch.look():
                    job_id = photograph_imports.start(database, blobs, come, source, wishes=wishes)
                    console.print(f"Job {job_id} imports {len(come)} files.")
                told = ""
            except MothmaskError as refused:  # a share can go and come back, a disk can be freed
                told = str(refused)
            if told != problem:
                _say(told or "All is well again.")
                problem = told
            # A look at a large folder on a slow share shall not follow upon the last one.
            time.sleep(max(EVERY_SECONDS, 4 * (time.monotonic() - began)))
    except KeyboardInterrupt:
        console.print("No longer watching.")


def _tell_outcome(database: Database, job_id: int) -> None:
    """How many files became what, and the first of those that were refused."""
    with database.reading() as session:
        summary = imports.summary(session, job_id, (Outcome.REFUSED, Outcome.CONFLICT))
    counts = (f"{count} {outcome.value}" for outcome, count in summary.counts.items() if count)
    _say(", ".join(counts))
    for file in summary.files:
        _say(f"  {file.name}: {file.reason}")
    if summary.next_after is not None:
        _say(f"  … and more; see the page of import {job_id}.")


def _tell_known(database: Database, job_id: int) -> None:
    with database.reading() as session:
        known = jobs.get_job(session, job_id).result.get("known", 0)
    if known:
        console.print(f"{known} files were imported before and have not changed since.")


def _tell_names(paths: list[Path], encoding: str) -> None:
    """How names in archives are read, at once: a wrong guess is best corrected before."""
    for path in paths:
        if not path.is_file():
            continue
        with path.open("rb") as file:
            if not is_archive(file):
                continue
            try:
                with open_archive(file, encoding=encoding) as archive:
                    found = archive.contents
            except Refused:
                continue  # a worker says why
        written = next((name for name in found.names if not name.isascii()), "")
        if written:
            title = names.title_of(found.encoding)
            _say(f"{path.name}: names are read as {title}, such as {written}.")


def _tell_problems(problems: Sequence[str]) -> None:
    for problem in problems:
        _say(f"  {problem}")


def _say(line: str) -> None:
    console.print(line, highlight=False, markup=False, soft_wrap=True)
