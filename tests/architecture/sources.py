"""The files of the project, as the rules see them."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CODE = ("app", "worker", "ml", "benchmarks")


@dataclass(frozen=True)
class Function:
    place: str
    lines: int


def files(folders: tuple[str, ...], suffix: str) -> list[Path]:
    return sorted(path for folder in folders for path in (ROOT / folder).rglob(f"*{suffix}"))


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def line_count(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def trees(folders: tuple[str, ...]) -> Iterator[tuple[Path, ast.Module]]:
    for path in files(folders, ".py"):
        yield path, ast.parse(path.read_text(encoding="utf-8"))


def functions(folders: tuple[str, ...]) -> list[Function]:
    """Every function with the lines of its code; a docstring is no code."""
    return [
        Function(f"{name_of(path)}:{node.lineno} {node.name}", _length(node))
        for path, tree in trees(folders)
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]


def _length(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    assert node.end_lineno is not None
    first = node.body[0]
    documented = (
        isinstance(first, ast.Expr)
        and isinstance(first.value, ast.Constant)
        and isinstance(first.value.value, str)
    )
    docstring = (first.end_lineno or 0) - first.lineno + 1 if documented else 0
    return node.end_lineno - node.lineno + 1 - docstring
