from collections.abc import Mapping

import pytest

from tests.conftest import Drain
from tests.service.importing import flow
from tests.service.importing.flow import Ended, Import
from worker.context import Context


@pytest.fixture
def import_files(context: Context, drain: Drain) -> Import:
    """Stage files, let workers take them in, and tell what became of each."""

    def run(files: Mapping[str, bytes], source: str = "TEST") -> dict[str, Ended]:
        return flow.run_import(context, drain, files, source)

    return run
