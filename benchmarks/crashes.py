"""Working days in which everything is killed again and again: is anything lost?

Five curators make 500 decisions (reviews, batches, drawn and uploaded masks, drafts, tags) while
a lead imports, hands in masks, has a round trained and exports. PostgreSQL, Redis, two web servers
and two workers run as processes of their own and are killed (SIGKILL) at moments drawn from the
seed, or Redis is emptied; each is started again. What was not answered is sent again, as a browser
does. At the end every acknowledged action has to be there exactly once, `mothmask verify` has to
be clean, no job may have failed and nobody may have seen a status 500.

A day is one line of the results; what is there is not run again.

    python -m benchmarks.crashes --runs 50 --results FILE
"""

import argparse
import json
import shutil
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

from rich.progress import track

from benchmarks.crashing import day, killing
from benchmarks.crashing.collection import make_template
from benchmarks.report import Row, add_json_option, show

Day = dict[str, Any]
SPECIMENS = 120


def main() -> None:
    options = _options()
    done = {each["seed"] for each in _known(options.results)}
    seeds = [
        seed for seed in range(options.first, options.first + options.runs) if seed not in done
    ]
    if seeds:
        with tempfile.TemporaryDirectory(prefix="mothmask-crashes-", dir=options.folder) as made:
            _run_all(options, Path(made), seeds)
    _show(options)


def _run_all(options: argparse.Namespace, folder: Path, seeds: list[int]) -> None:
    folder.chmod(0o755)  # PostgreSQL runs as somebody else
    template = options.template or folder / "template"
    if not template.exists():
        make_template(template, SPECIMENS)
    for seed in track(seeds, "days", disable=not sys.stderr.isatty()):
        here = folder / f"day-{seed}"
        plan = day.Plan(seed, options.decisions, killing.plan(seed))
        lived = day.run(template, here, plan)
        if lived["faults"] or lived["lost"]:
            _keep_evidence(options, here, seed)
        shutil.rmtree(here, ignore_errors=True)
        with options.results.open("a", encoding="utf-8") as file:
            file.write(json.dumps(lived, ensure_ascii=False) + "\n")
        print(_row(lived), flush=True)


def _keep_evidence(options: argparse.Namespace, here: Path, seed: int) -> None:
    """The logs of a day in which something went wrong."""
    kept = options.results.with_suffix("") / str(seed)
    kept.mkdir(parents=True, exist_ok=True)
    for log in (*here.glob("*.log"), here / "postgres" / "log"):
        shutil.copyfile(log, kept / f"{log.stem}.log")


def _known(results: Path) -> list[Day]:
    if not results.exists():
        return []
    return [json.loads(line) for line in results.read_text(encoding="utf-8").splitlines()]


def _show(options: argparse.Namespace) -> None:
    days = _known(options.results)
    kills: Counter[str] = Counter()
    for each in days:
        kills.update(each["kills"])
    summary = {
        "days": len(days),
        "acknowledged actions": sum(each["acknowledged"] for each in days),
        "of these decisions": sum(each["decisions"] for each in days),
        "kills": sum(kills.values()),
        **{f"kills, {kind}": count for kind, count in sorted(kills.items())},
        "days with a fault": sum(bool(each["faults"]) for each in days),
        "lost, doubled or changed": sum(len(each["lost"]) for each in days),
    }
    show("Days full of crashes", [_row(each) for each in days], summary, options.json)
    for each in days:
        for problem in (*each["faults"], *each["lost"]):
            print(f"seed {each['seed']}: {problem}")


def _row(lived: Day) -> Row:
    kills = ", ".join(f"{count} {kind}" for kind, count in sorted(lived["kills"].items()))
    trouble = {word: count for word, count in lived["trouble"].items() if word != "409"}
    return {
        "seed": lived["seed"],
        "seconds": lived["seconds"],
        "acknowledged": lived["acknowledged"],
        "kills": kills,
        "sent again": sum(trouble.values()),
        "faults": len(lived["faults"]),
        "lost": len(lived["lost"]),
    }


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=50)
    parser.add_argument("--first", type=int, default=1, metavar="SEED")
    parser.add_argument("--decisions", type=int, default=500)
    parser.add_argument("--results", type=Path, required=True, help="a line of JSON for each day")
    parser.add_argument("--folder", type=Path, help="where days take place; by default: /tmp")
    parser.add_argument("--template", type=Path, help="where the collection is kept between runs")
    add_json_option(parser)
    return parser.parse_args()


if __name__ == "__main__":
    main()
