"""Photographs of no use: named in a list with reasons, each as good as a curator's own decision.

A specimen on the list becomes unusable by a review that can be taken back like any other. Each line
of a list counts once: whoever has taken it back is not overruled when the list comes again.
"""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db import now
from app.domain.labelling import UNUSABLE_REASONS, Decision, Review
from app.domain.photographs import Exclusion, Photograph
from app.domain.specimens import Specimen

CROPPED = "_cropped"
"""Lists that were made while looking at crops name the crop's file."""
_MEANINGS = (
    ("標籤", "label-photograph"),
    ("标签", "label-photograph"),
    ("生殖器", "genitalia"),
    ("展翅不完全", "wings-not-spread"),
    ("側面", "side-view"),
    ("侧面", "side-view"),
    ("半邊", "damaged"),
    ("殘缺", "damaged"),
    ("残缺", "damaged"),
    ("模糊", "blurred"),
)


def apply(session: Session, specimen: Specimen) -> bool:
    """Make a specimen unusable if its name is on the list of its source; tell whether it is.

    The specimen has its number already and is locked, or new.
    """
    photograph = session.get_one(Photograph, specimen.photograph_id)
    named = select(Exclusion).where(
        Exclusion.source_id == specimen.source_id,
        Exclusion.key.in_({*keys_of(specimen.key), *keys_of(photograph.key)}),
    )
    exclusions = session.scalars(named.order_by(Exclusion.id)).all()
    if not exclusions:
        return False
    decisions = [_decision_id(each, specimen) for each in exclusions]
    recorded = select(Review.decision_id).where(Review.decision_id.in_(decisions))
    known = set(session.scalars(recorded))
    new = [each for each in exclusions if _decision_id(each, specimen) not in known]
    exclude(session, specimen, new)
    return True


def keys_of(key: str) -> tuple[str, str]:
    """As what a list may name it."""
    return key, f"{key}{CROPPED}"


def exclude(session: Session, specimen: Specimen, exclusions: Sequence[Exclusion]) -> None:
    """Record each line, for the first time, as a decision of whoever brought it."""
    for exclusion in exclusions:
        session.add(_review(session, specimen, exclusion))
        specimen.unusable = True
    specimen.settle()


def meaning(reason: str) -> str:
    """Which of our reasons is meant by one in people's own words."""
    plain = "-".join(reason.casefold().split())
    if plain in UNUSABLE_REASONS:
        return plain
    return next((code for written, code in _MEANINGS if written in reason), "other")


def _decision_id(exclusion: Exclusion, specimen: Specimen) -> str:
    return f"exclusion:{exclusion.id}:{specimen.id}"


def _review(session: Session, specimen: Specimen, exclusion: Exclusion) -> Review:
    assert exclusion.person_id is not None
    code = meaning(exclusion.reason)
    words = (exclusion.reason if code != exclusion.reason else "", exclusion.note)
    return Review(
        decision_id=_decision_id(exclusion, specimen),
        specimen_id=specimen.id,
        person_id=exclusion.person_id,
        decision=Decision.UNUSABLE,
        reasons=[code],
        note="; ".join(word for word in words if word),
        parent_id=specimen.version_id,
        created_at=now(session),
    )
