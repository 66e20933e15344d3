"""One running platform for the whole folder, over a database of its own; tests use recipients and keys of their own."""

import os
import pathlib
import sys
import uuid

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))

from harness.api import Api, Sandbox  # noqa: E402
from harness.kafka_platform import KafkaPlatform  # noqa: E402
from harness.postgres import create_database, drop_database  # noqa: E402
from harness.programs import Installation  # noqa: E402


@pytest.fixture(scope="session")
def admin_url() -> str:
    url = os.environ.get("CARILLON_TEST_DATABASE_URL")
    assert url, "CARILLON_TEST_DATABASE_URL names the test server; ./dev test e2e sets it"
    return url


@pytest.fixture(scope="session")
def installation(admin_url, tmp_path_factory):
    name = f"e2e_{uuid.uuid4().hex[:12]}"
    yield Installation(create_database(admin_url, name), tmp_path_factory.mktemp("whole"))
    drop_database(admin_url, name)


@pytest.fixture(scope="session")
def platform(installation):
    program = installation.whole().start().wait_ready()
    yield program
    assert program.stop() == 0, program.tail()


@pytest.fixture(scope="session")
def api_key(installation, platform):
    return installation.api_key()


@pytest.fixture
def api(platform, api_key):
    return Api(platform.url, api_key)


@pytest.fixture
def sandbox(installation, platform):
    box = Sandbox(installation.sandbox_url)
    yield box
    box.obey()


@pytest.fixture(scope="session")
def kafka(admin_url, tmp_path_factory):
    brokers = os.environ.get("CARILLON_TEST_KAFKA_BROKERS")
    assert brokers, "CARILLON_TEST_KAFKA_BROKERS names the test broker; ./dev test e2e sets it"
    name = f"kafka_{uuid.uuid4().hex[:12]}"
    settings = {"CARILLON_BUS": "kafka", "CARILLON_KAFKA_BROKERS": brokers, "CARILLON_KAFKA_TOPIC_PREFIX": f"{name}."}
    installation = Installation(create_database(admin_url, name), tmp_path_factory.mktemp("kafka"), **settings)
    installation.migrate()
    installation.command("kafka", "topics", "--apply", "--replication", "1", **settings)
    box = installation.sandbox().start().wait_ready(path="/stats")
    platform = KafkaPlatform(installation, brokers, settings["CARILLON_KAFKA_TOPIC_PREFIX"])
    yield platform
    platform.stop()
    box.stop()
    drop_database(admin_url, name)


@pytest.fixture
def address() -> str:
    """A recipient no other test uses."""
    return f"{uuid.uuid4().hex}@example.com"
