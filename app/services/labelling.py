"""Decisions of curators and the label versions that they make.

Nothing here changes or removes what somebody decided. A decision names the label that its author
saw; where the specimen has moved on since, it is refused and the author is shown the other mask. A
decision carries an id made by the client; the same id again is the same decision.
"""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.db import now
from app.domain.labelling import (
    HAND,
    REJECT_REASONS,
    UNUSABLE_REASONS,
    Candidate,
    Decision,
    LabelVersion,
    Review,
)
from app.domain.specimens import Crop, Specimen
from app.errors import Conflict, NotFound, Refused, StaleParent
from app.services import assignments, benchmark_measuring, calibrating, drafts, leases, retracting
from app.services.queueing import settle_queue_place


@dataclass(frozen=True)
class NewDecision:
    """What a curator sends. `parent_id` is the label version that they saw, if any."""

    decision_id: str
    decision: Decision
    parent_id: int | None = None
    candidate_id: int | None = None
    version_id: int | None = None
    retracts_id: int | None = None
    reasons: list[str] = field(default_factory=list)
    note: str = ""


@dataclass(frozen=True)
class NewMask:
    """A mask made by hand or uploaded, already stored; see `mask_files.keep_mask`."""

    decision_id: str
    origin: str
    digest: str
    crop_id: int
    parent_id: int | None
    restores_id: int | None = None
    """The earlier version that is brought back; see `app.services.restoring`."""


@dataclass(frozen=True)
class NextVersion:
    """What a label version says of its mask; the rest follows from the specimen."""

    origin: str
    digest: str
    person_id: int
    created_at: datetime
    candidate_id: int | None = None
    model_id: int | None = None
    restores_id: int | None = None


def decide(session: Session, person_id: int, specimen_id: int, wanted: NewDecision) -> Review:
    specimen = lock_specimen(session, specimen_id)
    if (earlier := _same_decision(session, person_id, specimen_id, wanted.decision_id)) is not None:
        return earlier
    shown = leases.shown(session, person_id, specimen)
    review = decide_on(session, person_id, specimen, wanted)
    leases.keep(session, review, shown)
    settle_queue_place(session, specimen)
    assignments.notice_finished(session, specimen)
    calibrating.notice(session, specimen.source_id)
    return review


def decide_on(session: Session, person_id: int, specimen: Specimen, wanted: NewDecision) -> Review:
    """Decide on a specimen that is locked; its place in the queue is still to be settled."""
    _check_naming(wanted)
    if wanted.decision not in (Decision.SKIP, Decision.RETRACT):
        _expect_parent(session, specimen, wanted.parent_id)
    review = _new_review(session, person_id, specimen, wanted)
    match wanted.decision:
        case Decision.ACCEPT:
            _accept(session, specimen, review)
        case Decision.REJECT:
            _reject(session, specimen, review)
        case Decision.SKIP:
            specimen.skips += 1
        case Decision.UNUSABLE:
            _need_reason(review, UNUSABLE_REASONS)
            specimen.unusable = True
        case Decision.RETRACT:
            retracting.take_back(session, specimen, review)
    session.add(review)
    return review


def save_mask(session: Session, person_id: int, specimen_id: int, mask: NewMask) -> Review:
    """Make a label version of a mask from a hand or a file, accepted by whoever saved it."""
    specimen = lock_specimen(session, specimen_id)
    if (earlier := _same_decision(session, person_id, specimen_id, mask.decision_id)) is not None:
        return earlier
    _expect_parent(session, specimen, mask.parent_id)
    _expect_usable(specimen)
    _expect_crop(specimen, mask.crop_id)
    shown = leases.shown(session, person_id, specimen)
    accepted = NewDecision(mask.decision_id, Decision.ACCEPT, parent_id=mask.parent_id)
    review = _new_review(session, person_id, specimen, accepted)
    made = NextVersion(
        mask.origin, mask.digest, person_id, review.created_at, restores_id=mask.restores_id
    )
    review.version_id = add_version(session, specimen, made).id
    session.add(review)
    leases.keep(session, review, shown)
    if mask.origin == HAND:  # a file or an earlier mask has nothing to do with what is unfinished
        drafts.remove(session, person_id, specimen_id)
    settle_queue_place(session, specimen)
    assignments.notice_finished(session, specimen)
    calibrating.notice(session, specimen.source_id)
    return review


def is_recorded(session: Session, decision_id: str) -> bool:
    """Whether the decision came before: its answer was lost on the way, and it is asked again."""
    return session.scalar(select(Review.id).where(Review.decision_id == decision_id)) is not None


def lock_specimen(session: Session, specimen_id: int) -> Specimen:
    specimen = session.get(Specimen, specimen_id, with_for_update={"of": Specimen})
    if specimen is None:
        raise NotFound("There is no specimen {number}.", number=specimen_id)
    return specimen


def current_crop(session: Session, specimen_id: int) -> Crop:
    crop = session.scalar(
        select(Crop).join(Specimen, Specimen.crop_id == Crop.id).where(Specimen.id == specimen_id)
    )
    if crop is None:
        if session.get(Specimen, specimen_id) is None:
            raise NotFound("There is no specimen {number}.", number=specimen_id)
        raise Refused(
            "Specimen {number} has no crop yet, so it can have no mask.", number=specimen_id
        )
    return crop


def crop_seen(session: Session, specimen_id: int, crop_id: int | None) -> Crop:
    """The crop that somebody drew on, which may be an earlier one; not named: the present one."""
    if crop_id is None:
        return current_crop(session, specimen_id)
    mine = select(Crop).where(Crop.id == crop_id, Crop.specimen_id == specimen_id)
    crop = session.scalar(mine)
    if crop is None:
        raise NotFound("Specimen {number} has no crop {crop}.", number=specimen_id, crop=crop_id)
    return crop


def _same_decision(
    session: Session, person_id: int, specimen_id: int, decision_id: str
) -> Review | None:
    earlier = session.scalar(select(Review).where(Review.decision_id == decision_id))
    return expect_own(earlier, person_id, specimen_id) if earlier is not None else None


def expect_own(earlier: Review, person_id: int, specimen_id: int) -> Review:
    """The same id again is the same decision only from the same person on the same specimen."""
    if (earlier.person_id, earlier.specimen_id) != (person_id, specimen_id):
        raise Conflict(
            "The decision id {decision_id} was used before.", decision_id=earlier.decision_id
        )
    return earlier


def _check_naming(wanted: NewDecision) -> None:
    named = [id_ for id_ in (wanted.candidate_id, wanted.version_id) if id_ is not None]
    most = 1 if wanted.decision in (Decision.ACCEPT, Decision.REJECT) else 0
    if len(named) > most:
        raise Refused(
            "Only accepting and rejecting name a mask: either a candidate or a label version."
        )
    if wanted.retracts_id is not None and wanted.decision is not Decision.RETRACT:
        raise Refused("Only a retraction names the decision that it takes back.")


def _expect_parent(session: Session, specimen: Specimen, parent_id: int | None) -> None:
    if specimen.version_id == parent_id:
        return
    if specimen.version_id is None:
        raise StaleParent("The label that you saw was taken back meanwhile.", current=None)
    current = session.get_one(LabelVersion, specimen.version_id)
    raise StaleParent(
        "{person} has saved version {number} of {key} meanwhile.",
        current=current,
        person=current.person.name,
        number=current.number,
        key=specimen.key,
    )


def _expect_usable(specimen: Specimen) -> None:
    if specimen.unusable:
        raise Conflict("{key} is marked unusable; take that back first.", key=specimen.key)


def _expect_crop(specimen: Specimen, crop_id: int) -> None:
    if specimen.crop_id != crop_id:
        raise Conflict(
            "The crop of {key} has changed; reload to see the new one.", key=specimen.key
        )


def _new_review(
    session: Session, person_id: int, specimen: Specimen, wanted: NewDecision
) -> Review:
    return Review(
        decision_id=wanted.decision_id,
        specimen_id=specimen.id,
        person_id=person_id,
        decision=wanted.decision,
        reasons=wanted.reasons,
        note=wanted.note,
        candidate_id=wanted.candidate_id,
        version_id=wanted.version_id,
        parent_id=specimen.version_id,
        retracts_id=wanted.retracts_id,
        created_at=now(session),
    )


def _accept(session: Session, specimen: Specimen, review: Review) -> None:
    _expect_usable(specimen)
    if review.candidate_id is None:
        _expect_current(specimen, review.version_id)  # a second person agrees with the label
        return
    candidate = _own_candidate(session, specimen, review.candidate_id)
    _expect_crop(specimen, candidate.crop_id)
    who, when, by = review.person_id, review.created_at, candidate.model_id
    made = NextVersion(candidate.origin, candidate.digest, who, when, candidate.id, by)
    review.version_id = add_version(session, specimen, made).id


def _reject(session: Session, specimen: Specimen, review: Review) -> None:
    _need_reason(review, REJECT_REASONS)
    if review.candidate_id is not None:
        _own_candidate(session, specimen, review.candidate_id).rejected = True
    else:
        _expect_current(specimen, review.version_id)
        specimen.version_id = None


def _need_reason(review: Review, known: tuple[str, ...]) -> None:
    if not review.reasons:
        raise Refused("Please give at least one reason.")
    if unknown := [reason for reason in review.reasons if reason not in known]:
        raise Refused(
            "“{unknown}” is no reason here; use one of {known}.",
            unknown=", ".join(unknown),
            known=", ".join(known),
        )


def _expect_current(specimen: Specimen, version_id: int | None) -> None:
    if version_id is None or specimen.version_id != version_id:
        raise Refused("Name a candidate of {key}, or its current label version.", key=specimen.key)


def _own_candidate(session: Session, specimen: Specimen, candidate_id: int) -> Candidate:
    candidate = session.get(Candidate, candidate_id)
    if candidate is None or candidate.specimen_id != specimen.id:
        raise NotFound("{key} has no candidate {number}.", key=specimen.key, number=candidate_id)
    return candidate


def add_version(session: Session, specimen: Specimen, made: NextVersion) -> LabelVersion:
    """Make the next label version of a locked specimen, on its present crop."""
    assert specimen.crop_id is not None  # the crop was compared before
    newest = select(func.max(LabelVersion.number)).where(LabelVersion.specimen_id == specimen.id)
    version = LabelVersion(
        specimen_id=specimen.id,
        number=(session.scalar(newest) or 0) + 1,
        parent_id=specimen.version_id,
        crop_id=specimen.crop_id,
        **vars(made),
    )
    session.add(version)
    session.flush()
    specimen.version_id = version.id
    if specimen.in_benchmark:
        benchmark_measuring.notice(session, made.person_id)
    return version
