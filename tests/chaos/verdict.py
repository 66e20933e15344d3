"""What must be true after every disturbance: each accepted message has exactly one final send state, and the sandbox saw
each message once, or the extra call is marked in the log."""

import bisect
import datetime
import itertools
import pathlib
import re
from collections import Counter

import psycopg

from harness.api import Sandbox
from harness.waiting import wait_until

PROTO = pathlib.Path(__file__).parent.parent.parent / "proto/types.proto"
STATUS_NAMES = {int(number): name for name, number in
                re.findall(r"^\s+(\w+) = (\d+);", re.search(r"message Status \{(.*?)\n\}", PROTO.read_text(), re.DOTALL).group(1), re.MULTILINE)}
# Claims that one process may hold at the default concurrency and a modest pace: 32 called and 32 ahead for Postmark, 8 and 8
# for SMTP. Each is UNCONFIRMED when the process dies, whether its call had begun or not: nobody can know.
CLAIMS_MAX = 2 * 32 + 2 * 8
SENT = next(number for number, name in STATUS_NAMES.items() if name == "SENT")
FINAL = ("SENT", "FAILED", "EXPIRED", "CANCELLED")


def statuses(database_url: str) -> dict[str, Counter]:
    """message_id → how often it entered each status."""
    found: dict[str, Counter] = {}
    with psycopg.connect(database_url) as connection:
        for message_id, status, extra in connection.execute("SELECT message_id::text, status, extra_call FROM health.message_log"):
            found.setdefault(message_id, Counter())[STATUS_NAMES[status]] += 1
            if extra:
                found[message_id]["extra_call"] += 1
    return found


def open_messages(database_url: str, accepted: set[str]) -> list[str]:
    """Accepted messages without a final send state."""
    with psycopg.connect(database_url) as connection:
        held = {row[0] for row in connection.execute("SELECT message_id::text FROM dispatcher.pending WHERE state = 2")}
    log = statuses(database_url)
    return [m for m in accepted if not is_final(log.get(m, Counter()), m in held)]


def where_it_stands(database_url: str, accepted: set[str]) -> str:
    """What is missing, and how far relays and consumers have come with each topic that isn't at its end everywhere."""
    log, missing = statuses(database_url), open_messages(database_url, accepted)
    lines = [f"{len(missing)} without: {Counter(' '.join(sorted(log.get(m, Counter()))) or 'nothing logged' for m in missing)}"]
    with psycopg.connect(database_url) as connection:
        for topic, partition, *positions in connection.execute("""
                SELECT topic, partition, max(next_seq) FILTER (WHERE consumer = 'relay'), array_agg(consumer || ' ' || next_seq)
                FROM bus.consumer_positions() WHERE topic NOT LIKE '%.dlq' GROUP BY 1, 2 HAVING max(next_seq) > 0 ORDER BY 1, 2"""):
            lines.append(f"{topic}/{partition}: relay {positions[0]}, {positions[1]}")
    return "\n".join(lines)


def is_final(entered: Counter, held: bool) -> bool:
    blocked = any(status.startswith("BLOCKED_") for status in entered)
    return blocked or held and entered["UNCONFIRMED"] > 0 or any(entered[status] for status in FINAL)


def judge(database_url: str, sandbox_url: str, accepted: set[str], limit_seconds: float) -> dict[str, int]:
    """Waits for the end of all work, checks the promises, returns the counts."""
    try:
        wait_until(lambda: not open_messages(database_url, accepted), limit_seconds, "every accepted message has a final send state")
    except AssertionError as late:
        raise AssertionError(f"{late}\n{where_it_stands(database_url, accepted)}") from None
    log = statuses(database_url)
    calls = Counter(message_id for message_id, *_ in Sandbox(sandbox_url).calls())
    counts = Counter(accepted=len(accepted), calls=sum(calls.values()))
    for message_id in accepted:
        entered = log[message_id]
        finals = sum(entered[status] for status in FINAL)
        assert finals <= 1, f"{message_id} has {finals} final states: {entered}"
        assert entered["QUEUED"] <= 1, f"{message_id} was queued {entered['QUEUED']} times"
        for status in FINAL:
            counts[status] += entered[status]
        counts["UNCONFIRMED"] += entered["UNCONFIRMED"]
        if calls[message_id] > 1:
            counts["extra_calls"] += calls[message_id] - 1
            assert entered["UNCONFIRMED"] >= calls[message_id] - 1, f"{message_id}: {calls[message_id]} calls, marks: {entered}"
        if entered["SENT"]:
            assert calls[message_id] >= 1, f"{message_id} is SENT but was never called"
    unknown = set(calls) - set(log)
    assert not unknown, f"{len(unknown)} calls for messages that the log does not know"
    return dict(counts)


def times_sent(database_url: str) -> list[datetime.datetime]:
    with psycopg.connect(database_url) as connection:
        return [row[0] for row in connection.execute("SELECT occurred_at FROM health.message_log WHERE status = %s ORDER BY 1", (SENT,))]


def longest_pause(database_url: str) -> float:
    """Seconds of the longest gap between two messages sent while the load ran."""
    times = times_sent(database_url)
    return max(((after - before).total_seconds() for before, after in itertools.pairwise(times)), default=0.0)


def resume_seconds(database_url: str, over: list[datetime.datetime]) -> float:
    """The longest time from a disturbance's end to the next message sent. Of several before that message the last counts: whoever is
    killed while it takes over leaves its partitions for another session's time."""
    times = times_sent(database_url)
    nexts = {end: times[bisect.bisect_left(times, end)] for end in over if end <= times[-1]}
    last = {following: max(end for end in nexts if nexts[end] == following) for following in nexts.values()}
    return max(((following - end).total_seconds() for following, end in last.items()), default=0.0)


def longest_way(database_url: str) -> float:
    """Seconds of the slowest message from its decision to its sending."""
    queued = next(number for number, name in STATUS_NAMES.items() if name == "QUEUED")
    with psycopg.connect(database_url) as connection:
        return float(connection.execute(
            "SELECT max(extract(epoch FROM sent.occurred_at - queued.occurred_at)) FROM health.message_log AS sent JOIN health.message_log AS queued"
            " USING (message_id) WHERE sent.status = %s AND queued.status = %s", (SENT, queued)).fetchone()[0])
