"""Each route of docs/openapi.yaml reaches the service that serves it: by haproxy.cfg and by the chart's ingress."""

import re

import pytest
import yaml
from conftest import ROOT

ROUTE = re.compile(r'\.add(?:_async)?\(\s*http::Method::(\w+),\s*"([^"]+)"')
BACKENDS = {"orchestrator": "orchestrator", "health": "health-aggregator", "dispatcher": "provider-dispatcher", "otp": "otp", "billing": "billing-ingest",
            "provisioning": "provisioning"}
INSIDE = {"/metrics", "/healthz", "/readyz"}  # of each service; not for callers
DOCUMENTED = list(yaml.safe_load((ROOT / "docs/openapi.yaml").read_text())["paths"])


def serving() -> dict[str, str]:
    """By path of the code: the service whose code has it."""
    found = {}
    for service in BACKENDS.values():
        for file in (ROOT / "services" / service).rglob("*.cpp"):
            found |= {path: service for _, path in ROUTE.findall(file.read_text())}
    return found


def example(path: str) -> str:
    return re.sub(r"\{\w+\}", "01a2-x", path)


def matches(condition: str, path: str) -> bool:
    """One condition of haproxy: `path A B`, `path_beg A B` or `path_reg R`."""
    kind, *values = condition.split()
    if kind == "path":
        return path in values
    if kind == "path_beg":
        return path.startswith(tuple(values))
    assert kind == "path_reg", condition
    return re.search(values[0], path) is not None


def by_haproxy(path: str) -> str:
    """What the first rule says that matches; "" = answered there."""
    config = (ROOT / "deploy/haproxy.cfg").read_text()
    for line in config.splitlines():
        rule = re.match(r"\s+(?:http-request return status 404|use_backend (\w+)) if (.+)$", line)
        if rule and any(matches(condition, path) for condition in re.findall(r"\{ (.+?) \}", rule[2])):
            return BACKENDS[rule[1]] if rule[1] else ""
    return BACKENDS[re.search(r"default_backend (\w+)", config)[1]]


def by_ingress(manifests: list[dict], path: str) -> str:
    """As the ingress API says: exact before prefix, the longest prefix, whole parts of a path; "" = nobody."""
    rules = next(m for m in manifests if m["kind"] == "Ingress")["spec"]["rules"][0]["http"]["paths"]
    service = {rule["path"] + " " + rule["pathType"]: rule["backend"]["service"]["name"].removeprefix("carillon-") for rule in rules}
    assert len(service) == len(rules)
    if path + " Exact" in service:
        return service[path + " Exact"]
    prefixes = [rule["path"] for rule in rules if rule["pathType"] == "Prefix" and (path + "/").startswith(rule["path"].rstrip("/") + "/")]
    return service[max(prefixes, key=len) + " Prefix"] if prefixes else ""


@pytest.mark.parametrize("path", [path for path in DOCUMENTED if path not in INSIDE])
def test_a_route_reaches_the_service_that_serves_it(rendered, path):
    wanted = serving()[path]
    assert by_haproxy(example(path)) == wanted, "deploy/haproxy.cfg"
    assert by_ingress(rendered("ingress"), example(path)) == wanted, "helm/carillon/files/routes.yaml"


def test_files_of_pages_reach_a_service_that_has_pages(rendered):
    assert by_haproxy("/assets/0a1b/bootstrap.min.css") == by_ingress(rendered("ingress"), "/assets/0a1b/bootstrap.min.css") == "provisioning"


@pytest.mark.parametrize("path", sorted(INSIDE))
def test_what_is_for_inside_is_not_served_outside(rendered, path):
    assert by_ingress(rendered("ingress"), path) == ""
    assert path == "/readyz" or by_haproxy(path) == ""  # that one haproxy answers itself


def test_the_ingress_has_its_host_and_certificate(rendered):
    spec = next(m for m in rendered("ingress") if m["kind"] == "Ingress")["spec"]
    assert spec["tls"] == [{"hosts": ["notify.example.com"], "secretName": "notify-tls"}]
    assert spec["rules"][0]["host"] == "notify.example.com" and spec["ingressClassName"] == "nginx"
