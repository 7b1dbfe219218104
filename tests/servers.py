"""PostgreSQL and Redis for tests, from the machine's own binaries on free ports."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import redis
from sqlalchemy import create_engine, make_url, text

SECONDS_TO_START = 30


class ServerMissing(Exception):
    """A test needs a server that this machine does not have."""


@contextmanager
def running_postgres(*, durable: bool = False) -> Iterator[str]:
    """Yield the URL of an empty PostgreSQL server. It forgets everything when it stops.

    A durable one writes as a real one does, which matters where times are measured.
    """
    initdb, postgres = binary("initdb", "postgresql"), binary("postgres", "postgresql")
    with _folder() as (folder, user):
        data, port = folder / "data", free_port()
        init = [initdb, "-D", str(data), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync"]
        subprocess.run(init, user=user, check=True, capture_output=True, cwd=folder)
        quick = ("fsync", "synchronous_commit", "full_page_writes")
        command = [
            postgres,
            "-D",
            str(data),
            "-p",
            str(port),
            "-h",
            "127.0.0.1",
            "-k",
            str(folder),
            *(() if durable else (f"-c{name}=off" for name in quick)),
        ]
        address = f"postgres@127.0.0.1:{port}/postgres"

        def connect() -> None:
            psycopg.connect(f"postgresql://{address}").close()

        with _process(command, folder, user):
            wait_until(connect, psycopg.OperationalError, folder)
            yield f"postgresql+psycopg://{address}"


@contextmanager
def running_redis() -> Iterator[str]:
    server, port = binary("redis-server", "redis-server"), free_port()
    url = f"redis://127.0.0.1:{port}/0"
    with _folder() as (folder, user):
        command = [server, "--port", str(port), "--save", "", "--dir", str(folder)]
        with _process(command, folder, user):
            wait_until(redis.Redis.from_url(url).ping, redis.ConnectionError, folder)
            yield url


def binary(name: str, package: str) -> str:
    # Debian keeps the binaries of PostgreSQL out of the path.
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    path = os.pathsep.join([os.environ.get("PATH", ""), *map(str, folders)])
    found = shutil.which(name, path=path)
    if found is None:
        raise ServerMissing(f"The tests need {name}: apt install {package}, or run `make test`.")
    return found


@contextmanager
def _folder() -> Iterator[tuple[Path, str | None]]:
    """A folder, and whom it belongs to: PostgreSQL refuses to run as root."""
    with tempfile.TemporaryDirectory(prefix="mothmask-", ignore_cleanup_errors=True) as name:
        user = None
        if os.geteuid() == 0:
            known = {entry.pw_name for entry in pwd.getpwall()}
            user = "postgres" if "postgres" in known else "nobody"
            shutil.chown(name, user)
        yield Path(name), user


@contextmanager
def _process(command: list[str], folder: Path, user: str | None) -> Iterator[None]:
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(command, user=user, cwd=folder, stdout=log, stderr=log)
    try:
        yield
    finally:
        server.terminate()
        try:
            server.wait(10)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def wait_until(answers: Callable[[], object], refusal: type[Exception], folder: Path) -> None:
    deadline = time.monotonic() + SECONDS_TO_START
    while True:
        try:
            answers()
        except refusal:
            if time.monotonic() > deadline:
                raise ServerMissing((folder / "log").read_text(errors="replace")) from None
            time.sleep(0.05)
        else:
            return


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def new_postgres_database(server: str) -> Iterator[str]:
    """A database of its own on the server; removed afterwards."""
    name = f"mothmask_{uuid.uuid4().hex}"
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f'CREATE DATABASE "{name}"'))
    yield make_url(server).set(database=name).render_as_string(hide_password=False)
    with engine.connect() as connection:
        connection.execute(text(f'DROP DATABASE "{name}" WITH (FORCE)'))
    engine.dispose()
