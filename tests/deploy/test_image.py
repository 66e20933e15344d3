"""The container image and the compose file, without a container engine: what they name is there and is enough."""

import re

import pytest
import yaml
from conftest import ROOT, run
from harness.dockerfile import TEXT as DOCKERFILE, instructions
from harness.programs import BIN

PROGRAMS = ["carillon", "carillon-sandbox", "carillon-orchestrator", "carillon-provider-dispatcher", "carillon-health-aggregator", "carillon-otp",
            "carillon-billing-ingest", "carillon-provisioning"]
COMPOSE = yaml.safe_load((ROOT / "deploy/compose.yaml").read_text())
WITHOUT_LINK = {"tzdata", "ca-certificates", "libjs-bootstrap5"}  # certificates of providers; the sandbox's pages
IN_EVERY_DEBIAN = {"libc6", "libgcc-s1"}


def packages(name: str) -> set[str]:
    text = (ROOT / "deploy/dev/packages.sh").read_text()
    return set(re.search(rf'^{name}="([^"]+)"', text, re.MULTILINE)[1].split())


def linked() -> set[str]:
    """Packages of the libraries that the programs name themselves; others come with them."""
    needed, places = set(), {}
    for program in PROGRAMS:
        needed |= set(re.findall(r"NEEDED\s+(\S+)", run("objdump", "-p", BIN / program).stdout))
        found = run("ldd", BIN / program).stdout
        assert "not found" not in found, found
        places |= dict(re.findall(r"^\s*(\S+) => (\S+)", found, re.MULTILINE))
    # A library may be known by its place below /lib or below /usr/lib; dpkg-query ends with 1 for the other one.
    either = [prefix + places[library].removeprefix("/usr") for library in needed for prefix in ("", "/usr")]
    owners = run("dpkg-query", "--search", *either, check=False).stdout
    owner = {line.split(": ")[1].rsplit("/", 1)[1]: line.split(":")[0] for line in owners.splitlines()}
    return {owner[library] for library in needed}


def test_the_image_has_the_packages_that_the_programs_link_and_no_other():
    assert linked() - IN_EVERY_DEBIAN == packages("PACKAGES_IMAGE") - WITHOUT_LINK


def test_the_image_is_built_from_files_that_are_there():
    ignored = (ROOT / "deploy/Dockerfile.dockerignore").read_text().splitlines()
    assert ignored[0] == "*"
    for kind, rest in instructions():
        if kind == "COPY" and "--from" not in rest:
            for source in rest.split()[:-1]:
                assert (ROOT / source).exists(), source
                assert f"!{source}" in ignored, source


def test_the_image_builds_all_programs_and_runs_as_nobody():
    steps = instructions()
    build = next(rest for kind, rest in steps if kind == "RUN" and "cmake" in rest)
    assert set(re.search(r"--target (.+?) &&", build)[1].split()) == set(PROGRAMS)
    assert [rest for kind, rest in steps if kind == "FROM"] == ["debian:12-slim AS build", "debian:12-slim"]
    assert ["$PACKAGES_BUILD" in rest or "$PACKAGES_IMAGE" in rest for kind, rest in steps if kind == "RUN" and "apt-get" in rest] == [True, True]
    user = int(next(rest for kind, rest in steps if kind == "USER").split(":")[0])
    assert user == 10001 and f"--uid {user}" in DOCKERFILE
    assert yaml.safe_load((ROOT / "helm/carillon/values.yaml").read_text())["pods"]["userId"] == user
    assert dict(steps)["HEALTHCHECK"].endswith('CMD ["is_alive"]')


def test_the_version_is_the_same_everywhere():
    version = re.search(r"project\(carillon VERSION ([\d.]+)", (ROOT / "CMakeLists.txt").read_text())[1]
    chart = yaml.safe_load((ROOT / "helm/carillon/Chart.yaml").read_text())
    assert [chart["version"], chart["appVersion"], re.search(r"ARG VERSION=(.+)", DOCKERFILE)[1]] == [version] * 3
    assert COMPOSE["x-program"]["image"] == f"${{CARILLON_IMAGE:-carillon:{version}}}"


def test_compose_runs_every_program_locked_down():
    services = COMPOSE["services"]
    ours = {name: service for name, service in services.items() if "carillon" in service["image"]}
    assert {service["command"][0] for service in ours.values()} == set(PROGRAMS)
    for service in ours.values():
        assert service["read_only"] and service["cap_drop"] == ["ALL"] and service["security_opt"] == ["no-new-privileges:true"]
        assert service["command"][0] == "carillon" or "." not in service["command"][0]
    assert services["sandbox"]["profiles"] == ["sandbox"]
    assert services["kafka"]["image"].startswith("apache/kafka:4.1") and services["postgres"]["image"] == "postgres:15"
    assert all("healthcheck" in services[name] for name in ("postgres", "kafka", "prometheus"))


def known_settings() -> set[str]:
    return set(re.findall(r"^\| `(\w+)`", (ROOT / "docs/NOTIFICATION_ENV_VARS.md").read_text(), re.MULTILINE))


@pytest.mark.parametrize("file", ["settings.env", "sandbox.env"])
def test_settings_of_compose_are_known_ones(file):
    names = re.findall(r"^(?:# )?([A-Z][A-Z0-9_]+)=", (ROOT / "deploy/compose" / file).read_text(), re.MULTILINE)
    assert names and {name.removesuffix("_FILE") for name in names} <= known_settings()


def settings_of(file: str) -> dict[str, str]:
    return dict(line.split("=", 1) for line in (ROOT / "deploy/compose" / file).read_text().splitlines() if re.match(r"[A-Z]", line))


def test_what_the_sandbox_tells_is_believed_and_its_links_open_in_a_browser():
    services, given = COMPOSE["services"], settings_of("sandbox.env")
    sandbox = services["sandbox"]["environment"]
    front = f"http://front:{services['front']['environment']['CARILLON_FRONT'].rsplit(':', 1)[1]}"
    assert sandbox["CARILLON_SANDBOX_RECEIPTS_URL"] == sandbox["CARILLON_URL"] == front
    assert sandbox["CARILLON_SANDBOX_RECEIPTS_POSTMARK_AUTH"] == f"{given['POSTMARK_WEBHOOK_USER']}:{given['POSTMARK_WEBHOOK_PASSWORD']}"
    assert sandbox["STRIPE_WEBHOOK_SECRET"] == given["STRIPE_WEBHOOK_SECRET"]
    assert given["TWILIO_STATUS_CALLBACK_URL"] == f"{front}/api/webhooks/twilio/status"
    published = services["sandbox"]["ports"][0].split(":")
    assert sandbox["CARILLON_SANDBOX_PUBLIC_URL"] == f"http://localhost:{published[1]}" and published[2] == sandbox["CARILLON_SANDBOX_PORT"]


def test_the_front_is_believed_about_who_calls():
    subnet = COMPOSE["networks"]["default"]["ipam"]["config"][0]["subnet"]
    assert COMPOSE["x-environment"]["LOGIN_TRUSTED_PROXIES"] == subnet
    assert f"# OTP_TRUSTED_PROXIES={subnet}\n" in (ROOT / "deploy/compose/settings.env").read_text()
    assert all(COMPOSE["services"][program]["environment"]["LOGIN_TRUSTED_PROXIES"] == subnet for program in ("provisioning", "otp", "health-aggregator"))


def test_what_compose_names_is_there(tmp_path):
    services, secrets = COMPOSE["services"], COMPOSE["secrets"]
    for name, service in services.items():
        environment = service.get("environment", {})
        if "carillon" in service["image"]:
            assert {key.removesuffix("_FILE") for key in environment} <= known_settings(), name
        files = {value.rsplit("/", 1)[1] for key, value in environment.items() if key.endswith("_FILE") and value.startswith("/run/secrets/")}
        assert files <= set(service.get("secrets", [])) <= set(secrets), name
        assert set(service.get("depends_on", [])) <= set(services), name
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            assert source in COMPOSE["volumes"] or "compose/secrets" in source or (ROOT / "deploy" / source).exists(), volume
    made = tmp_path / "compose"
    made.mkdir()
    (made / "make_secrets.sh").write_text((ROOT / "deploy/compose/make_secrets.sh").read_text())
    run("bash", made / "make_secrets.sh")
    assert {secret["file"] for secret in secrets.values()} <= {f"./compose/secrets/{file.name}" for file in (made / "secrets").iterdir()}
    kept = (made / "secrets/payload-key").read_text()
    run("bash", made / "make_secrets.sh")
    assert (made / "secrets/payload-key").read_text() == kept


def test_compose_s_front_names_each_service_that_haproxy_wants():
    wanted = set(re.findall(r'"\$(CARILLON_\w+)"', (ROOT / "deploy/haproxy.cfg").read_text()))
    given = COMPOSE["services"]["front"]["environment"]
    assert set(given) == wanted
    assert all(address.split(":")[0] in COMPOSE["services"] for name, address in given.items() if name != "CARILLON_FRONT")
    targets = yaml.safe_load((ROOT / "deploy/prometheus/prometheus.yml").read_text())["scrape_configs"][0]["static_configs"][0]["targets"]
    assert {target.split(":")[0] for target in targets} == {address.split(":")[0] for name, address in given.items() if name != "CARILLON_FRONT"}
