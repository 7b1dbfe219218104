"""Passwords are kept as Argon2id hashes and can be checked, never read."""

import threading
import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from app.errors import Refused

SHORTEST, LONGEST = 10, 200

_hasher = PasswordHasher()
# Each check takes 64 MB for a moment; a crowd of guessers must not take all memory.
_at_once = threading.BoundedSemaphore(4)
_nobodys = (
    "$argon2id$v=19$m=65536,t=3,p=4$LRYF30lIuY1FMFhFBYAHjQ"
    "$s3OnQP+eKbj6bWhHqAxfHZetTuO8wCIB+vQ6nehVLJM"
)
"""Checked where there is no account, so that the time taken does not tell."""


def hashed(password: str, *, name: str) -> str:
    plain = _normal(password)
    if not SHORTEST <= len(plain) <= LONGEST:
        raise Refused("A password has {least} to {most} characters.", least=SHORTEST, most=LONGEST)
    if plain.casefold() == _normal(name).casefold():
        raise Refused("A password must not be the name.")
    with _at_once:
        return _hasher.hash(plain)


def fits(password: str, password_hash: str | None) -> bool:
    """Takes as long where there is no hash as where there is one."""
    with _at_once:
        try:
            _hasher.verify(password_hash or _nobodys, _normal(password)[: LONGEST + 1])
        except (VerificationError, InvalidHashError):
            return False
    return password_hash is not None


def is_outdated(password_hash: str) -> bool:
    """Whether it was made with weaker parameters than those of today."""
    return _hasher.check_needs_rehash(password_hash)


def _normal(text: str) -> str:
    """The same word typed on another keyboard is the same password."""
    return unicodedata.normalize("NFC", text)
