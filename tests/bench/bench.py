"""Measurements: `./dev bench NAME [--json]`. Each prints ratios to the machine's own limits, measured in the same run.

e2e     accepted → delivered → logged, everything on this machine, limits off; --bus kafka: then the same with three programs and a broker
accept  POST /api/notifications alone
receipts  the provider's word about messages that were sent: POST to its webhook until 200 (stored), and until all are DELIVERED
webhooks  Stripe's events: verified, stored and acknowledged, alone and at a steady rate, and until all are decided
health  the message log at ten million rows (--rows): figures, recent, searches and deep cursors against their targets, and what its indexes cost
otp     one-time codes: whether an answer's time tells anything, and what sending and checking cost
peers   the same work in River, pg-boss and BullMQ beside both (tests/bench/peers/README.md says who is favoured)
limits  only the machine's own limits: plain COPY, plain HTTP POST, synced commits; --bus kafka: plain produce and consume too
"""

import argparse
import json
import os
import pathlib
import shutil
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator

os.environ.setdefault("CARILLON_BIN_DIR", "build/release/bin")
sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))

import psycopg  # noqa: E402

from bench.measure import broker_limits, copy_limits, cpu_seconds, http_load, port_of, post_limit, rss_mb, stolen_seconds  # noqa: E402
from harness.api import Sandbox  # noqa: E402
from harness.kafka import JAVA_FOR_SPEED, Broker  # noqa: E402
from harness.postgres import Cluster, create_database  # noqa: E402
from harness.programs import Installation  # noqa: E402
from harness.waiting import wait_until  # noqa: E402
from bench import health, otp, webhooks  # noqa: E402
from bench.peers.run import bench_peers as peers  # noqa: E402

POLL_SECONDS = (0.02, 0.5)  # asking costs time of the platform too: rarely while much is missing
POLL_PER_S = 20_000
WAL_FILES = 60
SETTLED_POLLS = 60
WARM_UP = {"postgres": 2_000, "kafka": 180_000}  # the broker takes half the processor time a message once its code is compiled
SERVICES = ["carillon-provider-dispatcher", "carillon-orchestrator", "carillon-health-aggregator"]  # those of the pipe


class Platform:
    """PostgreSQL with fsync, the sandbox and the platform, throttles off: one process with the bus in the database, or one program a
    service and a broker. The write-ahead log has files to use again, as in a database that has run for a while: making a new one
    holds up every commit."""

    def __init__(self, bus: str = "postgres", whole: bool = False, inbox_max: int = 1_000, **settings: str):
        self.bus = bus
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="carillon-bench-"))
        self.cluster = Cluster(fsync="on", shared_buffers="512MB", min_wal_size="1GB", max_wal_size="4GB", wal_compression="lz4")
        self.cluster.start()
        create_database(self.cluster.url(), "carillon")
        self.broker = Broker(JAVA_FOR_SPEED).start() if bus == "kafka" else None
        if self.broker:
            settings |= {"CARILLON_BUS": "kafka", "CARILLON_KAFKA_BROKERS": self.broker.brokers}
        self.installation = Installation(self.cluster.socket_url("carillon"), self.folder, EMAIL_PROVIDER_CHAIN="postmark",
                                         POSTMARK_CONCURRENCY="512", **settings)
        self.installation.settings |= {"CARILLON_LOG_LEVEL": "warn"}
        self.installation.migrate()
        if self.broker:
            self.installation.command("kafka", "topics", "--apply", "--replication", "1", **settings)
        with psycopg.connect(self.cluster.url("carillon"), autocommit=True) as connection:
            for _ in range(WAL_FILES):
                connection.execute("SELECT pg_logical_emit_message(false, 'bench', ''), pg_switch_wal()")
            connection.execute("CHECKPOINT")
        os.sync()
        self.sandbox = self.installation.sandbox()
        self.sandbox.environment["CARILLON_SANDBOX_INBOX_MAX"] = str(inbox_max)
        self.sandbox.start().wait_ready(path="/stats")
        if bus == "kafka" and not whole:
            self.programs = {name: self.installation.program(name).start() for name in SERVICES}
            self.ingress, self.health = self.programs["carillon-orchestrator"], self.programs["carillon-health-aggregator"]
        else:
            self.programs = {"carillon": self.installation.program("carillon", "serve").start()}
            self.ingress = self.health = self.programs["carillon"]
        for program in self.programs.values():
            program.wait_ready()
        self.key = self.installation.api_key()
        self.port = port_of(self.ingress.url)
        self.webhooks = port_of(self.programs.get("carillon-provider-dispatcher", self.ingress).url)

    def close(self) -> None:
        for program in [*self.programs.values(), self.sandbox]:
            if program.is_running():
                program.stop()
        if self.broker:
            self.broker.close()
        self.cluster.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def sent(self) -> int:
        return self.logged("SENT")

    def logged(self, status: str) -> int:
        """How many messages have entered that state, from the platform's own metrics (cheap to ask)."""
        text = urllib.request.urlopen(self.health.url + "/metrics", timeout=5).read().decode()
        return int(sum(float(line.rsplit(" ", 1)[1]) for line in text.splitlines()
                       if line.startswith("carillon_messages_total{") and f'status="{status}"' in line))

    def wait_sent(self, wanted: int, limit_seconds: float) -> float:
        end, tick = time.monotonic() + limit_seconds, threading.Event()
        while (missing := wanted - self.sent()) > 0:
            assert time.monotonic() < end, f"{missing} of {wanted} were not sent within {limit_seconds} s\n{self.health.tail()}"
            tick.wait(min(max(missing / POLL_PER_S, POLL_SECONDS[0]), POLL_SECONDS[1]))
        return time.monotonic()

    def wait_audited(self, messages: int) -> None:
        """Until both audit entries of each message are stored: the last work of all."""
        wait_until(lambda: self.query("SELECT coalesce(sum(chain_seq), 0) FROM (SELECT max(chain_seq) AS chain_seq FROM health.audit_log GROUP BY partition) AS heads")
                   >= 2 * messages, 60, "the audit log is complete")

    def query(self, sql: str):
        with psycopg.connect(self.cluster.url("carillon")) as connection:
            return connection.execute(sql).fetchone()[0]

    def row_writes(self) -> int:
        """Rows of tables and of their TOAST parts; a session hands in its figures at most a second after its last statement."""
        figures: list[int] = []

        def settled():
            figures.append(self.query("SELECT sum(n_tup_ins + n_tup_upd + n_tup_del)::bigint FROM pg_stat_all_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"))
            return len(figures) > SETTLED_POLLS and len(set(figures[-SETTLED_POLLS:])) == 1

        wait_until(settled, 30, "the row statistics have settled")
        return figures[-1]

    def wal_bytes(self) -> int:
        return self.query("SELECT wal_bytes::bigint FROM pg_stat_wal")

    def cpu(self) -> dict[str, float]:
        used = {name.removeprefix("carillon-"): cpu_seconds([program.process.pid]) for name, program in self.programs.items()}
        used |= {"postgres": cpu_seconds(self.cluster.pids()), "sandbox": cpu_seconds([self.sandbox.process.pid])}
        return used | ({"kafka": cpu_seconds([self.broker.server.pid])} if self.broker else {})

    def limits(self) -> dict[str, float]:
        """What this machine does at best in the parts the platform is made of."""
        found = copy_limits(self.cluster.url("carillon")) | post_limit(self.installation.sandbox_port)
        return found | (broker_limits(self.broker) if self.broker else {})

    def write_back(self) -> None:
        """What a flood has left in memory, hundreds of megabytes: the system would write it half a minute later, and hold up the commits
        of a fixed rate that leaves no such thing."""
        with psycopg.connect(self.cluster.url("carillon"), autocommit=True) as connection:
            connection.execute("CHECKPOINT")
        os.sync()


def latency(platform: Platform, rate: int, seconds: int) -> dict[str, float]:
    """At a steady rate: request due → provider has it, and request due → 202."""
    Sandbox(platform.installation.sandbox_url).api.call("DELETE", "/messages")
    out, count, before = platform.folder / f"ids-{rate}", rate * seconds, platform.sent()
    load = http_load(platform.port, count, platform.key, rate=rate, out=out)
    platform.wait_sent(before + count, 60)
    due = {line.split()[0]: int(line.split()[1]) for line in out.read_text().splitlines()}
    took = sorted((received_us - due[message_id]) / 1000
                  for message_id, _, _, received_us in Sandbox(platform.installation.sandbox_url).calls() if message_id in due)
    assert len(took) == count, f"{len(took)} of {count} calls found"
    return {"provider_p50": took[len(took) // 2], "provider_p99": took[len(took) * 99 // 100], "accept_p50": load["p50_ms"], "accept_p99": load["p99_ms"]}


def measure_e2e(bus: str, options) -> dict:
    platform = Platform(bus, options.whole)
    try:
        limits = platform.limits()  # first, so that the broker's code is compiled when the platform's turn comes
        warm = WARM_UP[bus]
        http_load(platform.port, warm, platform.key)
        platform.wait_sent(warm, 120)
        platform.wait_audited(warm)
        platform.write_back()
        rates = {rate: latency(platform, rate, options.seconds) for rate in (1000, 2000)}
        warm = platform.sent()
        platform.wait_audited(warm)
        writes, wal, cpu, stolen = platform.row_writes(), platform.wal_bytes(), platform.cpu(), stolen_seconds()
        began = time.monotonic()
        load = http_load(platform.port, options.messages, platform.key, connections=options.connections)
        seconds = platform.wait_sent(warm + options.messages, 120) - began
        stolen = (stolen_seconds() - stolen) / (seconds * os.cpu_count())
        platform.wait_audited(warm + options.messages)
        used = {name: value - cpu[name] for name, value in platform.cpu().items()} | {"load": load["cpu_s"]}
        writes, wal = platform.row_writes() - writes, platform.wal_bytes() - wal
        per_s, thousands = options.messages / seconds, options.messages / 1000
        return {
            "bench": "e2e", "bus": bus, "programs": list(platform.programs), "messages": options.messages, "per_s": round(per_s),
            "cpu_s_per_1000": round(sum(used.values()) / thousands, 4),
            "row_writes_per_message": round(writes / options.messages, 2),
            "wal_bytes_per_message": round(wal / options.messages),
            "p50_ms": {str(rate): round(value["provider_p50"], 2) for rate, value in rates.items()},
            "p99_ms": {str(rate): round(value["provider_p99"], 2) for rate, value in rates.items()},
            "accept_p99_ms": {str(rate): round(value["accept_p99"], 2) for rate, value in rates.items()},
            "rss_mb": {name: round(rss_mb(program.process.pid), 1) for name, program in platform.programs.items()},
            "limit_ratio": {name: round(per_s / value, 3) for name, value in limits.items()},
            "limits": limits,
            "cpu_split_s_per_1000": {name: round(value / thousands, 4) for name, value in used.items()},
            "accepted_per_s": round(load["per_s"]), "stolen_share": round(stolen, 3),
        }
    finally:
        platform.close()


def bench_e2e(options) -> Iterator[dict]:
    embedded = measure_e2e("postgres", options)
    yield embedded
    if options.bus == "kafka":
        kafka = measure_e2e("kafka", options)
        yield kafka | {"embedded_ratio": round(kafka["per_s"] / embedded["per_s"], 2)}


def bench_peers(options) -> Iterator[dict]:
    options.bus = "kafka"
    own = list(bench_e2e(options))
    yield from own
    for peer in peers(options):
        yield peer | {"carillon_ratio": {each["bus"]: round(each["per_s"] / peer["per_s"], 2) for each in own}}


def bench_accept(options) -> Iterator[dict]:
    """Requests alone: what is accepted is delivered and logged beside it on the same cores."""
    platform = Platform(options.bus, options.whole)
    try:
        http_load(platform.port, 2_000, platform.key)
        commits = "SELECT xact_commit FROM pg_stat_database WHERE datname = 'carillon'"
        before, sent = platform.query(commits), platform.sent()
        load = http_load(platform.port, options.messages, platform.key, connections=options.connections)
        platform.wait_sent(sent + options.messages, 120)
        platform.wait_audited(2_000 + options.messages)
        yield {"bench": "accept", "messages": options.messages, "connections": options.connections, "per_s": round(load["per_s"]), "errors": load["errors"],
                "p50_ms": load["p50_ms"], "p99_ms": load["p99_ms"],
                "commits_per_request": round((platform.query(commits) - before) / options.messages, 3)}
    finally:
        platform.close()


def bench_receipts(options) -> Iterator[dict]:
    """Postmark's receipts of messages that were sent before, each called alone as Postmark does."""
    platform = Platform(options.bus, options.whole, POSTMARK_WEBHOOK_TOKEN="a-long-random-token")
    try:
        limits = post_limit(platform.installation.sandbox_port)
        ids, body = platform.folder / "ids", json.dumps({"RecordType": "Delivery", "MessageID": "pm-{n}", "Recipient": "r@example.com",
                                                         "DeliveredAt": "2026-01-01T00:00:00Z", "Details": "250 OK", "Metadata": {"message_id": "{w}", "attempt": "1"}})
        http_load(platform.port, options.messages, platform.key, out=ids)
        platform.wait_sent(options.messages, 120)
        platform.wait_audited(options.messages)
        commits = "SELECT xact_commit FROM pg_stat_database WHERE datname = 'carillon'"
        before, cpu, began = platform.query(commits), platform.cpu(), time.monotonic()
        load = http_load(platform.webhooks, options.messages, path="/api/webhooks/postmark?token=a-long-random-token", body=body, words=ids,
                         connections=options.connections)
        wait_until(lambda: platform.logged("DELIVERED") >= options.messages, 60, "every message is DELIVERED")
        seconds = time.monotonic() - began
        used = {name: value - cpu[name] for name, value in platform.cpu().items()} | {"load": load["cpu_s"]}
        yield {"bench": "receipts", "receipts": options.messages, "per_s": round(load["per_s"]), "errors": load["errors"], "p50_ms": load["p50_ms"], "p99_ms": load["p99_ms"],
               "delivered_per_s": round(options.messages / seconds), "commits_per_receipt": round((platform.query(commits) - before) / options.messages, 3),
               "cpu_s_per_1000": {name: round(1000 * value / options.messages, 4) for name, value in used.items()},
               "limits": limits, "http_post_ratio": round(limits["http_post_per_s"] / load["per_s"], 2)}
    finally:
        platform.close()


def bench_otp(options) -> Iterator[dict]:
    """In one process over the embedded bus; what is sent is delivered and logged beside it on the same cores."""
    platform = Platform(inbox_max=2 * otp.CALLS, OTP_PREFIX_RATE_LIMIT="0", OTP_COUNTRY_RATE_LIMIT="0", TWILIO_CONCURRENCY="512", TWILIO_MONTHLY_LIMIT_USD="0")
    try:
        yield from otp.timing(platform)
        yield from otp.cost(platform, options)
    finally:
        platform.close()


def bench_webhooks(options) -> Iterator[dict]:
    """In one process over the embedded bus; what follows from the events is done beside it on the same cores."""
    platform = Platform(options.bus, options.whole, STRIPE_WEBHOOK_SECRET=webhooks.SECRET)
    try:
        yield from webhooks.measure(platform, options)
    finally:
        platform.close()


def bench_health(options) -> Iterator[dict]:
    yield from health.measure(options.rows)


def bench_limits(options) -> Iterator[dict]:
    platform = Platform(options.bus, options.whole)
    try:
        yield {"bench": "limits"} | platform.limits()
    finally:
        platform.close()


BENCHES = {"e2e": bench_e2e, "accept": bench_accept, "receipts": bench_receipts, "webhooks": bench_webhooks, "otp": bench_otp, "health": bench_health, "limits": bench_limits, "peers": bench_peers}


def main() -> int:
    parser = argparse.ArgumentParser(prog="./dev bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name", choices=BENCHES)
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    parser.add_argument("--bus", choices=["postgres", "kafka"], default="postgres")
    parser.add_argument("--whole", action="store_true", help="with Kafka: all services in one process")
    parser.add_argument("--messages", type=int, default=60_000)
    parser.add_argument("--rows", type=int, default=10_000_000, help="of the message log (health)")
    parser.add_argument("--connections", type=int, default=256)
    parser.add_argument("--seconds", type=int, default=10, help="length of each fixed-rate run")
    options = parser.parse_args()
    for result in BENCHES[options.name](options):
        print(json.dumps(result) if options.json else "\n".join(f"{name:<24} {value}" for name, value in result.items()) + "\n", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
