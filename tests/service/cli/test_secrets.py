"""What is printed when nothing can be reached holds no password and no key."""

import pytest

from tests.service.cli.conftest import Mothmask

NOWHERE = {
    "DATABASE_URL": "postgresql+psycopg://moths:s3cret@127.0.0.1:1/moths",
    "BROKER_URL": "redis://:s3cret@127.0.0.1:1/0",
    "BLOBS_URL": "s3://moths",
    "S3_ENDPOINT": "http://127.0.0.1:1",
    "S3_KEY_ID": "moths",
    "S3_SECRET": "s3cret",
    "S3_SECONDS": "0.1",
    "SIGN_IN": "openid",
    "OPENID_ISSUER": "http://127.0.0.1:1",
    "OPENID_CLIENT": "moths",
    "ADDRESS": "https://moths.example.org",
    "OPENID_SECRET": "s3cret",
    "TOKEN": "s3cret",
}


@pytest.mark.parametrize("command", ["doctor", "web", "worker", "migrate", "verify", "prune"])
def test_what_cannot_be_reached_is_named_without_its_secret(
    mothmask: Mothmask, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    for name, value in NOWHERE.items():
        monkeypatch.setenv(f"MOTHMASK_{name}", value)
    told = mothmask(command)
    printed = told.out + told.err
    assert told.code == 1
    assert "database" in printed
    assert "127.0.0.1" in printed
    assert "s3cret" not in printed
