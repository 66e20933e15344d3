"""A private Redis in a temporary folder, reached by a socket in the file system."""

import pathlib
import shutil
import socket
import subprocess
import tempfile

from harness.waiting import wait_until


class RedisServer:
    def __init__(self, program: str, **settings: str):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="carillon-redis-", dir="/var/tmp"))
        self.socket = self.folder / "socket"
        options = {"port": "0", "unixsocket": str(self.socket), "dir": str(self.folder), "daemonize": "no"} | settings
        self.command = [program, *(part for name, value in options.items() for part in (f"--{name}", value))]
        self.server: subprocess.Popen | None = None

    def start(self) -> None:
        with open(self.folder / "log", "wb") as log:
            self.server = subprocess.Popen(self.command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        wait_until(self.answers, 20, f"Redis answers (log in {self.folder}/log)")

    def answers(self) -> bool:
        try:
            return self.ask("PING") == "+PONG"
        except OSError:
            return False

    def ask(self, command: str) -> str:
        """A command whose answer is one line."""
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(5)
            connection.connect(str(self.socket))
            connection.sendall(command.encode() + b"\r\n")
            return connection.makefile().readline().strip()

    def pids(self) -> list[int]:
        return [self.server.pid]

    def close(self) -> None:
        if self.server and self.server.poll() is None:
            self.server.terminate()
            try:
                self.server.wait(30)
            except subprocess.TimeoutExpired:
                self.server.kill()
                self.server.wait(10)
        shutil.rmtree(self.folder, ignore_errors=True)
