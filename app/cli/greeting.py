"""Where the server listens, and the link that lets people in."""

from rich.console import Console

from app.db import Database
from app.domain.people import SignIn
from app.errors import Refused
from app.services import accounts
from app.settings import Settings
from app.web.proxies import networks

LOOPBACK = ("127.0.0.1", "localhost", "::1")


def refuse_beyond_loopback(host: str, sign_in: SignIn = SignIn.LINK) -> None:
    """By the link anybody has every right, so it is for one machine."""
    if host not in LOOPBACK and sign_in is SignIn.LINK:
        raise Refused(
            "Without accounts Mothmask listens on this machine only: use --host 127.0.0.1 rather "
            "than {host} and an SSH tunnel from elsewhere, or set MOTHMASK_SIGN_IN=password.",
            host=host,
        )


def refuse_to_serve(settings: Settings, host: str) -> None:
    """Say before the server starts what would keep people out, or let anybody in."""
    refuse_beyond_loopback(host, settings.sign_in)
    networks(settings.proxies)
    if settings.missing_to_sign_in:
        raise Refused(
            "MOTHMASK_SIGN_IN={sign_in} needs {missing} as well.",
            sign_in=settings.sign_in,
            missing=" and ".join(settings.missing_to_sign_in),
        )


def address_of(settings: Settings, host: str, port: int) -> str:
    name = f"[{host}]" if ":" in host else host
    return settings.address or f"http://{name}:{port}"


def tell_link(
    settings: Settings, database: Database, address: str, token: str, console: Console
) -> None:
    """What a person opens; where people have accounts, the token only makes the first admin."""
    if settings.sign_in is SignIn.LINK:
        console.print(f"    {address}/?token={token}\n")
        return
    with database.reading() as session:
        has_admin = accounts.has_admin(session)
    if has_admin or settings.sign_in is SignIn.PROXY:
        console.print(f"    {address}/\n")
    else:
        console.print(f"    {address}/first-admin?token={token}\n")
        console.print("There is no admin yet: whoever opens it first becomes one.\n")
    if not has_admin and settings.sign_in is SignIn.PROXY:
        console.print("There is no admin yet: mothmask user add NAME --role admin --subject NAME\n")
