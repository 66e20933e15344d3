"""Bad input gets a clear error; the service goes on and nothing else waits."""

import json
import socket
import time
import urllib.parse

import pytest

GOOD = {"template_key": "ADMIN_MANUAL", "recipient": "ann@example.com", "variables": {"subject": "Hi", "body": "Hello"}}


def raw(body) -> bytes:
    return body if isinstance(body, bytes) else json.dumps(body).encode()


@pytest.mark.parametrize("body, field", [
    (b"{", ""),
    (b"", ""),
    (b"[]", ""),
    (b'{"template_key":1}', "template_key"),
    (GOOD | {"variables": "x"}, "variables"),
    (GOOD | {"colour": "red"}, "colour"),
    (GOOD | {"priority": "URGENT"}, "priority"),
    (GOOD | {"recipient": ["a@example.com"]}, "recipient"),
    (GOOD | {"template_key": ""}, "template_key"),
    ({"template_key": "ADMIN_MANUAL_SMS", "recipient": "07700900123", "variables": {"body": "x"}}, "recipient"),
    (GOOD | {"recipient": "ann@example.com\r\nBcc: eve@example.com"}, "recipient"),
    (b'{"template_key":"ADMIN_MANUAL","recipient":"\xff\xfe@example.com"}', ""),
    (b'{"template_key":"ADMIN_MANUAL","recipient":"ann@example.com","variables":{"subject":"a\\u0000b"}}', "variables"),
    (b'{"template_key":"ADMIN_MANUAL","template_key":"ADMIN_MANUAL"}', "template_key"),
    (b'{"variables":' + b'{"a":' * 60 + b"1" + b"}" * 60 + b"}", ""),
    (bytes(range(256)), ""),
])
def test_a_malformed_request_is_refused_with_the_field(api, body, field):
    answer = api.call("POST", "/api/notifications", raw(body), {"Content-Type": "application/json"})
    assert answer.status == 400, answer.body
    assert answer.headers["content-type"].startswith("application/problem+json")
    problem = answer.json()
    assert problem["code"] in ("MALFORMED_JSON", "INVALID_FIELD")
    assert field in problem["detail"]


def test_a_body_of_two_mebibytes_is_413(api):
    answer = api.call("POST", "/api/notifications", b"x" * (2 << 20), {"Content-Type": "application/json"})
    assert answer.status == 413


@pytest.mark.parametrize("body, status, reason", [
    (GOOD | {"template_key": "NO_SUCH_TEMPLATE"}, "BLOCKED_TEMPLATE_NOT_FOUND", ""),
    (GOOD | {"variables": {"subject": "Hi"}}, "BLOCKED_INVALID_REQUEST", "body"),
    (GOOD | {"variables": {"subject": "Hi\r\nBcc: eve@example.com", "body": "x"}}, "BLOCKED_INVALID_REQUEST", "subject"),
    ({"template_key": "WELCOME_EMAIL", "client_id": "nobody", "variables": {"owner_name": "Ann", "set_password_url": "https://x.example"}}, "BLOCKED_CLIENT_NOT_FOUND", ""),
])
def test_what_gating_refuses_is_accepted_and_logged(api, body, status, reason):
    answer = api.send(body)
    assert answer.status == 202, answer.body
    message = api.final(answer.json()["message_id"])
    assert message["status"] == status
    assert reason in (message["reason"] + str(message["history"]))


def test_long_and_unusual_text_arrives_unchanged(api, sandbox, address):
    text = "Ünïcödé 👋🏽 עברית عربى " + "x" * 10_000
    api.final(api.manual(address, subject="Grüße 👋", text=text))
    mail = sandbox.messages(address)[0]
    assert mail["subject"] == "Grüße 👋"
    assert text in mail["text"]


def test_a_slow_sender_delays_nobody(platform, api, address):
    host = urllib.parse.urlsplit(platform.url)
    slow = [socket.create_connection((host.hostname, host.port)) for _ in range(50)]
    for connection in slow:
        connection.sendall(b"POST /api/notifications HTTP/1.1\r\nHost: x\r\nContent-Le")
    began = time.monotonic()
    assert api.final(api.manual(address))["status"] == "SENT"
    assert time.monotonic() - began < 5
    for connection in slow:
        connection.close()


@pytest.mark.parametrize("method, path, status", [
    ("GET", "/api/notifications/not-an-id", 404), ("GET", "/nowhere", 404), ("DELETE", "/api/notifications", 405),
    ("GET", "/api/admin/message-logs?status=NOPE", 400), ("GET", "/api/admin/notification-health/summary?window_minutes=0", 400),
    ("GET", "/api/admin/notification-health/summary?window_minutes=x", 400),
    ("GET", "/api/admin/clients/%FF", 400), ("GET", "/api/admin/billing/events?client_id=%ED%A0%80", 400), ("DELETE", "/api/admin/clients/%00", 400),
])
def test_wrong_addresses_and_filters_are_named(api, method, path, status):
    answer = api.call(method, path)
    assert answer.status == status, answer.body
    assert answer.json()["code"]
