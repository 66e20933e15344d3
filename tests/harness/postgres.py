"""A private PostgreSQL cluster that a test may stop and kill."""

import os
import pathlib
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile

import psycopg

from .waiting import wait_until

BIN = pathlib.Path("/usr/lib/postgresql/15/bin")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def free_ports(count: int) -> list[int]:
    probes = [socket.socket() for _ in range(count)]
    try:
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]
    finally:
        for probe in probes:
            probe.close()


def _demote():
    """PostgreSQL refuses to run as root: the package's user postgres runs it then."""
    if os.getuid() == 0:
        user = pwd.getpwnam("postgres")
        return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    return {}


class Cluster:
    """initdb into a temporary folder; start, kill (SIGKILL to the whole group), start again; removed at close()."""

    def __init__(self, **settings: str):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="carillon-pg-", dir="/var/tmp"))
        if os.getuid() == 0:
            shutil.chown(self.folder, "postgres", "postgres")
        self.port = free_port()
        self.settings = {"listen_addresses": "127.0.0.1", "port": str(self.port), "unix_socket_directories": str(self.folder),
                         "max_connections": "200", "shared_buffers": "256MB"} | settings
        self.server: subprocess.Popen | None = None
        subprocess.run([BIN / "initdb", "-D", self.folder / "data", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale"],
                       check=True, stdout=subprocess.DEVNULL, cwd="/", **_demote())

    def url(self, database: str = "postgres") -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}"

    def socket_url(self, database: str = "postgres") -> str:
        """By the socket in the file system: what a local service would use."""
        return f"postgresql://postgres@/{database}?host={self.folder}&port={self.port}"

    def start(self) -> None:
        options = [part for name, value in self.settings.items() for part in ("-c", f"{name}={value}")]
        log = open(self.folder / "log", "ab")
        self.server = subprocess.Popen([BIN / "postgres", "-D", self.folder / "data", *options], stdout=log, stderr=log, cwd="/",
                                       start_new_session=True, **_demote())
        wait_until(self.answers, 60, f"PostgreSQL answers (log in {self.folder}/log)")

    def answers(self) -> bool:
        try:
            psycopg.connect(self.url(), connect_timeout=2).close()
            return True
        except psycopg.OperationalError:
            return False

    def pids(self) -> list[int]:
        """The server and its children."""
        found = subprocess.run(["pgrep", "-P", str(self.server.pid)], capture_output=True, text=True, check=False)
        return [self.server.pid, *(int(pid) for pid in found.stdout.split())]

    def kill(self) -> None:
        """As a crash would end it: SIGKILL to the server, then to what it leaves."""
        pids = self.pids()
        for pid in pids:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        self.server.wait(10)
        wait_until(lambda: all(not pathlib.Path(f"/proc/{pid}").exists() for pid in pids), 10, "the server's processes are gone")
        (self.folder / "data" / "postmaster.pid").unlink(missing_ok=True)

    def stop(self) -> None:
        self.server.send_signal(signal.SIGINT)
        self.server.wait(30)

    def close(self) -> None:
        if self.server and self.server.poll() is None:
            self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


def create_database(admin_url: str, name: str) -> str:
    with psycopg.connect(admin_url, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    return admin_url.rsplit("/", 1)[0] + "/" + name


def drop_database(admin_url: str, name: str) -> None:
    with psycopg.connect(admin_url, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
