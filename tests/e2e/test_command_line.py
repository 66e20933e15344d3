"""The command line: tables for people, JSON for programs, exit codes that mean something."""

import json
import subprocess
import uuid

from harness.programs import BIN
from harness.waiting import wait_until


def run(installation, platform, api_key, *arguments, check=True):
    return installation.command(*arguments, check=check, CARILLON_URL=platform.url, CARILLON_API_KEY=api_key)


def test_send_waits_for_the_outcome_and_shows_it(installation, platform, api_key, address):
    done = run(installation, platform, api_key, "send", "ADMIN_MANUAL", "--to", address, "--var", "subject=Hi", "--var", "body=Hello", "--wait")
    assert "SENT" in done.stdout and "postmark" in done.stdout
    message_id = next(line.split()[1] for line in done.stdout.splitlines() if line.startswith("message"))
    shown = json.loads(run(installation, platform, api_key, "message", "show", message_id, "--json").stdout)
    assert shown["status"] == "SENT"


def test_a_client_put_is_seen_by_gating(installation, platform, api_key, api, address):
    run(installation, platform, api_key, "client", "put", "acme", "--plan", "SOLO", "--email", address)
    assert "SOLO" in run(installation, platform, api_key, "client", "show", "acme").stdout
    body = {"template_key": "MONTHLY_DIGEST", "client_id": "acme", "min_client_version": 1, "variables": {}}
    names = next(t for t in api.get("/api/admin/templates").json()["templates"] if t["key"] == "MONTHLY_DIGEST")["required_variables"]
    body["variables"] = {name: "x" for name in names}
    answer = api.send(body)
    assert answer.status == 202, answer.body
    assert api.final(answer.json()["message_id"])["status"] == "SENT"


def test_template_list_and_config_are_complete(installation, platform, api_key):
    templates = [json.loads(line) for line in run(installation, platform, api_key, "template", "list", "--json").stdout.splitlines()]
    assert {"WELCOME_EMAIL", "OTP_CODE_SMS", "ADMIN_MANUAL"} <= {template["key"] for template in templates}
    settings = [json.loads(line)["name"] for line in run(installation, platform, api_key, "config", "--json").stdout.splitlines()]
    assert {"POSTMARK_SERVER_TOKEN", "CARILLON_PAYLOAD_KEY", "NOTIFICATION_EMAIL_PER_MINUTE_LIMIT"} <= set(settings)


def test_exit_codes_tell_refused_from_wrong_usage_from_not_reachable(installation, platform, api_key):
    assert run(installation, platform, api_key, "send", check=False).returncode == 2
    assert run(installation, platform, api_key, "message", "show", "018f0000-0000-7000-8000-000000000000", check=False).returncode == 1
    gone = installation.command("message", "show", "x", check=False, CARILLON_URL="http://127.0.0.1:1", CARILLON_API_KEY=api_key)
    assert gone.returncode == 3 and "CARILLON_URL" in gone.stderr


def test_the_audit_chain_verifies(installation, platform, api_key):
    done = installation.command("audit", "verify", CARILLON_AUDIT_KEY=installation.settings["CARILLON_AUDIT_KEY"])
    assert "intact" in done.stdout


def test_a_dead_letter_is_shown_as_it_came_and_replayed_with_an_audit_entry(installation, platform, api_key, api):
    topic, key, value = "notification.send-requests.v1", uuid.uuid4().hex, b'{"specversion":"1.0"'
    subprocess.run([str(BIN / "carillon"), "bus", "publish", topic, "--key", key], input=value, timeout=30, check=True,
                   env={"CARILLON_DATABASE_URL": installation.database_url})

    def places():
        lines = run(installation, platform, api_key, "dlq", "list", topic, "--json").stdout.splitlines()
        return [f"{letter['partition']}/{letter['seq']}" for letter in map(json.loads, lines) if letter["key"] == key]

    place = wait_until(places, 10, "the dead letter")[0]
    assert run(installation, platform, api_key, "dlq", "show", topic, place, "--raw").stdout.encode() == value
    shown = run(installation, platform, api_key, "dlq", "show", topic, place).stdout
    assert "dlq-reason: INVALID_CLOUD_EVENT" in shown and f"key: {key}" in shown
    assert json.loads(run(installation, platform, api_key, "dlq", "replay", topic, place, "--json").stdout) == {"published": 1, "left_out": 0}
    wait_until(lambda: len(places()) == 2, 10, "it comes back, for it is as wrong as before")

    def audited():
        entries = api.get("/api/admin/audit-logs?action=DEAD_LETTER_REPLAYED").json()["items"]
        return [entry["subject_id"] for entry in entries if entry["subject_id"].endswith(place)]

    assert wait_until(audited, 10, "the audit entry") == [f"{topic}.dlq/{place}"]
    for wrong in (["show", topic, "9"], ["show", topic, "0/999999"], ["replay", topic], ["replay", topic + ".dlq", "--all"]):
        failed = run(installation, platform, api_key, "dlq", *wrong, check=False)
        assert failed.returncode in (1, 2) and failed.stderr, wrong
