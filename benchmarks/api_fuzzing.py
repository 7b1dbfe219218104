"""Requests of all shapes that the OpenAPI schema allows, and some that it does not: no answer may
say that the server broke.

Schemathesis draws them from the schema, for each operation as many as asked for, as a signed-in
person; there are some specimens, so that small numbers mean something. What broke the server is
listed with what was sent.

    python -m benchmarks.api_fuzzing --examples 200 --role admin --seed 1
"""

import argparse
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from hypothesis.strategies import SearchStrategy
from schemathesis import APIOperation as Operation
from schemathesis import Case, openapi
from schemathesis.core.result import Err
from schemathesis.generation import GenerationMode

from app.blobs import Blobs, open_blobs
from app.cli.workspace import make_database
from app.db import Database
from app.domain.people import Person, Role, SignIn
from app.main import create_app
from app.services import accounts
from app.settings import Settings
from benchmarks.report import Row, add_json_option, show
from tests import factories

READY = "/ready"
"""Says by 503 that the database is not as it should be, which is no fault of the request."""
ORIGIN = "http://127.0.0.1:8000"
NAME, PASSWORD = "Lin", "a long enough password"


AnyCase = Case[Any]


@dataclass
class Found:
    """What came back, and what was sent where the server broke."""

    statuses: Counter[int] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)


def main() -> None:
    options = _options()
    with (
        tempfile.TemporaryDirectory(prefix="mothmask-fuzzing-") as folder,
        _served(Path(folder), options.role) as (app, client),
    ):
        rows: list[Row] = []
        broken: list[str] = []
        requests = 0
        for label, found in fuzz(app, client, options.examples, options.seed):
            statuses = ", ".join(f"{code}: {n}" for code, n in sorted(found.statuses.items()))
            rows.append(
                {
                    "operation": label,
                    "requests": found.statuses.total(),
                    "answers": statuses,
                    "broken": len(found.broken),
                }
            )
            broken += found.broken
            requests += found.statuses.total()
    summary = {
        "operations": len(rows),
        "requests": requests,
        "broken": len(broken),
        "what_broke": broken,
    }
    show("Requests to the API", rows, summary, options.json)


def fuzz(
    app: FastAPI, client: TestClient, examples: int, seed_: int
) -> Iterator[tuple[str, Found]]:
    """Yield what came of each operation; `client` must not raise what the server raises."""
    schema = app.openapi()
    for result in openapi.from_dict(schema).get_all_operations():
        if isinstance(result, Err):
            raise result.err()
        operation = result.ok()
        if operation.path == READY:
            continue
        known = _small_numbers(schema["paths"][operation.path][operation.method.lower()])
        found = Found()
        for cases in _strategies(operation, known):
            _send_all(client, cases, examples, seed_, found)
        yield operation.label, found
        if found.statuses[401]:  # it has signed itself out
            sign_in(client)


def _strategies(
    operation: Operation[Any, Any, Any, Any], known: dict[str, int]
) -> list[SearchStrategy[AnyCase]]:
    """As the schema allows, with numbers of what is there, and as it does not."""
    strategies = [
        operation.as_strategy(GenerationMode.POSITIVE),
        operation.as_strategy(GenerationMode.NEGATIVE),
    ]
    if known:
        strategies.append(operation.as_strategy(GenerationMode.POSITIVE, path_parameters=known))
    return strategies


def _small_numbers(operation: Mapping[str, Any]) -> dict[str, int]:
    parameters = operation.get("parameters", [])
    in_path = {each["name"]: each["schema"] for each in parameters if each["in"] == "path"}
    whole = all(each.get("type") == "integer" for each in in_path.values())
    return dict.fromkeys(in_path, 1) if whole else {}


def _send_all(
    client: TestClient, cases: SearchStrategy[AnyCase], examples: int, seed_: int, found: Found
) -> None:
    @seed(seed_)
    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=cases)
    def send(case: AnyCase) -> None:
        _send(client, case, found)

    with suppress(Unsatisfiable):  # nothing about it can be wrong
        send()


def _send(client: TestClient, case: AnyCase, found: Found) -> None:
    sent = case.as_transport_kwargs(base_url=ORIGIN)
    headers = {**sent.pop("headers", {}), "origin": ORIGIN}
    answer = client.request(headers=headers, follow_redirects=False, **_for_httpx(sent))
    found.statuses[answer.status_code] += 1
    if answer.status_code >= 500:
        told = f"{case.method} {answer.request.url} {sent!r:.500}: {answer.text:.300}"
        found.broken.append(told)


def _for_httpx(sent: Mapping[str, Any]) -> dict[str, Any]:
    """Schemathesis speaks as `requests` does, whose `data` may also be bytes."""
    kept = {name: value for name, value in sent.items() if value is not None}
    if isinstance(kept.get("data"), bytes | str):
        kept["content"] = kept.pop("data")
    if "files" in kept:
        kept["files"] = [(name, _written(file)) for name, file in kept["files"]]
    return kept


def _written(file: tuple[Any, ...]) -> tuple[Any, ...]:
    name, content, *kind = file
    return name, content if isinstance(content, bytes | str) else str(content), *kind


@contextmanager
def _served(folder: Path, role: Role) -> Iterator[tuple[FastAPI, TestClient]]:
    known = Settings(data=folder, sign_in=SignIn.PASSWORD)
    database, blobs = make_database(known), open_blobs(known)
    furnish(database, blobs, role)
    app = create_app(known, database, blobs)
    with TestClient(app, base_url=ORIGIN, raise_server_exceptions=False) as client:
        sign_in(client)
        yield app, client
    database.close()


def furnish(database: Database, blobs: Blobs, role: Role) -> None:
    """A person with an account, and what the numbers 1 to 3 are of."""
    with database.transaction() as session:
        factories.make_person(session)  # so that number 1 is somebody else
        person_id = accounts.add(session, NAME, role, password=PASSWORD).person_id
        person = session.get_one(Person, person_id)
        for number in range(3):
            specimen = factories.make_specimen(session, blobs, f"蛾-{number}")
            if number:
                factories.make_version(session, blobs, specimen, person)


def sign_in(client: TestClient) -> None:
    given_ = {"name": NAME, "password": PASSWORD, "then": "/"}
    answer = client.post("/sign-in", data=given_, headers={"origin": ORIGIN})
    answer.raise_for_status()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.api_fuzzing",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--examples", type=int, default=100, help="of each kind, per operation")
    parser.add_argument("--role", type=Role, default=Role.CURATOR, choices=list(Role))
    parser.add_argument("--seed", type=int, default=0)
    add_json_option(parser)
    return parser.parse_args()


if __name__ == "__main__":
    main()
