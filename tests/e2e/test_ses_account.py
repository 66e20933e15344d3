"""carillon ses status and verify-sender: the account at SES, asked by the platform with its own credentials."""

import json
import uuid

import pytest

from harness.api import Api
from harness.postgres import create_database, drop_database
from harness.programs import Installation


@pytest.fixture(scope="module")
def amazon(admin_url, tmp_path_factory):
    """A platform that has credentials for SES, and a key of an admin."""
    name = f"ses_{uuid.uuid4().hex[:12]}"
    installation = Installation(create_database(admin_url, name), tmp_path_factory.mktemp("ses"))
    installation.settings |= {"AWS_ACCESS_KEY_ID": "AKIASANDBOX", "AWS_SECRET_ACCESS_KEY": "sandbox-secret", "SES_BASE_URL": installation.sandbox_url}
    program = installation.whole().start().wait_ready()
    yield installation, program, installation.api_key()
    assert program.stop() == 0, program.tail()
    drop_database(admin_url, name)


@pytest.fixture
def command(amazon):
    installation, program, key = amazon
    return lambda *arguments, check=True: installation.command("ses", *arguments, check=check, CARILLON_URL=program.url, CARILLON_API_KEY=key)


def test_status_tells_the_sandbox_of_ses_and_the_quota(command):
    text = command("status").stdout
    assert "sandbox: only verified addresses" in text and "0 of 200 in the last 24 hours" in text and "enabled, HEALTHY" in text
    assert json.loads(command("status", "--json").stdout) == {"production": False, "sending_enabled": True, "enforcement": "HEALTHY",
                                                             "sends_per_day_max": 200.0, "sends_per_second_max": 1.0, "sent_last_day": 0.0}


def test_a_sender_is_asked_for_once_and_then_looked_up(command, amazon, address):
    assert "pending: SES has written to this address" in command("verify-sender", address).stdout
    assert json.loads(command("verify-sender", address, "--json").stdout) == {"verified": False}
    log = amazon[1].log.read_text()
    assert "ses_sender_verification" in log and address not in log


def test_what_is_no_address_is_refused(command, amazon):
    refused = command("verify-sender", "nobody", check=False)
    assert refused.returncode == 1 and "address: " in refused.stderr
    api = Api(amazon[1].url, amazon[2])
    for body in ("", "{}", '{"address":1}', '{"address":"a@example.com","more":1}'):
        assert api.call("POST", "/api/admin/ses/senders", body).status == 400, body


def test_only_admins_may_ask(amazon):
    installation, program, _ = amazon
    sender = Api(program.url, installation.api_key("shop", "notifications:send"))
    assert sender.get("/api/admin/ses/account").status == 403
    assert sender.call("POST", "/api/admin/ses/senders", "{}").status == 403
    assert Api(program.url, None).get("/api/admin/ses/account").status == 401


def test_without_credentials_the_missing_settings_are_named(installation, platform, api_key):
    refused = installation.command("ses", "status", check=False, CARILLON_URL=platform.url, CARILLON_API_KEY=api_key)
    assert refused.returncode == 1 and "AWS_" in refused.stderr
    assert Api(platform.url, api_key).get("/api/admin/ses/account").status == 409


def test_ses_that_refuses_or_is_not_there_is_told_with_its_own_words(amazon, installation, admin_url, tmp_path):
    name = f"ses_{uuid.uuid4().hex[:12]}"
    broken = Installation(create_database(admin_url, name), tmp_path)
    broken.settings |= {"AWS_ACCESS_KEY_ID": "AKIASANDBOX", "AWS_SECRET_ACCESS_KEY": "sandbox-secret", "SES_BASE_URL": "http://127.0.0.1:1"}
    program = broken.whole().start().wait_ready()
    answer = Api(program.url, broken.api_key()).get("/api/admin/ses/account")
    assert answer.status == 502 and answer.json()["code"] == "SES_REFUSED" and "NO_ANSWER" in answer.json()["detail"]
    assert program.stop() == 0, program.tail()
    drop_database(admin_url, name)
