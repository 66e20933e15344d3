"""/settings/preferences as a client's OWNER uses it, and messages that wait for their time, by command line."""

import datetime
import json
import pathlib
import uuid

import pytest

from harness.browser import png_size
from harness.people import Person
from harness.tab import DESK, PHONE, chromium
from harness.waiting import wait_until

BLANK_PAGE_BYTES_MAX = 6_000


@pytest.fixture(scope="module")
def tab():
    with chromium() as tab:
        tab.order("Network.enable")
        yield tab


def test_preferences_page_saves_what_an_owner_wants_and_gating_keeps_to_it(installation, platform, api, tab, tmp_path):
    client = f"c{uuid.uuid4().hex[:10]}"
    installation.put_client(platform.url, client, "--email", f"{client}@example.com", "--plan", "PRO")
    owner = Person(installation.database_url, platform.url, "OWNER", client)
    owner.sign_in(tab, platform.url)
    page = f"{platform.url}/settings/preferences"
    for size, scheme in ((DESK, "light"), (DESK, "dark"), (PHONE, "light")):
        tab.open(page, size=size, scheme=scheme)
        assert tab.run("document.documentElement.scrollWidth") <= size[0]
        picture = pathlib.Path(tmp_path) / f"preferences-{size[0]}-{scheme}.png"
        tab.picture(picture)
        assert png_size(picture) == size and picture.stat().st_size > BLANK_PAGE_BYTES_MAX
    tab.click("input[name='on:EMAIL:orders']")
    tab.click("#quiet")
    tab.run("document.querySelector('#quiet_start').value = '00:00'; document.querySelector('#quiet_end').value = '23:59'")
    tab.click("main form button")
    tab.wait("location.search === '?saved=1' && document.readyState === 'complete'")
    assert "saved" in tab.run("document.body.innerText")
    assert not tab.run("document.querySelector(\"input[name='on:EMAIL:orders']\").checked") and tab.run("document.querySelector('#quiet').checked")
    assert tab.complaints() == []
    stands = api.get(f"/api/clients/{client}/preferences").json()
    assert stands["quiet_hours"] == "00:00-23:59" and stands["time_zone"] == "UTC"
    assert stands["preferences"] == [{"channel": "EMAIL", "scope": "orders", "enabled": False}]

    def sent(template: str, **variables) -> str:
        answer = api.send({"template_key": template, "client_id": client, "min_client_version": 1, "variables": variables})
        assert answer.status == 202, answer.body
        return answer.json()["message_id"]

    assert api.final(sent("ORDER_DELIVERED", order_id="1"))["status"] == "BLOCKED_PREFERENCE"
    # All day but its last minute is quiet.
    if datetime.datetime.now(datetime.timezone.utc).strftime("%H:%M") < "23:58":
        waiting = sent("PAYMENT_FAILED", amount="1 EUR")
        shown = wait_until(lambda: api.message(waiting), 10, "the message is decided")
        assert shown["status"] == "SCHEDULED" and shown["reason"] == "QUIET_HOURS" and "T23:59:00" in shown["next_attempt_at"]


def test_a_message_waits_for_its_time_and_is_cancelled_before(installation, platform, api_key, api, address, sandbox):
    def carillon(*arguments, check=True):
        return installation.command(*arguments, check=check, CARILLON_URL=platform.url, CARILLON_API_KEY=api_key)

    now = datetime.datetime.now(datetime.timezone.utc)
    soon, later = ((now + datetime.timedelta(seconds=seconds)).isoformat() for seconds in (2, 3600))
    goes, stays = api.manual(address, send_at=soon), api.manual(address, subject="Not wanted", send_at=later)
    wait_until(lambda: (api.message(stays) or {}).get("status") == "SCHEDULED", 10, "it is scheduled")
    shown = carillon("message", "show", stays).stdout
    assert "SCHEDULED" in shown and f"next     {later[:16]}" in shown
    assert "cancelled" in carillon("message", "cancel", stays).stdout
    assert json.loads(carillon("message", "cancel", stays, "--json").stdout)["status"] == "CANCELLED"
    assert api.final(stays)["status"] == "CANCELLED"
    assert api.final(goes)["status"] == "SENT"
    refused = carillon("message", "cancel", goes, check=False)
    assert refused.returncode == 1 and "does not wait" in refused.stderr
    assert [message["subject"] for message in sandbox.messages(address)] == ["Hi"]
