"""The commands. Each reads settings, makes one call and tells what came of it."""

import json
import os
import secrets
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from sqlalchemy.exc import DBAPIError

from app.cli import doctor as checks
from app.cli.benchmark import benchmark
from app.cli.detectors import detector
from app.cli.following import bar_of_own_work
from app.cli.greeting import address_of, refuse_to_serve, tell_link
from app.cli.importing import boxes, import_
from app.cli.masks import MaskWishes, import_masks
from app.cli.models import models_app
from app.cli.options import DataOption, HostOption, console, user_name
from app.cli.processes import web_command, worker_command
from app.cli.rounds import rounds_app
from app.cli.sources import source, taxa_app
from app.cli.storage import backup, move, prune, restore, verify
from app.cli.threads import thread_environment
from app.cli.training import tensorboard, train
from app.cli.up import Wishes
from app.cli.up import up as run_everything
from app.cli.users import user
from app.cli.workspace import make_database, make_folder, open_blobs, open_database, settings_for
from app.domain.mask_imports import MaskKind
from app.errors import MothmaskError
from app.migrating import migrate as migrate_database
from app.services import exports, handouts
from app.services.exports import ExportKind, FolderSink, Frame
from app.services.mask_imports import kind_called
from app.services.status import Status
from app.services.status import status as status_of
from app.settings import Settings
from ml.errors import BadInput

app = typer.Typer(
    help="Turns photographs of pinned moths into exact masks.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.command()
def up(
    data: DataOption = None,
    host: HostOption = "127.0.0.1",
    port: Annotated[
        int | None, typer.Option(help="The port; by default: 8000, or the next free one.")
    ] = None,
    sample: Annotated[
        bool | None,
        typer.Option(
            "--sample/--no-sample", help="Draw sample specimens; by default if nothing is there."
        ),
    ] = None,
    workers: Annotated[
        int | None, typer.Option(min=1, help="How many workers; by default: 2, or 1 on one core.")
    ] = None,
) -> None:
    """Start everything on this machine and print the link to it."""
    run_everything(settings_for(data), Wishes(host, port, sample, workers), console)


app.command("import")(import_)
app.add_typer(boxes, name="boxes")


@app.command("import-masks")
def import_masks_(
    paths: Annotated[
        list[Path], typer.Argument(metavar="PATH...", help="Masks, folders, zip archives.")
    ],
    kind: Annotated[
        str, typer.Option(help=f"How all of them are read: auto, {', '.join(MaskKind)}.")
    ] = "auto",
    accept: Annotated[
        bool, typer.Option("--accept", help="Make label versions, not candidates for review.")
    ] = False,
    person: Annotated[
        str | None,
        typer.Option(help="Whose masks they are; by default: your name on this machine."),
    ] = None,
    data: DataOption = None,
) -> None:
    """Hand in masks made elsewhere, matched to specimens by name; nothing is ever replaced."""
    settings = settings_for(data)
    wishes = MaskWishes(paths, kind_called(kind), accept, person or user_name())
    if not import_masks(console, open_database(settings), open_blobs(settings), wishes):
        raise typer.Exit(1)


@app.command()
def status(
    data: DataOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Tell how many specimens are in which state, and what runs."""
    with open_database(settings_for(data)).reading() as session:
        found = status_of(session)
    if as_json:
        print(json.dumps(found.as_json(), indent=2))
    else:
        _show(found)


app.command()(train)
app.add_typer(rounds_app, name="rounds")
app.add_typer(models_app, name="models")
app.add_typer(detector, name="detector")
app.add_typer(benchmark, name="benchmark")
app.add_typer(source, name="source")
app.add_typer(taxa_app, name="taxa")
app.add_typer(user, name="user")


@app.command()
def export(
    to: Annotated[Path, typer.Option(help="The folder to write to.")],
    data: DataOption = None,
    kind: Annotated[ExportKind, typer.Option(help="What to write.")] = ExportKind.MASKS,
    frame: Annotated[
        Frame, typer.Option(help="The size of the crop, or of the whole photograph.")
    ] = Frame.CROP,
) -> None:
    """Write the labels, and pictures made with them, into a folder."""
    settings = settings_for(data)
    make_folder(to)
    db, blobs, sink = open_database(settings), open_blobs(settings), FolderSink(to)
    with bar_of_own_work(console) as on_progress:
        if kind is ExportKind.EDITING:
            written = handouts.hand_out(db, blobs, sink, on_progress=on_progress)
        else:
            written = exports.export(
                db, blobs, sink, kind=kind, frame=frame, on_progress=on_progress
            )
    what = "specimens" if kind is ExportKind.EDITING else "labels"
    console.print(f"{written} {what} are in {to}.")


@app.command()
def web(
    data: DataOption = None,
    host: HostOption = "127.0.0.1",
    port: Annotated[int, typer.Option(help="The port.")] = 8000,
) -> None:
    """Run only the web server."""
    settings = settings_for(data)
    refuse_to_serve(settings, host)
    token = settings.token.get_secret_value()
    if not token:
        token = secrets.token_urlsafe(16)
        database = make_database(settings)
        tell_link(settings, database, address_of(settings, host, port), token, console)
        database.close()
    _become(web_command(host, port, settings.stop_seconds), settings, MOTHMASK_TOKEN=token)


@app.command()
def worker(
    data: DataOption = None,
    queues: Annotated[str, typer.Option(help="What it works on: cpu, gpu or both.")] = "cpu,gpu",
) -> None:
    """Run only one worker."""
    settings = settings_for(data)
    threads = thread_environment(settings, workers=1)
    _become(worker_command(f"worker{os.getpid()}", queues), settings, **threads)


app.command()(tensorboard)


for storing in (verify, backup, restore, move, prune):
    app.command()(storing)


@app.command()
def migrate(data: DataOption = None) -> None:
    """Bring the database to the schema that this version needs."""
    settings = settings_for(data)
    make_folder(settings.data)
    migrate_database(settings.database)
    console.print("The database has the newest schema.")


@app.command()
def doctor(data: DataOption = None) -> None:
    """Tell what is missing, and what to do about it."""
    found = checks.examine(settings_for(data))
    for check in found:
        console.print(f"{'ok     ' if check.is_well else 'PROBLEM'}  {check.name}: {check.finding}")
    if not all(check.is_well for check in found):
        raise typer.Exit(1)


def main() -> None:
    """What a person can cause is answered in a sentence; a traceback means a bug."""
    try:
        app()
    except (MothmaskError, BadInput) as refused:
        _give_up(str(refused))
    except DBAPIError as error:
        _give_up(f"The database cannot be used: {error.orig}. Is MOTHMASK_DATABASE_URL right?")
    except OSError as error:
        _give_up(f"{error.strerror or error}: {error.filename or 'see above'}.")


def _give_up(sentence: str) -> None:
    Console(stderr=True).print(sentence.strip(), highlight=False, markup=False, soft_wrap=True)
    sys.exit(1)


def _become(command: list[str], settings: Settings, **environment: str) -> None:
    """Turn into that program, so that signals reach it directly."""
    make_database(settings).close()
    data = {"MOTHMASK_DATA": str(settings.data.absolute())}
    os.execve(command[0], command, {**os.environ, **data, **environment})


def _show(found: Status) -> None:
    table = Table("specimens", "", box=None, pad_edge=False)
    for state, count in found.specimens.items():
        table.add_row(state, str(count))
    console.print(table)
    for round_ in found.rounds:
        console.print(f"round {round_.number} ({round_.preset}): {round_.state}, job {round_.job}")
    console.print("jobs: " + ", ".join(f"{count} {state}" for state, count in found.jobs.items()))
