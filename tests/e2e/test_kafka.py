"""The services as programs of their own over a real broker: by HTTP, by kcat, by a Python producer of CloudEvents."""

import json
import subprocess
import time
import urllib.request
import uuid

import pytest
from cloudevents.http import CloudEvent
from cloudevents.kafka import to_binary, to_structured
from confluent_kafka import Consumer
from confluent_kafka.admin import AdminClient, AlterConfigOpType, ConfigEntry, ConfigResource

from harness.api import Api
from harness.kafka_platform import KINDS, SEND_REQUESTS, KafkaPlatform
from harness.otp import one_time_code
from harness.waiting import wait_until

LARGE_RECORD_BYTES = 1_000_000  # with its headers just below what the topic takes


def request_to(address: str) -> dict:
    return {"template_key": "ADMIN_MANUAL", "recipient": address, "variables": {"subject": "Hi", "body": "Hello"}}


def event_to(address: str) -> CloudEvent:
    return CloudEvent({"type": "carillon.send-request.v1", "source": "orders", "id": f"order-{address}", "datacontenttype": "application/json"},
                      request_to(address))


def expect_one_mail(kafka: KafkaPlatform, address: str) -> None:
    """The mail is there, and whatever was produced before this call brought no second one."""
    wait_until(lambda: kafka.sandbox.messages(address), 30, f"the mail to {address}")
    kafka.reader.final(kafka.api.manual("after-" + address), 30)
    assert len(kafka.sandbox.messages(address)) == 1


def test_a_request_by_http_passes_through_the_broker_once(kafka, address):
    message_id = kafka.api.manual(address, key=address)
    assert kafka.api.manual(address, key=address) == message_id
    message = kafka.reader.final(message_id, 30)
    assert (message["status"], message["provider"], message["attempts"]) == ("SENT", "postmark", 1)
    expect_one_mail(kafka, address)


def test_a_one_time_code_passes_through_the_broker_and_is_checked_by_another_instance(kafka):
    otp = [Api(kafka.programs["carillon-otp", n].url, kafka.api.key) for n in range(2)]
    assert one_time_code(*otp, kafka.installation) == {"verified": True}


def test_every_request_ends_when_one_of_each_kind_is_killed(kafka):
    ids = [kafka.api.manual(f"{uuid.uuid4().hex}@example.com") for _ in range(50)]
    for kind in KINDS:
        kafka.programs[kind, 0].kill()
    survivor = Api(kafka.programs["carillon-orchestrator", 1].url, kafka.api.key)
    ids += [survivor.manual(f"{uuid.uuid4().hex}@example.com") for _ in range(50)]
    for message_id in ids:
        assert kafka.reader.final(message_id, 60)["status"] in ("SENT", "UNCONFIRMED")
    for kind in KINDS:
        kafka.programs[kind, 0].start()
    for kind in KINDS:
        kafka.programs[kind, 0].wait_ready()
    kafka.api = Api(kafka.programs["carillon-orchestrator", 0].url, kafka.api.key)


@pytest.mark.parametrize("convert", [to_binary, to_structured])
def test_a_cloud_event_from_python_is_the_same_as_http_and_counts_once(kafka, address, convert):
    for _ in range(2):
        message = convert(event_to(address))
        kafka.produce(message.value, message.headers, key=address)
    expect_one_mail(kafka, address)


def test_kcat_produces_a_request(kafka, address):
    headers = ["ce_specversion=1.0", "ce_type=carillon.send-request.v1", "ce_source=operations", f"ce_id={address}", "content-type=application/json"]
    command = ["kcat", "-P", "-b", kafka.brokers, "-t", kafka.prefix + SEND_REQUESTS, "-k", address]
    for header in headers:
        command += ["-H", header]
    for _ in range(2):
        subprocess.run(command, input=json.dumps(request_to(address)).encode(), check=True, timeout=30)
    expect_one_mail(kafka, address)


def test_garbage_becomes_a_dead_letter_and_delays_nobody(kafka, address):
    kafka.produce(bytes(range(256)), {}, key="k")
    kafka.produce(b"x" * LARGE_RECORD_BYTES, {"content-type": b"application/json"}, key="k")
    kafka.reader.final(kafka.api.manual(address), 30)

    def letters():
        found = [json.loads(line) for line in kafka.installation.command("dlq", "list", "--json").stdout.splitlines()]
        return [letter for letter in found if letter["dlq-topic"] == SEND_REQUESTS and letter["key"] == "k"]

    found = wait_until(lambda: letters() if len(letters()) == 2 else None, 30, "both dead letters")
    assert all(letter["dlq-reason"] for letter in found)


def test_a_record_above_the_topics_bound_is_refused_to_its_producer(kafka):
    """Where it would be no use: nothing of it reaches the topic."""
    answers = []
    kafka.producer.produce(kafka.prefix + SEND_REQUESTS, value=b"x" * (1 << 20), key="k", on_delivery=lambda error, _: answers.append(error))
    assert kafka.producer.flush(10) == 0
    assert answers[0].name() == "MSG_SIZE_TOO_LARGE"


def seconds_to_final(kafka: KafkaPlatform) -> float:
    """Of messages with different keys, one after another: the middle one's time from the request to its log entry."""
    took = []
    for _ in range(15):
        began = time.monotonic()
        kafka.reader.final(kafka.api.manual(f"{uuid.uuid4().hex}@example.com"), 30)
        took.append(time.monotonic() - began)
    return sorted(took)[len(took) // 2]


def test_a_topic_that_the_broker_refuses_delays_no_other_and_loses_nothing(kafka, address):
    audit = ConfigResource(ConfigResource.Type.TOPIC, kafka.prefix + "audit.v1")
    admin = AdminClient({"bootstrap.servers": kafka.brokers})

    def set_bound(operation: AlterConfigOpType, value: str | None) -> None:
        change = ConfigResource(audit.restype, audit.name, incremental_configs=[ConfigEntry("max.message.bytes", value, incremental_operation=operation)])
        admin.incremental_alter_configs([change])[change].result(30)

    kept = admin.describe_configs([audit])[audit].result(30)["max.message.bytes"].value
    usual = seconds_to_final(kafka)
    set_bound(AlterConfigOpType.SET, "100")
    try:
        assert seconds_to_final(kafka) <= usual + 1.0
        message_id = kafka.api.manual(address)
        kafka.reader.final(message_id, 30)

        def refusals():
            lines = "\n".join(urllib.request.urlopen(program.url + "/metrics", timeout=5).read().decode() for program in kafka.programs.values())
            return sum(float(line.rsplit(" ", 1)[1]) for line in lines.splitlines() if line.startswith('carillon_relay_failures_total{topic="audit.v1"}'))

        assert wait_until(refusals, 30, "the refusals are counted") > 0
    finally:
        set_bound(AlterConfigOpType.SET, kept)
    wait_until(lambda: len(kafka.reader.get(f"/api/admin/audit-logs?subject_id={message_id}").json()["items"]) == 2, 30, "the message's audit entries")


def test_nobody_else_passes_for_the_ingress(kafka, address):
    """Another producer's record under the name that only the orchestrator gives its own."""
    event = event_to(address)
    event["source"] = "carillon/orchestrator"
    event.data["source"] = "api:somebody"
    message = to_binary(event)
    kafka.produce(message.value, message.headers, key=address)

    def letter():
        found = [json.loads(line) for line in kafka.installation.command("dlq", "list", SEND_REQUESTS, "--json").stdout.splitlines()]
        return next((each for each in found if each["key"] == address), None)

    assert wait_until(letter, 30, "the dead letter")["dlq-reason"] == "INVALID_CLOUD_EVENT"
    kafka.reader.final(kafka.api.manual("after-" + address), 30)
    assert not kafka.sandbox.messages(address)


def test_the_broker_has_every_event_for_others_to_read(kafka, address):
    message_id = kafka.api.manual(address)
    kafka.reader.final(message_id, 30)
    consumer = Consumer({"bootstrap.servers": kafka.brokers, "group.id": f"reporting-{address}", "auto.offset.reset": "earliest"})
    consumer.subscribe([kafka.prefix + "notification.message-log.v1"])
    statuses = []

    def heard():
        for message in consumer.consume(500, 1):
            event = json.loads(message.value())
            if event.get("message_id") == message_id:
                statuses.append(event["status"])
        return "SENT" in statuses

    wait_until(heard, 30, "the log of the message on the broker")
    consumer.close()
    assert sorted(statuses) == ["QUEUED", "SENT"]
