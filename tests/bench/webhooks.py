"""Stripe's webhook: events verified, stored and acknowledged a second, beside what the machine does at best, and how long
an event waits for its 200 at a steady rate. Half of the events are invoices of a client that is known, so that what
follows (state, mail, billing event, audit entry) is done on the same cores."""

import hashlib
import hmac
import json
import pathlib
import time
from collections.abc import Iterator

from bench.measure import copy_limits, http_load, post_limit
from harness.waiting import wait_until

SECRET = "whsec_bench"
RATE = 1_000
P99_MS_MAX = 25
EVENTS_MAX = 30_000
SAMPLE = pathlib.Path(__file__).parent.parent.parent / "docs/samples/stripe/invoice_paid.json"
CLIENT = "bench"
DECIDE_SECONDS_MAX = 240


def signed(body: str) -> str:
    now = int(time.time())
    return f"t={now},v1={hmac.new(SECRET.encode(), f'{now}.{body}'.encode(), hashlib.sha256).hexdigest()}"


def write_events(file: pathlib.Path, name: str, count: int) -> int:
    """Signed just now; Stripe's tolerance of 300 s is longer than any run. Returns the bytes of one."""
    event, body = json.loads(SAMPLE.read_text()), ""
    invoice = event["data"]["object"]
    with file.open("w") as out:
        for n in range(count):
            event["id"], event["type"] = f"evt_{name}_{n}", "invoice.paid" if n % 2 else "charge.succeeded"
            invoice["customer"] = f"cus_{name}_{n}"
            invoice["parent"]["subscription_details"] = {"metadata": {"client_id": CLIENT, "plan": "PRO"}, "subscription": f"sub_{name}_{n % 100}"}
            body = json.dumps(event, separators=(",", ":"))
            out.write(f"{signed(body)}\t{body}\n")
    return len(body)


def measure(platform, options) -> Iterator[dict]:
    limits = copy_limits(platform.cluster.url("carillon")) | post_limit(platform.installation.sandbox_port)
    platform.installation.put_client(platform.ingress.url, CLIENT, "--plan", "PRO", "--email", "bench@example.com")
    count, file = min(options.messages, EVENTS_MAX), platform.folder / "events"
    port = platform.port if "carillon" in platform.programs else int(platform.programs["carillon-billing-ingest"].url.rsplit(":", 1)[1])
    pending = "SELECT count(*) FROM billing.billing_events WHERE status = 'PENDING'"
    stored = "SELECT count(*) FROM billing.billing_events"
    commits = "SELECT xact_commit FROM pg_stat_database WHERE datname = 'carillon'"
    for name, number, rate in (("warm", 2_000, 0), ("steady", RATE * options.seconds, RATE), ("flood", count, 0)):
        body_bytes = write_events(file, name, number)
        before, there, cpu, began = platform.query(commits), platform.query(stored), platform.cpu(), time.monotonic()
        load = http_load(port, number, path="/api/webhooks/stripe", stripe=file, rate=rate, connections=options.connections)
        assert load["errors"] == 0, load
        assert platform.query(stored) == there + number
        wait_until(lambda: platform.query(pending) == 0, DECIDE_SECONDS_MAX, "every event is decided")
        decided_s = time.monotonic() - began
        if name == "warm":
            continue
        used = {part: value - cpu[part] for part, value in platform.cpu().items()}
        yield {"bench": f"webhooks-{name}", "events": number, "event_bytes": body_bytes, "per_s": round(load["per_s"]), "p50_ms": load["p50_ms"], "p99_ms": load["p99_ms"],
               "decided_per_s": round(number / decided_s), "commits_per_event": round((platform.query(commits) - before) / number, 3),
               "cpu_ms_per_event": {part: round(1000 * value / number, 4) for part, value in used.items()},
               "limit_ratio": {"http_post_per_s": round(load["per_s"] / limits["http_post_per_s"], 3),
                               "copy_rows_per_s": round(load["per_s"] / limits["copy_rows_per_s"], 3)}, "limits": limits} | (
                   {"within_target": load["p99_ms"] <= P99_MS_MAX} if rate else {})
