"""What has to be there for Mothmask to run, and what to do where it is not."""

import importlib.util
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from kombu.exceptions import OperationalError as BrokerError
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError

from app.blobs import FolderBlobs, open_blobs
from app.db import Database, make_engine
from app.domain.jobs import JobState, Part
from app.domain.people import SignIn
from app.errors import MothmaskError
from app.migrating import is_current
from app.queue import make_celery
from app.services import accounts, disk_forecast, linking
from app.settings import Settings
from ml import shipped_detector

LEAST_FREE_GB = 2.0
PATIENCE = timedelta(minutes=10)
"""After which somebody should have taken up what waits."""
WORKER_PACKAGES = ("torch", "onnxruntime", "skimage", "monai", "safetensors")


@dataclass(frozen=True)
class Check:
    name: str
    is_well: bool
    finding: str


def examine(settings: Settings) -> list[Check]:
    return list(_checks(settings))


def _checks(settings: Settings) -> Iterator[Check]:
    yield _folder(settings)
    yield _space(settings)
    yield (database := _try("database", lambda: _database(settings), DBAPIError))
    yield _try("files", lambda: _blobs(settings), MothmaskError)
    yield _try("messages", lambda: _broker(settings), BrokerError)
    yield _packages()
    yield _crf()
    yield _detector(settings)
    if not database.is_well:
        return  # once that is mended, these can be looked at
    yield _try("people", lambda: _people(settings), DBAPIError)
    for name, look in OF_DATABASE.items():
        yield _try(name, partial(_with_database, settings, name, look), (DBAPIError, MothmaskError))


def _folder(settings: Settings) -> Check:
    folder = settings.data.absolute()
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    if not os.access(existing, os.W_OK):
        return Check("data folder", False, f"{folder} cannot be written; choose another --data")
    return Check("data folder", True, str(folder) + ("" if folder.exists() else ", not made yet"))


def _space(settings: Settings) -> Check:
    folder = settings.data.absolute()
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    free = shutil.disk_usage(existing).free / 1e9
    found = f"{free:.1f} GB free"
    return (
        Check("disk", True, found)
        if free >= LEAST_FREE_GB
        else Check("disk", False, f"only {found}; photographs and models need more")
    )


def _database(settings: Settings) -> Check:
    if not settings.database_url and not settings.data.exists():
        return Check("database", True, "will be made in the data folder")
    engine = make_engine(settings.database)
    try:
        current = is_current(engine)
    finally:
        engine.dispose()
    kind = engine.dialect.name
    if current:
        return Check("database", True, f"{kind}, newest schema")
    return Check("database", False, f"{kind} has no or an older schema; run `mothmask migrate`")


def _people(settings: Settings) -> Check:
    name = "people"
    if settings.missing_to_sign_in:
        missing = " and ".join(settings.missing_to_sign_in)
        return Check(name, False, f"MOTHMASK_SIGN_IN={settings.sign_in} needs {missing} as well")
    if settings.sign_in is SignIn.LINK:
        return Check(name, True, "everybody comes by the link and has every right")
    if not settings.database_url and not settings.data.exists():
        return Check(name, True, "the first start prints a link for the first admin")
    database = Database(settings.database)
    try:
        if not is_current(database.engine):
            return Check(name, True, "no accounts yet")
        with database.reading() as session:
            has_admin = accounts.has_admin(session)
    finally:
        database.close()
    found = f"come in by {settings.sign_in}"
    if has_admin:
        return Check(name, True, found)
    advice = "there is no admin; run `mothmask user add NAME --role admin`"
    return Check(name, False, f"{found}; {advice}")


def _blobs(settings: Settings) -> Check:
    """Whether a file can be written, read and removed where photographs and masks lie."""
    if not settings.blobs_url:
        if settings.s3_endpoint or settings.s3_key_id:
            todo = "set MOTHMASK_BLOBS_URL=s3://bucket/prefix too, or unset them"
            return Check("files", False, f"MOTHMASK_S3_… are set and not used; {todo}")
        if not settings.data.exists():
            return Check("files", True, "will be kept in the data folder")
    blobs = open_blobs(settings.model_copy(update={"s3_seconds": min(settings.s3_seconds, 5)}))
    probe = os.urandom(16)
    digest = blobs.put(probe)
    well = blobs.read(digest) == probe
    blobs.remove(digest)
    if not well:
        return Check("files", False, f"{blobs} gives back other bytes than it was given")
    if settings.broker_url and isinstance(blobs, FolderBlobs):
        return Check("files", True, f"in {blobs}; workers elsewhere need MOTHMASK_BLOBS_URL")
    return Check("files", True, f"in {blobs}, can be written and read")


def _with_database(
    settings: Settings, name: str, look: Callable[[Settings, Database], Check]
) -> Check:
    """Nothing to see where there is no database of this schema yet."""
    if not settings.database_url and not settings.data.exists():
        return Check(name, True, "none")
    database = Database(settings.database)
    try:
        return (
            look(settings, database) if is_current(database.engine) else Check(name, True, "none")
        )
    finally:
        database.close()


def _linked_files(settings: Settings, database: Database) -> Check:
    """Whether photographs that were not copied are still where they were."""
    with database.reading() as session:
        found = linking.examine(session, open_blobs(settings))
    if not found.broken:
        return Check("linked files", True, f"{found.linked}, all there" if found.linked else "none")
    named = ", ".join(found.examples) + (" …" if found.broken > len(found.examples) else "")
    return Check(
        "linked files",
        False,
        f"{found.broken} of {found.linked} are gone or have changed: {named}; put them back, or "
        "import them again with --link from where they lie now",
    )


def _room(settings: Settings, database: Database) -> Check:
    """Whether the disk lasts for a while at the pace of the last weeks."""
    with database.reading() as session:
        found = disk_forecast.forecast(session, open_blobs(settings), database.clock())
    if found.disk is None:
        return Check("room", True, f"{found.size / 1e9:.1f} GB in a bucket")
    lasts = "" if found.full_in is None else f", for about {found.full_in.days} days at this pace"
    told = f"{found.disk.free / 1e9:.1f} GB of {found.disk.total / 1e9:.1f} GB{lasts}"
    if found.is_close:
        return Check("room", False, f"only {told}; see `mothmask prune --dry-run`")
    return Check("room", True, told)


def _work(_settings: Settings, database: Database) -> Check:
    """Whether what waits is taken up."""
    since = database.clock() - PATIENCE
    waiting = select(func.count()).where(Part.state == JobState.QUEUED).select_from(Part)
    alive = select(Part.id).where(Part.heartbeat_at > since).limit(1)
    with database.reading() as session:
        count = session.scalar(waiting.where(Part.sent_at < since)) or 0
        if count and session.scalar(alive) is None:
            todo = "start `mothmask up` or `mothmask worker`, and look at their log"
            return Check("workers", False, f"{count} parts wait and nobody takes them up; {todo}")
    return Check("workers", True, "nothing waits in vain")


OF_DATABASE: dict[str, Callable[[Settings, Database], Check]] = {
    "linked files": _linked_files,
    "room": _room,
    "workers": _work,
}


def _broker(settings: Settings) -> Check:
    if not settings.broker_url:
        return Check("messages", True, "files in the data folder")
    with make_celery(settings).connection(connect_timeout=3) as connection:
        connection.ensure_connection(max_retries=1, timeout=3)
    return Check("messages", True, "the broker answers")


def _packages() -> Check:
    missing = [name for name in WORKER_PACKAGES if importlib.util.find_spec(name) is None]
    if missing:
        return Check(
            "worker",
            False,
            f"{', '.join(missing)} not installed; run `make install` to run workers",
        )
    return Check("worker", True, "everything for training and detection is installed")


def _crf() -> Check:
    if importlib.util.find_spec("pydensecrf") is not None:
        return Check("dense CRF", True, "installed")
    wanted = "apt install g++ python3-dev, then `make install`, if you want it"
    return Check("dense CRF", True, f"left out, which is well; {wanted}")


def _detector(settings: Settings) -> Check:
    if settings.detector == "fallback":
        return Check("detector", True, "the classical one, for plain grounds")
    if settings.detector == "shipped":
        found = "the one that comes with Mothmask"
        missing = "this copy of Mothmask came without its weights; set MOTHMASK_DETECTOR=fallback"
        is_there = shipped_detector.is_there()
        return Check("detector", is_there, found if is_there else missing)
    if os.path.isfile(settings.detector):
        return Check("detector", True, settings.detector)
    return Check("detector", False, f"{settings.detector} is no file; correct MOTHMASK_DETECTOR")


def _try(
    name: str,
    check: Callable[[], Check],
    refusal: type[Exception] | tuple[type[Exception], ...],
) -> Check:
    try:
        return check()
    except refusal as error:
        told = str(error.orig if isinstance(error, DBAPIError) else error).strip()
        return Check(
            name, False, told if isinstance(error, MothmaskError) else f"cannot be reached: {told}"
        )
