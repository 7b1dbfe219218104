"""What a source's file names tell: taxon, catalogue number, individual, sex, view; and labels.

Patterns are written by people and tried while somebody waits. RE2 needs time in proportion to the
name's length whatever the pattern, so none can stop the server; the price is that patterns can
neither look around nor refer back.
"""

import re
from dataclasses import dataclass, fields

import re2

from app.domain.photographs import Source
from app.errors import Refused

LONGEST = 1000
_OPTIONS = re2.Options()
_OPTIONS.log_errors = False
_GROUP = re.compile(r"\(\?P?<(\w+)>")
_ESCAPED = re.compile(r"\\.|\[\^?\]?[^\]]*\]")


@dataclass(frozen=True)
class NameParts:
    """What a file stem says; empty where it says nothing."""

    taxon: str = ""
    number: str = ""
    individual: str = ""
    sex: str = ""
    view: str = ""


GROUPS = tuple(field.name for field in fields(NameParts))
_LONGEST_PART = {"taxon": 60, "number": 100, "individual": 60, "sex": 60, "view": 60}
NOTHING = NameParts()


def parts_of(stem: str, pattern: str) -> NameParts:
    """What the pattern finds in a file stem; nothing where it does not fit the whole stem."""
    return matched(stem, pattern) or NOTHING


def matched(stem: str, pattern: str) -> NameParts | None:
    """The same, but None where the pattern does not fit, or a part is longer than is kept."""
    found = _compiled(pattern).fullmatch(stem) if pattern else None
    if found is None:
        return None
    parts = {name: value or "" for name, value in found.groupdict().items()}
    if any(len(value) > _LONGEST_PART[name] for name, value in parts.items()):
        return None
    return NameParts(**parts)


def is_label(file_name: str, source: Source) -> bool:
    """Whether the photograph of this name shows a label; the pattern may fit any part of it."""
    return fits_label(file_name, source.label_pattern)


def fits_label(file_name: str, pattern: str) -> bool:
    return bool(pattern) and _compiled(pattern).search(file_name) is not None


def check_name_pattern(pattern: str) -> None:
    """Refuse what is no regular expression, or names other parts than `GROUPS`."""
    if not pattern:
        return
    named = set(_compiled(pattern).groupindex)
    known = ", ".join(GROUPS)
    if unknown := named - set(GROUPS):
        raise Refused(
            "The pattern names a part “{unknown}”; the parts of a name are {known}.",
            unknown=", ".join(sorted(unknown)),
            known=known,
        )
    if not named:
        raise Refused(
            "The pattern names no part. Write (?P<number>…) around what is the catalogue number; "
            "the parts of a name are {known}.",
            known=known,
        )
    written = _GROUP.findall(_ESCAPED.sub("", pattern))
    if twice := sorted({name for name in written if written.count(name) > 1}):
        raise Refused("The pattern names the part “{name}” twice.", name=twice[0])


def check_label_pattern(pattern: str) -> None:
    """Refuse what is no regular expression."""
    if pattern:
        _compiled(pattern)


def _compiled(pattern: str) -> "re2._Regexp":
    if len(pattern) > LONGEST:
        raise Refused("A pattern has at most {limit} characters.", limit=LONGEST)
    try:
        return re2.compile(pattern, _OPTIONS)
    except (re2.error, UnicodeEncodeError) as error:
        raise Refused(
            "This is no pattern that can be used: {problem}. Looking ahead or behind and "
            "references to groups are not possible.",
            problem=_problem(error),
        ) from None


def _problem(error: Exception) -> str:
    told = error.args[0]
    return told.decode(errors="replace") if isinstance(told, bytes) else "a character is broken"
