"""The process dies between every two steps of the claim protocol, once each, without luck."""

import pytest
from verdict import CLAIMS_MAX, judge

from harness.load import Load
from harness.postgres import create_database
from harness.programs import Installation
from harness.waiting import wait_until

FAILPOINTS = [
    "orchestrator.accept.before_commit", "orchestrator.accept.after_commit",
    "orchestrator.decide.before_commit", "orchestrator.decide.after_commit",
    "dispatcher.ingest.before_commit", "dispatcher.ingest.after_commit",
    "dispatcher.claim.before_commit", "dispatcher.claim.after_commit",
    "dispatcher.call.before", "dispatcher.call.after",
    "dispatcher.settle.before_commit", "dispatcher.settle.after_commit",
    "health.log.before_commit", "health.log.after_commit", "health.audit.before_commit", "health.audit.after_commit",
]
REQUESTS_MIN, REQUESTS_MAX = 60, 5_000  # as many as it takes: how requests gather into batches is left to the machine


@pytest.mark.parametrize("failpoint", FAILPOINTS)
def test_a_death_at(failpoint, cluster, tmp_path):
    # A rate makes messages wait, so that claims of waiting ones happen too.
    installation = Installation(create_database(cluster.url(), "carillon"), tmp_path,
                                **({"POSTMARK_RATE_PER_SECOND": "100"} if "claim" in failpoint else {}))
    installation.migrate()
    sandbox = installation.sandbox().start().wait_ready(path="/stats")
    platform = installation.program("carillon", "serve", CARILLON_FAILPOINTS=f"{failpoint}=kill@3")
    platform.start().wait_ready()
    load = Load([platform.url], installation.api_key(), REQUESTS_MAX, threads=4)
    try:
        wait_until(lambda: not platform.is_running(), 30, f"the process dies at {failpoint}")
        platform.environment.pop("CARILLON_FAILPOINTS")
        platform.start().wait_ready()
        wait_until(lambda: load.progress() >= REQUESTS_MIN, 60, "requests are accepted again")
        load.enough()
        accepted = wait_until(lambda: load.is_done() and load.result(), 60, "every request is accepted")
        counts = judge(cluster.url("carillon"), installation.sandbox_url, accepted, 30)
        assert counts["accepted"] >= REQUESTS_MIN
        assert counts["UNCONFIRMED"] <= CLAIMS_MAX
    finally:
        for program in (platform, sandbox):
            if program.is_running():
                program.stop()
