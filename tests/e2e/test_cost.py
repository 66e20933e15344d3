"""Costs, the monthly limit and provider health, on a platform of its own whose SMS provider may cost very little."""

import json
import uuid

import pytest

from harness.api import Api, Sandbox
from harness.postgres import create_database, drop_database
from harness.programs import Installation
from harness.waiting import wait_until

OPS = "ops@carillon.example"
LIMIT_USD = "0.0375"  # five segments by twilio


@pytest.fixture(scope="module")
def poor(admin_url, tmp_path_factory):
    name = f"cost_{uuid.uuid4().hex[:12]}"
    installation = Installation(create_database(admin_url, name), tmp_path_factory.mktemp("cost"), SMS_CONSOLE_ENABLED="true",
                                TWILIO_MONTHLY_LIMIT_USD=LIMIT_USD)
    program = installation.whole().start().wait_ready()
    yield installation, program
    assert program.stop() == 0, program.tail()
    drop_database(admin_url, name)


@pytest.fixture(scope="module")
def poor_key(poor):
    return poor[0].api_key()


@pytest.fixture
def poor_api(poor, poor_key):
    return Api(poor[1].url, poor_key)


@pytest.fixture
def poor_sandbox(poor):
    box = Sandbox(poor[0].sandbox_url)
    yield box
    box.obey()


def carillon(poor, key, *arguments, check=True, **environment):
    return poor[0].command(*arguments, check=check, CARILLON_URL=poor[1].url, CARILLON_API_KEY=key, **environment)


def providers(api) -> dict[str, dict]:
    return {entry["provider"]: entry for channel in api.get("/health/messaging").json()["channels"] for entry in channel["providers"]}


def send_sms(api) -> dict:
    answer = api.send({"template_key": "ADMIN_MANUAL_SMS", "recipient": "+447700900123", "variables": {"body": "Hello"}})
    assert answer.status == 202, answer.body
    return api.final(answer.json()["message_id"])


def mails_to_ops(sandbox, words: str) -> list[dict]:
    return [mail for mail in sandbox.messages(OPS) if words in mail["subject"]]


def test_a_spend_limit_warns_at_80_percent_and_at_100_sends_by_the_next_provider(poor, poor_key, poor_api, poor_sandbox):
    for _ in range(4):
        message = send_sms(poor_api)
        assert (message["status"], message["provider"]) == ("SENT", "twilio")
    wait_until(lambda: mails_to_ops(poor_sandbox, "twilio has used 80 %"), 10, "ops are told of 80 %")
    assert send_sms(poor_api)["provider"] == "twilio"
    wait_until(lambda: mails_to_ops(poor_sandbox, "twilio has used 100 %"), 10, "ops are told of 100 %")
    wait_until(lambda: providers(poor_api)["twilio"]["limit_reached"], 10, "the limit is seen")
    for _ in range(3):
        message = send_sms(poor_api)
        assert (message["status"], message["provider"], message["attempts"]) == ("SENT", "console", 1)
    assert len(mails_to_ops(poor_sandbox, "spend limit")) == 2

    report = poor_api.get("/api/admin/costs").json()
    costs = {entry["provider"]: entry for entry in report["providers"]}
    twilio = costs["twilio"]
    assert (twilio["units"], twilio["spent_usd"], twilio["limit_usd"], twilio["limit_reached"]) == (5, LIMIT_USD, LIMIT_USD, True)
    assert [(entry["template_key"], entry["messages"], entry["spent_usd"]) for entry in twilio["templates"]] == [("ADMIN_MANUAL_SMS", 5, LIMIT_USD)]
    assert (costs["console"]["units"], costs["console"]["spent_usd"]) == (3, "0.00")
    assert report["forecast_usd"] is None, "nothing is foretold on the first day"
    assert report["uncovered_units"]["EMAIL"] == costs["postmark"]["units"] == 2, "the two alerts, by a provider without a known price"
    audited = wait_until(lambda: [entry["action"] for entry in poor_api.get("/api/admin/audit-logs?subject_id=twilio").json()["items"]], 10, "audited")
    assert sorted(audited) == ["SPEND_LIMIT_NEAR", "SPEND_LIMIT_REACHED"]

    shown = carillon(poor, poor_key, "cost", "show").stdout
    assert LIMIT_USD in shown and "ADMIN_MANUAL_SMS" in shown
    assert json.loads(carillon(poor, poor_key, "cost", "show", "--month", "2001-01", "--json").stdout)["spent_usd"] == "0.00"
    assert carillon(poor, poor_key, "cost", "show", "--month", "2001-13", check=False).returncode == 2
    assert poor_api.get("/api/admin/costs?month=2001-13").status == 400


def test_ops_are_told_when_the_secondary_carries_the_primary_s_messages(poor, poor_api, poor_sandbox):
    address = f"{uuid.uuid4().hex}@example.com"
    poor_sandbox.order(provider="postmark", mode="status", status=500)
    for number in range(6):
        message = poor_api.final(poor_api.manual(address, key=f"{address}-{number}"))
        assert (message["status"], message["provider"]) == ("SENT", "smtp")
    mail = wait_until(lambda: mails_to_ops(poor_sandbox, "EMAIL fails over from postmark to smtp"), 10, "ops are told of the failover")[0]
    assert mail["provider"] == "smtp" and "PROVIDER_ERROR" in mail["text"]
    postmark = wait_until(lambda: (found := providers(poor_api)["postmark"])["failures"] >= 5 and found, 10, "the failures are counted")
    assert (postmark["role"], postmark["breaker"]) == ("PRIMARY", "OPEN")
    assert 0 <= 1 - postmark["failures"] / postmark["calls"] - postmark["success_rate"] < 0.0001
    assert postmark["last_error_at"] and postmark["last_error"].startswith("PROVIDER_ERROR")


def test_provider_check_shows_the_chain_and_sends_test_messages(poor, poor_key, poor_sandbox):
    address = f"{uuid.uuid4().hex}@example.com"
    done = carillon(poor, poor_key, "provider", "check", "--email", address, "--phone", "+447700900124")
    assert "PRIMARY" in done.stdout and "smtp" in done.stdout and done.stdout.count("SENT") >= 2
    assert [mail["subject"] for mail in poor_sandbox.messages(address)] == ["Test message from Carillon"]
    lines = carillon(poor, poor_key, "provider", "check", "--json", TEST_EMAIL=address).stdout.splitlines()
    assert "channels" in json.loads(lines[0]) and json.loads(lines[1])["status"] == "SENT"
    assert carillon(poor, poor_key, "provider", "check", "--phone", "07700", check=False).returncode == 2


def test_provider_check_fails_when_its_test_message_does(poor, poor_key, poor_sandbox):
    address = f"{uuid.uuid4().hex}@example.com"
    for provider, status, code in (("postmark", 422, 300), ("smtp", 550, 0)):
        poor_sandbox.order(provider=provider, mode="status", status=status, error_code=code, recipient_contains=address)
    refused = carillon(poor, poor_key, "provider", "check", "--email", address, check=False)
    assert refused.returncode == 1 and "FAILED" in refused.stderr and address not in refused.stderr


def test_cost_compare_needs_no_server_and_calls_nothing_free_that_is_not(installation):
    ways = [json.loads(line) for line in installation.command("cost", "compare", "--sms", "20000", "--email", "20000", "--json").stdout.splitlines()]
    costs = {(way["channel"], " + ".join(part["provider"] for part in way["providers"])): (way["cost_usd"], way["uncovered_units"]) for way in ways}
    assert costs["SMS", "twilio"] == ("150.00", 0)
    assert costs["SMS", "sns"] == ("122.55", 0)
    assert costs["EMAIL", "ses"] == ("0.00", 0)
    assert costs["EMAIL", "smtp + sendgrid"] == ("0.00", 2000)
    table = installation.command("cost", "compare", "--sms", "20000", "--email", "20000").stdout
    assert "122.55" in table and "0.00 + ?" in table and "UNCOVERED" in table
    assert installation.command("cost", "compare", check=False).returncode == 2
