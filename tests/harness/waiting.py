"""Waiting for a condition with a limit: poll, never a fixed pause."""

import threading
import time

POLL_SECONDS = 0.02


def wait_until(condition, limit_seconds: float, what: str):
    """The first true answer of `condition`; AssertionError naming `what` after the limit."""
    end = time.monotonic() + limit_seconds
    tick = threading.Event()
    while True:
        answer = condition()
        if answer:
            return answer
        assert time.monotonic() < end, f"not within {limit_seconds} s: {what}"
        tick.wait(POLL_SECONDS)
