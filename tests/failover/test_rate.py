"""A provider's rate over several dispatchers: never exceeded in any second, and used."""

import contextlib
import os

from bench.measure import stolen_seconds
from harness.api import Sandbox
from harness.load import Load
from harness.waiting import wait_until

RATE = 14
BACKLOG = 2_000
DISPATCHERS = 3
USED_MIN = 0.97
STRETCH = 300  # calls. A machine whose processors are given to others misses slots, which are lost by design: one stretch without that will do
PATIENCE = 2
WINDOW_MICROS = 1_000_000


def most_in_a_window(times: list[int]) -> int:
    first, most = 0, 0
    for last, at in enumerate(times):
        while at - times[first] >= WINDOW_MICROS:
            first += 1
        most = max(most, last - first + 1)
    return most


def bulk(number: int) -> dict:
    return {"template_key": "ADMIN_MANUAL", "recipient": f"bulk-{number}@example.com", "priority": "BULK", "variables": {"subject": "Hi", "body": "Hello"}}


def test_fourteen_a_second_over_three_dispatchers(new_installation, say):
    installation = new_installation
    installation.settings |= {"EMAIL_PROVIDER_CHAIN": "postmark", "POSTMARK_RATE_PER_SECOND": str(RATE)}
    installation.migrate()
    with contextlib.ExitStack() as running:
        box = installation.sandbox().start().wait_ready(path="/stats")
        running.callback(box.stop)
        dispatchers = [installation.program("carillon-provider-dispatcher", suffix=f"-{n}").start() for n in range(DISPATCHERS)]
        services = [installation.program(name).start() for name in ("carillon-orchestrator", "carillon-health-aggregator")] + dispatchers
        for service in services:
            running.callback(service.stop)
            service.wait_ready()
        stolen = stolen_seconds()
        load = Load([services[0].url], installation.api_key(), BACKLOG, 16, 0, bulk)
        accepted = wait_until(lambda: load.is_done() and load.result(), 60, "the backlog is accepted")
        sandbox = Sandbox(installation.sandbox_url)
        seconds = BACKLOG / RATE
        wait_until(lambda: len(sandbox.calls()) >= BACKLOG, PATIENCE * seconds, "the backlog is sent")
        calls = sandbox.calls()
        times = sorted(at for _, _, _, at in calls)
        used = (len(times) - 1) / ((times[-1] - times[0]) / 1e6) / RATE
        best = max(STRETCH / ((last - first) / 1e6) / RATE for first, last in zip(times, times[STRETCH:]))
        stolen = (stolen_seconds() - stolen) / ((times[-1] - times[0]) / 1e6 * os.cpu_count())
        say(f"{RATE}/s over {DISPATCHERS} dispatchers: {len(times)} calls in {(times[-1] - times[0]) / 1e6:.1f} s, {100 * used:.1f} % of the rate, "
            f"{100 * best:.1f} % in the best stretch of {STRETCH}, with {100 * stolen:.1f} % of the processors' time given to others; "
            f"the most in any second: {most_in_a_window(times)}")
        assert sorted(message_id for message_id, _, _, _ in calls) == sorted(accepted)
        assert most_in_a_window(times) <= RATE
        assert best >= USED_MIN
