import uuid
from collections.abc import Iterator

import pytest

from tests.s3 import FaultyProxy, faulty_proxy, make_bucket, running_s3


@pytest.fixture(scope="session")
def s3_address() -> Iterator[str]:
    with running_s3() as address:
        yield address


@pytest.fixture
def bucket(s3_address: str) -> str:
    """A fresh one."""
    name = f"moths-{uuid.uuid4().hex}"
    make_bucket(s3_address, name)
    return name


@pytest.fixture
def proxy(s3_address: str) -> Iterator[FaultyProxy]:
    with faulty_proxy(s3_address) as proxy:
        yield proxy
