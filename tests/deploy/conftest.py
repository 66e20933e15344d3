"""What is deployed, as files; and one running platform over Kafka for what only a running one can show."""

import os
import pathlib
import subprocess
import sys

import pytest
import yaml

ROOT = pathlib.Path(__file__).parent.parent.parent
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "deploy/dev")]

CHART = ROOT / "helm/carillon"
HELM = pathlib.Path(sys.executable).with_name("helm")  # of the package helm-binary
PROMETHEUS = ROOT / "build/prometheus/usr/bin/prometheus"
PROMTOOL = ROOT / "build/prometheus/usr/bin/promtool"


def run(*command, check: bool = True, text: str | None = None, **environment: str) -> subprocess.CompletedProcess:
    done = subprocess.run([str(part) for part in command], input=text, capture_output=True, text=True, timeout=120, check=False,
                          env=os.environ | environment)
    assert not check or done.returncode == 0, f"{' '.join(str(part) for part in command)}: {done.returncode}\n{done.stdout}{done.stderr}"
    return done


@pytest.fixture(scope="session")
def rendered():
    """rendered(values): the manifests of one set of values, rendered once."""
    known: dict[str, list[dict]] = {}

    def rendered(values: str) -> list[dict]:
        if values not in known:
            text = run(HELM, "template", "carillon", CHART, "--namespace", "notify", "-f", ROOT / f"tests/deploy/values/{values}.yaml").stdout
            known[values] = [manifest for manifest in yaml.safe_load_all(text) if manifest]
        return known[values]

    return rendered


@pytest.fixture(scope="session")
def admin_url() -> str:
    url = os.environ.get("CARILLON_TEST_DATABASE_URL")
    assert url, "CARILLON_TEST_DATABASE_URL names the test server; ./dev test deploy sets it"
    return url
