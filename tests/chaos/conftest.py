import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))

from harness.postgres import Cluster  # noqa: E402


@pytest.fixture
def cluster():
    own = Cluster(fsync="on", max_locks_per_transaction="256")
    own.start()
    yield own
    own.close()
