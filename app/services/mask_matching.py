"""Which specimen a file is for, by its name.

Endings that tools add to a name are passed over, one after the other; the name with the fewest
taken away that is some specimen's key counts. Where no key is written so, one that differs only in
case is taken. A key is unique within its source only: a folder called like a source says which.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Row, Select, func, select
from sqlalchemy.orm import Session

from app.domain.photographs import Source
from app.domain.specimens import Specimen
from app.services import exports, names
from ml.imaging.kinds import SUFFIXES

Found = Row[int, str, str]
"""Number, key and source of a specimen."""

# How exports tell names apart that file systems would not: by the specimen, or by the whole key.
_NUMBERED = re.compile(r"(?P<name>.+)%~(?P<number>\d{1,15})")
_SHORTENED = re.compile(r"(?P<name>.+)%~[0-9a-f]{16}")
_ESCAPED = re.compile("%(?!00)[0-9A-F]{2}")  # no key has a NUL, and PostgreSQL takes none
_MOST = 100


@dataclass(frozen=True)
class Match:
    """The specimens that a file may be for: one, or none, or several to choose from."""

    key: str
    specimen_ids: list[int]
    sources: list[str]


def match(session: Session, file_names: Sequence[str]) -> list[Match]:
    """Look for the specimens of some files at once."""
    keys = [_keys(name) for name in file_names]
    all_keys = {key for each in keys for key in each}
    written = _by_key(session.execute(_specimens().where(Specimen.key.in_(all_keys))))
    codes = _source_codes(session, file_names)
    found = [
        _first(session, each, written, codes & _folders(name))
        for name, each in zip(file_names, keys, strict=True)
    ]
    missing = [number for number, rows in enumerate(found) if not rows]
    folded = _folded(session, {key for number in missing for key in keys[number]})
    for number in missing:
        wanted = [key.casefold() for key in keys[number]]
        named = codes & _folders(file_names[number])
        found[number] = _first_of(wanted, folded, named)
    return [_match(each[-1], rows) for each, rows in zip(keys, found, strict=True)]


def _match(key: str, rows: Sequence[Found]) -> Match:
    return Match(key, [row[0] for row in rows], sorted({row[2] for row in rows}))


def _keys(name: str) -> list[str]:
    """What the key may be, best first; the last one is the shortest."""
    stems = list(_stems(names.key_of(name)))
    return list(dict.fromkeys(key for stem in stems for key in (stem, _plain(stem))))


def _stems(stem: str) -> Iterator[str]:
    yield stem
    lowered = stem.lower()
    suffix = next((end for end in SUFFIXES if lowered.endswith(end)), None)
    if suffix is not None and len(suffix) < len(stem):
        yield from _stems(stem[: -len(suffix)])


def _plain(stem: str) -> str:
    """The key that an export has written so."""
    return _ESCAPED.sub(lambda sign: chr(int(sign[0][1:], 16)), stem)


def _folders(name: str) -> set[str]:
    folders = name.split("/")[:-1]
    return {*folders, *(names.key_of(folder) for folder in folders)}  # SJTT.zip is SJTT's


def _source_codes(session: Session, file_names: Iterable[str]) -> set[str]:
    folders = {folder for name in file_names for folder in _folders(name)}
    return set(session.scalars(select(Source.code).where(Source.code.in_(folders))))


def _specimens() -> Select[int, str, str]:
    columns = select(Specimen.id, Specimen.key, Source.code)
    return columns.join(Source, Specimen.source_id == Source.id).order_by(Specimen.id)


def _by_key(rows: Iterable[Found]) -> dict[str, list[Found]]:
    found: dict[str, list[Found]] = defaultdict(list)
    for row in rows:
        found[row[1]].append(row)
    return found


def _folded(session: Session, keys: set[str]) -> dict[str, list[Found]]:
    if not keys:
        return {}
    # SQLite lowers ASCII letters only, PostgreSQL all of them.
    lowered = {key.lower() for key in keys} | {func.lower(key) for key in keys}
    rows = session.execute(_specimens().where(func.lower(Specimen.key).in_(lowered)))
    found: dict[str, list[Found]] = defaultdict(list)
    for row in rows:
        found[row[1].casefold()].append(row)
    return found


def _first(
    session: Session, keys: Sequence[str], written: Mapping[str, list[Found]], named: set[str]
) -> list[Found]:
    for key in keys:
        if rows := _narrowed(written.get(key) or _cut_short(session, key), named):
            return rows
    return []


def _first_of(
    keys: Sequence[str], folded: Mapping[str, list[Found]], named: set[str]
) -> list[Found]:
    return next((rows for key in keys if (rows := _narrowed(folded.get(key, []), named))), [])


def _narrowed(rows: Sequence[Found], named: set[str]) -> list[Found]:
    return [row for row in rows if not named or row[2] in named]


def _cut_short(session: Session, stem: str) -> list[Found]:
    """The specimen whose key an export could not write in full."""
    if numbered := _NUMBERED.fullmatch(stem):
        rows = session.execute(_specimens().where(Specimen.id == int(numbered["number"]))).all()
        return [row for row in rows if exports.file_name(row[1]) == numbered["name"]]
    if shortened := _SHORTENED.fullmatch(stem):
        begin = _plain(re.sub("%.?$", "", shortened["name"]))
        alike = _specimens().where(Specimen.key.startswith(begin, autoescape=True))
        rows = session.execute(alike.limit(_MOST)).all()
        return [row for row in rows if exports.file_name(row[1]) == stem]
    return []
