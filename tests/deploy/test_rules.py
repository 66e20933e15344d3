"""Prometheus's rules: valid, each alert tested and with a runbook that names it."""

import re

import pytest
import yaml
from conftest import CHART, PROMTOOL, ROOT, run

RULES = CHART / "files/prometheus"
ALERTS = {rule["alert"]: rule for group in yaml.safe_load((RULES / "alerts.yml").read_text())["groups"] for rule in group["rules"]}
TESTS = sorted((ROOT / "deploy/prometheus/tests").glob("*.yml"))
DASHBOARDS = sorted((CHART / "files/grafana").glob("*.json"))


def test_promtool_finds_no_fault_in_rules_and_configuration():
    done = run(PROMTOOL, "check", "rules", *RULES.glob("*.yml"))
    assert "FAILED" not in done.stdout
    assert "SUCCESS" in run(PROMTOOL, "check", "config", ROOT / "deploy/prometheus/prometheus.yml").stdout


@pytest.mark.parametrize("file", TESTS, ids=lambda file: file.stem)
def test_alerts_fire_when_they_should_and_not_before(file):
    assert "SUCCESS" in run(PROMTOOL, "test", "rules", file).stdout


def test_every_alert_has_a_test_that_sees_it_silent_and_firing():
    tested = {}
    for file in TESTS:
        for test in yaml.safe_load(file.read_text())["tests"]:
            for step in test["alert_rule_test"]:
                tested.setdefault(step["alertname"], set()).add(bool(step["exp_alerts"]))
    assert tested == {alert: {True, False} for alert in ALERTS}


def test_every_alert_says_how_bad_what_and_what_to_do():
    for alert, rule in ALERTS.items():
        assert rule["labels"]["severity"] in ("critical", "warning"), alert
        assert set(rule["annotations"]) == {"summary", "description", "runbook_url"}, alert
        runbook = ROOT / rule["annotations"]["runbook_url"]
        assert runbook.parent == ROOT / "docs/runbooks" and f"`{alert}`" in runbook.read_text(), alert


def test_rules_and_dashboards_ask_only_for_metrics_that_the_code_has():
    code = "".join(file.read_text() for folder in ("libs", "services") for file in (ROOT / folder).rglob("*.[ch]pp"))
    recorded = {rule["record"] for group in yaml.safe_load((RULES / "recording.yml").read_text())["groups"] for rule in group["rules"]}
    asked = "".join(file.read_text() for file in [*RULES.glob("*.yml"), *DASHBOARDS])
    for name in set(re.findall(r"\b(?:carillon|process)_[a-z_]+", asked)):
        assert f'"{re.sub("_(bucket|sum|count)$", "", name)}"' in code, name
    assert set(re.findall(r"\bcarillon:[a-z0-9_:]+", asked)) == recorded
