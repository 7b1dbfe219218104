"""Numbers that people may choose within limits."""

from app.errors import Refused

MOST_SEED = 2**31 - 1
SEED = "The seed is a number from {least} to {most}, not {value}."


def refuse_outside(sentence: str, value: float | None, least: float, most: float) -> None:
    """Refuse a number out of its range; None is no choice.

    Args:
        sentence: what is then said, with places for `least`, `most` and `value`.

    Raises:
        Refused: it is out of the range.
    """
    if value is not None and not least <= value <= most:
        raise Refused(sentence, least=least, most=most, value=value)
