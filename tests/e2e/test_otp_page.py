"""The sandbox's page for one-time codes, used as a person does: typing and clicking in Chromium, with the answers of a running platform."""

import itertools
import json
import uuid

import pytest

from harness.browser import document, png_size
from harness.postgres import create_database, drop_database
from harness.programs import Installation
from harness.tab import DESK, PHONE, Tab, chromium

BLANK_PAGE_BYTES_MAX = 6_000  # a page without text compresses to less
numbers = (f"+4477008{n:05d}" for n in itertools.count())


@pytest.fixture(scope="module")
def whole(admin_url, tmp_path_factory):
    """A platform whose sandbox knows where it is: (installation, program, key)."""
    name = f"otp_page_{uuid.uuid4().hex[:12]}"
    installation = Installation(create_database(admin_url, name), tmp_path_factory.mktemp("otp_page"))
    program = installation.whole()
    program.environment["CARILLON_URL"] = program.url
    program.start().wait_ready()
    yield installation, program, installation.api_key("page", "otp")
    assert program.stop() == 0, program.tail()
    drop_database(admin_url, name)


@pytest.fixture
def tab():
    with chromium() as tab:
        yield tab


def send(tab: Tab, whole, recipient: str, action: str, **how) -> None:
    """The page, and a code that was asked for and has been filled in."""
    installation, _, key = whole
    tab.open(f"{installation.sandbox_url}/otp", **how)
    tab.type("#key", key)
    tab.type("#recipient", recipient)
    tab.choose("#action", action)
    tab.click("#send button")
    answer = tab.answer(1)
    assert "200" in answer and "ACCEPTED" in answer
    tab.wait("!document.getElementById('fill').hidden && document.getElementById('fill').offsetParent !== null")
    tab.click("#fill")
    assert tab.value("#code") in tab.run("document.getElementById('newest-text').innerText")


@pytest.mark.parametrize("action", ["PHONE_VERIFY", "EMAIL_VERIFY"])
def test_a_code_that_was_sent_is_shown_filled_in_and_verified(whole, tab, address, action):
    send(tab, whole, next(numbers) if action == "PHONE_VERIFY" else address, action)
    tab.click("#verify button")
    answer = tab.answer(2)
    assert "200" in answer and '"verified": true' in answer
    assert tab.value("#token") == ""
    assert tab.complaints() == []


def test_a_step_up_token_is_filled_in_and_can_be_redeemed_once(whole, tab):
    send(tab, whole, next(numbers), "SENSITIVE_ACTION")
    tab.click("#verify button")
    assert "step_up_token" in tab.answer(2)
    assert tab.value("#token") in tab.run("document.querySelector('#answers li').innerText")
    tab.click("#redeem button")
    assert '"valid": true' in tab.answer(3)
    assert tab.complaints() == []
    tab.click("#redeem button")
    answer = tab.answer(4)
    assert "400" in answer and "INVALID_TOKEN" in answer


def test_refusals_are_shown_as_they_came(whole, tab):
    send(tab, whole, next(numbers), "PHONE_VERIFY")
    right = tab.value("#code")
    tab.type("#code", "000000" if right != "000000" else "000001")
    tab.click("#verify button")
    answer = tab.answer(2)
    assert "400" in answer and "INVALID_CODE" in answer
    tab.type("#key", "no key of anybody")
    tab.click("#send button")
    assert "401" in tab.answer(3)


def test_a_recipient_that_the_action_is_not_for_is_told_before_anything_is_sent(whole, tab, address):
    tab.open(f"{whole[0].sandbox_url}/otp").type("#recipient", address)
    assert "EMAIL_VERIFY" in tab.run("document.getElementById('action-hint').innerText")
    tab.choose("#action", "EMAIL_VERIFY")
    assert tab.run("document.getElementById('action-hint').innerText") == ""
    assert tab.run("document.querySelectorAll('#answers li').length") == 0


def test_the_key_stays_in_the_tab(whole, tab):
    installation, program, key = whole
    send(tab, whole, next(numbers), "PHONE_VERIFY")
    assert tab.run("[localStorage.length, document.cookie, location.search]") == [0, "", ""]
    tab.order("Page.reload")
    tab.wait("document.readyState === 'complete' && document.getElementById('key').value !== ''")
    assert tab.value("#key") == key
    assert key not in program.log.read_text(errors="replace")
    with chromium() as other:
        assert other.open(f"{installation.sandbox_url}/otp").value("#key") == ""


def test_the_inbox_page_leads_to_the_page_and_back(whole, tab):
    inbox = f"{whole[0].sandbox_url}/"
    tab.open(inbox).click(".bar a[href='/otp']")
    tab.wait("location.pathname === '/otp' && document.readyState === 'complete'")
    assert tab.value("#carillon") == whole[1].url
    tab.click(".bar a[href='/']")
    tab.wait(f"location.href === {json.dumps(inbox)} && document.readyState === 'complete'")
    assert tab.complaints() == []


def test_without_a_carillon_the_page_says_what_to_set(tmp_path):
    installation = Installation("", tmp_path)
    program = installation.sandbox().start().wait_ready(path="/stats")
    page = document(f"{installation.sandbox_url}/otp")
    assert program.stop() == 0, program.tail()
    assert "CARILLON_URL=http://127.0.0.1:8080" in page
    assert page.count('disabled=""') == 3


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_the_page_is_drawn_within_the_width_of_the_screen_and_every_field_has_a_name(whole, tab, tmp_path, size, scheme):
    send(tab, whole, next(numbers), "SENSITIVE_ACTION", size=size, scheme=scheme)
    tab.click("#verify button")
    assert "step_up_token" in tab.answer(2)
    tab.click("#redeem button")
    assert '"valid": true' in tab.answer(3)
    assert tab.run("document.documentElement.scrollWidth") <= size[0]
    assert tab.run("[...document.querySelectorAll('input, select')].filter(one => one.labels.length !== 1).map(one => one.id)") == []
    assert tab.run("document.querySelector('#redeem .outcome').offsetParent !== null") == (size == PHONE)  # elsewhere the list is beside it
    picture = tmp_path / "otp.png"
    tab.picture(picture)
    assert png_size(picture) == size
    assert picture.stat().st_size > BLANK_PAGE_BYTES_MAX
