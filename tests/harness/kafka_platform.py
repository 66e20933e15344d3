"""The platform over Kafka, as in production: each service a program of its own."""

import contextlib
import functools

from confluent_kafka import Producer

from .api import Api, Sandbox
from .programs import Installation, Program

KINDS = ["carillon-provider-dispatcher", "carillon-orchestrator", "carillon-health-aggregator", "carillon-otp", "carillon-billing-ingest",
         "carillon-provisioning"]
SEND_REQUESTS = "notification.send-requests.v1"


class KafkaPlatform:
    """The services as programs of their own over a broker, so many of each kind."""

    def __init__(self, installation: Installation, brokers: str, prefix: str, of_each: int = 2):
        self.installation, self.brokers, self.prefix = installation, brokers, prefix
        self.programs = {(kind, n): self.program(kind, n) for n in range(of_each) for kind in KINDS}
        for program in self.programs.values():
            program.start()
        for program in self.programs.values():
            program.wait_ready()
        key = installation.api_key()
        self.api = Api(self.programs["carillon-orchestrator", 0].url, key)
        self.reader = Api(self.programs["carillon-health-aggregator", of_each - 1].url, key)
        self.sandbox = Sandbox(installation.sandbox_url)

    def program(self, kind: str, n: int) -> Program:
        return self.installation.program(kind, suffix=f"-{n}", CARILLON_INSTANCE=f"{kind}-{n}")

    @functools.cached_property
    def producer(self) -> Producer:
        return Producer({"bootstrap.servers": self.brokers, "message.max.bytes": 2_000_000})

    def produce(self, value: bytes, headers: dict[str, bytes], key: str | None = None) -> None:
        self.producer.produce(self.prefix + SEND_REQUESTS, value=value, key=key, headers=headers)
        assert self.producer.flush(10) == 0

    def stop(self) -> None:
        with contextlib.ExitStack() as all_of_them:  # also the rest when one doesn't stop
            for program in self.programs.values():
                if program.is_running():
                    all_of_them.callback(program.stop)
