"""Every refusal a person can meet: its HTTP status, and a sentence that can be translated."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.domain.labelling import LabelVersion


class MothmaskError(Exception):
    """A whole sentence with ``{name}`` places, and what goes into them."""

    status = 500

    def __init__(self, template: str, **values: object) -> None:
        super().__init__(template.format(**values))
        self.template = template
        self.values = values


class NotFound(MothmaskError):
    status = 404


class BrokenLink(NotFound):
    """A photograph that was linked, not copied, is gone or has changed."""


class NotSignedIn(MothmaskError):
    status = 401


class Forbidden(MothmaskError):
    status = 403


class TooOften(MothmaskError):
    status = 429


class Refused(MothmaskError):
    """The request is understood, but what it asks for makes no sense here."""

    status = 422


class Conflict(MothmaskError):
    status = 409


class StaleParent(Conflict):
    """The specimen has another label than the one this decision was based on."""

    def __init__(self, template: str, *, current: "LabelVersion | None", **values: object) -> None:
        super().__init__(template, **values)
        self.current = current
        self.mine: str | None = None
        """Digest of the mask that was to become the label, where it came as a file."""


class BatchStale(Conflict):
    """Some specimens of a batch have moved on, so none of the batch is recorded."""

    def __init__(self, refusals: dict[int, MothmaskError], *, total: int) -> None:
        super().__init__(
            "{count} of {total} specimens have moved on meanwhile, so nothing of the batch is "
            "recorded yet. Open the grid to go on without them.",
            count=len(refusals),
            total=total,
        )
        self.refusals = refusals
        """By the number of the specimen."""


class StorageFailed(MothmaskError):
    """The place for blobs cannot be reached, or refuses us."""

    status = 503


class Damaged(MothmaskError):
    """The bytes that are stored under a digest are others."""


class ReadOnly(MothmaskError):
    status = 507

    def __init__(self, place: str, reason: str) -> None:
        super().__init__(
            "{place} cannot be written: {reason}. Nothing was half-written. Let the user that runs "
            "Mothmask write there, or name another data folder with MOTHMASK_DATA.",
            place=place or "The data folder",
            reason=reason,
        )


class DatabaseAway(MothmaskError):
    """It will answer again: it is being restarted, or too much is asked of it at once."""

    status = 503

    def __init__(self) -> None:
        super().__init__(
            "The database does not answer at the moment. What was saved is kept; try again soon."
        )


class ProviderFailed(MothmaskError):
    """Who signs people in for us does not answer as it should."""

    status = 502


class DiskFull(MothmaskError):
    status = 507

    def __init__(self) -> None:
        super().__init__(
            "The disk is full. Nothing was half-written; free some space and try again."
        )
