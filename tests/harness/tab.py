"""A page of a browser as a person uses it: typing and clicking in Chromium, steered over pipes."""

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

from .browser import LIMIT_SECONDS, OPTIONS
from .waiting import wait_until

PHONE, DESK = (390, 844), (1280, 900)
ANSWER_SECONDS = 20


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

    def open(self, url: str, size: tuple[int, int] = DESK, scheme: str = "light", lands_at: str | None = None) -> "Tab":
        self.order("Emulation.setDeviceMetricsOverride", width=size[0], height=size[1], deviceScaleFactor=1, mobile=False)
        self.order("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        self.order("Page.navigate", url=url)
        self.wait(f"location.href === {json.dumps(lands_at or url)} && document.readyState === 'complete'")
        return self

    def wait(self, condition: str):
        def holds():
            try:
                return self.run(f"document.body !== null && ({condition})")  # a page that is still coming has none
            except AssertionError as error:
                if "navigated" in str(error):
                    return False
                raise

        return wait_until(holds, ANSWER_SECONDS, condition)

    def middle_of(self, selector: str) -> tuple[float, float]:
        """Where the element rests: a page that is still coming moves what it shows, and a click would miss it."""
        return tuple(self.run(f"""(async () => {{
          const frame = () => new Promise(requestAnimationFrame);
          while (document.readyState !== 'complete') await frame();
          const element = document.querySelector({json.dumps(selector)});
          const box = () => {{
            element.scrollIntoView({{block: 'center', behavior: 'instant'}});
            return element.getBoundingClientRect();
          }};
          let last = box();
          for (let still = 0; still < 3;) {{
            await frame();
            const now = box();
            still = now.x === last.x && now.y === last.y && now.width === last.width && now.height === last.height ? still + 1 : 0;
            last = now;
          }}
          return [last.x + last.width / 2, last.y + last.height / 2];
        }})()"""))

    def click(self, selector: str) -> None:
        x, y = self.middle_of(selector)
        for kind in ("mousePressed", "mouseReleased"):
            self.order("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    def hover(self, selector: str) -> None:
        x, y = self.middle_of(selector)
        self.order("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)

    def type(self, selector: str, text: str) -> None:
        self.click(selector)
        self.run(f"document.querySelector({json.dumps(selector)}).select()")
        self.order("Input.insertText", text=text)

    def press(self, key: str) -> None:
        """Tab, Enter or an arrow, as the keyboard sends them."""
        code = {"Tab": 9, "Enter": 13, "ArrowLeft": 37, "ArrowRight": 39}[key]
        text = {"text": "\r"} if key == "Enter" else {}
        self.order("Input.dispatchKeyEvent", type="keyDown", key=key, code=key, windowsVirtualKeyCode=code, **text)
        self.order("Input.dispatchKeyEvent", type="keyUp", key=key, code=key, windowsVirtualKeyCode=code)

    def choose(self, selector: str, option: str) -> None:
        self.run(f"""(() => {{
          const element = document.querySelector({json.dumps(selector)});
          element.value = {json.dumps(option)};
          element.dispatchEvent(new Event('input', {{bubbles: true}}));
        }})()""")

    def value(self, selector: str) -> str:
        return self.run(f"document.querySelector({json.dumps(selector)}).value")

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
