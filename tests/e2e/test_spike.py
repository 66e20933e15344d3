"""Many messages fail: OPS are told, through the same pipe as everything else, even when its throttle is full."""

import uuid

import pytest

from harness.api import Api, Sandbox
from harness.postgres import create_database, drop_database
from harness.programs import Installation
from harness.waiting import wait_until

FAILURES = 12


@pytest.fixture(scope="module")
def watched(admin_url, tmp_path_factory):
    name = f"spike_{uuid.uuid4().hex[:12]}"
    installation = Installation(create_database(admin_url, name), tmp_path_factory.mktemp("spike"), NOTIFICATION_SPIKE_CHECK_SECONDS="1",
                                NOTIFICATION_EMAIL_PER_MINUTE_LIMIT=str(FAILURES))
    program = installation.whole().start().wait_ready()
    yield installation, program
    assert program.stop() == 0, program.tail()
    drop_database(admin_url, name)


def test_ops_are_told_of_a_spike_while_everything_else_waits_in_the_throttle(watched):
    installation, program = watched
    api, sandbox = Api(program.url, installation.api_key()), Sandbox(installation.sandbox_url)
    sandbox.order(provider="postmark", mode="status", status=422, error_code=300, recipient_contains="fails")
    failed = [api.manual(f"fails{n}@example.com") for n in range(FAILURES)]
    mail = wait_until(lambda: sandbox.messages("ops@carillon.example"), 20, "OPS are told")
    assert len(mail) == 1 and mail[0]["subject"].startswith("[WARN] "), mail
    assert "ADMIN_MANUAL" in mail[0]["text"]
    assert [api.final(message)["status"] for message in failed] == ["FAILED"] * FAILURES

    def status_of(template: str) -> list[str]:
        return [item["status"] for item in api.get(f"/api/admin/message-logs?template_key={template}").json()["items"]]

    waiting = lambda: status_of("NOTIFICATION_SPIKE_ALERT_ADMIN")
    assert wait_until(lambda: len(waiting()) == 2 and waiting(), 10, "the admins' mail is decided") == ["DEFERRED_THROTTLED"] * 2
    assert status_of("OPS_ALERT_NOTIFICATION_SPIKE") == ["SENT"]
    audited = api.get("/api/admin/audit-logs?action=NOTIFICATION_SPIKE_RAISED").json()["items"]
    assert [entry["outcome"] for entry in audited] == ["WARN"]
