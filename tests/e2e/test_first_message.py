"""A newcomer's first request, from HTTP to the provider and back into the log."""

import concurrent.futures
import uuid

from harness.api import Api
from harness.waiting import wait_until


def test_a_request_is_sent_once_and_its_history_is_in_the_logs(api, sandbox, address):
    key = uuid.uuid4().hex
    body = {"template_key": "ADMIN_MANUAL", "recipient": address, "variables": {"subject": "Hi", "body": "Hello"}}
    answer = api.send(body, key)
    assert answer.status == 202
    message_id = answer.json()["message_id"]
    assert answer.json()["message_ids"] == [message_id]
    message = api.final(message_id, 5)
    assert (message["status"], message["provider"], message["attempts"]) == ("SENT", "postmark", 1)
    assert [entry["status"] for entry in message["history"]] == ["QUEUED", "SENT"]
    inbox = sandbox.messages(address)
    assert [(mail["subject"], mail["provider"], mail["channel"]) for mail in inbox] == [("Hi", "postmark", "EMAIL")]
    assert "Hello" in inbox[0]["text"]

    logs = api.get(f"/api/admin/message-logs/{message_id}").json()
    assert [entry["status"] for entry in logs["history"]] == ["QUEUED", "SENT"]
    audits = wait_until(lambda: [entry["action"] for entry in api.get(f"/api/admin/audit-logs?subject_id={message_id}").json()["items"]
                                 if entry["action"].startswith("MESSAGE_") and entry["action"] != "MESSAGE_DETAIL_VIEWED"],
                        5, "audit entries")
    assert sorted(audits) == ["MESSAGE_DECIDED", "MESSAGE_SENT"]

    again = api.send(body, key)
    assert again.status == 202 and again.json()["message_id"] == message_id
    other = api.send(body | {"variables": {"subject": "Hi", "body": "Something else"}}, key)
    assert other.status == 422 and other.json()["code"] == "IDEMPOTENCY_KEY_REUSED"
    assert len(sandbox.messages(address)) == 1


def test_fifty_equal_requests_at_once_are_one_message(platform, api_key, api, sandbox, address):
    key = uuid.uuid4().hex

    def one(_):
        return Api(platform.url, api_key).manual(address, key=key)

    with concurrent.futures.ThreadPoolExecutor(25) as pool:
        ids = set(pool.map(one, range(50)))
    assert len(ids) == 1
    api.final(ids.pop())
    assert len(sandbox.messages(address)) == 1


def test_sms_goes_out_by_twilio_with_its_segments_logged(api, sandbox):
    answer = api.send({"template_key": "ADMIN_MANUAL_SMS", "recipient": "+447700900123", "variables": {"body": "Grüße 👋"}})
    assert answer.status == 202, answer.body
    message = api.final(answer.json()["message_id"])
    assert (message["status"], message["provider"]) == ("SENT", "twilio")
    texts = [sms["text"] for sms in sandbox.messages("+447700900123")]
    assert "Grüße 👋" in texts[-1]


def test_an_alert_goes_to_every_admin_address_whatever_the_request_says(api, sandbox):
    answer = api.send({"template_key": "PROVISIONING_FAILED_ADMIN", "variables": {"job_id": "j-1", "client_id": "c-1", "error": "boom"}})
    assert answer.status == 202, answer.body
    ids = answer.json()["message_ids"]
    assert len(ids) == 2
    for message_id in ids:
        assert api.final(message_id)["status"] == "SENT"


def test_a_message_is_read_only_by_its_own_sender(installation, platform, api, address):
    message_id = api.manual(address)
    api.final(message_id)
    stranger = Api(platform.url, installation.api_key("stranger", "notifications:send", "notifications:read"))
    assert stranger.get(f"/api/notifications/{message_id}").status == 404
    assert stranger.get("/api/admin/message-logs").status == 403
    assert Api(platform.url, None).get(f"/api/notifications/{message_id}").status == 401
    assert Api(platform.url, "crl_unknown_key").send({"template_key": "ADMIN_MANUAL"}).status == 401


def test_health_figures_count_what_was_sent(api, address):
    before = api.get("/api/admin/notification-health/summary?window_minutes=60").json()["sent"]
    for _ in range(3):
        api.final(api.manual(address))
    after = api.get("/api/admin/notification-health/summary?window_minutes=60").json()["sent"]
    assert after - before == 3
    recent = api.get("/api/admin/notification-health/recent?limit=10").json()
    assert address not in str(recent)
    series = api.get("/api/admin/notification-health/timeseries?window_minutes=60&bucket_minutes=15").json()
    assert len(series["points"]) >= 4
