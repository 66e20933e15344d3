"""Reminders and reports through every service: from an item and a job to the inbox."""

import csv
import datetime as dt
import hashlib
import io
import json
import uuid
import zoneinfo

import pytest

from harness.people import Person
from harness.waiting import wait_until

REMINDER, REMINDER_SMS = "COMPLIANCE_EXPIRY_REMINDER", "COMPLIANCE_EXPIRY_REMINDER_SMS"


class Client:
    def __init__(self, api, plan: str):
        self.api, self.id = api, f"due-{uuid.uuid4().hex[:10]}"
        self.email, self.phone = f"{self.id}@example.com", f"+4477009{uuid.uuid4().int % 100_000:05}"
        self.path = f"/api/admin/clients/{self.id}"
        self.put(self.path, "PUT", {"plan": plan, "onboarding_status": "PROVISIONED", "subscription_status": "active", "sms_enabled": True, "time_zone": "Europe/London",
                                    "contacts": {"email": self.email, "phone": self.phone}})

    def put(self, path: str, method: str, body: dict) -> dict:
        answer = self.api.call(method, path, json.dumps(body), {"Content-Type": "application/json"})
        assert answer.status in (200, 201), answer.body
        return answer.json()

    def item(self, name: str, days: int) -> dict:
        day = dt.datetime.now(zoneinfo.ZoneInfo("Europe/London")).date() + dt.timedelta(days=days)
        return self.put(f"{self.path}/compliance-items", "POST", {"name": name, "expires_on": day.isoformat()})

    def statuses(self, template: str) -> set[str]:
        found = self.api.get(f"/api/admin/message-logs?client_id={self.id}&template_key={template}").json()["items"]
        return {entry["status"] for entry in found}


@pytest.fixture
def command(installation, platform, api_key):
    return lambda *arguments: installation.command(*arguments, CARILLON_URL=platform.url, CARILLON_API_KEY=api_key).stdout


def test_a_client_with_two_items_due_gets_one_mail_pro_an_sms_too_and_solo_is_refused_it(api, sandbox, command):
    pro, solo = Client(api, "PRO"), Client(api, "SOLO")
    pro.item("Gas safety record", 12)
    pro.item("Fire certificate", 5)
    solo.item("Licence", 5)
    assert "runs within seconds" in command("job", "run", "compliance-reminders")
    for client in (pro, solo):
        wait_until(lambda: "SENT" in client.statuses(REMINDER), 20, f"{client.id} has its mail")
    wait_until(lambda: "SENT" in pro.statuses(REMINDER_SMS), 20, "PRO has its SMS")
    wait_until(lambda: "BLOCKED_PLAN" in solo.statuses(REMINDER_SMS), 20, "SOLO is refused an SMS")
    mails = sandbox.messages(pro.email)
    assert len(mails) == 1
    assert mails[0]["text"].index("Fire certificate") < mails[0]["text"].index("Gas safety record")
    assert "Fire certificate" in sandbox.messages(pro.phone)[0]["text"]
    assert sandbox.messages(solo.phone) == []
    wait_until(lambda: next(json.loads(line) for line in command("job", "list", "--json").splitlines())["runs"][0]["outcome"] == "DONE", 20, "the run is over")
    command("job", "run", "compliance-reminders")
    wait_until(lambda: next(json.loads(line) for line in command("job", "list", "--json").splitlines())["runs"][0]["ended_at"], 20, "the second run is over")
    assert len(sandbox.messages(pro.email)) == 1
    listed = command("job", "list")
    assert "compliance-reminders" in listed and "09:00" in listed


def test_an_owner_gets_the_report_as_a_file_staff_may_not_ask(api, sandbox, installation, platform):
    client = Client(api, "SOLO")
    item = client.item('Licence, "both" pages', 100)
    owner, staff = (Person(installation.database_url, platform.url, role, client.id) for role in ("OWNER", "STAFF"))
    assert staff.post("/api/reports", "", staff.csrf("/billing")).status == 403
    asked = owner.post("/api/reports", "", owner.csrf("/billing"))
    assert asked.status == 202, asked.body
    assert api.final(asked.json()["message_id"], 20)["status"] == "SENT"
    mail = sandbox.messages(client.email)[0]
    assert "attached" in mail["text"]
    rows = io.StringIO(newline="")
    csv.writer(rows, quoting=csv.QUOTE_MINIMAL).writerow([item["name"], item["expires_on"], "100", "ACTIVE"])
    content = ("name,expires_on,days_left,status\r\n" + rows.getvalue()).encode()
    [file] = mail["attachments"]
    assert file["file_name"].endswith(".csv") and file["content_type"] == "text/csv"
    assert file["sha256"] == hashlib.sha256(content).hexdigest()
