"""The sandbox's page for one-time codes, used as a person does: typing and clicking in Chromium, with the answers of a running platform."""

import base64
import contextlib
import itertools
import json
import os
import pathlib
import select
import subprocess
import tempfile
import time
import uuid

import pytest

from harness.browser import LIMIT_SECONDS, OPTIONS, document, png_size
from harness.postgres import create_database, drop_database
from harness.programs import Installation
from harness.waiting import wait_until

PHONE, DESK = (390, 844), (1280, 900)
BLANK_PAGE_BYTES_MAX = 6_000  # a page without text compresses to less
ANSWER_SECONDS = 20
numbers = (f"+4477008{n:05d}" for n in itertools.count())


class Tab:
    """A page in a browser of its own, steered over pipes: fd 3 takes commands, fd 4 gives answers and events, each ended by NUL."""

    def __init__(self, commands: int, answers: int):
        self.commands, self.answers = commands, answers
        self.unread, self.events, self.ids, self.session = b"", [], itertools.count(1), None
        target = self.order("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.order("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log"):
            self.order(f"{domain}.enable")

    def next_message(self, until: float) -> dict:
        while b"\0" not in self.unread:
            assert select.select([self.answers], [], [], max(0, until - time.monotonic()))[0], "the browser says nothing"
            read = os.read(self.answers, 1 << 20)
            assert read, "the browser has ended"
            self.unread += read
        message, self.unread = self.unread.split(b"\0", 1)
        return json.loads(message)

    def order(self, method: str, **parameters) -> dict:
        number, until = next(self.ids), time.monotonic() + LIMIT_SECONDS
        session = {"sessionId": self.session} if self.session else {}
        os.write(self.commands, json.dumps({"id": number, "method": method, "params": parameters} | session).encode() + b"\0")
        while (message := self.next_message(until)).get("id") != number:
            self.events.append(message)
        assert "error" not in message, (method, message["error"])
        return message["result"]

    def run(self, script: str):
        """What the script comes to, awaited."""
        result = self.order("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in result, result["exceptionDetails"]
        return result["result"].get("value")

    def open(self, url: str, size: tuple[int, int] = DESK, scheme: str = "light") -> "Tab":
        self.order("Emulation.setDeviceMetricsOverride", width=size[0], height=size[1], deviceScaleFactor=1, mobile=False)
        self.order("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        self.order("Page.navigate", url=url)
        self.wait(f"location.href === {json.dumps(url)} && document.readyState === 'complete'")
        return self

    def wait(self, condition: str):
        return wait_until(lambda: self.run(condition), ANSWER_SECONDS, condition)

    def click(self, selector: str) -> None:
        x, y = self.run(f"""(() => {{
          const element = document.querySelector({json.dumps(selector)});
          element.scrollIntoView({{block: 'center', behavior: 'instant'}});
          const box = element.getBoundingClientRect();
          return [box.x + box.width / 2, box.y + box.height / 2];
        }})()""")
        for kind in ("mousePressed", "mouseReleased"):
            self.order("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    def type(self, selector: str, text: str) -> None:
        self.click(selector)
        self.run(f"document.querySelector({json.dumps(selector)}).select()")
        self.order("Input.insertText", text=text)

    def choose(self, selector: str, option: str) -> None:
        self.run(f"""(() => {{
          const element = document.querySelector({json.dumps(selector)});
          element.value = {json.dumps(option)};
          element.dispatchEvent(new Event('input', {{bubbles: true}}));
        }})()""")

    def value(self, selector: str) -> str:
        return self.run(f"document.querySelector({json.dumps(selector)}).value")

    def answer(self, count: int) -> str:
        """The newest answer's text once there are `count`."""
        self.wait(f"document.querySelectorAll('#answers li').length === {count}")
        return self.run("document.querySelector('#answers li').innerText")

    def complaints(self) -> list[str]:
        """Errors and warnings of the console, exceptions, and what the security policy has forbidden."""
        self.run("0")
        found = []
        for event in self.events:
            details = event.get("params", {})
            if event.get("method") == "Runtime.exceptionThrown":
                found.append(details["exceptionDetails"]["text"])
            if event.get("method") == "Runtime.consoleAPICalled" and details["type"] in ("error", "warning", "assert"):
                found.append(str(details["args"]))
            if event.get("method") == "Log.entryAdded" and details["entry"]["level"] in ("error", "warning"):
                found.append(details["entry"]["text"])
        return found

    def picture(self, file: pathlib.Path) -> None:
        self.run("scrollTo(0, 0)")
        file.write_bytes(base64.b64decode(self.order("Page.captureScreenshot", format="png")["data"]))


@contextlib.contextmanager
def chromium():
    (to_read, commands), (answers, to_write) = os.pipe(), os.pipe()
    with tempfile.TemporaryDirectory(prefix="carillon-chromium-", ignore_cleanup_errors=True) as profile:
        browser = subprocess.Popen(
            ["bash", "-c", f'exec "$@" 3<&{to_read} 4>&{to_write}', "start", "chromium", *OPTIONS, "--remote-debugging-pipe", f"--user-data-dir={profile}"],
            pass_fds=(to_read, to_write), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
        os.close(to_read)
        os.close(to_write)
        try:
            tab = Tab(commands, answers)
            yield tab
            tab.session = None
            tab.order("Browser.close")
            browser.wait(LIMIT_SECONDS)
        finally:
            browser.kill()
            browser.wait(LIMIT_SECONDS)
            os.close(commands)
            os.close(answers)


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
