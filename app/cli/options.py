"""What several commands have in common."""

import getpass
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

# Sentences are printed as they are: paths stay in one piece, and brackets in names mean nothing.
console = Console(soft_wrap=True, markup=False, highlight=False)
errors = Console(stderr=True, soft_wrap=True, markup=False, highlight=False)
"""For what is not the result, such as bars, where the result may be read by a program."""

DataOption = Annotated[
    Path | None, typer.Option("--data", help="The data folder; by default: mothmask-data.")
]
WaitOption = Annotated[
    bool, typer.Option("--wait", help="Show progress until it has ended; fail if it failed.")
]
HostOption = Annotated[str, typer.Option(help="The address to listen on.")]


def user_name() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # in a container the number of the user may have no name
        return "command line"
