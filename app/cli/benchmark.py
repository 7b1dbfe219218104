"""The commands about the benchmark: who is in it, joining, leaving, and how models do on it."""

import json
from dataclasses import asdict
from typing import Annotated

import typer
from rich.table import Table

from app.cli.following import follow
from app.cli.options import DataOption, WaitOption, console, user_name
from app.cli.workspace import open_database, settings_for
from app.db import Database
from app.domain.benchmark import TAG
from app.services import (
    benchmark_data,
    benchmark_figures,
    benchmark_measuring,
    benchmark_proposing,
    benchmark_table,
    people,
    specimen_names,
    tags,
)
from app.services.benchmark_table import Sort, Wanted
from ml.metrics.intervals import Interval

benchmark = typer.Typer(
    help="Hard specimens that measure every model and train none.", no_args_is_help=True
)

Names = Annotated[
    list[str], typer.Argument(metavar="SPECIMEN...", help="Names, or SOURCE/NAME where two fit.")
]
PersonOption = Annotated[
    str | None, typer.Option(help="Who does it; by default: your name on this machine.")
]


@benchmark.command("list")
def list_(
    data: DataOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Everything, for programs.")] = False,
) -> None:
    """Tell how good every model is on the benchmark, and how far two people agree."""
    with open_database(settings_for(data)).reading() as session:
        if as_json:
            print(json.dumps(asdict(benchmark_data.data(session)), default=str, indent=2))
            return
        time = benchmark_figures.over_time(session)
    table = Table("model", "round", "variant", "specimens", "Dice", "boundary F", box=None)
    if time.human is not None:
        human = time.human
        table.add_row("people", "", "", str(human.n), _text(human.dice), _text(human.boundary_f))
    for model in reversed(time.models):
        named = str(model.model_id), str(model.round_number), model.variant, str(model.n)
        table.add_row(*named, _text(model.dice), _text(model.boundary_f))
    console.print(f"Specimens in the benchmark: {time.members}.")
    console.print(table)


@benchmark.command()
def show(
    data: DataOption = None,
    sort: Annotated[Sort, typer.Option(help="worst, change or name.")] = Sort.WORST,
    page: Annotated[int, typer.Option(min=1, help="Which 25 of them.")] = 1,
) -> None:
    """Tell the Dice of each model on each member."""
    with open_database(settings_for(data)).reading() as session:
        found = benchmark_table.table(session, Wanted(sort=sort, page=page))
    table = Table("specimen", *(f"model {each.model_id}" for each in found.models), box=None)
    for row in found.rows:
        cells = [f"{cell.figure.dice:.3f}" if cell.figure else "-" for cell in row.cells]
        table.add_row(f"{row.member.source}/{row.member.key}", *cells)
    console.print(table)
    if found.unlabelled:
        names = ", ".join(each.key for each in found.unlabelled)
        console.print(f"Without a label they measure nothing: {names}.")
    if found.stale:
        console.print(f"Not measured yet: {found.stale}. Run `mothmask benchmark measure`.")


@benchmark.command()
def add(names: Names, data: DataOption = None, person: PersonOption = None) -> None:
    """Let specimens join; refused where a round has learned from one."""
    _tag(open_database(settings_for(data)), names, person, on=True)
    console.print(f"In the benchmark now: {', '.join(names)}.")


@benchmark.command()
def remove(names: Names, data: DataOption = None, person: PersonOption = None) -> None:
    """Let specimens leave; rounds may learn from them from then on."""
    _tag(open_database(settings_for(data)), names, person, on=False)
    console.print(f"No longer in the benchmark: {', '.join(names)}.")


@benchmark.command()
def propose(
    data: DataOption = None,
    count: Annotated[int, typer.Option(help="How many.")] = 24,
    join: Annotated[bool, typer.Option("--join", help="Let them join at once.")] = False,
    person: PersonOption = None,
) -> None:
    """Propose specimens: a quota of each stratum, the hard ones first."""
    database = open_database(settings_for(data))
    with database.reading() as session:
        found = benchmark_proposing.propose(session, count)
    table = Table("specimen", "stratum", "hardness", "label", box=None)
    for each in found:
        stratum = "-" if each.stratum is None else str(each.stratum)
        label = "yes" if each.is_labelled else "needed"
        table.add_row(f"{each.source}/{each.key}", stratum, f"{each.hardness:.2f}", label)
    console.print(table)
    if join and found:
        _tag_numbers(database, [each.specimen_id for each in found], person, on=True)
        console.print(f"Joined the benchmark: {len(found)}.")


@benchmark.command()
def measure(data: DataOption = None, wait: WaitOption = False) -> None:
    """Have every model measured wherever it is not yet."""
    database = open_database(settings_for(data))
    with database.transaction() as session:
        job = benchmark_measuring.start(session, None)
        job_id = job.id
    console.print(f"The benchmark is measured as job {job_id}.")
    if wait and not follow(console, database, job_id):
        raise typer.Exit(1)


def _tag(database: Database, names: list[str], person: str | None, *, on: bool) -> None:
    with database.reading() as session:
        ids = specimen_names.numbers_of(session, names)
    _tag_numbers(database, ids, person, on=on)


def _tag_numbers(database: Database, ids: list[int], person: str | None, *, on: bool) -> None:
    with database.transaction() as session:
        who = people.get_or_make(session, person or user_name())
        tags.tag(session, who.id, ids, TAG, on=on)


def _text(interval: Interval | None) -> str:
    if interval is None:
        return "-"
    return f"{interval.mean:.3f} ({interval.low:.3f} to {interval.high:.3f})"
