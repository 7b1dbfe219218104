"""`mothmask user`: accounts, for whoever has a shell on the server."""

import sys
from typing import Annotated

import typer
from rich.table import Table

from app.cli.options import DataOption, console
from app.cli.workspace import make_database, open_database, settings_for
from app.domain.people import Role
from app.errors import Refused
from app.services import accounts, passwords

user = typer.Typer(help="Accounts of people.", no_args_is_help=True)

NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="As it stands by decisions.")]


@user.command("add")
def add(
    name: NameArgument,
    role: Annotated[Role, typer.Option(help="What they may do.")] = Role.CURATOR,
    subject: Annotated[
        str, typer.Option(help="Who this is to the proxy or the OpenID provider.")
    ] = "",
    data: DataOption = None,
) -> None:
    """Give somebody an account, also a closed one back; asks for a password, or reads a line."""
    database = make_database(settings_for(data))
    password = None if subject else _asked_password()
    with database.transaction() as session:
        account = accounts.add(session, name, role, password=password, subject=subject or None)
        console.print(f"{account.person.name} has an account as {role}.")


@user.command("list")
def list_users(data: DataOption = None) -> None:
    """Who has an account."""
    table = Table("name", "role", "signs in by", "since", box=None, pad_edge=False)
    with open_database(settings_for(data)).reading() as session:
        for account in accounts.all_of_them(session):
            ways = ["password"] * bool(account.password_hash)
            ways += [account.subject] if account.subject else []
            closed = " (closed)" if account.closed_at is not None else ""
            since = f"{account.created_at:%Y-%m-%d}"
            name = f"{account.person.name}{closed}"
            table.add_row(name, account.role, ", ".join(ways) or "nothing yet", since)
    console.print(table)


@user.command("role")
def set_role(
    name: NameArgument,
    role: Annotated[Role, typer.Argument(help="What they may do.")],
    data: DataOption = None,
) -> None:
    """Give another role; it counts at once."""
    with open_database(settings_for(data)).transaction() as session:
        accounts.set_role(session, accounts.called(session, name), role)
    console.print(f"{name} is {role} now.")


@user.command("password")
def set_password(name: NameArgument, data: DataOption = None) -> None:
    """Set a new password and sign them out everywhere; asks for it, or reads a line."""
    database = open_database(settings_for(data))
    with database.reading() as session:
        accounts.called(session, name)
    password = _asked_password()
    with database.transaction() as session:
        accounts.set_password(session, accounts.called(session, name), password)
    console.print(f"{name} has a new password.")


@user.command("remove")
def remove(name: NameArgument, data: DataOption = None) -> None:
    """Close an account; the name stays beside what was decided. `user add` opens it again."""
    with open_database(settings_for(data)).transaction() as session:
        accounts.close(session, accounts.called(session, name))
    console.print(f"The account of {name} is closed.")


def _asked_password() -> str:
    if sys.stdin.isatty():
        prompt = f"Password ({passwords.SHORTEST} characters or more)"
        asked: str = typer.prompt(prompt, hide_input=True, confirmation_prompt=True)
        return asked
    line = sys.stdin.readline().rstrip("\r\n")
    if not line:
        raise Refused("Type the password when asked for it, or pass it in as one line.")
    return line
