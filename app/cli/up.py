"""`mothmask up`: everything on one machine, from one folder."""

import fcntl
import os
import secrets
import shutil
import socket
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from app.cli.greeting import address_of, refuse_to_serve, tell_link
from app.cli.processes import Child, Supervisor, web_command, worker_command
from app.cli.threads import thread_environment
from app.cli.workspace import make_database, make_folder, open_blobs
from app.db import Database
from app.errors import Conflict, MothmaskError
from app.services import samples, sweeping
from app.settings import Settings

FIRST_PORT = 8000
PORTS_TO_TRY = 100
SECONDS_TO_ANSWER = 120.0


@dataclass(frozen=True)
class Wishes:
    """What the command line asked for; None where nothing was said."""

    host: str
    port: int | None
    sample: bool | None
    workers: int | None


def up(settings: Settings, wishes: Wishes, console: Console) -> None:
    refuse_to_serve(settings, wishes.host)
    make_folder(settings.data)
    with alone(settings.data):
        port = _port(wishes)
        _forget_messages(settings)
        database = make_database(settings)
        _take_up_again(settings, database)
        token = secrets.token_urlsafe(16)
        supervisor = Supervisor(_children(settings, wishes, port, token, console))
        try:
            supervisor.listen_to_signals()
            supervisor.start()
            if not _answered(supervisor, wishes.host, port):
                return
            console.print("Mothmask is running. Open this link; Ctrl-C stops it.\n")
            tell_link(settings, database, address_of(settings, wishes.host, port), token, console)
            _draw_samples(settings, database, wishes.sample, supervisor, console)
            supervisor.watch()
        finally:
            console.print("Stopping …")
            supervisor.stop_all()
            database.close()


@contextmanager
def alone(data: Path) -> Iterator[None]:
    """Hold the folder; the lock ends with the process, however that ends."""
    with (data / "lock").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            raise Conflict(
                "Mothmask is running on {folder} already (process {process}). "
                "Use that one, stop it first, or name another folder with --data.",
                folder=data.absolute(),
                process=file.read().strip() or "unknown",
            ) from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


def _port(wishes: Wishes) -> int:
    if wishes.port is not None:
        if not _is_free(wishes.host, wishes.port):
            raise Conflict(
                "Port {port} is taken by another program. Choose another one, or leave --port out.",
                port=wishes.port,
            )
        return wishes.port
    for port in range(FIRST_PORT, FIRST_PORT + PORTS_TO_TRY):
        if _is_free(wishes.host, port):
            return port
    raise Conflict("No port from {first} on is free; name one with --port.", first=FIRST_PORT)


def _is_free(host: str, port: int) -> bool:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def _forget_messages(settings: Settings) -> None:
    # They name parts that are sent anew in a moment, and may have been written only half.
    shutil.rmtree(settings.message_folder, ignore_errors=True)


def _take_up_again(settings: Settings, database: Database) -> None:
    if settings.broker_url:
        return  # workers elsewhere may be alive; the sweeper finds out what is lost
    with database.transaction() as session:
        sweeping.take_back_all(session)


def _children(
    settings: Settings, wishes: Wishes, port: int, token: str, console: Console
) -> list[Child]:
    logs = settings.data.absolute() / "logs"
    logs.mkdir(exist_ok=True)
    environment = {
        "MOTHMASK_DATA": str(settings.data.absolute()),
        # Whoever ends it waits at the terminal, and at the next start nothing is lost.
        "MOTHMASK_STOP_SECONDS": "0",
    }

    def child(name: str, command: list[str], **more: str) -> Child:
        log = logs / f"{name.replace(' ', '-')}.log"
        return Child(name, command, {**environment, **more}, log, console.print)

    count = wishes.workers or min(2, len(os.sched_getaffinity(0)))
    threads = thread_environment(settings, count)
    return [
        child("web server", web_command(wishes.host, port), MOTHMASK_TOKEN=token),
        *(
            child(f"worker {n}", worker_command(f"worker{n}"), **threads)
            for n in range(1, count + 1)
        ),
    ]


def _answered(supervisor: Supervisor, host: str, port: int) -> bool:
    """Whether something answers before we are told to stop."""
    address = f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"
    waited = 0.0
    while not _answers(address):
        if supervisor.stopping.wait(0.2):
            return False
        supervisor.children[0].mend()
        waited += 0.2
        if waited > SECONDS_TO_ANSWER:
            raise MothmaskError(
                "The web server does not answer; {log} says more.", log=supervisor.children[0].log
            )
    return True


def _answers(address: str) -> bool:
    try:
        urllib.request.urlopen(address, timeout=5).close()
    except urllib.error.HTTPError:
        return True  # it asks for the token
    except OSError:
        return False
    return True


def _draw_samples(
    settings: Settings,
    database: Database,
    wanted: bool | None,
    supervisor: Supervisor,
    console: Console,
) -> None:
    """Begin in the background, so that the page is there while the first are drawn."""

    def draw() -> None:
        try:
            samples.import_samples(database, open_blobs(settings), supervisor.stopping.is_set)
        except MothmaskError as refused:
            console.print(f"The sample specimens could not be drawn. {refused}")

    if _are_due(database) if wanted is None else wanted:
        console.print("Drawing sample specimens; the first can be reviewed in a moment.")
        threading.Thread(target=draw).start()  # not a daemon: what it stores, it ends


def _are_due(database: Database) -> bool:
    with database.reading() as session:
        return samples.are_due(session)
