"""What users would choose instead, on the same work and machine: River, pg-boss and BullMQ, each as an email queue whose
jobs are one call of the provider's sandbox. See README.md for settings and for what favours whom."""

import argparse
import contextlib
import json
import os
import pathlib
import select
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass

os.environ.setdefault("CARILLON_BIN_DIR", "build/release/bin")
sys.path[:0] = [str(pathlib.Path(__file__).parents[1]), str(pathlib.Path(__file__).parents[2])]

import psycopg  # noqa: E402

from harness.api import Sandbox  # noqa: E402
from harness.postgres import Cluster, create_database  # noqa: E402
from harness.programs import Installation  # noqa: E402
from measure import cpu_seconds, stolen_seconds  # noqa: E402
from peers.install import Tools, install  # noqa: E402
from peers.redis_server import RedisServer  # noqa: E402

WARM = {"bulk": 8_000, "single": 2_000}  # more than bench.py: what compiles itself while it runs needs it
RATE_PER_S = 1000
CALLS_AT_ONCE = 64
CALLERS = 256
FLOOD_SECONDS_MAX = 180
POLL_SECONDS = (0.02, 0.5)  # as in bench.py: asking costs time of the measured too
POLL_PER_S = 20_000
WAL_FILES = 60
POSTGRES = {"fsync": "on", "shared_buffers": "512MB", "min_wal_size": "1GB", "max_wal_size": "4GB", "wal_compression": "lz4"}
REDIS = {"appendonly": "yes", "maxmemory-policy": "noeviction", "save": ""}
DOES = ["queue", "call"]

RIVER = {"max_workers": 2000, "fetch_cooldown_ms": 2, "fetch_poll_ms": 20, "insert_batch": 5000, "connections_max": 20}
PGBOSS = {"batch_size": 1000, "local_concurrency": 4, "polling_interval_s": 0.5, "notify": False, "insert_batch": 5000, "connections_max": 10}
BULLMQ = {"workers": 4, "concurrency": 100, "insert_batch": 1000}
BOUNDS = {"call_timeout_ms": 30_000, "stop_timeout_ms": 20_000, "database_timeout_ms": 10_000}
INSERTS = ("bulk", "single")


class Process:
    """One program of a peer: an order in is one line, its result one line out. Ends with its input."""

    def __init__(self, command: list[str], environment: dict[str, str], log: pathlib.Path):
        self.log = log
        with open(log, "ab") as errors:
            self.process = subprocess.Popen(command, env={"PATH": os.environ["PATH"], "LANG": "C.UTF-8"} | environment,
                                            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors)
        self.read = b""

    def order(self, **order) -> None:
        self.process.stdin.write(json.dumps(order).encode() + b"\n")
        self.process.stdin.flush()

    def result(self, limit_seconds: float) -> dict:
        end = time.monotonic() + limit_seconds
        while b"\n" not in self.read:
            ready, _, _ = select.select([self.process.stdout], [], [], max(end - time.monotonic(), 0))
            assert ready, f"no result within {limit_seconds} s\n{self.tail()}"
            part = os.read(self.process.stdout.fileno(), 65536)
            assert part, f"ended with {self.process.wait(10)}\n{self.tail()}"
            self.read += part
        line, self.read = self.read.split(b"\n", 1)
        return json.loads(line)

    def tail(self) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-20:])

    def close(self) -> None:
        try:
            self.process.stdin.close()
            self.process.wait(30)
        except (BrokenPipeError, subprocess.TimeoutExpired):
            self.process.kill()
            self.process.wait(10)
        self.process.stdout.close()


class PostgresStore:
    """With files of the write-ahead log to use again, as in bench.py."""

    name, settings = "postgres", POSTGRES

    def __init__(self, completed: str):
        self.completed_sql = completed
        self.cluster = Cluster(**POSTGRES)
        self.pids, self.close = self.cluster.pids, self.cluster.close

    def start(self) -> None:
        self.cluster.start()
        with psycopg.connect(create_database(self.cluster.url(), "peer"), autocommit=True) as connection:
            for _ in range(WAL_FILES):
                connection.execute("SELECT pg_logical_emit_message(false, 'bench', ''), pg_switch_wal()")
            connection.execute("CHECKPOINT")
        os.sync()

    def environment(self) -> dict[str, str]:
        return {"PGHOST": str(self.cluster.folder), "PGPORT": str(self.cluster.port), "PGUSER": "postgres", "PGDATABASE": "peer"}

    def options(self) -> dict:
        return {}

    def completed(self) -> int:
        with psycopg.connect(self.cluster.url("peer")) as connection:
            return connection.execute(self.completed_sql).fetchone()[0]


class RedisStore:
    name = "redis"

    def __init__(self, program: str, appendfsync: str):
        self.settings = REDIS | {"appendfsync": appendfsync}
        self.redis = RedisServer(program, **self.settings)
        self.start, self.pids, self.close = self.redis.start, self.redis.pids, self.redis.close

    def environment(self) -> dict[str, str]:
        return {}

    def options(self) -> dict:
        return {"redis_socket": str(self.redis.socket)}

    def completed(self) -> int:
        return int(self.redis.ask("ZCARD bull:email:completed")[1:])


def stolen_share(before: float, seconds: float) -> float:
    return round((stolen_seconds() - before) / (seconds * os.cpu_count()), 3)


class Peer:
    """A store, the sandbox and the peer's processes: the first inserts; which of them work, `works` says."""

    def __init__(self, store, command: list[str], settings: dict, works: list[bool]):
        self.store, self.command, self.settings, self.works = store, command, settings, works
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="carillon-peer-"))
        self.installation = Installation("", self.folder)
        self.sandbox = self.installation.sandbox()
        self.processes: list[Process] = []
        self.ends, self.wanted = contextlib.ExitStack(), 0

    def start(self) -> None:
        self.ends.callback(shutil.rmtree, self.folder, ignore_errors=True)
        self.ends.callback(self.store.close)
        self.store.start()
        self.sandbox.environment["CARILLON_SANDBOX_INBOX_MAX"] = "1000"
        self.sandbox.start()
        self.ends.callback(self.sandbox.stop)
        self.sandbox.wait_ready(path="/stats")
        for number, works in enumerate(self.works):
            own = self.settings | self.store.options() | {"provider_port": self.installation.sandbox_port, "works": works}
            self.processes.append(Process([*self.command, json.dumps(own)], self.store.environment(), self.folder / f"{number}.log"))
            self.ends.callback(self.processes[-1].close)
            assert self.processes[-1].result(60)["ready"]

    def accepted(self) -> int:
        stats = json.load(urllib.request.urlopen(self.sandbox.url + "/stats", timeout=5))["postmark"]
        assert stats["refused"] == 0, stats
        return stats["accepted"]

    def wait(self, limit_seconds: float) -> None:
        """Until the sandbox has every call, then until the library's own state has every job as completed."""
        end, tick = time.monotonic() + limit_seconds, threading.Event()
        for where, count in (("called", self.accepted), ("completed", self.store.completed)):
            while (missing := self.wanted - count()) > 0:
                late = time.monotonic() > end or any(process.process.poll() is not None for process in self.processes)
                assert not late, f"{missing} of {self.wanted} not {where}\n" + "\n".join(process.tail() for process in self.processes)
                tick.wait(min(max(missing / POLL_PER_S, POLL_SECONDS[0]), POLL_SECONDS[1]))

    def work(self, insert: str, count: int, per_s: int = 0) -> tuple[float, float]:
        """Seconds until all are completed, and seconds until all are inserted."""
        self.wanted += count
        began = time.monotonic()
        self.processes[0].order(insert=insert, count=count, per_s=per_s)
        self.wait(FLOOD_SECONDS_MAX)
        return time.monotonic() - began, self.processes[0].result(10)["seconds"]

    def latency(self, seconds: int) -> dict[str, float]:
        """Job due → the provider has it, in ms; the message id tells when it was due."""
        count, stolen = RATE_PER_S * seconds, stolen_seconds()
        took_seconds, _ = self.work("single", count, RATE_PER_S)
        stolen = stolen_share(stolen, took_seconds)
        took = sorted((received_us - int(message_id.split("-")[0])) / 1000
                      for message_id, _, _, received_us in Sandbox(self.sandbox.url).calls()[-count:])
        assert len(took) == count, f"{len(took)} of {count} calls found"
        return {"p50_ms": {str(RATE_PER_S): round(took[count // 2], 2)}, "p99_ms": {str(RATE_PER_S): round(took[count * 99 // 100], 2)},
                "latency_stolen_share": stolen}

    def cpu(self, name: str) -> dict[str, float]:
        return {name: cpu_seconds([process.process.pid for process in self.processes]), self.store.name: cpu_seconds(self.store.pids()),
                "sandbox": cpu_seconds([self.sandbox.process.pid])}


@dataclass
class Kind:
    """A peer with its settings; `works` says of each of its processes whether it works (the first inserts)."""

    name: str
    version: str
    store: Callable
    command: list[str]
    settings: dict
    works: list[bool]


def kinds(tools: Tools) -> list[Kind]:
    def node(file: str) -> list[str]:
        return [tools.node, str(tools.node_sources / file)]

    def redis(appendfsync: str) -> Callable:
        return lambda: RedisStore(tools.redis_server, appendfsync)

    return [
        Kind("river", tools.versions["river"], lambda: PostgresStore("SELECT count(*) FROM river_job WHERE state = 'completed'"),
             [tools.river], RIVER, [True]),
        Kind("pg-boss", tools.versions["pg-boss"], lambda: PostgresStore("SELECT count(*) FROM pgboss.job WHERE state = 'completed'"),
             node("pgboss.js"), PGBOSS, [False, True]),
        Kind("bullmq", tools.versions["bullmq"], redis("everysec"), node("bullmq.js"), BULLMQ, [False, True]),
        Kind("bullmq-always", tools.versions["bullmq"], redis("always"), node("bullmq.js"), BULLMQ, [False, True]),
    ]


def measure(kind: Kind, insert: str, options) -> dict:
    own = kind.settings | {"calls_at_once": CALLS_AT_ONCE // sum(kind.works), "callers": CALLERS}
    peer = Peer(kind.store(), kind.command, own | BOUNDS, kind.works)
    try:
        peer.start()
        for way, count in WARM.items():
            peer.work(way, count)
        latency = peer.latency(options.seconds) if insert == "single" else {}  # before the flood, which leaves much to write back
        cpu, stolen = peer.cpu(kind.name), stolen_seconds()
        seconds, inserted_seconds = peer.work(insert, options.messages)
        stolen = stolen_share(stolen, seconds)
        used = {part: value - cpu[part] for part, value in peer.cpu(kind.name).items()}
        thousands = options.messages / 1000
        return {
            "bench": "peers", "peer": kind.name, "version": kind.version, "insert": insert, "messages": options.messages,
            "per_s": round(options.messages / seconds), "inserted_per_s": round(options.messages / inserted_seconds),
            "cpu_s_per_1000": round(sum(used.values()) / thousands, 4),
            "cpu_split_s_per_1000": {part: round(value / thousands, 4) for part, value in used.items()},
            **latency, "calls_too_many": peer.accepted() - peer.wanted, "does": DOES, "stolen_share": stolen,
            "settings": own | {"processes_working": sum(kind.works), "processes": len(kind.works), peer.store.name: peer.store.settings},
        }
    finally:
        peer.ends.close()


def bench_peers(options) -> list[dict]:
    every = kinds(install())
    wanted = getattr(options, "peers", None) or [kind.name for kind in every]
    unknown = set(wanted) - {kind.name for kind in every}
    assert not unknown, f"no such peer: {', '.join(unknown)}"
    return [measure(kind, insert, options) for kind in every if kind.name in wanted for insert in INSERTS]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("peers", nargs="*", help="river, pg-boss, bullmq, bullmq-always; all of them when none is named")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    parser.add_argument("--messages", type=int, default=60_000)
    parser.add_argument("--seconds", type=int, default=10, help="length of the run at a fixed rate")
    options = parser.parse_args()
    for result in bench_peers(options):
        print(json.dumps(result) if options.json else "\n".join(f"{name:<24} {value}" for name, value in result.items()) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
