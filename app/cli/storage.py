"""The commands about what is stored: whether it is whole, where it lies, what it costs."""

import json
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from app.blobs import open_blobs, open_blobs_at
from app.cli.following import bar_of_own_work
from app.cli.options import DataOption, console, errors
from app.cli.up import alone
from app.cli.workspace import make_folder, open_database, settings_for
from app.db import Database
from app.services import backups, moving, pruning, verifying
from app.services.backups import Backup
from app.services.verifying import Report
from app.settings import Settings


def verify(
    data: DataOption = None,
    quick: Annotated[
        bool, typer.Option("--quick", help="Only look whether files are there; read none of them.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Check every digest, every reference and every number, while others work."""
    settings = settings_for(data)
    with bar_of_own_work(errors) as on_progress:
        report = verifying.verify(
            open_database(settings), open_blobs(settings), quick=quick, on_progress=on_progress
        )
    if as_json:
        faults = [asdict(fault) for fault in report.faults]
        print(json.dumps({"well": report.is_well, **vars(report), "faults": faults}, indent=2))
    else:
        tell(report)
    if not report.is_well:
        raise typer.Exit(1)


def backup(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where backups are kept.")],
    data: DataOption = None,
    listing: Annotated[bool, typer.Option("--list", help="Only tell which there are.")] = False,
) -> None:
    """Copy everything that is new into a folder, while others work."""
    if listing:
        for made in backups.listed(folder):
            console.print(_told(made))
        return
    settings = settings_for(data)
    with bar_of_own_work(errors) as on_progress:
        made = backups.make(
            open_database(settings), open_blobs(settings), folder.absolute(), on_progress
        )
    console.print(_told(made))
    if made.linked:
        console.print(
            f"{made.linked} photographs stay where they are (imported with --link): "
            "back them up there."
        )
    if made.lost:
        console.print(
            f"{len(made.lost)} files that the database names are missing or damaged, as was to be "
            "expected only after harm was done. `mothmask verify` tells more. Keep older backups."
        )
        raise typer.Exit(1)


def restore(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where backups are kept.")],
    data: DataOption = None,
    at: Annotated[
        str | None, typer.Option(help="The name of a backup; by default the newest.")
    ] = None,
) -> None:
    """Bring a backup back into an empty data folder, or an empty database and bucket."""
    settings = settings_for(data)
    chosen = backups.chosen(folder, at)
    make_folder(settings.data)
    blobs = open_blobs(settings)
    with bar_of_own_work(errors) as on_progress:
        copied = backups.restore(folder.absolute(), chosen, settings.database, blobs, on_progress)
        report = verifying.verify(open_database(settings), blobs, on_progress=on_progress)
    console.print(f"Backup {chosen.name} is back: {copied.there} files, and all rows.")
    tell(report)
    if not report.is_well:
        raise typer.Exit(1)


def move(
    to: Annotated[
        str, typer.Option(help="postgresql://user@host/name, or a data folder for SQLite.")
    ],
    blobs_to: Annotated[
        str | None,
        typer.Option(
            "--blobs", help="s3://bucket/prefix or a folder; else they stay, or go to that folder."
        ),
    ] = None,
    data: DataOption = None,
) -> None:
    """Copy everything to another database and place for blobs; again goes on where it ended."""
    settings = settings_for(data)
    target = target_of(settings, to, blobs_to)
    make_folder(settings.data)
    source = open_blobs(settings)
    blobs = open_blobs_at(target.blobs, settings)
    with alone(settings.data), bar_of_own_work(errors) as on_progress:
        moved = moving.move(
            open_database(settings),
            source,
            target.database,
            blobs,
            timedelta(seconds=settings.heartbeat_seconds),
            on_progress,
        )
        report = verifying.verify(Database(target.database), blobs, on_progress=on_progress)
    what = "had been moved before" if moved.again else "are there, each table with the same digest"
    console.print(f"{moved.rows} rows {what}; {moved.blobs.copied} files were copied.")
    tell(report)
    if not report.is_well:
        raise typer.Exit(1)
    console.print("Nothing was removed here. From now on start Mothmask with:")
    for name, value in target.environment.items():
        console.print(f"    {name}={value}")


def prune(
    data: DataOption = None,
    rounds: Annotated[
        int, typer.Option(min=1, help="How many of the last rounds keep everything.")
    ] = 3,
    days: Annotated[
        int, typer.Option(min=1, help="So long a file stays that no row names (any more).")
    ] = 7,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Remove nothing; tell what could go now.")
    ] = False,
) -> None:
    """Remove old maps of probability, old rejected masks, and files that no row names."""
    settings = settings_for(data)
    with bar_of_own_work(errors) as on_progress:
        found = pruning.prune(
            open_database(settings),
            open_blobs(settings),
            rounds=rounds,
            grace=timedelta(days=days),
            really=not dry_run,
            on_progress=on_progress,
        )
    done = "could go" if dry_run else "are gone"
    console.print(
        f"{found.maps} maps of probability and the masks of {found.masks} rejected candidates from "
        f"before the last {rounds} rounds {done}, and {found.files} files ({found.size / 1e9:.2f} "
        f"GB) that no row names. {found.young} more wait until they are {days} days old."
    )


@dataclass(frozen=True)
class Target:
    database: str
    blobs: str
    environment: dict[str, str]


def target_of(settings: Settings, to: str, blobs_to: str | None) -> Target:
    """A folder takes the blobs too, unless it is said where else they go."""
    if "://" in to:
        place = blobs_to or settings.blobs_url or str(settings.blob_folder)
        known = {"MOTHMASK_DATABASE_URL": to, "MOTHMASK_BLOBS_URL": place}
        if "://" not in place:
            place = str(Path(place).absolute())
            known["MOTHMASK_BLOBS_URL"] = place
        return Target(to, place, known)
    folder = Path(to).absolute()
    make_folder(folder)
    there = Settings(data=folder, database_url="", blobs_url="")
    place = blobs_to or str(there.blob_folder)
    known = {"MOTHMASK_DATA": str(folder), "MOTHMASK_DATABASE_URL": ""}
    known["MOTHMASK_BLOBS_URL"] = place if blobs_to else ""
    return Target(there.database, place, known)


def _told(made: Backup) -> str:
    return (
        f"{made.name}: {made.files} files, of which {made.copied} "
        f"({made.copied_bytes / 1e9:.2f} GB) came with this backup."
    )


def tell(report: Report) -> None:
    console.print(
        f"{report.rules} rules, {report.references} references to {report.blobs} stored files "
        f"({report.size / 1e9:.2f} GB), {report.linked} linked files."
    )
    if report.unnamed:
        console.print(f"{report.unnamed} stored files are named by no row; `mothmask prune` helps.")
    for fault in report.faults:
        console.print(f"{fault.kind:<10} {fault.what}")
    if report.is_well:
        console.print("All is well.")
    else:
        counts = ", ".join(f"{count} {kind}" for kind, count in sorted(report.counts.items()))
        console.print(f"Something is wrong: {counts}. The guide for operators says what to do.")
