"""Bytes named by their SHA-256: written once, atomically, and never overwritten."""

from app.blobs.folder import FolderBlobs
from app.blobs.opening import open_blobs, open_blobs_at
from app.blobs.protocol import (
    Blobs,
    Stored,
    chunks_of,
    digest_of,
    told_when_full,
)
from app.blobs.staying import shown_path

__all__ = [
    "Blobs",
    "FolderBlobs",
    "Stored",
    "chunks_of",
    "digest_of",
    "open_blobs",
    "open_blobs_at",
    "shown_path",
    "told_when_full",
]
