"""One provider in trouble: the others' messages don't wait for it, and no provider is called more often than needed."""

import statistics
import threading
from collections import Counter

from harness.load import Load
from harness.waiting import wait_until

SECONDS = 15
MAILS_PER_SECOND, SMS_PER_SECOND = 150, 50
PAIRS_MIN, PAIRS_MAX = 3, 7
MORE_AT_MOST = 1.2
CALLS_PER_MESSAGE_MAX = 1.1
CAUGHT_UP_SECONDS = 90


def mail(number: int) -> dict:
    return {"template_key": "ADMIN_MANUAL", "recipient": f"mail-{number}@example.com", "variables": {"subject": "Hi", "body": "Hello"}}


def sms(number: int) -> dict:
    return {"template_key": "ADMIN_MANUAL_SMS", "recipient": f"+44770090{number % 2}{number % 1000:03}", "variables": {"body": "Hello"}}


def p99_of_mails(platform) -> float:
    """Seconds from the request to the call at the provider, while SMS are sent too."""
    texts = Load([platform.program.url], platform.key, SMS_PER_SECOND * SECONDS, 4, SMS_PER_SECOND, sms)
    mails = Load([platform.program.url], platform.key, MAILS_PER_SECOND * SECONDS, 8, MAILS_PER_SECOND, mail)
    wait_until(lambda: mails.is_done() and texts.is_done(), 3 * SECONDS, "all are accepted")
    wanted = mails.result() | texts.result()

    def all_arrived():
        return wanted <= {message_id for message_id, _, _, _ in platform.sandbox.calls()}

    pause = threading.Event()
    wait_until(lambda: all_arrived() or pause.wait(0.5), CAUGHT_UP_SECONDS, "every message reached a provider")
    arrivals = {message_id: at / 1e6 for message_id, _, provider, at in platform.sandbox.calls() if provider == "postmark"}
    return statistics.quantiles((arrivals[m] - mails.begun_at[m] for m in mails.accepted), n=100)[98]


def test_half_the_calls_fail_and_take_two_seconds(drill, say):
    platform = drill()
    p99_of_mails(platform)  # caches are filled, connections open
    well, ill = [], []
    while len(ill) < PAIRS_MIN or statistics.median(ill) > MORE_AT_MOST * statistics.median(well) and len(ill) < PAIRS_MAX:
        platform.sandbox.obey()
        well.append(p99_of_mails(platform))
        # half of all recipients: refused; the others: accepted; both after two seconds
        platform.sandbox.order(provider="twilio", mode="status", status=503, delay_ms=2000, recipient_contains="+447700900")
        platform.sandbox.order(provider="twilio", mode="delay", delay_ms=2000, recipient_contains="+447700901")
        ill.append(p99_of_mails(platform))
    calls = Counter(provider for _, _, provider, _ in platform.sandbox.calls())
    messages = Counter(provider for _, provider in {(message_id, provider) for message_id, _, provider, _ in platform.sandbox.calls()})
    ratio = {provider: calls[provider] / messages[provider] for provider in calls}
    say(f"p99 of Postmark's mails, ms: {[round(1e3 * p, 1) for p in well]} with a Twilio that is well, {[round(1e3 * p, 1) for p in ill]} with one of which half the "
        f"calls fail and all take 2 s: the medians' ratio is {statistics.median(ill) / statistics.median(well):.2f}; calls per message: "
        + ", ".join(f"{provider} {value:.3f} of {calls[provider]}" for provider, value in sorted(ratio.items())))
    assert statistics.median(ill) <= MORE_AT_MOST * statistics.median(well)
    assert max(ratio.values()) <= CALLS_PER_MESSAGE_MAX
