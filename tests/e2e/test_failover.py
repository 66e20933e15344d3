"""A provider that fails, refuses or hangs: the message arrives by the next one, once, or its state says that nobody knows."""

from harness.waiting import wait_until


def test_a_primary_that_answers_500_is_replaced_by_the_next_provider(api, sandbox, address):
    sandbox.order(provider="postmark", mode="status", status=500, recipient_contains=address)
    message = api.final(api.manual(address))
    assert (message["status"], message["provider"], message["attempts"]) == ("SENT", "smtp", 2)
    assert [mail["provider"] for mail in sandbox.messages(address)] == ["smtp"]
    assert [entry["status"] for entry in message["history"]] == ["QUEUED", "ATTEMPT_FAILED", "SENT"]


def test_a_refused_recipient_is_final(api, sandbox, address):
    sandbox.order(provider="postmark", mode="status", status=422, error_code=300, recipient_contains=address)
    message = api.final(api.manual(address))
    assert (message["status"], message["attempts"]) == ("FAILED", 1)
    assert sandbox.messages(address) == []


def test_a_call_without_answer_is_held_under_hold_and_never_sent_twice(api, sandbox, address):
    sandbox.order(provider="postmark", mode="drop_after_read", recipient_contains=address)
    message = api.final(api.manual(address), 20)
    assert (message["status"], message["attempts"]) == ("UNCONFIRMED", 1)


def test_a_call_without_answer_is_sent_again_under_resend_and_the_extra_call_is_marked(api, sandbox):
    sandbox.order(provider="postmark", mode="drop_after_read", recipient_contains="ops@carillon.example", count=1)
    answer = api.send({"template_key": "OPS_ALERT_PROVIDER_FAILOVER",
                       "variables": {"primary": "postmark", "secondary": "smtp", "channel": "EMAIL"}})
    assert answer.status == 202, answer.body
    message_id = answer.json()["message_id"]

    def sent():
        message = api.message(message_id)
        return message if message and message["status"] == "SENT" else None

    message = wait_until(sent, 20, "the alert is sent by the next provider")
    assert message["provider"] == "smtp"
    assert [entry["extra_call"] for entry in message["history"] if entry["status"] == "SENT"] == [True]
