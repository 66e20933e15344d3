"""Files of messages: stored once, named by id, delivered byte for byte, refused in words."""

import hashlib
import secrets
import uuid

import psycopg
import pytest

from harness.api import Api
from harness.waiting import wait_until

MEBIBYTE = 1024 * 1024
UNKNOWN = "018f0000-0000-7000-8000-000000000000"


def store(api, content: bytes, name: str = "report.pdf", content_type: str = "application/pdf"):
    return api.call("POST", f"/api/attachments?file_name={name}", content, {"Content-Type": content_type})


def stored(api, content: bytes, name: str = "report.pdf") -> str:
    answer = store(api, content, name)
    assert answer.status == 201, answer.body
    assert answer.json()["sha256"] == hashlib.sha256(content).hexdigest()
    return answer.json()["attachment_id"]


def attached(mail: dict) -> list[tuple[str, int, str]]:
    return [(file["file_name"], file["bytes"], file["sha256"]) for file in mail["attachments"]]


def expected(name: str, content: bytes) -> tuple[str, int, str]:
    return name, len(content), hashlib.sha256(content).hexdigest()


def test_files_arrive_as_they_were_stored(api, sandbox, address):
    first, second = secrets.token_bytes(100_000), "Grüße".encode()
    ids = [stored(api, first, "Bericht%20M%C3%A4rz.pdf"), stored(api, second, "note.txt")]
    assert api.final(api.manual(address, attachments=ids))["status"] == "SENT"
    mail = sandbox.messages(address)[0]
    assert attached(mail) == [expected("Bericht März.pdf", first), expected("note.txt", second)]


def test_seven_mebibytes_arrive_by_the_next_provider_too(api, sandbox, address):
    content = secrets.token_bytes(7 * MEBIBYTE)
    sandbox.order(provider="postmark", mode="status", status=500, recipient_contains=address)
    message = api.final(api.manual(address, attachments=[stored(api, content)]), 30)
    assert (message["status"], message["provider"]) == ("SENT", "smtp")
    assert attached(sandbox.messages(address)[0]) == [expected("report.pdf", content)]


def test_one_file_goes_to_many(api, sandbox):
    content = secrets.token_bytes(50_000)
    attachment = stored(api, content)
    addresses = [f"{uuid.uuid4().hex}@example.com" for _ in range(20)]
    for message_id in [api.manual(address, attachments=[attachment]) for address in addresses]:
        assert api.final(message_id, 30)["status"] == "SENT"
    for address in addresses:
        assert attached(sandbox.messages(address)[0]) == [expected("report.pdf", content)]


@pytest.mark.parametrize("content, name, content_type, status", [
    (b"x" * (7 * MEBIBYTE + 1), "a.pdf", "application/pdf", 413),
    (b"", "a.pdf", "application/pdf", 400),
    (b"x", "..%2F..%2Fetc%2Fpasswd", "application/pdf", 400),
    (b"x", "a%0D%0ABcc%3A%20eve%40example.com", "application/pdf", 400),
    (b"x", "", "application/pdf", 400),
    (b"x", "a.pdf", "pdf", 415),
    (b"x", "a.pdf", "multipart/form-data; boundary=x", 415),
])
def test_what_is_no_file_is_refused_with_the_reason(api, content, name, content_type, status):
    answer = store(api, content, name, content_type)
    assert answer.status == status, answer.body
    assert answer.json()["code"]


def test_a_request_with_a_wrong_file_is_422_and_names_it(api, address):
    good = stored(api, b"x")

    def refusal(**more) -> tuple[int, str, str]:
        body = {"template_key": "ADMIN_MANUAL", "recipient": address, "variables": {"subject": "Hi", "body": "x"}} | more
        answer = api.send(body)
        return answer.status, answer.json().get("code"), answer.json().get("detail", "")

    status, code, detail = refusal(attachments=[good, UNKNOWN])
    assert (status, code) == (422, "ATTACHMENT_UNKNOWN") and UNKNOWN in detail
    assert refusal(attachments=["x"])[:2] == (400, "INVALID_FIELD")
    assert refusal(attachments=[good] * 2)[:2] == (400, "INVALID_FIELD")
    large = [stored(api, b"x" * (4 * MEBIBYTE)), stored(api, b"y" * (4 * MEBIBYTE))]
    assert refusal(attachments=large)[:2] == (422, "ATTACHMENTS_TOO_LARGE")
    sms = {"template_key": "ADMIN_MANUAL_SMS", "recipient": "+447700900123", "variables": {"body": "x"}}
    assert refusal(attachments=[good], **sms)[:2] == (422, "ATTACHMENTS_NOT_ALLOWED")


def test_a_file_belongs_to_who_stored_it(installation, platform, api, address):
    other = Api(platform.url, installation.api_key("other", "notifications:send"))
    body = {"template_key": "ADMIN_MANUAL", "recipient": address, "variables": {"subject": "Hi", "body": "x"}, "attachments": [stored(api, b"x")]}
    assert other.send(body).status == 422
    assert Api(platform.url, None).call("POST", "/api/attachments?file_name=a", b"x", {"Content-Type": "text/plain"}).status == 401


def test_a_message_whose_file_was_dropped_fails_and_says_so(installation, api, sandbox, address):
    attachment = stored(api, b"gone")
    for provider, status in (("postmark", 500), ("smtp", 451)):
        sandbox.order(provider=provider, mode="status", status=status, recipient_contains=address)
    message_id = api.manual(address, attachments=[attachment])
    wait_until(lambda: (message := api.message(message_id)) and message["attempts"] >= 2, 20, "the first round has failed")
    for _ in range(3):  # push it out of the dispatcher's memory of files it read lately
        assert api.final(api.manual(f"{uuid.uuid4().hex}@example.com", attachments=[stored(api, secrets.token_bytes(7 * MEBIBYTE))]), 30)["status"] == "SENT"
    with psycopg.connect(installation.database_url, autocommit=True) as connection:
        connection.execute("DELETE FROM attachments.files WHERE attachment_id = %s", [attachment])
        connection.execute("UPDATE dispatcher.pending SET due_at = now() WHERE message_id = %s", [message_id])
    message = api.final(message_id, 30)
    assert (message["status"], message["reason"]) == ("FAILED", "CONTENT_REJECTED")
    assert message["detail"] == f"ATTACHMENT_GONE: the attachment {attachment} is no longer kept"
    assert sandbox.messages(address) == []
