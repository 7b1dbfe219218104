"""What cannot be run here, containers and units, names files, settings and commands that exist."""

import fnmatch
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from app.cli.main import app
from app.settings import Settings
from tests.architecture.sources import ROOT

COMPOSE = ROOT / "docker-compose.yml"
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
UNITS = sorted((ROOT / "deploy/systemd").iterdir())
LOCKS = ROOT / "deploy/lock"
SETTINGS = {f"MOTHMASK_{name.upper()}" for name in Settings.model_fields}
OF_COMPOSE = {"MOTHMASK_HOST", "MOTHMASK_WEB", "MOTHMASK_WEB_PORT"}
"""What the proxy is told; no setting of the program."""
USES = [COMPOSE, ROOT / "Dockerfile", ROOT / "deploy/Caddyfile", *UNITS]


def services() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))["services"]
    return found


def test_compose_keeps_to_its_schema() -> None:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec"]
    checked = subprocess.run([*command, str(COMPOSE)], capture_output=True, text=True)
    assert checked.returncode == 0, checked.stdout


@pytest.mark.parametrize("path", USES, ids=lambda path: path.name)
def test_every_variable_is_a_setting(path: Path) -> None:
    named = set(re.findall(r"MOTHMASK_[A-Z0-9_]+", path.read_text(encoding="utf-8")))
    assert named - SETTINGS - OF_COMPOSE == set()


def test_compose_starts_what_many_need() -> None:
    found = services()
    assert {"migrate", "web", "worker", "worker-gpu", "proxy", "database", "messages"} == set(found)
    assert found["web"]["deploy"]["replicas"] > 1
    assert found["worker-gpu"]["runtime"] == "nvidia"
    assert found["worker-gpu"]["profiles"] == ["gpu"]
    assert "ports" not in found["web"], "only the proxy is reached from outside"
    for name in ("web", "worker", "worker-gpu"):
        waits = found[name]["depends_on"]["migrate"]["condition"]
        assert waits == "service_completed_successfully"
        assert int(found[name]["stop_grace_period"].rstrip("s")) > Settings().stop_seconds


def test_volumes_and_services_that_are_named_are_there() -> None:
    whole = yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))
    for service in whole["services"].values():
        assert set(service.get("depends_on", ())) <= set(whole["services"])
        for volume in service.get("volumes", ()):
            place = volume.partition(":")[0]
            assert (ROOT / place).exists() if place.startswith(".") else place in whole["volumes"]
        if build := service.get("build"):
            assert build["target"] in re.findall(r"^FROM \S+ AS (\S+)", DOCKERFILE, re.MULTILINE)
            assert set(build.get("args", ())) <= set(re.findall(r"^ARG (\w+)", DOCKERFILE, re.M))


def copied() -> list[str]:
    return [
        path for line in re.findall(r"^COPY (.+) \S+$", DOCKERFILE, re.M) for path in line.split()
    ]


@pytest.mark.parametrize("path", sorted(set(copied())))
def test_what_is_copied_into_an_image_is_there_and_not_ignored(path: str) -> None:
    assert (ROOT / path).exists()
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").split()
    assert not any(fnmatch.fnmatch(path, pattern) for pattern in ignored)


def test_the_web_image_holds_neither_torch_nor_the_worker() -> None:
    stage = DOCKERFILE.partition("AS web")[2].partition("AS worker")[0]
    assert "COPY worker" not in stage
    assert "torch" not in pinned("web")
    assert "cuda" not in stage


def commands() -> Iterator[tuple[str, list[str]]]:
    for name, service in services().items():
        if service.get("command", [""])[0] == "mothmask":
            yield name, service["command"][1:]
    for line in re.findall(r"^CMD (\[.+\])$", DOCKERFILE, re.MULTILINE):
        yield "Dockerfile", yaml.safe_load(line)[1:]
    for unit in UNITS:
        for line in re.findall(r"^ExecStart=\S+/mothmask (.+)$", unit.read_text(), re.MULTILINE):
            yield unit.name, shlex.split(line)


@pytest.mark.parametrize(("place", "words"), list(commands()))
def test_every_command_that_is_started_exists(place: str, words: list[str]) -> None:
    group = typer.main.get_command(app)
    assert isinstance(group, typer.core.TyperGroup)
    known = {option for each in group.commands[words[0]].params for option in each.opts}
    assert {word for word in words[1:] if word.startswith("-")} <= known, place


def test_systemd_understands_the_units(tmp_path: Path) -> None:
    analyze = shutil.which("systemd-analyze")
    assert analyze, "The tests need systemd-analyze: apt install systemd, or run `make test`."
    for unit in UNITS:
        # The program is not installed where it will be.
        text = unit.read_text().replace("/opt/mothmask/.venv/bin/mothmask", "/bin/true")
        (tmp_path / unit.name.replace("@.", "@8001.")).write_text(text)
    made = sorted(map(str, tmp_path.iterdir()))
    checked = subprocess.run([analyze, "verify", *made], capture_output=True, text=True)
    ours = [line for line in checked.stderr.splitlines() if "mothmask" in line]
    assert (checked.returncode, ours) == (0, [])


def pinned(name: str) -> dict[str, str]:
    """Version by name; each has a hash."""
    text = (LOCKS / f"{name}.txt").read_text(encoding="utf-8").replace("\\\n", " ")
    found: dict[str, str] = {}
    for line in filter(None, text.splitlines()):
        assert "--hash=sha256:" in line, line
        requirement = Requirement(line.partition(" --hash")[0].strip())
        (version,) = requirement.specifier
        found[canonicalize_name(requirement.name)] = version.version
    return found


@pytest.mark.parametrize(("lock", "extras"), [("web", ()), ("worker", ("worker", "crf"))])
def test_all_that_is_needed_is_pinned_with_hashes(lock: str, extras: tuple[str, ...]) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [*project["dependencies"]]
    for extra in extras:
        wanted += project["optional-dependencies"][extra]
    known = pinned(lock) | ({"torch": pinned("cuda")["torch"]} if extras else {})
    for requirement in map(Requirement, wanted):
        version = known.get(canonicalize_name(requirement.name))
        assert version, f"{requirement} is not pinned: run `make lock`"
        assert requirement.specifier.contains(version), f"{requirement}: run `make lock`"


def test_web_and_worker_run_the_same_versions() -> None:
    worker = pinned("worker")
    assert {
        name: version for name, version in pinned("web").items() if worker.get(name) != version
    } == {}


@pytest.mark.parametrize("script", sorted((ROOT / "deploy").glob("*.sh")), ids=lambda s: s.name)
def test_scripts_are_shell(script: Path) -> None:
    assert subprocess.run(["sh", "-n", str(script)]).returncode == 0
