"""deploy/Dockerfile without a container engine: its steps, one after the other, in bare roots of Debian 12; then its programs in what it makes.

`./dev test bare-root`; needs root, and the machine's own Debian mirror. Everything is compiled there: half an hour on two cores beside other builds.
"""

import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import uuid
from collections.abc import Iterator

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))

from harness.dockerfile import instructions  # noqa: E402
from harness.postgres import create_database, drop_database, free_port  # noqa: E402
from harness.programs import Program, random_key  # noqa: E402

SOURCES = pathlib.Path(__file__).parent.parent.parent
BASE_IMAGE = "debian:12-slim"
STEP_SECONDS = 2_400
USER = "10001"
LOCAL = "usr/local/bin"
# A mount namespace of its own; as a step of the Dockerfile runs …
BUILD = """mount --rbind /proc "$0/proc" && mount --rbind /dev "$0/dev" && exec chroot "$0" "$@" """
# … and as its programs do: the root can't be written to, as with readOnlyRootFilesystem; only /tmp can.
ENTER = """mount --bind "$0" "$0" && mount --rbind /proc "$0/proc" && mount --rbind /dev "$0/dev" && mount -t tmpfs tmpfs "$0/tmp" &&
mount -o remount,bind,ro "$0" && exec chroot --userspec=%s:%s "$0" "$@" """ % (USER, USER)


def mirror() -> str:
    targets = subprocess.run(["apt-get", "indextargets", "--format", "$(REPO_URI)", "Codename: bookworm"], capture_output=True, text=True, check=True)
    return targets.stdout.splitlines()[0]


def bare_root(folder: pathlib.Path) -> pathlib.Path:
    """What the base image is: Debian 12 with nothing that need not be. Takes its packages from where this machine does."""
    done = subprocess.run(["debootstrap", "--variant=minbase", "bookworm", folder, mirror()], capture_output=True, text=True, timeout=STEP_SECONDS, check=False)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    shutil.copytree("/etc/apt", folder / "etc/apt", dirs_exist_ok=True)
    for file in ("/etc/resolv.conf", "/etc/hosts"):
        shutil.copy(file, folder / file[1:])
    return folder


def copy_files(source: pathlib.Path, pattern: str, target: pathlib.Path, many: bool) -> None:
    found = sorted(source.glob(pattern))
    assert found, pattern
    for each in found:
        if each.is_dir():
            shutil.copytree(each, target, dirs_exist_ok=True)
        else:
            place = target / each.name if many or target.is_dir() else target
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(each, place)


class Steps:
    """Runs them below a folder: a root for each stage. What only describes the image (LABEL, CMD, …) changes no file."""

    DESCRIBING = {"ARG", "LABEL", "ENV", "USER", "EXPOSE", "STOPSIGNAL", "HEALTHCHECK", "CMD"}

    def __init__(self, folder: pathlib.Path):
        self.folder = folder
        self.stages: dict[str, pathlib.Path] = {}
        self.root, self.workdir = folder, "/"

    def all(self) -> "Steps":
        for word, rest in instructions():
            match word:
                case "FROM": self.stage(rest)
                case "WORKDIR": self.change_folder(rest)
                case "COPY": self.copy(rest)
                case "RUN": self.shell(rest)
                case _: assert word in self.DESCRIBING, f"deploy/Dockerfile has {word}, which this test does not know"
        return self

    def stage(self, rest: str) -> None:
        image, _, name = rest.partition(" AS ")
        assert image == BASE_IMAGE
        bare = self.folder / "bare"
        if not bare.exists():
            bare_root(bare)
        self.root, self.workdir = self.folder / (name or "image"), "/"
        subprocess.run(["cp", "-a", bare, self.root], check=True)
        self.stages[name] = self.root

    def change_folder(self, rest: str) -> None:
        self.workdir = rest
        (self.root / rest[1:]).mkdir(parents=True, exist_ok=True)

    def copy(self, rest: str) -> None:
        words = shlex.split(rest)
        source = SOURCES
        if words[0].startswith("--from="):
            source = self.stages[words.pop(0).removeprefix("--from=")]
        *patterns, target = words
        place = self.root / (pathlib.PurePosixPath(self.workdir) / target).relative_to("/")
        for pattern in patterns:
            copy_files(source, pattern.lstrip("/"), place, many=target.endswith("/"))

    def shell(self, rest: str) -> None:
        done = subprocess.run(["unshare", "--mount", "sh", "-c", BUILD, str(self.root), "/bin/sh", "-c", f"cd {self.workdir} && {rest}"],
                              env={"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=STEP_SECONDS, check=False)
        assert done.returncode == 0, f"{rest}\n{done.stdout[-3000:]}{done.stderr[-3000:]}"


@pytest.fixture(scope="module")
def steps() -> Iterator[Steps]:
    folder = pathlib.Path("/var/tmp") / f"carillon-root-{uuid.uuid4().hex[:8]}"
    folder.mkdir()
    try:
        yield Steps(folder).all()
    finally:
        shutil.rmtree(folder)


@pytest.fixture
def root(steps) -> pathlib.Path:
    return steps.root


def inside(root: pathlib.Path, *command: str) -> list[str]:
    return ["unshare", "--mount", "sh", "-c", ENTER, str(root), *command]


def run(root: pathlib.Path, *command: str, **environment: str) -> subprocess.CompletedProcess:
    return subprocess.run(inside(root, *command), env={"PATH": os.environ["PATH"]} | environment, capture_output=True, text=True, timeout=60, check=False)


def test_every_program_finds_its_libraries(root):
    programs = sorted(file.name for file in (root / LOCAL).glob("carillon*"))
    assert len(programs) == 8
    for program in programs:
        libraries = run(root, "ldd", f"/{LOCAL}/{program}").stdout
        assert "libc.so.6" in libraries and "not found" not in libraries, program
    version = re.search(r"project\(carillon VERSION ([\d.]+)", (SOURCES / "CMakeLists.txt").read_text())[1]
    assert run(root, "carillon", "--version").stdout.strip() == version


def test_nothing_there_can_be_written_to_but_tmp(root):
    assert run(root, "sh", "-c", "id -u; touch /tmp/x && echo tmp; touch /x || touch /usr/local/bin/x || echo nothing else").stdout.split("\n")[:3] == [
        USER, "tmp", "nothing else"]


def test_a_service_starts_there_as_nobody_and_stops_in_order(root, tmp_path):
    admin_url = os.environ["CARILLON_TEST_DATABASE_URL"]
    name = f"bare_{uuid.uuid4().hex[:12]}"
    url = create_database(admin_url, name)
    try:
        migrated = run(root, "carillon", "migrate", CARILLON_DATABASE_URL=url)
        assert migrated.returncode == 0, migrated.stderr
        port = str(free_port())
        service = Program(inside(root, "carillon-provider-dispatcher"),
                          {"CARILLON_DATABASE_URL": url, "CARILLON_PAYLOAD_KEY": random_key(), "CARILLON_HTTP_PORT": port}, f"http://127.0.0.1:{port}", tmp_path / "log")
        service.start().wait_ready()
        assert run(root, "is_alive", CARILLON_HTTP_PORT=port).returncode == 0
        assert run(root, "is_alive", "/nothing", CARILLON_HTTP_PORT=port).returncode == 1
        status = pathlib.Path(f"/proc/{service.process.pid}/status").read_text()
        assert f"Uid:\t{USER}\t{USER}\t{USER}\t{USER}" in status and "CapEff:\t0000000000000000" in status
        assert service.stop() == 0, service.tail()
        assert run(root, "is_alive", CARILLON_HTTP_PORT=port).returncode == 1
    finally:
        drop_database(admin_url, name)
