"""Sources: institutions or campaigns that photographs come from, and how theirs are handled."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Self

from sqlalchemy import Row, func, literal_column, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.db import Database, now
from app.domain.photographs import Photograph, PhotographKind, Source
from app.domain.specimens import Specimen
from app.errors import Conflict, NotFound, Refused
from app.services import detectors, name_patterns
from app.services.counting import of_collection
from app.services.name_patterns import GROUPS
from app.services.source_presets import PRESETS
from ml.imaging.letterbox import CORNER_BANDS, WHITE_BANDS

MOST_SCALE = 2.0
LONGEST_NAME = 200
RENAMED_AT_ONCE = 1000


@dataclass(frozen=True)
class SourceSettings:
    """What can be set of a source; see `app.domain.photographs.Source`."""

    name: str = ""
    name_pattern: str = ""
    label_pattern: str = ""
    scale_w: float = 0.1
    scale_ht: float = 0.1
    scale_hb: float = 0.1
    half_split: bool = True
    drawers: bool = False
    padding: str = WHITE_BANDS
    detector: str = ""

    @classmethod
    def of(cls, source: Source) -> Self:
        return cls(**{field.name: getattr(source, field.name) for field in fields(cls)})

    def like(self, preset: str) -> Self:
        """With what the lab has for this source of its own; none given: as they are."""
        if preset and preset not in PRESETS:
            raise Refused(
                "There is no preset {code}; use one of {known}.",
                code=preset,
                known=", ".join(PRESETS),
            )
        return replace(self, **asdict(PRESETS[preset])) if preset else self


@dataclass(frozen=True)
class SourceLine:
    """A source in a list, with how many photographs and specimens it has."""

    source: Source
    specimens: int
    labels: int
    """Photographs of labels."""


def get(session: Session, code: str) -> Source:
    source = _find(session, code)
    if source is None:
        raise NotFound("There is no source {code}.", code=code)
    return source


def get_or_make(session: Session, code: str) -> Source:
    """Return the source of this code; an unknown one is made with default settings."""
    code = _checked_code(code)
    return _find(session, code) or _make(session, code)


def all_sources(session: Session) -> Sequence[Source]:
    return session.scalars(select(Source).order_by(Source.code)).all()


def lines(session: Session) -> list[SourceLine]:
    """With how many there are of each: of a large collection, as it was some seconds ago."""
    per_source = select(Specimen.source_id, func.count()).group_by(Specimen.source_id)
    specimens = of_collection(session, "by source", lambda: dict(session.execute(per_source).all()))
    labels = dict(
        session.execute(
            select(Photograph.source_id, func.count())
            .where(Photograph.kind == literal_column(f"'{PhotographKind.LABEL.value}'"))
            .group_by(Photograph.source_id)
        ).all()
    )
    return [
        SourceLine(source, specimens.get(source.id, 0), labels.get(source.id, 0))
        for source in all_sources(session)
    ]


def add(session: Session, code: str, changes: Mapping[str, Any], preset: str = "") -> Source:
    """Make a source with the settings given; the others are the preset's, or the usual ones."""
    code = _checked_code(code)
    settings = _changed(session, SourceSettings().like(preset), changes)
    if _find(session, code) is not None:
        raise Conflict("There is a source {code} already; change that one.", code=code)
    source = _make(session, code)
    _store(source, settings)
    return source


def edit(session: Session, code: str, changes: Mapping[str, Any], preset: str = "") -> Source:
    """Change some settings; the parts of names are to be derived anew after, by `rename`."""
    source = get(session, code)
    _store(source, _changed(session, SourceSettings.of(source).like(preset), changes))
    return source


def rename(database: Database, source_id: int) -> int:
    """Derive the parts of all names of a source anew, group by group; how many have changed."""
    after, changed = 0, 0
    while True:
        with database.transaction() as session:
            pattern = session.get_one(Source, source_id).name_pattern
            group = (
                select(Photograph.key, Specimen.id, *(getattr(Specimen, name) for name in GROUPS))
                .join(Photograph, Photograph.id == Specimen.photograph_id)
                .where(Specimen.source_id == source_id, Specimen.id > after)
                .order_by(Specimen.id)
                .limit(RENAMED_AT_ONCE)
                .with_for_update(of=Specimen)
            )
            rows = session.execute(group).all()
            if not rows:
                return changed
            values = [new for row in rows if (new := _renamed(row, pattern))]
            if values:
                session.execute(update(Specimen), values)
            after, changed = rows[-1].id, changed + len(values)


def names_in(session: Session, source_id: int, limit: int = 50) -> list[str]:
    """Some file names of a source, from all over it rather than from one folder."""
    of_source = Photograph.source_id == source_id
    ends = select(func.min(Photograph.id), func.max(Photograph.id)).where(of_source)
    first, last = session.execute(ends).one()
    found: dict[int, str] = {}
    for start in range(first or 0, (last or 0) + 1, max(1, ((last or 0) - (first or 0)) // limit)):
        behind = select(Photograph.id, Photograph.file_name).where(
            of_source, Photograph.id >= start
        )
        found.update(session.execute(behind.order_by(Photograph.id).limit(1)).all())
    return list(found.values())[:limit]


def _changed(
    session: Session, settings: SourceSettings, changes: Mapping[str, Any]
) -> SourceSettings:
    """The settings with the changes, or a refusal."""
    new = SourceSettings(**{**asdict(settings), **changes})
    if len(new.name) > LONGEST_NAME:
        raise Refused("The name of a source has at most {limit} characters.", limit=LONGEST_NAME)
    name_patterns.check_name_pattern(new.name_pattern)
    name_patterns.check_label_pattern(new.label_pattern)
    for scale in (new.scale_w, new.scale_ht, new.scale_hb):
        if not (math.isfinite(scale) and 0 <= scale <= MOST_SCALE):
            raise Refused("A box grows by 0 to {most} times itself.", most=f"{MOST_SCALE:g}")
    if new.padding not in (WHITE_BANDS, CORNER_BANDS) and not re.fullmatch(
        "#[0-9a-f]{6}", new.padding
    ):
        raise Refused("Squares are filled with white, corners, or a colour such as #808080.")
    if new.detector:
        detectors.choice(session, new.detector)
    return new


def _store(source: Source, settings: SourceSettings) -> None:
    for name, value in asdict(settings).items():
        setattr(source, name, value)


def _renamed(row: Row[*tuple[Any, ...]], pattern: str) -> dict[str, Any] | None:
    parts = asdict(name_patterns.parts_of(row.key, pattern))
    if all(getattr(row, name) == parts[name] for name in GROUPS):
        return None
    return {"id": row.id, **parts}


def _checked_code(code: str) -> str:
    code = code.strip()
    if not re.fullmatch(r"[\w.-]{1,60}", code):
        raise Refused(
            "A source needs a short code of letters, digits, dots, dashes and underscores, "
            "such as SJTT."
        )
    return code


def _find(session: Session, code: str) -> Source | None:
    return session.scalars(select(Source).where(Source.code == code)).one_or_none()


def _make(session: Session, code: str) -> Source:
    try:
        with session.begin_nested():
            source = Source(code=code, created_at=now(session))
            session.add(source)
    except IntegrityError:  # somebody else made it a moment ago
        return session.scalars(select(Source).where(Source.code == code)).one()
    return source
