"""How large the containers would be, by what is installed here, and how soon a web server answers.

Sizes are those of the installed files of each package that an image needs; Python itself and Debian
under it come on top and are the same for both. torch is the build that is installed here.
"""

import argparse
import importlib.metadata
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterable
from pathlib import Path
from statistics import median

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from app.cli.processes import web_command
from app.cli.workspace import make_database
from app.settings import Settings
from benchmarks.report import Row, add_json_option, show
from tests.servers import free_port

ROOT = Path(__file__).resolve().parents[1]
CODE = {
    "web": ("app", "ml", "migrations", "templates", "static"),
    "worker": ("app", "ml", "migrations", "worker"),
}
EXTRAS = {"web": (), "worker": ("worker", "crf")}
LARGEST = 5
MEGABYTE = 1_000_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--starts", type=int, default=7, help="starts of the web server")
    add_json_option(parser)
    options = parser.parse_args()
    rows = [_image(name) for name in CODE]
    seconds = sorted(_starts(options.starts))
    summary: dict[str, object] = {
        "start of web, s, median": round(median(seconds), 2),
        "start of web, s, longest": round(seconds[-1], 2),
        "starts": len(seconds),
        "web holds torch": "torch" in closure("mothmask", ()),
    }
    show("Containers", rows, summary, options.json)


def _image(name: str) -> Row:
    sizes = {package: _installed(package) for package in closure("mothmask", EXTRAS[name])}
    sizes.pop("mothmask")
    code = sum(_size(ROOT / folder) for folder in CODE[name])
    largest = sorted(sizes, key=lambda package: -sizes[package])[:LARGEST]
    return {
        "image": name,
        "packages": len(sizes),
        "packages MB": round(sum(sizes.values()) / MEGABYTE),
        "code MB": round(code / MEGABYTE, 1),
        "MB": round((sum(sizes.values()) + code) / MEGABYTE),
        "largest": ", ".join(f"{each} {sizes[each] / MEGABYTE:.0f}" for each in largest),
    }


def closure(package: str, extras: Iterable[str]) -> set[str]:
    """The package and all that it needs, as far as it applies here."""
    found: set[tuple[str, str]] = set()
    waiting = [(package, extra) for extra in ("", *extras)]
    while waiting:
        name, extra = waiting.pop()
        if (name, extra) in found:
            continue
        found.add((name, extra))
        for text in importlib.metadata.requires(name) or ():
            needed = Requirement(text)
            if needed.marker is None or needed.marker.evaluate({"extra": extra}):
                known_as = canonicalize_name(needed.name)
                waiting += [(known_as, more) for more in ("", *needed.extras)]
    return {name for name, _ in found}


def _installed(package: str) -> int:
    files = importlib.metadata.distribution(package).files or ()
    return sum(_size(Path(str(file.locate()))) for file in files)


def _size(path: Path) -> int:
    if path.is_dir():
        return sum(_size(each) for each in path.iterdir())
    return path.stat().st_size if path.is_file() else 0


def _starts(times: int) -> list[float]:
    """Seconds from starting the process until it is ready to serve."""
    with tempfile.TemporaryDirectory(prefix="mothmask-benchmark-") as folder:
        settings = Settings(data=Path(folder))
        make_database(settings).close()
        return [_start(settings.data) for _ in range(times)]


def _start(data: Path) -> float:
    port = free_port()
    environment = {**os.environ, "MOTHMASK_DATA": str(data), "MOTHMASK_TOKEN": "benchmark"}
    began = time.perf_counter()
    server = subprocess.Popen(web_command("127.0.0.1", port), env=environment, stderr=sys.stderr)
    try:
        while True:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/ready", timeout=5).close()
                return time.perf_counter() - began
            except OSError:
                time.sleep(0.01)
    finally:
        server.terminate()
        server.wait()


if __name__ == "__main__":
    main()
