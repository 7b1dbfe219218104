"""What every command needs first: settings, the database, and the way to the workers."""

from pathlib import Path

from pydantic import ValidationError
from sqlalchemy import make_url

from app.blobs import open_blobs as open_blobs
from app.db import Database
from app.decoding import pool as decoding
from app.errors import Refused
from app.migrating import fits, migrate
from app.queue import CeleryPublisher, make_celery
from app.settings import Settings


def settings_for(data: Path | None) -> Settings:
    """Settings from the environment; a folder given on the command line goes before."""
    try:
        return Settings() if data is None else Settings(data=data)
    except ValidationError as error:
        problems = "; ".join(
            f"MOTHMASK_{'.'.join(map(str, problem['loc'])).upper()}: {problem['msg']}"
            for problem in error.errors()
        )
        raise Refused("A setting makes no sense. {problems}.", problems=problems) from None


def open_database(settings: Settings) -> Database:
    """The database of an installation that exists already."""
    file = make_url(settings.database).database
    if settings.database.startswith("sqlite") and not Path(file or "").exists():
        raise Refused(
            "There is no Mothmask data in {folder}. Start `mothmask up` or import photographs "
            "first, or name another folder with --data.",
            folder=settings.data.absolute(),
        )
    decoding.limit(settings)
    database = Database(settings.database, CeleryPublisher(make_celery(settings)))
    if not fits(database.engine):
        raise Refused("The database has an older schema. Run `mothmask migrate` first.")
    return database


def make_database(settings: Settings) -> Database:
    """The same, made or brought up to date where needed."""
    make_folder(settings.data)
    migrate(settings.database)
    return open_database(settings)


def make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Refused(
            "The data folder {folder} cannot be made: {problem}.",
            folder=folder,
            problem=error.strerror,
        ) from None
