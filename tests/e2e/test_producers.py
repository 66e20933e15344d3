"""The examples for direct producers, made and run as docs/producers.md tells, against services over a real broker."""

import json
import os
import pathlib
import re
import socket
import subprocess
import sys
import time
import uuid

import pytest
from confluent_kafka import Consumer, TopicPartition

from harness.api import Api
from harness.postgres import free_port
from harness.waiting import wait_until

ROOT = pathlib.Path(__file__).parent.parent.parent
EXAMPLES = ROOT / "docs/examples"
SEND_REQUESTS = "notification.send-requests.v1"
LANGUAGES = ["python", "go"]
BUILD_SECONDS = 240  # Go fetches and compiles everything the first time
RUN_SECONDS = 30


def go_environment() -> dict[str, str]:
    """The Go of the tests' virtual environment; what it fetches and compiles stays below build/."""
    path = f"{pathlib.Path(sys.executable).parent}:{os.environ['PATH']}"
    return os.environ | {"PATH": path, "GOPATH": f"{ROOT}/build/go", "GOCACHE": f"{ROOT}/build/go/cache", "GOFLAGS": "-modcacherw -buildvcs=false",
                         "GOTOOLCHAIN": "local"}


@pytest.fixture(scope="module")
def examples(tmp_path_factory) -> dict[str, list[str]]:
    """How each example is called."""
    folder = tmp_path_factory.mktemp("producers")
    environment = go_environment()
    for language in LANGUAGES:
        subprocess.run([EXAMPLES / "generate.sh", language, folder / language], check=True, timeout=BUILD_SECONDS, env=environment)
    subprocess.run(["go", "build"], check=True, timeout=BUILD_SECONDS, cwd=folder / "go", env=environment)
    return {"python": [sys.executable, f"{folder}/python/send_request.py"], "go": [f"{folder}/go/send-request"]}


def arguments(brokers: str, topic: str, to: str, *more: str, source: str = "orders", template: str = "ADMIN_MANUAL", body: str = "Hello") -> list[str]:
    return ["--brokers", brokers, "--topic", topic, "--source", source, "--id", f"order-{to}", "--to", to, "--template", template,
            "--var", "subject=Hi", "--var", f"body={body}", *more]


class Stored:
    """What an example prints: stored TOPIC/PARTITION/OFFSET trace ID."""

    def __init__(self, printed: str):
        word, place, trace, self.trace_id = printed.split()
        assert (word, trace) == ("stored", "trace"), printed
        self.topic, partition, offset = place.rsplit("/", 2)
        self.partition, self.offset = int(partition), int(offset)


@pytest.fixture
def send(kafka, examples):
    def call(language: str, *wanted: str, **more: str) -> Stored:
        command = examples[language] + arguments(kafka.brokers, kafka.prefix + SEND_REQUESTS, *wanted, **more)
        done = subprocess.run(command, capture_output=True, text=True, timeout=RUN_SECONDS, check=False)
        assert (done.returncode, done.stderr) == (0, ""), done
        return Stored(done.stdout)

    return call


def dead_letter(kafka, stored: Stored) -> dict:
    """The dead letter of the record at that place; the records before it in its partition are decided then."""
    def found():
        letters = [json.loads(line) for line in kafka.installation.command("dlq", "list", SEND_REQUESTS, "--json").stdout.splitlines()]
        return next((letter for letter in letters if (letter["dlq-partition"], letter["dlq-seq"]) == (str(stored.partition), str(stored.offset))), None)

    return wait_until(found, 30, f"a dead letter of {stored.partition}/{stored.offset}")


def rejection(kafka, stored: Stored) -> dict:
    path = f"/api/admin/audit-logs?action=SEND_REQUEST_REJECTED&subject_id={SEND_REQUESTS}/{stored.partition}/{stored.offset}"
    return wait_until(lambda: kafka.reader.get(path).json()["items"], 30, "its audit entry")[0]


def messages(kafka, **filters: str) -> list[dict]:
    return kafka.reader.get("/api/admin/message-logs?" + "&".join(f"{name}={value}" for name, value in filters.items())).json()["items"]


@pytest.mark.parametrize("mode", [[], ["--structured"]], ids=["binary", "structured"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_an_example_s_request_published_twice_is_sent_once_and_refused_with_another_body(kafka, send, address, language, mode):
    for _ in range(2):
        send(language, address, *mode)
    changed = send(language, address, *mode, body="Something else")
    letter = dead_letter(kafka, changed)
    assert (letter["dlq-reason"], letter["key"]) == ("IDEMPOTENCY_KEY_REUSED", f"order-{address}")
    audit = rejection(kafka, changed)
    assert (audit["reason"], audit["details"]["source"]) == ("IDEMPOTENCY_KEY_REUSED", "orders")
    mail = wait_until(lambda: kafka.sandbox.messages(address), 30, "the mail")
    logged = wait_until(lambda: messages(kafka, recipient=address, status="SENT"), 30, "the message is SENT")
    assert len(mail) == len(logged) == len(messages(kafka, recipient=address)) == 1
    assert "Hello" in mail[0]["text"]


def test_python_and_go_publish_the_same_request_to_the_same_partition(kafka, send, address):
    places = [send(language, address, *mode) for language in LANGUAGES for mode in ([], ["--structured"])]
    assert len({(place.topic, place.partition) for place in places}) == 1
    dead_letter(kafka, send("go", address, body="Something else"))
    wait_until(lambda: messages(kafka, recipient=address, status="SENT"), 30, "the message is SENT")
    assert len(messages(kafka, recipient=address)) == len(kafka.sandbox.messages(address)) == 1


def statuses_by_trace(kafka, trace_ids: set[str]) -> dict[str, dict[str, str]]:
    """Trace id -> status -> message id, from the message log's topic as another team would read it."""
    topic = kafka.prefix + "notification.message-log.v1"
    consumer = Consumer({"bootstrap.servers": kafka.brokers, "group.id": f"reporting-{uuid.uuid4().hex}", "enable.auto.commit": False})
    partitions = consumer.list_topics(topic, timeout=10).topics[topic].partitions
    consumer.assign([TopicPartition(topic, partition, 0) for partition in partitions])
    found: dict[str, dict[str, str]] = {trace_id: {} for trace_id in trace_ids}

    def heard() -> bool:
        for record in consumer.consume(500, 0.2):
            assert record.error() is None, record.error()
            trace_id = dict(record.headers()).get("traceparent", b"").decode()[3:35]
            if trace_id in found:
                event = json.loads(record.value())
                found[trace_id][event["status"]] = event["message_id"]
        return all("SENT" in statuses for statuses in found.values())

    wait_until(heard, 30, f"SENT of each trace, so far {found}")
    consumer.close()
    return found


def test_a_producer_finds_its_message_by_trace_id_and_by_asking_with_the_same_key(kafka, send, address):
    owner = f"shop-{uuid.uuid4().hex[:8]}"
    key = kafka.installation.api_key(owner, "notifications:send", "notifications:read")
    stored = {language: send(language, f"{language}-{address}", source=f"api:{owner}") for language in LANGUAGES}
    by_trace = statuses_by_trace(kafka, {place.trace_id for place in stored.values()})
    sender, reader = Api(kafka.api.url, key), Api(kafka.reader.url, key)
    for language, place in stored.items():
        statuses = by_trace[place.trace_id]
        assert set(statuses) == {"QUEUED", "SENT"}
        to = f"{language}-{address}"
        assert sender.manual(to, key=f"order-{to}") == statuses["SENT"]
        assert reader.final(statuses["SENT"], 30)["status"] == "SENT"
        assert len(kafka.sandbox.messages(to)) == 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_wrong_request_is_blocked_or_a_dead_letter_and_an_audit_entry(kafka, send, address, language):
    unknown = f"NO_SUCH_{uuid.uuid4().hex.upper()}"
    send(language, address, template=unknown)
    nobody = send(language, f"nobody-{uuid.uuid4().hex}")
    letter = dead_letter(kafka, nobody)
    assert letter["dlq-reason"] == "INVALID_FIELD" and letter["dlq-detail"].startswith("recipient: ")
    audit = rejection(kafka, nobody)
    assert (audit["reason"], audit["details"]["source"]) == ("INVALID_FIELD", "orders")
    blocked = wait_until(lambda: messages(kafka, template_key=unknown), 30, "the message of the unknown template")
    assert [(message["status"], message["reason"]) for message in blocked] == [("BLOCKED_TEMPLATE_NOT_FOUND", "TEMPLATE_UNKNOWN")]


def test_without_an_acknowledgement_an_example_ends_in_time_and_says_why(kafka, examples, address):
    with socket.socket() as silent:  # takes connections and never answers
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        cases = {f"127.0.0.1:{free_port()}": "refused", f"127.0.0.1:{silent.getsockname()[1]}": "not acknowledged within 2 s"}
        began = time.monotonic()
        running = {(brokers, language): subprocess.Popen(examples[language] + arguments(brokers, SEND_REQUESTS, address, "--timeout", "2"),
                                                         stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
                   for brokers in cases for language in LANGUAGES}
        try:
            for (brokers, language), process in running.items():
                out, error = process.communicate(timeout=RUN_SECONDS)
                assert (process.returncode, out) == (1, ""), (language, error)
                assert "not acknowledged within 2 s" in error and cases[brokers] in error, (language, error)
        finally:
            for process in running.values():
                process.kill()
        assert time.monotonic() - began < 10
    assert not kafka.sandbox.messages(address)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_topic_that_is_not_there_is_named(kafka, examples, address, language):
    command = examples[language] + arguments(kafka.brokers, "no.such.topic", address)
    done = subprocess.run(command, capture_output=True, text=True, timeout=RUN_SECONDS, check=False)
    assert done.returncode == 1
    assert re.search("no.such.topic: .*unknown.topic", done.stderr, re.IGNORECASE), done.stderr


def test_the_examples_are_tested_with_the_versions_they_name():
    wanted = set((EXAMPLES / "python/requirements.txt").read_text().split())
    assert wanted <= set((ROOT / "tests/requirements.txt").read_text().split())
