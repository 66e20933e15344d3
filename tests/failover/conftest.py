import contextlib
import pathlib
import sys
import uuid

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))

from harness.api import Api, Sandbox  # noqa: E402
from harness.postgres import Cluster, create_database  # noqa: E402
from harness.programs import Installation  # noqa: E402

PRIMARY, SECONDARY = "postmark", "sendgrid"


class Drill:
    """A platform whose mails go by Postmark, then SendGrid, and whose SMS by Twilio, then the console."""

    def __init__(self, installation: Installation, **settings: str):
        self.installation = installation
        self.program = installation.whole(EMAIL_PROVIDER_CHAIN=f"{PRIMARY},{SECONDARY}", SMS_PROVIDER_CHAIN="twilio,console", SMS_CONSOLE_ENABLED="true",
                                          SENDGRID_API_KEY="SG.sandbox", SENDGRID_BASE_URL=installation.sandbox_url, **settings)
        self.program.environment["TWILIO_STATUS_CALLBACK_URL"] = self.program.url + "/api/webhooks/twilio/status"
        self.program.start().wait_ready()
        self.key = installation.api_key()
        self.api = Api(self.program.url, self.key)
        self.sandbox = Sandbox(installation.sandbox_url)

    def provider(self, name: str) -> dict:
        channels = self.api.get("/health/messaging").json()["channels"]
        return next(provider for channel in channels for provider in channel["providers"] if provider["provider"] == name)

    def command(self, *arguments: str):
        return self.installation.command(*arguments, CARILLON_URL=self.program.url, CARILLON_API_KEY=self.key)


@pytest.fixture(scope="session")
def cluster():
    own = Cluster(fsync="on")
    own.start()
    yield own
    own.close()


@pytest.fixture
def new_installation(cluster, tmp_path):
    return Installation(create_database(cluster.url(), f"failover_{uuid.uuid4().hex[:12]}"), tmp_path)


@pytest.fixture
def drill(new_installation):
    """Makes the platform, with more settings."""
    with contextlib.ExitStack() as running:
        def make(**settings: str) -> Drill:
            made = Drill(new_installation, **settings)
            running.callback(made.program.stop)
            return made

        yield make


@pytest.fixture
def say(capsys):
    """Prints a line of the report."""
    def line(text: str) -> None:
        with capsys.disabled():
            print(f"\n{text}", end="", flush=True)

    return line
