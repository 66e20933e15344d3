"""The Helm chart: what it makes from five sets of values, and what it refuses."""

import json
import re
import shutil

import kubernetes_validate
import pytest
import settings_schema
import yaml
from conftest import CHART, HELM, ROOT, run

SETS = ["minimal", "production", "ingress", "fixed", "monitoring"]
SERVICES = yaml.safe_load((CHART / "files/services.yaml").read_text())
KUBERNETES = ["1.27", "1.33"]
FROM_OUTSIDE = "monitoring.coreos.com"  # kinds of the Prometheus operator
validated: set[str] = set()  # manifests, as JSON: many are the same in several sets


def of(manifests: list[dict], kind: str) -> dict[str, dict]:
    """By service, or what else the label says."""
    return {m["metadata"]["labels"]["app.kubernetes.io/component"]: m for m in manifests if m["kind"] == kind}


def container(deployment: dict) -> dict:
    return deployment["spec"]["template"]["spec"]["containers"][0]


def environment(manifests: list[dict], service: str) -> dict[str, str]:
    """What a service's process sees: the common settings, then its own."""
    own = {e["name"]: e.get("value", "") for e in container(of(manifests, "Deployment")[service])["env"]}
    return of(manifests, "ConfigMap")["settings"]["data"] | own


def files_of(manifest: dict) -> dict[str, tuple[str, str]]:
    """Secret settings of a pod: name -> secret and key."""
    pod = manifest["spec"]["template"]["spec"]
    mounted = next((volume["projected"]["sources"] for volume in pod.get("volumes", []) if volume["name"] == "secrets"), [])
    return {item["path"]: (source["secret"]["name"], item["key"]) for source in mounted for item in source["secret"]["items"]}


def known_settings() -> set[str]:
    return set(re.findall(r"^\| `(\w+)`", (ROOT / "docs/NOTIFICATION_ENV_VARS.md").read_text(), re.MULTILINE))


@pytest.mark.parametrize("values", SETS)
def test_helm_lint_finds_no_fault(values):
    done = run(HELM, "lint", "--strict", CHART, "-f", ROOT / f"tests/deploy/values/{values}.yaml")
    assert "1 chart(s) linted, 0 chart(s) failed" in done.stdout


@pytest.mark.parametrize("values", SETS)
def test_every_manifest_is_what_kubernetes_knows(rendered, values):
    manifests = rendered(values)
    for manifest in manifests:
        text = json.dumps(manifest)
        if FROM_OUTSIDE not in manifest["apiVersion"] and text not in validated:
            validated.add(text)
            for version in KUBERNETES:
                kubernetes_validate.validate(manifest, version, strict=True)
    names = [(m["kind"], m["metadata"]["name"]) for m in manifests]
    assert len(names) == len(set(names))
    assert all(len(name) <= 63 for _, name in names)


@pytest.mark.parametrize("values", SETS)
def test_each_service_has_probes_resources_security_budget_and_account(rendered, values):
    manifests = rendered(values)
    deployments = of(manifests, "Deployment")
    assert set(deployments) == set(SERVICES["services"])
    for service, deployment in deployments.items():
        pod, main = deployment["spec"]["template"]["spec"], container(deployment)
        assert main["command"] == [f"carillon-{service}"]
        assert {probe: main[probe]["httpGet"]["path"] for probe in ("startupProbe", "livenessProbe", "readinessProbe")} == {
            "startupProbe": "/healthz", "livenessProbe": "/healthz", "readinessProbe": "/readyz"}
        assert set(main["resources"]["requests"]) == {"cpu", "memory"} and main["resources"]["limits"]["memory"]
        assert main["securityContext"] == {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]}}
        assert pod["securityContext"]["runAsNonRoot"] and pod["securityContext"]["runAsUser"] > 0
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert pod["enableServiceLinks"] is False and pod["automountServiceAccountToken"] is False
        assert pod["serviceAccountName"] == f"carillon-{service}"
        assert of(manifests, "ServiceAccount")[service]["automountServiceAccountToken"] is False
        assert {spread["topologyKey"] for spread in pod["topologySpreadConstraints"]} == {"kubernetes.io/hostname", "topology.kubernetes.io/zone"}
        selected = deployment["spec"]["selector"]["matchLabels"]
        assert selected.items() <= deployment["spec"]["template"]["metadata"]["labels"].items()
        assert of(manifests, "PodDisruptionBudget")[service]["spec"]["selector"]["matchLabels"] == selected
        assert of(manifests, "Service")[service]["spec"]["selector"] == selected


@pytest.mark.parametrize("values", SETS)
def test_a_pod_is_given_time_for_all_of_a_graceful_stop(rendered, values):
    stop_max = int(re.search(r"services_stop_max\{(\d+)\}", (ROOT / "libs/service/app/app.cpp").read_text())[1])
    for service, deployment in of(rendered(values), "Deployment").items():
        pause = container(deployment).get("lifecycle", {}).get("preStop", {}).get("exec", {}).get("command", ["sleep", "0"])
        needed = int(pause[1]) + int(environment(rendered(values), service)["CARILLON_STOP_GRACE_SECONDS"]) + stop_max
        assert deployment["spec"]["template"]["spec"]["terminationGracePeriodSeconds"] > needed


@pytest.mark.parametrize("values", SETS)
def test_every_setting_in_a_manifest_is_a_known_one(rendered, values):
    manifests = rendered(values)
    names = {name for service in SERVICES["services"] for name in environment(manifests, service)}
    names |= {e["name"] for job in of(manifests, "Job").values() for e in job["spec"]["template"]["spec"]["containers"][0].get("env", [])}
    assert {name.removesuffix("_FILE") for name in names} <= known_settings()


def test_a_service_is_given_the_secrets_its_code_reads_and_no_other():
    secret = {name for name, _, is_secret, _ in settings_schema.settings() if is_secret}
    libraries = "".join(file.read_text() for file in (ROOT / "libs/service/app").glob("*.cpp"))
    assert {name for name in secret if f'"{name}"' in libraries} == set(SERVICES["every"]["secrets"])
    for service, given in SERVICES["services"].items():
        code = "".join(file.read_text() for file in (ROOT / "services" / service).rglob("*.cpp"))
        assert {name for name in secret if f'"{name}"' in code} == set(given.get("secrets", [])), service


def test_secrets_are_mounted_as_files_where_they_are_read(rendered):
    manifests = rendered("production")
    deployments = of(manifests, "Deployment")
    assert files_of(deployments["orchestrator"]) == {
        "CARILLON_DATABASE_URL": ("carillon", "database-url"), "CARILLON_PAYLOAD_KEY": ("carillon", "payload-key"), "CARILLON_KAFKA_PROPERTIES": ("kafka", "client.properties")}
    assert files_of(deployments["otp"])["CARILLON_DATABASE_URL"] == ("otp", "database-url")
    assert files_of(deployments["otp"])["OTP_PEPPER"] == ("carillon", "otp-pepper")
    assert files_of(deployments["health-aggregator"])["CARILLON_AUDIT_KEY"] == ("carillon", "audit-key")
    assert {service for service in deployments if "TWILIO_AUTH_TOKEN" in files_of(deployments[service])} == {"provider-dispatcher", "provisioning"}
    for service, deployment in deployments.items():
        named = {name.removesuffix("_FILE"): path for name, path in environment(manifests, service).items() if name.endswith("_FILE")}
        assert named == {name: f"/run/secrets/carillon/{name}" for name in files_of(deployment)}
        assert container(deployment)["volumeMounts"][0] == {"name": "secrets", "mountPath": "/run/secrets/carillon", "readOnly": True}


def test_jobs_migrate_and_make_topics_before_the_services(rendered):
    jobs = of(rendered("production"), "Job")
    migrate, topics = jobs["migrate"], jobs["topics"]
    assert migrate["spec"]["template"]["spec"]["containers"][0]["command"] == ["carillon", "migrate"]
    assert files_of(migrate) == {"CARILLON_DATABASE_URL": ("carillon-owner", "database-url")}
    assert topics["spec"]["template"]["spec"]["containers"][0]["command"] == ["carillon", "kafka", "topics", "--apply", "--replication", "3"]
    settings = {e["name"]: e["value"] for e in topics["spec"]["template"]["spec"]["containers"][0]["env"]}
    assert settings["CARILLON_BUS_PARTITIONS"] == "16" and settings["CARILLON_KAFKA_TOPIC_PREFIX"] == "prod."
    weight = {m["kind"] + "/" + m["metadata"]["name"]: int(m["metadata"]["annotations"]["helm.sh/hook-weight"])
              for m in rendered("production") if "helm.sh/hook" in m["metadata"].get("annotations", {})}
    assert weight == {"ServiceAccount/carillon-jobs": -10, "NetworkPolicy/carillon-jobs": -10, "Job/carillon-migrate": 0, "Job/carillon-topics": 1}
    assert set(of(rendered("minimal"), "Job")) == {"migrate"}
    assert of(rendered("fixed"), "Job") == {}


def test_numbers_reach_the_program_as_they_were_written(rendered):
    settings = of(rendered("production"), "ConfigMap")["settings"]["data"]
    assert settings["CARILLON_ATTACHMENT_BYTES_PER_OWNER"] == "1073741824"
    assert settings["POSTMARK_RATE_PER_SECOND"] == "12.5"
    assert settings["SMS_ENABLED"] == "true"
    assert settings["CARILLON_BUS_PARTITIONS"] == "16"
    assert environment(rendered("production"), "provider-dispatcher")["CARILLON_IO_THREADS"] == "2"


def test_instances_are_scaled_or_fixed(rendered):
    scaled = of(rendered("production"), "HorizontalPodAutoscaler")
    assert set(scaled) == {"orchestrator", "provider-dispatcher", "health-aggregator", "otp"}
    for service, deployment in of(rendered("production"), "Deployment").items():
        assert ("replicas" in deployment["spec"]) == (service not in scaled)
    fixed = {service: deployment["spec"]["replicas"] for service, deployment in of(rendered("fixed"), "Deployment").items()}
    assert fixed == {"orchestrator": 3, "provider-dispatcher": 1, "health-aggregator": 2, "otp": 2, "billing-ingest": 2, "provisioning": 2}
    assert of(rendered("fixed"), "HorizontalPodAutoscaler") == {}


def ports_out(policy: dict) -> set[int]:
    return {port["port"] for rule in policy["spec"]["egress"] for port in rule["ports"]}


def reaches_internet(policy: dict) -> set[int]:
    return {port["port"] for rule in policy["spec"]["egress"] for port in rule["ports"] for peer in rule.get("to", [])
            if peer.get("ipBlock", {}).get("cidr") == "0.0.0.0/0"}


def test_a_service_reaches_only_what_it_needs(rendered):
    policies = of(rendered("production"), "NetworkPolicy")
    assert set(policies) == set(SERVICES["services"]) | {"jobs"}
    for service, policy in policies.items():
        assert policy["spec"]["policyTypes"] == ["Ingress", "Egress"]
        assert {53, 5432, 9093} <= ports_out(policy)
        assert reaches_internet(policy) == {"provider-dispatcher": {443, 587, 465}, "billing-ingest": {443}}.get(service, set())
        if service == "jobs":
            assert "ingress" not in policy["spec"]  # nobody calls a job
        else:
            assert policy["spec"]["ingress"][0]["ports"] == [{"port": "http", "protocol": "TCP"}]
            assert len(policy["spec"]["ingress"][0]["from"]) == 2
    assert ports_out(policies["otp"]) == {53, 5432, 9093}
    assert 25 in ports_out(policies["provider-dispatcher"])
    blocks = [peer["ipBlock"] for rule in policies["provider-dispatcher"]["spec"]["egress"] for peer in rule.get("to", []) if "ipBlock" in peer]
    assert "169.254.0.0/16" in next(block["except"] for block in blocks if block["cidr"] == "0.0.0.0/0")
    assert 9092 not in ports_out(of(rendered("minimal"), "NetworkPolicy")["otp"])
    assert of(rendered("fixed"), "NetworkPolicy") == {}


def test_a_collector_of_traces_is_reached_by_the_services_that_have_one():
    def reaching(*options: str) -> set[str]:
        text = run(HELM, "template", "carillon", CHART, "--set", "bus.engine=postgres,networkPolicy.traces.port=14318", *options).stdout
        policies = of([m for m in yaml.safe_load_all(text) if m], "NetworkPolicy")
        return {service for service, policy in policies.items() if 14318 in ports_out(policy)}

    name, collector = "OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:14318"
    assert reaching() == set()
    assert reaching("--set", f"settings.{name}={collector}") == set(SERVICES["services"])
    assert reaching("--set", f"services.otp.settings.{name}={collector}") == {"otp"}
    assert reaching("--set", f"settings.{name}={collector}", "--set", f"services.otp.settings.{name}=") == set(SERVICES["services"]) - {"otp"}


def test_monitoring_brings_monitor_rules_and_dashboards(rendered):
    manifests = rendered("monitoring")
    monitor = next(m for m in manifests if m["kind"] == "ServiceMonitor")
    assert monitor["spec"]["endpoints"][0]["path"] == "/metrics" and monitor["spec"]["endpoints"][0]["port"] == "http"
    assert monitor["spec"]["selector"]["matchExpressions"][0]["values"] == sorted(SERVICES["services"])
    rules = [m for m in manifests if m["kind"] == "PrometheusRule"]
    written = [yaml.safe_load((CHART / f"files/prometheus/{name}.yml").read_text()) for name in ("recording", "alerts")]
    assert [[g["name"] for g in m["spec"]["groups"]] for m in rules] == [[g["name"] for g in w["groups"]] for w in written]
    urls = {r["annotations"]["runbook_url"] for m in rules for g in m["spec"]["groups"] for r in g["rules"] if "alert" in r}
    assert all(url.startswith("https://docs.example.com/carillon/docs/runbooks/") for url in urls)
    dashboards = of(manifests, "ConfigMap")["monitoring"]
    assert dashboards["metadata"]["labels"]["grafana_dashboard"] == "1"
    assert {name: json.loads(text)["uid"] for name, text in dashboards["data"].items()} == {
        f"carillon-{name}.json": f"carillon-{name}" for name in ("overview", "providers", "pipeline", "services")}
    assert not any(FROM_OUTSIDE in m["apiVersion"] for m in rendered("production"))


REFUSED = {
    "a setting that nobody knows": ("settings.EMAIL_SENDERR=x", "EMAIL_SENDERR"),
    "a secret among the settings": ("settings.OTP_PEPPER=x", "OTP_PEPPER"),
    "a setting that the chart sets itself": ("settings.CARILLON_HTTP_PORT=1", "CARILLON_HTTP_PORT"),
    "a number out of its range": ("settings.OTP_TTL_SECONDS=5", "OTP_TTL_SECONDS"),
    "a word for a number": ("settings.OTP_TTL_SECONDS=soon", "OTP_TTL_SECONDS"),
    "a level that there is not": ("settings.CARILLON_LOG_LEVEL=loud", "CARILLON_LOG_LEVEL"),
    "a secret by its value": ("secrets.OTP_PEPPER=x", "OTP_PEPPER"),
    "a secret without its key": ("secrets.OTP_PEPPER.secret=x", "OTP_PEPPER"),
    "a name that the chart does not know": ("replicas=3", "replicas"),
    "a name inside a service": ("services.otp.replica=3", "replica"),
    "a service that there is not": ("services.mailer.replicas=3", "mailer"),
    "an engine that there is not": ("bus.engine=rabbit", "engine"),
    "more partitions than there may be": ("bus.partitions=65", "partitions"),
    "root": ("pods.userId=0", "userId"),
    "an address without https": ("publicUrl=http://x", "publicUrl"),
    "Kafka without brokers": ("bus.kafka.brokers=", "bus.kafka.brokers is needed"),
    "callers without Prometheus, which is to scrape": ("networkPolicy.callers[0].podSelector.matchLabels.app=shop,monitoring.serviceMonitor.enabled=true",
                                                       "networkPolicy.monitoring is needed"),
    "an ingress without host": ("ingress.enabled=true", "ingress.host is needed"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_wrong_values_are_refused(what):
    value, named = REFUSED[what]
    done = run(HELM, "template", "carillon", CHART, "--set", "bus.kafka.brokers=kafka:9092", "--set", value, check=False)
    assert done.returncode != 0
    assert named in done.stderr


def test_the_schema_knows_every_setting():
    assert (CHART / "values.schema.json").read_text() == settings_schema.schema(), "run: ./dev docs"


def notes(folder, *options: str) -> str:
    """helm shows them only where a cluster answers, so here they are a manifest of a copy of the chart."""
    shutil.copytree(CHART, folder, dirs_exist_ok=True)
    lines = (CHART / "templates/NOTES.txt").read_text().splitlines()
    (folder / "templates/shown.yaml").write_text("kind: Notes\ntext: |\n" + "".join(f"  {line}\n" for line in lines))
    return yaml.safe_load(run(HELM, "template", "carillon", folder, "--show-only", "templates/shown.yaml", *options).stdout)["text"]


def test_notes_say_what_is_missing(tmp_path):
    least = notes(tmp_path, "--set", "bus.kafka.brokers=kafka:9092")
    assert "publicUrl is empty" in least and "OTP_PEPPER is not given" in least and "There is no ingress" in least
    more = notes(tmp_path, "-f", str(ROOT / "tests/deploy/values/ingress.yaml"), "--set", "services.otp.autoscaling.maxReplicas=9")
    assert "publicUrl is empty" not in more and "There is no ingress" not in more
    assert "otp may have 9 instances, but a topic has 4 partitions" in more


def test_a_release_of_another_name_stands_beside_it():
    text = run(HELM, "template", "blue", CHART, "--set", "bus.engine=postgres").stdout
    names = {m["metadata"]["name"] for m in yaml.safe_load_all(text) if m}
    assert {name.split("-")[0] for name in names} == {"blue"} and "blue-carillon-otp" in names
