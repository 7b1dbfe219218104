"""From settings to the place where blobs lie."""

import re
from pathlib import Path

from app.blobs.folder import FolderBlobs
from app.blobs.protocol import Blobs
from app.errors import Refused
from app.settings import Settings

BUCKET = re.compile(r"s3://(?P<bucket>[a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:/(?P<prefix>.*))?")


def open_blobs(settings: Settings) -> Blobs:
    return open_blobs_at(settings.blobs_url or str(settings.blob_folder), settings)


def open_blobs_at(place: str, settings: Settings) -> Blobs:
    """A folder, or ``s3://bucket/prefix`` reached as the settings say."""
    if "://" not in place:
        return FolderBlobs(Path(place).absolute())
    named = BUCKET.fullmatch(place)
    if named is None:
        raise Refused(
            "{place} is no place for blobs; give a folder, or a bucket as s3://bucket/prefix.",
            place=place,
        )
    from app.blobs.s3 import S3Blobs  # most installations do without

    return S3Blobs(named["bucket"], (named["prefix"] or "").strip("/"), settings)
