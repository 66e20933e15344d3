"""Onboarding and the number pool through the whole platform: messages signed by Twilio's own Node library, replies in the sandbox's inbox."""

import json
import pathlib
import subprocess
import sys
import urllib.parse
import uuid

import pytest

from harness.api import Api, Sandbox
from harness.otp import post
from harness.postgres import create_database, drop_database
from harness.programs import Installation
from harness.waiting import wait_until

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "oracles/node"))

from install import install  # noqa: E402

PLATFORM_NUMBER, OPS = "+15005550006", "ops@carillon.example"
POOL = ["+441632960011", "+441632960012", "+441632960013", "+441632960014"]
JUDGE_SECONDS_MAX = 60


class Onboarding:
    """A platform with settings of its own, as Twilio, an operator and owners meet it."""

    def __init__(self, installation: Installation):
        self.installation = installation
        self.program = installation.whole(PAYMENT_LINK_URL="https://buy.stripe.com/test_link")
        self.program.environment["CARILLON_PUBLIC_URL"] = self.program.url
        self.program.start().wait_ready()
        self.key = installation.api_key("onboarding-tests", "admin")
        self.api, self.sandbox = Api(self.program.url, self.key), Sandbox(installation.sandbox_url)
        self.twilio = Api(self.program.url, None)
        self.judge = install()

    def signature(self, path: str, form: dict[str, str]) -> str:
        token = self.installation.settings["TWILIO_AUTH_TOKEN"]
        task = json.dumps({"do": "twilio_sign", "url": self.program.url + path, "form": form, "token": token})
        done = subprocess.run(self.judge, input=task + "\n", capture_output=True, encoding="utf-8", timeout=JUDGE_SECONDS_MAX, check=True)
        return json.loads(done.stdout)["header"]

    def call(self, path: str, form: dict[str, str], signature: str | None = None):
        headers = {"Content-Type": "application/x-www-form-urlencoded; charset=UTF-8", "X-Twilio-Signature": signature or self.signature(path, form)}
        return self.twilio.call("POST", path, urllib.parse.urlencode(form), headers)

    def sms(self, sender: str, text: str, to: str = PLATFORM_NUMBER, sid: str | None = None):
        form = {"MessageSid": sid or f"SM{uuid.uuid4().hex}", "AccountSid": "AC" + 32 * "0", "From": sender, "To": to, "Body": text, "NumMedia": "0"}
        return self.call("/api/webhooks/twilio/sms", form)

    def voice(self, to: str, caller: str = "+447700900777"):
        return self.call("/api/webhooks/twilio/voice", {"CallSid": f"CA{uuid.uuid4().hex}", "From": caller, "To": to, "CallStatus": "ringing"})

    def inbox(self, number: str) -> list[str]:
        """What has arrived, newest first."""
        return [message["text"] for message in reversed(self.sandbox.messages(number))]

    def says(self, number: str, text: str, reply: str) -> None:
        """The owner writes, and has the reply on the phone."""
        before = len(self.inbox(number))
        assert self.sms(number, text).status == 200
        wait_until(lambda: len(self.inbox(number)) > before and reply in self.inbox(number)[0], 10, f"{number} reads {reply!r}")

    def carillon(self, *arguments: str, check: bool = True, **environment: str):
        return self.installation.command(*arguments, check=check, CARILLON_URL=self.program.url, CARILLON_API_KEY=self.key, **environment)

    def client_id(self, number: str) -> str:
        answer = post(self.api, "/api/onboarding/messages", owner_phone=number, text="READY")
        assert answer.status == 200, answer.body
        return answer.json()["client_id"]


@pytest.fixture(scope="module")
def onboarding(admin_url, tmp_path_factory):
    name = f"onboarding_{uuid.uuid4().hex[:12]}"
    there = Onboarding(Installation(create_database(admin_url, name), tmp_path_factory.mktemp("onboarding")))
    yield there
    assert there.program.stop() == 0, there.program.tail()
    drop_database(admin_url, name)


def test_the_pool_is_seeded_from_the_environment_and_known_numbers_are_skipped(onboarding):
    numbers = ",".join([*POOL, POOL[0], "+44 1632 960099", PLATFORM_NUMBER])
    seeded = onboarding.carillon("pool", "seed", check=False, TWILIO_POOL_NUMBERS=numbers)
    assert seeded.returncode == 1
    assert "4 added, 0 known already, 1 given twice, 2 refused" in seeded.stdout
    assert "number 6:" in seeded.stderr and "number 7:" in seeded.stderr
    again = onboarding.carillon("pool", "seed", TWILIO_POOL_NUMBERS=" , ".join(POOL))
    assert "0 added, 4 known already" in again.stdout
    assert json.loads(onboarding.carillon("pool", "stats", "--json").stdout)["byStatus"]["AVAILABLE"] == len(POOL)
    assert onboarding.carillon("pool", "seed", check=False).returncode == 2
    assert "nobody waits" in onboarding.carillon("pool", "waiting").stdout


def test_onboarding_from_the_first_message_to_the_test_call(onboarding):
    onboarding.carillon("pool", "add", *POOL)
    owner = "+447700900331"
    onboarding.says(owner, "Hello \U0001F44B", "What kind of business do you run")
    onboarding.says(owner, "Plumber in Leeds", "name of your business")
    onboarding.says(owner, "Joe's Pipes \U0001F527", "your name")
    onboarding.says(owner, "Joe", "SMS, EMAIL or BOTH")
    onboarding.says(owner, "both", "Reply YES to go live")
    client_id = onboarding.client_id(owner)
    onboarding.says(owner, "YES", f"https://buy.stripe.com/test_link?client_reference_id={client_id}")
    paid = onboarding.api.call("PATCH", f"/api/admin/clients/{client_id}", json.dumps({"payment_active": True}), {"Content-Type": "application/json"})
    assert paid.status == 200, paid.body
    onboarding.says(owner, "READY", "Which phone do your calls come in on")
    number = onboarding.api.get(f"/api/admin/clients/{client_id}").json()["twilio_number"]
    assert number in POOL
    onboarding.says(owner, "Android", f"**21*{number}#")
    onboarding.says(owner, "DONE", "call your business from another phone")
    assert onboarding.voice(number).status == 200
    wait_until(lambda: f"You're live on {number}!" in onboarding.inbox(owner)[0], 10, "the owner is told")
    newest = onboarding.sandbox.messages(owner)[-1]
    assert newest["provider"] == "twilio" and newest["from"] == number, "replies leave from the client's own number"
    assert onboarding.api.get(f"/api/admin/clients/{client_id}").json()["onboarding_state"] == "COMPLETE"
    assert client_id in onboarding.carillon("pool", "recent").stdout
    # Whoever writes to the client's number: it is that client's, and no conversation moves.
    before = onboarding.inbox("+447700900778")
    assert onboarding.sms("+447700900778", "Is Joe there?", to=number).status == 200
    assert onboarding.inbox("+447700900778") == before


def test_onboarding_refuses_forged_messages_and_counts_each_once(onboarding):
    owner = "+447700900332"
    form = {"MessageSid": f"SM{uuid.uuid4().hex}", "From": owner, "To": PLATFORM_NUMBER, "Body": "Hello"}
    path = "/api/webhooks/twilio/sms"
    signature = onboarding.signature(path, form)
    assert onboarding.call(path, form | {"From": "+447700900333"}, signature).status == 403
    assert onboarding.call(path, form, "A" * 27 + "=").status == 403
    assert {onboarding.call(path, form, signature).status for _ in range(5)} == {200}
    wait_until(lambda: onboarding.inbox(owner), 10, "the welcome")
    wait_until(lambda: "INBOUND_REFUSED" in onboarding.api.get("/api/admin/audit-logs?action=INBOUND_REFUSED").body.decode(), 10, "the refusal is audited")
    onboarding.says(owner, "Baker, Bath", "name of your business")
    assert len(onboarding.inbox(owner)) == 2, "one welcome, one question"


def test_onboarding_stop_suppresses_the_number_and_an_admin_lifts_it(onboarding):
    owner = "+447700900334"
    onboarding.says(owner, "Hello", "What kind of business")
    assert onboarding.sms(owner, "STOP").status == 200

    def suppressed():
        query = urllib.parse.urlencode({"channel": "SMS", "recipient": owner})
        return onboarding.api.get(f"/api/admin/suppressions?{query}").json()["items"]

    assert wait_until(suppressed, 10, "the suppression")[0]["reason"] == "STOP"
    assert onboarding.sms(owner, "START").status == 200

    def blocked():
        entries = onboarding.api.get("/api/admin/message-logs?template_key=ONBOARDING_REPLY&limit=50").json()["items"]
        return [entry for entry in entries if entry["status"] == "BLOCKED_SUPPRESSED"]

    wait_until(blocked, 10, "the reply to START is blocked")
    assert len(onboarding.inbox(owner)) == 1
    onboarding.carillon("suppression", "remove", "SMS", owner)
    onboarding.says(owner, "READY", "What kind of business")


def test_ops_hear_of_a_low_pool(onboarding):
    onboarding.carillon("pool", "add", *POOL)
    clients = [onboarding.client_id(f"+4477009004{n:02d}") for n in range(len(POOL) - 1)]
    for client_id in clients:
        onboarding.api.call("POST", f"/api/admin/clients/{client_id}/allocate-number")
    mails = wait_until(lambda: [mail for mail in onboarding.sandbox.messages(OPS) if "number" in mail["subject"].lower()], 10, "the alert")
    assert len(mails) == 1
    assert onboarding.api.get("/api/admin/number-pool/health").json()["healthy"] is False
