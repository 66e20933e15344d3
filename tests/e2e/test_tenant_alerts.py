"""Tenant alerts as a tenant meets them: what arrives at a mail server that is not ours and in Slack, and the page of their settings."""

import contextlib
import email
import email.policy
import json
import os
import pathlib
import re
import uuid

import pytest
from aiosmtpd.controller import Controller

from harness.api import Api, Sandbox
from harness.browser import png_size
from harness.people import Person
from harness.postgres import create_database, drop_database, free_ports
from harness.programs import Installation
from harness.tab import DESK, PHONE, chromium
from harness.waiting import wait_until

SAMPLES = pathlib.Path(__file__).parent.parent.parent / "docs/samples"
WEBHOOK = "https://hooks.slack.com/services/T0CARILLON/B0CARILLON/alerts"
ARRIVE_SECONDS = 10
STEADY = {r"^Date: .*$": "Date: Mon, 30 Nov 2026 08:15:00 +0000",
          r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}": "01890a5d-ac96-774b-bcce-b302099a8057"}


class Mailbox:
    """What a mail server took."""

    def __init__(self):
        self.mails: list[bytes] = []

    async def handle_DATA(self, server, session, envelope) -> str:
        self.mails.append(envelope.content)
        return "250 2.0.0 taken"

    def one_with(self, subject: str) -> bytes:
        def found():
            return next((mail for mail in self.mails if email.message_from_bytes(mail, policy=email.policy.SMTP)["Subject"] == subject), None)

        return wait_until(found, ARRIVE_SECONDS, f"a mail with the subject {subject}")


@contextlib.contextmanager
def mail_server():
    mailbox = Mailbox()
    controller = Controller(mailbox, hostname="127.0.0.1", port=free_ports(1)[0])
    controller.start()
    try:
        yield mailbox, controller.port
    finally:
        controller.stop()


@pytest.fixture(scope="module")
def whole(admin_url, tmp_path_factory):
    """A platform whose only e-mail provider is a mail server that is not ours; Slack is the sandbox's."""
    name = f"alerts_{uuid.uuid4().hex[:12]}"
    installation = Installation(create_database(admin_url, name), tmp_path_factory.mktemp("alerts"))
    with mail_server() as (mailbox, port):
        program = installation.whole(POSTMARK_SERVER_TOKEN="", SMTP_PORT=str(port)).start().wait_ready()
        yield installation, program, mailbox
        assert program.stop() == 0, program.tail()
    drop_database(admin_url, name)


@pytest.fixture
def tenant(whole) -> str:
    installation, program, _ = whole
    client = f"t{uuid.uuid4().hex[:10]}"
    installation.put_client(program.url, client, "--email", "owner@example.com")
    admin = Api(program.url, installation.api_key("ops", "admin"))
    wait_until(lambda: admin.get(f"/api/tenants/{client}/notifications").status == 200, ARRIVE_SECONDS, "the tenant is known")
    return client


def slack_payloads(installation, secret: str) -> list[dict]:
    """What Slack was called with."""
    sandbox = Sandbox(installation.sandbox_url)
    return [sandbox.api.get(f"/messages/{message['id']}/raw").json() for message in sandbox.messages(f"{WEBHOOK}{secret}")]


def steady(mail: bytes) -> str:
    """Without what differs from mail to mail: date, ids, the separators of its parts."""
    text = mail.decode().replace("\r\n", "\n")
    for number, boundary in enumerate(re.findall(r'boundary="?([^"\n;]+)', text), 1):
        text = text.replace(boundary, f"parts-{number}")
    for pattern, instead in STEADY.items():
        text = re.sub(pattern, instead, text, flags=re.MULTILINE)
    return text


def test_an_alert_arrives_as_the_samples_show(whole, tenant):
    installation, program, mailbox = whole
    secret = uuid.uuid4().hex
    admin = Api(program.url, installation.api_key("ops", "admin"))
    settings = {"email": "ann@example.com", "slack_webhook_url": f"{WEBHOOK}{secret}", "alerts": {"psi_alert": True}}
    assert admin.call("PUT", f"/api/tenants/{tenant}/notifications", json.dumps(settings), {"Content-Type": "application/json"}).status == 200
    books = Api(program.url, installation.api_key("books", "metrics:write"))
    measured = json.dumps({"psi_vendor": 0.27, "psi_amount": 0.08, "spend": 12.5, "je_imbalance_count": 0})
    for _ in range(2):  # the second one says nothing new
        assert books.call("POST", f"/api/tenants/{tenant}/metrics", measured, {"Content-Type": "application/json"}).status == 202
    mail = steady(mailbox.one_with("⚠️ Data Drift Detected"))
    payload = wait_until(lambda: slack_payloads(installation, secret), ARRIVE_SECONDS, "the message in Slack")[0]
    if os.environ.get("CARILLON_WRITE_SAMPLES"):
        (SAMPLES / "email_sample.eml").write_text(mail)
        (SAMPLES / "slack_payload.json").write_text(json.dumps(payload, ensure_ascii=False, indent=2) + "\n")
    assert payload == json.loads((SAMPLES / "slack_payload.json").read_text())
    assert mail == (SAMPLES / "email_sample.eml").read_text()
    rows = admin.get(f"/api/tenants/{tenant}/notifications/log").json()["items"]
    assert sorted((row["channel"], row["type"], row["sent"]) for row in rows) == [("EMAIL", "psi_alert", True), ("SLACK", "psi_alert", True)]
    assert len(slack_payloads(installation, secret)) == 1
    assert secret not in program.log.read_text(errors="replace")
    assert secret not in json.dumps(rows) + admin.get(f"/api/tenants/{tenant}/notifications").body.decode()


def test_a_failed_delivery_is_not_logged_as_sent(whole, tenant):
    installation, program, _ = whole
    secret = uuid.uuid4().hex
    admin = Api(program.url, installation.api_key("ops", "admin"))
    assert admin.call("PUT", f"/api/tenants/{tenant}/notifications", json.dumps({"slack_webhook_url": f"{WEBHOOK}{secret}"}), {"Content-Type": "application/json"}).status == 200
    sandbox = Sandbox(installation.sandbox_url)
    sandbox.order(provider="slack", mode="status", status=404, body="no_service", recipient_contains=secret)
    assert admin.call("POST", f"/api/tenants/{tenant}/notifications/test").status == 202
    row = wait_until(lambda: next((row for row in admin.get(f"/api/tenants/{tenant}/notifications/log").json()["items"] if row["state"] == "FAILED"), None),
                     ARRIVE_SECONDS, "the row says FAILED")
    assert (row["type"], row["sent"], row["error_message"]) == ("test", False, "FAILED: RECIPIENT_INACTIVE")
    sandbox.obey()


def test_an_owner_saves_settings_finds_them_again_and_tries_them(whole, tenant, tmp_path):
    installation, program, mailbox = whole
    secret = uuid.uuid4().hex
    page = f"{program.url}/settings/notifications"
    owner = Person(installation.database_url, program.url, "OWNER", tenant)
    staff = Person(installation.database_url, program.url, "STAFF", tenant)
    with chromium() as tab:
        tab.order("Network.enable")

        def shown() -> str:
            return tab.run("document.body.innerText")

        def look(name: str) -> None:
            for size, screen in ((DESK, "desk"), (PHONE, "phone")):
                for scheme in ("light", "dark"):
                    tab.open(page, size=size, scheme=scheme)
                    assert tab.run("document.documentElement.scrollWidth") <= size[0], (name, screen)
                    picture = pathlib.Path(tmp_path) / f"alerts-{name}-{screen}-{scheme}.png"
                    tab.picture(picture)
                    assert png_size(picture) == size

        owner.sign_in(tab, program.url)
        tab.open(page)
        assert "Dry run" in shown() and "Nothing yet." in shown()
        assert tab.run("document.querySelector('nav.side [aria-current]').innerText") == "Notifications"
        look("empty")
        tab.open(page)
        tab.type("#email", f"ann-{secret[:8]}@example.com")
        tab.type("#slack_webhook_url", f"{WEBHOOK}{secret}")
        tab.click("#psi_alert")
        tab.click("#export_completed")
        tab.click("form[action='/settings/notifications'] button")
        tab.wait("location.search === '?done=saved' && document.readyState === 'complete'")
        assert "Your alert settings are saved." in shown() and "Dry run" not in shown()
        assert tab.value("#email") == f"ann-{secret[:8]}@example.com" and tab.value("#slack_webhook_url") == ""
        assert tab.run("['psi_alert', 'budget_fallback', 'export_completed'].map(one => document.getElementById(one).checked)") == [True, False, True]
        assert secret not in tab.run("document.documentElement.outerHTML")
        tab.click("form[action='/settings/notifications/test'] button")
        tab.wait("location.search === '?done=test' && document.readyState === 'complete'")
        assert "E-mail – Sent, Slack – Sent" in shown()
        look("owner")
        assert mailbox.one_with("🔔 Test of your alert settings")
        wait_until(lambda: slack_payloads(installation, secret), ARRIVE_SECONDS, "the test in Slack")
        tab.open(f"{installation.sandbox_url}/")
        tab.wait("document.body.innerText.includes('Test of your alert settings')")
        staff.sign_in(tab, program.url)
        tab.open(page)
        assert tab.run("document.getElementById('email').matches(':disabled') && document.getElementById('psi_alert').matches(':disabled')")
        assert "Save alert settings" not in shown() and "Only the owner" in shown()
        look("staff")
    assert staff.post("/settings/notifications", "email=", staff.csrf("/settings/notifications"), "application/x-www-form-urlencoded").status == 403
