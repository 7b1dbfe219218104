"""The commands about rounds: which there were, how they go, and what is asked of them."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from sqlalchemy.orm import Session

from app.cli.following import follow
from app.cli.options import DataOption, WaitOption, console, user_name
from app.cli.training import train
from app.cli.workspace import open_blobs, open_database, settings_for
from app.domain.base import Json
from app.domain.rounds import Epoch, Round
from app.services import (
    browsing,
    jobs,
    people,
    resuming,
    round_export,
    round_keeping,
    round_orders,
    round_repeating,
    rounds,
)
from app.services.exports import FolderSink

rounds_app = typer.Typer(
    help="See rounds of training, start and steer them, take their labels along.",
    no_args_is_help=True,
)

Number = Annotated[int, typer.Argument(metavar="N", help="The number of the round.")]
JsonOption = Annotated[bool, typer.Option("--json", help="For programs.")]


@dataclass(frozen=True)
class Told:
    """A round as the terminal shows it."""

    round: int
    state: str
    preset: str
    labels: int
    started: datetime
    models: list[Json]
    """Number, variant and validation Dice of each."""


rounds_app.command("start")(train)


@rounds_app.command("list")
def list_(data: DataOption = None, as_json: JsonOption = False) -> None:
    """Tell which rounds there were, and what they made."""
    with open_database(settings_for(data)).reading() as session:
        found = [
            Told(
                round=line.round.number,
                state=_state(session, line.round),
                preset=line.round.preset,
                labels=line.labels,
                started=line.round.created_at,
                models=[
                    {
                        "model": model.id,
                        "variant": model.variant,
                        "validation_dice": model.metrics["validation_dice"],
                    }
                    for model in line.models
                ],
            )
            for line in browsing.round_lines(session)
        ]
    if as_json:
        print(json.dumps([vars(each) for each in found], indent=2, default=str))
        return
    table = Table("round", "state", "preset", "labels", "models", "started", box=None)
    for each in found:
        made = ", ".join(
            f"{m['model']} {m['variant']} {m['validation_dice']:.3f}" for m in each.models
        )
        started = f"{each.started:%Y-%m-%d %H:%M} UTC"
        table.add_row(str(each.round), each.state, each.preset, str(each.labels), made, started)
    console.print(table)


@rounds_app.command()
def show(number: Number, data: DataOption = None, as_json: JsonOption = False) -> None:
    """Tell how a round goes or went: each variant's epochs, and what was said last."""
    with open_database(settings_for(data)).reading() as session:
        round_ = rounds.get_round(session, number)
        epochs = rounds.epochs(session, round_.id)
        lines = round_keeping.lines(session, round_.id, limit=20)
        told: Json = {
            "round": number,
            "state": _state(session, round_),
            "preset": round_.preset,
            "hard_tags": round_.hard_tags,
            "labels": len(rounds.frozen_labels(session, round_.id)),
            "variants": {
                name: {"of": config.get("epochs"), "epochs": _curve(epochs.get(name, []))}
                for name, config in round_.configs.items()
            },
            "said": [line.template.format(**line.values) for line in reversed(lines)],
        }
    if as_json:
        print(json.dumps(told, indent=2))
        return
    console.print(f"Round {number} ({told['preset']}): {told['state']}, {told['labels']} labels.")
    table = Table("variant", "epoch", "loss", "validation Dice", "seconds", box=None)
    for name, done in epochs.items():
        for epoch in done:
            figures = f"{epoch.train_loss:.4f}", f"{epoch.validation_dice:.4f}"
            table.add_row(name, str(epoch.number), *figures, f"{epoch.seconds:.1f}")
    console.print(table)
    for sentence in told["said"]:
        console.print(sentence)


@rounds_app.command()
def pause(number: Number, data: DataOption = None) -> None:
    """Have the workers leave it; it keeps its last checkpoint."""
    _ask(data, number, round_orders.pause)
    console.print(f"Round {number} is paused. `mothmask rounds resume {number}` goes on with it.")


@rounds_app.command()
def resume(number: Number, data: DataOption = None, wait: WaitOption = False) -> None:
    """Go on with a round that is paused, was cancelled or failed."""
    job_id = _ask(data, number, lambda session, round_, _: resuming.resume(session, round_.job_id))
    console.print(f"Round {number} goes on.")
    if wait and not follow(console, open_database(settings_for(data)), job_id):
        raise typer.Exit(1)


@rounds_app.command()
def cancel(number: Number, data: DataOption = None) -> None:
    """Stop a round; what it has made stays."""
    _ask(data, number, lambda session, round_, _: jobs.cancel(session, round_.job_id))
    console.print(f"Round {number} is cancelled.")


@rounds_app.command("keep-best")
def keep_best(
    number: Number,
    data: DataOption = None,
    variant: Annotated[
        str, typer.Option(help="The variant that shall end; by default: all of the round.")
    ] = "",
) -> None:
    """End the training after its present epoch; the best one becomes the model."""

    def ask(session: Session, round_: Round, person_id: int) -> None:
        round_orders.keep_best(session, round_, variant, person_id)

    _ask(data, number, ask)
    console.print(f"Round {number} ends after its present epoch.")


@rounds_app.command()
def again(number: Number, data: DataOption = None, wait: WaitOption = False) -> None:
    """Train once more with the same labels, settings and seed."""
    database = open_database(settings_for(data))
    with database.transaction() as session:
        person = people.get_or_make(session, user_name())
        round_ = round_repeating.again(session, number, person_id=person.id)
        made, job_id = round_.number, round_.job_id
    console.print(f"Round {made} repeats round {number}, as job {job_id}.")
    if wait and not follow(console, database, job_id):
        raise typer.Exit(1)


@rounds_app.command()
def export(
    number: Number,
    to: Annotated[Path, typer.Option(help="The folder to write to.")],
    data: DataOption = None,
) -> None:
    """Write the frozen training set: pictures, masks, a manifest and the settings."""
    settings = settings_for(data)
    database = open_database(settings)
    with database.reading() as session:
        round_id = rounds.get_round(session, number).id
    written = round_export.write(
        database,
        open_blobs(settings),
        FolderSink(to),
        round_id,
        on_exported=lambda _version_id, _digest: None,
    )
    console.print(f"{written} labels of round {number} are in {to}.")


def _ask(data: Path | None, number: int, order: Callable[[Session, Round, int], object]) -> int:
    """Ask something of a round as the person of this machine; returns its job."""
    with open_database(settings_for(data)).transaction() as session:
        round_ = rounds.get_round(session, number)
        order(session, round_, people.get_or_make(session, user_name()).id)
        return round_.job_id


def _state(session: Session, round_: Round) -> str:
    paused = round_orders.is_paused(session, round_)
    return "paused" if paused else jobs.get_job(session, round_.job_id).state.value


def _curve(epochs: list[Epoch]) -> list[Json]:
    return [
        {
            "epoch": epoch.number,
            "train_loss": epoch.train_loss,
            "validation_loss": epoch.validation_loss,
            "validation_dice": epoch.validation_dice,
            "seconds": epoch.seconds,
        }
        for epoch in epochs
    ]
