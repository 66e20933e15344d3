"""Metrics of a running platform: named as Prometheus wants them, bounded, and enough for every panel and rule."""

import json
import os
import re
import uuid

import pytest
import yaml
from conftest import CHART, PROMTOOL
from harness.postgres import create_database, drop_database
from harness.programs import Installation
from harness.waiting import wait_until
from watched import Platform, Prometheus, panels, promtool_check

SERIES_MAX = 3_000  # of one process that does everything; histograms have a dozen each
LABELS = {"action", "channel", "check", "client", "direction", "effect", "group", "kind", "le", "level", "method", "outcome", "priority", "program", "provider", "reason",
          "result", "route", "scheduled_job", "state", "status", "step", "template_key", "topic", "type", "version"}


@pytest.fixture(scope="module")
def platform(admin_url, tmp_path_factory):
    brokers = os.environ.get("CARILLON_TEST_KAFKA_BROKERS")
    assert brokers, "CARILLON_TEST_KAFKA_BROKERS names the test broker; ./dev test deploy sets it"
    name = f"deploy_{uuid.uuid4().hex[:12]}"
    installation = Installation(create_database(admin_url, name), tmp_path_factory.mktemp("platform"), CARILLON_BUS="kafka", CARILLON_KAFKA_BROKERS=brokers,
                                CARILLON_KAFKA_TOPIC_PREFIX=f"{name}.")
    platform = Platform(installation)
    yield platform
    assert platform.program.stop() == 0, platform.program.tail()
    drop_database(admin_url, name)


@pytest.fixture(scope="module")
def prometheus(platform, tmp_path_factory):
    """It has seen everything happen twice, so that what is counted has grown."""
    prometheus = Prometheus(tmp_path_factory.mktemp("prometheus"), platform.program.url.removeprefix("http://"))
    platform.everything()
    wait_until(lambda: prometheus.query('carillon_messages_total{status="SENT"}'), 20, "Prometheus has seen the first messages")
    platform.everything()
    yield prometheus
    prometheus.stop()


def test_every_panel_of_every_dashboard_has_data(prometheus):
    asked = panels()
    assert len(asked) > 60
    missing = dict(asked)

    def nothing_is_missing():
        for panel in [panel for panel, expression in missing.items() if prometheus.query(expression)]:
            del missing[panel]
        return not missing

    try:
        wait_until(nothing_is_missing, 20, "data for every panel")
    except AssertionError:
        assert missing == {}


def test_every_rule_is_evaluated_and_every_record_is_there(prometheus):
    def rules():
        return [rule for group in prometheus.ask("rules")["groups"] for rule in group["rules"]]

    assert len(rules()) > 40
    wait_until(lambda: all(rule["health"] != "unknown" for rule in rules()), 20, "every rule was evaluated")
    assert [rule["name"] for rule in rules() if rule["health"] != "ok" or rule.get("lastError")] == []
    records = {rule["name"] for rule in rules() if rule["type"] == "recording"}
    wait_until(lambda: all(prometheus.query(f'{{__name__="{record}"}}') for record in records), 20, "series of every recording rule")


def test_metrics_are_named_and_described_as_prometheus_wants_them(platform, prometheus):
    assert promtool_check(PROMTOOL, platform.api.get("/metrics").body.decode()) == ""


def test_labels_are_few_and_name_no_person(platform, prometheus):
    lines = [line for line in platform.api.get("/metrics").body.decode().splitlines() if not line.startswith("#")]
    assert len(lines) < SERIES_MAX
    labels = {label for line in lines for label in re.findall(r'[{,](\w+)="', line)}
    assert labels <= LABELS
    values = {value for line in lines for value in re.findall(r'="([^"]*)"', line)}
    assert [value for value in values if "@" in value or re.search(r"\+\d{5}|[0-9a-f]{8}-[0-9a-f]{4}|MADE_UP", value)] == []


def test_dashboards_can_be_provisioned(prometheus):
    for file in (CHART / "files/grafana").glob("*.json"):
        board = json.loads(file.read_text())
        ids = [panel["id"] for panel in board["panels"]]
        assert len(ids) == len(set(ids)) and board["uid"] == f"carillon-{file.stem}"
        assert {panel["datasource"]["uid"] for panel in board["panels"] if panel["type"] != "row"} == {"${datasource}"}
        taken = [(x, y) for panel in board["panels"] for x in range(panel["gridPos"]["x"], panel["gridPos"]["x"] + panel["gridPos"]["w"])
                 for y in range(panel["gridPos"]["y"], panel["gridPos"]["y"] + panel["gridPos"]["h"])]
        assert len(taken) == len(set(taken)) and max(x for x, _ in taken) < 24, file.stem
        for variable in board["templating"]["list"]:
            if variable["type"] == "query":
                metric, label = re.fullmatch(r"label_values\((\w+), (\w+)\)", variable["query"]["query"]).groups()
                assert prometheus.query(f'{metric}{{{label}!=""}}'), variable["name"]
    provider = yaml.safe_load((CHART.parent.parent / "deploy/grafana/provisioning/dashboards/carillon.yml").read_text())["providers"][0]
    assert provider["options"]["path"] == "/etc/carillon/dashboards"  # where compose.yaml mounts them
