"""Suppressed recipients and those who unsubscribe: by the API, the command line, a mail's link, its page and one click."""

import json
import urllib.parse
import uuid

import pytest

from harness.api import Api, Sandbox
from harness.browser import document, png_size, screenshot
from harness.postgres import create_database, drop_database
from harness.programs import Installation
from harness.waiting import wait_until

PHONE, DESK = (390, 844), (1280, 900)
BLANK_PAGE_BYTES_MAX = 6_000  # a page without text compresses to less
ONE_CLICK = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture(scope="module")
def linked(admin_url, tmp_path_factory):
    """A platform that knows its public address, so that its mails carry links."""
    name = f"links_{uuid.uuid4().hex[:12]}"
    installation = Installation(create_database(admin_url, name), tmp_path_factory.mktemp("links"))
    program = installation.whole()
    program.environment["CARILLON_PUBLIC_URL"] = program.url
    program.start().wait_ready()
    installation.program_url = program.url
    installation.key = installation.api_key()
    yield installation
    assert program.stop() == 0, program.tail()
    drop_database(admin_url, name)


@pytest.fixture
def linked_api(linked):
    return Api(linked.program_url, linked.key)


def follow_up(api: Api, address: str) -> dict:
    answer = api.send({"template_key": "LEAD_FOLLOWUP", "recipient": address, "variables": {"subject": "Shall we talk?", "body": "Is there anything we can answer?"}})
    assert answer.status == 202, answer.body
    return api.final(answer.json()["message_id"])


def link_of(installation: Installation, address: str) -> str:
    """From the text of the last mail to the address."""
    mail = Sandbox(installation.sandbox_url).messages(address)[-1]
    return next(line for line in mail["text"].splitlines() if line.startswith(f"{installation.program_url}/unsubscribe/"))


def path_of(link: str) -> str:
    return urllib.parse.urlsplit(link).path


def run(installation, platform, api_key, *arguments, check=True):
    return installation.command(*arguments, check=check, CARILLON_URL=platform.url, CARILLON_API_KEY=api_key)


def test_the_command_line_suppresses_lists_and_lifts(installation, platform, api_key, api, address):
    assert api.final(api.manual(address))["status"] == "SENT"
    added = json.loads(run(installation, platform, api_key, "suppression", "add", "EMAIL", address, "--reason", "ASKED_BY_PHONE", "--json").stdout)
    assert added["reason"] == "ASKED_BY_PHONE" and added["source"] == "api:tests"
    assert api.final(api.manual(address))["status"] == "BLOCKED_SUPPRESSED"
    listed = run(installation, platform, api_key, "suppression", "list", "--recipient", address).stdout
    assert "ASKED_BY_PHONE" in listed and "everything" in listed
    lines = run(installation, platform, api_key, "suppression", "list", "--json").stdout.splitlines()
    assert added in [json.loads(line) for line in lines]
    for output in (listed, json.dumps(added), *lines):
        assert address not in output
    assert "lifted" in run(installation, platform, api_key, "suppression", "remove", "EMAIL", added["recipient_hash"]).stdout
    assert "no such entry" in run(installation, platform, api_key, "suppression", "remove", "EMAIL", address).stdout
    assert api.final(api.manual(address))["status"] == "SENT"


def test_the_command_line_takes_a_hash_to_suppress(installation, platform, api_key, api, address):
    environment = {"CARILLON_URL": platform.url, "CARILLON_API_KEY": api_key}
    assert api.final(api.manual(address))["status"] == "SENT"
    first = json.loads(installation.command("suppression", "add", "EMAIL", address, "--json", **environment).stdout)
    installation.command("suppression", "remove", "EMAIL", address, **environment)
    installation.command("suppression", "add", "EMAIL", first["recipient_hash"], **environment)
    assert api.final(api.manual(address))["status"] == "BLOCKED_SUPPRESSED"


def test_the_command_line_says_what_is_wrong(installation, platform, api_key):
    failed = run(installation, platform, api_key, "suppression", "add", "EMAIL", "nobody", check=False)
    assert failed.returncode == 1 and "recipient" in failed.stderr
    assert run(installation, platform, api_key, "suppression", "add", "EMAIL", check=False).returncode == 2
    assert run(installation, platform, api_key, "suppression", "list", "--limit", "0", check=False).returncode == 2


def test_each_change_is_audited_with_who_did_it_and_no_address(api, address):
    order = json.dumps({"channel": "EMAIL", "recipient": address})
    entry = api.call("POST", "/api/admin/suppressions", order, {"Content-Type": "application/json"}).json()
    assert api.call("DELETE", f"/api/admin/suppressions/EMAIL/{urllib.parse.quote(address)}").json() == {"removed": 1}

    def audited():
        items = api.get(f"/api/admin/audit-logs?subject_id={entry['recipient_hash']}").json()["items"]
        return items if len(items) == 2 else None

    items = wait_until(audited, 10, "both are logged")
    assert [item["action"] for item in items] == ["RECIPIENT_SUPPRESSION_LIFTED", "RECIPIENT_SUPPRESSED"]
    assert {item["actor"] for item in items} == {"api:tests"}
    assert address not in json.dumps(items)


def test_one_click_ends_such_mail_and_no_other(linked, linked_api, address):
    assert follow_up(linked_api, address)["status"] == "SENT"
    path = path_of(link_of(linked, address))
    nobody = Api(linked.program_url, None)
    assert nobody.call("GET", path).status == 200
    assert follow_up(linked_api, address)["status"] == "SENT"
    for _ in range(2):
        answer = nobody.call("POST", path, "List-Unsubscribe=One-Click", ONE_CLICK)
        assert answer.status == 200, answer.body
    blocked = follow_up(linked_api, address)
    assert (blocked["status"], blocked["reason"]) == ("BLOCKED_PREFERENCE", "RECIPIENT_UNSUBSCRIBED")
    assert linked_api.final(linked_api.manual(address))["status"] == "SENT"
    listed = linked_api.get(f"/api/admin/suppressions?recipient={address}").json()["items"]
    assert [(entry["category"], entry["reason"], entry["source"]) for entry in listed] == [("leads", "UNSUBSCRIBE", "link")]


def test_a_mail_program_may_send_a_multipart_form(linked, linked_api, address):
    follow_up(linked_api, address)
    body = "--b\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n--b--\r\n"
    answer = Api(linked.program_url, None).call("POST", path_of(link_of(linked, address)), body, {"Content-Type": "multipart/form-data; boundary=b"})
    assert answer.status == 200, answer.body
    assert follow_up(linked_api, address)["status"] == "BLOCKED_PREFERENCE"


def test_the_mail_s_headers_carry_the_link(linked, linked_api, address):
    follow_up(linked_api, address)
    mail = Sandbox(linked.sandbox_url).messages(address)[-1]
    raw = json.dumps(mail)
    assert f"<{link_of(linked, address)}>" in raw
    assert "List-Unsubscribe=One-Click" in raw


def test_a_broken_link_is_a_page_that_says_so(linked):
    nobody = Api(linked.program_url, None)
    for method, body in (("GET", None), ("POST", "List-Unsubscribe=One-Click")):
        answer = nobody.call(method, "/unsubscribe/AAAA", body, ONE_CLICK)
        assert answer.status == 404
        assert answer.headers["content-type"].startswith("text/html")
        assert b"This link does not work" in answer.body


def test_the_page_says_what_will_happen_and_has_one_button(linked, linked_api, address):
    follow_up(linked_api, address)
    page = document(link_of(linked, address))
    assert page.count("<button") == 1
    assert "follow-ups to an enquiry" in page and "Nothing changes until you press the button" in page
    assert "<script" not in page and address not in page


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_the_page_is_drawn_at_the_width_of_the_screen(linked, linked_api, address, tmp_path, size):
    follow_up(linked_api, address)
    picture = tmp_path / "unsubscribe.png"
    screenshot(link_of(linked, address), picture, *size)
    assert png_size(picture) == size
    assert picture.stat().st_size > BLANK_PAGE_BYTES_MAX
