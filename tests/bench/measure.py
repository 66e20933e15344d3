"""What a measurement is made of: processor time, memory, the load generator, the machine's own limits."""

import json
import os
import pathlib
import subprocess
import time

import psycopg
from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

from harness.kafka import Broker
from harness.programs import BIN

TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
BODY_BYTES = 700


def cpu_seconds(pids: list[int]) -> float:
    """User and system time of the processes and of the children they have waited for."""
    total = 0
    for pid in pids:
        try:
            fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
            total += sum(int(value) for value in fields[11:15])
        except FileNotFoundError:
            pass
    return total / TICKS_PER_SECOND


def rss_mb(pid: int) -> float:
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    return 0.0


def http_load(port: int, count: int, key: str = "", **more) -> dict:
    command = [str(BIN / "bench-http-load"), "--port", str(port), "--count", str(count), "--key", key]
    for name, value in more.items():
        command += [f"--{name}", str(value)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, f"{done.stdout}{done.stderr}"
    return json.loads(done.stdout)


def port_of(url: str) -> int:
    return int(url.rsplit(":", 1)[1])


def stolen_seconds() -> float:
    """Processor time that the host gave to others while this machine wanted it."""
    with open("/proc/stat") as file:
        return int(file.readline().split()[8]) / TICKS_PER_SECOND


def copy_limits(admin: str, rows: int = 200_000, commits: int = 500) -> dict[str, float]:
    """Plain COPY of rows as large as a record, and commits that wait for the disk."""
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute("CREATE TABLE public.copy_limit (id bigint, body text)")
        body, began = "x" * BODY_BYTES, time.monotonic()
        with connection.cursor().copy("COPY public.copy_limit FROM STDIN") as copy:
            for chunk in range(0, rows, 1000):
                copy.write("".join(f"{n}\t{body}\n" for n in range(chunk, chunk + 1000)))
        copy_per_s = rows / (time.monotonic() - began)
        began = time.monotonic()
        for n in range(commits):
            connection.execute("INSERT INTO public.copy_limit VALUES (%s, 'x')", (n,))
        commits_per_s = commits / (time.monotonic() - began)
        connection.execute("DROP TABLE public.copy_limit")
    return {"copy_rows_per_s": round(copy_per_s), "synced_commits_per_s": round(commits_per_s)}


def post_limit(sandbox_port: int, count: int = 40_000) -> dict[str, float]:
    """Plain HTTP POST to the sandbox."""
    post = http_load(sandbox_port, count, path="/email", body='{"From":"a@example.com","To":"r{n}@example.com","Subject":"s","TextBody":"t"}')
    return {"http_post_per_s": round(post["per_s"])}


def broker_limits(broker: Broker, records: int = 200_000, partitions: int = 12) -> dict[str, float]:
    """Plain librdkafka: one producer with acks=all, then one consumer of what it wrote."""
    topic, config = "limits", {"bootstrap.servers": broker.brokers}
    admin = AdminClient(config)
    admin.create_topics([NewTopic(topic, partitions, 1)])[topic].result(30)
    producer, body, began = Producer(config | {"acks": "all", "linger.ms": 5, "queue.buffering.max.messages": records}), b"x" * BODY_BYTES, time.monotonic()
    for n in range(records):
        producer.produce(topic, value=body, key=str(n))
    missing = producer.flush(60)
    assert missing == 0, f"{missing} of {records} records were not acknowledged within 60 s"
    produce_per_s = records / (time.monotonic() - began)
    consumer, read, end = Consumer(config | {"group.id": topic, "auto.offset.reset": "earliest"}), 0, time.monotonic() + 60
    consumer.assign([TopicPartition(topic, n, 0) for n in range(partitions)])
    began = time.monotonic()
    while read < records:
        assert time.monotonic() < end, f"{read} of {records} records were read within 60 s"
        read += len(consumer.consume(10_000, 0.1))
    consume_per_s = records / (time.monotonic() - began)
    consumer.close()
    return {"kafka_produce_per_s": round(produce_per_s), "kafka_consume_per_s": round(consume_per_s)}
