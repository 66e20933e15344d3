"""The failover drill: what happens to messages while their first provider is in trouble, with figures."""

import json

import pytest
from conftest import PRIMARY, SECONDARY

from harness.load import Load
from harness.waiting import wait_until

MESSAGES = 200
PER_SECOND = 50
ARRIVES_WITHIN_SECONDS = 2
BREAKER_OPEN_SECONDS = 60
CALL_LIMIT_SECONDS = 10
NOBODY_LISTENS = "http://127.0.0.1:1"


def hello(recipient: str) -> dict:
    return {"template_key": "ADMIN_MANUAL", "recipient": recipient, "variables": {"subject": "Hi", "body": "Hello"}}


def numbered(number: int) -> dict:
    return hello(f"drill-{number}@example.com")


TROUBLES = {
    "answers 500": ({}, {"mode": "status", "status": 500}),
    "refuses connections": ({"POSTMARK_BASE_URL": NOBODY_LISTENS}, None),
    "has bad credentials": ({}, {"mode": "status", "status": 401, "error_code": "10"}),
    "limits us with 429": ({}, {"mode": "status", "status": 429, "retry_after_s": 5}),
}


@pytest.mark.parametrize("trouble", TROUBLES)
def test_every_message_arrives_by_the_next_provider(drill, say, trouble):
    settings, order = TROUBLES[trouble]
    platform = drill(**settings)
    if order:
        platform.sandbox.order(provider=PRIMARY, **order)
    load = Load([platform.program.url], platform.key, MESSAGES, 8, PER_SECOND, numbered)
    accepted = wait_until(lambda: load.is_done() and load.result(), 60, "all are accepted")
    final = {message_id: platform.api.final(message_id) for message_id in accepted}
    assert {(message["status"], message["provider"]) for message in final.values()} == {("SENT", SECONDARY)}
    arrivals = {message_id: at / 1e6 for message_id, _, provider, at in platform.sandbox.calls() if provider == SECONDARY}
    slowest = max(arrivals[message_id] - load.begun_at[message_id] for message_id in accepted)
    received = [message["message_id"] for message in platform.sandbox.messages() if message["message_id"] in accepted]  # not the alert about it
    tried = sum(1 for message in final.values() if message["attempts"] > 1)
    say(f"primary {trouble}: {len(accepted)} accepted, {len(received)} arrived by {SECONDARY}, {len(received) - len(set(received))} of them twice; "
        f"{tried} had tried {PRIMARY} first, whose breaker is {platform.provider(PRIMARY)['breaker']}; the slowest took {slowest * 1e3:.0f} ms")
    assert sorted(received) == sorted(accepted)
    assert slowest < ARRIVES_WITHIN_SECONDS
    assert platform.provider(PRIMARY)["breaker"] != "CLOSED"


def test_without_an_answer_a_message_is_sent_again_or_held_as_its_template_says(drill, say):
    platform = drill(POSTMARK_WEBHOOK_TOKEN="a-long-random-token")
    platform.sandbox.order(provider=PRIMARY, mode="hang", recipient_contains="silence", count=6)
    code = {"template_key": "OTP_CODE_EMAIL", "variables": {"code": "123456"}}
    resent = [platform.api.send(code | {"recipient": f"silence-{n}@example.com"}).json()["message_id"] for n in range(3)]
    held = [platform.api.send(hello(f"silence-hold-{n}@example.com")).json()["message_id"] for n in range(3)]

    def sent(message_id: str):
        message = platform.api.message(message_id)
        return message if message and message["status"] == "SENT" else None

    for message_id in resent:
        message = wait_until(lambda m=message_id: sent(m), 2 * CALL_LIMIT_SECONDS, "sent again by the next provider")
        assert message["provider"] == SECONDARY
        assert [entry["extra_call"] for entry in message["history"] if entry["status"] == "SENT"] == [True]
    for message_id in held:
        assert platform.api.final(message_id, 2 * CALL_LIMIT_SECONDS)["status"] == "UNCONFIRMED"
    receipt = {"RecordType": "Delivery", "MessageID": "pm-1", "Recipient": "x@example.com", "DeliveredAt": "2026-01-01T00:00:00Z",
               "Metadata": {"message_id": held[0], "attempt": "1"}}
    told = platform.api.call("POST", "/api/webhooks/postmark?token=a-long-random-token", json.dumps(receipt))
    assert told.status == 200, told.body
    platform.command("message", "resolve", held[1], "--as", "sent", "--note", "the recipient says so")
    platform.command("message", "resolve", held[2], "--as", "resend")
    ends = [wait_until(lambda m=message_id: sent(m), 10, "resolved") for message_id in held]
    assert [end["attempts"] for end in ends] == [1, 1, 2]
    say(f"primary hangs after the request was written: {len(resent)} RESEND messages arrived by {SECONDARY}, their extra calls marked; "
        f"{len(held)} HOLD messages were UNCONFIRMED and then SENT by a receipt, by a person's word, and by a call that a person asked for")


def test_traffic_returns_to_the_primary_when_it_is_well_again(drill, say):
    platform = drill()
    platform.sandbox.order(provider=PRIMARY, mode="status", status=500)
    while platform.provider(PRIMARY)["breaker"] != "OPEN":
        platform.api.final(platform.api.manual("open@example.com"))
    failures = [at for _, _, provider, at in platform.sandbox.calls() if provider == PRIMARY]
    platform.sandbox.obey()
    load = Load([platform.program.url], platform.key, 5 * (BREAKER_OPEN_SECONDS + 30), 4, 5, numbered)
    wait_until(lambda: platform.provider(PRIMARY)["breaker"] == "CLOSED", BREAKER_OPEN_SECONDS + 25, "the breaker closes")
    load.enough()
    accepted = load.result()
    providers = [platform.api.final(message_id)["provider"] for message_id in accepted]
    trial = min(at for _, _, provider, at in platform.sandbox.calls() if provider == PRIMARY and at > max(failures))
    pause = (trial - max(failures)) / 1e6
    say(f"the breaker opened after {len(failures)} failures; the first trial came {pause:.1f} s later; "
        f"of {len(accepted)} messages meanwhile {providers.count(SECONDARY)} went by {SECONDARY} and {providers.count(PRIMARY)} by {PRIMARY}")
    assert len(failures) == 5
    assert BREAKER_OPEN_SECONDS <= pause < BREAKER_OPEN_SECONDS + 5
    assert platform.api.final(platform.api.manual("after@example.com"))["provider"] == PRIMARY
