"""Billing through the whole platform: what Stripe's own library signs, the sandbox as Stripe, mails in its inbox."""

import concurrent.futures
import json
import pathlib
import random
import subprocess
import sys
import time
import uuid

import pytest

from harness.api import Api, Sandbox
from harness.people import Person
from harness.postgres import create_database, drop_database
from harness.programs import Installation
from harness.waiting import wait_until

ROOT = pathlib.Path(__file__).parent.parent.parent
SAMPLES = ROOT / "docs/samples/stripe"
SECRET = "whsec_tests"
WEBHOOK = "/api/webhooks/stripe"
BUY = "/api/billing/checkout-session"

sys.path.insert(0, str(ROOT / "tests/oracles/node"))

from install import install  # noqa: E402


@pytest.fixture(scope="module")
def whole(admin_url, tmp_path_factory):
    """A platform whose sandbox plays Stripe and tells it of events."""
    name = f"billing_{uuid.uuid4().hex[:12]}"
    installation = Installation(create_database(admin_url, name), tmp_path_factory.mktemp("billing"))
    program = installation.whole()
    program.environment |= {"CARILLON_SANDBOX_RECEIPTS_URL": program.url, "CARILLON_PUBLIC_URL": program.url}
    program.start().wait_ready()
    yield installation, program
    assert program.stop() == 0, program.tail()
    drop_database(admin_url, name)


@pytest.fixture
def api(whole):
    return Api(whole[1].url, whole[0].api_key())


@pytest.fixture
def sandbox(whole):
    return Sandbox(whole[0].sandbox_url)


@pytest.fixture
def client(whole):
    """A client of the test's own: its id and its address."""
    name = f"c{uuid.uuid4().hex[:10]}"
    whole[0].put_client(whole[1].url, name, "--email", f"{name}@example.com")
    return name, f"{name}@example.com"


@pytest.fixture(scope="session")
def sign():
    """sign(bodies): Stripe-Signature of each, by Stripe's own library for Node."""
    judge = install()

    def sign(bodies: list[str]) -> list[str]:
        tasks = "".join(json.dumps({"do": "stripe_sign", "body": body, "secret": SECRET, "now": int(time.time())}) + "\n" for body in bodies)
        done = subprocess.run(judge, input=tasks, capture_output=True, encoding="utf-8", timeout=60, check=False)
        assert done.returncode == 0, done.stderr
        return [json.loads(line)["header"] for line in done.stdout.splitlines()]

    return sign


def sample(name: str, client: str, **changes) -> str:
    """A sample as an event of its own about a subscription of the client's own."""
    event = json.loads((SAMPLES / f"{name}.json").read_text())
    text = json.dumps(event | {"id": f"evt_{uuid.uuid4().hex}"} | changes)
    return text.replace("sub_sample0001", f"sub_{client}").replace("cus_sample0001", f"cus_{client}").replace('"acme"', f'"{client}"')


def deliver(url: str, body: str, signature: str) -> int:
    return Api(url, None).call("POST", WEBHOOK, body, {"Content-Type": "application/json", "Stripe-Signature": signature}).status


def subjects(sandbox: Sandbox, address: str) -> list[str]:
    return sorted(message["subject"] for message in sandbox.messages(address))


def events_of(api: Api, client: str) -> dict[str, str]:
    return {event["type"]: event["status"] for event in api.get(f"/api/admin/billing/events?client_id={client}&limit=200").json()["items"]}


def test_events_that_stripe_s_library_signs_fifty_times_at_once_and_shuffled_have_one_effect(whole, api, sandbox, client, sign):
    name, address = client
    bodies = [sample(each, name) for each in ("checkout_session_completed", "customer_subscription_created", "customer_subscription_updated", "invoice_paid")]
    calls = list(zip(bodies, sign(bodies), strict=True)) * 50
    random.Random(20261130).shuffle(calls)
    with concurrent.futures.ThreadPoolExecutor(50) as pool:
        statuses = list(pool.map(lambda call: deliver(whole[1].url, *call), calls))
    assert set(statuses) == {200}
    wait_until(lambda: events_of(api, name) == {"checkout.session.completed": "APPLIED", "customer.subscription.created": "APPLIED",
                                                "customer.subscription.updated": "APPLIED", "invoice.paid": "APPLIED"}
               or set(events_of(api, name).values()) <= {"APPLIED", "STALE"} and len(events_of(api, name)) == 4, 15, "every event is decided")
    wait_until(lambda: subjects(sandbox, address) == ["Your PRO subscription is active"], 15, "the one mail")
    failed, deleted = sample("invoice_payment_failed", name), sample("customer_subscription_deleted", name)
    for body, signature in zip([failed, deleted], sign([failed, deleted]), strict=True):
        for _ in range(3):
            assert deliver(whole[1].url, body, signature) == 200
        wait_until(lambda: len(events_of(api, name)) > 4, 15, "it is decided")
    wait_until(lambda: subjects(sandbox, address) == ["Your PRO subscription is active", "Your payment of 79.20 EUR failed", "Your subscription has been canceled"],
               15, "a mail for each")


def test_every_sample_is_taken_by_carillon_billing_replay(whole, api, client):
    installation, program = whole
    settings = {"CARILLON_URL": program.url, "CARILLON_API_KEY": api.key, "STRIPE_WEBHOOK_SECRET": SECRET}
    files = sorted(SAMPLES.glob("*.json"))
    assert len(files) >= 6
    for file in files:
        own = program.log.parent / file.name
        own.write_text(file.read_text().replace("sample0001", client[0]))
        installation.command("billing", "replay", str(own), "--client", client[0], "--fresh", **settings)
    wait_until(lambda: len(events_of(api, client[0])) == len(files), 15, "every sample is decided")
    assert set(events_of(api, client[0]).values()) <= {"APPLIED", "STALE"}
    listed = installation.command("billing", "events", "--client", client[0], "--json", **settings).stdout.splitlines()
    assert len(listed) == len(files)
    event = json.loads(listed[0])["event_id"]
    assert json.loads(installation.command("billing", "show", event, "--json", **settings).stdout)["payload"]["id"] == event
    refused = installation.command("billing", "replay", "evt_none", check=False, **settings)
    assert refused.returncode == 1 and "EVENT_NOT_FOUND" in refused.stderr
    assert installation.command("billing", "replay", "no-such-file", check=False, **settings).returncode == 2
    wrong = installation.command("billing", "replay", str(files[0]), check=False, **settings | {"STRIPE_WEBHOOK_SECRET": "whsec_other"})
    assert wrong.returncode == 1 and "INVALID_SIGNATURE" in wrong.stderr


def test_a_checkout_sends_the_client_to_stripe_and_its_payment_comes_back_as_webhooks(whole, api, sandbox, client):
    installation, program = whole
    name, address = client
    owner = Person(installation.database_url, program.url, "OWNER", name)
    assert "Test Mode - use test cards" in owner.get("/billing").body.decode()
    assert owner.get("/api/billing/portal-link").json()["code"] == "NO_SUBSCRIPTION"
    bought = owner.post(BUY, '{"plan":"PRO"}', owner.csrf("/billing"))
    assert bought.status == 200, bought.body
    page = Api(installation.sandbox_url, None)
    path = bought.json()["url"].removeprefix(installation.sandbox_url)
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    assert page.call("POST", path, "card=4000+0000+0000+0002&email=pay@example.com", form).status == 402
    paid = page.call("POST", path, "card=4000+0000+0000+0341&email=pay@example.com&name=Ann", form)
    assert paid.status == 200 and "Paid" in paid.body.decode()
    wait_until(lambda: subjects(sandbox, address) == ["Your PRO subscription is active"], 15, "the confirmation")
    wait_until(lambda: "pill good" in owner.get("/billing").body.decode(), 15, "the page says active")
    assert owner.post(BUY, '{"plan":"PRO"}', owner.csrf("/billing")).json()["code"] == "SUBSCRIPTION_EXISTS"
    portal = owner.get("/api/billing/portal-link").json()["url"].removeprefix(installation.sandbox_url)
    assert page.call("POST", portal, "action=renew", form).status == 200  # the card fails from now on
    wait_until(lambda: "Your payment of 99.00 EUR failed" in subjects(sandbox, address), 15, "the failed payment")
    wait_until(lambda: "A payment is missing" in owner.get("/billing").body.decode(), 15, "the page warns")
    assert page.call("POST", portal, "action=pay", form).status == 200
    wait_until(lambda: subjects(sandbox, address).count("Your PRO subscription is active") == 2, 15, "the second period's confirmation")
    assert page.call("POST", portal, "action=cancel", form).status == 200
    assert page.call("POST", portal, "action=cancel", form).status == 409
    wait_until(lambda: "Your subscription has been canceled" in subjects(sandbox, address), 15, "the end")
    told = wait_until(lambda: (events := page.get("/stripe/events").json()) and all(each["status"] == 200 for each in events) and events, 15, "every event was told")
    assert {each["type"] for each in told} >= {"checkout.session.completed", "invoice.paid", "invoice.payment_failed", "customer.subscription.deleted"}


def test_staff_sees_and_may_not_act(whole, client):
    installation, program = whole
    staff = Person(installation.database_url, program.url, "STAFF", client[0])
    assert staff.get("/billing").status == 200
    assert "Buy PRO" not in staff.get("/billing").body.decode()
    assert staff.post(BUY, '{"plan":"PRO"}', staff.csrf("/billing")).status == 403
    assert staff.get("/api/billing/portal-link").status == 403


def test_after_a_kill_between_storing_and_deciding_an_event_has_one_effect(admin_url, tmp_path, sign):
    name = f"billing_kill_{uuid.uuid4().hex[:12]}"
    installation = Installation(create_database(admin_url, name), tmp_path)
    try:
        for point in ("billing.store.after_commit", "billing.decide.stored", "billing.decide.committed"):
            client = f"c{uuid.uuid4().hex[:10]}"
            program = installation.whole(CARILLON_FAILPOINTS=f"{point}=kill@1").start().wait_ready()
            installation.put_client(program.url, client, "--email", f"{client}@example.com")
            body = sample("checkout_session_completed", client)
            try:
                deliver(program.url, body, sign([body])[0])
            except OSError:
                pass  # the process is gone before it could answer
            wait_until(lambda: not program.is_running(), 15, f"killed at {point}")
            program = installation.whole().start().wait_ready()
            assert deliver(program.url, body, sign([body])[0]) == 200  # Stripe comes again
            box = Sandbox(installation.sandbox_url)
            wait_until(lambda: box.messages(f"{client}@example.com"), 20, f"the mail after {point}")
            api = Api(program.url, installation.api_key())
            wait_until(lambda: events_of(api, client) == {"checkout.session.completed": "APPLIED"}, 15, "applied")
            assert len(box.messages(f"{client}@example.com")) == 1
            applied = lambda: [entry["client_id"] for entry in api.get("/api/admin/audit-logs?action=STRIPE_EVENT_APPLIED&limit=50").json()["items"]].count(client)
            wait_until(applied, 15, "the audit entry")
            assert applied() == 1
            assert program.stop() == 0, program.tail()
    finally:
        drop_database(admin_url, name)
