"""One trace from the caller's request to the provider's answer and the message log, in logs and at a collector."""

import http.server
import json
import re
import threading
import uuid

import pytest

from harness.api import Api
from harness.postgres import create_database, drop_database
from harness.programs import Installation
from harness.waiting import wait_until

KINDS = ["carillon-provider-dispatcher", "carillon-orchestrator", "carillon-health-aggregator"]


class Collector:
    """Takes OTLP over HTTP and remembers the spans with the name of their service."""

    def __init__(self):
        self.spans: list[dict] = []
        collector = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                assert self.path == "/v1/traces" and self.headers["Content-Type"] == "application/json"
                for of in body["resourceSpans"]:
                    resource = {a["key"]: a["value"]["stringValue"] for a in of["resource"]["attributes"]}
                    collector.spans += [span | {"service": resource["service.name"]} for span in of["scopeSpans"][0]["spans"]]
                self.send_response(200)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"{}")

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def of(self, trace_id: str) -> dict[str, dict]:
        return {span["service"] + ": " + span["name"]: span for span in self.spans if span["traceId"] == trace_id}

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture
def traced(admin_url, tmp_path):
    """The three services that a message passes, each as a program of its own, and a collector."""
    name = f"traced_{uuid.uuid4().hex[:12]}"
    collector = Collector()
    installation = Installation(create_database(admin_url, name), tmp_path, CARILLON_LOG_LEVEL="debug", OTEL_EXPORTER_OTLP_ENDPOINT=collector.url)
    installation.migrate()
    box = installation.sandbox().start().wait_ready(path="/stats")
    programs = {kind: installation.program(kind).start() for kind in KINDS}
    for program in programs.values():
        program.wait_ready()
    yield installation, programs, collector
    for program in programs.values():
        assert program.stop() == 0, program.tail()
    box.stop()
    drop_database(admin_url, name)


def test_one_trace_leads_through_the_logs_and_spans_of_every_service(traced):
    installation, programs, collector = traced
    key = installation.api_key()
    sender, reader = Api(programs["carillon-orchestrator"].url, key), Api(programs["carillon-health-aggregator"].url, key)
    trace_id, caller = uuid.uuid4().hex, "b7ad6b7169203331"
    body = json.dumps({"template_key": "ADMIN_MANUAL", "recipient": "ann@example.com", "variables": {"subject": "Hi", "body": "Hello"}})
    answer = sender.call("POST", "/api/notifications", body, {"Content-Type": "application/json", "traceparent": f"00-{trace_id}-{caller}-01"})
    message_id = answer.json()["message_id"]
    wait_until(lambda: (reader.message(message_id) or {}).get("status") == "SENT", 15, "the message is SENT")

    expected = {"carillon-orchestrator: POST /api/notifications", "carillon-orchestrator: decide", "carillon-provider-dispatcher: call postmark",
                "carillon-health-aggregator: log"}
    spans = wait_until(lambda: found if expected <= set(found := collector.of(trace_id)) else None, 10, f"spans {expected}, so far {collector.of(trace_id)}")
    request = spans["carillon-orchestrator: POST /api/notifications"]
    assert request["parentSpanId"] == caller
    assert {spans[name]["parentSpanId"] for name in expected - {"carillon-orchestrator: POST /api/notifications"}} == {request["spanId"]}
    assert all(int(span["startTimeUnixNano"]) <= int(span["endTimeUnixNano"]) for span in spans.values())
    call = {a["key"]: a["value"]["stringValue"] for a in spans["carillon-provider-dispatcher: call postmark"]["attributes"]}
    assert (call["message_id"], call["outcome"]) == (message_id, "ACCEPTED")
    assert "ann@example.com" not in json.dumps(collector.spans)

    for kind, program in programs.items():
        lines = [json.loads(line) for line in program.log.read_text().splitlines() if trace_id in line]
        assert {line["service"] for line in lines} == {kind} and {line["trace_id"] for line in lines} == {trace_id}

    collector.stop()  # a collector that is away costs nobody anything
    ids = [sender.manual(f"{n}@example.com") for n in range(20)]
    wait_until(lambda: all((reader.message(i) or {}).get("status") == "SENT" for i in ids), 15, "messages are sent without it")
    wait_until(lambda: re.search(r'carillon_trace_spans_total\{result="failed"\} [1-9]', sender.get("/metrics").body.decode()), 10, "lost spans are counted")
