"""One-time codes through the whole platform: failover, a backlog, and what of them rests anywhere."""

import pathlib
import re
import subprocess
import uuid
from datetime import UTC, datetime

import pytest

from harness.api import Api, Sandbox
from harness.otp import code_of, post
from harness.postgres import BIN as POSTGRES_BIN
from harness.postgres import create_database, drop_database
from harness.programs import Installation
from harness.waiting import wait_until

RUN = 1_000
BACKLOG = 10_000


@pytest.fixture
def own_platform(admin_url, tmp_path):
    """A platform of the test's own, with settings: own_platform(NAME=value, ...) -> (api, sandbox, installation, program)."""
    made = []

    def make(**settings: str):
        name = f"otp_{uuid.uuid4().hex[:12]}"
        installation = Installation(create_database(admin_url, name), tmp_path, **settings)
        installation.settings |= {"AWS_ACCESS_KEY_ID": "AKIDSANDBOX", "AWS_SECRET_ACCESS_KEY": "sandbox-secret", "AWS_REGION": "us-east-1",
                                  "SNS_BASE_URL": installation.sandbox_url}
        program = installation.whole().start()
        made.append((name, program))
        program.wait_ready()
        return Api(program.url, installation.api_key()), Sandbox(installation.sandbox_url), installation, program

    yield make
    for name, program in made:
        if program.is_running():
            assert program.stop() == 0, program.tail()
        drop_database(admin_url, name)


def test_with_sns_failing_the_code_arrives_by_twilio_and_the_whole_history_is_in_the_timeline(own_platform):
    api, sandbox, _, _ = own_platform(SMS_PROVIDER_CHAIN="sns,twilio")
    number = "+447700900321"
    sandbox.order(provider="sns", mode="status", status=500, recipient_contains=number)
    assert post(api, "/api/otp/send", phone_number=number, action="PHONE_VERIFY").status == 200
    code = code_of(sandbox, number)
    assert [message["provider"] for message in sandbox.messages(number)] == ["twilio"]
    assert post(api, "/api/otp/verify", phone_number=number, action="PHONE_VERIFY", code=code).json() == {"verified": True}

    def audits():
        entries = api.get("/api/admin/audit-logs?limit=100").json()["items"]
        return {entry["action"]: entry for entry in entries if entry["action"].startswith("OTP_")}

    wait_until(lambda: {"OTP_SEND_REQUESTED", "OTP_SENT", "OTP_VERIFY_SUCCESS"} <= set(audits()), 10, "the audit entries")
    message = api.final(audits()["OTP_SENT"]["details"]["message_id"])
    assert [(entry["status"], entry["provider"]) for entry in message["history"]] == [("QUEUED", ""), ("ATTEMPT_FAILED", "sns"), ("SENT", "twilio")]
    assert message["metadata"]["action"] == "PHONE_VERIFY"
    assert message["metadata"]["attempt_count"] == "1"
    assert message["metadata"]["phone_hash"] == audits()["OTP_SENT"]["subject_id"]
    assert message["recipient"] == "+44*******321"


def test_a_code_behind_a_backlog_of_bulk_messages_is_called_within_a_second(own_platform):
    api, sandbox, _, _ = own_platform(TWILIO_RATE_PER_SECOND="5", SMS_PROVIDER_CHAIN="twilio")
    for n in range(BACKLOG):
        answer = api.send({"template_key": "ADMIN_MANUAL_SMS", "recipient": f"+4477{n:08d}", "priority": "BULK", "variables": {"body": "x"}})
        assert answer.status == 202, answer.body
    wait_until(lambda: len(sandbox.calls()) > 5, 60, "the backlog is being worked off")
    number = "+447700900654"
    asked = datetime.now(UTC)
    assert post(api, "/api/otp/send", phone_number=number, action="PHONE_VERIFY").status == 200
    code = wait_until(lambda: sandbox.messages(number), 20, "the code")[0]
    waited = (datetime.fromisoformat(code["received_at"]) - asked).total_seconds()
    assert waited < 1.0, f"the code was called after {waited:.2f} s"
    assert len(sandbox.calls()) < BACKLOG / 2, "the backlog was still there"


def test_the_message_of_an_expired_code_is_expired_and_never_sent_late(own_platform):
    api, sandbox, _, _ = own_platform(OTP_TTL_SECONDS="10", SMS_PROVIDER_CHAIN="sns,twilio")
    number = "+447700900987"
    for provider in ("sns", "twilio"):
        sandbox.order(provider=provider, mode="status", status=500, recipient_contains=number)
    assert post(api, "/api/otp/send", phone_number=number, action="PHONE_VERIFY").status == 200
    wait_until(lambda: {call[2] for call in sandbox.calls()} == {"sns", "twilio"}, 10, "both providers were asked")
    sandbox.obey()  # from now on they would take it: the next round is a minute away, the code ends before it

    def expired():
        entries = api.get("/api/admin/message-logs?limit=10").json()["items"]
        return [entry for entry in entries if entry["template_key"] == "OTP_CODE_SMS" and entry["status"] == "EXPIRED"]

    wait_until(expired, 20, "the message is EXPIRED")
    assert sandbox.messages(number) == []


def dumped(database_url: str) -> str:
    done = subprocess.run([str(pathlib.Path(POSTGRES_BIN) / "pg_dump"), database_url], capture_output=True, text=True, timeout=120, check=True)
    return done.stdout


def test_after_a_run_of_1000_nothing_that_rests_holds_a_number_or_a_code(own_platform):
    api, sandbox, installation, program = own_platform(CARILLON_LOG_LEVEL="debug", OTP_ANSWER_INTERVAL_MS="0")
    numbers, codes = [f"+4477009{n:05d}" for n in range(RUN)], []
    for n, number in enumerate(numbers):
        assert post(api, "/api/otp/send", phone_number=number, action="PHONE_VERIFY").status == 200
    inbox = wait_until(lambda: (m := sandbox.messages(limit=2 * RUN)) and len(m) >= RUN and m, 60, "every code has arrived")
    by_number = {message["to"]: re.search(r"\b\d{6}\b", message["text"]).group() for message in inbox}
    for n, number in enumerate(numbers):
        codes.append(by_number[number])
        wrong = "000000" if codes[-1] != "000000" else "000001"
        if n % 4 == 0:
            assert post(api, "/api/otp/verify", phone_number=number, action="PHONE_VERIFY", code=wrong).status == 400
        assert post(api, "/api/otp/verify", phone_number=number, action="PHONE_VERIFY", code=codes[-1]).status == 200
    metrics = api.get("/metrics").body.decode()
    assert program.stop() == 0, program.tail()
    rests = {"the metrics": metrics, "the dump": dumped(installation.database_url), "the log": program.log.read_text(errors="replace")}
    assert "+44*******001" in rests["the dump"], "the dump holds the message log"
    for name, text in rests.items():
        assert len(text) > RUN, f"{name} is suspiciously short"
        assert [number for number in numbers if number[1:] in text] == [], name
        # A code may be part of a time, an id, a hash or a ciphertext by chance, never a word of its own.
        words = set(re.findall(r"(?<![0-9A-Za-z+/=.:\-_])\d{6}(?![0-9A-Za-z+/=.:\-_])", text))
        assert sorted(words & set(codes)) == [], name
