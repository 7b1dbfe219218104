"""The commands about sources and taxa."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from app.cli.options import DataOption, console, user_name
from app.cli.workspace import make_database, open_database, settings_for
from app.services import (
    exclusion_lists,
    metadata,
    name_patterns,
    names,
    people,
    recropping,
    sources,
    taxa,
)
from app.services.csv_tables import Problems
from app.services.sources import SourceSettings
from app.services.tables import Table, open_table

source = typer.Typer(
    help="Sources: how files are named, how photographs are cropped, and tables about them.",
    no_args_is_help=True,
)
taxa_app = typer.Typer(help="Names of taxa.", no_args_is_help=True)

CodeArgument = Annotated[str, typer.Argument(help="Code of the source, such as SJTT.")]
FileArgument = Annotated[Path, typer.Argument(help="A CSV file.")]
PresetOption = Annotated[str, typer.Option(help="Begin with what the lab has for this source.")]
NameOption = Annotated[str | None, typer.Option(help="What people call it.")]
PatternOption = Annotated[str | None, typer.Option(help="Regular expression of names.")]
LabelOption = Annotated[
    str | None, typer.Option(help="Regular expression of the files that show labels.")
]
WidthOption = Annotated[float | None, typer.Option(help="How much a box grows in width.")]
TopOption = Annotated[float | None, typer.Option(help="How much its upper half grows.")]
BottomOption = Annotated[float | None, typer.Option(help="How much its lower half grows.")]
HalfOption = Annotated[
    bool | None, typer.Option("--half-split/--no-half-split", help="Look in each half too.")
]
DrawersOption = Annotated[
    bool | None, typer.Option("--drawers/--no-drawers", help="Many specimens on a photograph.")
]
PaddingOption = Annotated[str | None, typer.Option(help="white, corners or a colour: #808080.")]
DetectorOption = Annotated[str | None, typer.Option(help="Name of a detector; empty: shared.")]


@source.command("list")
def list_(data: DataOption = None) -> None:
    """Every source with the number of its specimens."""
    with open_database(settings_for(data)).reading() as session:
        for line in sources.lines(session):
            console.print(
                f"{line.source.code}: {line.specimens} specimens, {line.labels} labels"
                f"{f', {line.source.name}' if line.source.name else ''}"
            )


@source.command()
def show(code: CodeArgument, data: DataOption = None) -> None:
    """The settings of a source, and what its pattern makes of some names."""
    with open_database(settings_for(data)).reading() as session:
        found = sources.get(session, code)
        some = sources.names_in(session, found.id, limit=5)
    for name, value in vars(SourceSettings.of(found)).items():
        console.print(f"{name}: {value}")
    for name in some:
        parts = name_patterns.matched(Path(name).stem, found.name_pattern)
        console.print(f"  {name}: {_told(parts)}")


@source.command()
def add(
    code: CodeArgument,
    preset: PresetOption = "",
    name: NameOption = None,
    name_pattern: PatternOption = None,
    label_pattern: LabelOption = None,
    scale_w: WidthOption = None,
    scale_ht: TopOption = None,
    scale_hb: BottomOption = None,
    half_split: HalfOption = None,
    drawers: DrawersOption = None,
    padding: PaddingOption = None,
    detector: DetectorOption = None,
    data: DataOption = None,
) -> None:
    """Make a source."""
    changes = _given(locals())
    with make_database(settings_for(data)).transaction() as session:
        sources.add(session, code, changes, preset)
    console.print(f"There is a source {code} now.")


@source.command()
def edit(
    code: CodeArgument,
    preset: PresetOption = "",
    name: NameOption = None,
    name_pattern: PatternOption = None,
    label_pattern: LabelOption = None,
    scale_w: WidthOption = None,
    scale_ht: TopOption = None,
    scale_hb: BottomOption = None,
    half_split: HalfOption = None,
    drawers: DrawersOption = None,
    padding: PaddingOption = None,
    detector: DetectorOption = None,
    data: DataOption = None,
) -> None:
    """Change what is given; crops that are there stay until `mothmask source crop`."""
    changes = _given(locals())
    database = open_database(settings_for(data))
    with database.transaction() as session:
        source_id = sources.edit(session, code, changes, preset).id
    renamed = sources.rename(database, source_id)
    with database.reading() as session:
        counts = recropping.counts(session, source_id)
    console.print(f"{code} is changed; the parts of {renamed} names are new.")
    console.print(
        f"Crops that nobody has touched: {counts.untouched}; "
        f"`mothmask source crop {code}` makes them anew. Left alone: {counts.touched}."
    )


@source.command()
def crop(code: CodeArgument, data: DataOption = None) -> None:
    """Make the crops anew that nobody has touched, with the present settings."""
    with open_database(settings_for(data)).transaction() as session:
        job_id = recropping.start(session, code, None).id
    console.print(f"Job {job_id} makes them.")


@source.command()
def exclude(code: CodeArgument, file: FileArgument, data: DataOption = None) -> None:
    """Take a list of photographs that are of no use, with names and reasons."""
    database = open_database(settings_for(data))
    with database.transaction() as session:
        person_id = people.get_or_make(session, user_name()).id
    with _opened(file) as table:
        report = exclusion_lists.take(database, code, table, person_id)
    console.print(
        f"{report.rows} rows, read as {names.title_of(report.encoding)}: {report.new} new, "
        f"{report.here} of them for specimens that are here."
    )
    _tell(report.problems)


@source.command("metadata")
def metadata_(
    code: CodeArgument,
    file: FileArgument,
    key: Annotated[str, typer.Option(help="The column that names the specimens.")] = "",
    data: DataOption = None,
) -> None:
    """Join a table by file name or catalogue number; its columns become fields."""
    with _opened(file) as table:
        report = metadata.take(open_database(settings_for(data)), code, table, key)
    console.print(
        f"{report.rows} rows, read as {names.title_of(report.encoding)}, by “{report.key}”: "
        f"{report.here} for specimens that are here."
    )
    _tell(report.problems)


@taxa_app.command("import")
def import_taxa(file: FileArgument, data: DataOption = None) -> None:
    """Take a table of codes, families and names."""
    with _opened(file) as table:
        report = taxa.take(make_database(settings_for(data)), table)
    console.print(
        f"{report.rows} rows, read as {names.title_of(report.encoding)}: {report.new} new, "
        f"{report.changed} changed."
    )
    _tell(report.problems)


def _given(options: dict[str, object]) -> dict[str, object]:
    settings = vars(SourceSettings())
    return {name: options[name] for name in settings if options[name] is not None}


def _told(parts: name_patterns.NameParts | None) -> str:
    if parts is None:
        return "does not fit"
    return ", ".join(f"{name} {value}" for name, value in vars(parts).items() if value)


@contextmanager
def _opened(file: Path) -> Iterator[Table]:
    with file.open("rb") as opened, open_table(opened, file.name) as table:
        yield table


def _tell(problems: Problems) -> None:
    if problems.count:
        console.print(f"Rows that do not count: {problems.count}")
    for problem in problems.first:
        console.print(f"  line {problem.line}: {problem}")
