"""Messages to Slack, from the request and from a client's contact, to the sandbox; their URLs are secrets."""

import json
import uuid

import pytest

WEBHOOK = "https://hooks.slack.com/services/T0CARILLON/B0CARILLON/"


@pytest.fixture
def secret() -> str:
    return uuid.uuid4().hex


def manual(api, **more) -> str:
    answer = api.send({"template_key": "ADMIN_MANUAL_SLACK", "variables": {"subject": "Hi", "body": "Hello <all>"}} | more)
    assert answer.status == 202, answer.body
    return answer.json()["message_id"]


def texts_to(sandbox, url: str) -> list[str]:
    return [json.loads(message["raw"])["text"] if "raw" in message else message["text"] for message in sandbox.messages(url)]


def test_a_message_arrives_with_its_subject_in_bold(api, sandbox, secret):
    message = api.final(manual(api, recipient=WEBHOOK + secret))
    assert (message["status"], message["provider"], message["channel"]) == ("SENT", "slack", "SLACK")
    assert texts_to(sandbox, WEBHOOK + secret) == ["*Hi*\n\nHello &lt;all&gt;"]


def test_without_a_recipient_the_client_s_webhook_is_used(installation, platform, api_key, api, sandbox, secret):
    client = f"slack-{secret[:8]}"
    environment = {"CARILLON_URL": platform.url, "CARILLON_API_KEY": api_key}
    shown = installation.command("client", "put", client, "--slack-webhook", WEBHOOK + secret, "--json", **environment).stdout
    assert secret not in shown and "https://hooks.slack.com/…" in json.loads(shown)["contacts"]["slack_webhook"]
    shown = installation.command("client", "show", client, **environment).stdout
    assert secret not in shown and "https://hooks.slack.com/…" in shown
    assert api.final(manual(api, client_id=client, min_client_version=1))["status"] == "SENT"
    assert len(texts_to(sandbox, WEBHOOK + secret)) == 1


def test_the_url_is_in_no_answer_log_or_audit_entry(installation, platform, api_key, api, secret):
    sent = manual(api, recipient=WEBHOOK + secret)
    refused = manual(api, recipient=WEBHOOK + secret, template_key="ADMIN_MANUAL")
    for message_id, status in ((sent, "SENT"), (refused, "BLOCKED_INVALID_REQUEST")):
        detail = api.final(message_id)
        assert detail["status"] == status
        for path in (f"/api/notifications/{message_id}", f"/api/admin/audit-logs?subject_id={message_id}"):
            answer = api.get(path)
            assert answer.status == 200 and secret not in answer.body.decode()
    assert "https://hooks.slack.com/…" in json.dumps(api.message(sent), ensure_ascii=False)
    assert secret not in api.get("/api/admin/message-logs?channel=SLACK").body.decode()
    assert secret not in installation.command("message", "show", sent, CARILLON_URL=platform.url, CARILLON_API_KEY=api_key).stdout
    assert secret not in platform.log.read_text(errors="replace")


def test_a_webhook_that_is_gone_is_suppressed_until_it_is_lifted_by_its_hash(installation, platform, api_key, api, sandbox, secret):
    sandbox.order(provider="slack", mode="status", status=404, body="no_service", recipient_contains=secret)
    failed = api.final(manual(api, recipient=WEBHOOK + secret))
    assert (failed["status"], failed["reason"]) == ("FAILED", "RECIPIENT_INACTIVE")
    sandbox.obey()
    environment = {"CARILLON_URL": platform.url, "CARILLON_API_KEY": api_key}
    listed = installation.command("suppression", "list", "--recipient", WEBHOOK + secret, "--json", **environment).stdout
    assert secret not in listed
    assert api.final(manual(api, recipient=WEBHOOK + secret))["status"] == "BLOCKED_SUPPRESSED"
    installation.command("suppression", "remove", "SLACK", json.loads(listed)["recipient_hash"], **environment)
    assert api.final(manual(api, recipient=WEBHOOK + secret))["status"] == "SENT"


@pytest.mark.parametrize("url", ["http://hooks.slack.com/services/T0/B0/x", "https://ann@hooks.slack.com/services/T0/B0/x",
                                 "https://hooks.slack.com", "hooks.slack.com/services/T0/B0/x", WEBHOOK + "a b", WEBHOOK + "x" * 2000])
def test_a_wrong_url_is_400_and_not_repeated(api, url):
    answer = api.send({"template_key": "ADMIN_MANUAL_SLACK", "recipient": url, "variables": {"subject": "Hi", "body": "x"}})
    assert answer.status == 400 and answer.json()["field"] == "recipient"
    assert "hooks" not in answer.body.decode()


def test_another_host_is_refused_before_a_call(api, sandbox, secret):
    message = api.final(manual(api, recipient=f"https://example.com/services/T0/B0/{secret}"))
    assert message["status"] == "FAILED"
    assert sandbox.messages(secret) == []
