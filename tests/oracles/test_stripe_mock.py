"""Our calls to Stripe against stripe-mock, which checks every call by Stripe's own OpenAPI description: names, types and
what is required of each parameter."""

import os
import pathlib
import socket
import subprocess
import sys
import uuid

import psycopg
import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))

from harness.api import Api  # noqa: E402
from harness.people import Person  # noqa: E402
from harness.postgres import create_database, drop_database, free_port  # noqa: E402
from harness.programs import Installation  # noqa: E402
from harness.waiting import wait_until  # noqa: E402

ROOT = pathlib.Path(__file__).parent.parent.parent
MODULE = "github.com/stripe/stripe-mock@v0.203.0"
GO = ROOT / "build/go"
BUILD_SECONDS_MAX = 400  # Go fetches and compiles everything the first time


@pytest.fixture(scope="module")
def stripe_mock(tmp_path_factory):
    """Its address. The Go of the tests' virtual environment makes it, below build/."""
    program = GO / "bin/stripe-mock"
    if not program.exists():
        environment = os.environ | {"PATH": f"{pathlib.Path(sys.executable).parent}:{os.environ['PATH']}", "GOPATH": str(GO), "GOBIN": str(GO / "bin"),
                                    "GOCACHE": str(GO / "cache"), "GOFLAGS": "-modcacherw", "GOTOOLCHAIN": "local"}
        subprocess.run(["go", "install", MODULE], check=True, timeout=BUILD_SECONDS_MAX, env=environment)
    port = free_port()
    log = tmp_path_factory.mktemp("stripe-mock") / "log"
    with log.open("wb") as out:
        server = subprocess.Popen([program, "-http-addr", f"127.0.0.1:{port}"], stdout=out, stderr=out)

    def answers() -> bool:
        assert server.poll() is None, log.read_text()
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0

    wait_until(answers, 30, "stripe-mock answers")
    yield f"http://127.0.0.1:{port}"
    server.kill()
    server.wait(10)


@pytest.fixture(scope="module")
def billing(stripe_mock, tmp_path_factory):
    admin = os.environ["CARILLON_TEST_DATABASE_URL"]
    name = f"stripe_mock_{uuid.uuid4().hex[:12]}"
    installation = Installation(create_database(admin, name), tmp_path_factory.mktemp("billing"), STRIPE_BASE_URL=stripe_mock, CARILLON_PUBLIC_URL="https://carillon.example.com")
    installation.migrate()
    program = installation.program("carillon-billing-ingest").start().wait_ready()
    yield installation, program
    assert program.stop() == 0, program.tail()
    drop_database(admin, name)


@pytest.mark.parametrize("plan", ["SOLO", "PORTFOLIO", "PRO"])
def test_stripe_mock_accepts_our_checkout_and_gives_its_address(billing, plan):
    installation, program = billing
    owner = Person(installation.database_url, program.url, "OWNER", f"client {plan}")
    answer = owner.post("/api/billing/checkout-session", f'{{"plan":"{plan}"}}', owner.csrf("/billing"))
    assert answer.status == 200, answer.body
    assert answer.json()["url"].startswith("https://")


def test_stripe_mock_accepts_our_portal_call_and_gives_its_address(billing):
    installation, program = billing
    with psycopg.connect(installation.database_url) as connection:
        connection.execute("INSERT INTO billing.billing_subscriptions VALUES ('sub_1', 'acme', 'cus_1', 'active', 'PRO', '', '', now(), now(), 1, '', true, false, '', now(), now())")
    answer = Person(installation.database_url, program.url, "OWNER", "acme").get("/api/billing/portal-link")
    assert answer.status == 200, answer.body
    assert answer.json()["url"].startswith("https://")


def test_stripe_mock_refuses_a_parameter_that_stripe_does_not_know(stripe_mock):
    """So that the other tests say something."""
    answer = Api(stripe_mock, None).call("POST", "/v1/checkout/sessions", "mode=subscription&no_such_parameter=1",
                                         {"Authorization": "Bearer sk_test_tests", "Content-Type": "application/x-www-form-urlencoded"})
    assert answer.status == 400, answer.body
