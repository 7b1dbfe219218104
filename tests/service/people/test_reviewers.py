"""Specimens are assigned to people who may review them."""

import re

import pytest
from fastapi import FastAPI

from app.db import Database
from app.domain.people import Role
from app.services import accounts
from tests import factories
from tests.service.people.conftest import add, sign_in


@pytest.mark.parametrize("path", ["/grid", "/assignments"])
def test_nothing_is_assigned_to_viewers_and_closed_accounts(
    app: FastAPI, db: Database, path: str
) -> None:
    for name, role in (("Lin", Role.LEAD), ("Kim", Role.CURATOR), ("Eve", Role.VIEWER)):
        add(db, name, role)
    add(db, "Old", Role.CURATOR)
    with db.transaction() as session:
        accounts.close(session, accounts.called(session, "Old"))
        factories.make_person(session, "By the link")
    page = sign_in(app, "Lin").get(path).text
    choice = re.search(r'<select [^>]*name="person" required>(.*?)</select>', page, re.DOTALL)
    assert choice is not None
    assert re.findall(r">([^<]+)</option>", choice[1]) == ["By the link", "Kim", "Lin"]
