"""What has to be there for Mothmask to run, and what to do where it is not."""

import importlib.util
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from kombu.exceptions import OperationalError as BrokerError
from sqlalchemy.exc import DBAPIError

from app.blobs import FolderBlobs
from app.db import Database, make_engine
from app.migrating import is_current
from app.queue import make_celery
from app.services import linking
from app.settings import Settings
from ml import shipped_detector

LEAST_FREE_GB = 2.0
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
    yield _try("database", lambda: _database(settings), DBAPIError)
    yield _try("messages", lambda: _broker(settings), BrokerError)
    yield _packages()
    yield _crf()
    yield _detector(settings)
    yield _try("linked files", lambda: linked_files(settings), DBAPIError)


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


def linked_files(settings: Settings) -> Check:
    """Whether photographs that were not copied are still where they were."""
    name, database = "linked files", Database(settings.database)
    try:
        if not is_current(database.engine):
            return Check(name, True, "none")
        with database.reading() as session:
            found = linking.examine(session, FolderBlobs(settings.blob_folder))
    finally:
        database.close()
    if not found.broken:
        return Check(name, True, f"{found.linked}, all there" if found.linked else "none")
    named = ", ".join(found.examples) + (" …" if found.broken > len(found.examples) else "")
    return Check(
        name,
        False,
        f"{found.broken} of {found.linked} are gone or have changed: {named}; put them back, or "
        "import them again with --link from where they lie now",
    )


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


def _try(name: str, check: Callable[[], Check], refusal: type[Exception]) -> Check:
    try:
        return check()
    except refusal as error:
        return Check(name, False, f"cannot be reached: {error}")
