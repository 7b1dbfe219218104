"""Blobs in an S3 bucket: the same layout as in a folder, every answer checked by its digest."""

import hashlib
import re
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, BinaryIO, cast

import obstore
from obstore.exceptions import (
    BaseError,
    PermissionDeniedError,
    UnauthenticatedError,
)
from obstore.store import S3Store

from app.blobs import staying
from app.blobs.protocol import CHUNK, Stored, told_when_full
from app.errors import Damaged, NotFound, StorageFailed
from app.settings import Settings

IN_MEMORY = 16 << 20
"""Longer ones pass through a temporary file, and are sent in pieces of this size."""
FRESH = timedelta(days=1)
"""What was written so lately need not be written again to keep whoever cleans up from it."""
READS = 3
LINKS = "links/"
REASONS = (
    re.compile(r"<Code>([^<]+)</Code>"),
    re.compile(r"status code: (\d+ [A-Za-z ]+)"),
    re.compile(r"(Connection refused|timed out|dns error|certificate[^\n\"]*)"),
    re.compile(r" - ([^\n]+)"),
)


class S3Blobs:
    """A bucket, or what in it begins with a prefix."""

    def __init__(self, bucket: str, prefix: str, settings: Settings) -> None:
        self.place = f"s3://{bucket}/{prefix}".rstrip("/")
        self.seconds = settings.s3_seconds
        self.store = _store(bucket, prefix, settings)

    def __str__(self) -> str:
        return self.place

    def put(self, data: bytes | Iterable[bytes]) -> str:
        chunks = (data,) if isinstance(data, bytes) else data
        with told_when_full(), tempfile.SpooledTemporaryFile(IN_MEMORY) as file:
            hasher = hashlib.sha256()
            for chunk in chunks:
                hasher.update(chunk)
                file.write(chunk)
            digest = hasher.hexdigest()
            known = self.find(digest)
            fresh = known is not None and datetime.now(UTC) - known.written_at < FRESH
            # A bucket cannot be told that bytes are wanted again, other than by writing them.
            if known is None or known.size != file.tell() or not fresh:
                self._send(_name(digest), file)
        return digest

    def read(self, digest: str) -> bytes:
        with self.open(digest) as file:
            return file.read()

    def open(self, digest: str) -> BinaryIO:
        """Fetch the whole of it first: a half answer never reaches whoever decodes it."""
        for _ in range(READS):
            try:
                fetched = self._fetch(digest)
            except NotFound:
                if (linked := self.linked(digest)) is None:
                    raise
                return staying.open_checked(linked, digest)
            if fetched is not None:
                return fetched
        raise Damaged(
            "The stored file {digest} comes damaged from {place}. `mothmask verify` tells what "
            "else is; bring it back from a backup.",
            digest=digest,
            place=self.place,
        )

    def link(self, digest: str, path: Path) -> None:
        if self.find(digest) is None:
            with self._told():
                obstore.put(self.store, LINKS + _name(digest), staying.pointer_to(path))

    def linked(self, digest: str) -> Path | None:
        told = self._pointer(digest)
        return None if told is None else staying.path_in(told)

    def examine(self, digest: str) -> None:
        told = self._pointer(digest)
        if told is not None:
            staying.examine(told, digest)

    def remove(self, digest: str) -> None:
        with self._told():
            try:
                obstore.delete(self.store, _name(digest))
            except FileNotFoundError:
                return

    def clear_unfinished(self) -> None:
        """Nothing: pieces of what was never finished go by a lifecycle rule of the bucket."""

    def find(self, digest: str) -> Stored | None:
        with self._told():
            try:
                found = obstore.head(self.store, _name(digest))
            except FileNotFoundError:
                return None
        return Stored(digest, found["size"], found["last_modified"])

    def stored(self) -> Iterator[Stored]:
        with self._told():  # a bucket lists in the order of names
            for page in obstore.list(self.store, chunk_size=1000):
                for found in page:
                    if not found["path"].startswith(LINKS):
                        digest = found["path"].replace("/", "")
                        yield Stored(digest, found["size"], found["last_modified"])

    def _pointer(self, digest: str) -> bytes | None:
        with self._told():
            try:
                told = obstore.get(self.store, LINKS + _name(digest)).bytes().to_bytes()
            except FileNotFoundError:
                return None
        return None if self.find(digest) is not None else told

    def _send(self, name: str, file: IO[bytes]) -> None:
        long = file.tell() > IN_MEMORY
        file.seek(0)
        with self._told():
            if long:
                obstore.put(self.store, name, file, chunk_size=IN_MEMORY, max_concurrency=2)
            else:
                obstore.put(self.store, name, file.read(), use_multipart=False)

    def _fetch(self, digest: str) -> BinaryIO | None:
        """All bytes, or nothing where they are not those of the digest."""
        file = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 - whoever reads closes it
        hasher = hashlib.sha256()
        with self._told(), told_when_full():
            try:
                answer = obstore.get(self.store, _name(digest))
            except FileNotFoundError:
                file.close()
                raise NotFound("The stored file {digest} is missing.", digest=digest) from None
            for chunk in answer.stream(min_chunk_size=CHUNK):
                hasher.update(chunk)
                file.write(chunk)
        if hasher.hexdigest() != digest:
            file.close()
            return None
        file.seek(0)
        return cast(BinaryIO, file)

    @contextmanager
    def _told(self) -> Iterator[None]:
        began = time.monotonic()
        try:
            yield
        except (UnauthenticatedError, PermissionDeniedError) as error:
            raise StorageFailed(
                "{place} refuses us: {problem}. Check MOTHMASK_S3_KEY_ID, MOTHMASK_S3_SECRET and "
                "what this key may do with the bucket.",
                place=self.place,
                problem=_reason(error),
            ) from None
        except (BaseError, FileNotFoundError) as error:
            # Who asks for one blob has caught that it is not there: here the bucket itself is not.
            raise StorageFailed(
                "{place} does not answer as it should, also when asked again for {seconds} "
                "seconds: {problem}. Nothing was half-written. Check MOTHMASK_S3_ENDPOINT and the "
                "bucket, and try again.",
                place=self.place,
                seconds=round(time.monotonic() - began),
                problem=_reason(error),
            ) from None


def _store(bucket: str, prefix: str, settings: Settings) -> S3Store:
    known = {
        "endpoint": settings.s3_endpoint,
        "region": settings.s3_region,
        "access_key_id": settings.s3_key_id,
        "secret_access_key": settings.s3_secret.get_secret_value(),
    }
    seconds = settings.s3_seconds
    return S3Store(
        bucket,
        prefix=prefix or None,
        config={name: value for name, value in known.items() if value},  # type: ignore[arg-type]
        client_options={
            "allow_http": settings.s3_endpoint.startswith("http://"),
            "connect_timeout": timedelta(seconds=min(5, seconds)),
            # Between two pieces of an answer, however long the whole takes.
            "read_timeout": timedelta(seconds=min(20, seconds / 3)),
            "timeout": timedelta(hours=1),
        },
        retry_config={
            "backoff": {
                "init_backoff": timedelta(milliseconds=100),
                "max_backoff": timedelta(seconds=5),
                "base": 2,
            },
            "max_retries": 20,
            "retry_timeout": timedelta(seconds=seconds),
        },
        checksum_algorithm="SHA256",
    )


def _name(digest: str) -> str:
    return f"{digest[:2]}/{digest[2:4]}/{digest[4:]}"


def _reason(error: Exception) -> str:
    """The one thing that an operator needs of what the library says: a code, or why no answer."""
    text = str(error).replace("TimedOut", "timed out")
    for pattern in REASONS:
        if found := pattern.findall(text):
            return str(found[-1]).strip()
    return text.split("\n")[0][:200]
