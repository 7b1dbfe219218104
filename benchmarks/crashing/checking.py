"""Is everything there that somebody was told is there, once, and does all of it hang together?"""

import hashlib
import io
import zipfile
from collections import Counter
from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from app.blobs import Blobs
from app.domain.jobs import Job, JobKind, JobState, Part
from app.domain.labelling import FROM_FILE, Candidate, Decision, Draft, LabelVersion, Review
from app.domain.mask_imports import MaskFile, MaskOutcome
from app.domain.people import Person
from app.domain.photographs import Photograph
from app.domain.rounds import Epoch, Round, TrainedModel
from app.domain.specimens import Crop, Specimen, Tag
from app.services.verifying import Report, verify
from benchmarks.crashing.client import Kept, Ledger
from benchmarks.crashing.processes import Installation
from ml.imaging.masks import decode_mask
from worker.context import make_context

MOST_TOLD = 20


def problems(installation: Installation, ledger: Ledger) -> list[str]:
    blobs = make_context(installation.settings).blobs
    report = verify(installation.db, blobs)
    with installation.db.reading() as session:
        checks = (
            _verified(report),
            _decisions(session, ledger),
            _versions(session, blobs, ledger),
            _drafts(session, blobs, ledger),
            _tags(session, ledger),
            _photographs(session, ledger),
            _mask_imports(session, ledger),
            _rounds(session, ledger),
            _exports(session, blobs, ledger),
            _jobs(session, ledger),
        )
        return [problem for check in checks for problem in check][:MOST_TOLD]


def _decisions(session: Session, ledger: Ledger) -> Iterator[str]:
    """Every acknowledged decision is there as it was sent; nothing else is there."""
    people = {person.id: person.name for person in session.scalars(select(Person))}
    rows = {row.decision_id: row for row in session.scalars(select(Review))}
    told = ledger.of("decision", "version")
    for kept in told:
        row = rows.get(kept.sent["decision_id"])
        if row is None:
            yield f"lost: decision {kept.sent} of {kept.person}"
        elif (people[row.person_id], row.specimen_id, row.id) != _named(kept):
            yield f"changed: decision {kept.sent} of {kept.person} is now {row}"
        elif kept.reply.get("version_id") not in (None, row.version_id):
            yield f"changed: decision {kept.sent} made version {row.version_id}"
    known = {kept.sent["decision_id"] for kept in told}
    for id_ in rows.keys() - known:
        if not id_.startswith(FROM_FILE):
            yield f"nobody was told of decision {id_}"
    for id_, count in Counter(kept.sent["decision_id"] for kept in told).items():
        if count > 1:
            yield f"told {count} times: decision {id_}"


def _named(kept: Kept) -> tuple[str, int, int]:
    return kept.person, kept.specimen_id, kept.reply["review_id"]


def _versions(session: Session, blobs: Blobs, ledger: Ledger) -> Iterator[str]:
    """Masks are the pixels that were sent, under the number that was told."""
    for kept in ledger.of("version"):
        version = session.get(LabelVersion, kept.reply["version_id"])
        if version is None or version.number != kept.reply["number"]:
            yield f"lost: version {kept.reply}"
        elif decode_mask(blobs.read(version.digest)).tobytes() != kept.pixels:
            yield f"other pixels: version {kept.reply}"


def _drafts(session: Session, blobs: Blobs, ledger: Ledger) -> Iterator[str]:
    people = {person.id: person.name for person in session.scalars(select(Person))}
    there = {
        (people[draft.person_id], draft.specimen_id): blobs.read(draft.digest)
        for draft in session.scalars(select(Draft))
    }
    for place, data in ledger.drafts.items():
        if there.get(place) != data:
            yield f"{'lost' if data else 'still there'}: draft of {place}"


def _tags(session: Session, ledger: Ledger) -> Iterator[str]:
    there = Counter((tag.specimen_id, tag.word) for tag in session.scalars(select(Tag)))
    for kept in ledger.of("tag"):
        if there[kept.specimen_id, kept.sent["word"]] != 1:
            yield f"lost: tag {kept.sent} of specimen {kept.specimen_id}"


def _photographs(session: Session, ledger: Ledger) -> Iterator[str]:
    """One photograph and one specimen of each file, cropped and with candidates or unusable."""
    for kept in ledger.of("photograph"):
        digest = hashlib.sha256(kept.pixels).hexdigest()
        found = session.scalars(
            select(Specimen).join(Photograph).where(Photograph.digest == digest)
        ).all()
        if len(found) != 1:
            yield f"{len(found)} specimens of {kept.sent['name']}"
        elif found[0].crop_id is None or not found[0].candidates:
            yield f"{kept.sent['name']} is {found[0].state}, and no more was made of it"


def _mask_imports(session: Session, ledger: Ledger) -> Iterator[str]:
    names = {kept.reply["import_id"]: kept.sent["names"] for kept in ledger.of("mask-import")}
    for number, wanted in names.items():
        files = session.scalars(select(MaskFile).where(MaskFile.import_id == number)).all()
        if sorted(file.name for file in files) != sorted(wanted):
            yield f"import {number} of masks has {[file.name for file in files]}"
        yield from (
            f"{file.name} of import {number} is {file.outcome} ({file.reason})"
            for file in files
            if file.outcome is not MaskOutcome.MATCHED
        )
    for kept in ledger.of("taking"):
        number = kept.sent["import_id"]
        taken = session.scalars(
            select(MaskFile.id).where(
                MaskFile.import_id == number, MaskFile.version_id.is_not(None)
            )
        ).all()
        ids = [f"{FROM_FILE}{file_id}" for file_id in taken]
        made = session.scalars(select(Review.id).where(Review.decision_id.in_(ids))).all()
        if not len(taken) == len(made) == kept.reply["taken"]:
            yield f"of import {number} {kept.reply} was told, but {len(taken)}, {len(made)} are"


def _rounds(session: Session, ledger: Ledger) -> Iterator[str]:
    for kept in ledger.of("round"):
        asked = select(Round).where(Round.request_id == kept.sent["request_id"])
        rounds = session.scalars(asked).all()
        if [round_.number for round_ in rounds] != [kept.reply["round"]]:
            yield f"rounds asked for as {kept.sent}: {[each.number for each in rounds]}"
            continue
        yield from _learned(session, rounds[0])


def _learned(session: Session, round_: Round) -> Iterator[str]:
    models = session.scalars(select(TrainedModel).where(TrainedModel.round_id == round_.id)).all()
    if [model.variant for model in models] != [*round_.configs]:
        yield f"round {round_.number} made {len(models)} models"
        return
    epochs = session.scalars(
        select(Epoch.number).where(Epoch.round_id == round_.id).order_by(Epoch.number)
    ).all()
    if list(epochs) != list(range(1, len(epochs) + 1)):
        yield f"round {round_.number} has epochs {epochs}"
    made = {f"model:{model.id}" for model in models}
    # Whoever was unusable while the round predicted waits for the next one.
    back = aliased(Review)
    taken_back = (
        select(Review.specimen_id)
        .join(back, back.retracts_id == Review.id)
        .where(Review.decision == Decision.UNUSABLE, back.created_at > round_.created_at)
    )
    usable = set(
        session.scalars(
            select(Specimen.id)
            .join(Crop, Crop.id == Specimen.crop_id)
            .where(Specimen.unusable.is_(False), Crop.created_at < round_.created_at)
            .where(Specimen.id.not_in(taken_back))
        )
    )
    known = set(session.scalars(select(Candidate.specimen_id).where(Candidate.origin.in_(made))))
    if missing := sorted(usable - known):
        yield f"round {round_.number} did not predict {missing} of {len(usable)} specimens"


def _exports(session: Session, blobs: Blobs, ledger: Ledger) -> Iterator[str]:
    for kept in ledger.of("export"):
        result = session.get_one(Job, kept.reply["id"]).result
        if "archive" not in result:
            yield f"export {kept.reply['id']} has no archive"
            continue
        with zipfile.ZipFile(io.BytesIO(blobs.read(result["archive"]))) as archive:
            if archive.testzip() is not None:
                yield f"export {kept.reply['id']} is damaged"
            masks = [name for name in archive.namelist() if name.endswith(".png")]
        if len(masks) != result["count"]:
            yield f"export {kept.reply['id']} has {len(masks)} masks, not {result['count']}"


def _verified(report: Report) -> Iterator[str]:
    """What `mothmask verify` says."""
    yield from (f"{fault.kind}: {fault.what}" for fault in report.faults)


def _jobs(session: Session, ledger: Ledger) -> Iterator[str]:
    """What somebody was told of is done; only an import that nobody was told of may have failed."""
    told = {
        kept.reply["job"]["id"] if "job" in kept.reply else kept.reply.get("id")
        for kept in ledger.of("photograph", "mask-import", "round", "export")
    }
    for job in session.scalars(select(Job).where(Job.state != JobState.DONE).order_by(Job.id)):
        broken_off = job.kind in (JobKind.IMPORT, JobKind.MASKS) and job.id not in told
        if job.state is not JobState.FAILED or not broken_off:
            parts = select(Part.kind, Part.message).where(
                Part.job_id == job.id, Part.state != JobState.DONE
            )
            why = [f"{kind.value}: {message}" for kind, message in session.execute(parts)]
            yield f"job {job.id} ({job.kind.value}) is {job.state.value}: {why}"
