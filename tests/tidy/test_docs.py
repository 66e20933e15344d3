"""Documents say what the code does: links lead somewhere, tables are what the programs print, routes and topics agree."""

import os
import pathlib
import re
import subprocess

import yaml

ROOT = pathlib.Path(__file__).parent.parent.parent
BIN = pathlib.Path(os.environ.get("CARILLON_BIN_DIR", ROOT / "build/dev/bin"))
LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]+)(?:#[^)]*)?\)")
ROUTE = re.compile(r'\.add(?:_async)?\(\s*http::Method::(\w+),\s*"([^"]+)"')


def documents() -> list[pathlib.Path]:
    listed = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md"], cwd=ROOT, capture_output=True, text=True, check=True)
    return [ROOT / name for name in listed.stdout.splitlines()]


def test_links_lead_somewhere():
    broken = [f"{doc.relative_to(ROOT)}: {target}" for doc in documents() for target in LINK.findall(doc.read_text())
              if not target.startswith(("http://", "https://", "mailto:")) and not (doc.parent / target).exists()]
    assert broken == []


def test_where_is_tables_name_paths_that_exist():
    broken = []
    for doc in documents():
        section = re.search(r"^#+ Where is.*?(?=^#|\Z)", doc.read_text(), re.MULTILINE | re.DOTALL)
        if not section:
            continue
        for path in re.findall(r"`([\w./-]+\.\w+|[\w./-]+/)`", section.group()):
            if not (doc.parent / path).exists() and not (ROOT / path).exists():
                broken.append(f"{doc.relative_to(ROOT)}: {path}")
    assert broken == []


def test_every_service_has_a_readme_with_a_where_is_table():
    folders = [folder for folder in (ROOT / "services").iterdir() if folder.is_dir()]
    assert [f.name for f in folders if "Where is" not in ((f / "README.md").read_text() if (f / "README.md").exists() else "")] == []


def test_the_table_of_settings_is_what_the_program_reads():
    printed = subprocess.run([BIN / "carillon", "config", "--markdown"], capture_output=True, text=True, check=True).stdout
    assert printed.strip() in (ROOT / "docs/NOTIFICATION_ENV_VARS.md").read_text(), "run: ./dev docs"


def code_routes() -> set[tuple[str, str]]:
    found = set()
    for file in [*(ROOT / "services").rglob("*.cpp"), *(ROOT / "libs/service").rglob("*.cpp")]:
        if "sandbox" in file.parts:
            continue
        found |= {(method.rstrip("_").lower(), path) for method, path in ROUTE.findall(file.read_text())}
    return found


def test_openapi_lists_exactly_the_routes_of_the_code():
    spec = yaml.safe_load((ROOT / "docs/openapi.yaml").read_text())
    written = {(method, path) for path, item in spec["paths"].items() for method in item if method in ("get", "post", "put", "patch", "delete")}
    assert written == code_routes()


def test_asyncapi_lists_exactly_the_topics_of_the_code():
    spec = yaml.safe_load((ROOT / "docs/asyncapi.yaml").read_text())
    written = {channel["address"] for channel in spec["channels"].values()}
    code = set(re.findall(r'\{"([\w.-]+)", "\w+"', (ROOT / "libs/bus/topics.hpp").read_text()))
    assert {name for name in written if not name.endswith(".dlq")} == {name for name in code if not name.endswith(".dlq")}


def test_the_table_of_coverage_is_up_to_date():
    printed = subprocess.run(["python3", ROOT / "tests/coverage.py"], capture_output=True, text=True, check=True, cwd=ROOT).stdout
    assert printed == (ROOT / "docs/coverage.md").read_text(), "run: ./dev docs"
