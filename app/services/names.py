"""File names as people wrote them, whatever stored them on the way, and the keys in them."""

import re
import unicodedata
from collections.abc import Sequence
from pathlib import PurePosixPath

from app.errors import Refused

LONGEST = 480
"""Characters of a path; what is longer is refused, and shown cut off."""
LONGEST_LAST = 255

# The order decides between encodings in which the names read equally well.
TITLES = {
    "utf-8": "UTF-8",
    "cp950": "Big5",
    "gbk": "GBK",
    "cp437": "Western European",
    "cp932": "Shift JIS",
}

CALLED = {"utf-8": "utf-8", "big5": "cp950", "gbk": "gbk", "shift-jis": "cp932", "cp437": "cp437"}
"""What people call them, at the command line and in forms."""

# Where each encoding keeps its everyday characters: the first level of Big5, GB 2312 and JIS.
_EVERYDAY = {
    "cp950": (0xA440, 0xC67E, 0x40),
    "gbk": (0xB0A1, 0xD7F9, 0xA1),
    "cp932": (0x889F, 0x9872, 0x40),
}
_OF_TEXT = ("utf-8", "cp950", "gbk", "cp1252", "cp932")
"""What tables are written in; of two that read equally well the first."""
_WESTERN_SIGNS = "°±µ×ºª²³½¼¾’‘“”–—…€"
_WIDE = "\u3400-\u9fff"
_LONELY = re.compile(
    f"(?<![{_WIDE}])[{_WIDE}](?=[A-Za-z0-9])|(?<=[A-Za-z0-9])[{_WIDE}](?![{_WIDE}])"
)
_LITTER = {"thumbs.db", "desktop.ini", "__macosx"}


def title_of(encoding: str) -> str:
    """What people read for an encoding."""
    return TITLES.get(encoding.removesuffix("-sig"), encoding.upper())


def encoding_called(word: str) -> str:
    """Return the encoding that a person means; empty where it is to be found out."""
    plain = word.strip().casefold().replace("_", "-")
    if plain in ("", "auto"):
        return ""
    if plain not in CALLED:
        raise Refused(
            "There is no encoding “{word}”; use auto or one of {known}.",
            word=word,
            known=", ".join(CALLED),
        )
    return CALLED[plain]


def decode_names(raw: Sequence[bytes], known: str = "") -> tuple[str, list[str]]:
    """Return the encoding in which all names together read best, and the names.

    Big5 bytes are often valid in other encodings too, so the first codec that works would be
    wrong: what tells them apart is how everyday the characters are that come out.
    """
    best = known or min(
        TITLES, key=lambda encoding: sum(_strangeness(name, encoding) for name in raw)
    )
    return best, [name.decode(best, errors="replace") for name in raw]


def encoding_of_text(lines: Sequence[bytes]) -> str:
    """Return the encoding in which lines of a table read best.

    They have more signs than names have: "25°C" is also a character of Big5, but one that stands
    alone between Western letters, as no word of it does.
    """

    def strangeness(line: bytes, encoding: str) -> float:
        lonely = len(_LONELY.findall(line.decode(encoding, "replace")))
        return _strangeness(line, encoding) + 1.5 * lonely

    return min(_OF_TEXT, key=lambda encoding: sum(strangeness(line, encoding) for line in lines))


def tidy(name: str) -> str:
    """Write the name with "/" between folders and without what no database or terminal takes.

    It must be decoded before: the second byte of a Big5 character can be a backslash.
    """
    composed = unicodedata.normalize("NFC", name.replace("\\", "/"))
    return "".join(
        "\N{REPLACEMENT CHARACTER}"
        if unicodedata.category(character) in ("Cc", "Cs")
        else character
        for character in composed
    )


def as_on_disk(path: str) -> str:
    """Return the name of a file on this disk; bytes that are no UTF-8 are read as best they can."""
    raw = path.encode(errors="surrogateescape")
    return tidy(decode_names([raw])[1][0])


def check(name: str) -> None:
    """Refuse a name that leaves its folder or cannot be stored."""
    folders = name.split("/")
    if name.startswith("/") or ".." in folders or re.match("[A-Za-z]:", name):
        raise Refused("Its path leads out of the folder; only names inside it are taken in.")
    if not key_of(name):
        raise Refused("It has no name.")
    if len(name) > LONGEST or len(folders[-1]) > LONGEST_LAST:
        raise Refused("Its name is too long; give it a shorter one.")


def shown(name: str) -> str:
    return name if len(name) <= LONGEST else f"{name[: LONGEST - 1]}…"


def apart(name: str, taken: set[str]) -> str:
    """Return the name, with a number behind its ending if it is taken: the stem stays the same."""
    numbered, number = name, 1
    while numbered in taken:
        number += 1
        numbered = f"{name} ({number})"
    taken.add(numbered)
    return numbered


def is_litter(name: str) -> bool:
    """Tell whether this is a hidden file, or one that an operating system leaves behind."""
    folders = [folder.lower() for folder in name.split("/")]
    hidden = any(folder.startswith(".") and folder.strip(".") for folder in folders)
    return hidden or not _LITTER.isdisjoint(folders)


def file_name_of(name: str) -> str:
    return PurePosixPath(name).name


def key_of(name: str) -> str:
    """Return the specimen's name in its collection: the file's stem, with its case."""
    return PurePosixPath(name).stem


def _strangeness(name: bytes, encoding: str) -> float:
    try:
        text = name.decode(encoding)
    except UnicodeDecodeError:
        return 10.0 * sum(byte >= 0x80 for byte in name)
    return sum(_oddity(character, encoding) for character in text if character > "\x7f")


def _oddity(character: str, encoding: str) -> float:
    if encoding == "cp1252" and character in _WESTERN_SIGNS:
        return 1.0
    if not unicodedata.category(character).startswith("L"):
        return 1.0 if encoding == "utf-8" or _is_wide_punctuation(character) else 4.0
    if encoding == "utf-8":
        return 0.0  # letters that happen to be valid UTF-8 are hardly ever anything else
    if "\uff61" <= character <= "\uff9f":
        return 3.0  # half-width kana: any byte of Big5 can be read as one
    if character < "\u0250":
        return 1.0
    if "\u3040" <= character <= "\u30ff" and encoding == "cp932":
        return 0.0
    if encoding in _EVERYDAY and _is_everyday(character.encode(encoding), encoding):
        # An accented letter and the one after it can look like one kanji.
        return 1.0 if encoding == "cp932" else 0.0
    return 2.0


def _is_wide_punctuation(character: str) -> bool:
    return "\u3000" <= character <= "\u303f" or "\uff00" <= character <= "\uff60"


def _is_everyday(raw: bytes, encoding: str) -> bool:
    first, last, lowest_trail = _EVERYDAY[encoding]
    return first <= int.from_bytes(raw) <= last and raw[-1] >= lowest_trail
