"""The running platform against docs/openapi.yaml: Schemathesis makes requests, right and wrong ones, and judges every answer."""

import base64
import collections
import copy
import datetime as dt
import functools
import hashlib
import hmac
import json
import os
import pathlib
import re
import subprocess
import time
import urllib.parse
import uuid

import pytest
import schemathesis
import yaml
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import not_a_server_error
from schemathesis.core.parameters import ParameterLocation
from schemathesis.generation.meta import TestPhase
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    missing_required_header,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from harness.api import Api, Sandbox
from harness.people import COOKIE, Person
from harness.postgres import create_database, drop_database
from harness.programs import BIN, Installation
from harness.waiting import wait_until

ROOT = pathlib.Path(__file__).parent.parent.parent
EXAMPLES_IN_THE_SUITE = 25
EXAMPLES_AN_OPERATION = int(os.environ.get("CARILLON_OPENAPI_EXAMPLES", EXAMPLES_IN_THE_SUITE))
WITH_EDGES = EXAMPLES_AN_OPERATION > EXAMPLES_IN_THE_SUITE  # each bound of each field too, some hundred requests an operation: minutes
SCOPES = ("notifications:send", "notifications:read", "metrics:write", "otp", "onboarding", "preferences", "admin")
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_headers_conformance, response_schema_conformance,
          negative_data_rejection, missing_required_header]
STRIPE_EVENT = json.loads((ROOT / "docs/samples/stripe/invoice_paid.json").read_text().replace('"acme"', '"nobody"'))
POSTMARK_USER = "postmark:password-of-the-webhook"
METHODS = {"get", "post", "put", "patch", "delete"}

LEFT_OUT = [
    "watchRecentMessages",  # an event stream of 5 minutes; test_dashboard reads it
    "logOut",  # ends the session that the other pages are called with; test_login has it
]

# What is right but not to be guessed, by operation: a body, or parameters of the query.
RIGHT: dict[str, dict] = {
    "activateTemplateByForm": {"body": {"version": "1"}},
    "activateTemplateVersion": {"body": {"version": 1}},
    "addNumbersByForm": {"body": {"numbers": "+441632960011"}},
    "addTemplateVersion": {"body": {"based_on": 1, "bodies": [{"locale": "en", "subject": "{{subject}}", "text": "{{body}} {{unsubscribe_url}}", "html": ""}]}},
    "askForReset": {"body": {"email": "ann@example.com"}},
    "buyPlan": {"body": {"plan": "PRO"}},
    "compareTemplateVersions": {"query": {"from": "1", "to": "1"}},
    "confirmTemplateChange": {"query": {"do": "activate", "version": "1"}},
    "createAccount": {"body": {"email": "staff@example.com", "role": "STAFF"}},
    "createCheckoutSession": {"body": {"plan": "PRO"}},
    "decideHeld": {"body": {"as": "SENT", "from": "list"}},
    "isVerified": {"body": {"email": "ann@example.com"}},
    "putPreferences": {"body": {"preferences": [{"channel": "EMAIL", "scope": "*", "enabled": False}], "quiet_hours": "22:00-07:00"}},
    "putRecipientPreferences": {"body": {"preferences": [{"channel": "EMAIL", "scope": "*", "enabled": False}]}},
    "resolveHeldMessage": {"body": {"as": "SENT", "note": "Seen"}},
    "saveTemplateByForm": {"body": {"locale": "en", "base": "1", "based_on": "1", "subject": "{{subject}}", "text": "{{body}}", "html": ""}},
    "sendMessageByForm": {"body": {"template": "ADMIN_MANUAL", "recipient": "ann@example.com", "v:subject": "Hello", "v:body": "Good morning", "do": "send"}},
    "showDraftPreview": {"body": {"locale": "en", "subject": "Hello", "text": "Hello", "html": "", "variables": "{}"}},
    "suppressRecipient": {"body": {"channel": "EMAIL", "recipient": "eve@example.com"}},
    "switchTemplateByForm": {"body": {"active": "true"}},
    "takeOffSuppressionList": {"body": {"channel": "EMAIL", "recipient": "eve@example.com"}},
    "takePostmarkWebhook": {"body": {"RecordType": "Delivery", "MessageID": "00000000-0000-4000-8000-000000000000", "Recipient": "ann@example.com", "DeliveredAt": "2026-11-30T08:00:00Z"}},
    "takeSendgridWebhook": {"body": []},
    "takeStripeWebhook": {"body": STRIPE_EVENT},
    "takeTwilioAnswer": {"body": {"MessageSid": "SM" + 32 * "1", "From": "+447700900321", "To": "+15005550006", "Body": "Thanks"}},
    "takeTwilioCall": {"body": {"CallSid": "CA" + 32 * "1", "From": "+447700900321", "To": "+15005550006", "CallStatus": "ringing"}},
    "takeTwilioMessage": {"body": {"MessageSid": "SM" + 32 * "2", "From": "+447700900321", "To": "+15005550006", "Body": "Hello"}},
    "takeTwilioStatus": {"body": {"MessageSid": "SM" + 32 * "3", "MessageStatus": "delivered", "To": "+447700900321"}},
    "testTemplate": {"body": {"recipient": "ann@example.com"}},
    "testTemplateByForm": {"body": {"recipient": "ann@example.com", "version": "1", "variables": '{"subject":"Hello","body":"Good morning"}'}},
}

# Operations that are only refused here, and why.
REFUSED_HERE = {
    "logIn": "nobody of this platform has a password; test_login",
    "openFront": "leads a visitor to the login; test_front",
    "redeemStepUpToken": "needs the token of a code; test_otp_page",
    "retiredOtpSend": "always 410",
    "retiredOtpVerify": "always 410",
    "retiredSendOtp": "always 410",
    "retiredVerifyOtp": "always 410",
    "retryJob": "no job has failed; test_provisioning",
    "setPassword": "needs the link of a mail; test_login",
    "showPasswordLink": "needs the link of a mail; test_login",
    "showSesAccount": "SES is not configured; test_ses_account",
    "takeSesWebhook": "needs Amazon's signature; test_receipts",
    "verifyOneTimeCode": "needs the code that was sent; test_otp",
    "verifySesSender": "SES is not configured; test_ses_account",
}

# Checks that don't fit an operation, and why.
NOT_JUDGED = {
    "sendOneTimeCode": [negative_data_rejection],  # answers alike whatever is wrong, so that nobody learns who has an account
}


def document() -> dict:
    """docs/openapi.yaml with what is RIGHT as examples, and without X-CSRF-Token as a parameter: it is a part of being signed in."""
    read = copy.deepcopy(yaml.safe_load((ROOT / "docs/openapi.yaml").read_text()))
    csrf_token = {"$ref": "#/components/parameters/csrf_token"}
    for item in read["paths"].values():
        for method in item.keys() & METHODS:
            operation = item[method]
            operation["parameters"] = [dict(one) for one in operation.get("parameters", []) if one != csrf_token]
            right = RIGHT.get(operation["operationId"], {})
            if "body" in right:
                media = operation["requestBody"] = copy.deepcopy(operation["requestBody"])
                next(iter(media["content"].values()))["examples"] = {"right": {"value": right["body"]}}
            for name, value in right.get("query", {}).items():
                next(one for one in operation["parameters"] if one.get("name") == name)["example"] = value
    return read


DOCUMENT = document()
SCHEMA = schemathesis.openapi.from_dict(DOCUMENT, config=schemathesis.Config.from_dict({
    "generation": {"mode": "all", "with-security-parameters": False},
    "phases": {"coverage": {"enabled": WITH_EDGES, "unexpected-methods": sorted(METHODS)}},
})).exclude(operation_id=LEFT_OUT)


class World:
    """A platform of its own, whom its pages and routes are called by, and one of each thing that their paths name."""

    def __init__(self, installation: Installation, url: str, sendgrid_key: ec.EllipticCurvePrivateKey):
        self.installation, self.url, self.sendgrid_key = installation, url, sendgrid_key
        key = installation.api_key("openapi", *SCOPES)
        self.api, self.sandbox = Api(url, key), Sandbox(installation.sandbox_url)
        self.key = {"Authorization": f"Bearer {key}"}
        for client in ("acme", "changed", "paying", "removed"):
            self.put(f"/api/admin/clients/{client}", {"plan": "PRO", "onboarding_status": "PROVISIONED", "contacts": {"email": f"{client}@example.com"}})
        self.put("/api/admin/number-pool/numbers", {"numbers": ["+441632960001"]}, "POST")
        self.admin = self.signed_in("ADMIN", None, "/admin/number-pool")
        self.owner = self.signed_in("OWNER", "acme", "/billing")
        self.payer = self.signed_in("OWNER", "paying", "/billing")
        self.buy()
        self.of_path = self.real_things()

    def put(self, path: str, body: dict, method: str = "PUT") -> dict:
        answer = self.api.call(method, path, json.dumps(body), {"Content-Type": "application/json"})
        assert answer.status // 100 == 2, answer.body
        return answer.json()

    def signed_in(self, role: str, client: str | None, page: str) -> dict[str, str]:
        person = Person(self.installation.database_url, self.url, role, client)
        return {"Cookie": f"{COOKIE}={person.token}", "X-CSRF-Token": person.csrf(page)}

    def real_things(self) -> dict[str, dict[str, str]]:
        """Parameters of paths, by operation where it needs a thing of its own, else by how the path begins."""
        message = self.api.manual("ann@example.com")
        self.api.final(message)
        later = (dt.datetime.now(dt.UTC) + dt.timedelta(days=1)).isoformat()
        scheduled = [self.api.manual("ann@example.com", send_at=later) for _ in range(2)]
        held = self.held_messages(2)
        items = [self.put("/api/admin/clients/acme/compliance-items", {"name": "Licence", "expires_on": "2030-02-28"}, "POST")["item_id"] for _ in range(2)]
        letter = self.dead_letter()
        return {
            "changeComplianceItem": {"id": "acme", "item_id": items[1]},
            "testAlerts": {"id": "changed"},
            "replaceClient": {"id": "changed"},
            "changeClient": {"id": "changed"},
            "removeClient": {"id": "removed"},
            "addTemplateVersion": {"key": "LEAD_FOLLOWUP"},
            "activateTemplateVersion": {"key": "LEAD_FOLLOWUP"},
            "switchTemplate": {"key": "LEAD_FOLLOWUP"},
            "activateTemplateByForm": {"key": "LEAD_FOLLOWUP"},
            "switchTemplateByForm": {"key": "LEAD_FOLLOWUP"},
            "/api/clients/": {"id": "acme", "recipient": "ann@example.com"},
            "/api/admin/clients/": {"id": "acme", "item_id": items[0]},
            "/api/tenants/": {"id": "acme"},
            "/api/notifications/": {"id": message},
            "/api/admin/message-logs/": {"id": message},
            "/api/admin/messages/": {"id": held[0]},
            "/api/admin/templates/": {"key": "ADMIN_MANUAL", "version": "1"},
            "/api/admin/billing/events/": {"id": self.stripe_event()},
            "/api/admin/suppressions/": {"channel": "EMAIL", "recipient": "ann@example.com"},
            "/api/admin/cancellations/": {"id": scheduled[0]},
            "/api/cancellations/": {"id": scheduled[1]},
            "/admin/templates/": {"key": "ADMIN_MANUAL"},
            "/admin/messages/": {"id": message},
            "/admin/held/": {"id": held[1]},
            "/admin/dead-letters/": letter,
            "/unsubscribe/": {"token": self.unsubscribe_token()},
        }

    def buy(self) -> None:
        """The payer's subscription, at the sandbox's Stripe."""
        bought = self.api.call("POST", "/api/billing/checkout-session", '{"plan":"PRO"}', self.payer | {"Content-Type": "application/json", "Authorization": ""})
        assert bought.status == 200, bought.body
        path = bought.json()["url"].removeprefix(self.installation.sandbox_url)
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        paid = self.sandbox.api.call("POST", path, "card=4242+4242+4242+4242&email=pay@example.com&name=Ann", form)
        assert paid.status == 200, paid.body
        wait_until(lambda: self.api.get("/api/admin/clients/paying").json()["subscription_status"] == "active", 15, "the subscription")

    def held_messages(self, count: int) -> list[str]:
        self.sandbox.order(provider="postmark", mode="drop_after_read", recipient_contains="lost")
        ids = [self.api.manual(f"lost{number}@example.com") for number in range(count)]
        assert [self.api.final(one, 20)["status"] for one in ids] == ["UNCONFIRMED"] * count
        self.sandbox.obey()
        return ids

    def dead_letter(self) -> dict[str, str]:
        topic = "notification.send-requests.v1"
        subprocess.run([str(BIN / "carillon"), "bus", "publish", topic, "--key", "k"], input=b"{", timeout=30, check=True,
                       env={"CARILLON_DATABASE_URL": self.installation.database_url})
        letter = wait_until(lambda: self.installation.command("dlq", "list", topic, "--json").stdout, 10, "a dead letter")
        found = json.loads(letter.splitlines()[0])
        return {"topic": found["dlq-topic"] + ".dlq", "partition": str(found["partition"]), "seq": str(found["seq"])}

    def stripe_event(self) -> str:
        """One about nobody's subscription."""
        event = f"evt_{uuid.uuid4().hex}"
        body = json.dumps(STRIPE_EVENT | {"id": event})
        answer = self.api.call("POST", "/api/webhooks/stripe", body, {"Content-Type": "application/json", "Stripe-Signature": self.stripe_signature(body.encode())})
        assert answer.status == 200, answer.body
        wait_until(lambda: self.api.get(f"/api/admin/billing/events/{event}").json()["status"] != "PENDING", 10, "the event is decided")
        return event

    def stripe_signature(self, body: bytes) -> str:
        at = int(time.time())
        mac = hmac.new(self.installation.settings["STRIPE_WEBHOOK_SECRET"].encode(), f"{at}.".encode() + body, hashlib.sha256)
        return f"t={at},v1={mac.hexdigest()}"

    def prove(self, case, request):
        """Signs what goes to a webhook, as its provider does, where the case has a signature's header at all."""
        if case.meta is not None and case.meta.is_negative_at(ParameterLocation.HEADER):
            return request
        body = request.body.encode() if isinstance(request.body, str) else request.body or b""
        if "Stripe-Signature" in request.headers:
            request.headers["Stripe-Signature"] = self.stripe_signature(body)
        if "X-Twilio-Signature" in request.headers:
            fields = sorted(set(urllib.parse.parse_qsl(body.decode(), keep_blank_values=True)))
            content = request.url + "".join(name + value for name, value in fields)
            mac = hmac.new(self.installation.settings["TWILIO_AUTH_TOKEN"].encode(), content.encode(), hashlib.sha1)
            request.headers["X-Twilio-Signature"] = base64.b64encode(mac.digest()).decode()
        if "X-Twilio-Email-Event-Webhook-Signature" in request.headers and "X-Twilio-Email-Event-Webhook-Timestamp" in request.headers:
            at = str(int(time.time()))
            signature = self.sendgrid_key.sign(at.encode() + body, ec.ECDSA(hashes.SHA256()))
            request.headers["X-Twilio-Email-Event-Webhook-Timestamp"] = at
            request.headers["X-Twilio-Email-Event-Webhook-Signature"] = base64.b64encode(signature).decode()
        if case.path == "/api/webhooks/postmark":
            request.headers["Authorization"] = "Basic " + base64.b64encode(POSTMARK_USER.encode()).decode()
        return request

    def unsubscribe_token(self) -> str:
        sent = self.api.send({"template_key": "LEAD_FOLLOWUP", "recipient": "lead@example.com", "variables": {"subject": "Hello", "body": "Shall we talk?"}})
        self.api.final(sent.json()["message_id"])
        [mail] = self.sandbox.messages("lead@example.com")
        return re.search(re.escape(self.url) + r"/unsubscribe/(\S+)", mail["text"]).group(1)

    def name_real_things(self, case) -> None:
        """In three of four paths that are right; which ones follows from what they were."""
        negative = case.meta is not None and case.meta.is_negative_at(ParameterLocation.PATH)
        is_example = case.meta is not None and case.meta.phase.name == TestPhase.EXAMPLES
        if not case.path_parameters or negative or (not is_example and sum(str(case.path_parameters).encode()) % 4 == 0):
            return
        prefix = max((prefix for prefix in self.of_path if case.path.startswith(prefix)), key=len, default=None)
        known = self.of_path.get(case.operation.definition.raw["operationId"]) or self.of_path.get(prefix, {})
        case.path_parameters.update({name: value for name, value in known.items() if name in case.path_parameters})

    def headers_for(self, operation: dict, path: str) -> dict[str, str]:
        """Who may call it, as its `security` says: an API key before a session, ADMIN on /admin and OWNER elsewhere."""
        allowed = [name for choice in operation.get("security", DOCUMENT["security"]) for name in choice]
        if "api_key" in allowed:
            return self.key
        if "session" in allowed:
            return self.admin if path.startswith("/admin") else self.payer if "portal" in path else self.owner
        return {}


@pytest.fixture(scope="module")
def installation(admin_url, tmp_path_factory):
    name = f"openapi_{uuid.uuid4().hex[:12]}"
    yield Installation(create_database(admin_url, name), tmp_path_factory.mktemp("openapi"))
    drop_database(admin_url, name)


@pytest.fixture(scope="module")
def sendgrid_key():
    return ec.generate_private_key(ec.SECP256R1())


@pytest.fixture(scope="module")
def platform(installation, sendgrid_key):
    user, password = POSTMARK_USER.split(":")
    public = sendgrid_key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    program = installation.whole(POSTMARK_WEBHOOK_USER=user, POSTMARK_WEBHOOK_PASSWORD=password, SENDGRID_WEBHOOK_PUBLIC_KEY=base64.b64encode(public).decode())
    program.environment |= {"CARILLON_PUBLIC_URL": program.url, "CARILLON_SANDBOX_RECEIPTS_URL": program.url}
    yield program.start().wait_ready()
    assert program.stop() == 0, program.tail()


ANSWERED: dict[str, collections.Counter] = collections.defaultdict(collections.Counter)


@pytest.fixture(scope="module")
def world(installation, platform, sendgrid_key):
    """Ends with an error if an operation that was called was only refused: what was judged must not be refusals alone."""
    yield World(installation, platform.url, sendgrid_key)
    only_refused = {name: dict(counts) for name, counts in ANSWERED.items() if all(each.endswith("refused") for each in counts)}
    assert {name: counts for name, counts in only_refused.items() if name not in REFUSED_HERE} == {}
    assert [name for name in REFUSED_HERE if name in ANSWERED and name not in only_refused] == []


def is_good(response) -> bool:
    return response.status_code < 400 and not response.headers.get("location", [""])[0].startswith("/login")


def is_refused_before_a_route(response) -> bool:
    """As info.description says: U+0000 in a path or query."""
    return response.status_code == 400 and "%00" in response.request.url and response.json()["code"] == "MALFORMED_TARGET"


@SCHEMA.parametrize()
@settings(max_examples=EXAMPLES_AN_OPERATION, derandomize=True, database=None, deadline=None, phases=[Phase.explicit, Phase.generate],
          suppress_health_check=list(HealthCheck))
def test_answers_are_as_the_document_says(world, case):
    operation = case.operation.definition.raw
    world.name_real_things(case)
    response = case.call(base_url=world.url, headers=world.headers_for(operation, case.path), allow_redirects=False, timeout=20,
                         auth=functools.partial(world.prove, case))
    name = operation["operationId"]
    ANSWERED[name][f"{response.status_code}{'' if is_good(response) else ' refused'}"] += 1
    if is_refused_before_a_route(response):
        return
    case.validate_response(response, checks=[check for check in CHECKS if check not in NOT_JUDGED.get(name, [])])
