"""A bounded load of send requests: each is repeated with its key until it is accepted."""

import http.client
import json
import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor

from .api import Api

TRIES_MAX = 600
PAUSE_SECONDS = 0.1


def mixed_body(number: int) -> dict:
    """One in five is of a RESEND template, the others of HOLD."""
    recipient = f"{uuid.uuid4().hex}@example.com"
    if number % 5 == 0:
        return {"template_key": "OTP_CODE_EMAIL", "recipient": recipient, "variables": {"code": "123456", "ttl_minutes": "10"}}
    return {"template_key": "ADMIN_MANUAL", "recipient": recipient, "variables": {"subject": "Hi", "body": "Hello"}, "priority": "BULK"}


class Load:
    """`count` requests, made by `body` from their number, from `threads` threads, as fast as they are answered or so many a second,
    spread over the given URLs, which may change meanwhile; fewer after enough()."""

    def __init__(self, urls: list[str], key: str, count: int, threads: int = 16, per_second: float = 0, body=mixed_body):
        self.urls, self.key, self.count, self.body = urls, key, count, body
        self.interval, self.began = 1 / per_second if per_second else 0, time.monotonic()
        self.accepted: set[str] = set()
        self.begun_at: dict[str, float] = {}  # by message id: when its request began, in seconds since 1970
        self.refused = 0
        self.lock = threading.Lock()
        self.pause, self.ended = threading.Event(), threading.Event()
        self.pool = ThreadPoolExecutor(threads)
        self.threads = threads
        self.done = [self.pool.submit(self._run, n) for n in range(threads)]

    def _run(self, thread: int) -> None:
        apis: dict[str, Api] = {}
        for number in range(thread, self.count, self.threads):
            if self.ended.wait(max(0.0, self.began + number * self.interval - time.monotonic())):
                return
            body, key = self.body(number), uuid.uuid4().hex
            self._send_until_accepted(apis, number, body, key)

    def _send_until_accepted(self, apis: dict[str, Api], number: int, body: dict, key: str) -> None:
        for attempt in range(TRIES_MAX):
            urls = self.urls
            url = urls[(number + attempt) % len(urls)]
            begun_at = time.time()
            try:
                answer = apis.setdefault(url, Api(url, self.key)).send(body, key)
            except (http.client.HTTPException, OSError):
                self.pause.wait(PAUSE_SECONDS)
                continue
            if answer.status == 202:
                with self.lock:
                    self.accepted.add(answer.json()["message_id"])
                    self.begun_at[answer.json()["message_id"]] = begun_at
                return
            assert answer.status in (503, 500, 429), (answer.status, answer.body)
            self.refused += 1
            self.pause.wait(PAUSE_SECONDS)
        raise AssertionError(f"a request was not accepted in {TRIES_MAX} tries: {json.dumps(body)}")

    def enough(self) -> None:
        """Requests that were begun are still accepted; no new one is begun."""
        self.ended.set()

    def progress(self) -> int:
        with self.lock:
            return len(self.accepted)

    def is_done(self) -> bool:
        return all(future.done() for future in self.done)

    def result(self) -> set[str]:
        for future in self.done:
            future.result()
        self.pool.shutdown()
        return self.accepted
