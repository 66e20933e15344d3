"""Receipts: what providers tell afterwards reaches the message, suppresses recipients, and resolves what nobody knew."""

import base64
import contextlib
import json
import uuid

import pytest

from harness.api import Api, Sandbox
from harness.postgres import create_database, drop_database
from harness.programs import Installation
from harness.waiting import wait_until

POSTMARK_USER, POSTMARK_PASSWORD = "postmark", "a-long-random-word"
SENDGRID_TOLERANCE_SECONDS = 600
BASIC = "Basic " + base64.b64encode(f"{POSTMARK_USER}:{POSTMARK_PASSWORD}".encode()).decode()
LIMIT_SECONDS = 15


class Platform:
    """A platform that sends mail by one provider, whose webhooks are set up, and the sandbox that calls them."""

    def __init__(self, installation: Installation, mail_provider: str):
        self.installation, self.mail_provider = installation, mail_provider
        self.sandbox_program = installation.sandbox().start().wait_ready(path="/stats")
        self.sandbox = Sandbox(installation.sandbox_url)
        keys = self.sandbox.api.get("/receipts/keys").json()
        roots = installation.folder / "sns-roots.pem"
        roots.write_text(keys["sns"]["root_pem"])
        self.program = installation.program("carillon", "serve")
        self.program.environment |= {
            "EMAIL_PROVIDER_CHAIN": mail_provider,
            "SMS_PROVIDER_CHAIN": "twilio",
            "POSTMARK_WEBHOOK_USER": POSTMARK_USER,
            "POSTMARK_WEBHOOK_PASSWORD": POSTMARK_PASSWORD,
            "SENDGRID_API_KEY": "SG.sandbox",
            "SENDGRID_BASE_URL": installation.sandbox_url,
            "SENDGRID_WEBHOOK_PUBLIC_KEY": keys["sendgrid"]["public_key"],
            "SENDGRID_WEBHOOK_TOLERANCE_SECONDS": str(SENDGRID_TOLERANCE_SECONDS),
            "AWS_ACCESS_KEY_ID": "AKIASANDBOX",
            "AWS_SECRET_ACCESS_KEY": "sandbox-secret",
            "SES_BASE_URL": installation.sandbox_url,
            "SES_WEBHOOK_TOPIC_ARNS": keys["sns"]["topic_arn"],
            "SNS_TRUST_STORE_FILE": str(roots),
            "SNS_WEBHOOK_BASE_URL": installation.sandbox_url,
            "TWILIO_STATUS_CALLBACK_URL": self.program.url + "/api/webhooks/twilio/status",
        }
        self.program.start().wait_ready()
        self.api = Api(self.program.url, installation.api_key())

    def webhook(self, provider: str) -> str:
        host = self.program.url.removeprefix("http://")
        user = f"{POSTMARK_USER}:{POSTMARK_PASSWORD}@" if provider == "postmark" else ""
        return f"http://{user}{host}/api/webhooks/{provider}"

    def receipts(self, provider: str, kind: str, **order) -> None:
        if provider != "twilio":
            order["url"] = self.webhook(provider)
        answer = self.sandbox.api.call("POST", "/receipts", json.dumps({"provider": provider, "kind": kind, "delay_ms": 0} | order),
                                       {"Content-Type": "application/json"})
        assert answer.status // 100 == 2, answer.body

    def told(self, message_id: str, delivery_status: str) -> dict:
        def done():
            message = self.api.message(message_id)
            return message if message and message["delivery_status"] == delivery_status else None

        return wait_until(done, LIMIT_SECONDS, f"{message_id} is {delivery_status} (now {self.api.message(message_id)})")

    def answered(self, address: str, count: int) -> list[int]:
        """What we answered to the receipts of the one message to this address."""

        def done():
            messages = self.sandbox.messages(address)
            receipts = messages[0]["receipts"] if messages else []
            return [receipt["status"] for receipt in receipts] if len(receipts) >= count else None

        return wait_until(done, LIMIT_SECONDS, f"{count} receipts of the message to {address} were sent")

    def audits(self, message_id: str) -> list[str]:
        rows = self.api.get(f"/api/admin/audit-logs?subject_id={message_id}").json()["items"]
        return [row["action"] for row in rows]

    def audited(self, message_id: str, action: str) -> None:
        """Once. The audit is read apart from the message log, so it may come a moment later than the state."""
        wait_until(lambda: action in self.audits(message_id), LIMIT_SECONDS, f"{action} of {message_id} is audited")
        assert self.audits(message_id).count(action) == 1

    def command(self, *arguments: str, check: bool = True):
        return self.installation.command(*arguments, check=check, CARILLON_URL=self.program.url, CARILLON_API_KEY=self.api.key)

    def stop(self) -> None:
        assert self.program.stop() == 0, self.program.tail()
        self.sandbox_program.stop()


@contextlib.contextmanager
def running(admin_url, folder, mail_provider: str):
    name = f"receipts_{uuid.uuid4().hex[:12]}"
    platform = Platform(Installation(create_database(admin_url, name), folder), mail_provider)
    yield platform
    platform.stop()
    drop_database(admin_url, name)


@pytest.fixture(scope="module", params=["postmark", "sendgrid", "ses"])
def mail(request, admin_url, tmp_path_factory):
    """Each provider of mail in turn."""
    with running(admin_url, tmp_path_factory.mktemp(request.param), request.param) as platform:
        yield platform


@pytest.fixture(scope="module")
def platform(admin_url, tmp_path_factory):
    with running(admin_url, tmp_path_factory.mktemp("receipts"), "postmark") as one:
        yield one


@pytest.fixture
def api(platform):
    return platform.api


def test_a_delivery_is_told_by_each_provider(mail, address):
    mail.receipts(mail.mail_provider, "delivered", recipient_contains=address)
    message_id = mail.api.manual(address)
    mail.told(message_id, "DELIVERED")
    message = mail.api.final(message_id)  # the receipt may have been quicker than the outcome
    assert message["status"] == "SENT"
    assert [entry["provider"] for entry in message["history"] if entry["status"] == "DELIVERED"] == [mail.mail_provider]
    assert "MESSAGE_DELIVERY" not in mail.audits(message_id)


def test_a_hard_bounce_suppresses_the_recipient_for_the_next_message(mail, address):
    mail.receipts(mail.mail_provider, "hard_bounce", recipient_contains=address)
    bounced = mail.told(mail.api.manual(address), "BOUNCED")
    assert mail.api.final(bounced["message_id"])["status"] == "SENT"
    wait_until(lambda: mail.api.final(mail.api.manual(address))["status"] == "BLOCKED_SUPPRESSED", LIMIT_SECONDS, "the recipient is suppressed")
    mail.audited(bounced["message_id"], "MESSAGE_DELIVERY")


@pytest.mark.parametrize(("kind", "status"), [("soft_bounce", "UNDELIVERED"), ("complaint", "COMPLAINED")])
def test_other_ends_of_a_mail(mail, address, kind, status):
    mail.receipts(mail.mail_provider, kind, recipient_contains=address)
    mail.told(mail.api.manual(address), status)


@pytest.mark.parametrize("signature_version", [1, 2])
def test_a_forged_receipt_is_refused_and_changes_nothing(mail, address, signature_version):
    mail.receipts(mail.mail_provider, "hard_bounce", forge="signature", signature_version=signature_version, recipient_contains=address)
    refused_and_nothing_changed(mail, address)


def refused_and_nothing_changed(platform, address) -> None:
    message_id = platform.api.manual(address)
    assert set(platform.answered(address, 1)) == {403}
    assert platform.api.final(message_id)["delivery_status"] is None
    assert platform.api.final(platform.api.manual(address))["status"] == "SENT"


FORGERIES = {"postmark": [], "sendgrid": ["old"], "ses": ["old", "other_topic"]}


def test_an_old_receipt_and_one_of_another_topic_are_refused(mail):
    for forge in FORGERIES[mail.mail_provider]:
        address = f"{uuid.uuid4().hex}@example.com"
        mail.receipts(mail.mail_provider, "hard_bounce", forge=forge, recipient_contains=address)
        refused_and_nothing_changed(mail, address)


def test_a_receipt_that_is_repeated_changes_nothing(mail, address):
    mail.receipts(mail.mail_provider, "hard_bounce", duplicate=3, recipient_contains=address)
    message_id = mail.api.manual(address)
    mail.told(message_id, "BOUNCED")
    assert set(mail.answered(address, 4)) == {200}
    mail.audited(message_id, "MESSAGE_DELIVERY")
    assert [entry["status"] for entry in mail.api.message(message_id)["history"]].count("BOUNCED") == 1


def test_receipts_that_come_before_the_call_is_answered_and_in_reverse_are_applied(mail, address):
    mail.receipts(mail.mail_provider, "complaint", before_answer=True, reverse=True, recipient_contains=address)
    message = mail.told(mail.api.manual(address), "COMPLAINED")
    assert mail.api.final(message["message_id"])["status"] == "SENT"


@pytest.mark.parametrize(("kind", "status"), [("delivered", "DELIVERED"), ("undelivered", "UNDELIVERED"), ("failed", "UNDELIVERED")])
def test_twilio_s_callbacks(platform, api, kind, status):
    number = "+44" + str(7_700_900_000 + uuid.uuid4().int % 1_000)
    platform.receipts("twilio", kind, recipient_contains=number)
    answer = api.send({"template_key": "ADMIN_MANUAL_SMS", "recipient": number, "variables": {"body": "Hello"}})
    assert answer.status == 202, answer.body
    message = platform.told(answer.json()["message_id"], status)
    assert message["channel"] == "SMS"


def test_a_forged_callback_of_twilio_is_refused(platform, api):
    number = "+44" + str(7_700_900_000 + uuid.uuid4().int % 1_000)
    platform.receipts("twilio", "delivered", forge="signature", recipient_contains=number)
    answer = api.send({"template_key": "ADMIN_MANUAL_SMS", "recipient": number, "variables": {"body": "Hello"}})
    assert set(platform.answered(number, 2)) == {403}
    assert api.final(answer.json()["message_id"])["delivery_status"] is None


def delivered_by_postmark(message_id: str) -> str:
    return json.dumps({"RecordType": "Delivery", "MessageID": "pm-1", "Recipient": "ann@example.com", "DeliveredAt": "2026-01-01T00:00:00Z",
                       "Details": "250 OK", "Metadata": {"message_id": message_id, "attempt": "1"}})


def held_message(platform, api, address) -> str:
    assert api.final(api.manual(f"first-{address}"))["status"] == "SENT"  # no breaker counts what other tests broke
    platform.sandbox.order(provider="postmark", mode="drop_after_read", recipient_contains=address)
    message = api.final(api.manual(address), 20)
    assert message["status"] == "UNCONFIRMED"
    return message["message_id"]


def test_a_held_message_is_resolved_by_a_receipt(platform, api, address):
    message_id = held_message(platform, api, address)
    hook = Api(platform.program.url, None)
    forged = hook.call("POST", "/api/webhooks/postmark", delivered_by_postmark(message_id), {"Authorization": "Basic eDp5"})
    assert forged.status == 403
    taken = hook.call("POST", "/api/webhooks/postmark", delivered_by_postmark(message_id), {"Authorization": BASIC})
    assert taken.status == 200, taken.body
    message = platform.told(message_id, "DELIVERED")
    assert message["status"] == "SENT"
    platform.audited(message_id, "MESSAGE_RESOLVED")


def test_a_message_whose_answer_was_lost_is_sent_when_its_receipt_comes_at_once(platform, api, address):
    assert api.final(api.manual(f"first-{address}"))["status"] == "SENT"
    platform.sandbox.order(provider="postmark", mode="drop_after_read", recipient_contains=address)
    platform.receipts("postmark", "delivered", recipient_contains=address)
    message_id = api.manual(address)

    def sent():
        message = api.message(message_id)
        return message if message and message["status"] == "SENT" else None

    message = wait_until(sent, LIMIT_SECONDS, "the message is SENT")
    assert (message["delivery_status"], message["attempts"]) == ("DELIVERED", 1)


def test_a_held_message_is_resolved_by_the_command(platform, api, address):
    message_id = held_message(platform, api, address)
    listed = [json.loads(line) for line in platform.command("message", "held", "--json").stdout.splitlines()]
    assert [held["recipient"] for held in listed if held["message_id"] == message_id] == [f"{address[0]}***@example.com"]
    assert message_id in platform.command("message", "held").stdout
    platform.command("message", "resolve", message_id, "--as", "failed", "--note", "the provider knows nothing of it")

    def failed():
        message = api.message(message_id)
        return message if message["status"] == "FAILED" else None

    message = wait_until(failed, LIMIT_SECONDS, "the message is FAILED")
    assert message["reason"] == "ADMIN_DECISION"
    again = platform.command("message", "resolve", message_id, "--as", "sent", check=False)
    assert again.returncode == 1
    assert "MESSAGE_NOT_FOUND" in again.stderr
    assert platform.command("message", "resolve", message_id, "--as", "perhaps", check=False).returncode == 2


def test_a_held_message_is_sent_again_by_the_command_and_the_call_is_marked(platform, api, address):
    message_id = held_message(platform, api, address)
    platform.sandbox.obey()
    platform.command("message", "resolve", message_id, "--as", "resend")

    def sent():
        message = api.message(message_id)
        return message if message["status"] == "SENT" else None

    message = wait_until(sent, LIMIT_SECONDS, "the message is sent again")
    assert (message["history"][-1]["extra_call"], message["attempts"]) == (True, 2)


def test_webhooks_take_only_what_they_can_read(platform):
    hook = Api(platform.program.url, None)
    assert hook.call("POST", "/api/webhooks/postmark", "{", {"Authorization": BASIC}).status == 400
    assert hook.call("POST", "/api/webhooks/postmark", " " * 600_000, {"Authorization": BASIC}).status == 413
    assert hook.call("POST", "/api/webhooks/ses", "{}").status == 400
    assert hook.call("GET", "/api/webhooks/postmark").status == 405


def test_the_summary_says_what_became_of_each_provider_s_messages(platform, api, address):
    platform.receipts("postmark", "delivered", recipient_contains=address)
    platform.told(api.manual(address), "DELIVERED")
    deliveries = {of["provider"]: of for of in api.get("/api/admin/notification-health/summary").json()["deliveries"]}
    assert deliveries["postmark"]["delivered"] >= 1
    assert deliveries["postmark"]["sent"] >= deliveries["postmark"]["bounced"]
    health = api.get("/health/messaging").json()
    states = {provider["provider"]: provider for channel in health["channels"] for provider in channel["providers"]}
    assert states["postmark"]["receipts_expected"] is True
    assert states["postmark"]["degraded"] == ""
