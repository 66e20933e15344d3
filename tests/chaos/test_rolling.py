"""Services are added, taken away and replaced under a steady load, as a deployment does it: nothing is lost, nothing sent twice."""

import os
import threading

import pytest
from verdict import judge, longest_pause, longest_way

from harness.kafka_platform import KINDS, KafkaPlatform
from harness.load import Load

PER_SECOND = 500
STEP_SECONDS = 4  # between two changes, so that each has load of its own
CHANGES = 6 * len(KINDS)  # of each kind two more, two less, and one replaced by another
START_SECONDS = 3  # at most, of a program or its stop
SECONDS = int(os.environ.get("CHAOS_ROLLING_SECONDS", CHANGES * (STEP_SECONDS + START_SECONDS)))  # ends with the last change
RESUME_SECONDS = 15


class Deployment:
    """What runs of each kind, and where requests go."""

    def __init__(self, kafka: KafkaPlatform):
        self.kafka, self.next_number = kafka, 1
        self.running = {kind: [kafka.programs[kind, 0]] for kind in KINDS}
        self.load: Load | None = None
        self.changes, self.step = 0, threading.Event()

    def urls(self) -> list[str]:
        return [program.url for program in self.running["carillon-orchestrator"]]

    def changed(self) -> None:
        self.load.urls = self.urls()
        self.changes += 1
        self.step.wait(STEP_SECONDS)

    def add(self, kind: str) -> None:
        number, self.next_number = self.next_number, self.next_number + 1
        program = self.kafka.programs[kind, number] = self.kafka.program(kind, number)
        self.running[kind].append(program.start().wait_ready())
        self.changed()

    def take_away(self, kind: str) -> None:
        """The oldest: no longer asked, then told to stop."""
        program = self.running[kind].pop(0)
        self.load.urls = self.urls()
        assert program.stop() == 0, program.tail()
        self.changed()


@pytest.mark.parametrize("kafka", [1], indirect=True)
def test_scaling_and_a_rolling_restart_lose_nothing_and_send_nothing_twice(kafka, cluster, capsys):
    deployment = Deployment(kafka)
    deployment.load = load = Load(deployment.urls(), kafka.api.key, PER_SECOND * SECONDS, per_second=PER_SECOND)
    for change in (deployment.add, deployment.add, deployment.take_away, deployment.take_away):  # 1 → 3 → 1
        for kind in KINDS:
            change(kind)
    for kind in KINDS:  # one new, one old less
        deployment.add(kind)
        deployment.take_away(kind)
    accepted_meanwhile = load.progress()
    load.enough()
    accepted = load.result()
    counts = judge(cluster.url("carillon"), kafka.installation.sandbox_url, accepted, 60)
    counts |= {"changes": deployment.changes, "longest_pause_s": round(longest_pause(cluster.url("carillon")), 2),
               "longest_way_s": round(longest_way(cluster.url("carillon")), 2)}
    with capsys.disabled():
        print(f"\nrolling at {PER_SECOND}/s: {counts}")
    assert accepted_meanwhile >= PER_SECOND * STEP_SECONDS * deployment.changes * 0.9, "the load was not what it should be"
    assert counts["SENT"] == counts["calls"] == len(accepted)
    assert counts["longest_pause_s"] <= RESUME_SECONDS
