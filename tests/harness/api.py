"""The HTTP API as a test calls it: status, headers and body, never an exception for an HTTP error."""

import http.client
import json
import time
import urllib.parse
from dataclasses import dataclass

from .waiting import wait_until

OPEN_STATES = {"QUEUED", "SCHEDULED", "DEFERRED_THROTTLED", "ATTEMPT_FAILED"}

IDLE_SECONDS = 5


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    def json(self):
        return json.loads(self.body)


class Api:
    def __init__(self, url: str, key: str | None):
        self.url, self.key = url, key
        self.host = urllib.parse.urlsplit(url).netloc
        self.connection = http.client.HTTPConnection(self.host, timeout=20)
        self.used = time.monotonic()

    def call(self, method: str, path: str, body: bytes | str | None = None, headers: dict[str, str] | None = None) -> Answer:
        sent = {"Authorization": f"Bearer {self.key}"} if self.key else {}
        sent |= headers or {}
        if time.monotonic() - self.used > IDLE_SECONDS:
            self.connection.close()  # the server may have closed it already; the request opens another
        self.used = time.monotonic()
        try:
            self.connection.request(method, path, body, sent)
            response = self.connection.getresponse()
            return Answer(response.status, {name.lower(): value for name, value in response.getheaders()}, response.read())
        except (http.client.HTTPException, OSError):
            self.connection.close()
            self.connection = http.client.HTTPConnection(self.host, timeout=20)
            raise

    def get(self, path: str) -> Answer:
        return self.call("GET", path)

    def send(self, body: dict, key: str | None = None) -> Answer:
        headers = {"Content-Type": "application/json"} | ({"Idempotency-Key": key} if key else {})
        return self.call("POST", "/api/notifications", json.dumps(body), headers)

    def manual(self, to: str, subject: str = "Hi", text: str = "Hello", key: str | None = None, **more) -> str:
        """An ADMIN_MANUAL mail; its message id."""
        answer = self.send({"template_key": "ADMIN_MANUAL", "recipient": to, "variables": {"subject": subject, "body": text}} | more, key)
        assert answer.status == 202, answer.body
        return answer.json()["message_id"]

    def message(self, message_id: str) -> dict | None:
        answer = self.get(f"/api/notifications/{message_id}")
        return answer.json() if answer.status == 200 else None

    def final(self, message_id: str, limit_seconds: float = 10) -> dict:
        def done():
            message = self.message(message_id)
            return message if message and message["status"] not in OPEN_STATES else None

        return wait_until(done, limit_seconds, f"message {message_id} is final (now {self.message(message_id)})")


class Sandbox:
    def __init__(self, url: str):
        self.api = Api(url, None)

    def messages(self, to: str | None = None, limit: int = 1_000) -> list[dict]:
        """The newest ones."""
        query = {"limit": str(limit)} | ({"to": to} if to else {})
        return self.api.get("/messages?" + urllib.parse.urlencode(query)).json()

    def order(self, **order) -> None:
        answer = self.api.call("POST", "/control", json.dumps(order), {"Content-Type": "application/json"})
        assert answer.status // 100 == 2, answer.body

    def obey(self) -> None:
        """No failures any more."""
        assert self.api.call("DELETE", "/control").status // 100 == 2

    def calls(self) -> list[tuple[str, int, str, int]]:
        """Every call whose request was wholly read: message id, attempt, provider, time of arrival in µs since 1970."""
        return [tuple(call[:4]) for call in self.api.get("/calls").json()]
