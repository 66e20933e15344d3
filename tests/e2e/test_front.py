"""The services behind one address, as deploy/haproxy.cfg puts them there: each path reaches the service that answers it."""

import os
import pathlib
import shutil

import pytest

from harness.api import Api
from harness.otp import post
from harness.postgres import free_port
from harness.programs import Program
from harness.waiting import wait_until

CONFIG = pathlib.Path(__file__).parent.parent.parent / "deploy/haproxy.cfg"
ADDRESSES = {"CARILLON_ORCHESTRATOR": "carillon-orchestrator", "CARILLON_HEALTH": "carillon-health-aggregator",
             "CARILLON_DISPATCHER": "carillon-provider-dispatcher", "CARILLON_OTP": "carillon-otp",
             "CARILLON_BILLING": "carillon-billing-ingest", "CARILLON_PROVISIONING": "carillon-provisioning"}


def haproxy() -> str:
    found = shutil.which("haproxy", path=os.environ["PATH"] + ":/usr/sbin")
    assert found, "haproxy is missing: ./dev test e2e installs it"
    return found


@pytest.fixture
def front(kafka, tmp_path):
    """What is in front, and the settings it was started with."""
    address = f"127.0.0.1:{free_port()}"
    services = {name: kafka.programs[kind, 0].url.removeprefix("http://") for name, kind in ADDRESSES.items()}
    program = Program([haproxy(), "-db", "-f", str(CONFIG)], services | {"CARILLON_FRONT": address}, f"http://{address}", tmp_path / "front.log")
    yield program.start()
    program.kill()


def test_one_address_serves_every_path(kafka, front, address):
    front.wait_ready()
    api = Api(front.url, kafka.api.key)
    message_id = api.manual(address, key=address)
    assert api.final(message_id, 30)["status"] == "SENT"
    for path in ("/api/admin/templates", "/api/admin/suppressions", f"/api/notifications/{message_id}", f"/api/admin/message-logs/{message_id}", "/api/admin/message-logs",
                 f"/api/admin/audit-logs?subject_id={message_id}", "/api/admin/notification-health/summary", "/health/messaging", "/api/admin/costs", "/api/admin/messages/held", "/api/admin/clients",
                 "/api/admin/jobs", "/api/admin/billing/events"):
        answer = api.get(path)
        assert answer.status == 200, (path, answer.status, answer.body)
    assert api.get("/api/admin/ses/account").json()["code"] == "SES_NOT_CONFIGURED"
    assert post(api, "/api/webhooks/stripe").json()["code"] == "INVALID_SIGNATURE"
    assert post(api, f"/api/cancellations/{message_id}").json()["code"] == "MESSAGE_NOT_WAITING"
    assert post(api, f"/api/admin/cancellations/{message_id}").json()["code"] == "MESSAGE_NOT_WAITING"
    assert api.get("/api/clients/nobody/preferences").json()["code"] == "CLIENT_NOT_FOUND"
    assert api.get("/settings/preferences").headers["location"] == "/login?next=%2Fsettings%2Fpreferences"
    assert api.get("/billing").headers["location"] == "/login?next=%2Fbilling"
    assert api.get("/api/billing/portal-link").status == 401
    assert api.get("/settings/notifications").headers["location"] == "/login?next=%2Fsettings%2Fnotifications"
    assert api.get("/api/tenants/nobody/notifications").json()["code"] == "TENANT_NOT_FOUND"
    assert post(api, "/api/otp/verified", phone_number="+447700900112").json() == {"verified": False}
    assert post(api, "/api/sms/otp/send").status == 410
    assert api.get("/api/admin/number-pool/stats").status == 200
    assert post(api, "/api/admin/recipients/erase").json()["field"] == "recipient"
    assert post(api, "/api/onboarding/messages").json()["code"] == "INVALID_FIELD"
    assert post(api, "/api/webhooks/twilio/sms").json()["code"] == "WEBHOOK_NOT_CONFIGURED"
    login = api.get("/login")
    assert login.status == 200
    assert all(api.get(word.split('"')[1]).status == 200 for word in login.body.decode().split() if word.startswith('href="/assets/'))
    for page in ("", "/more", "/notification-health", f"/messages/{message_id}", "/audit", "/dead-letters", "/held", "/providers", "/suppressions", "/number-pool"):
        answer = api.get(f"/admin{page}")
        assert (answer.status, answer.headers["location"]) == (303, f"/login?next=%2Fadmin{page.replace('/', '%2F')}"), page
    assert api.get("/api/nothing").status == 404


def test_it_is_not_ready_while_a_service_is_missing(kafka, front):
    front.wait_ready()
    paused = kafka.programs["carillon-provider-dispatcher", 0]
    paused.pause()
    try:
        wait_until(lambda: Api(front.url, None).get("/readyz").status == 503, 30, "it says so")
    finally:
        paused.go_on()
    front.wait_ready()
