"""A private Kafka broker that a test may stop, kill, pause and rob of its data."""

import base64
import os
import pathlib
import secrets
import shutil
import signal
import socket
import struct
import subprocess
import tempfile

from .postgres import free_ports
from .waiting import wait_until

FILES = pathlib.Path(__file__).parent.parent.parent / "deploy/dev/kafka"
LIBS = pathlib.Path(os.environ.get("CARILLON_KAFKA_LIBS", "build/kafka/libs"))
JAVA = ["-Xms128m", "-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"]  # starts in two thirds of the time
JAVA_FOR_SPEED = ["-Xms512m", "-Xmx512m", "-XX:+UseSerialGC"]  # starts slowly, and has its code compiled well after a while
READY_SECONDS = 60


def cluster_id() -> str:
    """16 bytes in base64, as Kafka wants it; of letters and digits, since one that begins with a dash reads as an option."""
    return base64.b64encode(secrets.token_hex(8).encode()).decode().rstrip("=")


class Broker:
    """Formats a temporary folder; start, kill (SIGKILL), pause, start again at the same port; removed at close().

    More properties by keyword, with underscores for dots: Broker(log_retention_ms="1000").
    """

    def __init__(self, java: list[str] | None = None, **properties: str):
        self.java = java or JAVA
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="carillon-kafka-", dir="/var/tmp"))
        self.port, controller = free_ports(2)
        self.brokers = f"127.0.0.1:{self.port}"
        self.server: subprocess.Popen | None = None
        self.properties = {
            "listeners": f"PLAINTEXT://{self.brokers},CONTROLLER://127.0.0.1:{controller}",
            "controller.quorum.bootstrap.servers": f"127.0.0.1:{controller}",
            "log.dirs": f"{self.folder}/data",
            # A killed broker may come back only when its last session is over: 9 s unless said otherwise.
            "broker.session.timeout.ms": "3000",
            "broker.heartbeat.interval.ms": "500",
        } | {name.replace("_", "."): str(value) for name, value in properties.items()}
        self._format()

    def _java(self, *arguments: str) -> list[str]:
        return ["java", *self.java, f"-Dlog4j2.configurationFile={FILES}/log4j2.properties", "-cp", f"{LIBS.resolve()}/*", *arguments]

    def _format(self) -> None:
        """An empty cluster with an id of its own."""
        own = "".join(f"{name}={value}\n" for name, value in self.properties.items())
        (self.folder / "server.properties").write_text((FILES / "broker.properties").read_text() + own)
        done = subprocess.run(self._java("kafka.tools.StorageTool", "format", "--standalone", "--config", f"{self.folder}/server.properties",
                                         "--cluster-id", cluster_id()), capture_output=True, text=True, timeout=READY_SECONDS, check=False)
        if done.returncode != 0:
            self.close()
            raise AssertionError(f"Kafka's storage could not be formatted: {done.stdout}{done.stderr}")

    def start(self) -> "Broker":
        with open(self.folder / "log", "ab") as log:
            self.server = subprocess.Popen(self._java("kafka.Kafka", f"{self.folder}/server.properties"), stdout=log, stderr=log,
                                           stdin=subprocess.DEVNULL, cwd="/", start_new_session=True)
        try:
            return self.wait_ready()
        except AssertionError:
            self.server.kill()
            raise

    def is_running(self) -> bool:
        return self.server is not None and self.server.poll() is None

    def answers(self) -> bool:
        """Asks for the live brokers (Metadata, version 1): one is named as soon as the controller has let it in."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=2) as connection:
                connection.sendall(struct.pack(">ihhihi", 14, 3, 1, 1, -1, 0))
                answer = connection.recv(12, socket.MSG_WAITALL)
            return len(answer) == 12 and struct.unpack(">iii", answer)[1:] == (1, 1)
        except OSError:
            return False

    def wait_ready(self, limit_seconds: float = READY_SECONDS) -> "Broker":
        def ready():
            assert self.is_running(), f"Kafka ended with {self.server.poll()}"
            return self.answers()

        try:
            wait_until(ready, limit_seconds, "Kafka answers")
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.tail()}") from None
        return self

    def tail(self, lines: int = 20) -> str:
        return "\n".join((self.folder / "log").read_text(errors="replace").splitlines()[-lines:])

    def kill(self) -> None:
        self.server.kill()
        self.server.wait(10)

    def pause(self) -> None:
        """Alive but silent: connections stay open and nothing is answered."""
        self.server.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        self.server.send_signal(signal.SIGCONT)

    def stop(self, limit_seconds: float = 30) -> None:
        if not self.is_running():
            return
        self.go_on()
        self.server.terminate()
        try:
            self.server.wait(limit_seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"Kafka did not stop within {limit_seconds} s: {self.tail()}") from None

    def lose_data(self) -> None:
        """Stops; what the next start() serves at the same port is another, empty cluster."""
        self.stop()
        shutil.rmtree(self.folder / "data")
        self._format()

    def close(self) -> None:
        if self.is_running():
            self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)
