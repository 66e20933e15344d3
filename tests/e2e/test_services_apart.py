"""Each service as a program of its own over the same bus; several of one kind share the work."""

import uuid

from harness.api import Api, Sandbox
from harness.otp import one_time_code
from harness.postgres import create_database, drop_database
from harness.programs import Installation
from harness.waiting import wait_until


def test_messages_pass_through_separate_programs_two_of_each_kind(admin_url, tmp_path):
    name = f"apart_{uuid.uuid4().hex[:12]}"
    installation = Installation(create_database(admin_url, name), tmp_path)
    installation.migrate()
    programs = [installation.sandbox().start().wait_ready(path="/stats")]
    try:
        kinds = ["carillon-provider-dispatcher", "carillon-orchestrator", "carillon-health-aggregator", "carillon-otp", "carillon-billing-ingest",
                 "carillon-provisioning"]
        services = {(kind, n): installation.program(kind, suffix=f"-{n}").start() for n in range(2) for kind in kinds}
        programs += services.values()
        for program in programs[1:]:
            program.wait_ready()
        key = installation.api_key()
        senders = [Api(services["carillon-orchestrator", n].url, key) for n in range(2)]
        reader = Api(services["carillon-health-aggregator", 1].url, key)
        ids = [senders[n % 2].manual(f"{n}@example.com") for n in range(100)]
        assert {reader.final(message_id)["status"] for message_id in ids} == {"SENT"}
        assert len(Sandbox(installation.sandbox_url).messages()) == 100
        assert one_time_code(*[Api(services["carillon-otp", n].url, key) for n in range(2)], installation) == {"verified": True}
        # One of each kind ends; the others take over its partitions.
        for kind in kinds:
            services[kind, 0].kill()
        ids = [senders[1].manual(f"more-{n}@example.com") for n in range(20)]
        assert wait_until(lambda: {(reader.message(i) or {"status": ""})["status"] for i in ids} == {"SENT"}, 15, "the remaining programs go on")
    finally:
        for program in programs:
            if program.is_running():
                program.stop()
        drop_database(admin_url, name)


def test_a_bad_environment_is_refused_with_every_error_at_once(installation):
    done = installation.command("serve", check=False, CARILLON_HTTP_PORT="99999", CARILLON_COLOUR="red", NOTIFICATION_EMAIL_PER_MINUTE_LIMIT="many")
    assert done.returncode == 2
    for name in ("CARILLON_HTTP_PORT", "CARILLON_COLOUR", "NOTIFICATION_EMAIL_PER_MINUTE_LIMIT", "CARILLON_PAYLOAD_KEY"):
        assert name in done.stderr
