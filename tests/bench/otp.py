"""One-time codes: whether the time of an answer tells what stood behind it, and what sending and checking cost."""

import itertools
import json
import math
import random
import re
import socket
import statistics
import threading
import time
from collections.abc import Iterator

from bench.measure import copy_limits, http_load, post_limit
from harness.api import Sandbox
from harness.waiting import wait_until

SAMPLES = 5_000
CALLERS = 8
CALLS = 20_000
SEED = 20261124
CODE = re.compile(r"\b\d{6}\b")
P_MIN = 0.01


def mann_whitney_p(a: list[float], b: list[float]) -> float:
    """Two-sided, normal approximation with ties (exact enough from some dozens of samples on)."""
    ranked, rank_sum, ties, place = sorted([(value, 0) for value in a] + [(value, 1) for value in b]), 0.0, 0.0, 0
    for _, group in itertools.groupby(ranked, key=lambda pair: pair[0]):
        members = list(group)
        rank_sum += sum(1 for _, side in members if side == 0) * (place + (len(members) + 1) / 2)
        ties += len(members) ** 3 - len(members)
        place += len(members)
    n, m, total = len(a), len(b), len(a) + len(b)
    u = rank_sum - n * (n + 1) / 2
    deviation = math.sqrt(n * m / 12 * (total + 1 - ties / (total * (total - 1))))
    return math.erfc(abs(u - n * m / 2) / deviation / math.sqrt(2))


class Caller(threading.Thread):
    """One keep-alive connection that makes its calls one after the other and takes their times."""

    def __init__(self, port: int, key: str, path: str, calls: list[tuple[str, str]]):
        super().__init__()
        self.calls, self.took, self.statuses = calls, [], set()
        self.head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nAuthorization: Bearer {key}\r\nContent-Length: "
        self.connection = socket.create_connection(("127.0.0.1", port), timeout=20)
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def run(self) -> None:
        for kind, body in self.calls:
            request = f"{self.head}{len(body)}\r\n\r\n{body}".encode()
            began = time.perf_counter_ns()
            self.connection.sendall(request)
            answer = self.connection.recv(65_536)
            self.took.append((kind, (time.perf_counter_ns() - began) / 1e6))
            self.statuses.add((kind, answer[9:12].decode()))
        self.connection.close()


def timed(platform, path: str, bodies: dict[str, list[str]]) -> dict:
    """All kinds mixed at random over the callers, so that whatever else happens on the machine meets all alike."""
    calls = [(kind, body) for kind, of_kind in bodies.items() for body in of_kind]
    random.Random(SEED).shuffle(calls)
    callers = [Caller(platform.port, platform.key, path, calls[n::CALLERS]) for n in range(CALLERS)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join(600)
    took = {kind: [ms for caller in callers for of_kind, ms in caller.took if of_kind == kind] for kind in bodies}
    p = {f"{one}/{other}": round(mann_whitney_p(took[one], took[other]), 4) for one, other in itertools.combinations(bodies, 2)}
    return {"bench": "otp-timing", "path": path, "samples": {kind: len(values) for kind, values in took.items()},
            "statuses": sorted(" ".join(each) for each in set().union(*(caller.statuses for caller in callers))),
            "median_ms": {kind: round(statistics.median(values), 3) for kind, values in took.items()},
            "p95_ms": {kind: round(sorted(values)[len(values) * 95 // 100], 3) for kind, values in took.items()},
            "mann_whitney_p": p, "like": min(p.values()) > P_MIN}


def body(number: str, code: str | None = None) -> str:
    return json.dumps({"phone_number": number, "action": "PHONE_VERIFY"} | ({"code": code} if code else {}))


def timing(platform) -> Iterator[dict]:
    limited, locked, good = "+447700900001", "+447700900002", [f"+4477{n:08d}" for n in range(SAMPLES)]
    post = lambda path, text: Sandbox(platform.ingress.url).api.call("POST", path, text, {"Content-Type": "application/json", "Authorization": f"Bearer {platform.key}"})
    for _ in range(4):
        assert post("/api/otp/send", body(limited)).status == 200
    assert post("/api/otp/send", body(locked)).status == 200
    code = wait_until(lambda: Sandbox(platform.installation.sandbox_url).messages(locked), 10, "a code")[0]
    wrong = "000000" if CODE.search(code["text"]).group() != "000000" else "000001"
    for _ in range(5):
        assert post("/api/otp/verify", body(locked, wrong)).status == 400
    yield timed(platform, "/api/otp/send", {"good": [body(number) for number in good], "limited": [body(limited)] * SAMPLES,
                                            "locked": [body(locked)] * SAMPLES, "unknown": [body(f"0{number[1:]}") for number in good]})
    yield timed(platform, "/api/otp/verify", {"good": [body(number, wrong) for number in good], "limited": [body(limited, "x")] * SAMPLES,
                                              "locked": [body(locked, wrong)] * SAMPLES,
                                              "unknown": [body(f"+4478{n:08d}", wrong) for n in range(SAMPLES)]})


def cost(platform, options) -> Iterator[dict]:
    limits = copy_limits(platform.cluster.url("carillon")) | post_limit(platform.installation.sandbox_port)
    commits = "SELECT xact_commit FROM pg_stat_database WHERE datname = 'carillon'"
    words = platform.folder / "codes"

    def measured(name: str, until=lambda: None, **load) -> dict:
        before, cpu = platform.query(commits), platform.cpu()
        done = http_load(platform.port, CALLS, platform.key, connections=options.connections, **load)
        until()
        used = {part: value - cpu[part] for part, value in platform.cpu().items()}
        return {"bench": f"otp-{name}", "calls": CALLS, "per_s": round(done["per_s"]), "errors": done["errors"], "p50_ms": done["p50_ms"], "p99_ms": done["p99_ms"],
                "cpu_ms_per_call": {part: round(1000 * value / CALLS, 4) for part, value in used.items()},
                "commits_per_call": round((platform.query(commits) - before) / CALLS, 3),
                "limit_ratio": {"http_post_per_s": round(done["per_s"] / limits["http_post_per_s"], 3),
                                "synced_commits_per_s": round(done["per_s"] / limits["synced_commits_per_s"], 3)}, "limits": limits}

    sandbox, sent = Sandbox(platform.installation.sandbox_url), platform.sent()
    sandbox.api.call("DELETE", "/messages")
    # With what follows from it: the message decided, sent and logged, the audit entries stored.
    yield measured("send", lambda: platform.wait_sent(sent + CALLS, 120), path="/api/otp/send", body='{"phone_number":"+44790000{d}","action":"PHONE_VERIFY"}')
    inbox = sandbox.messages(limit=2 * CALLS)
    assert len(inbox) == CALLS, f"{len(inbox)} codes for {CALLS} calls"
    words.write_text("".join(f'{mail["to"]}","code":"{CODE.search(mail["text"]).group()}\n' for mail in inbox))
    yield measured("verify", path="/api/otp/verify", body='{"phone_number":"{w}","action":"PHONE_VERIFY"}', words=words)
    rows = platform.query("SELECT count(*) FROM otp.verified_recipients")
    assert rows == CALLS, f"{rows} of {CALLS} were verified"
