"""Numbers that people may choose within limits."""

from app.errors import Refused

MOST_SEED = 2**31 - 1


def refuse_outside(what: str, value: float | None, least: float, most: float) -> None:
    """Refuse a number out of its range; None is no choice.

    Raises:
        Refused: it is out of the range.
    """
    if value is not None and not least <= value <= most:
        raise Refused(
            "The {what} is a number from {least} to {most}, not {value}.",
            what=what,
            least=least,
            most=most,
            value=value,
        )
