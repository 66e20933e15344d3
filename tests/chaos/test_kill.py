"""20,000 requests while services and PostgreSQL are killed with SIGKILL every few seconds."""

import os
import random
import threading

import pytest
from verdict import CLAIMS_MAX, judge, longest_pause

from harness.load import Load
from harness.postgres import create_database
from harness.programs import Installation, Program
from harness.waiting import wait_until

REQUESTS = int(os.environ.get("CHAOS_REQUESTS", "20000"))
SEED = int(os.environ.get("CHAOS_SEED", "1"))
KILL_EVERY_SECONDS = 2
KILLS_MAX = 40
RESUME_SECONDS = 15


def is_any(program: Program, *names: str) -> bool:
    return any(name in program.command[0] for name in names)


# Two of everything: each service a process of its own, or all in one, where records go from stage to stage in memory.
ARRANGEMENTS = {
    "programs": [["carillon-provider-dispatcher"], ["carillon-orchestrator"], ["carillon-health-aggregator"]],
    "whole": [["carillon", "serve"]],
}


@pytest.mark.parametrize("arrangement", ARRANGEMENTS)
def test_every_accepted_request_ends_in_one_final_state(arrangement, cluster, tmp_path, capsys):
    installation = Installation(create_database(cluster.url(), "carillon"), tmp_path)
    installation.migrate()
    sandbox = installation.sandbox().start().wait_ready(path="/stats")
    services = [installation.program(*command, suffix=f"-{n}").start() for n in range(2) for command in ARRANGEMENTS[arrangement]]
    for service in services:
        service.wait_ready()
    load = Load([s.url for s in services if not is_any(s, "provider-dispatcher", "health-aggregator")], installation.api_key(), REQUESTS)
    dice, kills, pause = random.Random(SEED), {"services": 0, "dispatchers": 0, "postgres": 0}, threading.Event()
    try:
        while not load.is_done() and sum(kills.values()) < KILLS_MAX:
            pause.wait(KILL_EVERY_SECONDS)
            victim = dice.choice([*services, cluster])
            if victim is cluster:
                cluster.kill()
                cluster.start()
                kills["postgres"] += 1
                continue
            victim.kill()
            victim.start()
            kills["services" if is_any(victim, "orchestrator", "health-aggregator") else "dispatchers"] += 1
        accepted = wait_until(lambda: load.is_done() and load.result(), 300, "every request is accepted")
        counts = judge(cluster.url("carillon"), installation.sandbox_url, accepted, 120)
        installation.command("audit", "verify", CARILLON_AUDIT_KEY=installation.settings["CARILLON_AUDIT_KEY"])
    finally:
        for program in [*services, sandbox]:
            if program.is_running():
                program.stop()
    counts["longest_pause_s"] = round(longest_pause(cluster.url("carillon")), 1)
    with capsys.disabled():
        print(f"\n{arrangement}: kills {kills}, seed {SEED}: {counts}")
    assert counts["accepted"] == REQUESTS
    assert counts["UNCONFIRMED"] <= CLAIMS_MAX * (kills["dispatchers"] + 2 * kills["postgres"])
    assert counts["longest_pause_s"] <= RESUME_SECONDS
