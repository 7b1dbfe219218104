"""The commands about trained models: which there are, which serves, and which is better."""

import json
from typing import Annotated

import typer
from rich.table import Table
from sqlalchemy.orm import Session

from app.cli.options import DataOption, console, user_name
from app.cli.workspace import open_database, settings_for
from app.domain.base import Json
from app.domain.steering import VerdictKind
from app.services import browsing, model_changes, model_comparison, models, people
from app.services.model_comparison import Row
from ml.metrics.intervals import Interval

models_app = typer.Typer(
    help="See trained models, compare them, and choose the one that serves.",
    no_args_is_help=True,
)

Model = Annotated[int, typer.Argument(metavar="MODEL", help="The number of the model.")]
JsonOption = Annotated[bool, typer.Option("--json", help="For programs.")]


@models_app.command("list")
def list_(data: DataOption = None, as_json: JsonOption = False) -> None:
    """Tell which models there are, and which one serves."""
    with open_database(settings_for(data)).reading() as session:
        serving, gone = models.serving(session), models.discarded_ids(session)
        found = [
            {
                "model": model.id,
                "round": model.round.number,
                "preset": model.round.preset,
                "variant": model.variant,
                "validation_dice": model.metrics["validation_dice"],
                "serves": serving is not None and serving.id == model.id,
                "discarded": model.id in gone,
                "made": str(model.created_at),
            }
            for model in browsing.models(session)
        ]
    if as_json:
        print(json.dumps(found, indent=2))
        return
    table = Table("model", "round", "preset", "variant", "validation Dice", "", box=None)
    for one in found:
        standing = "serves" if one["serves"] else "discarded" if one["discarded"] else ""
        named = (str(one[name]) for name in ("model", "round", "preset", "variant"))
        table.add_row(*named, f"{one['validation_dice']:.3f}", standing)
    console.print(table)


@models_app.command()
def show(model_id: Model, data: DataOption = None, as_json: JsonOption = False) -> None:
    """Tell how good a model is on labels that it did not learn from, group by group."""
    with open_database(settings_for(data)).reading() as session:
        model = browsing.get_model(session, model_id)
        found = model_comparison.tables(session, model_id)
        rows = [
            (kind, row)
            for kind, some in (
                ("all", [found.overall]),
                ("validation", [found.validation]),
                ("benchmark", [found.benchmark]),
                ("source", found.sources),
                ("stratum", found.strata),
                ("tag", found.tags),
            )
            for row in some
            if row is not None
        ]
        told: Json = {
            "model": model.id,
            "round": model.round.number,
            "variant": model.variant,
            "metrics": model.metrics,
            "groups": [_group(kind, row) for kind, row in rows],
        }
    if as_json:
        print(json.dumps(told, indent=2))
        return
    console.print(f"Model {model_id} of round {told['round']} ({told['variant']}).")
    table = Table("specimens", "number", "Dice", "boundary F", box=None)
    for kind, row in rows:
        name = f"{kind} {row.name}".strip()
        table.add_row(name, str(row.n), _text(row.dice), _text(row.boundary_f))
    console.print(table)


@models_app.command()
def compare(
    model_id: Model,
    other_id: Annotated[int, typer.Argument(metavar="OTHER", help="The model it is held against.")],
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Tell what a model does better or worse than another on the same specimens."""
    with open_database(settings_for(data)).reading() as session:
        model = browsing.get_model(session, model_id)
        browsing.get_model(session, other_id)
        found = model_changes.changes(session, model, other_id)
    if as_json:
        groups = [] if found is None else found.groups
        print(json.dumps([_difference(group) for group in groups], indent=2))
        return
    if found is None:
        console.print("There are no specimens that both were measured on.")
        return
    table = Table(
        "specimens", "number", f"Dice of {other_id}", f"of {model_id}", "difference", "", box=None
    )
    for group in found.groups:
        name = f"{group.kind} {group.name}".strip()
        word = "better" if group.difference.mean > 0 else "worse"
        figures = f"{group.before:.3f}", f"{group.after:.3f}", _text(group.difference, "+.3f")
        table.add_row(name, str(group.n), *figures, word if group.is_sure else "")
    console.print(table)


@models_app.command()
def promote(model_id: Model, data: DataOption = None) -> None:
    """Have a model serve from now on."""
    with open_database(settings_for(data)).transaction() as session:
        models.promote(session, model_id, _person(session))
    console.print(f"Model {model_id} serves from now on.")


@models_app.command("roll-back")
def roll_back(data: DataOption = None) -> None:
    """Have the model serve again that served before."""
    with open_database(settings_for(data)).transaction() as session:
        model_id = models.roll_back(session, _person(session)).model_id
    console.print(f"Model {model_id} serves again.")


@models_app.command()
def discard(model_id: Model, data: DataOption = None) -> None:
    """Hide a model where one is chosen; nothing of it is removed."""
    _judge(data, model_id, VerdictKind.DISCARD)
    console.print(f"Model {model_id} is discarded. `mothmask models keep {model_id}` undoes that.")


@models_app.command()
def keep(model_id: Model, data: DataOption = None) -> None:
    """Show a model again that was discarded."""
    _judge(data, model_id, VerdictKind.KEEP)
    console.print(f"Model {model_id} is kept.")


def _judge(data: DataOption, model_id: int, verdict: VerdictKind) -> None:
    with open_database(settings_for(data)).transaction() as session:
        models.judge(session, model_id, verdict, _person(session))


def _person(session: Session) -> int:
    return people.get_or_make(session, user_name()).id


def _group(kind: str, row: Row) -> Json:
    return {
        "kind": kind,
        "name": row.name,
        "n": row.n,
        "dice": vars(row.dice),
        "boundary_f": vars(row.boundary_f),
    }


def _difference(group: model_changes.GroupChange) -> Json:
    return {
        "kind": group.kind,
        "name": group.name,
        "n": group.n,
        "before": group.before,
        "after": group.after,
        "difference": vars(group.difference),
        "p": group.p_value,
    }


def _text(interval: Interval, form: str = ".3f") -> str:
    mean, low, high = (
        format(value, form) for value in (interval.mean, interval.low, interval.high)
    )
    return f"{mean} ({low} to {high})"
