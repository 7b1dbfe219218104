"""Who may know whom, what may be caught, and what has to be written down."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer

from app.cli.main import app
from app.settings import Settings
from tests.architecture.sources import CODE, ROOT, name_of, trees

MAY_CATCH_EVERYTHING = {"worker/runner.py"}
TOO_MUCH = {"Exception", "BaseException"}


def test_imports_keep_their_direction() -> None:
    lint = Path(sys.executable).with_name("lint-imports")
    checked = subprocess.run([lint, "--no-cache"], cwd=ROOT, capture_output=True, text=True)
    assert checked.returncode == 0, checked.stdout


def test_the_web_process_holds_no_torch() -> None:
    """Also not through anything that the contracts cannot see."""
    code = "import sys, app.main, app.cli.main; print('torch' in sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert loaded.stdout.strip() == "False", loaded.stderr


def test_only_the_runner_catches_everything() -> None:
    catching = {
        name_of(path)
        for path, tree in trees(CODE)
        for node in ast.walk(tree)
        if isinstance(node, ast.ExceptHandler) and _catches_everything(node)
    }
    assert catching == MAY_CATCH_EVERYTHING


def _catches_everything(handler: ast.ExceptHandler) -> bool:
    if handler.type is None:
        return True
    caught = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(isinstance(kind, ast.Name) and kind.id in TOO_MUCH for kind in caught)


@pytest.mark.parametrize("field", Settings.model_fields)
def test_every_setting_is_in_the_guide_for_operators(field: str) -> None:
    guide = (ROOT / "docs" / "operators.md").read_text(encoding="utf-8")
    assert f"`MOTHMASK_{field.upper()}`" in guide


def commands() -> dict[str, typer.core.TyperCommand]:
    return dict(_commands_of(typer.main.get_command(app), ""))


def _commands_of(command: object, name: str) -> Iterator[tuple[str, typer.core.TyperCommand]]:
    """Also those of groups, such as `detector train`."""
    if isinstance(command, typer.core.TyperGroup):
        for word, below in command.commands.items():
            yield from _commands_of(below, f"{name} {word}".strip())
    else:
        assert isinstance(command, typer.core.TyperCommand)
        yield name, command


@pytest.mark.parametrize("name", commands())
def test_every_command_and_option_is_in_the_readme(name: str) -> None:
    lines = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    described = [line for line in lines if line.startswith(f"mothmask {name} ")]
    assert len(described) == 1
    options = [param.opts[0] for param in commands()[name].params if param.opts[0].startswith("-")]
    assert [option for option in options if option not in described[0]] == []
