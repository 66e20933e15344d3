"""20,000 requests over a real broker while services, the relay in charge, PostgreSQL and the broker are killed, or stopped and
continued; then the broker's data is lost."""

import datetime
import json
import os
import random
import threading
from collections import Counter

import psycopg
from confluent_kafka import Consumer, TopicPartition
from verdict import CLAIMS_MAX, judge, longest_pause, resume_seconds

from harness.kafka import Broker
from harness.kafka_platform import KINDS, KafkaPlatform
from harness.load import Load
from harness.waiting import wait_until

REQUESTS = int(os.environ.get("CHAOS_REQUESTS", "20000"))
SEED = int(os.environ.get("CHAOS_SEED", "1"))
DISTURB_EVERY_SECONDS = 3
DISTURBANCES_MAX = 40
PAUSE_SECONDS = (1, 5)
LONG_PAUSE_SECONDS = 13  # longer than a consumer's session: its partitions go to others meanwhile
RESUME_SECONDS = 15
MESSAGE_LOG = "notification.message-log.v1"


def load_on(kafka: KafkaPlatform, requests: int) -> Load:
    return Load([program.url for (kind, _), program in kafka.programs.items() if kind == "carillon-orchestrator"], kafka.api.key, requests)


class Disturber:
    """One disturbance after another; notes when each was over."""

    def __init__(self, kafka: KafkaPlatform, cluster, broker: Broker, dice: random.Random):
        self.kafka, self.cluster, self.broker, self.dice = kafka, cluster, broker, dice
        self.counts: Counter = Counter()
        self.claims_lost = 0
        self.over: list[datetime.datetime] = []
        self.tick = threading.Event()

    def disturb(self) -> None:
        action = self.dice.choice([self.kill_service, self.kill_service, self.pause_service, self.kill_relay, self.kill_postgres, self.kill_broker, self.pause_broker])
        action()
        self.counts[action.__name__] += 1
        self.over.append(datetime.datetime.now(datetime.UTC))

    def kill(self, which) -> None:
        self.kafka.programs[which].kill()
        self.kafka.programs[which].start()
        self.claims_lost += CLAIMS_MAX if "dispatcher" in which[0] else 0

    def kill_service(self) -> None:
        self.kill(self.dice.choice(list(self.kafka.programs)))

    def kill_relay(self) -> None:
        """The program that ships most of what the log is made from, found as an operator would: by its session's locks."""
        with psycopg.connect(self.cluster.url("carillon")) as connection:
            row = connection.execute("SELECT application_name, count(*) FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE locktype = 'advisory'"
                                     " AND application_name LIKE '%% relay' GROUP BY 1 ORDER BY 2 DESC LIMIT 1").fetchone()
        if row is None:
            return self.kill_service()
        in_charge = [which for which, program in self.kafka.programs.items() if program.environment["CARILLON_INSTANCE"] in row[0]]
        return self.kill(in_charge[0])

    def kill_postgres(self) -> None:
        self.cluster.kill()
        self.cluster.start()
        self.claims_lost += 2 * CLAIMS_MAX  # both dispatchers lose their instance's lock

    def kill_broker(self) -> None:
        self.broker.kill()
        self.broker.start()

    def pause_broker(self) -> None:
        self.broker.pause()
        self.tick.wait(self.dice.uniform(*PAUSE_SECONDS))
        self.broker.go_on()

    def pause_service(self) -> None:
        which = self.dice.choice(list(self.kafka.programs))
        long = self.counts["pause_service"] % 3 == 2
        self.kafka.programs[which].pause()
        self.tick.wait(LONG_PAUSE_SECONDS if long else self.dice.uniform(*PAUSE_SECONDS))
        self.kafka.programs[which].go_on()
        self.claims_lost += CLAIMS_MAX if "dispatcher" in which[0] else 0  # taken for dead, its claims are UNCONFIRMED


def check_order_per_key(kafka: KafkaPlatform) -> int:
    """On the broker the first record of each status of a message comes in the order of the message's life; repeats may follow."""
    consumer = Consumer({"bootstrap.servers": kafka.brokers, "group.id": "judge", "enable.partition.eof": True, "auto.offset.reset": "earliest"})
    topic = kafka.prefix + MESSAGE_LOG
    waiting = set(consumer.list_topics(topic, 30).topics[topic].partitions)
    consumer.assign([TopicPartition(topic, partition, 0) for partition in waiting])
    entered: dict[str, list[str]] = {}
    idle = 0
    while waiting:
        message = consumer.poll(1)
        idle = idle + 1 if message is None else 0
        assert idle < 30, f"no end of partitions {waiting} within 30 s"
        if message is None:
            continue
        if message.error():
            waiting.discard(message.partition())
            continue
        event = json.loads(message.value())
        seen = entered.setdefault(event["message_id"], [])
        if event["status"] not in seen:
            seen.append(event["status"])
    consumer.close()
    wrong = {message_id: seen for message_id, seen in entered.items() if "SENT" in seen and seen.index("SENT") < seen.index("QUEUED")}
    assert not wrong, f"{len(wrong)} messages were sent before they were queued: {list(wrong.items())[:3]}"
    return len(entered)


def test_every_accepted_request_ends_in_one_final_state(kafka, cluster, broker, capsys):
    load, disturber, pause = load_on(kafka, REQUESTS), Disturber(kafka, cluster, broker, random.Random(SEED)), threading.Event()
    while not load.is_done() and sum(disturber.counts.values()) < DISTURBANCES_MAX:
        pause.wait(DISTURB_EVERY_SECONDS)
        disturber.disturb()
    accepted = wait_until(lambda: load.is_done() and load.result(), 300, "every request is accepted")
    counts = judge(cluster.url("carillon"), kafka.installation.sandbox_url, accepted, 120)
    kafka.installation.command("audit", "verify", CARILLON_AUDIT_KEY=kafka.installation.settings["CARILLON_AUDIT_KEY"])
    counts["resume_s"] = round(resume_seconds(cluster.url("carillon"), disturber.over), 1)
    counts["longest_pause_s"] = round(longest_pause(cluster.url("carillon")), 1)
    counts["messages_in_order"] = check_order_per_key(kafka)
    with capsys.disabled():
        print(f"\nkafka: {dict(disturber.counts)}, seed {SEED}: {counts}")
    assert counts["accepted"] == REQUESTS
    assert counts["messages_in_order"] == REQUESTS
    assert counts["UNCONFIRMED"] <= disturber.claims_lost
    assert counts["resume_s"] <= RESUME_SECONDS


def test_after_the_broker_has_lost_its_data_nothing_is_missing(kafka, cluster, broker, capsys):
    """As docs/operations.md tells, with the services running and requests coming in."""
    load = load_on(kafka, max(REQUESTS // 5, 500))
    wait_until(lambda: load.progress() >= load.count // 3, 120, "a third of the requests is accepted")
    broker.lose_data()
    broker.start()
    settings = {name: value for name, value in kafka.installation.settings.items() if name.startswith("CARILLON_KAFKA") or name == "CARILLON_BUS"}
    kafka.installation.command("kafka", "topics", "--apply", "--replication", "1", **settings)
    kafka.installation.command("kafka", "ship-again", **settings)
    accepted = wait_until(lambda: load.is_done() and load.result(), 300, "every request is accepted")
    counts = judge(cluster.url("carillon"), kafka.installation.sandbox_url, accepted, 120)
    kafka.installation.command("audit", "verify", CARILLON_AUDIT_KEY=kafka.installation.settings["CARILLON_AUDIT_KEY"])
    with capsys.disabled():
        print(f"\nkafka, data lost: {counts}")
    assert counts["accepted"] == load.count
    assert counts["calls"] == load.count
    assert all(program.is_running() for (kind, _), program in kafka.programs.items() if kind in KINDS)
