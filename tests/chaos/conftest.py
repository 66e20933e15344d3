import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))

from harness.kafka import Broker  # noqa: E402
from harness.kafka_platform import KafkaPlatform  # noqa: E402
from harness.postgres import Cluster, create_database  # noqa: E402
from harness.programs import Installation  # noqa: E402


@pytest.fixture
def cluster():
    own = Cluster(fsync="on", max_locks_per_transaction="256")
    own.start()
    yield own
    own.close()


@pytest.fixture
def broker():
    own = Broker().start()
    yield own
    own.close()


@pytest.fixture
def kafka(request, cluster, broker, tmp_path):
    """Two of each service, or as many as the test's parameter says."""
    settings = {"CARILLON_BUS": "kafka", "CARILLON_KAFKA_BROKERS": broker.brokers, "CARILLON_KAFKA_TOPIC_PREFIX": "chaos."}
    installation = Installation(create_database(cluster.url(), "carillon"), tmp_path, **settings)
    installation.migrate()
    installation.command("kafka", "topics", "--apply", "--replication", "1", **settings)
    box = installation.sandbox().start().wait_ready(path="/stats")
    platform = KafkaPlatform(installation, broker.brokers, settings["CARILLON_KAFKA_TOPIC_PREFIX"], getattr(request, "param", 2))
    yield platform
    platform.stop()
    box.stop()
