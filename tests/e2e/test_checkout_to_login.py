"""From what Stripe says to a client who is at work: a paid checkout makes an account, the welcome's link its password, and that logs in to /billing."""

import json
import re
import uuid

import pytest
from test_billing import deliver, sample, sign  # noqa: F401  (sign is a fixture)
from test_login import log_in, path, set_password, text

from harness.api import Api, Sandbox
from harness.postgres import create_database, drop_database
from harness.programs import Installation
from harness.tab import chromium
from harness.waiting import wait_until

PASSWORD = "eleven boats at low tide"
WELCOME, CONFIRMED = "Welcome, Acme: set your password", "Your PRO subscription is active"


@pytest.fixture
def whole(admin_url, tmp_path):
    name = f"checkout_{uuid.uuid4().hex[:12]}"
    installation = Installation(create_database(admin_url, name), tmp_path)
    program = installation.whole()
    program.environment["CARILLON_PUBLIC_URL"] = program.url
    program.start().wait_ready()
    yield installation, program
    assert program.stop() == 0, program.tail()
    drop_database(admin_url, name)


def test_a_paid_checkout_provisions_the_client_whose_welcome_leads_to_billing(whole, sign):  # noqa: F811
    installation, program = whole
    api, inbox = Api(program.url, installation.api_key()), Sandbox(installation.sandbox_url)
    client, email = f"c{uuid.uuid4().hex[:10]}", f"{uuid.uuid4().hex[:10]}@example.com"
    installation.put_client(program.url, client, "--onboarding-status", "PENDING", "--business-name", "Acme", "--email", email)
    early = api.call("POST", f"/api/admin/clients/{client}/resend-password-setup", "", {"Content-Type": "application/json"})
    assert (early.status, early.json()["code"]) == (403, "ACCOUNT_NOT_READY")

    bodies = [sample("checkout_session_completed", client), sample("invoice_paid", client)]
    for body, signature in [*zip(bodies, sign(bodies), strict=True)] * 3:
        assert deliver(program.url, body, signature) == 200
    mails = wait_until(lambda: (found := inbox.messages(email)) and len(found) >= 2 and found, 20, "the welcome and the confirmation")
    assert sorted(mail["subject"] for mail in mails) == sorted([WELCOME, CONFIRMED])
    assert api.get(f"/api/admin/clients/{client}").json()["onboarding_status"] == "PROVISIONED"
    welcome = next(mail for mail in mails if mail["subject"] == WELCOME)
    link = re.search(re.escape(program.url) + r"/set-password\?t=[\w-]+", welcome["text"]).group()

    with chromium() as tab:
        set_password(tab, link, PASSWORD)
        log_in(tab, program, email, PASSWORD)
        assert path(tab) == "/billing"
        assert "PRO" in text(tab) and "Active" in text(tab)
        assert tab.complaints() == []
        tab.open(link)
        assert "does not work" in text(tab)  # used
    history = api.get(f"/api/admin/audit-logs?limit=200").json()["items"]
    assert {"PROVISIONING_COMPLETED", "ACCOUNT_CREATED", "STRIPE_EVENT_APPLIED"} <= {entry["action"] for entry in history}
    assert email not in json.dumps(history)
