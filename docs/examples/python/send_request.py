"""Publishes one send request for Carillon on its Kafka topic and waits until the brokers have stored it.

Exit code 0: stored; its place is printed. 1: not stored, or nobody knows; the same call again is harmless. 2: wrong usage.
"""

import argparse
import secrets
import sys

from cloudevents.http import CloudEvent
from cloudevents.kafka import to_binary, to_structured
from confluent_kafka import KafkaException, Producer
from google.protobuf.json_format import MessageToDict
from send_requests_pb2 import SendRequest  # this and the next are made by generate.sh
from types_pb2 import Priority

TOPIC_UNKNOWN_MS_MAX = 2000  # then a topic that the brokers don't know is an error; librdkafka's own 30 s outlast most time limits
FLUSH_MORE_SECONDS = 1  # the producer itself gives up first and then knows why


def variable(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not name or not equals:
        raise argparse.ArgumentTypeError(f"'{text}' is not NAME=VALUE")
    return name, value


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--brokers", required=True, help="host:port,host:port")
    parser.add_argument("--topic", default="notification.send-requests.v1", help="with the installation's prefix, if it has one")
    parser.add_argument("--source", required=True, help="your service's name; the id is unique within it")
    parser.add_argument("--id", required=True, help="idempotency key: the same for every repeat of this request")
    parser.add_argument("--template", required=True, help="template key, e.g. ADMIN_MANUAL")
    parser.add_argument("--to", default="", help="address or number; without it the client's own contact")
    parser.add_argument("--client", default="", help="client id, for templates that need one")
    parser.add_argument("--var", type=variable, action="append", default=[], metavar="NAME=VALUE", help="a variable of the template; may be repeated")
    parser.add_argument("--priority", choices=["CRITICAL", "NORMAL", "BULK"], help="instead of the template's own")
    parser.add_argument("--structured", action="store_true", help="CloudEvents in structured instead of binary mode")
    parser.add_argument("--timeout", type=float, default=10, metavar="SECONDS", help="how long to wait for the brokers")
    options = parser.parse_args()
    if options.timeout <= 0:
        parser.error("--timeout must be above 0")
    return options


def request_of(options: argparse.Namespace) -> SendRequest:
    request = SendRequest(idempotency_key=options.id, template_key=options.template, recipient=options.to, client_id=options.client)
    request.variables.update(dict(options.var))
    if options.priority:
        request.priority = Priority.Value.Value(options.priority)  # the enum named Value, inside the message Priority
    return request


def event_of(request: SendRequest, source: str, traceparent: str) -> CloudEvent:
    return CloudEvent({
        "type": "carillon.send-request.v1",
        "source": source,
        "id": request.idempotency_key,
        "datacontenttype": "application/json",
        "traceparent": traceparent,
        "partitionkey": request.client_id or request.idempotency_key,  # becomes the record's key
    }, MessageToDict(request, preserving_proto_field_name=True))


def publish(event: CloudEvent, options: argparse.Namespace) -> str:
    """Where the record is: topic/partition/offset. KafkaException or TimeoutError when it isn't known to be stored."""
    troubles, reports = [], []
    producer = Producer({
        "bootstrap.servers": options.brokers,
        "enable.idempotence": True,  # and with it acks=all
        "delivery.timeout.ms": int(options.timeout * 1000),
        "topic.metadata.propagation.max.ms": TOPIC_UNKNOWN_MS_MAX,
        "partitioner": "murmur2_random",  # as Carillon and Java's clients do; librdkafka's own default is another
        "error_cb": troubles.append,
        "log_level": 2,  # troubles are in error_cb
    })
    message = to_structured(event) if options.structured else to_binary(event)
    producer.produce(options.topic, key=message.key, value=message.value, headers=message.headers, on_delivery=lambda *report: reports.append(report))
    producer.flush(options.timeout + FLUSH_MORE_SECONDS)
    error, record = reports[0] if reports else (None, None)
    if record is None or error is not None and error.name() == "_MSG_TIMED_OUT":
        raise TimeoutError(f"not acknowledged within {options.timeout:g} s" + "".join(f"; {trouble.str()}" for trouble in troubles[:1]))
    if error is not None:
        raise KafkaException(error)
    return f"{record.topic()}/{record.partition()}/{record.offset()}"


def main() -> int:
    options = parsed()
    trace_id = secrets.token_hex(16)  # in a service: of the trace that you are in
    event = event_of(request_of(options), options.source, f"00-{trace_id}-{secrets.token_hex(8)}-01")
    try:
        place = publish(event, options)
    except (KafkaException, TimeoutError) as failure:
        reason = failure.args[0].str() if isinstance(failure, KafkaException) else failure
        print(f"send_request.py: {options.topic}: {reason}", file=sys.stderr)
        return 1
    print(f"stored {place} trace {trace_id}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
