"""PostgreSQL goes away and comes back: refusals say so, readiness says what is missing, nothing acknowledged is lost."""

import http.client
import uuid

import pytest

from harness.api import Api, Sandbox
from harness.people import Person
from harness.postgres import Cluster, create_database
from harness.programs import Installation
from harness.waiting import wait_until


@pytest.fixture
def cluster():
    own = Cluster(fsync="on")
    own.start()
    yield own
    own.close()


def test_without_postgresql_requests_get_503_and_everything_recovers_by_itself(cluster, tmp_path):
    installation = Installation(create_database(cluster.url(), "carillon"), tmp_path)
    platform = installation.whole().start().wait_ready()
    api = Api(platform.url, installation.api_key())
    accepted = [api.manual(f"before-{n}@example.com") for n in range(50)]
    admin = Person(installation.database_url, platform.url, "ADMIN", None)
    cluster.kill()

    def refused():
        answer = api.send({"template_key": "ADMIN_MANUAL", "recipient": "x@example.com", "variables": {"subject": "a", "body": "b"}})
        return answer if answer.status == 503 else None

    answer = wait_until(refused, 10, "503 without PostgreSQL")
    assert answer.headers["retry-after"] and answer.json()["code"] == "DATABASE_UNAVAILABLE"
    ready = wait_until(lambda: (lambda a: a if a.status == 503 else None)(api.get("/readyz")), 10, "/readyz is 503")
    assert "postgres" in ready.body.decode()
    assert api.get("/healthz").status == 200
    page = admin.get("/admin/notification-health")
    assert page.status == 503 and "there is nothing to show" in page.body.decode()

    cluster.start()
    platform.wait_ready()
    accepted.append(api.manual("after@example.com"))
    states = [api.final(message_id, 30)["status"] for message_id in accepted]
    assert set(states) <= {"SENT", "UNCONFIRMED"} and states[-1] == "SENT"
    inbox = Sandbox(installation.sandbox_url).messages()
    assert len({mail["to"] for mail in inbox}) == len(inbox)
    assert platform.stop() == 0


def test_a_graceful_stop_loses_no_accepted_request(cluster, tmp_path):
    installation = Installation(create_database(cluster.url(), "carillon"), tmp_path)
    platform = installation.whole().start().wait_ready()
    key = installation.api_key()
    api = Api(platform.url, key)
    accepted = [api.manual(f"{uuid.uuid4().hex}@example.com") for _ in range(200)]
    assert platform.stop() == 0
    with pytest.raises((OSError, http.client.HTTPException)):
        api.get("/healthz")
    platform.start().wait_ready()
    api = Api(platform.url, key)
    assert {api.final(message_id, 30)["status"] for message_id in accepted} == {"SENT"}
    assert platform.stop() == 0
