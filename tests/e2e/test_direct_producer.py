"""Records put on a topic by others, garbage among them: each becomes a dead letter with its reason; neighbours go through."""

import json
import subprocess

from harness.programs import BIN
from harness.waiting import wait_until


def test_garbage_in_every_topic_becomes_a_dead_letter_and_delays_nobody(installation, platform, api_key, api, address):
    topics = ["notification.send-requests.v1", "notification.dispatch.v1", "notification.message-log.v1", "audit.v1", "notification.feedback.v1"]
    for topic in topics:
        garbage = subprocess.run([str(BIN / "carillon"), "bus", "publish", topic, "--key", "k"], input=bytes(range(256)) * 4,
                                 env={"CARILLON_DATABASE_URL": installation.database_url}, capture_output=True, timeout=30)
        assert garbage.returncode == 0, garbage.stderr
    assert api.final(api.manual(address))["status"] == "SENT"

    def letters():
        lines = installation.command("dlq", "list", "--json").stdout.splitlines()
        found = {json.loads(line)["dlq-topic"]: json.loads(line) for line in lines}
        return found if set(topics) <= set(found) else None

    found = wait_until(letters, 10, "a dead letter of each topic")
    assert all(letter["dlq-reason"] for letter in found.values())
    audit = wait_until(lambda: [entry for entry in api.get("/api/admin/audit-logs?action=SEND_REQUEST_REJECTED").json()["items"]], 10, "its audit entry")
    assert audit


def test_a_cloud_event_in_structured_mode_is_the_same_as_http(installation, platform, api, sandbox, address):
    event = {"specversion": "1.0", "id": address, "source": "orders", "type": "carillon.send-request.v1", "datacontenttype": "application/json",
             "data": {"template_key": "ADMIN_MANUAL", "recipient": address, "variables": {"subject": "Hi", "body": "Hello"}}}
    for _ in range(2):
        done = subprocess.run([str(BIN / "carillon"), "bus", "publish", "notification.send-requests.v1", "--header", "content-type=application/cloudevents+json"],
                              input=json.dumps(event).encode(), env={"CARILLON_DATABASE_URL": installation.database_url}, capture_output=True, timeout=30)
        assert done.returncode == 0, done.stderr
    wait_until(lambda: sandbox.messages(address), 10, "the mail")
    api.final(api.manual("after-" + address))
    assert len(sandbox.messages(address)) == 1
