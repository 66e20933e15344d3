"""What the next orders of magnitude would need: `python3 tests/bench/scale.py [--measured FILE|-] [--json] [--write docs/scale.md]`.

A cost model (measured figures, taken as linear in the rate, against stated capacities) and a simulation of the publish locks of
one topic. FILE holds lines of `./dev bench e2e --bus kafka --json`; without it the figures in MEASURED are used.
"""

import argparse
import heapq
import json
import math
import pathlib
import random
import sys
from collections import deque

RATES = (1_000, 10_000, 100_000, 1_000_000)
# Middles of the ranges of `./dev bench e2e --json`, 2026-11-23, virtual machine of 2 cores with everything on it.
MEASURED = [
    {"bus": "postgres", "per_s": 7_500, "row_writes_per_message": 7.2, "wal_bytes_per_message": 2_950,
     "cpu_split_s_per_1000": {"carillon": 0.130, "postgres": 0.115, "sandbox": 0.010, "load": 0.007}},
    {"bus": "kafka", "per_s": 3_450, "row_writes_per_message": 7.7, "wal_bytes_per_message": 3_130,
     "cpu_split_s_per_1000": {"orchestrator": 0.098, "provider-dispatcher": 0.060, "health-aggregator": 0.049, "postgres": 0.175, "kafka": 0.125}},
]
CAPACITIES = {  # name: default, what it is
    "cores": (32, "processors of the PostgreSQL server"),
    "disk_mb_s": (1_000, "MB/s its disk writes"),
    "syncs_per_s": (2_000, "synced commits a second, one after another"),
    "disk_tb": (30, "TB for what is kept"),
    "connections": (2_000, "max_connections"),
    "wakeups_per_s": (200_000, "NOTIFY deliveries a second (assumed, not measured)"),
    "broker_cores": (24, "processors of all brokers together"),
    "broker_mb_s": (1_500, "MB/s all brokers write"),
    "use": (0.6, "share of each that is planned with"),
    "average": (0.25, "average rate as a share of the peak; decides what is kept"),
}
PARTITIONS_DEFAULT, PARTITIONS_MAX = 4, 64  # libs/bus/postgres/engine.cpp and the table bus.settings
RECORDS, RECORD_BYTES, REPLICAS, WRITES_PER_WAL_BYTE = 6, 700, 3, 2  # pages of tables are written about once beside the log
NOTIFIES_PER_PROCESS = 200  # one in 5 ms at most: libs/bus/postgres/bell.cpp
# At most, by engine: what each service opens itself, its bus pool, consumers and relay, and once a process the bell, API keys, sessions and
# readiness (10). "carillon" is all six in one process. With CARILLON_HEALTH_QUERY_CONNECTIONS as it comes.
CONNECTIONS = {"postgres": {"carillon": 92, "orchestrator": 27, "provider-dispatcher": 26, "health-aggregator": 26, "otp": 18, "billing-ingest": 19, "provisioning": 26},
               "kafka": {"carillon": 86, "orchestrator": 23, "provider-dispatcher": 26, "health-aggregator": 24, "otp": 18, "billing-ingest": 19, "provisioning": 26}}
BESIDE = ("otp", "billing-ingest", "provisioning")  # one of each where services are apart: no message of the rate passes through them
# name: bytes of a message (of tables and indexes), days. Estimates from the columns; together about its write-ahead log.
KEPT = {"bus records": (1_300, 3), "idempotency keys": (200, 4), "message log": (600, 90), "audit log": (900, 2_555)}
BEGIN, END = "<!-- made by ./dev docs: begin -->\n", "<!-- made by ./dev docs: end -->\n"
# A transaction holds its publish locks for: commit + each row + each record. docs/scale.md says where they are from.
COMMIT_NO_WAIT_US, ROW_US, RECORD_US, COMMIT_SPREAD = 100, 30, 5, 0.5  # the last: sigma of the logarithm of a synced commit


def hold_us(records: float, rows: float, commit: float) -> float:
    return commit + rows * ROW_US + records * RECORD_US


def lock_us_per_message(partitions: int, cap: dict) -> dict[str, float]:
    """How long a message holds the locks of one partition in full batches. Accepting and deciding touch every partition, so theirs
    are held by one instance at a time. Deciding holds the locks of dispatch, message log and audit together. A dispatcher settles
    into the partitions it reads (same key, same number), so dispatchers don't wait for each other there."""
    rows = {batch: partitions * (1 - (1 - 1 / partitions) ** batch) for batch in (256, 500)}  # keys spread evenly
    return {"accept": hold_us(256, rows[256], 1e6 / cap["syncs_per_s"]) / 256, "decide": hold_us(3 * 500, 3 * rows[500], COMMIT_NO_WAIT_US) / 500}


def plan(measured: dict, rate: float, cap: dict) -> dict:
    """What `rate` messages a second need, and each resource's share in use (1.0 = all that is planned with)."""
    cpu = {name: s / 1000 for name, s in measured["cpu_split_s_per_1000"].items() if name not in ("sandbox", "load")}
    services = [name for name in cpu if name not in ("postgres", "kafka")]
    # As if a service worked in one thread that also waits for its share of PostgreSQL; never less than was measured.
    instance_rate = {name: max(measured["per_s"], 1 / (cpu[name] + cpu["postgres"] / len(services))) for name in services}
    instances = {name: math.ceil(rate / (instance_rate[name] * cap["use"])) for name in services}
    wanted = max(PARTITIONS_DEFAULT, 1 << math.ceil(math.log2(max(instances.values()))))
    partitions = min(wanted, PARTITIONS_MAX)
    processes = sum(instances.values())
    notifies = processes * NOTIFIES_PER_PROCESS if processes > 1 else 0
    wal = rate * measured["wal_bytes_per_message"] / 1e6
    # Stages start a batch every few ms at the most (2, 3, 3, 4 ms; the two logs 50 ms), or one after the other when batches are full.
    spaced = lambda ms, batch, count: min(rate, max(count * 1000 / ms, rate / batch))  # noqa: E731
    orchestrators, dispatchers, healths = (instances.get(name, instances.get("carillon", 1)) for name in ("orchestrator", "provider-dispatcher", "health-aggregator"))
    commits = {"accept": spaced(2, 256, orchestrators), "decide": spaced(3, 500, orchestrators), "claim": spaced(3, 500, dispatchers), "settle": spaced(4, 500, dispatchers),
               "logs": 2 * spaced(50, 4000, healths)}
    kept = {name: rate * cap["average"] * size * days * 86_400 / 1e12 for name, (size, days) in KEPT.items()}
    beside = {} if "carillon" in instances else dict.fromkeys(BESIDE, 1)
    connections = sum(count * CONNECTIONS[measured["bus"]][name] for name, count in (instances | beside).items())
    need = {"PostgreSQL processors": rate * cpu["postgres"] / cap["cores"],
            "PostgreSQL disk writes": wal * WRITES_PER_WAL_BYTE / cap["disk_mb_s"],
            "publish locks": rate * max(lock_us_per_message(partitions, cap).values()) / 1e6,
            "partitions": wanted * cap["use"] / PARTITIONS_MAX,
            "connections": connections / cap["connections"],
            "NOTIFY deliveries": notifies * (processes - 1) / cap["wakeups_per_s"],
            "disk for the audit log": kept["audit log"] / cap["disk_tb"],
            "disk for the rest": (sum(kept.values()) - kept["audit log"]) / cap["disk_tb"]}
    if "kafka" in cpu:
        need |= {"broker processors": rate * cpu["kafka"] / cap["broker_cores"], "broker disk writes": rate * RECORDS * RECORD_BYTES * REPLICAS / 1e6 / cap["broker_mb_s"]}
    shipped = rate * RECORDS if "kafka" in cpu else 0
    return {"bus": measured["bus"], "rate": rate, "cores": {name: rate * s for name, s in cpu.items()}, "instances": instances,
            "partitions": wanted, "row_writes_per_s": rate * measured["row_writes_per_message"], "wal_mb_s": wal,
            "commits_per_s": sum(commits.values()), "synced_commits_per_s": commits["accept"] + commits["claim"] + commits["settle"],
            "kept_tb": kept, "connections": connections, "notifies_per_s": notifies,
            "broker_records_per_s": shipped, "broker_mb_s": shipped * RECORD_BYTES / 1e6, "used": {name: value / cap["use"] for name, value in need.items()}}


def wall(measured: dict, resource: str, cap: dict) -> float:
    """The highest rate at which a resource is not used up, to 1 %."""
    low, high = 1.0, 1e9
    while high / low > 1.01:
        middle = math.sqrt(low * high)
        low, high = (middle, high) if plan(measured, middle, cap)["used"][resource] <= 1 else (low, middle)
    return low


def simulate(partitions: int, writers: int, rate: float = math.inf, own: bool = False, batch_max: int = 500, commit: float = 500, pause_us: float = 2_000,
             seed: int = 1) -> dict:
    """One topic. Records arrive evenly at random at writers; a writer commits what it has, at most batch_max, takes the locks of the
    partitions in order, in line behind others, and holds them to the commit. Unless its batch was full it starts the next one
    pause_us later at the earliest. `own`: a writer's keys fall into partitions that no other writer has, as far as there are enough.
    Without a rate every batch is full. Times in microseconds; as many processors as writers are assumed."""
    rng = random.Random(seed)
    of_writer = [[p for p in range(partitions) if p % writers == w % partitions] or [w % partitions] for w in range(writers)] if own else [list(range(partitions))] * writers
    owner, line = [-1] * partitions, [deque() for _ in range(partitions)]
    queues, batches, began, needs, held = [deque() for _ in range(writers)], [()] * writers, [0.0] * writers, [[]] * writers, [0] * writers
    upcoming = [rng.expovariate(rate / writers / 1e6) if rate < math.inf else 0.0 for _ in range(writers)]
    events = [(upcoming[w], w, "start") for w in range(writers)]
    heapq.heapify(events)
    done, waits, records, rows = [], [], 0, 0

    def start(w: int, now: float) -> None:
        count = batch_max
        if rate < math.inf:
            while upcoming[w] <= now and len(queues[w]) < batch_max:
                queues[w].append(upcoming[w])
                upcoming[w] += rng.expovariate(rate / writers / 1e6)
            if (count := min(len(queues[w]), batch_max)) == 0:
                return heapq.heappush(events, (upcoming[w], w, "start"))
        batches[w] = [queues[w].popleft() for _ in range(count)] if rate < math.inf else (now,) * count
        mine = of_writer[w]
        all_touched = len(mine) == 1 or count >= 7 * len(mine)  # but for one in a thousand
        needs[w] = mine if all_touched else sorted({mine[int(rng.random() * len(mine))] for _ in range(count)})
        held[w], began[w] = 0, now
        take(w, now)

    def take(w: int, now: float) -> None:
        while held[w] < len(needs[w]):
            partition = needs[w][held[w]]
            if owner[partition] not in (-1, w):
                return line[partition].append(w)
            owner[partition] = w
            held[w] += 1
        heapq.heappush(events, (now + hold_us(len(batches[w]), len(needs[w]), rng.lognormvariate(math.log(commit) - COMMIT_SPREAD ** 2 / 2, COMMIT_SPREAD)), w, "commit"))

    counted_from, end = 5 * writers + 50, 20 * writers + 250  # commits; the first are a start-up
    while len(done) < end:
        now, w, kind = heapq.heappop(events)
        if kind == "start":
            start(w, now)
            continue
        done.append(now)
        if len(done) > counted_from:
            records, rows = records + len(batches[w]), rows + len(needs[w])
            waits += [now - arrived for arrived in batches[w]]
        for partition in needs[w]:
            owner[partition] = line[partition].popleft() if line[partition] else -1
        for heir in [owner[p] for p in needs[w] if owner[p] != -1]:
            take(heir, now)
        heapq.heappush(events, (now if len(batches[w]) == batch_max else max(now, began[w] + pause_us), w, "start"))
    return {"partitions": partitions, "writers": writers, "rate": None if rate == math.inf else rate, "own": own, "per_s": records / (now - done[counted_from - 1]) * 1e6,
            "batch": records / (end - counted_from), "rows_per_record": rows / records, "wait_p99_ms": sorted(waits)[len(waits) * 99 // 100] / 1000}


def number(value: float) -> str:
    return f"{float(f'{value:.2g}'):,{'.0f' if value >= 100 else 'g'}}"


def table(head: list[str], rows: list[list]) -> str:
    return "\n".join("| " + " | ".join(number(c) if isinstance(c, (int, float)) else c for c in row) + " |" for row in [head, ["---"] * len(head), *rows]) + "\n"


def databases(measured: dict, rate: float, cap: dict) -> int:
    """Into how many databases clients have to be shared out until nothing but what is kept is used up."""
    fits = lambda count: all(v <= 1 for name, v in plan(measured, rate / count, cap)["used"].items() if not name.startswith("disk for"))  # noqa: E731
    return next(count for count in range(1, 100_000) if fits(count))


def needs(measured: dict, cap: dict) -> str:
    plans = [plan(measured, rate, cap) for rate in RATES]
    rows = [[f"processors: {name}", *(p["cores"][name] for p in plans)] for name in plans[0]["cores"]]
    rows += [[f"instances: {name}", *(p["instances"][name] for p in plans)] for name in plans[0]["instances"]]
    for name, key in (("partitions", "partitions"), ("row writes a second", "row_writes_per_s"), ("write-ahead log, MB/s", "wal_mb_s"), ("commits a second", "commits_per_s"),
                      ("of these waiting for the disk", "synced_commits_per_s"), ("connections, at most", "connections"), ("NOTIFYs a second, at most", "notifies_per_s"),
                      ("broker: records a second", "broker_records_per_s"), ("broker: MB/s in, before replicas", "broker_mb_s")):
        if plans[-1][key]:
            rows.append([name, *(p[key] for p in plans)])
    rows += [[f"kept: {name}, {days} days, TB", *(p["kept_tb"][name] for p in plans)] for name, (_, days) in KEPT.items()]
    return table(["messages a second", *RATES], [*rows, ["databases, if clients are shared out", *(databases(measured, rate, cap) for rate in RATES)]])


def walls(measured: dict, cap: dict) -> str:
    plans = [plan(measured, rate, cap) for rate in RATES]
    found = sorted((wall(measured, name, cap), name) for name in plans[0]["used"])
    rows = [[name, at, *(f"{number(p['used'][name] * 100)} %" for p in plans)] for at, name in found]
    for title, skipped in (("**first wall**", ()), ("**first but for what is kept**", "disk for")):
        at, name = next((at, name) for at, name in found if not (skipped and name.startswith(skipped)))
        rows.append([title, at, *(name if at < rate else "none" for rate in RATES)])
    return table(["resource", "used up at", *RATES], rows)


def simulations(cap: dict) -> list[dict]:
    full = [(math.inf, p, w) for w in (1, 16) for p in (4, 16, 64)]
    paced = [(1e3, 4, 1), (1e4, 4, 4), (1e5, 4, 16), (1e5, 64, 32), (1e6, 64, 64)]
    return [simulate(p, w, rate, own, commit=1e6 / cap["syncs_per_s"]) for own in (False, True) for rate, p, w in full + paced]


def report(measured: list[dict], cap: dict) -> str:
    parts = ["Capacities: " + "; ".join(f"`{name}` {number(cap[name])} ({what})" for name, (_, what) in CAPACITIES.items()) + ".\n"]
    for one in measured:
        split = ", ".join(f"{name} {value}" for name, value in one["cpu_split_s_per_1000"].items())
        parts.append(f"Bus `{one['bus']}`, from {one['per_s']:,}/s, processor seconds of 1,000 messages: {split}; {one['row_writes_per_message']} row writes and "
                     f"{one['wal_bytes_per_message']} bytes of write-ahead log a message.\n")
        parts += [needs(one, cap), walls(one, cap)]
    parts += ["Publish locks, microseconds a message in full batches:\n",
              table(["partitions", "accept", "decide"], [[p, *lock_us_per_message(p, cap).values()] for p in (4, 16, 64)]),
              f"Simulated publishing to one topic, a synced commit {number(1e6 / cap['syncs_per_s'])} us on average:\n",
              table(["partitions", "writers", "keys", "offered a second", "committed a second", "batch", "rows a record", "p99 of arrival to commit, ms"],
                    [[r["partitions"], r["writers"], "own" if r["own"] else "spread", number(r["rate"]) if r["rate"] else "all they can", r["per_s"], r["batch"],
                      r["rows_per_record"], r["wait_p99_ms"] if r["rate"] is None or r["per_s"] > 0.95 * r["rate"] else "grows"] for r in simulations(cap)])]
    return "\n".join(parts)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--measured", help="file of JSON lines, - for standard input")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--write", type=pathlib.Path, help="put the tables between the marks of this document")
    for name, (default, what) in CAPACITIES.items():
        parser.add_argument("--" + name.replace("_", "-"), type=float, default=default, help=f"{what}; {default}")
    options = parser.parse_args()
    cap, measured = {name: getattr(options, name) for name in CAPACITIES}, MEASURED
    if options.measured:
        text = sys.stdin.read() if options.measured == "-" else pathlib.Path(options.measured).read_text()
        measured = [one for line in text.splitlines() if line.startswith("{") and (one := json.loads(line)).get("bench") == "e2e"]
    if not measured:
        parser.error("no line of an e2e measurement")
    if options.json:
        print(json.dumps({"plans": [plan(one, rate, cap) for one in measured for rate in RATES], "publishing": simulations(cap)}))
    elif options.write:
        before, begin, rest = options.write.read_text().partition(BEGIN)
        options.write.write_text(before + begin + report(measured, cap) + END + rest.partition(END)[2])
    else:
        print(report(measured, cap), end="")
    return 0


if __name__ == "__main__":
    sys.exit(main())
