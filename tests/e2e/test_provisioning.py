"""From a paid checkout to the welcome in the inbox, through every service; and the process dying between every two steps."""

import json
import re
import subprocess
import uuid

import pytest

from harness.api import Api, Sandbox
from harness.postgres import create_database, drop_database
from harness.programs import BIN, Installation
from harness.waiting import wait_until

PUBLIC_URL = "https://carillon.example"
LINK = re.compile(re.escape(PUBLIC_URL) + r"/set-password\?\w+=[\w-]{20,}")
STEPS = ["create_portal_user", "mark_provisioned", "send_welcome"]
FAILPOINTS = ["provisioning.billing.before_commit", "provisioning.billing.after_commit",
              *(f"provisioning.{step}.{moment}_commit" for step in STEPS for moment in ("before", "after"))]


class Paying:
    """A platform of its own, and clients who pay."""

    def __init__(self, admin_url, folder):
        self.admin_url, self.name = admin_url, f"paying_{uuid.uuid4().hex[:12]}"
        self.installation = Installation(create_database(admin_url, self.name), folder, CARILLON_PUBLIC_URL=PUBLIC_URL)
        self.installation.migrate()
        self.box = self.installation.sandbox().start().wait_ready(path="/stats")
        self.program = self.installation.program("carillon", "serve")
        self.key = self.installation.api_key()

    def start(self, **settings):
        self.program.environment.pop("CARILLON_FAILPOINTS", None)
        self.program.environment |= settings
        self.program.start().wait_ready()
        self.api, self.sandbox = Api(self.program.url, self.key), Sandbox(self.installation.sandbox_url)
        return self

    def command(self, *arguments, check=True):
        return self.installation.command(*arguments, check=check, CARILLON_URL=self.program.url, CARILLON_API_KEY=self.key)

    def put(self, client, email):
        answer = self.api.call("PUT", f"/api/admin/clients/{client}", json.dumps({"contacts": {"email": email}}), {"Content-Type": "application/json"})
        assert answer.status in (200, 201), answer.body

    def bill(self, client, version=1, **more):
        event = {"client_id": client, "version": version, "kind": "CHECKOUT_PAID", "event_id": f"evt_{client}_{version}", "customer_id": f"cus_{client}",
                 "subscription_id": f"sub_{client}", "plan": "PRO", "subscription_status": "active"} | more
        headers = {"ce_specversion": "1.0", "ce_id": event["event_id"], "ce_source": "carillon/billing-ingest", "ce_type": "carillon.billing-event.v1",
                   "content-type": "application/json"}
        subprocess.run([str(BIN / "carillon"), "bus", "publish", "billing.events.v1", "--key", client,
                        *[part for header in headers.items() for part in ("--header", "=".join(header))]],
                       input=json.dumps(event).encode(), timeout=30, check=True, env={"CARILLON_DATABASE_URL": self.installation.database_url})

    def client(self, client):
        return self.api.get(f"/api/admin/clients/{client}").json()

    def jobs(self, client):
        return self.api.get(f"/api/admin/jobs?client_id={client}").json()["items"]

    def job_done(self, client, limit_seconds=30):
        return wait_until(lambda: [job for job in self.jobs(client) if job["status"] == "DONE"], limit_seconds, f"{client} is provisioned: {self.jobs(client)}")[0]

    def sent(self, client):
        """Templates of the client's messages, once there are any and all are sent."""
        def all_sent():
            messages = self.api.get(f"/api/admin/message-logs?client_id={client}").json()["items"]
            return messages if messages and all(message["status"] == "SENT" for message in messages) else None

        return [message["template_key"] for message in wait_until(all_sent, 30, f"the messages of {client} are sent")]

    def welcomes(self, email):
        return [message for message in self.sandbox.messages(email) if LINK.search(json.dumps(message))]

    def close(self):
        for program in (self.program, self.box):
            if program.is_running():
                program.stop()
        drop_database(self.admin_url, self.name)


@pytest.fixture(scope="module")
def paying(admin_url, tmp_path_factory):
    world = Paying(admin_url, tmp_path_factory.mktemp("paying")).start()
    yield world
    world.close()


@pytest.fixture
def client():
    return f"c-{uuid.uuid4().hex[:12]}"


def test_provisioning_leads_from_a_paid_checkout_to_the_welcome_with_its_link(paying, client):
    email = f"{client}@example.com"
    paying.put(client, email)
    assert paying.client(client)["onboarding_status"] == "PENDING"
    paying.bill(client)
    paying.job_done(client)
    mails = wait_until(lambda: paying.welcomes(email), 15, "the welcome is in the inbox")
    assert len(mails) == 1
    shown = paying.client(client)
    assert (shown["onboarding_status"], shown["payment_active"], shown["plan"], shown["stripe_subscription_id"]) == ("PROVISIONED", True, "PRO", f"sub_{client}")
    assert paying.sent(client) == ["WELCOME_EMAIL"]
    wanted = {"CLIENT_CREATED", "BILLING_EVENT_APPLIED", "PROVISIONING_STARTED", "ACCOUNT_CREATED", "PROVISIONING_COMPLETED"}
    wait_until(lambda: wanted <= {entry["action"] for entry in paying.api.get(f"/api/admin/audit-logs?client_id={client}").json()["items"]}, 15, "it is audited")
    link = LINK.search(json.dumps(mails[0])).group()
    assert paying.api.get(link.removeprefix(PUBLIC_URL)).status == 200  # the page that sets the password
    assert link.split("=")[1] not in paying.program.log.read_text(errors="replace")


def test_provisioning_that_fails_tells_the_admins_and_is_retried_by_hand(paying, client):
    paying.put(client, "")
    paying.bill(client)
    job = wait_until(lambda: [job for job in paying.jobs(client) if job["status"] == "FAILED"], 15, "the job fails")[0]
    assert (job["step"], job["last_error"]) == ("CREATE_PORTAL_USER", "CLIENT_HAS_NO_EMAIL")
    wait_until(lambda: [message for message in paying.sandbox.messages("admin@carillon.example") if job["job_id"] in json.dumps(message)], 15, "the admins are told")
    assert job["job_id"] in paying.command("provisioning", "list", "--status", "FAILED").stdout
    email = f"{client}@example.com"
    paying.put(client, email)
    assert "CREATE_PORTAL_USER" in paying.command("provisioning", "retry", job["job_id"]).stdout
    paying.job_done(client)
    wait_until(lambda: len(paying.welcomes(email)) == 1, 15, "the welcome is in the inbox")
    assert paying.command("provisioning", "retry", job["job_id"], check=False).returncode == 1


def test_an_owner_gets_the_link_again_only_when_provisioned(paying, client):
    email = f"{client}@example.com"
    paying.put(client, email)
    refused = paying.command("client", "resend-invite", client, check=False)
    assert refused.returncode == 1 and "ACCOUNT_NOT_READY" in refused.stderr
    paying.bill(client)
    paying.job_done(client)
    message_id = json.loads(paying.command("client", "resend-invite", client, "--json").stdout)["message_id"]
    assert paying.api.final(message_id)["status"] == "SENT"
    mails = wait_until(lambda: len(paying.welcomes(email)) == 2 and paying.welcomes(email), 15, "both mails are in the inbox")
    assert len({LINK.search(json.dumps(mail)).group() for mail in mails}) == 2


def test_client_commands_list_show_and_remove(paying, client):
    email = f"{client}@example.com"
    put = paying.command("client", "put", client, "--plan", "SOLO", "--email", email, "--feature", "sms_reminders=2099-01-31T00:00:00Z", "--withhold", "monthly_digest", "--json")
    shown = json.loads(put.stdout)
    assert shown["entitlements"] == [{"feature_key": "sms_reminders", "granted": True, "expires_at": "2099-01-31T00:00:00.000000Z"},
                                     {"feature_key": "monthly_digest", "granted": False, "expires_at": None}]
    assert email in paying.command("client", "show", client).stdout
    listed = paying.command("client", "list", "--email", email).stdout
    assert client in listed and email not in listed
    late = paying.command("client", "put", client, "--plan", "PRO", "--if-version", "9", check=False)
    assert late.returncode == 1 and "VERSION_MISMATCH" in late.stderr
    wrong = paying.command("client", "put", client, "--time-zone", "Mars/Olympus", check=False)
    assert wrong.returncode == 1 and "time_zone" in wrong.stderr
    assert "gone" in paying.command("client", "remove", client).stdout
    assert paying.command("client", "show", client, check=False).returncode == 1
    assert "clients were published" in paying.command("client", "republish").stdout


@pytest.mark.parametrize("failpoint", FAILPOINTS)
def test_provisioning_after_a_death_at(failpoint, admin_url, tmp_path, client):
    """It goes on with the next start, and the client is welcomed exactly once."""
    email = f"{client}@example.com"
    world = Paying(admin_url, tmp_path).start(CARILLON_FAILPOINTS=f"{failpoint}=kill")
    try:
        world.put(client, email)
        world.bill(client)
        wait_until(lambda: not world.program.is_running(), 15, f"the process dies at {failpoint}")
        world.start()
        world.job_done(client)
        assert world.sent(client) == ["WELCOME_EMAIL"]
        assert len(world.welcomes(email)) == 1
    finally:
        world.close()
