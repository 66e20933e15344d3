"""What deploy/Dockerfile makes, without a container engine: a bare Debian 12 with the image's packages and programs, and nothing else.

`./dev test bare-root`; needs root and the machine's own Debian mirror.
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import uuid

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))

from harness.postgres import create_database, drop_database, free_port  # noqa: E402
from harness.programs import BIN, Program, random_key  # noqa: E402

SOURCES = pathlib.Path(__file__).parent.parent.parent
USER = "10001"
LOCAL = "usr/local/bin"
# A mount namespace of its own, in which the root can't be written to, as with readOnlyRootFilesystem; only /tmp can.
ENTER = """mount --bind "$0" "$0" && mount --rbind /proc "$0/proc" && mount --rbind /dev "$0/dev" && mount -t tmpfs tmpfs "$0/tmp" &&
mount -o remount,bind,ro "$0" && exec chroot --userspec=%s:%s "$0" "$@" """ % (USER, USER)


def mirror() -> str:
    targets = subprocess.run(["apt-get", "indextargets", "--format", "$(REPO_URI)", "Codename: bookworm"], capture_output=True, text=True, check=True)
    return targets.stdout.splitlines()[0]


def image_packages() -> list[str]:
    return re.search(r'^PACKAGES_IMAGE="([^"]+)"', (SOURCES / "deploy/dev/packages.sh").read_text(), re.MULTILINE)[1].split()


@pytest.fixture(scope="module")
def root(tmp_path_factory) -> pathlib.Path:
    folder = pathlib.Path("/var/tmp") / f"carillon-root-{uuid.uuid4().hex[:8]}"
    done = subprocess.run(["debootstrap", "--variant=minbase", "--include=" + ",".join(image_packages()), "bookworm", folder, mirror()],
                          capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    for program in BIN.glob("carillon*"):
        subprocess.run(["strip", "-o", folder / LOCAL / program.name, program], check=True)
    shutil.copy(SOURCES / "deploy/is_alive.sh", folder / LOCAL / "is_alive")
    yield folder
    shutil.rmtree(folder)


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
